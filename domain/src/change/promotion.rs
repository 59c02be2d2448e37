//! Promotion: which stage comes next, which parameters a release has there, and what holds it up.
use crate::blueprint::{Manifest, Parameter};
use crate::names::{ChangeNumber, ReleaseNumber};
use crate::stage::Stage;
use chrono::{DateTime, TimeDelta, Utc};
use serde::{Deserialize, Serialize};
use std::collections::BTreeMap;
use std::fmt;

/// The stages that a release is promoted along. Feature and recovery environments stand beside it.
pub const LADDER: [Stage; 3] = [Stage::Dev, Stage::Staging, Stage::Prod];

/// The stage that a release is promoted to from this one.
pub fn next_stage(from: Stage) -> Option<Stage> {
    let place = LADDER.iter().position(|stage| *stage == from)?;
    LADDER.get(place + 1).copied()
}

/// The stage that a release is promoted from to this one.
pub fn stage_before(to: Stage) -> Option<Stage> {
    LADDER
        .into_iter()
        .find(|stage| next_stage(*stage) == Some(to))
}

/// Why a parameter has the value that it gets at the next stage.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Carried {
    /// The release's value stays as it is.
    Stays,
    /// The manifest has another default there.
    StagesOwn,
    /// The manifest lets nobody change it there.
    Fixed,
    /// The manifest lets it differ between stages, and a value was chosen there that is not the default.
    Kept,
}

/// One parameter of a release on its way to the next stage.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct PromotedParameter {
    /// Its name.
    pub name: String,
    /// Its value in the release that is promoted.
    pub source: Option<String>,
    /// Its value in force at the next stage, where something runs.
    pub current: Option<String>,
    /// Its value there after the promotion.
    pub incoming: Option<String>,
    /// Why.
    pub carried: Carried,
}

/// What runs at the next stage.
#[derive(Clone, Copy, Debug)]
pub struct InForce<'a> {
    /// The manifest of the blueprint version that runs.
    pub manifest: &'a Manifest,
    /// Its parameters.
    pub parameters: &'a BTreeMap<String, String>,
    /// The parameters that an earlier promotion brought there; what still is as it was brought, nobody
    /// chose there.
    pub brought: Option<&'a BTreeMap<String, String>>,
}

/// The parameters of a release at the next stage, in the order of the form: the same, but for the
/// stage's own defaults and what was chosen there, as far as the manifest lets a value differ between
/// stages. It does where the parameter has a default by stage.
pub fn promoted_parameters(
    manifest: &Manifest,
    source: &BTreeMap<String, String>,
    (from, to): (Stage, Stage),
    target: Option<InForce<'_>>,
) -> Vec<PromotedParameter> {
    let shown: Vec<&String> = manifest
        .groups
        .iter()
        .flat_map(|group| &group.parameters)
        .collect();
    let mut all: Vec<_> = manifest
        .parameters
        .iter()
        .map(|(name, parameter)| {
            let chosen = target.and_then(|target| chosen_there(&target, name, to));
            let (incoming, carried) = carry(parameter, source.get(name), (from, to), chosen);
            PromotedParameter {
                name: name.clone(),
                source: source.get(name).cloned(),
                current: target.and_then(|target| target.parameters.get(name).cloned()),
                incoming,
                carried,
            }
        })
        .collect();
    all.sort_by_key(|parameter| shown.iter().position(|name| **name == parameter.name));
    all
}

/// The value in force, where somebody chose it for that stage.
fn chosen_there<'a>(target: &InForce<'a>, name: &str, to: Stage) -> Option<&'a String> {
    let value = target.parameters.get(name)?;
    let default = target
        .manifest
        .parameters
        .get(name)
        .and_then(|parameter| parameter.default_at(to));
    let brought = target.brought.and_then(|brought| brought.get(name));
    let of_nobody = default.unwrap_or_default() == value || brought == Some(value);
    (!of_nobody).then_some(value)
}

