//! The catalogue and its blueprints.
use super::{Moment, Status};
use domain::access::AccessReview;
use domain::blueprint::{Manifest, Problem, VettingStep};
use domain::stage::Stage;
use serde::{Deserialize, Serialize};
use std::collections::BTreeMap;
use std::sync::Arc;

/// The blueprints on offer, and those that could not be read.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Catalogue {
    /// By title.
    pub blueprints: Vec<BlueprintRow>,
    /// Versions that are read and not vetted, so not on offer.
    pub unvetted: Vec<UnvettedRow>,
    /// Folders whose blueprint is broken: for everyone, so that nobody waits for it in vain.
    pub broken: Vec<BrokenBlueprint>,
    /// Whether the viewer may ask for environments.
    pub may_ask: bool,
}

/// A blueprint in the catalogue.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct BlueprintRow {
    /// Name, for addresses.
    pub name: String,
    /// Title.
    pub title: String,
    /// Version.
    pub version: String,
    /// One sentence.
    pub summary: String,
    /// Who looks after it.
    pub owner: String,
    /// The stages it is offered at.
    pub stages: Vec<String>,
    /// How many services are instances of it.
    pub services: u32,
}

/// A version that is not vetted.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct UnvettedRow {
    /// The blueprint's name, for addresses.
    pub name: String,
    /// Its title.
    pub title: String,
    /// The version.
    pub version: String,
    /// Its digest.
    pub digest: String,
    /// How far its vetting is.
    pub status: Status,
}

/// A blueprint whose folder holds mistakes.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct BrokenBlueprint {
    /// The folder.
    pub name: String,
    /// Each mistake with file and line.
    pub problems: Vec<String>,
    /// The version that stays on offer, if an earlier one was good.
    pub still_offered: Option<String>,
}

/// One blueprint.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct BlueprintPage {
    /// Its manifest.
    pub manifest: Manifest,
    /// Its digest.
    pub digest: String,
    /// When this version was first read.
    pub read: Moment,
    /// The resources of its main template, by type with their count, most first.
    pub resources: Vec<(String, u32)>,
    /// The runbook's text (Markdown).
    pub runbook: String,
    /// The main template's text.
    pub template: String,
    /// Whether this version is on offer.
    pub is_offered: bool,
    /// Every version ever read, newest first.
    pub versions: Vec<VersionRow>,
    /// How its versions were vetted, newest first.
    pub vettings: Vec<VettingEntry>,
    /// Whether the viewer may ask for environments.
    pub may_ask: bool,
}

/// A version of a blueprint.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct VersionRow {
    /// The version.
    pub version: String,
    /// Its digest.
    pub digest: String,
    /// When it was first read.
    pub read: Moment,
    /// Whether it is on offer, or how far its vetting is.
    pub status: Status,
}

/// Something that was said in a vetting.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct VettingEntry {
    /// The version.
    pub version: String,
    /// What happened, such as `proposed by Pat Platform`.
    pub what: String,
    /// In their words; may be empty.
    pub said: String,
    /// When.
    pub at: Moment,
}

/// One version of a blueprint, to be vetted.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct VersionPage {
    /// The blueprint's name.
    pub name: String,
    /// Its title.
    pub title: String,
    /// The version.
    pub version: String,
    /// Its digest.
    pub digest: String,
    /// When it was first read.
    pub read: Moment,
    /// What is new in it.
    pub change_notes: String,
    /// Whether it is on offer, or how far its vetting is.
    pub status: Status,
    /// Version and digest of what its access is compared with: what is on offer, or was before it; none when it is
    /// the first.
    pub compared_with: Option<(String, String)>,
    /// How it was vetted, newest first.
    pub vettings: Vec<VettingEntry>,
    /// The vetting on show; empty where there is none.
    pub vetting: String,
    /// What comes next.
    pub steps: Vec<VettingStepView>,
    /// What was typed into a form that was just posted, by field.
    pub typed: BTreeMap<String, String>,
    /// What was wrong with it.
    pub problems: Vec<Problem>,
}

/// The field of the words that go with a step; a form each.
pub fn vetting_field(step: VettingStep) -> &'static str {
    match step {
        VettingStep::Propose => "proposal",
        VettingStep::Accept | VettingStep::Refuse => "answer",
        VettingStep::Withdraw => "withdrawal",
    }
}

/// A step that somebody may take.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct VettingStepView {
    /// The step.
    pub step: VettingStep,
    /// Why the viewer can't, if so.
    pub refused_because: Option<String>,
}

/// What a version grants and opens at a stage. Made into HTML on the server (docs/adr/0005).
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct StageAccess {
    /// The stage.
    pub stage: Stage,
    /// What there is to see, or why there is nothing.
    pub access: Result<VersionAccess, String>,
}

/// The access of a version at a stage.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct VersionAccess {
    /// As a whole, against nothing.
    pub whole: Arc<AccessReview>,
    /// Against the version it is compared with; none where that is not for this stage, or there is none.
    pub difference: Option<Arc<AccessReview>>,
}
