//! Two templates against each other.
use crate::folder::{Folder, role_that_may};

fn widened(name: &str) -> Folder {
    Folder::new(name)
        .with("narrow.yaml", role_that_may("s3:GetObject"))
        .with("wide.yaml", role_that_may("s3:*"))
}

#[test]
fn the_exit_status_says_whether_fail_on_is_met() {
    let folder = widened("the_exit_status_says_whether_fail_on_is_met");
    let status = |arguments: &[&str]| folder.run(&[&["diff"], arguments].concat()).status;
    assert_eq!(status(&["narrow.yaml", "wide.yaml"]), 0);
    let fail = ["--fail-on", "widened"];
    let with = |old, new| status(&[&[old, new], fail.as_slice()].concat());
    assert_eq!(with("narrow.yaml", "wide.yaml"), 1);
    assert_eq!(with("wide.yaml", "narrow.yaml"), 0);
    assert_eq!(with("wide.yaml", "wide.yaml"), 0);
    assert_eq!(with("-", "wide.yaml"), 1);
    assert_eq!(with("wide.yaml", "-"), 0);
    assert_eq!(with("-", "-"), 0);
}

#[test]
fn what_cannot_be_decided_meets_fail_on_widened() {
    let folder = widened("what_cannot_be_decided_meets_fail_on_widened").with(
        "wrong.yaml",
        role_that_may("s3:GetObject").replace("Effect: Allow, Action", "Effect: Permit, Action"),
    );
    let run = folder.run(&["diff", "narrow.yaml", "wrong.yaml", "--fail-on", "widened"]);
    assert_eq!(run.status, 1, "{}{}", run.out, run.error);
    let found = folder.json(&["diff", "narrow.yaml", "wrong.yaml"]);
    assert_eq!(found["verdict"], "undecided");
    let reasons = found["iam"]["subjects"][0]["reasons"].to_string();
    assert!(reasons.contains("Permit"), "{reasons}");
}

#[test]
fn people_read_the_verdict_first() {
    let folder = widened("people_read_the_verdict_first");
    let run = folder.run(&["diff", "narrow.yaml", "wide.yaml"]);
    assert!(run.out.starts_with("Widened: "), "{}", run.out);
    assert!(
        run.out
            .contains("OrdersRole (AWS::IAM::Role), what it may do: widened"),
        "{}",
        run.out
    );
    assert!(run.out.contains("for example  OrdersRole may s3:"));
    assert!(!run.out.contains('\u{1b}'), "colours without a terminal");
    let same = folder.run(&["diff", "wide.yaml", "wide.yaml"]);
    assert!(same.out.starts_with("Equivalent: "), "{}", same.out);
    assert_eq!(same.error, "");
}

#[test]
fn each_side_takes_its_own_values() {
    let template = format!(
        "Parameters:\n  Actions: {{ Type: String, Default: s3:GetObject }}\n{}",
        role_that_may("X").replace("\"X\"", "!Ref Actions")
    );
    let folder = Folder::new("each_side_takes_its_own_values")
        .with("stack.yaml", template)
        .with("wide.json", r#"{"Actions": "s3:*"}"#)
        .with(
            "same.json",
            r#"[{"ParameterKey": "Actions", "UsePreviousValue": true}]"#,
        );
    let verdict = |arguments: &[&str]| {
        let all = [&["diff", "stack.yaml", "stack.yaml"], arguments].concat();
        folder.json(&all)["verdict"].clone()
    };
    assert_eq!(verdict(&[]), "equivalent");
    assert_eq!(verdict(&["--new-parameters", "wide.json"]), "widened");
    assert_eq!(verdict(&["--old-parameters", "wide.json"]), "narrowed");
    assert_eq!(
        verdict(&[
            "--old-parameters",
            "wide.json",
            "--new-parameters",
            "same.json"
        ]),
        "equivalent"
    );
}

#[test]
fn a_value_that_nobody_knows_is_not_taken_for_harmless() {
    let template = format!(
        "Parameters:\n  Actions: {{ Type: String }}\n{}",
        role_that_may("X").replace("\"X\"", "!Ref Actions")
    );
    let folder = Folder::new("a_value_that_nobody_knows_is_not_taken_for_harmless")
        .with("known.yaml", role_that_may("s3:GetObject"))
        .with("unknown.yaml", template);
    assert_eq!(
        folder.json(&["diff", "known.yaml", "unknown.yaml"])["verdict"],
        "undecided"
    );
    assert_eq!(
        folder.json(&["diff", "unknown.yaml", "unknown.yaml"])["verdict"],
        "equivalent"
    );
}

#[test]
fn the_form_of_the_file_does_not_matter() {
    let json = r#"{"Resources": {"OrdersRole": {"Type": "AWS::IAM::Role", "Properties": {
      "Policies": [{"PolicyName": "orders", "PolicyDocument": {"Version": "2012-10-17", "Statement":
        [{"Action": ["S3:*"], "Effect": "Allow", "Resource": ["*"]}]}}],
      "AssumeRolePolicyDocument": {"Version": "2012-10-17", "Statement": [{"Effect": "Allow",
        "Principal": {"Service": ["lambda.amazonaws.com"]}, "Action": ["sts:AssumeRole"]}]}}}}}"#;
    let folder = widened("the_form_of_the_file_does_not_matter").with("wide.json", json);
    assert_eq!(
        folder.json(&["diff", "wide.yaml", "wide.json"])["verdict"],
        "equivalent"
    );
}
