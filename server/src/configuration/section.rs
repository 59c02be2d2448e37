//! Takes a TOML table apart key by key and keeps every mistake with its line.
use std::str::FromStr;
use toml::de::{DeTable, DeValue};

/// A mistake and the line it is on.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(super) struct Mistake {
    pub(super) line: usize,
    pub(super) message: String,
}

/// A value and the line it is on.
#[derive(Clone, Debug)]
pub(super) struct At<T> {
    pub(super) line: usize,
    pub(super) value: T,
}

/// The line of a byte, counted from one.
pub(super) fn line_at(source: &str, offset: usize) -> usize {
    let before = source.as_bytes().get(..offset).unwrap_or_default();
    before.iter().filter(|byte| **byte == b'\n').count() + 1
}

/// A table whose keys are taken one after the other; what is left in the end is unknown.
pub(super) struct Section<'a, 'm> {
    source: &'a str,
    heading: String,
    line: usize,
    left: Vec<(&'a str, usize, &'a DeValue<'a>)>,
    known: Vec<&'static str>,
    mistakes: &'m mut Vec<Mistake>,
}

impl<'a, 'm> Section<'a, 'm> {
    pub(super) fn new(
        source: &'a str,
        heading: &str,
        line: usize,
        table: &'a DeTable<'a>,
        mistakes: &'m mut Vec<Mistake>,
    ) -> Self {
        let left = table
            .iter()
            .map(|(key, value)| {
                let line = line_at(source, key.span().start);
                (key.get_ref().as_ref(), line, value.get_ref())
            })
            .collect();
        Self {
            source,
            heading: heading.to_owned(),
            line,
            left,
            known: Vec::new(),
            mistakes,
        }
    }

    pub(super) fn line(&self) -> usize {
        self.line
    }

    pub(super) fn mistake(&mut self, line: usize, message: impl Into<String>) {
        self.mistakes.push(Mistake {
            line,
            message: message.into(),
        });
    }

    /// Whether the key is there, with whatever value.
    pub(super) fn has(&self, key: &str) -> bool {
        self.left.iter().any(|(name, ..)| *name == key)
    }

    fn take(&mut self, key: &'static str) -> Option<(usize, &'a DeValue<'a>)> {
        self.known.push(key);
        let index = self.left.iter().position(|(name, ..)| *name == key)?;
        let (_, line, value) = self.left.swap_remove(index);
        Some((line, value))
    }

    fn expect<T>(&mut self, key: &str, right: &str, found: Option<T>) -> Option<T> {
        if found.is_none() {
            let message = format!("{} has no {key}; add {key} = {right}", self.heading);
            self.mistake(self.line, message);
        }
        found
    }

    fn wrong_type(&mut self, key: &str, right: &str, line: usize, value: &DeValue<'_>) {
        let found = value.type_str();
        self.mistake(
            line,
            format!("{key} is of type {found}; write {key} = {right}"),
        );
    }

    /// A text that is there and not empty.
    pub(super) fn text(&mut self, key: &'static str, right: &str) -> Option<At<String>> {
        let found = self.take(key);
        let (line, value) = self.expect(key, right, found)?;
        self.as_text(key, right, line, value)
    }

    pub(super) fn text_if_any(&mut self, key: &'static str, right: &str) -> Option<At<String>> {
        let (line, value) = self.take(key)?;
        self.as_text(key, right, line, value)
    }

    fn as_text(
        &mut self,
        key: &str,
        right: &str,
        line: usize,
        value: &DeValue<'_>,
    ) -> Option<At<String>> {
        match value.as_str() {
            Some(text) if !text.trim().is_empty() => Some(At {
                line,
                value: text.to_owned(),
            }),
            Some(_) => {
                self.mistake(line, format!("{key} is empty; write for example {right}"));
                None
            }
            None => {
                self.wrong_type(key, right, line, value);
                None
            }
        }
    }

