//! Telling apart what two templates call by the same name. A symbol names a parameter, a mapping or a condition;
//! when two templates define that name differently, equal symbols must not pass for equal values.

use std::collections::{BTreeMap, BTreeSet};

use super::conditions::{Decision, Logic};
use super::context::Context;
use super::parse::Template;
use super::resolve::Resolved;
use super::symbol::Symbol;
use super::text::Part;
use super::value::Value;

/// What stands behind such a name, in what people read.
const AFTER: &str = " (after)";

/// Gives another name to what `after` defines differently than `before` does, wherever a symbol or an undecided
/// condition of `after` names it: parameters with another unseen value, mappings with other entries, conditions with
/// another logic.
pub fn tell_apart(
    before: (&Template, &Context, &Resolved),
    after: (&Template, &Context, &mut Resolved),
) {
    let (old_template, old_context, old) = before;
    let (new_template, new_context, new) = after;
    let mut names = Apart {
        parameters: new
            .parameters
            .keys()
            .filter(|name| old.parameters.contains_key(*name))
            .filter(|name| {
                text_of(old_template, old_context, name) != text_of(new_template, new_context, name)
            })
            .cloned()
            .collect(),
        mappings: new_template
            .mappings
            .iter()
            .filter(|(name, mapping)| {
                old_template
                    .mappings
                    .get(*name)
                    .is_some_and(|old| old != *mapping)
            })
            .map(|(name, _)| name.clone())
            .collect(),
        conditions: BTreeSet::new(),
    };
    for decision in new.conditions.values_mut() {
        if let Decision::Undecided(logic) = decision {
            names.logic(logic);
        }
    }
    names.conditions = differing(&old.conditions, &new.conditions);
    new.conditions = std::mem::take(&mut new.conditions)
        .into_iter()
        .map(|(mut name, mut decision)| {
            names.condition(&mut name);
            if let Decision::Undecided(logic) = &mut decision {
                names.logic_conditions(logic);
            }
            (name, decision)
        })
        .collect();
    if names.is_empty() {
        return;
    }
    for parameter in new.parameters.values_mut() {
        names.value(&mut parameter.value);
    }
    for resource in new.resources.values_mut() {
        let attributes = [
            &mut resource.update_policy,
            &mut resource.creation_policy,
            &mut resource.metadata,
        ];
        resource
            .properties
            .values_mut()
            .chain(attributes.into_iter().flatten())
            .for_each(|value| names.value(value));
        resource
            .condition
            .iter_mut()
            .for_each(|name| names.condition(name));
    }
    for output in new.outputs.values_mut() {
        names.value(&mut output.value);
        output
            .export
            .iter_mut()
            .for_each(|value| names.value(value));
        output
            .condition
            .iter_mut()
            .for_each(|name| names.condition(name));
    }
}

/// What was typed for a parameter, or its default.
fn text_of<'t>(template: &'t Template, context: &'t Context, name: &str) -> Option<&'t String> {
    context
        .parameters
        .get(name)
        .or_else(|| template.parameters.get(name)?.default.as_ref())
}

/// Conditions that are undecided on both sides and mean something else, or rest on one that does.
fn differing(
    old: &BTreeMap<String, Decision>,
    new: &BTreeMap<String, Decision>,
) -> BTreeSet<String> {
    let mut resting: BTreeMap<&str, Vec<&String>> = BTreeMap::new();
    let mut found = BTreeSet::new();
    let mut open = Vec::new();
    for (name, decision) in new {
        let Decision::Undecided(logic) = decision else {
            continue;
        };
        let mut named = Vec::new();
        named_in(logic, &mut named);
        for other in named {
            resting.entry(other).or_default().push(name);
        }
        if old.get(name).is_some_and(|old| old != decision) && found.insert(name.clone()) {
            open.push(name);
        }
    }
    while let Some(name) = open.pop() {
        for other in resting.get(name.as_str()).into_iter().flatten() {
            if found.insert((*other).clone()) {
                open.push(other);
            }
        }
    }
    found
}

fn named_in<'l>(logic: &'l Logic, names: &mut Vec<&'l str>) {
    match logic {
        Logic::Equals(..) => {}
        Logic::Condition(name) => names.push(name),
        Logic::And(parts) | Logic::Or(parts) => {
            parts.iter().for_each(|part| named_in(part, names));
        }
        Logic::Not(part) => named_in(part, names),
    }
}

/// Names that mean something else after than before.
struct Apart {
    parameters: BTreeSet<String>,
    mappings: BTreeSet<String>,
    conditions: BTreeSet<String>,
}

impl Apart {
    fn is_empty(&self) -> bool {
        self.parameters.is_empty() && self.mappings.is_empty() && self.conditions.is_empty()
    }

    fn condition(&self, name: &mut String) {
        set_apart(name, &self.conditions);
    }

    /// The values of a condition; its names of other conditions stay.
    fn logic(&self, logic: &mut Logic) {
        match logic {
            Logic::Equals(left, right) => {
                self.value(left);
                self.value(right);
            }
            Logic::Condition(_) => {}
            Logic::And(parts) | Logic::Or(parts) => {
                parts.iter_mut().for_each(|part| self.logic(part));
            }
            Logic::Not(part) => self.logic(part),
        }
    }

