//! Waivers: approved exceptions to a finding, which end by themselves.
use chrono::{DateTime, Days, NaiveDate, NaiveTime, Utc};
use serde::{Deserialize, Serialize};
use std::{fmt, str::FromStr};

/// A waiver lasts at most so many days from the day it is asked for.
pub const MOST_DAYS: u64 = 90;

/// Where a waiver stands.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum WaiverState {
    /// It waits for security.
    Asked,
    /// It is in force.
    Granted,
    /// Security said no.
    Refused,
    /// Security ended it early.
    Ended,
    /// Its time is over, whether it was granted or never answered.
    Expired,
}

impl WaiverState {
    /// Every state.
    pub const ALL: [WaiverState; 5] = [
        WaiverState::Asked,
        WaiverState::Granted,
        WaiverState::Refused,
        WaiverState::Ended,
        WaiverState::Expired,
    ];

    /// The word used in addresses and by the database's queries.
    pub fn as_str(self) -> &'static str {
        match self {
            WaiverState::Asked => "asked",
            WaiverState::Granted => "granted",
            WaiverState::Refused => "refused",
            WaiverState::Ended => "ended",
            WaiverState::Expired => "expired",
        }
    }
}

impl fmt::Display for WaiverState {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.as_str())
    }
}

/// A word that is no state of a waiver.
#[derive(Debug, PartialEq, Eq, thiserror::Error)]
#[error("“{0}” is not a state of a waiver; a state is asked, granted, refused, ended or expired")]
pub struct UnknownWaiverState(pub String);

impl FromStr for WaiverState {
    type Err = UnknownWaiverState;

    fn from_str(word: &str) -> Result<Self, UnknownWaiverState> {
        WaiverState::ALL
            .into_iter()
            .find(|state| state.as_str() == word)
            .ok_or_else(|| UnknownWaiverState(word.to_owned()))
    }
}

/// Why a waiver can't last until then, in words to stand beside the field.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum BadExpiry {
    /// Nothing was said.
    #[error("Say on which day it ends; {latest} is the last day that it can be")]
    Missing {
        /// The last day it may end on.
        latest: NaiveDate,
    },
    /// What was typed is no day.
    #[error("“{typed}” is no day; write it as year-month-day, such as {latest}")]
    Unreadable {
        /// What was typed.
        typed: String,
        /// The last day it may end on.
        latest: NaiveDate,
    },
    /// It would never be in force.
    #[error("{day} is over; it can end on {today} at the earliest")]
    Past {
        /// The day that was typed.
        day: NaiveDate,
        /// The day that is now.
        today: NaiveDate,
    },
    /// It would last too long.
    #[error(
        "{day} is too far ahead: a waiver lasts at most {MOST_DAYS} days, so it can end on {latest} at the latest"
    )]
    TooFar {
        /// The day that was typed.
        day: NaiveDate,
        /// The last day it may end on.
        latest: NaiveDate,
    },
}

/// The last day that a waiver can end on.
pub fn latest_day(now: DateTime<Utc>) -> NaiveDate {
    let today = now.date_naive();
    today
        .checked_add_days(Days::new(MOST_DAYS))
        .unwrap_or(today)
}

/// When a waiver ends that lasts through the day that was typed: at the end of that day in UTC.
///
/// # Errors
/// When nothing was typed, when it is no day, or when it lies in the past or more than [`MOST_DAYS`] ahead.
pub fn expiry(typed: &str, now: DateTime<Utc>) -> Result<DateTime<Utc>, BadExpiry> {
    let latest = latest_day(now);
    let typed = typed.trim();
    if typed.is_empty() {
        return Err(BadExpiry::Missing { latest });
    }
    let unreadable = || BadExpiry::Unreadable {
        typed: typed.chars().take(40).collect(),
        latest,
    };
    let day: NaiveDate = typed.parse().map_err(|_| unreadable())?;
    let today = now.date_naive();
    if day < today {
        return Err(BadExpiry::Past { day, today });
    }
    if day > latest {
        return Err(BadExpiry::TooFar { day, latest });
    }
    let end = day.checked_add_days(Days::new(1)).ok_or_else(unreadable)?;
    Ok(end.and_time(NaiveTime::MIN).and_utc())
}

/// The last day that a waiver is in force on, which is what people typed.
pub fn last_day(until: DateTime<Utc>) -> NaiveDate {
    let day = until.date_naive();
    if until.time() == NaiveTime::MIN {
        day.checked_sub_days(Days::new(1)).unwrap_or(day)
    } else {
        day
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn now() -> DateTime<Utc> {
        "2026-11-21T22:15:00Z".parse().unwrap()
    }

    #[test]
    fn a_waiver_lasts_through_its_last_day() {
        let until = expiry(" 2026-11-21 ", now()).unwrap();
        assert_eq!(until.to_rfc3339(), "2026-11-22T00:00:00+00:00");
        assert_eq!(last_day(until).to_string(), "2026-11-21");
        assert!(expiry("2027-02-19", now()).is_ok());
        assert_eq!(latest_day(now()).to_string(), "2027-02-19");
    }

    #[test]
    fn a_bad_last_day_is_told_with_what_would_be_right() {
        let words = |typed: &str| expiry(typed, now()).unwrap_err().to_string();
        assert_eq!(
            words(""),
            "Say on which day it ends; 2027-02-19 is the last day that it can be"
        );
        assert_eq!(
            words("soon"),
            "“soon” is no day; write it as year-month-day, such as 2027-02-19"
        );
        assert_eq!(
            words("2026-11-20"),
            "2026-11-20 is over; it can end on 2026-11-21 at the earliest"
        );
        assert_eq!(
            words("2027-02-20"),
            "2027-02-20 is too far ahead: a waiver lasts at most 90 days, so it can end on 2027-02-19 at the latest"
        );
        assert!(expiry("+262142-12-31", now()).is_err());
    }
}
