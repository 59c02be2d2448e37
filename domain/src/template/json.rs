//! JSON (RFC 8259) into a tree that knows its lines and columns.

use std::collections::HashSet;

use super::error::Fault;
use super::limits::MAX_DEPTH;
use super::node::{Entry, Kind, Node, Position};

/// The tree of a JSON document.
pub(super) fn read(source: &str) -> Result<Node, Fault> {
    let mut reader = Reader {
        rest: source,
        at: Position::START,
    };
    let node = reader.value(0)?;
    reader.space();
    match reader.peek() {
        None => Ok(node),
        Some(c) => Err(reader.fault(format!(
            "the file ends before this {}. Remove what follows it.",
            shown(c)
        ))),
    }
}

struct Reader<'s> {
    rest: &'s str,
    at: Position,
}

/// The keys of a map so far. Most maps have few, and looking through these is the quickest.
#[derive(Default)]
struct Seen(HashSet<String>);

impl Seen {
    const FEW: usize = 16;

    /// False when the key is among the entries.
    fn insert(&mut self, entries: &[Entry], key: &str) -> bool {
        if entries.len() < Self::FEW {
            return entries.iter().all(|entry| entry.key != key);
        }
        if self.0.is_empty() {
            self.0.extend(entries.iter().map(|entry| entry.key.clone()));
        }
        self.0.insert(key.to_owned())
    }
}

