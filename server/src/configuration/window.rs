//! Freeze windows: `[[freeze]]`.
use super::known_team;
use super::section::{At, Section};
use chrono::{DateTime, NaiveDateTime, Utc, Weekday};
use domain::change::window::{FreezeWindow, Period, Scope, TimeOfDay, Zone, zone_named};
use domain::names::{ServiceName, TeamName};
use domain::stage::Stage;
use std::collections::BTreeSet;
use std::str::FromStr;

/// A window that was read before, and the line that its table begins at.
pub(super) type Before = Vec<At<FreezeWindow>>;

/// A day of the week by its English name.
struct Day(Weekday);

impl FromStr for Day {
    type Err = String;

    fn from_str(name: &str) -> Result<Self, String> {
        // `Weekday` itself takes short names and any case too.
        name.parse()
            .map(Day)
            .map_err(|_| format!("“{name}” is not a day; a day is monday, tuesday, wednesday, thursday, friday, saturday or sunday"))
    }
}

/// Reads one `[[freeze]]`; `now` tells which windows are over, and those overlap nothing.
pub(super) fn read_freeze(
    mut section: Section<'_, '_>,
    teams: Option<&BTreeSet<TeamName>>,
    hosted: Option<&BTreeSet<Stage>>,
    before: &Before,
    now: DateTime<Utc>,
) -> Option<FreezeWindow> {
    let reason = section.text("reason", "\"Year-end close\"");
    let owner = section.text("owner", "\"Finance platform\"");
    let stages = section.list::<Stage>("stages", "[\"prod\"]");
    if let (Some(stages), Some(hosted)) = (&stages, hosted) {
        for stage in stages.value.iter().filter(|stage| !hosted.contains(stage)) {
            section.mistake(
                stages.line,
                format!("no [[account]] has the stage {stage}; add it to an account's stages or remove it here"),
            );
        }
    }
    let scope = read_scope(&mut section, teams);
    let zone = section.text("zone", "\"Europe/Berlin\"");
    let zone = zone.and_then(|zone| match zone_named(&zone.value) {
        Ok(known) => Some(known),
        Err(error) => {
            section.mistake(zone.line, format!("zone: {error}"));
            None
        }
    });
    let weekly = section.has("days");
    let days = section.list_if_any::<Day>("days", "[\"friday\", \"saturday\"]");
    let example = if weekly {
        ("\"18:00\"", "\"06:00\"")
    } else {
        ("\"2026-12-18 18:00\"", "\"2027-01-04 06:00\"")
    };
    let from = section.text("from", example.0);
    let to = section.text("to", example.1);
    let period = if weekly {
        let from = from.and_then(|from| read_time(&mut section, "from", &from));
        let to = to.and_then(|to| read_time(&mut section, "to", &to));
        weekly_period(&mut section, zone, days, from, to)
    } else {
        let from = from.and_then(|from| read_moment(&mut section, "from", &from, example.0));
        let to = to.and_then(|to| read_moment(&mut section, "to", &to, example.1));
        one_off_period(&mut section, zone, from, to)
    };
    let line = section.line();
    let window = (|| {
        Some(FreezeWindow {
            stages: stages?.value.into_iter().collect(),
            scope: scope?,
            period: period?,
            reason: reason?.value,
            owner: owner?.value,
        })
    })();
    if let Some(window) = &window
        && let Some(other) = before
            .iter()
            .find(|other| window.overlaps(&other.value, now))
    {
        section.mistake(
            line,
            format!(
                "this window overlaps the one at line {} ({}: {}), which is of the same stage and of {} too; \
                 make one window of them or move one",
                other.line, other.value.reason, other.value.period, other.value.scope
            ),
        );
    }
    section.finish();
    window
}

/// `None` when what is said can't be used.
fn read_scope(section: &mut Section<'_, '_>, teams: Option<&BTreeSet<TeamName>>) -> Option<Scope> {
    let team = section.text_if_any("team", "\"payments\"");
    let service = section.text_if_any("service", "\"checkout\"");
    match (team, service) {
        (None, None) => Some(Scope::Everyone),
        (Some(team), None) => known_team(section, &team, teams).map(Scope::Team),
        (None, Some(service)) => {
            section.mistake(
                service.line,
                "service needs team, since services of two teams may have one name; add team = \"payments\"",
            );
            None
        }
        (Some(team), Some(service)) => {
            let team = known_team(section, &team, teams);
            let name = service.value.parse::<ServiceName>();
            let name = name.map_err(|error| {
                section.mistake(service.line, format!("service: {error}"));
            });
            Some(Scope::Service(team?, name.ok()?))
        }
    }
}

