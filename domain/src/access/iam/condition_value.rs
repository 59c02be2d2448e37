//! What condition operators compare as other than texts: numbers, moments and addresses.
//! Source: IAM User Guide, "IAM JSON policy elements: Condition operators".
use chrono::{DateTime, NaiveDate, NaiveTime, SecondsFormat};
use std::cmp::Ordering;
use std::fmt;
use std::net::IpAddr;

/// A decimal number, exact to the last digit. Displayed as it is written in a policy.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub(super) struct Number {
    /// Never on zero.
    negative: bool,
    /// Digits without leading zeros, so zero has none.
    whole: String,
    /// Digits without trailing zeros.
    fraction: String,
}

/// The number that a text writes: digits, perhaps a minus before them and a fraction after them. No plus, no exponent:
/// AWS documents "an integer or decimal value" and no more.
pub(super) fn number(text: &str) -> Option<Number> {
    let (negative, digits) = match text.strip_prefix('-') {
        Some(digits) => (true, digits),
        None => (false, text),
    };
    let (whole, fraction) = digits.split_once('.').unwrap_or((digits, "0"));
    if !are_digits(whole) || !are_digits(fraction) {
        return None;
    }
    Some(Number::new(negative, whole.to_owned(), fraction.to_owned()))
}

fn are_digits(text: &str) -> bool {
    !text.is_empty() && text.bytes().all(|byte| byte.is_ascii_digit())
}

impl Number {
    fn new(negative: bool, whole: String, fraction: String) -> Self {
        let whole = whole.trim_start_matches('0').to_owned();
        let fraction = fraction.trim_end_matches('0').to_owned();
        Self {
            negative: negative && !(whole.is_empty() && fraction.is_empty()),
            whole,
            fraction,
        }
    }

    /// A number between the two bounds, neither of them included; None stands for no bound. None where the bounds leave
    /// no room.
    pub(super) fn between(low: Option<&Self>, high: Option<&Self>) -> Option<Self> {
        match (low, high) {
            (None, None) => Some(Self::new(false, String::new(), String::new())),
            (Some(low), None) => Some(low.just_above()),
            (None, Some(high)) => Some(high.just_below()),
            (Some(low), Some(high)) if low >= high => None,
            (Some(low), Some(high)) if low.negative => {
                if high.negative {
                    return Some(high.opposite().inside(&low.opposite()).opposite());
                }
                let zero = Self::new(false, String::new(), String::new());
                Some(if zero < *high {
                    zero
                } else {
                    zero.inside(&low.opposite()).opposite()
                })
            }
            (Some(low), Some(high)) => Some(low.inside(high)),
        }
    }

    /// A larger number: the next integer.
    pub(super) fn just_above(&self) -> Self {
        if !self.negative {
            return self.next_integer();
        }
        if self.fraction.is_empty() {
            return Self::new(true, decreased(&self.whole), String::new());
        }
        Self::new(true, self.whole.clone(), String::new())
    }

    /// A smaller number: the integer before.
    pub(super) fn just_below(&self) -> Self {
        self.opposite().just_above().opposite()
    }

    fn opposite(&self) -> Self {
        Self::new(!self.negative, self.whole.clone(), self.fraction.clone())
    }

    /// The smallest integer above a number that is not negative.
    fn next_integer(&self) -> Self {
        Self::new(false, increased(&self.whole), String::new())
    }

    /// A number above this one and below `high`, where neither is negative and `high` is the larger.
    fn inside(&self, high: &Self) -> Self {
        let integer = self.next_integer();
        if integer < *high {
            return integer;
        }
        // Both are whole multiples of the last place of the longer one, so one tenth of that place still fits between.
        let places = self.fraction.len().max(high.fraction.len());
        Self::new(
            false,
            self.whole.clone(),
            format!("{:0<places$}1", self.fraction),
        )
    }

    fn size(&self, other: &Self) -> Ordering {
        self.whole
            .len()
            .cmp(&other.whole.len())
            .then_with(|| self.whole.cmp(&other.whole))
            .then_with(|| self.fraction.cmp(&other.fraction))
    }
}

/// The digits of the number one larger.
fn increased(digits: &str) -> String {
    let kept = digits.trim_end_matches('9');
    let nines = digits.len() - kept.len();
    let mut result: Vec<u8> = kept.bytes().collect();
    match result.last_mut() {
        Some(last) => *last += 1,
        None => result.push(b'1'),
    }
    result.extend(std::iter::repeat_n(b'0', nines));
    result.into_iter().map(char::from).collect()
}

