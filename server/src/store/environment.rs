//! Environments and their stacks.
use super::row::{Place, write};
use super::{Connection, Result, StoreError};
use chrono::{DateTime, Utc};
use domain::names::{
    AccountId, EnvironmentId, Region, ReleaseId, ReleaseNumber, ServiceId, ServiceName, StackName,
    TeamName,
};
use domain::stage::Stage;
use serde_json::Value;
use std::collections::BTreeMap;
use std::str::FromStr;
use uuid::Uuid;

/// How far an environment is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum EnvironmentState {
    /// Asked for; nothing of it runs yet.
    Asked,
    /// A release runs there.
    Live,
    /// Gone.
    Decommissioned,
}

/// A word that is no state of an environment.
#[derive(Debug, thiserror::Error)]
#[error("“{0}” is not a state of an environment")]
pub struct UnknownEnvironmentState(String);

impl FromStr for EnvironmentState {
    type Err = UnknownEnvironmentState;

    fn from_str(word: &str) -> Result<Self, UnknownEnvironmentState> {
        match word {
            "asked" => Ok(EnvironmentState::Asked),
            "live" => Ok(EnvironmentState::Live),
            "decommissioned" => Ok(EnvironmentState::Decommissioned),
            other => Err(UnknownEnvironmentState(other.to_owned())),
        }
    }
}

/// One service at one stage, in one account.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Environment {
    /// Its id.
    pub id: EnvironmentId,
    /// Its service.
    pub service: ServiceId,
    /// The service's team.
    pub team: TeamName,
    /// The service's name.
    pub service_name: ServiceName,
    /// Its stage.
    pub stage: Stage,
    /// The account it lives in.
    pub account: AccountId,
    /// Its home region.
    pub region: Region,
    /// What runs there, if something does.
    pub release: Option<ReleaseId>,
    /// That release's number.
    pub release_number: Option<ReleaseNumber>,
    /// How far it is.
    pub state: EnvironmentState,
    /// When release or state last changed.
    pub changed_at: DateTime<Utc>,
}

/// A new environment; nothing runs there yet.
#[derive(Clone, Debug)]
pub struct NewEnvironment<'a> {
    /// Its id.
    pub id: EnvironmentId,
    /// Its service.
    pub service: ServiceId,
    /// Its stage.
    pub stage: Stage,
    /// The account it will live in.
    pub account: &'a AccountId,
    /// Its home region.
    pub region: &'a Region,
}

/// One stack of an environment.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct EnvironmentStack {
    /// `main`, or the companion's name.
    pub name: String,
    /// The order in which stacks run.
    pub position: i16,
    /// Its region.
    pub region: Region,
    /// Its name at CloudFormation.
    pub stack_name: StackName,
    /// Its ARN once Gatehouse made it: proof that the stack is ours.
    pub stack_id: Option<String>,
    /// Outputs of the latest success, by key.
    pub outputs: BTreeMap<String, String>,
}

struct Row {
    id: Uuid,
    service: Uuid,
    team: String,
    service_name: String,
    stage: String,
    account: String,
    region: String,
    release: Option<Uuid>,
    release_number: Option<i32>,
    state: String,
    changed_at: DateTime<Utc>,
}

impl TryFrom<Row> for Environment {
    type Error = StoreError;

    fn try_from(row: Row) -> Result<Self> {
        let place = Place {
            table: "environment",
            row: row.id,
        };
        let service = Place {
            table: "service",
            row: row.service,
        };
        Ok(Environment {
            id: EnvironmentId(row.id),
            service: ServiceId(row.service),
            team: service.parse("team", &row.team)?,
            service_name: service.parse("name", &row.service_name)?,
            stage: place.parse("stage", &row.stage)?,
            account: place.parse("account", &row.account)?,
            region: place.parse("region", &row.region)?,
            release: row.release.map(ReleaseId),
            release_number: row.release_number.map(ReleaseNumber),
            state: place.parse("state", &row.state)?,
            changed_at: row.changed_at,
        })
    }
}

/// Environments, with the rest of the query given.
macro_rules! select {
    ($rest:tt, $($argument:expr),*) => {
        sqlx::query_as!(
            Row,
            r#"select environment.id, environment.service, service.team,
                 service.name as service_name, environment.stage, environment.account,
                 environment.region, environment.release, release.number as "release_number?",
                 environment.state, environment.changed_at
               from environment
               join service on service.id = environment.service
               left join release on release.id = environment.release "#
                + $rest,
            $($argument),*
        )
    };
}

/// The environment of a service at a stage.
#[tracing::instrument(name = "db.environment.find", skip_all)]
pub async fn find(
    connection: &mut Connection,
    service: ServiceId,
    stage: Stage,
) -> Result<Option<Environment>> {
    select!(
        "where environment.service = $1 and environment.stage = $2",
        service.0,
        stage.as_str()
    )
    .fetch_optional(connection)
    .await?
    .map(Environment::try_from)
    .transpose()
}

