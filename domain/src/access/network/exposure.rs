//! What gives a resource a public address or a public end: load-balancer schemes, `PubliclyAccessible`,
//! public addresses of instances and tasks, internet gateways.
//! Source: AWS CloudFormation Template Reference, one page a type.
use super::address::{Addresses, Family, parse_block};
use super::rule::{Direction, End, Meaning, Rule, Traffic, Unknown};
use super::side::Piece;
use super::worlds::World;
use crate::template::Value;

const LOAD_BALANCERS: [&str; 2] = [
    "AWS::ElasticLoadBalancing::LoadBalancer",
    "AWS::ElasticLoadBalancingV2::LoadBalancer",
];

const CLUSTER: &str = "AWS::EKS::Cluster";

/// Types that are public where they say nothing.
const PUBLIC_BY_DEFAULT: [&str; 4] = [
    LOAD_BALANCERS[0],
    LOAD_BALANCERS[1],
    "AWS::DMS::ReplicationInstance",
    CLUSTER,
];

/// Properties that decide, wherever they stand in the resource, with what they mean when they are absent.
const DECIDING: [(&str, Absent); 5] = [
    ("PubliclyAccessible", Absent::ByKind),
    ("AssociatePublicIpAddress", Absent::Unknown),
    ("AssignPublicIp", Absent::Unknown),
    ("MapPublicIpOnLaunch", Absent::Private),
    ("EndpointPublicAccess", Absent::ByKind),
];

#[derive(Clone, Copy, PartialEq, Eq)]
enum Absent {
    Private,
    Unknown,
    ByKind,
}

/// Databases whose network decides where they don't say.
const BY_NETWORK: [&str; 2] = ["AWS::RDS::DBInstance", "AWS::RDS::DBCluster"];

/// Types to which the network gives a public address, or none, where they don't say.
const ADDRESSED: [(&str, &str); 4] = [
    ("AWS::EC2::Instance", "AssociatePublicIpAddress"),
    ("AWS::EC2::LaunchTemplate", "AssociatePublicIpAddress"),
    (
        "AWS::AutoScaling::LaunchConfiguration",
        "AssociatePublicIpAddress",
    ),
    ("AWS::ECS::Service", "AssignPublicIp"),
];

/// Types that bring a public address or a way to one into being.
const GATES: [(&str, &str); 3] = [
    ("AWS::EC2::EIP", "InstanceId"),
    ("AWS::EC2::EIPAssociation", "AllocationId"),
    ("AWS::EC2::VPCGatewayAttachment", "InternetGatewayId"),
];

/// Whether a property has a say in what is public.
pub(super) fn concerns(kind: &str, key: &str, value: &Value) -> bool {
    let load_balancer =
        LOAD_BALANCERS.contains(&kind) && ["Scheme", "Type", "IpAddressType"].contains(&key);
    let gate = GATES
        .iter()
        .any(|(gate, property)| *gate == kind && *property == key);
    let decides = |key: &str| DECIDING.iter().any(|(deciding, _)| *deciding == key);
    load_balancer
        || gate
        || (kind == "AWS::MSK::Cluster" && key == "BrokerNodeGroupInfo")
        || decides(key)
        || value.has_key(&decides)
}

/// Whether the type may be public where it says nothing.
pub(super) fn has_default(kind: &str) -> bool {
    PUBLIC_BY_DEFAULT.contains(&kind) || BY_NETWORK.contains(&kind)
}

/// What makes a resource public, as rules that let everybody in.
pub(super) fn rules(piece: &Piece<'_>, world: &World) -> Vec<Rule> {
    if !piece.is_in(world) {
        return Vec::new();
    }
    let kind = piece.declared.kind.as_str();
    let mut ends: Vec<(String, Public)> = Vec::new();
    if LOAD_BALANCERS.contains(&kind) {
        ends.push((
            "its scheme is internet-facing".to_owned(),
            scheme(piece, world),
        ));
    }
    for (gate, property) in GATES {
        if gate == kind && piece.property(property, world).is_some() {
            let words = if property == "InternetGatewayId" {
                "an internet gateway is attached"
            } else {
                "it has an elastic IP address"
            };
            ends.push((words.to_owned(), Public::Yes));
        }
    }
    let properties = piece.properties(world);
    let mut stated = Vec::new();
    for (key, value) in &properties {
        gather(key, value, &mut stated);
    }
    for (key, absent) in DECIDING {
        let words = format!("its {key} says so");
        let mut values = stated.iter().filter(|(name, _)| *name == key).peekable();
        if values.peek().is_none() {
            ends.push((words, unstated(kind, key, absent)));
            continue;
        }
        for (_, value) in values {
            ends.push((words.clone(), public(value, piece.prefix)));
        }
    }
    if kind == "AWS::MSK::Cluster"
        && let Some(value) = at(
            &properties,
            &[
                "BrokerNodeGroupInfo",
                "ConnectivityInfo",
                "PublicAccess",
                "Type",
            ],
        )
    {
        ends.push((
            "its PublicAccess says so".to_owned(),
            public(value, piece.prefix),
        ));
    }
    let everybody = everybody(piece, world);
    ends.into_iter()
        .filter_map(|(via, public)| {
            let end = match public {
                Public::No => return None,
                Public::Yes => End::Addresses(everybody.clone()),
                Public::Unknown(unknown) => End::Anything(unknown),
            };
            let perhaps = match &end {
                End::Anything(unknown) => {
                    Some(format!("only the deployment knows {}", unknown.shown))
                }
                _ => None,
            };
            let meaning = Meaning {
                direction: Direction::Public,
                via,
                traffic: Traffic::ALL,
                end,
            };
            Some(Rule {
                perhaps,
                condition: piece.condition(),
                ..Rule::new(meaning, piece.source())
            })
        })
        .collect()
}

