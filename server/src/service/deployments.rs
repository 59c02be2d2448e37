//! The history of deployments.
use super::approvals::PAGE;
use super::rows::{deployment_row, plain};
use super::services::owned;
use super::{PortalService, unavailable};
use crate::store;
use crate::store::deployment::{DeploymentQuery, DeploymentState};
use app::api::views::DeploymentList;
use app::api::{AppError, DeploymentFilter};
use domain::blueprint::Choice;
use domain::names::Subject;
use domain::person::Principal;
use domain::stage::Stage;

impl PortalService {
    pub(super) async fn list_deployments(
        &self,
        who: &Principal,
        filter: DeploymentFilter,
    ) -> Result<DeploymentList, AppError> {
        let now = self.now();
        let teams = owned(who.sees());
        let state = filter
            .state
            .as_deref()
            .and_then(|word| word.parse::<DeploymentState>().ok());
        let person = filter
            .person
            .as_deref()
            .and_then(|word| word.parse::<Subject>().ok());
        let mut connection = self.store.acquire().await.map_err(unavailable)?;
        let mut listed = store::deployment::list(
            &mut connection,
            DeploymentQuery {
                teams: teams.as_deref(),
                team: filter.team.as_ref(),
                service: filter.service.as_ref(),
                stage: filter.stage,
                state,
                person: person.as_ref(),
                before: filter.before,
                limit: PAGE + 1,
            },
        )
        .await
        .map_err(unavailable)?;
        let more = listed.len() > PAGE as usize;
        listed.truncate(PAGE as usize);
        let next = listed
            .last()
            .filter(|_| more)
            .map(|last| last.deployment.number.to_string());
        let people = store::deployment::people(&mut connection, teams.as_deref())
            .await
            .map_err(unavailable)?;
        let services = store::service::names(&mut connection, teams.as_deref())
            .await
            .map_err(unavailable)?;
        let mut services: Vec<_> = services
            .into_iter()
            .filter(|(team, _, _)| filter.team.as_ref().is_none_or(|wanted| wanted == team))
            .map(|(_, service, _)| plain(service.as_str()))
            .collect();
        services.dedup();
        Ok(DeploymentList {
            rows: listed
                .iter()
                .map(|deployment| deployment_row(deployment, now))
                .collect(),
            next,
            teams: self.seen_teams(who),
            services,
            stages: Stage::ALL
                .iter()
                .map(|stage| plain(stage.as_str()))
                .collect(),
            states: DeploymentState::ALL
                .iter()
                .map(|state| plain(state.as_str()))
                .collect(),
            people: people
                .into_iter()
                .map(|(subject, name)| Choice {
                    value: subject.to_string(),
                    label: name,
                })
                .collect(),
        })
    }
}
