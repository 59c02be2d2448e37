use serde_json::json;

use super::*;

const STACK: &str = "
AWSTemplateFormatVersion: 2010-09-09
Description: Orders
Parameters:
  Stage: {Type: String, AllowedValues: [dev, prod], Default: dev}
Conditions:
  IsProd: !Equals [!Ref Stage, prod]
Resources:
  Key:
    Type: AWS::KMS::Key
    Condition: IsProd
    DeletionPolicy: RetainExceptOnCreate
    UpdateReplacePolicy: Retain
  Table:
    Type: AWS::DynamoDB::GlobalTable
    DependsOn: [Key, Topic]
    DeletionPolicy: Retain
    Metadata: {Owner: !Ref Stage}
    UpdatePolicy: {A: 1}
    CreationPolicy: {B: 2}
    Properties:
      Key: !If [IsProd, !GetAtt Key.Arn, !Ref AWS::NoValue]
      Name: !Sub '${AWS::StackName}-${Topic}'
  Topic:
    Type: AWS::SNS::Topic
Outputs:
  KeyArn:
    Condition: IsProd
    Value: !GetAtt Key.Arn
  TableName:
    Description: The table
    Value: !Ref Table
    Export: {Name: !Sub '${AWS::StackName}-Table'}
";

#[test]
fn conditions_decide_what_is_in_the_stack() {
    let dev = resolved(STACK, &context());
    assert_eq!(dev.resources.keys().collect::<Vec<_>>(), ["Table", "Topic"]);
    assert_eq!(dev.outputs.keys().collect::<Vec<_>>(), ["TableName"]);
    let prod = resolved(STACK, &context().with("Stage", "prod"));
    assert_eq!(
        prod.resources.keys().collect::<Vec<_>>(),
        ["Key", "Table", "Topic"]
    );
    assert_eq!(
        prod.resources["Table"]
            .properties
            .get("Key")
            .unwrap()
            .to_json(),
        json!("${Key.Arn}")
    );
    assert_eq!(prod.outputs["KeyArn"].value.to_json(), json!("${Key.Arn}"));
}

#[test]
fn attributes_of_a_resource_are_kept() {
    let prod = resolved(STACK, &context().with("Stage", "prod"));
    let table = &prod.resources["Table"];
    assert_eq!(table.kind, "AWS::DynamoDB::GlobalTable");
    assert_eq!(table.deletion_policy, Some(DeletionPolicy::Retain));
    assert_eq!(table.update_replace_policy, None);
    assert_eq!(
        table.depends_on.iter().collect::<Vec<_>>(),
        ["Key", "Topic"]
    );
    assert_eq!(
        table.references.iter().collect::<Vec<_>>(),
        ["Key", "Topic"]
    );
    assert_eq!(
        table.metadata.as_ref().map(Value::to_json),
        Some(json!({"Owner": "prod"}))
    );
    assert_eq!(
        table.update_policy.as_ref().map(Value::to_json),
        Some(json!({"A": 1}))
    );
    assert_eq!(
        table.creation_policy.as_ref().map(Value::to_json),
        Some(json!({"B": 2}))
    );
    assert_eq!(
        prod.resources["Key"].deletion_policy,
        Some(DeletionPolicy::RetainExceptOnCreate)
    );
    assert_eq!(
        prod.resources["Key"].update_replace_policy,
        Some(DeletionPolicy::Retain)
    );
    let dev = resolved(STACK, &context());
    assert_eq!(
        dev.resources["Table"].depends_on.iter().collect::<Vec<_>>(),
        ["Topic"]
    );
    assert!(!dev.resources["Table"].properties.contains_key("Key"));
}

#[test]
fn outputs_carry_description_and_export() {
    let output = &resolved(STACK, &context()).outputs["TableName"];
    assert_eq!(output.value.to_json(), json!("${Table}"));
    assert_eq!(output.description.as_deref(), Some("The table"));
    assert_eq!(output.export, Some(Value::string("orders-dev-Table")));
}

#[test]
fn a_condition_key_in_a_policy_is_no_condition_of_the_template() {
    let value = "{Statement: [{Effect: Allow, Condition: {StringEquals: {'aws:x': !Ref T}}}]}";
    assert_eq!(
        value_in("", value, &context()).to_json(),
        json!({"Statement": [{"Effect": "Allow", "Condition": {"StringEquals": {"aws:x": "${T}"}}}]})
    );
}

#[test]
fn limits_say_what_is_over_and_what_to_do() {
    let mut source = "Mappings:\n  M:\n    K:\n".to_owned();
    (0..201).for_each(|i| source.push_str(&format!("      A{i}: 1\n")));
    source.push_str("Parameters:\n");
    (0..201).for_each(|i| source.push_str(&format!("  P{i}: {{Type: String, Default: x}}\n")));
    source.push_str("Outputs:\n");
    (0..201).for_each(|i| source.push_str(&format!("  O{i}: {{Value: x}}\n")));
    source.push_str("Resources:\n");
    (0..501).for_each(|i| {
        source.push_str(&format!(
            "  R{i}: {{Type: 'AWS::SNS::Topic', Properties: {{DisplayName: '{}'}}}}\n",
            "x".repeat(60)
        ))
    });
    let template = parse(FILE, &source).expect("parses");
    let words = |delivery| {
        let errors = limits::check(&template, delivery).expect_err("over");
        errors
            .iter()
            .map(ToString::to_string)
            .collect::<Vec<_>>()
            .join("\n")
    };
    insta::assert_snapshot!(words(limits::Delivery::Inline), @r#"
        the template has 75907 bytes, and CloudFormation's limit is 51200. Send it through the account's artifact bucket.
        the template declares 201 parameters, and CloudFormation's limit is 200. Put several values into one list, or split the template.
        the template declares 501 resources, and CloudFormation's limit is 500. Move some into a nested stack or a stack of their own.
        the template declares 201 outputs, and CloudFormation's limit is 200. Keep only those that something reads.
        the mapping M.K has 201 attributes, and CloudFormation's limit is 200. Spread them over several mappings.
        "#);
    assert!(!words(limits::Delivery::Bucket).contains("bytes"));
    let stack = resolve(&template, &context()).expect("resolves");
    assert_eq!(limits::check_resolved(&stack).expect_err("over").len(), 2);
    let small = parse(FILE, STACK).expect("parses");
    assert_eq!(limits::check(&small, limits::Delivery::Inline), Ok(()));
    assert!(
        parse(FILE, &"#".repeat(1_000_001))
            .expect_err("too long")
            .message
            .contains("1000001 bytes")
    );
}
