//! What versions grant and open at each stage, kept in memory: a version never changes, and comparing takes a while.
use super::PortalService;
use crate::configuration::Configuration;
use crate::store::blueprint::BlueprintVersion;
use app::api::AppError;
use app::api::views::{StageAccess, VersionAccess};
use domain::blueprint::Stacks;
use domain::names::Digest;
use domain::stage::Stage;
use std::collections::VecDeque;
use std::sync::Arc;
use tokio::sync::Mutex;

/// Comparisons that are kept.
const KEPT: usize = 16;

/// A version, and the one that it is compared with; what came of it.
type Key = (Digest, Option<Digest>);
type Kept = (Key, Arc<[StageAccess]>);

/// The comparisons made last, latest first. Whoever makes one holds all of them, so that many who look at once make
/// it once.
#[derive(Clone, Default)]
pub(super) struct VersionAccesses(Arc<Mutex<VecDeque<Kept>>>);

impl PortalService {
    /// What a version grants and opens at each of its stages, as a whole and against another version.
    pub(super) async fn version_access(
        &self,
        version: &BlueprintVersion,
        before: Option<&BlueprintVersion>,
    ) -> Result<Arc<[StageAccess]>, AppError> {
        let key = (
            version.digest.clone(),
            before.map(|before| before.digest.clone()),
        );
        let mut kept = self.version_accesses.0.lock().await;
        if let Some((_, found)) = kept.iter().find(|(known, _)| *known == key) {
            return Ok(found.clone());
        }
        let (version, before) = (version.clone(), before.cloned());
        let configuration = self.configuration.clone();
        let compared = tokio::task::spawn_blocking(move || {
            let stages = version.manifest.stages.iter();
            stages
                .map(|stage| at_stage(&version, before.as_ref(), *stage, &configuration))
                .collect::<Arc<[_]>>()
        });
        let compared = compared.await.map_err(|error| {
            tracing::error!(%error, "the access of a version could not be compared");
            AppError::Unavailable
        })?;
        kept.push_front((key, compared.clone()));
        kept.truncate(KEPT);
        Ok(compared)
    }
}

fn at_stage(
    version: &BlueprintVersion,
    before: Option<&BlueprintVersion>,
    stage: Stage,
    configuration: &Configuration,
) -> StageAccess {
    let read = |version: &BlueprintVersion| {
        let account = configuration.account_for(stage);
        Stacks::read(&version.manifest, &version.files, stage, account)
    };
    // A version that is not for this stage, or can't be read any more, has nothing to compare with here.
    let before = before
        .filter(|before| before.manifest.stages.contains(&stage))
        .and_then(|before| read(before).ok());
    let access = read(version).map(|stacks| VersionAccess {
        whole: Arc::new(stacks.compared_with(None)),
        difference: before
            .as_ref()
            .map(|before| Arc::new(stacks.compared_with(Some(before)))),
    });
    StageAccess {
        stage,
        access: access.map_err(|error| error.to_string()),
    }
}
