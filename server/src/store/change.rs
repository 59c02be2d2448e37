//! Changes.
use super::decision::words;
use super::row::{Place, write};
use super::{Connection, Result, StoreError};
use chrono::{DateTime, Utc};
use domain::access::Verdict;
use domain::change::schedule::Schedule;
use domain::change::{ChangeKind, ChangeState, Group};
use domain::names::{
    AccountId, BlueprintName, ChangeId, ChangeNumber, EnvironmentId, Region, ReleaseId,
    ReleaseNumber, ServiceId, ServiceName, Subject, TeamName,
};
use domain::stage::Stage;
use serde_json::Value;
use std::collections::BTreeSet;
use uuid::Uuid;

/// A change to be kept.
#[derive(Clone, Debug)]
pub struct NewChange<'a> {
    /// Its id.
    pub id: ChangeId,
    /// What it changes.
    pub environment: EnvironmentId,
    /// What for.
    pub kind: ChangeKind,
    /// What it brings the environment to; none for a decommission.
    pub release: Option<ReleaseId>,
    /// The requester's words.
    pub reason: &'a str,
    /// Who asks.
    pub requester: &'a Subject,
    /// Where it stands.
    pub state: &'a ChangeState,
    /// The service's team.
    pub team: &'a TeamName,
    /// The environment's stage.
    pub stage: Stage,
    /// When it is deployed at the earliest, where that is set.
    pub schedule: Option<Schedule>,
}

/// A change, with what pages and jobs need to know of its surroundings.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Change {
    /// Its id.
    pub id: ChangeId,
    /// The number people know it by.
    pub number: ChangeNumber,
    /// What it changes.
    pub environment: EnvironmentId,
    /// The environment's service.
    pub service: ServiceId,
    /// The service's team.
    pub team: TeamName,
    /// The service's name.
    pub service_name: ServiceName,
    /// The environment's stage.
    pub stage: Stage,
    /// The environment's account.
    pub account: AccountId,
    /// The environment's home region.
    pub region: Region,
    /// Whether a release runs in the environment.
    pub is_live: bool,
    /// The service's blueprint.
    pub blueprint: BlueprintName,
    /// What for.
    pub kind: ChangeKind,
    /// What it brings the environment to; none for a decommission.
    pub release: Option<ReleaseId>,
    /// That release's number.
    pub release_number: Option<ReleaseNumber>,
    /// The requester's words.
    pub reason: String,
    /// Who asked.
    pub requester: Subject,
    /// What to call them.
    pub requester_name: String,
    /// When it is deployed at the earliest, where that is set.
    pub schedule: Option<Schedule>,
    /// Where it stands.
    pub state: ChangeState,
    /// The groups of which an approval is missing, as last counted.
    pub waits_for: BTreeSet<Group>,
    /// What its latest plan does to access.
    pub access: Option<Verdict>,
    /// When it was asked for.
    pub created_at: DateTime<Utc>,
    /// When its state last changed.
    pub changed_at: DateTime<Utc>,
}

struct Row {
    id: Uuid,
    number: i64,
    environment: Uuid,
    service: Uuid,
    team: String,
    service_name: String,
    stage: String,
    account: String,
    region: String,
    is_live: bool,
    blueprint: String,
    kind: String,
    release: Option<Uuid>,
    release_number: Option<i32>,
    reason: String,
    requester: String,
    requester_name: String,
    deploy_at: Option<DateTime<Utc>>,
    deploy_zone: Option<String>,
    waits_for: Vec<String>,
    state: Value,
    access: Option<String>,
    created_at: DateTime<Utc>,
    changed_at: DateTime<Utc>,
}

impl TryFrom<Row> for Change {
    type Error = StoreError;

