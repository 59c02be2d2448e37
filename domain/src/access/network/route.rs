//! Where a route table sends what: each address goes by the route with the longest prefix.
//! Source: Amazon VPC User Guide, "Route priority".
use super::address::{Addresses, Family, parse_block};
use super::facts::Facts;
use super::group::block;
use super::rule::{Direction, End, Meaning, Name, Rule, Traffic};
use super::side::Piece;
use super::worlds::World;
use crate::template::Value;

/// How the target of a route to the internet is called; its name follows.
pub(super) const INTERNET_GATEWAY: &str = "internet gateway";

/// Properties that name a target, with what a person calls it.
const TARGETS: [(&str, &str); 11] = [
    ("CarrierGatewayId", "carrier gateway"),
    ("CoreNetworkArn", "core network"),
    (
        "EgressOnlyInternetGatewayId",
        "egress-only internet gateway",
    ),
    ("GatewayId", "gateway"),
    ("InstanceId", "instance"),
    ("LocalGatewayId", "local gateway"),
    ("NatGatewayId", "NAT gateway"),
    ("NetworkInterfaceId", "network interface"),
    ("TransitGatewayId", "transit gateway"),
    ("VpcEndpointId", "VPC endpoint"),
    ("VpcPeeringConnectionId", "VPC peering connection"),
];

/// What a route table holds.
#[derive(Debug, Default)]
pub(super) struct Routes {
    pub rules: Vec<Rule>,
    pub faults: Vec<String>,
}

/// Reads a route table. Routes with known destinations are cut so that each address has one.
pub(super) fn routes(name: &Name, pieces: &[Piece<'_>], facts: &Facts, world: &World) -> Routes {
    let mut routes = Routes::default();
    let mut known: Vec<(u32, Rule, Addresses)> = Vec::new();
    for piece in pieces {
        let here = piece.declared.kind == "AWS::EC2::Route"
            && piece.is_in(world)
            && piece
                .raw("RouteTableId", world)
                .is_none_or(|table| piece.name(table) == *name);
        if !here {
            continue;
        }
        if piece.raw("RouteTableId", world).is_none() {
            routes.faults.push(format!(
                "{}: the route names no route table; state its RouteTableId.",
                piece.path()
            ));
            continue;
        }
        match route(piece, facts, world) {
            Ok((Some(length), rule)) => {
                if let End::Addresses(addresses) = &rule.meaning.end {
                    let addresses = addresses.clone();
                    known.push((length, rule, addresses));
                }
            }
            Ok((None, rule)) => routes.rules.push(rule),
            Err(fault) => routes.faults.push(fault),
        }
    }
    known.sort_by_key(|(length, ..)| std::cmp::Reverse(*length));
    let mut taken = Addresses::default();
    for (_, mut rule, addresses) in known {
        let rest = addresses.without(&taken);
        taken.add(&addresses);
        if !rest.is_empty() {
            rule.meaning.end = End::Addresses(rest);
            routes.rules.push(rule);
        }
    }
    routes
}

fn route(piece: &Piece<'_>, facts: &Facts, world: &World) -> Result<(Option<u32>, Rule), String> {
    let properties = piece.properties(world);
    let path = piece.path();
    let destination = [
        "DestinationCidrBlock",
        "DestinationIpv6CidrBlock",
        "DestinationPrefixListId",
    ]
    .into_iter()
    .find_map(|key| Some((key, properties.get(key)?)));
    let (key, value) = destination.ok_or_else(|| {
        format!("{path}: the route has no destination; state DestinationCidrBlock, DestinationIpv6CidrBlock or DestinationPrefixListId.")
    })?;
    let (length, end) = match key {
        "DestinationPrefixListId" => (None, facts.prefix_list(piece.name(value))),
        key => {
            let family = if key == "DestinationCidrBlock" {
                Family::V4
            } else {
                Family::V6
            };
            let end = block(key, value, family, piece.prefix).map_err(|fault| fault.at(&path))?;
            let length = value.scalar_text().and_then(prefix_length);
            (length, end)
        }
    };
    let (kind, target) = TARGETS
        .into_iter()
        .find_map(|(key, kind)| Some((kind, properties.get(key)?)))
        .ok_or_else(|| {
            format!(
                "{path}: the route has no target; state one, such as GatewayId or NatGatewayId."
            )
        })?;
    let meaning = Meaning {
        direction: Direction::Route,
        via: target_text(piece, kind, target),
        traffic: Traffic::ALL,
        end,
    };
    let rule = Rule {
        condition: piece.condition(),
        ..Rule::new(meaning, piece.source())
    };
    Ok((length, rule))
}

fn prefix_length(block: &str) -> Option<u32> {
    parse_block(block).ok()?;
    block.split_once('/')?.1.parse().ok()
}

fn target_text(piece: &Piece<'_>, kind: &str, target: &Value) -> String {
    let name = piece.name(target);
    let internet = kind == "gateway"
        && match &name {
            Name::Own(id) => {
                let id = id.strip_prefix(piece.prefix).unwrap_or(id);
                piece
                    .stack
                    .resources
                    .get(id)
                    .is_some_and(|found| found.kind == "AWS::EC2::InternetGateway")
            }
            Name::Outside(id) => id.starts_with("igw-"),
            // It may be one, so it counts as one.
            Name::Unknown(_) => true,
        };
    let kind = if internet { INTERNET_GATEWAY } else { kind };
    format!("{kind} {name}")
}
