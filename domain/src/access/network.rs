//! Rules of security groups, one line each (Amazon VPC User Guide, "Security group rules").
use super::AccessLineText;
use super::collect::{Access, Holder, items, named, property, text};
use crate::template::{Resolved, Value};
use std::collections::BTreeMap;

/// Adds the rules that a resource of this type holds, if it holds any.
pub(super) fn rules(
    resolved: &Resolved,
    kind: &str,
    properties: &BTreeMap<String, Value>,
    own: &Holder,
    access: &mut Access,
) {
    match kind {
        "AWS::EC2::SecurityGroup" => {
            for (place, key) in [
                ("ingress", "SecurityGroupIngress"),
                ("egress", "SecurityGroupEgress"),
            ] {
                for rule in items(properties.get(key)) {
                    access.add(own, line(place, rule));
                }
            }
            // Without rules of its own for what goes out, a group lets everything out.
            if !properties.contains_key("SecurityGroupEgress") {
                access.add(
                    own,
                    AccessLineText {
                        place: "egress".to_owned(),
                        effect: "-".to_owned(),
                        principal: String::new(),
                        action: "all traffic".to_owned(),
                        resource: "0.0.0.0/0".to_owned(),
                        condition: String::new(),
                    },
                );
            }
        }
        "AWS::EC2::SecurityGroupIngress" | "AWS::EC2::SecurityGroupEgress" => {
            let place = if kind.ends_with("Ingress") {
                "ingress"
            } else {
                "egress"
            };
            let key = if properties.contains_key("GroupId") {
                "GroupId"
            } else {
                "GroupName"
            };
            let rule = Value::Map(properties.clone());
            for holder in named(resolved, properties, Some(key), own) {
                access.add(&holder, line(place, &rule));
            }
        }
        _ => {}
    }
}

fn line(place: &str, rule: &Value) -> AccessLineText {
    let (action, resource) = match rule {
        Value::Map(rule) => (traffic(rule), peer(rule)),
        unknown => (text(unknown), String::new()),
    };
    AccessLineText {
        place: place.to_owned(),
        effect: "-".to_owned(),
        principal: String::new(),
        action,
        resource,
        condition: String::new(),
    }
}

/// Protocol and ports: `tcp 443`, `udp 1024-65535`, `all traffic`.
fn traffic(rule: &BTreeMap<String, Value>) -> String {
    let protocol = property(rule, "IpProtocol");
    let name = match protocol.as_str() {
        "-1" | "all" => return "all traffic".to_owned(),
        "6" => "tcp",
        "17" => "udp",
        "1" => "icmp",
        "58" => "icmpv6",
        other => other,
    };
    let (from, to) = (property(rule, "FromPort"), property(rule, "ToPort"));
    if name.starts_with("icmp") {
        return match (from.as_str(), to.as_str()) {
            ("" | "-1", "" | "-1") => format!("{name} all"),
            (kind, "" | "-1") => format!("{name} type {kind}"),
            (kind, code) => format!("{name} type {kind} code {code}"),
        };
    }
    match (from.as_str(), to.as_str()) {
        ("", "") | ("-1", "-1") | ("0", "65535") => format!("{name} all ports"),
        (from, to) if from == to || to.is_empty() => format!("{name} {from}"),
        (from, to) => format!("{name} {from}-{to}"),
    }
}

/// Where from or where to. A rule names exactly one.
fn peer(rule: &BTreeMap<String, Value>) -> String {
    [
        "CidrIp",
        "CidrIpv6",
        "SourceSecurityGroupId",
        "DestinationSecurityGroupId",
        "SourceSecurityGroupName",
        "SourcePrefixListId",
        "DestinationPrefixListId",
    ]
    .into_iter()
    .find_map(|key| rule.get(key))
    .map(text)
    .unwrap_or_default()
}
