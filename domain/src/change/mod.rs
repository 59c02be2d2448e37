//! The life of a change: its states and what moves it from one to the next, who has to
//! approve, and the digest that approvals name. Nothing here reads a database, a clock or AWS.

mod approval;
#[cfg(feature = "template")]
mod digest;
mod finding;
mod plan;
mod promotion;
mod rollback;
mod rule;
#[cfg(feature = "template")]
pub mod schedule;
mod state;
mod waiver;
#[cfg(feature = "template")]
pub mod window;

pub use approval::{CannotDecide, PROVEN_WITHIN, SignInAgain, may_decide, proven_lately};
#[cfg(feature = "template")]
pub use digest::{canonical_json, review_digest, sha256};
pub use finding::{
    Covering, Finding, FindingKey, ReviewedFinding, Severity, Unblocked, WaiverInForce, reviewed,
    unblocked,
};
pub use plan::{
    Baseline, Binding, Operation, Plan, ResourceRemoval, Reviewed, ReviewedStack, StackBinding,
};
pub use promotion::{
    CannotPromote, Carried, InForce, LADDER, LatestDeployment, PromotedParameter, PromotionFacts,
    SoakLeft, cannot_promote, next_stage, promoted_parameters, stage_before,
};
pub use rollback::{CannotRollBack, RollbackFacts, cannot_roll_back};
pub use rule::{
    AccessIs, Approval, Asked, Case, Count, FindingsAre, Group, Met, NoUse, Place, Rule, Rules,
};
pub use state::{
    ChangeState, Closing, Failure, FailureKind, InvalidTransition, Outcome, Repair, Stuck,
};
pub use waiver::{
    BadExpiry, MOST_DAYS, UnknownWaiverState, WaiverState, expiry, last_day, latest_day,
};

use serde::{Deserialize, Serialize};
use std::{fmt, str::FromStr};

/// What a change is for.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum ChangeKind {
    /// A new environment.
    Provision,
    /// Another release for an environment that exists.
    Update,
    /// The release that runs at the stage before, for an environment that exists or not.
    Promote,
    /// An earlier release for an environment that exists.
    Rollback,
    /// The end of an environment.
    Decommission,
}

impl ChangeKind {
    /// Every kind.
    pub const ALL: [ChangeKind; 5] = [
        ChangeKind::Provision,
        ChangeKind::Update,
        ChangeKind::Promote,
        ChangeKind::Rollback,
        ChangeKind::Decommission,
    ];

    /// The word used in addresses and the database.
    pub fn as_str(self) -> &'static str {
        match self {
            ChangeKind::Provision => "provision",
            ChangeKind::Update => "update",
            ChangeKind::Promote => "promote",
            ChangeKind::Rollback => "rollback",
            ChangeKind::Decommission => "decommission",
        }
    }
}

impl fmt::Display for ChangeKind {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.as_str())
    }
}

/// A word that is no kind of change.
#[derive(Debug, PartialEq, Eq, thiserror::Error)]
#[error(
    "“{0}” is not a kind of change; a kind is provision, update, promote, rollback or decommission"
)]
pub struct UnknownKind(pub String);

impl FromStr for ChangeKind {
    type Err = UnknownKind;

    fn from_str(word: &str) -> Result<Self, UnknownKind> {
        ChangeKind::ALL
            .into_iter()
            .find(|kind| kind.as_str() == word)
            .ok_or_else(|| UnknownKind(word.to_owned()))
    }
}

/// What a reviewer says of a review digest.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Decision {
    /// Let it run.
    Approve,
    /// Not like this: the requester should ask again.
    AskForChanges,
    /// Don't.
    Reject,
}

impl Decision {
    /// The word used in forms and the database.
    pub fn as_str(self) -> &'static str {
        match self {
            Decision::Approve => "approve",
            Decision::AskForChanges => "ask-for-changes",
            Decision::Reject => "reject",
        }
    }
}

/// A word that is no decision.
#[derive(Debug, PartialEq, Eq, thiserror::Error)]
#[error("“{0}” is not a decision; a decision is approve, ask-for-changes or reject")]
pub struct UnknownDecision(pub String);

impl FromStr for Decision {
    type Err = UnknownDecision;

    fn from_str(word: &str) -> Result<Self, UnknownDecision> {
        [Decision::Approve, Decision::AskForChanges, Decision::Reject]
            .into_iter()
            .find(|decision| decision.as_str() == word)
            .ok_or_else(|| UnknownDecision(word.to_owned()))
    }
}