    fn try_from(row: Row) -> Result<Self> {
        let place = Place {
            table: "change",
            row: row.id,
        };
        let environment = Place {
            table: "environment",
            row: row.environment,
        };
        let service = Place {
            table: "service",
            row: row.service,
        };
        Ok(Change {
            id: ChangeId(row.id),
            number: ChangeNumber(row.number),
            environment: EnvironmentId(row.environment),
            service: ServiceId(row.service),
            team: place.parse("team", &row.team)?,
            service_name: service.parse("name", &row.service_name)?,
            stage: place.parse("stage", &row.stage)?,
            account: environment.parse("account", &row.account)?,
            region: environment.parse("region", &row.region)?,
            is_live: row.is_live,
            blueprint: service.parse("blueprint", &row.blueprint)?,
            kind: place.parse("kind", &row.kind)?,
            release: row.release.map(ReleaseId),
            release_number: row.release_number.map(ReleaseNumber),
            reason: row.reason,
            requester: place.parse("requester", &row.requester)?,
            requester_name: row.requester_name,
            schedule: schedule(&place, row.deploy_at, row.deploy_zone)?,
            waits_for: place.read("waits_for", serde_json::json!(row.waits_for))?,
            state: place.read("state", row.state)?,
            access: row
                .access
                .map(|verdict| place.read("access_verdict", Value::String(verdict)))
                .transpose()?,
            created_at: row.created_at,
            changed_at: row.changed_at,
        })
    }
}

fn schedule(
    place: &Place<Uuid>,
    at: Option<DateTime<Utc>>,
    zone: Option<String>,
) -> Result<Option<Schedule>> {
    let Some((at, zone)) = at.zip(zone) else {
        return Ok(None);
    };
    let zone = place.parse("deploy_zone", &zone)?;
    Ok(Some(Schedule { at, zone }))
}

/// Changes, with the rest of the query given.
macro_rules! select {
    ($rest:tt, $($argument:expr),*) => {
        sqlx::query_as!(
            Row,
            r#"select change.id, change.number, change.environment, environment.service,
                 change.team, service.name as service_name, change.stage, environment.account,
                 environment.region, environment.state = 'live' as "is_live!",
                 service.blueprint, change.kind, change.release,
                 release.number as "release_number?", change.reason, change.requester,
                 person.name as requester_name, change.deploy_at, change.deploy_zone, change.waits_for, change.state,
                 change.created_at, change.changed_at,
                 (select plan.access_verdict from plan where plan.change = change.id
                  order by plan.created_at desc, plan.id desc limit 1) as "access?"
               from change
               join environment on environment.id = change.environment
               join service on service.id = environment.service
               join person on person.subject = change.requester
               left join release on release.id = change.release "#
                + $rest,
            $($argument),*
        )
    };
}

fn one(row: Option<Row>) -> Result<Option<Change>> {
    row.map(Change::try_from).transpose()
}

fn many(rows: Vec<Row>) -> Result<Vec<Change>> {
    rows.into_iter().map(Change::try_from).collect()
}

/// Adds a change.
///
/// # Errors
/// [`StoreError::Conflict`] over `change_one_open` when the environment has an open change.
#[tracing::instrument(name = "db.change.insert", skip_all)]
pub async fn insert(connection: &mut Connection, new: NewChange<'_>) -> Result<ChangeNumber> {
    let number = sqlx::query_scalar!(
        "insert into change
           (id, environment, kind, release, reason, requester, state, open, team, stage,
            deploy_at, deploy_zone)
         values ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12) returning number",
        new.id.0,
        new.environment.0,
        new.kind.as_str(),
        new.release.map(|release| release.0),
        new.reason,
        new.requester.as_str(),
        write(new.state)?,
        !new.state.is_over(),
        new.team.as_str(),
        new.stage.as_str(),
        new.schedule.map(|schedule| schedule.at),
        new.schedule.map(|schedule| schedule.zone.name()),
    )
    .fetch_one(connection)
    .await?;
    Ok(ChangeNumber(number))
}

/// The change people know by this number.
#[tracing::instrument(name = "db.change.by_number", skip_all)]
pub async fn by_number(
    connection: &mut Connection,
    number: ChangeNumber,
) -> Result<Option<Change>> {
    one(select!("where change.number = $1", number.0)
        .fetch_optional(connection)
        .await?)
}

