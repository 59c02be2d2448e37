use super::*;
use chrono::{Datelike, Days, NaiveDate, NaiveDateTime, NaiveTime, TimeZone, Weekday};
use proptest::prelude::*;

fn local(text: &str) -> NaiveDateTime {
    NaiveDateTime::parse_from_str(text, "%Y-%m-%d %H:%M").unwrap()
}

fn utc(text: &str) -> DateTime<Utc> {
    local(text).and_utc()
}

fn clock(text: &str) -> TimeOfDay {
    text.parse().unwrap()
}

fn window(period: Period) -> FreezeWindow {
    FreezeWindow {
        stages: [Stage::Prod].into(),
        scope: Scope::Everyone,
        period,
        reason: "Year-end close".to_owned(),
        owner: "Finance".to_owned(),
    }
}

fn once(zone: Zone, from: &str, to: &str) -> FreezeWindow {
    window(Period::once(zone, local(from), local(to)).unwrap())
}

fn weekly(zone: Zone, days: &[Weekday], from: &str, to: &str) -> FreezeWindow {
    window(Period::weekly(zone, days.to_vec(), clock(from), clock(to)).unwrap())
}

fn until(at: &str, windows: &[FreezeWindow]) -> Option<Option<DateTime<Utc>>> {
    let (team, service) = ("payments".parse().unwrap(), "checkout".parse().unwrap());
    let place = Place {
        team: &team,
        service: Some(&service),
        stage: Stage::Prod,
    };
    held(utc(at), place, windows).map(|held| held.until)
}

const BERLIN: Zone = Zone::Europe__Berlin;

#[test]
fn a_window_holds_from_its_begin_up_to_its_end() {
    let windows = [once(BERLIN, "2026-12-18 18:00", "2027-01-04 06:00")];
    let end = Some(Some(utc("2027-01-04 05:00")));
    assert_eq!(until("2026-12-18 16:59", &windows), None);
    assert_eq!(until("2026-12-18 17:00", &windows), end);
    assert_eq!(until("2027-01-04 04:59", &windows), end);
    assert_eq!(until("2027-01-04 05:00", &windows), None);
}

#[test]
fn a_weekly_window_runs_over_midnight_and_over_the_end_of_the_week() {
    let windows = [weekly(BERLIN, &[Weekday::Sun], "22:00", "06:00")];
    assert_eq!(until("2026-11-22 20:59", &windows), None);
    let monday = Some(Some(utc("2026-11-23 05:00")));
    assert_eq!(until("2026-11-22 21:00", &windows), monday);
    assert_eq!(until("2026-11-23 04:59", &windows), monday);
    assert_eq!(until("2026-11-23 05:00", &windows), None);
}

#[test]
fn windows_that_touch_or_overlap_are_joined() {
    let windows = [
        weekly(BERLIN, &[Weekday::Fri], "18:00", "24:00"),
        weekly(BERLIN, &[Weekday::Sat, Weekday::Sun], "00:00", "24:00"),
        weekly(BERLIN, &[Weekday::Mon], "00:00", "06:00"),
        once(BERLIN, "2026-11-23 05:00", "2026-11-23 09:00"),
    ];
    let end = Some(Some(utc("2026-11-23 08:00")));
    assert_eq!(until("2026-11-20 17:00", &windows), end);
    assert_eq!(until("2026-11-21 12:00", &windows), end);
}

#[test]
fn who_freezes_for_ever_sees_no_end() {
    let days = [
        Weekday::Mon,
        Weekday::Tue,
        Weekday::Wed,
        Weekday::Thu,
        Weekday::Fri,
        Weekday::Sat,
        Weekday::Sun,
    ];
    let windows = [weekly(BERLIN, &days, "00:00", "24:00")];
    assert_eq!(until("2026-11-21 12:00", &windows), Some(None));
}

#[test]
fn a_clock_change_makes_a_freeze_longer_never_shorter() {
    // On 29 March 2026 the clock goes from 02:00 to 03:00, at 01:00 UTC.
    let begins = once(BERLIN, "2026-03-29 02:30", "2026-03-29 08:00");
    assert_eq!(
        begins.period.next(utc("2026-03-28 00:00")).unwrap().from,
        utc("2026-03-29 00:30")
    );
    let ends = once(BERLIN, "2026-03-28 20:00", "2026-03-29 02:30");
    assert_eq!(
        ends.period.next(utc("2026-03-28 00:00")).unwrap().to,
        utc("2026-03-29 01:30")
    );
    // On 25 October 2026 it is 02:30 twice, at 00:30 and at 01:30 UTC.
    let begins = once(BERLIN, "2026-10-25 02:30", "2026-10-25 08:00");
    assert_eq!(
        begins.period.next(utc("2026-10-24 00:00")).unwrap().from,
        utc("2026-10-25 00:30")
    );
    let ends = once(BERLIN, "2026-10-24 20:00", "2026-10-25 02:30");
    assert_eq!(
        ends.period.next(utc("2026-10-24 00:00")).unwrap().to,
        utc("2026-10-25 01:30")
    );
}

