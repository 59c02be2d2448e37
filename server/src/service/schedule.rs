//! When a change is to be deployed, as a form gives it.
use super::drafts::Draft;
use app::api::views::TypedSchedule;
use chrono::{DateTime, Utc};
use domain::blueprint::Problem;
use domain::change::schedule::{InvalidSchedule, Schedule};
use std::collections::BTreeMap;

const AT: &str = "deploy[at]";
const ZONE: &str = "deploy[zone]";

/// The time that is set, or what is wrong with it beside the field.
pub(super) fn read(typed: &TypedSchedule, now: DateTime<Utc>) -> Result<Option<Schedule>, Problem> {
    Schedule::read(&typed.at, &typed.zone, now).map_err(|why| {
        let field = match why {
            InvalidSchedule::Zone(_) => ZONE,
            _ => AT,
        };
        Problem::at(field, why.to_string())
    })
}

/// What stood in the fields of a kept form.
pub(super) fn typed(draft: &Draft) -> TypedSchedule {
    let value = |name: &str| draft.0.get(name).cloned().unwrap_or_default();
    TypedSchedule {
        at: value(AT),
        zone: value(ZONE),
    }
}

/// Keeps what stands in the fields.
pub(super) fn keep(typed: TypedSchedule, values: &mut BTreeMap<String, String>) {
    values.insert(AT.to_owned(), typed.at);
    values.insert(ZONE.to_owned(), typed.zone);
}
