//! Every request gets an id, a span in the log, and its place in the metrics.
use app::api::RequestId;
use axum::extract::{MatchedPath, Request};
use axum::middleware::Next;
use axum::response::Response;
use domain::person::Principal;
use http::{Extensions, HeaderName, HeaderValue};
use std::time::Instant;
use tracing::Instrument as _;
use tracing::field::Empty;

pub(super) const REQUEST_ID: HeaderName = HeaderName::from_static("x-request-id");

/// Routes that are asked every few seconds, day and night.
const QUIET: [&str; 2] = ["/livez", "/readyz"];

/// Gives the request its id, and tells of it. The span carries neither query nor cookies.
pub(super) async fn observe(mut request: Request, next: Next) -> Response {
    let began = Instant::now();
    let id = uuid::Uuid::now_v7().to_string();
    let method = request.method().clone();
    let path = request.uri().path().to_owned();
    // An address that no route takes is whatever a visitor makes up, so it is no label.
    let route = request
        .extensions()
        .get::<MatchedPath>()
        .map_or("other", MatchedPath::as_str)
        .to_owned();
    request.extensions_mut().insert(RequestId(id.clone()));
    let span = tracing::info_span!(
        "request", request.id = %id, %method, %path, status = Empty, subject = Empty, session = Empty
    );
    let answer = async move {
        let mut response = next.run(request).await;
        let status = response.status().as_u16();
        let took = began.elapsed();
        tracing::Span::current().record("status", status);
        let milliseconds = took.as_secs_f64() * 1000.0;
        if status >= 500 {
            tracing::error!(milliseconds, "{method} {path} failed with {status}");
        } else if status == 401 || status == 403 {
            tracing::warn!(milliseconds, "{method} {path} was refused with {status}");
        } else if QUIET.contains(&route.as_str()) {
            tracing::debug!(milliseconds, "{method} {path} was answered with {status}");
        } else {
            tracing::info!(milliseconds, "{method} {path} was answered with {status}");
        }
        let labels = [
            ("method", method.to_string()),
            ("route", route),
            ("status", status.to_string()),
        ];
        metrics::counter!("gatehouse_http_requests_total", &labels).increment(1);
        metrics::histogram!("gatehouse_http_request_seconds", &labels).record(took.as_secs_f64());
        // A UUID's letters and hyphens can stand in a header.
        if let Ok(value) = HeaderValue::try_from(id) {
            response.headers_mut().insert(REQUEST_ID, value);
        }
        response
    };
    answer.instrument(span).await
}

/// The id of a request that went through [`observe`].
pub(super) fn request_id(extensions: &Extensions) -> String {
    extensions
        .get::<RequestId>()
        .map_or_else(String::new, |id| id.0.clone())
}

/// Names the signed-in person in the request's span.
pub(super) fn name_in_span(who: &Principal) {
    let span = tracing::Span::current();
    span.record("subject", who.subject.as_str());
    span.record("session", tracing::field::display(who.session));
}
