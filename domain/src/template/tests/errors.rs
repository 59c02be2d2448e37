use super::*;

fn of(value: &str) -> String {
    problems(&with_value("", value), &context())
}

#[test]
fn names_that_do_not_exist() {
    insta::assert_snapshot!(of("!Ref Rr"), @"template.yaml:9:10: Resources.R.Properties.V: `!Ref Rr` names nothing: there is no parameter or resource `Rr`. Did you mean `R`?");
    insta::assert_snapshot!(of("[a, {B: !GetAtt Tt.Arn}]"), @"template.yaml:9:18: Resources.R.Properties.V[1].B: `!GetAtt` of `Tt` names nothing: there is no resource `Tt`. Did you mean `T`?");
    insta::assert_snapshot!(of("!Sub '${AWS::Regio} ${X.Arn}'"), @r#"
        template.yaml:9:10: Resources.R.Properties.V: `${AWS::Regio}` in Fn::Sub names nothing: there is no parameter or resource `AWS::Regio`. Did you mean `AWS::Region`?
        template.yaml:9:10: Resources.R.Properties.V: `${X.Arn}` in Fn::Sub names nothing: there is no resource `X`.
        "#);
    insta::assert_snapshot!(of("!If [Prod, 1, 2]"), @"template.yaml:9:15: Resources.R.Properties.V: Fn::If names nothing: there is no condition `Prod`.");
    insta::assert_snapshot!(of("!FindInMap [M, a, b]"), @"template.yaml:9:22: Resources.R.Properties.V: there is no mapping `M`.");
}

#[test]
fn arguments_that_do_not_fit() {
    insta::assert_snapshot!(of("!Join [a]"), @"template.yaml:9:10: Resources.R.Properties.V: arguments given: 1. Write Fn::Join: [delimiter, list].");
    insta::assert_snapshot!(of("!Join [',', [[a]]]"), @"template.yaml:9:22: Resources.R.Properties.V: item 0 of Fn::Join is a list; it must be a text.");
    insta::assert_snapshot!(of("!Join [',', abc]"), @"template.yaml:9:22: Resources.R.Properties.V: the second argument of Fn::Join is a string; it must be a list.");
    insta::assert_snapshot!(of("!Join [!Ref T, [a]]"), @"template.yaml:9:17: Resources.R.Properties.V: the delimiter of Fn::Join must be known before deployment, and `${T}` is not.");
    insta::assert_snapshot!(of("!Select [3, [a, b]]"), @"template.yaml:9:19: Resources.R.Properties.V: Fn::Select asks for item 3, and the list has 2 (counted from 0).");
    insta::assert_snapshot!(of("!Select [-1, [a, b]]"), @"template.yaml:9:19: Resources.R.Properties.V: the index of Fn::Select is `-1`; it must be a number from 0.");
    insta::assert_snapshot!(of("!Split ['', abc]"), @"template.yaml:9:18: Resources.R.Properties.V: the delimiter of Fn::Split is empty. Give at least one character.");
    insta::assert_snapshot!(of("!Sub '${ T }'"), @"template.yaml:9:10: Resources.R.Properties.V: `${ T }` in Fn::Sub is no variable: a name holds letters, digits, `_`, `.` and `:`, without spaces. For the text itself write `${! T }`.");
    insta::assert_snapshot!(of("!Sub [a]"), @"template.yaml:9:10: Resources.R.Properties.V: Fn::Sub needs a text, or a list of a text and a map of its variables. Write !Sub 'text ${Name}'.");
    insta::assert_snapshot!(of("!Sub '${AWS::NoValue}'"), @"template.yaml:9:10: Resources.R.Properties.V: `${AWS::NoValue}` in Fn::Sub has no value. Leave it out.");
    insta::assert_snapshot!(of("!Cidr [10.0.0.0/24, 5, 6]"), @"template.yaml:9:10: Resources.R.Properties.V: `10.0.0.0/24` holds 4 blocks of /26, and 5 are asked for.");
    insta::assert_snapshot!(of("!GetAtt T"), @"template.yaml:9:10: Resources.R.Properties.V: Fn::GetAtt needs a resource and an attribute. Write !GetAtt Resource.Attribute or [Resource, Attribute].");
    insta::assert_snapshot!(of("{Fn::GetAttr: T.Arn}"), @"template.yaml:9:11: Resources.R.Properties.V: `Fn::GetAttr` is no intrinsic function that can stand here. Did you mean `Fn::GetAtt`?");
    insta::assert_snapshot!(of("{Fn::Sub: a, B: c}"), @"template.yaml:9:11: Resources.R.Properties.V: `Fn::Sub` must be the only key of its map. Remove the other keys.");
    insta::assert_snapshot!(of("!Equals [a, b]"), @"template.yaml:9:10: Resources.R.Properties.V: `Fn::Equals` belongs in the Conditions section. Name the condition there and use Fn::If here.");
    insta::assert_snapshot!(of("{Fn::ImportValue: !Ref T}"), @"template.yaml:9:28: Resources.R.Properties.V: the name in Fn::ImportValue depends on a resource (`${T}`). Use parameters only.");
    insta::assert_snapshot!(of("!ToJsonString abc"), @"template.yaml:9:10: Resources.R.Properties.V: Fn::ToJsonString is given a string; it needs a map or a list.");
    insta::assert_snapshot!(of("!Length abc"), @"template.yaml:9:10: Resources.R.Properties.V: the argument of Fn::Length is a string; it must be a list.");
}

#[test]
fn functions_of_the_language_extensions_need_their_transform() {
    let source = with_value("", "!Length [a]").replace("Transform: AWS::LanguageExtensions\n", "");
    insta::assert_snapshot!(problems(&source, &context()), @"template.yaml:8:10: Resources.R.Properties.V: Fn::Length needs `Transform: AWS::LanguageExtensions` at the top of the template. Add it.");
}

#[test]
fn conditions_may_not_look_at_resources_nor_at_each_other_in_circles() {
    let of = |conditions: &str| {
        problems(
            &with_value(&format!("Conditions:\n{conditions}"), "1"),
            &context(),
        )
    };
    insta::assert_snapshot!(of("  A: !Equals [!GetAtt T.Arn, x]"), @"template.yaml:3:15: Conditions.A: `!GetAtt T.Arn` is a resource, which Conditions can't look at. Use a parameter or a mapping.");
    insta::assert_snapshot!(of("  A: !Equals [!Ref T, x]"), @"template.yaml:3:15: Conditions.A: `!Ref T` names no parameter, and only parameters can be used here.");
    insta::assert_snapshot!(of("  A: !Not [!Condition B]\n  B: !Or [!Condition C, !Condition C]\n  C: !And [!Condition B, !Condition B]"), @"template.yaml:4:3: Conditions.B: these conditions depend on each other: B → C → B. Break the circle.");
    insta::assert_snapshot!(of("  A: !Condition Bb"), @"template.yaml:3:6: Conditions.A: there is no condition `Bb`.");
    insta::assert_snapshot!(of("  A: !And [!Equals [a, a]]"), @"template.yaml:3:6: Conditions.A: arguments given: 1. Write a list of 2 to 10 conditions.");
    insta::assert_snapshot!(of("  A: yes"), @"template.yaml:3:6: Conditions.A: this is a boolean; a condition is one of Fn::Equals, Fn::And, Fn::Or, Fn::Not and Condition.");
}

#[test]
fn resources_that_need_each_other() {
    let source = "
Resources:
  A: {Type: 'X::Y', Properties: {P: !GetAtt B.Arn}}
  B: {Type: 'X::Y', DependsOn: C}
  C: {Type: 'X::Y', Properties: {P: !Sub '${A}'}}
";
    insta::assert_snapshot!(problems(source, &context()), @"template.yaml:3:3: Resources.A: these resources need each other, so none can be made first: A → B → C → A. Break the circle.");
    insta::assert_snapshot!(problems("Resources:\n  A: {Type: 'X::Y', Properties: {P: !Ref A}}", &context()), @"template.yaml:2:3: Resources.A: these resources need each other, so none can be made first: A → A. Break the circle.");
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
    insta::assert_snapshot!(problems(source, &context()), @"template.yaml:5:37: Resources.A.Properties.P: `!Ref B` is a resource that this stack doesn't make: its condition `Never` is false. Wrap this in Fn::If with that condition.");
}

#[test]
fn forms_of_sections_resources_and_outputs() {
    let of = |source: &str| problems(source, &context());
    insta::assert_snapshot!(of(""), @"template.yaml:1:1: the template is empty. It needs at least a `Resources` section.");
    insta::assert_snapshot!(of("Resource: {}"), @"template.yaml:1:1: `Resource` is no section of a template. Did you mean `Resources`? There are: AWSTemplateFormatVersion, Conditions, Description, Hooks, Mappings, Metadata, Outputs, Parameters, Resources, Rules, Transform.");
    insta::assert_snapshot!(of("Resources: {}"), @"template.yaml:1:12: the `Resources` section is empty. A template needs at least one resource.");
    insta::assert_snapshot!(of("Resources: [a]"), @"template.yaml:1:12: the section `Resources` is a list; it must be a map.");
    insta::assert_snapshot!(of("{\"Resources\": {\n \"A\": {\"Type\": \"X::Y\",}}}"), @r#"template.yaml:2:23: expected a key in double quotes, found "}"."#);
    insta::assert_snapshot!(of("AWSTemplateFormatVersion: 2010-09-10\nResources: {A: {Type: 'X::Y'}}"), @r#"template.yaml:1:27: AWSTemplateFormatVersion must be "2010-09-09"; there is no other version."#);
    insta::assert_snapshot!(of("Resources:\n  A-b:\n    Typ: X::Y\n  C: hello\n  D: {Type: Y, DeletionPolicy: Keep}"), @r#"
        template.yaml:2:3: Resources.A-b: the resource name `A-b` may hold only letters and digits (A-Z, a-z, 0-9).
        template.yaml:3:5: Resources.A-b: `Typ` is no attribute of a resource. Did you mean `Type`? What the resource's type defines belongs under `Properties`.
        template.yaml:2:3: Resources.A-b: the resource has no `Type`. Add one, such as `AWS::SNS::Topic`.
        template.yaml:4:6: Resources.C: the resource is a string; it must be a map with a `Type`.
        template.yaml:5:13: Resources.D: the Type must be the name of a resource type, such as `AWS::SNS::Topic`.
        "#);
    insta::assert_snapshot!(of("Resources:\n  D: {Type: 'X::Y', DeletionPolicy: Keep}"), @"template.yaml:2:37: Resources.D.DeletionPolicy: DeletionPolicy must be Delete, Retain, Snapshot or (for DeletionPolicy) RetainExceptOnCreate, known before deployment.");
    insta::assert_snapshot!(of("Resources: {A: {Type: 'X::Y'}}\nOutputs:\n  O: {Vale: 1}\n  P: {Value: 1, Export: x}"), @r#"
        template.yaml:3:7: Outputs.O: `Vale` is no attribute of an output. Did you mean `Value`?
        template.yaml:3:3: Outputs.O: the output has no `Value`. Add one.
        template.yaml:4:25: Outputs.P: the Export must be a map with one key, `Name`.
        "#);
    insta::assert_snapshot!(of("Transform: AWS::Serverless-2016-10-31\nResources: {A: {Type: 'X::Y'}}"), @"template.yaml:1:12: Transform: the macro `AWS::Serverless-2016-10-31` rewrites the template inside AWS, so its outcome can't be known here. Give the processed template instead.");
    insta::assert_snapshot!(of("Mappings: {M: {a: {b: {c: d}}}}\nResources: {A: {Type: 'X::Y'}}"), @"template.yaml:1:23: the mapped value `M.a.b` holds a map; it must be a text or a list of texts.");
}

#[test]
fn parameters() {
    let of = |parameters: &str, context: &Context| {
        problems(
            &format!("Parameters:\n{parameters}\nResources: {{A: {{Type: 'X::Y'}}}}"),
            context,
        )
    };
    insta::assert_snapshot!(of("  P: {Type: String}", &context()), @"template.yaml:2:3: Parameters.P: it has no default, so a value must be given.");
    insta::assert_snapshot!(of("  Stage: {Type: String, Default: x}", &context().with("Stag", "y")), @"template.yaml:1:1: Parameters.Stag: a value is given, but the template declares no such parameter. Did you mean `Stage`?");
    insta::assert_snapshot!(of("  P: {Type: String, AllowedPattern: '[a-z]+', ConstraintDescription: Small letters.}", &context().with("P", "A1")), @r#"
        template.yaml:2:3: Parameters.P: `A1` doesn't match the pattern [a-z]+.
        template.yaml:2:3: Parameters.P: Small letters.
        "#);
    insta::assert_snapshot!(of("  P: {Type: Strin}", &context()), @"template.yaml:2:13: `Strin` is no parameter type of CloudFormation. Did you mean `String`?");
    insta::assert_snapshot!(of("  P: {Type: String, Defalt: x}", &context()), @"template.yaml:2:21: `Defalt` is no attribute of a parameter (in `P`). Did you mean `Default`?");
    insta::assert_snapshot!(of("  P: {Type: String, AllowedPattern: '(?=x)'}", &context()), @"template.yaml:2:37: the AllowedPattern of `P` can't be checked here: it is no regular expression we can read. Look-around and back references are not supported; write the pattern without them.");
    insta::assert_snapshot!(of("  P: {Type: String, AllowedValues: []}", &context()), @"template.yaml:2:36: the AllowedValues of `P` must be a list of at least one value.");
    insta::assert_snapshot!(of("  P: {Type: String, MinLength: -1}", &context()), @"template.yaml:2:32: MinLength must be a whole number of characters, such as 8.");
}

#[test]
fn growth_is_bounded() {
    let mut value = "x".repeat(100);
    for _ in 0..24 {
        value = format!("!Sub ['${{a}}${{a}}${{a}}${{a}}', {{a: {value}}}]");
    }
    assert!(of(&value).contains("grows too large"), "{}", of(&value));
}
