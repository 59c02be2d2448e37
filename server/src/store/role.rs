//! What the database role may do.
use super::{Connection, Result, StoreError};

#[tracing::instrument(name = "db.role.refuse_owner", skip_all)]
pub(super) async fn refuse_owner(connection: &mut Connection) -> Result<()> {
    let role = sqlx::query!(
        r#"select current_user::text as "name!",
             (select rolsuper from pg_roles where rolname = current_user) as "superuser!",
             pg_has_role(relowner, 'member') as "owner!",
             has_table_privilege('audit_entry', 'update, delete, truncate') as "rewriter!"
           from pg_class where oid = 'audit_entry'::regclass"#
    )
    .fetch_one(connection)
    .await?;
    let power = match (role.superuser, role.owner, role.rewriter) {
        (true, _, _) => "is a superuser",
        (_, true, _) => "owns the tables",
        (_, _, true) => "can update, delete or truncate audit entries",
        _ => return Ok(()),
    };
    Err(StoreError::RoleTooStrong {
        role: role.name,
        power: power.to_owned(),
    })
}