/// The digits of the number one smaller, of a number that is not zero.
fn decreased(digits: &str) -> String {
    let kept = digits.trim_end_matches('0');
    let zeros = digits.len() - kept.len();
    let mut result: Vec<u8> = kept.bytes().collect();
    if let Some(last) = result.last_mut() {
        *last -= 1;
    }
    result.extend(std::iter::repeat_n(b'9', zeros));
    result.into_iter().map(char::from).collect()
}

impl Ord for Number {
    fn cmp(&self, other: &Self) -> Ordering {
        match (self.negative, other.negative) {
            (false, false) => self.size(other),
            (true, true) => other.size(self),
            (true, false) => Ordering::Less,
            (false, true) => Ordering::Greater,
        }
    }
}

impl PartialOrd for Number {
    fn partial_cmp(&self, other: &Self) -> Option<Ordering> {
        Some(self.cmp(other))
    }
}

impl fmt::Display for Number {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        if self.negative {
            f.write_str("-")?;
        }
        f.write_str(if self.whole.is_empty() {
            "0"
        } else {
            &self.whole
        })?;
        if self.fraction.is_empty() {
            return Ok(());
        }
        write!(f, ".{}", self.fraction)
    }
}

/// The moment that a text names, in milliseconds since 1970-01-01T00:00:00Z: a date, a date with a time and an offset
/// (W3C, "Date and Time Formats"), or seconds since then. None also for four digits alone, which could be a year or
/// seconds, and for fractions of a millisecond.
pub(super) fn moment(text: &str) -> Option<i64> {
    if are_digits(text) {
        return (text.len() != 4)
            .then(|| text.parse::<i64>().ok()?.checked_mul(1000))
            .flatten()
            .filter(|moment| DateTime::from_timestamp_millis(*moment).is_some());
    }
    let (date, time) = match text.split_once('T') {
        Some((date, time)) => (date, Some(time)),
        None => (text, None),
    };
    let date = calendar_date(date)?;
    let Some(time) = time else {
        return Some(date.and_time(NaiveTime::MIN).and_utc().timestamp_millis());
    };
    let (time, offset) = split_offset(time)?;
    let local = date.and_time(clock_time(time)?).and_utc();
    local.timestamp_millis().checked_sub(offset * 60_000)
}

/// `YYYY-MM-DD`.
fn calendar_date(text: &str) -> Option<NaiveDate> {
    let mut parts = text.split('-');
    let year = digits(parts.next()?, 4)?;
    let month = digits(parts.next()?, 2)?;
    let day = digits(parts.next()?, 2)?;
    if parts.next().is_some() {
        return None;
    }
    NaiveDate::from_ymd_opt(i32::try_from(year).ok()?, month, day)
}

/// `hh:mm`, `hh:mm:ss` or `hh:mm:ss.s`.
fn clock_time(text: &str) -> Option<NaiveTime> {
    let mut parts = text.split(':');
    let hour = digits(parts.next()?, 2)?;
    let minute = digits(parts.next()?, 2)?;
    let (second, milliseconds) = match parts.next() {
        None => (0, 0),
        Some(seconds) => match seconds.split_once('.') {
            None => (digits(seconds, 2)?, 0),
            Some((second, fraction)) => (digits(second, 2)?, milliseconds(fraction)?),
        },
    };
    if parts.next().is_some() {
        return None;
    }
    NaiveTime::from_hms_milli_opt(hour, minute, second, milliseconds)
}

fn milliseconds(fraction: &str) -> Option<u32> {
    if !are_digits(fraction) {
        return None;
    }
    let shortest = fraction.trim_end_matches('0');
    if shortest.len() > 3 {
        return None;
    }
    format!("{shortest:0<3}").parse().ok()
}

/// A time without its offset, and the offset in minutes: `Z`, `+hh:mm` or `-hh:mm`.
fn split_offset(time: &str) -> Option<(&str, i64)> {
    if let Some(time) = time.strip_suffix('Z') {
        return Some((time, 0));
    }
    let at = time.find(['+', '-'])?;
    let (time, offset) = time.split_at(at);
    let east = offset.starts_with('+');
    let (hours, minutes) = offset.get(1..)?.split_once(':')?;
    let hours = digits(hours, 2).filter(|hours| *hours < 24)?;
    let minutes = digits(minutes, 2).filter(|minutes| *minutes < 60)?;
    let total = i64::from(hours * 60 + minutes);
    Some((time, if east { total } else { -total }))
}

fn digits(text: &str, count: usize) -> Option<u32> {
    (text.len() == count && are_digits(text))
        .then(|| text.parse().ok())
        .flatten()
}

/// A moment as it is written in a policy: `2026-01-31T09:00:00Z`, with a fraction where it has one. None outside the
/// calendar.
pub(super) fn moment_text(moment: i64) -> Option<String> {
    DateTime::from_timestamp_millis(moment)
        .map(|moment| moment.to_rfc3339_opts(SecondsFormat::AutoSi, true))
}

