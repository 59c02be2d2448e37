//! From the subjects of a template before and after to what a change does to them. What policies allow is judged in
//! `judge`; which policies there are is read in `collect`.

mod answer;
mod lines;
mod staying;
#[cfg(test)]
mod tests;
mod workloads;

use super::budget::steps_of_each;
use super::collect::{Collected, Guard, Holder, Key, Piece};
use super::unknown::Kinds;
use super::worlds::{Open, TooMany, conditions_of};
use super::{Boundary, Held, Policy};
use crate::access::{
    Aspect, Attachment, BoundaryChange, Delta, IamReview, Lines, SubjectReview, Verdict,
};
use crate::template::Value;
use answer::Answer;
use rayon::prelude::*;
use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

/// One stack before and after. On a side where it does not stand, nothing is collected.
pub(in crate::access) struct Stack<'c> {
    prefix: &'c str,
    before: &'c Collected,
    after: &'c Collected,
    /// Types of its resources by logical id, where they are the same on both sides.
    kinds: Kinds,
    /// Steps that judging each subject may take.
    steps: u64,
}

impl<'c> Stack<'c> {
    /// `prefix` stands before the ids of its subjects.
    pub(in crate::access) fn new(
        prefix: &'c str,
        before: &'c Collected,
        after: &'c Collected,
    ) -> Stack<'c> {
        let all = before.resources.iter().chain(&after.resources);
        let kinds = all
            .filter(|(id, there)| {
                [before, after]
                    .iter()
                    .filter_map(|side| side.resources.get(*id))
                    .all(|other| other.kind == there.kind)
            })
            .map(|(id, there)| (id.clone(), there.kind.clone()))
            .collect();
        Stack {
            prefix,
            before,
            after,
            kinds: Arc::new(kinds),
            steps: steps_of_each(before.subjects() + after.subjects()),
        }
    }
}

impl Stack<'_> {
    /// What is open where these conditions count before and after, with the names of all of them.
    fn open(
        &self,
        before: BTreeSet<String>,
        after: BTreeSet<String>,
    ) -> Result<(Open, BTreeSet<String>), TooMany> {
        let names = before.union(&after).cloned().collect();
        let sides = [
            (&self.before.conditions, before),
            (&self.after.conditions, after),
        ];
        Ok((Open::new(sides.into_iter())?, names))
    }

    fn named(&self, id: &str) -> String {
        format!("{}{id}", self.prefix)
    }

    /// Outside the template, ids are not the stack's own.
    fn id_of(&self, key: &Key) -> String {
        if key.outside {
            key.id.clone()
        } else {
            self.named(&key.id)
        }
    }
}

/// What a change does to who may do what. Subjects that hold the same on both sides are not looked into, so the time
/// grows with those that differ.
pub(in crate::access) fn review<'c>(stacks: impl Iterator<Item = Stack<'c>>) -> IamReview {
    let mut report = Report::default();
    for stack in stacks {
        report.stack(&stack);
    }
    report.finish()
}

#[derive(Default)]
struct Report {
    review: IamReview,
    subjects: BTreeMap<(String, Aspect), SubjectReview>,
}

impl Report {
    fn stack(&mut self, stack: &Stack<'_>) {
        let (mut before, mut after) = (lines::Documents::default(), lines::Documents::default());
        let same_conditions = stack.before.conditions == stack.after.conditions;
        let keys: BTreeSet<&Key> = stack
            .before
            .holders
            .keys()
            .chain(stack.after.holders.keys())
            .collect();
        let unchanged = |old: Option<&Holder>, new: Option<&Holder>| match (old, new) {
            (Some(old), Some(new)) => same(old, new) && (same_conditions || is_certain(old)),
            (None, None) => true,
            _ => false,
        };
        let mut differing = Vec::new();
        for key in keys {
            let old = stack.before.holders.get(key);
            let written = stack.after.holders.get(key);
            if unchanged(old, written) {
                continue;
            }
            before.add(old);
            after.add(written);
            self.attachments(stack, key, old, written);
            let new = staying::after(stack, key);
            let covered = old
                .into_iter()
                .chain(new.as_deref())
                .all(|holder| holder.covered);
            if !covered && !unchanged(old, new.as_deref()) {
                differing.push((key, old, new));
            }
        }
        // Judging is most of the work, and no subject needs another's answer.
        let judged: Vec<SubjectReview> = differing
            .par_iter()
            .map(|(key, old, new)| subject(stack, key, *old, new.as_deref()))
            .collect();
        judged.into_iter().for_each(|subject| self.add(subject));
        for workload in workloads::review(stack) {
            self.add(workload);
        }
        let delta = lines::delta(stack.prefix, before, after);
        self.review.statements.added.extend(delta.added);
        self.review.statements.removed.extend(delta.removed);
    }

