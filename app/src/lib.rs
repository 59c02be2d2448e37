//! The browser's side of the portal: pages and what they are made of. No SQL, no AWS.

pub mod api;

use leptos::prelude::*;

/// The app.
#[component]
pub fn App() -> impl IntoView {
    view! { <p>"Gatehouse"</p> }
}