/// A moment between the two bounds, neither of them included; None stands for no bound. A whole second away from the
/// lower bound where there is room. None where the bounds leave no room.
pub(super) fn moment_between(low: Option<i64>, high: Option<i64>) -> Option<i64> {
    match (low, high) {
        (None, None) => Some(0),
        (Some(low), None) => low.checked_add(1000),
        (None, Some(high)) => high.checked_sub(1000),
        (Some(low), Some(high)) => [1000, 1]
            .into_iter()
            .filter_map(|step| low.checked_add(step))
            .find(|between| *between < high),
    }
}

/// Addresses next to each other, the first and the last included.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub(super) enum AddressRange {
    V4 { first: u32, last: u32 },
    V6 { first: u128, last: u128 },
}

/// The addresses of a CIDR block such as `203.0.113.0/24`. An address alone stands for itself, and bits behind the
/// prefix are taken for zero.
pub(super) fn addresses(text: &str) -> Option<AddressRange> {
    let (address, prefix) = match text.split_once('/') {
        Some((address, prefix)) => (address, Some(prefix)),
        None => (text, None),
    };
    match address.parse().ok()? {
        IpAddr::V4(address) => {
            let hosts = u32::MAX
                .checked_shr(prefix_length(prefix, 32)?)
                .unwrap_or(0);
            let address = u32::from(address);
            Some(AddressRange::V4 {
                first: address & !hosts,
                last: address | hosts,
            })
        }
        IpAddr::V6(address) => {
            let hosts = u128::MAX
                .checked_shr(prefix_length(prefix, 128)?)
                .unwrap_or(0);
            let address = u128::from(address);
            Some(AddressRange::V6 {
                first: address & !hosts,
                last: address | hosts,
            })
        }
    }
}

