//! How a plain (unquoted) YAML scalar is read.
//!
//! CloudFormation reads YAML 1.1: `yes`, `no`, `on` and `off` are booleans, as tried against the service in
//! <https://github.com/ASFHyP3/hyp3/pull/2061> and noted in <https://github.com/aws/aws-cli/pull/5257>; `y` and `n`
//! are strings. Dates stay strings. Numbers that YAML 1.1 would rewrite (octal `0755`, hexadecimal, `1_000`, `1e3`,
//! base sixty `22:30`) are refused rather than guessed at: a file mode or a commit id read as another number is a
//! mistake that nobody sees.

use super::node::Kind;

/// A plain scalar as CloudFormation reads it, or what is wrong with it.
pub(super) fn plain(text: &str) -> Result<Kind, String> {
    match text {
        "" | "~" | "null" | "Null" | "NULL" => {
            return Err(
                "there is no value here, and CloudFormation allows no null. \
                        Write a value, or remove the key; an empty text is \"\"."
                    .to_owned(),
            );
        }
        "true" | "True" | "TRUE" | "yes" | "Yes" | "YES" | "on" | "On" | "ON" => {
            return Ok(Kind::Bool(true));
        }
        "false" | "False" | "FALSE" | "no" | "No" | "NO" | "off" | "Off" | "OFF" => {
            return Ok(Kind::Bool(false));
        }
        _ => {}
    }
    if is_decimal(text) {
        return Ok(Kind::Number(text.to_owned()));
    }
    if is_number_of_yaml_1_1(text) {
        return Err(format!(
            "`{text}` is not in quotes, so YAML reads it as a number and changes how it is written. \
             Quote it (\"{text}\") if it is a text, or write the number in plain decimal digits."
        ));
    }
    Ok(Kind::String(text.to_owned()))
}

/// A plain decimal number: what JSON allows, without an exponent.
pub(super) fn is_decimal(text: &str) -> bool {
    let digits = text.strip_prefix('-').unwrap_or(text);
    let (whole, fraction) = match digits.split_once('.') {
        Some((whole, fraction)) => (whole, Some(fraction)),
        None => (digits, None),
    };
    all_digits(whole)
        && (whole == "0" || !whole.starts_with('0'))
        && fraction.is_none_or(all_digits)
}

fn all_digits(text: &str) -> bool {
    !text.is_empty() && text.bytes().all(|b| b.is_ascii_digit())
}

/// The int and float patterns of YAML 1.1 (<https://yaml.org/type/int.html>, <https://yaml.org/type/float.html>).
fn is_number_of_yaml_1_1(text: &str) -> bool {
    let digits = text.strip_prefix(['-', '+']).unwrap_or(text);
    if matches!(digits, ".inf" | ".Inf" | ".INF") || matches!(text, ".nan" | ".NaN" | ".NAN") {
        return true;
    }
    let made_of = |text: &str, digit: fn(u8) -> bool| {
        !text.is_empty() && text.bytes().all(|b| b == b'_' || digit(b))
    };
    if let Some(hex) = digits.strip_prefix("0x") {
        return made_of(hex, |b| b.is_ascii_hexdigit());
    }
    if let Some(binary) = digits.strip_prefix("0b") {
        return made_of(binary, |b| matches!(b, b'0' | b'1'));
    }
    if digits.starts_with('0') && digits.len() > 1 && made_of(digits, |b| matches!(b, b'0'..=b'7'))
    {
        return true;
    }
    if digits.contains(':') {
        return is_base_sixty(digits);
    }
    is_float_or_grouped(digits)
}

fn is_base_sixty(digits: &str) -> bool {
    let whole = digits.split_once('.').map_or(digits, |(whole, _)| whole);
    let mut places = whole.split(':');
    let first = places.next().unwrap_or_default();
    first.starts_with(|c: char| c.is_ascii_digit())
        && first.bytes().all(|b| b.is_ascii_digit() || b == b'_')
        && places.all(|place| place.len() <= 2 && place.parse::<u8>().is_ok_and(|n| n < 60))
}

fn is_float_or_grouped(digits: &str) -> bool {
    let (mantissa, exponent) = match digits.find(['e', 'E']) {
        Some(at) => (&digits[..at], Some(&digits[at + 1..])),
        None => (digits, None),
    };
    if let Some(exponent) = exponent
        && !all_digits(exponent.strip_prefix(['-', '+']).unwrap_or(exponent))
    {
        return false;
    }
    let (whole, fraction) = mantissa.split_once('.').unwrap_or((mantissa, ""));
    let grouped = |text: &str| text.bytes().all(|b| b.is_ascii_digit() || b == b'_');
    let starts = |text: &str| text.starts_with(|c: char| c.is_ascii_digit());
    // A leading zero without a point is no number of YAML 1.1 unless it is octal: an account id stays a text.
    if whole.len() > 1 && whole.starts_with('0') && !mantissa.contains('.') && exponent.is_none() {
        return false;
    }
    grouped(whole) && grouped(fraction) && (starts(whole) || whole.is_empty() && starts(fraction))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn booleans_are_those_of_yaml_1_1_without_single_letters() {
        assert_eq!(plain("YES"), Ok(Kind::Bool(true)));
        assert_eq!(plain("off"), Ok(Kind::Bool(false)));
        assert_eq!(plain("true"), Ok(Kind::Bool(true)));
        assert_eq!(plain("y"), Ok(Kind::String("y".into())));
        assert_eq!(plain("N"), Ok(Kind::String("N".into())));
        assert_eq!(plain("yEs"), Ok(Kind::String("yEs".into())));
    }

    #[test]
    fn texts_that_only_look_like_numbers_stay_texts() {
        for text in [
            "2010-09-09",
            "012345678901",
            "1.2.3",
            "10.0.0.0/16",
            "-",
            ".",
            "12ab",
            "1:2:x",
            "sun:05:00-sun:06:00",
            "+",
            "-.",
            "e3",
            "0xZZ",
            "rate(5 minutes)",
            "1e",
            "_1",
        ] {
            assert_eq!(plain(text), Ok(Kind::String(text.into())), "{text}");
        }
    }

    #[test]
    fn numbers_keep_their_text() {
        for text in ["0", "-1", "1.10", "30", "12345678901234567890123"] {
            assert_eq!(plain(text), Ok(Kind::Number(text.into())), "{text}");
        }
    }

    #[test]
    fn numbers_that_yaml_would_rewrite_are_refused() {
        for text in [
            "0755", "0x1F", "0b11", "1_000", "1e3", "12345e6", "+5", "22:30", "1:30:00", ".5",
            "5.", ".inf",
        ] {
            let message = plain(text).expect_err(text);
            assert!(
                message.contains(&format!("Quote it (\"{text}\")")),
                "{message}"
            );
        }
    }

    #[test]
    fn null_is_refused() {
        for text in ["", "~", "null"] {
            assert!(plain(text).is_err(), "{text}");
        }
    }
}
