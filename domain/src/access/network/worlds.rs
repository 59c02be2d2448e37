//! The ways a deployment may decide the conditions that it alone decides. Reachability is judged in each of
//! them, so that a verdict holds whichever way they go.
use super::model::{Declared, Stack};
use crate::template::{Logic, Part, Symbol, Value};
use std::collections::{BTreeMap, BTreeSet};

/// How many comparisons may be open at one subject: 16 ways.
const MAX_OPEN: usize = 4;

/// How many conditions may count at one subject.
const MAX_CONDITIONS: usize = 64;

/// `Fn::Equals` in the stack with this prefix, of two values of which only the deployment knows one.
#[derive(Clone, Debug, PartialEq, Eq)]
struct Comparison {
    prefix: String,
    sides: (Value, Value),
}

impl Comparison {
    fn is(&self, prefix: &str, left: &Value, right: &Value) -> bool {
        let (a, b) = &self.sides;
        self.prefix == prefix && ((a == left && b == right) || (a == right && b == left))
    }

    /// The unknown value and the known text that are held against each other.
    fn split(&self) -> Option<(&Value, &str)> {
        let (a, b) = &self.sides;
        match (a.scalar_text(), b.scalar_text()) {
            (None, Some(known)) => Some((a, known)),
            (Some(known), None) => Some((b, known)),
            _ => None,
        }
    }
}

/// One way the deployment may decide: comparisons, and whether each is equal.
#[derive(Clone, Debug, Default)]
pub(super) struct World {
    decided: Vec<(Comparison, bool)>,
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

    /// One value can't equal two different texts.
    fn can_be(&self) -> bool {
        let mut equals: Vec<(&str, &Value, &str)> = Vec::new();
        for (comparison, equal) in &self.decided {
            if let (true, Some((unknown, text))) = (*equal, comparison.split()) {
                let clash = equals.iter().any(|(prefix, other, other_text)| {
                    *prefix == comparison.prefix && *other == unknown && *other_text != text
                });
                if clash {
                    return false;
                }
                equals.push((&comparison.prefix, unknown, text));
            }
        }
        true
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
        let mut open: Vec<Comparison> = Vec::new();
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
                if open.len() > MAX_OPEN {
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

fn gather<'l>(
    logic: &'l Logic,
    prefix: &str,
    open: &mut Vec<Comparison>,
    waiting: &mut Vec<&'l str>,
) {
    match logic {
        Logic::Equals(left, right) => {
            if open.len() <= MAX_OPEN && !open.iter().any(|known| known.is(prefix, left, right)) {
                open.push(Comparison {
                    prefix: prefix.to_owned(),
                    sides: (left.clone(), right.clone()),
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

/// The value with every `Fn::If` replaced by the branch that counts; nothing for `AWS::NoValue`.
// As deep as the template's nesting, which parsing bounds.
pub(super) fn chosen(value: &Value, holds: &impl Fn(&str) -> bool) -> Option<Value> {
    Some(match picked(value, holds)? {
        Value::List(items) => Value::List(
            items
                .iter()
                .filter_map(|item| chosen(item, holds))
                .flat_map(|item| match item {
                    // A branch of `Fn::If` in a list may itself be a list of what stands there.
                    Value::List(inner) => inner,
                    one => vec![one],
                })
                .collect(),
        ),
        Value::Map(entries) => Value::Map(
            entries
                .iter()
                .filter_map(|(key, item)| Some((key.clone(), chosen(item, holds)?)))
                .collect(),
        ),
        Value::Symbol(symbol) => chosen_symbol(symbol, holds),
        known => known.clone(),
    })
}

fn chosen_symbol(symbol: &Symbol, holds: &impl Fn(&str) -> bool) -> Value {
    let inner = |value: &Value| chosen(value, holds).unwrap_or_else(|| value.clone());
    let one = |value: &Value| Box::new(inner(value));
    let symbol = match symbol {
        Symbol::Text(parts) => return text(parts, holds),
        Symbol::Join { delimiter, list } => Symbol::Join {
            delimiter: delimiter.clone(),
            list: inner(list),
        },
        Symbol::Select { index, list } => match (inner(index), inner(list)) {
            (index, Value::List(items)) => {
                let at: Option<usize> = index.scalar_text().and_then(|text| text.parse().ok());
                match at.and_then(|at| items.get(at)) {
                    Some(item) => return item.clone(),
                    None => Symbol::Select {
                        index,
                        list: Value::List(items),
                    },
                }
            }
            (index, list) => Symbol::Select { index, list },
        },
        Symbol::Split { delimiter, text } => Symbol::Split {
            delimiter: delimiter.clone(),
            text: inner(text),
        },
        Symbol::FindInMap {
            map,
            top,
            second,
            default,
        } => Symbol::FindInMap {
            map: map.clone(),
            top: inner(top),
            second: inner(second),
            default: default.as_ref().map(inner),
        },
        Symbol::Cidr { block, count, bits } => Symbol::Cidr {
            block: inner(block),
            count: inner(count),
            bits: inner(bits),
        },
        Symbol::Import(value) => Symbol::Import(*one(value)),
        Symbol::Zones(value) => Symbol::Zones(*one(value)),
        Symbol::Base64(value) => Symbol::Base64(*one(value)),
        Symbol::Length(value) => Symbol::Length(*one(value)),
        Symbol::Json(value) => Symbol::Json(*one(value)),
        Symbol::Transform(value) => Symbol::Transform(*one(value)),
        other => other.clone(),
    };
    Value::Symbol(Box::new(symbol))
}

/// Parts in a row, as one known text where all are known.
fn text(parts: &[Part], holds: &impl Fn(&str) -> bool) -> Value {
    let mut known = String::new();
    let mut all: Vec<Part> = Vec::new();
    for part in parts {
        let value = match part {
            Part::Literal(text) => Value::string(text),
            Part::Symbol(symbol) => chosen(&Value::Symbol(Box::new(symbol.clone())), holds)
                .unwrap_or_else(|| Value::string("")),
        };
        match value {
            Value::Symbol(symbol) => {
                if !known.is_empty() {
                    all.push(Part::Literal(std::mem::take(&mut known)));
                }
                all.push(Part::Symbol(*symbol));
            }
            value => known.push_str(value.scalar_text().unwrap_or_default()),
        }
    }
    if all.is_empty() {
        return Value::String(known);
    }
    if !known.is_empty() {
        all.push(Part::Literal(known));
    }
    Value::Symbol(Box::new(Symbol::Text(all)))
}

/// The conditions that a value names.
// As deep as the template's nesting, which parsing bounds.
fn conditions_in<'v>(value: &'v Value, names: &mut BTreeSet<&'v str>) {
    match value {
        Value::Bool(_) | Value::Number(_) | Value::String(_) => {}
        Value::List(items) => items.iter().for_each(|item| conditions_in(item, names)),
        Value::Map(entries) => entries.values().for_each(|item| conditions_in(item, names)),
        Value::Symbol(symbol) => conditions_in_symbol(symbol, names),
    }
}

fn conditions_in_symbol<'v>(symbol: &'v Symbol, names: &mut BTreeSet<&'v str>) {
    match symbol {
        Symbol::If {
            condition,
            then,
            otherwise,
        } => {
            names.insert(condition);
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
