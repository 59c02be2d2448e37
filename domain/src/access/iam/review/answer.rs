//! The answers about one subject, over all ways that the deployment may decide.
use super::Stack;
use crate::access::iam::budget::Budget;
use crate::access::iam::judge::judge_within;
use crate::access::iam::words::{self, Granted, Way};
use crate::access::iam::worlds::World;
use crate::access::iam::{Held, Judgement, Limit};
use crate::access::{Aspect, Escalation, SubjectReview, Verdict, Witness};
use std::collections::{BTreeMap, BTreeSet};

/// More sentences than these help nobody.
const MOST_SENTENCES: usize = 20;

/// What is answered about one subject.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(super) struct Answer {
    new_access: Option<bool>,
    lost_access: Option<bool>,
    gained: Vec<String>,
    lost: Vec<String>,
    witness: Option<Witness>,
    reasons: BTreeSet<String>,
    escalations: BTreeSet<Escalation>,
}

/// What the conditions that only the deployment decides come to.
pub(super) struct Label(BTreeMap<String, bool>);

impl Label {
    pub(super) fn new(world: &World<'_>, stack: &Stack<'_>, names: &BTreeSet<String>) -> Label {
        let side = |name: &str| {
            if stack.after.conditions.contains_key(name) {
                stack.after
            } else {
                stack.before
            }
        };
        Label(
            names
                .iter()
                .map(|name| (name.clone(), world.truth(name, &side(name).conditions)))
                .collect(),
        )
    }

    /// `Wide and not Private`.
    fn words(&self) -> String {
        let outcomes: Vec<_> = self
            .0
            .iter()
            .map(|(name, outcome)| outcome_words(name, *outcome))
            .collect();
        outcomes.join(" and ")
    }
}

fn outcome_words(name: &str, outcome: bool) -> String {
    if outcome {
        name.to_owned()
    } else {
        format!("not {name}")
    }
}

/// True when one is; false when both are; else open.
pub(super) fn either(one: Option<bool>, other: Option<bool>) -> Option<bool> {
    match (one, other) {
        (Some(true), _) | (_, Some(true)) => Some(true),
        (Some(false), Some(false)) => Some(false),
        _ => None,
    }
}

impl Answer {
    /// Neither question is decided.
    pub(super) fn undecided(reason: String) -> Answer {
        Answer {
            reasons: [reason].into(),
            ..Answer::default()
        }
    }

    /// Nothing gained and nothing lost.
    pub(super) fn nothing() -> Answer {
        Answer {
            new_access: Some(false),
            lost_access: Some(false),
            ..Answer::default()
        }
    }

    fn new(judgement: Judgement, subject: &SubjectReview, part: &str) -> Answer {
        let limit = judgement.limit.unwrap_or(Limit {
            new_access: Some(false),
            lost_access: Some(false),
            ..Limit::default()
        });
        let new_access = either(judgement.new_access, limit.new_access);
        let words = |way, granted: &[Witness], let_through: Vec<Witness>| {
            let only: Vec<_> = let_through
                .into_iter()
                .filter(|witness| !granted.contains(witness))
                .collect();
            let mut all = words::sentences(subject, part, way, Granted::Here, granted);
            all.extend(words::sentences(
                subject,
                part,
                way,
                Granted::ByCallers,
                &only,
            ));
            all
        };
        let witness = judgement.gained.iter().chain(&limit.gained).next().cloned();
        Answer {
            new_access,
            lost_access: either(judgement.lost_access, limit.lost_access),
            gained: words(Way::Gained, &judgement.gained, limit.gained),
            lost: words(Way::Lost, &judgement.lost, limit.lost),
            witness: witness
                .filter(|_| new_access == Some(true))
                .map(|witness| asked_by(subject, witness)),
            reasons: judgement.reasons.into_iter().collect(),
            escalations: judgement.escalations.into_iter().collect(),
        }
    }

    /// Together with what is answered about another part of the subject.
    pub(super) fn join(&mut self, other: Answer) {
        self.new_access = either(self.new_access, other.new_access);
        self.lost_access = either(self.lost_access, other.lost_access);
        self.gained.extend(other.gained);
        self.lost.extend(other.lost);
        self.witness = self.witness.take().or(other.witness);
        self.reasons.extend(other.reasons);
        self.escalations.extend(other.escalations);
    }

    /// Puts the answers to a subject.
    pub(super) fn into_review(self, subject: SubjectReview) -> SubjectReview {
        SubjectReview {
            verdict: Verdict::from_answers(self.new_access, self.lost_access),
            new_access: self.new_access,
            lost_access: self.lost_access,
            gained: self.gained,
            lost: self.lost,
            witness: self.witness,
            reasons: self.reasons.into_iter().collect(),
            escalations: self.escalations.into_iter().collect(),
            ..subject
        }
    }
}

/// An identity asks itself.
fn asked_by(subject: &SubjectReview, mut witness: Witness) -> Witness {
    if subject.aspect == Aspect::Identity {
        witness.principal.clone_from(&subject.id);
    }
    witness
}

