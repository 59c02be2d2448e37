//! The queue: jobs are leased, and every write of a worker names the lease's epoch, so that one who
//! lost its lease can't write any more. At most one job of an environment runs at a time.
use super::row::Place;
use super::{Connection, Result, Store, StoreError};
use chrono::{DateTime, Utc};
use domain::names::{ChangeId, EnvironmentId};
use serde_json::Value;
use std::str::FromStr;
use std::time::Duration;
use uuid::Uuid;

/// A job that failed so often is dead.
pub const MAX_ATTEMPTS: i32 = 8;

/// Another claimer may take a job of the same environment at the same moment; then look again, this
/// often at most before coming back later.
const CLAIM_TRIES: u32 = 5;

/// What a job does.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum JobKind {
    /// Makes a plan.
    Plan,
    /// Runs a deployment to its end.
    Deploy,
    /// Puts a stuck stack right.
    Repair,
    /// Deletes a change set and closes its change.
    Close,
}

impl JobKind {
    /// The word used in the database, in notifications and in logs.
    pub fn as_str(self) -> &'static str {
        match self {
            JobKind::Plan => "plan",
            JobKind::Deploy => "deploy",
            JobKind::Repair => "repair",
            JobKind::Close => "close",
        }
    }
}

/// A word that is no kind of job.
#[derive(Debug, thiserror::Error)]
#[error("“{0}” is not a kind of job")]
pub struct UnknownJobKind(String);

impl FromStr for JobKind {
    type Err = UnknownJobKind;

    fn from_str(word: &str) -> Result<Self, UnknownJobKind> {
        [
            JobKind::Plan,
            JobKind::Deploy,
            JobKind::Repair,
            JobKind::Close,
        ]
        .into_iter()
        .find(|kind| kind.as_str() == word)
        .ok_or_else(|| UnknownJobKind(word.to_owned()))
    }
}

/// A job under lease.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Job {
    /// Its id.
    pub id: Uuid,
    /// What it does.
    pub kind: JobKind,
    /// The change it works on.
    pub change: ChangeId,
    /// What the kind needs.
    pub payload: Value,
    /// The environment it works on.
    pub key: EnvironmentId,
    /// Failures so far.
    pub attempt: i32,
    /// The lease's epoch: the fencing token.
    pub epoch: i64,
    /// The request that caused it.
    pub request_id: Option<String>,
}

/// What becomes of a job that failed.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Retry {
    /// It will be tried again.
    Again,
    /// It failed too often.
    Dead,
    /// The lease was lost before; what becomes of it is another worker's.
    LeaseLost,
}

struct Row {
    id: Uuid,
    kind: String,
    change: Uuid,
    payload: Value,
    key: String,
    attempt: i32,
    lease_epoch: i64,
    request_id: Option<String>,
}

impl TryFrom<Row> for Job {
    type Error = StoreError;

    fn try_from(row: Row) -> Result<Self> {
        let place = Place {
            table: "job",
            row: row.id,
        };
        Ok(Job {
            id: row.id,
            kind: place.parse("kind", &row.kind)?,
            change: ChangeId(row.change),
            payload: row.payload,
            key: EnvironmentId(place.parse("key", &row.key)?),
            attempt: row.attempt,
            epoch: row.lease_epoch,
            request_id: row.request_id,
        })
    }
}

/// Adds a job, which may run as soon as the transaction is committed; gives its id.
#[tracing::instrument(name = "db.job.enqueue", skip_all)]
pub async fn enqueue(
    connection: &mut Connection,
    kind: JobKind,
    change: ChangeId,
    payload: Value,
    key: EnvironmentId,
    request_id: Option<&str>,
) -> Result<Uuid> {
    let id = Uuid::now_v7();
    sqlx::query!(
        "insert into job (id, kind, change, payload, key, request_id)
         values ($1, $2, $3, $4, $5, $6)",
        id,
        kind.as_str(),
        change.0,
        payload,
        key.to_string(),
        request_id,
    )
    .execute(connection)
    .await?;
    Ok(id)
}

/// Leases the job that has been ready longest, of an environment in which none runs.
#[tracing::instrument(name = "db.job.claim", skip_all)]
pub async fn claim(store: &Store, owner: &str, lease: Duration) -> Result<Option<Job>> {
    let mut connection = store.acquire().await?;
    for _ in 0..CLAIM_TRIES {
        let claimed = sqlx::query_as!(
            Row,
            "update job set state = 'running', lease_epoch = lease_epoch + 1, lease_owner = $1,
               lease_until = clock_timestamp() + make_interval(secs => $2)
             where id = (
               select id from job as next
               where state = 'ready' and run_at <= now()
                 and not exists (select from job where key = next.key and state = 'running')
               order by run_at, id limit 1 for update skip locked)
             returning id, kind, change, payload, key, attempt, lease_epoch, request_id",
            owner,
            lease.as_secs_f64(),
        )
        .fetch_optional(&mut *connection)
        .await
        .map_err(StoreError::from);
        match claimed {
            Err(error) if error.is_conflict_over("job_one_running") => {}
            claimed => return claimed?.map(Job::try_from).transpose(),
        }
    }
    Ok(None)
}

/// Makes jobs ready again whose lease ran out; that is not their failure. Gives their ids.
#[tracing::instrument(name = "db.job.reap", skip_all)]
pub async fn reap(store: &Store) -> Result<Vec<Uuid>> {
    let mut connection = store.acquire().await?;
    let ids = sqlx::query_scalar!(
        "update job set state = 'ready', run_at = now(), lease_owner = null, lease_until = null,
           last_error = 'the lease ran out'
         where id in (
           select id from job where state = 'running' and lease_until < now()
           for update skip locked)
         returning id"
    )
    .fetch_all(&mut *connection)
    .await?;
    Ok(ids)
}

