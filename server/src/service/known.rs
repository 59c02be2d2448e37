//! Who is known to be in a group: by a sign-in of late, or because the configuration names them.
use super::{KNOWN_FOR_DAYS, PortalService};
use crate::configuration::Configuration;
use crate::store::{self, Connection, StoreError};
use chrono::{DateTime, TimeDelta, Utc};
use domain::change::Group;
use domain::names::{Subject, TeamName};
use domain::stage::Stage;

/// People of a group that are looked at.
const LOOKED_AT: u32 = 100;

/// The members of a group for a team at a stage, with their names. What a sign-in of late says of somebody counts more
/// than the configuration.
pub(super) async fn members(
    connection: &mut Connection,
    configuration: &Configuration,
    group: Group,
    place: (&TeamName, Stage),
    now: DateTime<Utc>,
) -> Result<Vec<(Subject, String)>, StoreError> {
    let since = now - TimeDelta::days(KNOWN_FOR_DAYS);
    let mut known = store::person::members(connection, group, place, since, LOOKED_AT).await?;
    let named: Vec<_> = configuration.members_of(group, place).collect();
    if !named.is_empty() {
        let subjects: Vec<_> = named.iter().map(|member| member.subject.clone()).collect();
        let seen = store::person::signed_in(connection, &subjects, since).await?;
        let unseen = named
            .into_iter()
            .filter(|member| !seen.contains(&member.subject));
        known.extend(unseen.map(|member| (member.subject.clone(), member.name.clone())));
    }
    Ok(known)
}

impl PortalService {
    /// Rules that ask a group for more approvals than there are people known in it, in words.
    ///
    /// # Errors
    /// When the store fails.
    pub async fn rules_too_few_can_meet(&self) -> Result<Vec<String>, StoreError> {
        let configuration = &self.configuration;
        let now = self.now();
        let mut connection = self.store.acquire().await?;
        let mut too_few = Vec::new();
        for rule in &configuration.rules.0 {
            for stage in rule
                .stages
                .iter()
                .filter(|stage| configuration.account_for(**stage).is_some())
            {
                for team in &configuration.teams {
                    for (group, count) in &rule.asks {
                        let place = (&team.name, *stage);
                        let known =
                            members(&mut connection, configuration, *group, place, now).await?;
                        if known.len() < usize::from(*count) {
                            too_few.push(format!(
                                "rule “{}” asks for {} at {stage}, and {} known, from the sign-ins of {KNOWN_FOR_DAYS} days and [[member]]",
                                rule.name,
                                group.words(*count, &team.name),
                                match known.len() {
                                    0 => "nobody is".to_owned(),
                                    1 => "1 is".to_owned(),
                                    more => format!("{more} are"),
                                }
                            ));
                        }
                    }
                }
            }
        }
        too_few.dedup();
        Ok(too_few)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::authz::Authorizer;
    use crate::store::{Store, fixture::name};
    use domain::change::{Rule, Rules};
    use domain::person::Grant;
    use sqlx::PgPool;
    use std::sync::Arc;

    const MEMBERS: &str = "
        [[member]]
        subject = \"lea\"
        name = \"Lea Lead\"
        groups = [\"leads\"]
        [[member]]
        subject = \"pia\"
        name = \"Pia Payer\"
        groups = [\"payments:approver\"]
    ";

    fn configuration() -> Configuration {
        let good = include_str!("../configuration/good.toml");
        Configuration::parse("good.toml", &format!("{good}{MEMBERS}")).unwrap()
    }

    async fn signs_in(connection: &mut Connection, subject: &str, grants: &[Grant]) {
        store::person::upsert(connection, &name(subject), subject, None, grants)
            .await
            .unwrap();
    }

    async fn approvers(connection: &mut Connection) -> Vec<String> {
        let team = name("payments");
        let place = (&team, Stage::Prod);
        let configuration = configuration();
        let known = members(
            connection,
            &configuration,
            Group::Approver,
            place,
            Utc::now(),
        );
        known
            .await
            .unwrap()
            .into_iter()
            .map(|(_, name)| name)
            .collect()
    }

    #[sqlx::test(migrations = "../migrations")]
    async fn a_sign_in_counts_more_than_the_configuration(pool: PgPool) {
        let mut connection = pool.acquire().await.unwrap();
        assert_eq!(approvers(&mut connection).await, ["Lea Lead", "Pia Payer"]);
        let approver = Grant::Approver {
            team: name("payments"),
            stages: vec![Stage::Prod],
        };
        signs_in(&mut connection, "pia", &[approver]).await;
        assert_eq!(approvers(&mut connection).await, ["pia", "Lea Lead"]);
        // Lea approves no more, whatever the file still says; until nobody remembers when she signed in.
        signs_in(&mut connection, "lea", &[Grant::Auditor]).await;
        assert_eq!(approvers(&mut connection).await, ["pia"]);
        sqlx::raw_sql("update person set signed_in_at = now() - interval '91 days'")
            .execute(&mut *connection)
            .await
            .unwrap();
        assert_eq!(approvers(&mut connection).await, ["Lea Lead", "Pia Payer"]);
    }

    #[sqlx::test(migrations = "../migrations")]
    async fn a_rule_that_too_few_can_meet_is_told(pool: PgPool) {
        let rule = |asks: &[(Group, u8)]| Rule {
            name: "prod".to_owned(),
            stages: vec![Stage::Prod, Stage::Recovery],
            kinds: Vec::new(),
            access: None,
            findings: None,
            asks: asks.iter().copied().collect(),
        };
        let told = async |asks: &[(Group, u8)]| {
            let mut configuration = configuration();
            configuration.rules = Rules(vec![rule(asks)]);
            let authorizer = Arc::new(Authorizer::new().unwrap());
            let store = Store::from(pool.clone());
            PortalService::new(store, Arc::new(configuration), authorizer)
                .rules_too_few_can_meet()
                .await
                .unwrap()
        };
        assert_eq!(told(&[(Group::Approver, 2)]).await, Vec::<String>::new());
        let words = told(&[(Group::Approver, 3), (Group::Security, 1)]).await;
        let [approvers, security] = words.as_slice() else {
            panic!("{words:?}");
        };
        assert!(
            approvers.contains("3 approvers of payments at prod, and 2 are known"),
            "{approvers}"
        );
        assert!(
            security.contains("one of security at prod, and nobody is known"),
            "{security}"
        );
    }
}
