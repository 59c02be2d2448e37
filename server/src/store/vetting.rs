//! How blueprint versions are vetted. Whoever takes a step holds the blueprint meanwhile, so that each sees what the
//! other has done.
use super::row::Place;
use super::{Connection, Result, StoreError};
use chrono::{DateTime, Utc};
use domain::blueprint::{Said, Speaker, Vetting};
use domain::names::{BlueprintName, Digest, VettingId};
use uuid::Uuid;

/// A vetting with what to call the people in it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Kept {
    /// Which.
    pub id: VettingId,
    /// The version.
    pub digest: Digest,
    /// The version, for people.
    pub version: String,
    /// The blueprint.
    pub blueprint: BlueprintName,
    /// How far it is.
    pub vetting: Vetting,
    /// What to call who proposed it; none for the configuration.
    pub proposed_by: Option<String>,
    /// What to call who answered.
    pub answered_by: Option<String>,
    /// What to call who withdrew it.
    pub withdrawn_by: Option<String>,
}

struct Row {
    id: Uuid,
    digest: String,
    version: String,
    blueprint: String,
    state: String,
    proposed_by: Option<String>,
    proposed_by_name: Option<String>,
    proposed_why: String,
    proposed_at: DateTime<Utc>,
    answered_by: Option<String>,
    answered_by_name: Option<String>,
    answered_why: Option<String>,
    answered_at: Option<DateTime<Utc>>,
    withdrawn_by: Option<String>,
    withdrawn_by_name: Option<String>,
    withdrawn_why: Option<String>,
    withdrawn_at: Option<DateTime<Utc>>,
}

impl TryFrom<Row> for Kept {
    type Error = StoreError;

    fn try_from(row: Row) -> Result<Self> {
        let place = Place {
            table: "blueprint_vetting",
            row: row.id,
        };
        let said = |by: Option<String>, words: Option<String>, at: Option<DateTime<Utc>>| {
            let (Some(words), Some(at)) = (words, at) else {
                return Ok(None);
            };
            let by = match by {
                Some(subject) => Speaker::Person(place.parse("subject", &subject)?),
                None => Speaker::Configuration,
            };
            Ok::<_, StoreError>(Some(Said { by, words, at }))
        };
        let broken = |what: &str| {
            StoreError::inconsistent("blueprint_vetting", "state", row.id, what.to_owned())
        };
        let proposed = said(
            row.proposed_by,
            Some(row.proposed_why),
            Some(row.proposed_at),
        )?
        .ok_or_else(|| broken("it has no proposal"))?;
        let answered = said(row.answered_by, row.answered_why, row.answered_at)?;
        let withdrawn = said(row.withdrawn_by, row.withdrawn_why, row.withdrawn_at)?;
        let vetting = match (row.state.as_str(), answered, withdrawn) {
            ("proposed", None, None) => Vetting::Proposed { proposed },
            ("accepted", Some(accepted), None) => Vetting::Accepted { proposed, accepted },
            ("refused", Some(refused), None) => Vetting::Refused { proposed, refused },
            ("withdrawn", accepted, Some(withdrawn)) => Vetting::Withdrawn {
                proposed,
                accepted,
                withdrawn,
            },
            _ => return Err(broken("its answer does not fit its state")),
        };
        Ok(Kept {
            id: VettingId(row.id),
            digest: place.parse("digest", &row.digest)?,
            version: row.version,
            blueprint: place.parse("name", &row.blueprint)?,
            vetting,
            proposed_by: row.proposed_by_name,
            answered_by: row.answered_by_name,
            withdrawn_by: row.withdrawn_by_name,
        })
    }
}

macro_rules! select {
    ($rest:tt $(, $argument:expr)*) => {
        sqlx::query_as!(
            Row,
            r#"select vetting.id, vetting.digest, kept.version, kept.name as blueprint, state,
                 proposed_by, proposer.name as "proposed_by_name?", proposed_why, proposed_at,
                 answered_by, answerer.name as "answered_by_name?", answered_why, answered_at,
                 withdrawn_by, withdrawer.name as "withdrawn_by_name?", withdrawn_why, withdrawn_at
               from blueprint_vetting as vetting
               join blueprint_version as kept on kept.digest = vetting.digest
               left join person as proposer on proposer.subject = proposed_by
               left join person as answerer on answerer.subject = answered_by
               left join person as withdrawer on withdrawer.subject = withdrawn_by "# + $rest
            $(, $argument)*
        )
    };
}

