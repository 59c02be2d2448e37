//! From the cookie to the person.
use super::cookie::Cookie;
use super::observe::{name_in_span, request_id};
use super::refusal::{database_failed, wants_html};
use super::site::Site;
use super::token::{hash, is_token};
use crate::store::{StoreError, session};
use axum::extract::{Request, State};
use axum::middleware::Next;
use axum::response::Response;
use domain::person::Principal;
use http::HeaderMap;

/// Puts the signed-in person into the request's extensions.
pub(super) async fn identify(
    State(site): State<Site>,
    mut request: Request,
    next: Next,
) -> Response {
    match principal(&site, request.headers()).await {
        Ok(Some(who)) => {
            name_in_span(&who);
            request.extensions_mut().insert(who);
        }
        Ok(None) => {}
        Err(error) => {
            let html = wants_html(request.headers());
            return database_failed(&error, html, &request_id(request.extensions()));
        }
    }
    next.run(request).await
}

async fn principal(site: &Site, headers: &HeaderMap) -> Result<Option<Principal>, StoreError> {
    let Some(token) = Cookie::Session.of(headers, &site.configuration.address) else {
        return Ok(None);
    };
    if !is_token(&token) {
        return Ok(None);
    }
    let settings = &site.configuration.sign_in;
    let mut connection = site.store.acquire().await?;
    session::find(
        &mut connection,
        &hash(&token),
        settings.session_idle,
        settings.session_absolute,
    )
    .await
}
