//! The `Condition` element.
//! Source: IAM User Guide, "IAM JSON policy elements: Condition" and "Condition operators".
use super::reading::{Reading, each, quoted, shown};
use super::text::{self, Variables};
use crate::access::iam::condition_value::{addresses, moment, number};
use crate::access::iam::statement::{Condition, Operator, Quantifier, Text};
use crate::template::Value;
use std::collections::BTreeSet;

const OPERATORS: [(&str, Operator); 27] = [
    ("StringEquals", Operator::StringEquals),
    ("StringNotEquals", Operator::StringNotEquals),
    ("StringEqualsIgnoreCase", Operator::StringEqualsIgnoreCase),
    (
        "StringNotEqualsIgnoreCase",
        Operator::StringNotEqualsIgnoreCase,
    ),
    ("StringLike", Operator::StringLike),
    ("StringNotLike", Operator::StringNotLike),
    ("NumericEquals", Operator::NumericEquals),
    ("NumericNotEquals", Operator::NumericNotEquals),
    ("NumericLessThan", Operator::NumericLessThan),
    ("NumericLessThanEquals", Operator::NumericLessThanEquals),
    ("NumericGreaterThan", Operator::NumericGreaterThan),
    (
        "NumericGreaterThanEquals",
        Operator::NumericGreaterThanEquals,
    ),
    ("DateEquals", Operator::DateEquals),
    ("DateNotEquals", Operator::DateNotEquals),
    ("DateLessThan", Operator::DateLessThan),
    ("DateLessThanEquals", Operator::DateLessThanEquals),
    ("DateGreaterThan", Operator::DateGreaterThan),
    ("DateGreaterThanEquals", Operator::DateGreaterThanEquals),
    ("Bool", Operator::Bool),
    ("BinaryEquals", Operator::BinaryEquals),
    ("IpAddress", Operator::IpAddress),
    ("NotIpAddress", Operator::NotIpAddress),
    ("ArnEquals", Operator::ArnEquals),
    ("ArnNotEquals", Operator::ArnNotEquals),
    ("ArnLike", Operator::ArnLike),
    ("ArnNotLike", Operator::ArnNotLike),
    ("Null", Operator::Null),
];

const QUANTIFIERS: [(&str, Quantifier); 2] = [
    ("ForAnyValue", Quantifier::ForAnyValue),
    ("ForAllValues", Quantifier::ForAllValues),
];

/// An operator's name, taken apart.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
struct Test {
    quantifier: Option<Quantifier>,
    operator: Operator,
    if_exists: bool,
}

/// The conditions of a statement, one for each operator and key.
pub(super) fn all(value: &Value, reading: &mut Reading) -> Option<Vec<Condition>> {
    let Value::Map(operators) = value else {
        return reading.fault(expected(value, "a map of condition operators"));
    };
    let mut conditions = Some(Vec::new());
    let mut seen = BTreeSet::new();
    for (name, keys) in operators {
        let read = reading.at(name, |reading| {
            let test = operator(name, reading)?;
            if !seen.insert(test) {
                return reading
                    .fault("this operator stands here twice, in different case. Merge the two.");
            }
            on_keys(test, keys, reading)
        });
        conditions = conditions.zip(read).map(|(mut conditions, read)| {
            conditions.extend(read);
            conditions
        });
    }
    conditions
}

fn expected(value: &Value, what: &str) -> String {
    format!("{} stands where {what} belongs.", shown(value))
}

/// Operators are read whatever their case. The guide does not say whether case matters; where it did, IAM would refuse
/// the policy, and nobody's access would change.
fn operator(name: &str, reading: &mut Reading) -> Option<Test> {
    let (quantifier, rest) = match name.split_once(':') {
        None => (None, name),
        Some((prefix, rest)) => match find(&QUANTIFIERS, prefix) {
            Some(quantifier) => (Some(quantifier), rest),
            None => {
                return reading.fault(format!(
                    "{} is no set operator. Use `ForAnyValue:` or `ForAllValues:`.",
                    quoted(prefix)
                ));
            }
        },
    };
    let (base, if_exists) = without_if_exists(rest);
    let Some(operator) = find(&OPERATORS, base) else {
        return reading.fault(format!(
            "{} is no condition operator. Use one such as StringEquals, ArnLike or IpAddress.",
            quoted(base)
        ));
    };
    if operator == Operator::Null && if_exists {
        return reading
            .fault("`Null` takes no `IfExists`: it asks whether the key is there at all.");
    }
    if operator == Operator::Null && quantifier.is_some() {
        return reading
            .fault("`Null` takes no set operator: it asks whether the key is there at all.");
    }
    Some(Test {
        quantifier,
        operator,
        if_exists,
    })
}

fn without_if_exists(name: &str) -> (&str, bool) {
    const SUFFIX: &str = "IfExists";
    name.len()
        .checked_sub(SUFFIX.len())
        .and_then(|at| name.split_at_checked(at))
        .filter(|(_, suffix)| suffix.eq_ignore_ascii_case(SUFFIX))
        .map_or((name, false), |(base, _)| (base, true))
}

fn find<T: Copy>(names: &[(&str, T)], wanted: &str) -> Option<T> {
    names
        .iter()
        .find(|(name, _)| name.eq_ignore_ascii_case(wanted))
        .map(|(_, found)| *found)
}

