//! Findings, and the waivers that let them through.
use super::{ChangeRow, Moment, PersonName, Status};
use domain::blueprint::{Choice, Problem};
use domain::change::{Finding, WaiverState};
use serde::{Deserialize, Serialize};

/// A finding, with its waiver or the way to ask for one.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct FindingView {
    /// The finding.
    pub finding: Finding,
    /// The waiver that weighs most on it: one in force, one that waits, or the latest that is over.
    pub waiver: Option<WaiverNote>,
    /// Whether the viewer may ask for one now.
    pub may_ask: bool,
}

/// A waiver where its finding is shown.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct WaiverNote {
    /// `W-7`.
    pub number: String,
    /// Where it stands.
    pub state: WaiverState,
    /// In a sentence: `Waived until 2026-12-01 by Sam Security.`
    pub words: String,
}

/// A waiver in a list.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct WaiverRow {
    /// `W-7`.
    pub number: String,
    /// Where it stands.
    pub status: Status,
    /// The rule in a few words.
    pub title: String,
    /// Logical id; may be empty.
    pub resource: String,
    /// Team.
    pub team: String,
    /// Service.
    pub service: String,
    /// Stage.
    pub stage: String,
    /// Its last day.
    pub until: String,
    /// Who asked.
    pub asked_by: PersonName,
    /// When.
    pub asked: Moment,
}

/// The waivers of the teams that the viewer sees, latest first.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct WaiverList {
    /// Rows.
    pub rows: Vec<WaiverRow>,
    /// Key of the next page.
    pub next: Option<String>,
    /// Teams to filter by.
    pub teams: Vec<Choice>,
    /// States to filter by.
    pub states: Vec<Choice>,
}

/// What the viewer can do about a waiver.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub enum WaiverStep {
    /// Grant or refuse it.
    Decide,
    /// End it early.
    End,
}

/// What somebody of security said of a waiver.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct WaiverWord {
    /// `Granted by Sam Security`.
    pub title: String,
    /// When.
    pub at: Moment,
    /// In their words; may be empty.
    pub words: String,
}

/// One waiver.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct WaiverPage {
    /// As in lists.
    pub row: WaiverRow,
    /// What it covers.
    pub finding: Finding,
    /// `CH-42`, on whose plan it was found.
    pub change: String,
    /// In the words of whoever asked.
    pub reason: String,
    /// What security said, oldest first.
    pub said: Vec<WaiverWord>,
    /// What can be done now, by whoever may.
    pub step: Option<WaiverStep>,
    /// Why the viewer can't.
    pub refused_because: Option<String>,
    /// What was wrong with a form just posted.
    pub problems: Vec<Problem>,
    /// What was typed into it.
    pub typed: String,
}

/// The form to ask for a waiver of a finding.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct AskWaiverPage {
    /// The change.
    pub row: ChangeRow,
    /// What is to be let through.
    pub finding: Finding,
    /// Why it can't be asked for, if so.
    pub refused_because: Option<String>,
    /// The last day that it can end on.
    pub latest: String,
    /// What was typed as reason.
    pub typed_reason: String,
    /// What was typed as last day.
    pub typed_until: String,
    /// What was wrong with a form just posted.
    pub problems: Vec<Problem>,
}
