//! The statements of policies as texts: for people as lines, for machines as JSON.
use super::Document;
use super::collect::{Choice, Guard, choices, items, text};
use crate::access::{Line, Names, StatementText};
use crate::template::{Entries, Symbol, Value};
use std::collections::BTreeMap;

/// A statement of a document as a text.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Written {
    /// The condition that only the deployment decides, under which it is there.
    pub(super) guard: Guard,
    /// What stands there.
    pub(super) text: StatementText,
    /// Logical id of the resource that it stands in.
    source: String,
    place: String,
}

impl Written {
    /// As a line for people.
    pub(super) fn line(self) -> Line {
        let Written {
            guard,
            text,
            source,
            place,
        } = self;
        Line {
            source,
            place: placed(&place, &guard),
            effect: text.effect,
            principal: listed(&text.principals, true),
            action: listed(&text.actions, false),
            resource: listed(&text.resources, false),
            condition: text
                .condition
                .map(|condition| condition.to_string())
                .unwrap_or_default(),
        }
    }
}

/// The place, with the condition under which something stands there.
pub(super) fn placed(place: &str, guard: &Guard) -> String {
    if guard.is_always() {
        place.to_owned()
    } else {
        format!("{place}, if {guard}")
    }
}

/// `all but s3:GetObject, s3:PutObject`.
fn listed(names: &Names, principals: bool) -> String {
    let not = if names.not { "all but " } else { "" };
    let values: Vec<_> = names
        .values
        .iter()
        .map(|value| match value.split_once(':') {
            Some((kind, name)) if principals && KINDS.contains(&kind) => format!("{kind} {name}"),
            _ => value.clone(),
        })
        .collect();
    format!("{not}{}", values.join(", "))
}

const KINDS: [&str; 4] = ["AWS", "CanonicalUser", "Federated", "Service"];

/// Every statement of a document. What can't be read as one stands there whole, in place of its actions.
pub(super) fn statements(document: &Document, guard: &Guard) -> Vec<Written> {
    choices(&document.value, guard, "")
        .into_iter()
        .flat_map(|choice| of_document(document, &choice))
        .collect()
}

fn of_document(document: &Document, choice: &Choice<'_>) -> Vec<Written> {
    let parsed;
    let value = match choice.value {
        // Some types take the policy as a text.
        Value::String(source) => match serde_json::from_str(source) {
            Ok(json) => {
                parsed = from_json(json);
                &parsed
            }
            Err(_) => choice.value,
        },
        Value::Symbol(symbol) => match symbol.as_ref() {
            Symbol::Json(inner) => inner,
            _ => choice.value,
        },
        _ => choice.value,
    };
    let found = match value {
        Value::Map(entries) if entries.contains_key("Statement") => {
            items(entries.get("Statement"), &choice.guard, "")
        }
        // An event bus policy holds the statement itself.
        _ => choices(value, &choice.guard, ""),
    };
    found
        .into_iter()
        .map(|statement| Written {
            text: statement_text(document, statement.value),
            guard: statement.guard,
            source: document.source.clone(),
            place: document.place.clone(),
        })
        .collect()
}

fn statement_text(document: &Document, statement: &Value) -> StatementText {
    let source = format!("{}/{}", document.source, document.place);
    let Value::Map(entries) = statement else {
        return unread(source, text(statement));
    };
    StatementText {
        source,
        effect: entries.get("Effect").map(text).unwrap_or_default(),
        principals: either(entries, "Principal", "NotPrincipal", principals),
        actions: either(entries, "Action", "NotAction", values),
        resources: either(entries, "Resource", "NotResource", values),
        condition: entries
            .get("Condition")
            .map(|found| ordered(found).to_json()),
    }
}

/// What can't be read as a statement.
fn unread(source: String, found: String) -> StatementText {
    StatementText {
        source,
        effect: "-".to_owned(),
        principals: Names::default(),
        actions: Names {
            not: false,
            values: vec![found],
        },
        resources: Names::default(),
        condition: None,
    }
}

fn either(entries: &Entries, key: &str, opposite: &str, read: fn(&Value) -> Vec<String>) -> Names {
    let (not, found) = match (entries.get(key), entries.get(opposite)) {
        (Some(found), _) => (false, Some(found)),
        (None, found) => (found.is_some(), found),
    };
    let mut values = found.map(read).unwrap_or_default();
    values.sort();
    values.dedup();
    Names { not, values }
}

fn values(value: &Value) -> Vec<String> {
    match value {
        Value::List(items) => items.iter().map(text).collect(),
        one => vec![text(one)],
    }
}

/// `AWS:111111111111`, `Service:lambda.amazonaws.com`, `*`.
fn principals(value: &Value) -> Vec<String> {
    let Value::Map(kinds) = value else {
        return values(value);
    };
    kinds
        .iter()
        .flat_map(|(kind, names)| {
            values(names)
                .into_iter()
                .map(move |name| format!("{kind}:{name}"))
        })
        .collect()
}

/// A condition block with its lists in order, each value once; a single value as a list of one.
fn ordered(condition: &Value) -> Value {
    let Value::Map(operators) = condition else {
        return condition.clone();
    };
    let keys = |keys: &Value| match keys {
        Value::Map(keys) => Value::Map(
            keys.iter()
                .map(|(key, found)| {
                    let mut found = values(found);
                    found.sort();
                    found.dedup();
                    let found = match found.as_slice() {
                        [one] => Value::string(one),
                        _ => Value::List(found.into_iter().map(Value::String).collect()),
                    };
                    (key.clone(), found)
                })
                .collect(),
        ),
        other => other.clone(),
    };
    Value::Map(
        operators
            .iter()
            .map(|(operator, found)| (operator.clone(), keys(found)))
            .collect(),
    )
}

fn from_json(json: serde_json::Value) -> Value {
    match json {
        serde_json::Value::Null => Value::string("null"),
        serde_json::Value::Bool(flag) => Value::Bool(flag),
        serde_json::Value::Number(number) => Value::Number(number.to_string()),
        serde_json::Value::String(text) => Value::String(text),
        serde_json::Value::Array(items) => Value::List(items.into_iter().map(from_json).collect()),
        serde_json::Value::Object(entries) => Value::Map(
            entries
                .into_iter()
                .map(|(key, value)| (key, from_json(value)))
                .collect(),
        ),
    }
}

/// What one list has more often than the other, on each side: added, removed, and what is on both (as it stands
/// after). What counts as the same is told by `key`.
pub(super) fn difference<T, K: Ord>(
    before: Vec<T>,
    after: Vec<T>,
    key: impl Fn(&T) -> K,
) -> (Vec<T>, Vec<T>, Vec<T>) {
    let mut old: BTreeMap<K, Vec<T>> = BTreeMap::new();
    for one in before {
        old.entry(key(&one)).or_default().push(one);
    }
    let (mut added, mut both) = (Vec::new(), Vec::new());
    for one in after {
        match old.get_mut(&key(&one)).and_then(Vec::pop) {
            Some(_) => both.push(one),
            None => added.push(one),
        }
    }
    (added, old.into_values().flatten().collect(), both)
}
