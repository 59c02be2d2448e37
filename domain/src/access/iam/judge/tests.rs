use super::*;
use crate::access::Verdict;
use serde_json::{Value, json};
use std::collections::BTreeMap;
use std::sync::Arc;

fn policy(statements: Value) -> Value {
    json!({ "Version": "2012-10-17", "Statement": statements })
}

fn allow(action: Value, resource: Value) -> Value {
    json!({ "Effect": "Allow", "Action": action, "Resource": resource })
}

fn deny(action: Value, resource: Value) -> Value {
    json!({ "Effect": "Deny", "Action": action, "Resource": resource })
}

fn identity(before: Value, after: Value) -> Judgement {
    judge_documents(&policy(before), &policy(after), DocumentKind::Identity)
}

fn verdict(judgement: &Judgement) -> Verdict {
    Verdict::from_answers(judgement.new_access, judgement.lost_access)
}

fn with(mut statement: Value, condition: Value) -> Value {
    statement["Condition"] = condition;
    statement
}

#[test]
fn verdicts_about_identities() {
    let orders = "arn:aws:s3:::orders/*";
    let read = || allow(json!("s3:GetObject"), json!(orders));
    let vpc = || json!({ "StringEquals": { "aws:SourceVpc": "vpc-1" } });
    let cases: &[(&str, Value, Value, Verdict)] = &[
        (
            "nothing changes",
            json!([read()]),
            json!([read()]),
            Verdict::Equivalent,
        ),
        (
            "an action is added",
            json!([read()]),
            json!([read(), allow(json!("s3:PutObject"), json!(orders))]),
            Verdict::Widened,
        ),
        (
            "all shrinks to one",
            json!([allow(json!("s3:*"), json!("*"))]),
            json!([read()]),
            Verdict::Narrowed,
        ),
        (
            "one becomes another",
            json!([read()]),
            json!([allow(json!("s3:PutObject"), json!(orders))]),
            Verdict::Changed,
        ),
        (
            "case does not matter",
            json!([read()]),
            json!([allow(json!("S3:getobject"), json!(orders))]),
            Verdict::Equivalent,
        ),
        (
            "split",
            json!([allow(
                json!(["s3:GetObject", "s3:PutObject"]),
                json!([orders, "arn:aws:s3:::x"])
            )]),
            json!([
                allow(json!("s3:GetObject"), json!([orders, "arn:aws:s3:::x"])),
                allow(json!("s3:PutObject"), json!(orders)),
                allow(json!("s3:PutObject"), json!("arn:aws:s3:::x")),
            ]),
            Verdict::Equivalent,
        ),
        (
            "a denial goes",
            json!([
                allow(json!("*"), json!("*")),
                deny(json!("iam:*"), json!("*"))
            ]),
            json!([allow(json!("*"), json!("*"))]),
            Verdict::Widened,
        ),
        (
            "a denial of what nothing allows goes",
            json!([read(), deny(json!("iam:*"), json!("*"))]),
            json!([read()]),
            Verdict::Equivalent,
        ),
        (
            "not these, and all with those denied",
            json!([
                allow(json!("*"), json!("*")),
                deny(json!("iam:*"), json!("*"))
            ]),
            json!([{ "Effect": "Allow", "NotAction": "iam:*", "Resource": "*" }]),
            Verdict::Equivalent,
        ),
        (
            "a condition goes",
            json!([with(read(), vpc())]),
            json!([read()]),
            Verdict::Widened,
        ),
        (
            "a condition comes",
            json!([read()]),
            json!([with(read(), vpc())]),
            Verdict::Narrowed,
        ),
        (
            "a key that is there or not",
            json!([
                with(read(), json!({ "Null": { "aws:SourceVpc": "true" } })),
                with(read(), json!({ "Null": { "aws:SourceVpc": "false" } }))
            ]),
            json!([read()]),
            Verdict::Equivalent,
        ),
        (
            "half of a range",
            json!([with(
                read(),
                json!({ "IpAddress": { "aws:SourceIp": "10.0.0.0/24" } })
            )]),
            json!([with(
                read(),
                json!({ "IpAddress": { "aws:SourceIp": ["10.0.0.0/25", "10.0.0.128/25"] } })
            )]),
            Verdict::Equivalent,
        ),
        (
            "numbers",
            json!([with(
                read(),
                json!({ "NumericLessThan": { "s3:max-keys": "10" } })
            )]),
            json!([with(
                read(),
                json!({ "NumericLessThanEquals": { "s3:max-keys": "10" } })
            )]),
            Verdict::Widened,
        ),
        (
            "every value, or some value",
            json!([with(
                read(),
                json!({ "ForAllValues:StringEquals": { "aws:TagKeys": ["a", "b"] } })
            )]),
            json!([with(
                read(),
                json!({ "ForAnyValue:StringEquals": { "aws:TagKeys": ["a", "b"] } })
            )]),
            Verdict::Changed,
        ),
        (
            "wildcards within",
            json!([allow(
                json!("s3:Get*"),
                json!(["arn:aws:s3:::a*b", "arn:aws:s3:::a?b"])
            )]),
            json!([allow(json!("s3:Get*"), json!("arn:aws:s3:::a*b"))]),
            Verdict::Equivalent,
        ),
        (
            "a variable stays",
            json!([allow(
                json!("s3:*"),
                json!("arn:aws:s3:::home/${aws:username}/*")
            )]),
            json!([allow(
                json!("s3:GetObject"),
                json!("arn:aws:s3:::home/${aws:username}/*")
            )]),
            Verdict::Narrowed,
        ),
        (
            "a variable comes",
            json!([]),
            json!([allow(
                json!("s3:GetObject"),
                json!("arn:aws:s3:::home/${aws:username}/*")
            )]),
            Verdict::Widened,
        ),
    ];
    for (name, before, after, expected) in cases {
        let judgement = identity(before.clone(), after.clone());
        assert_eq!(verdict(&judgement), *expected, "{name}: {judgement:#?}");
        let swapped = identity(after.clone(), before.clone());
        assert_eq!(
            (swapped.new_access, swapped.lost_access),
            (judgement.lost_access, judgement.new_access),
            "{name}"
        );
        assert_eq!(
            judgement.gained.is_empty(),
            judgement.new_access != Some(true),
            "{name}"
        );
    }
}

