//! People, as the identity provider last described them.
use super::row::{Place, write};
use super::{Connection, Result};
use chrono::{DateTime, Utc};
use domain::names::{Subject, TeamName};
use domain::person::Grant;
use domain::stage::Stage;
use serde_json::json;

/// Keeps what a sign-in said of a person.
#[tracing::instrument(name = "db.person.upsert", skip_all)]
pub async fn upsert(
    connection: &mut Connection,
    subject: &Subject,
    name: &str,
    email: Option<&str>,
    grants: &[Grant],
) -> Result<()> {
    sqlx::query!(
        "insert into person (subject, name, email, grants, signed_in_at)
         values ($1, $2, $3, $4, now())
         on conflict (subject) do update set name = excluded.name, email = excluded.email,
           grants = excluded.grants, signed_in_at = excluded.signed_in_at",
        subject.as_str(),
        name,
        email,
        write(grants)?,
    )
    .execute(connection)
    .await?;
    Ok(())
}

/// People whose latest sign-in, not before the given time, lets them approve for a team at a
/// stage: subject and name, by name.
#[tracing::instrument(name = "db.person.approvers", skip_all)]
pub async fn approvers(
    connection: &mut Connection,
    team: &TeamName,
    stage: Stage,
    signed_in_since: DateTime<Utc>,
) -> Result<Vec<(Subject, String)>> {
    // The JSON of `Grant::Approver`; containment finds it among other grants and stages.
    let grant = json!([{ "role": "approver", "team": team, "stages": [stage] }]);
    let rows = sqlx::query!(
        "select subject, name from person
         where grants @> $1 and signed_in_at >= $2 order by name, subject",
        grant,
        signed_in_since,
    )
    .fetch_all(connection)
    .await?;
    rows.into_iter()
        .map(|row| {
            let place = Place {
                table: "person",
                row: &row.subject,
            };
            Ok((place.parse("subject", &row.subject)?, row.name))
        })
        .collect()
}

/// What to call somebody.
#[tracing::instrument(name = "db.person.name_of", skip_all)]
pub async fn name_of(connection: &mut Connection, subject: &Subject) -> Result<Option<String>> {
    let name = sqlx::query_scalar!(
        "select name from person where subject = $1",
        subject.as_str()
    )
    .fetch_optional(connection)
    .await?;
    Ok(name)
}
