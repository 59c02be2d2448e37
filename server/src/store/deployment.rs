//! Deployments.
use super::row::{Place, texts, write};
use super::{Connection, Result, StoreError};
use chrono::{DateTime, Utc};
use domain::change::{ChangeKind, Failure};
use domain::names::{
    ChangeId, ChangeNumber, DeploymentId, EnvironmentId, PlanId, ReleaseNumber, ServiceName,
    Subject, TeamName,
};
use domain::stage::Stage;
use serde_json::Value;
use std::str::FromStr;
use uuid::Uuid;

/// How far a deployment is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum DeploymentState {
    /// Approved; waits for its turn.
    Queued,
    /// Runs.
    Running,
    /// Did what the change is for.
    Succeeded,
    /// Did not.
    Failed,
    /// Stopped before it ran.
    Cancelled,
}

impl DeploymentState {
    /// Every state.
    pub const ALL: [DeploymentState; 5] = [
        DeploymentState::Queued,
        DeploymentState::Running,
        DeploymentState::Succeeded,
        DeploymentState::Failed,
        DeploymentState::Cancelled,
    ];

    /// The word used in addresses and the database.
    pub fn as_str(self) -> &'static str {
        match self {
            DeploymentState::Queued => "queued",
            DeploymentState::Running => "running",
            DeploymentState::Succeeded => "succeeded",
            DeploymentState::Failed => "failed",
            DeploymentState::Cancelled => "cancelled",
        }
    }
}

/// A word that is no state of a deployment.
#[derive(Debug, PartialEq, Eq, thiserror::Error)]
#[error(
    "“{0}” is not a state of a deployment; a state is queued, running, succeeded, failed or cancelled"
)]
pub struct UnknownDeploymentState(pub String);

impl FromStr for DeploymentState {
    type Err = UnknownDeploymentState;

    fn from_str(word: &str) -> Result<Self, UnknownDeploymentState> {
        DeploymentState::ALL
            .into_iter()
            .find(|state| state.as_str() == word)
            .ok_or_else(|| UnknownDeploymentState(word.to_owned()))
    }
}

/// The execution of an approved plan.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Deployment {
    /// Its id; tokens at AWS derive from it.
    pub id: DeploymentId,
    /// Its change.
    pub change: ChangeId,
    /// The plan it runs.
    pub plan: PlanId,
    /// Where it runs.
    pub environment: EnvironmentId,
    /// Its place in lists; later ones have greater numbers.
    pub number: i64,
    /// How far it is.
    pub state: DeploymentState,
    /// Names of the stacks whose operation was started, in order.
    pub executed: Vec<String>,
    /// What went wrong, if something did.
    pub failure: Option<Failure>,
    /// The latest approver and what to call them; none where the rules asked for nobody's approval.
    pub approved_by: Option<(Subject, String)>,
    /// When it was approved.
    pub created_at: DateTime<Utc>,
    /// When it started.
    pub started_at: Option<DateTime<Utc>>,
    /// When it ended.
    pub ended_at: Option<DateTime<Utc>>,
}

struct Row {
    id: Uuid,
    change: Uuid,
    plan: Uuid,
    environment: Uuid,
    number: i64,
    state: String,
    executed: Value,
    failure: Option<Value>,
    approved_by: Option<String>,
    approver_name: Option<String>,
    created_at: DateTime<Utc>,
    started_at: Option<DateTime<Utc>>,
    ended_at: Option<DateTime<Utc>>,
}

impl TryFrom<Row> for Deployment {
    type Error = StoreError;

    fn try_from(row: Row) -> Result<Self> {
        let place = Place {
            table: "deployment",
            row: row.id,
        };
        Ok(Deployment {
            id: DeploymentId(row.id),
            change: ChangeId(row.change),
            plan: PlanId(row.plan),
            environment: EnvironmentId(row.environment),
            number: row.number,
            state: place.parse("state", &row.state)?,
            executed: place.read("executed", row.executed)?,
            failure: row
                .failure
                .map(|failure| place.read("failure", failure))
                .transpose()?,
            approved_by: match (row.approved_by, row.approver_name) {
                (Some(subject), Some(name)) => Some((place.parse("approved_by", &subject)?, name)),
                _ => None,
            },
            created_at: row.created_at,
            started_at: row.started_at,
            ended_at: row.ended_at,
        })
    }
}