#[test]
fn a_window_is_about_its_stages_and_its_scope() {
    let (payments, logistics): (TeamName, TeamName) =
        ("payments".parse().unwrap(), "logistics".parse().unwrap());
    let (checkout, ledger): (ServiceName, ServiceName) =
        ("checkout".parse().unwrap(), "ledger".parse().unwrap());
    let all = once(BERLIN, "2026-12-18 18:00", "2027-01-04 06:00");
    let of = |scope: Scope| FreezeWindow {
        scope,
        ..all.clone()
    };
    let covers = |window: &FreezeWindow, team, service, stage| {
        window.covers(Place {
            team,
            service,
            stage,
        })
    };
    assert!(covers(&all, &logistics, None, Stage::Prod));
    assert!(!covers(&all, &logistics, None, Stage::Dev));
    let team = of(Scope::Team(payments.clone()));
    assert!(covers(&team, &payments, None, Stage::Prod));
    assert!(!covers(&team, &logistics, None, Stage::Prod));
    let service = of(Scope::Service(payments.clone(), checkout.clone()));
    assert!(covers(&service, &payments, Some(&checkout), Stage::Prod));
    assert!(!covers(&service, &payments, Some(&ledger), Stage::Prod));
    assert!(!covers(&service, &logistics, Some(&checkout), Stage::Prod));
    assert!(!covers(&service, &payments, None, Stage::Prod));
}

#[test]
fn what_comes_next_is_the_nearest_that_does_not_hold_yet() {
    let team = "payments".parse().unwrap();
    let place = Place {
        team: &team,
        service: None,
        stage: Stage::Prod,
    };
    let windows = [
        weekly(BERLIN, &[Weekday::Fri], "18:00", "24:00"),
        once(BERLIN, "2026-11-19 18:00", "2026-11-19 20:00"),
    ];
    let next = |at, hours| {
        let found = coming(utc(at), TimeDelta::hours(hours), place, &windows);
        found.map(|(next, _)| next.from)
    };
    assert_eq!(next("2026-11-18 17:00", 24), Some(utc("2026-11-19 17:00")));
    assert_eq!(next("2026-11-18 16:59", 24), None);
    assert_eq!(next("2026-11-19 17:00", 24), Some(utc("2026-11-20 17:00")));
    assert_eq!(next("2026-11-20 18:00", 24), None);
}

#[test]
fn periods_that_can_not_be_are_refused_in_words() {
    let words = |period: Result<Period, InvalidPeriod>| period.unwrap_err().to_string();
    let at = local("2026-12-18 18:00");
    insta::assert_snapshot!(
        words(Period::once(BERLIN, at, local("2026-12-18 06:00"))),
        @"it ends at Fri 18 Dec 2026 06:00, which is not after Fri 18 Dec 2026 18:00, when it begins"
    );
    assert!(Period::once(BERLIN, at, at).is_err());
    insta::assert_snapshot!(
        words(Period::weekly(BERLIN, vec![Weekday::Fri], clock("06:00"), clock("06:00"))),
        @"it begins and ends at 06:00; for a whole day write from 00:00 to 24:00, for an end on the day after an earlier time"
    );
    insta::assert_snapshot!(
        words(Period::weekly(BERLIN, vec![], clock("06:00"), clock("08:00"))),
        @"it has no days; name at least one, for example friday"
    );
    assert!(Period::weekly(BERLIN, vec![Weekday::Fri], clock("24:00"), clock("08:00")).is_err());
    let far = NaiveDate::MAX.and_time(NaiveTime::MIN);
    insta::assert_snapshot!(
        words(Period::once(BERLIN, at, far)),
        @"the year 262142 is not between 1970 and 9999"
    );
    for wrong in ["", "24:01", "7:00", "07:60", "+7:00", "07.00", "99:00"] {
        assert!(wrong.parse::<TimeOfDay>().is_err(), "{wrong}");
    }
}

