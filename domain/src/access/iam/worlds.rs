//! The ways a deployment may decide the conditions that it alone decides. Access is judged in each of them, so that
//! a verdict holds whatever the deployment decides.
use super::collect::{Collected, Guard, Holder, Piece};
use super::{Boundary, Document, Held, Policy};
use crate::access::Aspect;
use crate::access::worlds::{Comparison, MOST_OPEN, chosen, conditions_in};
use crate::template::Logic;
use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

/// The comparisons that are open at a subject, before and after.
pub(super) struct Open {
    comparisons: Vec<Comparison>,
}

/// One way the deployment may decide.
pub(super) struct World<'o> {
    open: &'o Open,
    bits: u32,
}

/// More is open than can be gone through.
#[derive(Debug, thiserror::Error)]
#[error(
    "More than {MOST_OPEN} comparisons that only the deployment decides bear on it ({0}), too many to go through. \
     Give their parameters values."
)]
pub(super) struct TooMany(String);

impl Open {
    /// What is open where these conditions count.
    pub(super) fn new<'n>(
        conditions: impl Iterator<Item = (&'n BTreeMap<String, Logic>, BTreeSet<String>)>,
    ) -> Result<Open, TooMany> {
        let mut comparisons = Vec::new();
        let mut all = BTreeSet::new();
        for (logic, names) in conditions {
            let mut seen = BTreeSet::new();
            for name in names {
                named(&name, logic, &mut seen, &mut comparisons);
                all.insert(name);
            }
        }
        if comparisons.len() > MOST_OPEN {
            let all: Vec<_> = all.into_iter().collect();
            return Err(TooMany(all.join(", ")));
        }
        Ok(Open { comparisons })
    }

    /// Every way that can be.
    pub(super) fn worlds(&self) -> impl Iterator<Item = World<'_>> {
        (0..1u32 << self.comparisons.len())
            .map(|bits| World { open: self, bits })
            .filter(World::can_be)
    }
}

fn named(
    name: &str,
    logic: &BTreeMap<String, Logic>,
    seen: &mut BTreeSet<String>,
    found: &mut Vec<Comparison>,
) {
    if let Some(one) = logic.get(name)
        && seen.insert(name.to_owned())
    {
        gather(one, logic, seen, found);
    }
}

// Conditions that depend on each other in a circle are refused when the template is resolved.
fn gather(
    one: &Logic,
    logic: &BTreeMap<String, Logic>,
    seen: &mut BTreeSet<String>,
    found: &mut Vec<Comparison>,
) {
    match one {
        Logic::Equals(left, right) => {
            let known = found.iter().any(|other| other.is(left, right));
            if !known {
                found.push(Comparison::new(left, right));
            }
        }
        Logic::Condition(name) => named(name, logic, seen, found),
        Logic::And(all) | Logic::Or(all) => {
            for one in all {
                gather(one, logic, seen, found);
            }
        }
        Logic::Not(inner) => gather(inner, logic, seen, found),
    }
}

impl World<'_> {
    /// Whether no two of its comparisons exclude each other.
    fn can_be(&self) -> bool {
        let equal: Vec<_> = self
            .open
            .comparisons
            .iter()
            .enumerate()
            .filter(|(i, _)| self.bits & (1 << i) != 0)
            .map(|(_, comparison)| comparison)
            .collect();
        equal.iter().enumerate().all(|(i, one)| {
            let mut others = equal.iter().skip(i + 1);
            !others.any(|other| one.excludes(other))
        })
    }

    fn holds(&self, logic: &Logic, conditions: &BTreeMap<String, Logic>) -> bool {
        match logic {
            Logic::Equals(left, right) => self
                .open
                .comparisons
                .iter()
                .position(|other| other.is(left, right))
                .is_some_and(|i| self.bits & (1 << i) != 0),
            Logic::Condition(name) => self.truth(name, conditions),
            Logic::And(all) => all.iter().all(|one| self.holds(one, conditions)),
            Logic::Or(all) => all.iter().any(|one| self.holds(one, conditions)),
            Logic::Not(inner) => !self.holds(inner, conditions),
        }
    }

    /// What a condition comes to.
    pub(super) fn truth(&self, name: &str, conditions: &BTreeMap<String, Logic>) -> bool {
        conditions
            .get(name)
            .is_some_and(|logic| self.holds(logic, conditions))
    }

    /// What a subject holds; `None` when it is not there.
    pub(super) fn held(&self, side: &Collected, holder: &Holder, aspect: Aspect) -> Option<Held> {
        let truth = |name: &str| self.truth(name, &side.conditions);
        if !holder.guard.holds(&truth) {
            return None;
        }
        let policies = chosen_policies(&holder.policies, &truth);
        Some(match aspect {
            Aspect::Identity => Held::Identity {
                policies,
                boundary: match chosen_policies(&holder.boundary, &truth) {
                    none if none.is_empty() => Boundary::None,
                    cutting => Boundary::Is(cutting),
                },
            },
            Aspect::Trust => Held::Trust { policies },
            Aspect::Resource => Held::Resource {
                policies,
                unwritten: holder.unwritten,
            },
        })
    }

    /// Whether something is there.
    pub(super) fn has(&self, side: &Collected, guard: &Guard) -> bool {
        guard.holds(&|name| self.truth(name, &side.conditions))
    }
}

fn chosen_policies(pieces: &[Piece], truth: &dyn Fn(&str) -> bool) -> Vec<Arc<Policy>> {
    pieces
        .iter()
        .filter(|piece| piece.guard.holds(truth))
        .filter_map(|piece| chosen_policy(&piece.policy, truth))
        .collect()
}

fn chosen_policy(policy: &Arc<Policy>, truth: &dyn Fn(&str) -> bool) -> Option<Arc<Policy>> {
    let mut conditions = BTreeSet::new();
    conditions_in_policy(policy, &mut conditions);
    if conditions.is_empty() {
        return Some(Arc::clone(policy));
    }
    Some(Arc::new(match policy.as_ref() {
        Policy::Written(document) => Policy::Written(Document {
            value: chosen(&document.value, truth)?,
            ..document.clone()
        }),
        Policy::Named { name, source } => Policy::Named {
            name: chosen(name, truth)?,
            source: source.clone(),
        },
    }))
}

fn conditions_in_policy<'p>(policy: &'p Policy, found: &mut BTreeSet<&'p str>) {
    match policy {
        Policy::Written(document) => conditions_in(&document.value, found),
        Policy::Named { name, .. } => conditions_in(name, found),
    }
}

/// The conditions that count at a subject.
pub(super) fn conditions_of(holder: &Holder, names: &mut BTreeSet<String>) {
    let mut found: BTreeSet<&str> = holder.guard.conditions().collect();
    for piece in holder.policies.iter().chain(&holder.boundary) {
        found.extend(piece.guard.conditions());
        conditions_in_policy(&piece.policy, &mut found);
    }
    names.extend(found.into_iter().map(str::to_owned));
}
