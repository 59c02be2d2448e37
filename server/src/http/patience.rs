//! A page or form that takes too long is given up.
use super::observe::request_id;
use super::words::Words;
use axum::extract::Request;
use axum::middleware::Next;
use axum::response::Response;
use http::StatusCode;
use std::time::Duration;

const PATIENCE: Duration = Duration::from_secs(30);

pub(super) async fn limit(request: Request, next: Next) -> Response {
    let id = request_id(request.extensions());
    match tokio::time::timeout(PATIENCE, next.run(request)).await {
        Ok(response) => response,
        Err(_) => {
            tracing::error!("gave a request up after {} s", PATIENCE.as_secs());
            Words::new(
                StatusCode::GATEWAY_TIMEOUT,
                "This took too long",
                "Gatehouse gave it up after 30 seconds. What you posted may still have arrived: look before you post it again.",
            )
            .page(&id)
        }
    }
}
