use proptest::prelude::*;

use super::*;

/// A value that can be written as JSON and as YAML.
fn tree() -> impl Strategy<Value = serde_json::Value> {
    let name = prop::sample::select(vec![
        "A",
        "B",
        "P",
        "L",
        "C",
        "D",
        "M",
        "AWS::Region",
        "AWS::NoValue",
        "AWS::StackId",
        "nothing",
    ]);
    let leaf = prop_oneof![
        any::<bool>().prop_map(serde_json::Value::from),
        (-1000i64..1000).prop_map(serde_json::Value::from),
        "[ -~]{0,12}".prop_map(serde_json::Value::from),
        "[a-z:${}.!A-Z]{0,12}".prop_map(serde_json::Value::from),
        name.prop_map(|name| serde_json::json!({"Ref": name})),
        prop::sample::select(vec!["A.Arn", "B.X.Y", "Q.Z", "A"])
            .prop_map(|name| serde_json::json!({"Fn::GetAtt": name})),
        prop::sample::select(vec![
            "10.0.0.0/16",
            "{{resolve:ssm:x}}",
            "${A}-${B.C}-${P}",
            "0"
        ])
        .prop_map(serde_json::Value::from),
    ];
    let function = prop::sample::select(vec![
        "Fn::Sub",
        "Fn::Join",
        "Fn::Select",
        "Fn::Split",
        "Fn::If",
        "Fn::FindInMap",
        "Fn::Base64",
        "Fn::Cidr",
        "Fn::GetAZs",
        "Fn::ImportValue",
        "Fn::Length",
        "Fn::ToJsonString",
        "Fn::Equals",
        "Fn::And",
        "Fn::Or",
        "Fn::Not",
        "Condition",
        "Fn::ForEach::Loop",
        "Fn::Transform",
        "Fn::Nothing",
        "Ref",
        "Fn::GetAtt",
    ]);
    leaf.prop_recursive(5, 40, 4, move |inner| {
        prop_oneof![
            prop::collection::vec(inner.clone(), 0..4).prop_map(serde_json::Value::from),
            prop::collection::btree_map("[A-Za-z${}&]{1,6}", inner.clone(), 0..4)
                .prop_map(|map| map.into_iter().collect::<serde_json::Map<_, _>>().into()),
            (function.clone(), inner.clone())
                .prop_map(|(key, value)| serde_json::json!({key: value})),
            (function.clone(), prop::collection::vec(inner.clone(), 1..4))
                .prop_map(|(key, args)| serde_json::json!({key: args})),
            inner
                .clone()
                .prop_map(|value| serde_json::json!({"Fn::If": ["C", value.clone(), value]})),
            prop::collection::vec(inner, 1..3)
                .prop_map(|items| serde_json::json!({"Fn::Join": ["-", items]})),
        ]
    })
}

fn template() -> impl Strategy<Value = serde_json::Value> {
    (tree(), tree(), tree(), tree()).prop_map(|(a, b, condition, output)| {
        serde_json::json!({
            "Transform": "AWS::LanguageExtensions",
            "Parameters": {"P": {"Type": "String", "Default": "p"}, "L": {"Type": "CommaDelimitedList", "Default": "x,y"},
                "S": {"Type": "AWS::SSM::Parameter::Value<String>", "Default": "/s"}},
            "Mappings": {"M": {"p": {"a": ["b"], "x": "y"}}},
            "Conditions": {"C": {"Fn::Equals": [{"Ref": "S"}, "x"]}, "D": {"Fn::Equals": [condition, {"Ref": "P"}]}},
            "Resources": {"A": {"Type": "X::Y", "Properties": {"V": a}}, "B": {"Type": "X::Y", "Condition": "C", "Properties": {"V": b}}},
            "Outputs": {"O": {"Value": output}},
        })
    })
}

/// Block YAML with every text in double quotes.
fn yaml(value: &serde_json::Value, indent: usize, text: &mut String) {
    let pad = "  ".repeat(indent);
    match value {
        serde_json::Value::Object(map) if !map.is_empty() => {
            for (key, value) in map {
                text.push_str(&format!(
                    "\n{pad}{}:",
                    serde_json::Value::from(key.as_str())
                ));
                yaml(value, indent + 1, text);
            }
        }
        serde_json::Value::Array(items) if !items.is_empty() => {
            for item in items {
                text.push_str(&format!("\n{pad}-"));
                yaml(item, indent + 1, text);
            }
        }
        other => text.push_str(&format!(" {other}")),
    }
}

proptest! {
    #[test]
    fn on_any_text(source in any::<String>()) {
        let _ = parse(FILE, &source);
    }

    #[test]
    fn on_text_of_yaml_characters(source in "[-?:,\\[\\]{}#&*!|>'\"%@` \n\tab01~.]{0,80}") {
        let _ = parse(FILE, &source);
    }

    #[test]
    fn on_text_of_json_characters(source in "\\{[\\[\\]{}:,\"\\\\ \nu01ednultrfas.-]{0,60}") {
        let _ = parse(FILE, &source);
    }

    #[test]
    fn on_template_shaped_trees_and_both_forms_agree(template in template()) {
        let json = template.to_string();
        let mut block = String::new();
        yaml(&template, 0, &mut block);
        let from_json = parse(FILE, &json).map(|t| resolve(&t, &context()));
        let from_yaml = parse(FILE, &block).map(|t| resolve(&t, &context()));
        match (from_json, from_yaml) {
            (Ok(Ok(a)), Ok(Ok(b))) => {
                // What is displayed must not depend on the form either.
                let shown = |stack: &Resolved| stack.outputs["O"].value.to_json();
                prop_assert_eq!(shown(&a), shown(&b));
                // Parameters remember nothing of their place, so whole results compare.
                prop_assert_eq!(a, b);
            }
            (Ok(Err(a)), Ok(Err(b))) => {
                let words = |errors: &[TemplateError]| errors.iter().map(|e| (e.path.clone(), e.message.clone())).collect::<Vec<_>>();
                prop_assert_eq!(words(&a), words(&b));
            }
            (Err(_), Err(_)) => {}
            (a, b) => prop_assert!(false, "JSON gives {:?}\nYAML gives {:?}\n{}", a, b, block),
        }
    }
}
