//! Forms that were refused, kept for the person who typed them.
use super::row::{Place, write};
use super::{Connection, Result};
use domain::blueprint::Problem;
use domain::names::{DraftId, Subject};
use std::collections::BTreeMap;

/// What was typed by field, and what was wrong with it.
pub type Draft = (BTreeMap<String, String>, Vec<Problem>);

/// Keeps what was typed and what was wrong with it.
#[tracing::instrument(name = "db.draft.insert", skip_all)]
pub async fn insert(
    connection: &mut Connection,
    id: DraftId,
    subject: &Subject,
    values: &BTreeMap<String, String>,
    problems: &[Problem],
) -> Result<()> {
    // Postgres takes no NUL in a text. What can't be kept shows as what can't be shown.
    let values: BTreeMap<String, String> = values
        .iter()
        .map(|(field, value)| (without_nul(field), without_nul(value)))
        .collect();
    let problems: Vec<Problem> = problems
        .iter()
        .map(|problem| Problem::at(without_nul(&problem.field), without_nul(&problem.message)))
        .collect();
    sqlx::query!(
        "insert into draft (id, subject, values, problems) values ($1, $2, $3, $4)",
        id.0,
        subject.as_str(),
        write(&values)?,
        write(&problems)?,
    )
    .execute(connection)
    .await?;
    Ok(())
}

fn without_nul(text: &str) -> String {
    text.replace('\0', "\u{FFFD}")
}

/// What was typed and what was wrong with it, for the person who typed it.
#[tracing::instrument(name = "db.draft.get", skip_all)]
pub async fn get(
    connection: &mut Connection,
    id: DraftId,
    subject: &Subject,
) -> Result<Option<Draft>> {
    let row = sqlx::query!(
        "select values, problems from draft where id = $1 and subject = $2",
        id.0,
        subject.as_str(),
    )
    .fetch_optional(connection)
    .await?;
    row.map(|row| {
        let place = Place {
            table: "draft",
            row: id,
        };
        Ok((
            place.read("values", row.values)?,
            place.read("problems", row.problems)?,
        ))
    })
    .transpose()
}

/// Deletes drafts older than a day; gives how many.
#[tracing::instrument(name = "db.draft.delete_old", skip_all)]
pub async fn delete_old(connection: &mut Connection) -> Result<u64> {
    let deleted = sqlx::query!("delete from draft where created_at < now() - interval '1 day'")
        .execute(connection)
        .await?;
    Ok(deleted.rows_affected())
}

#[cfg(test)]
mod tests {
    use super::super::fixture::name;
    use super::*;
    use sqlx::PgPool;
    use uuid::Uuid;

    #[sqlx::test(migrations = "../migrations")]
    async fn a_draft_is_its_owners_for_a_day(pool: PgPool) {
        let mut connection = pool.acquire().await.unwrap();
        let id = DraftId(Uuid::now_v7());
        let values = BTreeMap::from([("Reads".to_owned(), "<b>many\0</b>".to_owned())]);
        let problems = [Problem::at("Reads", "Reads is a whole number, such as 5")];
        insert(&mut connection, id, &name("ada"), &values, &problems)
            .await
            .unwrap();

        let (kept, said) = get(&mut connection, id, &name("ada"))
            .await
            .unwrap()
            .unwrap();
        assert_eq!(kept["Reads"], "<b>many\u{FFFD}</b>");
        assert_eq!(said, problems);
        assert_eq!(get(&mut connection, id, &name("bob")).await.unwrap(), None);

        assert_eq!(delete_old(&mut connection).await.unwrap(), 0);
        sqlx::raw_sql("update draft set created_at = now() - interval '25 hours'")
            .execute(&mut *connection)
            .await
            .unwrap();
        assert_eq!(delete_old(&mut connection).await.unwrap(), 1);
        assert_eq!(get(&mut connection, id, &name("ada")).await.unwrap(), None);
    }
}
