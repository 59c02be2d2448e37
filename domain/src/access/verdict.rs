//! What a change does to access, in one word.
use serde::{Deserialize, Serialize};

/// Whether anything is allowed after a change that was not before, and the other way round. The
/// order is from harmless to grave, so the worst of several is the greatest.
#[derive(
    Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize,
)]
#[serde(rename_all = "snake_case")]
pub enum Verdict {
    /// Nothing gained, nothing lost.
    #[default]
    Equivalent,
    /// Nothing gained; something lost, or perhaps lost.
    Narrowed,
    /// Whether something is gained, or what is lost beside it, could not be decided. Counts as widened.
    Undecided,
    /// Some gained and some lost.
    Changed,
    /// Some gained, nothing lost.
    Widened,
}

impl Verdict {
    /// The verdict from two answers: is something allowed now that was not (`gained`), and is
    /// something no longer allowed that was (`lost`); `None` where that could not be decided.
    pub fn from_answers(gained: Option<bool>, lost: Option<bool>) -> Verdict {
        match (gained, lost) {
            (Some(false), Some(false)) => Verdict::Equivalent,
            (Some(false), _) => Verdict::Narrowed,
            (Some(true), Some(false)) => Verdict::Widened,
            (Some(true), Some(true)) => Verdict::Changed,
            (Some(true), None) | (None, _) => Verdict::Undecided,
        }
    }

    /// Whether an approver has to take it for a gain.
    pub fn may_widen(self) -> bool {
        self >= Verdict::Undecided
    }

    /// The word as it stands in JSON and on pages.
    pub fn as_str(self) -> &'static str {
        match self {
            Verdict::Equivalent => "equivalent",
            Verdict::Narrowed => "narrowed",
            Verdict::Undecided => "undecided",
            Verdict::Changed => "changed",
            Verdict::Widened => "widened",
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_open_question_about_gains_is_never_harmless() {
        for lost in [None, Some(false), Some(true)] {
            assert!(Verdict::from_answers(None, lost).may_widen());
            assert!(Verdict::from_answers(Some(true), lost).may_widen());
            assert!(!Verdict::from_answers(Some(false), lost).may_widen());
        }
    }

    #[test]
    fn worst_is_greatest() {
        let order = ["equivalent", "narrowed", "undecided", "changed", "widened"];
        let mut all = [
            Verdict::Widened,
            Verdict::Narrowed,
            Verdict::Changed,
            Verdict::Equivalent,
            Verdict::Undecided,
        ];
        all.sort();
        assert_eq!(all.map(Verdict::as_str), order);
    }
}