#[test]
fn an_example_is_concrete() {
    let judgement = identity(
        json!([allow(json!("s3:GetObject"), json!("arn:aws:s3:::orders/*"))]),
        json!([allow(
            json!(["s3:GetObject", "s3:PutObject"]),
            json!("arn:aws:s3:::orders/*")
        )]),
    );
    let first = judgement.gained.first().expect("one");
    assert_eq!(
        (first.action.as_str(), first.resource.as_str()),
        ("s3:PutObject", "arn:aws:s3:::orders/*")
    );
}

#[test]
fn a_resource_policy_is_a_grant_and_a_limit() {
    let statement = |effect: &str, principal: Value| json!({ "Effect": effect, "Principal": principal, "Action": "s3:GetObject", "Resource": "*" });
    let account = json!({ "AWS": "111122223333" });
    let role = json!({ "AWS": "arn:aws:iam::111122223333:role/app" });
    let judged = |before: Value, after: Value| {
        judge_documents(&policy(before), &policy(after), DocumentKind::Resource)
    };
    let gone = judged(json!([statement("Deny", json!("*"))]), json!([]));
    assert_eq!(gone.new_access, Some(false));
    assert_eq!(
        gone.limit
            .map(|limit| (limit.new_access, limit.lost_access)),
        Some((Some(true), Some(false)))
    );
    let wider = judged(
        json!([statement("Allow", role.clone())]),
        json!([statement("Allow", account.clone())]),
    );
    assert_eq!(verdict(&wider), Verdict::Widened);
    assert_eq!(wider.gained[0].principal, "arn:aws:iam::111122223333:root");
    let narrower = judged(
        json!([statement("Allow", json!("*"))]),
        json!([statement("Allow", account)]),
    );
    assert_eq!(verdict(&narrower), Verdict::Narrowed);
    let same = judged(
        json!([statement("Allow", json!("*"))]),
        json!([statement("Allow", json!({ "AWS": "*" }))]),
    );
    assert_eq!(verdict(&same), Verdict::Equivalent);
}

