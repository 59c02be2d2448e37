use leptos::prelude::*;

/// A word of AWS's, or of a policy.
#[component]
pub fn Mono(
    /// The word.
    #[prop(into)]
    text: String,
) -> impl IntoView {
    view! { <span class="mono">{text}</span> }
}
