//! Waivers. Whoever grants or ends one holds the environment's open change, so that a plan in the making sees it or is
//! made again.
use super::row::{Place, texts, write};
use super::{Connection, Result, StoreError};
use chrono::{DateTime, Utc};
use domain::change::{Covering, Finding, WaiverInForce, WaiverState};
use domain::names::{
    ChangeId, ChangeNumber, EnvironmentId, ServiceName, Subject, TeamName, WaiverNumber,
};
use domain::stage::Stage;
use serde_json::Value;

/// A waiver to be asked for.
#[derive(Clone, Debug)]
pub struct NewWaiver<'a> {
    /// Where.
    pub environment: EnvironmentId,
    /// Whose environment.
    pub team: &'a TeamName,
    /// On whose plan it was found.
    pub change: ChangeId,
    /// What it is to cover.
    pub finding: &'a Finding,
    /// In the words of whoever asks.
    pub reason: &'a str,
    /// The end of its last day.
    pub expires_at: DateTime<Utc>,
    /// Who asks.
    pub asked_by: &'a Subject,
}

/// What somebody of security said of a waiver.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Said {
    /// Who.
    pub by: Subject,
    /// What to call them.
    pub by_name: String,
    /// When.
    pub at: DateTime<Utc>,
    /// In their words; may be empty where it was granted.
    pub words: String,
}

/// A waiver.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Waiver {
    /// Its number.
    pub number: WaiverNumber,
    /// Where it stands, by the database's clock.
    pub state: WaiverState,
    /// The environment.
    pub environment: EnvironmentId,
    /// Its team.
    pub team: TeamName,
    /// Its service.
    pub service: ServiceName,
    /// Its stage.
    pub stage: Stage,
    /// On whose plan it was found.
    pub change: ChangeNumber,
    /// What it covers.
    pub finding: Finding,
    /// In the words of whoever asked.
    pub reason: String,
    /// The end of its last day.
    pub expires_at: DateTime<Utc>,
    /// Who asked.
    pub asked_by: Subject,
    /// What to call them.
    pub asked_by_name: String,
    /// When.
    pub asked_at: DateTime<Utc>,
    /// What was decided.
    pub decided: Option<Said>,
    /// Who ended it early.
    pub ended: Option<Said>,
}

/// Which waivers are wanted; `None` narrows nothing.
#[derive(Clone, Copy, Debug, Default)]
pub struct WaiverQuery<'a> {
    /// Only this one.
    pub number: Option<WaiverNumber>,
    /// Of one environment.
    pub environment: Option<EnvironmentId>,
    /// Of these teams.
    pub teams: Option<&'a [TeamName]>,
    /// In one state.
    pub state: Option<WaiverState>,
    /// Only those with smaller numbers.
    pub before: Option<WaiverNumber>,
}

struct Row {
    number: i64,
    state: String,
    environment: uuid::Uuid,
    team: String,
    service: String,
    stage: String,
    change: i64,
    finding: Value,
    reason: String,
    expires_at: DateTime<Utc>,
    asked_by: String,
    asked_by_name: String,
    asked_at: DateTime<Utc>,
    decided_by: Option<String>,
    decided_by_name: Option<String>,
    decided_at: Option<DateTime<Utc>>,
    decided_words: String,
    ended_by: Option<String>,
    ended_by_name: Option<String>,
    ended_at: Option<DateTime<Utc>>,
    ended_words: String,
}

impl TryFrom<Row> for Waiver {
    type Error = StoreError;

