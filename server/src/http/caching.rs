//! What may be kept. Pages and data of signed-in people are kept nowhere; and since they are never
//! compressed either, their length tells nobody what is in them (BREACH).
use axum::extract::Request;
use axum::middleware::Next;
use axum::response::Response;
use http::HeaderValue;
use http::header::CACHE_CONTROL;

pub(super) async fn keep_nothing(request: Request, next: Next) -> Response {
    let mut response = next.run(request).await;
    response
        .headers_mut()
        .insert(CACHE_CONTROL, HeaderValue::from_static("no-store"));
    response
}
