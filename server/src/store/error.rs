//! What can go wrong between Gatehouse and its database.
use sqlx::error::ErrorKind;

/// Result of everything in the store.
pub type Result<T, E = StoreError> = std::result::Result<T, E>;

/// Why the database did not do as asked.
#[derive(Debug, thiserror::Error)]
pub enum StoreError {
    /// It can't be reached, is overloaded, or broke off; the same call may work later.
    #[error("the database can't answer now: {0}")]
    Unavailable(#[source] sqlx::Error),
    /// A row that Gatehouse can't have written.
    #[error("table {table}, row {row}: column {column} holds what it can't hold: {source}")]
    Inconsistent {
        /// The table.
        table: &'static str,
        /// The column.
        column: &'static str,
        /// The row's key.
        row: String,
        /// What is wrong with the value.
        source: Box<dyn std::error::Error + Send + Sync>,
    },
    /// There is one already, where there may only be one.
    #[error("the database holds one already, and takes only one ({constraint})")]
    Conflict {
        /// The constraint or unique index that says so.
        constraint: String,
    },
    /// The database role can do more than the server's may.
    #[error(
        "the database role {role} {power}, so history would be no proof; \
         serve as a role that only has what gatehouse_app is granted, and keep the owner for migrations"
    )]
    RoleTooStrong {
        /// The role.
        role: String,
        /// What it can do, as a clause.
        power: String,
    },
    /// The schema could not be brought up to date.
    #[error("the database could not be migrated: {0}")]
    Migration(#[source] sqlx::migrate::MigrateError),
    /// Anything else: a mistake of ours, or of the address.
    #[error("the database refused: {0}")]
    Other(#[source] sqlx::Error),
}

impl StoreError {
    /// Whether the same call may work later without anyone's doing.
    pub fn is_transient(&self) -> bool {
        matches!(self, StoreError::Unavailable(_))
    }

    /// Whether it is a conflict over this constraint.
    pub fn is_conflict_over(&self, name: &str) -> bool {
        matches!(self, StoreError::Conflict { constraint } if constraint == name)
    }

    pub(super) fn inconsistent(
        table: &'static str,
        column: &'static str,
        row: impl ToString,
        source: impl Into<Box<dyn std::error::Error + Send + Sync>>,
    ) -> Self {
        StoreError::Inconsistent {
            table,
            column,
            row: row.to_string(),
            source: source.into(),
        }
    }
}

/// Error classes and codes after which the same call may work: connection lost, resources used up,
/// server shutting down, serialization failure, deadlock, lock or statement timeout (PostgreSQL
/// manual, appendix A).
fn passes(code: &str) -> bool {
    code.starts_with("08")
        || code.starts_with("53")
        || matches!(
            code,
            "57P01" | "57P02" | "57P03" | "57014" | "40001" | "40P01" | "55P03"
        )
}

impl From<sqlx::Error> for StoreError {
    fn from(error: sqlx::Error) -> Self {
        match &error {
            sqlx::Error::Io(_)
            | sqlx::Error::Tls(_)
            | sqlx::Error::Protocol(_)
            | sqlx::Error::PoolTimedOut
            | sqlx::Error::PoolClosed
            | sqlx::Error::WorkerCrashed => StoreError::Unavailable(error),
            sqlx::Error::Database(database) => {
                if database.kind() == ErrorKind::UniqueViolation {
                    StoreError::Conflict {
                        constraint: database.constraint().unwrap_or("unnamed").to_owned(),
                    }
                } else if database.code().is_some_and(|code| passes(&code)) {
                    StoreError::Unavailable(error)
                } else {
                    StoreError::Other(error)
                }
            }
            _ => StoreError::Other(error),
        }
    }
}

impl From<sqlx::migrate::MigrateError> for StoreError {
    fn from(error: sqlx::migrate::MigrateError) -> Self {
        match error {
            sqlx::migrate::MigrateError::Execute(error) => error.into(),
            other => StoreError::Migration(other),
        }
    }
}
