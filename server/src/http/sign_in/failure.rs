//! Every way in which a sign-in fails: what the person reads, what the history and the log keep.
use super::provider::ProviderError;
use crate::http::refusal::{database_failed, record};
use crate::http::site::Site;
use crate::http::words::Words;
use crate::store::StoreError;
use axum::response::Response;
use domain::audit::{Action, Actor, Entry};
use domain::change::PROVEN_WITHIN;
use domain::names::Subject;
use http::StatusCode;

/// Why nobody was signed in.
#[derive(Debug, thiserror::Error)]
pub(super) enum Failure {
    /// No such sign-in is under way in this browser.
    #[error("no sign-in under way has this state in this browser")]
    Unknown,
    /// The answer came from elsewhere (RFC 9207).
    #[error("the answer names another issuer")]
    OtherIssuer,
    /// The person or the provider said no.
    #[error("the identity provider answered access_denied")]
    Denied,
    /// The provider answered with another error.
    #[error("the identity provider answered {0}")]
    Answered(String),
    /// The provider was of no help.
    #[error("the identity provider: {0}")]
    Provider(#[from] ProviderError),
    /// Whose sign-in it is can't be said.
    #[error("the ID token has an unusable subject: {0}")]
    BadSubject(#[from] domain::names::InvalidName),
    /// Too many groups to send.
    #[error("claim {claim} was too long to send")]
    Overage { claim: String, subject: Subject },
    /// The claim holds something else than texts.
    #[error("claim {claim} is neither a text nor a list of texts")]
    BadGroups { claim: String, subject: Subject },
    /// The person was to prove anew who they are.
    #[error("the ID token does not say that the person signed in just now")]
    NotAnew { subject: Subject },
    /// The database failed.
    #[error("the database: {0}")]
    Store(#[from] StoreError),
    /// The operating system gave no randomness, or a token of ours can't stand in a header.
    #[error("{0}")]
    Ours(String),
}

impl Failure {
    /// A stable word for the history.
    fn kind(&self) -> &'static str {
        match self {
            Failure::Unknown => "unknown-state",
            Failure::OtherIssuer => "other-issuer",
            Failure::Denied => "denied",
            Failure::Answered(_) => "provider-error",
            Failure::Provider(ProviderError::Unreachable(_)) => "provider-unreachable",
            Failure::Provider(ProviderError::Refused(_)) => "token-refused",
            Failure::Provider(ProviderError::Invalid(_)) => "invalid-id-token",
            Failure::BadSubject(_) => "bad-subject",
            Failure::Overage { .. } => "groups-overage",
            Failure::BadGroups { .. } => "bad-groups",
            Failure::NotAnew { .. } => "not-anew",
            Failure::Store(_) | Failure::Ours(_) => "unavailable",
        }
    }

    fn words(&self) -> Words {
        let (status, title, said) = match self {
            Failure::Unknown => (
                StatusCode::BAD_REQUEST,
                "This sign-in is over",
                "It was used already, was begun more than ten minutes ago or in another browser, or this browser takes no cookies. Sign in again.".to_owned(),
            ),
            Failure::OtherIssuer => (
                StatusCode::BAD_REQUEST,
                "This sign-in did not come from your identity provider",
                "Somebody else answered in its place, so nobody was signed in. Sign in again from here; if it happens again, tell whoever runs Gatehouse.".to_owned(),
            ),
            Failure::Denied => (
                StatusCode::FORBIDDEN,
                "You were not signed in",
                "The sign-in was cancelled, or your identity provider does not let you use Gatehouse. If you should be able to, ask whoever looks after sign-in in your organisation.".to_owned(),
            ),
            Failure::Answered(_) | Failure::Provider(ProviderError::Unreachable(_)) => (
                StatusCode::BAD_GATEWAY,
                "The identity provider can't sign you in just now",
                "It could not be reached, or answered with an error. Try again in a minute; if it lasts, tell whoever runs Gatehouse the request's number below.".to_owned(),
            ),
            Failure::Provider(ProviderError::Refused(_) | ProviderError::Invalid(_))
            | Failure::BadSubject(_) => (
                StatusCode::BAD_GATEWAY,
                "The identity provider's answer proves nothing",
                "So nobody was signed in. Sign in again; if it lasts, tell whoever runs Gatehouse the request's number below.".to_owned(),
            ),
            Failure::Overage { claim, .. } => (
                StatusCode::FORBIDDEN,
                "You are in too many groups to sign in",
                format!("Your identity provider left out the claim “{claim}” because it was too long, so Gatehouse can't know what you may do, and grants nothing rather than guess. Whoever looks after sign-in has to make it shorter: send app roles instead of groups, or only the groups that are assigned to Gatehouse (in Entra ID: Token configuration, “Groups assigned to the application”)."),
            ),
            Failure::BadGroups { claim, .. } => (
                StatusCode::FORBIDDEN,
                "Gatehouse can't read what you may do",
                format!("Your identity provider sends the claim “{claim}” as something else than a text or a list of texts. Whoever looks after sign-in has to change that, or name another claim in Gatehouse's configuration (groups-claim)."),
            ),
            Failure::NotAnew { .. } => (
                StatusCode::FORBIDDEN,
                "Your identity provider did not ask who you are",
                format!("Approving for production takes a sign-in within the last {} minutes. Gatehouse asked for one, and your identity provider sent you back without saying that you had signed in just now. Sign out there, then sign in again; if it lasts, whoever looks after sign-in has to let it heed “max_age” and send the claim “auth_time”.", PROVEN_WITHIN.num_minutes()),
            ),
            Failure::Store(_) | Failure::Ours(_) => {
                let mut words = Words::unavailable();
                words.link = ("/sign-in".to_owned(), "Sign in again");
                return words;
            }
        };
        let mut words = Words::new(status, title, &said);
        words.link = ("/sign-in".to_owned(), "Sign in again");
        words
    }

    fn actor(&self) -> Actor {
        match self {
            Failure::Overage { subject, .. }
            | Failure::BadGroups { subject, .. }
            | Failure::NotAnew { subject } => Actor::Person {
                subject: subject.clone(),
            },
            _ => Actor::Visitor,
        }
    }

    /// Records the failure and tells of it.
    pub(super) async fn answer(self, site: &Site, path: &str, request_id: &str) -> Response {
        let kind = self.kind();
        tracing::warn!(kind, reason = %self, "a sign-in failed: {self}");
        metrics::counter!("gatehouse_sign_ins_total", "result" => kind).increment(1);
        let entry = Entry {
            actor: self.actor(),
            action: Action::SignInFailed,
            change: None,
            thing: path.to_owned(),
            reason: Some(kind.to_owned()),
            policy: None,
            request_id: Some(request_id.to_owned()),
            detail: serde_json::json!({
                "issuer": site.configuration.sign_in.issuer.as_str(),
            }),
        };
        if let Err(error) = record(&site.store, &entry, None).await {
            return database_failed(&error, true, request_id);
        }
        self.words().page(request_id)
    }
}
