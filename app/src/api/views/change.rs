//! A change, in lists and on its own page.
use super::{FindingView, HoldView, Moment, PersonName};
use domain::access::{AccessReview, Verdict};
use domain::blueprint::Problem;
use domain::change::{ChangeKind, ChangeState, Repair, ResourceRemoval};
use domain::stack::ResourceChange;
use serde::{Deserialize, Serialize};
use std::collections::BTreeSet;

/// What a tag looks like. The word always stands with it.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub enum Tone {
    /// Red: access grows, or something failed.
    Grow,
    /// Green: access shrinks, or something went well.
    Shrink,
    /// Amber: something waits or moves.
    Wait,
    /// Grey: nothing to look at.
    Same,
}

/// A state in a few words, with its tone.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Status {
    /// The words.
    pub words: String,
    /// The tone.
    pub tone: Tone,
}

/// A change in a list.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct ChangeRow {
    /// `CH-42`.
    pub number: String,
    /// For example `Provision checkout at dev`.
    pub title: String,
    /// Team.
    pub team: String,
    /// Service.
    pub service: String,
    /// Stage.
    pub stage: String,
    /// State.
    pub status: Status,
    /// Why it does not go on by itself, where it does not.
    pub why: Option<String>,
    /// What the plan on show does to access; none where there is none.
    pub access: Option<Verdict>,
    /// Who asked.
    pub requester: PersonName,
    /// When.
    pub asked: Moment,
}

/// One change, whole.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct ChangePage {
    /// As in lists.
    pub row: ChangeRow,
    /// Kind.
    pub kind: ChangeKind,
    /// State, for what the page offers.
    pub state: ChangeState,
    /// The requester's words.
    pub reason: String,
    /// `r3`, none for a decommission.
    pub release: Option<String>,
    /// Blueprint title and version.
    pub blueprint: Option<(String, String)>,
    /// Account and region.
    pub destination: String,
    /// The review digest of the plan on show.
    pub digest: Option<String>,
    /// What failed, with AWS's own words.
    pub failure: Option<FailureView>,
    /// What its deployment waits for, or will.
    pub holds: Vec<HoldView>,
    /// The review box.
    pub review: ReviewBox,
    /// The latest deployment.
    pub deployment: Option<DeploymentView>,
    /// Comments and decisions, oldest first.
    pub discussion: Vec<Remark>,
    /// What happened so far, oldest first.
    pub timeline: Vec<TimelineEntry>,
    /// What was wrong with a form that was just posted.
    pub problems: Vec<Problem>,
    /// What was typed into it.
    pub typed: String,
}

/// A plan as reviewers see it. Made into HTML on the server (docs/adr/0005).
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct PlanView {
    /// One for each stack.
    pub stacks: Vec<StackView>,
    /// What guardrails found, the gravest first.
    pub findings: Vec<FindingView>,
    /// Whose access grows and shrinks.
    pub access: AccessReview,
    /// What the access is compared with, in words that follow “compared with”.
    pub compared_with: String,
    /// The access of a new environment as a whole, where `access` is only what it has over the vetted version's.
    pub whole: Option<Box<AccessReview>>,
    /// What has changed since the plan that earlier approvals named, in words.
    pub changed_since_approval: Vec<String>,
}

/// What happens to one stack.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct StackView {
    /// `main`, or the companion's name.
    pub name: String,
    /// At CloudFormation.
    pub stack_name: String,
    /// Account and region.
    pub destination: String,
    /// `creates`, `updates`, `deletes`, `unchanged`.
    pub operation: String,
    /// Resource changes by what they touch, IAM and security groups first.
    pub groups: Vec<ResourceGroup>,
    /// What becomes of live resources, for a decommission.
    pub removals: Vec<ResourceRemoval>,
    /// Parameters: name, value in force, value to come.
    pub parameters: Vec<ParameterChange>,
    /// Lines of its template; none where there is no template.
    pub template_lines: Option<usize>,
    /// What the review of access names and its template shows, named as there.
    pub shows: BTreeSet<String>,
    /// Counts: added, changed, replaced, removed.
    pub counts: [u32; 4],
}

/// Resource changes of one sort.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ResourceGroup {
    /// For example `Access`, `Network`, `Data`, `Compute`.
    pub title: String,
    /// The changes.
    pub changes: Vec<ResourceChange>,
    /// Whether they matter so little that they are shown on demand only.
    pub folded: bool,
}

/// A parameter before and after.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ParameterChange {
    /// Name.
    pub name: String,
    /// In force now; none when new.
    pub before: Option<String>,
    /// To come; none when it goes.
    pub after: Option<String>,
}

/// The template of one stack of a plan, as it is given to CloudFormation.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct TemplatePage {
    /// The change.
    pub row: ChangeRow,
    /// The stack's name in the blueprint.
    pub stack: String,
    /// Every stack of the plan that has a template.
    pub stacks: Vec<String>,
    /// Its lines.
    pub lines: Vec<String>,
    /// Logical ids with the line that each begins at, counted from 1.
    pub places: Vec<(String, usize)>,
}

