//! What handlers share.
use super::changes::Changes;
use super::sign_in::IdentityProvider;
use crate::configuration::Configuration;
use crate::store::Store;
use app::api::Portal;
use axum::extract::FromRef;
use leptos::config::LeptosOptions;
use std::path::Path;
use std::sync::Arc;
use tokio_util::sync::CancellationToken;

/// Makes the portal that answers one request, given that request's id.
pub type PortalFor = Arc<dyn Fn(&str) -> Arc<dyn Portal> + Send + Sync>;

/// Everything a handler can reach. Clones share it.
#[derive(Clone)]
pub struct Site {
    /// The database, for sessions, sign-ins and audit entries.
    pub store: Store,
    /// The configuration file.
    pub configuration: Arc<Configuration>,
    /// What pages ask.
    pub portal: PortalFor,
    /// How people sign in.
    pub identity: Arc<IdentityProvider>,
    /// News of changes, for pages that follow one.
    pub changes: Changes,
    /// Cancelled when the process is to end.
    pub shutdown: CancellationToken,
    /// Where the built files of the browser's side are.
    pub leptos: LeptosOptions,
}

impl Site {
    /// The settings of the browser's side, whose built files are in `site_root`.
    pub fn leptos_options(site_root: &Path) -> LeptosOptions {
        LeptosOptions::builder()
            .output_name("gatehouse")
            .site_root(site_root.to_string_lossy().into_owned())
            .site_pkg_dir("pkg")
            .build()
    }
}

impl FromRef<Site> for LeptosOptions {
    fn from_ref(site: &Site) -> Self {
        site.leptos.clone()
    }
}
