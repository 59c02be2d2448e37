//! What promotion and rollback ask of changes, deployments and releases together.
use super::deployment::DeploymentState;
use super::row::Place;
use super::{Connection, Result};
use chrono::{DateTime, Utc};
use domain::change::Group;
use domain::names::{ChangeNumber, EnvironmentId, ReleaseId, ReleaseNumber, ServiceId};
use domain::stage::Stage;
use std::collections::BTreeSet;
use uuid::Uuid;

/// How an environment's deployments stand.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Standing {
    /// The environment.
    pub environment: EnvironmentId,
    /// Its latest deployment that was not cancelled.
    pub latest: Option<Latest>,
    /// When the latest successful deployment of the release that runs there had ended.
    pub held_since: Option<DateTime<Utc>>,
    /// The groups whose approval its open change still takes.
    pub waits_for: BTreeSet<Group>,
}

/// The latest deployment of an environment.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Latest {
    /// Its change.
    pub change: ChangeNumber,
    /// How far it is.
    pub state: DeploymentState,
    /// The resource at work, or the one that failed first, with AWS's status.
    pub step: Option<(String, String)>,
}

/// How the deployments of several environments stand.
#[tracing::instrument(name = "db.promotion.standings", skip_all)]
pub async fn standings(
    connection: &mut Connection,
    environments: &[EnvironmentId],
) -> Result<Vec<Standing>> {
    let ids: Vec<Uuid> = environments.iter().map(|id| id.0).collect();
    let rows = sqlx::query!(
        r#"select environment.id, latest.id as "latest?", latest.state as "state?",
             latest.change_number as "change_number?", held.ended_at as "held_since?",
             step.logical_id as "resource?", step.status as "status?",
             open.waits_for as "waits_for?"
           from environment
           left join change as open on open.environment = environment.id and open.open
             and open.state_name = 'waiting'
           left join lateral (
             select deployment.id, deployment.state, change.number as change_number
             from deployment join change on change.id = deployment.change
             where deployment.environment = environment.id and deployment.state <> 'cancelled'
             order by deployment.number desc limit 1
           ) as latest on true
           left join lateral (
             select deployment.ended_at
             from deployment join change on change.id = deployment.change
             where deployment.environment = environment.id and deployment.state = 'succeeded'
               and change.release = environment.release
             order by deployment.number desc limit 1
           ) as held on true
           left join lateral (
             select logical_id, status from stack_event
             where stack_event.deployment = latest.id
               and case latest.state
                 when 'running' then stack_event.status like '%\_IN\_PROGRESS'
                 when 'failed' then stack_event.status like '%\_FAILED'
                 else false end
               -- the stack's own event names the stack
               and not exists (
                 select from environment_stack
                 where environment_stack.environment = environment.id
                   and environment_stack.name = stack_event.stack
                   and environment_stack.stack_name = stack_event.logical_id)
             order by case latest.state when 'running' then -position else position end limit 1
           ) as step on true
           where environment.id = any($1)"#,
        &ids,
    )
    .fetch_all(connection)
    .await?;
    rows.into_iter()
        .map(|row| {
            let latest = match (row.latest, row.state, row.change_number) {
                (Some(id), Some(state), Some(change)) => {
                    let place = Place {
                        table: "deployment",
                        row: id,
                    };
                    Some(Latest {
                        change: ChangeNumber(change),
                        state: place.parse("state", &state)?,
                        step: row.resource.zip(row.status),
                    })
                }
                _ => None,
            };
            let place = Place {
                table: "environment",
                row: row.id,
            };
            let waits_for = serde_json::json!(row.waits_for.unwrap_or_default());
            Ok(Standing {
                environment: EnvironmentId(row.id),
                latest,
                held_since: row.held_since,
                waits_for: place.read("waits_for", waits_for)?,
            })
        })
        .collect()
}

/// A release that succeeded in an environment.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Succeeded {
    /// The release.
    pub release: ReleaseId,
    /// Its number.
    pub number: ReleaseNumber,
    /// Its blueprint version, for people.
    pub blueprint_version: String,
    /// The latest change that brought it there.
    pub change: ChangeNumber,
    /// When that had succeeded.
    pub at: DateTime<Utc>,
}

/// Releases of a service that succeeded in one of its environments and don't run there now, highest
/// number first; only those with a lower number than the last of the page before.
#[tracing::instrument(name = "db.promotion.succeeded", skip_all)]
pub async fn succeeded(
    connection: &mut Connection,
    service: ServiceId,
    environment: EnvironmentId,
    before: Option<ReleaseNumber>,
    limit: u32,
) -> Result<Vec<Succeeded>> {
    let rows = sqlx::query!(
        "select release.id, release.number, blueprint_version.version, brought.number as change,
           brought.changed_at
         from release
         join blueprint_version on blueprint_version.digest = release.blueprint_digest
         cross join lateral (
           select change.number, change.changed_at from change
           where change.environment = $2 and change.release = release.id
             and change.state_name = 'succeeded'
           order by change.number desc limit 1
         ) as brought
         where release.service = $1 and ($3::int is null or release.number < $3)
           and release.id is distinct from (select environment.release from environment where id = $2)
         order by release.number desc limit $4",
        service.0,
        environment.0,
        before.map(|number| number.0),
        i64::from(limit),
    )
    .fetch_all(connection)
    .await?;
    Ok(rows
        .into_iter()
        .map(|row| Succeeded {
            release: ReleaseId(row.id),
            number: ReleaseNumber(row.number),
            blueprint_version: row.version,
            change: ChangeNumber(row.change),
            at: row.changed_at,
        })
        .collect())
}

