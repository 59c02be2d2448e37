//! The tree a template is read into: every node knows its line and column.

use std::fmt;

/// A place in a template's source. Line and column count from 1; a column is a character.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Position {
    pub line: usize,
    pub column: usize,
}

impl Position {
    /// The first character of the file.
    pub const START: Self = Self { line: 1, column: 1 };
}

impl fmt::Display for Position {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}:{}", self.line, self.column)
    }
}

/// A value as written, before anything is resolved. Short tags are already in their long form: `!Ref A` is the
/// map `{Ref: A}`.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Node {
    pub at: Position,
    pub kind: Kind,
}

/// What a node holds. There is no null: CloudFormation refuses it anywhere in a template.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Kind {
    Bool(bool),
    /// The digits as written, so that `1.10` stays `1.10`.
    Number(String),
    String(String),
    List(Vec<Node>),
    /// In the order written, each key once.
    Map(Vec<Entry>),
}

/// One key of a map, with the place of the key.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Entry {
    pub key: String,
    pub at: Position,
    pub value: Node,
}

impl Node {
    /// The entries, when this is a map.
    pub fn as_map(&self) -> Option<&[Entry]> {
        match &self.kind {
            Kind::Map(entries) => Some(entries),
            _ => None,
        }
    }

    /// The entries; none when this is no map.
    pub fn into_map(self) -> Vec<Entry> {
        match self.kind {
            Kind::Map(entries) => entries,
            _ => Vec::new(),
        }
    }

    /// The items, when this is a list.
    pub fn as_list(&self) -> Option<&[Node]> {
        match &self.kind {
            Kind::List(items) => Some(items),
            _ => None,
        }
    }

    /// The text, when this is a string.
    pub fn as_str(&self) -> Option<&str> {
        match &self.kind {
            Kind::String(text) => Some(text),
            _ => None,
        }
    }

    /// The text of a string, number or boolean, as CloudFormation turns it into a string.
    pub fn scalar_text(&self) -> Option<&str> {
        match &self.kind {
            Kind::String(text) | Kind::Number(text) => Some(text),
            Kind::Bool(true) => Some("true"),
            Kind::Bool(false) => Some("false"),
            Kind::List(_) | Kind::Map(_) => None,
        }
    }

    /// The value under `key`, when this is a map that has it.
    pub fn get(&self, key: &str) -> Option<&Node> {
        self.as_map()?
            .iter()
            .find(|entry| entry.key == key)
            .map(|entry| &entry.value)
    }

    /// The only entry, when this is a map of one key. That is the form of every intrinsic function.
    pub fn only_entry(&self) -> Option<&Entry> {
        match self.as_map() {
            Some([entry]) => Some(entry),
            _ => None,
        }
    }

    /// What this is, for a message: "a list", "a string".
    pub fn described(&self) -> &'static str {
        match &self.kind {
            Kind::Bool(_) => "a boolean",
            Kind::Number(_) => "a number",
            Kind::String(_) => "a string",
            Kind::List(_) => "a list",
            Kind::Map(_) => "a map",
        }
    }
}
