//! Network ACLs: entries in the order of their numbers, the first that matches decides, and what none
//! matches is denied. Source: Amazon VPC User Guide, "Network ACL rules".
use super::address::{Addresses, Family};
use super::compare::{Comparer, Found, Gains, Open, TOO_MANY_RULES};
use super::group::{Fault, Stated, block, number, protocol};
use super::rule::{Direction, End, Name, text};
use super::side::Piece;
use super::traffic::{Protocol, Span, ports_text, stated_span};
use super::worlds::World;
use crate::access::{Line, RuleText};
use crate::template::{Entries, Value};
use std::collections::BTreeSet;

/// How many cells times entries one comparison may take before it ends undecided.
const MAX_STEPS: usize = 100_000;

/// What a network ACL holds, in order.
#[derive(Debug, Default, PartialEq, Eq)]
pub(super) struct Acl {
    pub entries: Vec<Entry>,
    pub faults: Vec<String>,
}

/// One entry: exactly these packets, or where it is not certain, none outside these.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Entry {
    number: i64,
    direction: Direction,
    allow: bool,
    /// What counts, as written where the deployment decides.
    protocol: Protocol,
    span: Span,
    addresses: Addresses,
    certain: bool,
    /// Everything as written, where something is not certain.
    written: String,
    end: String,
    source: String,
    condition: String,
}

impl Entry {
    fn effect(&self) -> &'static str {
        if self.allow { "allow" } else { "deny" }
    }

    pub fn line(&self) -> Line {
        Line {
            source: self.source.clone(),
            place: format!("{} {}", self.direction.text(), self.number),
            effect: if self.allow { "Allow" } else { "Deny" }.to_owned(),
            principal: String::new(),
            action: super::traffic::traffic_text(self.protocol, self.span),
            resource: self.end.clone(),
            condition: self.condition.clone(),
        }
    }

    pub fn rule_text(&self, subject: &str) -> RuleText {
        RuleText {
            source: self.source.clone(),
            group: subject.to_owned(),
            direction: self.direction.text().to_owned(),
            protocol: self.protocol.text(),
            ports: ports_text(self.protocol, self.span),
            peer: self.end.clone(),
            effect: self.effect().to_owned(),
        }
    }

    /// Whether it stands at the same place for the same packets.
    fn same(&self, other: &Entry) -> bool {
        let meaning = |entry: &Entry| {
            let Entry {
                number,
                direction,
                allow,
                protocol,
                span,
                certain,
                ..
            } = *entry;
            (number, direction, allow, protocol, span, certain)
        };
        meaning(self) == meaning(other)
            && self.addresses == other.addresses
            && self.written == other.written
    }

    fn matches(&self, direction: Direction, protocol: Protocol, span: Span) -> bool {
        self.direction == direction && self.protocol.covers(protocol) && self.span.covers(span)
    }
}