    fn try_from(row: Row) -> Result<Self> {
        let place = Place {
            table: "waiver",
            row: row.number,
        };
        let said = |column, by: Option<String>, name: Option<String>, at, words| -> Result<_> {
            Ok(match (by, at) {
                (Some(by), Some(at)) => Some(Said {
                    by: place.parse(column, &by)?,
                    by_name: name.unwrap_or_default(),
                    at,
                    words,
                }),
                _ => None,
            })
        };
        Ok(Waiver {
            number: WaiverNumber(row.number),
            state: place.parse("state", &row.state)?,
            environment: EnvironmentId(row.environment),
            team: place.parse("team", &row.team)?,
            service: place.parse("service", &row.service)?,
            stage: place.parse("stage", &row.stage)?,
            change: ChangeNumber(row.change),
            finding: place.read("finding", row.finding)?,
            reason: row.reason,
            expires_at: row.expires_at,
            asked_by: place.parse("asked_by", &row.asked_by)?,
            asked_by_name: row.asked_by_name,
            asked_at: row.asked_at,
            decided: said(
                "decided_by",
                row.decided_by,
                row.decided_by_name,
                row.decided_at,
                row.decided_words,
            )?,
            ended: said(
                "ended_by",
                row.ended_by,
                row.ended_by_name,
                row.ended_at,
                row.ended_words,
            )?,
        })
    }
}

/// Asks for a waiver.
#[tracing::instrument(name = "db.waiver.insert", skip_all)]
pub async fn insert(connection: &mut Connection, new: NewWaiver<'_>) -> Result<WaiverNumber> {
    let number = sqlx::query_scalar!(
        "insert into waiver (environment, team, change, finding, reason, expires_at, asked_by)
         values ($1, $2, $3, $4, $5, $6, $7) returning number",
        new.environment.0,
        new.team.as_str(),
        new.change.0,
        write(new.finding)?,
        new.reason,
        new.expires_at,
        new.asked_by.as_str(),
    )
    .fetch_one(connection)
    .await?;
    Ok(WaiverNumber(number))
}

/// Waivers, the latest first, at most so many.
#[tracing::instrument(name = "db.waiver.list", skip_all)]
pub async fn list(
    connection: &mut Connection,
    query: WaiverQuery<'_>,
    limit: u32,
) -> Result<Vec<Waiver>> {
    let teams = query.teams.map(texts);
    sqlx::query_as!(
        Row,
        r#"select stated.number, stated.state as "state!", stated.environment, stated.team, service.name as service,
             environment.stage, change.number as change, stated.finding, stated.reason, stated.expires_at,
             stated.asked_by, asker.name as asked_by_name, stated.asked_at,
             stated.decided_by, decider.name as "decided_by_name?", stated.decided_at, stated.decided_words,
             stated.ended_by, ender.name as "ended_by_name?", stated.ended_at, stated.ended_words
           from (
             select waiver.*, case
                 when granted is false then 'refused'
                 when ended_at is not null then 'ended'
                 when expires_at <= now() then 'expired'
                 when granted then 'granted'
                 else 'asked'
               end as state
             from waiver
           ) as stated
           join environment on environment.id = stated.environment
           join service on service.id = environment.service
           join change on change.id = stated.change
           join person as asker on asker.subject = stated.asked_by
           left join person as decider on decider.subject = stated.decided_by
           left join person as ender on ender.subject = stated.ended_by
           where ($1::bigint is null or stated.number = $1)
             and ($2::uuid is null or stated.environment = $2)
             and ($3::text[] is null or stated.team = any($3))
             and ($4::text is null or stated.state = $4)
             and ($5::bigint is null or stated.number < $5)
           order by stated.number desc limit $6"#,
        query.number.map(|number| number.0),
        query.environment.map(|environment| environment.0),
        teams.as_deref(),
        query.state.map(WaiverState::as_str),
        query.before.map(|number| number.0),
        i64::from(limit),
    )
    .fetch_all(connection)
    .await?
    .into_iter()
    .map(Waiver::try_from)
    .collect()
}

/// One waiver.
pub async fn get(connection: &mut Connection, number: WaiverNumber) -> Result<Option<Waiver>> {
    let query = WaiverQuery {
        number: Some(number),
        ..WaiverQuery::default()
    };
    Ok(list(connection, query, 1).await?.into_iter().next())
}

/// Waivers of one environment that are looked at: more than anybody asks for within their ninety days.
const OF_ENVIRONMENT: u32 = 1000;

/// The waivers of an environment, the latest first.
pub async fn of_environment(
    connection: &mut Connection,
    environment: EnvironmentId,
) -> Result<Vec<Waiver>> {
    let query = WaiverQuery {
        environment: Some(environment),
        ..WaiverQuery::default()
    };
    list(connection, query, OF_ENVIRONMENT).await
}

