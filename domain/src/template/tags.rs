//! The short forms of intrinsic functions in YAML.
//! Source: AWS CloudFormation Template Reference, "Intrinsic function reference".

use super::error::Fault;
use super::node::{Entry, Kind, Node, Position};
use super::suggestion::did_you_mean;

/// Short tag and long key.
const TAGS: [(&str, &str); 20] = [
    ("And", "Fn::And"),
    ("Base64", "Fn::Base64"),
    ("Cidr", "Fn::Cidr"),
    ("Condition", "Condition"),
    ("Equals", "Fn::Equals"),
    ("FindInMap", "Fn::FindInMap"),
    ("GetAZs", "Fn::GetAZs"),
    ("GetAtt", "Fn::GetAtt"),
    ("If", "Fn::If"),
    ("ImportValue", "Fn::ImportValue"),
    ("Join", "Fn::Join"),
    ("Length", "Fn::Length"),
    ("Not", "Fn::Not"),
    ("Or", "Fn::Or"),
    ("Ref", "Ref"),
    ("Select", "Fn::Select"),
    ("Split", "Fn::Split"),
    ("Sub", "Fn::Sub"),
    ("ToJsonString", "Fn::ToJsonString"),
    ("Transform", "Fn::Transform"),
];

/// Short tags of the functions that only a template's Rules use.
const RULE_TAGS: [(&str, &str); 6] = [
    ("Contains", "Fn::Contains"),
    ("EachMemberEquals", "Fn::EachMemberEquals"),
    ("EachMemberIn", "Fn::EachMemberIn"),
    ("RefAll", "Fn::RefAll"),
    ("ValueOf", "Fn::ValueOf"),
    ("ValueOfAll", "Fn::ValueOfAll"),
];

/// Every key that calls a function in a template.
pub(super) fn function_keys() -> impl Iterator<Item = &'static str> {
    TAGS.iter()
        .map(|(_, key)| *key)
        .filter(|key| key.starts_with("Fn::"))
}

/// Whether a key calls a function.
pub(super) fn is_function(key: &str) -> bool {
    key.starts_with("Fn::") && function_keys().any(|known| known == key)
}

/// The long key of a short tag.
pub(super) fn long_key(tag: &str, at: Position) -> Result<&'static str, Fault> {
    TAGS.iter()
        .chain(&RULE_TAGS)
        .find(|(short, _)| *short == tag)
        .map(|(_, key)| *key)
        .ok_or_else(|| {
            let hint = did_you_mean(tag, TAGS.iter().map(|(short, _)| *short));
            Fault::new(
                at,
                format!("`!{tag}` is no intrinsic function of CloudFormation.{hint}"),
            )
        })
}

/// The long form of `value` under the short tag for `key`.
pub(super) fn expand(key: &'static str, value: Node) -> Node {
    let at = value.at;
    Node {
        at,
        kind: Kind::Map(vec![Entry {
            key: key.to_owned(),
            at,
            value,
        }]),
    }
}
