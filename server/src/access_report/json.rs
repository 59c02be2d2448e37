//! The answer for machines. What it means is in `docs/access-review.md`, its form in `docs/schema`.
use domain::characters::deceives;
use serde::Serialize;
use std::fmt::Write as _;

/// JSON over several lines, with a line's end. Characters that would steer a terminal are escaped, so that it can be
/// looked at.
pub(super) fn pretty(report: &impl Serialize) -> String {
    // Reports are structs of texts, numbers and lists, which always serialize.
    let written = serde_json::to_string_pretty(report).unwrap_or_default();
    let mut text = String::with_capacity(written.len() + 1);
    for letter in written.chars() {
        // Such characters stand within texts only, where JSON takes them as UTF-16 escapes (RFC 8259, section 7).
        if deceives(letter) {
            for unit in letter.encode_utf16(&mut [0; 2]) {
                // Writing to a String never fails.
                let _ = write!(text, "\\u{unit:04x}");
            }
        } else {
            text.push(letter);
        }
    }
    text.push('\n');
    text
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_steers_a_terminal_is_escaped_and_read_back() {
        let told = ["a\u{1b}[2J\u{9b}2J\u{202e}\u{e0001}\nb"];
        let written = pretty(&told);
        assert_eq!(
            written,
            "[\n  \"a\\u001b[2J\\u009b2J\\u202e\\udb40\\udc01\\nb\"\n]\n"
        );
        let read: Vec<String> = serde_json::from_str(&written).unwrap();
        assert_eq!(read, told);
    }
}
