use crate::api::views::Tone;
use crate::ui::tag::sign;
use leptos::prelude::*;

/// What a page is about, in a sentence that a tired person understands. Read aloud when it changes.
#[component]
pub fn Banner(
    /// How grave it is.
    tone: Tone,
    /// The sentence.
    #[prop(into)]
    title: String,
    /// What there is to say besides.
    #[prop(into)]
    lines: Vec<String>,
) -> impl IntoView {
    let (look, ink) = match tone {
        Tone::Grow => (
            "banner banner-grow mt-4",
            "text-base font-semibold text-grow",
        ),
        Tone::Shrink => (
            "banner banner-shrink mt-4",
            "text-base font-semibold text-shrink",
        ),
        Tone::Wait => (
            "banner banner-wait mt-4",
            "text-base font-semibold text-wait",
        ),
        Tone::Same => ("banner banner-same mt-4", "text-base font-semibold"),
    };
    view! {
        <section class=look role="status" aria-labelledby="verdict">
            <h2 id="verdict" class=ink>
                <span aria-hidden="true">{sign(tone)}</span>
                " "
                {title}
            </h2>
            {lines
                .into_iter()
                .map(|line| view! { <p class="mt-1">{line}</p> })
                .collect_view()}
        </section>
    }
}
