//! What a promotion would bring to the next stage, and what keeps it from being asked for: the same
//! for the page that shows it, the post that asks for it and the service's page that offers it.
use super::PortalService;
use crate::store::blueprint::BlueprintVersion;
use crate::store::change::Change;
use crate::store::deployment::DeploymentState;
use crate::store::environment::Environment;
use crate::store::promotion::Standing;
use crate::store::release::Release;
use crate::store::service::Service;
use crate::store::{self, Connection, StoreError};
use domain::blueprint::check_values;
use domain::change::{
    CannotPromote, InForce, LatestDeployment, PromotedParameter, PromotionFacts, cannot_promote,
    next_stage, promoted_parameters,
};
use domain::names::EnvironmentId;
use domain::stage::Stage;
use std::collections::BTreeMap;

/// A service's environments, with their open changes and how their deployments stand.
pub(super) struct Stands {
    environments: Vec<Environment>,
    open: Vec<Change>,
    standings: Vec<Standing>,
}

impl Stands {
    pub(super) async fn load(
        connection: &mut Connection,
        service: &Service,
    ) -> Result<Self, StoreError> {
        let environments = store::environment::of_services(connection, &[service.id]).await?;
        let ids: Vec<_> = environments.iter().map(|it| it.id).collect();
        Ok(Self {
            open: store::change::open_of_all(connection, &ids).await?,
            standings: store::promotion::standings(connection, &ids).await?,
            environments,
        })
    }

    pub(super) fn at(&self, stage: Stage) -> Option<&Environment> {
        self.environments.iter().find(|it| it.stage == stage)
    }

    pub(super) fn open_change(&self, id: EnvironmentId) -> Option<&Change> {
        self.open.iter().find(|change| change.environment == id)
    }

    pub(super) fn standing(&self, id: EnvironmentId) -> Option<&Standing> {
        self.standings.iter().find(|it| it.environment == id)
    }
}

/// A release on its way from one stage to another.
pub(super) struct Promotion {
    pub(super) from: Stage,
    pub(super) to: Stage,
    /// What is promoted.
    pub(super) release: Option<Release>,
    /// Its blueprint version.
    pub(super) version: Option<BlueprintVersion>,
    /// What runs where it goes.
    pub(super) current: Option<Release>,
    pub(super) parameters: Vec<PromotedParameter>,
    pub(super) refused: Vec<CannotPromote>,
    /// Which values its manifest does not take at the next stage.
    pub(super) bad_values: Vec<String>,
}

impl Promotion {
    /// The parameters that the release has at the next stage.
    pub(super) fn values(&self) -> BTreeMap<String, String> {
        self.parameters
            .iter()
            .filter_map(|it| Some((it.name.clone(), it.incoming.clone()?)))
            .collect()
    }

    /// Whether the release itself can't go on, because its parameters have to be others there.
    pub(super) fn needs_another_release(&self) -> bool {
        self.release
            .as_ref()
            .is_some_and(|release| !are_same(&release.parameters, &self.values()))
    }

    /// Everything that keeps it from being asked for, in words.
    pub(super) fn refusals(&self) -> Vec<String> {
        let refused = self.refused.iter().map(ToString::to_string);
        refused.chain(self.bad_values.iter().cloned()).collect()
    }
}

/// Whether two sets of values come to the same; one that is empty is as good as none.
fn are_same(one: &BTreeMap<String, String>, other: &BTreeMap<String, String>) -> bool {
    let given = |(_, value): &(&String, &String)| !value.is_empty();
    one.iter().filter(given).eq(other.iter().filter(given))
}

impl PortalService {
    /// The promotion from a stage to the next, or to the one that is named.
    pub(super) async fn promotion(
        &self,
        connection: &mut Connection,
        stands: &Stands,
        from: Stage,
        to: Option<Stage>,
    ) -> Result<Promotion, StoreError> {
        let to = to.or_else(|| next_stage(from)).unwrap_or(from);
        let source = stands.at(from);
        let target = stands.at(to).filter(|_| to != from);
        let release = running(connection, source).await?;
        let version = version_of(connection, release.as_ref()).await?;
        let current = running(connection, target).await?;
        let parameters = match (&release, &version) {
            (Some(release), Some(version)) if to != from => {
                parameters(connection, release, version, (from, to), current.as_ref()).await?
            }
            _ => Vec::new(),
        };
        let mut promotion = Promotion {
            from,
            to,
            release,
            version,
            current,
            parameters,
            refused: Vec::new(),
            bad_values: Vec::new(),
        };
        let facts = self.facts(stands, &promotion);
        promotion.refused = cannot_promote(&facts, self.now());
        if facts.offered
            && let Some(version) = &promotion.version
        {
            promotion.bad_values = check_values(&version.manifest, to, &promotion.values())
                .into_iter()
                .map(|problem| problem.message)
                .collect();
        }
        Ok(promotion)
    }

