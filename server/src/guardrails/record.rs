//! What Guard writes down of an evaluation (its verbose JSON), read back: which rule fails where, and over what.
//!
//! A record holds a kind with its status, and the records of its parts. Conditions and filters only choose what is
//! looked at, so what fails in them says nothing.
use serde_json::Value;
use std::collections::BTreeMap;

/// Where a rule fails.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Failure {
    /// The rule's name.
    pub rule: String,
    /// Logical id; empty where it is not about a resource.
    pub resource: String,
    /// Each place that is not as it should be, sorted.
    pub places: Vec<FailedPlace>,
}

/// A place that is not as it should be.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(super) struct FailedPlace {
    /// Keys and positions from the resource's properties, with dots between.
    pub path: String,
    /// What stands there.
    pub stands: Stands,
}

/// What stands at a place.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(super) enum Stands {
    Nothing,
    /// A text, number or boolean.
    Scalar(String),
    /// A list or a map.
    Other,
}

/// Where rules fail, from what Guard wrote.
///
/// # Errors
/// When it is not JSON.
pub(super) fn read(text: &str) -> Result<Vec<Failure>, serde_json::Error> {
    let file: Value = serde_json::from_str(text)?;
    let mut found = Vec::new();
    for rule in children(&file) {
        if let Some(("RuleCheck", check)) = kind(rule)
            && check["status"] == "FAIL"
        {
            found.extend(failures(check["name"].as_str().unwrap_or_default(), rule));
        }
    }
    Ok(found)
}

fn failures(name: &str, rule: &Value) -> Vec<Failure> {
    let mut places = Vec::new();
    failed(rule, false, &mut places);
    let mut by_resource: BTreeMap<String, Vec<FailedPlace>> = BTreeMap::new();
    for (resource, place) in places {
        by_resource.entry(resource).or_default().push(place);
    }
    if by_resource.is_empty() {
        // It failed over something that has no place, such as a condition that could not be decided.
        by_resource.insert(String::new(), Vec::new());
    }
    by_resource
        .into_iter()
        .map(|(resource, mut places)| {
            places.sort();
            places.dedup();
            Failure {
                rule: name.to_owned(),
                resource,
                places,
            }
        })
        .collect()
}

fn children(record: &Value) -> impl Iterator<Item = &Value> {
    record["children"].as_array().into_iter().flatten()
}

/// A record's kind, with what it says.
fn kind(record: &Value) -> Option<(&str, &Value)> {
    let container = record["container"].as_object()?;
    let (name, said) = container.iter().next()?;
    Some((name.as_str(), said))
}

/// `is_of_clause`: whether the record is part of a clause. Guard also writes down how it chose keys, beside the clauses.
// As deep as the record, which was read with a bound on its depth.
fn failed(record: &Value, is_of_clause: bool, places: &mut Vec<(String, FailedPlace)>) {
    let kind = kind(record);
    match kind {
        Some(("RuleCondition" | "TypeCondition" | "WhenCondition" | "Filter", _)) => {}
        Some(("ClauseValueCheck", check)) => places.extend(clause(check, is_of_clause)),
        Some(("TypeBlock", status)) if status != "FAIL" => {}
        Some(("TypeCheck", check)) if check["block"]["status"] != "FAIL" => {}
        Some((
            "WhenCheck" | "Disjunction" | "BlockGuardCheck" | "GuardClauseBlockCheck",
            check,
        )) if check["status"] != "FAIL" => {}
        _ => {
            let is_clause = matches!(kind, Some(("GuardClauseBlockCheck", _)));
            for child in children(record) {
                failed(child, is_clause, places);
            }
        }
    }
}

/// The place that a clause fails over.
fn clause(check: &Value, is_of_clause: bool) -> Option<(String, FailedPlace)> {
    let (kind, check) = check.as_object()?.iter().next()?;
    let check = match kind.as_str() {
        "MissingBlockValue" => check,
        _ if !is_of_clause => return None,
        "Unary" => &check["value"],
        "Comparison" | "InComparison" => check,
        _ => return None,
    };
    if check["status"] != "FAIL" {
        return None;
    }
    let from = check["from"].as_object()?;
    let (how, from) = from.iter().next()?;
    let (path, stands) = if how == "UnResolved" {
        let reached = from["traversed_to"]["path"].as_str().unwrap_or_default();
        let rest = from["remaining_query"].as_str().unwrap_or_default();
        (
            format!("{reached}/{}", rest.replace('.', "/")),
            Stands::Nothing,
        )
    } else {
        let path = from["path"].as_str().unwrap_or_default().to_owned();
        let stands = match &from["value"] {
            Value::Object(_) | Value::Array(_) => Stands::Other,
            Value::Null => Stands::Nothing,
            Value::String(text) => Stands::Scalar(text.clone()),
            other => Stands::Scalar(other.to_string()),
        };
        (path, stands)
    };
    let mut parts = path.split('/').filter(|part| !part.is_empty());
    let resource = match parts.next() {
        Some("Resources") => parts.next().unwrap_or_default().to_owned(),
        Some(other) => {
            let path = [other]
                .into_iter()
                .chain(parts)
                .collect::<Vec<_>>()
                .join(".");
            return Some((String::new(), FailedPlace { path, stands }));
        }
        None => String::new(),
    };
    let parts: Vec<_> = parts.filter(|part| *part != "Properties").collect();
    let path = parts.join(".");
    Some((resource, FailedPlace { path, stands }))
}