/// Keeps everybody else from vetting versions of this blueprint until the transaction ends; gives whether its folder
/// is there.
#[tracing::instrument(name = "db.vetting.hold", skip_all)]
pub async fn hold(connection: &mut Connection, name: &BlueprintName) -> Result<bool> {
    let found = sqlx::query_scalar!(
        "select name from blueprint_current where name = $1 for no key update",
        name.as_str()
    )
    .fetch_optional(connection)
    .await?;
    Ok(found.is_some())
}

/// The latest vetting of a version.
#[tracing::instrument(name = "db.vetting.latest", skip_all)]
pub async fn latest(connection: &mut Connection, digest: &Digest) -> Result<Option<Kept>> {
    select!(
        "where vetting.digest = $1 order by proposed_at desc, vetting.id desc limit 1",
        digest.as_str()
    )
    .fetch_optional(connection)
    .await?
    .map(Kept::try_from)
    .transpose()
}

/// Vettings of every version of a blueprint, newest first.
#[tracing::instrument(name = "db.vetting.of_blueprint", skip_all)]
pub async fn of_blueprint(
    connection: &mut Connection,
    name: &BlueprintName,
    limit: u32,
) -> Result<Vec<Kept>> {
    select!(
        "where kept.name = $1 order by proposed_at desc, vetting.id desc limit $2",
        name.as_str(),
        i64::from(limit)
    )
    .fetch_all(connection)
    .await?
    .into_iter()
    .map(Kept::try_from)
    .collect()
}

/// Proposals that wait for an answer, oldest first.
#[tracing::instrument(name = "db.vetting.waiting", skip_all)]
pub async fn waiting(connection: &mut Connection, limit: u32) -> Result<Vec<Kept>> {
    select!(
        "where state = 'proposed' order by proposed_at, vetting.id limit $1",
        i64::from(limit)
    )
    .fetch_all(connection)
    .await?
    .into_iter()
    .map(Kept::try_from)
    .collect()
}

/// Whether a version is vetted now.
#[tracing::instrument(name = "db.vetting.is_accepted", skip_all)]
pub async fn is_accepted(connection: &mut Connection, digest: &Digest) -> Result<bool> {
    let found = sqlx::query_scalar!(
        "select id from blueprint_vetting where digest = $1 and state = 'accepted'",
        digest.as_str()
    )
    .fetch_optional(connection)
    .await?;
    Ok(found.is_some())
}

/// Keeps a new vetting.
///
/// # Errors
/// [`StoreError::Conflict`] while the version has one that is proposed or accepted.
#[tracing::instrument(name = "db.vetting.insert", skip_all)]
pub async fn insert(
    connection: &mut Connection,
    id: VettingId,
    digest: &Digest,
    vetting: &Vetting,
) -> Result<()> {
    let proposed = vetting.proposed();
    sqlx::query!(
        "insert into blueprint_vetting (id, digest, state, proposed_by, proposed_why, proposed_at)
         values ($1, $2, 'proposed', $3, $4, $5)",
        id.0,
        digest.as_str(),
        proposed.by.person().map(|subject| subject.as_str()),
        proposed.words,
        proposed.at,
    )
    .execute(&mut *connection)
    .await?;
    save(connection, id, vetting).await
}

