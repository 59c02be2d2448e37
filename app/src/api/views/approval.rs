//! The approvals inbox.
use super::ChangeRow;
use domain::blueprint::Choice;
use serde::{Deserialize, Serialize};

/// A page of one part of the inbox, with what can be filtered by.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct ApprovalList {
    /// The rows.
    pub rows: Vec<ChangeRow>,
    /// `after` of the next page; none on the last.
    pub next: Option<String>,
    /// Teams.
    pub teams: Vec<Choice>,
    /// Stages.
    pub stages: Vec<Choice>,
}
