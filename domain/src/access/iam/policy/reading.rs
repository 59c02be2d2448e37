//! Where in a document we are, and what has been found wrong so far.
use super::{DocumentKind, MAX_CHARACTERS, MAX_FINDINGS, NULL};
use crate::template::{Symbol, Value};

/// A document being read. What a method can't read it reports, and gives None.
pub(super) struct Reading {
    pub(super) kind: DocumentKind,
    /// `${...}` stands for a policy variable, and not for itself: from version 2012-10-17 on.
    pub(super) variables: bool,
    path: String,
    findings: Vec<String>,
    more: usize,
    characters: usize,
}

impl Reading {
    pub(super) fn new(path: &str, kind: DocumentKind) -> Self {
        Self {
            kind,
            variables: false,
            path: path.to_owned(),
            findings: Vec::new(),
            more: 0,
            characters: 0,
        }
    }

    /// Does `work` one step deeper: at the key `step`.
    pub(super) fn at<T>(&mut self, step: &str, work: impl FnOnce(&mut Self) -> T) -> T {
        let length = self.path.len();
        if length > 0 {
            self.path.push('.');
        }
        self.path.push_str(step);
        let done = work(self);
        self.path.truncate(length);
        done
    }

    /// Does `work` one step deeper: at an item of a list.
    pub(super) fn at_item<T>(&mut self, index: usize, work: impl FnOnce(&mut Self) -> T) -> T {
        let length = self.path.len();
        self.path.push_str(&format!("[{index}]"));
        let done = work(self);
        self.path.truncate(length);
        done
    }

    /// Notes that something here is wrong or can't be known. Gives None, for the caller to hand on.
    pub(super) fn fault<T>(&mut self, message: impl AsRef<str>) -> Option<T> {
        if self.findings.len() + 1 < MAX_FINDINGS {
            let place = if self.path.is_empty() {
                "the policy"
            } else {
                &self.path
            };
            self.findings.push(format!("{place}: {}", message.as_ref()));
        } else {
            self.more += 1;
        }
        None
    }

    /// Counts characters that are about to be read. None where there are too many, which is reported once.
    pub(super) fn spend(&mut self, text: &str) -> Option<()> {
        let before = self.characters;
        self.characters = before.saturating_add(text.len());
        if self.characters <= MAX_CHARACTERS {
            return Some(());
        }
        if before <= MAX_CHARACTERS {
            return self.fault(format!(
                "the policy holds more than {MAX_CHARACTERS} characters, which is more than AWS takes. Split it."
            ));
        }
        None
    }

    pub(super) fn into_findings(mut self) -> Vec<String> {
        if self.more > 0 {
            self.findings
                .push(format!("and {} more faults in the same policy.", self.more));
        }
        self.findings
    }
}

/// The value itself, or the items of a list, each read by `read` at its place. Every fault is reported, so this goes on
/// after the first; None where there was one.
pub(super) fn each<T>(
    value: &Value,
    reading: &mut Reading,
    mut read: impl FnMut(&Value, &mut Reading) -> Option<T>,
) -> Option<Vec<T>> {
    let Value::List(items) = value else {
        return Some(vec![read(value, reading)?]);
    };
    let read: Vec<Option<T>> = items
        .iter()
        .enumerate()
        .map(|(index, item)| reading.at_item(index, |reading| read(item, reading)))
        .collect();
    read.into_iter().collect()
}

/// A value in a message, cut where it is long.
pub(super) fn shown(value: &Value) -> String {
    match value {
        Value::String(text) => quoted(text),
        Value::List(_) => "a list".to_owned(),
        Value::Map(_) => "a map".to_owned(),
        Value::Symbol(symbol) if **symbol == Symbol::Pseudo(NULL) => "null".to_owned(),
        Value::Symbol(_) => "a value known only at deployment".to_owned(),
        Value::Bool(_) | Value::Number(_) => quoted(value.scalar_text().unwrap_or_default()),
    }
}

/// A text in a message, cut where it is long.
pub(super) fn quoted(text: &str) -> String {
    const LONGEST: usize = 80;
    match text.char_indices().nth(LONGEST) {
        Some((end, _)) => format!("`{}…`", text.get(..end).unwrap_or_default()),
        None => format!("`{text}`"),
    }
}
