//! The map that a document is, however it is written: as a map, or as JSON text with symbols in its strings.
use super::MAX_CHARACTERS;
use super::reading::{Reading, quoted};
use super::text::{push_literal, push_parts, push_value};
use crate::template::{Kind, Node, Part, Symbol, Value, parse_values};
use std::borrow::Cow;

use crate::template::Entries;

/// The entries of a policy document.
pub(super) fn map<'v>(value: &'v Value, reading: &mut Reading) -> Option<Cow<'v, Entries>> {
    match value {
        Value::Map(entries) => Some(Cow::Borrowed(entries)),
        Value::String(json) => read(&[Part::Literal(json.clone())], reading),
        Value::Symbol(symbol) => match symbol.as_ref() {
            Symbol::Text(parts) => read(parts, reading),
            Symbol::Json(Value::Map(entries)) => Some(Cow::Borrowed(entries)),
            Symbol::Join {
                delimiter,
                list: Value::List(items),
            } => read(&joined(delimiter, items, reading)?, reading),
            _ => reading.fault("the policy is known only at deployment."),
        },
        Value::Bool(_) | Value::Number(_) | Value::List(_) => reading
            .fault("a policy is a map with `Version` and `Statement`, or the JSON text of one."),
    }
}

fn joined(delimiter: &str, items: &[Value], reading: &mut Reading) -> Option<Vec<Part>> {
    let mut parts = Vec::new();
    for (index, item) in items.iter().enumerate() {
        if index > 0 {
            push_literal(delimiter, &mut parts);
        }
        push_value(item, &mut parts, reading)?;
    }
    Some(parts)
}

/// Reads JSON text: symbols inside its strings become parts of these strings.
fn read<'v>(parts: &[Part], reading: &mut Reading) -> Option<Cow<'v, Entries>> {
    let mut flat = Vec::new();
    push_parts(parts, &mut flat);
    let length: usize = flat.iter().map(literal_length).sum();
    if length > MAX_CHARACTERS {
        return reading.fault(format!(
            "the policy holds more than {MAX_CHARACTERS} characters, which is more than AWS takes. Split it."
        ));
    }
    let Some(mark) = unused_mark(&flat) else {
        return reading.fault(
            "the text of the policy holds characters of the private use area. Leave them out.",
        );
    };
    let Marked { json, symbols } = marked(&flat, mark, reading)?;
    if !json.trim_start().starts_with('{') {
        return reading.fault("the text is not a JSON object. Write `{`, the policy, and `}`.");
    }
    let node = match parse_values("", &json) {
        Ok(node) => node,
        Err(error) => {
            return reading.fault(format!(
                "the text is not valid JSON: line {}, column {}: {}",
                error.at.line, error.at.column, error.message
            ));
        }
    };
    let marks = Marks { mark, symbols };
    match marks.restored(&node, reading)? {
        Value::Map(entries) => Some(Cow::Owned(entries)),
        _ => reading.fault("the text is not a JSON object. Write `{`, the policy, and `}`."),
    }
}

fn literal_length(part: &Part) -> usize {
    match part {
        Part::Literal(literal) => literal.len(),
        Part::Symbol(_) => 0,
    }
}

/// A character that stands nowhere in the literals, neither itself nor as a JSON escape.
fn unused_mark(parts: &[Part]) -> Option<char> {
    const TRIED: std::ops::Range<u32> = 0xE000..0xE010;
    TRIED.filter_map(char::from_u32).find(|mark| {
        let escape = format!("{:04x}", u32::from(*mark));
        parts.iter().all(|part| match part {
            Part::Literal(literal) => {
                !literal.contains(*mark) && !literal.to_ascii_lowercase().contains(&escape)
            }
            Part::Symbol(_) => true,
        })
    })
}

struct Marked {
    json: String,
    symbols: Vec<Symbol>,
}

/// The JSON text with a numbered mark for each symbol. Symbols may stand inside strings only.
fn marked(parts: &[Part], mark: char, reading: &mut Reading) -> Option<Marked> {
    let mut json = String::new();
    let mut symbols = Vec::new();
    let mut quotes = Quotes::default();
    for part in parts {
        match part {
            Part::Literal(literal) => {
                quotes.pass(literal);
                json.push_str(literal);
            }
            Part::Symbol(symbol) if quotes.open => {
                json.push_str(&format!("{mark}{}{mark}", symbols.len()));
                symbols.push(symbol.clone());
            }
            Part::Symbol(symbol) => {
                return reading.fault(format!(
                    "{} stands in the JSON text outside of a string, so this part of the policy is known only at deployment. Put it in quotes.",
                    quoted(&symbol.to_string())
                ));
            }
        }
    }
    Some(Marked { json, symbols })
}

/// Whether a JSON string is open after what has passed.
#[derive(Default)]
struct Quotes {
    open: bool,
    escaped: bool,
}

impl Quotes {
    fn pass(&mut self, json: &str) {
        for character in json.chars() {
            match character {
                _ if self.escaped => self.escaped = false,
                '\\' if self.open => self.escaped = true,
                '"' => self.open = !self.open,
                _ => {}
            }
        }
    }
}

struct Marks {
    mark: char,
    symbols: Vec<Symbol>,
}

impl Marks {
    /// The value of a node, with the symbols where their marks stand.
    fn restored(&self, node: &Node, reading: &mut Reading) -> Option<Value> {
        Some(match &node.kind {
            Kind::Bool(flag) => Value::Bool(*flag),
            Kind::Number(digits) => Value::Number(digits.clone()),
            Kind::String(text) => self.text(text),
            Kind::List(items) => {
                let mut values = Vec::with_capacity(items.len());
                for (index, item) in items.iter().enumerate() {
                    values.push(reading.at_item(index, |reading| self.restored(item, reading))?);
                }
                Value::List(values)
            }
            Kind::Map(entries) => {
                let mut values = Entries::new();
                for entry in entries {
                    if entry.key.contains(self.mark) {
                        return reading.fault(
                            "the name of a key is known only at deployment here. Write it out.",
                        );
                    }
                    let value =
                        reading.at(&entry.key, |reading| self.restored(&entry.value, reading))?;
                    values.insert(entry.key.clone(), value);
                }
                Value::Map(values)
            }
        })
    }

    fn text(&self, text: &str) -> Value {
        let mut parts = Vec::new();
        // Marks come in pairs, so every other piece is a number.
        for (index, piece) in text.split(self.mark).enumerate() {
            let symbol = (index % 2 == 1)
                .then(|| self.symbols.get(piece.parse::<usize>().ok()?))
                .flatten();
            match symbol {
                Some(symbol) => parts.push(Part::Symbol(symbol.clone())),
                None => push_literal(piece, &mut parts),
            }
        }
        match parts.as_slice() {
            [] => Value::string(""),
            [Part::Literal(literal)] => Value::string(literal),
            [Part::Symbol(symbol)] => symbol.clone().into(),
            _ => Symbol::Text(parts).into(),
        }
    }
}
