//! Releases: written once, never changed.
use super::row::{Place, write};
use super::{Connection, Result, StoreError, service};
use chrono::{DateTime, Utc};
use domain::names::{Digest, ReleaseId, ReleaseNumber, ServiceId, Subject};
use serde_json::Value;
use std::collections::BTreeMap;
use uuid::Uuid;

/// A blueprint version with parameters.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Release {
    /// Its id.
    pub id: ReleaseId,
    /// Whose it is.
    pub service: ServiceId,
    /// `r1`, `r2`, … within the service.
    pub number: ReleaseNumber,
    /// The blueprint version it renders.
    pub blueprint_digest: Digest,
    /// That version, for people.
    pub blueprint_version: String,
    /// Values by parameter name.
    pub parameters: BTreeMap<String, String>,
    /// The release it was promoted from, where its parameters had to become others.
    pub promoted_from: Option<(ReleaseId, ReleaseNumber)>,
    /// Who asked for it.
    pub created_by: Subject,
    /// What to call them.
    pub created_by_name: String,
    /// When.
    pub created_at: DateTime<Utc>,
}

struct Row {
    id: Uuid,
    service: Uuid,
    number: i32,
    blueprint_digest: String,
    blueprint_version: String,
    parameters: Value,
    promoted_from: Option<Uuid>,
    promoted_from_number: Option<i32>,
    created_by: String,
    created_by_name: String,
    created_at: DateTime<Utc>,
}

impl TryFrom<Row> for Release {
    type Error = StoreError;

    fn try_from(row: Row) -> Result<Self> {
        let place = Place {
            table: "release",
            row: row.id,
        };
        Ok(Release {
            id: ReleaseId(row.id),
            service: ServiceId(row.service),
            number: ReleaseNumber(row.number),
            blueprint_digest: place.parse("blueprint_digest", &row.blueprint_digest)?,
            blueprint_version: row.blueprint_version,
            parameters: place.read("parameters", row.parameters)?,
            promoted_from: row
                .promoted_from
                .map(ReleaseId)
                .zip(row.promoted_from_number.map(ReleaseNumber)),
            created_by: place.parse("created_by", &row.created_by)?,
            created_by_name: row.created_by_name,
            created_at: row.created_at,
        })
    }
}

/// Releases, with the rest of the query given.
macro_rules! select {
    ($rest:tt, $($argument:expr),*) => {
        sqlx::query_as!(
            Row,
            r#"select release.id, release.service, release.number, release.blueprint_digest,
                 blueprint_version.version as blueprint_version, release.parameters,
                 release.promoted_from, source.number as "promoted_from_number?",
                 release.created_by, person.name as created_by_name, release.created_at
               from release
               join blueprint_version on blueprint_version.digest = release.blueprint_digest
               join person on person.subject = release.created_by
               left join release as source on source.id = release.promoted_from "#
                + $rest,
            $($argument),*
        )
    };
}

/// Adds the next release of a service, whose row stays locked until the transaction ends.
///
/// # Errors
/// Besides the usual, when there is no such service or blueprint version.
pub async fn insert_next(
    connection: &mut Connection,
    service: ServiceId,
    id: ReleaseId,
    blueprint_digest: &Digest,
    parameters: &BTreeMap<String, String>,
    by: &Subject,
) -> Result<ReleaseNumber> {
    let new = (blueprint_digest, parameters, None);
    insert(connection, service, id, new, by).await
}

/// Adds the next release of a service: `from` with other parameters.
///
/// # Errors
/// As for [`insert_next`].
pub async fn insert_promoted(
    connection: &mut Connection,
    id: ReleaseId,
    from: &Release,
    parameters: &BTreeMap<String, String>,
    by: &Subject,
) -> Result<ReleaseNumber> {
    let new = (&from.blueprint_digest, parameters, Some(from.id));
    insert(connection, from.service, id, new, by).await
}

#[tracing::instrument(name = "db.release.insert", skip_all)]
async fn insert(
    connection: &mut Connection,
    service: ServiceId,
    id: ReleaseId,
    (blueprint_digest, parameters, promoted_from): (
        &Digest,
        &BTreeMap<String, String>,
        Option<ReleaseId>,
    ),
    by: &Subject,
) -> Result<ReleaseNumber> {
    service::lock(connection, service).await?;
    let number = sqlx::query_scalar!(
        "insert into release
           (id, service, number, blueprint_digest, parameters, promoted_from, created_by)
         select $1, $2, coalesce(max(number), 0) + 1, $3, $4, $5, $6
         from release where service = $2
         returning number",
        id.0,
        service.0,
        blueprint_digest.as_str(),
        write(parameters)?,
        promoted_from.map(|release| release.0),
        by.as_str(),
    )
    .fetch_one(connection)
    .await?;
    Ok(ReleaseNumber(number))
}

