use serde_json::{Value as Json, json};

use super::*;

fn of(value: &str) -> Json {
    value_in("", value, &context()).to_json()
}

fn with(before: &str, value: &str) -> Json {
    value_in(before, value, &context()).to_json()
}

#[test]
fn ref_gives_parameters_resources_and_pseudo_parameters() {
    let before = "Parameters:\n  P: {Type: String, Default: hi}\n  N: {Type: Number, Default: 5}\n  L: {Type: CommaDelimitedList, Default: 'a, b'}";
    assert_eq!(
        with(before, "[!Ref P, !Ref N, !Ref L]"),
        json!(["hi", 5, ["a", "b"]])
    );
    assert_eq!(of("!Ref T"), json!("${T}"));
    assert_eq!(
        of(
            "[!Ref AWS::AccountId, !Ref AWS::Region, !Ref AWS::Partition, !Ref AWS::URLSuffix, !Ref AWS::StackName]"
        ),
        json!([
            "111122223333",
            "eu-central-1",
            "aws",
            "amazonaws.com",
            "orders-dev"
        ])
    );
    assert_eq!(of("!Ref AWS::StackId"), json!("${AWS::StackId}"));
    let mut context = context();
    context.notification_arns = Some(vec!["arn:a".into()]);
    assert_eq!(
        value_in("", "!Ref AWS::NotificationARNs", &context).to_json(),
        json!(["arn:a"])
    );
}

#[test]
fn no_value_removes_what_it_stands_for() {
    assert_eq!(
        of("{A: !Ref AWS::NoValue, B: [1, !Ref AWS::NoValue, 2]}"),
        json!({"B": [1, 2]})
    );
}

#[test]
fn get_att_stays_symbolic_in_each_form() {
    assert_eq!(
        value_in("", "!GetAtt T.TopicArn", &context()),
        Symbol::attribute("T", "TopicArn").into()
    );
    assert_eq!(of("!GetAtt [T, TopicArn]"), json!("${T.TopicArn}"));
    assert_eq!(of("{Fn::GetAtt: T.Nested.Arn}"), json!("${T.Nested.Arn}"));
    assert_eq!(
        with(
            "Parameters:\n  A: {Type: String, Default: TopicArn}",
            "!GetAtt [T, !Ref A]"
        ),
        json!("${T.TopicArn}")
    );
}

#[test]
fn sub_puts_in_variables() {
    assert_eq!(
        of("!Sub 'arn:${AWS::Partition}:x:${AWS::Region}'"),
        json!("arn:aws:x:eu-central-1")
    );
    assert_eq!(
        of("!Sub '${!Literal}-$-${open'"),
        json!("${Literal}-$-${open")
    );
    assert_eq!(
        of("!Sub ['${A}-${B}', {A: 1, B: !GetAtt T.TopicName}]"),
        json!("1-${T.TopicName}")
    );
    assert_eq!(
        value_in("", "!Sub 'x${T.TopicArn}/${T}'", &context()),
        Symbol::Text(vec![
            Part::Literal("x".into()),
            Part::Symbol(Symbol::attribute("T", "TopicArn")),
            Part::Literal("/".into()),
            Part::Symbol(Symbol::Resource("T".into())),
        ])
        .into()
    );
    assert_eq!(
        value_in("", "!Sub '${T.TopicArn}'", &context()),
        Symbol::attribute("T", "TopicArn").into()
    );
}

