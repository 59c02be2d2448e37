//! When a window holds: once, or on days of the week, by the clock of a time zone.
//!
//! Where clocks are changed, a local time can be there twice or not at all. Both times it can be read
//! with the offset before the change and with the one after it. A window begins at the earlier reading
//! and ends at the later one, so that the freeze is never the shorter of what could be meant.
use super::Zone;
use chrono::{
    DateTime, Datelike, Days, MappedLocalTime, NaiveDate, NaiveDateTime, Offset, TimeDelta,
    TimeZone, Utc, Weekday,
};
use std::fmt;
use std::str::FromStr;

const MINUTES_A_DAY: u16 = 24 * 60;
/// An occurrence lasts a day at most, and a clock change moves its ends by a day at most.
const DAYS_BACK: u64 = 3;
/// Within as many days a weekly window comes round.
const DAYS_AHEAD: u64 = 8;
/// How far windows of different zones are compared: their clocks agree on no more than a year.
const DAYS_COMPARED: usize = 372;

/// A time of day to the minute, `00:00` to `24:00`.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct TimeOfDay(u16);

/// A text that is no time of day.
#[derive(Debug, PartialEq, Eq, thiserror::Error)]
#[error(
    "“{0}” is not a time of day; write hours and minutes from 00:00 to 24:00, for example 18:30"
)]
pub struct InvalidTime(String);

impl FromStr for TimeOfDay {
    type Err = InvalidTime;

    fn from_str(text: &str) -> Result<Self, InvalidTime> {
        let number = |part: &str| {
            let plain = part.len() == 2 && part.bytes().all(|byte| byte.is_ascii_digit());
            plain.then(|| part.parse::<u16>().ok()).flatten()
        };
        text.split_once(':')
            .and_then(|(hours, minutes)| Some((number(hours)?, number(minutes)?)))
            .filter(|(hours, minutes)| *minutes < 60 && hours * 60 + minutes <= MINUTES_A_DAY)
            .map(|(hours, minutes)| Self(hours * 60 + minutes))
            .ok_or_else(|| InvalidTime(text.to_owned()))
    }
}

impl fmt::Display for TimeOfDay {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{:02}:{:02}", self.0 / 60, self.0 % 60)
    }
}

/// When a window holds.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Period {
    zone: Zone,
    when: When,
}

#[derive(Clone, Debug, PartialEq, Eq)]
enum When {
    Once {
        from: NaiveDateTime,
        to: NaiveDateTime,
    },
    Weekly {
        days: Vec<Weekday>,
        from: TimeOfDay,
        to: TimeOfDay,
    },
}

/// One time that a window holds: from the first instant on, up to the second.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Occurrence {
    /// The first instant.
    pub from: DateTime<Utc>,
    /// The first instant after it.
    pub to: DateTime<Utc>,
}

/// A period that can't be.
#[derive(Debug, PartialEq, Eq, thiserror::Error)]
pub enum InvalidPeriod {
    /// It ends before it begins, or as it begins.
    #[error("it ends at {to}, which is not after {from}, when it begins")]
    Backwards {
        /// When it would begin.
        from: String,
        /// When it would end.
        to: String,
    },
    /// A time of day that it both begins and ends at.
    #[error(
        "it begins and ends at {0}; for a whole day write from 00:00 to 24:00, for an end on the day after an earlier time"
    )]
    NoTime(TimeOfDay),
    /// A day can't begin at its end.
    #[error("it begins at 24:00; write 00:00 and the day after")]
    BeginsAtEnd,
    /// No days.
    #[error("it has no days; name at least one, for example friday")]
    NoDays,
    /// A year beyond what calendars of time zones are made for.
    #[error("the year {0} is not between 1970 and 9999")]
    Year(i32),
}

impl Period {
    /// From one local time to another, once.
    ///
    /// # Errors
    /// [`InvalidPeriod`] when it ends before it begins.
    pub fn once(zone: Zone, from: NaiveDateTime, to: NaiveDateTime) -> Result<Self, InvalidPeriod> {
        let years = [from.year(), to.year()];
        if let Some(year) = years.into_iter().find(|year| !(1970..=9999).contains(year)) {
            return Err(InvalidPeriod::Year(year));
        }
        if to <= from {
            return Err(InvalidPeriod::Backwards {
                from: local_words(from),
                to: local_words(to),
            });
        }
        let when = When::Once { from, to };
        Ok(Self { zone, when })
    }

