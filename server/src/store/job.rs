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
    /// Deletes what a change left at AWS whose deployment or planning failed.
    Clear,
}

impl JobKind {
    /// The word used in the database, in notifications and in logs.
    pub fn as_str(self) -> &'static str {
        match self {
            JobKind::Plan => "plan",
            JobKind::Deploy => "deploy",
            JobKind::Repair => "repair",
            JobKind::Close => "close",
            JobKind::Clear => "clear",
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
            JobKind::Clear,
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

/// Lets jobs of the environment that wait run at once. One that a worker holds is left to that worker.
/// Gives how many there were.
#[tracing::instrument(name = "db.job.wake", skip_all)]
pub async fn wake(
    connection: &mut Connection,
    environment: EnvironmentId,
    kind: JobKind,
) -> Result<u64> {
    let woken = sqlx::query!(
        "update job set state = 'ready', run_at = now()
         where id in (
           select id from job
           where key = $1 and kind = $2 and state = 'ready' and run_at > now()
           for update skip locked)",
        environment.to_string(),
        kind.as_str(),
    )
    .execute(connection)
    .await?;
    Ok(woken.rows_affected())
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

/// Deletes the jobs that ended longer than `keep` ago, oldest first and at most `most`; gives how many.
/// Those of a change that is open stay, since closing it looks for every plan begun, and so do those
/// of a change that something is still to be done for.
#[tracing::instrument(name = "db.job.delete_ended", skip_all)]
pub async fn delete_ended(store: &Store, keep: Duration, most: u32) -> Result<u64> {
    let mut connection = store.acquire().await?;
    let deleted = sqlx::query!(
        "delete from job where id in (
           select job.id from job join change on change.id = job.change
           where job.state in ('done', 'dead') and job.ended_at < now() - make_interval(secs => $1)
             and not change.open
             and not exists (
               select from job as other
               where other.change = job.change and other.state in ('ready', 'running'))
           order by job.ended_at limit $2
           for update of job skip locked)",
        keep.as_secs_f64(),
        i64::from(most),
    )
    .execute(&mut *connection)
    .await?;
    Ok(deleted.rows_affected())
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

#[cfg(test)]
mod tests {
    use super::super::{change, commit, fixture};
    use super::*;
    use domain::change::ChangeState;
    use serde_json::json;
    use sqlx::PgPool;
    use std::collections::BTreeMap;
    use std::sync::{Arc, Mutex};

    const LEASE: Duration = Duration::from_secs(60);

    async fn world(pool: PgPool) -> (Store, ChangeId, EnvironmentId) {
        let store = Store::from(pool);
        let mut connection = store.acquire().await.unwrap();
        let (environment, change) = fixture::one_change(&mut connection).await;
        (store, change, environment)
    }

    async fn add(store: &Store, change: ChangeId, key: EnvironmentId) -> Uuid {
        let mut connection = store.acquire().await.unwrap();
        enqueue(
            &mut connection,
            JobKind::Plan,
            change,
            json!({ "a": 1 }),
            key,
            Some("r-1"),
        )
        .await
        .unwrap()
    }

    async fn run_sql(store: &Store, sql: &'static str) {
        sqlx::raw_sql(sql)
            .execute(&mut *store.acquire().await.unwrap())
            .await
            .unwrap();
    }

    /// State, failures so far, seconds until it may run.
    async fn row(store: &Store, id: Uuid) -> (String, i32, f64) {
        sqlx::query_as(
            "select state, attempt, extract(epoch from run_at - now())::float8 from job where id = $1",
        )
        .bind(id)
        .fetch_one(&mut *store.acquire().await.unwrap())
        .await
        .unwrap()
    }

    /// 2,000 jobs of 200 environments, 16 claimers on 10 connections.
    #[sqlx::test(migrations = "../migrations")]
    async fn every_job_runs_once_and_one_at_a_time_in_an_environment(pool: PgPool) {
        let (store, change, _) = world(pool).await;
        let keys: Vec<Uuid> = (0..200).map(|_| Uuid::now_v7()).collect();
        sqlx::query(
            "insert into job (id, kind, change, payload, key)
             select gen_random_uuid(), 'plan', $1, '{}', ($2::text[])[1 + number % 200]
             from generate_series(1, 2000) as number",
        )
        .bind(change.0)
        .bind(keys.iter().map(Uuid::to_string).collect::<Vec<_>>())
        .execute(&mut *store.acquire().await.unwrap())
        .await
        .unwrap();

        let running: Arc<Mutex<BTreeMap<EnvironmentId, Uuid>>> = Arc::default();
        let done: Arc<Mutex<BTreeMap<Uuid, u32>>> = Arc::default();
        let claimers: Vec<_> = (0..16)
            .map(|number| {
                let (store, running, done) = (store.clone(), running.clone(), done.clone());
                tokio::spawn(async move {
                    while done.lock().unwrap().len() < 2000 {
                        let Some(job) = claim(&store, &format!("w{number}"), LEASE).await.unwrap()
                        else {
                            tokio::time::sleep(Duration::from_millis(5)).await;
                            continue;
                        };
                        let other = running.lock().unwrap().insert(job.key, job.id);
                        assert_eq!(other, None, "two jobs of an environment run");
                        tokio::task::yield_now().await;
                        running.lock().unwrap().remove(&job.key);
                        *done.lock().unwrap().entry(job.id).or_default() += 1;
                        let mut connection = store.acquire().await.unwrap();
                        assert!(finish(&mut connection, &job).await.unwrap());
                    }
                })
            })
            .collect();
        for claimer in claimers {
            claimer.await.unwrap();
        }
        let done = done.lock().unwrap();
        assert_eq!(done.len(), 2000);
        assert!(done.values().all(|times| *times == 1));
    }

    #[sqlx::test(migrations = "../migrations")]
    async fn a_job_comes_back_whole_and_keeps_its_environment_to_itself(pool: PgPool) {
        let (store, change, environment) = world(pool).await;
        assert_eq!(claim(&store, "w", LEASE).await.unwrap(), None);
        let first = add(&store, change, environment).await;
        let second = add(&store, change, environment).await;
        let elsewhere = add(&store, change, EnvironmentId(Uuid::now_v7())).await;
        let job = claim(&store, "w", LEASE).await.unwrap().unwrap();
        assert_eq!(
            job,
            Job {
                id: first,
                kind: JobKind::Plan,
                change,
                payload: json!({ "a": 1 }),
                key: environment,
                attempt: 0,
                epoch: 1,
                request_id: Some("r-1".into()),
            }
        );
        assert_eq!(
            claim(&store, "w", LEASE).await.unwrap().unwrap().id,
            elsewhere
        );
        assert_eq!(claim(&store, "w", LEASE).await.unwrap(), None);
        assert!(
            finish(&mut store.acquire().await.unwrap(), &job)
                .await
                .unwrap()
        );
        assert_eq!(claim(&store, "w", LEASE).await.unwrap().unwrap().id, second);
    }

    #[sqlx::test(migrations = "../migrations")]
    async fn a_worker_that_lost_its_lease_changes_nothing(pool: PgPool) {
        let (store, change, environment) = world(pool).await;
        let id = add(&store, change, environment).await;
        let lost = claim(&store, "slow", LEASE).await.unwrap().unwrap();
        assert!(beat(&store, &lost, LEASE).await.unwrap());
        assert_eq!(reap(&store).await.unwrap(), Vec::<Uuid>::new());

        run_sql(
            &store,
            "update job set lease_until = now() - interval '1 second'",
        )
        .await;
        assert_eq!(reap(&store).await.unwrap(), [id]);
        let held = claim(&store, "quick", LEASE).await.unwrap().unwrap();
        assert_eq!((held.id, held.attempt, held.epoch), (id, 0, 2));

        assert!(!beat(&store, &lost, LEASE).await.unwrap());
        let mut late = store.begin().await.unwrap();
        assert!(!hold(&mut late, &lost).await.unwrap());
        assert!(!finish(&mut late, &lost).await.unwrap());
        assert!(!hand_back(&mut late, &lost).await.unwrap());
        assert!(!defer(&mut late, &lost, LEASE).await.unwrap());
        let after_failure = retry(&mut late, &lost, "late", LEASE).await.unwrap();
        assert_eq!(after_failure, Retry::LeaseLost);
        commit(late).await.unwrap();
        assert_eq!(row(&store, id).await.0, "running");

        // The state is written only under the lease, and both are kept or neither.
        let mut transaction = store.begin().await.unwrap();
        assert!(hold(&mut transaction, &held).await.unwrap());
        change::save_state(&mut transaction, change, &fixture::withdrawn())
            .await
            .unwrap();
        assert!(finish(&mut transaction, &held).await.unwrap());
        commit(transaction).await.unwrap();
        assert_eq!(row(&store, id).await.0, "done");
        let state = change::by_id(&mut store.acquire().await.unwrap(), change)
            .await
            .unwrap()
            .unwrap()
            .state;
        assert!(matches!(state, ChangeState::Closed { .. }));
    }

    #[sqlx::test(migrations = "../migrations")]
    async fn a_held_lease_is_not_reaped_under_its_worker(pool: PgPool) {
        let (store, change, environment) = world(pool).await;
        let id = add(&store, change, environment).await;
        let job = claim(&store, "w", LEASE).await.unwrap().unwrap();
        run_sql(
            &store,
            "update job set lease_until = now() - interval '1 second'",
        )
        .await;
        let mut transaction = store.begin().await.unwrap();
        assert!(hold(&mut transaction, &job).await.unwrap());
        assert_eq!(reap(&store).await.unwrap(), Vec::<Uuid>::new());
        assert!(finish(&mut transaction, &job).await.unwrap());
        commit(transaction).await.unwrap();
        assert_eq!(reap(&store).await.unwrap(), Vec::<Uuid>::new());
        assert_eq!(row(&store, id).await.0, "done");
    }

    /// Ends the job as many days ago, done or dead.
    async fn ended(store: &Store, id: Uuid, state: &str, days: i32) {
        sqlx::query(
            "update job set state = $2, ended_at = now() - make_interval(days => $3) where id = $1",
        )
        .bind(id)
        .bind(state)
        .bind(days)
        .execute(&mut *store.acquire().await.unwrap())
        .await
        .unwrap();
    }

    async fn left(store: &Store) -> Vec<Uuid> {
        sqlx::query_scalar("select id from job order by id")
            .fetch_all(&mut *store.acquire().await.unwrap())
            .await
            .unwrap()
    }

    #[sqlx::test(migrations = "../migrations")]
    async fn ended_jobs_of_a_change_that_is_over_are_deleted_in_batches(pool: PgPool) {
        const KEEP: Duration = Duration::from_secs(30 * 24 * 3600);
        let (store, change, environment) = world(pool).await;
        let mut old = Vec::new();
        for (state, days) in [("done", 40), ("dead", 35), ("done", 31)] {
            let id = add(&store, change, environment).await;
            ended(&store, id, state, days).await;
            old.push(id);
        }
        let young = add(&store, change, environment).await;
        ended(&store, young, "done", 29).await;
        let waiting = add(&store, change, environment).await;

        // The change is open; then it is over, and a job of it is still to do.
        assert_eq!(delete_ended(&store, KEEP, 2).await.unwrap(), 0);
        let mut connection = store.acquire().await.unwrap();
        change::save_state(&mut connection, change, &fixture::withdrawn())
            .await
            .unwrap();
        drop(connection);
        assert_eq!(delete_ended(&store, KEEP, 2).await.unwrap(), 0);
        ended(&store, waiting, "done", 0).await;

        assert_eq!(delete_ended(&store, KEEP, 2).await.unwrap(), 2);
        assert_eq!(left(&store).await, [old[2], young, waiting]);
        assert_eq!(delete_ended(&store, KEEP, 2).await.unwrap(), 1);
        assert_eq!(delete_ended(&store, KEEP, 2).await.unwrap(), 0);
        assert_eq!(left(&store).await, [young, waiting]);
    }

    #[sqlx::test(migrations = "../migrations")]
    async fn a_batch_of_ended_jobs_is_found_by_its_index_and_waits_for_nobody(pool: PgPool) {
        let (store, change, _) = world(pool).await;
        let mut connection = store.acquire().await.unwrap();
        change::save_state(&mut connection, change, &fixture::withdrawn())
            .await
            .unwrap();
        sqlx::query(
            "insert into job (id, kind, change, payload, key, state, ended_at)
             select gen_random_uuid(), 'plan', $1, '{}', 'k', 'done',
               now() - make_interval(secs => number)
             from generate_series(1, 20000) as number",
        )
        .bind(change.0)
        .execute(&mut *connection)
        .await
        .unwrap();
        run_sql(&store, "analyze job").await;
        let plan: Vec<String> = sqlx::query_scalar(
            "explain select id from job
             where state in ('done', 'dead') and ended_at < now() - interval '5 hours'
             order by ended_at limit 500",
        )
        .fetch_all(&mut *connection)
        .await
        .unwrap();
        assert!(plan.concat().contains("job_ended"), "{plan:#?}");
        // Somebody holds the oldest: the others are deleted without waiting.
        let mut holding = store.begin().await.unwrap();
        sqlx::raw_sql("select from job order by ended_at limit 1 for update")
            .execute(&mut *holding)
            .await
            .unwrap();
        let an_hour = Duration::from_secs(3600);
        assert_eq!(delete_ended(&store, an_hour, 500).await.unwrap(), 500);
        drop(holding);
    }

    #[sqlx::test(migrations = "../migrations")]
    async fn waiting_and_stopping_are_no_failures(pool: PgPool) {
        let (store, change, environment) = world(pool).await;
        let id = add(&store, change, environment).await;
        for _ in 0..MAX_ATTEMPTS + 2 {
            let job = claim(&store, "w", LEASE).await.unwrap().unwrap();
            assert!(
                hand_back(&mut store.acquire().await.unwrap(), &job)
                    .await
                    .unwrap()
            );
        }
        let job = claim(&store, "w", LEASE).await.unwrap().unwrap();
        assert!(
            defer(&mut store.acquire().await.unwrap(), &job, LEASE)
                .await
                .unwrap()
        );
        let (state, attempt, wait) = row(&store, id).await;
        assert_eq!((state.as_str(), attempt), ("ready", 0));
        assert!((55.0..=60.0).contains(&wait), "{wait}");
        assert_eq!(claim(&store, "w", LEASE).await.unwrap(), None);
    }

    #[sqlx::test(migrations = "../migrations")]
    async fn a_failing_job_waits_longer_each_time_and_dies(pool: PgPool) {
        let (store, change, environment) = world(pool).await;
        let id = add(&store, change, environment).await;
        for failures in 1..=MAX_ATTEMPTS {
            let job = claim(&store, "w", LEASE).await.unwrap().unwrap();
            assert_eq!(job.attempt, failures - 1);
            let mut connection = store.acquire().await.unwrap();
            let next = retry(&mut connection, &job, "no answer", Duration::from_secs(10))
                .await
                .unwrap();
            if failures == MAX_ATTEMPTS {
                assert_eq!(next, Retry::Dead);
                break;
            }
            assert_eq!(next, Retry::Again);
            let about = (10.0 * 2_f64.powi(failures - 1)).min(900.0);
            let wait = row(&store, id).await.2;
            assert!(
                (about * 0.5 - 5.0..=about * 1.5).contains(&wait),
                "{failures}: {wait}"
            );
            run_sql(&store, "update job set run_at = now()").await;
        }
        assert_eq!(row(&store, id).await.0, "dead");
        assert_eq!(claim(&store, "w", LEASE).await.unwrap(), None);
    }
}
