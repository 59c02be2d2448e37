//! What is said when a template can't be read or resolved.

use super::node::Position;

/// A template that can't be read. One is reported: what follows a broken line is rarely what was meant.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("{file}:{at}: {message}")]
pub struct ParseError {
    pub file: String,
    pub at: Position,
    /// What was wrong and what would be right.
    pub message: String,
}

/// A template that reads well but can't be resolved with the given parameters.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("{file}:{at}: {path}: {message}")]
pub struct TemplateError {
    pub file: String,
    pub at: Position,
    /// Where in the template, for example `Resources.Api.Properties.Role`.
    pub path: String,
    /// What was wrong and what would be right.
    pub message: String,
}

/// A problem with a place but no file yet, as the readers of JSON and YAML report it.
#[derive(Debug)]
pub(super) struct Fault {
    pub at: Position,
    pub message: String,
}

impl Fault {
    pub fn new(at: Position, message: impl Into<String>) -> Self {
        Self {
            at,
            message: message.into(),
        }
    }

    /// The same in a file of that name.
    pub fn of(self, file: &str) -> ParseError {
        ParseError {
            file: file.to_owned(),
            at: self.at,
            message: self.message,
        }
    }
}
