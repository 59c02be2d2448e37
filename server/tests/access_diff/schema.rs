//! Holds JSON against the schemas of `docs/schema`: those words of JSON Schema (draft 2020-12) that they use. A word
//! that is not known here fails, so that none is passed over.
use serde_json::{Map, Value};

/// A schema with the definitions it refers to.
pub(crate) struct Schema(Value);

impl Schema {
    pub(crate) fn new(source: &str) -> Schema {
        Schema(serde_json::from_str(source).unwrap())
    }

    /// What does not fit, each with its path.
    pub(crate) fn wrong(&self, value: &Value) -> Vec<String> {
        let mut wrong = Vec::new();
        self.hold(&self.0, value, "", &mut wrong);
        wrong
    }

    fn hold(&self, schema: &Value, value: &Value, path: &str, wrong: &mut Vec<String>) {
        for (word, rule) in schema.as_object().unwrap() {
            let fits = match word.as_str() {
                "$schema" | "$defs" | "title" | "description" => true,
                "type" => list(rule).iter().any(|kind| is(value, kind)),
                "enum" => list(rule).contains(value),
                "anyOf" => list(rule).iter().any(|one| {
                    let mut inner = Vec::new();
                    self.hold(one, value, path, &mut inner);
                    inner.is_empty()
                }),
                "required" => value.as_object().is_none_or(|fields| {
                    list(rule)
                        .iter()
                        .all(|name| fields.contains_key(name.as_str().unwrap()))
                }),
                "$ref" => {
                    let name = rule.as_str().unwrap().strip_prefix("#/$defs/").unwrap();
                    self.hold(&self.0["$defs"][name], value, path, wrong);
                    true
                }
                "items" => {
                    for (place, item) in value.as_array().into_iter().flatten().enumerate() {
                        self.hold(rule, item, &format!("{path}/{place}"), wrong);
                    }
                    true
                }
                "properties" => {
                    for (name, inner) in rule.as_object().unwrap() {
                        if let Some(found) = value.get(name) {
                            self.hold(inner, found, &format!("{path}/{name}"), wrong);
                        }
                    }
                    true
                }
                "additionalProperties" => {
                    let known = schema["properties"].as_object();
                    for (name, found) in value.as_object().unwrap_or(&Map::new()) {
                        if known.is_none_or(|known| !known.contains_key(name)) {
                            self.hold(rule, found, &format!("{path}/{name}"), wrong);
                        }
                    }
                    true
                }
                unknown => panic!("{unknown} is not known here"),
            };
            if !fits {
                wrong.push(format!("{path}: {word} {rule} does not hold for {value}"));
            }
        }
    }
}

/// A list, or the only one.
fn list(value: &Value) -> Vec<Value> {
    value
        .as_array()
        .cloned()
        .unwrap_or_else(|| vec![value.clone()])
}

fn is(value: &Value, kind: &Value) -> bool {
    match kind.as_str().unwrap() {
        "null" => value.is_null(),
        "boolean" => value.is_boolean(),
        "string" => value.is_string(),
        "array" => value.is_array(),
        "object" => value.is_object(),
        unknown => panic!("{unknown} is not known here"),
    }
}

#[test]
fn what_does_not_fit_is_told_with_its_path() {
    let schema = Schema::new(
        r##"{"type": "object", "required": ["a"], "properties": {"a": {"type": "array", "items": {"$ref": "#/$defs/word"}}},
            "additionalProperties": {"anyOf": [{"type": "null"}, {"type": "boolean"}]}, "$defs": {"word": {"enum": ["x", "y"]}}}"##,
    );
    let told = |source: &str| {
        schema
            .wrong(&serde_json::from_str(source).unwrap())
            .join("; ")
    };
    assert_eq!(told(r#"{"a": ["x", "y"], "b": null, "c": true}"#), "");
    assert!(told(r#"{"a": ["x", "z"]}"#).starts_with("/a/1: enum"));
    assert!(told(r#"{"a": [], "b": "x"}"#).starts_with("/b: anyOf"));
    assert!(told("{}").starts_with(": required"));
    assert!(told("[]").starts_with(": type"));
}
