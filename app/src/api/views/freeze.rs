//! Freeze windows, in a list and where they make a change wait.
use domain::blueprint::Choice;
use serde::{Deserialize, Serialize};

/// What makes deployments to an environment wait, or will.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct HoldView {
    /// For example `Waits until Mon 23 Nov 06:00 Europe/Berlin`.
    pub title: String,
    /// Why, and whom to ask.
    pub why: String,
}

/// The freeze windows that the viewer may know of.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct FreezeList {
    /// Those that hold now.
    pub holding: Vec<FreezeRow>,
    /// Those that come, next first.
    pub coming: Vec<FreezeRow>,
    /// Those that are over for good, latest first.
    pub ended: Vec<FreezeRow>,
    /// Stages to filter by.
    pub stages: Vec<Choice>,
}

/// A freeze window in a list.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct FreezeRow {
    /// Why, in the words of whoever set it.
    pub reason: String,
    /// Whom to ask about it.
    pub owner: String,
    /// The stages it holds.
    pub stages: String,
    /// Whose environments it holds.
    pub scope: String,
    /// When it holds, as it was set.
    pub period: String,
    /// Until when it holds now, when it comes next, or when it ended.
    pub when: String,
}