fn read_time(
    section: &mut Section<'_, '_>,
    key: &str,
    given: &At<String>,
) -> Option<At<TimeOfDay>> {
    match given.value.trim().parse() {
        Ok(value) => Some(At {
            line: given.line,
            value,
        }),
        Err(error) => {
            section.mistake(given.line, format!("{key}: {error}"));
            None
        }
    }
}

fn read_moment(
    section: &mut Section<'_, '_>,
    key: &str,
    given: &At<String>,
    right: &str,
) -> Option<At<NaiveDateTime>> {
    match NaiveDateTime::parse_from_str(given.value.trim(), "%Y-%m-%d %H:%M") {
        Ok(value) => Some(At {
            line: given.line,
            value,
        }),
        Err(_) => {
            section.mistake(
                given.line,
                format!(
                    "{key}: “{}” is not a date and a time; write for example {key} = {right}, or add days for a \
                     window of every week",
                    given.value
                ),
            );
            None
        }
    }
}

fn weekly_period(
    section: &mut Section<'_, '_>,
    zone: Option<Zone>,
    days: Option<At<Vec<Day>>>,
    from: Option<At<TimeOfDay>>,
    to: Option<At<TimeOfDay>>,
) -> Option<Period> {
    let to = to?;
    let days = days?.value.into_iter().map(|day| day.0).collect();
    Period::weekly(zone?, days, from?.value, to.value)
        .map_err(|error| section.mistake(to.line, error.to_string()))
        .ok()
}

fn one_off_period(
    section: &mut Section<'_, '_>,
    zone: Option<Zone>,
    from: Option<At<NaiveDateTime>>,
    to: Option<At<NaiveDateTime>>,
) -> Option<Period> {
    let to = to?;
    Period::once(zone?, from?.value, to.value)
        .map_err(|error| section.mistake(to.line, error.to_string()))
        .ok()
}

#[cfg(test)]
mod tests {
    use crate::configuration::Configuration;
    use domain::change::window::{Place, held};
    use domain::stage::Stage;

    const GOOD: &str = include_str!("good.toml");

    const FREEZES: &str = r#"
[[freeze]]
reason = "Year-end close"
owner = "Finance"
stages = ["prod"]
zone = "Europe/Berlin"
from = "2090-12-18 18:00"
to = "2091-01-04 06:00"

[[freeze]]
reason = "Nobody is there"
owner = "Payments"
stages = ["dev", "prod"]
team = "payments"
service = "checkout"
zone = "Europe/Berlin"
days = ["friday"]
from = "18:00"
to = "06:00"
"#;

    fn mistakes(replacements: &[(&str, &str)]) -> String {
        let mut freezes = FREEZES.to_owned();
        for (good, bad) in replacements {
            assert!(freezes.contains(good), "{good}");
            freezes = freezes.replacen(good, bad, 1);
        }
        // So that lines are counted from the first table.
        let lines = GOOD.lines().count();
        let errors = Configuration::parse("f", &format!("{GOOD}{freezes}")).unwrap_err();
        let told = errors
            .iter()
            .map(|error| format!("{}: {}", error.line - lines, error.message));
        told.collect::<Vec<_>>().join("\n")
    }

    #[test]
    fn windows_are_read() {
        let configuration = Configuration::parse("f", &format!("{GOOD}{FREEZES}")).unwrap();
        let [close, nobody] = configuration.freezes.as_slice() else {
            panic!("{:#?}", configuration.freezes)
        };
        insta::assert_snapshot!(
            format!("{} · {} · {}", close.period, close.scope, close.owner),
            @"Mon 18 Dec 2090 18:00 to Thu 4 Jan 2091 06:00, Europe/Berlin · every team · Finance"
        );
        insta::assert_snapshot!(
            format!("{} · {} · {}", nobody.period, nobody.scope, nobody.owner),
            @"Fridays 18:00 to 06:00 the day after, Europe/Berlin · service payments/checkout · Payments"
        );
        let place = Place {
            team: &"payments".parse().unwrap(),
            service: Some(&"checkout".parse().unwrap()),
            stage: Stage::Dev,
        };
        let friday = "2026-11-20T17:00:00Z".parse().unwrap();
        let held = held(friday, place, &configuration.freezes).unwrap();
        assert_eq!(held.window.reason, "Nobody is there");
    }

