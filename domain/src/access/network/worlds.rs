//! The ways a deployment may decide the conditions that it alone decides. Reachability is judged in each of
//! them, so that a verdict holds whichever way they go.
use super::model::{Declared, Stack};
use crate::access::worlds::{Comparison, MOST_OPEN, conditions_in};
use crate::template::{Logic, Symbol, Value};
use std::collections::{BTreeMap, BTreeSet};

/// How many conditions may count at one subject.
const MAX_CONDITIONS: usize = 64;

/// A comparison in the stack with this prefix.
#[derive(Clone, Debug, PartialEq, Eq)]
struct Within {
    prefix: String,
    comparison: Comparison,
}

impl Within {
    fn is(&self, prefix: &str, left: &Value, right: &Value) -> bool {
        self.prefix == prefix && self.comparison.is(left, right)
    }

    fn excludes(&self, other: &Within) -> bool {
        self.prefix == other.prefix && self.comparison.excludes(&other.comparison)
    }
}

/// One way the deployment may decide: comparisons, and whether each is equal.
#[derive(Clone, Debug, Default)]
pub(super) struct World {
    decided: Vec<(Within, bool)>,
}

/// Why the ways can't all be gone through.
pub(super) const TOO_MANY: &str =
    "it depends on more conditions that only the deployment decides than can be tried out";

impl World {
    /// Whether nothing is open in it.
    pub fn is_plain(&self) -> bool {
        self.decided.is_empty()
    }

    /// What a condition of a stack comes to. Names that are not open are taken for false.
    pub fn holds(&self, stack: &Stack, prefix: &str, name: &str) -> bool {
        stack
            .conditions
            .get(name)
            .is_some_and(|logic| self.logic(stack, prefix, logic))
    }

    // As deep as conditions nest: `worlds` has counted them, and parsing bounds each.
    fn logic(&self, stack: &Stack, prefix: &str, logic: &Logic) -> bool {
        match logic {
            Logic::Equals(left, right) => self
                .decided
                .iter()
                .any(|(comparison, equal)| *equal && comparison.is(prefix, left, right)),
            Logic::Condition(name) => self.holds(stack, prefix, name),
            Logic::And(all) => all.iter().all(|one| self.logic(stack, prefix, one)),
            Logic::Or(all) => all.iter().any(|one| self.logic(stack, prefix, one)),
            Logic::Not(inner) => !self.logic(stack, prefix, inner),
        }
    }

    /// Whether no two of its comparisons exclude each other.
    fn can_be(&self) -> bool {
        let equal: Vec<&Within> = self
            .decided
            .iter()
            .filter_map(|(one, equal)| equal.then_some(one))
            .collect();
        equal.iter().enumerate().all(|(i, one)| {
            let mut others = equal.iter().skip(i + 1);
            !others.any(|other| one.excludes(other))
        })
    }
}

/// The conditions that count somewhere, by stack, before and after.
#[derive(Clone, Default)]
pub(super) struct Named<'n> {
    names: BTreeMap<(bool, &'n str), (&'n Stack, BTreeSet<&'n str>)>,
}

impl<'n> Named<'n> {
    /// Notes the conditions of a resource; `after` tells the side.
    pub fn note(&mut self, after: bool, prefix: &'n str, stack: &'n Stack, declared: &'n Declared) {
        if stack.conditions.is_empty() {
            return;
        }
        let (_, names) = self
            .names
            .entry((after, prefix))
            .or_insert_with(|| (stack, BTreeSet::new()));
        names.extend(declared.condition.as_deref());
        for value in declared.properties.values() {
            conditions_in(value, names);
        }
    }

    /// Takes in those of others.
    pub fn add(&mut self, other: &Named<'n>) {
        for (key, (stack, names)) in &other.names {
            let (_, known) = self
                .names
                .entry(*key)
                .or_insert_with(|| (stack, BTreeSet::new()));
            known.extend(names);
        }
    }

    /// The names, sorted, for people.
    pub fn shown(&self) -> Vec<&'n str> {
        let all: BTreeSet<&str> = self
            .names
            .values()
            .flat_map(|(_, names)| names.iter().copied())
            .collect();
        all.into_iter().collect()
    }

    /// Every way that can be; `None` when there are too many.
    pub fn worlds(&self) -> Option<Vec<World>> {
        let mut open: Vec<Within> = Vec::new();
        for ((_, prefix), (stack, names)) in &self.names {
            let mut waiting: Vec<&str> = names.iter().copied().collect();
            let mut seen = BTreeSet::new();
            while let Some(name) = waiting.pop() {
                if !seen.insert(name) {
                    continue;
                }
                if seen.len() > MAX_CONDITIONS {
                    return None;
                }
                if let Some(logic) = stack.conditions.get(name) {
                    gather(logic, prefix, &mut open, &mut waiting);
                }
                if open.len() > MOST_OPEN {
                    return None;
                }
            }
        }
        Some(
            (0..1u32 << open.len())
                .map(|bits| World {
                    decided: open
                        .iter()
                        .enumerate()
                        .map(|(index, comparison)| (comparison.clone(), bits & (1 << index) != 0))
                        .collect(),
                })
                .filter(World::can_be)
                .collect(),
        )
    }
}

fn gather<'l>(logic: &'l Logic, prefix: &str, open: &mut Vec<Within>, waiting: &mut Vec<&'l str>) {
    match logic {
        Logic::Equals(left, right) => {
            if open.len() <= MOST_OPEN && !open.iter().any(|known| known.is(prefix, left, right)) {
                open.push(Within {
                    prefix: prefix.to_owned(),
                    comparison: Comparison::new(left, right),
                });
            }
        }
        Logic::Condition(name) => waiting.push(name),
        Logic::And(all) | Logic::Or(all) => {
            for one in all {
                gather(one, prefix, open, waiting);
            }
        }
        Logic::Not(inner) => gather(inner, prefix, open, waiting),
    }
}

/// The value that a chain of `Fn::If` comes to, as written; nothing where it comes to `AWS::NoValue`.
pub(super) fn picked<'v>(value: &'v Value, holds: &impl Fn(&str) -> bool) -> Option<&'v Value> {
    let mut value = value;
    while let Value::Symbol(symbol) = value
        && let Symbol::If {
            condition,
            then,
            otherwise,
        } = symbol.as_ref()
    {
        value = if holds(condition) { then } else { otherwise }.as_ref()?;
    }
    Some(value)
}

/// Every value that a chain of `Fn::If` may come to, as written.
pub(super) fn possible(value: &Value) -> Vec<&Value> {
    let mut found = Vec::new();
    let mut waiting = vec![value];
    while let Some(value) = waiting.pop() {
        match value {
            Value::Symbol(symbol) => match symbol.as_ref() {
                Symbol::If {
                    then, otherwise, ..
                } => waiting.extend(then.iter().chain(otherwise)),
                _ => found.push(value),
            },
            _ => found.push(value),
        }
    }
    found
}
