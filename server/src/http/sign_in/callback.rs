//! `GET /sign-in/callback`: the browser comes back from the identity provider.
use super::claims::NoGroups;
use super::failure::Failure;
use super::provider::{Claims, Token};
use crate::http::cookie::Cookie;
use crate::http::observe::request_id;
use crate::http::return_to::ReturnTo;
use crate::http::site::Site;
use crate::http::token::{hash, random};
use crate::store::session::{Attempt, NewSession, take_sign_in};
use crate::store::{audit, commit, person, session};
use axum::extract::{Query, State};
use axum::response::{IntoResponse, Redirect, Response};
use chrono::{DateTime, Utc};
use domain::audit::{Action, Actor, Entry};
use domain::change::PROVEN_WITHIN;
use domain::names::{SessionId, Subject};
use domain::person::{Grant, Principal};
use http::header::SET_COOKIE;
use http::request::Parts;
use openidconnect::Nonce;
use serde::Deserialize;

/// What the identity provider answers (RFC 6749, section 4.1.2; RFC 9207).
#[derive(Debug, Default, Deserialize)]
pub(in crate::http) struct Answer {
    code: Option<String>,
    state: Option<String>,
    error: Option<String>,
    iss: Option<String>,
}

pub(in crate::http) async fn callback(
    State(site): State<Site>,
    Query(answer): Query<Answer>,
    parts: Parts,
) -> Response {
    match arrive(&site, answer, &parts).await {
        Ok(response) => response,
        Err(failure) => {
            failure
                .answer(&site, "/sign-in/callback", &request_id(&parts.extensions))
                .await
        }
    }
}

async fn arrive(site: &Site, answer: Answer, parts: &Parts) -> Result<Response, Failure> {
    let attempt = attempt(site, &answer, parts).await?;
    let issuer = site.configuration.sign_in.issuer.as_str();
    if answer.iss.is_some_and(|other| other != issuer) {
        return Err(Failure::OtherIssuer);
    }
    let code = match (answer.code, answer.error.as_deref()) {
        (_, Some("access_denied")) => return Err(Failure::Denied),
        (_, Some(error)) => return Err(Failure::Answered(printable(error))),
        (None, None) => return Err(Failure::Answered("neither a code nor an error".to_owned())),
        (Some(code), None) => code,
    };
    let nonce = Nonce::new(attempt.nonce);
    let (token, claims) = site
        .identity
        .arrive(code, attempt.pkce_verifier, &nonce)
        .await?;
    let arrived = Arrived::read(site, &token, &claims)?;
    if attempt.anew {
        arrived.must_be_proven_anew()?;
    }
    let browser_token = random().map_err(|error| Failure::Ours(error.to_string()))?;
    let before = parts.extensions.get::<Principal>().map(|who| who.session);
    arrived
        .begin_session(site, &browser_token, before, &request_id(&parts.extensions))
        .await?;
    metrics::counter!("gatehouse_sign_ins_total", "result" => "signed-in").increment(1);
    let lasts = site.configuration.sign_in.session_absolute;
    let cookie = Cookie::Session
        .set(&site.configuration.address, &browser_token, lasts)
        .map_err(|error| Failure::Ours(error.to_string()))?;
    let mut response = Redirect::to(ReturnTo::new(&attempt.return_to).as_str()).into_response();
    response.headers_mut().append(SET_COOKIE, cookie);
    Ok(response)
}

/// The sign-in that this answer is for: begun in this browser, and used up by being found.
async fn attempt(site: &Site, answer: &Answer, parts: &Parts) -> Result<Attempt, Failure> {
    let browser = Cookie::SignIn.of(&parts.headers, &site.configuration.address);
    let (Some(state), Some(browser)) = (&answer.state, browser) else {
        return Err(Failure::Unknown);
    };
    let mut connection = site.store.acquire().await?;
    take_sign_in(&mut connection, &hash(state), &hash(&browser))
        .await?
        .ok_or(Failure::Unknown)
}

/// An error code as the log may keep it (RFC 6749, section 4.1.2.1).
fn printable(error: &str) -> String {
    error
        .chars()
        .filter(char::is_ascii_graphic)
        .take(80)
        .collect()
}

/// A person whose sign-in was proven.
struct Arrived {
    subject: Subject,
    name: String,
    email: Option<String>,
    grants: Vec<Grant>,
    authenticated_at: Option<DateTime<Utc>>,
    id_token: String,
}

impl Arrived {
    fn read(site: &Site, token: &Token, claims: &Claims) -> Result<Self, Failure> {
        let settings = &site.configuration.sign_in;
        let subject: Subject = claims.subject().as_str().parse()?;
        let claim = settings.groups_claim.clone();
        let values = match claims.additional_claims().groups(&claim) {
            Ok(values) => values,
            Err(NoGroups::Overage) => return Err(Failure::Overage { claim, subject }),
            Err(NoGroups::Malformed) => return Err(Failure::BadGroups { claim, subject }),
        };
        let email = claims.email().map(|email| email.to_string());
        let name = claims
            .name()
            .and_then(|name| name.get(None))
            .map(|name| name.to_string())
            .or_else(|| claims.preferred_username().map(|name| name.to_string()))
            .or_else(|| email.clone())
            .filter(|name| !name.trim().is_empty())
            .unwrap_or_else(|| subject.to_string());
        Ok(Self {
            grants: site.configuration.grants(&values),
            subject,
            name,
            email,
            authenticated_at: claims.auth_time(),
            id_token: token.to_string(),
        })
    }

    /// The provider has to say that it asked for the proof, and not believed an earlier one (OpenID Connect Core,
    /// section 3.1.3.7, step 13).
    fn must_be_proven_anew(&self) -> Result<(), Failure> {
        let lately = |at: DateTime<Utc>| Utc::now() - at <= PROVEN_WITHIN;
        if self.authenticated_at.is_some_and(lately) {
            return Ok(());
        }
        Err(Failure::NotAnew {
            subject: self.subject.clone(),
        })
    }

    /// Begins a session in place of the one before, if there was one.
    async fn begin_session(
        self,
        site: &Site,
        token: &str,
        before: Option<SessionId>,
        request_id: &str,
    ) -> Result<(), Failure> {
        let id = SessionId(uuid::Uuid::now_v7());
        let mut transaction = site.store.begin().await?;
        if let Some(before) = before {
            session::delete(&mut transaction, before).await?;
        }
        person::upsert(
            &mut transaction,
            &self.subject,
            &self.name,
            self.email.as_deref(),
            &self.grants,
        )
        .await?;
        let new = NewSession {
            id,
            token_hash: &hash(token),
            subject: &self.subject,
            grants: &self.grants,
            authenticated_at: self.authenticated_at,
            id_token: Some(&self.id_token),
        };
        session::insert(&mut transaction, new).await?;
        let grants: Vec<_> = self.grants.iter().map(Grant::words).collect();
        let entry = Entry {
            actor: Actor::Person {
                subject: self.subject.clone(),
            },
            action: Action::SignedIn,
            change: None,
            thing: "/sign-in/callback".to_owned(),
            reason: None,
            policy: None,
            request_id: Some(request_id.to_owned()),
            detail: serde_json::json!({ "grants": grants, "authenticated_at": self.authenticated_at }),
        };
        audit::append(&mut transaction, &entry, Some(id)).await?;
        commit(transaction).await?;
        tracing::info!(subject = %self.subject, session = %id, "{} signed in", self.subject);
        Ok(())
    }
}
