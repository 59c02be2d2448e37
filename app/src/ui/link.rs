use leptos::prelude::*;

/// A link that the browser follows by itself, also with scripts on (docs/adr/0002): pages arrive
/// whole, and focus, title and scroll position are the browser's own.
#[component]
pub fn Link(
    /// Where it leads.
    #[prop(into)]
    href: String,
    /// Classes, for a link that looks like something else.
    #[prop(optional)]
    class: Option<&'static str>,
    /// Whether it leads to the area being shown.
    #[prop(optional)]
    current: bool,
    /// Its words.
    children: Children,
) -> impl IntoView {
    view! {
        <a href=href rel="external" class=class aria-current=current.then_some("page")>
            {children()}
        </a>
    }
}
