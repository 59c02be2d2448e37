//! Whether one set of rules lets through a packet that another does not: set algebra over directions,
//! protocols, ports and far ends.
use super::address::{Addresses, Family};
use super::rule::{Direction, End, Meaning, Name, Rule};
use super::traffic::{Protocol, Span};
use std::cell::Cell;
use std::collections::{BTreeMap, BTreeSet, HashSet};

/// How many steps one comparison may take before it ends undecided.
const MAX_STEPS: usize = 400_000;

/// How many steps all comparisons of a review may take together.
const MAX_ALL_STEPS: usize = 4_000_000;

/// Why a comparison was given up.
pub(super) const TOO_MANY_RULES: &str = "there are more rules than can be compared in time";

/// What comparisons need to know, and how far they may still go.
#[derive(Debug)]
pub(super) struct Comparer {
    /// The addresses that members of groups can have, where known.
    homes: BTreeMap<Name, Addresses>,
    left: Cell<usize>,
}

impl Comparer {
    pub fn new(homes: BTreeMap<Name, Addresses>) -> Comparer {
        Comparer {
            homes,
            left: Cell::new(MAX_ALL_STEPS),
        }
    }

    /// Takes steps away; false when there are not enough left.
    pub fn spend(&self, steps: usize) -> bool {
        let left = self.left.get().checked_sub(steps);
        self.left.set(left.unwrap_or(0));
        left.is_some()
    }
}

/// What the new rules let through and the old ones do not.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(super) struct Gains {
    /// Let through for certain.
    pub found: Vec<Found>,
    /// Let through perhaps.
    pub open: Vec<Open>,
}

/// Something that could not be decided.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Open {
    /// What may be let through, where that can be said.
    pub found: Option<Found>,
    pub why: String,
}

impl Gains {
    /// Is something let through? Nothing where that is open.
    pub fn answer(&self) -> Option<bool> {
        if !self.found.is_empty() {
            Some(true)
        } else if self.open.is_empty() {
            Some(false)
        } else {
            None
        }
    }

    pub fn add(&mut self, other: Gains) {
        self.found.extend(other.found);
        self.open.extend(other.open);
    }

    pub fn add_open(&mut self, why: String) {
        self.open.push(Open { found: None, why });
    }
}

/// Packets: of a protocol, within a span, to or from some far end.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Found {
    pub direction: Direction,
    pub via: String,
    pub protocol: Protocol,
    pub span: Span,
    /// The traffic as written, where only the deployment knows it.
    pub written: Option<String>,
    /// Whether the protocol stands for all those that no other rule names.
    pub others: bool,
    pub end: End,
    /// Addresses for which the answer is certain, where the far end has addresses.
    pub sure: Addresses,
}

impl Found {
    /// Whether anybody on the internet gets in or may be reached through it from outside.
    pub fn opens_to_internet(&self) -> bool {
        let from_outside = matches!(
            self.direction,
            Direction::Ingress | Direction::Public | Direction::OutOf
        ) || (self.direction == Direction::Route
            && self.via.starts_with(super::route::INTERNET_GATEWAY));
        from_outside
            && match &self.end {
                End::Addresses(addresses) => addresses.reaches_internet(),
                _ => self.direction == Direction::Public,
            }
    }
}

/// What became of one part of a rule.
#[derive(Clone, Debug, PartialEq, Eq)]
enum Outcome {
    Covered,
    Gained { end: End, sure: Addresses },
    Open { end: End, why: String },
}

