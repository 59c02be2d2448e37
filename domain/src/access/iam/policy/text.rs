//! Texts with parts that only the deployment or the request knows.
use super::NULL;
use super::reading::{Reading, quoted, shown};
use crate::access::iam::statement::{Piece, Text};
use crate::template::{Part, Shape, Symbol, Value};

/// What `${...}` means where a text stands.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Variables {
    /// A policy variable, where the version of the policy has them.
    Allowed,
    /// It may not stand here.
    Refused,
}

/// The text of a scalar. Literals side by side are one piece; an empty text has none.
pub(super) fn text(value: &Value, variables: Variables, reading: &mut Reading) -> Option<Text> {
    let mut parts = Vec::new();
    push_value(value, &mut parts, reading)?;
    let mut pieces = Pieces::default();
    let last = parts.len().saturating_sub(1);
    for (index, part) in parts.into_iter().enumerate() {
        match part {
            Part::Symbol(symbol) => pieces.0.push(Piece::Symbol(symbol)),
            Part::Literal(literal) => {
                reading.spend(&literal)?;
                match variables {
                    Variables::Refused if literal.contains("${") => {
                        return reading.fault(format!(
                            "{} holds `${{`, and no policy variable may stand here. Write the value itself.",
                            quoted(&literal)
                        ));
                    }
                    Variables::Allowed if reading.variables => {
                        pieces.push_with_variables(&literal, index == last, reading)?;
                    }
                    Variables::Allowed | Variables::Refused => pieces.push_literal(&literal),
                }
            }
        }
    }
    Some(Text(pieces.0))
}

/// The only literal that the text is made of; None where there is anything else in it.
pub(super) fn literal(text: &Text) -> Option<&str> {
    match text.0.as_slice() {
        [] => Some(""),
        [Piece::Literal(literal)] => Some(literal),
        _ => None,
    }
}

/// Adds the parts of a scalar, texts within texts laid flat and literals merged.
pub(super) fn push_value(
    value: &Value,
    parts: &mut Vec<Part>,
    reading: &mut Reading,
) -> Option<()> {
    match value {
        Value::Symbol(symbol) => push_symbol(symbol, parts, reading),
        Value::List(_) | Value::Map(_) => reading.fault(format!(
            "{} stands where a text belongs. Write a text in quotes.",
            shown(value)
        )),
        scalar => {
            push_literal(scalar.scalar_text().unwrap_or_default(), parts);
            Some(())
        }
    }
}

fn push_symbol(symbol: &Symbol, parts: &mut Vec<Part>, reading: &mut Reading) -> Option<()> {
    match symbol {
        Symbol::Text(inner) => {
            push_parts(inner, parts);
            Some(())
        }
        Symbol::Pseudo(NULL) => {
            reading.fault("null stands here. Write a text, or leave the key out.")
        }
        symbol if symbol.shape() == Shape::List => {
            reading.fault("this list is known only at deployment. Write its items.")
        }
        symbol if !is_text(symbol) => {
            reading.fault("it is known only at deployment whether this is a text or a list.")
        }
        symbol => {
            parts.push(Part::Symbol(symbol.clone()));
            Some(())
        }
    }
}

/// Adds the parts of a text, texts within texts laid flat and literals merged.
pub(super) fn push_parts(from: &[Part], parts: &mut Vec<Part>) {
    for part in from {
        match part {
            Part::Literal(literal) => push_literal(literal, parts),
            Part::Symbol(Symbol::Text(inner)) => push_parts(inner, parts),
            Part::Symbol(symbol) => parts.push(Part::Symbol(symbol.clone())),
        }
    }
}

pub(super) fn push_literal(literal: &str, parts: &mut Vec<Part>) {
    match parts.last_mut() {
        _ if literal.is_empty() => {}
        Some(Part::Literal(last)) => last.push_str(literal),
        _ => parts.push(Part::Literal(literal.to_owned())),
    }
}

/// Whether a symbol certainly stands for one text. An attribute and a selected item are taken for texts: those that
/// policies name are.
fn is_text(symbol: &Symbol) -> bool {
    match symbol {
        Symbol::Attribute { .. } | Symbol::Select { .. } => true,
        Symbol::If {
            then, otherwise, ..
        } => [then, otherwise].into_iter().all(|branch| match branch {
            Some(Value::Symbol(symbol)) => is_text(symbol),
            Some(value) => value.scalar_text().is_some(),
            None => false,
        }),
        symbol => symbol.shape() == Shape::Text,
    }
}

#[derive(Default)]
struct Pieces(Vec<Piece>);

impl Pieces {
    fn push_literal(&mut self, literal: &str) {
        match self.0.last_mut() {
            _ if literal.is_empty() => {}
            Some(Piece::Literal(last)) => last.push_str(literal),
            _ => self.0.push(Piece::Literal(literal.to_owned())),
        }
    }

    /// Source: IAM User Guide, "IAM policy elements: Variables and tags". What is never closed stands for itself.
    fn push_with_variables(
        &mut self,
        literal: &str,
        last: bool,
        reading: &mut Reading,
    ) -> Option<()> {
        let mut rest = literal;
        while let Some((before, after)) = rest.split_once("${") {
            let Some((name, behind)) = after.split_once('}') else {
                if last {
                    break;
                }
                return reading
                    .fault("the name of a policy variable is known only at deployment here.");
            };
            self.push_literal(before);
            match name {
                "*" => self.0.push(Piece::Verbatim('*')),
                "?" => self.0.push(Piece::Verbatim('?')),
                "$" => self.0.push(Piece::Verbatim('$')),
                "" => {
                    return reading.fault(
                        "`${}` is a policy variable without a name. Write one such as `${aws:username}`.",
                    );
                }
                name => self.0.push(Piece::Variable(variable(name))),
            }
            rest = behind;
        }
        self.push_literal(rest);
        Some(())
    }
}

/// The key is case-blind; a default behind it, as in `${aws:userid, 'anonymous'}`, is not.
fn variable(name: &str) -> String {
    let (key, default) = name.split_at(name.find(',').unwrap_or(name.len()));
    key.to_ascii_lowercase() + default
}