/// The change with this id.
#[tracing::instrument(name = "db.change.by_id", skip_all)]
pub async fn by_id(connection: &mut Connection, id: ChangeId) -> Result<Option<Change>> {
    one(select!("where change.id = $1", id.0)
        .fetch_optional(connection)
        .await?)
}

/// The change, kept from others who lock or change it until the transaction ends.
#[tracing::instrument(name = "db.change.lock", skip_all)]
pub async fn lock(connection: &mut Connection, id: ChangeId) -> Result<Option<Change>> {
    one(select!("where change.id = $1 for update of change", id.0)
        .fetch_optional(connection)
        .await?)
}

/// The changes with these numbers, newest first.
#[tracing::instrument(name = "db.change.by_numbers", skip_all)]
pub async fn by_numbers(
    connection: &mut Connection,
    numbers: &[ChangeNumber],
) -> Result<Vec<Change>> {
    let numbers: Vec<i64> = numbers.iter().map(|number| number.0).collect();
    many(
        select!(
            "where change.number = any($1) order by change.number desc",
            &numbers
        )
        .fetch_all(connection)
        .await?,
    )
}

/// Sets the state, and with it whether the change is open.
///
/// # Errors
/// [`StoreError::Conflict`] over `change_one_open` when it would open again beside another.
#[tracing::instrument(name = "db.change.save_state", skip_all)]
pub async fn save_state(
    connection: &mut Connection,
    id: ChangeId,
    state: &ChangeState,
) -> Result<()> {
    sqlx::query!(
        "update change set state = $2, open = $3, changed_at = now() where id = $1",
        id.0,
        write(state)?,
        !state.is_over(),
    )
    .execute(connection)
    .await?;
    Ok(())
}

/// The open change of an environment.
#[tracing::instrument(name = "db.change.open_of", skip_all)]
pub async fn open_of(
    connection: &mut Connection,
    environment: EnvironmentId,
) -> Result<Option<Change>> {
    one(select!(
        "where change.environment = $1 and change.open",
        environment.0
    )
    .fetch_optional(connection)
    .await?)
}

/// The open changes of several environments.
#[tracing::instrument(name = "db.change.open_of_all", skip_all)]
pub async fn open_of_all(
    connection: &mut Connection,
    environments: &[EnvironmentId],
) -> Result<Vec<Change>> {
    let ids: Vec<Uuid> = environments.iter().map(|id| id.0).collect();
    many(
        select!("where change.environment = any($1) and change.open", &ids)
            .fetch_all(connection)
            .await?,
    )
}

/// The latest changes of an environment, newest first.
#[tracing::instrument(name = "db.change.of_environment", skip_all)]
pub async fn of_environment(
    connection: &mut Connection,
    environment: EnvironmentId,
    limit: u32,
) -> Result<Vec<Change>> {
    many(
        select!(
            "where change.environment = $1 order by change.number desc limit $2",
            environment.0,
            i64::from(limit)
        )
        .fetch_all(connection)
        .await?,
    )
}

/// The latest changes somebody asked for that are open, or that are not; newest first.
#[tracing::instrument(name = "db.change.asked_by", skip_all)]
pub async fn asked_by(
    connection: &mut Connection,
    requester: &Subject,
    open: bool,
    limit: u32,
) -> Result<Vec<Change>> {
    many(
        select!(
            "where change.requester = $1 and change.open = $2
             order by change.number desc limit $3",
            requester.as_str(),
            open,
            i64::from(limit)
        )
        .fetch_all(connection)
        .await?,
    )
}

/// Notes of which groups an approval is still missing.
#[tracing::instrument(name = "db.change.set_waits_for", skip_all)]
pub async fn set_waits_for(
    connection: &mut Connection,
    id: ChangeId,
    groups: &BTreeSet<Group>,
) -> Result<()> {
    sqlx::query!(
        "update change set waits_for = $2 where id = $1 and waits_for <> $2",
        id.0,
        &words(groups),
    )
    .execute(connection)
    .await?;
    Ok(())
}

