//! Connections to the database.
use super::listener::Listener;
use super::{Result, migration, role};
use chrono::{DateTime, Utc};
use sqlx::pool::PoolConnection;
use sqlx::postgres::{PgConnectOptions, PgPoolOptions};
use sqlx::{PgPool, Postgres};
use std::time::Duration;

/// A transaction; [`commit`] ends it, dropping it rolls back.
pub type Transaction = sqlx::Transaction<'static, Postgres>;
/// What every function of an aggregate works on: `&mut *transaction` or `&mut *connection`.
pub type Connection = sqlx::PgConnection;
/// A connection lent by the pool, for reads that need no transaction.
pub type PooledConnection = PoolConnection<Postgres>;

/// The database. Clones share one pool.
#[derive(Clone)]
pub struct Store {
    pool: PgPool,
}

impl Store {
    /// Connects. A call waits at most 5 seconds for a connection, and a statement runs at most 30.
    ///
    /// # Errors
    /// When the address is wrong or nothing answers there.
    #[tracing::instrument(name = "db.connect", skip_all)]
    pub async fn connect(url: &str, max_connections: u32) -> Result<Self> {
        let options: PgConnectOptions = url.parse()?;
        let options = options.application_name("gatehouse").options([
            ("statement_timeout", "30s"),
            ("lock_timeout", "10s"),
            ("idle_in_transaction_session_timeout", "60s"),
            // Lists have optional filters: only a plan made for the values at hand uses the index
            // that suits the ones that are set.
            ("plan_cache_mode", "force_custom_plan"),
        ]);
        let pool = PgPoolOptions::new()
            .max_connections(max_connections)
            .acquire_timeout(Duration::from_secs(5))
            .connect_with(options)
            .await?;
        Ok(Self { pool })
    }

    /// Begins a transaction.
    ///
    /// # Errors
    /// When no connection is to be had.
    pub async fn begin(&self) -> Result<Transaction> {
        Ok(self.pool.begin().await?)
    }

    /// Lends a connection.
    ///
    /// # Errors
    /// When no connection is to be had.
    pub async fn acquire(&self) -> Result<PooledConnection> {
        Ok(self.pool.acquire().await?)
    }

    /// Listens on a channel, over a connection of its own: `gatehouse_change` carries numbers of
    /// changes, `gatehouse_job` kinds of jobs.
    ///
    /// # Errors
    /// When no connection is to be had; later losses are the listener's to put right.
    pub async fn listen(&self, channel: &str) -> Result<Listener> {
        Listener::open(self.pool.connect_options().as_ref().clone(), channel).await
    }

    /// Asks whether the database answers.
    ///
    /// # Errors
    /// When it doesn't.
    #[tracing::instrument(name = "db.ping", skip_all)]
    pub async fn ping(&self) -> Result<()> {
        let mut connection = self.acquire().await?;
        sqlx::query_scalar!(r#"select 1 as "one!""#)
            .fetch_one(&mut *connection)
            .await?;
        Ok(())
    }

    /// Makes sure that the role can't rewrite history.
    ///
    /// # Errors
    /// [`super::StoreError::RoleTooStrong`] when it can.
    pub async fn refuse_owner(&self) -> Result<()> {
        role::refuse_owner(&mut *self.acquire().await?).await
    }

    /// Whether this program brings migrations that the database has not had.
    ///
    /// # Errors
    /// When the database does not answer.
    pub async fn pending_migrations(&self) -> Result<bool> {
        migration::pending(&mut *self.acquire().await?).await
    }

    /// Waits for lent connections to come back, and closes them all.
    pub async fn close(&self) {
        self.pool.close().await;
    }
}

#[cfg(test)]
impl From<PgPool> for Store {
    fn from(pool: PgPool) -> Self {
        Self { pool }
    }
}

/// The database's clock, now: not when the transaction began.
///
/// # Errors
/// When the database does not answer.
#[tracing::instrument(name = "db.now", skip_all)]
pub async fn now(connection: &mut Connection) -> Result<DateTime<Utc>> {
    let now = sqlx::query_scalar!(r#"select clock_timestamp() as "now!""#)
        .fetch_one(connection)
        .await?;
    Ok(now)
}

/// Makes what a transaction did last.
///
/// # Errors
/// When the database does not say that it did; it may have done so all the same.
pub async fn commit(transaction: Transaction) -> Result<()> {
    Ok(transaction.commit().await?)
}
