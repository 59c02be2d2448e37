//! What people said on a change.
use super::row::Place;
use super::{Connection, Result};
use chrono::{DateTime, Utc};
use domain::names::{ChangeId, Subject};
use uuid::Uuid;

/// A comment.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Comment {
    /// The words.
    pub body: String,
    /// Who wrote them.
    pub by: Subject,
    /// What to call them.
    pub by_name: String,
    /// When.
    pub at: DateTime<Utc>,
}

/// Keeps a comment.
#[tracing::instrument(name = "db.comment.insert", skip_all)]
pub async fn insert(
    connection: &mut Connection,
    change: ChangeId,
    body: &str,
    by: &Subject,
) -> Result<()> {
    sqlx::query!(
        "insert into comment (id, change, body, written_by) values ($1, $2, $3, $4)",
        Uuid::now_v7(),
        change.0,
        body,
        by.as_str(),
    )
    .execute(connection)
    .await?;
    Ok(())
}

/// Every comment on a change, oldest first.
#[tracing::instrument(name = "db.comment.of_change", skip_all)]
pub async fn of_change(connection: &mut Connection, change: ChangeId) -> Result<Vec<Comment>> {
    let rows = sqlx::query!(
        "select id, body, written_by, person.name, written_at
         from comment join person on person.subject = written_by
         where change = $1 order by written_at, id",
        change.0
    )
    .fetch_all(connection)
    .await?;
    rows.into_iter()
        .map(|row| {
            let place = Place {
                table: "comment",
                row: row.id,
            };
            Ok(Comment {
                body: row.body,
                by: place.parse("written_by", &row.written_by)?,
                by_name: row.name,
                at: row.written_at,
            })
        })
        .collect()
}

#[cfg(test)]
mod tests {
    use super::super::fixture::{self, name};
    use super::*;
    use sqlx::PgPool;

    #[sqlx::test(migrations = "../migrations")]
    async fn comments_come_oldest_first(pool: PgPool) {
        let mut connection = pool.acquire().await.unwrap();
        let (_, change) = fixture::one_change(&mut connection).await;
        for body in ["first", "second\nline"] {
            insert(&mut connection, change, body, &name("ada"))
                .await
                .unwrap();
        }
        let comments = of_change(&mut connection, change).await.unwrap();
        assert_eq!(
            comments
                .iter()
                .map(|each| each.body.as_str())
                .collect::<Vec<_>>(),
            ["first", "second\nline"]
        );
        assert_eq!(comments[0].by_name, "ada the Tester");
    }
}
