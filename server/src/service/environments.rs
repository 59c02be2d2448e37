//! One environment.
use super::ask::typed_reason;
use super::change_page::output_views;
use super::rows::{change_row, environment_row};
use super::{PortalService, unavailable};
use crate::authz::{Act, Target};
use crate::store;
use app::api::AppError;
use app::api::views::{EnvironmentPage, EnvironmentStackView};
use domain::blueprint::Manifest;
use domain::change::next_stage;
use domain::change::window::Place;
use domain::names::{DraftId, ReleaseNumber, ServiceName, TeamName};
use domain::person::Principal;
use domain::stage::Stage;
use std::collections::BTreeMap;

impl PortalService {
    pub(super) async fn show_environment(
        &self,
        who: &Principal,
        team: &TeamName,
        service: &ServiceName,
        stage: Stage,
        earlier: Option<ReleaseNumber>,
        draft: Option<DraftId>,
    ) -> Result<EnvironmentPage, AppError> {
        let now = self.now();
        let what = format!("{team}/{service}/{stage}");
        self.may_see(who, team, &what).await?;
        let kept = self.draft(who, draft).await?;
        let not_found = || AppError::NotFound { what: what.clone() };
        let mut connection = self.store.acquire().await.map_err(unavailable)?;
        let of = store::service::find(&mut connection, team, service)
            .await
            .map_err(unavailable)?
            .ok_or_else(not_found)?;
        let environment = store::environment::find(&mut connection, of.id, stage)
            .await
            .map_err(unavailable)?
            .ok_or_else(not_found)?;
        let open = store::change::open_of(&mut connection, environment.id)
            .await
            .map_err(unavailable)?;
        let changes = store::change::of_environment(&mut connection, environment.id, 20)
            .await
            .map_err(unavailable)?;
        let stacks = store::environment::stacks(&mut connection, environment.id)
            .await
            .map_err(unavailable)?;
        let release = match environment.release {
            Some(release) => store::release::get(&mut connection, release)
                .await
                .map_err(unavailable)?,
            None => None,
        };
        let version = match &release {
            Some(release) => store::blueprint::get(&mut connection, &release.blueprint_digest)
                .await
                .map_err(unavailable)?,
            None => None,
        };
        let manifest = version.map(|version| version.manifest);
        let outputs = stacks
            .iter()
            .flat_map(|stack| output_views(&stack.outputs, manifest.as_ref()))
            .collect();
        let parameters = release
            .as_ref()
            .map(|release| labelled(&release.parameters, manifest.as_ref()))
            .unwrap_or_default();
        let refused = self
            .decommission_refused(&mut connection, &environment)
            .await
            .map_err(unavailable)?;
        let earlier = self
            .earlier_releases(&mut connection, &environment, earlier)
            .await
            .map_err(unavailable)?;
        let lock = self
            .lock_box(&mut connection, who, &environment, &kept.0, now)
            .await?;
        let place = Place {
            team,
            service: Some(service),
            stage,
        };
        Ok(EnvironmentPage {
            holds: self.freezes_ahead(place, "Deployments wait", now),
            lock,
            team: team.to_string(),
            service: service.to_string(),
            row: environment_row(&environment, open.as_ref(), now),
            blueprint: manifest.map(|manifest| (manifest.title, manifest.version)),
            stacks: stacks
                .into_iter()
                .map(|stack| EnvironmentStackView {
                    name: stack.name,
                    stack_name: stack.stack_name.to_string(),
                    region: stack.region.to_string(),
                    stack_id: stack.stack_id,
                })
                .collect(),
            parameters,
            outputs,
            changes: changes
                .iter()
                .map(|change| change_row(change, now))
                .collect(),
            earlier,
            promotes_to: next_stage(stage)
                .filter(|_| environment.release.is_some())
                .map(|to| to.to_string()),
            may_ask: self
                .would_allow(who, Act::AskFor, &Target::Team(team.clone()))
                .is_ok(),
            decommission_refused_because: refused,
            confirmation: what,
            typed_reason: typed_reason(&kept),
            typed_confirmation: kept.0.get("confirmation").cloned().unwrap_or_default(),
            problems: kept.1,
        })
    }
}

/// Label, name and value of each parameter.
fn labelled(
    values: &BTreeMap<String, String>,
    manifest: Option<&Manifest>,
) -> Vec<(String, String, String)> {
    values
        .iter()
        .map(|(name, value)| {
            let label = manifest
                .and_then(|manifest| manifest.parameters.get(name))
                .map_or_else(|| name.clone(), |parameter| parameter.label.clone());
            (label, name.clone(), value.clone())
        })
        .collect()
}

/// Which parameter in force protects an environment from being decommissioned, in words that say
/// what must happen first.
pub(super) fn protected_because(
    manifest: &Manifest,
    in_force: &BTreeMap<String, String>,
    stage: Stage,
) -> Option<String> {
    manifest
        .parameters
        .iter()
        .find(|(name, parameter)| {
            parameter.protects && in_force.get(*name).is_some_and(|value| value == "true")
        })
        .map(|(_, parameter)| {
            let label = &parameter.label;
            if parameter.is_fixed_at(stage) {
                format!(
                    "“{label}” is on, and the blueprint keeps it on at {stage}. A platform engineer \
                     has to offer a blueprint version that lets it be turned off; deploy that \
                     first, then decommission."
                )
            } else {
                format!(
                    "“{label}” is on. Request a change that turns it off and deploy it, then \
                     decommission."
                )
            }
        })
}