#[test]
fn join_keeps_parts_and_joins_unknown_lists_symbolically() {
    assert_eq!(of("!Join [':', [a, b, 3, true]]"), json!("a:b:3:true"));
    assert_eq!(
        of("!Join ['', [a, !Ref T, !Ref AWS::NoValue]]"),
        json!("a${T}")
    );
    assert_eq!(
        of("!Join [',', !GetAZs '']"),
        json!(r#"${Join(",", GetAZs("eu-central-1"))}"#)
    );
}

#[test]
fn select_and_split() {
    // Both are examples of the AWS reference.
    assert_eq!(
        of("!Select ['1', [apples, grapes, oranges, mangoes]]"),
        json!("grapes")
    );
    assert_eq!(of("!Split ['|', 'a|b|c']"), json!(["a", "b", "c"]));
    assert_eq!(of("!Split ['|', 'a||c|']"), json!(["a", "", "c", ""]));
    assert_eq!(of("!Select [2, !Split [',', 'x,y,z']]"), json!("z"));
    assert_eq!(
        of("!Select [5, !Split [':', !GetAtt T.TopicArn]]"),
        json!(r#"${Select(5, Split(":", T.TopicArn))}"#)
    );
    assert_eq!(
        of("!Select [0, !GetAZs '']"),
        json!(r#"${Select(0, GetAZs("eu-central-1"))}"#)
    );
}

#[test]
fn find_in_map_looks_up_and_falls_back() {
    let before = "Mappings:\n  M:\n    eu-central-1: {Size: 3, Zones: [a, b]}";
    assert_eq!(
        with(before, "!FindInMap [M, !Ref AWS::Region, Size]"),
        json!(3)
    );
    assert_eq!(
        with(before, "!FindInMap [M, eu-central-1, Zones]"),
        json!(["a", "b"])
    );
    assert_eq!(
        with(before, "!FindInMap [M, us-east-1, Size, {DefaultValue: 9}]"),
        json!(9)
    );
    let ssm = format!(
        "{before}\nParameters:\n  P: {{Type: 'AWS::SSM::Parameter::Value<String>', Default: /a}}"
    );
    assert_eq!(
        with(&ssm, "!FindInMap [M, !Ref P, Size]"),
        json!(r#"${FindInMap("M", P, "Size")}"#)
    );
}

#[test]
fn if_takes_the_branch_of_its_condition() {
    let before = "Conditions:\n  Sure: !Equals [a, a]\n  Nope: !Not [!Condition Sure]";
    assert_eq!(
        with(before, "[!If [Sure, 1, 2], !If [Nope, 1, 2]]"),
        json!([1, 2])
    );
    assert_eq!(
        with(before, "[1, !If [Nope, 1, !Ref AWS::NoValue]]"),
        json!([1])
    );
}

#[test]
fn conditions_combine() {
    let before = "Conditions:\n  T: !Equals [1, '1']\n  F: !Equals [a, b]\n  And1: !And [!Condition T, !Condition F]\n  And2: !And [!Condition T, !Equals [a, a]]\n  Or1: !Or [!Condition F, !Condition T]\n  Or2: !Or [!Condition F, !Condition F]\n  Lists: !Equals [[a, b], !Split [',', 'a,b']]";
    let conditions = resolved(&with_value(before, "1"), &context()).conditions;
    let truth: Vec<_> = conditions
        .iter()
        .map(|(name, d)| (name.as_str(), *d == Decision::True))
        .collect();
    assert_eq!(
        truth,
        [
            ("And1", false),
            ("And2", true),
            ("F", false),
            ("Lists", true),
            ("Or1", true),
            ("Or2", false),
            ("T", true)
        ]
    );
}

#[test]
fn what_the_deployment_decides_stays_open() {
    let before = "Parameters:\n  P: {Type: 'AWS::SSM::Parameter::Value<String>', Default: /stage}\nConditions:\n  Prod: !Equals [!Ref P, prod]\n  Both: !And [!Condition Prod, !Equals [a, a]]\n  Never: !And [!Condition Prod, !Equals [a, b]]";
    let source = with_value(before, "!If [Both, big, small]");
    let stack = resolved(&source, &context());
    assert_eq!(
        stack.resources["R"].properties.get("V").unwrap().to_json(),
        json!(r#"${If(Both, "big", "small")}"#)
    );
    assert_eq!(
        stack.conditions["Both"],
        Decision::Undecided(Logic::Condition("Prod".into()))
    );
    assert_eq!(stack.conditions["Never"], Decision::False);
    assert_eq!(with(before, "!If [Prod, same, same]"), json!("same"));
    assert_eq!(
        with(before, "!Join [',', [a, !If [Prod, b, !Ref AWS::NoValue]]]"),
        json!(r#"${Join(",", ["a", If(Prod, "b", AWS::NoValue)])}"#)
    );
}

#[test]
fn base64_encodes_known_texts() {
    assert_eq!(
        of("!Base64 AWS CloudFormation"),
        json!("QVdTIENsb3VkRm9ybWF0aW9u")
    );
    assert_eq!(
        of("{Fn::Base64: !Sub 'x${T}'}"),
        json!(r#"${Base64("x${T}")}"#)
    );
}

#[test]
fn cidr_splits_and_stays_symbolic_over_unknown_blocks() {
    assert_eq!(
        of("!Select [5, !Cidr ['192.168.0.0/24', 6, 5]]"),
        json!("192.168.0.160/27")
    );
    assert_eq!(
        of("!Cidr ['192.168.0.0/24', '2', '5']"),
        json!(["192.168.0.0/27", "192.168.0.32/27"])
    );
    assert_eq!(
        of("!Select [0, !Cidr [!GetAtt T.CidrBlock, 1, 8]]"),
        json!("${Select(0, Cidr(T.CidrBlock, \"1\", \"8\"))}")
    );
}

#[test]
fn zones_and_imports_are_unknown() {
    assert_eq!(of("!GetAZs ''"), json!(r#"${GetAZs("eu-central-1")}"#));
    assert_eq!(of("!GetAZs us-east-1"), json!(r#"${GetAZs("us-east-1")}"#));
    assert_eq!(
        of("!ImportValue net-Vpc"),
        json!(r#"${ImportValue("net-Vpc")}"#)
    );
    assert_eq!(
        of("{Fn::ImportValue: !Sub '${AWS::StackName}-Vpc'}"),
        json!(r#"${ImportValue("orders-dev-Vpc")}"#)
    );
}

#[test]
fn length_counts_lists() {
    assert_eq!(of("!Length [a, b, !Ref T]"), json!(3));
    assert_eq!(
        of("!Length {Fn::GetAZs: ''}"),
        json!(r#"${Length(GetAZs("eu-central-1"))}"#)
    );
}

#[test]
fn to_json_string_writes_json() {
    assert_eq!(
        of(r#"!ToJsonString {b: [1, true, "x\"y"], a: 1.50}"#),
        json!(r#"{"a":1.50,"b":[1,true,"x\"y"]}"#)
    );
    assert_eq!(
        of("!ToJsonString {a: !Ref T}"),
        json!("${ToJsonString({a: T})}")
    );
}

#[test]
fn macros_and_dynamic_references_are_unknown() {
    assert_eq!(
        of("!Transform {Name: 'AWS::Include', Parameters: {Location: 's3://b/k'}}"),
        json!(r#"${Transform({Name: "AWS::Include", Parameters: {Location: "s3://b/k"}})}"#)
    );
    let secret = value_in("", "'{{resolve:ssm-secure:/db/password:1}}'", &context());
    assert!(matches!(secret, Value::Symbol(_)));
    assert_eq!(
        secret.to_json(),
        json!("{{resolve:ssm-secure:/db/password:1}}")
    );
}

#[test]
fn what_nobody_has_chosen_yet_stays_a_symbol() {
    let context = Context::unknown();
    let head = "Parameters: {P: {Type: String}, L: {Type: CommaDelimitedList}, D: {Type: String, Default: d}}";
    let shown = |value: &str| value_in(head, value, &context).to_json().to_string();
    assert_eq!(
        shown("!Sub 'arn:${AWS::Partition}:s3:::${P}-${D}-${AWS::AccountId}-${AWS::Region}'"),
        r#""arn:aws:s3:::${P}-d-${AWS::AccountId}-${AWS::Region}""#
    );
    assert_eq!(shown("!Ref L"), r#""${L}""#);
    assert_eq!(
        shown("!Select [0, !Ref AWS::NotificationARNs]"),
        r#""${Select(0, AWS::NotificationARNs)}""#
    );
    assert_eq!(shown("!GetAZs ''"), r#""${GetAZs(AWS::Region)}""#);
    assert!(
        problems(&with_value(head, "!Ref P"), &super::context()).contains("a value must be given")
    );
}
