//! Input of no use: exit status 2, nothing on standard output, and file, line and reason on standard error.
use crate::folder::{Folder, policy_of, role_that_may};

/// Runs and compares what is said of the input.
#[track_caller]
fn refused(folder: &Folder, arguments: &[&str], said: &[&str]) {
    let run = folder.run(arguments);
    assert_eq!(run.status, 2, "{}{}", run.out, run.error);
    assert_eq!(run.out, "");
    for words in said {
        assert!(run.error.contains(words), "{words} is not in {}", run.error);
    }
}

#[test]
fn a_template_that_does_not_parse() {
    let folder = Folder::new("a_template_that_does_not_parse")
        .with("old.yaml", role_that_may("s3:*"))
        .with("cut.json", "{\n  \"Resources\": {")
        .with("bare.yaml", "Resources:\n  Queue:\n    Properties: {}\n")
        .with("list.yaml", "- a\n")
        .with("empty.yaml", "")
        .with("bytes.yaml", b"Resources:\n  \xff");
    refused(&folder, &["diff", "old.yaml", "cut.json"], &["cut.json:2:"]);
    refused(
        &folder,
        &["diff", "bare.yaml", "old.yaml"],
        &["bare.yaml:2:", "Type"],
    );
    refused(&folder, &["diff", "-", "list.yaml"], &["list.yaml:1:1: "]);
    refused(&folder, &["diff", "empty.yaml", "-"], &["empty.yaml:1:1: "]);
    refused(
        &folder,
        &["diff", "bytes.yaml", "-"],
        &["bytes.yaml:2:3: a byte here is no UTF-8. Save the file as UTF-8."],
    );
}

#[test]
fn a_file_that_cannot_be_read() {
    let folder = Folder::new("a_file_that_cannot_be_read").with("old.yaml", role_that_may("s3:*"));
    refused(
        &folder,
        &["diff", "old.yaml", "gone.yaml"],
        &["gone.yaml: it can't be read: No such file"],
    );
    refused(&folder, &["diff", ".", "-"], &[".: it can't be read: "]);
    let large = vec![b' '; 1_000_001];
    let folder = folder.with("large.yaml", large);
    refused(
        &folder,
        &["diff", "large.yaml", "-"],
        &["large.yaml: it has more than 1000000 bytes"],
    );
}

#[test]
fn every_mistake_of_a_template_is_told_at_once() {
    let folder = Folder::new("every_mistake_of_a_template_is_told_at_once").with(
        "new.yaml",
        "Resources:\n  Queue:\n    Type: AWS::SQS::Queue\n    Properties:\n      \
         QueueName: !Ref Name\n      KmsMasterKeyId: !FindInMap [Keys, a, b]\n",
    );
    refused(
        &folder,
        &["diff", "-", "new.yaml"],
        &["new.yaml:5:", "Name", "new.yaml:6:", "Keys"],
    );
}

#[test]
fn values_that_fit_no_template() {
    let folder = Folder::new("values_that_fit_no_template")
        .with("old.yaml", role_that_may("s3:*"))
        .with("values.json", "{\n  \"Stage\": \"prod\"\n}")
        .with("nested.json", "{\"Stage\":\n {\"a\": 1}}")
        .with(
            "previous.json",
            "[{\"ParameterKey\": \"Stage\", \"UsePreviousValue\": true}]",
        );
    refused(
        &folder,
        &["diff", "old.yaml", "-", "--old-parameters", "values.json"],
        &["values.json:2:", "old.yaml declares no parameter `Stage`"],
    );
    refused(
        &folder,
        &["diff", "old.yaml", "-", "--new-parameters", "values.json"],
        &["values.json:2:", "not there"],
    );
    refused(
        &folder,
        &["diff", "old.yaml", "-", "--old-parameters", "nested.json"],
        &["nested.json:2:", "must be a text"],
    );
    refused(
        &folder,
        &["diff", "-", "old.yaml", "--new-parameters", "previous.json"],
        &["previous.json:1:", "--old-parameters"],
    );
}

#[test]
fn a_policy_that_is_none() {
    let folder = Folder::new("a_policy_that_is_none")
        .with("old.json", policy_of("s3:*"))
        .with("cut.json", "{\n\"Statement\": [\n")
        .with("twice.json", "{\"Statement\": [],\n\"Statement\": []}")
        .with("text.json", "\"s3:*\"");
    let kind = ["--kind", "identity"];
    for (file, said) in [
        ("cut.json", "cut.json:3:"),
        ("twice.json", "the key `Statement` stands twice"),
        ("text.json", "a policy document is an object"),
    ] {
        refused(
            &folder,
            &[&["policy-diff", "old.json", file], kind.as_slice()].concat(),
            &[said],
        );
    }
}

#[test]
fn a_command_line_that_makes_no_sense() {
    let folder = Folder::new("a_command_line_that_makes_no_sense");
    refused(&folder, &["diff", "-"], &["Usage:"]);
    refused(&folder, &["policy-diff", "-", "-"], &["--kind"]);
    refused(&folder, &["diff", "-", "-", "--fail-on", "x"], &["widened"]);
    refused(&folder, &["diff", "-", "-", "--account", "1"], &["account"]);
}

#[test]
fn a_name_cannot_steer_the_terminal() {
    let folder = Folder::new("a_name_cannot_steer_the_terminal").with(
        "new.yaml",
        "Resources:\n  \"Role\\e[2J\":\n    Properties: {}\n",
    );
    let run = folder.run(&["diff", "-", "new.yaml"]);
    assert_eq!(run.status, 2);
    assert!(!run.error.contains('\u{1b}'), "{:?}", run.error);
}