/// What the new rules let through and the old ones do not.
pub(super) fn gains(new: &[&Rule], old: &[&Rule], comparer: &Comparer) -> Gains {
    let mut known: BTreeMap<&Meaning, Vec<&Rule>> = BTreeMap::new();
    for rule in old {
        known.entry(&rule.meaning).or_default().push(rule);
    }
    let stays = |rule: &Rule| {
        known.get(&rule.meaning).is_some_and(|same| {
            same.iter()
                .any(|old| old.surely_stands() || old.perhaps == rule.perhaps)
        })
    };
    let mut seen = BTreeSet::new();
    let mut gains = Gains::default();
    let mut steps = 0usize;
    for rule in new {
        if stays(rule) || !seen.insert((&rule.meaning, &rule.perhaps)) {
            continue;
        }
        let rivals: Vec<&Rule> = known
            .values()
            .flatten()
            .copied()
            .filter(|rival| concerns(&rival.meaning, &rule.meaning))
            .collect();
        let parts = parts(&rule.meaning, &rivals);
        let more = old
            .len()
            .saturating_add(parts.len().saturating_mul(rivals.len() + 1));
        steps = steps.saturating_add(more);
        if steps > MAX_STEPS || !comparer.spend(more) {
            gains.add_open(TOO_MANY_RULES.to_owned());
            break;
        }
        judge(rule, &rivals, parts, &comparer.homes, &mut gains);
    }
    gains.found = joined(gains.found);
    gains
}

fn concerns(rival: &Meaning, meaning: &Meaning) -> bool {
    rival.direction == meaning.direction
        && rival.via == meaning.via
        && rival
            .traffic
            .overlaps(meaning.traffic.protocol, meaning.traffic.span)
}

/// Cuts a rule where other rules begin or end, so that each of them covers a part whole or not at all. Where
/// only the deployment knows the traffic, there is nothing to cut.
fn parts(meaning: &Meaning, rivals: &[&Rule]) -> Vec<(Protocol, Span)> {
    let whole = meaning.traffic.span;
    if meaning.traffic.open.is_some() {
        return vec![(meaning.traffic.protocol, whole)];
    }
    let protocols: BTreeSet<Protocol> = match meaning.traffic.protocol {
        Protocol::All => rivals
            .iter()
            .map(|rival| rival.meaning.traffic.protocol)
            .chain([Protocol::All])
            .collect(),
        one => BTreeSet::from([one]),
    };
    let mut parts = Vec::new();
    for protocol in protocols {
        let mut starts = BTreeSet::from([whole.first]);
        for rival in rivals {
            let traffic = &rival.meaning.traffic;
            if protocol != Protocol::All && traffic.protocol.covers(protocol) {
                starts.insert(traffic.span.first.max(whole.first));
                if let Some(next) = traffic.span.last.checked_add(1)
                    && next <= whole.last
                {
                    starts.insert(next);
                }
            }
        }
        let mut starts = starts.into_iter().peekable();
        while let Some(first) = starts.next() {
            let last = starts.peek().map_or(whole.last, |next| next - 1);
            parts.push((protocol, Span { first, last }));
        }
    }
    parts
}

fn judge(
    rule: &Rule,
    rivals: &[&Rule],
    parts: Vec<(Protocol, Span)>,
    homes: &BTreeMap<Name, Addresses>,
    gains: &mut Gains,
) {
    let meaning = &rule.meaning;
    let mut outcomes: Vec<(Protocol, Span, Outcome)> = Vec::new();
    for (protocol, span) in parts {
        let active = rivals.iter().filter_map(|rival| {
            let cover = covers(rival, meaning, protocol, span)?;
            Some((&rival.meaning.end, cover))
        });
        let outcome = Cover::of(active).judge(rule, homes);
        match outcomes.last_mut() {
            Some((last_protocol, last_span, last))
                if *last_protocol == protocol && *last == outcome =>
            {
                last_span.last = span.last;
            }
            _ => outcomes.push((protocol, span, outcome)),
        }
    }
    // One answer for all of the rule is told in one piece.
    if let Some((_, _, first)) = outcomes.first()
        && outcomes.iter().all(|(_, _, outcome)| outcome == first)
    {
        let first = first.clone();
        outcomes = vec![(meaning.traffic.protocol, meaning.traffic.span, first)];
    }
    let written = meaning
        .traffic
        .open
        .is_some()
        .then(|| meaning.traffic.text());
    let several = outcomes.len() > 1;
    for (protocol, span, outcome) in outcomes {
        let others = several && protocol == Protocol::All;
        let protocol = if others {
            match unnamed(rivals) {
                Some(protocol) => protocol,
                // Every protocol is named, so this part is empty.
                None => continue,
            }
        } else {
            protocol
        };
        let found = |end, sure| Found {
            others,
            direction: meaning.direction,
            via: meaning.via.clone(),
            protocol,
            span,
            written: written.clone(),
            end,
            sure,
        };
        match outcome {
            Outcome::Covered => {}
            Outcome::Gained { end, sure } => gains.found.push(found(end, sure)),
            Outcome::Open { end, why } => gains.open.push(Open {
                found: Some(found(end, Addresses::default())),
                why,
            }),
        }
    }
}

