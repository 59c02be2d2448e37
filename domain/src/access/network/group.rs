//! The pooled rules of one security group.
//! Source: AWS CloudFormation Template Reference, `AWS::EC2::SecurityGroup`, `…Ingress`, `…Egress`.
use super::address::{Addresses, Family, parse_block};
use super::facts::Facts;
use super::rule::{Direction, End, Meaning, Name, Rule, Traffic, Unknown, text};
use super::side::{Piece, group_key};
use super::traffic::{Protocol, Span, stated_span};
use super::worlds::World;
use crate::template::{Entries, Value};
use std::collections::BTreeSet;

/// What a group holds, wherever it stands.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(super) struct Contents {
    pub rules: Vec<Rule>,
    /// The rules that let everything out, which AWS adds to a group without egress rules of its own.
    pub unwritten: Vec<Rule>,
    /// Whether a standalone egress rule stands beside the absent list. It removes the unwritten rules, and
    /// nothing brings them back.
    pub standalone_egress: bool,
    /// What is wrong with a rule, with its place.
    pub faults: Vec<String>,
    /// The VPC, where the template makes the group and says so.
    pub vpc: Option<String>,
}

/// Reads a group. `None` where nothing of it is there.
pub(super) fn contents(
    name: &Name,
    pieces: &[Piece<'_>],
    facts: &Facts,
    world: &World,
) -> Option<Contents> {
    let mut contents = Contents::default();
    let mut found = false;
    for piece in pieces.iter().filter(|piece| piece.is_in(world)) {
        let mut reader = Reader {
            piece,
            facts,
            contents: &mut contents,
        };
        found |= match piece.declared.kind.as_str() {
            "AWS::EC2::SecurityGroup" => {
                reader.group(name, world);
                true
            }
            "AWS::EC2::SecurityGroupIngress" => reader.standalone(name, Direction::Ingress, world),
            _ => reader.standalone(name, Direction::Egress, world),
        };
    }
    found.then_some(contents)
}

struct Reader<'r, 'n> {
    piece: &'r Piece<'n>,
    facts: &'r Facts,
    contents: &'r mut Contents,
}

impl Reader<'_, '_> {
    fn group(&mut self, name: &Name, world: &World) {
        self.contents.vpc = self
            .piece
            .property("VpcId", world)
            .map(|vpc| format!("{vpc:?}"));
        for (key, direction) in [
            ("SecurityGroupIngress", Direction::Ingress),
            ("SecurityGroupEgress", Direction::Egress),
        ] {
            let items = self.piece.items(key, world);
            for (path, item) in &items {
                self.item(path, item, direction);
            }
            if direction == Direction::Egress && items.is_empty() {
                let unwritten = unwritten(&self.piece.source(), self.facts.homes.get(name));
                self.contents.unwritten.extend(unwritten);
            }
        }
    }

    /// Whether the rule is one of this group.
    fn standalone(&mut self, name: &Name, direction: Direction, world: &World) -> bool {
        let key = group_key(self.piece);
        let path = self.piece.path();
        match self.piece.raw(key, world) {
            Some(value) => {
                if *name != self.piece.name(value) {
                    return false;
                }
            }
            None => {
                if *name != Name::Own(self.piece.source()) {
                    return false;
                }
                self.contents.faults.push(format!(
                    "{path}: the rule names no group; state its GroupId."
                ));
            }
        }
        self.contents.standalone_egress |= direction == Direction::Egress;
        self.rule(&self.piece.properties(world), &path, direction);
        true
    }

    fn item(&mut self, path: &str, item: &Value, direction: Direction) {
        match item {
            Value::Map(properties) => self.rule(properties, path, direction),
            Value::Symbol(_) => self.opaque(item, direction),
            other => {
                self.contents.faults.push(format!(
                    "{path}: `{}` is no rule; write a map with IpProtocol, ports and one source or destination.",
                    text(other)
                ));
                self.opaque(other, direction);
            }
        }
    }

    fn opaque(&mut self, value: &Value, direction: Direction) {
        let unknown = Unknown::of(value, self.piece.prefix);
        let mut rule = Rule::opaque(direction, "", unknown, self.piece.source());
        rule.condition = self.piece.condition();
        self.contents.rules.push(rule);
    }

    /// One rule. What is wrong with it is a fault of the group, and the rule may then let anything through.
    fn rule(&mut self, properties: &Entries, path: &str, direction: Direction) {
        let traffic = traffic(properties, self.piece.prefix);
        match (traffic, self.end(properties, direction)) {
            (Ok(traffic), Ok(end)) => self.contents.rules.push(Rule {
                condition: self.piece.condition(),
                ..Rule::new(
                    Meaning {
                        direction,
                        via: String::new(),
                        traffic,
                        end,
                    },
                    self.piece.source(),
                )
            }),
            (traffic, end) => {
                for fault in traffic.err().into_iter().chain(end.err()) {
                    self.contents.faults.push(fault.at(path));
                }
                self.opaque(&Value::Map(properties.clone()), direction);
            }
        }
    }

    fn end(&self, properties: &Entries, direction: Direction) -> Result<End, Fault> {
        let keys: &[&'static str] = if direction == Direction::Ingress {
            &[
                "CidrIp",
                "CidrIpv6",
                "SourceSecurityGroupId",
                "SourceSecurityGroupName",
                "SourcePrefixListId",
            ]
        } else {
            &[
                "CidrIp",
                "CidrIpv6",
                "DestinationSecurityGroupId",
                "DestinationPrefixListId",
            ]
        };
        let stated: Vec<_> = keys
            .iter()
            .filter_map(|key| Some((*key, properties.get(key)?)))
            .collect();
        let [(key, value)] = stated.as_slice() else {
            let message = if stated.is_empty() {
                format!("the rule has no far end; state one of {}.", keys.join(", "))
            } else {
                let names: Vec<_> = stated.iter().map(|(key, _)| *key).collect();
                format!(
                    "the rule states {}; state exactly one far end in each rule.",
                    names.join(" and ")
                )
            };
            return Err(Fault::new("", message));
        };
        let (stack, prefix) = (self.piece.stack, self.piece.prefix);
        Ok(match *key {
            "CidrIp" => block(key, value, Family::V4, prefix)?,
            "CidrIpv6" => block(key, value, Family::V6, prefix)?,
            "SourceSecurityGroupName" => End::Group(self.facts.group_by_name(value, stack, prefix)),
            "SourcePrefixListId" | "DestinationPrefixListId" => {
                self.facts.prefix_list(self.piece.name(value))
            }
            _ => End::Group(self.piece.name(value)),
        })
    }
}

/// The property that is wrong, and what is wrong with it.
#[derive(Debug)]
pub(super) struct Fault {
    key: &'static str,
    message: String,
}

impl Fault {
    pub fn new(key: &'static str, message: String) -> Fault {
        Fault { key, message }
    }

    /// In words, with the path of the property.
    pub fn at(&self, path: &str) -> String {
        let dot = if self.key.is_empty() { "" } else { "." };
        format!("{path}{dot}{}: {}", self.key, self.message)
    }
}

/// The addresses of a property.
pub(super) fn block(
    key: &'static str,
    value: &Value,
    family: Family,
    prefix: &str,
) -> Result<End, Fault> {
    let Some(stated) = value.scalar_text() else {
        return match value {
            Value::Symbol(_) => Ok(End::Block(family, Unknown::of(value, prefix))),
            other => Err(Fault::new(
                key,
                format!("`{}` is no address block.", text(other)),
            )),
        };
    };
    match parse_block(stated) {
        Ok((found, addresses)) if found == family => Ok(End::Addresses(addresses)),
        Ok(_) => {
            let wanted = match family {
                Family::V4 => "IPv4",
                Family::V6 => "IPv6",
            };
            Err(Fault::new(
                key,
                format!("`{stated}` is a block of the other IP version; {key} takes {wanted}."),
            ))
        }
        Err(message) => Err(Fault::new(key, message)),
    }
}

fn traffic(properties: &Entries, prefix: &str) -> Result<Traffic, Fault> {
    let from = properties.get("FromPort");
    let to = properties.get("ToPort");
    let stated = properties.get("IpProtocol").ok_or_else(|| {
        Fault::new(
            "",
            "the rule has no IpProtocol; state tcp, udp, icmp, icmpv6, a number, or -1 for all."
                .to_owned(),
        )
    })?;
    let open = || {
        Some((
            Unknown::of(stated, prefix),
            Unknown::range(from, to, prefix),
        ))
    };
    let Some(protocol) = protocol("IpProtocol", stated)? else {
        return Ok(Traffic {
            open: open(),
            ..Traffic::ALL
        });
    };
    if !(protocol.has_ports() || protocol.is_icmp()) {
        return Ok(Traffic {
            protocol,
            span: Span::WHOLE,
            open: None,
        });
    }
    match (number("FromPort", from)?, number("ToPort", to)?) {
        (Stated::Number(from), Stated::Number(to)) => Ok(Traffic {
            protocol,
            span: stated_span(protocol, from, to)
                .map_err(|message| Fault::new("FromPort", message))?,
            open: None,
        }),
        _ => Ok(Traffic {
            protocol,
            span: Span::WHOLE,
            open: open(),
        }),
    }
}

/// A protocol; nothing where only the deployment knows it.
pub(super) fn protocol(key: &'static str, value: &Value) -> Result<Option<Protocol>, Fault> {
    match (value.scalar_text(), value) {
        (Some(stated), _) => Protocol::parse(stated)
            .map(Some)
            .map_err(|message| Fault::new(key, message)),
        (None, Value::Symbol(_)) => Ok(None),
        (None, other) => Err(Fault::new(
            key,
            format!("`{}` is no protocol.", text(other)),
        )),
    }
}

/// A number, or what only the deployment knows.
pub(super) enum Stated {
    Number(Option<i64>),
    Unknown,
}

/// Reads a whole number, written as a number or as a text.
pub(super) fn number(key: &'static str, value: Option<&Value>) -> Result<Stated, Fault> {
    match value {
        None => Ok(Stated::Number(None)),
        Some(Value::Symbol(_)) => Ok(Stated::Unknown),
        Some(value) => value
            .scalar_text()
            .and_then(|text| text.parse().ok())
            .map(|number| Stated::Number(Some(number)))
            .ok_or_else(|| Fault::new(key, format!("`{}` is no whole number.", text(value)))),
    }
}

/// What AWS adds to a group that has no egress rule of its own. The rule for IPv6 is there only where the
/// VPC has IPv6; where it has none, there is no packet either.
fn unwritten(source: &str, home: Option<&Addresses>) -> Vec<Rule> {
    [Family::V4, Family::V6]
        .into_iter()
        .filter(|family| home.is_none_or(|home| !home.family(*family).is_empty()))
        .map(|family| Rule {
            perhaps: (family == Family::V6 && home.is_none()).then(|| {
                "AWS adds a rule for ::/0 to a group without egress rules where the VPC has IPv6"
                    .to_owned()
            }),
            unwritten: true,
            ..Rule::new(
                Meaning {
                    direction: Direction::Egress,
                    via: String::new(),
                    traffic: Traffic::ALL,
                    end: End::Addresses(Addresses::all_of(family)),
                },
                source.to_owned(),
            )
        })
        .collect()
}

/// The rules of a group before and after, with AWS's unwritten egress decided.
pub(super) struct Sides<'g> {
    pub before: Vec<&'g Rule>,
    pub after: Vec<&'g Rule>,
    /// Whether the unwritten rules may get lost although they count as kept.
    pub perhaps_lost: bool,
}

