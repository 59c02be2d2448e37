//! Services and their environments.
use super::approvals::PAGE;
use super::promotion::Stands;
use super::rows::{deployment_row, environment_row};
use super::words::moment;
use super::{PortalService, unavailable};
use crate::authz::{Act, Target};
use crate::store::deployment::DeploymentQuery;
use crate::store::service::Service;
use crate::store::{self, Connection};
use app::api::AppError;
use app::api::views::{EnvironmentRow, ReleaseRow, ServiceList, ServicePage, ServiceRow};
use domain::blueprint::Choice;
use domain::names::{ServiceName, TeamName};
use domain::person::Principal;
use domain::stage::Stage;

impl PortalService {
    /// The teams that a person sees, with their titles.
    pub(super) fn seen_teams(&self, who: &Principal) -> Vec<Choice> {
        let seen = who.sees();
        self.configuration
            .teams
            .iter()
            .filter(|team| {
                seen.as_ref()
                    .is_none_or(|seen| seen.iter().any(|name| **name == team.name))
            })
            .map(|team| Choice {
                value: team.name.to_string(),
                label: team.title.clone(),
            })
            .collect()
    }

    pub(super) async fn list_services(
        &self,
        who: &Principal,
        team: Option<TeamName>,
        after: Option<String>,
    ) -> Result<ServiceList, AppError> {
        let teams = owned(who.sees());
        let after = after.as_deref().and_then(|key| key.split_once('/'));
        let mut connection = self.store.acquire().await.map_err(unavailable)?;
        let mut services = store::service::list(
            &mut connection,
            teams.as_deref(),
            team.as_ref(),
            after,
            PAGE + 1,
        )
        .await
        .map_err(unavailable)?;
        let more = services.len() > PAGE as usize;
        services.truncate(PAGE as usize);
        let next = services
            .last()
            .filter(|_| more)
            .map(|service| format!("{}/{}", service.team, service.name));
        Ok(ServiceList {
            teams: self.seen_teams(who),
            team: team.map(|team| team.to_string()).unwrap_or_default(),
            rows: self.service_rows(&mut connection, &services).await?,
            next,
            may_ask: self.may_ask_at_all(who),
        })
    }

    async fn service_rows(
        &self,
        connection: &mut Connection,
        services: &[Service],
    ) -> Result<Vec<ServiceRow>, AppError> {
        let now = self.now();
        let ids: Vec<_> = services.iter().map(|service| service.id).collect();
        let environments = store::environment::of_services(connection, &ids)
            .await
            .map_err(unavailable)?;
        let here: Vec<_> = environments
            .iter()
            .map(|environment| environment.id)
            .collect();
        let open = store::change::open_of_all(connection, &here)
            .await
            .map_err(unavailable)?;
        let mut rows = Vec::new();
        for service in services {
            let mut stands: Vec<(Stage, EnvironmentRow)> = environments
                .iter()
                .filter(|environment| environment.service == service.id)
                .map(|environment| {
                    let change = open
                        .iter()
                        .find(|change| change.environment == environment.id);
                    (environment.stage, environment_row(environment, change, now))
                })
                .collect();
            stands.sort_by_key(|(stage, _)| Stage::ALL.iter().position(|one| one == stage));
            rows.push(ServiceRow {
                team: service.team.to_string(),
                name: service.name.to_string(),
                blueprint: service.blueprint.to_string(),
                environments: stands.into_iter().map(|(_, row)| row).collect(),
            });
        }
        Ok(rows)
    }

    pub(super) async fn show_service(
        &self,
        who: &Principal,
        team: &TeamName,
        name: &ServiceName,
    ) -> Result<ServicePage, AppError> {
        let now = self.now();
        let what = format!("{team}/{name}");
        self.may_see(who, team, &what).await?;
        let mut connection = self.store.acquire().await.map_err(unavailable)?;
        let service = store::service::find(&mut connection, team, name)
            .await
            .map_err(unavailable)?
            .ok_or(AppError::NotFound { what })?;
        let stands = Stands::load(&mut connection, &service)
            .await
            .map_err(unavailable)?;
        let version = store::blueprint::current_of(&mut connection, &service.blueprint)
            .await
            .map_err(unavailable)?;
        let deployments = store::deployment::list(
            &mut connection,
            DeploymentQuery {
                teams: None,
                team: Some(team),
                service: Some(name),
                stage: None,
                state: None,
                person: None,
                before: None,
                limit: 10,
            },
        )
        .await
        .map_err(unavailable)?;
        let releases = store::release::of_service(&mut connection, service.id, 20)
            .await
            .map_err(unavailable)?;
        let offered = version
            .as_ref()
            .map(|version| version.manifest.stages.as_slice())
            .unwrap_or_default();
        let stages = self
            .stages(&mut connection, &stands, offered)
            .await
            .map_err(unavailable)?;
        Ok(ServicePage {
            blueprint_title: version.as_ref().map_or_else(
                || service.blueprint.to_string(),
                |version| version.manifest.title.clone(),
            ),
            team: service.team.to_string(),
            service: service.name.to_string(),
            blueprint: service.blueprint.to_string(),
            stages,
            deployments: deployments
                .iter()
                .map(|deployment| deployment_row(deployment, now))
                .collect(),
            releases: releases
                .into_iter()
                .map(|release| ReleaseRow {
                    number: release.number.to_string(),
                    blueprint_version: release.blueprint_version,
                    promoted_from: release.promoted_from.map(|(_, number)| number.to_string()),
                    by: release.created_by_name,
                    at: moment(release.created_at, now),
                })
                .collect(),
            may_ask: self
                .would_allow(who, Act::AskFor, &Target::Team(team.clone()))
                .is_ok(),
        })
    }
}

/// The teams of a person as the store takes them.
pub(super) fn owned(teams: Option<Vec<&TeamName>>) -> Option<Vec<TeamName>> {
    teams.map(|teams| teams.into_iter().cloned().collect())
}
