//! Which groups and subnets a resource is in: any property whose name says so, in any resource.
use super::rule::Name;
use super::side::Piece;
use super::worlds::World;
use crate::template::{Symbol, Value};
use std::collections::BTreeSet;

/// What a resource is in.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(super) struct Membership {
    /// Whether the resource is there at all.
    pub present: bool,
    pub groups: BTreeSet<Name>,
    pub subnets: BTreeSet<Name>,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Place {
    Group,
    Subnet,
}

/// Resources about groups and subnets themselves, which are judged as such.
const OTHERS: [&str; 12] = [
    "AWS::EC2::SecurityGroup",
    "AWS::EC2::SecurityGroupIngress",
    "AWS::EC2::SecurityGroupEgress",
    "AWS::EC2::SecurityGroupVpcAssociation",
    "AWS::EC2::Subnet",
    "AWS::EC2::SubnetCidrBlock",
    "AWS::EC2::SubnetNetworkAclAssociation",
    "AWS::EC2::SubnetRouteTableAssociation",
    "AWS::EC2::NetworkAcl",
    "AWS::EC2::NetworkAclEntry",
    "AWS::EC2::RouteTable",
    "AWS::EC2::Route",
];

/// What a property of this name holds.
fn place(kind: &str, key: &str) -> Option<Place> {
    if OTHERS.contains(&kind) || kind.starts_with("AWS::NetworkFirewall::") {
        return None;
    }
    let lower = key.to_ascii_lowercase();
    let about = |word: &str| lower.contains(word);
    if lower == "groupset" || (key == "Groups" && kind == "AWS::EC2::LaunchTemplate") {
        return Some(Place::Group);
    }
    if about("securitygroup") {
        // Rules name the groups of others, and some properties say something about groups.
        let rule = ["ingress", "egress", "source", "destination", "description"]
            .into_iter()
            .any(about);
        return (!rule).then_some(Place::Group);
    }
    if lower == "vpczoneidentifier" {
        return Some(Place::Subnet);
    }
    let names_itself = kind.ends_with("SubnetGroup") && lower.ends_with("groupname");
    let subnet = about("subnet")
        && ["id", "ids", "subnets", "name", "mappings", "identifier"]
            .into_iter()
            .any(|end| lower.ends_with(end));
    (subnet && !names_itself).then_some(Place::Subnet)
}

/// Whether a property, or something in it, says which groups or subnets a resource is in.
// As deep as the template's nesting, which parsing bounds.
pub(super) fn concerns(kind: &str, key: &str, value: &Value) -> bool {
    if place(kind, key).is_some() {
        return true;
    }
    match value {
        Value::List(items) => items.iter().any(|item| concerns(kind, "", item)),
        Value::Map(entries) => entries
            .iter()
            .any(|(key, value)| concerns(kind, key, value)),
        Value::Symbol(symbol) => match symbol.as_ref() {
            Symbol::If {
                then, otherwise, ..
            } => then
                .iter()
                .chain(otherwise)
                .any(|branch| concerns(kind, "", branch)),
            _ => false,
        },
        Value::Bool(_) | Value::Number(_) | Value::String(_) => false,
    }
}

/// What a resource is in.
pub(super) fn membership(piece: &Piece<'_>, world: &World) -> Membership {
    let mut found = Membership::default();
    if piece.is_in(world) {
        found.present = true;
        for (key, value) in piece.properties(world) {
            gather(piece, &key, &value, &mut found);
        }
    }
    found
}

// As deep as the template's nesting, which parsing bounds.
fn gather(piece: &Piece<'_>, key: &str, value: &Value, found: &mut Membership) {
    match (place(&piece.declared.kind, key), value) {
        // The keys inside tell which part of a mapping is the subnet.
        (Some(_) | None, Value::Map(entries)) => {
            for (key, value) in entries {
                gather(piece, key, value, found);
            }
        }
        (Some(_) | None, Value::List(items)) => {
            for item in items {
                gather(piece, key, item, found);
            }
        }
        (Some(Place::Group), one) => {
            found.groups.insert(piece.name(one));
        }
        (Some(Place::Subnet), one) => {
            found.subnets.insert(piece.name(one));
        }
        (None, _) => {}
    }
}