/// Reads a network ACL.
pub(super) fn acl(name: &Name, pieces: &[Piece<'_>], world: &World) -> Acl {
    let mut acl = Acl::default();
    for piece in pieces {
        let entry = piece.declared.kind == "AWS::EC2::NetworkAclEntry" && piece.is_in(world);
        if !entry {
            continue;
        }
        match piece.raw("NetworkAclId", world) {
            None => acl.faults.push(format!(
                "{}: the entry names no network ACL; state its NetworkAclId.",
                piece.path()
            )),
            Some(named) if piece.name(named) == *name => {
                match self::entry(piece, &piece.properties(world)) {
                    Ok(entry) => acl.entries.push(entry),
                    Err(fault) => acl.faults.push(fault.at(&piece.path())),
                }
            }
            Some(_) => {}
        }
    }
    acl.entries.sort_by_key(|entry| entry.number);
    acl
}

fn entry(piece: &Piece<'_>, properties: &Entries) -> Result<Entry, Fault> {
    let missing = |key: &str| Fault::new("", format!("the entry has no {key}; state it."));
    let unknown = |key: &'static str| {
        Fault::new(
            key,
            "only the deployment knows it, so that the order of the entries can't be told."
                .to_owned(),
        )
    };
    let number_of = match number("RuleNumber", properties.get("RuleNumber"))? {
        Stated::Number(Some(number)) => number,
        Stated::Number(None) => return Err(missing("RuleNumber")),
        Stated::Unknown => return Err(unknown("RuleNumber")),
    };
    let action = properties
        .get("RuleAction")
        .ok_or_else(|| missing("RuleAction"))?;
    let allow = match action.scalar_text() {
        Some(text) if text.eq_ignore_ascii_case("allow") => true,
        Some(text) if text.eq_ignore_ascii_case("deny") => false,
        Some(text) => {
            return Err(Fault::new(
                "RuleAction",
                format!("`{text}` is no action; write allow or deny."),
            ));
        }
        None => return Err(unknown("RuleAction")),
    };
    let direction = match properties.get("Egress").map(Value::scalar_text) {
        None | Some(Some("false" | "False")) => Direction::Ingress,
        Some(Some("true" | "True")) => Direction::Egress,
        Some(_) => return Err(unknown("Egress")),
    };
    let stated = properties
        .get("Protocol")
        .ok_or_else(|| missing("Protocol"))?;
    let known_protocol = protocol("Protocol", stated)?;
    let protocol = known_protocol.unwrap_or(Protocol::All);
    let (span, span_known) = span(protocol, properties)?;
    let (end, family) = match (properties.get("CidrBlock"), properties.get("Ipv6CidrBlock")) {
        (Some(value), None) => (
            block("CidrBlock", value, Family::V4, piece.prefix)?,
            Family::V4,
        ),
        (None, Some(value)) => (
            block("Ipv6CidrBlock", value, Family::V6, piece.prefix)?,
            Family::V6,
        ),
        _ => {
            return Err(Fault::new(
                "",
                "the entry needs one of CidrBlock and Ipv6CidrBlock.".to_owned(),
            ));
        }
    };
    let shown = end.text();
    let (addresses, block_known) = match end {
        End::Addresses(addresses) => (addresses, true),
        _ => (Addresses::all_of(family), false),
    };
    let certain = known_protocol.is_some() && span_known && block_known;
    Ok(Entry {
        written: if certain {
            String::new()
        } else {
            format!("{}{properties:?}", piece.prefix)
        },
        number: number_of,
        direction,
        allow,
        protocol,
        span,
        addresses,
        certain,
        end: shown,
        source: piece.source(),
        condition: piece.condition(),
    })
}

fn span(protocol: Protocol, properties: &Entries) -> Result<(Span, bool), Fault> {
    let (key, first, last) = if protocol.is_icmp() {
        ("Icmp", "Type", "Code")
    } else {
        ("PortRange", "From", "To")
    };
    let range = match properties.get(key) {
        Some(Value::Map(range)) => range,
        Some(Value::Symbol(_)) => return Ok((Span::WHOLE, false)),
        Some(other) => {
            return Err(Fault::new(
                key,
                format!(
                    "`{}` is no range; write a map with {first} and {last}.",
                    text(other)
                ),
            ));
        }
        None => return Ok((Span::WHOLE, true)),
    };
    match (
        number(key, range.get(first))?,
        number(key, range.get(last))?,
    ) {
        (Stated::Number(from), Stated::Number(to)) => stated_span(protocol, from, to)
            .map(|span| (span, true))
            .map_err(|message| Fault::new(key, message)),
        _ => Ok((Span::WHOLE, false)),
    }
}

/// What lets everything through: AWS's default ACL.
pub(super) fn open() -> Acl {
    let entries = [Direction::Ingress, Direction::Egress]
        .into_iter()
        .flat_map(|direction| {
            [Family::V4, Family::V6].map(|family| Entry {
                number: 100,
                direction,
                allow: true,
                protocol: Protocol::All,
                span: Span::WHOLE,
                addresses: Addresses::all_of(family),
                certain: true,
                written: String::new(),
                end: family.everything().to_owned(),
                source: String::new(),
                condition: String::new(),
            })
        })
        .collect();
    Acl {
        entries,
        faults: Vec::new(),
    }
}