/// A protocol that no rule names; the most usual first.
fn unnamed(rules: &[&Rule]) -> Option<Protocol> {
    let named: BTreeSet<Protocol> = rules
        .iter()
        .map(|rule| rule.meaning.traffic.protocol)
        .collect();
    [6, 17, 1, 58, 50, 47]
        .into_iter()
        .chain(0..=u8::MAX)
        .map(Protocol::Number)
        .find(|protocol| !named.contains(protocol))
}

/// Whether an old rule is about a part of a new one: `Some(true)` when it surely covers the part's traffic.
fn covers(rival: &Rule, meaning: &Meaning, protocol: Protocol, span: Span) -> Option<bool> {
    let traffic = &rival.meaning.traffic;
    let sure = rival.surely_stands();
    if meaning.traffic.open.is_some() {
        let same = traffic.open == meaning.traffic.open;
        let whole = traffic.open.is_none()
            && traffic.protocol.covers(protocol)
            && traffic.span.covers(span);
        return Some(sure && (same || whole));
    }
    // `All` stands here for the protocols that no other rule names.
    (traffic.protocol.covers(protocol) && traffic.span.overlaps(span))
        .then_some(sure && traffic.open.is_none())
}

/// Puts together the addresses that share direction, protocol and span, so that halves show as a whole.
fn joined(found: Vec<Found>) -> Vec<Found> {
    let mut joined: Vec<Found> = Vec::new();
    let mut places: BTreeMap<(Direction, String, Protocol, Span, Option<String>), usize> =
        BTreeMap::new();
    let mut named = HashSet::new();
    for next in found {
        let key = (
            next.direction,
            next.via.clone(),
            next.protocol,
            next.span,
            next.written.clone(),
        );
        if let End::Addresses(more) = &next.end {
            let place = places.get(&key).and_then(|place| joined.get_mut(*place));
            if let Some(known) = place {
                if let End::Addresses(all) = &mut known.end {
                    all.add(more);
                }
                known.sure.add(&next.sure);
                continue;
            }
            places.insert(key, joined.len());
        } else if !named.insert(format!("{key:?} {:?}", next.end)) {
            continue;
        }
        joined.push(next);
    }
    joined
}

/// What the old rules let through in one part.
#[derive(Default)]
struct Cover<'r> {
    /// Addresses let through for certain.
    addresses: Addresses,
    /// Addresses let through perhaps, the certain ones among them.
    perhaps: Addresses,
    /// Other far ends, and whether they are let through for certain.
    ends: Vec<(&'r End, bool)>,
}