    fn attachments(
        &mut self,
        stack: &Stack<'_>,
        key: &Key,
        old: Option<&Holder>,
        new: Option<&Holder>,
    ) {
        let subject = stack.id_of(key);
        let (old_policies, old_boundary) = lines::attached(old);
        let (new_policies, new_boundary) = lines::attached(new);
        let only = |these: &BTreeSet<String>, those: &BTreeSet<String>| -> Vec<Attachment> {
            let policies = these.difference(those).cloned();
            policies
                .map(|policy| Attachment {
                    subject: subject.clone(),
                    policy,
                })
                .collect()
        };
        let delta = &mut self.review.managed_policies;
        delta.added.extend(only(&new_policies, &old_policies));
        delta.removed.extend(only(&old_policies, &new_policies));
        if old_boundary != new_boundary {
            self.review.boundaries.push(BoundaryChange {
                subject,
                before: old_boundary,
                after: new_boundary,
            });
        }
    }

    /// Parts of one resource are one subject.
    fn add(&mut self, subject: SubjectReview) {
        match self.subjects.entry((subject.id.clone(), subject.aspect)) {
            std::collections::btree_map::Entry::Vacant(entry) => {
                entry.insert(subject);
            }
            std::collections::btree_map::Entry::Occupied(mut entry) => {
                join(entry.get_mut(), subject);
            }
        }
    }

    fn finish(mut self) -> IamReview {
        lines::sort(&mut self.review.statements);
        let Delta { added, removed } = &mut self.review.managed_policies;
        added.sort();
        removed.sort();
        self.review.boundaries.sort();
        let mut subjects: Vec<_> = self
            .subjects
            .into_values()
            .map(|subject| SubjectReview {
                gained: answer::shortened(subject.gained),
                lost: answer::shortened(subject.lost),
                ..subject
            })
            .collect();
        // Stable: by id among equals.
        subjects.sort_by_key(|subject| std::cmp::Reverse(subject.verdict));
        self.review.verdict = subjects
            .iter()
            .map(|subject| subject.verdict)
            .max()
            .unwrap_or_default();
        self.review.subjects = subjects;
        self.review
    }
}

fn join(into: &mut SubjectReview, other: SubjectReview) {
    into.new_access = answer::either(into.new_access, other.new_access);
    into.lost_access = answer::either(into.lost_access, other.lost_access);
    into.verdict = Verdict::from_answers(into.new_access, into.lost_access);
    into.gained.extend(other.gained);
    into.lost.extend(other.lost);
    into.witness = into.witness.take().or(other.witness);
    into.reasons.extend(other.reasons);
    into.escalations.extend(other.escalations);
    into.lines.added.extend(other.lines.added);
    into.lines.removed.extend(other.lines.removed);
    into.lines.unchanged.extend(other.lines.unchanged);
}

/// Whether two holders hold the same, wherever in the template it stands.
fn same(old: &Holder, new: &Holder) -> bool {
    old.kind == new.kind
        && old.guard == new.guard
        && old.unwritten == new.unwritten
        && old.attached == new.attached
        && same_pieces(&old.policies, &new.policies)
        && same_pieces(&old.boundary, &new.boundary)
}

fn same_pieces(old: &[Piece], new: &[Piece]) -> bool {
    old.len() == new.len()
        && old.iter().zip(new).all(|(old, new)| {
            old.guard == new.guard
                && match (old.policy.as_ref(), new.policy.as_ref()) {
                    (Policy::Written(old), Policy::Written(new)) => {
                        old.source == new.source && old.place == new.place && old.value == new.value
                    }
                    (old, new) => old == new,
                }
        })
}

/// Whether no condition bears on what it holds.
fn is_certain(holder: &Holder) -> bool {
    let mut names = BTreeSet::new();
    conditions_of(holder, &mut names);
    names.is_empty()
}

fn subject(
    stack: &Stack<'_>,
    key: &Key,
    old: Option<&Holder>,
    new: Option<&Holder>,
) -> SubjectReview {
    let id = stack.id_of(key);
    let kind = new.or(old).map(|holder| holder.kind.clone());
    let subject = SubjectReview {
        id,
        kind: kind.unwrap_or_default(),
        aspect: key.aspect,
        lines: lines::lines(stack.prefix, old, new),
        ..nothing()
    };
    let answer = match (old, new) {
        // Another resource under the same logical id: one goes, one comes.
        (Some(before), Some(after)) if before.kind != after.kind => {
            let mut answer = compared(stack, key, &subject, Some(before), None);
            answer.join(compared(stack, key, &subject, None, Some(after)));
            answer
        }
        _ => compared(stack, key, &subject, old, new),
    };
    answer.into_review(subject)
}

