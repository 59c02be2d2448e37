//! The schema's versions.
use super::{Connection, Result, StoreError};
use sqlx::migrate::{Migrate, MigrateError, Migrator};
use sqlx::{Connection as _, PgConnection};
use std::collections::BTreeSet;

static MIGRATOR: Migrator = sqlx::migrate!("../migrations");

/// "undefined table" (PostgreSQL manual, appendix A).
const UNDEFINED_TABLE: &str = "42P01";

/// Brings the schema up to date, as the role that owns it. Several at once wait for one another.
///
/// # Errors
/// When the database does not answer, or holds other migrations than those of this program.
#[tracing::instrument(name = "db.migrate", skip_all)]
pub async fn migrate(url: &str) -> Result<()> {
    let mut connection = PgConnection::connect(url).await?;
    MIGRATOR.run(&mut connection).await?;
    connection.close().await?;
    Ok(())
}

#[tracing::instrument(name = "db.pending_migrations", skip_all)]
pub(super) async fn pending(connection: &mut Connection) -> Result<bool> {
    let applied = match connection
        .list_applied_migrations(&MIGRATOR.table_name)
        .await
    {
        Ok(applied) => applied,
        Err(MigrateError::Execute(sqlx::Error::Database(error)))
            if error.code().as_deref() == Some(UNDEFINED_TABLE) =>
        {
            return Ok(true);
        }
        Err(error) => return Err(StoreError::from(error)),
    };
    let applied: BTreeSet<_> = applied.into_iter().map(|row| row.version).collect();
    Ok(MIGRATOR
        .iter()
        .filter(|migration| migration.migration_type.is_up_migration())
        .any(|migration| !applied.contains(&migration.version)))
}
