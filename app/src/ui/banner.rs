use crate::api::views::Tone;
use crate::ui::tag;
use leptos::prelude::*;

/// What a page is about, in a sentence that a tired person understands.
#[component]
pub fn Banner(
    /// Its id, unique on the page.
    id: &'static str,
    /// How grave it is.
    tone: Tone,
    /// Another sign than the tone's own.
    #[prop(optional_no_strip)]
    sign: Option<&'static str>,
    /// The sentence.
    #[prop(into)]
    title: String,
    /// What there is to say besides.
    children: Children,
) -> impl IntoView {
    let sign = sign.unwrap_or_else(|| tag::sign(tone));
    let (look, ink) = match tone {
        Tone::Grow => ("banner banner-grow", "text-base font-semibold text-grow"),
        Tone::Shrink => (
            "banner banner-shrink",
            "text-base font-semibold text-shrink",
        ),
        Tone::Wait => ("banner banner-wait", "text-base font-semibold text-wait"),
        Tone::Same => ("banner banner-same", "text-base font-semibold"),
    };
    view! {
        <section class=look aria-labelledby=id>
            <h2 id=id class=ink>
                <span aria-hidden="true">{sign}</span>
                " "
                {title}
            </h2>
            {children()}
        </section>
    }
}
