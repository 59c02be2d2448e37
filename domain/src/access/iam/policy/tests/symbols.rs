//! What only the deployment knows.
use super::*;
use crate::template::{Entries, Part};

fn with(json: &serde_json::Value, path: &[&str], value: Value) -> Value {
    fn put(target: &mut Value, path: &[&str], value: Value) {
        match (path, target) {
            ([], target) => *target = value,
            ([step, rest @ ..], Value::Map(entries)) => {
                let mut there = entries.remove(step).unwrap_or(Value::Map(Entries::new()));
                put(&mut there, rest, value);
                entries.insert((*step).to_owned(), there);
            }
            ([step, rest @ ..], Value::List(items)) => {
                put(&mut items[step.parse::<usize>().unwrap()], rest, value)
            }
            (path, target) => panic!("{path:?} in {target:?}"),
        }
    }
    let mut document = value_of(json);
    put(&mut document, path, value);
    document
}

#[test]
fn symbols_are_pieces_of_texts() {
    let text = Symbol::Text(vec![
        Part::Symbol(arn_of("Bucket")),
        Part::Literal("/".into()),
        Part::Symbol(Symbol::Text(vec![
            Part::Literal("a".into()),
            Part::Symbol(Symbol::Resource("Queue".into())),
        ])),
        Part::Literal("/${aws:username}".into()),
    ]);
    let document_value = with(
        &identity(&json!({})),
        &["Statement", "0", "Resource"],
        text.into(),
    );
    let parsed = parse(&document(document_value), DocumentKind::Identity);
    assert_eq!(parsed.findings, Vec::<String>::new());
    assert_eq!(
        only(parsed.statements).resources.unwrap().values,
        [Text(vec![
            Piece::Symbol(arn_of("Bucket")),
            Piece::Literal("/a".into()),
            Piece::Symbol(Symbol::Resource("Queue".into())),
            Piece::Literal("/".into()),
            Piece::Variable("aws:username".into()),
        ])]
    );
}

#[test]
fn an_account_known_only_at_deployment_is_its_root() {
    let account = Symbol::Pseudo("AWS::AccountId");
    let long = Symbol::Text(vec![
        Part::Literal("arn:aws:iam::".into()),
        Part::Symbol(account.clone()),
        Part::Literal(":root".into()),
    ]);
    let principal = |symbol: Symbol| {
        let value = with(
            &trust(&json!({})),
            &["Statement", "0", "Principal", "AWS"],
            symbol.into(),
        );
        let parsed = parse(&document(value), DocumentKind::Trust);
        assert_eq!(parsed.findings, Vec::<String>::new());
        only(parsed.statements).principals.unwrap().values.remove(0)
    };
    assert_eq!(principal(account), principal(long));
    assert_eq!(
        principal(arn_of("Deploy")).name,
        Text(vec![Piece::Symbol(arn_of("Deploy"))])
    );
}

#[test]
fn what_only_the_deployment_knows_is_a_finding() {
    let list = || {
        Value::from(Symbol::Parameter {
            name: "Actions".into(),
            list: true,
        })
    };
    let may_vanish = || {
        Value::from(Symbol::If {
            condition: "Prod".into(),
            then: Some(Value::string("s3:*")),
            otherwise: None,
        })
    };
    let cut_variable = || {
        Value::from(Symbol::Text(vec![
            Part::Literal("arn:aws:s3:::b/${aws:PrincipalTag/".into()),
            Part::Symbol(Symbol::Resource("Tag".into())),
            Part::Literal("}".into()),
        ]))
    };
    let unknown = || Value::from(arn_of("A"));
    for (path, value, expected) in [
        (
            &["Statement"][..],
            unknown(),
            "Doc.Statement: a value known only at deployment stands where statements belong. Write a list of maps.",
        ),
        (
            &["Statement", "0"],
            unknown(),
            "Doc.Statement[0]: a value known only at deployment stands where a statement belongs. Write a map with `Effect` and `Action`.",
        ),
        (
            &["Statement", "0", "Action"],
            list(),
            "Doc.Statement[0].Action: this list is known only at deployment. Write its items.",
        ),
        (
            &["Statement", "0", "Action"],
            Value::List(vec![Value::string("s3:*"), list()]),
            "Doc.Statement[0].Action[1]: this list is known only at deployment. Write its items.",
        ),
        (
            &["Statement", "0", "Action"],
            may_vanish(),
            "Doc.Statement[0].Action: it is known only at deployment whether this is a text or a list.",
        ),
        (
            &["Statement", "0", "Resource"],
            cut_variable(),
            "Doc.Statement[0].Resource: the name of a policy variable is known only at deployment here.",
        ),
        (
            &["Statement", "0", "Effect"],
            unknown(),
            "Doc.Statement[0].Effect: a value known only at deployment is no effect. Write \"Allow\" or \"Deny\".",
        ),
        (
            &["Statement", "0", "Condition"],
            unknown(),
            "Doc.Statement[0].Condition: a value known only at deployment stands where a map of condition operators belongs.",
        ),
        (
            &["Version"],
            unknown(),
            "Doc.Version: a value known only at deployment is no version of the policy language. Write \"2012-10-17\", or \"2008-10-17\" for the old one.",
        ),
    ] {
        let parsed = parse(
            &document(with(&identity(&json!({})), path, value)),
            DocumentKind::Identity,
        );
        assert_eq!(parsed.findings, [expected]);
    }
    let parsed = parse(&document(unknown()), DocumentKind::Identity);
    assert_eq!(
        parsed.findings,
        ["Doc: the policy is known only at deployment."]
    );
}
