//! What reviewers said of a review digest.
use super::row::Place;
use super::{Connection, Result, StoreError};
use chrono::{DateTime, Utc};
use domain::change::Decision;
use domain::names::{ChangeId, Digest, PlanId, Subject};
use uuid::Uuid;

/// A decision that was given.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Decided {
    /// The plan that was on show.
    pub plan: PlanId,
    /// The digest it names.
    pub digest: Digest,
    /// What they said.
    pub decision: Decision,
    /// In their words; may be empty for an approval.
    pub comment: String,
    /// Who.
    pub by: Subject,
    /// What to call them.
    pub by_name: String,
    /// When.
    pub at: DateTime<Utc>,
    /// When a plan with another digest made it fall away, if one did.
    pub voided_at: Option<DateTime<Utc>>,
}

struct Row {
    id: Uuid,
    plan: Uuid,
    review_digest: String,
    decision: String,
    comment: String,
    decided_by: String,
    decided_by_name: String,
    decided_at: DateTime<Utc>,
    voided_at: Option<DateTime<Utc>>,
}

impl TryFrom<Row> for Decided {
    type Error = StoreError;

    fn try_from(row: Row) -> Result<Self> {
        let place = Place {
            table: "decision",
            row: row.id,
        };
        Ok(Decided {
            plan: PlanId(row.plan),
            digest: place.parse("review_digest", &row.review_digest)?,
            decision: place.parse("decision", &row.decision)?,
            comment: row.comment,
            by: place.parse("decided_by", &row.decided_by)?,
            by_name: row.decided_by_name,
            at: row.decided_at,
            voided_at: row.voided_at,
        })
    }
}

/// Keeps a decision.
#[tracing::instrument(name = "db.decision.insert", skip_all)]
pub async fn insert(
    connection: &mut Connection,
    change: ChangeId,
    plan: PlanId,
    digest: &Digest,
    decision: Decision,
    comment: &str,
    by: &Subject,
) -> Result<()> {
    sqlx::query!(
        "insert into decision (id, change, plan, review_digest, decision, comment, decided_by)
         values ($1, $2, $3, $4, $5, $6, $7)",
        Uuid::now_v7(),
        change.0,
        plan.0,
        digest.as_str(),
        decision.as_str(),
        comment,
        by.as_str(),
    )
    .execute(connection)
    .await?;
    Ok(())
}

/// Every decision on a change, oldest first.
#[tracing::instrument(name = "db.decision.of_change", skip_all)]
pub async fn of_change(connection: &mut Connection, change: ChangeId) -> Result<Vec<Decided>> {
    sqlx::query_as!(
        Row,
        "select id, plan, review_digest, decision, comment, decided_by,
           person.name as decided_by_name, decided_at, voided_at
         from decision join person on person.subject = decided_by
         where change = $1 order by decided_at, id",
        change.0
    )
    .fetch_all(connection)
    .await?
    .into_iter()
    .map(Decided::try_from)
    .collect()
}

/// Lets approvals of other digests fall away; gives those that just did.
#[tracing::instrument(name = "db.decision.void_other_than", skip_all)]
pub async fn void_other_than(
    connection: &mut Connection,
    change: ChangeId,
    digest: &Digest,
) -> Result<Vec<Decided>> {
    sqlx::query_as!(
        Row,
        "update decision set voided_at = now() from person
         where person.subject = decided_by and change = $1 and review_digest <> $2
           and decision = 'approve' and voided_at is null
         returning id, plan, review_digest, decision, comment, decided_by,
           person.name as decided_by_name, decided_at, voided_at",
        change.0,
        digest.as_str(),
    )
    .fetch_all(connection)
    .await?
    .into_iter()
    .map(Decided::try_from)
    .collect()
}

/// The latest approval of this digest that has not fallen away.
#[tracing::instrument(name = "db.decision.standing_approval", skip_all)]
pub async fn standing_approval(
    connection: &mut Connection,
    change: ChangeId,
    digest: &Digest,
) -> Result<Option<Decided>> {
    sqlx::query_as!(
        Row,
        "select id, plan, review_digest, decision, comment, decided_by,
           person.name as decided_by_name, decided_at, voided_at
         from decision join person on person.subject = decided_by
         where change = $1 and review_digest = $2 and decision = 'approve' and voided_at is null
         order by decided_at desc, id desc limit 1",
        change.0,
        digest.as_str(),
    )
    .fetch_optional(connection)
    .await?
    .map(Decided::try_from)
    .transpose()
}

#[cfg(test)]
mod tests {
    use super::super::fixture;
    use super::*;
    use sqlx::PgPool;

    #[sqlx::test(migrations = "../migrations")]
    async fn approvals_stand_for_their_digest_only(pool: PgPool) {
        let mut connection = pool.acquire().await.unwrap();
        let (_, change) = fixture::one_change(&mut connection).await;
        let bob = fixture::person(&mut connection, "bob").await;
        let (plan, digest) = fixture::kept_plan(&mut connection, change, "a: 1").await;
        let (_, other) = fixture::kept_plan(&mut connection, change, "a: 2").await;
        for (decision, comment) in [(Decision::AskForChanges, "why?"), (Decision::Approve, "")] {
            insert(
                &mut connection,
                change,
                plan,
                &digest,
                decision,
                comment,
                &bob,
            )
            .await
            .unwrap();
        }
        let all = of_change(&mut connection, change).await.unwrap();
        assert_eq!(
            all.iter().map(|each| each.decision).collect::<Vec<_>>(),
            [Decision::AskForChanges, Decision::Approve]
        );
        assert_eq!(
            (
                all[0].plan,
                all[0].comment.as_str(),
                all[0].by_name.as_str()
            ),
            (plan, "why?", "bob the Tester")
        );

        assert_eq!(
            standing_approval(&mut connection, change, &digest)
                .await
                .unwrap()
                .as_ref(),
            Some(&all[1])
        );
        assert_eq!(
            standing_approval(&mut connection, change, &other)
                .await
                .unwrap(),
            None
        );
        assert_eq!(
            void_other_than(&mut connection, change, &digest)
                .await
                .unwrap(),
            []
        );

        let fell = void_other_than(&mut connection, change, &other)
            .await
            .unwrap();
        assert_eq!(fell.len(), 1);
        assert!(fell[0].voided_at.is_some());
        assert_eq!(
            standing_approval(&mut connection, change, &digest)
                .await
                .unwrap(),
            None
        );
        assert_eq!(
            void_other_than(&mut connection, change, &other)
                .await
                .unwrap(),
            []
        );
    }
}
