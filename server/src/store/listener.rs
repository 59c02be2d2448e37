//! Notifications from the database.
use super::Result;
use sqlx::postgres::{PgConnectOptions, PgListener, PgPoolOptions};
use std::time::Duration;

/// After this long without a word, the connection is tried: one whose other end vanished without
/// saying so would stay silent for ever.
const QUIET: Duration = Duration::from_secs(30);
/// How long an answer may take.
const PATIENCE: Duration = Duration::from_secs(5);
/// Pauses between attempts to connect again, the last one over and over.
const PAUSES: [Duration; 4] = [
    Duration::from_millis(100),
    Duration::from_millis(500),
    Duration::from_secs(2),
    Duration::from_secs(5),
];

/// What a listener hears.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Notice {
    /// A notification's payload.
    Payload(String),
    /// The connection was lost and is back; what was sent meanwhile was not heard, so look again.
    MaybeMissed,
}

/// Listens on one channel, and connects again by itself.
pub struct Listener {
    options: PgConnectOptions,
    channel: String,
    connection: Option<PgListener>,
}

impl Listener {
    pub(super) async fn open(options: PgConnectOptions, channel: &str) -> Result<Self> {
        let connection = connect(&options, channel).await?;
        Ok(Self {
            options,
            channel: channel.to_owned(),
            connection: Some(connection),
        })
    }

    /// Waits for the next notice. May be dropped while it waits; nothing is lost unsaid.
    pub async fn recv(&mut self) -> Notice {
        let mut failures = 0;
        loop {
            let Some(connection) = &mut self.connection else {
                match connect(&self.options, &self.channel).await {
                    Ok(connection) => {
                        self.connection = Some(connection);
                        return Notice::MaybeMissed;
                    }
                    Err(error) => {
                        let channel = &self.channel;
                        tracing::warn!(%channel, %error, "can't listen on {channel}, trying again");
                        let pause = PAUSES[failures.min(PAUSES.len() - 1)];
                        failures += 1;
                        tokio::time::sleep(pause).await;
                        continue;
                    }
                }
            };
            match tokio::time::timeout(QUIET, connection.try_recv()).await {
                Ok(Ok(Some(notification))) => {
                    return Notice::Payload(notification.payload().to_owned());
                }
                Ok(Ok(None) | Err(_)) => self.connection = None,
                Err(_) => {
                    if !answers(connection).await {
                        self.connection = None;
                    }
                }
            }
        }
    }
}

/// A pool of its own for each connection: one that hangs must not keep the next from connecting.
async fn connect(options: &PgConnectOptions, channel: &str) -> Result<PgListener> {
    let pool = PgPoolOptions::new()
        .max_connections(1)
        .acquire_timeout(PATIENCE)
        .max_lifetime(None)
        .idle_timeout(None)
        .connect_with(options.clone())
        .await?;
    let mut listener = PgListener::connect_with(&pool).await?;
    listener.eager_reconnect(false);
    listener.listen(channel).await?;
    Ok(listener)
}

async fn answers(listener: &mut PgListener) -> bool {
    let question = sqlx::query_scalar!(r#"select 1 as "one!""#).fetch_one(listener);
    matches!(tokio::time::timeout(PATIENCE, question).await, Ok(Ok(_)))
}

#[cfg(test)]
mod tests {
    use super::super::{Store, change, fixture};
    use super::*;
    use sqlx::PgPool;

    async fn next(listener: &mut Listener) -> Notice {
        tokio::time::timeout(Duration::from_secs(20), listener.recv())
            .await
            .unwrap()
    }

    #[sqlx::test(migrations = "../migrations")]
    async fn a_lost_connection_is_made_again_and_said(pool: PgPool) {
        let store = Store::from(pool);
        let mut listener = store.listen("gatehouse_change").await.unwrap();
        let mut connection = store.acquire().await.unwrap();
        let (_, id) = fixture::one_change(&mut connection).await;
        assert_eq!(next(&mut listener).await, Notice::Payload("1".into()));

        let ended: i64 = sqlx::query_scalar(
            "select count(pg_terminate_backend(pid)) from pg_stat_activity
             where datname = current_database() and pid <> pg_backend_pid()
               and query ilike 'listen%'",
        )
        .fetch_one(&mut *connection)
        .await
        .unwrap();
        assert_eq!(ended, 1);
        assert_eq!(next(&mut listener).await, Notice::MaybeMissed);
        change::save_state(&mut connection, id, &fixture::withdrawn())
            .await
            .unwrap();
        assert_eq!(next(&mut listener).await, Notice::Payload("1".into()));
    }
}