/// Whether a release ever succeeded in an environment.
#[tracing::instrument(name = "db.promotion.ever_succeeded", skip_all)]
pub async fn ever_succeeded(
    connection: &mut Connection,
    environment: EnvironmentId,
    release: ReleaseId,
) -> Result<bool> {
    let found = sqlx::query_scalar!(
        r#"select exists (
             select from change
             where environment = $1 and release = $2 and state_name = 'succeeded'
           ) as "found!""#,
        environment.0,
        release.0,
    )
    .fetch_one(connection)
    .await?;
    Ok(found)
}

/// The stage that a release was first asked for at; none where no change ever named it.
#[tracing::instrument(name = "db.promotion.first_stage", skip_all)]
pub async fn first_stage(connection: &mut Connection, release: ReleaseId) -> Result<Option<Stage>> {
    let first = sqlx::query!(
        "select id, stage from change where release = $1 order by number limit 1",
        release.0,
    )
    .fetch_optional(connection)
    .await?;
    first
        .map(|row| {
            let place = Place {
                table: "change",
                row: row.id,
            };
            place.parse("stage", &row.stage)
        })
        .transpose()
}

#[cfg(test)]
mod tests {
    use super::super::{change, deployment, environment, fixture, stack_event};
    use super::*;
    use domain::change::{ChangeKind, ChangeState, Outcome};
    use domain::names::{ChangeId, DeploymentId};
    use domain::stack::StackEvent;
    use sqlx::PgPool;

    const PLACE: (&str, Stage) = ("payments", Stage::Dev);

    /// A change that brings a release and ended so.
    async fn bring(
        connection: &mut Connection,
        environment: EnvironmentId,
        release: ReleaseId,
        state: &ChangeState,
    ) -> (ChangeId, ChangeNumber) {
        let ada = fixture::person(connection, "ada").await;
        let id = ChangeId(Uuid::now_v7());
        let new = change::NewChange {
            id,
            environment,
            kind: ChangeKind::Update,
            release: Some(release),
            reason: "why",
            requester: &ada,
            state,
            team: &fixture::name(PLACE.0),
            stage: PLACE.1,
            schedule: None,
        };
        (id, change::insert(connection, new).await.unwrap())
    }

    fn succeeded_so() -> ChangeState {
        ChangeState::Succeeded {
            outcome: Outcome::Deployed,
        }
    }

    async fn deploy(
        connection: &mut Connection,
        change: ChangeId,
        state: Option<DeploymentState>,
    ) -> DeploymentId {
        let bob = fixture::person(connection, "bob").await;
        let (plan, _) = fixture::kept_plan(connection, change, "a: 1").await;
        let id = DeploymentId(Uuid::now_v7());
        deployment::insert(connection, id, change, plan, Some(&bob))
            .await
            .unwrap();
        deployment::start(connection, id).await.unwrap();
        if let Some(state) = state {
            deployment::finish(connection, id, state, None)
                .await
                .unwrap();
        }
        id
    }

    #[sqlx::test(migrations = "../migrations")]
    async fn releases_that_succeeded_are_paged_without_the_one_that_runs(pool: PgPool) {
        let mut connection = pool.acquire().await.unwrap();
        let service = fixture::service(&mut connection, PLACE.0, "checkout").await;
        let environment = fixture::environment(&mut connection, service, PLACE.1).await;
        let other = fixture::environment(&mut connection, service, Stage::Prod).await;
        let mut releases = Vec::new();
        for _ in 0..6 {
            releases.push(fixture::release(&mut connection, service).await);
        }
        // r2 was withdrawn, r3 succeeded elsewhere only, r4 twice, and r6 runs.
        for (nth, state) in [
            (0, succeeded_so()),
            (1, fixture::withdrawn()),
            (3, succeeded_so()),
            (4, succeeded_so()),
            (3, succeeded_so()),
            (5, succeeded_so()),
        ] {
            bring(&mut connection, environment, releases[nth], &state).await;
        }
        bring(&mut connection, other, releases[2], &succeeded_so()).await;
        environment::set_live(&mut connection, environment, releases[5])
            .await
            .unwrap();
        let mut seen = Vec::new();
        loop {
            let before = seen.last().map(|(number, _)| *number);
            let page = succeeded(&mut connection, service, environment, before, 2)
                .await
                .unwrap();
            if page.is_empty() {
                break;
            }
            seen.extend(page.into_iter().map(|row| (row.number, row.change.0)));
        }
        let seen: Vec<_> = seen
            .into_iter()
            .map(|(number, change)| (number.0, change))
            .collect();
        assert_eq!(seen, [(5, 4), (4, 5), (1, 1)]);
        for (nth, expected) in [(0, true), (1, false), (2, false), (5, true)] {
            let ever = ever_succeeded(&mut connection, environment, releases[nth])
                .await
                .unwrap();
            assert_eq!(ever, expected, "r{}", nth + 1);
        }
        let first = first_stage(&mut connection, releases[2]).await.unwrap();
        assert_eq!(first, Some(Stage::Dev), "as `bring` says");
        let spare = fixture::release(&mut connection, service).await;
        assert_eq!(first_stage(&mut connection, spare).await.unwrap(), None);
    }

