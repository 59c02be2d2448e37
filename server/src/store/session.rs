//! Browser sessions, and sign-ins under way. Tokens are known here by their SHA-256 only.
use super::row::{Place, write};
use super::{Connection, Result};
use chrono::{DateTime, Utc};
use domain::names::{SessionId, Subject};
use domain::person::{Grant, Principal};
use std::time::Duration;

/// SHA-256 of a secret.
pub type Hash = [u8; 32];

/// A session to begin.
#[derive(Clone, Copy, Debug)]
pub struct NewSession<'a> {
    /// The session's id.
    pub id: SessionId,
    /// What its token is known by.
    pub token_hash: &'a Hash,
    /// Whose.
    pub subject: &'a Subject,
    /// What the sign-in grants.
    pub grants: &'a [Grant],
    /// When the person proved who they are, where that is known.
    pub authenticated_at: Option<DateTime<Utc>>,
    /// To sign out with at the identity provider.
    pub id_token: Option<&'a str>,
}

/// Begins a session.
///
/// # Errors
/// Besides the usual, when the person was never kept with [`super::person::upsert`].
#[tracing::instrument(name = "db.session.insert", skip_all)]
pub async fn insert(connection: &mut Connection, new: NewSession<'_>) -> Result<()> {
    sqlx::query!(
        "insert into session (id, token_hash, subject, grants, id_token, authenticated_at)
         values ($1, $2, $3, $4, $5, $6)",
        new.id.0,
        new.token_hash,
        new.subject.as_str(),
        write(new.grants)?,
        new.id_token,
        new.authenticated_at,
    )
    .execute(connection)
    .await?;
    Ok(())
}

/// Who a token belongs to, unless the session was idle longer than `idle` or is older than
/// `absolute`. Counts as a use; that is written at most once a minute.
#[tracing::instrument(name = "db.session.find", skip_all)]
pub async fn find(
    connection: &mut Connection,
    token_hash: &Hash,
    idle: Duration,
    absolute: Duration,
) -> Result<Option<Principal>> {
    let row = sqlx::query!(
        r#"with found as (
             select session.id, session.subject, person.name, session.grants, session.seen_at,
               session.authenticated_at
             from session join person on person.subject = session.subject
             where token_hash = $1
               and seen_at > now() - make_interval(secs => $2)
               and created_at > now() - make_interval(secs => $3)
           ), touched as (
             update session set seen_at = now()
             where id in (
               select session.id from session join found on found.id = session.id
               where session.seen_at < now() - interval '1 minute'
               for update of session skip locked)
           )
           select id, subject, name, grants, authenticated_at from found"#,
        token_hash,
        idle.as_secs_f64(),
        absolute.as_secs_f64(),
    )
    .fetch_optional(connection)
    .await?;
    row.map(|row| {
        let place = Place {
            table: "session",
            row: row.id,
        };
        let mut grants: Vec<Grant> = place.read("grants", row.grants)?;
        grants.sort();
        Ok(Principal {
            subject: place.parse("subject", &row.subject)?,
            name: row.name,
            session: SessionId(row.id),
            grants,
            authenticated_at: row.authenticated_at,
        })
    })
    .transpose()
}

/// Ends a session; gives the ID token to sign out with at the identity provider.
#[tracing::instrument(name = "db.session.delete", skip_all)]
pub async fn delete(connection: &mut Connection, id: SessionId) -> Result<Option<String>> {
    let id_token =
        sqlx::query_scalar!("delete from session where id = $1 returning id_token", id.0)
            .fetch_optional(connection)
            .await?;
    Ok(id_token.flatten())
}

/// Deletes sessions and sign-ins that can't be used any more; gives how many.
#[tracing::instrument(name = "db.session.delete_expired", skip_all)]
pub async fn delete_expired(
    connection: &mut Connection,
    idle: Duration,
    absolute: Duration,
) -> Result<u64> {
    let sessions = sqlx::query!(
        "delete from session where seen_at <= now() - make_interval(secs => $1)
           or created_at <= now() - make_interval(secs => $2)",
        idle.as_secs_f64(),
        absolute.as_secs_f64(),
    )
    .execute(&mut *connection)
    .await?;
    let attempts = sqlx::query!(
        "delete from sign_in_attempt where created_at <= now() - interval '10 minutes'"
    )
    .execute(connection)
    .await?;
    Ok(sessions.rows_affected() + attempts.rows_affected())
}

/// A sign-in that was sent to the identity provider.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Attempt {
    /// Expected in the ID token.
    pub nonce: String,
    /// For the token request (RFC 7636).
    pub pkce_verifier: String,
    /// Path within the portal to go on to.
    pub return_to: String,
    /// Whether the person has to prove anew who they are.
    pub anew: bool,
}

/// Remembers a sign-in that is sent to the identity provider: known by its state, bound to one
/// browser by the hash of that browser's cookie.
#[tracing::instrument(name = "db.session.begin_sign_in", skip_all)]
pub async fn begin_sign_in(
    connection: &mut Connection,
    state_hash: &Hash,
    browser_hash: &Hash,
    attempt: &Attempt,
) -> Result<()> {
    sqlx::query!(
        "insert into sign_in_attempt (state_hash, browser_hash, nonce, pkce_verifier, return_to, anew)
         values ($1, $2, $3, $4, $5, $6)",
        state_hash,
        browser_hash,
        attempt.nonce,
        attempt.pkce_verifier,
        attempt.return_to,
        attempt.anew,
    )
    .execute(connection)
    .await?;
    Ok(())
}

