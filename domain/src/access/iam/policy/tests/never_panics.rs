//! Hostile input.
use super::*;
use crate::template::Part;
use proptest::prelude::*;

/// JSON out of the words that policies are made of, so that it goes deep into the reader.
fn any_json() -> impl Strategy<Value = serde_json::Value> {
    const WORDS: [&str; 24] = [
        "Version",
        "2012-10-17",
        "Statement",
        "Effect",
        "Allow",
        "Deny",
        "Action",
        "NotAction",
        "Resource",
        "Principal",
        "NotPrincipal",
        "AWS",
        "Condition",
        "StringLike",
        "ForAllValues:IpAddressIfExists",
        "Null",
        "aws:a",
        "*",
        "s3:*",
        "123456789012",
        "${aws:a}",
        "${",
        "ForAnyValue:",
        "10.0.0.0/8",
    ];
    let word = proptest::sample::select(&WORDS[..]).prop_map(str::to_owned);
    let text = prop_oneof![3 => word, 1 => "\\PC{0,8}"];
    let leaf = prop_oneof![
        4 => text.clone().prop_map(serde_json::Value::from),
        1 => any::<f64>().prop_map(serde_json::Value::from),
        1 => any::<bool>().prop_map(serde_json::Value::from),
        1 => Just(serde_json::Value::Null),
    ];
    leaf.prop_recursive(6, 64, 6, move |inner| {
        prop_oneof![
            proptest::collection::vec(inner.clone(), 0..4).prop_map(serde_json::Value::from),
            proptest::collection::vec((text.clone(), inner), 0..6).prop_map(|entries| entries
                .into_iter()
                .collect::<serde_json::Map<_, _>>()
                .into()),
        ]
    })
}

fn any_kind() -> impl Strategy<Value = DocumentKind> {
    proptest::sample::select(vec![
        DocumentKind::Identity,
        DocumentKind::Resource,
        DocumentKind::Trust,
    ])
}

proptest! {
    #[test]
    fn nothing_makes_it_panic(json in any_json(), kind in any_kind()) {
        let whole = parsed(&json, kind);
        // As text it says the same, where the text is an object without null.
        let text = parse(&document(Value::string(json.to_string())), kind);
        if json.is_object() && !json.to_string().contains("null") {
            prop_assert_eq!(whole, text);
        }
        let statements = json!({"Version": "2012-10-17", "Statement": [json]});
        let parsed = parsed(&statements, kind);
        prop_assert_eq!(parsed.statements.is_empty(), !parsed.findings.is_empty());
    }

    #[test]
    fn no_text_makes_it_panic(parts in proptest::collection::vec("[{}\\[\\]\",:\\\\a-u0-9\u{e000} ]{0,12}", 0..6), kind in any_kind()) {
        let mut mixed = Vec::new();
        for literal in parts {
            mixed.push(Part::Literal(format!("{{\"{literal}")));
            mixed.push(Part::Symbol(arn_of("A")));
        }
        let _ = parse(&document(Symbol::Text(mixed).into()), kind);
    }
}