/// Queues the deployment of a change's plan.
///
/// # Errors
/// Besides the usual, when there is no such change, plan or person.
#[tracing::instrument(name = "db.deployment.insert", skip_all)]
pub async fn insert(
    connection: &mut Connection,
    id: DeploymentId,
    change: ChangeId,
    plan: PlanId,
    approved_by: Option<&Subject>,
) -> Result<()> {
    sqlx::query_scalar!(
        "insert into deployment
           (id, change, plan, environment, team, service, stage, requester, approved_by)
         select $1, change.id, $3, change.environment, change.team, service.name, change.stage,
           change.requester, $4
         from change
         join environment on environment.id = change.environment
         join service on service.id = environment.service
         where change.id = $2
         returning number",
        id.0,
        change.0,
        plan.0,
        approved_by.map(Subject::as_str),
    )
    .fetch_one(connection)
    .await?;
    Ok(())
}

/// One deployment.
#[tracing::instrument(name = "db.deployment.get", skip_all)]
pub async fn get(connection: &mut Connection, id: DeploymentId) -> Result<Option<Deployment>> {
    sqlx::query_as!(
        Row,
        r#"select id, change, plan, environment, number, state, executed, failure, approved_by,
           person.name as "approver_name?", created_at, started_at, ended_at
         from deployment left join person on person.subject = approved_by
         where id = $1"#,
        id.0
    )
    .fetch_optional(connection)
    .await?
    .map(Deployment::try_from)
    .transpose()
}

/// The latest deployment of a change.
#[tracing::instrument(name = "db.deployment.latest_of", skip_all)]
pub async fn latest_of(
    connection: &mut Connection,
    change: ChangeId,
) -> Result<Option<Deployment>> {
    sqlx::query_as!(
        Row,
        r#"select id, change, plan, environment, number, state, executed, failure, approved_by,
           person.name as "approver_name?", created_at, started_at, ended_at
         from deployment left join person on person.subject = approved_by
         where change = $1 order by number desc limit 1"#,
        change.0
    )
    .fetch_optional(connection)
    .await?
    .map(Deployment::try_from)
    .transpose()
}

/// Starts a queued deployment; starting a running one again changes nothing. Gives whether it runs.
///
/// # Errors
/// [`StoreError::Conflict`] over `deployment_one_running` when another runs in the environment.
#[tracing::instrument(name = "db.deployment.start", skip_all)]
pub async fn start(connection: &mut Connection, id: DeploymentId) -> Result<bool> {
    let started = sqlx::query!(
        "update deployment set state = 'running', started_at = coalesce(started_at, now())
         where id = $1 and state in ('queued', 'running')",
        id.0
    )
    .execute(connection)
    .await?;
    Ok(started.rows_affected() > 0)
}

/// Notes that a stack's operation is being started; noting it again changes nothing.
#[tracing::instrument(name = "db.deployment.mark_executed", skip_all)]
pub async fn mark_executed(
    connection: &mut Connection,
    id: DeploymentId,
    stack: &str,
) -> Result<()> {
    sqlx::query!(
        "update deployment set executed = executed || to_jsonb($2::text)
         where id = $1 and not executed ? $2",
        id.0,
        stack,
    )
    .execute(connection)
    .await?;
    Ok(())
}

/// Ends a deployment. A repair may later end it once more, otherwise.
#[tracing::instrument(name = "db.deployment.finish", skip_all)]
pub async fn finish(
    connection: &mut Connection,
    id: DeploymentId,
    state: DeploymentState,
    failure: Option<&Failure>,
) -> Result<()> {
    sqlx::query!(
        "update deployment set state = $2, failure = $3, ended_at = now() where id = $1",
        id.0,
        state.as_str(),
        failure.map(write).transpose()?,
    )
    .execute(connection)
    .await?;
    Ok(())
}

