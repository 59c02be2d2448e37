//! Locks by hand. Whoever locks, unlocks or starts a deployment holds the environment's row meanwhile, so that
//! each sees what the other has done.
use super::row::Place;
use super::{Connection, Result};
use chrono::{DateTime, Utc};
use domain::names::{EnvironmentId, Subject};

/// A lock that is on.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Lock {
    /// Why, in the words of whoever locked it.
    pub reason: String,
    /// Who locked it.
    pub by: Subject,
    /// What to call them.
    pub by_name: String,
    /// When.
    pub at: DateTime<Utc>,
}

/// Keeps everybody else from locking, unlocking and starting here until the transaction ends.
#[tracing::instrument(name = "db.lock.hold_environment", skip_all)]
pub async fn hold_environment(
    connection: &mut Connection,
    environment: EnvironmentId,
) -> Result<()> {
    // Others may name the environment meanwhile: only its lock is decided on.
    sqlx::query_scalar!(
        "select id from environment where id = $1 for no key update",
        environment.0
    )
    .fetch_optional(connection)
    .await?;
    Ok(())
}

/// The environment's lock, if one is on.
#[tracing::instrument(name = "db.lock.of", skip_all)]
pub async fn of(connection: &mut Connection, environment: EnvironmentId) -> Result<Option<Lock>> {
    let row = sqlx::query!(
        "select reason, locked_by, person.name, locked_at
         from environment_lock join person on person.subject = locked_by
         where environment = $1",
        environment.0
    )
    .fetch_optional(connection)
    .await?;
    row.map(|row| {
        let place = Place {
            table: "environment_lock",
            row: environment,
        };
        Ok(Lock {
            reason: row.reason,
            by: place.parse("locked_by", &row.locked_by)?,
            by_name: row.name,
            at: row.locked_at,
        })
    })
    .transpose()
}

/// Locks the environment; gives whether it was unlocked before.
#[tracing::instrument(name = "db.lock.insert", skip_all)]
pub async fn insert(
    connection: &mut Connection,
    environment: EnvironmentId,
    reason: &str,
    by: &Subject,
) -> Result<bool> {
    let inserted = sqlx::query!(
        "insert into environment_lock (environment, reason, locked_by) values ($1, $2, $3)
         on conflict (environment) do nothing",
        environment.0,
        reason,
        by.as_str(),
    )
    .execute(connection)
    .await?;
    Ok(inserted.rows_affected() > 0)
}

/// Unlocks the environment; gives whether it was locked before.
#[tracing::instrument(name = "db.lock.delete", skip_all)]
pub async fn delete(connection: &mut Connection, environment: EnvironmentId) -> Result<bool> {
    let deleted = sqlx::query!(
        "delete from environment_lock where environment = $1",
        environment.0
    )
    .execute(connection)
    .await?;
    Ok(deleted.rows_affected() > 0)
}

#[cfg(test)]
mod tests {
    use super::super::job::{JobKind, claim, defer, enqueue, wake};
    use super::super::{Store, commit, fixture};
    use super::*;
    use serde_json::json;
    use sqlx::PgPool;
    use std::time::Duration;

    #[sqlx::test(migrations = "../migrations")]
    async fn an_environment_is_locked_once_and_unlocked_once(pool: PgPool) {
        let store = Store::from(pool);
        let mut connection = store.acquire().await.unwrap();
        let (environment, _) = fixture::one_change(&mut connection).await;
        let by = fixture::person(&mut connection, "lena").await;
        assert_eq!(of(&mut connection, environment).await.unwrap(), None);
        assert!(!delete(&mut connection, environment).await.unwrap());
        let lock = insert(&mut connection, environment, "Stocktaking", &by);
        assert!(lock.await.unwrap());
        let again = insert(&mut connection, environment, "Another", &by);
        assert!(!again.await.unwrap());
        let lock = of(&mut connection, environment).await.unwrap().unwrap();
        assert_eq!((lock.reason.as_str(), lock.by), ("Stocktaking", by));
        assert!(delete(&mut connection, environment).await.unwrap());
        assert_eq!(of(&mut connection, environment).await.unwrap(), None);
    }

    #[sqlx::test(migrations = "../migrations")]
    async fn pages_of_open_changes_hear_of_it(pool: PgPool) {
        let store = Store::from(pool);
        let mut connection = store.acquire().await.unwrap();
        let (environment, _) = fixture::one_change(&mut connection).await;
        let mut listener = store.listen("gatehouse_change").await.unwrap();
        let by = fixture::person(&mut connection, "lena").await;
        insert(&mut connection, environment, "Stocktaking", &by)
            .await
            .unwrap();
        delete(&mut connection, environment).await.unwrap();
        for _ in 0..2 {
            let heard = tokio::time::timeout(Duration::from_secs(10), listener.recv());
            heard.await.expect("nobody told the page");
        }
    }

    /// Whoever unlocks either is seen by whoever looks, or finds a job to wake: a hundred times at once.
    #[sqlx::test(migrations = "../migrations")]
    async fn no_job_sleeps_through_an_unlocking(pool: PgPool) {
        const LONG: Duration = Duration::from_secs(3600);
        let store = Store::from(pool);
        let mut connection = store.acquire().await.unwrap();
        let (environment, change) = fixture::one_change(&mut connection).await;
        let by = fixture::person(&mut connection, "lena").await;
        for round in 0..100 {
            insert(&mut connection, environment, "Stocktaking", &by)
                .await
                .unwrap();
            let payload = json!({ "round": round });
            enqueue(
                &mut connection,
                JobKind::Deploy,
                change,
                payload,
                environment,
                None,
            )
            .await
            .unwrap();
            let job = claim(&store, "w", LONG).await.unwrap().unwrap();
            let looks = async {
                let mut transaction = store.begin().await.unwrap();
                hold_environment(&mut transaction, environment)
                    .await
                    .unwrap();
                let locked = of(&mut transaction, environment).await.unwrap().is_some();
                let delay = if locked { LONG } else { Duration::ZERO };
                defer(&mut transaction, &job, delay).await.unwrap();
                commit(transaction).await.unwrap();
            };
            let unlocks = async {
                let mut transaction = store.begin().await.unwrap();
                hold_environment(&mut transaction, environment)
                    .await
                    .unwrap();
                assert!(delete(&mut transaction, environment).await.unwrap());
                wake(&mut transaction, environment, JobKind::Deploy)
                    .await
                    .unwrap();
                commit(transaction).await.unwrap();
            };
            tokio::join!(looks, unlocks);
            let awake = claim(&store, "w", LONG).await.unwrap();
            let awake = awake.expect("the job sleeps");
            super::super::job::finish(&mut connection, &awake)
                .await
                .unwrap();
        }
    }
}