/// Takes a sign-in that came back: once, by the browser that began it, within ten minutes.
#[tracing::instrument(name = "db.session.take_sign_in", skip_all)]
pub async fn take_sign_in(
    connection: &mut Connection,
    state_hash: &Hash,
    browser_hash: &Hash,
) -> Result<Option<Attempt>> {
    let attempt = sqlx::query_as!(
        Attempt,
        "delete from sign_in_attempt
         where state_hash = $1 and browser_hash = $2 and created_at > now() - interval '10 minutes'
         returning nonce, pkce_verifier, return_to, anew",
        state_hash,
        browser_hash,
    )
    .fetch_optional(connection)
    .await?;
    Ok(attempt)
}

#[cfg(test)]
mod tests {
    use super::super::fixture::{name, person};
    use super::*;
    use sqlx::PgPool;
    use uuid::Uuid;

    const IDLE: Duration = Duration::from_secs(30 * 60);
    const ABSOLUTE: Duration = Duration::from_secs(8 * 60 * 60);

    #[sqlx::test(migrations = "../migrations")]
    async fn a_session_ends_when_idle_when_old_and_when_signed_out(pool: PgPool) {
        let mut connection = pool.acquire().await.unwrap();
        let ada = person(&mut connection, "ada").await;
        let id = SessionId(Uuid::now_v7());
        let grants = [
            Grant::Security,
            Grant::Developer {
                team: name("payments"),
            },
        ];
        let authenticated_at = DateTime::from_timestamp(1_700_000_000, 0);
        let session = NewSession {
            id,
            token_hash: &[1; 32],
            subject: &ada,
            grants: &grants,
            authenticated_at,
            id_token: Some("hint"),
        };
        insert(&mut connection, session).await.unwrap();

        let found = find(&mut connection, &[1; 32], IDLE, ABSOLUTE)
            .await
            .unwrap()
            .unwrap();
        assert_eq!((&found.subject, found.session), (&ada, id));
        assert_eq!(found.authenticated_at, authenticated_at);
        assert_eq!(
            found.grants,
            [
                Grant::Developer {
                    team: name("payments")
                },
                Grant::Security
            ]
        );
        assert_eq!(
            find(&mut connection, &[2; 32], IDLE, ABSOLUTE)
                .await
                .unwrap(),
            None
        );

        // A use counts: 29 minutes, a use, 29 minutes.
        for _ in 0..2 {
            sqlx::raw_sql("update session set seen_at = seen_at - interval '29 minutes'")
                .execute(&mut *connection)
                .await
                .unwrap();
            assert!(
                find(&mut connection, &[1; 32], IDLE, ABSOLUTE)
                    .await
                    .unwrap()
                    .is_some()
            );
        }
        sqlx::raw_sql("update session set seen_at = seen_at - interval '31 minutes'")
            .execute(&mut *connection)
            .await
            .unwrap();
        assert_eq!(
            find(&mut connection, &[1; 32], IDLE, ABSOLUTE)
                .await
                .unwrap(),
            None
        );

        sqlx::raw_sql(
            "update session set seen_at = now(), created_at = now() - interval '8 hours'",
        )
        .execute(&mut *connection)
        .await
        .unwrap();
        assert_eq!(
            find(&mut connection, &[1; 32], IDLE, ABSOLUTE)
                .await
                .unwrap(),
            None
        );
        assert_eq!(
            delete_expired(&mut connection, IDLE, ABSOLUTE)
                .await
                .unwrap(),
            1
        );
        assert_eq!(delete(&mut connection, id).await.unwrap(), None);

        insert(&mut connection, session).await.unwrap();
        assert_eq!(
            delete(&mut connection, id).await.unwrap().as_deref(),
            Some("hint")
        );
        assert_eq!(
            find(&mut connection, &[1; 32], IDLE, ABSOLUTE)
                .await
                .unwrap(),
            None
        );
    }

    #[sqlx::test(migrations = "../migrations")]
    async fn a_sign_in_is_taken_once_by_its_browser_in_time(pool: PgPool) {
        let mut connection = pool.acquire().await.unwrap();
        let attempt = Attempt {
            nonce: "n".into(),
            pkce_verifier: "v".into(),
            return_to: "/changes/CH-1".into(),
            anew: true,
        };
        begin_sign_in(&mut connection, &[1; 32], &[2; 32], &attempt)
            .await
            .unwrap();
        assert_eq!(
            take_sign_in(&mut connection, &[1; 32], &[3; 32])
                .await
                .unwrap(),
            None
        );
        assert_eq!(
            take_sign_in(&mut connection, &[1; 32], &[2; 32])
                .await
                .unwrap(),
            Some(attempt.clone())
        );
        assert_eq!(
            take_sign_in(&mut connection, &[1; 32], &[2; 32])
                .await
                .unwrap(),
            None
        );

        begin_sign_in(&mut connection, &[1; 32], &[2; 32], &attempt)
            .await
            .unwrap();
        sqlx::raw_sql("update sign_in_attempt set created_at = now() - interval '10 minutes'")
            .execute(&mut *connection)
            .await
            .unwrap();
        assert_eq!(
            take_sign_in(&mut connection, &[1; 32], &[2; 32])
                .await
                .unwrap(),
            None
        );
        assert_eq!(
            delete_expired(&mut connection, IDLE, ABSOLUTE)
                .await
                .unwrap(),
            1
        );
    }
}
