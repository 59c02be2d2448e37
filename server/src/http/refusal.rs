//! What a request that is turned away gets, and the audit entry of it.
use super::observe::request_id;
use super::words::Words;
use crate::store::{Store, StoreError, audit, commit};
use app::api::AppError;
use axum::Json;
use axum::extract::Request;
use axum::response::{IntoResponse, Response};
use domain::audit::{Action, Actor, Entry};
use domain::person::Principal;
use http::header::ACCEPT;
use http::{HeaderMap, StatusCode};

/// Whether the request comes from a browser that shows what it gets.
pub(super) fn wants_html(headers: &HeaderMap) -> bool {
    headers
        .get_all(ACCEPT)
        .iter()
        .filter_map(|accept| accept.to_str().ok())
        .any(|accept| accept.contains("text/html"))
}

/// Who acts in a request.
pub(super) fn actor(who: Option<&Principal>) -> Actor {
    who.map_or(Actor::Visitor, |who| Actor::Person {
        subject: who.subject.clone(),
    })
}

/// An error as the app's own code reads it.
pub(super) fn as_json(error: &AppError) -> Response {
    let status = StatusCode::from_u16(error.status()).unwrap_or(StatusCode::INTERNAL_SERVER_ERROR);
    (status, Json(error)).into_response()
}

/// An error in the form that the request can show: a page, or what the app's own code reads.
pub(super) fn shown(error: &AppError, html: bool, request_id: &str) -> Response {
    if html {
        words(error).page(request_id)
    } else {
        as_json(error)
    }
}

/// An error as a page.
pub(super) fn words(error: &AppError) -> Words {
    let title = match error {
        AppError::Unavailable => return Words::unavailable(),
        AppError::SignedOut => "You are signed out",
        AppError::Forbidden { .. } => "Gatehouse did not do this",
        AppError::NotFound { .. } => "There is no such thing here",
        AppError::Malformed { .. } => "Gatehouse could not read this request",
    };
    let status = StatusCode::from_u16(error.status()).unwrap_or(StatusCode::INTERNAL_SERVER_ERROR);
    let mut words = Words::new(status, title, &error.to_string());
    words.said.push("Nothing was changed.".to_owned());
    words
}

/// The database failed in the middle of a request.
pub(super) fn database_failed(error: &StoreError, html: bool, request_id: &str) -> Response {
    tracing::error!(%error, "the database failed a request");
    shown(&AppError::Unavailable, html, request_id)
}

/// Writes an entry that stands alone.
///
/// # Errors
/// The request has to fail with it: nothing happens without its entry.
pub(super) async fn record(
    store: &Store,
    entry: &Entry,
    who: Option<&Principal>,
) -> Result<(), StoreError> {
    let mut transaction = store.begin().await?;
    audit::append(&mut transaction, entry, who.map(|who| who.session)).await?;
    commit(transaction).await
}

/// The entry of a refused request.
pub(super) fn refused(request: &Request, who: Option<&Principal>, reason: &str) -> Entry {
    Entry {
        actor: actor(who),
        action: Action::Refused,
        change: None,
        thing: request.uri().path().to_owned(),
        reason: Some(reason.to_owned()),
        policy: None,
        request_id: Some(request_id(request.extensions())),
        detail: serde_json::json!({ "method": request.method().as_str() }),
    }
}
