//! What every request for a change ends with: the change, its first job and its entry in the history,
//! in the transaction of whoever asks.
use super::{PortalService, unavailable};
use crate::authz::{Act, Target};
use crate::store::job::JobKind;
use crate::store::{self, Connection, StoreError, Transaction};
use app::api::{AppError, Location};
use domain::audit::{Action, Actor, Entry};
use domain::blueprint::Problem;
use domain::change::schedule::Schedule;
use domain::change::{ChangeKind, ChangeState};
use domain::names::{
    ChangeId, ChangeNumber, EnvironmentId, PlanId, ReleaseId, ServiceName, TeamName,
};
use domain::person::Principal;
use domain::stage::Stage;
use serde_json::{Value, json};
use uuid::Uuid;

/// A change that somebody may ask for and that nothing stands against.
pub(super) struct Asked<'a> {
    pub(super) kind: ChangeKind,
    pub(super) environment: EnvironmentId,
    pub(super) release: Option<ReleaseId>,
    pub(super) place: (&'a TeamName, &'a ServiceName, Stage),
    pub(super) reason: &'a str,
    /// When it is deployed at the earliest.
    pub(super) schedule: Option<Schedule>,
    /// The policy that allows it.
    pub(super) policy: String,
    pub(super) action: Action,
    /// What the history says besides.
    pub(super) detail: Value,
}

impl PortalService {
    /// The policy by which somebody may ask for a change there; not found where they may not know of the team.
    pub(super) async fn may_ask(
        &self,
        who: &Principal,
        team: &TeamName,
        thing: &str,
    ) -> Result<String, AppError> {
        self.may_see(who, team, thing).await?;
        let target = Target::Team(team.clone());
        self.authorize(who, Act::AskFor, &target, thing, None).await
    }

    /// Writes change, job and entry.
    ///
    /// # Errors
    /// [`StoreError::Conflict`] when the environment has an open change.
    pub(super) async fn write_change(
        &self,
        connection: &mut Connection,
        who: &Principal,
        asked: Asked<'_>,
    ) -> Result<ChangeNumber, StoreError> {
        let (team, service, stage) = asked.place;
        let plan = PlanId(Uuid::now_v7());
        let change = ChangeId(Uuid::now_v7());
        let number = store::change::insert(
            connection,
            store::change::NewChange {
                id: change,
                environment: asked.environment,
                kind: asked.kind,
                release: asked.release,
                reason: asked.reason,
                requester: &who.subject,
                state: &ChangeState::Planning {
                    plan,
                    again_because: None,
                },
                team,
                stage,
                schedule: asked.schedule,
            },
        )
        .await?;
        store::job::enqueue(
            connection,
            JobKind::Plan,
            change,
            json!({ "plan": plan }),
            asked.environment,
            self.request_id.as_deref(),
        )
        .await?;
        let mut detail = asked.detail;
        if let (Some(schedule), Some(detail)) = (asked.schedule, detail.as_object_mut()) {
            detail.insert("deploy_at".to_owned(), json!(schedule.at));
            detail.insert("deploy_zone".to_owned(), json!(schedule.zone.name()));
        }
        let entry = Entry {
            actor: Actor::Person {
                subject: who.subject.clone(),
            },
            action: asked.action,
            change: Some(number),
            thing: format!("{team}/{service}/{stage}"),
            reason: Some(asked.reason.to_owned()),
            policy: Some(asked.policy),
            request_id: self.request_id.clone(),
            detail,
        };
        store::audit::append(connection, &entry, Some(who.session)).await?;
        Ok(number)
    }
}

/// Commits what was asked for and leads to the change's page, or says what stands against it.
pub(super) async fn finish(
    transaction: Transaction,
    who: &Principal,
    environment: &str,
    written: Result<ChangeNumber, StoreError>,
) -> Result<Result<Location, Problem>, AppError> {
    let number = match written {
        Ok(number) => number,
        Err(StoreError::Conflict { .. }) => {
            return Ok(Err(Problem::whole(format!(
                "Another change of {environment} is still open; it has to end first"
            ))));
        }
        Err(error) => return Err(unavailable(error)),
    };
    store::commit(transaction).await.map_err(unavailable)?;
    tracing::info!(change = %number, subject = %who.subject, "{number} asked for");
    Ok(Ok(Location(format!("/changes/{number}"))))
}
