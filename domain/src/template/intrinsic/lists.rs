//! `Fn::Join`, `Fn::Select`, `Fn::Split` and `Fn::Length`.

use super::need_language_extensions;
use crate::template::evaluate::{Evaluator, Reported};
use crate::template::node::{Node, Position};
use crate::template::symbol::{Shape, Symbol};
use crate::template::text::Text;
use crate::template::value::Value;

/// A list that is asked for: its items, or a symbol whose items are unknown.
enum Items {
    Known(Vec<Value>),
    Unknown(Value),
}

fn list(e: &mut Evaluator<'_>, node: &Node, what: &str) -> Result<Items, Reported> {
    let found = match e.present(node, what)? {
        Value::List(items) if items.iter().any(may_vanish) => {
            return Ok(Items::Unknown(Value::List(items)));
        }
        Value::List(items) => return Ok(Items::Known(items)),
        Value::Symbol(symbol) if symbol.shape() != Shape::Text => {
            return Ok(Items::Unknown(Value::Symbol(symbol)));
        }
        Value::Symbol(_) => "a text",
        other => other.described(),
    };
    Err(e.report(node.at, format!("{what} is {found}; it must be a list.")))
}

/// Whether the deployment may still remove this item, so that the list's length is open.
fn may_vanish(item: &Value) -> bool {
    let Value::Symbol(symbol) = item else {
        return false;
    };
    match symbol.as_ref() {
        Symbol::If {
            then, otherwise, ..
        } => [then, otherwise]
            .into_iter()
            .any(|branch| branch.as_ref().is_none_or(may_vanish)),
        _ => false,
    }
}

pub(super) fn join(e: &mut Evaluator<'_>, argument: &Node) -> Result<Value, Reported> {
    let [delimiter, items] = e.arguments(argument, "Fn::Join: [delimiter, list]", &[2])? else {
        return Err(Reported);
    };
    let delimiter = e.known_text(delimiter, "the delimiter of Fn::Join")?;
    let values = match list(e, items, "the second argument of Fn::Join")? {
        Items::Known(values) => values,
        Items::Unknown(list) => return Ok(Symbol::Join { delimiter, list }.into()),
    };
    let mut text = Text::default();
    for (i, value) in values.into_iter().enumerate() {
        if i > 0 {
            e.spend(delimiter.len(), argument.at)?;
            text.push_literal(&delimiter);
        }
        if let Err(found) = text.push_value(value) {
            return Err(e.report(
                items.at,
                format!("item {i} of Fn::Join is {found}; it must be a text."),
            ));
        }
    }
    Ok(text.into_value())
}

pub(super) fn select(e: &mut Evaluator<'_>, argument: &Node) -> Result<Value, Reported> {
    let [index, items] = e.arguments(argument, "Fn::Select: [index, list]", &[2])? else {
        return Err(Reported);
    };
    let position = e.text(index, "the index of Fn::Select")?;
    let known = match position.scalar_text().map(str::parse::<usize>) {
        None => None,
        Some(Ok(number)) => Some(number),
        Some(Err(_)) => {
            let message = format!(
                "the index of Fn::Select is `{}`; it must be a number from 0.",
                position.scalar_text().unwrap_or_default()
            );
            return Err(e.report(index.at, message));
        }
    };
    let index_value = known.map_or(position, |number| Value::Number(number.to_string()));
    match (list(e, items, "the second argument of Fn::Select")?, known) {
        (Items::Known(mut values), Some(number)) => {
            if number >= values.len() {
                let message = format!(
                    "Fn::Select asks for item {number}, and the list has {} (counted from 0).",
                    values.len()
                );
                return Err(e.report(index.at, message));
            }
            Ok(values.swap_remove(number))
        }
        (Items::Known(values), None) => Ok(Symbol::Select {
            index: index_value,
            list: Value::List(values),
        }
        .into()),
        (Items::Unknown(list), _) => Ok(Symbol::Select {
            index: index_value,
            list,
        }
        .into()),
    }
}

pub(super) fn split(e: &mut Evaluator<'_>, argument: &Node) -> Result<Value, Reported> {
    let [delimiter, source] = e.arguments(argument, "Fn::Split: [delimiter, text]", &[2])? else {
        return Err(Reported);
    };
    let at = delimiter.at;
    let delimiter = e.known_text(delimiter, "the delimiter of Fn::Split")?;
    if delimiter.is_empty() {
        return Err(e.report(
            at,
            "the delimiter of Fn::Split is empty. Give at least one character.",
        ));
    }
    match e.text(source, "the second argument of Fn::Split")? {
        Value::String(text) => {
            e.spend(
                text.len() + 64 * text.matches(&delimiter).count(),
                argument.at,
            )?;
            Ok(Value::List(
                text.split(&delimiter).map(Value::string).collect(),
            ))
        }
        text => Ok(Symbol::Split { delimiter, text }.into()),
    }
}

pub(super) fn length(
    e: &mut Evaluator<'_>,
    argument: &Node,
    at: Position,
) -> Result<Value, Reported> {
    need_language_extensions(e, "Fn::Length", at)?;
    match list(e, argument, "the argument of Fn::Length")? {
        Items::Known(values) => Ok(Value::Number(values.len().to_string())),
        Items::Unknown(list) => Ok(Symbol::Length(list).into()),
    }
}
