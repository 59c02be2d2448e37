//! Services.
use super::row::{Place, texts};
use super::{Connection, Result, StoreError};
use chrono::{DateTime, Utc};
use domain::names::{BlueprintName, ServiceId, ServiceName, TeamName};
use uuid::Uuid;

/// A team's instance of a blueprint.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Service {
    /// Its id.
    pub id: ServiceId,
    /// Whose it is.
    pub team: TeamName,
    /// Its name, unique within the team.
    pub name: ServiceName,
    /// What it is an instance of.
    pub blueprint: BlueprintName,
    /// When it was first asked for.
    pub created_at: DateTime<Utc>,
}

struct Row {
    id: Uuid,
    team: String,
    name: String,
    blueprint: String,
    created_at: DateTime<Utc>,
}

impl TryFrom<Row> for Service {
    type Error = StoreError;

    fn try_from(row: Row) -> Result<Self> {
        let place = Place {
            table: "service",
            row: row.id,
        };
        Ok(Service {
            id: ServiceId(row.id),
            team: place.parse("team", &row.team)?,
            name: place.parse("name", &row.name)?,
            blueprint: place.parse("blueprint", &row.blueprint)?,
            created_at: row.created_at,
        })
    }
}

/// Adds a service.
///
/// # Errors
/// [`StoreError::Conflict`] when the team has one of that name.
#[tracing::instrument(name = "db.service.insert", skip_all)]
pub async fn insert(
    connection: &mut Connection,
    id: ServiceId,
    team: &TeamName,
    name: &ServiceName,
    blueprint: &BlueprintName,
) -> Result<()> {
    sqlx::query!(
        "insert into service (id, team, name, blueprint) values ($1, $2, $3, $4)",
        id.0,
        team.as_str(),
        name.as_str(),
        blueprint.as_str(),
    )
    .execute(connection)
    .await?;
    Ok(())
}

/// The service of that name.
#[tracing::instrument(name = "db.service.find", skip_all)]
pub async fn find(
    connection: &mut Connection,
    team: &TeamName,
    name: &ServiceName,
) -> Result<Option<Service>> {
    sqlx::query_as!(
        Row,
        "select id, team, name, blueprint, created_at from service where team = $1 and name = $2",
        team.as_str(),
        name.as_str(),
    )
    .fetch_optional(connection)
    .await?
    .map(Service::try_from)
    .transpose()
}

/// The service, kept from others who lock it until the transaction ends.
#[tracing::instrument(name = "db.service.lock", skip_all)]
pub async fn lock(connection: &mut Connection, id: ServiceId) -> Result<Option<Service>> {
    sqlx::query_as!(
        Row,
        "select id, team, name, blueprint, created_at from service where id = $1 for update",
        id.0
    )
    .fetch_optional(connection)
    .await?
    .map(Service::try_from)
    .transpose()
}

/// Services by team and name, of the given teams (`None`: of all), narrowed to one team, after the
/// last team and name of the page before.
#[tracing::instrument(name = "db.service.list", skip_all)]
pub async fn list(
    connection: &mut Connection,
    teams: Option<&[TeamName]>,
    team: Option<&TeamName>,
    after: Option<(&str, &str)>,
    limit: u32,
) -> Result<Vec<Service>> {
    let teams = teams.map(texts);
    let (after_team, after_name) = after.unwrap_or_default();
    sqlx::query_as!(
        Row,
        "select id, team, name, blueprint, created_at from service
         where ($1::text[] is null or team = any($1)) and ($2::text is null or team = $2)
           and (team, name) > ($3, $4)
         order by team, name limit $5",
        teams.as_deref(),
        team.map(TeamName::as_str),
        after_team,
        after_name,
        i64::from(limit),
    )
    .fetch_all(connection)
    .await?
    .into_iter()
    .map(Service::try_from)
    .collect()
}

/// Team, name and blueprint of every service of the given teams (`None`: of all).
#[tracing::instrument(name = "db.service.names", skip_all)]
pub async fn names(
    connection: &mut Connection,
    teams: Option<&[TeamName]>,
) -> Result<Vec<(TeamName, ServiceName, BlueprintName)>> {
    let teams = teams.map(texts);
    let rows = sqlx::query!(
        "select id, team, name, blueprint from service
         where $1::text[] is null or team = any($1) order by team, name",
        teams.as_deref(),
    )
    .fetch_all(connection)
    .await?;
    rows.into_iter()
        .map(|row| {
            let place = Place {
                table: "service",
                row: row.id,
            };
            Ok((
                place.parse("team", &row.team)?,
                place.parse("name", &row.name)?,
                place.parse("blueprint", &row.blueprint)?,
            ))
        })
        .collect()
}

#[cfg(test)]
mod tests {
    use super::super::fixture::{self, name};
    use super::*;
    use sqlx::PgPool;

    #[sqlx::test(migrations = "../migrations")]
    async fn pages_have_neither_gaps_nor_repeats(pool: PgPool) {
        let mut connection = pool.acquire().await.unwrap();
        for team in ["payments", "search", "web"] {
            for number in 0..5 {
                fixture::service(&mut connection, team, &format!("s{number}")).await;
            }
        }
        let teams: [TeamName; 2] = [name("payments"), name("web")];
        let mut seen: Vec<(String, String)> = Vec::new();
        loop {
            let after = seen.last().cloned();
            let after = after
                .as_ref()
                .map(|(team, name)| (team.as_str(), name.as_str()));
            let page = list(&mut connection, Some(&teams), None, after, 3)
                .await
                .unwrap();
            if page.is_empty() {
                break;
            }
            seen.extend(
                page.into_iter()
                    .map(|s| (s.team.to_string(), s.name.to_string())),
            );
            // Before the cursor, so no later page may show it.
            fixture::service(&mut connection, "payments", &format!("a{}", seen.len())).await;
        }
        let expected: Vec<_> = ["payments", "web"]
            .iter()
            .flat_map(|team| (0..5).map(move |number| ((*team).to_owned(), format!("s{number}"))))
            .collect();
        assert_eq!(seen, expected);

        let of_search = list(&mut connection, None, Some(&name("search")), None, 10)
            .await
            .unwrap();
        assert_eq!(of_search.len(), 5);
        let unseen = list(
            &mut connection,
            Some(&teams),
            Some(&name("search")),
            None,
            10,
        )
        .await
        .unwrap();
        assert_eq!(unseen, []);
        assert_eq!(
            names(&mut connection, Some(&[name("search")]))
                .await
                .unwrap()
                .len(),
            5
        );
    }

    #[sqlx::test(migrations = "../migrations")]
    async fn a_name_is_taken_once_in_a_team(pool: PgPool) {
        let mut connection = pool.acquire().await.unwrap();
        let id = fixture::service(&mut connection, "payments", "checkout").await;
        let found = find(&mut connection, &name("payments"), &name("checkout"))
            .await
            .unwrap()
            .unwrap();
        assert_eq!((found.id, found.blueprint.as_str()), (id, "table"));
        assert_eq!(lock(&mut connection, id).await.unwrap(), Some(found));
        assert_eq!(
            find(&mut connection, &name("search"), &name("checkout"))
                .await
                .unwrap(),
            None
        );
        let again = insert(
            &mut connection,
            ServiceId(Uuid::now_v7()),
            &name("payments"),
            &name("checkout"),
            &name("table"),
        )
        .await;
        assert!(again.unwrap_err().is_conflict_over("service_team_name_key"));
    }
}
