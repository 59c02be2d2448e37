//! One rule of a security group, with what the template leaves open in it.
use super::address::{Addresses, Family};
use super::model::Stack;
use super::traffic::{Protocol, Span, ports_text, traffic_text};
use crate::access::{Line, RuleText};
use crate::template::{Symbol, Value};
use std::fmt;

/// What only the deployment knows. Equal keys stand for equal values, different ones perhaps too.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(super) struct Unknown {
    /// The whole expression: what is compared. What is shown could be the same for a parameter and a resource.
    key: String,
    /// The expression as a reader of templates knows it.
    pub shown: String,
}

impl Unknown {
    pub fn of(value: &Value, prefix: &str) -> Unknown {
        Unknown {
            key: format!("{prefix}{value:?}"),
            shown: text(value),
        }
    }

    /// A name that may stand for the same thing as some id.
    pub fn named(name: &str) -> Unknown {
        Unknown {
            key: format!("name {name}"),
            shown: name.to_owned(),
        }
    }

    /// Both ends of a range of which something is unknown.
    pub fn range(from: Option<&Value>, to: Option<&Value>, prefix: &str) -> Unknown {
        let shown = match (from, to) {
            (Some(from), Some(to)) if from == to => text(from),
            (from, to) => {
                let end = |value: Option<&Value>| value.map_or_else(|| "?".to_owned(), text);
                format!("{}-{}", end(from), end(to))
            }
        };
        Unknown {
            key: format!("{prefix}{from:?} {to:?}"),
            shown,
        }
    }
}

/// What a name stands for: a security group, subnet, route table, network ACL, prefix list or gateway.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(super) enum Name {
    /// A resource of the template, by logical id.
    Own(String),
    /// Something outside, by its AWS id.
    Outside(String),
    /// Something that only the deployment knows.
    Unknown(Unknown),
}

/// Services whose resources are known by what `Ref` and the attributes below give.
const OWN_KINDS: [&str; 2] = ["AWS::EC2::", "AWS::NetworkFirewall::"];

/// Attributes that give the id of the resource itself.
const OWN_ID: [&str; 12] = [
    "Arn",
    "GatewayId",
    "GroupId",
    "Id",
    "InternetGatewayId",
    "NatGatewayId",
    "NetworkAclId",
    "PrefixListId",
    "RouteTableId",
    "RuleGroupArn",
    "FirewallPolicyArn",
    "SubnetId",
];

impl Name {
    /// What a value names in a stack. A reference to the stack's own network resource is that resource,
    /// whichever way it is written; of any other resource nobody knows what its attributes hold.
    pub fn of(value: &Value, stack: &Stack, prefix: &str) -> Name {
        if let Some(id) = value.scalar_text() {
            return Name::Outside(id.to_owned());
        }
        let own = match value {
            Value::Symbol(symbol) => match symbol.as_ref() {
                Symbol::Resource(id) => Some(id),
                Symbol::Attribute {
                    resource,
                    attribute,
                } if OWN_ID.contains(&attribute.as_str()) => Some(resource),
                _ => None,
            },
            _ => None,
        };
        own.filter(|id| {
            stack
                .resources
                .get(*id)
                .is_some_and(|found| OWN_KINDS.iter().any(|kind| found.kind.starts_with(kind)))
        })
        .map_or_else(
            || Name::Unknown(Unknown::of(value, prefix)),
            |id| Name::Own(format!("{prefix}{id}")),
        )
    }

    /// Whether two names may stand for the same thing. Different resources of the templates never do.
    pub fn may_equal(&self, other: &Name) -> bool {
        match (self, other) {
            (Name::Own(one), Name::Own(other)) | (Name::Outside(one), Name::Outside(other)) => {
                one == other
            }
            _ => true,
        }
    }
}

impl fmt::Display for Name {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Name::Own(id) | Name::Outside(id) => id,
            Name::Unknown(unknown) => &unknown.shown,
        })
    }
}

/// Which way a rule lets packets through.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(super) enum Direction {
    Ingress,
    Egress,
    /// Into another group whose rules name a group of the subject.
    Into,
    /// From another group whose rules name a group of the subject.
    OutOf,
    /// A route to a gateway or another network.
    Route,
    /// A public address or a public end of its own.
    Public,
    /// An entry of a prefix list.
    Listed,
}

impl Direction {
    /// Which way a packet goes: `ingress` or `egress`.
    pub fn packet(self) -> &'static str {
        match self {
            Direction::Ingress | Direction::OutOf | Direction::Public | Direction::Listed => {
                "ingress"
            }
            Direction::Egress | Direction::Into | Direction::Route => "egress",
        }
    }

    /// As the column of a table shows it.
    pub fn text(self) -> &'static str {
        match self {
            Direction::Ingress | Direction::OutOf => "ingress",
            Direction::Egress | Direction::Into => "egress",
            Direction::Route => "route",
            Direction::Public => "public",
            Direction::Listed => "entry",
        }
    }
}

