//! Blueprint versions, and which of them are on offer: the one accepted last (`super::vetting`).
use super::row::{Place, texts, write};
use super::{Connection, Result, StoreError};
use chrono::{DateTime, Utc};
use domain::blueprint::Manifest;
use domain::names::{BlueprintName, Digest};
use serde_json::Value;
use std::collections::BTreeMap;

/// A blueprint as it was read once; never changed.
#[derive(Clone, Debug, PartialEq)]
pub struct BlueprintVersion {
    /// SHA-256 over its files.
    pub digest: Digest,
    /// The blueprint.
    pub name: BlueprintName,
    /// The version, for people.
    pub version: String,
    /// What it says of itself.
    pub manifest: Manifest,
    /// Contents by file name: every file of its folder.
    pub files: BTreeMap<String, String>,
    /// When it was first read.
    pub read_at: DateTime<Utc>,
}

/// A blueprint whose folder is there: its name, the version on offer if one is vetted, and what is wrong with the
/// folder now.
pub type Offered = (BlueprintName, Option<BlueprintVersion>, Vec<String>);

struct Row {
    digest: String,
    name: String,
    version: String,
    manifest: Value,
    files: Value,
    read_at: DateTime<Utc>,
}

impl TryFrom<Row> for BlueprintVersion {
    type Error = StoreError;

    fn try_from(row: Row) -> Result<Self> {
        let place = Place {
            table: "blueprint_version",
            row: &row.digest,
        };
        Ok(BlueprintVersion {
            name: place.parse("name", &row.name)?,
            manifest: place.read("manifest", row.manifest)?,
            files: place.read("files", row.files)?,
            digest: place.parse("digest", &row.digest)?,
            version: row.version,
            read_at: row.read_at,
        })
    }
}

/// Keeps a version; gives whether it is new.
#[tracing::instrument(name = "db.blueprint.insert", skip_all)]
pub async fn insert(connection: &mut Connection, version: &BlueprintVersion) -> Result<bool> {
    let inserted = sqlx::query!(
        "insert into blueprint_version (digest, name, version, manifest, files, read_at)
         values ($1, $2, $3, $4, $5, $6) on conflict (digest) do nothing",
        version.digest.as_str(),
        version.name.as_str(),
        version.version,
        write(&version.manifest)?,
        write(&version.files)?,
        version.read_at,
    )
    .execute(connection)
    .await?;
    Ok(inserted.rows_affected() > 0)
}

/// One version.
#[tracing::instrument(name = "db.blueprint.get", skip_all)]
pub async fn get(connection: &mut Connection, digest: &Digest) -> Result<Option<BlueprintVersion>> {
    sqlx::query_as!(
        Row,
        "select digest, name, version, manifest, files, read_at
         from blueprint_version where digest = $1",
        digest.as_str(),
    )
    .fetch_optional(connection)
    .await?
    .map(BlueprintVersion::try_from)
    .transpose()
}

/// Says what lies in the folder of a blueprint now. Where no version could be read from it, the one read before
/// counts on.
#[tracing::instrument(name = "db.blueprint.lies", skip_all)]
pub async fn lies(
    connection: &mut Connection,
    name: &BlueprintName,
    digest: Option<&Digest>,
    problems: &[String],
) -> Result<()> {
    sqlx::query!(
        "insert into blueprint_current as existing (name, digest, problems) values ($1, $2, $3)
         on conflict (name) do update set digest = coalesce(excluded.digest, existing.digest),
           problems = excluded.problems, read_at = now()",
        name.as_str(),
        digest.map(Digest::as_str),
        write(problems)?,
    )
    .execute(connection)
    .await?;
    Ok(())
}

/// Takes every blueprint off offer whose folder is gone; `present` names those that are there.
#[tracing::instrument(name = "db.blueprint.withdraw_others", skip_all)]
pub async fn withdraw_others(
    connection: &mut Connection,
    present: &[BlueprintName],
) -> Result<u64> {
    let withdrawn = sqlx::query!(
        "delete from blueprint_current where name <> all($1)",
        &texts(present)
    )
    .execute(connection)
    .await?;
    Ok(withdrawn.rows_affected())
}

