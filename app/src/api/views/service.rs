//! Services and environments.
use super::{
    ChangeRow, DeploymentRow, EarlierReleases, HoldView, Moment, OutputView, StageView, Status,
};
use domain::access::Verdict;
use domain::blueprint::{Choice, Problem};
use serde::{Deserialize, Serialize};

/// A list of services.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct ServiceList {
    /// Teams to filter by.
    pub teams: Vec<Choice>,
    /// The team filtered by, or empty.
    pub team: String,
    /// Rows.
    pub rows: Vec<ServiceRow>,
    /// Key of the next page.
    pub next: Option<String>,
    /// Whether the viewer may ask for environments.
    pub may_ask: bool,
}

/// A service in a list.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct ServiceRow {
    /// Team.
    pub team: String,
    /// Name.
    pub name: String,
    /// Blueprint.
    pub blueprint: String,
    /// Environments in the order of stages.
    pub environments: Vec<EnvironmentRow>,
}

/// An environment in a list.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct EnvironmentRow {
    /// Stage.
    pub stage: String,
    /// Account, in groups of four digits, and region.
    pub destination: String,
    /// State.
    pub status: Status,
    /// `r3`, where one runs.
    pub release: Option<String>,
    /// When release or state last changed.
    pub changed: Moment,
    /// A change that is still open.
    pub open_change: Option<String>,
    /// What it does to access, once it is planned.
    pub access: Option<Verdict>,
}

/// One service.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct ServicePage {
    /// Team.
    pub team: String,
    /// Name.
    pub service: String,
    /// Blueprint.
    pub blueprint: String,
    /// Blueprint title.
    pub blueprint_title: String,
    /// The stages that it stands at or is offered at, from left to right.
    pub stages: Vec<StageView>,
    /// Latest deployments.
    pub deployments: Vec<DeploymentRow>,
    /// Releases, newest first.
    pub releases: Vec<ReleaseRow>,
    /// Whether the viewer may ask for changes of it.
    pub may_ask: bool,
}

/// A release in a list.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct ReleaseRow {
    /// `r3`.
    pub number: String,
    /// Blueprint version.
    pub blueprint_version: String,
    /// The release it was promoted from, where its parameters had to become others.
    pub promoted_from: Option<String>,
    /// Who asked for it.
    pub by: String,
    /// When.
    pub at: Moment,
}

/// One environment.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct EnvironmentPage {
    /// Team.
    pub team: String,
    /// Service.
    pub service: String,
    /// As in lists.
    pub row: EnvironmentRow,
    /// Blueprint title and version of what runs.
    pub blueprint: Option<(String, String)>,
    /// Stacks: name, stack name, region, ARN.
    pub stacks: Vec<EnvironmentStackView>,
    /// Parameters in force: label, name, value.
    pub parameters: Vec<(String, String, String)>,
    /// Outputs.
    pub outputs: Vec<OutputView>,
    /// Changes, newest first.
    pub changes: Vec<ChangeRow>,
    /// Releases that it could go back to.
    pub earlier: EarlierReleases,
    /// The stage that its release goes to next.
    pub promotes_to: Option<String>,
    /// Whether the viewer may ask for a change.
    pub may_ask: bool,
    /// The freeze windows that hold it, or will.
    pub holds: Vec<HoldView>,
    /// Whether it is locked by hand.
    pub lock: LockBox,
    /// Why it can't be decommissioned now, if so: what must happen first.
    pub decommission_refused_because: Option<String>,
    /// What to type to confirm a decommission.
    pub confirmation: String,
    /// What was wrong with a form just posted.
    pub problems: Vec<Problem>,
    /// What was typed as reason.
    pub typed_reason: String,
    /// What was typed as confirmation.
    pub typed_confirmation: String,
}

/// Whether an environment is locked by hand, and what the viewer can do about it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct LockBox {
    /// The lock that is on.
    pub lock: Option<LockView>,
    /// Why the viewer can't lock it, or unlock it when it is, if so.
    pub refused_because: Option<String>,
    /// What was typed as reason.
    pub typed: String,
}

/// A lock that is on.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct LockView {
    /// For example `Locked by Ada Approver 2 h ago`.
    pub title: String,
    /// Why, in their words.
    pub reason: String,
}

/// A stack of an environment.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct EnvironmentStackView {
    /// `main`, or the companion's name.
    pub name: String,
    /// At CloudFormation.
    pub stack_name: String,
    /// Region.
    pub region: String,
    /// ARN, once it exists.
    pub stack_id: Option<String>,
}
