//! One file a family of intrinsic functions. Each evaluates its arguments and gives a value, a symbol or a problem.
//! What may be asked of a condition lives in `conditions`, loops in `foreach`.

mod choose;
mod encode;
mod lists;
mod lookup;
mod network;
pub(super) mod reference;
pub(super) mod sub;

use super::evaluate::{Evaluator, Place, Reported};
use super::node::{Node, Position};
use super::suggestion::did_you_mean;
use super::symbol::Symbol;
use super::tags::function_keys;
use super::value::Value;

/// What a function gives; `None` is `AWS::NoValue`.
type Outcome = Result<Option<Value>, Reported>;

/// Calls the function that `key` names.
pub(super) fn call(e: &mut Evaluator<'_>, key: &str, argument: &Node, at: Position) -> Outcome {
    let present = |value: Result<Value, Reported>| value.map(Some);
    match key {
        "Ref" => reference::reference_node(e, argument),
        "Fn::GetAtt" => present(reference::get_att(e, argument)),
        "Fn::Sub" => present(sub::sub(e, argument)),
        "Fn::ImportValue" => present(reference::import_value(e, argument)),
        "Fn::If" => choose::choose(e, argument),
        "Fn::FindInMap" => present(lookup::find_in_map(e, argument)),
        "Fn::Join" => present(lists::join(e, argument)),
        "Fn::Select" => present(lists::select(e, argument)),
        "Fn::Split" => present(lists::split(e, argument)),
        "Fn::Length" => present(lists::length(e, argument, at)),
        "Fn::Base64" => present(encode::base64(e, argument)),
        "Fn::ToJsonString" => present(encode::to_json_string(e, argument, at)),
        "Fn::Cidr" => present(network::cidr(e, argument)),
        "Fn::GetAZs" => present(network::get_azs(e, argument)),
        "Fn::Transform" => present(transform(e, argument)),
        "Fn::Equals" | "Fn::And" | "Fn::Or" | "Fn::Not" => Err(e.report(
            at,
            format!("`{key}` belongs in the Conditions section. Name the condition there and use Fn::If here."),
        )),
        _ => {
            let hint = did_you_mean(key, function_keys());
            Err(e.report(at, format!("`{key}` is no intrinsic function that can stand here.{hint}")))
        }
    }
}

/// Reports a function that needs the language extensions in a template that doesn't ask for them.
fn need_language_extensions(
    e: &mut Evaluator<'_>,
    what: &str,
    at: Position,
) -> Result<(), Reported> {
    if e.template.has_language_extensions() {
        return Ok(());
    }
    Err(e.report(
        at,
        format!(
            "{what} needs `Transform: AWS::LanguageExtensions` at the top of the template. Add it."
        ),
    ))
}

/// A macro: only AWS can run it.
fn transform(e: &mut Evaluator<'_>, argument: &Node) -> Result<Value, Reported> {
    if argument.get("Name").and_then(Node::as_str).is_none() {
        return Err(e.report(argument.at, "Fn::Transform needs the macro's `Name`. Write Fn::Transform: {Name: macro, Parameters: {...}}."));
    }
    if matches!(e.place, Place::Conditions | Place::Loop) {
        return Err(e.report(
            argument.at,
            "a macro can't be looked into here. Use a parameter or a mapping.",
        ));
    }
    Ok(Symbol::Transform(e.present(argument, "the argument of Fn::Transform")?).into())
}
