//! Characters that deceive the eye: they hide, turn the order of letters, or steer a terminal. What people decide by is
//! shown with these written out. Nothing is rejected here.
//! Source: Boucher and Anderson, "Trojan Source: Invisible Vulnerabilities" (2021); Unicode Technical Report 36.
use std::borrow::Cow;

/// Whether a character could hide, turn the order of letters, or steer a terminal.
pub fn deceives(letter: char) -> bool {
    letter.is_control() && !matches!(letter, '\n' | '\t')
        || matches!(
            letter,
            '\u{61c}'
                | '\u{200b}'..='\u{200f}'
                | '\u{2028}'..='\u{202e}'
                | '\u{2060}'..='\u{206f}'
                | '\u{feff}'
                | '\u{e0000}'..='\u{e007f}'
        )
}

/// The text with such characters written out: `\u{202e}`.
pub fn plain(text: &str) -> Cow<'_, str> {
    if !text.chars().any(deceives) {
        return Cow::Borrowed(text);
    }
    let mut plain = String::with_capacity(text.len());
    for letter in text.chars() {
        if deceives(letter) {
            plain.extend(letter.escape_unicode());
        } else {
            plain.push(letter);
        }
    }
    Cow::Owned(plain)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_deceives_is_written_out() {
        assert_eq!(plain("s3:Get\u{202e}tcejbO"), "s3:Get\\u{202e}tcejbO");
        assert_eq!(plain("\u{1b}[2J\u{feff}"), "\\u{1b}[2J\\u{feff}");
        assert_eq!(plain("Größe\tשלום\n"), "Größe\tשלום\n");
    }
}
