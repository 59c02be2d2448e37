//! Two policy documents against each other.
use super::arguments::{Document, PolicyDiff};
use super::input::{self, Unusable};
use domain::access::iam::{DocumentKind, Judgement, judge_documents};
use domain::access::{Verdict, Witness};
use domain::template::{ParseError, Position};
use serde::Serialize;
use serde::de::{Error as _, MapAccess, SeqAccess, Visitor};
use serde_json::{Map, Value, json};
use std::fmt;
use std::path::Path;

/// What is found.
#[derive(Clone, Debug, Serialize)]
pub(super) struct PolicyReport {
    pub(super) verdict: Verdict,
    /// As a grant: is something allowed now that was not?
    pub(super) new_access: Option<bool>,
    /// As a grant: is something no longer allowed that was?
    pub(super) lost_access: Option<bool>,
    /// A request that is allowed now and was not.
    pub(super) witness: Option<Witness>,
    /// A resource's policy as a limit on callers whose own policies allow everything.
    pub(super) limit: Option<Limit>,
    /// Why something could not be decided, or what is wrong with a policy, in one text.
    pub(super) reason: Option<String>,
    /// The same, one by one.
    pub(super) reasons: Vec<String>,
    /// Requests that are allowed now and were not.
    pub(super) gained: Vec<Witness>,
    /// Requests that were allowed and are no longer.
    pub(super) lost: Vec<Witness>,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
pub(super) struct Limit {
    pub(super) new_access: Option<bool>,
    pub(super) lost_access: Option<bool>,
}

impl From<Judgement> for PolicyReport {
    fn from(judgement: Judgement) -> Self {
        let is_resource = judgement.limit.is_some();
        let let_through = judgement.limit.unwrap_or_default();
        let limit = is_resource.then_some(Limit {
            new_access: let_through.new_access,
            lost_access: let_through.lost_access,
        });
        let either = |grant, limit: Option<Option<bool>>| match limit {
            None => grant,
            Some(limit) => or(grant, limit),
        };
        let verdict = Verdict::from_answers(
            either(judgement.new_access, limit.map(|limit| limit.new_access)),
            either(judgement.lost_access, limit.map(|limit| limit.lost_access)),
        );
        PolicyReport {
            verdict,
            new_access: judgement.new_access,
            lost_access: judgement.lost_access,
            witness: judgement
                .gained
                .first()
                .or(let_through.gained.first())
                .cloned(),
            limit,
            reason: (!judgement.reasons.is_empty()).then(|| judgement.reasons.join("; ")),
            reasons: judgement.reasons,
            gained: judgement.gained,
            lost: judgement.lost,
        }
    }
}

/// Whether either holds, where that is known.
fn or(one: Option<bool>, other: Option<bool>) -> Option<bool> {
    match (one, other) {
        (Some(true), _) | (_, Some(true)) => Some(true),
        (Some(false), Some(false)) => Some(false),
        _ => None,
    }
}

/// # Errors
/// When a file can't be read or holds no policy document.
pub(super) fn compare(arguments: &PolicyDiff) -> Result<PolicyReport, Unusable> {
    let before = document(&arguments.old)?;
    let after = document(&arguments.new)?;
    let kind = DocumentKind::from(arguments.kind);
    Ok(judge_documents(&before, &after, kind).into())
}

fn document(document: &Document) -> Result<Value, Unusable> {
    match document {
        Document::None => Ok(json!({ "Version": "2012-10-17", "Statement": [] })),
        Document::File(path) => read(path, &input::read(path)?),
    }
}

/// A policy document: a JSON object with statements. What is wrong within them is for the judge to find.
fn read(path: &Path, source: &str) -> Result<Value, Unusable> {
    let wrong = |at, message: String| {
        Unusable::Parse(ParseError {
            file: path.display().to_string(),
            at,
            message,
        })
    };
    let text = source.strip_prefix('\u{feff}').unwrap_or(source);
    let EachOnce(value) = serde_json::from_str(text).map_err(|error| {
        let at = Position {
            line: error.line().max(1),
            column: error.column().max(1),
        };
        let mut message = error.to_string();
        if let Some(end) = message.rfind(" at line ") {
            message.truncate(end);
        }
        wrong(at, format!("this is no valid JSON: {message}."))
    })?;
    let what = match &value {
        Value::Object(fields) if fields.contains_key("Statement") => return Ok(value),
        Value::Object(_) => "an object without `Statement`",
        Value::Array(_) => "a list",
        Value::String(_) => "a text",
        Value::Number(_) => "a number",
        Value::Bool(_) => "a boolean",
        Value::Null => "null",
    };
    Err(wrong(
        Position::START,
        format!("a policy document is an object with a `Statement`; this is {what}."),
    ))
}

/// JSON in which no object has a key twice: readers differ in which of the two counts.
struct EachOnce(Value);

impl<'de> serde::Deserialize<'de> for EachOnce {
    fn deserialize<D: serde::Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        deserializer.deserialize_any(EachOnceVisitor).map(EachOnce)
    }
}

