//! What only the deployment decides: which comparisons are open, and what a value is once they are decided.
use crate::template::{Part, Symbol, Value};
use std::collections::BTreeSet;

/// How many comparisons may be open at one subject: 16 ways.
pub(super) const MOST_OPEN: usize = 4;

/// `Fn::Equals` of two values of which only the deployment knows one.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Comparison {
    left: Value,
    right: Value,
}

impl Comparison {
    pub(super) fn new(left: &Value, right: &Value) -> Comparison {
        Comparison {
            left: left.clone(),
            right: right.clone(),
        }
    }

    /// Whether it compares these two, in whichever order.
    pub(super) fn is(&self, left: &Value, right: &Value) -> bool {
        (&self.left == left && &self.right == right) || (&self.left == right && &self.right == left)
    }

    /// Whether both can't be equal: one value can't equal two different texts.
    pub(super) fn excludes(&self, other: &Comparison) -> bool {
        match (self.split(), other.split()) {
            (Some((one, text)), Some((other, other_text))) => one == other && text != other_text,
            _ => false,
        }
    }

    /// The unknown value and the known text that are held against each other.
    fn split(&self) -> Option<(&Value, &str)> {
        match (self.left.scalar_text(), self.right.scalar_text()) {
            (None, Some(known)) => Some((&self.left, known)),
            (Some(known), None) => Some((&self.right, known)),
            _ => None,
        }
    }
}

/// The value with every `Fn::If` replaced by the branch that counts; `None` is `AWS::NoValue`.
// As deep as the template's nesting, which parsing bounds.
pub(super) fn chosen(value: &Value, truth: &dyn Fn(&str) -> bool) -> Option<Value> {
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
        Symbol::Zones(inner) => Symbol::Zones(or_same(inner)).into(),
        Symbol::Cidr { block, count, bits } => Symbol::Cidr {
            block: or_same(block),
            count: or_same(count),
            bits: or_same(bits),
        }
        .into(),
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

/// The conditions that a value names.
// As deep as the template's nesting, which parsing bounds.
pub(super) fn conditions_in<'v>(value: &'v Value, names: &mut BTreeSet<&'v str>) {
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