/// The far end of a rule.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(super) enum End {
    Addresses(Addresses),
    Group(Name),
    PrefixList(Name),
    /// An address block that only the deployment knows.
    Block(Family, Unknown),
    /// Nothing is known of it.
    Anything(Unknown),
}

impl End {
    pub fn text(&self) -> String {
        match self {
            End::Addresses(addresses) => addresses.text(),
            End::Group(name) => name.to_string(),
            End::PrefixList(name) => format!("prefix list {name}"),
            End::Block(_, unknown) | End::Anything(unknown) => unknown.shown.clone(),
        }
    }
}

/// Which packets a rule is about: exactly these, or where something is open, none outside these.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(super) struct Traffic {
    pub protocol: Protocol,
    pub span: Span,
    /// The protocol and ports as written, where only the deployment knows one of them.
    pub open: Option<(Unknown, Unknown)>,
}

impl Traffic {
    pub const ALL: Traffic = Traffic {
        protocol: Protocol::All,
        span: Span::WHOLE,
        open: None,
    };

    pub fn overlaps(&self, protocol: Protocol, span: Span) -> bool {
        (self.protocol.covers(protocol) || protocol.covers(self.protocol))
            && self.span.overlaps(span)
    }

    pub fn text(&self) -> String {
        match &self.open {
            None => traffic_text(self.protocol, self.span),
            Some((protocol, ports)) => format!("{} {}", protocol.shown, ports.shown),
        }
    }
}

/// What a rule lets through: two rules with the same meaning are equal.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(super) struct Meaning {
    pub direction: Direction,
    /// Where a route leads, or what makes something public; empty for rules of groups.
    pub via: String,
    pub traffic: Traffic,
    pub end: End,
}

/// A rule at its place.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Rule {
    pub meaning: Meaning,
    /// Logical id of the resource that it stands in.
    pub source: String,
    /// Why it is not certain that the rule is there.
    pub perhaps: Option<String>,
    /// Whether AWS adds it by itself wherever there is anything that it would let through.
    pub unwritten: bool,
    /// The condition of that resource, in words; empty where there is none.
    pub condition: String,
}

impl Rule {
    pub fn new(meaning: Meaning, source: String) -> Rule {
        Rule {
            meaning,
            source,
            perhaps: None,
            unwritten: false,
            condition: String::new(),
        }
    }

    /// A rule of which nothing is known but what it depends on: it may let anything through.
    pub fn opaque(direction: Direction, via: &str, unknown: Unknown, source: String) -> Rule {
        let open = (Unknown::named("unknown"), Unknown::named("traffic"));
        let meaning = Meaning {
            direction,
            via: via.to_owned(),
            traffic: Traffic {
                open: Some(open),
                ..Traffic::ALL
            },
            end: End::Anything(unknown),
        };
        Rule::new(meaning, source)
    }

    /// Whether what it lets through is let through in every deployment.
    pub fn surely_stands(&self) -> bool {
        self.perhaps.is_none() || self.unwritten
    }

    pub fn line(&self) -> Line {
        let meaning = &self.meaning;
        let action = if meaning.via.is_empty() {
            meaning.traffic.text()
        } else {
            meaning.via.clone()
        };
        Line {
            source: self.source.clone(),
            place: meaning.direction.text().to_owned(),
            effect: "-".to_owned(),
            principal: String::new(),
            action,
            resource: meaning.end.text(),
            condition: self.condition.clone(),
        }
    }

    pub fn rule_text(&self, subject: &str) -> RuleText {
        let Traffic {
            protocol,
            span,
            open,
        } = &self.meaning.traffic;
        let (protocol, ports) = match open {
            None => (protocol.text(), ports_text(*protocol, *span)),
            Some((protocol, ports)) => (protocol.shown.clone(), ports.shown.clone()),
        };
        RuleText {
            source: self.source.clone(),
            group: subject.to_owned(),
            direction: self.meaning.direction.text().to_owned(),
            protocol,
            ports,
            peer: if self.meaning.via.is_empty() {
                self.meaning.end.text()
            } else {
                format!("{} via {}", self.meaning.end.text(), self.meaning.via)
            },
            effect: "allow".to_owned(),
        }
    }
}

/// A value as a reader sees it: what only the deployment knows as `${Web.GroupId}`.
pub(super) fn text(value: &Value) -> String {
    match value.to_json() {
        serde_json::Value::String(text) => text,
        other => other.to_string(),
    }
}