/// Judges a subject in every way that the deployment may decide. An answer holds when it holds in all of them.
pub(super) fn over_worlds(
    cases: impl Iterator<Item = (Label, Option<Held>, Option<Held>)>,
    stack: &Stack<'_>,
    subject: &SubjectReview,
    part: &str,
) -> Answer {
    type Case = (Option<Held>, Option<Held>);
    // All ways together take no longer than one.
    let budget = Budget::new(stack.steps);
    let mut known: Vec<(Case, Answer)> = Vec::new();
    let mut answers: Vec<(Label, Answer)> = Vec::new();
    for (label, before, after) in cases {
        let case = (before, after);
        let found = known.iter().find(|(other, _)| *other == case);
        let answer = match found {
            Some((_, answer)) => answer.clone(),
            None => {
                let answer = if case.0 == case.1 {
                    Answer::nothing()
                } else {
                    let (before, after) = (case.0.as_ref(), case.1.as_ref());
                    let judgement = judge_within(before, after, &stack.kinds, &budget);
                    Answer::new(judgement, subject, part)
                };
                known.push((case, answer.clone()));
                answer
            }
        };
        answers.push((label, answer));
    }
    agreed(answers)
}

fn agreed(answers: Vec<(Label, Answer)>) -> Answer {
    let (labels, answers): (Vec<_>, Vec<_>) = answers.into_iter().unzip();
    let mut reasons: BTreeSet<String> = BTreeSet::new();
    let new_access = agree(answers.iter().map(|answer| answer.new_access));
    let lost_access = agree(answers.iter().map(|answer| answer.lost_access));
    for (what, agreed) in [("gained", &new_access), ("lost", &lost_access)] {
        if agreed.is_err() {
            reasons.insert(format!(
                "Whether access is {what} depends on what only the deployment decides: {}.",
                named(&labels)
            ));
        }
    }
    let gained = spoken(&labels, &answers, |answer| &answer.gained);
    let lost = spoken(&labels, &answers, |answer| &answer.lost);
    let mut escalations = BTreeSet::new();
    let mut witness = None;
    for answer in answers {
        reasons.extend(answer.reasons);
        escalations.extend(answer.escalations);
        witness = witness.or(answer.witness);
    }
    let new_access = new_access.unwrap_or(None);
    Answer {
        new_access,
        lost_access: lost_access.unwrap_or(None),
        gained,
        lost,
        witness: witness.filter(|_| new_access == Some(true)),
        reasons,
        escalations,
    }
}

/// The answers differ.
#[derive(Debug)]
struct Differ;

fn agree(answers: impl Iterator<Item = Option<bool>>) -> Result<Option<bool>, Differ> {
    let all: BTreeSet<_> = answers.collect();
    let mut all = all.into_iter();
    match (all.next(), all.next()) {
        (Some(one), None) => Ok(one),
        (None, _) => Ok(Some(false)),
        (Some(_), Some(_)) => Err(Differ),
    }
}

fn named(labels: &[Label]) -> String {
    let names: BTreeSet<&str> = labels
        .iter()
        .flat_map(|label| label.0.keys().map(String::as_str))
        .collect();
    names.into_iter().collect::<Vec<_>>().join(", ")
}

/// Each sentence once, with the conditions under which it holds when it does not always.
fn spoken(
    labels: &[Label],
    answers: &[Answer],
    sentences: fn(&Answer) -> &Vec<String>,
) -> Vec<String> {
    let mut seen: BTreeSet<&str> = BTreeSet::new();
    let mut found = Vec::new();
    for sentence in answers.iter().flat_map(sentences) {
        if !seen.insert(sentence) {
            continue;
        }
        let holds: Vec<bool> = answers
            .iter()
            .map(|answer| sentences(answer).contains(sentence))
            .collect();
        found.push(match when(labels, &holds) {
            Some(condition) => format!("if {condition}: {sentence}"),
            None => sentence.clone(),
        });
    }
    found
}

/// The plainest words for the cases in which something holds; `None` when it always does.
fn when(labels: &[Label], holds: &[bool]) -> Option<String> {
    if holds.iter().all(|holds| *holds) {
        return None;
    }
    let first = labels.iter().zip(holds).find(|(_, holds)| **holds)?.0;
    let alone = first.0.iter().find(|(name, outcome)| {
        labels
            .iter()
            .zip(holds)
            .all(|(label, holds)| (label.0.get(*name) == Some(outcome)) == *holds)
    });
    Some(match alone {
        Some((name, outcome)) => outcome_words(name, *outcome),
        None => first.words(),
    })
}

/// No more sentences than anyone reads.
pub(super) fn shortened(mut sentences: Vec<String>) -> Vec<String> {
    if sentences.len() > MOST_SENTENCES {
        let rest = sentences.len() - (MOST_SENTENCES - 1);
        sentences.truncate(MOST_SENTENCES - 1);
        sentences.push(format!("… and {rest} more of the kind"));
    }
    sentences
}
