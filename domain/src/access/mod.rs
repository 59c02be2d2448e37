//! Who may do what and who may reach what: what a template grants and opens, and whether a change
//! lets in anything that was not let in before. Approvals and pages are no business of this folder.

#[cfg(feature = "template")]
pub mod iam;
#[cfg(feature = "template")]
mod network;
mod review;
#[cfg(feature = "template")]
mod subjects;
mod verdict;
#[cfg(feature = "template")]
mod worlds;

pub use review::{
    AccessReview, Aspect, Attachment, BoundaryChange, Delta, Escalation, GroupReview, IamReview,
    Line, Lines, Names, NetworkReview, PacketWitness, Path, PathState, RuleText, StatementText,
    SubjectReview, Witness,
};
pub use verdict::Verdict;

#[cfg(feature = "template")]
pub use subjects::{Access, RULE_VERSION, review};
