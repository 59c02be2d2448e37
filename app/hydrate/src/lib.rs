//! The wasm entry point: takes over the page that the server rendered. Nothing else lives here.

/// Attaches the app to the server-rendered document.
#[wasm_bindgen::prelude::wasm_bindgen]
pub fn hydrate() {
    leptos::mount::hydrate_body(app::App);
}