    /// On these days of each week, from one time of day to another; where `to` is not after `from`, to
    /// that time of the day after.
    ///
    /// # Errors
    /// [`InvalidPeriod`] when there are no days, or no time between the two.
    pub fn weekly(
        zone: Zone,
        mut days: Vec<Weekday>,
        from: TimeOfDay,
        to: TimeOfDay,
    ) -> Result<Self, InvalidPeriod> {
        days.sort_by_key(Weekday::num_days_from_monday);
        days.dedup();
        if days.is_empty() {
            return Err(InvalidPeriod::NoDays);
        }
        if from == to {
            return Err(InvalidPeriod::NoTime(from));
        }
        if from.0 == MINUTES_A_DAY {
            return Err(InvalidPeriod::BeginsAtEnd);
        }
        let when = When::Weekly { days, from, to };
        Ok(Self { zone, when })
    }

    /// The time zone whose clock it goes by.
    pub fn zone(&self) -> Zone {
        self.zone
    }

    /// Whether it comes round every week.
    pub fn is_weekly(&self) -> bool {
        matches!(self.when, When::Weekly { .. })
    }

    /// The occurrence that holds at this instant, if one does; of several, the one that ends last.
    pub fn covering(&self, at: DateTime<Utc>) -> Option<Occurrence> {
        self.around(at)
            .filter(|held| held.from <= at && at < held.to)
            .max_by_key(|held| held.to)
    }

    /// The occurrence that holds at this instant, or else the one that comes next; `None` once it is
    /// over for good.
    pub fn next(&self, at: DateTime<Utc>) -> Option<Occurrence> {
        self.around(at).filter(|next| at < next.to).min()
    }

    /// When it last held, for a window that is over for good.
    pub fn ended(&self, at: DateTime<Utc>) -> Option<Occurrence> {
        let over = self.next(at).is_none();
        over.then(|| self.around(at).max()).flatten()
    }

    /// The occurrences near an instant: those that can hold at it, and the next.
    fn around(&self, at: DateTime<Utc>) -> impl Iterator<Item = Occurrence> {
        let today = at.with_timezone(&self.zone).date_naive();
        let first = today.checked_sub_days(Days::new(DAYS_BACK));
        let days = first.unwrap_or(today).iter_days();
        self.begun_on(days.take((DAYS_BACK + DAYS_AHEAD) as usize))
    }

    /// The occurrences that begin on these days; the one there is, if there is only one.
    fn begun_on(&self, dates: impl Iterator<Item = NaiveDate>) -> impl Iterator<Item = Occurrence> {
        let once = match &self.when {
            When::Once { from, to } => Some(self.occurrence(*from, *to)),
            When::Weekly { .. } => None,
        };
        let weekly = dates.filter_map(|date| match &self.when {
            When::Weekly { days, from, to } if days.contains(&date.weekday()) => {
                let begins = midnight(date) + TimeDelta::minutes(from.0.into());
                let length = (to.0 + MINUTES_A_DAY - from.0) % MINUTES_A_DAY;
                // From 00:00 to 24:00.
                let length = if length == 0 { MINUTES_A_DAY } else { length };
                let ends = begins.checked_add_signed(TimeDelta::minutes(length.into()))?;
                Some(self.occurrence(begins, ends))
            }
            _ => None,
        });
        once.into_iter().chain(weekly)
    }

    fn occurrence(&self, from: NaiveDateTime, to: NaiveDateTime) -> Occurrence {
        Occurrence {
            from: readings(self.zone, from).0,
            to: readings(self.zone, to).1,
        }
    }

