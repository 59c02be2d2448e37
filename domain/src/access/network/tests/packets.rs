//! Random rules and packets, against an evaluator that looks at one packet at a time.
use super::*;
use crate::access::{PacketWitness, Verdict};
use crate::template::{Decision, Entries, Resolved, Resource, Value};
use proptest::prelude::*;
use std::collections::{BTreeMap, BTreeSet};
use std::net::{IpAddr, Ipv4Addr, Ipv6Addr};

/// A rule as AWS describes it, with nothing worked out.
#[derive(Clone, Debug)]
struct Plain {
    egress: bool,
    protocol: i64,
    from: i64,
    to: i64,
    peer: Peer,
    standalone: bool,
}

#[derive(Clone, Debug, PartialEq)]
enum Peer {
    Block(IpAddr, u32),
    Group(String),
}

#[derive(Clone, Debug)]
struct Packet {
    egress: bool,
    protocol: i64,
    /// Port, or ICMP type and code.
    port: (i64, i64),
    peer: From,
}

/// Where a packet comes from or goes to.
#[derive(Clone, Debug)]
enum From {
    Address(IpAddr),
    /// A member of a group, of whose address nothing is known.
    Group(String),
}

/// Amazon VPC User Guide, "Security group rules": a packet passes when any rule matches it. Members of a group have
/// some address, so they pass too where every address does.
fn passes(rules: &[Plain], packet: &Packet) -> bool {
    let every_address = || {
        let starts = [
            IpAddr::from(Ipv4Addr::UNSPECIFIED),
            IpAddr::from(Ipv6Addr::UNSPECIFIED),
        ];
        let behind = rules.iter().filter_map(|rule| match rule.peer {
            Peer::Block(network, length) => Some(ends(network, length).1[1]),
            Peer::Group(_) => None,
        });
        starts.into_iter().chain(behind).all(|address| {
            let from = Packet {
                peer: From::Address(address),
                ..packet.clone()
            };
            matches_any(rules, &from)
        })
    };
    matches_any(rules, packet) || (matches!(packet.peer, From::Group(_)) && every_address())
}

fn matches_any(rules: &[Plain], packet: &Packet) -> bool {
    rules.iter().any(|rule| {
        let protocol = rule.protocol == -1 || rule.protocol == packet.protocol;
        let port = match (rule.protocol, rule.from, rule.to) {
            (6 | 17, from, to) => (from == -1 && to == -1) || (from..=to).contains(&packet.port.0),
            (1, kind, code) => {
                kind == -1 || (kind == packet.port.0 && (code == -1 || code == packet.port.1))
            }
            _ => true,
        };
        let peer = match (&rule.peer, &packet.peer) {
            (Peer::Block(network, length), From::Address(address)) => {
                inside(*network, *length, *address)
            }
            (Peer::Group(group), From::Group(other)) => group == other,
            _ => false,
        };
        rule.egress == packet.egress && protocol && port && peer
    })
}

fn inside(network: IpAddr, length: u32, address: IpAddr) -> bool {
    match (network, address) {
        (IpAddr::V4(network), IpAddr::V4(address)) => {
            (u32::from(network) ^ u32::from(address)).leading_zeros() >= length
        }
        (IpAddr::V6(network), IpAddr::V6(address)) => {
            (u128::from(network) ^ u128::from(address)).leading_zeros() >= length
        }
        _ => false,
    }
}

/// Few addresses, close to each other and at the edges, so that rules touch.
fn address() -> impl Strategy<Value = IpAddr> {
    prop_oneof![
        (0u8..4, 0u8..4).prop_map(|(a, b)| IpAddr::from([10, a * 64, 0, b * 64])),
        any::<[u8; 4]>().prop_map(IpAddr::from),
        Just(IpAddr::from([0, 0, 0, 0])),
        Just(IpAddr::from([255, 255, 255, 255])),
        (0u16..4).prop_map(|a| IpAddr::from([0x2001, 0xdb8, a << 14, 0, 0, 0, 0, 1])),
    ]
}

fn length() -> impl Strategy<Value = u32> {
    prop_oneof![
        Just(0),
        Just(1),
        Just(8),
        Just(9),
        Just(10),
        Just(16),
        Just(24),
        Just(25),
        Just(32),
        Just(34)
    ]
}

