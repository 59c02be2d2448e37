//! The vetting of a blueprint version: platform proposes it, security accepts or refuses it, and only an accepted
//! version is offered to teams.
use crate::names::Subject;
use chrono::{DateTime, Utc};
use serde::{Deserialize, Serialize};

/// What somebody does in a vetting.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum VettingStep {
    /// Platform asks for the version to be offered.
    Propose,
    /// Security says yes.
    Accept,
    /// Security says no.
    Refuse,
    /// Platform takes the version back.
    Withdraw,
}

impl VettingStep {
    /// The word in forms.
    pub fn as_str(self) -> &'static str {
        match self {
            VettingStep::Propose => "propose",
            VettingStep::Accept => "accept",
            VettingStep::Refuse => "refuse",
            VettingStep::Withdraw => "withdraw",
        }
    }
}

/// Who speaks for or against a version.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Speaker {
    /// Somebody who is signed in.
    Person(Subject),
    /// The configuration file, `vetted-blueprints`.
    Configuration,
}

impl Speaker {
    /// The person, if one speaks.
    pub fn person(&self) -> Option<&Subject> {
        match self {
            Speaker::Person(subject) => Some(subject),
            Speaker::Configuration => None,
        }
    }
}

/// What somebody said, and when.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Said {
    /// Who.
    pub by: Speaker,
    /// In their words; may be empty for an acceptance.
    pub words: String,
    /// When.
    pub at: DateTime<Utc>,
}

/// How far the vetting of one version is. Each step takes what stood before.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Vetting {
    /// Platform has proposed it, and security has not answered.
    Proposed {
        /// The proposal.
        proposed: Said,
    },
    /// It may be offered to teams.
    Accepted {
        /// The proposal.
        proposed: Said,
        /// The answer.
        accepted: Said,
    },
    /// Security has said no.
    Refused {
        /// The proposal.
        proposed: Said,
        /// The answer.
        refused: Said,
    },
    /// Platform has taken it back, before the answer or after it was accepted.
    Withdrawn {
        /// The proposal.
        proposed: Said,
        /// The answer, if it had been accepted.
        accepted: Option<Said>,
        /// How it ended.
        withdrawn: Said,
    },
}