    /// Whether both hold at some time from `now` on; a one-off and a weekly one are not compared.
    pub(super) fn overlaps(&self, other: &Period, now: DateTime<Utc>) -> bool {
        match (&self.when, &other.when) {
            (When::Once { .. }, When::Once { .. }) if self.zone != other.zone => {
                let (one, other) = (self.next(now), other.next(now));
                one.zip(other)
                    .is_some_and(|(one, other)| one.from < other.to && other.from < one.to)
            }
            (
                When::Once { from, to },
                When::Once {
                    from: other_from,
                    to: other_to,
                },
            ) => {
                // By the clock they go by, so that two that touch at a clock change don't overlap.
                let over = self.next(now).is_none() || other.next(now).is_none();
                !over && from < other_to && other_from < to
            }
            (When::Weekly { .. }, When::Weekly { .. }) if self.zone != other.zone => {
                let year = |period: &Period| {
                    let today = now.with_timezone(&period.zone).date_naive();
                    let dates = today.iter_days().take(DAYS_COMPARED);
                    period.begun_on(dates).collect::<Vec<_>>()
                };
                let mut both = [year(self), year(other)].concat();
                both.sort();
                !both.is_sorted_by(|one, next| one.to <= next.from)
            }
            (When::Weekly { .. }, When::Weekly { .. }) => {
                let week = i64::from(7 * MINUTES_A_DAY);
                let (one, other) = (self.minutes_of_week(), other.minutes_of_week());
                one.iter().any(|(from, length)| {
                    other.iter().any(|(other_from, other_length)| {
                        (other_from - from).rem_euclid(week) < *length
                            || (from - other_from).rem_euclid(week) < *other_length
                    })
                })
            }
            _ => false,
        }
    }

    /// Begin and length of each occurrence, in minutes of the week by its own clock.
    fn minutes_of_week(&self) -> Vec<(i64, i64)> {
        let monday = NaiveDate::default().week(Weekday::Mon).first_day();
        let dates = monday.iter_days().take(7);
        let utc = Period {
            zone: Zone::UTC,
            ..self.clone()
        };
        utc.begun_on(dates)
            .map(|held| {
                let from = held.from.naive_utc() - midnight(monday);
                (from.num_minutes(), (held.to - held.from).num_minutes())
            })
            .collect()
    }
}

impl fmt::Display for Period {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match &self.when {
            When::Once { from, to } => {
                let (from, to) = (local_words(*from), local_words(*to));
                write!(f, "{from} to {to}")?;
            }
            When::Weekly { days, from, to } => {
                let days: Vec<_> = days.iter().map(|day| plural(*day)).collect();
                match days.as_slice() {
                    [_, _, _, _, _, _, _] => f.write_str("Every day")?,
                    [only] => f.write_str(only)?,
                    [first @ .., last] => write!(f, "{} and {last}", first.join(", "))?,
                    [] => {}
                }
                write!(f, " {from} to {to}")?;
                if to <= from {
                    f.write_str(" the day after")?;
                }
            }
        }
        write!(f, ", {}", self.zone.name())
    }
}

/// `Fri 18 Dec 2026 18:00`.
fn local_words(local: NaiveDateTime) -> String {
    local.format("%a %-d %b %Y %H:%M").to_string()
}

fn plural(day: Weekday) -> &'static str {
    match day {
        Weekday::Mon => "Mondays",
        Weekday::Tue => "Tuesdays",
        Weekday::Wed => "Wednesdays",
        Weekday::Thu => "Thursdays",
        Weekday::Fri => "Fridays",
        Weekday::Sat => "Saturdays",
        Weekday::Sun => "Sundays",
    }
}

fn midnight(date: NaiveDate) -> NaiveDateTime {
    date.and_time(chrono::NaiveTime::MIN)
}

/// The earliest and the latest instant that a local time can mean; the same for all but those around
/// a clock change.
fn readings(zone: Zone, local: NaiveDateTime) -> (DateTime<Utc>, DateTime<Utc>) {
    let (one, other) = match zone.offset_from_local_datetime(&local) {
        MappedLocalTime::Single(offset) => (offset, offset),
        MappedLocalTime::Ambiguous(one, other) => (one, other),
        MappedLocalTime::None => {
            // Further from UTC than a day is no clock, so these lie on both sides of the change.
            let near = |hours| {
                let near = local.checked_add_signed(TimeDelta::hours(hours));
                zone.offset_from_utc_datetime(&near.unwrap_or(local))
            };
            (near(-24), near(24))
        }
    };
    let [one, other] = [one, other].map(|offset| {
        let utc = local.checked_sub_offset(offset.fix());
        utc.unwrap_or(local).and_utc()
    });
    (one.min(other), one.max(other))
}