#[test]
fn an_unknown_zone_is_answered_with_one_that_is_known() {
    let words = |name| zone_named(name).unwrap_err().to_string();
    insta::assert_snapshot!(
        words("Europe/Berln"),
        @"“Europe/Berln” is not a time zone; write a name of the IANA time zone database, for example Europe/Berlin. Did you mean `Europe/Berlin`?"
    );
    insta::assert_snapshot!(
        words("tokyo"),
        @"“tokyo” is not a time zone; write a name of the IANA time zone database, for example Asia/Tokyo."
    );
    assert_eq!(zone_named("Europe/Berlin"), Ok(BERLIN));
}

#[test]
fn windows_read_as_people_say_them() {
    let days = [Weekday::Sun, Weekday::Sat, Weekday::Sat];
    insta::assert_snapshot!(
        weekly(BERLIN, &days, "22:00", "06:00").period,
        @"Saturdays and Sundays 22:00 to 06:00 the day after, Europe/Berlin"
    );
    insta::assert_snapshot!(
        once(BERLIN, "2026-12-18 18:00", "2027-01-04 06:00").period,
        @"Fri 18 Dec 2026 18:00 to Mon 4 Jan 2027 06:00, Europe/Berlin"
    );
    let now = utc("2026-11-21 12:00");
    assert_eq!(
        in_words(utc("2026-11-23 05:00"), BERLIN, now),
        "Mon 23 Nov 06:00 Europe/Berlin"
    );
    assert_eq!(
        in_words(utc("2027-01-04 05:00"), BERLIN, now),
        "Mon 4 Jan 2027 06:00 Europe/Berlin"
    );
}

#[test]
fn windows_of_the_same_stages_and_scope_that_overlap_are_found() {
    const TOKYO: Zone = Zone::Asia__Tokyo;
    let now = utc("2026-11-21 12:00");
    let overlap = |one: &FreezeWindow, other: &FreezeWindow| {
        let found = one.overlaps(other, now);
        assert_eq!(found, other.overlaps(one, now));
        found
    };
    let winter = once(BERLIN, "2026-12-18 18:00", "2027-01-04 06:00");
    let after = once(BERLIN, "2027-01-04 06:00", "2027-01-05 06:00");
    let into = once(TOKYO, "2027-01-04 13:59", "2027-01-05 06:00");
    assert!(!overlap(&winter, &after));
    assert!(overlap(&winter, &into));
    let dev = FreezeWindow {
        stages: [Stage::Dev].into(),
        ..into.clone()
    };
    let payments = Scope::Team("payments".parse().unwrap());
    let team = FreezeWindow {
        scope: payments,
        ..into
    };
    assert!(!overlap(&winter, &dev));
    assert!(!overlap(&winter, &team));

    let nights = weekly(BERLIN, &[Weekday::Sun], "22:00", "06:00");
    let monday = weekly(BERLIN, &[Weekday::Mon], "06:00", "08:00");
    let early = weekly(BERLIN, &[Weekday::Mon], "05:59", "08:00");
    let in_tokyo = weekly(TOKYO, &[Weekday::Mon], "12:00", "13:00");
    assert!(!overlap(&nights, &monday));
    assert!(overlap(&nights, &early));
    assert!(overlap(&nights, &in_tokyo));
    assert!(!overlap(&monday, &in_tokyo));
    assert!(
        !overlap(&winter, &nights),
        "a one-off may lie over a weekly window"
    );
    // What is over overlaps nothing that is to come.
    let over = once(BERLIN, "2025-12-18 18:00", "2026-01-04 06:00");
    assert!(!overlap(
        &over,
        &once(BERLIN, "2026-01-01 00:00", "2027-01-01 00:00")
    ));
}

/// What a window says, before it is one.
#[derive(Clone, Debug)]
enum Said {
    Once(u64, u16, u32),
    Weekly(Vec<Weekday>, u16, u16),
}

fn said() -> impl Strategy<Value = Said> {
    let day = (0_u8..7).prop_map(|day| Weekday::try_from(day).unwrap());
    prop_oneof![
        (0_u64..12, 0_u16..1440, 1_u32..3000)
            .prop_map(|(day, at, length)| Said::Once(day, at, length)),
        (prop::collection::vec(day, 1..4), 0_u16..1440, 0_u16..=1440)
            .prop_filter("no time between", |(_, from, to)| from != to)
            .prop_map(|(days, from, to)| Said::Weekly(days, from, to)),
    ]
}

const MINUTE: TimeDelta = TimeDelta::minutes(1);

