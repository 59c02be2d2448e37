//! The drawing: which groups and outside networks may reach which.
use super::address::{Addresses, Family};
use super::compare::{self, Comparer};
use super::group::Contents;
use super::rule::{Direction, End, Name, Rule};
use super::told::Judged;
use super::traffic::traffic_text;
use crate::access::{Path, PathState};
use std::collections::BTreeSet;

/// How many paths are drawn: gained ones first, then lost ones, then those that stay.
const MAX_PATHS: usize = 300;

/// How many address blocks of one rule are drawn.
const MAX_BLOCKS: usize = 8;

/// How many pairs of rules of a changed group are tried, to see which stay in force.
const MAX_PAIRS: usize = 5_000;

/// Paths, gathered.
#[derive(Debug, Default)]
pub(super) struct Paths {
    gained: BTreeSet<Ends>,
    lost: BTreeSet<Ends>,
    kept: BTreeSet<Ends>,
}

/// From, to, and the traffic.
type Ends = (String, String, String);

impl Paths {
    /// The paths of a group that stays as it is.
    pub fn kept(&mut self, group: &Name, contents: &Contents) {
        let unwritten = contents
            .unwritten
            .iter()
            .filter(|_| !contents.standalone_egress);
        for rule in contents.rules.iter().chain(unwritten) {
            self.kept.extend(of_rule(group, rule));
        }
    }

    /// The paths of a group that changes.
    pub fn changed(&mut self, group: &Name, judged: &Judged) {
        for (gains, paths) in [
            (&judged.gained, &mut self.gained),
            (&judged.lost, &mut self.lost),
        ] {
            let open = gains.open.iter().filter_map(|open| open.found.as_ref());
            for found in gains.found.iter().chain(open) {
                let traffic = match &found.written {
                    Some(written) => written.clone(),
                    None if found.others => "all other traffic".to_owned(),
                    None => traffic_text(found.protocol, found.span),
                };
                paths.extend(ends(group, found.direction, &found.end, &traffic));
            }
        }
        for rule in &judged.kept {
            self.kept.extend(of_rule(group, rule));
        }
    }

    /// As many as can be read.
    pub fn drawn(self) -> Vec<Path> {
        let Paths { gained, lost, kept } = self;
        let only_lost: Vec<Ends> = lost.difference(&gained).cloned().collect();
        let only_kept: Vec<Ends> = kept
            .iter()
            .filter(|ends| !gained.contains(*ends) && !lost.contains(*ends))
            .cloned()
            .collect();
        let state = |state: PathState, all: Vec<Ends>| {
            all.into_iter().map(move |(from, to, traffic)| Path {
                from,
                to,
                traffic,
                state,
            })
        };
        let mut drawn: Vec<Path> = state(PathState::Gained, gained.into_iter().collect())
            .chain(state(PathState::Lost, only_lost))
            .chain(state(PathState::Kept, only_kept))
            .take(MAX_PATHS)
            .collect();
        drawn.sort();
        drawn
    }
}

/// The new rules that let nothing new through.
pub(super) fn kept(new: &[&Rule], old: &[&Rule], comparer: &Comparer) -> Vec<Rule> {
    new.iter()
        .take(MAX_PAIRS / old.len().max(1))
        .filter(|rule| compare::gains(&[**rule], old, comparer).answer() == Some(false))
        .map(|rule| (*rule).clone())
        .collect()
}

fn of_rule(group: &Name, rule: &Rule) -> Vec<Ends> {
    let meaning = &rule.meaning;
    ends(
        group,
        meaning.direction,
        &meaning.end,
        &meaning.traffic.text(),
    )
}

fn ends(group: &Name, direction: Direction, end: &End, traffic: &str) -> Vec<Ends> {
    let group = group.to_string();
    peers(end)
        .into_iter()
        .map(|peer| match direction {
            Direction::Egress => (group.clone(), peer, traffic.to_owned()),
            _ => (peer, group.clone(), traffic.to_owned()),
        })
        .collect()
}

fn peers(end: &End) -> Vec<String> {
    let End::Addresses(addresses) = end else {
        return vec![end.text()];
    };
    let mut rest = addresses.clone();
    let mut peers = Vec::new();
    for family in [Family::V4, Family::V6] {
        if addresses.is_whole(family) {
            peers = vec!["internet".to_owned()];
            rest = rest.without(&Addresses::all_of(family));
        }
    }
    peers.extend(rest.blocks(MAX_BLOCKS).0);
    peers
}