/// Changes that wait for approval, oldest first, after the last number of the page before.
#[tracing::instrument(name = "db.change.waiting", skip_all)]
pub async fn waiting(
    connection: &mut Connection,
    after: Option<ChangeNumber>,
    limit: u32,
) -> Result<Vec<Change>> {
    many(
        select!(
            "where change.state_name = 'waiting' and change.number > $1
             order by change.number limit $2",
            after.map_or(0, |number| number.0),
            i64::from(limit)
        )
        .fetch_all(connection)
        .await?,
    )
}

/// For whom changes are looked for: what somebody decides on.
#[derive(Clone, Debug)]
pub struct Reviewer<'a> {
    /// Who: what they asked for themselves, and what they have approved already, is left out.
    pub subject: &'a Subject,
    /// The team and stage pairs that they approve for.
    pub approves: Vec<(TeamName, Stage)>,
    /// Whether they are of platform.
    pub platform: bool,
    /// Whether they are of security.
    pub security: bool,
}

/// What changes are narrowed to; `None` narrows nothing.
#[derive(Clone, Copy, Debug, Default)]
pub struct Narrowed<'a> {
    /// Team.
    pub team: Option<&'a TeamName>,
    /// Stage.
    pub stage: Option<Stage>,
}

/// Changes that wait for an approval that this person could give, oldest first, after the last number of the page
/// before.
#[tracing::instrument(name = "db.change.waiting_for", skip_all)]
pub async fn waiting_for(
    connection: &mut Connection,
    reviewer: &Reviewer<'_>,
    narrowed: Narrowed<'_>,
    after: Option<ChangeNumber>,
    limit: u32,
) -> Result<Vec<Change>> {
    let (teams, stages) = columns(&reviewer.approves);
    many(
        select!(
            "where change.id in (
               select waiting.id from (
                 (select waiting.id, waiting.number
                  from unnest($1::text[], $2::text[]) as pair (team, stage)
                  cross join lateral (
                    select change.id, change.number from change
                    where change.state_name = 'waiting' and change.waits_for @> '{approver}'
                      and change.team = pair.team and change.stage = pair.stage
                      and change.requester <> $3 and change.number > $4
                      and not exists (
                        select from decision where decision.change = change.id
                          and decided_by = $3 and decision = 'approve' and voided_at is null)
                    order by change.number limit $5
                  ) as waiting
                  where ($8::text is null or pair.team = $8) and ($9::text is null or pair.stage = $9)
                  order by waiting.number limit $5)
                 union
                 (select change.id, change.number from change
                  where $6 and change.state_name = 'waiting' and change.waits_for @> '{platform}'
                    and ($8::text is null or change.team = $8) and ($9::text is null or change.stage = $9)
                    and change.requester <> $3 and change.number > $4
                    and not exists (
                      select from decision where decision.change = change.id
                        and decided_by = $3 and decision = 'approve' and voided_at is null)
                  order by change.number limit $5)
                 union
                 (select change.id, change.number from change
                  where $7 and change.state_name = 'waiting' and change.waits_for @> '{security}'
                    and ($8::text is null or change.team = $8) and ($9::text is null or change.stage = $9)
                    and change.requester <> $3 and change.number > $4
                    and not exists (
                      select from decision where decision.change = change.id
                        and decided_by = $3 and decision = 'approve' and voided_at is null)
                  order by change.number limit $5)
               ) as waiting
               order by waiting.number limit $5
             )
             order by change.number",
            &teams,
            &stages,
            reviewer.subject.as_str(),
            after.map_or(0, |number| number.0),
            i64::from(limit),
            reviewer.platform,
            reviewer.security,
            narrowed.team.map(TeamName::as_str),
            narrowed.stage.map(Stage::as_str)
        )
        .fetch_all(connection)
        .await?,
    )
}

