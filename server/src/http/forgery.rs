//! Requests that another site made a browser send: found by tower-http's layer, told and recorded here.
use super::observe::request_id;
use super::refusal::{database_failed, record, refused, shown, wants_html};
use super::site::Site;
use crate::configuration::Address;
use app::api::AppError;
use axum::extract::{Request, State};
use axum::middleware::Next;
use axum::response::Response;
use tower_http::csrf::{ConfigError, CsrfLayer, ProtectionError};

/// The layer that refuses: by Fetch metadata, else by Origin; only what can change state.
///
/// # Errors
/// When the portal's address is no origin; the configuration has made sure that it is.
pub(super) fn layer(address: &Address) -> Result<CsrfLayer, ConfigError> {
    CsrfLayer::new().add_trusted_origin(address.origin())
}

/// Gives a refusal of that layer its words and its audit entry. Who is signed in was not looked up:
/// whoever sent the request, it was not they who meant it.
pub(super) async fn explain(State(site): State<Site>, request: Request, next: Next) -> Response {
    let id = request_id(request.extensions());
    let html = wants_html(request.headers());
    let reason = "the request came from another site";
    let entry = refused(&request, None, reason);
    let response = next.run(request).await;
    if response.extensions().get::<ProtectionError>().is_none() {
        return response;
    }
    tracing::warn!("refused: {reason}");
    if let Err(error) = record(&site.store, &entry, None).await {
        return database_failed(&error, html, &id);
    }
    let error = AppError::Forbidden {
        why: format!(
            "This was sent from another site than {}. Open Gatehouse at that address and do it there.",
            site.configuration.address
        ),
    };
    shown(&error, html, &id)
}
