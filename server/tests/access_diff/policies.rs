//! Two policy documents against each other.
use crate::folder::{Folder, policy_of};
use serde_json::{Value, json};

fn folder(name: &str) -> Folder {
    Folder::new(name)
        .with("narrow.json", policy_of("s3:GetObject"))
        .with("wide.json", policy_of("s3:*"))
        .with("other.json", policy_of("sqs:SendMessage"))
}

fn identity(folder: &Folder, old: &str, new: &str) -> Value {
    folder.json(&["policy-diff", old, new, "--kind", "identity"])
}

#[test]
fn each_verdict_has_its_answers() {
    let folder = folder("each_verdict_has_its_answers");
    for (old, new, verdict, new_access, lost_access) in [
        ("wide.json", "wide.json", "equivalent", false, false),
        ("narrow.json", "wide.json", "widened", true, false),
        ("wide.json", "narrow.json", "narrowed", false, true),
        ("wide.json", "other.json", "changed", true, true),
        ("-", "narrow.json", "widened", true, false),
        ("narrow.json", "-", "narrowed", false, true),
    ] {
        let found = identity(&folder, old, new);
        assert_eq!(found["verdict"], verdict, "{old} {new}: {found}");
        assert_eq!(found["new_access"], new_access);
        assert_eq!(found["lost_access"], lost_access);
        assert_eq!(found["witness"].is_object(), new_access, "{found}");
        assert_eq!(found["limit"], Value::Null);
        assert_eq!(found["reason"], Value::Null);
    }
}

#[test]
fn a_witness_is_a_request() {
    let folder = folder("a_witness_is_a_request");
    let found = identity(&folder, "-", "narrow.json");
    let witness = &found["witness"];
    assert_eq!(witness["action"], "s3:GetObject");
    assert!(witness["resource"].is_string());
    assert!(witness["principal"].is_string());
    assert!(witness["context"].is_object());
}

#[test]
fn a_deny_that_goes_is_a_gain_as_a_limit() {
    let deny = json!({"Version": "2012-10-17", "Statement": [
        {"Effect": "Allow", "Principal": {"AWS": "arn:aws:iam::111122223333:root"}, "Action": "s3:GetObject", "Resource": "arn:aws:s3:::orders/*"},
        {"Effect": "Deny", "Principal": "*", "Action": "s3:PutObject", "Resource": "arn:aws:s3:::orders/*"}]});
    let mut without = deny.clone();
    without["Statement"].as_array_mut().unwrap().pop();
    let folder = Folder::new("a_deny_that_goes_is_a_gain_as_a_limit")
        .with("deny.json", deny.to_string())
        .with("without.json", without.to_string());
    let found = folder.json(&[
        "policy-diff",
        "deny.json",
        "without.json",
        "--kind",
        "resource",
    ]);
    assert_eq!(found["new_access"], false, "{found}");
    assert_eq!(found["lost_access"], false);
    assert_eq!(
        found["limit"],
        json!({"new_access": true, "lost_access": false})
    );
    assert_eq!(found["verdict"], "widened");
}

#[test]
fn who_may_take_on_a_role() {
    let trust = |service: &str| {
        json!({"Version": "2012-10-17", "Statement": {"Effect": "Allow", "Principal": {"Service": service}, "Action": "sts:AssumeRole"}})
            .to_string()
    };
    let folder = Folder::new("who_may_take_on_a_role")
        .with("lambda.json", trust("lambda.amazonaws.com"))
        .with("ec2.json", trust("ec2.amazonaws.com"));
    let found = folder.json(&["policy-diff", "lambda.json", "ec2.json", "--kind", "trust"]);
    assert_eq!(found["verdict"], "changed", "{found}");
    assert_eq!(found["witness"]["principal"], "ec2.amazonaws.com");
}

#[test]
fn a_policy_that_iam_would_refuse_is_undecided_and_says_where() {
    let both = json!({"Version": "2012-10-17", "Statement": [{"Effect": "Allow", "Action": "s3:*", "NotAction": "s3:*", "Resource": "*"}]});
    let folder = folder("a_policy_that_iam_would_refuse_is_undecided_and_says_where")
        .with("both.json", both.to_string());
    let found = identity(&folder, "narrow.json", "both.json");
    assert_eq!(found["verdict"], "undecided");
    let reason = found["reason"].as_str().unwrap();
    assert!(reason.contains("Statement"), "{reason}");
    let run = folder.run(&[
        "policy-diff",
        "narrow.json",
        "both.json",
        "--kind",
        "identity",
        "--fail-on",
        "widened",
    ]);
    assert_eq!(run.status, 1);
}

#[test]
fn fail_on_is_met_by_a_gain_only() {
    let folder = folder("fail_on_is_met_by_a_gain_only");
    let status = |old, new| {
        let fixed = ["--kind", "identity", "--fail-on", "widened"];
        folder
            .run(&[&["policy-diff", old, new], fixed.as_slice()].concat())
            .status
    };
    assert_eq!(status("narrow.json", "wide.json"), 1);
    assert_eq!(status("wide.json", "other.json"), 1);
    assert_eq!(status("wide.json", "narrow.json"), 0);
}
