//! What waits for a person's review.
use super::rows::change_row;
use super::{PortalService, unavailable};
use crate::store;
use crate::store::change::Reviewer;
use app::api::AppError;
use app::api::views::{ChangeRow, Page};
use domain::names::ChangeNumber;
use domain::person::{Grant, Principal};

/// Rows on a page of a list.
pub(super) const PAGE: u32 = 50;

/// What a person decides on.
pub(super) fn reviewer(who: &Principal) -> Reviewer<'_> {
    let pairs = who.grants.iter().flat_map(|grant| match grant {
        Grant::Approver { team, stages } => stages
            .iter()
            .map(|stage| (team.clone(), *stage))
            .collect::<Vec<_>>(),
        _ => Vec::new(),
    });
    Reviewer {
        subject: &who.subject,
        approves: pairs.collect(),
        platform: who.grants.contains(&Grant::Platform),
        security: who.grants.contains(&Grant::Security),
    }
}

impl PortalService {
    pub(super) async fn list_approvals(
        &self,
        who: &Principal,
        after: Option<ChangeNumber>,
    ) -> Result<Page<ChangeRow>, AppError> {
        let now = self.now();
        let mut connection = self.store.acquire().await.map_err(unavailable)?;
        let mut waiting =
            store::change::waiting_for(&mut connection, &reviewer(who), after, PAGE + 1)
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
