//! Errors of server functions. Leptos answers them with 500, or sends a browser back with the error in
//! the address; here they get their own status, and a browser gets a page that says why.
use super::observe::request_id;
use super::refusal::{as_json, wants_html, words};
use super::return_to::ReturnTo;
use super::site::Site;
use app::api::AppError;
use axum::body::to_bytes;
use axum::extract::{Request, State};
use axum::middleware::Next;
use axum::response::Response;
use leptos::server_fn::error::SERVER_FN_ERROR_HEADER;

/// In bytes. Errors carry a few sentences.
const LARGEST: usize = 64 * 1024;

/// Tells the error that a server function ended with, if it did.
pub(super) async fn explain(State(site): State<Site>, request: Request, next: Next) -> Response {
    let id = request_id(request.extensions());
    let html = wants_html(request.headers());
    let back = ReturnTo::came_from(request.headers(), site.configuration.address.origin());
    let response = next.run(request).await;
    if !response.headers().contains_key(SERVER_FN_ERROR_HEADER) {
        return response;
    }
    let error = error_in(response).await;
    if !html {
        return as_json(&error);
    }
    let mut words = words(&error);
    if back.as_str() != "/" {
        words.link = (back.as_str().to_owned(), "Go back to where you were");
    }
    words.page(&id)
}

async fn error_in(response: Response) -> AppError {
    let Ok(body) = to_bytes(response.into_body(), LARGEST).await else {
        return AppError::Unavailable;
    };
    serde_json::from_slice(&body).unwrap_or(AppError::Unavailable)
}
