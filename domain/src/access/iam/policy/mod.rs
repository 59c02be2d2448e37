//! From a policy document to statements, with a finding for everything in it that is not valid. What statements mean
//! for requests is no business of this folder.
//! Sources: IAM User Guide, "Grammar of the IAM JSON policy language", "IAM JSON policy elements reference" and
//! "Access Analyzer policy check reference".

mod condition;
mod elements;
mod principal;
mod reading;
mod source;

mod text;

#[cfg(test)]
mod tests;

use super::model::Document;
use super::statement::Statement;
use crate::template::{Symbol, Value};
use reading::Reading;

/// How many statements a document may hold. Ours: far above what AWS's limits on characters leave room for.
const MAX_STATEMENTS: usize = 5_000;
/// How many characters a document may hold. Ours: AWS's largest limit is 20,480, for bucket and similar policies.
const MAX_CHARACTERS: usize = 1_000_000;
/// How many findings are kept for one document.
const MAX_FINDINGS: usize = 100;
/// The pseudo parameter that stands for a JSON null.
const NULL: &str = "AWS::NoValue";

/// What a policy document is for, which decides the elements it may have.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum DocumentKind {
    /// What an identity may do.
    Identity,
    /// What a resource lets others do.
    Resource,
    /// Who may assume a role.
    Trust,
}

/// What a document says.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Parsed {
    /// The statements without a fault, in the order written.
    pub(super) statements: Vec<Statement>,
    /// What is wrong or can't be known, each with its place in the template, at most 100. Where there is one, nothing
    /// can be decided about the subject.
    pub(super) findings: Vec<String>,
}

/// Reads a policy document: a map, or its JSON as a text that may hold symbols inside its strings.
pub(super) fn parse(document: &Document, kind: DocumentKind) -> Parsed {
    let mut reading = Reading::new(&document.path, kind);
    let statements = source::map(&document.value, &mut reading)
        .map(|policy| elements::statements(&policy, &mut reading))
        .unwrap_or_default();
    Parsed {
        statements,
        findings: reading.into_findings(),
    }
}

/// A JSON value as templates resolve to. Null has no place among them: it stands as `AWS::NoValue`, which no resolved
/// template holds, so that `parse` can say where it is.
pub(super) fn value_of(json: &serde_json::Value) -> Value {
    match json {
        serde_json::Value::Null => Symbol::Pseudo(NULL).into(),
        serde_json::Value::Bool(flag) => Value::Bool(*flag),
        serde_json::Value::Number(number) => Value::Number(number.to_string()),
        serde_json::Value::String(text) => Value::string(text),
        serde_json::Value::Array(items) => Value::List(items.iter().map(value_of).collect()),
        serde_json::Value::Object(entries) => Value::Map(
            entries
                .iter()
                .map(|(key, value)| (key.clone(), value_of(value)))
                .collect(),
        ),
    }
}