/// One release.
#[tracing::instrument(name = "db.release.get", skip_all)]
pub async fn get(connection: &mut Connection, id: ReleaseId) -> Result<Option<Release>> {
    select!("where release.id = $1", id.0)
        .fetch_optional(connection)
        .await?
        .map(Release::try_from)
        .transpose()
}

/// A service's release of that number.
#[tracing::instrument(name = "db.release.by_number", skip_all)]
pub async fn by_number(
    connection: &mut Connection,
    service: ServiceId,
    number: ReleaseNumber,
) -> Result<Option<Release>> {
    select!(
        "where release.service = $1 and release.number = $2",
        service.0,
        number.0
    )
    .fetch_optional(connection)
    .await?
    .map(Release::try_from)
    .transpose()
}

/// The latest releases of a service, newest first.
#[tracing::instrument(name = "db.release.of_service", skip_all)]
pub async fn of_service(
    connection: &mut Connection,
    service: ServiceId,
    limit: u32,
) -> Result<Vec<Release>> {
    select!(
        "where release.service = $1 order by release.number desc limit $2",
        service.0,
        i64::from(limit)
    )
    .fetch_all(connection)
    .await?
    .into_iter()
    .map(Release::try_from)
    .collect()
}

#[cfg(test)]
mod tests {
    use super::super::{Store, commit, fixture};
    use super::*;
    use sqlx::PgPool;

    #[sqlx::test(migrations = "../migrations")]
    async fn releases_asked_for_at_once_are_numbered_without_gaps(pool: PgPool) {
        let store = Store::from(pool);
        let mut connection = store.acquire().await.unwrap();
        let service = fixture::service(&mut connection, "payments", "checkout").await;
        let first = fixture::release(&mut connection, service).await;
        let tasks: Vec<_> = (0..4)
            .map(|_| {
                let store = store.clone();
                tokio::spawn(async move {
                    let mut transaction = store.begin().await.unwrap();
                    fixture::release(&mut transaction, service).await;
                    commit(transaction).await.unwrap();
                })
            })
            .collect();
        for task in tasks {
            task.await.unwrap();
        }
        let releases = of_service(&mut connection, service, 10).await.unwrap();
        let numbers: Vec<_> = releases.iter().map(|release| release.number.0).collect();
        assert_eq!(numbers, [5, 4, 3, 2, 1]);
        let release = get(&mut connection, first).await.unwrap().unwrap();
        assert_eq!(release, releases[4]);
        assert_eq!(release.parameters["Reads"], "5");
        assert_eq!(release.blueprint_version, "1");
        assert_eq!(release.created_by_name, "ada the Tester");
    }

    #[sqlx::test(migrations = "../migrations")]
    async fn a_promoted_release_remembers_where_it_comes_from(pool: PgPool) {
        let mut connection = pool.acquire().await.unwrap();
        let service = fixture::service(&mut connection, "payments", "checkout").await;
        let first = fixture::release(&mut connection, service).await;
        let from = get(&mut connection, first).await.unwrap().unwrap();
        assert_eq!(from.promoted_from, None);
        let ada = fixture::person(&mut connection, "ada").await;
        let parameters = BTreeMap::from([("Reads".to_owned(), "50".to_owned())]);
        let id = ReleaseId(Uuid::now_v7());
        let number = insert_promoted(&mut connection, id, &from, &parameters, &ada)
            .await
            .unwrap();
        let made = by_number(&mut connection, service, number)
            .await
            .unwrap()
            .unwrap();
        assert_eq!((made.id, made.number.0), (id, 2));
        assert_eq!(made.promoted_from, Some((first, from.number)));
        assert_eq!(made.blueprint_digest, from.blueprint_digest);
        assert_eq!(made.parameters, parameters);
        let elsewhere = fixture::service(&mut connection, "payments", "other").await;
        let none = by_number(&mut connection, elsewhere, number).await.unwrap();
        assert_eq!(none, None);
    }
}
