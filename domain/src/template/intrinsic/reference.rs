//! `Ref`, `Fn::GetAtt` and `Fn::ImportValue`, and the pseudo parameters.

use super::Outcome;
use crate::template::evaluate::{Evaluator, Place, Reported, shown};
use crate::template::node::{Node, Position};
use crate::template::suggestion::did_you_mean;
use crate::template::symbol::Symbol;
use crate::template::value::Value;
use std::fmt::Arguments;

/// Source: AWS CloudFormation User Guide, "Get AWS values using pseudo parameters".
pub(in crate::template) const PSEUDO_PARAMETERS: [&str; 8] = [
    "AWS::AccountId",
    "AWS::NoValue",
    "AWS::NotificationARNs",
    "AWS::Partition",
    "AWS::Region",
    "AWS::StackId",
    "AWS::StackName",
    "AWS::URLSuffix",
];

pub(super) fn reference_node(e: &mut Evaluator<'_>, argument: &Node) -> Outcome {
    match argument.as_str() {
        Some(name) => reference(e, name, format_args!("`!Ref {name}`"), argument.at),
        None => Err(e.report(
            argument.at,
            format!("Ref is given {}; it needs one name.", argument.described()),
        )),
    }
}

/// What `Ref` gives for a name. `call` is how the template says it, for messages.
pub(super) fn reference(
    e: &mut Evaluator<'_>,
    name: &str,
    call: Arguments<'_>,
    at: Position,
) -> Outcome {
    let context = e.context;
    let value = match name {
        "AWS::NoValue" => return Ok(None),
        "AWS::AccountId" => pseudo("AWS::AccountId", context.account_id.as_deref()),
        "AWS::Region" => pseudo("AWS::Region", context.region.as_deref()),
        "AWS::Partition" => Value::string(&context.partition),
        "AWS::URLSuffix" => Value::string(&context.url_suffix),
        "AWS::StackName" => pseudo("AWS::StackName", context.stack_name.as_deref()),
        "AWS::NotificationARNs" => match &context.notification_arns {
            Some(arns) => Value::List(arns.iter().map(Value::string).collect()),
            None => Symbol::Pseudo("AWS::NotificationARNs").into(),
        },
        "AWS::StackId" => Symbol::Pseudo("AWS::StackId").into(),
        _ => match e.parameters.get(name) {
            Some(parameter) => {
                e.spend(parameter.value.weight(), at)?;
                parameter.value.clone()
            }
            None if e.resources.contains_key(name)
                || matches!(e.place, Place::Resources | Place::Outputs) =>
            {
                e.use_resource(name, call, at)?;
                Symbol::Resource(name.to_owned()).into()
            }
            None => {
                let names = e
                    .parameters
                    .keys()
                    .map(String::as_str)
                    .chain(PSEUDO_PARAMETERS);
                let hint = did_you_mean(name, names);
                return Err(e.report(
                    at,
                    format!(
                        "{call} names no parameter, and only parameters can be used here.{hint}"
                    ),
                ));
            }
        },
    };
    e.spend(value.weight(), at)?;
    Ok(Some(value))
}

/// A pseudo parameter: its value, or a symbol where none is known.
pub(super) fn pseudo(name: &'static str, known: Option<&str>) -> Value {
    known.map_or_else(|| Symbol::Pseudo(name).into(), Value::string)
}

/// The resource and attribute of a `Fn::GetAtt`, in list or dotted form.
pub(in crate::template) fn get_att_parts(argument: &Node) -> Option<(&str, Attribute<'_>)> {
    match argument.as_list() {
        Some([resource, attribute]) => Some((resource.as_str()?, Attribute::Node(attribute))),
        Some(_) => None,
        None => {
            let (resource, attribute) = argument.as_str()?.split_once('.')?;
            Some((resource, Attribute::Name(attribute)))
        }
    }
}

/// The second part of a `Fn::GetAtt`; in list form it may be a function.
pub(in crate::template) enum Attribute<'n> {
    Name(&'n str),
    Node(&'n Node),
}

pub(super) fn get_att(e: &mut Evaluator<'_>, argument: &Node) -> Result<Value, Reported> {
    let Some((resource, attribute)) = get_att_parts(argument) else {
        return Err(e.report(
            argument.at,
            "Fn::GetAtt needs a resource and an attribute. Write !GetAtt Resource.Attribute or [Resource, Attribute].",
        ));
    };
    let attribute = match attribute {
        Attribute::Name(name) => name.to_owned(),
        Attribute::Node(node) => e.known_text(node, "the attribute of Fn::GetAtt")?,
    };
    attribute_of(
        e,
        resource,
        &attribute,
        format_args!("`!GetAtt {resource}.{attribute}`"),
        argument.at,
    )
}

pub(super) fn attribute_of(
    e: &mut Evaluator<'_>,
    resource: &str,
    attribute: &str,
    call: Arguments<'_>,
    at: Position,
) -> Result<Value, Reported> {
    if attribute.is_empty() {
        return Err(e.report(
            at,
            format!("{call} names no attribute. Write !GetAtt Resource.Attribute."),
        ));
    }
    e.use_resource(resource, call, at)?;
    let value = Value::from(Symbol::attribute(resource, attribute));
    e.spend(value.weight(), at)?;
    Ok(value)
}

/// The export's name may hold anything but this stack's own resources.
pub(super) fn import_value(e: &mut Evaluator<'_>, argument: &Node) -> Result<Value, Reported> {
    if matches!(e.place, Place::Conditions | Place::Loop) {
        let message = "Fn::ImportValue is not known before deployment, so it can't stand here. Use a parameter.";
        return Err(e.report(argument.at, message));
    }
    let name = e.text(argument, "the name in Fn::ImportValue")?;
    let symbol = Symbol::Import(name.clone());
    if symbol.names_resource() {
        let message = format!(
            "the name in Fn::ImportValue depends on a resource (`{}`). Use parameters only.",
            shown(&name)
        );
        return Err(e.report(argument.at, message));
    }
    Ok(symbol.into())
}
