use crate::api::views::{Status, Tone};
use leptos::prelude::*;

/// The sign that stands with a tone: colour never speaks alone.
pub(super) fn sign(tone: Tone) -> &'static str {
    match tone {
        Tone::Grow => "✕",
        Tone::Shrink => "✓",
        Tone::Wait => "◷",
        Tone::Same => "=",
    }
}

/// A few words that stand out.
#[component]
pub fn Tag(
    /// How grave it is.
    tone: Tone,
    /// Another sign than the tone's own.
    #[prop(optional)]
    sign: Option<&'static str>,
    /// The words.
    #[prop(into)]
    words: String,
) -> impl IntoView {
    let look = match tone {
        Tone::Grow => "tag tag-grow",
        Tone::Shrink => "tag tag-shrink",
        Tone::Wait => "tag tag-wait",
        Tone::Same => "tag tag-same",
    };
    let sign = sign.unwrap_or_else(|| self::sign(tone));
    view! {
        <span class=look>
            <span aria-hidden="true">{sign}</span>
            " "
            {words}
        </span>
    }
}

/// A state.
#[component]
pub fn StatusTag(
    /// The state.
    status: Status,
) -> impl IntoView {
    view! { <Tag tone=status.tone words=status.words /> }
}