/// The instants that one occurrence freezes, told by looking at the clock on the wall each minute.
/// Nothing but what a clock shows at an instant is asked of the time zone.
fn by_the_clock(
    zone: Zone,
    minutes: &[(DateTime<Utc>, NaiveDateTime)],
    from: NaiveDateTime,
    to: NaiveDateTime,
) -> (DateTime<Utc>, DateTime<Utc>) {
    let all = |local: NaiveDateTime| -> Vec<DateTime<Utc>> {
        let mut found: Vec<_> = minutes
            .iter()
            .filter(|(_, wall)| *wall == local)
            .map(|(at, _)| *at)
            .collect();
        if found.is_empty() {
            // The clock leaps over it: counted back from after the leap, and on from before it.
            for pair in minutes.windows(2) {
                let [(before, showed), (after, shows)] = pair else {
                    continue;
                };
                if *showed < local && local < *shows {
                    found = vec![*after - (*shows - local), *before + (local - *showed)];
                }
            }
        }
        assert!(!found.is_empty(), "{zone} never shows {local}");
        found
    };
    (
        *all(from).iter().min().unwrap(),
        *all(to).iter().max().unwrap(),
    )
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(60))]

    /// Against the clock on the wall, minute by minute, around clock changes of several zones.
    #[test]
    fn until_is_the_first_free_minute(
        zone in prop::sample::select(vec![
            Zone::UTC, BERLIN, Zone::America__New_York, Zone::Australia__Lord_Howe,
            Zone::Asia__Kolkata, Zone::America__Santiago,
        ]),
        // Clocks change around each of these in one of the zones above.
        start in prop::sample::select(vec![
            "2026-03-24", "2026-03-03", "2026-10-20", "2026-10-28", "2026-03-31", "2026-09-01",
        ]),
        windows in prop::collection::vec(said(), 1..4),
        minute in 0_i64..10 * 1440,
    ) {
        let start: NaiveDate = start.parse().unwrap();
        let first = start.and_time(NaiveTime::MIN).and_utc() - TimeDelta::days(3);
        let minutes: Vec<_> = (0..30 * 1440)
            .map(|minute| {
                let at = first + MINUTE * minute;
                (at, zone.from_utc_datetime(&at.naive_utc()).naive_local())
            })
            .collect();
        let at_minute = |day: NaiveDate, minute: u16| day.and_time(NaiveTime::MIN) + MINUTE * minute.into();
        let time = |minute: u16| clock(&format!("{:02}:{:02}", minute / 60, minute % 60));
        let mut frozen = vec![false; minutes.len()];
        let mut freeze = |from: NaiveDateTime, to: NaiveDateTime| {
            let (from, to) = by_the_clock(zone, &minutes, from, to);
            for ((at, _), frozen) in minutes.iter().zip(&mut frozen) {
                *frozen |= from <= *at && *at < to;
            }
        };
        let mut read = Vec::new();
        for said in windows {
            read.push(match said {
                Said::Once(day, at, length) => {
                    let from = at_minute(start + Days::new(day), at);
                    let to = from + MINUTE * length as i32;
                    freeze(from, to);
                    window(Period::once(zone, from, to).unwrap())
                }
                Said::Weekly(days, from, to) => {
                    for day in start.iter_days().skip(1).take(22).filter(|day| days.contains(&day.weekday())) {
                        let ends = if to <= from { day + Days::new(1) } else { day };
                        freeze(at_minute(day, from), at_minute(ends, to));
                    }
                    window(Period::weekly(zone, days, time(from), time(to)).unwrap())
                }
            });
        }
        // Away from the begin, where a window that began before the first minute would be overlooked.
        let now = first + TimeDelta::days(6) + MINUTE * minute as i32;
        let here = (now - first).num_minutes() as usize;
        let (team, service) = ("payments".parse().unwrap(), "checkout".parse().unwrap());
        let place = Place { team: &team, service: Some(&service), stage: Stage::Prod };
        let is_frozen = |at| held(at, place, &read).is_some();
        prop_assert_eq!(is_frozen(now), frozen[here]);
        match held(now, place, &read) {
            Some(Held { until: Some(until), .. }) => {
                let end = here + frozen[here..].iter().position(|frozen| !frozen).unwrap();
                prop_assert_eq!(until, minutes[end].0);
                prop_assert!(!is_frozen(until), "the end is inside a window");
                prop_assert!(is_frozen(until - TimeDelta::nanoseconds(1)));
            }
            Some(Held { until: None, .. }) => prop_assert!(false, "no end in sight"),
            None => {
                let week = TimeDelta::days(7);
                let next = frozen[here..=here + 7 * 1440].iter().position(|frozen| *frozen);
                let coming = coming(now, week, place, &read).map(|(next, _)| next.from);
                prop_assert_eq!(coming, next.map(|ahead| minutes[here + ahead].0));
            }
        }
    }
}