    fn logic_conditions(&self, logic: &mut Logic) {
        match logic {
            Logic::Equals(..) => {}
            Logic::Condition(name) => self.condition(name),
            Logic::And(parts) | Logic::Or(parts) => {
                parts
                    .iter_mut()
                    .for_each(|part| self.logic_conditions(part));
            }
            Logic::Not(part) => self.logic_conditions(part),
        }
    }

    fn value(&self, value: &mut Value) {
        match value {
            Value::Bool(_) | Value::Number(_) | Value::String(_) => {}
            Value::List(items) => items.iter_mut().for_each(|item| self.value(item)),
            Value::Map(entries) => entries.values_mut().for_each(|item| self.value(item)),
            Value::Symbol(symbol) => self.symbol(symbol),
        }
    }

    fn symbol(&self, symbol: &mut Symbol) {
        match symbol {
            Symbol::Resource(_) | Symbol::Attribute { .. } | Symbol::Pseudo(_) => {}
            Symbol::Parameter { name, .. } => set_apart(name, &self.parameters),
            Symbol::Dynamic(parts) | Symbol::Text(parts) => {
                for part in parts {
                    if let Part::Symbol(symbol) = part {
                        self.symbol(symbol);
                    }
                }
            }
            Symbol::Import(value)
            | Symbol::Zones(value)
            | Symbol::Base64(value)
            | Symbol::Length(value)
            | Symbol::Json(value)
            | Symbol::Transform(value)
            | Symbol::Split { text: value, .. }
            | Symbol::Join { list: value, .. } => self.value(value),
            Symbol::Select { index, list } => {
                self.value(index);
                self.value(list);
            }
            Symbol::FindInMap {
                map,
                top,
                second,
                default,
            } => {
                set_apart(map, &self.mappings);
                self.value(top);
                self.value(second);
                default.iter_mut().for_each(|value| self.value(value));
            }
            Symbol::Cidr { block, count, bits } => {
                self.value(block);
                self.value(count);
                self.value(bits);
            }
            Symbol::If {
                condition,
                then,
                otherwise,
            } => {
                self.condition(condition);
                then.iter_mut()
                    .chain(otherwise)
                    .for_each(|value| self.value(value));
            }
        }
    }
}

fn set_apart(name: &mut String, differing: &BTreeSet<String>) {
    if differing.contains(name) {
        name.push_str(AFTER);
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::template::{parse, resolve};

    /// The property `V` of `R` before and after, once told apart; the same head stands before each.
    fn values(before: &str, after: &str, property: &str) -> (Value, Value) {
        let read = |head: &str| {
            let source = format!(
                "{head}\nResources: {{R: {{Type: AWS::X::Y, Properties: {{V: {property}}}}}}}"
            );
            let template = parse("template.yaml", &source).unwrap();
            let resolved = resolve(&template, &Context::unknown()).unwrap();
            (template, resolved)
        };
        let context = Context::unknown();
        let (old_template, old) = read(before);
        let (new_template, mut new) = read(after);
        tell_apart(
            (&old_template, &context, &old),
            (&new_template, &context, &mut new),
        );
        (
            old.resources["R"].properties.get("V").unwrap().clone(),
            new.resources["R"].properties.get("V").unwrap().clone(),
        )
    }

    #[track_caller]
    fn differ(before: &str, after: &str, property: &str) {
        let (old, new) = values(before, after, property);
        assert_ne!(old, new);
        let (old, new) = values(before, before, property);
        assert_eq!(old, new);
    }

    #[test]
    fn a_value_from_ssm_is_the_same_under_the_same_path_only() {
        let head = |path: &str| {
            format!(
                "Parameters: {{P: {{Type: 'AWS::SSM::Parameter::Value<String>', Default: {path}}}}}"
            )
        };
        differ(&head("/a"), &head("/b"), "!Sub 'x-${P}'");
    }

    #[test]
    fn a_hidden_value_is_another_when_its_text_is() {
        let head = |text: &str| {
            format!("Parameters: {{P: {{Type: String, NoEcho: true, Default: {text}}}}}")
        };
        differ(&head("aaaa"), &head("bbbb"), "!Ref P");
    }

    #[test]
    fn a_mapping_is_the_same_with_the_same_entries_only() {
        let head = |value: &str| format!("Mappings: {{M: {{eu-west-1: {{Bucket: {value}}}}}}}");
        differ(
            &head("a"),
            &head("b"),
            "!FindInMap [M, !Ref AWS::Region, Bucket]",
        );
    }

    #[test]
    fn a_condition_is_the_same_with_the_same_logic_only_and_so_is_what_rests_on_it() {
        let head = |region: &str| {
            format!(
                "Conditions: {{A: !Equals [!Ref AWS::Region, {region}], B: !Not [{{Condition: A}}], C: !Not [{{Condition: B}}]}}"
            )
        };
        differ(&head("eu-west-1"), &head("us-east-1"), "!If [C, a, b]");
    }

    #[test]
    fn what_only_one_side_has_keeps_its_name() {
        let (_, new) = values(
            "Parameters: {Q: {Type: String}}",
            "Parameters: {P: {Type: String}}",
            "{A: !Ref AWS::AccountId}",
        );
        assert_eq!(new.to_json(), serde_json::json!({"A": "${AWS::AccountId}"}));
    }
}
