//! The history. Entries are added and read, nothing else; the database refuses the rest.
use super::row::{Place, write};
use super::{Connection, Result};
use chrono::{DateTime, Utc};
use domain::audit::Entry;
use domain::names::{ChangeNumber, SessionId};
use serde_json::Value;

/// An entry in its place.
#[derive(Clone, Debug, PartialEq)]
pub struct Recorded {
    /// Its place; later entries have greater ones.
    pub id: i64,
    /// When it was written.
    pub at: DateTime<Utc>,
    /// What it says.
    pub entry: Entry,
    /// What to call the person who acted, when a known person did.
    pub actor_name: Option<String>,
}

/// Adds an entry; gives its place. Belongs in the transaction that does what it tells of.
#[tracing::instrument(name = "db.audit.append", skip_all)]
pub async fn append(
    connection: &mut Connection,
    entry: &Entry,
    session: Option<SessionId>,
) -> Result<i64> {
    let action = write(&entry.action)?;
    let id = sqlx::query_scalar!(
        "insert into audit_entry
           (actor, session, action, change, thing, reason, policy, request_id, detail)
         values ($1, $2, $3, $4, $5, $6, $7, $8, $9) returning id",
        write(&entry.actor)?,
        session.map(|session| session.0),
        // Actions are written as texts.
        action.as_str().unwrap_or_default(),
        entry.change.map(|number| number.0),
        entry.thing,
        entry.reason,
        entry.policy,
        entry.request_id,
        entry.detail,
    )
    .fetch_one(connection)
    .await?;
    Ok(id)
}

/// Every entry about a change, oldest first.
#[tracing::instrument(name = "db.audit.of_change", skip_all)]
pub async fn of_change(connection: &mut Connection, change: ChangeNumber) -> Result<Vec<Recorded>> {
    let rows = sqlx::query!(
        r#"select id, at, actor, action, change, thing, reason, policy, request_id, detail,
             person.name as "actor_name?"
           from audit_entry left join person on person.subject = audit_entry.subject
           where change = $1 order by id"#,
        change.0
    )
    .fetch_all(connection)
    .await?;
    rows.into_iter()
        .map(|row| {
            let place = Place {
                table: "audit_entry",
                row: row.id,
            };
            Ok(Recorded {
                id: row.id,
                at: row.at,
                entry: Entry {
                    actor: place.read("actor", row.actor)?,
                    action: place.read("action", Value::String(row.action))?,
                    change: row.change.map(ChangeNumber),
                    thing: row.thing,
                    reason: row.reason,
                    policy: row.policy,
                    request_id: row.request_id,
                    detail: row.detail,
                },
                actor_name: row.actor_name,
            })
        })
        .collect()
}