/// What went wrong.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct FailureView {
    /// One sentence.
    pub title: String,
    /// What was wrong, where, and what would be right.
    pub message: String,
    /// AWS's error code and request id, where there are.
    pub aws: Option<String>,
    /// Ways out, most careful first.
    pub repairs: Vec<RepairView>,
}

/// A way out of a dead end.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct RepairView {
    /// What the button does.
    pub repair: Repair,
    /// The button's words.
    pub label: String,
    /// What happens, and what is lost.
    pub explanation: String,
    /// What the confirmation box says.
    pub confirmation: String,
    /// Resources that can be chosen to be skipped or kept.
    pub resources: Vec<String>,
    /// Why the viewer can't, if so.
    pub refused_because: Option<String>,
}

/// The review box: who must say yes, who has, who can, and what the viewer can do.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct ReviewBox {
    /// What the rules ask for; none before there is a plan.
    pub asked: Option<AskedView>,
    /// Decisions on the plan on show, oldest first.
    pub given: Vec<GivenDecision>,
    /// Whether it waits for a review now.
    pub waiting: bool,
    /// Why the viewer can't decide, if so.
    pub refused_because: Option<String>,
    /// Why an approval of the viewer, who may decide otherwise, would not count, if so.
    pub approval_refused_because: Option<String>,
    /// Why the viewer has to sign in again before they approve, if so.
    pub sign_in_again_because: Option<String>,
    /// Whether the viewer may withdraw it now.
    pub may_withdraw: bool,
    /// Whether the viewer may plan it again now.
    pub may_plan_again: bool,
    /// How the viewer may stop it now.
    pub cancel: Option<CancelView>,
    /// Whether the viewer may comment.
    pub may_comment: bool,
}

/// What the approval rules ask for, and how far that is met.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct AskedView {
    /// What it takes, in a sentence.
    pub words: String,
    /// Names of the rules that speak of the change; none when no rule does.
    pub rules: Vec<String>,
    /// One for each group; none when nobody's approval is asked for.
    pub groups: Vec<AskedGroup>,
}

/// What is asked of one group.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct AskedGroup {
    /// For example `2 approvers of payments`.
    pub words: String,
    /// Who has approved as one of them.
    pub approved_by: Vec<PersonName>,
    /// How many approvals are still missing.
    pub missing: usize,
    /// Who can still answer, the first of them by name.
    pub can_answer: Vec<PersonName>,
    /// How many more can.
    pub more: usize,
}

/// How a change can be stopped now.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct CancelView {
    /// What stopping does.
    pub explanation: String,
    /// What must be confirmed, where something is deleted.
    pub confirmation: Option<String>,
    /// Why it can't be stopped now, if so.
    pub refused_because: Option<String>,
}

/// A decision that was given.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct GivenDecision {
    /// Who.
    pub person: PersonName,
    /// `approved`, `asked for changes`, `rejected`.
    pub words: String,
    /// When.
    pub at: Moment,
    /// Whether it fell away.
    pub voided: bool,
}

/// A comment or a decision with its words.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Remark {
    /// Who.
    pub person: PersonName,
    /// `commented`, `approved`, …
    pub words: String,
    /// The text; may be empty for an approval.
    pub body: String,
    /// When.
    pub at: Moment,
}

/// One step of the way so far.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct TimelineEntry {
    /// What happened, and by whom.
    pub words: String,
    /// When.
    pub at: Moment,
}

/// A deployment on its change's page.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct DeploymentView {
    /// State.
    pub status: Status,
    /// When it started.
    pub started: Option<Moment>,
    /// How long it ran, in words.
    pub took: Option<String>,
    /// Resources, each with its latest status, in the order they were started.
    pub resources: Vec<ResourceProgress>,
    /// Finished, and all that are known to be part of it.
    pub progress: (u32, u32),
    /// Every event, oldest first.
    pub events: Vec<EventView>,
    /// Outputs after success.
    pub outputs: Vec<OutputView>,
}

/// A resource while it is deployed.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct ResourceProgress {
    /// Name in the template.
    pub logical_id: String,
    /// Type.
    pub resource_type: String,
    /// AWS's status.
    pub status: String,
    /// Tone.
    pub tone: Tone,
    /// AWS's own reason for a failure.
    pub reason: Option<String>,
}

/// A stack event.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct EventView {
    /// When.
    pub at: Moment,
    /// Name in the template.
    pub logical_id: String,
    /// Type.
    pub resource_type: String,
    /// Status.
    pub status: String,
    /// AWS's reason.
    pub reason: Option<String>,
}

/// An output of a stack.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct OutputView {
    /// Key.
    pub key: String,
    /// What the manifest calls it.
    pub label: String,
    /// What it is for.
    pub description: String,
    /// Value.
    pub value: String,
}
