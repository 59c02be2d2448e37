//! What a deployment waits for, or will, as pages say it.
use super::PortalService;
use crate::hold::{frozen, place, until_in_words, why_frozen};
use crate::store::change::Change;
use app::api::views::HoldView;
use chrono::{DateTime, TimeDelta, Utc};
use domain::change::ChangeState;
use domain::change::window::{Place, coming, in_words};

/// Windows that begin within so many hours are told beforehand.
const AHEAD_HOURS: i64 = 24;

impl PortalService {
    /// What holds a change that is approved, or will once it is.
    pub(super) fn holds_of(&self, change: &Change, now: DateTime<Utc>) -> Vec<HoldView> {
        match &change.state {
            ChangeState::Approved { .. } => self.freeze_now(place(change), "Waits", now),
            ChangeState::Planning { .. }
            | ChangeState::PlanFailed { .. }
            | ChangeState::Waiting { .. } => self.holds_ahead(place(change), now),
            _ => Vec::new(),
        }
    }

    /// What a change that is not approved yet would wait for.
    pub(super) fn holds_ahead(&self, place: Place<'_>, now: DateTime<Utc>) -> Vec<HoldView> {
        let held = self.freeze_now(place, "Once approved, it waits", now);
        if !held.is_empty() {
            return held;
        }
        let within = TimeDelta::hours(AHEAD_HOURS);
        let windows = &self.configuration.freezes;
        let next = coming(now, within, place, windows).map(|(next, window)| {
            let from = in_words(next.from, window.period.zone(), now);
            let to = in_words(next.to, window.period.zone(), now);
            HoldView {
                title: format!("From {from} to {to} deployments to {} wait", place.stage),
                why: why_frozen(window),
            }
        });
        next.into_iter().collect()
    }

    fn freeze_now(&self, place: Place<'_>, waits: &str, now: DateTime<Utc>) -> Vec<HoldView> {
        let held = frozen(&self.configuration, place, now).map(|held| HoldView {
            title: format!("{waits} {}", until_in_words(&held, now)),
            why: why_frozen(held.window),
        });
        held.into_iter().collect()
    }
}
