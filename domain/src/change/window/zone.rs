//! Time zones by name, and times as they read there.
use super::Zone;
use crate::template::did_you_mean;
use chrono::{DateTime, Datelike, Utc};
use chrono_tz::TZ_VARIANTS;

/// A name that is no time zone.
#[derive(Debug, PartialEq, Eq, thiserror::Error)]
#[error(
    "“{name}” is not a time zone; write a name of the IANA time zone database, for example {example}.{nearest}"
)]
pub struct UnknownZone {
    name: String,
    example: &'static str,
    nearest: String,
}

/// The time zone of that name, as the IANA time zone database writes it.
///
/// # Errors
/// When there is none; the words offer one that there is.
pub fn zone_named(name: &str) -> Result<Zone, UnknownZone> {
    name.parse().map_err(|_| {
        let names = || TZ_VARIANTS.iter().map(|zone| zone.name());
        let city = |zone: &&str| {
            let city = zone.rsplit('/').next();
            city.is_some_and(|city| city.eq_ignore_ascii_case(name.trim()))
        };
        UnknownZone {
            name: name.to_owned(),
            example: names().find(city).unwrap_or("Europe/Berlin"),
            nearest: did_you_mean(name, names()),
        }
    })
}

/// `Mon 23 Nov 06:00 Europe/Berlin`; with the year where it is another than that of `now`.
pub fn in_words(at: DateTime<Utc>, zone: Zone, now: DateTime<Utc>) -> String {
    let (there, here) = (at.with_timezone(&zone), now.with_timezone(&zone));
    let year = if there.year() == here.year() {
        ""
    } else {
        " %Y"
    };
    let format = format!("%a %-d %b{year} %H:%M");
    format!("{} {}", there.format(&format), zone.name())
}