/// Every blueprint whose folder is there by name, with the version on offer and what is wrong with its folder.
#[tracing::instrument(name = "db.blueprint.current", skip_all)]
pub async fn current(connection: &mut Connection) -> Result<Vec<Offered>> {
    let rows = sqlx::query!(
        r#"select lying.name, lying.problems, kept.digest as "digest?", version as "version?",
             manifest as "manifest?", files as "files?", kept.read_at as "read_at?"
           from blueprint_current as lying
           left join blueprint_offered as offered on offered.name = lying.name
           left join blueprint_version as kept on kept.digest = offered.digest
           order by lying.name"#
    )
    .fetch_all(connection)
    .await?;
    rows.into_iter()
        .map(|row| {
            let place = Place {
                table: "blueprint_current",
                row: &row.name,
            };
            let name = place.parse("name", &row.name)?;
            let problems = place.read("problems", row.problems)?;
            let version = match (
                row.digest,
                row.version,
                row.manifest,
                row.files,
                row.read_at,
            ) {
                (Some(digest), Some(version), Some(manifest), Some(files), Some(read_at)) => {
                    let name = row.name;
                    let row = Row {
                        digest,
                        name,
                        version,
                        manifest,
                        files,
                        read_at,
                    };
                    Some(BlueprintVersion::try_from(row)?)
                }
                _ => None,
            };
            Ok((name, version, problems))
        })
        .collect()
}

/// The version of a blueprint that is on offer.
#[tracing::instrument(name = "db.blueprint.current_of", skip_all)]
pub async fn current_of(
    connection: &mut Connection,
    name: &BlueprintName,
) -> Result<Option<BlueprintVersion>> {
    sqlx::query_as!(
        Row,
        "select kept.digest, kept.name, version, manifest, files, kept.read_at
         from blueprint_offered as offered
         join blueprint_version as kept on kept.digest = offered.digest
         where offered.name = $1",
        name.as_str(),
    )
    .fetch_optional(connection)
    .await?
    .map(BlueprintVersion::try_from)
    .transpose()
}

/// A version that lies in its folder and is not vetted.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Unvetted {
    /// The blueprint.
    pub name: BlueprintName,
    /// What people call it.
    pub title: String,
    /// The version, for people.
    pub version: String,
    /// Its digest.
    pub digest: Digest,
    /// How far its latest vetting is, if there ever was one (`domain::blueprint::Vetting::name`).
    pub state: Option<String>,
}

/// The versions that lie in folders and are not vetted, by name.
#[tracing::instrument(name = "db.blueprint.unvetted", skip_all)]
pub async fn unvetted(connection: &mut Connection) -> Result<Vec<Unvetted>> {
    let rows = sqlx::query!(
        r#"select kept.name, kept.manifest ->> 'title' as "title!", version, kept.digest,
             latest.state as "state?"
           from blueprint_current as lying
           join blueprint_version as kept on kept.digest = lying.digest
           left join lateral (select state from blueprint_vetting as vetting
             where vetting.digest = kept.digest
             order by proposed_at desc, vetting.id desc limit 1) as latest on true
           where latest.state is distinct from 'accepted'
           order by kept.name"#
    )
    .fetch_all(connection)
    .await?;
    rows.into_iter()
        .map(|row| {
            let place = Place {
                table: "blueprint_version",
                row: &row.digest,
            };
            Ok(Unvetted {
                name: place.parse("name", &row.name)?,
                title: row.title,
                version: row.version,
                digest: place.parse("digest", &row.digest)?,
                state: row.state,
            })
        })
        .collect()
}

/// The version that lies in a blueprint's folder, offered or not.
#[tracing::instrument(name = "db.blueprint.lying", skip_all)]
pub async fn lying(
    connection: &mut Connection,
    name: &BlueprintName,
) -> Result<Option<BlueprintVersion>> {
    sqlx::query_as!(
        Row,
        "select kept.digest, kept.name, version, manifest, files, kept.read_at
         from blueprint_current as lying
         join blueprint_version as kept on kept.digest = lying.digest
         where lying.name = $1",
        name.as_str(),
    )
    .fetch_optional(connection)
    .await?
    .map(BlueprintVersion::try_from)
    .transpose()
}

