//! Sentences about what is gained and lost.
use super::address::{Addresses, Family};
use super::compare::Found;
use super::rule::{Direction, End};
use super::traffic::{Protocol, Span, ports_text, traffic_text};
use crate::access::PacketWitness;

/// How many sentences one subject gets.
const MAX_SENTENCES: usize = 25;

/// Whether packets come or go.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Way {
    Gained,
    Lost,
}

impl Way {
    pub fn can(self) -> &'static str {
        match self {
            Way::Gained => "can now",
            Way::Lost => "can no longer",
        }
    }
}

/// One sentence: `10.0.0.0/8 can now reach TCP 22 on Bastion`.
pub(super) fn sentence(found: &Found, subject: &str, way: Way) -> String {
    let traffic = match &found.written {
        Some(written) => written.clone(),
        None if found.others => "all other traffic".to_owned(),
        None => traffic_text(found.protocol, found.span),
    };
    let end = end_text(&found.end);
    let can = way.can();
    let via = &found.via;
    match (found.direction, way) {
        (Direction::Ingress | Direction::OutOf, _) => {
            format!("{end} {can} reach {traffic} on {subject}")
        }
        (Direction::Egress | Direction::Into, _) => {
            format!("{subject} {can} reach {end} on {traffic}")
        }
        (Direction::Route, _) => format!("{subject} {can} send to {end} through {via}"),
        (Direction::Public, _) => format!("{end} {can} address {subject}: {via}"),
        (Direction::Listed, Way::Gained) => format!("{subject} now lists {end}"),
        (Direction::Listed, Way::Lost) => format!("{subject} no longer lists {end}"),
    }
}

/// Sentences, each once, as many as a person reads.
pub(super) fn sentences(found: &[Found], subject: &str, way: Way) -> Vec<String> {
    let mut all: Vec<String> = Vec::new();
    for one in found {
        let sentence = sentence(one, subject, way);
        if !all.contains(&sentence) {
            if all.len() == MAX_SENTENCES {
                all.push(format!("and {} more", found.len() - MAX_SENTENCES));
                break;
            }
            all.push(sentence);
        }
    }
    all
}

fn end_text(end: &End) -> String {
    match end {
        End::Addresses(addresses) => addresses_text(addresses),
        other => other.text(),
    }
}

/// Addresses for people: the internet by name, with what is left out of it; many blocks counted.
fn addresses_text(addresses: &Addresses) -> String {
    let mut rest = addresses.clone();
    let mut internet = Vec::new();
    for family in [Family::V4, Family::V6] {
        if addresses.is_whole_internet(family) {
            let all = Addresses::all_of(family);
            let missing = all.without(addresses);
            internet.push(match missing.is_empty() {
                true => family.everything().to_owned(),
                false => format!("{} without {}", family.everything(), missing.text()),
            });
            rest = rest.without(&all);
        }
    }
    if !internet.is_empty() {
        let internet = format!("the internet ({})", internet.join(", "));
        return if rest.is_empty() {
            internet
        } else {
            format!("{internet} and {}", addresses_text(&rest))
        };
    }
    let text = addresses.text();
    if addresses.reaches_internet() {
        format!("{text} on the internet")
    } else {
        text
    }
}

/// A packet among those found.
pub(super) fn witness(found: &Found) -> PacketWitness {
    // Any protocol serves where all are let through; the most usual one says most.
    let protocol = match found.protocol {
        Protocol::All => Protocol::TCP,
        one => one,
    };
    let port = if found.span == Span::WHOLE && protocol.has_ports() {
        443
    } else {
        found.span.first
    };
    let known = || ports_text(protocol, Span::one(port));
    PacketWitness {
        direction: found.direction.packet().to_owned(),
        protocol: protocol.text(),
        port: (protocol.has_ports() || protocol.is_icmp())
            .then(|| found.written.clone().unwrap_or_else(known)),
        peer: found.sure.example().unwrap_or_else(|| found.end.text()),
    }
}
