//! Freeze windows: which one keeps an environment from being deployed to, and until when. Where they
//! come from and what waits for them is the server's.

mod period;
#[cfg(test)]
mod tests;
mod zone;

pub use chrono_tz::Tz as Zone;
pub use period::{InvalidPeriod, InvalidTime, Occurrence, Period, TimeOfDay};
pub use zone::{UnknownZone, in_words, zone_named};

use crate::names::{ServiceName, TeamName};
use crate::stage::Stage;
use chrono::{DateTime, TimeDelta, Utc};
use std::collections::BTreeSet;
use std::fmt;

/// Windows that touch are joined this often; whoever freezes for longer sees no end.
const MOST_JOINED: usize = 400;

/// A period in which stages take no deployments.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct FreezeWindow {
    /// The stages it holds.
    pub stages: BTreeSet<Stage>,
    /// Whose environments it holds.
    pub scope: Scope,
    /// When.
    pub period: Period,
    /// Why, in the words of whoever set it.
    pub reason: String,
    /// Whom to ask about it.
    pub owner: String,
}

/// Whose environments a window holds.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Scope {
    /// Those of every team.
    Everyone,
    /// Those of one team.
    Team(TeamName),
    /// Those of one service.
    Service(TeamName, ServiceName),
}

impl fmt::Display for Scope {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Scope::Everyone => f.write_str("every team"),
            Scope::Team(team) => write!(f, "team {team}"),
            Scope::Service(team, service) => write!(f, "service {team}/{service}"),
        }
    }
}

/// The environment that is asked about.
#[derive(Clone, Copy, Debug)]
pub struct Place<'a> {
    /// Its team.
    pub team: &'a TeamName,
    /// Its service; `None` while nobody has named one.
    pub service: Option<&'a ServiceName>,
    /// Its stage.
    pub stage: Stage,
}

/// The window that holds an environment.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Held<'w> {
    /// Of those that hold it now, the one that does so longest.
    pub window: &'w FreezeWindow,
    /// When the environment is free again, with the windows that follow without a pause; `None` when
    /// no end is in sight.
    pub until: Option<DateTime<Utc>>,
}

impl FreezeWindow {
    /// Whether it is about this environment.
    pub fn covers(&self, place: Place<'_>) -> bool {
        self.stages.contains(&place.stage)
            && match &self.scope {
                Scope::Everyone => true,
                Scope::Team(team) => team == place.team,
                Scope::Service(team, service) => {
                    team == place.team && place.service == Some(service)
                }
            }
    }

    /// Whether both say the same of some stage at some time from `now` on. Only windows of one scope
    /// and one sort are compared: a one-off may lie over a weekly window.
    pub fn overlaps(&self, other: &FreezeWindow, now: DateTime<Utc>) -> bool {
        self.scope == other.scope
            && !self.stages.is_disjoint(&other.stages)
            && self.period.overlaps(&other.period, now)
    }
}

/// The window that holds the environment now, if one does.
pub fn held<'w>(
    now: DateTime<Utc>,
    place: Place<'_>,
    windows: &'w [FreezeWindow],
) -> Option<Held<'w>> {
    let latest_end = |at| {
        windows
            .iter()
            .filter(|window| window.covers(place))
            .filter_map(move |window| Some((window.period.covering(at)?.to, window)))
            .max_by_key(|(end, _)| *end)
    };
    let (mut until, window) = latest_end(now)?;
    for _ in 0..MOST_JOINED {
        match latest_end(until) {
            Some((later, _)) => until = later,
            None => {
                return Some(Held {
                    window,
                    until: Some(until),
                });
            }
        }
    }
    Some(Held {
        window,
        until: None,
    })
}

/// The window that begins next for the environment, if one does so within that time. One that holds
/// already is none.
pub fn coming<'w>(
    now: DateTime<Utc>,
    within: TimeDelta,
    place: Place<'_>,
    windows: &'w [FreezeWindow],
) -> Option<(Occurrence, &'w FreezeWindow)> {
    windows
        .iter()
        .filter(|window| window.covers(place))
        .filter_map(|window| Some((window.period.next(now)?, window)))
        .filter(|(next, _)| next.from > now && next.from - now <= within)
        .min_by_key(|(next, _)| next.from)
}
