//! What pages show, ready to show: relative times are worked out on the server, since a view that
//! reads a clock would differ between server and browser. One file an area.

mod approval;
mod ask;
mod catalogue;
mod change;
mod deployment;
mod freeze;
mod promotion;
mod service;
mod waiver;

pub use approval::*;
pub use ask::*;
pub use catalogue::*;
pub use change::*;
pub use deployment::*;
pub use freeze::*;
pub use promotion::*;
pub use service::*;
pub use waiver::*;

use chrono::{DateTime, Utc};
use serde::{Deserialize, Serialize};

/// A point in time with how long ago it was when the page was made.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Moment {
    /// The time.
    pub at: DateTime<Utc>,
    /// For example `2 h ago`.
    pub ago: String,
}

/// When to deploy, as typed: a local time, nothing for once it is approved, and its zone.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
pub struct TypedSchedule {
    /// `2026-11-22T22:00`.
    pub at: String,
    /// `Europe/Berlin`.
    pub zone: String,
}

/// A person as pages name them.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct PersonName {
    /// Subject, for filters.
    pub subject: String,
    /// What to call them.
    pub name: String,
}

/// What the head of every page shows.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Viewer {
    /// What to call them.
    pub name: String,
    /// What their sign-in grants, in words; empty when it grants nothing.
    pub grants: Vec<String>,
    /// How many changes wait for their review.
    pub waiting: u32,
    /// Whether they may ask for environments at all.
    pub may_ask: bool,
}

/// A page's data with what the head of every page shows.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Framed<T> {
    /// Who is looking.
    pub viewer: Viewer,
    /// The data.
    pub body: T,
}

/// The first page: what waits for this person and what they have under way.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct MyWork {
    /// Changes they may decide on now.
    pub to_review: Vec<ChangeRow>,
    /// Blueprint versions that they may answer the proposals of.
    pub to_vet: Vec<UnvettedRow>,
    /// Their own changes that are still open, newest first.
    pub under_way: Vec<ChangeRow>,
    /// Their own changes that ended lately, newest first.
    pub ended: Vec<ChangeRow>,
    /// Whether they may ask for environments.
    pub may_ask: bool,
}
