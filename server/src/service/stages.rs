//! The stages of one service, from left to right: what stands there, what is under way, and what could
//! be promoted there.
use super::PortalService;
use super::promotion::{Promotion, Stands, held_since};
use super::rows::environment_row;
use super::words::change_status;
use crate::store::deployment::DeploymentState;
use crate::store::environment::{Environment, EnvironmentState};
use crate::store::promotion::Latest;
use crate::store::{Connection, StoreError};
use app::api::views::{EnvironmentRow, PendingView, PromotionOffer, StageView, Status, Tone};
use domain::change::{CannotPromote, Group, LADDER, SoakLeft, next_stage, stage_before};
use domain::stage::Stage;

/// The ladder from left to right, then what stands beside it.
const LEFT_TO_RIGHT: [Stage; 5] = [
    Stage::Dev,
    Stage::Staging,
    Stage::Prod,
    Stage::Recovery,
    Stage::Feature,
];

impl PortalService {
    /// The stages that the service stands at or is offered at.
    pub(super) async fn stages(
        &self,
        connection: &mut Connection,
        stands: &Stands,
        offered: &[Stage],
    ) -> Result<Vec<StageView>, StoreError> {
        let mut views = Vec::new();
        for stage in LEFT_TO_RIGHT {
            let environment = stands.at(stage);
            let is_offered =
                offered.contains(&stage) && self.configuration.account_for(stage).is_some();
            if environment.is_none() && !is_offered {
                continue;
            }
            let promotion = match stage_before(stage) {
                Some(from) if stands.at(from).is_some() => {
                    let promotion = self
                        .promotion(connection, stands, from, Some(stage))
                        .await?;
                    offer(&promotion)
                }
                _ => None,
            };
            views.push(StageView {
                stage: stage.to_string(),
                environment: environment.map(|it| self.standing_row(stands, it)),
                soak: environment.and_then(|it| self.soak(stands, it)),
                step: environment.and_then(|it| {
                    let (resource, status) = latest(stands, it)?.step.clone()?;
                    Some(format!("{resource} {status}"))
                }),
                pending: environment.and_then(|it| pending(stands, it)),
                promotion,
                is_offered,
                leads_to: None,
            });
        }
        let here: Vec<String> = views.iter().map(|view| view.stage.clone()).collect();
        for (view, next) in views.iter_mut().zip(here.into_iter().skip(1)) {
            let leads = LADDER.into_iter().find_map(|stage| {
                let to = next_stage(stage)?;
                (stage.as_str() == view.stage && to.as_str() == next).then_some(to)
            });
            view.leads_to = leads.map(|to| to.to_string());
        }
        Ok(views)
    }

    /// An environment with its health, as its latest deployment left it, where no change is open.
    fn standing_row(&self, stands: &Stands, environment: &Environment) -> EnvironmentRow {
        let open = stands.open_change(environment.id);
        let mut row = environment_row(environment, open, self.now());
        let failed = latest(stands, environment)
            .is_some_and(|latest| latest.state == DeploymentState::Failed);
        if open.is_none() {
            match (environment.state, failed) {
                (EnvironmentState::Live, true) => {
                    row.status = health("last deployment failed", Tone::Grow);
                }
                (EnvironmentState::Live, false) => row.status = health("healthy", Tone::Shrink),
                (EnvironmentState::Asked, true) => row.status = health("failed", Tone::Grow),
                _ => {}
            }
        }
        row
    }

    fn soak(&self, stands: &Stands, environment: &Environment) -> Option<String> {
        let since = held_since(stands, Some(environment))?;
        let minutes = self.configuration.soak_minutes(environment.stage);
        let left = SoakLeft::of(since, minutes, self.now())?;
        Some(format!("soaking: {left} to go"))
    }
}

fn health(words: &str, tone: Tone) -> Status {
    Status {
        words: words.to_owned(),
        tone,
    }
}

fn latest<'a>(stands: &'a Stands, environment: &Environment) -> Option<&'a Latest> {
    stands.standing(environment.id)?.latest.as_ref()
}

fn pending(stands: &Stands, environment: &Environment) -> Option<PendingView> {
    let change = stands.open_change(environment.id)?;
    let waits_for = stands
        .standing(environment.id)
        .map(|standing| {
            let groups = standing.waits_for.iter().map(|group| match group {
                Group::Approver => format!("an approver of {}", environment.team),
                other => other.to_string(),
            });
            groups.collect::<Vec<_>>().join(", ")
        })
        .filter(|groups| !groups.is_empty());
    Some(PendingView {
        number: change.number.to_string(),
        release: change.release_number.map(|number| number.to_string()),
        words: match waits_for {
            Some(groups) => format!("waits for {groups}"),
            None => change_status(&change.state).words,
        },
    })
}

/// What a stage's node says of the release before it; nothing where no release runs there.
fn offer(promotion: &Promotion) -> Option<PromotionOffer> {
    let release = promotion.release.as_ref()?.number.to_string();
    let same = promotion
        .refused
        .iter()
        .any(|why| matches!(why, CannotPromote::AlreadyThere { .. }));
    let only_soaking = promotion.bad_values.is_empty()
        && !promotion.refused.is_empty()
        && promotion
            .refused
            .iter()
            .all(|why| matches!(why, CannotPromote::Soaking { .. }));
    let first = promotion.refusals().into_iter().next();
    Some(PromotionOffer {
        from: promotion.from.to_string(),
        release,
        has_it: same,
        when_soaked: only_soaking,
        refused_because: first.filter(|_| !same && !only_soaking),
    })
}