impl Reader<'_> {
    fn peek(&self) -> Option<char> {
        self.rest.chars().next()
    }

    fn next(&mut self) -> Option<char> {
        let mut rest = self.rest.chars();
        let c = rest.next()?;
        self.rest = rest.as_str();
        if c == '\n' {
            self.at.line += 1;
            self.at.column = 1;
        } else {
            self.at.column += 1;
        }
        Some(c)
    }

    fn fault(&self, message: impl Into<String>) -> Fault {
        Fault::new(self.at, message)
    }

    fn space(&mut self) {
        while self
            .peek()
            .is_some_and(|c| matches!(c, ' ' | '\t' | '\r' | '\n'))
        {
            self.next();
        }
    }

    /// Takes `wanted` after white space, or says what stands there.
    fn expect(&mut self, wanted: char, after: &str) -> Result<(), Fault> {
        self.space();
        match self.peek() {
            Some(c) if c == wanted => {
                self.next();
                Ok(())
            }
            found => Err(self.fault(format!(
                "expected {} {after}, found {}.",
                shown(wanted),
                shown_or_end(found)
            ))),
        }
    }

    fn value(&mut self, depth: usize) -> Result<Node, Fault> {
        self.space();
        let at = self.at;
        if depth > MAX_DEPTH {
            return Err(self.fault(format!(
                "the file is nested deeper than {MAX_DEPTH} levels. Flatten it."
            )));
        }
        let kind = match self.peek() {
            Some('{') => self.map(depth)?,
            Some('[') => self.list(depth)?,
            Some('"') => Kind::String(self.string()?),
            Some(c) if c == '-' || c.is_ascii_digit() => self.number()?,
            Some(c) if c.is_ascii_alphabetic() => self.word()?,
            found => {
                return Err(self.fault(format!("expected a value, found {}.", shown_or_end(found))));
            }
        };
        Ok(Node { at, kind })
    }

    fn map(&mut self, depth: usize) -> Result<Kind, Fault> {
        self.next();
        let mut entries: Vec<Entry> = Vec::new();
        let mut seen = Seen::default();
        self.space();
        if self.peek() == Some('}') {
            self.next();
            return Ok(Kind::Map(entries));
        }
        loop {
            self.space();
            let at = self.at;
            if self.peek() != Some('"') {
                let found = shown_or_end(self.peek());
                return Err(self.fault(format!("expected a key in double quotes, found {found}.")));
            }
            let key = self.string()?;
            if !seen.insert(&entries, &key) {
                return Err(Fault::new(
                    at,
                    format!("the key `{key}` stands twice in this map. Keep one of them."),
                ));
            }
            self.expect(':', "after the key")?;
            let value = self.value(depth + 1)?;
            entries.push(Entry { key, at, value });
            if self.closes('}', "after an entry of a map")? {
                return Ok(Kind::Map(entries));
            }
        }
    }

    fn list(&mut self, depth: usize) -> Result<Kind, Fault> {
        self.next();
        let mut items = Vec::new();
        self.space();
        if self.peek() == Some(']') {
            self.next();
            return Ok(Kind::List(items));
        }
        loop {
            items.push(self.value(depth + 1)?);
            if self.closes(']', "after an item of a list")? {
                return Ok(Kind::List(items));
            }
        }
    }

    /// Takes a comma (false) or the closing bracket (true).
    fn closes(&mut self, bracket: char, after: &str) -> Result<bool, Fault> {
        self.space();
        match self.peek() {
            Some(',') => {
                self.next();
                Ok(false)
            }
            Some(c) if c == bracket => {
                self.next();
                Ok(true)
            }
            found => Err(self.fault(format!(
                "expected \",\" or {} {after}, found {}.",
                shown(bracket),
                shown_or_end(found)
            ))),
        }
    }

    fn word(&mut self) -> Result<Kind, Fault> {
        let at = self.at;
        let mut word = String::new();
        while let Some(c) = self.peek().filter(char::is_ascii_alphanumeric) {
            word.push(c);
            self.next();
        }
        match word.as_str() {
            "true" => Ok(Kind::Bool(true)),
            "false" => Ok(Kind::Bool(false)),
            "null" => Err(Fault::new(
                at,
                "CloudFormation allows no null. Write a value, or remove the key; an empty text is \"\".",
            )),
            _ => Err(Fault::new(
                at,
                format!("`{word}` is no JSON value. A text stands in double quotes."),
            )),
        }
    }

    fn number(&mut self) -> Result<Kind, Fault> {
        let at = self.at;
        let mut text = String::new();
        while let Some(c) = self
            .peek()
            .filter(|c| c.is_ascii_alphanumeric() || matches!(c, '-' | '+' | '.'))
        {
            text.push(c);
            self.next();
        }
        if serde_json::from_str::<serde_json::Number>(&text).is_err() {
            return Err(Fault::new(
                at,
                format!("`{text}` is no JSON number. Put it in double quotes if it is a text."),
            ));
        }
        Ok(Kind::Number(text))
    }

    fn string(&mut self) -> Result<String, Fault> {
        let start = self.at;
        self.next();
        let mut text = String::new();
        loop {
            text.push_str(self.plain());
            let at = self.at;
            match self.next() {
                None => return Err(Fault::new(start, "this text has no closing quote.")),
                Some('"') => return Ok(text),
                Some('\\') => text.push(self.escape(at)?),
                Some(c) if c < ' ' => {
                    return Err(Fault::new(
                        at,
                        "a text may not hold a bare line break or control character. Write \\n or \\t.",
                    ));
                }
                Some(c) => text.push(c),
            }
        }
    }

    /// Takes what needs no second look in a text.
    fn plain(&mut self) -> &str {
        let special = |byte: u8| matches!(byte, b'"' | b'\\') || byte < b' ';
        let length = self
            .rest
            .bytes()
            .position(special)
            .unwrap_or(self.rest.len());
        // What is special is a character of one byte, so the text is whole before it.
        let (plain, rest) = self.rest.split_at(length);
        self.at.column += plain.chars().count();
        self.rest = rest;
        plain
    }

    fn escape(&mut self, at: Position) -> Result<char, Fault> {
        match self.next() {
            Some(c @ ('"' | '\\' | '/')) => Ok(c),
            Some('b') => Ok('\u{8}'),
            Some('f') => Ok('\u{c}'),
            Some('n') => Ok('\n'),
            Some('r') => Ok('\r'),
            Some('t') => Ok('\t'),
            Some('u') => self.unicode(at),
            found => Err(Fault::new(
                at,
                format!(
                    "a backslash before {} is no JSON escape. Write \\\\ for a backslash.",
                    shown_or_end(found)
                ),
            )),
        }
    }

    fn unicode(&mut self, at: Position) -> Result<char, Fault> {
        let first = self.four_hex(at)?;
        let code = if (0xD800..0xDC00).contains(&first) {
            if self.next() != Some('\\') || self.next() != Some('u') {
                return Err(Fault::new(
                    at,
                    "half of a surrogate pair. Write both \\u escapes.",
                ));
            }
            let second = self.four_hex(at)?;
            if !(0xDC00..0xE000).contains(&second) {
                return Err(Fault::new(
                    at,
                    "half of a surrogate pair. Write both \\u escapes.",
                ));
            }
            0x10000 + ((first - 0xD800) << 10) + (second - 0xDC00)
        } else {
            first
        };
        char::from_u32(code)
            .ok_or_else(|| Fault::new(at, "half of a surrogate pair. Write both \\u escapes."))
    }

    fn four_hex(&mut self, at: Position) -> Result<u32, Fault> {
        let mut code = 0;
        for _ in 0..4 {
            let digit = self.next().and_then(|c| c.to_digit(16));
            code = code * 16
                + digit.ok_or_else(|| Fault::new(at, "\\u needs four hexadecimal digits."))?;
        }
        Ok(code)
    }
}

