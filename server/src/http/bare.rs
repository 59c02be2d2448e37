//! Refusals that the libraries below make in bare text: a browser gets a page instead.
use super::body_limit;
use super::observe::request_id;
use super::refusal::wants_html;
use super::words::Words;
use axum::extract::Request;
use axum::middleware::Next;
use axum::response::Response;
use http::StatusCode;
use http::header::CONTENT_TYPE;

/// Puts words and a way on where a library has refused a request by itself.
pub(super) async fn dress(request: Request, next: Next) -> Response {
    let id = request_id(request.extensions());
    let html = wants_html(request.headers());
    let response = next.run(request).await;
    if !html || is_page(&response) {
        return response;
    }
    let Some(words) = words(response.status()) else {
        return response;
    };
    tracing::warn!(status = %response.status(), "refused before it reached the app");
    words.page(&id)
}

fn is_page(response: &Response) -> bool {
    response
        .headers()
        .get(CONTENT_TYPE)
        .and_then(|kind| kind.to_str().ok())
        .is_some_and(|kind| !kind.starts_with("text/plain"))
}

fn words(status: StatusCode) -> Option<Words> {
    let (title, said) = match status {
        StatusCode::BAD_REQUEST => (
            "This address can't be read",
            "Something in it is not as Gatehouse writes it. Start from the first page.".to_owned(),
        ),
        StatusCode::METHOD_NOT_ALLOWED => (
            "Nothing to open here",
            "This address takes what a form sends and can't be opened by itself. Nothing was changed.".to_owned(),
        ),
        StatusCode::PAYLOAD_TOO_LARGE => (
            "This is too much at once",
            format!(
                "A form may bring up to {} KB, all its fields together. Nothing was changed. Go back and shorten what you entered.",
                body_limit::LARGEST / 1024
            ),
        ),
        status if status.is_client_error() => (
            "Gatehouse can't answer this",
            "This is no request that Gatehouse takes. Nothing was changed. Start from the first page."
                .to_owned(),
        ),
        // Health is told in bare text, and mistakes of ours have pages already.
        _ => return None,
    };
    Some(Words::new(status, title, &said))
}