/// Puts both sides beside each other. Where a standalone egress rule makes the unwritten ones doubtful,
/// they count as absent before and as present after, unless egress is untouched, so that no gain is missed.
pub(super) fn sides<'g>(before: Option<&'g Contents>, after: Option<&'g Contents>) -> Sides<'g> {
    let doubtful = |side: Option<&Contents>| side.is_some_and(|side| side.standalone_egress);
    let untouched = match (before, after) {
        (Some(before), Some(after)) => {
            before.standalone_egress
                && after.standalone_egress
                && before.unwritten.is_empty() == after.unwritten.is_empty()
                && egress(before) == egress(after)
        }
        _ => false,
    };
    let rules = |side: Option<&'g Contents>, unwritten: bool| -> Vec<&'g Rule> {
        side.into_iter()
            .flat_map(|side| {
                let more = side.unwritten.iter().filter(move |_| unwritten);
                side.rules.iter().chain(more)
            })
            .collect()
    };
    Sides {
        before: rules(before, !doubtful(before)),
        after: rules(after, !untouched),
        perhaps_lost: !untouched
            && before.is_some_and(|side| !side.unwritten.is_empty() && !side.standalone_egress)
            && after.is_some_and(|side| !side.unwritten.is_empty() && side.standalone_egress),
    }
}

fn egress(side: &Contents) -> BTreeSet<&Meaning> {
    side.rules
        .iter()
        .map(|rule| &rule.meaning)
        .filter(|meaning| meaning.direction == Direction::Egress)
        .collect()
}
