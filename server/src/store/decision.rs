//! What reviewers said of a review digest.
use super::row::Place;
use super::{Connection, Result, StoreError};
use chrono::{DateTime, Utc};
use domain::change::{Approval, Decision, Group};
use domain::names::{ChangeId, Digest, PlanId, Subject};
use std::collections::BTreeSet;
use uuid::Uuid;

/// A decision to be kept.
#[derive(Clone, Debug)]
pub struct NewDecision<'a> {
    /// The plan that was on show.
    pub plan: PlanId,
    /// The digest it names.
    pub digest: &'a Digest,
    /// What they say.
    pub decision: Decision,
    /// In their words; may be empty for an approval.
    pub comment: &'a str,
    /// Who.
    pub by: &'a Subject,
    /// The groups they are a member of for this change.
    pub groups: &'a BTreeSet<Group>,
    /// The rules in force, kept by [`super::rule_set::keep`].
    pub rule_set: &'a Digest,
}

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
    /// The groups they were a member of.
    pub groups: BTreeSet<Group>,
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
    groups: Vec<String>,
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
            groups: place.read("groups", serde_json::json!(row.groups))?,
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
    new: NewDecision<'_>,
) -> Result<()> {
    sqlx::query!(
        "insert into decision
           (id, change, plan, review_digest, decision, comment, decided_by, groups, rule_set)
         values ($1, $2, $3, $4, $5, $6, $7, $8, $9)",
        Uuid::now_v7(),
        change.0,
        new.plan.0,
        new.digest.as_str(),
        new.decision.as_str(),
        new.comment,
        new.by.as_str(),
        &words(new.groups),
        new.rule_set.as_str(),
    )
    .execute(connection)
    .await?;
    Ok(())
}

/// Groups as they stand in the database.
pub(super) fn words(groups: &BTreeSet<Group>) -> Vec<String> {
    groups.iter().map(ToString::to_string).collect()
}

/// Every decision on a change, oldest first.
#[tracing::instrument(name = "db.decision.of_change", skip_all)]
pub async fn of_change(connection: &mut Connection, change: ChangeId) -> Result<Vec<Decided>> {
    sqlx::query_as!(
        Row,
        "select id, plan, review_digest, decision, comment, decided_by,
           person.name as decided_by_name, groups, decided_at, voided_at
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
           person.name as decided_by_name, groups, decided_at, voided_at",
        change.0,
        digest.as_str(),
    )
    .fetch_all(connection)
    .await?
    .into_iter()
    .map(Decided::try_from)
    .collect()
}

/// The approvals of this digest that have not fallen away, oldest first.
#[tracing::instrument(name = "db.decision.standing_approvals", skip_all)]
pub async fn standing_approvals(
    connection: &mut Connection,
    change: ChangeId,
    digest: &Digest,
) -> Result<Vec<Approval>> {
    let rows = sqlx::query_as!(
        Row,
        "select id, plan, review_digest, decision, comment, decided_by,
           person.name as decided_by_name, groups, decided_at, voided_at
         from decision join person on person.subject = decided_by
         where change = $1 and review_digest = $2 and decision = 'approve' and voided_at is null
         order by decided_at, id",
        change.0,
        digest.as_str(),
    )
    .fetch_all(connection)
    .await?;
    let approval = |row: Row| {
        let Decided {
            by, digest, groups, ..
        } = row.try_into()?;
        Ok(Approval { by, digest, groups })
    };
    rows.into_iter().map(approval).collect()
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
        let rule_set = fixture::rule_set(&mut connection).await;
        for (decision, comment) in [(Decision::AskForChanges, "why?"), (Decision::Approve, "")] {
            let new = NewDecision {
                plan,
                digest: &digest,
                decision,
                comment,
                by: &bob,
                groups: &[Group::Approver, Group::Security].into(),
                rule_set: &rule_set,
            };
            insert(&mut connection, change, new).await.unwrap();
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

        let standing = async |connection: &mut Connection, digest: &Digest| {
            let found = standing_approvals(connection, change, digest).await;
            found.unwrap()
        };
        let approval = Approval {
            by: bob.clone(),
            digest: digest.clone(),
            groups: all[1].groups.clone(),
        };
        assert_eq!(approval.groups.len(), 2);
        assert_eq!(standing(&mut connection, &digest).await, [approval]);
        assert_eq!(standing(&mut connection, &other).await, []);
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
        assert_eq!(standing(&mut connection, &digest).await, []);
        assert_eq!(
            void_other_than(&mut connection, change, &other)
                .await
                .unwrap(),
            []
        );
    }
}