/// The waivers of an environment that are in force, by the database's clock.
#[tracing::instrument(name = "db.waiver.in_force", skip_all)]
pub async fn in_force(
    connection: &mut Connection,
    environment: EnvironmentId,
) -> Result<Vec<WaiverInForce>> {
    let rows = sqlx::query!(
        "select number, finding, expires_at from waiver
         where environment = $1 and granted and ended_at is null and expires_at > now()
         order by number",
        environment.0
    )
    .fetch_all(connection)
    .await?;
    rows.into_iter()
        .map(|row| {
            let place = Place {
                table: "waiver",
                row: row.number,
            };
            let finding: Finding = place.read("finding", row.finding)?;
            Ok(WaiverInForce {
                key: finding.key,
                covering: Covering {
                    number: WaiverNumber(row.number),
                    until: row.expires_at,
                },
            })
        })
        .collect()
}

/// Grants or refuses a waiver that waits and is not over; gives whether it did.
#[tracing::instrument(name = "db.waiver.decide", skip_all)]
pub async fn decide(
    connection: &mut Connection,
    number: WaiverNumber,
    granted: bool,
    words: &str,
    by: &Subject,
) -> Result<bool> {
    let decided = sqlx::query!(
        "update waiver set granted = $2, decided_words = $3, decided_by = $4, decided_at = now()
         where number = $1 and granted is null and expires_at > now()",
        number.0,
        granted,
        words,
        by.as_str(),
    )
    .execute(connection)
    .await?;
    Ok(decided.rows_affected() > 0)
}

/// Ends a waiver that is in force; gives whether it did.
#[tracing::instrument(name = "db.waiver.end", skip_all)]
pub async fn end(
    connection: &mut Connection,
    number: WaiverNumber,
    words: &str,
    by: &Subject,
) -> Result<bool> {
    let ended = sqlx::query!(
        "update waiver set ended_words = $2, ended_by = $3, ended_at = now()
         where number = $1 and granted and ended_at is null and expires_at > now()",
        number.0,
        words,
        by.as_str(),
    )
    .execute(connection)
    .await?;
    Ok(ended.rows_affected() > 0)
}

#[cfg(test)]
mod tests {
    use super::super::{Store, fixture};
    use super::*;
    use chrono::TimeDelta;
    use domain::change::{FindingKey, Severity};
    use sqlx::PgPool;

    fn finding(resource: &str) -> Finding {
        Finding {
            key: FindingKey {
                rule: "queue-is-encrypted".to_owned(),
                stack: "main".to_owned(),
                resource: resource.to_owned(),
                path: String::new(),
            },
            severity: Severity::Block,
            title: "Queues are encrypted".to_owned(),
            found: "SqsManagedSseEnabled is false".to_owned(),
            why: "Messages lie on disk.".to_owned(),
            right: "Leave it out.".to_owned(),
        }
    }

    async fn asked(
        connection: &mut Connection,
        (environment, change): (EnvironmentId, ChangeId),
        resource: &str,
        left: TimeDelta,
    ) -> WaiverNumber {
        let by = fixture::person(connection, "ada").await;
        let new = NewWaiver {
            environment,
            team: &"payments".parse().unwrap(),
            change,
            finding: &finding(resource),
            reason: "It holds no data",
            expires_at: Utc::now() + left,
            asked_by: &by,
        };
        insert(connection, new).await.unwrap()
    }

    async fn state(connection: &mut Connection, number: WaiverNumber) -> WaiverState {
        get(connection, number).await.unwrap().unwrap().state
    }