/// What a list of deployments is narrowed to; `None` narrows nothing.
#[derive(Clone, Copy, Debug, Default)]
pub struct DeploymentQuery<'a> {
    /// Teams that may be seen.
    pub teams: Option<&'a [TeamName]>,
    /// Team.
    pub team: Option<&'a TeamName>,
    /// Service name.
    pub service: Option<&'a ServiceName>,
    /// Stage.
    pub stage: Option<Stage>,
    /// State.
    pub state: Option<DeploymentState>,
    /// Requester.
    pub person: Option<&'a Subject>,
    /// Only deployments with a lower number: the last of the page before.
    pub before: Option<i64>,
    /// At most so many.
    pub limit: u32,
}

/// A deployment in a list.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct DeploymentListed {
    /// The deployment.
    pub deployment: Deployment,
    /// Its change.
    pub change_number: ChangeNumber,
    /// What the change is for.
    pub kind: ChangeKind,
    /// Team.
    pub team: TeamName,
    /// Service.
    pub service: ServiceName,
    /// Stage.
    pub stage: Stage,
    /// What it brings the environment to; none for a decommission.
    pub release_number: Option<ReleaseNumber>,
    /// Who asked.
    pub requester: Subject,
    /// What to call them.
    pub requester_name: String,
    /// The resource that failed first, if one did.
    pub failed_resource: Option<String>,
}

/// Deployments, newest first.
#[tracing::instrument(name = "db.deployment.list", skip_all)]
pub async fn list(
    connection: &mut Connection,
    query: DeploymentQuery<'_>,
) -> Result<Vec<DeploymentListed>> {
    let numbers = match (query.teams, query.team) {
        (None, None) => page_of_all(connection, query).await?,
        (None, Some(team)) => page_of_teams(connection, std::slice::from_ref(team), query).await?,
        (Some(seen), None) => page_of_teams(connection, seen, query).await?,
        (Some(seen), Some(team)) if seen.contains(team) => {
            page_of_teams(connection, std::slice::from_ref(team), query).await?
        }
        (Some(_), Some(_)) => Vec::new(),
    };
    let rows = sqlx::query!(
        r#"select deployment.id, deployment.change, deployment.plan, deployment.environment,
             deployment.number, deployment.state, executed, failure, approved_by,
             approver.name as "approver_name?", deployment.created_at, started_at, ended_at,
             change.number as change_number, change.kind, deployment.team, deployment.service,
             deployment.stage, release.number as "release_number?", deployment.requester,
             requester.name as requester_name, failed.logical_id as "failed_resource?"
           from deployment
           join change on change.id = deployment.change
           left join person as approver on approver.subject = deployment.approved_by
           join person as requester on requester.subject = deployment.requester
           left join release on release.id = change.release
           left join lateral (
             select logical_id from stack_event
             where stack_event.deployment = deployment.id and stack_event.status like '%\_FAILED'
               -- the stack's own event names the stack
               and not exists (
                 select from environment_stack
                 where environment_stack.environment = deployment.environment
                   and environment_stack.name = stack_event.stack
                   and environment_stack.stack_name = stack_event.logical_id)
             order by position limit 1
           ) as failed on deployment.state = 'failed'
           where deployment.number = any($1)
           order by deployment.number desc"#,
        &numbers
    )
    .fetch_all(connection)
    .await?;
    rows.into_iter()
        .map(|row| {
            let place = Place {
                table: "deployment",
                row: row.id,
            };
            let change = Place {
                table: "change",
                row: row.change,
            };
            Ok(DeploymentListed {
                change_number: ChangeNumber(row.change_number),
                kind: change.parse("kind", &row.kind)?,
                team: place.parse("team", &row.team)?,
                service: place.parse("service", &row.service)?,
                stage: place.parse("stage", &row.stage)?,
                release_number: row.release_number.map(ReleaseNumber),
                requester: place.parse("requester", &row.requester)?,
                requester_name: row.requester_name,
                failed_resource: row.failed_resource,
                deployment: Deployment::try_from(Row {
                    id: row.id,
                    change: row.change,
                    plan: row.plan,
                    environment: row.environment,
                    number: row.number,
                    state: row.state,
                    executed: row.executed,
                    failure: row.failure,
                    approved_by: row.approved_by,
                    approver_name: row.approver_name,
                    created_at: row.created_at,
                    started_at: row.started_at,
                    ended_at: row.ended_at,
                })?,
            })
        })
        .collect()
}

