//! `Fn::Sub`.

use std::collections::BTreeMap;

use super::reference::{attribute_of, reference};
use crate::template::evaluate::{Evaluator, Reported};
use crate::template::node::{Node, Position};
use crate::template::text::Text;
use crate::template::value::Value;

/// A piece of the text that `Fn::Sub` is given.
#[derive(Debug, PartialEq, Eq)]
pub(in crate::template) enum Piece<'s> {
    Literal(&'s str),
    /// `${!Name}`: the text `${Name}`.
    Escaped(&'s str),
    /// `${Name}` or `${Resource.Attribute}`.
    Variable(&'s str),
}

/// Cuts a text at its variables. `${` that is never closed is ordinary text.
pub(in crate::template) fn pieces(text: &str) -> Vec<Piece<'_>> {
    let mut pieces = Vec::new();
    let mut rest = text;
    while let Some((start, length)) = rest
        .find("${")
        .and_then(|at| rest[at..].find('}').map(|end| (at, end)))
    {
        if start > 0 {
            pieces.push(Piece::Literal(&rest[..start]));
        }
        let inside = &rest[start + 2..start + length];
        pieces.push(
            inside
                .strip_prefix('!')
                .map_or(Piece::Variable(inside), Piece::Escaped),
        );
        rest = &rest[start + length + 1..];
    }
    if !rest.is_empty() {
        pieces.push(Piece::Literal(rest));
    }
    pieces
}

/// The text and the own variables of a `Fn::Sub`, in either form.
pub(in crate::template) fn parts(argument: &Node) -> Option<(&str, Option<&Node>)> {
    match argument.as_list() {
        Some([text, variables]) => Some((text.as_str()?, Some(variables))),
        Some(_) => None,
        None => Some((argument.as_str()?, None)),
    }
}

/// Whether a variable's name is one that CloudFormation takes.
pub(in crate::template) fn is_variable_name(name: &str) -> bool {
    !name.is_empty()
        && name
            .bytes()
            .all(|b| b.is_ascii_alphanumeric() || matches!(b, b'_' | b'.' | b':'))
}

pub(super) fn sub(e: &mut Evaluator<'_>, argument: &Node) -> Result<Value, Reported> {
    let Some((text, variables)) = parts(argument) else {
        return Err(e.report(
            argument.at,
            "Fn::Sub needs a text, or a list of a text and a map of its variables. Write !Sub 'text ${Name}'.",
        ));
    };
    let own = own_variables(e, variables)?;
    let mut result = Text::default();
    let mut failed = None;
    for piece in pieces(text) {
        match piece {
            Piece::Literal(literal) => {
                e.spend(64 + literal.len(), argument.at)?;
                result.push_literal(literal);
            }
            Piece::Escaped(name) => {
                e.spend(64 + name.len(), argument.at)?;
                result.push_literal("${");
                result.push_literal(name);
                result.push_literal("}");
            }
            Piece::Variable(name) => match variable(e, name, &own, argument.at) {
                Ok(value) => {
                    if let Err(found) = result.push_value(value) {
                        let message = format!(
                            "`${{{name}}}` in Fn::Sub is {found}; it must be a text. Use Fn::Join for lists."
                        );
                        failed = Some(e.report(argument.at, message));
                    }
                }
                Err(reported) => failed = Some(reported),
            },
        }
    }
    failed.map_or_else(|| Ok(result.into_value()), Err)
}

fn own_variables(
    e: &mut Evaluator<'_>,
    variables: Option<&Node>,
) -> Result<BTreeMap<String, Value>, Reported> {
    let mut own = BTreeMap::new();
    let Some(node) = variables else {
        return Ok(own);
    };
    let Some(entries) = node.as_map() else {
        return Err(e.report(
            node.at,
            format!(
                "the variables of Fn::Sub are {}; they must be a map.",
                node.described()
            ),
        ));
    };
    for entry in entries {
        own.insert(
            entry.key.clone(),
            e.present(
                &entry.value,
                &format!("the variable `{}` of Fn::Sub", entry.key),
            )?,
        );
    }
    Ok(own)
}

fn variable(
    e: &mut Evaluator<'_>,
    name: &str,
    own: &BTreeMap<String, Value>,
    at: Position,
) -> Result<Value, Reported> {
    if let Some(value) = own.get(name) {
        e.spend(value.weight(), at)?;
        return Ok(value.clone());
    }
    if !is_variable_name(name) {
        let message = format!(
            "`${{{name}}}` in Fn::Sub is no variable: a name holds letters, digits, `_`, `.` and `:`, without spaces. \
             For the text itself write `${{!{name}}}`."
        );
        return Err(e.report(at, message));
    }
    let call = format_args!("`${{{name}}}` in Fn::Sub");
    if let Some((resource, attribute)) = name.split_once('.') {
        return attribute_of(e, resource, attribute, call, at);
    }
    match reference(e, name, call, at)? {
        Some(value) => Ok(value),
        None => Err(e.report(at, format!("{call} has no value. Leave it out."))),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn texts_are_cut_at_variables() {
        use Piece::{Escaped, Literal, Variable};
        assert_eq!(
            pieces("a-${B}${C.D}-${!E}${open"),
            [
                Literal("a-"),
                Variable("B"),
                Variable("C.D"),
                Literal("-"),
                Escaped("E"),
                Literal("${open")
            ]
        );
        assert_eq!(
            pieces("$${A}$"),
            [Literal("$"), Variable("A"), Literal("$")]
        );
        assert_eq!(pieces(""), []);
    }
}
