//! Verdicts as a reader meets them: a word with its sign, never colour alone.
use crate::api::views::Tone;
use crate::ui::Tag;
use domain::access::Verdict;
use leptos::prelude::*;

/// The tone and the sign of a verdict.
pub fn verdict_look(verdict: Verdict) -> (Tone, &'static str) {
    match verdict {
        Verdict::Equivalent => (Tone::Same, "="),
        Verdict::Narrowed => (Tone::Shrink, "▼"),
        Verdict::Undecided => (Tone::Grow, "?"),
        Verdict::Changed => (Tone::Grow, "▲▼"),
        Verdict::Widened => (Tone::Grow, "▲"),
    }
}

/// A verdict.
#[component]
pub fn VerdictTag(
    /// The verdict.
    verdict: Verdict,
) -> impl IntoView {
    let (tone, sign) = verdict_look(verdict);
    view! { <Tag tone=tone sign=sign words=verdict.as_str() /> }
}
