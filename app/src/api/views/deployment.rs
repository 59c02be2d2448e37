//! Deployments in lists.
use super::{Moment, PersonName, Status};
use domain::blueprint::Choice;
use serde::{Deserialize, Serialize};

/// A deployment in a list.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct DeploymentRow {
    /// Its change, `CH-42`.
    pub change: String,
    /// Team.
    pub team: String,
    /// Service.
    pub service: String,
    /// Stage.
    pub stage: String,
    /// `r3`; none for a decommission.
    pub release: Option<String>,
    /// `provision`, `update`, `promote`, `rollback`, `decommission`.
    pub kind: String,
    /// State.
    pub status: Status,
    /// The resource that failed first, if one did.
    pub failed_resource: Option<String>,
    /// Who asked.
    pub requester: PersonName,
    /// Who approved.
    pub approver: Option<PersonName>,
    /// When it was approved.
    pub created: Moment,
    /// How long it ran, in words.
    pub took: Option<String>,
}

/// A filtered page of deployments, with what can be filtered by.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct DeploymentList {
    /// Newest first.
    pub rows: Vec<DeploymentRow>,
    /// `before` of the next page.
    pub next: Option<String>,
    /// Teams.
    pub teams: Vec<Choice>,
    /// Services of those teams.
    pub services: Vec<Choice>,
    /// Stages.
    pub stages: Vec<Choice>,
    /// States.
    pub states: Vec<Choice>,
    /// People who have asked for something.
    pub people: Vec<Choice>,
}