    fn facts(&self, stands: &Stands, promotion: &Promotion) -> PromotionFacts {
        let (from, to) = (promotion.from, promotion.to);
        let source = stands.at(from);
        let standing = source.and_then(|source| stands.standing(source.id));
        let latest = standing.and_then(|standing| standing.latest.as_ref());
        let manifest = promotion.version.as_ref().map(|version| &version.manifest);
        let same = match (&promotion.release, &promotion.current) {
            (Some(release), Some(current)) => {
                release.blueprint_digest == current.blueprint_digest
                    && are_same(&current.parameters, &promotion.values())
            }
            _ => false,
        };
        PromotionFacts {
            from,
            to,
            runs: promotion.release.as_ref().map(|release| release.number),
            decommissioned: source.is_some_and(|source| {
                source.state == store::environment::EnvironmentState::Decommissioned
            }),
            latest: latest.map(|latest| {
                let ended = match latest.state {
                    DeploymentState::Failed => LatestDeployment::Failed,
                    DeploymentState::Queued | DeploymentState::Running => {
                        LatestDeployment::UnderWay
                    }
                    DeploymentState::Succeeded | DeploymentState::Cancelled => {
                        LatestDeployment::Succeeded
                    }
                };
                (latest.change, ended)
            }),
            held_since: held_since(stands, source),
            soak_minutes: self.configuration.soak_minutes(from),
            offered: manifest.is_none_or(|manifest| manifest.stages.contains(&to)),
            has_account: self.configuration.account_for(to).is_some(),
            open: stands
                .at(to)
                .and_then(|target| stands.open_change(target.id))
                .map(|change| change.number),
            same: promotion
                .current
                .as_ref()
                .filter(|_| same)
                .map(|current| current.number),
        }
    }
}

/// Since when the release that runs in an environment holds. A release that was found to be there
/// already had no deployment; it holds since it was found.
pub(super) fn held_since(
    stands: &Stands,
    environment: Option<&Environment>,
) -> Option<chrono::DateTime<chrono::Utc>> {
    let environment = environment.filter(|it| it.release.is_some())?;
    let standing = stands.standing(environment.id);
    standing
        .and_then(|standing| standing.held_since)
        .or(Some(environment.changed_at))
}

async fn running(
    connection: &mut Connection,
    environment: Option<&Environment>,
) -> Result<Option<Release>, StoreError> {
    match environment.and_then(|environment| environment.release) {
        Some(release) => store::release::get(connection, release).await,
        None => Ok(None),
    }
}

async fn version_of(
    connection: &mut Connection,
    release: Option<&Release>,
) -> Result<Option<BlueprintVersion>, StoreError> {
    match release {
        Some(release) => store::blueprint::get(connection, &release.blueprint_digest).await,
        None => Ok(None),
    }
}

async fn parameters(
    connection: &mut Connection,
    release: &Release,
    version: &BlueprintVersion,
    way: (Stage, Stage),
    current: Option<&Release>,
) -> Result<Vec<PromotedParameter>, StoreError> {
    let source = &release.parameters;
    let Some(current) = current else {
        return Ok(promoted_parameters(&version.manifest, source, way, None));
    };
    let other;
    let running = if current.blueprint_digest == release.blueprint_digest {
        version
    } else {
        other = version_of(connection, Some(current)).await?;
        other.as_ref().unwrap_or(version)
    };
    let brought = brought_there(connection, current, way.1).await?;
    let target = InForce {
        manifest: &running.manifest,
        parameters: &current.parameters,
        brought: brought.as_ref(),
    };
    Ok(promoted_parameters(
        &version.manifest,
        source,
        way,
        Some(target),
    ))
}

/// The parameters that came to a stage with the release that runs there, rather than being chosen there.
async fn brought_there(
    connection: &mut Connection,
    current: &Release,
    stage: Stage,
) -> Result<Option<BTreeMap<String, String>>, StoreError> {
    if let Some((from, _)) = current.promoted_from {
        let from = store::release::get(connection, from).await?;
        return Ok(from.map(|from| from.parameters));
    }
    let first = store::promotion::first_stage(connection, current.id).await?;
    Ok((first != Some(stage)).then(|| current.parameters.clone()))
}
