//! Policies in resources of types that no table names: custom resources, and types newer than the tables. A policy
//! document is known by its form.
use super::guard::Guard;
use super::{Collected, Piece, Place, tagged};
use crate::access::Aspect;
use crate::access::iam::Policy;
use crate::template::{Symbol, Value};
use std::collections::BTreeMap;

/// Adds every policy document found anywhere in the resource: as a policy about it where principals are named, and
/// else as what it may do.
pub(super) fn read(at: &Place<'_>, collected: &mut Collected) {
    let mut found = Vec::new();
    for (name, value) in at.properties {
        search(at, value, &at.guard, &at.path(name), &mut found);
    }
    for piece in found {
        let aspect = match piece.policy.as_ref() {
            Policy::Written(document) if !names_principals(&document.value) => Aspect::Identity,
            _ => Aspect::Resource,
        };
        collected
            .holder(at.key(aspect), at.kind, at.guard.clone())
            .policies
            .push(piece);
    }
}

// As deep as the template's nesting, which parsing bounds.
fn names_principals(value: &Value) -> bool {
    match value {
        Value::Bool(_) | Value::Number(_) => false,
        Value::String(text) => text.contains("Principal\""),
        Value::List(items) => items.iter().any(names_principals),
        Value::Map(entries) => {
            entries.contains_key("Principal")
                || entries.contains_key("NotPrincipal")
                || entries.values().any(names_principals)
        }
        Value::Symbol(symbol) => match symbol.as_ref() {
            Symbol::Json(inner) => names_principals(inner),
            Symbol::If {
                then, otherwise, ..
            } => [then, otherwise]
                .into_iter()
                .flatten()
                .any(names_principals),
            _ => false,
        },
    }
}

/// Adds what a macro writes in place of the properties: a policy known by the macro and its arguments alone.
pub(super) fn read_macro(at: &Place<'_>, collected: &mut Collected) {
    let Some(call) = at.get("Fn::Transform") else {
        return;
    };
    let aspects: &[Aspect] = match at.kind {
        "AWS::IAM::Role" => &[Aspect::Identity, Aspect::Trust],
        kind if kind.starts_with("AWS::IAM::") => &[Aspect::Identity],
        _ => &[Aspect::Resource],
    };
    for aspect in aspects {
        let written = at.named(tagged("macro", call), at.guard.clone());
        collected
            .holder(at.key(*aspect), at.kind, at.guard.clone())
            .policies
            .push(written);
    }
}

// As deep as the template's nesting, which parsing bounds.
fn search(at: &Place<'_>, value: &Value, guard: &Guard, path: &str, found: &mut Vec<Piece>) {
    if is_policy(value) {
        found.extend(at.documents(value, guard, "policy", path));
        return;
    }
    match value {
        Value::List(items) => {
            for (i, item) in items.iter().enumerate() {
                search(at, item, guard, &format!("{path}[{i}]"), found);
            }
        }
        Value::Map(entries) => {
            for (key, item) in entries {
                search(at, item, guard, &format!("{path}.{key}"), found);
            }
        }
        Value::Symbol(symbol) => match symbol.as_ref() {
            Symbol::If { .. } => {
                for choice in super::choices(value, guard, path) {
                    search(at, choice.value, &choice.guard, &choice.path, found);
                }
            }
            Symbol::Json(inner) if is_policy(inner) => {
                found.extend(at.documents(value, guard, "policy", path));
            }
            _ => {}
        },
        Value::Bool(_) | Value::Number(_) | Value::String(_) => {}
    }
}

/// A map with statements that have effects, or its JSON as a text.
fn is_policy(value: &Value) -> bool {
    match value {
        Value::Map(entries) => entries.get("Statement").is_some_and(has_effect),
        Value::String(text) => {
            text.trim_start().starts_with('{')
                && text.contains("\"Statement\"")
                && text.contains("\"Effect\"")
                && serde_json::from_str::<BTreeMap<String, serde_json::Value>>(text)
                    .is_ok_and(|document| document.contains_key("Statement"))
        }
        _ => false,
    }
}

fn has_effect(statements: &Value) -> bool {
    match statements {
        Value::Map(statement) => statement.contains_key("Effect"),
        Value::List(statements) => statements.iter().any(has_effect),
        Value::Symbol(symbol) => match symbol.as_ref() {
            Symbol::If {
                then, otherwise, ..
            } => [then, otherwise].into_iter().flatten().any(has_effect),
            _ => false,
        },
        _ => false,
    }
}
