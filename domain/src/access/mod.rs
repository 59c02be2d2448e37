//! Who may do what and who may reach what: what a template grants and opens, and whether a change
//! lets in anything that was not let in before. Approvals and pages are no business of this folder.

#[cfg(feature = "template")]
mod collect;
#[cfg(feature = "template")]
mod document;
#[cfg(feature = "template")]
pub mod iam;
#[cfg(feature = "template")]
mod network;
mod review;
#[cfg(test)]
#[cfg(feature = "template")]
mod tests;
mod verdict;

pub use review::{
    AccessReview, Aspect, Attachment, BoundaryChange, Delta, Escalation, GroupReview, IamReview,
    Line, Lines, Names, NetworkReview, PacketWitness, Path, PathState, RuleText, StatementText,
    SubjectReview, Witness,
};
pub use verdict::Verdict;

#[cfg(feature = "template")]
pub use collect::{Access, RULE_VERSION, collect, difference};

use serde::{Deserialize, Serialize};

/// What comes and goes.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct AccessDiff {
    /// Changes by the identity, resource or security group that holds them, sorted by name.
    pub holders: Vec<HolderDiff>,
}

/// What changes at one holder of statements or rules.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct HolderDiff {
    /// Logical id.
    pub holder: String,
    /// For example `AWS::IAM::Role`.
    pub resource_type: String,
    /// Lines only after the change.
    pub added: Vec<AccessLineText>,
    /// Lines only before the change.
    pub removed: Vec<AccessLineText>,
    /// How many lines stay.
    pub unchanged: u32,
}

/// One statement or rule, in the columns that the pages show.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
pub struct AccessLineText {
    /// Where it stands: `trust`, `policy orders-read`, `managed policy`, `boundary`, `ingress`, `egress`, …
    pub place: String,
    /// `Allow`, `Deny`, or `-` where the line is no statement.
    pub effect: String,
    /// Principals, where the statement names some.
    pub principal: String,
    /// Actions, or protocol and ports.
    pub action: String,
    /// Resources, or the source or destination of a rule.
    pub resource: String,
    /// Conditions as compact JSON, or empty.
    pub condition: String,
}
