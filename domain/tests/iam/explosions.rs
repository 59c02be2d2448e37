//! Policies made to explode: the judge ends, and what it says holds.
use crate::check;
use crate::draw::{Draw, Kind};
use crate::pair::Pair;
use domain::access::iam::judge;
use serde_json::{Map, Value, json};
use std::sync::Arc;

fn policy(statements: Vec<Value>) -> Value {
    json!({"Version": "2012-10-17", "Statement": statements})
}

fn allow(actions: Value, resources: Value) -> Value {
    json!({"Effect": "Allow", "Action": actions, "Resource": resources})
}

fn try_both_ways(kind: Kind, one: Value, other: Value) {
    for (before, after) in [(&one, &other), (&other, &one), (&one, &one)] {
        let pair = Pair::of(kind, before.clone(), after.clone());
        let said = judge(
            Some(&pair.before.held()),
            Some(&pair.after.held()),
            &Arc::default(),
        );
        let held = check::holds(&mut Draw::new(1), &pair, &said, 4);
        assert!(held.is_ok(), "{}", held.err().unwrap_or_default());
    }
}

#[test]
fn nested_wildcards() {
    let nested = |letter: &str, times: usize| format!("*{}", format!("{letter}*").repeat(times));
    let actions = |times| json!(format!("s3:{}", nested("a", times)));
    for times in [10, 100, 1000] {
        try_both_ways(
            Kind::Identity,
            policy(vec![allow(actions(times), json!("*"))]),
            policy(vec![allow(actions(times + 1), json!("*"))]),
        );
        let resource = |letter: &str| json!(format!("arn:aws:s3:::{}", nested(letter, times)));
        try_both_ways(
            Kind::Identity,
            policy(vec![allow(json!("s3:GetObject"), resource("a"))]),
            policy(vec![allow(json!("s3:GetObject"), resource("b"))]),
        );
    }
}

#[test]
fn many_patterns_that_overlap_in_every_way() {
    let letters = "abcdefghijklmnopqrstuvwxyz";
    let pattern = |letter: char| json!(format!("arn:aws:s3:::*{letter}*"));
    let some: Vec<Value> = letters.chars().map(pattern).collect();
    let mut others = some.clone();
    others.swap_remove(3);
    let each = |patterns: &[Value]| {
        let statement = |resource: &Value| allow(json!("s3:*"), resource.clone());
        policy(patterns.iter().map(statement).collect())
    };
    try_both_ways(Kind::Identity, each(&some), each(&others));
    let question_marks = |count: usize| {
        let pattern = |at: usize| {
            json!(format!(
                "arn:aws:s3:::{}a*{}",
                "?".repeat(at),
                "?".repeat(count - at)
            ))
        };
        policy(vec![allow(
            json!("s3:*"),
            (0..count).map(pattern).collect(),
        )])
    };
    try_both_ways(Kind::Identity, question_marks(40), question_marks(41));
}

#[test]
fn hundreds_of_conditions() {
    let keys = |count: usize, value: &str| -> Map<String, Value> {
        let one = |at: usize| (format!("aws:RequestTag/k{at}"), json!([value, "*b*"]));
        (0..count).map(one).collect()
    };
    let together = |count, value| {
        let mut statement = allow(json!("s3:*"), json!("*"));
        statement["Condition"] =
            json!({"StringLike": keys(count, value), "StringNotLike": keys(count, "x")});
        policy(vec![statement])
    };
    try_both_ways(Kind::Identity, together(300, "a*"), together(300, "*a"));
    let apart = |count, value| {
        let statements = keys(count, value).into_iter().map(|(key, values)| {
            let mut statement = allow(json!("s3:*"), json!("*"));
            statement["Condition"] = json!({"StringLikeIfExists": {key: values}});
            statement
        });
        policy(statements.collect())
    };
    try_both_ways(Kind::Identity, apart(300, "a*"), apart(299, "a*"));
}

#[test]
fn thousands_of_statements() {
    let many = |count: usize| {
        let one = |at: usize| {
            let effect = if at.is_multiple_of(3) {
                "Deny"
            } else {
                "Allow"
            };
            json!({"Effect": effect, "Action": [format!("s3:Get{at}*"), format!("s3:*{at}")],
                "Resource": [format!("arn:aws:s3:::orders-{at}/*"), format!("arn:aws:s3:::*/{at}")]})
        };
        policy((0..count).map(one).collect())
    };
    try_both_ways(Kind::Identity, many(2000), many(1999));
}

#[test]
fn many_principals() {
    let many = |count: usize| {
        let name = |at: usize| json!(format!("arn:aws:iam::{at:012}:role/app"));
        let names: Vec<Value> = (0..count).map(name).collect();
        policy(vec![
            json!({"Effect": "Allow", "Principal": {"AWS": names}, "Action": "sts:AssumeRole"}),
        ])
    };
    try_both_ways(Kind::Trust, many(3000), many(2999));
}