/// A subject of which nothing is known yet.
fn nothing() -> SubjectReview {
    SubjectReview {
        id: String::new(),
        kind: String::new(),
        aspect: Aspect::Identity,
        verdict: Verdict::Undecided,
        new_access: None,
        lost_access: None,
        gained: Vec::new(),
        lost: Vec::new(),
        witness: None,
        reasons: Vec::new(),
        escalations: Vec::new(),
        lines: Lines::default(),
    }
}

fn compared(
    stack: &Stack<'_>,
    key: &Key,
    subject: &SubjectReview,
    old: Option<&Holder>,
    new: Option<&Holder>,
) -> Answer {
    let bare = old.or(new);
    let kind = bare.map(|holder| holder.kind.as_str());
    let (mut old_names, mut new_names) = (BTreeSet::new(), BTreeSet::new());
    for (side, holder, names) in [
        (stack.before, old, &mut old_names),
        (stack.after, new, &mut new_names),
    ] {
        match holder {
            Some(holder) => conditions_of(holder, names),
            None => names.extend(
                there(side, key, kind)
                    .iter()
                    .flat_map(|guard| guard.conditions().map(str::to_owned).collect::<Vec<_>>()),
            ),
        }
    }
    let (open, names) = match stack.open(old_names, new_names) {
        Ok(open) => open,
        Err(too_many) => return Answer::undecided(too_many.to_string()),
    };
    let unseen = may_hold_more(key, [old, new]);
    let cases = open.worlds().map(|world| {
        let hold = |side: &Collected, holder: Option<&Holder>| {
            let mut held = match holder {
                Some(holder) => world.held(side, holder, key.aspect),
                // It is there and holds nothing.
                None => there(side, key, kind)
                    .filter(|guard| world.has(side, guard))
                    .and(bare)
                    .map(|other| empty(key.aspect, other)),
            };
            if let (Some(Held::Identity { policies, .. }), Some(unseen)) = (&mut held, &unseen) {
                policies.push(unseen.clone());
            }
            held
        };
        let label = answer::Label::new(&world, stack, &names);
        (label, hold(stack.before, old), hold(stack.after, new))
    });
    answer::over_worlds(cases, stack, subject, &key.part)
}

/// When a subject of that type is there, whatever it holds; `None` when it is not.
fn there(side: &Collected, key: &Key, kind: Option<&str>) -> Option<Guard> {
    if key.outside {
        return Some(Guard::default());
    }
    // Identities always show as holders.
    if key.aspect != Aspect::Resource {
        return None;
    }
    let found = side.resources.get(&key.id)?;
    (Some(found.kind.as_str()) == kind).then(|| found.guard.clone())
}

fn empty(aspect: Aspect, other: &Holder) -> Held {
    let policies = Vec::new();
    match aspect {
        Aspect::Identity => Held::Identity {
            policies,
            boundary: Boundary::None,
        },
        Aspect::Trust => Held::Trust { policies },
        Aspect::Resource => Held::Resource {
            policies,
            unwritten: other.unwritten,
        },
    }
}

/// Policies that several identities share, or that belong to an identity outside the template.
const SHARED: [&str; 3] = [
    "AWS::IAM::Group",
    "AWS::IAM::ManagedPolicy",
    "AWS::IoT::Policy",
];

/// Where something is denied to identities that the template does not show whole, what else they may do counts: a
/// `Deny` taken away then lets in. It is the same before and after.
fn may_hold_more(key: &Key, sides: [Option<&Holder>; 2]) -> Option<Arc<Policy>> {
    let shown_whole = !key.outside
        && !sides
            .iter()
            .flatten()
            .any(|holder| SHARED.contains(&holder.kind.as_str()));
    let denies = sides
        .iter()
        .flatten()
        .flat_map(|holder| &holder.policies)
        .any(|piece| match piece.policy.as_ref() {
            Policy::Written(document) => denies(&document.value),
            Policy::Named { .. } => false,
        });
    (!shown_whole && denies).then(|| {
        Arc::new(Policy::Named {
            name: Value::String(format!("whatever else identities with {} may do", key.id)),
            source: key.id.clone(),
        })
    })
}

/// Whether `Deny` stands in a document.
// As deep as the template's nesting, which parsing bounds.
fn denies(value: &Value) -> bool {
    match value {
        Value::Bool(_) | Value::Number(_) => false,
        Value::String(text) => text.contains("Deny"),
        Value::List(items) => items.iter().any(denies),
        Value::Map(entries) => entries.values().any(denies),
        Value::Symbol(symbol) => symbol.to_string().contains("Deny"),
    }
}
