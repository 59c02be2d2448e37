//! The way of a release from stage to stage, and back.
use super::{EnvironmentRow, FindingView, HoldView, Moment, TypedSchedule};
use domain::blueprint::Problem;
use serde::{Deserialize, Serialize};

/// A stage of a service, whether or not an environment stands there.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct StageView {
    /// Stage.
    pub stage: String,
    /// The environment, with its health.
    pub environment: Option<EnvironmentRow>,
    /// How long its release still has to hold, as in `soaking: 48 min to go`.
    pub soak: Option<String>,
    /// The resource at work, or the one that failed first, with AWS's status.
    pub step: Option<String>,
    /// Its open change.
    pub pending: Option<PendingView>,
    /// What could be promoted here.
    pub promotion: Option<PromotionOffer>,
    /// Whether an environment can be asked for here.
    pub is_offered: bool,
    /// The stage that its release goes to next, where that stands beside it.
    pub leads_to: Option<String>,
}

/// An open change on its stage.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct PendingView {
    /// `CH-42`.
    pub number: String,
    /// What it brings, none for a decommission.
    pub release: Option<String>,
    /// Who or what it waits for, in words.
    pub words: String,
}

/// The release before a stage, and whether it can be promoted there.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct PromotionOffer {
    /// The stage it comes from.
    pub from: String,
    /// `r15`.
    pub release: String,
    /// Whether the stage has it already.
    pub has_it: bool,
    /// Whether nothing but its soak time holds it up.
    pub when_soaked: bool,
    /// What else holds it up.
    pub refused_because: Option<String>,
}

/// A release as people call it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct ReleaseName {
    /// `r3`.
    pub number: String,
    /// Blueprint version.
    pub blueprint_version: String,
}

/// A parameter of two releases.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct ComparedParameter {
    /// Label.
    pub label: String,
    /// Name.
    pub name: String,
    /// Its value where the release comes from.
    pub source: String,
    /// Its value in force; none where nothing runs, or where what runs does not have it.
    pub current: Option<String>,
    /// Its value to come.
    pub incoming: String,
    /// Why it will be so.
    pub why: String,
}

/// A promotion before it is asked for: what runs against what would come.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct PromotionPage {
    /// Team.
    pub team: String,
    /// Service.
    pub service: String,
    /// The stage it comes from.
    pub from: String,
    /// The stage it goes to.
    pub to: String,
    /// Blueprint title.
    pub blueprint_title: String,
    /// Account and region it goes to.
    pub destination: Option<String>,
    /// What is promoted.
    pub source: Option<ReleaseName>,
    /// What runs there now.
    pub current: Option<ReleaseName>,
    /// Whether a release with other parameters is made for the stage.
    pub makes_release: bool,
    /// The parameters.
    pub parameters: Vec<ComparedParameter>,
    /// What guardrails find in what would come, without what only the plan can know.
    pub findings: Vec<FindingView>,
    /// Everything that keeps the viewer from asking for it now.
    pub refused_because: Vec<String>,
    /// What it would wait for once it is approved.
    pub holds: Vec<HoldView>,
    /// What was wrong with a form just posted.
    pub problems: Vec<Problem>,
    /// What was typed as reason.
    pub typed_reason: String,
    /// What was typed as time.
    pub typed_schedule: TypedSchedule,
}

/// Releases that succeeded in an environment and don't run there now, highest number first.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct EarlierReleases {
    /// Rows.
    pub rows: Vec<EarlierRelease>,
    /// Whether this is their first page.
    pub is_first: bool,
    /// Key of the next page.
    pub next: Option<String>,
}

/// A release that succeeded.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct EarlierRelease {
    /// `r3`.
    pub number: String,
    /// Blueprint version.
    pub blueprint_version: String,
    /// The latest change that brought it.
    pub change: String,
    /// When that had succeeded.
    pub at: Moment,
}

/// A rollback before it is asked for.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct RollbackPage {
    /// Team.
    pub team: String,
    /// Service.
    pub service: String,
    /// Stage.
    pub stage: String,
    /// Blueprint title.
    pub blueprint_title: String,
    /// What runs there now.
    pub current: Option<ReleaseName>,
    /// What it goes back to.
    pub to: ReleaseName,
    /// The parameters.
    pub parameters: Vec<ComparedParameter>,
    /// Everything that keeps the viewer from asking for it now.
    pub refused_because: Vec<String>,
    /// What it would wait for once it is approved.
    pub holds: Vec<HoldView>,
    /// What was wrong with a form just posted.
    pub problems: Vec<Problem>,
    /// What was typed as reason.
    pub typed_reason: String,
    /// What was typed as time.
    pub typed_schedule: TypedSchedule,
}
