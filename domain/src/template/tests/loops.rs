use serde_json::json;

use super::*;

const LOOP: &str = "
Transform: AWS::LanguageExtensions
Parameters:
  Names: {Type: CommaDelimitedList, Default: 'Success,Failure'}
Resources:
  Fn::ForEach::Topics:
    - Name
    - !Ref Names
    - 'Topic${Name}':
        Type: AWS::SNS::Topic
        Properties:
          TopicName: !Join ['.', [!Ref Name, fifo]]
          FifoTopic: true
";

#[test]
fn the_documented_example_makes_one_resource_an_item() {
    let stack = resolved(LOOP, &context());
    assert_eq!(
        stack.resources.keys().collect::<Vec<_>>(),
        ["TopicFailure", "TopicSuccess"]
    );
    assert_eq!(
        stack.resources["TopicSuccess"]
            .properties
            .get("TopicName")
            .unwrap()
            .to_json(),
        json!("Success.fifo")
    );
    assert_eq!(stack.declared_resources, 2);
}

#[test]
fn loops_nest_and_stand_in_properties_outputs_and_conditions() {
    let source = "
Transform: [AWS::LanguageExtensions]
Mappings:
  Sizes: {dev: {A: 1, B: 2}}
Conditions:
  Fn::ForEach::C:
    - X
    - [A, B]
    - 'Is${X}': !Equals ['${X}', A]
Resources:
  Fn::ForEach::Outer:
    - X
    - [A, B]
    - Fn::ForEach::Inner:
        - Y
        - ['1.0', '2.0']
        - 'R${X}&{Y}':
            Type: AWS::X::Y
            Condition: 'Is${X}'
            Properties:
              Size: !FindInMap [Sizes, dev, !Ref X]
              Fn::ForEach::Props:
                - Z
                - [P, Q]
                - '${Z}': !Sub '${X}-${Y}-${Z}'
Outputs:
  Fn::ForEach::Outs:
    - X
    - [A]
    - 'Out${X}':
        Value: !GetAtt ['R${X}10', Arn]
";
    let stack = resolved(source, &context());
    assert_eq!(stack.resources.keys().collect::<Vec<_>>(), ["RA10", "RA20"]);
    assert_eq!(
        stack.resources["RA20"]
            .properties
            .iter()
            .map(|(k, v)| (k.as_str(), v.to_json()))
            .collect::<Vec<_>>(),
        [
            ("P", json!("A-2.0-P")),
            ("Q", json!("A-2.0-Q")),
            ("Size", json!(1))
        ]
    );
    assert_eq!(stack.outputs["OutA"].value.to_json(), json!("${RA10.Arn}"));
    assert_eq!(stack.declared_resources, 4);
}

#[test]
fn says_what_is_wrong_with_a_loop() {
    let without = LOOP.replace("Transform: AWS::LanguageExtensions", "");
    insta::assert_snapshot!(problems(&without, &context()), @"template.yaml:6:3: Resources: Fn::ForEach needs `Transform: AWS::LanguageExtensions` at the top of the template. Add it.");
    let same_key = LOOP.replace("'Topic${Name}'", "Topic");
    insta::assert_snapshot!(problems(&same_key, &context()), @"template.yaml:9:7: Resources: the key `Topic` comes twice once loops are written out. Use the loop's identifier in the key.");
    let unknown = LOOP.replace("!Ref Names", "!GetAZs ''");
    insta::assert_snapshot!(problems(&unknown, &context()), @"template.yaml:8:7: Resources.Fn::ForEach::Topics: Fn::GetAZs is not known before deployment, so it can't stand here.");
    let resource = LOOP.replace("!Ref Names", "!Ref TopicSuccess");
    insta::assert_snapshot!(problems(&resource, &context()), @"template.yaml:8:7: Resources.Fn::ForEach::Topics: `!Ref TopicSuccess` names no parameter, and only parameters can be used here.");
    let shadow = LOOP.replace("    - Name\n", "    - Names\n");
    insta::assert_snapshot!(problems(&shadow, &context()), @"template.yaml:7:7: Resources.Fn::ForEach::Topics: the identifier `Names` is also a parameter or the identifier of an outer loop. Rename it.");
    let form = LOOP.replace("    - !Ref Names\n", "");
    insta::assert_snapshot!(problems(&form, &context()), @"template.yaml:7:5: Resources.Fn::ForEach::Topics: arguments given: 2. Write a list of an identifier, a collection and a map.");
}

#[test]
fn loops_that_multiply_are_stopped() {
    let items = vec!["abcdefgh"; 400]
        .iter()
        .enumerate()
        .map(|(i, s)| format!("{s}{i}"))
        .collect::<Vec<_>>()
        .join(",");
    let mut source = "Transform: AWS::LanguageExtensions\nResources:\n".to_owned();
    for depth in 0..6 {
        let pad = " ".repeat(2 + depth * 4);
        source.push_str(&format!(
            "{pad}Fn::ForEach::L{depth}:\n{pad}  - I{depth}\n{pad}  - [{items}]\n{pad}  - "
        ));
        source.push_str(if depth == 5 {
            "R: {Type: A::B}\n"
        } else {
            "\n"
        });
    }
    let source = source.replace("- \n", "-\n");
    assert!(
        problems(&source, &context()).contains("grows too large"),
        "{}",
        problems(&source, &context())
    );
}