    #[test]
    fn no_windows_are_no_mistake_and_one_that_has_ended_is_none() {
        assert!(Configuration::parse("f", GOOD).unwrap().freezes.is_empty());
        let over = FREEZES
            .replace("2090-12-18", "2020-12-18")
            .replace("2091-01-04", "2021-01-04");
        let twice =
            format!("{GOOD}{over}{over}").replacen("days = [\"friday\"]", "days = [\"monday\"]", 1);
        assert_eq!(Configuration::parse("f", &twice).unwrap().freezes.len(), 4);
    }

    #[test]
    fn every_mistake_is_told_with_its_line_and_what_would_be_right() {
        insta::assert_snapshot!(mistakes(&[
            ("2091-01-04 06:00", "2090-12-18 17:59"),
            ("[\"dev\", \"prod\"]", "[\"dev\", \"production\"]"),
            ("\"06:00\"", "\"6:00\""),
        ]), @r#"
        8: it ends at Mon 18 Dec 2090 17:59, which is not after Mon 18 Dec 2090 18:00, when it begins
        13: stages: “production” is not a stage; a stage is dev, staging, prod, feature or recovery
        19: to: “6:00” is not a time of day; write hours and minutes from 00:00 to 24:00, for example 18:30
        "#);
        insta::assert_snapshot!(mistakes(&[
            ("Europe/Berlin", "Europe/Berln"),
            ("stages = [\"prod\"]", "stages = [\"staging\"]"),
            ("days = [\"friday\"]", "days = []"),
            ("team = \"payments\"", "team = \"logistics\""),
        ]), @r#"
        5: no [[account]] has the stage staging; add it to an account's stages or remove it here
        6: zone: “Europe/Berln” is not a time zone; write a name of the IANA time zone database, for example Europe/Berlin. Did you mean `Europe/Berlin`?
        14: there is no team logistics; the teams are payments
        17: days is empty; write for example ["friday", "saturday"]
        "#);
        insta::assert_snapshot!(mistakes(&[
            ("2090-12-18 18:00", "18:00"),
            ("owner = \"Finance\"\n", ""),
            ("team = \"payments\"\n", ""),
            ("[\"friday\"]", "[\"freitag\"]"),
            ("\"06:00\"", "\"18:00\"\nuntil = \"06:00\""),
        ]), @r#"
        2: [[freeze]] has no owner; add owner = "Finance platform"
        6: from: “18:00” is not a date and a time; write for example from = "2026-12-18 18:00", or add days for a window of every week
        13: service needs team, since services of two teams may have one name; add team = "payments"
        15: days: “freitag” is not a day; a day is monday, tuesday, wednesday, thursday, friday, saturday or sunday
        18: [[freeze]] has no setting until; it has reason, owner, stages, team, service, zone, days, from, to
        "#);
    }

    #[test]
    fn a_window_that_overlaps_another_names_it() {
        let again = FREEZES
            .replace("2090-12-18", "2091-01-03")
            .replace("[\"friday\"]", "[\"saturday\"]")
            .replace("\"18:00\"\nto", "\"05:59\"\nto")
            .replace("Nobody is there", "Lie in");
        let errors = Configuration::parse("f", &format!("{GOOD}{FREEZES}{again}")).unwrap_err();
        let told: Vec<_> = errors.iter().map(|error| error.message.clone()).collect();
        insta::assert_snapshot!(told.join("\n"), @r#"
        this window overlaps the one at line 59 (Year-end close: Mon 18 Dec 2090 18:00 to Thu 4 Jan 2091 06:00, Europe/Berlin), which is of the same stage and of every team too; make one window of them or move one
        this window overlaps the one at line 67 (Nobody is there: Fridays 18:00 to 06:00 the day after, Europe/Berlin), which is of the same stage and of service payments/checkout too; make one window of them or move one
        "#);
    }
}