async fn page_of_all(connection: &mut Connection, query: DeploymentQuery<'_>) -> Result<Vec<i64>> {
    let numbers = sqlx::query_scalar!(
        "select number from deployment
         where ($1::text is null or service = $1) and ($2::text is null or stage = $2)
           and ($3::text is null or state = $3) and ($4::text is null or requester = $4)
           and ($5::bigint is null or number < $5)
         order by number desc limit $6",
        query.service.map(ServiceName::as_str),
        query.stage.map(Stage::as_str),
        query.state.map(DeploymentState::as_str),
        query.person.map(Subject::as_str),
        query.before,
        i64::from(query.limit),
    )
    .fetch_all(connection)
    .await?;
    Ok(numbers)
}

/// Takes a page of each team first: an index that starts with the team gives each in order, and
/// none gives several in order.
async fn page_of_teams(
    connection: &mut Connection,
    teams: &[TeamName],
    query: DeploymentQuery<'_>,
) -> Result<Vec<i64>> {
    let numbers = sqlx::query_scalar!(
        r#"select page.number as "number!"
           from (select distinct team from unnest($7::text[]) as seen (team)) as seen
           cross join lateral (
             select number from deployment
             where deployment.team = seen.team
               and ($1::text is null or service = $1) and ($2::text is null or stage = $2)
               and ($3::text is null or state = $3) and ($4::text is null or requester = $4)
               and ($5::bigint is null or number < $5)
             order by number desc limit $6
           ) as page
           order by page.number desc limit $6"#,
        query.service.map(ServiceName::as_str),
        query.stage.map(Stage::as_str),
        query.state.map(DeploymentState::as_str),
        query.person.map(Subject::as_str),
        query.before,
        i64::from(query.limit),
        &texts(teams),
    )
    .fetch_all(connection)
    .await?;
    Ok(numbers)
}

/// Everyone who asked for a deployment of the given teams (`None`: of all), by name.
#[tracing::instrument(name = "db.deployment.people", skip_all)]
pub async fn people(
    connection: &mut Connection,
    teams: Option<&[TeamName]>,
) -> Result<Vec<(Subject, String)>> {
    let teams = teams.map(texts);
    let rows = sqlx::query!(
        "select subject, name from person
         where exists (
           select from deployment where requester = person.subject
             and ($1::text[] is null or team = any($1)))
         order by name, subject",
        teams.as_deref(),
    )
    .fetch_all(connection)
    .await?;
    rows.into_iter()
        .map(|row| {
            let place = Place {
                table: "person",
                row: &row.subject,
            };
            Ok((place.parse("subject", &row.subject)?, row.name))
        })
        .collect()
}

#[cfg(test)]
mod tests {
    use super::super::fixture::{self, name};
    use super::super::stack_event;
    use super::*;
    use domain::change::FailureKind;
    use domain::stack::StackEvent;
    use sqlx::PgPool;

    /// Closes the environment's change and queues the deployment of another.
    async fn queue(
        connection: &mut Connection,
        environment: EnvironmentId,
        place: (&str, Stage),
    ) -> DeploymentId {
        let ada = fixture::person(connection, "ada").await;
        let bob = fixture::person(connection, "bob").await;
        let (change, _) =
            fixture::change(connection, environment, place, &ada, &fixture::withdrawn())
                .await
                .unwrap();
        let (plan, _) = fixture::kept_plan(connection, change, "a: 1").await;
        let id = DeploymentId(Uuid::now_v7());
        insert(connection, id, change, plan, Some(&bob))
            .await
            .unwrap();
        id
    }

