//! Refusing: what a person may not do is said in words and written down before the answer leaves.
use super::{PortalService, unavailable};
use crate::authz::{Act, Target};
use crate::store;
use app::api::AppError;
use domain::audit::{Action, Actor, Entry};
use domain::change::ChangeState;
use domain::names::{ChangeNumber, TeamName};
use domain::person::Principal;
use serde_json::{Value, json};
use store::change::Change;

/// The target of an act on a change.
pub(super) fn target(change: &Change) -> Target {
    Target::Change {
        team: change.team.clone(),
        stage: change.stage,
        requester: change.requester.clone(),
    }
}

/// `payments/checkout/dev`.
pub(super) fn thing(change: &Change) -> String {
    format!("{}/{}/{}", change.team, change.service_name, change.stage)
}

impl PortalService {
    /// The id of the policy that allows it, or the reason why not, already written down.
    pub(super) async fn authorize(
        &self,
        who: &Principal,
        act: Act,
        target: &Target,
        thing: &str,
        change: Option<ChangeNumber>,
    ) -> Result<String, AppError> {
        let decision = self.authorizer.decide(who, act, target);
        if decision.allowed {
            return Ok(decision.policy);
        }
        let entry = Entry {
            actor: Actor::Person {
                subject: who.subject.clone(),
            },
            action: Action::Refused,
            change,
            thing: thing.to_owned(),
            reason: Some(decision.why.clone()),
            policy: Some(decision.policy),
            request_id: self.request_id.clone(),
            detail: json!({ "act": format!("{act:?}") }),
        };
        let mut connection = self.store.acquire().await.map_err(unavailable)?;
        store::audit::append(&mut connection, &entry, Some(who.session))
            .await
            .map_err(unavailable)?;
        tracing::warn!(subject = %who.subject, act = ?act, thing, why = %decision.why, "refused");
        Err(AppError::Forbidden { why: decision.why })
    }

    /// Whether it is allowed, without writing anything: for what a page shows.
    pub(super) fn would_allow(
        &self,
        who: &Principal,
        act: Act,
        target: &Target,
    ) -> Result<(), String> {
        let decision = self.authorizer.decide(who, act, target);
        if decision.allowed {
            Ok(())
        } else {
            Err(decision.why)
        }
    }

    /// Refuses with “not found” what a person may not even know of.
    pub(super) async fn may_see(
        &self,
        who: &Principal,
        team: &TeamName,
        what: &str,
    ) -> Result<(), AppError> {
        let target = Target::Team(team.clone());
        match self
            .authorize(who, Act::ViewTeam, &target, what, None)
            .await
        {
            Err(AppError::Forbidden { .. }) => Err(AppError::NotFound {
                what: what.to_owned(),
            }),
            other => other.map(drop),
        }
    }

    /// An entry about a change, by this person, in this request.
    pub(super) fn entry(
        &self,
        who: &Principal,
        action: Action,
        change: &Change,
        reason: Option<&str>,
        policy: Option<String>,
        detail: Value,
    ) -> Entry {
        Entry {
            actor: Actor::Person {
                subject: who.subject.clone(),
            },
            action,
            change: Some(change.number),
            thing: thing(change),
            reason: reason.filter(|words| !words.is_empty()).map(str::to_owned),
            policy,
            request_id: self.request_id.clone(),
            detail,
        }
    }
}

/// From which state to which, for an audit entry.
pub(super) fn moved(from: &ChangeState, to: &ChangeState) -> Value {
    json!({ "from": from.name(), "to": to.name() })
}
