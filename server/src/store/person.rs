//! People, as the identity provider last described them.
use super::row::{Place, texts, write};
use super::{Connection, Result};
use chrono::{DateTime, Utc};
use domain::change::Group;
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

/// People whose latest sign-in, not before the given time, makes them members of a group for a team at a stage:
/// subject and name, by name.
#[tracing::instrument(name = "db.person.members", skip_all)]
pub async fn members(
    connection: &mut Connection,
    group: Group,
    (team, stage): (&TeamName, Stage),
    signed_in_since: DateTime<Utc>,
    limit: u32,
) -> Result<Vec<(Subject, String)>> {
    // The JSON of a `Grant`; containment finds it among other grants and stages.
    let grant = match group {
        Group::Approver => json!([{ "role": "approver", "team": team, "stages": [stage] }]),
        Group::Platform => json!([{ "role": "platform" }]),
        Group::Security => json!([{ "role": "security" }]),
    };
    let rows = sqlx::query!(
        "select subject, name from person
         where grants @> $1 and signed_in_at >= $2 order by name, subject limit $3",
        grant,
        signed_in_since,
        i64::from(limit),
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

/// Those of these people who have signed in since.
#[tracing::instrument(name = "db.person.signed_in", skip_all)]
pub async fn signed_in(
    connection: &mut Connection,
    subjects: &[Subject],
    since: DateTime<Utc>,
) -> Result<Vec<Subject>> {
    let found = sqlx::query_scalar!(
        "select subject from person where subject = any($1) and signed_in_at >= $2",
        &texts(subjects),
        since,
    )
    .fetch_all(connection)
    .await?;
    found
        .into_iter()
        .map(|subject| {
            let place = Place {
                table: "person",
                row: &subject,
            };
            place.parse("subject", &subject)
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

#[cfg(test)]
mod tests {
    use super::super::fixture::name;
    use super::*;
    use sqlx::PgPool;

    #[sqlx::test(migrations = "../migrations")]
    async fn approvers_are_found_by_team_and_stage(pool: PgPool) {
        let mut connection = pool.acquire().await.unwrap();
        let approver = |stages: &[Stage]| Grant::Approver {
            team: name("payments"),
            stages: stages.to_vec(),
        };
        let people: [(&str, &str, Vec<Grant>); 4] = [
            (
                "1",
                "Zoe",
                vec![Grant::Auditor, approver(&[Stage::Dev, Stage::Prod])],
            ),
            ("2", "Ben", vec![approver(&[Stage::Prod])]),
            ("3", "Cem", vec![approver(&[Stage::Dev])]),
            (
                "4",
                "Dev",
                vec![Grant::Developer {
                    team: name("payments"),
                }],
            ),
        ];
        for (subject, called, grants) in &people {
            upsert(
                &mut connection,
                &name(subject),
                called,
                Some("a@example.test"),
                grants,
            )
            .await
            .unwrap();
        }
        let long_ago = DateTime::UNIX_EPOCH;
        let found = of_group(&mut connection, "payments", long_ago).await;
        assert_eq!(
            found,
            [(name("2"), "Ben".into()), (name("1"), "Zoe".into())]
        );
        for (team, since) in [
            ("search", long_ago),
            ("payments", "2999-01-01T00:00:00Z".parse().unwrap()),
        ] {
            let found = of_group(&mut connection, team, since).await;
            assert!(found.is_empty());
        }
        upsert(&mut connection, &name("2"), "Benjamin", None, &[])
            .await
            .unwrap();
        assert_eq!(
            name_of(&mut connection, &name("2"))
                .await
                .unwrap()
                .as_deref(),
            Some("Benjamin")
        );
        assert_eq!(name_of(&mut connection, &name("9")).await.unwrap(), None);
        let found = of_group(&mut connection, "payments", long_ago).await;
        assert_eq!(found.len(), 1);
    }

    async fn of_group(
        connection: &mut Connection,
        team: &str,
        since: DateTime<Utc>,
    ) -> Vec<(Subject, String)> {
        let place = (&name(team), Stage::Prod);
        members(connection, Group::Approver, place, since, 10)
            .await
            .unwrap()
    }
}
