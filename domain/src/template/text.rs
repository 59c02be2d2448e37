//! Texts made of literal and unknown parts, and the dynamic references in them.

use std::fmt;

use super::symbol::{Shape, Symbol};
use super::value::Value;

/// A piece of a text.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Part {
    Literal(String),
    Symbol(Symbol),
}

impl Part {
    /// Whether a dynamic reference may begin in it.
    fn may_open(&self) -> bool {
        matches!(self, Self::Literal(text) if text.contains(OPEN))
    }

    pub(super) fn weight(&self) -> usize {
        match self {
            Self::Literal(text) => 64 + text.len(),
            Self::Symbol(symbol) => symbol.weight(),
        }
    }
}

impl fmt::Display for Part {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Literal(text) => f.write_str(text),
            Self::Symbol(symbol) => symbol.fmt(f),
        }
    }
}

/// A text under construction.
#[derive(Debug, Default)]
pub(super) struct Text {
    parts: Vec<Part>,
}

impl Text {
    pub fn literal(text: &str) -> Self {
        let mut new = Self::default();
        new.push_literal(text);
        new
    }

    pub fn push_literal(&mut self, text: &str) {
        if text.is_empty() {
            return;
        }
        match self.parts.last_mut() {
            Some(Part::Literal(last)) => last.push_str(text),
            _ => self.parts.push(Part::Literal(text.to_owned())),
        }
    }

    pub fn push_symbol(&mut self, symbol: Symbol) {
        match symbol {
            Symbol::Text(parts) => parts.into_iter().for_each(|part| self.push_part(part)),
            symbol => self.parts.push(Part::Symbol(symbol)),
        }
    }

    fn push_part(&mut self, part: Part) {
        match part {
            Part::Literal(text) => self.push_literal(&text),
            Part::Symbol(symbol) => self.push_symbol(symbol),
        }
    }

    /// Adds a value where a text is wanted; says what it is when it can't be one.
    pub fn push_value(&mut self, value: Value) -> Result<(), &'static str> {
        match value {
            Value::Symbol(symbol) if symbol.shape() == Shape::List => return Err("a list"),
            Value::Symbol(symbol) => self.push_symbol(*symbol),
            value => match value.scalar_text() {
                Some(text) => self.push_literal(text),
                None => return Err(value.described()),
            },
        }
        Ok(())
    }

    /// The finished value: a string when all is known, and with every dynamic reference marked as unknown.
    pub fn into_value(self) -> Value {
        let mut marked = match self.parts.iter().any(Part::may_open) {
            true => mark_dynamic_references(self.parts),
            false => self,
        };
        if marked.parts.len() > 1 {
            return Symbol::Text(marked.parts).into();
        }
        match marked.parts.pop() {
            None => Value::String(String::new()),
            Some(Part::Literal(text)) => Value::String(text),
            Some(Part::Symbol(symbol)) => symbol.into(),
        }
    }
}

/// The value of a text as written in a template: a string, unless it holds a dynamic reference.
pub(super) fn literal(text: &str) -> Value {
    match text.contains(OPEN) {
        true => Text::literal(text).into_value(),
        false => Value::string(text),
    }
}

const OPEN: &str = "{{resolve:";
const CLOSE: &str = "}}";

/// Finds `{{resolve:service:key}}`, also where unknown parts stand inside it.
/// Source: AWS CloudFormation User Guide, "Get values stored in other services using dynamic references".
fn mark_dynamic_references(parts: Vec<Part>) -> Text {
    let mut done = Text::default();
    let mut reference: Option<Text> = None;
    for part in parts {
        let Part::Literal(literal) = part else {
            reference.as_mut().unwrap_or(&mut done).push_part(part);
            continue;
        };
        let mut rest = literal.as_str();
        while !rest.is_empty() {
            match reference.take() {
                None => match rest.find(OPEN) {
                    Some(start) => {
                        done.push_literal(&rest[..start]);
                        reference = Some(Text::literal(OPEN));
                        rest = &rest[start + OPEN.len()..];
                    }
                    None => {
                        done.push_literal(rest);
                        rest = "";
                    }
                },
                Some(mut open) => match rest.find(CLOSE) {
                    Some(end) => {
                        open.push_literal(&rest[..end + CLOSE.len()]);
                        done.push_symbol(Symbol::Dynamic(open.parts));
                        rest = &rest[end + CLOSE.len()..];
                    }
                    None => {
                        open.push_literal(rest);
                        reference = Some(open);
                        rest = "";
                    }
                },
            }
        }
    }
    // Never closed: it is an ordinary text.
    for part in reference.into_iter().flat_map(|open| open.parts) {
        done.push_part(part);
    }
    done
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn literals_merge_and_known_texts_are_strings() {
        let mut text = Text::literal("a");
        text.push_value(Value::Number("1".into())).expect("scalar");
        text.push_literal("b");
        assert_eq!(text.into_value(), Value::string("a1b"));
        assert_eq!(Text::default().into_value(), Value::string(""));
    }

    #[test]
    fn a_lone_symbol_stays_itself() {
        let mut text = Text::default();
        text.push_symbol(Symbol::attribute("A", "Arn"));
        assert_eq!(text.into_value(), Symbol::attribute("A", "Arn").into());
    }

    #[test]
    fn lists_are_no_text() {
        assert_eq!(
            Text::default().push_value(Value::List(vec![])),
            Err("a list")
        );
        assert_eq!(
            Text::default().push_value(Symbol::Zones(Value::string("")).into()),
            Err("a list")
        );
    }

    #[test]
    fn dynamic_references_are_unknown_parts() {
        let value = Text::literal("x={{resolve:ssm:/a:1}},y={{resolve:ssm:b}}").into_value();
        let Value::Symbol(symbol) = &value else {
            panic!("{value:?}")
        };
        let Symbol::Text(parts) = symbol.as_ref() else {
            panic!("{symbol:?}")
        };
        let dynamic = |text: &str| Part::Symbol(Symbol::Dynamic(vec![Part::Literal(text.into())]));
        assert_eq!(
            parts,
            &[
                Part::Literal("x=".into()),
                dynamic("{{resolve:ssm:/a:1}}"),
                Part::Literal(",y=".into()),
                dynamic("{{resolve:ssm:b}}")
            ]
        );
    }

    #[test]
    fn a_dynamic_reference_may_hold_an_unknown_part() {
        let mut text = Text::literal("{{resolve:secretsmanager:");
        text.push_symbol(Symbol::Resource("Secret".into()));
        text.push_literal(":SecretString:password}}");
        let value = text.into_value();
        assert!(
            matches!(&value, Value::Symbol(s) if matches!(s.as_ref(), Symbol::Dynamic(parts) if parts.len() == 3))
        );
        assert_eq!(
            value.to_json(),
            "{{resolve:secretsmanager:${Secret}:SecretString:password}}"
        );
    }

    #[test]
    fn an_open_brace_is_an_ordinary_text() {
        assert_eq!(
            Text::literal("{{resolve:ssm:a").into_value(),
            Value::string("{{resolve:ssm:a")
        );
    }
}
