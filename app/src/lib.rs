//! The browser side of the portal.
use leptos::prelude::*;
/// The app.
#[component]
pub fn App() -> impl IntoView {
    view! { <p>"Gatehouse"</p> }
}
