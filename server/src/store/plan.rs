//! Plans: written once, never changed.
use super::row::{Place, write};
use super::{Connection, Result, StoreError};
use chrono::{DateTime, Utc};
use domain::change::Plan;
use domain::names::{ChangeId, PlanId};
use serde_json::Value;
use uuid::Uuid;

struct Row {
    id: Uuid,
    review_digest: String,
    reviewed: Value,
    binding: Value,
    created_at: DateTime<Utc>,
}

impl TryFrom<Row> for (Plan, DateTime<Utc>) {
    type Error = StoreError;

    fn try_from(row: Row) -> Result<Self> {
        let place = Place {
            table: "plan",
            row: row.id,
        };
        let plan = Plan {
            id: PlanId(row.id),
            reviewed: place.read("reviewed", row.reviewed)?,
            digest: place.parse("review_digest", &row.review_digest)?,
            binding: place.read("binding", row.binding)?,
        };
        Ok((plan, row.created_at))
    }
}

/// Keeps a plan.
///
/// # Errors
/// [`StoreError::Conflict`] over `plan_pkey` when it is kept already.
#[tracing::instrument(name = "db.plan.insert", skip_all)]
pub async fn insert(connection: &mut Connection, change: ChangeId, plan: &Plan) -> Result<()> {
    sqlx::query!(
        "insert into plan (id, change, review_digest, reviewed, binding)
         values ($1, $2, $3, $4, $5)",
        plan.id.0,
        change.0,
        plan.digest.as_str(),
        write(&plan.reviewed)?,
        write(&plan.binding)?,
    )
    .execute(connection)
    .await?;
    Ok(())
}

/// One plan, and when it was made.
#[tracing::instrument(name = "db.plan.get", skip_all)]
pub async fn get(connection: &mut Connection, id: PlanId) -> Result<Option<(Plan, DateTime<Utc>)>> {
    sqlx::query_as!(
        Row,
        "select id, review_digest, reviewed, binding, created_at from plan where id = $1",
        id.0
    )
    .fetch_optional(connection)
    .await?
    .map(TryFrom::try_from)
    .transpose()
}

/// The latest plan of a change, and when it was made.
#[tracing::instrument(name = "db.plan.latest_of", skip_all)]
pub async fn latest_of(
    connection: &mut Connection,
    change: ChangeId,
) -> Result<Option<(Plan, DateTime<Utc>)>> {
    sqlx::query_as!(
        Row,
        "select id, review_digest, reviewed, binding, created_at from plan
         where change = $1 order by created_at desc, id desc limit 1",
        change.0
    )
    .fetch_optional(connection)
    .await?
    .map(TryFrom::try_from)
    .transpose()
}

#[cfg(test)]
mod tests {
    use super::super::fixture;
    use super::*;
    use domain::change::review_digest;
    use sqlx::PgPool;

    #[sqlx::test(migrations = "../migrations")]
    async fn a_plan_comes_back_with_its_digest(pool: PgPool) {
        let mut connection = pool.acquire().await.unwrap();
        let (_, change) = fixture::one_change(&mut connection).await;
        let first = fixture::plan("Resources:\n  \"ä\": {z: 1, a: 2}\n");
        let second = fixture::plan("Resources: {}\n");
        insert(&mut connection, change, &first).await.unwrap();
        insert(&mut connection, change, &second).await.unwrap();
        let (read, _) = get(&mut connection, first.id).await.unwrap().unwrap();
        assert_eq!(read, first);
        assert_eq!(review_digest(&read.reviewed).unwrap(), first.digest);
        let (latest, _) = latest_of(&mut connection, change).await.unwrap().unwrap();
        assert_eq!(latest, second);
        let again = insert(&mut connection, change, &second).await.unwrap_err();
        assert!(again.is_conflict_over("plan_pkey"));
    }
}