struct EachOnceVisitor;

impl<'de> Visitor<'de> for EachOnceVisitor {
    type Value = Value;

    fn expecting(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str("JSON")
    }

    fn visit_unit<E>(self) -> Result<Value, E> {
        Ok(Value::Null)
    }

    fn visit_bool<E>(self, value: bool) -> Result<Value, E> {
        Ok(value.into())
    }

    fn visit_i64<E>(self, value: i64) -> Result<Value, E> {
        Ok(value.into())
    }

    fn visit_u64<E>(self, value: u64) -> Result<Value, E> {
        Ok(value.into())
    }

    fn visit_f64<E>(self, value: f64) -> Result<Value, E> {
        Ok(value.into())
    }

    fn visit_str<E>(self, value: &str) -> Result<Value, E> {
        Ok(value.into())
    }

    fn visit_seq<A: SeqAccess<'de>>(self, mut items: A) -> Result<Value, A::Error> {
        let mut list = Vec::new();
        while let Some(EachOnce(item)) = items.next_element()? {
            list.push(item);
        }
        Ok(Value::Array(list))
    }

    fn visit_map<A: MapAccess<'de>>(self, mut entries: A) -> Result<Value, A::Error> {
        let mut map = Map::new();
        while let Some(key) = entries.next_key::<String>()? {
            if map.contains_key(&key) {
                return Err(A::Error::custom(format_args!(
                    "the key `{key}` stands twice in this object"
                )));
            }
            let EachOnce(value) = entries.next_value()?;
            map.insert(key, value);
        }
        Ok(Value::Object(map))
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use domain::access::iam;

    fn shown(source: &str) -> String {
        match read(Path::new("policy.json"), source) {
            Ok(value) => value.to_string(),
            Err(error) => error.to_string(),
        }
    }

    #[test]
    fn a_document_is_read_as_written() {
        let written = r#"{"Version":"2012-10-17","Statement":[{"A":[1,-2,1.5,null,true,"x"]}]}"#;
        assert_eq!(shown(written), written);
        assert_eq!(shown(&format!("\u{feff}{written}")), written);
    }

    #[test]
    fn what_is_no_document_is_said_with_its_place() {
        insta::assert_snapshot!(
            [
                "",
                "{\"Statement\": [}",
                "{\n\"Statement\": [],\n\"Statement\": []}",
                "[]",
                "\"text\"",
                "{\"Version\": \"2012-10-17\"}",
            ]
            .map(shown)
            .join("\n"),
            @r"
        policy.json:1:1: this is no valid JSON: EOF while parsing a value.
        policy.json:1:16: this is no valid JSON: expected value.
        policy.json:3:11: this is no valid JSON: the key `Statement` stands twice in this object.
        policy.json:1:1: a policy document is an object with a `Statement`; this is a list.
        policy.json:1:1: a policy document is an object with a `Statement`; this is a text.
        policy.json:1:1: a policy document is an object with a `Statement`; this is an object without `Statement`.
        "
        );
    }

    #[test]
    fn deep_nesting_is_an_error_and_no_crash() {
        let deep = format!("{{\"Statement\": {}", "[".repeat(100_000));
        assert!(shown(&deep).contains("recursion limit"));
    }

    fn report(
        grant: (Option<bool>, Option<bool>),
        limit: Option<(Option<bool>, Option<bool>)>,
    ) -> PolicyReport {
        Judgement {
            new_access: grant.0,
            lost_access: grant.1,
            reasons: vec!["one".to_owned(), "two".to_owned()],
            limit: limit.map(|(new_access, lost_access)| iam::Limit {
                new_access,
                lost_access,
                ..iam::Limit::default()
            }),
            ..Judgement::default()
        }
        .into()
    }

    #[test]
    fn a_gain_as_a_limit_counts_as_much_as_one_as_a_grant() {
        let (yes, no) = (Some(true), Some(false));
        let verdict = |grant, limit| report(grant, limit).verdict;
        assert_eq!(verdict((no, no), None), Verdict::Equivalent);
        assert_eq!(verdict((no, no), Some((yes, no))), Verdict::Widened);
        assert_eq!(verdict((no, yes), Some((yes, no))), Verdict::Changed);
        assert_eq!(verdict((no, no), Some((None, no))), Verdict::Undecided);
        assert_eq!(verdict((yes, no), Some((None, no))), Verdict::Widened);
    }

    #[test]
    fn reasons_are_one_text_and_a_list() {
        let report = report((None, None), None);
        assert_eq!(report.reason.as_deref(), Some("one; two"));
        assert_eq!(report.reasons.len(), 2);
    }
}