    #[sqlx::test(migrations = "../migrations")]
    async fn an_environment_stands_as_its_latest_deployment_left_it(pool: PgPool) {
        let mut connection = pool.acquire().await.unwrap();
        let service = fixture::service(&mut connection, PLACE.0, "checkout").await;
        let environment = fixture::environment(&mut connection, service, PLACE.1).await;
        let none = standings(&mut connection, &[environment]).await.unwrap();
        assert_eq!(
            none,
            [Standing {
                environment,
                latest: None,
                held_since: None,
                waits_for: BTreeSet::new(),
            }]
        );
        let (one, two) = (
            fixture::release(&mut connection, service).await,
            fixture::release(&mut connection, service).await,
        );
        let (first, _) = bring(&mut connection, environment, one, &succeeded_so()).await;
        let first = deploy(&mut connection, first, Some(DeploymentState::Succeeded)).await;
        environment::set_live(&mut connection, environment, one)
            .await
            .unwrap();
        let stack = environment::EnvironmentStack {
            name: "main".into(),
            position: 0,
            region: fixture::name("eu-west-1"),
            stack_name: fixture::name("payments-checkout-dev"),
            stack_id: None,
            outputs: Default::default(),
        };
        environment::save_stack(&mut connection, environment, &stack)
            .await
            .unwrap();
        let (second, number) =
            bring(&mut connection, environment, two, &fixture::withdrawn()).await;
        let running = deploy(&mut connection, second, None).await;
        let event = |number: u32, logical_id: &str, status: &str| StackEvent {
            event_id: format!("e{number}"),
            at: fixture::moment(),
            logical_id: logical_id.into(),
            physical_id: None,
            resource_type: "AWS::SQS::Queue".into(),
            status: status.into(),
            reason: None,
            token: None,
        };
        let events = [
            event(1, "payments-checkout-dev", "UPDATE_IN_PROGRESS"),
            event(2, "Queue", "UPDATE_IN_PROGRESS"),
            event(3, "Table", "UPDATE_IN_PROGRESS"),
            event(4, "Table", "UPDATE_FAILED"),
            event(5, "Queue", "UPDATE_FAILED"),
            event(6, "payments-checkout-dev", "UPDATE_FAILED"),
        ];
        stack_event::append(&mut connection, running, "main", &events[..3])
            .await
            .unwrap();
        let step_of = |standing: &Standing| {
            let latest = standing.latest.clone().unwrap();
            assert_eq!(latest.change, number);
            let (resource, status) = latest.step.unwrap();
            (latest.state, resource, status)
        };
        let held = deployment::get(&mut connection, first)
            .await
            .unwrap()
            .unwrap()
            .ended_at;
        let now = standings(&mut connection, &[environment]).await.unwrap();
        assert_eq!(now[0].held_since, held);
        let expected = ("Table".to_owned(), "UPDATE_IN_PROGRESS".to_owned());
        assert_eq!(
            step_of(&now[0]),
            (DeploymentState::Running, expected.0, expected.1)
        );
        stack_event::append(&mut connection, running, "main", &events)
            .await
            .unwrap();
        deployment::finish(&mut connection, running, DeploymentState::Failed, None)
            .await
            .unwrap();
        let then = standings(&mut connection, &[environment]).await.unwrap();
        assert_eq!(then[0].held_since, held);
        let expected = ("Table".to_owned(), "UPDATE_FAILED".to_owned());
        assert_eq!(
            step_of(&then[0]),
            (DeploymentState::Failed, expected.0, expected.1)
        );
        // One that was cancelled before it ran says nothing about the environment.
        let (third, _) = bring(&mut connection, environment, one, &fixture::withdrawn()).await;
        deploy(&mut connection, third, Some(DeploymentState::Cancelled)).await;
        let again = standings(&mut connection, &[environment]).await.unwrap();
        assert_eq!(again, then);
        let (fourth, _) = bring(&mut connection, environment, one, &fixture::waiting()).await;
        let groups = BTreeSet::from([Group::Approver, Group::Security]);
        change::set_waits_for(&mut connection, fourth, &groups)
            .await
            .unwrap();
        let waiting = standings(&mut connection, &[environment]).await.unwrap();
        assert_eq!(waiting[0].waits_for, groups);
    }
}
