//! What rules look at: one stack as a JSON document.
//!
//! - `Stage`, in lower case;
//! - `Parameters`, by name: `Value` as given, `NoEcho`;
//! - `Resources`, by logical id: `Type`, `DeletionPolicy` and `Properties` as in the template, resolved; beside them
//!   `Tags` by key, and `ReceivesDeadLetters` where another resource sends its dead letters there.
//!
//! CloudFormation takes `"true"` for `true` and `"5"` for `5`, so rules see the latter always. What only the deployment
//! knows is a text such as `${Orders.Arn}`.
use super::StackToGuard;
use domain::stage::Stage;
use domain::template::DeletionPolicy;
use serde_json::{Map, Value, json};
use std::collections::BTreeSet;

pub(super) fn document(stage: Stage, stack: StackToGuard<'_>) -> Value {
    let parameters: Map<String, Value> = stack
        .template
        .parameters
        .iter()
        .map(|(name, declared)| {
            let given = stack.parameters.get(name).or(declared.default.as_ref());
            let value = given.map(String::as_str).unwrap_or_default();
            (
                name.clone(),
                json!({ "Value": value, "NoEcho": declared.no_echo }),
            )
        })
        .collect();
    let mut resources = Map::new();
    let mut dead_letters = BTreeSet::new();
    for (id, resource) in &stack.resolved.resources {
        let properties: Map<String, Value> = resource
            .properties
            .iter()
            .map(|(name, value)| (name.clone(), plain(value.to_json())))
            .collect();
        let tags = tags(&properties);
        let properties = Value::Object(properties);
        receivers(&properties, false, &mut dead_letters);
        let mut shown = json!({ "Type": resource.kind, "Properties": properties, "Tags": tags });
        if let Some(policy) = resource.deletion_policy {
            shown["DeletionPolicy"] = name_of(policy).into();
        }
        resources.insert(id.clone(), shown);
    }
    for id in dead_letters {
        if let Some(resource) = resources.get_mut(&id) {
            resource["ReceivesDeadLetters"] = true.into();
        }
    }
    json!({ "Stage": stage.as_str(), "Parameters": parameters, "Resources": resources })
}

fn name_of(policy: DeletionPolicy) -> &'static str {
    match policy {
        DeletionPolicy::Delete => "Delete",
        DeletionPolicy::Retain => "Retain",
        DeletionPolicy::RetainExceptOnCreate => "RetainExceptOnCreate",
        DeletionPolicy::Snapshot => "Snapshot",
    }
}

/// Texts that stand for a boolean or a whole number as that. Longer numbers are names, such as account ids.
// As deep as the template's nesting, which parsing bounds.
fn plain(value: Value) -> Value {
    match value {
        Value::String(text) => match text.as_str() {
            "true" => true.into(),
            "false" => false.into(),
            digits if digits.len() <= 9 => match digits.parse::<i64>() {
                Ok(number) if number.to_string() == digits => number.into(),
                _ => Value::String(text),
            },
            _ => Value::String(text),
        },
        Value::Array(items) => items.into_iter().map(plain).collect(),
        Value::Object(map) => map
            .into_iter()
            .map(|(key, value)| (key, plain(value)))
            .collect(),
        other => other,
    }
}

/// Tags by key, in whichever of the ways that resource types take them.
fn tags(properties: &Map<String, Value>) -> Map<String, Value> {
    let mut tags = Map::new();
    let replicas = properties.get("Replicas").and_then(Value::as_array);
    let replicas = replicas.into_iter().flatten();
    let of_replicas = replicas.filter_map(|replica| replica.get("Tags"));
    let own = ["Tags", "FileSystemTags", "HostedZoneTags", "UserPoolTags"];
    let own = own.into_iter().filter_map(|name| properties.get(name));
    for stated in own.chain(of_replicas) {
        match stated {
            Value::Array(list) => {
                for tag in list {
                    if let Some(key) = tag.get("Key").and_then(Value::as_str) {
                        let value = tag.get("Value").cloned().unwrap_or_default();
                        tags.insert(key.to_owned(), value);
                    }
                }
            }
            Value::Object(map) => tags.extend(map.clone()),
            _ => {}
        }
    }
    tags
}

/// Keys below which the address of a queue for dead letters stands.
const DEAD_LETTERS: [&str; 3] = ["DeadLetterConfig", "OnFailure", "deadLetterTargetArn"];

/// Logical ids of what dead letters are sent to.
// As deep as the template's nesting, which parsing bounds.
fn receivers(value: &Value, sends: bool, found: &mut BTreeSet<String>) {
    match value {
        Value::String(text) if sends => {
            let id = text.strip_prefix("${").and_then(|rest| {
                let (id, _) = rest.split_once('}')?;
                Some(id.split('.').next().unwrap_or(id))
            });
            found.extend(id.map(str::to_owned));
        }
        Value::Array(items) => {
            for item in items {
                receivers(item, sends, found);
            }
        }
        Value::Object(map) => {
            for (key, value) in map {
                receivers(value, sends || DEAD_LETTERS.contains(&key.as_str()), found);
            }
        }
        _ => {}
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn texts_that_cloudformation_takes_for_numbers_are_numbers() {
        let before = json!({ "a": "true", "b": ["5", "007", "111122223333", "-1", "x"], "c": 1 });
        let after = json!({ "a": true, "b": [5, "007", "111122223333", -1, "x"], "c": 1 });
        assert_eq!(plain(before), after);
    }
}
