//! `Fn::Base64` and `Fn::ToJsonString`.

use super::need_language_extensions;
use crate::template::evaluate::{Evaluator, Reported};
use crate::template::node::{Node, Position};
use crate::template::symbol::{Shape, Symbol};
use crate::template::value::Value;

pub(super) fn base64(e: &mut Evaluator<'_>, argument: &Node) -> Result<Value, Reported> {
    match e.text(argument, "the argument of Fn::Base64")? {
        Value::String(text) => {
            e.spend(text.len() * 2, argument.at)?;
            Ok(Value::String(encoded(text.as_bytes())))
        }
        unknown => Ok(Symbol::Base64(unknown).into()),
    }
}

/// Standard base64 with padding (RFC 4648, section 4).
fn encoded(bytes: &[u8]) -> String {
    const ALPHABET: &[u8; 64] = b"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
    let mut text = String::with_capacity(bytes.len().div_ceil(3) * 4);
    for chunk in bytes.chunks(3) {
        let byte = |i: usize| u32::from(chunk.get(i).copied().unwrap_or(0));
        let bits = byte(0) << 16 | byte(1) << 8 | byte(2);
        for place in 0..4 {
            if place > chunk.len() {
                text.push('=');
            } else {
                let index = (bits >> (18 - 6 * place)) & 63;
                text.push(char::from(ALPHABET[index as usize]));
            }
        }
    }
    text
}

pub(super) fn to_json_string(
    e: &mut Evaluator<'_>,
    argument: &Node,
    at: Position,
) -> Result<Value, Reported> {
    need_language_extensions(e, "Fn::ToJsonString", at)?;
    let value = e.present(argument, "the argument of Fn::ToJsonString")?;
    match &value {
        Value::List(_) | Value::Map(_) => {}
        Value::Symbol(symbol) if symbol.shape() != Shape::Text => {}
        _ => {
            let message = format!(
                "Fn::ToJsonString is given {}; it needs a map or a list.",
                value.described()
            );
            return Err(e.report(argument.at, message));
        }
    }
    if !value.is_known() {
        return Ok(Symbol::Json(value).into());
    }
    let mut text = String::new();
    write_json(&value, &mut text);
    // Escapes make a text at most six times as long.
    e.spend(text.len(), argument.at)?;
    Ok(Value::String(text))
}

/// Known values as JSON without spaces, keys sorted, numbers as written.
fn write_json(value: &Value, text: &mut String) {
    match value {
        Value::Bool(_) | Value::Number(_) => text.push_str(value.scalar_text().unwrap_or_default()),
        Value::String(string) => {
            text.push_str(&serde_json::Value::from(string.as_str()).to_string())
        }
        Value::List(items) => {
            text.push('[');
            for (i, item) in items.iter().enumerate() {
                if i > 0 {
                    text.push(',');
                }
                write_json(item, text);
            }
            text.push(']');
        }
        Value::Map(entries) => {
            text.push('{');
            for (i, (key, item)) in entries.iter().enumerate() {
                if i > 0 {
                    text.push(',');
                }
                text.push_str(&serde_json::Value::from(key.as_str()).to_string());
                text.push(':');
                write_json(item, text);
            }
            text.push('}');
        }
        Value::Symbol(symbol) => {
            text.push_str(&serde_json::Value::from(symbol.to_string()).to_string())
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn base64_of_rfc_4648() {
        let pairs = [
            ("", ""),
            ("f", "Zg=="),
            ("fo", "Zm8="),
            ("foo", "Zm9v"),
            ("foob", "Zm9vYg=="),
            ("fooba", "Zm9vYmE="),
            ("foobar", "Zm9vYmFy"),
        ];
        for (plain, coded) in pairs {
            assert_eq!(encoded(plain.as_bytes()), coded);
        }
        assert_eq!(encoded(&[0xFB, 0xFF]), "+/8=");
    }
}
