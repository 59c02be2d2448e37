//! What came before approvers, newest first. What waits for one of them is in `change.rs`.
use super::row::texts;
use super::{Connection, Result};
use domain::names::{ChangeNumber, Subject, TeamName};
use domain::stage::Stage;

/// What a page of the inbox holds.
#[derive(Clone, Copy, Debug)]
pub struct InboxQuery<'a> {
    /// Only of these teams; of all when none.
    pub teams: Option<&'a [TeamName]>,
    /// Only at this stage.
    pub stage: Option<Stage>,
    /// Only older than this one.
    pub before: Option<ChangeNumber>,
    /// How many.
    pub limit: u32,
}

/// Numbers of the changes that somebody has decided on.
#[tracing::instrument(name = "db.inbox.completed", skip_all)]
pub async fn completed(
    connection: &mut Connection,
    by: &Subject,
    query: InboxQuery<'_>,
) -> Result<Vec<ChangeNumber>> {
    let teams = query.teams.map(texts);
    let numbers = sqlx::query_scalar!(
        "select change.number
         from decision join change on change.id = decision.change
         where decision.decided_by = $1
           and ($2::bigint is null
             or decision.change < (select id from change where number = $2))
           and ($3::text[] is null or change.team = any($3))
           and ($4::text is null or change.stage = $4)
         group by decision.change, change.number
         order by decision.change desc limit $5",
        by.as_str(),
        query.before.map(|number| number.0),
        teams.as_deref(),
        query.stage.map(Stage::as_str),
        i64::from(query.limit),
    )
    .fetch_all(connection)
    .await?;
    Ok(numbers.into_iter().map(ChangeNumber).collect())
}

/// Numbers of the changes that wait for an approval or that somebody has decided on.
#[tracing::instrument(name = "db.inbox.all", skip_all)]
pub async fn all(connection: &mut Connection, query: InboxQuery<'_>) -> Result<Vec<ChangeNumber>> {
    let numbers = match query.teams {
        None => all_of_every_team(connection, query).await?,
        Some(teams) => all_of_teams(connection, teams, query).await?,
    };
    Ok(numbers.into_iter().map(ChangeNumber).collect())
}

async fn all_of_every_team(connection: &mut Connection, query: InboxQuery<'_>) -> Result<Vec<i64>> {
    let numbers = sqlx::query_scalar!(
        "select number from change
         where ($1::bigint is null or number < $1) and ($2::text is null or stage = $2)
           and (state_name = 'waiting'
             or exists (select from decision where decision.change = change.id))
         order by number desc limit $3",
        query.before.map(|number| number.0),
        query.stage.map(Stage::as_str),
        i64::from(query.limit),
    )
    .fetch_all(connection)
    .await?;
    Ok(numbers)
}

/// Takes a page of each team first: an index that starts with the team gives each in order.
async fn all_of_teams(
    connection: &mut Connection,
    teams: &[TeamName],
    query: InboxQuery<'_>,
) -> Result<Vec<i64>> {
    let numbers = sqlx::query_scalar!(
        r#"select page.number as "number!"
           from (select distinct team from unnest($4::text[]) as seen (team)) as seen
           cross join lateral (
             select number from change
             where change.team = seen.team
               and ($1::bigint is null or number < $1) and ($2::text is null or stage = $2)
               and (state_name = 'waiting'
                 or exists (select from decision where decision.change = change.id))
             order by number desc limit $3
           ) as page
           order by page.number desc limit $3"#,
        query.before.map(|number| number.0),
        query.stage.map(Stage::as_str),
        i64::from(query.limit),
        &texts(teams),
    )
    .fetch_all(connection)
    .await?;
    Ok(numbers)
}

#[cfg(test)]
mod tests {
    use super::super::decision::{self, NewDecision};
    use super::super::fixture::{self, name};
    use super::*;
    use domain::change::{Decision, Group};
    use domain::names::ChangeId;
    use sqlx::PgPool;

    async fn decide(
        connection: &mut Connection,
        change: ChangeId,
        by: &Subject,
        decision: Decision,
    ) {
        let (plan, digest) = fixture::kept_plan(connection, change, "a: 1").await;
        let rule_set = fixture::rule_set(connection).await;
        let decided = NewDecision {
            plan,
            digest: &digest,
            decision,
            comment: "",
            by,
            groups: &[Group::Approver].into(),
            rule_set: &rule_set,
        };
        decision::insert(connection, change, decided).await.unwrap();
    }

    #[sqlx::test(migrations = "../migrations")]
    async fn what_was_answered_is_paged_newest_first(pool: PgPool) {
        let mut connection = pool.acquire().await.unwrap();
        let ada = fixture::person(&mut connection, "ada").await;
        let bob = fixture::person(&mut connection, "bob").await;
        let (mut by_bob, mut any) = (Vec::new(), Vec::new());
        for number in 0..4 {
            for team in ["payments", "search"] {
                let service = fixture::service(&mut connection, team, &format!("s{number}")).await;
                for stage in [Stage::Dev, Stage::Prod] {
                    let environment = fixture::environment(&mut connection, service, stage).await;
                    let state = match number {
                        0 => fixture::waiting(),
                        _ => fixture::withdrawn(),
                    };
                    let place = (team, stage);
                    let (id, asked) =
                        fixture::change(&mut connection, environment, place, &ada, &state)
                            .await
                            .unwrap();
                    if number == 1 {
                        decide(&mut connection, id, &bob, Decision::AskForChanges).await;
                        decide(&mut connection, id, &bob, Decision::Approve).await;
                        by_bob.push((asked, team, stage));
                    }
                    if number < 2 {
                        any.push((asked, team, stage));
                    }
                }
            }
        }
        by_bob.reverse();
        any.reverse();
        let both = [name("payments"), name("search"), name("search")];
        let one = [name("search")];
        let teams: [Option<&[TeamName]>; 4] = [None, Some(&both), Some(&one), Some(&[])];
        for seen in teams {
            for stage in [None, Some(Stage::Prod), Some(Stage::Staging)] {
                let fits = |of: &[(ChangeNumber, &str, Stage)]| -> Vec<ChangeNumber> {
                    of.iter()
                        .filter(|(_, team, _)| {
                            seen.is_none_or(|seen| seen.iter().any(|name| name.as_str() == *team))
                        })
                        .filter(|(_, _, at)| stage.is_none_or(|wanted| wanted == *at))
                        .map(|(number, _, _)| *number)
                        .collect()
                };
                let mut query = InboxQuery {
                    teams: seen,
                    stage,
                    before: None,
                    limit: 3,
                };
                let (mut mine, mut everyones): (Vec<ChangeNumber>, Vec<ChangeNumber>) =
                    Default::default();
                loop {
                    let page = completed(&mut connection, &bob, query).await.unwrap();
                    query.before = page.last().copied();
                    mine.extend(&page);
                    if page.is_empty() {
                        break;
                    }
                }
                query.before = None;
                loop {
                    let page = all(&mut connection, query).await.unwrap();
                    query.before = page.last().copied();
                    everyones.extend(&page);
                    if page.is_empty() {
                        break;
                    }
                }
                assert_eq!(mine, fits(&by_bob), "{seen:?} {stage:?}");
                assert_eq!(everyones, fits(&any), "{seen:?} {stage:?}");
            }
        }
        let query = InboxQuery {
            teams: None,
            stage: None,
            before: None,
            limit: 9,
        };
        assert!(
            completed(&mut connection, &ada, query)
                .await
                .unwrap()
                .is_empty()
        );
    }
}
