//! The words of the history: what an entry can say. The chain over entries is not built here.
use crate::names::{ChangeNumber, Subject};
use serde::{Deserialize, Serialize};
use serde_json::Value;

/// Who did it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "kind", rename_all = "lowercase")]
pub enum Actor {
    /// A signed-in person.
    Person {
        /// Their subject.
        subject: Subject,
    },
    /// Someone who is not signed in.
    Visitor,
    /// Gatehouse itself, through a job.
    Worker,
}

/// What happened. Names are stable: they are stored.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub enum Action {
    /// A sign-in succeeded.
    #[serde(rename = "person.signed_in")]
    SignedIn,
    /// A sign-in failed.
    #[serde(rename = "person.sign_in_failed")]
    SignInFailed,
    /// Someone signed out.
    #[serde(rename = "person.signed_out")]
    SignedOut,
    /// A request was refused.
    #[serde(rename = "request.refused")]
    Refused,
    /// An environment was locked by hand.
    #[serde(rename = "environment.locked")]
    EnvironmentLocked,
    /// It was unlocked.
    #[serde(rename = "environment.unlocked")]
    EnvironmentUnlocked,
    /// A waiver was asked for.
    #[serde(rename = "waiver.asked")]
    WaiverAsked,
    /// It was granted.
    #[serde(rename = "waiver.granted")]
    WaiverGranted,
    /// It was refused.
    #[serde(rename = "waiver.refused")]
    WaiverRefused,
    /// It was ended early.
    #[serde(rename = "waiver.ended")]
    WaiverEnded,
    /// A blueprint version was read for the first time.
    #[serde(rename = "blueprint.read")]
    BlueprintRead,
    /// It was proposed to be offered to teams.
    #[serde(rename = "blueprint.proposed")]
    BlueprintProposed,
    /// It was accepted, so it is offered to teams.
    #[serde(rename = "blueprint.accepted")]
    BlueprintAccepted,
    /// It was refused.
    #[serde(rename = "blueprint.refused")]
    BlueprintRefused,
    /// It was withdrawn, so it is offered no more.
    #[serde(rename = "blueprint.withdrawn")]
    BlueprintWithdrawn,
    /// A change was asked for.
    #[serde(rename = "change.asked")]
    ChangeAsked,
    /// A promotion to the next stage was asked for.
    #[serde(rename = "change.promotion_asked")]
    PromotionAsked,
    /// A rollback to an earlier release was asked for.
    #[serde(rename = "change.rollback_asked")]
    RollbackAsked,
    /// A plan was made.
    #[serde(rename = "change.planned")]
    ChangePlanned,
    /// A finding stops the plan that was made.
    #[serde(rename = "change.blocked")]
    ChangeBlocked,
    /// No plan could be made.
    #[serde(rename = "change.plan_failed")]
    PlanFailed,
    /// It is planned again.
    #[serde(rename = "change.plan_again")]
    PlanAgain,
    /// Approved.
    #[serde(rename = "change.approved")]
    Approved,
    /// The rules ask for nobody's approval.
    #[serde(rename = "change.no_approval_asked")]
    NoApprovalAsked,
    /// Approvals that were enough are no longer, since the rules ask for more now.
    #[serde(rename = "change.approvals_missing")]
    ApprovalsMissing,
    /// An approval fell away.
    #[serde(rename = "change.approval_voided")]
    ApprovalVoided,
    /// A reviewer said no.
    #[serde(rename = "change.rejected")]
    Rejected,
    /// A reviewer asked for changes.
    #[serde(rename = "change.changes_requested")]
    ChangesRequested,
    /// The requester took it back.
    #[serde(rename = "change.withdrawn")]
    Withdrawn,
    /// It was cancelled before it ran.
    #[serde(rename = "change.cancelled")]
    Cancelled,
    /// The change is closed: its change set is gone.
    #[serde(rename = "change.closed")]
    Closed,
    /// What a failed deployment or planning left at AWS was taken away.
    #[serde(rename = "change.cleared")]
    Cleared,
    /// Someone commented.
    #[serde(rename = "change.commented")]
    Commented,
    /// Someone confirmed a repair.
    #[serde(rename = "change.repair_confirmed")]
    RepairConfirmed,
    /// A repair ended.
    #[serde(rename = "change.repaired")]
    Repaired,
    /// A deployment started.
    #[serde(rename = "deployment.started")]
    DeploymentStarted,
    /// Someone asked to stop it.
    #[serde(rename = "deployment.stop_asked")]
    StopAsked,
    /// It succeeded.
    #[serde(rename = "deployment.succeeded")]
    DeploymentSucceeded,
    /// It did not.
    #[serde(rename = "deployment.failed")]
    DeploymentFailed,
}

/// One entry, before the store gives it its place and time.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Entry {
    /// Who.
    pub actor: Actor,
    /// What.
    pub action: Action,
    /// The change it is about.
    pub change: Option<ChangeNumber>,
    /// What it is about, `team/service/stage`, a blueprint, or a path.
    pub thing: String,
    /// The words they gave, or why it was refused.
    pub reason: Option<String>,
    /// The id of the policy that decided, where one did.
    pub policy: Option<String>,
    /// The request it came with.
    pub request_id: Option<String>,
    /// What else is worth knowing: from what to what. Never a secret, never a person's name.
    pub detail: Value,
}