/// Renews the lease; gives whether it was still held.
#[tracing::instrument(name = "db.job.beat", skip_all)]
pub async fn beat(store: &Store, job: &Job, lease: Duration) -> Result<bool> {
    let mut connection = store.acquire().await?;
    let renewed = sqlx::query!(
        "update job set lease_until = clock_timestamp() + make_interval(secs => $3)
         where id = $1 and lease_epoch = $2 and state = 'running'",
        job.id,
        job.epoch,
        lease.as_secs_f64(),
    )
    .execute(&mut *connection)
    .await?;
    Ok(renewed.rows_affected() > 0)
}

/// Gives whether the lease is still held, and keeps it so until the transaction ends. Comes before
/// every write of a worker; where it gives `false`, roll back.
#[tracing::instrument(name = "db.job.hold", skip_all)]
pub async fn hold(connection: &mut Connection, job: &Job) -> Result<bool> {
    let held = sqlx::query_scalar!(
        "select id from job where id = $1 and lease_epoch = $2 and state = 'running' for update",
        job.id,
        job.epoch,
    )
    .fetch_optional(connection)
    .await?;
    Ok(held.is_some())
}

/// Ends a job that did its work, in the transaction that keeps the work's result. Gives whether the
/// lease was still held; where it gives `false`, roll back.
#[tracing::instrument(name = "db.job.finish", skip_all)]
pub async fn finish(connection: &mut Connection, job: &Job) -> Result<bool> {
    let finished = sqlx::query!(
        "update job set state = 'done', lease_owner = null, lease_until = null, ended_at = now()
         where id = $1 and lease_epoch = $2 and state = 'running'",
        job.id,
        job.epoch,
    )
    .execute(connection)
    .await?;
    Ok(finished.rows_affected() > 0)
}

/// Makes a job ready again at once, because its worker stops; that is not its failure. Gives
/// whether the lease was still held.
#[tracing::instrument(name = "db.job.hand_back", skip_all)]
pub async fn hand_back(connection: &mut Connection, job: &Job) -> Result<bool> {
    defer(connection, job, Duration::ZERO).await
}

/// Makes a job ready again after a while, because it waits for something; that is not its failure.
/// Gives whether the lease was still held.
#[tracing::instrument(name = "db.job.defer", skip_all)]
pub async fn defer(connection: &mut Connection, job: &Job, delay: Duration) -> Result<bool> {
    let deferred = sqlx::query!(
        "update job set state = 'ready', lease_owner = null, lease_until = null,
           run_at = now() + make_interval(secs => $3)
         where id = $1 and lease_epoch = $2 and state = 'running'",
        job.id,
        job.epoch,
        delay.as_secs_f64(),
    )
    .execute(connection)
    .await?;
    Ok(deferred.rows_affected() > 0)
}

/// Notes a failure. The job is tried again after about `delay`, doubled for each failure before, a
/// quarter of an hour at most, each time between half and one and a half of that; after
/// [`MAX_ATTEMPTS`] failures it is dead.
#[tracing::instrument(name = "db.job.retry", skip_all)]
pub async fn retry(
    connection: &mut Connection,
    job: &Job,
    error: &str,
    delay: Duration,
) -> Result<Retry> {
    let state = sqlx::query_scalar!(
        "update job set attempt = attempt + 1, last_error = $3, lease_owner = null,
           lease_until = null,
           state = case when attempt + 1 >= $5 then 'dead' else 'ready' end,
           ended_at = case when attempt + 1 >= $5 then now() end,
           run_at = now() + make_interval(
             secs => least(900, $4 * power(2, least(attempt, 16))) * (0.5 + random()))
         where id = $1 and lease_epoch = $2 and state = 'running'
         returning state",
        job.id,
        job.epoch,
        error,
        delay.as_secs_f64(),
        MAX_ATTEMPTS,
    )
    .fetch_optional(connection)
    .await?;
    Ok(match state.as_deref() {
        None => Retry::LeaseLost,
        Some("dead") => Retry::Dead,
        Some(_) => Retry::Again,
    })
}

/// Says what the job fails at or waits for, for the change page; `None` when that is over. Gives
/// whether the lease was still held.
#[tracing::instrument(name = "db.job.note", skip_all)]
pub async fn note(connection: &mut Connection, job: &Job, words: Option<&str>) -> Result<bool> {
    let noted = sqlx::query!(
        "update job set last_error = $3 where id = $1 and lease_epoch = $2 and state = 'running'",
        job.id,
        job.epoch,
        words,
    )
    .execute(connection)
    .await?;
    Ok(noted.rows_affected() > 0)
}

/// What the change's job fails at or waits for, and when it goes on, while that lasts.
#[tracing::instrument(name = "db.job.last_error_of", skip_all)]
pub async fn last_error_of(
    connection: &mut Connection,
    change: ChangeId,
) -> Result<Option<(String, DateTime<Utc>)>> {
    let row = sqlx::query!(
        r#"select last_error as "last_error!", run_at from job
           where change = $1 and state in ('ready', 'running') and last_error is not null
           order by run_at desc, id desc limit 1"#,
        change.0,
    )
    .fetch_optional(connection)
    .await?;
    Ok(row.map(|row| (row.last_error, row.run_at)))
}

/// The payloads of every job of this kind that the change ever had, oldest first.
#[tracing::instrument(name = "db.job.payloads_of", skip_all)]
pub async fn payloads_of(
    connection: &mut Connection,
    change: ChangeId,
    kind: JobKind,
) -> Result<Vec<Value>> {
    Ok(sqlx::query_scalar!(
        "select payload from job where change = $1 and kind = $2 order by created_at, id",
        change.0,
        kind.as_str(),
    )
    .fetch_all(connection)
    .await?)
}
