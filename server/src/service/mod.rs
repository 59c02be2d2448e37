//! Implements `app::api::Portal`: authorize, write the audit entry, change state in one
//! transaction, enqueue. One file an area; no SQL, no AWS, no HTTP here.

mod approvals;
mod ask;
mod asked;
mod change_page;
mod decide;
mod decommission;
mod deployments;
mod drafts;
mod environments;
mod freezes;
mod holds;
mod incoming;
mod known;
mod lock;
mod pages;
mod portal;
mod promote;
mod promotion;
#[cfg(test)]
mod races;
mod refusal;
mod rollback;
mod rows;
mod schedule;
mod services;
mod stages;
mod step;
mod stop;
mod template_page;
mod version_access;
mod vetting;
mod waivers;
mod words;

use crate::authz::Authorizer;
use crate::configuration::Configuration;
use crate::store::{Store, StoreError};
use app::api::AppError;
use chrono::{DateTime, Utc};
use std::sync::Arc;

/// How long a sign-in counts as knowledge of who is in a group, in days.
const KNOWN_FOR_DAYS: i64 = 90;

/// The portal, answering one request.
#[derive(Clone)]
pub struct PortalService {
    store: Store,
    configuration: Arc<Configuration>,
    authorizer: Arc<Authorizer>,
    request_id: Option<String>,
    version_accesses: version_access::VersionAccesses,
}

impl PortalService {
    /// A portal over these parts.
    pub fn new(
        store: Store,
        configuration: Arc<Configuration>,
        authorizer: Arc<Authorizer>,
    ) -> Self {
        Self {
            store,
            configuration,
            authorizer,
            request_id: None,
            version_accesses: version_access::VersionAccesses::default(),
        }
    }

    /// The portal for one request, whose id goes into audit entries and jobs.
    pub fn for_request(&self, request_id: &str) -> Self {
        Self {
            request_id: Some(request_id.to_owned()),
            ..self.clone()
        }
    }

    fn now(&self) -> DateTime<Utc> {
        Utc::now()
    }
}

/// A store that fails is trouble of ours: the log says what, the person learns that nothing changed.
fn unavailable(error: StoreError) -> AppError {
    tracing::error!(error = %error, "the store failed");
    AppError::Unavailable
}
