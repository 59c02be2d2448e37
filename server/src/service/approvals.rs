//! What waits for a person's review.
use super::rows::change_row;
use super::{PortalService, unavailable};
use crate::store;
use app::api::AppError;
use app::api::views::{ChangeRow, Page};
use domain::names::{ChangeNumber, TeamName};
use domain::person::{Grant, Principal};
use domain::stage::Stage;

/// Rows on a page of a list.
pub(super) const PAGE: u32 = 50;

/// The team and stage pairs that a person approves for.
pub(super) fn approves_for(who: &Principal) -> Vec<(TeamName, Stage)> {
    who.grants
        .iter()
        .flat_map(|grant| match grant {
            Grant::Approver { team, stages } => stages
                .iter()
                .map(|stage| (team.clone(), *stage))
                .collect::<Vec<_>>(),
            _ => Vec::new(),
        })
        .collect()
}

impl PortalService {
    pub(super) async fn list_approvals(
        &self,
        who: &Principal,
        after: Option<ChangeNumber>,
    ) -> Result<Page<ChangeRow>, AppError> {
        let now = self.now();
        let mut connection = self.store.acquire().await.map_err(unavailable)?;
        let mut waiting = store::change::waiting_for(
            &mut connection,
            &approves_for(who),
            &who.subject,
            after,
            PAGE + 1,
        )
        .await
        .map_err(unavailable)?;
        let more = waiting.len() > PAGE as usize;
        waiting.truncate(PAGE as usize);
        let next = waiting
            .last()
            .filter(|_| more)
            .map(|change| change.number.to_string());
        Ok(Page {
            rows: waiting
                .iter()
                .map(|change| change_row(change, now))
                .collect(),
            next,
        })
    }
}
