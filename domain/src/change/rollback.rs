//! Rollback: which earlier release an environment can go back to.
use crate::names::{ChangeNumber, ReleaseNumber};
use crate::stage::Stage;

/// What is known of an environment that is to go back to a release.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct RollbackFacts {
    /// The stage.
    pub stage: Stage,
    /// The release to go back to.
    pub to: ReleaseNumber,
    /// Whether it ever succeeded there.
    pub succeeded: bool,
    /// What runs there.
    pub runs: Option<ReleaseNumber>,
    /// The open change there.
    pub open: Option<ChangeNumber>,
}

/// Why an environment can't be rolled back now, in words for whoever wants to.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum CannotRollBack {
    /// Nothing runs there.
    #[error(
        "Nothing runs at {0}, so there is nothing to roll back. Ask for the environment instead."
    )]
    NothingRuns(Stage),
    /// It is what runs now.
    #[error("{release} is what runs at {stage} now.")]
    RunsNow {
        /// The release.
        release: ReleaseNumber,
        /// The stage.
        stage: Stage,
    },
    /// It never ran there.
    #[error("{release} has never succeeded at {stage}; roll back to a release that has.")]
    NeverSucceeded {
        /// The release.
        release: ReleaseNumber,
        /// The stage.
        stage: Stage,
    },
    /// Another change is open.
    #[error("{change} is still open at {stage}; it has to end first.")]
    OpenChange {
        /// The stage.
        stage: Stage,
        /// The open change.
        change: ChangeNumber,
    },
}

/// Everything that keeps an environment from being rolled back to a release; empty when nothing does.
pub fn cannot_roll_back(facts: &RollbackFacts) -> Vec<CannotRollBack> {
    let (stage, release) = (facts.stage, facts.to);
    let release = if facts.runs.is_none() {
        Some(CannotRollBack::NothingRuns(stage))
    } else if facts.runs == Some(release) {
        Some(CannotRollBack::RunsNow { release, stage })
    } else if !facts.succeeded {
        Some(CannotRollBack::NeverSucceeded { release, stage })
    } else {
        None
    };
    let open = facts
        .open
        .map(|change| CannotRollBack::OpenChange { stage, change });
    [release, open].into_iter().flatten().collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_what_succeeded_there_and_does_not_run_can_be_gone_back_to() {
        let good = RollbackFacts {
            stage: Stage::Dev,
            to: ReleaseNumber(3),
            succeeded: true,
            runs: Some(ReleaseNumber(5)),
            open: None,
        };
        let said = |facts: RollbackFacts| {
            let reasons = cannot_roll_back(&facts);
            let words: Vec<_> = reasons.iter().map(ToString::to_string).collect();
            words.join(" ")
        };
        let table = [
            (good, ""),
            (
                RollbackFacts {
                    runs: Some(ReleaseNumber(3)),
                    ..good
                },
                "r3 is what runs at dev now.",
            ),
            (
                RollbackFacts {
                    succeeded: false,
                    ..good
                },
                "r3 has never succeeded at dev; roll back to a release that has.",
            ),
            (
                RollbackFacts { runs: None, ..good },
                "Nothing runs at dev, so there is nothing to roll back. Ask for the environment instead.",
            ),
            (
                RollbackFacts {
                    succeeded: false,
                    open: Some(ChangeNumber(9)),
                    ..good
                },
                "r3 has never succeeded at dev; roll back to a release that has. \
                 CH-9 is still open at dev; it has to end first.",
            ),
        ];
        for (facts, words) in table {
            assert_eq!(said(facts), words, "{facts:?}");
        }
    }
}
