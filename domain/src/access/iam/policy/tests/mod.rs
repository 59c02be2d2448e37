//! Policies to read. What each file tries, it says itself.

mod faults;
mod json_text;
mod never_panics;
mod symbols;
mod valid;

use super::*;
use crate::access::iam::statement::{Piece, Text};
use serde_json::json;

fn document(value: Value) -> Document {
    Document {
        source: "Role".into(),
        place: "policy p".into(),
        path: "Doc".into(),
        value,
    }
}

fn parsed(json: &serde_json::Value, kind: DocumentKind) -> Parsed {
    parse(&document(value_of(json)), kind)
}

/// The statements of a document that is expected to be valid.
fn statements(json: &serde_json::Value, kind: DocumentKind) -> Vec<Statement> {
    let parsed = parsed(json, kind);
    assert_eq!(parsed.findings, Vec::<String>::new(), "{json}");
    parsed.statements
}

fn findings(json: &serde_json::Value, kind: DocumentKind) -> String {
    parsed(json, kind).findings.join("\n")
}

/// A policy of one valid statement, with these elements put in its place; null takes an element away.
fn changed(base: &serde_json::Value, elements: &serde_json::Value) -> serde_json::Value {
    let mut statement = base.clone();
    let entries = statement.as_object_mut().unwrap();
    for (name, value) in elements.as_object().unwrap() {
        if value.is_null() {
            entries.remove(name);
        } else {
            entries.insert(name.clone(), value.clone());
        }
    }
    json!({"Version": "2012-10-17", "Statement": [statement]})
}

fn identity(elements: &serde_json::Value) -> serde_json::Value {
    let base = json!({"Effect": "Allow", "Action": "s3:GetObject", "Resource": "*"});
    changed(&base, elements)
}

fn resource(elements: &serde_json::Value) -> serde_json::Value {
    let base =
        json!({"Effect": "Allow", "Principal": "*", "Action": "s3:GetObject", "Resource": "*"});
    changed(&base, elements)
}

fn trust(elements: &serde_json::Value) -> serde_json::Value {
    let base = json!({"Effect": "Allow", "Principal": {"Service": "ecs.amazonaws.com"}, "Action": "sts:AssumeRole"});
    changed(&base, elements)
}

fn condition(condition: &serde_json::Value) -> serde_json::Value {
    identity(&json!({"Condition": condition}))
}

fn literal(text: &str) -> Text {
    Text(vec![Piece::Literal(text.into())])
}

fn arn_of(resource: &str) -> Symbol {
    Symbol::attribute(resource, "Arn")
}

fn only(mut statements: Vec<Statement>) -> Statement {
    assert_eq!(statements.len(), 1);
    statements.remove(0)
}

/// The finding about a document, or its statements.
fn read(value: Value) -> Result<Vec<Statement>, String> {
    let parsed = parse(&document(value), DocumentKind::Identity);
    if parsed.findings.is_empty() {
        return Ok(parsed.statements);
    }
    Err(parsed.findings.join("\n"))
}
