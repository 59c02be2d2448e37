//! The inbox: what waits for a person's review, what they have answered, and what anybody has.
use super::rows::{change_row, plain};
use super::services::owned;
use super::{PortalService, unavailable};
use crate::store::change::{Change, Narrowed, Reviewer};
use crate::store::inbox::InboxQuery;
use crate::store::{self, Connection, StoreError};
use app::api::views::ApprovalList;
use app::api::{AppError, ApprovalFilter, Inbox};
use domain::person::{Grant, Principal};
use domain::stage::Stage;

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
        filter: ApprovalFilter,
    ) -> Result<ApprovalList, AppError> {
        let now = self.now();
        let mut connection = self.store.acquire().await.map_err(unavailable)?;
        let mut found = match filter.inbox {
            Inbox::NeedsApproval => {
                let narrowed = Narrowed {
                    team: filter.team.as_ref(),
                    stage: filter.stage,
                };
                store::change::waiting_for(
                    &mut connection,
                    &reviewer(who),
                    narrowed,
                    filter.after,
                    PAGE + 1,
                )
                .await
            }
            Inbox::Completed | Inbox::All => answered(&mut connection, who, &filter).await,
        }
        .map_err(unavailable)?;
        let more = found.len() > PAGE as usize;
        found.truncate(PAGE as usize);
        let next = found
            .last()
            .filter(|_| more)
            .map(|change| change.number.to_string());
        Ok(ApprovalList {
            rows: found.iter().map(|change| change_row(change, now)).collect(),
            next,
            teams: self.seen_teams(who),
            stages: Stage::ALL
                .iter()
                .map(|stage| plain(stage.as_str()))
                .collect(),
        })
    }
}

/// A page of what this person, or anybody, has answered.
async fn answered(
    connection: &mut Connection,
    who: &Principal,
    filter: &ApprovalFilter,
) -> Result<Vec<Change>, StoreError> {
    let seen = owned(who.sees());
    let teams = match (&seen, &filter.team) {
        (None, None) => None,
        (Some(seen), None) => Some(seen.clone()),
        (Some(seen), Some(team)) if !seen.contains(team) => Some(Vec::new()),
        (_, Some(team)) => Some(vec![team.clone()]),
    };
    let query = InboxQuery {
        teams: teams.as_deref(),
        stage: filter.stage,
        before: filter.after,
        limit: PAGE + 1,
    };
    let numbers = match filter.inbox {
        Inbox::All => store::inbox::all(connection, query).await?,
        _ => store::inbox::completed(connection, &who.subject, query).await?,
    };
    store::change::by_numbers(connection, &numbers).await
}