/// How many changes [`waiting_for`] gives in all.
#[tracing::instrument(name = "db.change.count_waiting_for", skip_all)]
pub async fn count_waiting_for(
    connection: &mut Connection,
    reviewer: &Reviewer<'_>,
) -> Result<u32> {
    let (teams, stages) = columns(&reviewer.approves);
    let count = sqlx::query_scalar!(
        r#"select count(*)::int as "count!" from (
             select change.id from unnest($1::text[], $2::text[]) as pair (team, stage)
             join change on change.state_name = 'waiting' and change.waits_for @> '{approver}'
               and change.team = pair.team and change.stage = pair.stage
             union
             select change.id from change
             where $4 and change.state_name = 'waiting' and change.waits_for @> '{platform}'
             union
             select change.id from change
             where $5 and change.state_name = 'waiting' and change.waits_for @> '{security}'
           ) as waiting
           join change using (id)
           where change.requester <> $3 and not exists (
             select from decision where decision.change = change.id
               and decided_by = $3 and decision = 'approve' and voided_at is null)"#,
        &teams,
        &stages,
        reviewer.subject.as_str(),
        reviewer.platform,
        reviewer.security,
    )
    .fetch_one(connection)
    .await?;
    Ok(count.unsigned_abs())
}

/// Each pair once, as two arrays.
fn columns(pairs: &[(TeamName, Stage)]) -> (Vec<String>, Vec<String>) {
    let distinct: BTreeSet<_> = pairs.iter().collect();
    distinct
        .into_iter()
        .map(|(team, stage)| (team.to_string(), stage.to_string()))
        .unzip()
}

#[cfg(test)]
mod tests {
    use super::super::decision::{self, NewDecision};
    use super::super::{Store, fixture, fixture::name, plan};
    use super::*;
    use domain::change::{Decision, Failure, FailureKind, Outcome, Stuck};
    use domain::names::{DeploymentId, PlanId};
    use sqlx::PgPool;

    #[sqlx::test(migrations = "../migrations")]
    async fn a_change_has_the_verdict_of_its_latest_plan(pool: PgPool) {
        let mut connection = pool.acquire().await.unwrap();
        let (_, id) = fixture::one_change(&mut connection).await;
        let verdict = async |connection: &mut Connection| {
            by_id(connection, id).await.unwrap().unwrap().access
        };
        assert_eq!(verdict(&mut connection).await, None);
        let mut plan = fixture::plan("Resources: {}\n");
        plan::insert(&mut connection, id, &plan).await.unwrap();
        assert_eq!(verdict(&mut connection).await, Some(Verdict::Widened));
        plan.id = PlanId(Uuid::now_v7());
        plan.reviewed.access.verdict = Verdict::Undecided;
        plan::insert(&mut connection, id, &plan).await.unwrap();
        assert_eq!(verdict(&mut connection).await, Some(Verdict::Undecided));
    }

