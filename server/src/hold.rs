//! What keeps an approved change from being deployed now, in words. Looked at in the transaction that would
//! start a deployment, and by the pages that say so. Nothing here waits or writes.
use crate::configuration::Configuration;
use crate::store::change::Change;
use chrono::{DateTime, Utc};
use domain::change::window::{FreezeWindow, Held, Place, held, in_words};

/// Where a change would be deployed to.
pub(crate) fn place(change: &Change) -> Place<'_> {
    Place {
        team: &change.team,
        service: Some(&change.service_name),
        stage: change.stage,
    }
}

/// The freeze window that holds the environment at this time, if one does.
pub(crate) fn frozen<'c>(
    configuration: &'c Configuration,
    place: Place<'_>,
    now: DateTime<Utc>,
) -> Option<Held<'c>> {
    held(now, place, &configuration.freezes)
}

/// `until Mon 23 Nov 06:00 Europe/Berlin`, to follow `Waits`.
pub(crate) fn until_in_words(held: &Held<'_>, now: DateTime<Utc>) -> String {
    match held.until {
        Some(until) => format!("until {}", in_words(until, held.window.period.zone(), now)),
        None => "with no end in sight".to_owned(),
    }
}

/// `Year-end close (Finance)`.
pub(crate) fn why_frozen(window: &FreezeWindow) -> String {
    format!("{} ({})", window.reason, window.owner)
}