/// One environment.
#[tracing::instrument(name = "db.environment.get", skip_all)]
pub async fn get(connection: &mut Connection, id: EnvironmentId) -> Result<Option<Environment>> {
    select!("where environment.id = $1", id.0)
        .fetch_optional(connection)
        .await?
        .map(Environment::try_from)
        .transpose()
}

/// The environments of several services, by service and stage.
#[tracing::instrument(name = "db.environment.of_services", skip_all)]
pub async fn of_services(
    connection: &mut Connection,
    services: &[ServiceId],
) -> Result<Vec<Environment>> {
    let ids: Vec<Uuid> = services.iter().map(|service| service.0).collect();
    let mut environments: Vec<Environment> = select!("where environment.service = any($1)", &ids)
        .fetch_all(connection)
        .await?
        .into_iter()
        .map(Environment::try_from)
        .collect::<Result<_>>()?;
    environments.sort_by_key(|environment| (environment.service, environment.stage));
    Ok(environments)
}

/// Adds an environment.
///
/// # Errors
/// [`StoreError::Conflict`] when the service has one at that stage.
#[tracing::instrument(name = "db.environment.insert", skip_all)]
pub async fn insert(connection: &mut Connection, new: NewEnvironment<'_>) -> Result<()> {
    sqlx::query!(
        "insert into environment (id, service, stage, account, region) values ($1, $2, $3, $4, $5)",
        new.id.0,
        new.service.0,
        new.stage.as_str(),
        new.account.as_str(),
        new.region.as_str(),
    )
    .execute(connection)
    .await?;
    Ok(())
}

/// Asks for an environment again that was decommissioned or never came to be, perhaps elsewhere.
/// One that is live stays as it is.
#[tracing::instrument(name = "db.environment.reopen", skip_all)]
pub async fn reopen(
    connection: &mut Connection,
    id: EnvironmentId,
    account: &AccountId,
    region: &Region,
) -> Result<()> {
    sqlx::query!(
        "update environment set state = 'asked', account = $2, region = $3, changed_at = now()
         where id = $1 and state <> 'live'",
        id.0,
        account.as_str(),
        region.as_str(),
    )
    .execute(connection)
    .await?;
    Ok(())
}

/// Says that a release runs there.
#[tracing::instrument(name = "db.environment.set_live", skip_all)]
pub async fn set_live(
    connection: &mut Connection,
    id: EnvironmentId,
    release: ReleaseId,
) -> Result<()> {
    sqlx::query!(
        "update environment set state = 'live', release = $2, changed_at = now() where id = $1",
        id.0,
        release.0,
    )
    .execute(connection)
    .await?;
    Ok(())
}

/// Says that it is gone: no release, no ARNs, no outputs.
#[tracing::instrument(name = "db.environment.set_decommissioned", skip_all)]
pub async fn set_decommissioned(connection: &mut Connection, id: EnvironmentId) -> Result<()> {
    sqlx::query!(
        "with stacks as (
           update environment_stack set stack_id = null, outputs = '{}' where environment = $1
         )
         update environment set state = 'decommissioned', release = null, changed_at = now()
         where id = $1",
        id.0,
    )
    .execute(connection)
    .await?;
    Ok(())
}

/// The stacks of an environment, in the order they run.
#[tracing::instrument(name = "db.environment.stacks", skip_all)]
pub async fn stacks(
    connection: &mut Connection,
    id: EnvironmentId,
) -> Result<Vec<EnvironmentStack>> {
    struct Row {
        name: String,
        position: i16,
        region: String,
        stack_name: String,
        stack_id: Option<String>,
        outputs: Value,
    }
    let rows = sqlx::query_as!(
        Row,
        "select name, position, region, stack_name, stack_id, outputs
         from environment_stack where environment = $1 order by position, name",
        id.0,
    )
    .fetch_all(connection)
    .await?;
    rows.into_iter()
        .map(|row| {
            let place = Place {
                table: "environment_stack",
                row: format!("{id}/{}", row.name),
            };
            Ok(EnvironmentStack {
                position: row.position,
                region: place.parse("region", &row.region)?,
                stack_name: place.parse("stack_name", &row.stack_name)?,
                stack_id: row.stack_id,
                outputs: place.read("outputs", row.outputs)?,
                name: row.name,
            })
        })
        .collect()
}

/// Adds a stack, or says anew where an existing one stands. An existing one's ARN stays unless
/// another is given, and its outputs stay.
#[tracing::instrument(name = "db.environment.save_stack", skip_all)]
pub async fn save_stack(
    connection: &mut Connection,
    id: EnvironmentId,
    stack: &EnvironmentStack,
) -> Result<()> {
    sqlx::query!(
        "insert into environment_stack as existing
           (environment, name, position, region, stack_name, stack_id, outputs)
         values ($1, $2, $3, $4, $5, $6, $7)
         on conflict (environment, name) do update set position = excluded.position,
           region = excluded.region, stack_name = excluded.stack_name,
           stack_id = coalesce(excluded.stack_id, existing.stack_id)",
        id.0,
        stack.name,
        stack.position,
        stack.region.as_str(),
        stack.stack_name.as_str(),
        stack.stack_id,
        write(&stack.outputs)?,
    )
    .execute(connection)
    .await?;
    Ok(())
}