/// Every version of a blueprint ever read, latest first: version, digest, when it was first read.
#[tracing::instrument(name = "db.blueprint.versions", skip_all)]
pub async fn versions(
    connection: &mut Connection,
    name: &BlueprintName,
) -> Result<Vec<(String, Digest, DateTime<Utc>)>> {
    let rows = sqlx::query!(
        "select version, digest, read_at from blueprint_version
         where name = $1 order by read_at desc, digest",
        name.as_str(),
    )
    .fetch_all(connection)
    .await?;
    rows.into_iter()
        .map(|row| {
            let place = Place {
                table: "blueprint_version",
                row: &row.digest,
            };
            Ok((
                row.version,
                place.parse("digest", &row.digest)?,
                row.read_at,
            ))
        })
        .collect()
}

/// How many services each blueprint has, by blueprint name.
#[tracing::instrument(name = "db.blueprint.service_counts", skip_all)]
pub async fn service_counts(connection: &mut Connection) -> Result<BTreeMap<String, u32>> {
    let rows = sqlx::query!(
        r#"select blueprint, count(*)::int as "count!" from service group by blueprint"#
    )
    .fetch_all(connection)
    .await?;
    Ok(rows
        .into_iter()
        .map(|row| (row.blueprint, row.count.unsigned_abs()))
        .collect())
}

#[cfg(test)]
mod tests {
    use super::super::fixture::{self, name, version};
    use super::*;
    use sqlx::PgPool;

    #[sqlx::test(migrations = "../migrations")]
    async fn what_is_vetted_stays_on_offer_while_its_folder_is_broken_or_newer(pool: PgPool) {
        let mut connection = pool.acquire().await.unwrap();
        let (first, second) = (version(1), version(2));
        assert!(insert(&mut connection, &first).await.unwrap());
        assert!(!insert(&mut connection, &first).await.unwrap());
        assert_eq!(
            get(&mut connection, &first.digest).await.unwrap().as_ref(),
            Some(&first)
        );
        assert_eq!(get(&mut connection, &second.digest).await.unwrap(), None);

        let table = name("table");
        lies(&mut connection, &table, Some(&first.digest), &[])
            .await
            .unwrap();
        assert_eq!(current_of(&mut connection, &table).await.unwrap(), None);
        let waiting = unvetted(&mut connection).await.unwrap();
        assert_eq!(waiting[0].digest, first.digest);
        fixture::vetted(&mut connection, &first).await;
        assert_eq!(unvetted(&mut connection).await.unwrap(), []);

        let problems = ["manifest.toml:3: title is missing".to_owned()];
        lies(&mut connection, &table, None, &problems)
            .await
            .unwrap();
        lies(&mut connection, &name("broken"), None, &problems)
            .await
            .unwrap();
        assert_eq!(
            current(&mut connection).await.unwrap(),
            [
                (name("broken"), None, problems.to_vec()),
                (table.clone(), Some(first.clone()), problems.to_vec()),
            ]
        );
        assert_eq!(
            current_of(&mut connection, &table).await.unwrap(),
            Some(first.clone())
        );
        assert_eq!(
            current_of(&mut connection, &name("broken")).await.unwrap(),
            None
        );

        insert(&mut connection, &second).await.unwrap();
        lies(&mut connection, &table, Some(&second.digest), &[])
            .await
            .unwrap();
        assert_eq!(
            withdraw_others(&mut connection, std::slice::from_ref(&table))
                .await
                .unwrap(),
            1
        );
        assert_eq!(
            current(&mut connection).await.unwrap(),
            [(table.clone(), Some(first), vec![])]
        );
        assert_eq!(
            lying(&mut connection, &table).await.unwrap().as_ref(),
            Some(&second)
        );
        let waiting = unvetted(&mut connection).await.unwrap();
        assert_eq!(
            (waiting[0].version.as_str(), &waiting[0].state),
            ("2", &None)
        );
        assert_eq!(versions(&mut connection, &table).await.unwrap().len(), 2);

        fixture::service(&mut connection, "payments", "checkout").await;
        assert_eq!(
            service_counts(&mut connection).await.unwrap(),
            BTreeMap::from([("table".into(), 1)])
        );
    }
}
