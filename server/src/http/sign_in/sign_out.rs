//! `POST /sign-out`: ends the session here, then at the identity provider.
use crate::http::cookie::Cookie;
use crate::http::observe::request_id;
use crate::http::refusal::{actor, database_failed};
use crate::http::site::Site;
use crate::store::{StoreError, audit, commit, session};
use axum::extract::{Request, State};
use axum::response::{IntoResponse, Redirect, Response};
use domain::audit::{Action, Entry};
use domain::person::Principal;
use http::header::SET_COOKIE;

pub(in crate::http) async fn sign_out(State(site): State<Site>, request: Request) -> Response {
    let who = request.extensions().get::<Principal>().cloned();
    let id = request_id(request.extensions());
    let mut target = "/signed-out".to_owned();
    if let Some(who) = who {
        let id_token = match end_session(&site, &who, &id).await {
            Ok(id_token) => id_token,
            Err(error) => return database_failed(&error, true, &id),
        };
        let back_to = format!("{}/", site.configuration.address);
        if let Some(address) = site.identity.farewell(id_token.as_deref(), &back_to).await {
            target = address.into();
        }
    }
    let mut response = Redirect::to(&target).into_response();
    if let Ok(cookie) = Cookie::Session.clear(&site.configuration.address) {
        response.headers_mut().append(SET_COOKIE, cookie);
    }
    response
}

async fn end_session(
    site: &Site,
    who: &Principal,
    request_id: &str,
) -> Result<Option<String>, StoreError> {
    let mut transaction = site.store.begin().await?;
    let id_token = session::delete(&mut transaction, who.session).await?;
    let entry = Entry {
        actor: actor(Some(who)),
        action: Action::SignedOut,
        change: None,
        thing: "/sign-out".to_owned(),
        reason: None,
        policy: None,
        request_id: Some(request_id.to_owned()),
        detail: serde_json::json!({}),
    };
    audit::append(&mut transaction, &entry, Some(who.session)).await?;
    commit(transaction).await?;
    Ok(id_token)
}