#[test]
fn what_is_wrong_is_named_and_undecided() {
    let judgement = identity(
        json!([]),
        json!([{ "Effect": "Perhaps", "Action": "s3:*", "Resource": "*" }]),
    );
    assert_eq!((judgement.new_access, judgement.lost_access), (None, None));
    assert!(
        judgement.reasons[0].contains("Statement[0].Effect"),
        "{:?}",
        judgement.reasons
    );
}

#[test]
fn an_example_gives_policy_variables_their_values() {
    let tagged = with(
        allow(json!("s3:GetObject"), json!("arn:aws:s3:::a/*")),
        json!({ "StringEquals": {
            "aws:ResourceTag/team": "${aws:PrincipalTag/team}",
            "aws:PrincipalTag/team": "${aws:username}",
        } }),
    );
    let judgement = identity(json!([]), json!([tagged]));
    assert_eq!(verdict(&judgement), Verdict::Widened);
    let context = &judgement.gained[0].context;
    assert_eq!(context["aws:username"], ["someone"]);
    assert_eq!(context["aws:PrincipalTag/team"], ["someone"]);
    assert_eq!(context["aws:ResourceTag/team"], ["someone"]);
}

mod unknown {
    use super::*;
    use crate::template::{Entries, Part, Symbol, Value};

    fn text(parts: Vec<Part>) -> Value {
        Symbol::Text(parts).into()
    }

    fn objects_of(id: &str) -> Value {
        text(vec![
            Part::Literal("arn:aws:s3:::".into()),
            Part::Symbol(Symbol::Resource(id.into())),
            Part::Literal("/*".into()),
        ])
    }

    fn held(action: &str, resources: Vec<Value>) -> Held {
        let statement = Entries::from([
            ("Effect".to_owned(), Value::string("Allow")),
            ("Action".to_owned(), Value::string(action)),
            ("Resource".to_owned(), Value::List(resources)),
        ]);
        let value = Entries::from([
            ("Version".to_owned(), Value::string("2012-10-17")),
            ("Statement".to_owned(), Value::Map(statement)),
        ]);
        let policies = vec![Arc::new(Policy::Written(Document {
            source: "Role".into(),
            place: "policy".into(),
            path: "Resources.Role".into(),
            value: Value::Map(value),
        }))];
        Held::Identity {
            policies,
            boundary: Boundary::None,
        }
    }

    fn judged(before: Held, after: Held) -> Judgement {
        let kinds = [("Orders", "AWS::S3::Bucket"), ("Bills", "AWS::S3::Bucket")];
        let kinds = kinds.map(|(id, kind)| (id.to_owned(), kind.to_owned()));
        let kinds = Arc::new(BTreeMap::from(kinds));
        judge(Some(&before), Some(&after), &kinds)
    }

    #[test]
    fn the_same_symbol_is_the_same_text() {
        let judgement = judged(
            held("s3:*", vec![objects_of("Orders")]),
            held("s3:GetObject", vec![objects_of("Orders")]),
        );
        assert_eq!(verdict(&judgement), Verdict::Narrowed);
        let judgement = judged(
            held("s3:GetObject", vec![objects_of("Orders")]),
            held("s3:*", vec![objects_of("Orders")]),
        );
        assert_eq!(verdict(&judgement), Verdict::Widened, "{judgement:?}");
        assert_eq!(judgement.gained[0].resource, "arn:aws:s3:::${Orders}/*");
    }

    #[test]
    fn two_buckets_of_a_template_are_two() {
        let judgement = judged(
            held("s3:GetObject", vec![objects_of("Orders")]),
            held("s3:GetObject", vec![objects_of("Bills")]),
        );
        assert_eq!(verdict(&judgement), Verdict::Changed, "{judgement:?}");
    }

    #[test]
    fn a_symbol_may_be_any_name() {
        let known = || held("s3:GetObject", vec![Value::string("arn:aws:s3:::orders/*")]);
        let judgement = judged(known(), held("s3:GetObject", vec![objects_of("Orders")]));
        assert_eq!(
            (judgement.new_access, judgement.lost_access),
            (None, None),
            "{judgement:?}"
        );
        assert!(
            judgement.reasons[0].contains("${Orders}"),
            "{:?}",
            judgement.reasons
        );
        let all = held("s3:GetObject", vec![Value::string("*")]);
        let judgement = judged(all, held("s3:GetObject", vec![objects_of("Orders")]));
        assert_eq!(verdict(&judgement), Verdict::Narrowed, "{judgement:?}");
    }