    #[sqlx::test(migrations = "../migrations")]
    async fn every_state_comes_back_as_it_was_and_one_change_is_open(pool: PgPool) {
        let mut connection = pool.acquire().await.unwrap();
        let (environment, first) = fixture::one_change(&mut connection).await;
        let ada = name("ada");
        let place = ("payments", Stage::Dev);
        let second = fixture::change(
            &mut connection,
            environment,
            place,
            &ada,
            &fixture::waiting(),
        )
        .await;
        assert!(second.unwrap_err().is_conflict_over("change_one_open"));

        let plan = PlanId(Uuid::now_v7());
        let deployment = DeploymentId(Uuid::now_v7());
        let failure = Failure {
            kind: FailureKind::RolledBack,
            message: "Writer: “iam:CreateRole” was refused".into(),
            aws_code: Some("AccessDenied".into()),
            aws_request_id: None,
        };
        let stuck = Stuck::RollbackFailed {
            resources: vec!["Writer".into()],
        };
        let states = [
            ChangeState::Planning {
                plan,
                again_because: Some("the stack changed".into()),
            },
            ChangeState::PlanFailed {
                failure: failure.clone(),
                stuck: None,
            },
            fixture::waiting(),
            ChangeState::Approved { plan, deployment },
            ChangeState::Deploying {
                plan,
                deployment,
                stopping: true,
            },
            ChangeState::Failed {
                failure,
                stuck: Some(stuck),
                deployment,
            },
            ChangeState::Succeeded {
                outcome: Outcome::Deployed,
            },
        ];
        for state in states {
            save_state(&mut connection, first, &state).await.unwrap();
            let read = by_id(&mut connection, first).await.unwrap().unwrap();
            assert_eq!(read.state, state);
            let open = open_of(&mut connection, environment).await.unwrap();
            assert_eq!(open.is_some(), !state.is_over());
            assert_eq!(
                asked_by(&mut connection, &ada, !state.is_over(), 5)
                    .await
                    .unwrap(),
                std::slice::from_ref(&read)
            );
            assert_eq!(
                asked_by(&mut connection, &ada, state.is_over(), 5)
                    .await
                    .unwrap(),
                []
            );
            assert_eq!(
                by_number(&mut connection, read.number).await.unwrap(),
                Some(read)
            );
        }
        let (second, _) = fixture::change(
            &mut connection,
            environment,
            place,
            &ada,
            &fixture::waiting(),
        )
        .await
        .unwrap();
        let reopened = save_state(&mut connection, first, &fixture::waiting()).await;
        assert!(reopened.unwrap_err().is_conflict_over("change_one_open"));
        let all = of_environment(&mut connection, environment, 5)
            .await
            .unwrap();
        assert_eq!(
            all.iter().map(|change| change.id).collect::<Vec<_>>(),
            [second, first]
        );
        assert_eq!(all[0].requester_name, "ada the Tester");
        assert_eq!(
            by_number(&mut connection, ChangeNumber(99)).await.unwrap(),
            None
        );
    }

    #[sqlx::test(migrations = "../migrations")]
    async fn a_lock_keeps_others_waiting(pool: PgPool) {
        let store = Store::from(pool);
        let mut transaction = store.begin().await.unwrap();
        let (_, id) = fixture::one_change(&mut transaction).await;
        transaction.commit().await.unwrap();

        let mut first = store.begin().await.unwrap();
        assert!(lock(&mut first, id).await.unwrap().is_some());
        let mut second = store.begin().await.unwrap();
        sqlx::raw_sql("set local lock_timeout = '50ms'")
            .execute(&mut *second)
            .await
            .unwrap();
        let refused = lock(&mut second, id).await.unwrap_err();
        assert!(refused.is_transient(), "{refused}");
    }

    #[sqlx::test(migrations = "../migrations")]
    async fn a_row_nobody_wrote_is_named(pool: PgPool) {
        let mut connection = pool.acquire().await.unwrap();
        let (_, id) = fixture::one_change(&mut connection).await;
        sqlx::raw_sql("update change set state = '{\"name\": \"lost\"}'")
            .execute(&mut *connection)
            .await
            .unwrap();
        match by_id(&mut connection, id).await {
            Err(StoreError::Inconsistent {
                table, column, row, ..
            }) => {
                assert_eq!((table, column, row), ("change", "state", id.to_string()));
            }
            other => panic!("{other:?}"),
        }
    }