fn carry(
    parameter: &Parameter,
    source: Option<&String>,
    (from, to): (Stage, Stage),
    chosen_there: Option<&String>,
) -> (Option<String>, Carried) {
    let default = parameter.default_at(to);
    let lets_differ = !parameter.stage.is_empty();
    match (default, chosen_there) {
        (Some(fixed), _) if parameter.is_fixed_at(to) => (Some(fixed.to_owned()), Carried::Fixed),
        (_, Some(chosen)) if lets_differ => (Some(chosen.clone()), Carried::Kept),
        (Some(own), _) if parameter.default_at(from) != default => {
            (Some(own.to_owned()), Carried::StagesOwn)
        }
        _ => (source.cloned(), Carried::Stays),
    }
}

/// How the latest deployment of an environment ended, or that it has not.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum LatestDeployment {
    /// It did what its change is for.
    Succeeded,
    /// It did not.
    Failed,
    /// It runs, or waits for its turn.
    UnderWay,
}

/// What is known of two stages when a release is to go from one to the other.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct PromotionFacts {
    /// The stage it comes from.
    pub from: Stage,
    /// The stage it is to go to.
    pub to: Stage,
    /// The release that runs where it comes from.
    pub runs: Option<ReleaseNumber>,
    /// Whether the environment it comes from was decommissioned.
    pub decommissioned: bool,
    /// The latest deployment where it comes from, with its change.
    pub latest: Option<(ChangeNumber, LatestDeployment)>,
    /// When the release's latest deployment there had succeeded.
    pub held_since: Option<DateTime<Utc>>,
    /// How long a release has to hold there, in minutes.
    pub soak_minutes: u32,
    /// Whether the release's blueprint version is offered at the next stage.
    pub offered: bool,
    /// Whether an account is set up for the next stage.
    pub has_account: bool,
    /// The open change at the next stage.
    pub open: Option<ChangeNumber>,
    /// The release that runs at the next stage with the same blueprint version and parameters.
    pub same: Option<ReleaseNumber>,
}

/// A span of time as people read it, in whole minutes, rounded up.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct SoakLeft {
    minutes: i64,
}

impl SoakLeft {
    /// What is left of a soak time; none once the release has held for it.
    pub fn of(held_since: DateTime<Utc>, soak_minutes: u32, now: DateTime<Utc>) -> Option<Self> {
        let soak = TimeDelta::minutes(i64::from(soak_minutes));
        let left = soak - (now - held_since);
        (left > TimeDelta::zero()).then(|| SoakLeft {
            minutes: (left.num_seconds() + 59).div_euclid(60).max(1),
        })
    }
}

impl fmt::Display for SoakLeft {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let minutes = self.minutes;
        match minutes {
            ..60 => write!(f, "{minutes} min"),
            60..2880 if minutes % 60 == 0 => write!(f, "{} h", minutes / 60),
            60..2880 => write!(f, "{} h {} min", minutes / 60, minutes % 60),
            _ => write!(f, "{} days {} h", minutes / 1440, minutes % 1440 / 60),
        }
    }
}

