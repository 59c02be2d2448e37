//! Which groups and subnets a resource is in: any property whose name says so, in any resource.
use super::rule::Name;
use super::side::Piece;
use super::worlds::World;
use crate::template::Value;
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
    let found = named(kind, key)?;
    let judged_as_such = OTHERS.contains(&kind) || kind.starts_with("AWS::NetworkFirewall::");
    (!judged_as_such).then_some(found)
}

fn named(kind: &str, key: &str) -> Option<Place> {
    // Most keys say nothing of either.
    let letters = key.as_bytes();
    let about = |word: &str| {
        letters
            .windows(word.len())
            .any(|part| part.eq_ignore_ascii_case(word.as_bytes()))
    };
    let ends_with = |word: &str| {
        letters
            .len()
            .checked_sub(word.len())
            .and_then(|from| letters.get(from..))
            .is_some_and(|end| end.eq_ignore_ascii_case(word.as_bytes()))
    };
    if key.eq_ignore_ascii_case("groupset")
        || (key == "Groups" && kind == "AWS::EC2::LaunchTemplate")
    {
        return Some(Place::Group);
    }
    if about("securitygroup") {
        // Rules name the groups of others, and some properties say something about groups.
        let rule = ["ingress", "egress", "source", "destination", "description"]
            .into_iter()
            .any(about);
        return (!rule).then_some(Place::Group);
    }
    if key.eq_ignore_ascii_case("vpczoneidentifier") {
        return Some(Place::Subnet);
    }
    let names_itself = kind.ends_with("SubnetGroup") && ends_with("groupname");
    let subnet = about("subnet")
        && ["id", "ids", "subnets", "name", "mappings", "identifier"]
            .into_iter()
            .any(ends_with);
    (subnet && !names_itself).then_some(Place::Subnet)
}

/// Whether a property, or something in it, says which groups or subnets a resource is in.
pub(super) fn concerns(kind: &str, key: &str, value: &Value) -> bool {
    let says = |key: &str| place(kind, key).is_some();
    says(key) || value.has_key(&says)
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
