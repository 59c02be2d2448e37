//! What a deployment waits for, or will, as pages say it.
use super::PortalService;
use super::lock::locked_words;
use crate::hold::{frozen, place, until_in_words, why_frozen};
use crate::store::change::Change;
use crate::store::{self, Connection, StoreError};
use app::api::views::HoldView;
use chrono::{DateTime, TimeDelta, Utc};
use domain::change::ChangeState;
use domain::change::window::{Place, coming, in_words};
use domain::names::EnvironmentId;

/// How what waits is called before it is approved.
const BEFORE: &str = "Once approved, it waits";
/// Windows that begin within so many hours are told beforehand.
const AHEAD_HOURS: i64 = 24;

impl PortalService {
    /// What holds a change that is approved, or will once it is.
    pub(super) async fn holds_of(
        &self,
        connection: &mut Connection,
        change: &Change,
        now: DateTime<Utc>,
    ) -> Result<Vec<HoldView>, StoreError> {
        let place = place(change);
        let (waits, freezes) = match &change.state {
            ChangeState::Approved { .. } => ("Waits", self.freeze_now(place, "Waits", now)),
            ChangeState::Planning { .. }
            | ChangeState::PlanFailed { .. }
            | ChangeState::Waiting { .. } => (BEFORE, self.freezes_ahead(place, BEFORE, now)),
            _ => return Ok(Vec::new()),
        };
        let mut holds = lock_now(connection, change.environment, waits, now).await?;
        let set = change.schedule.filter(|schedule| schedule.at > now);
        holds.extend(set.map(|schedule| HoldView {
            title: format!("{waits} until {}", schedule.words(now)),
            why: "That is the time set by whoever asked for it.".to_owned(),
        }));
        holds.extend(freezes);
        Ok(holds)
    }

    /// What a change would wait for that is not asked for yet, of an environment that may not be there.
    pub(super) async fn holds_before_asking(
        &self,
        connection: &mut Connection,
        place: Place<'_>,
        environment: Option<EnvironmentId>,
        now: DateTime<Utc>,
    ) -> Result<Vec<HoldView>, StoreError> {
        let mut holds = match environment {
            Some(environment) => lock_now(connection, environment, BEFORE, now).await?,
            None => Vec::new(),
        };
        holds.extend(self.freezes_ahead(place, BEFORE, now));
        Ok(holds)
    }

    /// The window that holds an environment, or the next that will; `waits` says what waits.
    pub(super) fn freezes_ahead(
        &self,
        place: Place<'_>,
        waits: &str,
        now: DateTime<Utc>,
    ) -> Vec<HoldView> {
        let held = self.freeze_now(place, waits, now);
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

async fn lock_now(
    connection: &mut Connection,
    environment: EnvironmentId,
    waits: &str,
    now: DateTime<Utc>,
) -> Result<Vec<HoldView>, StoreError> {
    let lock = store::lock::of(connection, environment).await?;
    let hold = lock.map(|lock| HoldView {
        title: format!("{waits} until the environment is unlocked"),
        why: format!("{}: {}", locked_words(&lock, now), lock.reason),
    });
    Ok(hold.into_iter().collect())
}