    #[sqlx::test(migrations = "../migrations")]
    async fn one_runs_in_an_environment(pool: PgPool) {
        let mut connection = pool.acquire().await.unwrap();
        let place = ("payments", Stage::Dev);
        let service = fixture::service(&mut connection, place.0, "checkout").await;
        let environment = fixture::environment(&mut connection, service, place.1).await;
        let first = queue(&mut connection, environment, place).await;
        let second = queue(&mut connection, environment, place).await;

        assert!(start(&mut connection, first).await.unwrap());
        assert!(start(&mut connection, first).await.unwrap());
        let refused = start(&mut connection, second).await.unwrap_err();
        assert!(refused.is_conflict_over("deployment_one_running"));

        for stack in ["main", "edge", "main"] {
            mark_executed(&mut connection, first, stack).await.unwrap();
        }
        let failure = Failure {
            kind: FailureKind::RolledBack,
            message: "Table could not be created".into(),
            aws_code: None,
            aws_request_id: Some("q-1".into()),
        };
        finish(
            &mut connection,
            first,
            DeploymentState::Failed,
            Some(&failure),
        )
        .await
        .unwrap();
        let read = get(&mut connection, first).await.unwrap().unwrap();
        assert_eq!(
            (read.state, read.failure.as_ref()),
            (DeploymentState::Failed, Some(&failure))
        );
        assert_eq!(read.executed, ["main", "edge"]);
        assert!(read.started_at.is_some() && read.ended_at.is_some());
        assert_eq!(
            read.approved_by,
            Some((fixture::name("bob"), "bob the Tester".to_owned()))
        );
        assert_eq!(
            latest_of(&mut connection, read.change).await.unwrap(),
            Some(read)
        );
        assert!(!start(&mut connection, first).await.unwrap());
        assert!(start(&mut connection, second).await.unwrap());
        finish(&mut connection, second, DeploymentState::Succeeded, None)
            .await
            .unwrap();
    }

    #[sqlx::test(migrations = "../migrations")]
    async fn pages_have_neither_gaps_nor_repeats_while_deployments_are_added(pool: PgPool) {
        let mut connection = pool.acquire().await.unwrap();
        let mut places = Vec::new();
        for team in ["payments", "search", "web"] {
            let service = fixture::service(&mut connection, team, "checkout").await;
            for stage in [Stage::Dev, Stage::Prod] {
                let environment = fixture::environment(&mut connection, service, stage).await;
                places.push((environment, (team, stage)));
            }
        }
        for _ in 0..5 {
            for (environment, place) in &places {
                queue(&mut connection, *environment, *place).await;
            }
        }
        let (payments, web) = (name("payments"), name("web"));
        let both = [payments, web];
        let ada = name("ada");
        let bob = name("bob");
        let checkout = name("checkout");
        let all = DeploymentQuery {
            limit: 4,
            ..DeploymentQuery::default()
        };
        let cases = [
            (all, 30),
            (
                DeploymentQuery {
                    teams: Some(&both),
                    ..all
                },
                20,
            ),
            (
                DeploymentQuery {
                    teams: Some(&both),
                    team: Some(&both[1]),
                    stage: Some(Stage::Prod),
                    ..all
                },
                5,
            ),
            (
                DeploymentQuery {
                    teams: Some(&both[..1]),
                    team: Some(&both[1]),
                    ..all
                },
                0,
            ),
            (
                DeploymentQuery {
                    teams: Some(&[]),
                    ..all
                },
                0,
            ),
            (
                DeploymentQuery {
                    stage: Some(Stage::Dev),
                    person: Some(&ada),
                    service: Some(&checkout),
                    ..all
                },
                15,
            ),
            (
                DeploymentQuery {
                    state: Some(DeploymentState::Queued),
                    ..all
                },
                30,
            ),
            (
                DeploymentQuery {
                    state: Some(DeploymentState::Running),
                    ..all
                },
                0,
            ),
            (
                DeploymentQuery {
                    person: Some(&bob),
                    ..all
                },
                0,
            ),
        ];
        let mut added = 0;
        for (query, expected) in cases {
            let newest: i64 = sqlx::query_scalar("select max(number) from deployment")
                .fetch_one(&mut *connection)
                .await
                .unwrap();
            let mut seen: Vec<i64> = Vec::new();
            loop {
                let page = list(
                    &mut connection,
                    DeploymentQuery {
                        before: seen.last().copied(),
                        ..query
                    },
                )
                .await
                .unwrap();
                if page.is_empty() {
                    break;
                }
                seen.extend(page.iter().map(|each| each.deployment.number));
                let (environment, place) = places[added % places.len()];
                queue(&mut connection, environment, place).await;
                added += 1;
            }
            assert!(seen.windows(2).all(|pair| pair[0] > pair[1]), "{seen:?}");
            assert!(seen.iter().all(|number| *number <= newest));
            let first_ones = seen.iter().filter(|number| **number <= 30).count();
            assert_eq!(first_ones, expected, "{query:?}");
        }
        let people_of_both = people(&mut connection, Some(&both)).await.unwrap();
        assert_eq!(people_of_both, [(ada, "ada the Tester".into())]);
        assert_eq!(people(&mut connection, Some(&[])).await.unwrap(), []);
    }