impl<'r> Cover<'r> {
    fn of(active: impl Iterator<Item = (&'r End, bool)>) -> Cover<'r> {
        let mut ends = Vec::new();
        let mut sets = Vec::new();
        for (end, certain) in active {
            match end {
                End::Addresses(addresses) => sets.push((addresses, certain)),
                end => ends.push((end, certain)),
            }
        }
        let certain = sets.iter().filter(|(_, certain)| *certain);
        Cover {
            addresses: Addresses::union(certain.map(|(addresses, _)| *addresses)),
            perhaps: Addresses::union(sets.iter().map(|(addresses, _)| *addresses)),
            ends,
        }
    }

    fn judge(&self, rule: &Rule, homes: &BTreeMap<Name, Addresses>) -> Outcome {
        let end = &rule.meaning.end;
        let outcome = if self.ends.contains(&(end, true)) {
            Outcome::Covered
        } else {
            match end {
                End::Addresses(addresses) => self.judge_addresses(addresses),
                End::Group(name) => self.judge_group(end, name, homes.get(name)),
                End::PrefixList(_) | End::Block(..) | End::Anything(_) => self.judge_unknown(end),
            }
        };
        match (outcome, &rule.perhaps) {
            (Outcome::Gained { end, .. }, Some(why)) => Outcome::Open {
                end,
                why: why.clone(),
            },
            (other, _) => other,
        }
    }

    fn judge_addresses(&self, addresses: &Addresses) -> Outcome {
        let rest = addresses.without(&self.addresses);
        if rest.is_empty() {
            return Outcome::Covered;
        }
        let end = End::Addresses(rest.clone());
        let holder = self.ends.iter().find(|(end, _)| match end {
            End::Block(family, _) => !rest.family(*family).is_empty(),
            End::PrefixList(_) | End::Anything(_) => true,
            End::Addresses(_) | End::Group(_) => false,
        });
        if let Some((holder, _)) = holder {
            return Outcome::Open {
                end,
                why: format!("{} may stand for these addresses", holder.text()),
            };
        }
        let sure = rest.without(&self.perhaps);
        if sure.is_empty() {
            return Outcome::Open {
                end,
                why: "a rule that is not certain may let these addresses through already"
                    .to_owned(),
            };
        }
        Outcome::Gained { end, sure }
    }

    fn whole(&self, family: Family) -> bool {
        self.addresses.is_whole(family)
    }

    fn judge_group(&self, end: &End, name: &Name, home: Option<&Addresses>) -> Outcome {
        let covered = match home {
            Some(home) => home.without(&self.addresses).is_empty(),
            None => self.whole(Family::V4) && self.whole(Family::V6),
        };
        if covered {
            return Outcome::Covered;
        }
        let open = |why: String| Outcome::Open {
            end: end.clone(),
            why,
        };
        let other = self.ends.iter().find(|(other, _)| match other {
            End::Group(other) => name.may_equal(other),
            End::Anything(_) => true,
            // They hold addresses, which members of the group may have.
            End::PrefixList(_) | End::Block(..) => true,
            End::Addresses(_) => false,
        });
        if let Some((other, _)) = other {
            return open(format!("{} may stand for the same", other.text()));
        }
        let touched = match home {
            Some(home) => !home.common(&self.perhaps).is_empty(),
            None => !self.perhaps.is_empty(),
        };
        if touched {
            return open(format!(
                "members of {name} may have addresses in {}, and others",
                self.perhaps.text()
            ));
        }
        Outcome::Gained {
            end: end.clone(),
            sure: Addresses::default(),
        }
    }

    fn judge_unknown(&self, end: &End) -> Outcome {
        let families: &[Family] = match end {
            End::Block(Family::V4, _) => &[Family::V4],
            End::Block(Family::V6, _) => &[Family::V6],
            _ => &[Family::V4, Family::V6],
        };
        if families.iter().all(|family| self.whole(*family)) {
            return Outcome::Covered;
        }
        let rival = self.ends.iter().find(|(other, _)| match (end, other) {
            (End::Block(family, _), End::Block(other, _)) => family == other,
            (End::Anything(_), _) | (_, End::Anything(_)) => true,
            (_, End::Group(_)) => false,
            _ => true,
        });
        let touched = families
            .iter()
            .any(|family| !self.perhaps.family(*family).is_empty());
        match rival {
            Some((other, _)) => Outcome::Open {
                end: end.clone(),
                why: format!("{} may stand for the same", other.text()),
            },
            None if touched => Outcome::Open {
                end: end.clone(),
                why: "addresses that were let through may cover it".to_owned(),
            },
            None => Outcome::Gained {
                end: end.clone(),
                sure: Addresses::default(),
            },
        }
    }
}