/// Sets a stack's ARN, or takes it away when the stack is gone.
#[tracing::instrument(name = "db.environment.set_stack_id", skip_all)]
pub async fn set_stack_id(
    connection: &mut Connection,
    id: EnvironmentId,
    name: &str,
    stack_id: Option<&str>,
) -> Result<()> {
    sqlx::query!(
        "update environment_stack set stack_id = $3 where environment = $1 and name = $2",
        id.0,
        name,
        stack_id,
    )
    .execute(connection)
    .await?;
    Ok(())
}

/// Sets a stack's outputs.
#[tracing::instrument(name = "db.environment.set_outputs", skip_all)]
pub async fn set_outputs(
    connection: &mut Connection,
    id: EnvironmentId,
    name: &str,
    outputs: &BTreeMap<String, String>,
) -> Result<()> {
    sqlx::query!(
        "update environment_stack set outputs = $3 where environment = $1 and name = $2",
        id.0,
        name,
        write(outputs)?,
    )
    .execute(connection)
    .await?;
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::super::fixture::{self, name};
    use super::*;
    use sqlx::PgPool;

    #[sqlx::test(migrations = "../migrations")]
    async fn an_environment_lives_ends_and_lives_again_elsewhere(pool: PgPool) {
        let mut connection = pool.acquire().await.unwrap();
        let service = fixture::service(&mut connection, "payments", "checkout").await;
        let release = fixture::release(&mut connection, service).await;
        let id = fixture::environment(&mut connection, service, Stage::Dev).await;
        let prod = fixture::environment(&mut connection, service, Stage::Prod).await;

        let stack = EnvironmentStack {
            name: "main".into(),
            position: 0,
            region: name("eu-west-1"),
            stack_name: name("payments-checkout-dev"),
            stack_id: None,
            outputs: BTreeMap::new(),
        };
        let edge = EnvironmentStack {
            name: "edge".into(),
            position: 1,
            ..stack.clone()
        };
        save_stack(&mut connection, id, &edge).await.unwrap();
        save_stack(&mut connection, id, &stack).await.unwrap();
        set_stack_id(&mut connection, id, "main", Some("arn:stack"))
            .await
            .unwrap();
        let outputs = BTreeMap::from([("Table".to_owned(), "t-1".to_owned())]);
        set_outputs(&mut connection, id, "main", &outputs)
            .await
            .unwrap();
        save_stack(&mut connection, id, &stack).await.unwrap();
        let made = EnvironmentStack {
            stack_id: Some("arn:stack".into()),
            outputs,
            ..stack.clone()
        };
        assert_eq!(
            stacks(&mut connection, id).await.unwrap(),
            [made, edge.clone()]
        );

        set_live(&mut connection, id, release).await.unwrap();
        let live = find(&mut connection, service, Stage::Dev)
            .await
            .unwrap()
            .unwrap();
        assert_eq!(live.state, EnvironmentState::Live);
        assert_eq!(
            (live.release, live.release_number),
            (Some(release), Some(ReleaseNumber(1)))
        );
        reopen(
            &mut connection,
            id,
            &name("210987654321"),
            &name("us-east-1"),
        )
        .await
        .unwrap();
        assert_eq!(get(&mut connection, id).await.unwrap(), Some(live));

        set_decommissioned(&mut connection, id).await.unwrap();
        let gone = get(&mut connection, id).await.unwrap().unwrap();
        assert_eq!(
            (gone.state, gone.release),
            (EnvironmentState::Decommissioned, None)
        );
        assert_eq!(stacks(&mut connection, id).await.unwrap(), [stack, edge]);

        reopen(
            &mut connection,
            id,
            &name("210987654321"),
            &name("us-east-1"),
        )
        .await
        .unwrap();
        let again = get(&mut connection, id).await.unwrap().unwrap();
        assert_eq!(
            (again.state, again.account.as_str()),
            (EnvironmentState::Asked, "210987654321")
        );

        let all = of_services(&mut connection, &[service]).await.unwrap();
        assert_eq!(
            all.iter().map(|each| each.id).collect::<Vec<_>>(),
            [id, prod]
        );
        let new = NewEnvironment {
            id: EnvironmentId(Uuid::now_v7()),
            service,
            stage: Stage::Dev,
            account: &name("123456789012"),
            region: &name("eu-west-1"),
        };
        let twice = insert(&mut connection, new).await;
        assert!(matches!(twice, Err(StoreError::Conflict { .. })));
    }
}