    #[test]
    fn a_policy_that_is_only_named_is_a_set_of_its_own() {
        let named = |with: Vec<Arc<Policy>>, boundary: Boundary| {
            let mut policies = vec![Arc::new(Policy::Named {
                name: Value::string("arn:aws:iam::aws:policy/Some"),
                source: "Role".into(),
            })];
            policies.extend(with);
            Held::Identity { policies, boundary }
        };
        let Held::Identity { policies, .. } = held("s3:GetObject", vec![Value::string("*")]) else {
            panic!()
        };
        let more = judged(
            named(vec![], Boundary::None),
            named(policies.clone(), Boundary::None),
        );
        assert_eq!(more.new_access, None);
        assert!(
            more.reasons[0].contains("arn:aws:iam::aws:policy/Some"),
            "{:?}",
            more.reasons
        );
        assert_eq!(more.lost_access, Some(false));
        let same = judged(
            named(policies.clone(), Boundary::None),
            named(policies, Boundary::None),
        );
        assert_eq!(verdict(&same), Verdict::Equivalent);
    }

    #[test]
    fn a_boundary_that_goes_widens() {
        let Held::Identity { policies, .. } = held("s3:*", vec![Value::string("*")]) else {
            panic!()
        };
        let Held::Identity { policies: cut, .. } = held("s3:GetObject", vec![Value::string("*")])
        else {
            panic!()
        };
        let bounded = Held::Identity {
            policies: policies.clone(),
            boundary: Boundary::Is(cut),
        };
        let free = Held::Identity {
            policies,
            boundary: Boundary::None,
        };
        let judgement = judged(bounded.clone(), free.clone());
        assert_eq!(verdict(&judgement), Verdict::Widened);
        assert_eq!(judgement.gained[0].action, "s3:PutObject");
        assert_eq!(verdict(&judged(free, bounded)), Verdict::Narrowed);
    }
}

#[test]
fn an_endpoint_without_a_policy_lets_everything_through() {
    let open = Held::Resource {
        policies: vec![],
        unwritten: Unwritten::Everything,
    };
    let document = policy(
        json!([{ "Effect": "Allow", "Principal": "*", "Action": "s3:GetObject", "Resource": "*" }]),
    );
    let closed = Held::Resource {
        policies: vec![Arc::new(Policy::Written(Document {
            source: "Endpoint".into(),
            place: "policy".into(),
            path: "Endpoint".into(),
            value: value_of(&document),
        }))],
        unwritten: Unwritten::Everything,
    };
    let judgement = judge(Some(&closed), Some(&open), &Kinds::default());
    assert_eq!(verdict(&judgement), Verdict::Widened, "{judgement:?}");
    assert_eq!(
        verdict(&judge(Some(&open), Some(&closed), &Kinds::default())),
        Verdict::Narrowed
    );
}

#[test]
fn judging_takes_from_what_is_left_and_is_undecided_without() {
    let held = |resource: &str| Held::Resource {
        policies: vec![Arc::new(Policy::Written(Document {
            source: "Queue".into(),
            place: "policy".into(),
            path: "Queue".into(),
            value: value_of(&policy(json!([
                { "Effect": "Allow", "Principal": "*", "Action": "sqs:*", "Resource": resource }
            ]))),
        }))],
        unwritten: Unwritten::Nothing,
    };
    let (before, after) = (held("a*b*"), held("a*c*b*"));
    let kinds = Kinds::default();
    let judged = |budget: &Budget| judge_within(Some(&before), Some(&after), &kinds, budget);
    let budget = Budget::new(STEPS);
    assert_eq!(judged(&budget).new_access, Some(false));
    let taken = STEPS - budget.left();
    assert!(taken > 100, "{taken}");
    let short = Budget::new(taken / 20);
    assert_eq!(judged(&short).new_access, None);
}