/// Why a release can't be promoted now, in words for whoever wants to.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum CannotPromote {
    /// The stage is not on the ladder.
    #[error("Releases are promoted from dev to staging and on to prod; {0} is not on that way.")]
    NotOnTheWay(Stage),
    /// There is no next stage.
    #[error("{0} is the last stage; there is nowhere to promote to from here.")]
    LastStage(Stage),
    /// Another stage comes first.
    #[error(
        "A release does not go from {from} straight to {to}: from {from} it is promoted to {next}."
    )]
    NotNext {
        /// Where it comes from.
        from: Stage,
        /// Where it was to go.
        to: Stage,
        /// Where it can go.
        next: Stage,
    },
    /// No release runs where it comes from.
    #[error("Nothing runs at {0} yet; a release can be promoted once it was deployed there.")]
    NothingRuns(Stage),
    /// No release runs there any more.
    #[error(
        "The environment at {0} was decommissioned, so no release runs there that could be promoted."
    )]
    Decommissioned(Stage),
    /// The latest deployment there failed.
    #[error(
        "The latest deployment at {stage}, {change}, failed. Deploy a release there that succeeds, then promote it."
    )]
    LatestFailed {
        /// Where it comes from.
        stage: Stage,
        /// The change that failed.
        change: ChangeNumber,
    },
    /// Another deployment is under way there.
    #[error("{change} is being deployed at {stage}; wait until it has ended.")]
    UnderWay {
        /// Where it comes from.
        stage: Stage,
        /// The change under way.
        change: ChangeNumber,
    },
    /// It has not held long enough.
    #[error("{release} is soaking at {stage}: {left} to go.")]
    Soaking {
        /// The release.
        release: ReleaseNumber,
        /// Where it comes from.
        stage: Stage,
        /// How long it still has to hold.
        left: SoakLeft,
    },
    /// The blueprint is not offered there.
    #[error("This version of the blueprint is not offered at {0}.")]
    NotOffered(Stage),
    /// No account is set up.
    #[error("No AWS account is set up for {0}; a platform engineer can add one.")]
    NoAccount(Stage),
    /// Another change of the target is open.
    #[error("{change} is still open at {stage}; it has to end first.")]
    OpenChange {
        /// Where it is to go.
        stage: Stage,
        /// The open change.
        change: ChangeNumber,
    },
    /// The same already runs there.
    #[error(
        "{release} at {stage} already has the same blueprint version and parameters, so there is nothing to promote."
    )]
    AlreadyThere {
        /// What runs there.
        release: ReleaseNumber,
        /// Where it is to go.
        stage: Stage,
    },
}

/// Everything that keeps a release from being promoted now; empty when nothing does. Where stage or
/// release are not right, nothing else is said.
pub fn cannot_promote(facts: &PromotionFacts, now: DateTime<Utc>) -> Vec<CannotPromote> {
    let (from, to) = (facts.from, facts.to);
    let release = match (check_way(from, to), facts.runs) {
        (Err(wrong), _) => return vec![wrong],
        (Ok(()), None) if facts.decommissioned => return vec![CannotPromote::Decommissioned(from)],
        (Ok(()), None) => return vec![CannotPromote::NothingRuns(from)],
        (Ok(()), Some(release)) => release,
    };
    let latest = facts.latest.and_then(|(change, ended)| match ended {
        LatestDeployment::Succeeded => None,
        LatestDeployment::Failed => Some(CannotPromote::LatestFailed {
            stage: from,
            change,
        }),
        LatestDeployment::UnderWay => Some(CannotPromote::UnderWay {
            stage: from,
            change,
        }),
    });
    let left = facts
        .held_since
        .and_then(|since| SoakLeft::of(since, facts.soak_minutes, now));
    let soaking = left.map(|left| CannotPromote::Soaking {
        release,
        stage: from,
        left,
    });
    let nowhere = if !facts.offered {
        Some(CannotPromote::NotOffered(to))
    } else if !facts.has_account {
        Some(CannotPromote::NoAccount(to))
    } else {
        None
    };
    let open = facts
        .open
        .map(|change| CannotPromote::OpenChange { stage: to, change });
    let same = facts
        .same
        .map(|release| CannotPromote::AlreadyThere { release, stage: to });
    [nowhere, same, latest, soaking, open]
        .into_iter()
        .flatten()
        .collect()
}

fn check_way(from: Stage, to: Stage) -> Result<(), CannotPromote> {
    let off = [from, to].into_iter().find(|stage| !LADDER.contains(stage));
    if let Some(stage) = off {
        return Err(CannotPromote::NotOnTheWay(stage));
    }
    match next_stage(from) {
        None => Err(CannotPromote::LastStage(from)),
        Some(next) if next == to => Ok(()),
        Some(next) => Err(CannotPromote::NotNext { from, to, next }),
    }
}

#[cfg(all(test, feature = "template"))]
mod tests;
