//! Forms that are sent back: what was typed and what was wrong are kept, so that the page shows
//! both with scripts on or off.
use super::{PortalService, unavailable};
use crate::store;
use app::api::{AppError, Form, Location};
use domain::blueprint::Problem;
use domain::names::DraftId;
use domain::person::Principal;
use std::collections::BTreeMap;
use uuid::Uuid;

/// A kept form.
pub(super) type Draft = (BTreeMap<String, String>, Vec<Problem>);

impl PortalService {
    /// Keeps the form and sends the browser back to its page. `page` may already have a query.
    pub(super) async fn send_back(
        &self,
        who: &Principal,
        page: &str,
        values: BTreeMap<String, String>,
        problems: Vec<Problem>,
    ) -> Form {
        let id = DraftId(Uuid::now_v7());
        let mut connection = self.store.acquire().await.map_err(unavailable)?;
        store::draft::insert(&mut connection, id, &who.subject, &values, &problems)
            .await
            .map_err(unavailable)?;
        let joint = if page.contains('?') { '&' } else { '?' };
        Ok(Location(format!("{page}{joint}draft={id}")))
    }

    /// A kept form of this person; empty when there is none.
    pub(super) async fn draft(
        &self,
        who: &Principal,
        id: Option<DraftId>,
    ) -> Result<Draft, AppError> {
        let Some(id) = id else {
            return Ok(Draft::default());
        };
        let mut connection = self.store.acquire().await.map_err(unavailable)?;
        let kept = store::draft::get(&mut connection, id, &who.subject)
            .await
            .map_err(unavailable)?;
        Ok(kept.unwrap_or_default())
    }
}
