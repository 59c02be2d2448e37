//! `Fn::FindInMap`.

use super::need_language_extensions;
use crate::template::evaluate::{Evaluator, Reported};
use crate::template::node::Node;
use crate::template::suggestion::did_you_mean;
use crate::template::symbol::Symbol;
use crate::template::text::Text;
use crate::template::value::Value;

const FORM: &str = "Fn::FindInMap: [mapping, top-level key, second-level key]";

pub(super) fn find_in_map(e: &mut Evaluator<'_>, argument: &Node) -> Result<Value, Reported> {
    let (map_node, top_node, second_node, options) = match e.arguments(argument, FORM, &[3, 4])? {
        [map, top, second] => (map, top, second, None),
        [map, top, second, options] => (map, top, second, Some(options)),
        _ => return Err(e.report(argument.at, format!("Write {FORM}."))),
    };
    let default = options
        .map(|options| default_value(e, options))
        .transpose()?;
    let map = e.known_text(map_node, "the mapping's name in Fn::FindInMap")?;
    let top = e.text(top_node, "the top-level key of Fn::FindInMap")?;
    let second = e.text(second_node, "the second-level key of Fn::FindInMap")?;
    let template = e.template;
    let Some(mapping) = template.mappings.get(&map) else {
        let hint = did_you_mean(&map, template.mappings.keys().map(String::as_str));
        return default
            .ok_or_else(|| e.report(map_node.at, format!("there is no mapping `{map}`.{hint}")));
    };
    let (Value::String(top), Value::String(second)) = (&top, &second) else {
        return Ok(Symbol::FindInMap {
            map,
            top,
            second,
            default,
        }
        .into());
    };
    let Some(attributes) = mapping.get(top) else {
        let hint = did_you_mean(top, mapping.keys().map(String::as_str));
        return default.ok_or_else(|| {
            e.report(
                top_node.at,
                format!("the mapping `{map}` has no key `{top}`.{hint}"),
            )
        });
    };
    let Some(value) = attributes.get(second) else {
        let hint = did_you_mean(second, attributes.keys().map(String::as_str));
        let message = format!("the mapping `{map}` has no key `{second}` under `{top}`.{hint}");
        return default.ok_or_else(|| e.report(second_node.at, message));
    };
    e.spend(value.weight(), argument.at)?;
    Ok(with_dynamic_references(value))
}

fn with_dynamic_references(value: &Value) -> Value {
    match value {
        Value::String(text) => Text::literal(text).into_value(),
        Value::List(items) => Value::List(items.iter().map(with_dynamic_references).collect()),
        other => other.clone(),
    }
}

fn default_value(e: &mut Evaluator<'_>, options: &Node) -> Result<Value, Reported> {
    let Some(entry) = options
        .only_entry()
        .filter(|entry| entry.key == "DefaultValue")
    else {
        return Err(e.report(
            options.at,
            "the fourth argument of Fn::FindInMap must be {DefaultValue: value}.",
        ));
    };
    need_language_extensions(e, "DefaultValue in Fn::FindInMap", entry.at)?;
    e.present(&entry.value, "the DefaultValue of Fn::FindInMap")
}
