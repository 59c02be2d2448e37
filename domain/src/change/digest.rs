//! The review digest: SHA-256 over a canonical JSON form.
use crate::change::Reviewed;
use crate::names::Digest;
use serde_json::Value;
use sha2::{Digest as _, Sha256};
use std::fmt::Write;

/// JSON with sorted keys, no white space and minimal escapes: the same bytes for the same value.
/// Follows RFC 8785 for what Gatehouse puts in: no floating-point numbers, keys in plain ASCII.
pub fn canonical_json(value: &Value) -> String {
    let mut text = String::new();
    write_canonical(value, &mut text);
    text
}

fn write_canonical(value: &Value, text: &mut String) {
    match value {
        Value::Object(map) => {
            let mut keys: Vec<_> = map.keys().collect();
            keys.sort();
            text.push('{');
            for (index, key) in keys.into_iter().enumerate() {
                if index > 0 {
                    text.push(',');
                }
                write_scalar(&Value::String(key.clone()), text);
                text.push(':');
                write_canonical(&map[key], text);
            }
            text.push('}');
        }
        Value::Array(items) => {
            text.push('[');
            for (index, item) in items.iter().enumerate() {
                if index > 0 {
                    text.push(',');
                }
                write_canonical(item, text);
            }
            text.push(']');
        }
        scalar => write_scalar(scalar, text),
    }
}

fn write_scalar(value: &Value, text: &mut String) {
    // Writing to a string can't fail.
    let _ = write!(text, "{value}");
}

/// SHA-256 of bytes.
pub fn sha256(bytes: &[u8]) -> Digest {
    let hex = hex::encode(Sha256::digest(bytes));
    match hex.parse() {
        Ok(digest) => digest,
        // 32 bytes are always 64 lower-case hexadecimal digits.
        Err(_) => unreachable!(),
    }
}

/// The digest that approvals of this plan name.
///
/// # Errors
/// When the plan can't be written as JSON, which no value of its types causes.
pub fn review_digest(reviewed: &Reviewed) -> Result<Digest, serde_json::Error> {
    let value = serde_json::to_value(reviewed)?;
    Ok(sha256(canonical_json(&value).as_bytes()))
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    #[test]
    fn key_order_and_space_do_not_matter() {
        let one: Value =
            serde_json::from_str(r#"{"b": [1, {"y":"é\n","x":null}], "a": true}"#).unwrap();
        assert_eq!(
            canonical_json(&one),
            "{\"a\":true,\"b\":[1,{\"x\":null,\"y\":\"é\\n\"}]}"
        );
        assert_ne!(
            canonical_json(&json!(["a", "b"])),
            canonical_json(&json!(["b", "a"]))
        );
    }

    #[test]
    fn sha256_is_the_published_one() {
        assert_eq!(
            sha256(b"abc").as_str(),
            "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad"
        );
    }
}