/// What a new list of entries lets through and an old one does not.
pub(super) fn gains(new: &Acl, old: &Acl, comparer: &Comparer) -> Gains {
    let mut gains = Gains::default();
    let alike = new.entries.len() == old.entries.len()
        && new
            .entries
            .iter()
            .zip(&old.entries)
            .all(|(new, old)| new.same(old));
    if alike {
        return gains;
    }
    let all: Vec<&Entry> = new.entries.iter().chain(&old.entries).collect();
    let named: BTreeSet<Protocol> = all
        .iter()
        .map(|entry| entry.protocol)
        .filter(|protocol| *protocol != Protocol::All)
        .collect();
    // One protocol that no entry names stands for all such.
    let other = [6, 17, 1, 58]
        .into_iter()
        .chain(0..=u8::MAX)
        .map(Protocol::Number)
        .find(|protocol| !named.contains(protocol));
    let mut steps = 0usize;
    for direction in [Direction::Ingress, Direction::Egress] {
        let mut outcomes: Vec<(Protocol, Span, Addresses, Addresses)> = Vec::new();
        for protocol in named.iter().copied().chain(other) {
            for span in cells(&all, protocol) {
                steps = steps.saturating_add(all.len());
                if steps > MAX_STEPS || !comparer.spend(all.len()) {
                    gains.add_open(TOO_MANY_RULES.to_owned());
                    return gains;
                }
                let (new_sure, new_perhaps) = allowed(&new.entries, direction, protocol, span);
                let (old_sure, old_perhaps) = allowed(&old.entries, direction, protocol, span);
                let sure = new_sure.without(&old_perhaps);
                let perhaps = new_perhaps.without(&old_sure);
                match outcomes.last_mut() {
                    Some((last_protocol, last_span, last_sure, last_perhaps))
                        if *last_protocol == protocol
                            && *last_sure == sure
                            && *last_perhaps == perhaps =>
                    {
                        last_span.last = span.last;
                    }
                    _ => outcomes.push((protocol, span, sure, perhaps)),
                }
            }
        }
        tell(outcomes, other, direction, &mut gains);
    }
    gains
}

fn tell(
    outcomes: Vec<(Protocol, Span, Addresses, Addresses)>,
    other: Option<Protocol>,
    direction: Direction,
    gains: &mut Gains,
) {
    let first = outcomes.first().cloned();
    let alike = first.filter(|(_, span, sure, perhaps)| {
        *span == Span::WHOLE
            && outcomes
                .iter()
                .all(|(_, other_span, other_sure, other_perhaps)| {
                    other_span == span && other_sure == sure && other_perhaps == perhaps
                })
    });
    let (outcomes, together) = match alike {
        Some((_, span, sure, perhaps)) => (vec![(Protocol::All, span, sure, perhaps)], true),
        None => (outcomes, false),
    };
    for (protocol, span, sure, perhaps) in outcomes {
        let found = |addresses: &Addresses| Found {
            direction,
            via: String::new(),
            protocol,
            span,
            written: None,
            others: !together && other == Some(protocol),
            end: End::Addresses(addresses.clone()),
            sure: addresses.clone(),
        };
        if !sure.is_empty() {
            gains.found.push(found(&sure));
        } else if !perhaps.is_empty() {
            gains.open.push(Open {
                found: Some(found(&perhaps)),
                why: "only the deployment knows some of the entries".to_owned(),
            });
        }
    }
}

/// The spans of a protocol between which no entry begins or ends.
fn cells(entries: &[&Entry], protocol: Protocol) -> Vec<Span> {
    let mut starts = BTreeSet::from([0u16]);
    for entry in entries {
        if entry.protocol == protocol {
            starts.insert(entry.span.first);
            starts.extend(entry.span.last.checked_add(1));
        }
    }
    let mut cells = Vec::with_capacity(starts.len());
    let mut starts = starts.into_iter().peekable();
    while let Some(first) = starts.next() {
        let last = starts.peek().map_or(u16::MAX, |next| next - 1);
        cells.push(Span { first, last });
    }
    cells
}

/// The addresses that the entries let through for certain, and perhaps.
fn allowed(
    entries: &[Entry],
    direction: Direction,
    protocol: Protocol,
    span: Span,
) -> (Addresses, Addresses) {
    let mut all = Addresses::all_of(Family::V4);
    all.add(&Addresses::all_of(Family::V6));
    let (mut sure, mut perhaps) = (Addresses::default(), Addresses::default());
    // What is left for later entries, at least and at most.
    let (mut least, mut most) = (all.clone(), all);
    for entry in entries
        .iter()
        .filter(|entry| entry.matches(direction, protocol, span))
    {
        if entry.allow {
            perhaps.add(&most.common(&entry.addresses));
            if entry.certain {
                sure.add(&least.common(&entry.addresses));
            }
        }
        least = least.without(&entry.addresses);
        if entry.certain {
            most = most.without(&entry.addresses);
        }
        if most.is_empty() {
            break;
        }
    }
    (sure, perhaps)
}