fn on_keys(test: Test, keys: &Value, reading: &mut Reading) -> Option<Vec<Condition>> {
    let Value::Map(keys) = keys else {
        return reading.fault(expected(keys, "a map of condition keys"));
    };
    let mut seen = BTreeSet::new();
    let read: Vec<Option<Condition>> = keys
        .iter()
        .map(|(name, values)| {
            reading.at(name, |reading| {
                let key = key(name, reading)?;
                if !seen.insert(key.clone()) {
                    return reading
                        .fault("this key stands here twice, in different case. Merge the two.");
                }
                let values = on_key(test, values, reading)?;
                Some(Condition {
                    quantifier: test.quantifier,
                    operator: test.operator,
                    if_exists: test.if_exists,
                    key,
                    written: name.clone(),
                    values,
                })
            })
        })
        .collect();
    read.into_iter().collect()
}

/// Key names are case-blind.
fn key(name: &str, reading: &mut Reading) -> Option<String> {
    reading.spend(name)?;
    match name.split_once(':') {
        Some((service, rest)) if !service.is_empty() && !rest.is_empty() => {
            Some(name.to_lowercase())
        }
        _ => reading.fault(
            "this is no condition key. Write a service and a name, such as aws:PrincipalArn.",
        ),
    }
}

fn on_key(test: Test, values: &Value, reading: &mut Reading) -> Option<Vec<Text>> {
    let values = each(values, reading, |value, reading| {
        condition_value(test.operator, value, reading)
    })?;
    // With a set operator an empty list is documented: `ForAnyValue` never holds, `ForAllValues` without the key.
    if values.is_empty() && test.quantifier.is_none() {
        return reading.fault("the list of values is empty. Write at least one value.");
    }
    Some(values)
}

fn condition_value(operator: Operator, value: &Value, reading: &mut Reading) -> Option<Text> {
    let kind = ValueKind::of(operator);
    let text = text::text(value, kind.variables(), reading)?;
    match text::literal(&text) {
        Some(literal) if !kind.takes(literal) => {
            reading.fault(format!("{} is {}", quoted(literal), kind.correction()))
        }
        _ => Some(text),
    }
}

/// What an operator compares with.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum ValueKind {
    Text,
    Number,
    Moment,
    Truth,
    Presence,
    Bytes,
    Addresses,
    Arn,
}

impl ValueKind {
    fn of(operator: Operator) -> Self {
        match operator {
            Operator::StringEquals
            | Operator::StringNotEquals
            | Operator::StringEqualsIgnoreCase
            | Operator::StringNotEqualsIgnoreCase
            | Operator::StringLike
            | Operator::StringNotLike => Self::Text,
            Operator::NumericEquals
            | Operator::NumericNotEquals
            | Operator::NumericLessThan
            | Operator::NumericLessThanEquals
            | Operator::NumericGreaterThan
            | Operator::NumericGreaterThanEquals => Self::Number,
            Operator::DateEquals
            | Operator::DateNotEquals
            | Operator::DateLessThan
            | Operator::DateLessThanEquals
            | Operator::DateGreaterThan
            | Operator::DateGreaterThanEquals => Self::Moment,
            Operator::Bool => Self::Truth,
            Operator::Null => Self::Presence,
            Operator::BinaryEquals => Self::Bytes,
            Operator::IpAddress | Operator::NotIpAddress => Self::Addresses,
            Operator::ArnEquals
            | Operator::ArnNotEquals
            | Operator::ArnLike
            | Operator::ArnNotLike => Self::Arn,
        }
    }

    fn variables(self) -> Variables {
        match self {
            Self::Text | Self::Arn | Self::Truth => Variables::Allowed,
            Self::Number | Self::Moment | Self::Presence | Self::Bytes | Self::Addresses => {
                Variables::Refused
            }
        }
    }

    fn takes(self, text: &str) -> bool {
        match self {
            Self::Text => true,
            Self::Number => number(text).is_some(),
            Self::Moment => moment(text).is_some(),
            Self::Truth | Self::Presence => matches!(text, "true" | "false"),
            Self::Bytes => is_base64(text),
            Self::Addresses => addresses(text).is_some(),
            Self::Arn => text.splitn(6, ':').count() == 6,
        }
    }

    /// The end of a sentence about a value that is not taken.
    fn correction(self) -> &'static str {
        match self {
            Self::Text => "no text.",
            Self::Number => "no number. Write digits such as 10 or 2.5.",
            Self::Moment => {
                "no date. Write one such as 2026-01-31T09:00:00Z, or seconds since 1970."
            }
            Self::Truth | Self::Presence => "neither true nor false. Write one of them.",
            Self::Bytes => "not in base64. Encode the bytes.",
            Self::Addresses => {
                "no address or block of addresses. Write one such as 203.0.113.0/24 or 2001:db8::/32."
            }
            Self::Arn => {
                "no ARN. Write its six parts, such as arn:aws:iam::123456789012:role/*; a `*` may stand for a part."
            }
        }
    }
}

/// RFC 4648, section 4.
fn is_base64(text: &str) -> bool {
    let digits = text.trim_end_matches('=');
    text.len().is_multiple_of(4)
        && text.len() - digits.len() <= 2
        && digits
            .bytes()
            .all(|byte| byte.is_ascii_alphanumeric() || b"+/".contains(&byte))
}