    #[sqlx::test(migrations = "../migrations")]
    async fn events_are_kept_once_in_order_and_the_first_failure_is_named(pool: PgPool) {
        let mut connection = pool.acquire().await.unwrap();
        let place = ("payments", Stage::Dev);
        let service = fixture::service(&mut connection, place.0, "checkout").await;
        let environment = fixture::environment(&mut connection, service, place.1).await;
        let id = queue(&mut connection, environment, place).await;
        let stack = super::super::environment::EnvironmentStack {
            name: "main".into(),
            position: 0,
            region: name("eu-west-1"),
            stack_name: name("payments-checkout-dev"),
            stack_id: None,
            outputs: Default::default(),
        };
        super::super::environment::save_stack(&mut connection, environment, &stack)
            .await
            .unwrap();
        let event = |number: u32, logical_id: &str, status: &str| StackEvent {
            event_id: format!("e{number}"),
            at: fixture::moment(),
            logical_id: logical_id.into(),
            physical_id: (number > 2).then(|| "t-1".into()),
            resource_type: "AWS::DynamoDB::GlobalTable".into(),
            status: status.into(),
            reason: (number == 3).then(|| "limit exceeded".into()),
            token: Some("token".into()),
        };
        let events = [
            event(1, "payments-checkout-dev", "CREATE_FAILED"),
            event(9, "Table", "CREATE_IN_PROGRESS"),
            event(3, "Table", "CREATE_FAILED"),
            event(2, "Role", "CREATE_FAILED"),
        ];
        assert_eq!(
            stack_event::last_seen(&mut connection, id, "main")
                .await
                .unwrap(),
            None
        );
        assert_eq!(
            stack_event::append(&mut connection, id, "main", &events[..2])
                .await
                .unwrap(),
            2
        );
        assert_eq!(
            stack_event::append(&mut connection, id, "main", &events)
                .await
                .unwrap(),
            2
        );
        assert_eq!(
            stack_event::append(&mut connection, id, "edge", &events[..1])
                .await
                .unwrap(),
            1
        );
        assert_eq!(
            stack_event::append(&mut connection, id, "edge", &[])
                .await
                .unwrap(),
            0
        );
        assert_eq!(
            stack_event::last_seen(&mut connection, id, "main")
                .await
                .unwrap()
                .as_deref(),
            Some("e2")
        );
        let kept = stack_event::of_deployment(&mut connection, id)
            .await
            .unwrap();
        let of_main: Vec<_> = kept
            .into_iter()
            .filter(|(stack, _)| stack == "main")
            .map(|(_, event)| event)
            .collect();
        assert_eq!(of_main, events);

        start(&mut connection, id).await.unwrap();
        finish(&mut connection, id, DeploymentState::Failed, None)
            .await
            .unwrap();
        let listed = list(
            &mut connection,
            DeploymentQuery {
                limit: 1,
                ..Default::default()
            },
        )
        .await
        .unwrap();
        assert_eq!(listed[0].failed_resource.as_deref(), Some("Table"));
        assert_eq!(
            (listed[0].kind, listed[0].release_number),
            (ChangeKind::Decommission, None)
        );
    }
}
