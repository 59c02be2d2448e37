#[cfg(feature = "ssr")]
use super::version_access::version_access;
#[cfg(feature = "ssr")]
use crate::api::views::StageAccess;
use crate::api::views::VersionPage;
#[cfg(feature = "ssr")]
use crate::pages::change::access::Look;
use crate::ui::Markup;
#[cfg(feature = "ssr")]
use domain::stage::Stage;
use serde::{Deserialize, Serialize};

/// The page of a version: what people decide on, and its access as the server made it.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct VersionParts {
    /// The version and its vetting.
    pub page: VersionPage,
    /// Its access.
    pub access: Markup,
}

#[cfg(feature = "ssr")]
impl VersionParts {
    /// Makes what only the server makes: every stage in a line, and one of them whole, the first where none is named.
    pub fn new(
        page: VersionPage,
        stages: &[StageAccess],
        stage: Option<Stage>,
        whole: bool,
        look: Look,
    ) -> VersionParts {
        let access = Markup::of(version_access(&page, stages, stage, whole, look));
        VersionParts { page, access }
    }
}