fn prefix_length(prefix: Option<&str>, width: u32) -> Option<u32> {
    let Some(prefix) = prefix else {
        return Some(width);
    };
    if !are_digits(prefix) || prefix.len() > 3 || (prefix.len() > 1 && prefix.starts_with('0')) {
        return None;
    }
    prefix.parse().ok().filter(|length| *length <= width)
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn parsed(text: &str) -> Number {
        number(text).unwrap_or_else(|| panic!("{text}"))
    }

    #[test]
    fn numbers_are_decimals_without_rounding() {
        for (written, shown) in [
            ("10", "10"),
            ("0010.500", "10.5"),
            ("-0.0", "0"),
            ("-3.25", "-3.25"),
            (
                "123456789012345678901234567890.1",
                "123456789012345678901234567890.1",
            ),
        ] {
            assert_eq!(parsed(written).to_string(), shown);
        }
        for wrong in [
            "", "-", ".5", "5.", "+5", "1e3", "1,000", " 1", "0x10", "ten", "1.2.3", "--1", "٣",
        ] {
            assert_eq!(number(wrong), None, "{wrong}");
        }
    }

    #[test]
    fn numbers_are_ordered_by_size() {
        let ordered = [
            "-100",
            "-99.5",
            "-2",
            "-1.05",
            "-1",
            "-0.1",
            "0",
            "0.05",
            "0.5",
            "0.55",
            "1",
            "9",
            "10",
            "10.01",
            "100000000000000000000000000000",
            "100000000000000000000000000001",
        ];
        for pair in ordered.windows(2) {
            assert!(parsed(pair[0]) < parsed(pair[1]), "{pair:?}");
        }
        assert_eq!(parsed("1.0"), parsed("01"));
    }

    #[test]
    fn a_number_between_is_found_where_there_is_room() {
        let between = |low: &str, high: &str| {
            Number::between(number(low).as_ref(), number(high).as_ref()).map(|n| n.to_string())
        };
        assert_eq!(between("5", "10").as_deref(), Some("6"));
        assert_eq!(between("5", "6").as_deref(), Some("5.1"));
        assert_eq!(between("5.9", "5.91").as_deref(), Some("5.901"));
        assert_eq!(between("-1", "0").as_deref(), Some("-0.1"));
        assert_eq!(between("-10", "-5").as_deref(), Some("-6"));
        assert_eq!(between("-10", "5").as_deref(), Some("0"));
        assert_eq!(between("5", "5"), None);
        assert_eq!(between("6", "5"), None);
        assert_eq!(between("99", "").as_deref(), Some("100"));
        assert_eq!(between("-10", "").as_deref(), Some("-9"));
        assert_eq!(between("-10.5", "").as_deref(), Some("-10"));
        assert_eq!(between("", "0").as_deref(), Some("-1"));
        assert_eq!(between("", "0.5").as_deref(), Some("0"));
        assert_eq!(between("", "").as_deref(), Some("0"));
    }

    proptest! {
        #[test]
        fn a_number_between_lies_between(a in "-?[0-9]{1,4}(\\.[0-9]{1,4})?", b in "-?[0-9]{1,4}(\\.[0-9]{1,4})?") {
            let (a, b) = (parsed(&a), parsed(&b));
            let (low, high) = if a < b { (a, b) } else { (b, a) };
            let middle = Number::between(Some(&low), Some(&high));
            prop_assert_eq!(middle.is_some(), low < high);
            if let Some(middle) = middle {
                prop_assert!(low < middle && middle < high);
                prop_assert_eq!(number(&middle.to_string()), Some(middle));
            }
            prop_assert!(low.just_below() < low && low < low.just_above());
        }

        #[test]
        fn moments_come_back_from_their_text(moment in -62_135_596_800_000_i64..253_402_300_800_000) {
            let text = moment_text(moment).unwrap();
            prop_assert_eq!(super::moment(&text), Some(moment), "{}", text);
        }

        #[test]
        fn no_text_makes_it_panic(text in "\\PC{0,20}") {
            let _ = (number(&text), moment(&text), addresses(&text));
        }
    }

    #[test]
    fn moments_are_dates_times_or_seconds() {
        for (text, expected) in [
            ("1970-01-01", 0),
            ("1970-01-02T00:00Z", 86_400_000),
            ("2020-01-01T00:00:01Z", 1_577_836_801_000),
            ("2020-01-01T00:00:01.5Z", 1_577_836_801_500),
            ("2020-01-01T00:00:01.123000Z", 1_577_836_801_123),
            ("2020-01-01T01:00:01+01:00", 1_577_836_801_000),
            ("2019-12-31T18:30:01-05:30", 1_577_836_801_000),
            ("1577836801", 1_577_836_801_000),
        ] {
            assert_eq!(moment(text), Some(expected), "{text}");
        }
        for wrong in [
            "",
            "2020",
            "2020-1-1",
            "2020-02-30",
            "2020-01-01T00:00:00",
            "2020-01-01 00:00:00Z",
            "2020-01-01T25:00Z",
            "2020-01-01T00:00:00.0001Z",
            "2020-01-01T00:00:00+24:00",
            "2020-01-01T00Z",
            "2020-01-01T00:00:00.Z",
            "today",
            "2020-*",
            "9223372036854775807",
            "99999999999999999999",
            "-5",
        ] {
            assert_eq!(moment(wrong), None, "{wrong}");
        }
    }

    #[test]
    fn a_moment_between_is_found_where_there_is_room() {
        assert_eq!(moment_between(Some(0), Some(10_000)), Some(1000));
        assert_eq!(moment_between(Some(0), Some(2)), Some(1));
        assert_eq!(moment_between(Some(0), Some(1)), None);
        assert_eq!(moment_between(None, Some(0)), Some(-1000));
        assert_eq!(moment_between(Some(0), None), Some(1000));
        assert_eq!(
            moment_text(1_577_836_801_500).as_deref(),
            Some("2020-01-01T00:00:01.500Z")
        );
    }

    #[test]
    fn address_blocks_are_ranges() {
        let v4 = |first: [u8; 4], last: [u8; 4]| {
            Some(AddressRange::V4 {
                first: u32::from_be_bytes(first),
                last: u32::from_be_bytes(last),
            })
        };
        assert_eq!(
            addresses("203.0.113.0/24"),
            v4([203, 0, 113, 0], [203, 0, 113, 255])
        );
        assert_eq!(
            addresses("203.0.113.7/24"),
            v4([203, 0, 113, 0], [203, 0, 113, 255])
        );
        assert_eq!(
            addresses("203.0.113.7"),
            v4([203, 0, 113, 7], [203, 0, 113, 7])
        );
        assert_eq!(addresses("0.0.0.0/0"), v4([0; 4], [255; 4]));
        assert_eq!(
            addresses("2001:DB8:1234:5678::/64"),
            Some(AddressRange::V6 {
                first: 0x2001_0db8_1234_5678_0000_0000_0000_0000,
                last: 0x2001_0db8_1234_5678_ffff_ffff_ffff_ffff,
            })
        );
        assert_eq!(
            addresses("::/0"),
            Some(AddressRange::V6 {
                first: 0,
                last: u128::MAX
            })
        );
        for wrong in [
            "",
            "10.0.0.0/33",
            "::/129",
            "10.0.0.0/",
            "10.0.0/8",
            "10.0.0.0/08",
            "10.0.0.0/+8",
            "10.0.0.256",
            "10.0.0.0/255.0.0.0",
            "010.0.0.1",
            "10.0.0.0/8/8",
            "10.0.0.*",
            "any",
        ] {
            assert_eq!(addresses(wrong), None, "{wrong}");
        }
    }
}
