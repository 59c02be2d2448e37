//! The list of freeze windows.
use super::PortalService;
use app::api::AppError;
use app::api::views::{FreezeList, FreezeRow};
use domain::blueprint::Choice;
use domain::change::window::{FreezeWindow, Occurrence, Scope, in_words};
use domain::person::Principal;
use domain::stage::Stage;

impl PortalService {
    pub(super) async fn list_freezes(
        &self,
        who: &Principal,
        stage: Option<Stage>,
    ) -> Result<FreezeList, AppError> {
        let now = self.now();
        let mut holding = Vec::new();
        let mut coming = Vec::new();
        let mut ended = Vec::new();
        for window in &self.configuration.freezes {
            let wanted = stage.is_none_or(|stage| window.stages.contains(&stage));
            if !wanted || !may_know_of(who, window) {
                continue;
            }
            let words = |at| in_words(at, window.period.zone(), now);
            let span = |held: Occurrence| format!("{} to {}", words(held.from), words(held.to));
            if let Some(held) = window.period.covering(now) {
                let until = format!("until {}", words(held.to));
                holding.push((held.to, row(window, until)));
            } else if let Some(next) = window.period.next(now) {
                coming.push((next.from, row(window, span(next))));
            } else if let Some(last) = window.period.ended(now) {
                ended.push((last.to, row(window, format!("ended {}", words(last.to)))));
            }
        }
        holding.sort_by_key(|(until, _)| *until);
        coming.sort_by_key(|(from, _)| *from);
        ended.sort_by_key(|(at, _)| std::cmp::Reverse(*at));
        let [holding, coming, ended] = [holding, coming, ended]
            .map(|rows| rows.into_iter().map(|(_, row)| row).collect::<Vec<_>>());
        Ok(FreezeList {
            holding,
            coming,
            ended,
            stages: Stage::ALL
                .iter()
                .map(|stage| Choice {
                    value: stage.to_string(),
                    label: stage.to_string(),
                })
                .collect(),
        })
    }
}

/// Windows of everyone are everyone's to see; a team's services are its own.
fn may_know_of(who: &Principal, window: &FreezeWindow) -> bool {
    match &window.scope {
        Scope::Everyone => true,
        Scope::Team(team) | Scope::Service(team, _) => {
            who.sees().is_none_or(|teams| teams.contains(&team))
        }
    }
}

fn row(window: &FreezeWindow, when: String) -> FreezeRow {
    let stages: Vec<_> = window.stages.iter().map(|stage| stage.as_str()).collect();
    FreezeRow {
        reason: window.reason.clone(),
        owner: window.owner.clone(),
        stages: stages.join(", "),
        scope: window.scope.to_string(),
        period: window.period.to_string(),
        when,
    }
}
