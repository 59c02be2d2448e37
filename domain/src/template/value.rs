//! Resolved values: plain data, with symbols where only the deployment knows.

use super::entries::Entries;
use super::symbol::Symbol;

/// A value after resolution. Maps are sorted by key, so equal templates give equal values.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Value {
    Bool(bool),
    /// The digits as written. CloudFormation hands numbers on as text.
    Number(String),
    String(String),
    List(Vec<Value>),
    Map(Entries),
    /// Unknown before deployment; equal symbols stand for equal values.
    Symbol(Box<Symbol>),
}

impl Value {
    /// A text.
    pub fn string(text: impl Into<String>) -> Self {
        Self::String(text.into())
    }

    /// The text, when this is a known string, number or boolean, as CloudFormation turns it into a string.
    pub fn scalar_text(&self) -> Option<&str> {
        match self {
            Self::String(text) | Self::Number(text) => Some(text),
            Self::Bool(true) => Some("true"),
            Self::Bool(false) => Some("false"),
            Self::List(_) | Self::Map(_) | Self::Symbol(_) => None,
        }
    }

    /// Whether nothing in it waits for the deployment.
    pub fn is_known(&self) -> bool {
        match self {
            Self::Bool(_) | Self::Number(_) | Self::String(_) => true,
            Self::List(items) => items.iter().all(Self::is_known),
            Self::Map(entries) => entries.values().all(Self::is_known),
            Self::Symbol(_) => false,
        }
    }

    /// Whether such a key stands anywhere in it, also in a branch of `Fn::If`.
    // As deep as the template's nesting, which parsing bounds.
    pub fn has_key(&self, wanted: &dyn Fn(&str) -> bool) -> bool {
        match self {
            Self::Bool(_) | Self::Number(_) | Self::String(_) => false,
            Self::List(items) => items.iter().any(|item| item.has_key(wanted)),
            Self::Map(entries) => entries
                .iter()
                .any(|(key, value)| wanted(key) || value.has_key(wanted)),
            Self::Symbol(symbol) => match symbol.as_ref() {
                Symbol::If {
                    then, otherwise, ..
                } => then
                    .iter()
                    .chain(otherwise)
                    .any(|branch| branch.has_key(wanted)),
                _ => false,
            },
        }
    }

    /// JSON for display: symbols are rendered as text, such as `${Orders.Arn}`.
    pub fn to_json(&self) -> serde_json::Value {
        match self {
            Self::Bool(flag) => (*flag).into(),
            Self::Number(text) => text
                .parse::<serde_json::Number>()
                .map_or_else(|_| text.clone().into(), serde_json::Value::Number),
            Self::String(text) => text.clone().into(),
            Self::List(items) => items.iter().map(Self::to_json).collect(),
            Self::Map(entries) => entries
                .iter()
                .map(|(key, value)| (key.clone(), value.to_json()))
                .collect(),
            Self::Symbol(symbol) => symbol.to_string().into(),
        }
    }

    /// What this is, for a message.
    pub(super) fn described(&self) -> &'static str {
        match self {
            Self::Bool(_) => "a boolean",
            Self::Number(_) => "a number",
            Self::String(_) => "a string",
            Self::List(_) => "a list",
            Self::Map(_) => "a map",
            Self::Symbol(_) => "a value known only at deployment",
        }
    }

    /// Equality as `Fn::Equals` sees it: the text counts, not whether it was written as a number or a string.
    /// `None` when only the deployment knows.
    pub(super) fn same(&self, other: &Self) -> Option<bool> {
        if self == other {
            return Some(true);
        }
        match (self, other) {
            (Self::Symbol(_), _) | (_, Self::Symbol(_)) => None,
            (Self::List(a), Self::List(b)) if a.len() == b.len() => {
                all(a.iter().zip(b).map(|(a, b)| a.same(b)))
            }
            (Self::Map(a), Self::Map(b)) if a.keys().eq(b.keys()) => {
                all(a.values().zip(b.values()).map(|(a, b)| a.same(b)))
            }
            _ => Some(self.scalar_text().is_some() && self.scalar_text() == other.scalar_text()),
        }
    }

    /// Roughly how many bytes a copy takes.
    pub(super) fn weight(&self) -> usize {
        64 + match self {
            Self::Bool(_) => 0,
            Self::Number(text) | Self::String(text) => text.len(),
            Self::List(items) => items.iter().map(Self::weight).sum(),
            Self::Map(entries) => entries
                .iter()
                .map(|(key, value)| key.len() + value.weight())
                .sum(),
            Self::Symbol(symbol) => symbol.weight(),
        }
    }
}

/// Logical "and" where some are unknown: one known false decides.
fn all(results: impl Iterator<Item = Option<bool>>) -> Option<bool> {
    let mut decided = Some(true);
    for result in results {
        match result {
            Some(false) => return Some(false),
            None => decided = None,
            Some(true) => {}
        }
    }
    decided
}

impl From<Symbol> for Value {
    fn from(symbol: Symbol) -> Self {
        Self::Symbol(Box::new(symbol))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn equality_looks_at_the_text() {
        assert_eq!(Value::Bool(true).same(&Value::string("true")), Some(true));
        assert_eq!(
            Value::Number("1".into()).same(&Value::string("1")),
            Some(true)
        );
        assert_eq!(
            Value::Number("1".into()).same(&Value::Number("1.0".into())),
            Some(false)
        );
        assert_eq!(Value::List(vec![]).same(&Value::string("")), Some(false));
    }

    #[test]
    fn symbols_are_equal_to_themselves_and_unknown_against_others() {
        let arn = Value::from(Symbol::attribute("Orders", "Arn"));
        assert_eq!(arn.same(&arn.clone()), Some(true));
        assert_eq!(arn.same(&Value::string("x")), None);
        let list = |item: Value, last: &str| Value::List(vec![item, Value::string(last)]);
        assert_eq!(
            list(arn.clone(), "a").same(&list(Value::string("x"), "b")),
            Some(false)
        );
        assert_eq!(list(arn, "a").same(&list(Value::string("x"), "a")), None);
    }

    #[test]
    fn json_renders_symbols_and_keeps_numbers() {
        let map = Value::Map(Entries::from([
            ("Arn".to_owned(), Symbol::attribute("Orders", "Arn").into()),
            ("Size".to_owned(), Value::Number("10".into())),
        ]));
        assert_eq!(
            map.to_json(),
            serde_json::json!({"Arn": "${Orders.Arn}", "Size": 10})
        );
    }
}