enum Public {
    Yes,
    No,
    Unknown(Unknown),
}

fn scheme(piece: &Piece<'_>, world: &World) -> Public {
    let is = |key: &str, text: &str| {
        piece
            .property(key, world)
            .is_some_and(|value| value.scalar_text() == Some(text))
    };
    if is("Type", "gateway") {
        return Public::No;
    }
    match piece.property("Scheme", world) {
        None => Public::Yes,
        Some(value) => match value.scalar_text() {
            Some("internal") => Public::No,
            Some(_) => Public::Yes,
            None => Public::Unknown(Unknown::of(&value, piece.prefix)),
        },
    }
}

fn public(value: &Value, prefix: &str) -> Public {
    match value.scalar_text() {
        Some("true" | "True" | "ENABLED" | "SERVICE_PROVIDED_EIPS") => Public::Yes,
        Some(_) => Public::No,
        None => Public::Unknown(Unknown::of(value, prefix)),
    }
}

fn unstated(kind: &str, key: &str, absent: Absent) -> Public {
    let unknown = |words: &str| Public::Unknown(Unknown::named(words));
    match absent {
        Absent::Private => Public::No,
        Absent::Unknown if ADDRESSED.contains(&(kind, key)) => {
            unknown(&format!("whether {key}, which is not stated, is true"))
        }
        Absent::Unknown => Public::No,
        Absent::ByKind => match (kind, key) {
            ("AWS::DMS::ReplicationInstance", "PubliclyAccessible") => Public::Yes,
            (CLUSTER, "EndpointPublicAccess") => Public::Yes,
            (kind, "PubliclyAccessible") if BY_NETWORK.contains(&kind) => {
                unknown("whether PubliclyAccessible, which is not stated, is true")
            }
            _ => Public::No,
        },
    }
}

/// Whose packets get to a public end. Clusters may say so; anything else takes all.
fn everybody(piece: &Piece<'_>, world: &World) -> Addresses {
    if piece.declared.kind == CLUSTER
        && let Some(Value::Map(config)) = piece.property("ResourcesVpcConfig", world)
        && let Some(Value::List(blocks)) = config.get("PublicAccessCidrs")
    {
        let known: Option<Vec<Addresses>> = blocks
            .iter()
            .map(|block| Some(parse_block(block.scalar_text()?).ok()?.1))
            .collect();
        if let Some(known) = known.filter(|known| !known.is_empty()) {
            return Addresses::union(known.iter());
        }
    }
    let mut all = Addresses::all_of(Family::V4);
    let dual = piece.property("IpAddressType", world).is_some_and(|value| {
        value
            .scalar_text()
            .is_none_or(|text| text.contains("dualstack"))
    });
    if dual {
        all.add(&Addresses::all_of(Family::V6));
    }
    all
}

// As deep as the template's nesting, which parsing bounds.
fn gather<'v>(key: &'v str, value: &'v Value, found: &mut Vec<(&'static str, &'v Value)>) {
    if let Some((deciding, _)) = DECIDING.iter().find(|(deciding, _)| *deciding == key) {
        found.push((deciding, value));
        return;
    }
    match value {
        Value::List(items) => items.iter().for_each(|item| gather("", item, found)),
        Value::Map(entries) => {
            for (key, value) in entries {
                gather(key, value, found);
            }
        }
        _ => {}
    }
}

fn at<'v>(properties: &'v crate::template::Entries, path: &[&str]) -> Option<&'v Value> {
    let (first, rest) = path.split_first()?;
    let mut value = properties.get(first)?;
    for key in rest {
        let Value::Map(entries) = value else {
            return None;
        };
        value = entries.get(key)?;
    }
    Some(value)
}