fn peer(groups: bool) -> impl Strategy<Value = Peer> {
    let block = (address(), length()).prop_map(|(address, length)| {
        Peer::Block(
            address,
            if address.is_ipv4() {
                length.min(32)
            } else {
                length
            },
        )
    });
    let group = (0..3).prop_map(|number| Peer::Group(format!("sg-{number}")));
    let weight = u32::from(groups);
    proptest::strategy::Union::new_weighted(vec![
        (4, block.boxed()),
        (
            weight.max(1),
            if groups {
                group.boxed()
            } else {
                Just(Peer::Block(IpAddr::from([10, 0, 0, 0]), 8)).boxed()
            },
        ),
    ])
}

fn number() -> impl Strategy<Value = i64> {
    prop_oneof![
        Just(0),
        Just(1),
        Just(22),
        Just(23),
        Just(80),
        Just(443),
        Just(65535),
        0..65536i64
    ]
}

fn rule(groups: bool) -> impl Strategy<Value = Plain> {
    let traffic = prop_oneof![
        (prop_oneof![Just(6), Just(17)], number(), number()).prop_map(|(protocol, a, b)| (
            protocol,
            a.min(b),
            a.max(b)
        )),
        (prop_oneof![Just(6), Just(17)], Just(-1), Just(-1)),
        prop_oneof![
            Just((1, -1, -1)),
            Just((1, 8, -1)),
            Just((1, 8, 0)),
            Just((1, 3, 4))
        ],
        prop_oneof![Just((-1, 0, 0)), Just((50, 0, 0))],
    ];
    (any::<bool>(), traffic, peer(groups), any::<bool>()).prop_map(
        |(egress, (protocol, from, to), peer, standalone)| Plain {
            egress,
            protocol,
            from,
            to,
            peer,
            standalone,
        },
    )
}

/// A rule list, and what a person makes of it: one dropped, one added, one changed, or all anew.
fn pair(groups: bool) -> impl Strategy<Value = (Vec<Plain>, Vec<Plain>)> {
    let list = || proptest::collection::vec(rule(groups), 0..6);
    (
        list(),
        list(),
        0..5u8,
        any::<prop::sample::Index>(),
        rule(groups),
    )
        .prop_map(|(before, other, way, index, one)| {
            let mut after = before.clone();
            let place = if before.is_empty() {
                None
            } else {
                Some(index.index(before.len()))
            };
            match (way, place) {
                (0, Some(place)) => {
                    after.remove(place);
                }
                (1, _) => after.push(one),
                (2, Some(place)) => {
                    if let Peer::Block(address, length) = after[place].peer {
                        after[place].peer = Peer::Block(address, length + 1);
                        if length == 32 || length == 128 {
                            after[place].peer = Peer::Block(address, length - 1);
                        }
                    }
                }
                (3, Some(place)) => after[place].standalone = !after[place].standalone,
                _ => after = other,
            }
            (before, after)
        })
}

fn packet() -> impl Strategy<Value = Packet> {
    let traffic = prop_oneof![
        (prop_oneof![Just(6), Just(17)], number())
            .prop_map(|(protocol, port)| (protocol, (port, 0))),
        prop_oneof![
            Just((1, (8, 0))),
            Just((1, (8, 1))),
            Just((1, (3, 4))),
            Just((50, (0, 0))),
            Just((99, (0, 0)))
        ],
    ];
    let peer = prop_oneof![
        5 => address().prop_map(From::Address),
        1 => (0..3).prop_map(|number| From::Group(format!("sg-{number}"))),
    ];
    (any::<bool>(), traffic, peer).prop_map(|(egress, (protocol, port), peer)| Packet {
        egress,
        protocol,
        port,
        peer,
    })
}

