//! A time set beforehand at which a change is deployed at the earliest.
use super::window::{UnknownZone, Zone, in_words, zone_named};
use chrono::{DateTime, NaiveDateTime, TimeDelta, TimeZone, Utc};

/// The furthest ahead that a deployment can be set for: a plan of longer ago is worth nothing.
pub const FURTHEST: TimeDelta = TimeDelta::days(30);

/// When a change is deployed at the earliest.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Schedule {
    /// The time.
    pub at: DateTime<Utc>,
    /// The zone that whoever asked wrote it in.
    pub zone: Zone,
}

/// Why a time can't be set.
#[derive(Debug, PartialEq, Eq, thiserror::Error)]
pub enum InvalidSchedule {
    /// No date and time.
    #[error("“{0}” is not a date and a time; write for example 2030-05-17 22:00")]
    NotATime(String),
    /// No time zone.
    #[error(transparent)]
    Zone(UnknownZone),
    /// The clocks are put forward over it.
    #[error("there is no {at} in {zone}: the clocks are put forward then; choose an hour later")]
    Skipped {
        /// The local time.
        at: String,
        /// The zone.
        zone: Zone,
    },
    /// It is over.
    #[error("{0} is over; choose a time to come, or none to deploy once it is approved")]
    Past(String),
    /// Too far ahead.
    #[error("{at} is too far ahead; choose a time within {} days", FURTHEST.num_days())]
    TooFar {
        /// When.
        at: String,
    },
}

impl Schedule {
    /// Reads a local time and a zone as a form gives them; nothing where no time is given, UTC where no zone is. A
    /// time that comes twice, because the clocks are put back, is the first of the two.
    ///
    /// # Errors
    /// Why it can't be set.
    pub fn read(at: &str, zone: &str, now: DateTime<Utc>) -> Result<Option<Self>, InvalidSchedule> {
        let (at, zone) = (at.trim(), zone.trim());
        if at.is_empty() {
            return Ok(None);
        }
        let zone = match zone {
            "" => Zone::UTC,
            named => zone_named(named).map_err(InvalidSchedule::Zone)?,
        };
        let local = ["%Y-%m-%dT%H:%M", "%Y-%m-%d %H:%M", "%Y-%m-%dT%H:%M:%S"]
            .iter()
            .find_map(|format| NaiveDateTime::parse_from_str(at, format).ok())
            .ok_or_else(|| InvalidSchedule::NotATime(at.to_owned()))?;
        let Some(there) = zone.from_local_datetime(&local).earliest() else {
            return Err(InvalidSchedule::Skipped {
                at: local.format("%Y-%m-%d %H:%M").to_string(),
                zone,
            });
        };
        let at = there.with_timezone(&Utc);
        let schedule = Self { at, zone };
        if at <= now {
            return Err(InvalidSchedule::Past(schedule.words(now)));
        }
        if at - now > FURTHEST {
            let at = schedule.words(now);
            return Err(InvalidSchedule::TooFar { at });
        }
        Ok(Some(schedule))
    }

    /// `Mon 23 Nov 22:00 Europe/Berlin`.
    pub fn words(&self, now: DateTime<Utc>) -> String {
        in_words(self.at, self.zone, now)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn at(text: &str) -> DateTime<Utc> {
        text.parse().unwrap()
    }

    fn read(local: &str, zone: &str) -> Result<Option<Schedule>, InvalidSchedule> {
        Schedule::read(local, zone, at("2026-10-20T12:00:00Z"))
    }

    #[test]
    fn a_time_is_read_in_its_zone() {
        let tonight = read("2026-10-20T22:00", "Europe/Berlin").unwrap().unwrap();
        assert_eq!(tonight.at, at("2026-10-20T20:00:00Z"));
        let words = tonight.words(at("2026-10-20T12:00:00Z"));
        assert_eq!(words, "Tue 20 Oct 22:00 Europe/Berlin");
        let utc = read(" 2026-10-20 22:00 ", "").unwrap().unwrap();
        assert_eq!(utc.at, at("2026-10-20T22:00:00Z"));
        assert_eq!(read("", "Europe/Berlin"), Ok(None));
        // 02:30 comes twice when the clocks are put back.
        let first = read("2026-10-25T02:30", "Europe/Berlin").unwrap().unwrap();
        assert_eq!(first.at, at("2026-10-25T00:30:00Z"));
    }

    #[test]
    fn what_can_t_be_is_refused_with_what_would_be_right() {
        let why = |local: &str, zone: &str| read(local, zone).unwrap_err().to_string();
        assert!(why("tonight", "UTC").contains("2030-05-17 22:00"));
        assert!(why("2026-13-01T00:00", "UTC").contains("not a date"));
        assert!(why("2026-10-21T00:00", "Berlin").contains("Europe/Berlin"));
        assert!(why("2026-10-20T12:00", "UTC").contains("is over"));
        assert!(why("2026-11-20T12:00", "UTC").contains("within 30 days"));
        let spring = Schedule::read(
            "2027-03-28T02:30",
            "Europe/Berlin",
            at("2027-03-20T00:00:00Z"),
        );
        assert!(spring.unwrap_err().to_string().contains("put forward"));
    }
}
