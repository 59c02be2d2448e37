//! The stages an environment can stand at.
use serde::{Deserialize, Serialize};
use std::{fmt, str::FromStr};

/// Where an environment stands on its way to production.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Stage {
    /// The first stage of every release.
    Dev,
    /// The rehearsal for production.
    Staging,
    /// What customers use.
    Prod,
    /// Short-lived, expires.
    Feature,
    /// A second region for prod.
    Recovery,
}

impl Stage {
    /// Every stage, in the order a release travels.
    pub const ALL: [Stage; 5] = [
        Stage::Feature,
        Stage::Dev,
        Stage::Staging,
        Stage::Prod,
        Stage::Recovery,
    ];

    /// The word used in addresses, configuration and tags.
    pub fn as_str(self) -> &'static str {
        match self {
            Stage::Dev => "dev",
            Stage::Staging => "staging",
            Stage::Prod => "prod",
            Stage::Feature => "feature",
            Stage::Recovery => "recovery",
        }
    }
}

impl fmt::Display for Stage {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.as_str())
    }
}

/// A word that is no stage.
#[derive(Debug, PartialEq, Eq, thiserror::Error)]
#[error("“{0}” is not a stage; a stage is dev, staging, prod, feature or recovery")]
pub struct UnknownStage(pub String);

impl FromStr for Stage {
    type Err = UnknownStage;

    fn from_str(word: &str) -> Result<Self, UnknownStage> {
        Stage::ALL
            .into_iter()
            .find(|stage| stage.as_str() == word)
            .ok_or_else(|| UnknownStage(word.to_owned()))
    }
}