/// Packets just inside and just outside a rule.
fn edges(rule: &Plain) -> Vec<Packet> {
    let protocol = if rule.protocol == -1 {
        6
    } else {
        rule.protocol
    };
    let (inner, outer) = match &rule.peer {
        Peer::Group(group) => (
            [From::Group(group.clone()), From::Group(group.clone())],
            [
                From::Address(IpAddr::from([10, 0, 0, 1])),
                From::Group("sg-0".to_owned()),
            ],
        ),
        Peer::Block(network, length) => {
            let ([first, last], outside) = ends(*network, *length);
            (
                [From::Address(first), From::Address(last)],
                outside.map(From::Address),
            )
        }
    };
    let ports = if protocol == 1 {
        [(rule.from.max(0), rule.to.max(0)), (rule.from.max(0), 7)]
    } else {
        [(rule.from.max(0), 0), (rule.to.max(0), 0)]
    };
    let beyond = [
        ((ports[0].0 - 1).max(0), 0),
        ((ports[1].0 + 1).min(65535), 0),
    ];
    let one = |protocol: i64, port: (i64, i64), peer: &From| Packet {
        egress: rule.egress,
        protocol,
        port,
        peer: peer.clone(),
    };
    vec![
        one(protocol, ports[0], &inner[0]),
        one(protocol, ports[1], &inner[1]),
        one(protocol, ports[0], &outer[0]),
        one(protocol, ports[1], &outer[1]),
        one(protocol, beyond[0], &inner[0]),
        one(protocol, beyond[1], &inner[1]),
        one(99, (0, 0), &inner[0]),
    ]
}

/// The first and the last address of a block, and their neighbours outside.
fn ends(network: IpAddr, length: u32) -> ([IpAddr; 2], [IpAddr; 2]) {
    match network {
        IpAddr::V4(four) => {
            let hosts = u32::MAX.checked_shr(length).unwrap_or(0);
            let (first, last) = (u32::from(four) & !hosts, u32::from(four) | hosts);
            let address = |number: u32| IpAddr::from(Ipv4Addr::from(number));
            (
                [address(first), address(last)],
                [
                    address(first.wrapping_sub(1)),
                    address(last.wrapping_add(1)),
                ],
            )
        }
        IpAddr::V6(six) => {
            let hosts = u128::MAX.checked_shr(length).unwrap_or(0);
            let (first, last) = (u128::from(six) & !hosts, u128::from(six) | hosts);
            let address = |number: u128| IpAddr::from(Ipv6Addr::from(number));
            (
                [address(first), address(last)],
                [
                    address(first.wrapping_sub(1)),
                    address(last.wrapping_add(1)),
                ],
            )
        }
    }
}

fn properties(rule: &Plain) -> Entries {
    let far = if rule.egress { "Destination" } else { "Source" };
    let (key, peer) = match &rule.peer {
        Peer::Block(address @ IpAddr::V4(_), length) => {
            ("CidrIp".to_owned(), format!("{address}/{length}"))
        }
        Peer::Block(address, length) => ("CidrIpv6".to_owned(), format!("{address}/{length}")),
        Peer::Group(group) => (format!("{far}SecurityGroupId"), group.clone()),
    };
    // Numbers are written as numbers, and sometimes as texts.
    let number = |number: i64| {
        if rule.standalone {
            Value::Number(number.to_string())
        } else {
            Value::string(number.to_string())
        }
    };
    Entries::from([
        ("IpProtocol".to_owned(), number(rule.protocol)),
        ("FromPort".to_owned(), number(rule.from)),
        ("ToPort".to_owned(), number(rule.to)),
        (key, Value::string(peer)),
    ])
}

pub(super) fn resource(kind: &str, properties: Entries) -> Resource {
    Resource {
        kind: kind.to_owned(),
        properties,
        depends_on: BTreeSet::new(),
        references: BTreeSet::new(),
        deletion_policy: None,
        update_replace_policy: None,
        update_policy: None,
        creation_policy: None,
        metadata: None,
        condition: None,
    }
}