    #[sqlx::test(migrations = "../migrations")]
    async fn a_waiver_is_in_force_from_its_grant_to_its_end(pool: PgPool) {
        let store = Store::from(pool);
        let mut connection = store.acquire().await.unwrap();
        let place = fixture::one_change(&mut connection).await;
        let sam = fixture::person(&mut connection, "sam").await;
        let day = TimeDelta::days(1);
        let number = asked(&mut connection, place, "Orders", day).await;
        let other = asked(&mut connection, place, "Letters", day).await;
        assert_eq!(state(&mut connection, number).await, WaiverState::Asked);
        assert!(in_force(&mut connection, place.0).await.unwrap().is_empty());

        assert!(
            decide(&mut connection, number, true, "", &sam)
                .await
                .unwrap()
        );
        assert!(
            !decide(&mut connection, number, false, "no", &sam)
                .await
                .unwrap()
        );
        assert!(
            decide(&mut connection, other, false, "It does hold data", &sam)
                .await
                .unwrap()
        );
        assert_eq!(state(&mut connection, other).await, WaiverState::Refused);
        assert!(!end(&mut connection, other, "", &sam).await.unwrap());
        let force = in_force(&mut connection, place.0).await.unwrap();
        assert_eq!(force.len(), 1);
        assert_eq!(force[0].covering.number, number);
        assert_eq!(force[0].key, finding("Orders").key);

        assert!(
            end(&mut connection, number, "Encrypted by now", &sam)
                .await
                .unwrap()
        );
        assert!(!end(&mut connection, number, "again", &sam).await.unwrap());
        assert!(in_force(&mut connection, place.0).await.unwrap().is_empty());
        let ended = get(&mut connection, number).await.unwrap().unwrap();
        assert_eq!(ended.state, WaiverState::Ended);
        assert_eq!(ended.ended.unwrap().words, "Encrypted by now");
        assert_eq!(ended.service.as_str(), "checkout");
    }

    #[sqlx::test(migrations = "../migrations")]
    async fn a_waiver_ends_by_itself(pool: PgPool) {
        let store = Store::from(pool);
        let mut connection = store.acquire().await.unwrap();
        let place = fixture::one_change(&mut connection).await;
        let sam = fixture::person(&mut connection, "sam").await;
        let number = asked(&mut connection, place, "Orders", TimeDelta::milliseconds(1)).await;
        tokio::time::sleep(std::time::Duration::from_millis(20)).await;
        assert_eq!(state(&mut connection, number).await, WaiverState::Expired);
        assert!(
            !decide(&mut connection, number, true, "", &sam)
                .await
                .unwrap()
        );
        assert!(in_force(&mut connection, place.0).await.unwrap().is_empty());
    }

    #[sqlx::test(migrations = "../migrations")]
    async fn lists_are_narrowed_and_paged(pool: PgPool) {
        let store = Store::from(pool);
        let mut connection = store.acquire().await.unwrap();
        let place = fixture::one_change(&mut connection).await;
        let sam = fixture::person(&mut connection, "sam").await;
        let mut numbers = Vec::new();
        for resource in ["A", "B", "C"] {
            numbers.push(asked(&mut connection, place, resource, TimeDelta::days(1)).await);
        }
        decide(&mut connection, numbers[1], true, "", &sam)
            .await
            .unwrap();
        let payments: TeamName = "payments".parse().unwrap();
        let logistics: TeamName = "logistics".parse().unwrap();
        let all = WaiverQuery::default();
        for (query, expected) in [
            (all, vec![2, 1, 0]),
            (
                WaiverQuery {
                    state: Some(WaiverState::Granted),
                    ..all
                },
                vec![1],
            ),
            (
                WaiverQuery {
                    before: Some(numbers[2]),
                    ..all
                },
                vec![1, 0],
            ),
            (
                WaiverQuery {
                    teams: Some(std::slice::from_ref(&payments)),
                    ..all
                },
                vec![2, 1, 0],
            ),
            (
                WaiverQuery {
                    teams: Some(std::slice::from_ref(&logistics)),
                    ..all
                },
                vec![],
            ),
        ] {
            let found = list(&mut connection, query, 10).await.unwrap();
            let found: Vec<_> = found.iter().map(|it| it.number).collect();
            let expected: Vec<_> = expected.iter().map(|at| numbers[*at]).collect();
            assert_eq!(found, expected, "{query:?}");
        }
        assert_eq!(list(&mut connection, all, 2).await.unwrap().len(), 2);
        assert_eq!(
            of_environment(&mut connection, place.0)
                .await
                .unwrap()
                .len(),
            3
        );
    }
}
