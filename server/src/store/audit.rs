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

#[cfg(test)]
mod tests {
    use super::super::fixture::{self, name};
    use super::super::{Store, StoreError};
    use super::*;
    use domain::audit::{Action, Actor};
    use serde_json::json;
    use sqlx::PgPool;

    fn entry() -> Entry {
        Entry {
            actor: Actor::Person {
                subject: name("ada"),
            },
            action: Action::ChangeAsked,
            change: Some(ChangeNumber(42)),
            thing: "payments/checkout/dev".into(),
            reason: Some("for the sale".into()),
            policy: Some("developers-ask".into()),
            request_id: Some("r-1".into()),
            detail: json!({ "release": 3 }),
        }
    }

    #[sqlx::test(migrations = "../migrations")]
    async fn entries_come_back_in_order(pool: PgPool) {
        let mut connection = pool.acquire().await.unwrap();
        fixture::person(&mut connection, "ada").await;
        let by_worker = Entry {
            actor: Actor::Worker,
            action: Action::ChangePlanned,
            ..entry()
        };
        let elsewhere = Entry {
            change: None,
            actor: Actor::Visitor,
            action: Action::SignInFailed,
            ..entry()
        };
        let session = SessionId(uuid::Uuid::now_v7());
        let first = append(&mut connection, &entry(), Some(session))
            .await
            .unwrap();
        append(&mut connection, &elsewhere, None).await.unwrap();
        let third = append(&mut connection, &by_worker, None).await.unwrap();
        let read = of_change(&mut connection, ChangeNumber(42)).await.unwrap();
        assert_eq!(
            read.iter().map(|each| each.id).collect::<Vec<_>>(),
            [first, third]
        );
        assert_eq!(read[0].entry, entry());
        assert_eq!(read[0].actor_name.as_deref(), Some("ada the Tester"));
        assert_eq!((&read[1].entry, &read[1].actor_name), (&by_worker, &None));
    }

    const REWRITES: [&str; 4] = [
        "update audit_entry set reason = 'another'",
        "delete from audit_entry",
        "truncate audit_entry",
        "update audit_entry set reason = 'another' where false",
    ];

    #[sqlx::test(migrations = "../migrations")]
    async fn the_owner_cannot_rewrite_history(pool: PgPool) {
        let mut connection = pool.acquire().await.unwrap();
        append(&mut connection, &entry(), None).await.unwrap();
        for rewrite in REWRITES {
            let error = sqlx::raw_sql(rewrite)
                .execute(&mut *connection)
                .await
                .unwrap_err();
            assert!(
                error.to_string().contains("never changed or deleted"),
                "{rewrite}: {error}"
            );
        }
        assert_eq!(
            of_change(&mut connection, ChangeNumber(42))
                .await
                .unwrap()
                .len(),
            1
        );
    }

    #[sqlx::test(migrations = "../migrations")]
    async fn the_application_cannot_rewrite_what_is_written_once(pool: PgPool) {
        let mut connection = pool.acquire().await.unwrap();
        let (_, change) = fixture::one_change(&mut connection).await;
        sqlx::raw_sql("set role gatehouse_app")
            .execute(&mut *connection)
            .await
            .unwrap();
        append(&mut connection, &entry(), None).await.unwrap();
        fixture::kept_plan(&mut connection, change, "a: 1").await;
        let others = [
            "update plan set review_digest = ''",
            "delete from release",
            "update blueprint_version set files = '{}'",
            "delete from change",
            "delete from decision",
            "update stack_event set status = ''",
            "alter table audit_entry disable trigger all",
            "drop table audit_entry",
        ];
        for rewrite in REWRITES.into_iter().chain(others) {
            let error = sqlx::raw_sql(rewrite)
                .execute(&mut *connection)
                .await
                .unwrap_err();
            let code = error
                .as_database_error()
                .unwrap()
                .code()
                .unwrap()
                .into_owned();
            assert_eq!(code, "42501", "{rewrite}: {error}");
        }
        assert_eq!(
            of_change(&mut connection, ChangeNumber(42))
                .await
                .unwrap()
                .len(),
            1
        );
    }

    #[sqlx::test(migrations = "../migrations")]
    async fn only_a_role_that_cannot_rewrite_history_may_serve(pool: PgPool) {
        let refused = Store::from(pool.clone()).refuse_owner().await.unwrap_err();
        assert!(
            matches!(refused, StoreError::RoleTooStrong { .. }),
            "{refused}"
        );
        let mut connection = pool.acquire().await.unwrap();
        sqlx::raw_sql("set role gatehouse_app")
            .execute(&mut *connection)
            .await
            .unwrap();
        super::super::role::refuse_owner(&mut connection)
            .await
            .unwrap();
        sqlx::raw_sql(
            "reset role; grant delete on audit_entry to gatehouse_app; set role gatehouse_app",
        )
        .execute(&mut *connection)
        .await
        .unwrap();
        let refused = super::super::role::refuse_owner(&mut connection)
            .await
            .unwrap_err();
        assert!(
            refused
                .to_string()
                .contains("gatehouse_app can update, delete or truncate"),
            "{refused}"
        );
        assert!(
            !super::super::migration::pending(&mut connection)
                .await
                .unwrap()
        );
    }
}