/// Why a step of a vetting can't be taken, in words for whoever tried.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum CannotVet {
    /// A proposal waits, or was accepted.
    #[error("this version {0} already, so it can't be proposed again")]
    Open(&'static str),
    /// Nothing waits for an answer.
    #[error("this version {0}, so there is no proposal to answer")]
    NothingToAnswer(&'static str),
    /// There is nothing to take back.
    #[error("this version {0}, so there is nothing to withdraw")]
    NothingToWithdraw(&'static str),
    /// Nobody answers their own proposal.
    #[error("you proposed this version, so someone else has to answer")]
    OwnProposal,
    /// A step that takes words came without.
    #[error("say why")]
    NoWords,
}

const NEVER_PROPOSED: &str = "was never proposed";

impl Vetting {
    /// Proposes a version; `before` is its latest vetting.
    ///
    /// # Errors
    /// While it is proposed or accepted already, or without words.
    pub fn propose(before: Option<Vetting>, said: Said) -> Result<Vetting, CannotVet> {
        match before {
            Some(open @ (Vetting::Proposed { .. } | Vetting::Accepted { .. })) => {
                Err(CannotVet::Open(open.words()))
            }
            _ if said.words.is_empty() => Err(CannotVet::NoWords),
            _ => Ok(Vetting::Proposed { proposed: said }),
        }
    }

    /// Takes a step; `before` is the version's latest vetting.
    ///
    /// # Errors
    /// When the step does not follow from what stood before.
    pub fn take(
        before: Option<Vetting>,
        step: VettingStep,
        said: Said,
    ) -> Result<Vetting, CannotVet> {
        match (step, before) {
            (VettingStep::Propose, before) => Vetting::propose(before, said),
            (VettingStep::Accept, Some(vetting)) => vetting.accept(said),
            (VettingStep::Refuse, Some(vetting)) => vetting.refuse(said),
            (VettingStep::Withdraw, Some(vetting)) => vetting.withdraw(said),
            (VettingStep::Accept | VettingStep::Refuse, None) => {
                Err(CannotVet::NothingToAnswer(NEVER_PROPOSED))
            }
            (VettingStep::Withdraw, None) => Err(CannotVet::NothingToWithdraw(NEVER_PROPOSED)),
        }
    }

    /// The steps that may follow, whoever takes them.
    pub fn steps(latest: Option<&Vetting>) -> &'static [VettingStep] {
        match latest {
            Some(Vetting::Proposed { .. }) => &[
                VettingStep::Accept,
                VettingStep::Refuse,
                VettingStep::Withdraw,
            ],
            Some(Vetting::Accepted { .. }) => &[VettingStep::Withdraw],
            Some(Vetting::Refused { .. } | Vetting::Withdrawn { .. }) | None => {
                &[VettingStep::Propose]
            }
        }
    }

    /// What a version is whose name the configuration lists.
    pub fn by_configuration(words: &str, at: DateTime<Utc>) -> Vetting {
        let said = Said {
            by: Speaker::Configuration,
            words: words.to_owned(),
            at,
        };
        Vetting::Accepted {
            proposed: said.clone(),
            accepted: said,
        }
    }

    /// Security says yes.
    ///
    /// # Errors
    /// When nothing is proposed, or to whoever proposed it.
    pub fn accept(self, said: Said) -> Result<Vetting, CannotVet> {
        let proposed = self.answered_by(&said)?;
        Ok(Vetting::Accepted {
            proposed,
            accepted: said,
        })
    }

    /// Security says no.
    ///
    /// # Errors
    /// When nothing is proposed, to whoever proposed it, or without words.
    pub fn refuse(self, said: Said) -> Result<Vetting, CannotVet> {
        let proposed = self.answered_by(&said)?;
        if said.words.is_empty() {
            return Err(CannotVet::NoWords);
        }
        Ok(Vetting::Refused {
            proposed,
            refused: said,
        })
    }

    fn answered_by(self, said: &Said) -> Result<Said, CannotVet> {
        match self {
            Vetting::Proposed { proposed } if proposed.by == said.by => Err(CannotVet::OwnProposal),
            Vetting::Proposed { proposed } => Ok(proposed),
            other => Err(CannotVet::NothingToAnswer(other.words())),
        }
    }

    /// Platform takes it back.
    ///
    /// # Errors
    /// When it is neither proposed nor accepted, or without words.
    pub fn withdraw(self, said: Said) -> Result<Vetting, CannotVet> {
        let (proposed, accepted) = match self {
            Vetting::Proposed { proposed } => (proposed, None),
            Vetting::Accepted { proposed, accepted } => (proposed, Some(accepted)),
            other => return Err(CannotVet::NothingToWithdraw(other.words())),
        };
        if said.words.is_empty() {
            return Err(CannotVet::NoWords);
        }
        Ok(Vetting::Withdrawn {
            proposed,
            accepted,
            withdrawn: said,
        })
    }

    /// The proposal.
    pub fn proposed(&self) -> &Said {
        match self {
            Vetting::Proposed { proposed }
            | Vetting::Accepted { proposed, .. }
            | Vetting::Refused { proposed, .. }
            | Vetting::Withdrawn { proposed, .. } => proposed,
        }
    }

    /// Whether the version may be offered to teams.
    pub fn is_accepted(&self) -> bool {
        matches!(self, Vetting::Accepted { .. })
    }

    /// Its state in a word, as the database keeps it.
    pub fn name(&self) -> &'static str {
        match self {
            Vetting::Proposed { .. } => "proposed",
            Vetting::Accepted { .. } => "accepted",
            Vetting::Refused { .. } => "refused",
            Vetting::Withdrawn { .. } => "withdrawn",
        }
    }

    /// Where the version stands, in words that follow its name.
    fn words(&self) -> &'static str {
        match self {
            Vetting::Proposed { .. } => "waits for the answer of security",
            Vetting::Accepted { .. } => "is vetted",
            Vetting::Refused { .. } => "was refused",
            Vetting::Withdrawn { .. } => "was withdrawn",
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn said(by: &str, words: &str) -> Said {
        Said {
            by: Speaker::Person(by.parse().unwrap()),
            words: words.to_owned(),
            at: DateTime::UNIX_EPOCH,
        }
    }

    fn proposed() -> Vetting {
        Vetting::propose(None, said("pat", "New tables")).unwrap()
    }

    #[test]
    fn platform_proposes_and_security_accepts() {
        let vetted = proposed().accept(said("sky", "")).unwrap();
        assert!(vetted.is_accepted());
        assert_eq!(
            Vetting::propose(Some(vetted.clone()), said("pat", "Again")),
            Err(CannotVet::Open("is vetted"))
        );
        let gone = vetted.withdraw(said("pat", "A hole")).unwrap();
        assert!(!gone.is_accepted());
        assert!(Vetting::propose(Some(gone), said("pat", "Mended")).is_ok());
    }

    #[test]
    fn nobody_answers_their_own_proposal() {
        for answer in [Vetting::accept, Vetting::refuse] {
            assert_eq!(
                answer(proposed(), said("pat", "Fine")),
                Err(CannotVet::OwnProposal)
            );
        }
    }

    #[test]
    fn every_no_takes_words_and_so_does_a_proposal() {
        let silent = || said("sky", "");
        assert_eq!(Vetting::propose(None, silent()), Err(CannotVet::NoWords));
        assert_eq!(proposed().refuse(silent()), Err(CannotVet::NoWords));
        assert_eq!(proposed().withdraw(silent()), Err(CannotVet::NoWords));
    }

    #[test]
    fn what_has_ended_takes_no_answer() {
        let refused = proposed().refuse(said("sky", "Too wide")).unwrap();
        assert_eq!(
            refused.clone().accept(said("sky", "")),
            Err(CannotVet::NothingToAnswer("was refused"))
        );
        assert_eq!(
            refused.withdraw(said("pat", "Old")),
            Err(CannotVet::NothingToWithdraw("was refused"))
        );
        let withdrawn = proposed().withdraw(said("pat", "Old")).unwrap();
        assert_eq!(
            withdrawn.accept(said("sky", "")),
            Err(CannotVet::NothingToAnswer("was withdrawn"))
        );
    }

    #[test]
    fn only_the_steps_that_are_named_follow() {
        let accepted = proposed().accept(said("sky", "")).unwrap();
        let withdrawn = accepted.clone().withdraw(said("pat", "Old")).unwrap();
        let refused = proposed().refuse(said("sky", "No")).unwrap();
        let all = [
            VettingStep::Propose,
            VettingStep::Accept,
            VettingStep::Refuse,
            VettingStep::Withdraw,
        ];
        for before in [
            None,
            Some(proposed()),
            Some(accepted),
            Some(refused),
            Some(withdrawn),
        ] {
            for step in all {
                let taken = Vetting::take(before.clone(), step, said("eve", "Because"));
                let named = Vetting::steps(before.as_ref()).contains(&step);
                assert_eq!(taken.is_ok(), named, "{before:?} {step:?}");
            }
        }
    }

    #[test]
    fn the_configuration_speaks_twice() {
        let vetted = Vetting::by_configuration("It is listed", DateTime::UNIX_EPOCH);
        assert!(vetted.is_accepted());
        assert_eq!(vetted.proposed().by.person(), None);
    }
}
