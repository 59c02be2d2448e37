//! Policy documents, one line for each statement (IAM User Guide, "IAM JSON policy elements reference").
use super::AccessLineText;
use super::collect::{Access, Holder, items, text};
use crate::template::{Symbol, Value};
use std::collections::BTreeMap;

/// Adds a line for each statement. What can't be read as a policy stands there whole, in one line.
pub(super) fn policy_lines(place: &str, document: &Value, holder: &Holder, access: &mut Access) {
    // Some types take the policy as a text.
    let parsed;
    let document = match document {
        Value::String(source) => match serde_json::from_str(source) {
            Ok(json) => {
                parsed = from_json(json);
                &parsed
            }
            Err(_) => document,
        },
        Value::Symbol(symbol) => match symbol.as_ref() {
            Symbol::Json(inner) => inner,
            _ => document,
        },
        _ => document,
    };
    let statements = match document {
        Value::Map(map) if map.contains_key("Statement") => items(map.get("Statement")),
        // An event bus policy holds the statement itself.
        Value::Map(map) if map.contains_key("Effect") => vec![document],
        unread => {
            access.add(holder, unread_line(place, unread));
            return;
        }
    };
    for statement in statements {
        let line = match statement {
            Value::Map(statement) => statement_line(place, statement),
            unread => unread_line(place, unread),
        };
        access.add(holder, line);
    }
}

fn unread_line(place: &str, unread: &Value) -> AccessLineText {
    AccessLineText {
        place: place.to_owned(),
        effect: "-".to_owned(),
        principal: String::new(),
        action: text(unread),
        resource: String::new(),
        condition: String::new(),
    }
}

fn statement_line(place: &str, statement: &BTreeMap<String, Value>) -> AccessLineText {
    AccessLineText {
        place: place.to_owned(),
        effect: statement.get("Effect").map(text).unwrap_or_default(),
        principal: either(statement, "Principal", "NotPrincipal", principals),
        action: either(statement, "Action", "NotAction", list),
        resource: either(statement, "Resource", "NotResource", list),
        condition: statement.get("Condition").map(compact).unwrap_or_default(),
    }
}

/// The element, or its opposite behind the words “all but”.
fn either(
    statement: &BTreeMap<String, Value>,
    key: &str,
    opposite: &str,
    words: fn(&Value) -> String,
) -> String {
    match (statement.get(key), statement.get(opposite)) {
        (Some(value), _) => words(value),
        (None, Some(value)) => format!("all but {}", words(value)),
        (None, None) => String::new(),
    }
}

/// The items, sorted: their order means nothing.
fn list(value: &Value) -> String {
    let mut texts: Vec<_> = items(Some(value)).into_iter().map(text).collect();
    texts.sort();
    texts.dedup();
    texts.join(", ")
}

/// `Service lambda.amazonaws.com, AWS 111111111111`.
fn principals(value: &Value) -> String {
    let Value::Map(kinds) = value else {
        return list(value);
    };
    let mut texts: Vec<_> = kinds
        .iter()
        .flat_map(|(kind, names)| {
            items(Some(names))
                .into_iter()
                .map(move |name| format!("{kind} {}", text(name)))
        })
        .collect();
    texts.sort();
    texts.dedup();
    texts.join(", ")
}

/// A value as compact JSON with sorted keys.
pub(super) fn compact(value: &Value) -> String {
    // The keys of a resolved map are sorted already.
    value.to_json().to_string()
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
