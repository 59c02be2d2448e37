//! The catalogue and its blueprints.
use super::Moment;
use domain::blueprint::Manifest;
use serde::{Deserialize, Serialize};

/// The blueprints on offer, and those that could not be read.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Catalogue {
    /// By title.
    pub blueprints: Vec<BlueprintRow>,
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
    /// Earlier versions, newest first: version, digest, when read.
    pub earlier: Vec<(String, String, Moment)>,
    /// Whether the viewer may ask for environments.
    pub may_ask: bool,
}