/// The rules as a template states them. The egress list is never absent: one rule leads nowhere.
fn stated(rules: &[Plain]) -> Network {
    let list = |egress: bool| -> Vec<Value> {
        rules
            .iter()
            .filter(|rule| rule.egress == egress && !rule.standalone)
            .map(|rule| Value::Map(properties(rule)))
            .collect()
    };
    let mut out = list(true);
    out.push(Value::Map(properties(&nowhere())));
    let mut resources = BTreeMap::from([(
        "Web".to_owned(),
        resource(
            "AWS::EC2::SecurityGroup",
            Entries::from([
                ("SecurityGroupIngress".to_owned(), Value::List(list(false))),
                ("SecurityGroupEgress".to_owned(), Value::List(out)),
            ]),
        ),
    )]);
    for (index, rule) in rules.iter().enumerate().filter(|(_, rule)| rule.standalone) {
        let kind = if rule.egress {
            "AWS::EC2::SecurityGroupEgress"
        } else {
            "AWS::EC2::SecurityGroupIngress"
        };
        let mut all = properties(rule);
        all.insert(
            "GroupId".to_owned(),
            Value::Symbol(Box::new(crate::template::Symbol::Resource(
                "Web".to_owned(),
            ))),
        );
        resources.insert(format!("Rule{index}"), resource(kind, all));
    }
    resolved(resources)
}

fn resolved(resources: BTreeMap<String, Resource>) -> Network {
    resolved_with(resources, BTreeMap::new())
}

pub(super) fn resolved_with(
    resources: BTreeMap<String, Resource>,
    conditions: BTreeMap<String, Decision>,
) -> Network {
    Network::read(&Resolved {
        parameters: BTreeMap::new(),
        conditions,
        declared_resources: resources.len(),
        resources,
        outputs: BTreeMap::new(),
        declared_outputs: 0,
    })
}

fn nowhere() -> Plain {
    Plain {
        egress: true,
        protocol: 1,
        from: 252,
        to: 86,
        peer: Peer::Block(IpAddr::from([255, 255, 255, 255]), 32),
        standalone: false,
    }
}

fn of_witness(witness: &PacketWitness) -> Packet {
    let protocol = match witness.protocol.as_str() {
        "tcp" => 6,
        "udp" => 17,
        "icmp" => 1,
        "icmpv6" => 58,
        number => number.parse().unwrap(),
    };
    let numbers: Vec<i64> = witness
        .port
        .as_deref()
        .unwrap_or("0")
        .split(|letter: char| !letter.is_ascii_digit())
        .filter_map(|text| text.parse().ok())
        .collect();
    Packet {
        egress: witness.direction == "egress",
        protocol,
        port: (numbers[0], numbers.get(1).copied().unwrap_or(0)),
        peer: match witness.peer.parse() {
            Ok(address) => From::Address(address),
            Err(_) => From::Group(witness.peer.clone()),
        },
    }
}

fn judged(before: &[Plain], after: &[Plain]) -> (Verdict, Option<PacketWitness>) {
    let review = review(&stated(before), &stated(after));
    let witness = review.groups.iter().find_map(|group| group.witness.clone());
    (review.verdict, witness)
}

fn with_nowhere(rules: &[Plain]) -> Vec<Plain> {
    rules.iter().cloned().chain([nowhere()]).collect()
}

/// Ten thousand, or as many as `PROPTEST_CASES` says.
pub(super) fn cases() -> u32 {
    std::env::var("PROPTEST_CASES")
        .ok()
        .and_then(|cases| cases.parse().ok())
        .unwrap_or(10_000)
}

/// Amazon VPC User Guide, "Network ACL rules": the entry with the lowest number that matches decides.
fn admits(entries: &[(Plain, bool)], packet: &Packet) -> bool {
    entries
        .iter()
        .find(|(rule, _)| passes(std::slice::from_ref(rule), packet))
        .is_some_and(|(_, allow)| *allow)
}

