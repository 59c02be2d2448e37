//! Policies written as JSON text.
use super::*;
use crate::template::Part;

#[test]
fn a_policy_may_be_json_text() {
    let policy = identity(&json!({"Resource": "arn:aws:s3:::ünïcode/\u{e000}"}));
    let expected = Ok(statements(&policy, DocumentKind::Identity));
    assert_eq!(read(Value::string(policy.to_string())), expected);
    assert_eq!(read(Symbol::Json(value_of(&policy)).into()), expected);
    for (text, finding) in [
        ("", "Doc: the text is not a JSON object."),
        ("\"x\"", "Doc: the text is not a JSON object."),
        (
            "{\"Statement\": [}",
            "Doc: the text is not valid JSON: line 1, column 16: ",
        ),
        (
            "{\"Statement\": [],\n \"Statement\": []}",
            "Doc: the text is not valid JSON: line 2, column 2: the key `Statement` stands twice",
        ),
    ] {
        let found = read(Value::string(text)).unwrap_err();
        assert!(found.starts_with(finding), "{found}");
    }
}

#[test]
fn symbols_may_stand_in_the_strings_of_json_text() {
    let parts = |before: &str, after: &str| {
        Symbol::Text(vec![
            Part::Literal(format!(
                r#"{{"Version": "2012-10-17", "Statement": [{{"Effect": "Allow", "Action": "s3:*", {before}"#
            )),
            Part::Symbol(arn_of("Bucket")),
            Part::Literal(format!("{after}}}]}}")),
        ])
    };
    let resource = |symbol: Symbol| {
        read(symbol.into()).map(|statements| only(statements).resources.unwrap().values)
    };
    assert_eq!(
        resource(parts("\"Resource\": \"", "\"")),
        Ok(vec![Text(vec![Piece::Symbol(arn_of("Bucket"))])])
    );
    let escaped = r#""Resource": "arn:\"\ue000"#;
    assert_eq!(
        resource(parts(escaped, "/*\"")),
        Ok(vec![Text(vec![
            Piece::Literal("arn:\"\u{e000}".into()),
            Piece::Symbol(arn_of("Bucket")),
            Piece::Literal("/*".into()),
        ])])
    );
    // What looks like a mark is not taken for one.
    assert_eq!(
        read(
            parts(
                "\"NotResource\": \"arn:\", \"Sid\": \"\u{e000}0\u{e000}",
                "\""
            )
            .into()
        )
        .map(|s| s.len()),
        Ok(1)
    );
    assert_eq!(
        resource(parts("\"Resource\": ", "")),
        Err("Doc: `${Bucket.Arn}` stands in the JSON text outside of a string, so this part of the policy is known only at deployment. Put it in quotes.".to_owned())
    );
    assert_eq!(
        resource(parts("\"Condition\": {\"StringEquals\": {\"", ":sub\": \"x\"}}")),
        Err("Doc.Statement[0].Condition.StringEquals: the name of a key is known only at deployment here. Write it out.".to_owned())
    );
    let backslash = resource(parts("\"Resource\": \"\\", "\"")).unwrap_err();
    assert!(backslash.contains("is no JSON escape"), "{backslash}");
}

#[test]
fn joined_texts_are_read_where_their_items_are_known() {
    let join = |items: Vec<Value>| {
        Value::from(Symbol::Join {
            delimiter: "\"".into(),
            list: Value::List(items),
        })
    };
    let read_join = read(join(vec![
        Value::string("{"),
        Value::string("Statement"),
        Value::string(": [{"),
        Value::string(r#"Effect": "Allow", "Action": "s3:*", "Resource"#),
        Value::string(":"),
        arn_of("Bucket").into(),
        Value::string("}]}"),
    ]));
    assert_eq!(
        read_join.map(|statements| only(statements).resources.unwrap().values),
        Ok(vec![Text(vec![Piece::Symbol(arn_of("Bucket"))])])
    );
    let unknown = Symbol::If {
        condition: "C".into(),
        then: Some(Value::string("{}")),
        otherwise: None,
    };
    assert!(read(join(vec![unknown.into()])).is_err());
}