fn shown(c: char) -> String {
    format!("\"{}\"", c.escape_debug())
}

fn shown_or_end(c: Option<char>) -> String {
    c.map_or_else(|| "the end of the file".to_owned(), shown)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn fault(source: &str) -> String {
        let fault = read(source).expect_err(source);
        format!("{}: {}", fault.at, fault.message)
    }

    #[test]
    fn reads_every_kind_of_value_with_its_place() {
        let node =
            read("{\n  \"a\": [1.10, true, \"x\\u00e9\\ud83d\\ude00\\/\"]\n}").expect("reads");
        let a = node.get("a").expect("a");
        assert_eq!(a.at, Position { line: 2, column: 8 });
        let items = a.as_list().expect("list");
        assert_eq!(items[0].kind, Kind::Number("1.10".into()));
        assert_eq!(items[1].kind, Kind::Bool(true));
        assert_eq!(
            items[1].at,
            Position {
                line: 2,
                column: 15
            }
        );
        assert_eq!(items[2].kind, Kind::String("xé😀/".into()));
    }

    #[test]
    fn says_what_is_wrong_and_where() {
        insta::assert_snapshot!(fault("{\"a\": 1,\n \"a\": 2}"), @"2:2: the key `a` stands twice in this map. Keep one of them.");
        insta::assert_snapshot!(fault("{\"a\" 1}"), @r#"1:6: expected ":" after the key, found "1"."#);
        insta::assert_snapshot!(fault("{\"a\": 1,}"), @r#"1:9: expected a key in double quotes, found "}"."#);
        insta::assert_snapshot!(fault("{\"a\": 01}"), @"1:7: `01` is no JSON number. Put it in double quotes if it is a text.");
        insta::assert_snapshot!(fault("{\"a\": nul}"), @"1:7: `nul` is no JSON value. A text stands in double quotes.");
        insta::assert_snapshot!(fault("{\"a\": null}"), @r#"1:7: CloudFormation allows no null. Write a value, or remove the key; an empty text is ""."#);
        insta::assert_snapshot!(fault("{\"a\": \"x"), @"1:7: this text has no closing quote.");
        insta::assert_snapshot!(fault("{} x"), @r#"1:4: the file ends before this "x". Remove what follows it."#);
        insta::assert_snapshot!(fault(r#"{"a": "\ud800"}"#), @r"1:8: half of a surrogate pair. Write both \u escapes.");
    }

    #[test]
    fn deep_nesting_is_an_error() {
        let message = fault(&"[".repeat(100_000));
        assert!(message.contains("nested deeper than"), "{message}");
    }
}
