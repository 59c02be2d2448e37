//! Addresses of pages. Whatever goes into a query is encoded (RFC 3986, section 2).
use domain::change::FindingKey;

/// A path with a query of the pairs that have a value.
pub fn address(path: &str, query: &[(&str, &str)]) -> String {
    let mut address = path.to_owned();
    let mut separator = '?';
    for (key, value) in query.iter().filter(|(_, value)| !value.is_empty()) {
        address.push(separator);
        address.push_str(key);
        address.push('=');
        encode(value, &mut address);
        separator = '&';
    }
    address
}

/// The page of a change, by its number as people write it.
pub fn change_address(number: &str) -> String {
    format!("/changes/{number}")
}

/// The source of one stack of a change's plan, at a resource where one is named.
pub fn template_address(number: &str, stack: &str, resource: &str) -> String {
    let mut address = address(&format!("/changes/{number}/template"), &[("stack", stack)]);
    if !resource.is_empty() {
        address.push_str("#resource-");
        encode(resource, &mut address);
    }
    address
}

/// The page of a version of a blueprint.
pub fn version_address(blueprint: &str, digest: &str) -> String {
    format!("/blueprints/{blueprint}/{digest}")
}

/// The page of a waiver, by its number as people write it.
pub fn waiver_address(number: &str) -> String {
    format!("/waivers/{number}")
}

/// The form to ask for a waiver of what was found in a change.
pub fn ask_waiver_address(number: &str, key: &FindingKey) -> String {
    address(
        &format!("/changes/{number}/waiver"),
        &[
            ("rule", &key.rule),
            ("stack", &key.stack),
            ("resource", &key.resource),
            ("path", &key.path),
        ],
    )
}

/// The page of a service.
pub fn service_address(team: &str, service: &str) -> String {
    format!("/services/{team}/{service}")
}

/// The page of an environment.
pub fn environment_address(team: &str, service: &str, stage: &str) -> String {
    format!("/services/{team}/{service}/{stage}")
}

/// The page of a promotion from a stage to the next.
pub fn promotion_address(team: &str, service: &str, from: &str) -> String {
    format!("/services/{team}/{service}/{from}/promote")
}

/// The page of a rollback to a release.
pub fn rollback_address(team: &str, service: &str, stage: &str, release: &str) -> String {
    format!("/services/{team}/{service}/{stage}/rollback/{release}")
}

fn encode(value: &str, into: &mut String) {
    const DIGITS: &[u8; 16] = b"0123456789ABCDEF";
    for byte in value.bytes() {
        match byte {
            b'a'..=b'z' | b'A'..=b'Z' | b'0'..=b'9' | b'-' | b'.' | b'_' | b'~' => {
                into.push(char::from(byte));
            }
            _ => {
                into.push('%');
                into.push(char::from(DIGITS[usize::from(byte >> 4)]));
                into.push(char::from(DIGITS[usize::from(byte & 15)]));
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_resource_of_a_template_has_an_address() {
        assert_eq!(
            template_address("CH-1", "main", "Topic"),
            "/changes/CH-1/template?stack=main#resource-Topic"
        );
        assert_eq!(
            template_address("CH-1", "a&b", "x y\""),
            "/changes/CH-1/template?stack=a%26b#resource-x%20y%22"
        );
    }

    #[test]
    fn only_what_has_a_value_stands_in_an_address_and_it_is_encoded() {
        assert_eq!(
            address("/history", &[("team", ""), ("stage", "")]),
            "/history"
        );
        assert_eq!(
            address(
                "/history",
                &[("team", "a&b=c"), ("stage", ""), ("person", "ü/\"#")]
            ),
            "/history?team=a%26b%3Dc&person=%C3%BC%2F%22%23"
        );
    }
}
