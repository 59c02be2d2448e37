use super::*;

fn of(value: &str) -> String {
    problems(&with_value("", value), &context())
}

#[test]
fn names_that_do_not_exist() {
    insta::assert_snapshot!(of("!Ref Rr"), @"");
    insta::assert_snapshot!(of("[a, {B: !GetAtt Tt.Arn}]"), @"");
    insta::assert_snapshot!(of("!Sub '${AWS::Regio} ${X.Arn}'"), @"");
    insta::assert_snapshot!(of("!If [Prod, 1, 2]"), @"");
    insta::assert_snapshot!(of("!FindInMap [M, a, b]"), @"");
}

#[test]
fn arguments_that_do_not_fit() {
    insta::assert_snapshot!(of("!Join [a]"), @"");
    insta::assert_snapshot!(of("!Join [',', [[a]]]"), @"");
    insta::assert_snapshot!(of("!Join [',', abc]"), @"");
    insta::assert_snapshot!(of("!Join [!Ref T, [a]]"), @"");
    insta::assert_snapshot!(of("!Select [3, [a, b]]"), @"");
    insta::assert_snapshot!(of("!Select [-1, [a, b]]"), @"");
    insta::assert_snapshot!(of("!Split ['', abc]"), @"");
    insta::assert_snapshot!(of("!Sub '${ T }'"), @"");
    insta::assert_snapshot!(of("!Sub [a]"), @"");
    insta::assert_snapshot!(of("!Sub '${AWS::NoValue}'"), @"");
    insta::assert_snapshot!(of("!Cidr [10.0.0.0/24, 5, 6]"), @"");
    insta::assert_snapshot!(of("!GetAtt T"), @"");
    insta::assert_snapshot!(of("{Fn::GetAttr: T.Arn}"), @"");
    insta::assert_snapshot!(of("{Fn::Sub: a, B: c}"), @"");
    insta::assert_snapshot!(of("!Equals [a, b]"), @"");
    insta::assert_snapshot!(of("{Fn::ImportValue: !Ref T}"), @"");
    insta::assert_snapshot!(of("!ToJsonString abc"), @"");
    insta::assert_snapshot!(of("!Length abc"), @"");
}

#[test]
fn functions_of_the_language_extensions_need_their_transform() {
    let source = with_value("", "!Length [a]").replace("Transform: AWS::LanguageExtensions\n", "");
    insta::assert_snapshot!(problems(&source, &context()), @"");
}

#[test]
fn conditions_may_not_look_at_resources_nor_at_each_other_in_circles() {
    let of = |conditions: &str| problems(&with_value(&format!("Conditions:\n{conditions}"), "1"), &context());
    insta::assert_snapshot!(of("  A: !Equals [!GetAtt T.Arn, x]"), @"");
    insta::assert_snapshot!(of("  A: !Equals [!Ref T, x]"), @"");
    insta::assert_snapshot!(of("  A: !Not [!Condition B]\n  B: !Or [!Condition C, !Condition C]\n  C: !And [!Condition B, !Condition B]"), @"");
    insta::assert_snapshot!(of("  A: !Condition Bb"), @"");
    insta::assert_snapshot!(of("  A: !And [!Equals [a, a]]"), @"");
    insta::assert_snapshot!(of("  A: yes"), @"");
}

#[test]
fn resources_that_need_each_other() {
    let source = "
Resources:
  A: {Type: 'X::Y', Properties: {P: !GetAtt B.Arn}}
  B: {Type: 'X::Y', DependsOn: C}
  C: {Type: 'X::Y', Properties: {P: !Sub '${A}'}}
";
    insta::assert_snapshot!(problems(source, &context()), @"");
    insta::assert_snapshot!(problems("Resources:\n  A: {Type: 'X::Y', Properties: {P: !Ref A}}", &context()), @"");
}

#[test]
fn resources_that_are_left_out() {
    let source = "
Conditions:
  Never: !Equals [a, b]
Resources:
  A: {Type: 'X::Y', Properties: {P: !Ref B}}
  B: {Type: 'X::Y', Condition: Never}
";
    insta::assert_snapshot!(problems(source, &context()), @"");
}

#[test]
fn forms_of_sections_resources_and_outputs() {
    let of = |source: &str| problems(source, &context());
    insta::assert_snapshot!(of(""), @"");
    insta::assert_snapshot!(of("Resource: {}"), @"");
    insta::assert_snapshot!(of("Resources: {}"), @"");
    insta::assert_snapshot!(of("Resources: [a]"), @"");
    insta::assert_snapshot!(of("{\"Resources\": {\n \"A\": {\"Type\": \"X::Y\",}}}"), @"");
    insta::assert_snapshot!(of("AWSTemplateFormatVersion: 2010-09-10\nResources: {A: {Type: 'X::Y'}}"), @"");
    insta::assert_snapshot!(of("Resources:\n  A-b:\n    Typ: X::Y\n  C: hello\n  D: {Type: Y, DeletionPolicy: Keep}"), @"");
    insta::assert_snapshot!(of("Resources:\n  D: {Type: 'X::Y', DeletionPolicy: Keep}"), @"");
    insta::assert_snapshot!(of("Resources: {A: {Type: 'X::Y'}}\nOutputs:\n  O: {Vale: 1}\n  P: {Value: 1, Export: x}"), @"");
    insta::assert_snapshot!(of("Transform: AWS::Serverless-2016-10-31\nResources: {A: {Type: 'X::Y'}}"), @"");
    insta::assert_snapshot!(of("Mappings: {M: {a: {b: {c: d}}}}\nResources: {A: {Type: 'X::Y'}}"), @"");
}

#[test]
fn parameters() {
    let of = |parameters: &str, context: &Context| {
        problems(&format!("Parameters:\n{parameters}\nResources: {{A: {{Type: 'X::Y'}}}}"), context)
    };
    insta::assert_snapshot!(of("  P: {Type: String}", &context()), @"");
    insta::assert_snapshot!(of("  Stage: {Type: String, Default: x}", &context().with("Stag", "y")), @"");
    insta::assert_snapshot!(of("  P: {Type: String, AllowedPattern: '[a-z]+', ConstraintDescription: Small letters.}", &context().with("P", "A1")), @"");
    insta::assert_snapshot!(of("  P: {Type: Strin}", &context()), @"");
    insta::assert_snapshot!(of("  P: {Type: String, Defalt: x}", &context()), @"");
    insta::assert_snapshot!(of("  P: {Type: String, AllowedPattern: '(?=x)'}", &context()), @"");
    insta::assert_snapshot!(of("  P: {Type: String, AllowedValues: []}", &context()), @"");
    insta::assert_snapshot!(of("  P: {Type: String, MinLength: -1}", &context()), @"");
}

#[test]
fn growth_is_bounded() {
    let mut value = "x".repeat(100);
    for _ in 0..24 {
        value = format!("!Sub ['${{a}}${{a}}${{a}}${{a}}', {{a: {value}}}]");
    }
    assert!(of(&value).contains("grows too large"), "{}", of(&value));
}
