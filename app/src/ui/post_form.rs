use leptos::prelude::*;

/// A form that the browser posts to a server function, with scripts on or off (docs/adr/0002).
/// The server checks it, so that every bad field gets its own words.
#[component]
pub fn PostForm(
    /// The server function's address.
    action: &'static str,
    /// Classes.
    #[prop(optional)]
    class: &'static str,
    /// Fields and buttons.
    children: Children,
) -> impl IntoView {
    view! {
        <form method="post" action=action class=class novalidate=true>
            {children()}
        </form>
    }
}

/// A value that a form sends along.
#[component]
pub fn Hidden(
    /// Its name.
    #[prop(into)]
    name: String,
    /// The value.
    #[prop(into)]
    value: String,
) -> impl IntoView {
    view! { <input type="hidden" name=name value=value /> }
}
