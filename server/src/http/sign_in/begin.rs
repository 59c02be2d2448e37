//! `GET /sign-in`: sends the browser to the identity provider.
use super::failure::Failure;
use crate::http::cookie::Cookie;
use crate::http::observe::request_id;
use crate::http::return_to::ReturnTo;
use crate::http::site::Site;
use crate::http::token::{hash, is_token, random};
use crate::store::session::{Attempt, begin_sign_in};
use axum::extract::{Query, State};
use axum::response::{IntoResponse, Redirect, Response};
use domain::person::Principal;
use http::header::SET_COOKIE;
use http::request::Parts;
use serde::Deserialize;
use std::time::Duration;

/// As long as the attempt itself.
const LASTS: Duration = Duration::from_secs(600);

/// What the address may say.
#[derive(Debug, Default, Deserialize)]
pub(in crate::http) struct Asked {
    return_to: Option<String>,
    /// Passed on to a provider on this machine, which signs that person in without a click.
    #[serde(rename = "as")]
    who: Option<String>,
    /// Whether the person has to prove anew who they are.
    #[serde(default)]
    anew: bool,
}

pub(in crate::http) async fn begin(
    State(site): State<Site>,
    Query(asked): Query<Asked>,
    parts: Parts,
) -> Response {
    match depart(&site, asked, &parts).await {
        Ok(response) => response,
        Err(failure) => {
            failure
                .answer(&site, "/sign-in", &request_id(&parts.extensions))
                .await
        }
    }
}

async fn depart(site: &Site, asked: Asked, parts: &Parts) -> Result<Response, Failure> {
    let address = &site.configuration.address;
    let local = site.configuration.sign_in.issuer.is_loopback();
    let present = parts.extensions.get::<Principal>().filter(|_| asked.anew);
    let present = present.map(|who| who.subject.to_string());
    let hint = asked.who.or(present).filter(|_| local);
    let departure = site.identity.depart(hint.as_deref(), asked.anew).await?;
    // A browser may begin several sign-ins, in several tabs.
    let browser = match Cookie::SignIn.of(&parts.headers, address) {
        Some(token) if is_token(&token) => token,
        _ => random().map_err(|error| Failure::Ours(error.to_string()))?,
    };
    let return_to = ReturnTo::new(asked.return_to.as_deref().unwrap_or("/"));
    let attempt = Attempt {
        nonce: departure.nonce.secret().clone(),
        pkce_verifier: departure.verifier.secret().clone(),
        return_to: return_to.as_str().to_owned(),
        anew: asked.anew,
    };
    let mut connection = site.store.acquire().await?;
    let state = hash(departure.state.secret());
    begin_sign_in(&mut connection, &state, &hash(&browser), &attempt).await?;
    let cookie = Cookie::SignIn
        .set(address, &browser, LASTS)
        .map_err(|error| Failure::Ours(error.to_string()))?;
    let mut response = Redirect::to(departure.address.as_str()).into_response();
    response.headers_mut().append(SET_COOKIE, cookie);
    Ok(response)
}