/// Keeps where a vetting stands now.
#[tracing::instrument(name = "db.vetting.save", skip_all)]
pub async fn save(connection: &mut Connection, id: VettingId, vetting: &Vetting) -> Result<()> {
    let (answered, withdrawn) = match vetting {
        Vetting::Proposed { .. } => (None, None),
        Vetting::Accepted { accepted, .. } => (Some(accepted), None),
        Vetting::Refused { refused, .. } => (Some(refused), None),
        Vetting::Withdrawn {
            accepted,
            withdrawn,
            ..
        } => (accepted.as_ref(), Some(withdrawn)),
    };
    let by = |said: Option<&Said>| {
        let person = said.and_then(|said| said.by.person());
        person.map(ToString::to_string)
    };
    sqlx::query!(
        "update blueprint_vetting set state = $2,
           answered_by = $3, answered_why = $4, answered_at = $5,
           withdrawn_by = $6, withdrawn_why = $7, withdrawn_at = $8
         where id = $1",
        id.0,
        vetting.name(),
        by(answered),
        answered.map(|said| said.words.as_str()),
        answered.map(|said| said.at),
        by(withdrawn),
        withdrawn.map(|said| said.words.as_str()),
        withdrawn.map(|said| said.at),
    )
    .execute(connection)
    .await?;
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::super::{blueprint, fixture};
    use super::*;
    use crate::store::blueprint::BlueprintVersion;
    use domain::names::Subject;
    use sqlx::PgPool;

    fn said(by: &Subject, words: &str, seconds: i64) -> Said {
        Said {
            by: Speaker::Person(by.clone()),
            words: words.to_owned(),
            at: fixture::moment() + chrono::TimeDelta::seconds(seconds),
        }
    }

    fn new_id() -> VettingId {
        VettingId(Uuid::now_v7())
    }

    async fn lying(connection: &mut Connection, version: &BlueprintVersion) {
        blueprint::insert(connection, version).await.unwrap();
        blueprint::lies(connection, &version.name, Some(&version.digest), &[])
            .await
            .unwrap();
    }

    async fn offered(connection: &mut Connection) -> Option<String> {
        let name = fixture::name("table");
        let offered = blueprint::current_of(connection, &name).await.unwrap();
        offered.map(|version| version.version)
    }

    #[sqlx::test(migrations = "../migrations")]
    async fn a_version_is_offered_from_its_acceptance_until_it_is_withdrawn(pool: PgPool) {
        let mut connection = pool.acquire().await.unwrap();
        let pat = fixture::person(&mut connection, "pat").await;
        let sky = fixture::person(&mut connection, "sky").await;
        let (one, two) = (fixture::version(1), fixture::version(2));
        lying(&mut connection, &one).await;
        assert!(hold(&mut connection, &one.name).await.unwrap());
        assert_eq!(latest(&mut connection, &one.digest).await.unwrap(), None);
        let mut at = 0;
        for version in [&one, &two] {
            lying(&mut connection, version).await;
            let id = new_id();
            at += 10;
            let vetting = Vetting::propose(None, said(&pat, "Good", at)).unwrap();
            insert(&mut connection, id, &version.digest, &vetting)
                .await
                .unwrap();
            let before = offered(&mut connection).await;
            assert_ne!(before.as_ref(), Some(&version.version));
            assert_eq!(waiting(&mut connection, 9).await.unwrap().len(), 1);
            let vetting = vetting.accept(said(&sky, "", at + 1)).unwrap();
            save(&mut connection, id, &vetting).await.unwrap();
            let kept = latest(&mut connection, &version.digest).await.unwrap();
            let kept = kept.unwrap();
            assert_eq!(kept.vetting, vetting);
            assert_eq!(kept.answered_by.as_deref(), Some("sky the Tester"));
            assert_eq!(
                offered(&mut connection).await,
                Some(version.version.clone())
            );
        }
        let kept = latest(&mut connection, &two.digest).await.unwrap().unwrap();
        let withdrawn = kept.vetting.withdraw(said(&pat, "A hole", 90)).unwrap();
        save(&mut connection, kept.id, &withdrawn).await.unwrap();
        let kept = latest(&mut connection, &two.digest).await.unwrap().unwrap();
        assert_eq!(kept.vetting, withdrawn);
        assert_eq!(offered(&mut connection).await.as_deref(), Some("1"));
        assert!(is_accepted(&mut connection, &one.digest).await.unwrap());
        assert!(!is_accepted(&mut connection, &two.digest).await.unwrap());
        let all = of_blueprint(&mut connection, &one.name, 9).await.unwrap();
        assert_eq!(all.len(), 2);

        // Nothing is offered whose folder is gone.
        blueprint::withdraw_others(&mut connection, &[])
            .await
            .unwrap();
        assert_eq!(offered(&mut connection).await, None);
        assert!(!hold(&mut connection, &one.name).await.unwrap());
    }

    #[sqlx::test(migrations = "../migrations")]
    async fn one_vetting_at_a_time_and_never_by_one_person(pool: PgPool) {
        let mut connection = pool.acquire().await.unwrap();
        let pat = fixture::person(&mut connection, "pat").await;
        let one = fixture::version(1);
        lying(&mut connection, &one).await;
        let vetting = Vetting::propose(None, said(&pat, "Good", 0)).unwrap();
        let id = new_id();
        insert(&mut connection, id, &one.digest, &vetting)
            .await
            .unwrap();
        let again = insert(&mut connection, new_id(), &one.digest, &vetting).await;
        assert!(
            matches!(again, Err(StoreError::Conflict { .. })),
            "{again:?}"
        );
        let own = Vetting::Accepted {
            proposed: said(&pat, "Good", 0),
            accepted: said(&pat, "Fine", 1),
        };
        assert!(save(&mut connection, id, &own).await.is_err());
        // The configuration speaks for both.
        let listed = Vetting::by_configuration("It is listed", fixture::moment());
        save(
            &mut connection,
            id,
            &vetting.withdraw(said(&pat, "Old", 2)).unwrap(),
        )
        .await
        .unwrap();
        insert(&mut connection, new_id(), &one.digest, &listed)
            .await
            .unwrap();
        assert_eq!(offered(&mut connection).await.as_deref(), Some("1"));
    }
}