    #[sqlx::test(migrations = "../migrations")]
    async fn what_waits_is_paged_oldest_first(pool: PgPool) {
        let mut connection = pool.acquire().await.unwrap();
        let ada = fixture::person(&mut connection, "ada").await;
        let bob = fixture::person(&mut connection, "bob").await;
        let (mut expected, mut for_platform) = (Vec::new(), Vec::new());
        for number in 0..7 {
            for team in ["payments", "search", "web"] {
                let service = fixture::service(&mut connection, team, &format!("s{number}")).await;
                for stage in [Stage::Dev, Stage::Prod] {
                    let environment = fixture::environment(&mut connection, service, stage).await;
                    let (requester, state) = match number {
                        0 => (&bob, fixture::waiting()),
                        1 => (&ada, fixture::withdrawn()),
                        _ => (&ada, fixture::waiting()),
                    };
                    let (id, asked) = fixture::change(
                        &mut connection,
                        environment,
                        (team, stage),
                        requester,
                        &state,
                    )
                    .await
                    .unwrap();
                    let groups = match (team, stage) {
                        ("search", Stage::Dev) => [Group::Platform].into(),
                        ("payments", Stage::Prod) => [Group::Approver, Group::Platform].into(),
                        _ => [Group::Approver].into(),
                    };
                    set_waits_for(&mut connection, id, &groups).await.unwrap();
                    if number > 1 && (team == "payments" || (team == "web" && stage == Stage::Prod))
                    {
                        expected.push((id, asked));
                    }
                    if number > 1 && groups.contains(&Group::Platform) {
                        for_platform.push(asked);
                    }
                }
            }
        }
        let pairs = [
            (name("web"), Stage::Prod),
            (name("payments"), Stage::Dev),
            (name("payments"), Stage::Prod),
            (name("payments"), Stage::Prod),
        ];
        let mut bob_decides = Reviewer {
            subject: &bob,
            approves: pairs.to_vec(),
            platform: false,
            security: false,
        };
        // What bob has approved no longer waits for him.
        let (approved, _) = expected.remove(3);
        let (plan, digest) = fixture::kept_plan(&mut connection, approved, "a: 1").await;
        let rule_set = fixture::rule_set(&mut connection).await;
        let approval = NewDecision {
            plan,
            digest: &digest,
            decision: Decision::Approve,
            comment: "",
            by: &bob,
            groups: &[Group::Approver].into(),
            rule_set: &rule_set,
        };
        decision::insert(&mut connection, approved, approval)
            .await
            .unwrap();
        let numbers = expected.into_iter().map(|(_, number)| number);
        let mut expected: BTreeSet<_> = numbers.collect();
        assert_eq!(all(&mut connection, &bob_decides).await, expected);
        bob_decides.platform = true;
        let approved = by_id(&mut connection, approved).await.unwrap().unwrap();
        for_platform.retain(|number| *number != approved.number);
        expected.extend(for_platform.iter().copied());
        assert_eq!(all(&mut connection, &bob_decides).await, expected);
        for (team, stage) in [
            (Some("web"), None),
            (Some("payments"), Some(Stage::Dev)),
            (None, Some(Stage::Prod)),
        ] {
            let team = team.map(name::<TeamName>);
            let narrowed = Narrowed {
                team: team.as_ref(),
                stage,
            };
            let page = waiting_for(&mut connection, &bob_decides, narrowed, None, 99).await;
            let page = page.unwrap();
            let fits = |change: &Change| {
                team.as_ref().is_none_or(|team| change.team == *team)
                    && stage.is_none_or(|stage| change.stage == stage)
            };
            let everything =
                waiting_for(&mut connection, &bob_decides, Narrowed::default(), None, 99);
            let mut wanted = everything.await.unwrap();
            wanted.retain(fits);
            assert!(!wanted.is_empty());
            assert_eq!(page, wanted);
        }
        bob_decides.approves.clear();
        assert_eq!(
            all(&mut connection, &bob_decides).await,
            for_platform.into_iter().collect()
        );
    }

    /// Every change that waits for somebody, read in pages, after checking their order and count.
    async fn all(connection: &mut Connection, reviewer: &Reviewer<'_>) -> BTreeSet<ChangeNumber> {
        let count = count_waiting_for(connection, reviewer).await.unwrap();
        let mut seen: Vec<ChangeNumber> = Vec::new();
        loop {
            let last = seen.last().copied();
            let page = waiting_for(connection, reviewer, Narrowed::default(), last, 4)
                .await
                .unwrap();
            if page.is_empty() {
                break;
            }
            seen.extend(page.iter().map(|change| change.number));
        }
        assert!(seen.is_sorted());
        assert_eq!(seen.len(), count as usize);
        seen.into_iter().collect()
    }
}
