//! Texts that only the deployment knows: marks in drawn policies, symbols to the judge.
use crate::draw::Draw;
use domain::template::{Part, Symbol, Value};
use serde_json::Value as Json;
use std::collections::BTreeMap;

/// A text that is not known before the deployment.
struct Unknown {
    /// What stands for it in a drawn policy.
    mark: &'static str,
    /// What it replaces there.
    replaces: &'static str,
    /// What it may turn out to be.
    values: &'static [&'static str],
}

const UNKNOWNS: &[Unknown] = &[
    Unknown {
        mark: "<Bucket.Arn>",
        replaces: "arn:aws:s3:::orders",
        values: &[
            "arn:aws:s3:::orders",
            "arn:aws:s3:::reports",
            "arn:aws:s3:::orders-2026",
        ],
    },
    Unknown {
        mark: "<Table.Arn>",
        replaces: "arn:aws:dynamodb:eu-central-1:111122223333:table/orders",
        values: &[
            "arn:aws:dynamodb:eu-central-1:111122223333:table/orders",
            "arn:aws:dynamodb:eu-central-1:444455556666:table/carts",
        ],
    },
    Unknown {
        mark: "<Role.Arn>",
        replaces: "arn:aws:iam::111122223333:role/app",
        values: &[
            "arn:aws:iam::111122223333:role/app",
            "arn:aws:iam::111122223333:role/admin",
            "arn:aws:iam::111122223333:role/stack-Role-1A2B",
        ],
    },
    // What another stack exports may be anything, a wildcard too.
    Unknown {
        mark: "<queues>",
        replaces: "arn:aws:sqs:eu-central-1:111122223333:orders",
        values: &[
            "*",
            "arn:aws:sqs:*:111122223333:orders",
            "arn:aws:sqs:eu-central-1:111122223333:orders",
        ],
    },
    Unknown {
        mark: "<organization>",
        replaces: "o-1111111111",
        values: &["o-1111111111", "o-2222222222", ""],
    },
    Unknown {
        mark: "<region>",
        replaces: "eu-central-1",
        values: &["eu-central-1", "eu-west-1", "us-east-1"],
    },
];

/// The types of the resources whose ARNs are unknown.
pub fn kinds() -> BTreeMap<String, String> {
    [
        ("Bucket", "AWS::S3::Bucket"),
        ("Table", "AWS::DynamoDB::Table"),
        ("Role", "AWS::IAM::Role"),
    ]
    .map(|(name, kind)| (name.to_owned(), kind.to_owned()))
    .into()
}

/// The policy with some of its known texts made unknown: the same ones wherever they stand.
pub fn marked(document: &Json, chosen: &[bool]) -> Json {
    let mut text = document.to_string();
    for (unknown, chosen) in UNKNOWNS.iter().zip(chosen) {
        if *chosen {
            text = text.replace(unknown.replaces, unknown.mark);
        }
    }
    serde_json::from_str(&text).unwrap_or_default()
}

/// Which texts are to be unknown.
pub fn choose(draw: &mut Draw) -> Vec<bool> {
    UNKNOWNS.iter().map(|_| draw.chance(60)).collect()
}

/// A value for each unknown text.
pub fn assign(draw: &mut Draw) -> Vec<&'static str> {
    let pick = |unknown: &Unknown| draw.pick(unknown.values);
    UNKNOWNS.iter().map(pick).collect()
}

/// The policy as it is once the unknown texts are known.
pub fn filled(document: &Json, values: &[&str]) -> Json {
    let mut text = document.to_string();
    for (unknown, value) in UNKNOWNS.iter().zip(values) {
        text = text.replace(unknown.mark, value);
    }
    serde_json::from_str(&text).unwrap_or_default()
}

/// As a resolved template holds it.
pub fn resolved(document: &Json) -> Value {
    match document {
        Json::Null => Value::string(""),
        Json::Bool(flag) => Value::Bool(*flag),
        Json::Number(number) => Value::Number(number.to_string()),
        Json::String(text) => resolved_text(text),
        Json::Array(items) => Value::List(items.iter().map(resolved).collect()),
        Json::Object(entries) => Value::Map(
            entries
                .iter()
                .map(|(key, value)| (key.clone(), resolved(value)))
                .collect(),
        ),
    }
}

fn resolved_text(text: &str) -> Value {
    let mut parts = Vec::new();
    let mut rest = text;
    while let Some((at, unknown)) = UNKNOWNS
        .iter()
        .filter_map(|unknown| Some((rest.find(unknown.mark)?, unknown)))
        .min_by_key(|(at, _)| *at)
    {
        if at > 0 {
            parts.push(Part::Literal(rest[..at].to_owned()));
        }
        parts.push(Part::Symbol(symbol(unknown)));
        rest = &rest[at + unknown.mark.len()..];
    }
    match parts.as_slice() {
        [] => Value::string(text),
        [Part::Symbol(only)] if rest.is_empty() => Value::from(only.clone()),
        _ => {
            if !rest.is_empty() {
                parts.push(Part::Literal(rest.to_owned()));
            }
            Value::from(Symbol::Text(parts))
        }
    }
}

fn symbol(unknown: &Unknown) -> Symbol {
    let name = unknown.mark.trim_matches(['<', '>']);
    match name.split_once('.') {
        Some((resource, attribute)) => Symbol::attribute(resource, attribute),
        None if name == "region" => Symbol::Pseudo("AWS::Region"),
        None => Symbol::Import(Value::string(name)),
    }
}