    /// A text that reads as a `T`.
    pub(super) fn parsed<T>(&mut self, key: &'static str, right: &str) -> Option<At<T>>
    where
        T: FromStr<Err: std::fmt::Display>,
    {
        let text = self.text(key, right)?;
        self.parse(key, text.line, &text.value).map(|value| At {
            line: text.line,
            value,
        })
    }

    fn parse<T>(&mut self, key: &str, line: usize, text: &str) -> Option<T>
    where
        T: FromStr<Err: std::fmt::Display>,
    {
        text.parse()
            .map_err(|error: T::Err| self.mistake(line, format!("{key}: {error}")))
            .ok()
    }

    /// A list of texts that read as `T`, not empty.
    pub(super) fn list<T>(&mut self, key: &'static str, right: &str) -> Option<At<Vec<T>>>
    where
        T: FromStr<Err: std::fmt::Display>,
    {
        let found = self.take(key);
        let found = self.expect(key, right, found)?;
        self.as_list(key, right, found)
    }

    pub(super) fn list_if_any<T>(&mut self, key: &'static str, right: &str) -> Option<At<Vec<T>>>
    where
        T: FromStr<Err: std::fmt::Display>,
    {
        let found = self.take(key)?;
        self.as_list(key, right, found)
    }

    fn as_list<T>(
        &mut self,
        key: &str,
        right: &str,
        (line, value): (usize, &DeValue<'_>),
    ) -> Option<At<Vec<T>>>
    where
        T: FromStr<Err: std::fmt::Display>,
    {
        let Some(items) = value.as_array() else {
            self.wrong_type(key, right, line, value);
            return None;
        };
        if items.is_empty() {
            self.mistake(line, format!("{key} is empty; write for example {right}"));
            return None;
        }
        let mut list = Vec::new();
        for item in items.iter() {
            let line = line_at(self.source, item.span().start);
            match item.get_ref().as_str() {
                Some(text) => list.extend(self.parse::<T>(key, line, text)),
                None => self.wrong_type(key, right, line, item.get_ref()),
            }
        }
        (list.len() == items.len()).then_some(At { line, value: list })
    }

    /// A whole number of at least one, or the default.
    pub(super) fn count(&mut self, key: &'static str, default: u32) -> u32 {
        self.count_if_any(key, default)
            .map_or(default, |count| count.value)
    }

    /// A whole number of at least one, if there is any.
    pub(super) fn count_if_any(&mut self, key: &'static str, right: u32) -> Option<At<u32>> {
        let (line, value) = self.take(key)?;
        let number = value
            .as_integer()
            .and_then(|number| u32::from_str_radix(number.as_str(), number.radix()).ok())
            .filter(|number| *number > 0);
        if number.is_none() {
            self.mistake(
                line,
                format!(
                    "{key} has to be a whole number of at least 1, for example {key} = {right}"
                ),
            );
        }
        number.map(|value| At { line, value })
    }

    /// The tables of a list `[[heading]]`, each with its line.
    pub(super) fn tables(&mut self, key: &'static str, heading: &str) -> Vec<At<&'a DeTable<'a>>> {
        let Some((line, value)) = self.take(key) else {
            return Vec::new();
        };
        let Some(items) = value.as_array() else {
            self.mistake(
                line,
                format!("{key} has to be a list of tables; write {heading}"),
            );
            return Vec::new();
        };
        let mut tables = Vec::new();
        for item in items.iter() {
            let line = line_at(self.source, item.span().start);
            match item.get_ref().as_table() {
                Some(value) => tables.push(At { line, value }),
                None => self.mistake(
                    line,
                    format!("{key} has to be a list of tables; write {heading}"),
                ),
            }
        }
        tables
    }

    /// The table `[heading]`.
    pub(super) fn table(&mut self, key: &'static str) -> Option<At<&'a DeTable<'a>>> {
        let Some((line, value)) = self.take(key) else {
            self.mistake(1, format!("there is no [{key}]; the file needs one"));
            return None;
        };
        let table = value.as_table();
        if table.is_none() {
            self.mistake(line, format!("{key} has to be a table; write [{key}]"));
        }
        table.map(|value| At { line, value })
    }

    /// Reports the keys that nobody took.
    pub(super) fn finish(mut self) {
        let known = self.known.join(", ");
        for (key, line, _) in std::mem::take(&mut self.left) {
            let message = format!("{} has no setting {key}; it has {known}", self.heading);
            self.mistake(line, message);
        }
    }
}
