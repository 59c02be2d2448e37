//! A panic ends one request, with a page that names it, and nothing else.
use super::observe::request_id;
use super::words::Words;
use axum::extract::Request;
use axum::middleware::Next;
use axum::response::Response;
use futures::FutureExt as _;
use http::StatusCode;
use std::panic::AssertUnwindSafe;

pub(super) async fn catch(request: Request, next: Next) -> Response {
    let id = request_id(request.extensions());
    // Nothing that the request held is used again.
    match AssertUnwindSafe(next.run(request)).catch_unwind().await {
        Ok(response) => response,
        Err(panic) => {
            let what = panic
                .downcast_ref::<&str>()
                .map(|text| (*text).to_owned())
                .or_else(|| panic.downcast_ref::<String>().cloned())
                .unwrap_or_default();
            tracing::error!(panic = what, "a request panicked");
            metrics::counter!("gatehouse_http_panics_total").increment(1);
            Words::new(
                StatusCode::INTERNAL_SERVER_ERROR,
                "Something went wrong in Gatehouse",
                "This is a mistake of ours. Tell whoever runs Gatehouse the request's number below; the log says what happened.",
            )
            .page(&id)
        }
    }
}
