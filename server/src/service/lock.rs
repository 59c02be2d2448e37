//! Locking an environment by hand, and unlocking it.
use super::ask::check_reason;
use super::words::ago;
use super::{PortalService, unavailable};
use crate::authz::{Act, Target};
use crate::store::job::JobKind;
use crate::store::{self, Connection, Transaction};
use app::api::views::{LockBox, LockView};
use app::api::{AppError, Form, Location, LockPost};
use chrono::{DateTime, Utc};
use domain::audit::{Action, Actor, Entry};
use domain::blueprint::Problem;
use domain::names::{EnvironmentId, ServiceName, TeamName};
use domain::person::Principal;
use domain::stage::Stage;
use serde_json::{Value, json};
use std::collections::BTreeMap;

/// The field of the reason; the page has another one called `reason`.
const REASON: &str = "lock_reason";

/// An environment whose lock nobody else can turn until the transaction ends.
struct Held {
    transaction: Transaction,
    environment: EnvironmentId,
    /// `payments/checkout/dev`.
    thing: String,
    policy: String,
}

impl PortalService {
    pub(super) async fn take_lock(&self, who: &Principal, post: LockPost) -> Form {
        let LockPost {
            team,
            service,
            stage,
            reason,
        } = post;
        let mut held = self
            .hold_environment(who, Act::Lock, &team, &service, stage)
            .await?;
        let reason = reason.trim().to_owned();
        let wrong = if reason.is_empty() {
            Some("Say why it is locked: whoever waits reads it".to_owned())
        } else {
            check_reason(&reason).map(|problem| problem.message)
        };
        let mut problem = wrong.map(|words| Problem::at(REASON, words));
        if problem.is_none() {
            let by = &who.subject;
            let locked = store::lock::insert(&mut held.transaction, held.environment, &reason, by)
                .await
                .map_err(unavailable)?;
            if locked {
                let detail = json!({});
                return self
                    .record(who, held, Action::EnvironmentLocked, Some(reason), detail)
                    .await;
            }
            problem = Some(Problem::whole(
                "Somebody else has locked it meanwhile; what they say stands below",
            ));
        }
        let typed = BTreeMap::from([(REASON.to_owned(), reason)]);
        let problems = problem.into_iter().collect();
        self.send_back(who, &page_of(&held.thing), typed, problems)
            .await
    }

    pub(super) async fn take_unlock(
        &self,
        who: &Principal,
        team: TeamName,
        service: ServiceName,
        stage: Stage,
    ) -> Form {
        let mut held = self
            .hold_environment(who, Act::Unlock, &team, &service, stage)
            .await?;
        let lock = store::lock::of(&mut held.transaction, held.environment)
            .await
            .map_err(unavailable)?;
        let Some(lock) = lock else {
            // Twice pressed, or somebody else was quicker: it is as they want it.
            return Ok(Location(page_of(&held.thing)));
        };
        store::lock::delete(&mut held.transaction, held.environment)
            .await
            .map_err(unavailable)?;
        store::job::wake(&mut held.transaction, held.environment, JobKind::Deploy)
            .await
            .map_err(unavailable)?;
        let detail = json!({ "locked_by": lock.by, "locked_at": lock.at, "because": lock.reason });
        self.record(who, held, Action::EnvironmentUnlocked, None, detail)
            .await
    }

    async fn hold_environment(
        &self,
        who: &Principal,
        act: Act,
        team: &TeamName,
        service: &ServiceName,
        stage: Stage,
    ) -> Result<Held, AppError> {
        let thing = format!("{team}/{service}/{stage}");
        self.may_see(who, team, &thing).await?;
        let policy = self
            .authorize(who, act, &target(team, stage), &thing, None)
            .await?;
        let mut transaction = self.store.begin().await.map_err(unavailable)?;
        let not_found = || AppError::NotFound {
            what: thing.clone(),
        };
        let service = store::service::find(&mut transaction, team, service)
            .await
            .map_err(unavailable)?
            .ok_or_else(not_found)?;
        let environment = store::environment::find(&mut transaction, service.id, stage)
            .await
            .map_err(unavailable)?
            .ok_or_else(not_found)?
            .id;
        store::lock::hold_environment(&mut transaction, environment)
            .await
            .map_err(unavailable)?;
        Ok(Held {
            transaction,
            environment,
            thing,
            policy,
        })
    }

    /// Writes the history and ends the transaction.
    async fn record(
        &self,
        who: &Principal,
        mut held: Held,
        action: Action,
        reason: Option<String>,
        detail: Value,
    ) -> Form {
        let entry = Entry {
            actor: Actor::Person {
                subject: who.subject.clone(),
            },
            action,
            change: None,
            thing: held.thing.clone(),
            reason,
            policy: Some(held.policy),
            request_id: self.request_id.clone(),
            detail,
        };
        store::audit::append(&mut held.transaction, &entry, Some(who.session))
            .await
            .map_err(unavailable)?;
        store::commit(held.transaction).await.map_err(unavailable)?;
        tracing::info!(subject = %who.subject, thing = held.thing, action = ?action, "{} {action:?}", held.thing);
        Ok(Location(page_of(&held.thing)))
    }

    /// What the environment's page says of its lock.
    pub(super) async fn lock_box(
        &self,
        connection: &mut Connection,
        who: &Principal,
        environment: &store::environment::Environment,
        typed: &BTreeMap<String, String>,
        now: DateTime<Utc>,
    ) -> Result<LockBox, AppError> {
        let lock = store::lock::of(connection, environment.id)
            .await
            .map_err(unavailable)?;
        let act = if lock.is_some() {
            Act::Unlock
        } else {
            Act::Lock
        };
        let target = target(&environment.team, environment.stage);
        Ok(LockBox {
            refused_because: self.would_allow(who, act, &target).err(),
            lock: lock.map(|lock| LockView {
                title: locked_words(&lock, now),
                reason: lock.reason,
            }),
            typed: typed.get(REASON).cloned().unwrap_or_default(),
        })
    }
}

/// `Locked by Ada Approver 2 h ago`.
pub(super) fn locked_words(lock: &store::lock::Lock, now: DateTime<Utc>) -> String {
    format!("Locked by {} {}", lock.by_name, ago(now - lock.at))
}

fn target(team: &TeamName, stage: Stage) -> Target {
    Target::Environment {
        team: team.clone(),
        stage,
    }
}

fn page_of(thing: &str) -> String {
    format!("/services/{thing}")
}
