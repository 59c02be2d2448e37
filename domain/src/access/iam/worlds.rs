//! The ways a deployment may decide the conditions that it alone decides. Access is judged in each of them, so that
//! a verdict holds whatever the deployment decides.
use super::collect::{Collected, Guard, Holder, Piece};
use super::{Boundary, Document, Held, Policy};
use crate::access::Aspect;
use crate::template::{Logic, Part, Symbol, Value};
use std::collections::{BTreeMap, BTreeSet};

/// How many comparisons may be open at one subject: 16 ways.
const MOST_OPEN: usize = 4;

/// `Fn::Equals` of two values of which only the deployment knows one.
type Comparison = (Value, Value);

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
            let known = found.iter().any(|other| same(other, left, right));
            if !known {
                found.push((left.clone(), right.clone()));
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

fn same(comparison: &Comparison, left: &Value, right: &Value) -> bool {
    let (a, b) = comparison;
    (a == left && b == right) || (a == right && b == left)
}

impl World<'_> {
    /// One value can't equal two different ones.
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
            equal
                .iter()
                .skip(i + 1)
                .all(|other| match (split(one), split(other)) {
                    (Some((a, x)), Some((b, y))) => a != b || x == y,
                    _ => true,
                })
        })
    }

    fn holds(&self, logic: &Logic, conditions: &BTreeMap<String, Logic>) -> bool {
        match logic {
            Logic::Equals(left, right) => self
                .open
                .comparisons
                .iter()
                .position(|other| same(other, left, right))
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
                boundary: chosen_policies(&holder.boundary, &truth)
                    .into_iter()
                    .next()
                    .map_or(Boundary::None, Boundary::Is),
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

/// The unknown value and the known text that a comparison holds against each other.
fn split(comparison: &Comparison) -> Option<(&Value, &str)> {
    match comparison {
        (unknown, known) if known.scalar_text().is_some() => Some((unknown, known.scalar_text()?)),
        (known, unknown) => Some((unknown, known.scalar_text()?)),
    }
}

fn chosen_policies(pieces: &[Piece], truth: &dyn Fn(&str) -> bool) -> Vec<Policy> {
    pieces
        .iter()
        .filter(|piece| piece.guard.holds(truth))
        .filter_map(|piece| match piece.policy.as_ref() {
            Policy::Written(document) => Some(Policy::Written(Document {
                value: chosen(&document.value, truth)?,
                ..document.clone()
            })),
            Policy::Named { name, source, .. } => Some(Policy::Named {
                name: chosen(name, truth)?,
                source: source.clone(),
            }),
        })
        .collect()
}

/// The value with every `Fn::If` replaced by the branch that counts; `None` is `AWS::NoValue`.
// As deep as the template's nesting, which parsing bounds.
fn chosen(value: &Value, truth: &dyn Fn(&str) -> bool) -> Option<Value> {
    Some(match value {
        Value::Bool(_) | Value::Number(_) | Value::String(_) => value.clone(),
        Value::List(items) => Value::List(
            items
                .iter()
                .filter_map(|item| chosen(item, truth))
                .collect(),
        ),
        Value::Map(entries) => Value::Map(
            entries
                .iter()
                .filter_map(|(key, item)| Some((key.clone(), chosen(item, truth)?)))
                .collect(),
        ),
        Value::Symbol(symbol) => return chosen_symbol(symbol, truth),
    })
}

fn chosen_symbol(symbol: &Symbol, truth: &dyn Fn(&str) -> bool) -> Option<Value> {
    let or_same = |value: &Value| chosen(value, truth).unwrap_or_else(|| value.clone());
    Some(match symbol {
        Symbol::If {
            condition,
            then,
            otherwise,
        } => {
            let branch = if truth(condition) { then } else { otherwise };
            return chosen(branch.as_ref()?, truth);
        }
        Symbol::Text(parts) => joined(parts.iter().map(|part| match part {
            Part::Literal(text) => Some(Value::string(text)),
            Part::Symbol(symbol) => chosen_symbol(symbol, truth),
        }))
        .unwrap_or_else(|| symbol.clone().into()),
        Symbol::Join { delimiter, list } => {
            let list = or_same(list);
            joined_list(delimiter, &list).unwrap_or_else(|| {
                Symbol::Join {
                    delimiter: delimiter.clone(),
                    list: list.clone(),
                }
                .into()
            })
        }
        Symbol::Select { index, list } => {
            let (index, list) = (or_same(index), or_same(list));
            picked(&index, &list).unwrap_or_else(|| Symbol::Select { index, list }.into())
        }
        Symbol::Split { delimiter, text } => match or_same(text) {
            Value::String(text) if !delimiter.is_empty() => {
                Value::List(text.split(delimiter.as_str()).map(Value::string).collect())
            }
            text => Symbol::Split {
                delimiter: delimiter.clone(),
                text,
            }
            .into(),
        },
        Symbol::Json(inner) => Symbol::Json(or_same(inner)).into(),
        Symbol::Base64(inner) => Symbol::Base64(or_same(inner)).into(),
        Symbol::Length(inner) => Symbol::Length(or_same(inner)).into(),
        Symbol::Import(inner) => Symbol::Import(or_same(inner)).into(),
        Symbol::Transform(inner) => Symbol::Transform(or_same(inner)).into(),
        Symbol::FindInMap {
            map,
            top,
            second,
            default,
        } => Symbol::FindInMap {
            map: map.clone(),
            top: or_same(top),
            second: or_same(second),
            default: default.as_ref().map(or_same),
        }
        .into(),
        _ => symbol.clone().into(),
    })
}

/// The parts as one text; `None` when one of them is none.
fn joined(parts: impl Iterator<Item = Option<Value>>) -> Option<Value> {
    let mut found: Vec<Part> = Vec::new();
    for part in parts {
        match part? {
            Value::Symbol(symbol) => match *symbol {
                Symbol::Text(parts) => parts.into_iter().for_each(|part| push(&mut found, part)),
                symbol => found.push(Part::Symbol(symbol)),
            },
            known => push(&mut found, Part::Literal(known.scalar_text()?.to_owned())),
        }
    }
    Some(match found.as_slice() {
        [] => Value::string(""),
        [Part::Literal(text)] => Value::string(text),
        [Part::Symbol(symbol)] => symbol.clone().into(),
        _ => Symbol::Text(found).into(),
    })
}

fn push(found: &mut Vec<Part>, part: Part) {
    match (found.last_mut(), part) {
        (_, Part::Literal(text)) if text.is_empty() => {}
        (Some(Part::Literal(last)), Part::Literal(text)) => last.push_str(&text),
        (_, part) => found.push(part),
    }
}

fn joined_list(delimiter: &str, list: &Value) -> Option<Value> {
    let Value::List(items) = list else {
        return None;
    };
    joined(items.iter().enumerate().flat_map(|(i, item)| {
        let between = (i > 0).then(|| Some(Value::string(delimiter)));
        between.into_iter().chain([Some(item.clone())])
    }))
}

fn picked(index: &Value, list: &Value) -> Option<Value> {
    let Value::List(items) = list else {
        return None;
    };
    let index: usize = index.scalar_text()?.parse().ok()?;
    items.get(index).cloned()
}

/// The conditions that count at a subject.
pub(super) fn conditions_of(holder: &Holder, names: &mut BTreeSet<String>) {
    names.extend(holder.guard.conditions().map(str::to_owned));
    for piece in holder.policies.iter().chain(&holder.boundary) {
        names.extend(piece.guard.conditions().map(str::to_owned));
        match piece.policy.as_ref() {
            Policy::Written(document) => conditions_in(&document.value, names),
            Policy::Named { name, .. } => conditions_in(name, names),
        }
    }
}

// As deep as the template's nesting, which parsing bounds.
pub(super) fn conditions_in(value: &Value, names: &mut BTreeSet<String>) {
    match value {
        Value::Bool(_) | Value::Number(_) | Value::String(_) => {}
        Value::List(items) => items.iter().for_each(|item| conditions_in(item, names)),
        Value::Map(entries) => entries.values().for_each(|item| conditions_in(item, names)),
        Value::Symbol(symbol) => conditions_in_symbol(symbol, names),
    }
}

fn conditions_in_symbol(symbol: &Symbol, names: &mut BTreeSet<String>) {
    match symbol {
        Symbol::If {
            condition,
            then,
            otherwise,
        } => {
            names.insert(condition.clone());
            for branch in [then, otherwise].into_iter().flatten() {
                conditions_in(branch, names);
            }
        }
        Symbol::Text(parts) | Symbol::Dynamic(parts) => {
            for part in parts {
                if let Part::Symbol(symbol) = part {
                    conditions_in_symbol(symbol, names);
                }
            }
        }
        Symbol::Join { list: value, .. }
        | Symbol::Split { text: value, .. }
        | Symbol::Json(value)
        | Symbol::Base64(value)
        | Symbol::Length(value)
        | Symbol::Import(value)
        | Symbol::Zones(value)
        | Symbol::Transform(value) => conditions_in(value, names),
        Symbol::Select { index, list } => {
            conditions_in(index, names);
            conditions_in(list, names);
        }
        Symbol::FindInMap {
            top,
            second,
            default,
            ..
        } => {
            for value in [Some(top), Some(second), default.as_ref()]
                .into_iter()
                .flatten()
            {
                conditions_in(value, names);
            }
        }
        Symbol::Cidr { block, count, bits } => {
            for value in [block, count, bits] {
                conditions_in(value, names);
            }
        }
        Symbol::Resource(_)
        | Symbol::Attribute { .. }
        | Symbol::Pseudo(_)
        | Symbol::Parameter { .. } => {}
    }
}