/// A network ACL with these entries, in this order.
fn stated_acl(entries: &[(Plain, bool)]) -> Network {
    let mut resources = BTreeMap::from([(
        "Acl".to_owned(),
        resource("AWS::EC2::NetworkAcl", Entries::new()),
    )]);
    for (index, (rule, allow)) in entries.iter().enumerate() {
        let range = |first: &str, last: &str| {
            Value::Map(Entries::from([
                (first.to_owned(), Value::Number(rule.from.to_string())),
                (last.to_owned(), Value::Number(rule.to.to_string())),
            ]))
        };
        let (key, range) = if rule.protocol == 1 {
            ("Icmp", range("Type", "Code"))
        } else {
            ("PortRange", range("From", "To"))
        };
        let (cidr, block) = match &rule.peer {
            Peer::Block(address @ IpAddr::V4(_), length) => {
                ("CidrBlock", format!("{address}/{length}"))
            }
            Peer::Block(address, length) => ("Ipv6CidrBlock", format!("{address}/{length}")),
            Peer::Group(_) => unreachable!("network ACLs know no groups"),
        };
        let own = crate::template::Symbol::Resource("Acl".to_owned());
        let all = Entries::from([
            ("NetworkAclId".to_owned(), Value::Symbol(Box::new(own))),
            ("RuleNumber".to_owned(), Value::Number(index.to_string())),
            (
                "RuleAction".to_owned(),
                Value::string(if *allow { "allow" } else { "deny" }),
            ),
            ("Egress".to_owned(), Value::Bool(rule.egress)),
            (
                "Protocol".to_owned(),
                Value::Number(rule.protocol.to_string()),
            ),
            (key.to_owned(), range),
            (cidr.to_owned(), Value::string(block)),
        ]);
        resources.insert(
            format!("Entry{index}"),
            resource("AWS::EC2::NetworkAclEntry", all),
        );
    }
    resolved(resources)
}

fn entries() -> impl Strategy<Value = Vec<(Plain, bool)>> {
    proptest::collection::vec((rule(false), any::<bool>()), 0..5)
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(cases()))]

    #[test]
    fn no_packet_is_overlooked(
        (before, after) in pair(true),
        random in proptest::collection::vec(packet(), 4),
    ) {
        let (verdict, witness) = judged(&before, &after);
        let (before, after) = (with_nowhere(&before), with_nowhere(&after));
        let edges = before.iter().chain(&after).flat_map(edges);
        for packet in random.into_iter().chain(edges) {
            let (was, is) = (passes(&before, &packet), passes(&after, &packet));
            if is && !was {
                prop_assert!(verdict.may_widen(), "{verdict:?} overlooks {packet:?}");
            }
            if was && !is {
                prop_assert!(!matches!(verdict, Verdict::Equivalent | Verdict::Widened), "{verdict:?} overlooks that {packet:?} is lost");
            }
        }
        if let Some(witness) = witness {
            let packet = of_witness(&witness);
            prop_assert!(passes(&after, &packet) && !passes(&before, &packet), "{witness:?} is no witness");
        }
    }

    #[test]
    fn what_is_known_is_decided((before, after) in pair(false)) {
        let (verdict, witness) = judged(&before, &after);
        prop_assert_ne!(verdict, Verdict::Undecided);
        prop_assert_eq!(witness.is_some(), matches!(verdict, Verdict::Widened | Verdict::Changed));
        let back = judged(&after, &before).0;
        prop_assert_eq!(back, match verdict {
            Verdict::Widened => Verdict::Narrowed,
            Verdict::Narrowed => Verdict::Widened,
            same => same,
        });
    }

    #[test]
    fn no_packet_through_an_acl_is_overlooked(
        before in entries(),
        after in entries(),
        swap in any::<bool>(),
        random in proptest::collection::vec(packet(), 4),
    ) {
        let after = if swap { before.iter().rev().cloned().collect() } else { after };
        let review = review(&stated_acl(&before), &stated_acl(&after));
        let verdict = review.verdict;
        prop_assert_ne!(verdict, Verdict::Undecided);
        let edges = before.iter().chain(&after).flat_map(|(rule, _)| edges(rule));
        for packet in random.into_iter().chain(edges) {
            let (was, is) = (admits(&before, &packet), admits(&after, &packet));
            if is && !was {
                prop_assert!(verdict.may_widen(), "{verdict:?} overlooks {packet:?}");
            }
            if was && !is {
                prop_assert!(!matches!(verdict, Verdict::Equivalent | Verdict::Widened), "{verdict:?} overlooks that {packet:?} is lost");
            }
        }
        let witness = review.groups.iter().find_map(|group| group.witness.clone());
        prop_assert_eq!(witness.is_some(), matches!(verdict, Verdict::Widened | Verdict::Changed));
        if let Some(witness) = witness {
            let packet = of_witness(&witness);
            prop_assert!(admits(&after, &packet) && !admits(&before, &packet), "{witness:?} is no witness");
        }
    }
}
