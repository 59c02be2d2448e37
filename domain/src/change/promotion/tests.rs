// A test may stop at the first surprise.
#![allow(clippy::unwrap_used)]

use super::*;
use crate::blueprint::parse_manifest;

const MANIFEST: &str = r#"
name = "table"
title = "Table"
version = "1"
summary = "A table."
owner = "platform"
stages = ["dev", "staging", "prod"]
[[stack]]
name = "main"
template = "template.yaml"
[[group]]
title = "Table"
parameters = ["Writes", "Reads", "Days", "Protect", "Mail"]
[parameter.Writes]
label = "Writes"
type = "boolean"
default = false
[parameter.Reads]
label = "Reads"
type = "integer"
default = 5
stage = { prod = 50 }
[parameter.Days]
label = "Days"
type = "integer"
default = 7
stage = { staging = 14, prod = 35 }
[parameter.Protect]
label = "Protect"
type = "boolean"
default = false
fixed-at = ["prod"]
stage = { prod = true }
[parameter.Mail]
label = "Mail"
type = "email"
required = false
"#;

/// Names and values.
type Pairs<'a> = &'a [(&'a str, &'a str)];

fn manifest(source: &str) -> Manifest {
    parse_manifest("manifest.toml", source).unwrap()
}

fn values(pairs: Pairs<'_>) -> BTreeMap<String, String> {
    pairs
        .iter()
        .map(|(name, value)| ((*name).to_owned(), (*value).to_owned()))
        .collect()
}

/// `Name=value why` of each parameter.
fn carried(
    source: Pairs<'_>,
    way: (Stage, Stage),
    target: Option<(Pairs<'_>, Option<Pairs<'_>>)>,
) -> Vec<String> {
    let manifest = manifest(MANIFEST);
    let target = target.map(|(now, brought)| (values(now), brought.map(values)));
    let in_force = target.as_ref().map(|(parameters, brought)| InForce {
        manifest: &manifest,
        parameters,
        brought: brought.as_ref(),
    });
    promoted_parameters(&manifest, &values(source), way, in_force)
        .into_iter()
        .map(|parameter| {
            let value = parameter.incoming.unwrap_or_else(|| "none".to_owned());
            format!("{}={value} {:?}", parameter.name, parameter.carried)
        })
        .collect()
}

const AT_DEV: [(&str, &str); 4] = [
    ("Writes", "true"),
    ("Reads", "6"),
    ("Days", "3"),
    ("Protect", "false"),
];

#[test]
fn values_stay_but_for_those_that_a_stage_has_of_its_own() {
    assert_eq!(
        carried(&AT_DEV, (Stage::Dev, Stage::Staging), None),
        [
            "Writes=true Stays",
            "Reads=6 Stays",
            "Days=14 StagesOwn",
            "Protect=false Stays",
            "Mail=none Stays"
        ]
    );
    let at_staging = [
        ("Writes", "true"),
        ("Reads", "6"),
        ("Days", "14"),
        ("Protect", "false"),
        ("Mail", "a@example.test"),
    ];
    assert_eq!(
        carried(&at_staging, (Stage::Staging, Stage::Prod), None),
        [
            "Writes=true Stays",
            "Reads=50 StagesOwn",
            "Days=35 StagesOwn",
            "Protect=true Fixed",
            "Mail=a@example.test Stays"
        ]
    );
}

#[test]
fn what_was_chosen_at_the_next_stage_is_kept_where_the_manifest_lets_it_differ() {
    let way = (Stage::Dev, Stage::Staging);
    let there = [
        ("Writes", "false"),
        ("Reads", "9"),
        ("Days", "20"),
        ("Protect", "false"),
        ("Mail", "staging@example.test"),
    ];
    assert_eq!(
        carried(&AT_DEV, way, Some((&there, None))),
        [
            "Writes=true Stays",
            "Reads=9 Kept",
            "Days=20 Kept",
            "Protect=false Stays",
            "Mail=none Stays"
        ]
    );
    // What an earlier promotion brought is nobody's choice there.
    let brought: &[(&str, &str)] = &[("Reads", "9"), ("Days", "3")];
    assert_eq!(
        carried(&AT_DEV, way, Some((&there, Some(brought))))[1..3],
        ["Reads=6 Stays", "Days=20 Kept"]
    );
    // A default that was never changed follows the manifest.
    let there = [("Reads", "5"), ("Days", "14")];
    assert_eq!(
        carried(&AT_DEV, way, Some((&there, None)))[1..3],
        ["Reads=6 Stays", "Days=14 StagesOwn"]
    );
}

#[test]
fn a_fixed_value_is_kept_by_nobody() {
    let there = [("Protect", "false"), ("Reads", "70")];
    let carried = carried(&AT_DEV, (Stage::Staging, Stage::Prod), Some((&there, None)));
    assert_eq!(carried[1], "Reads=70 Kept");
    assert_eq!(carried[3], "Protect=true Fixed");
}

#[test]
fn a_default_that_the_new_version_moves_is_no_choice() {
    let before = manifest(MANIFEST);
    let after = manifest(&MANIFEST.replace("staging = 14", "staging = 21"));
    let there = values(&[("Days", "14")]);
    let target = InForce {
        manifest: &before,
        parameters: &there,
        brought: None,
    };
    let way = (Stage::Dev, Stage::Staging);
    let promoted = promoted_parameters(&after, &values(&AT_DEV), way, Some(target));
    let days = promoted.iter().find(|one| one.name == "Days").unwrap();
    assert_eq!(
        (days.current.as_deref(), days.incoming.as_deref()),
        (Some("14"), Some("21"))
    );
    assert_eq!(days.carried, Carried::StagesOwn);
}

fn now() -> DateTime<Utc> {
    DateTime::from_timestamp(1_790_000_000, 0).unwrap()
}

fn good() -> PromotionFacts {
    PromotionFacts {
        from: Stage::Dev,
        to: Stage::Staging,
        runs: Some(ReleaseNumber(15)),
        decommissioned: false,
        latest: Some((ChangeNumber(44), LatestDeployment::Succeeded)),
        held_since: Some(now() - TimeDelta::minutes(60)),
        soak_minutes: 60,
        offered: true,
        has_account: true,
        open: None,
        same: None,
    }
}

#[test]
fn each_refusal_has_its_words() {
    type Case = (fn(&mut PromotionFacts), &'static str);
    let table: [Case; 17] = [
        (|_| {}, ""),
        (
            |facts| facts.from = Stage::Staging,
            "A release does not go from staging straight to staging: from staging it is promoted to prod.",
        ),
        (
            |facts| facts.to = Stage::Prod,
            "A release does not go from dev straight to prod: from dev it is promoted to staging.",
        ),
        (
            |facts| facts.to = Stage::Dev,
            "A release does not go from dev straight to dev: from dev it is promoted to staging.",
        ),
        (
            |facts| facts.from = Stage::Prod,
            "prod is the last stage; there is nowhere to promote to from here.",
        ),
        (
            |facts| facts.from = Stage::Feature,
            "Releases are promoted from dev to staging and on to prod; feature is not on that way.",
        ),
        (
            |facts| facts.to = Stage::Recovery,
            "Releases are promoted from dev to staging and on to prod; recovery is not on that way.",
        ),
        (
            |facts| facts.runs = None,
            "Nothing runs at dev yet; a release can be promoted once it was deployed there.",
        ),
        (
            |facts| {
                facts.runs = None;
                facts.decommissioned = true
            },
            "The environment at dev was decommissioned, so no release runs there that could be promoted.",
        ),
        (
            |facts| facts.latest = Some((ChangeNumber(44), LatestDeployment::Failed)),
            "The latest deployment at dev, CH-44, failed. Deploy a release there that succeeds, then promote it.",
        ),
        (
            |facts| facts.latest = Some((ChangeNumber(44), LatestDeployment::UnderWay)),
            "CH-44 is being deployed at dev; wait until it has ended.",
        ),
        (
            |facts| facts.held_since = Some(now() - TimeDelta::minutes(12)),
            "r15 is soaking at dev: 48 min to go.",
        ),
        (
            |facts| facts.offered = false,
            "This version of the blueprint is not offered at staging.",
        ),
        (
            |facts| facts.has_account = false,
            "No AWS account is set up for staging; a platform engineer can add one.",
        ),
        (
            |facts| facts.open = Some(ChangeNumber(50)),
            "CH-50 is still open at staging; it has to end first.",
        ),
        (
            |facts| facts.same = Some(ReleaseNumber(14)),
            "r14 at staging already has the same blueprint version and parameters, so there is nothing to promote.",
        ),
        (
            |facts| {
                facts.held_since = Some(now());
                facts.open = Some(ChangeNumber(50))
            },
            "r15 is soaking at dev: 1 h to go. CH-50 is still open at staging; it has to end first.",
        ),
    ];
    for (spoil, words) in table {
        let mut facts = good();
        spoil(&mut facts);
        let reasons = cannot_promote(&facts, now());
        let said: Vec<_> = reasons.iter().map(ToString::to_string).collect();
        assert_eq!(said.join(" "), words, "{facts:?}");
    }
}

#[test]
fn a_soak_ends_to_the_second_and_is_said_in_whole_minutes() {
    let left = |seconds: i64, soak: u32| {
        SoakLeft::of(now() - TimeDelta::seconds(seconds), soak, now()).map(|it| it.to_string())
    };
    assert_eq!(left(0, 0), None);
    assert_eq!(left(60, 1), None);
    assert_eq!(left(59, 1).as_deref(), Some("1 min"));
    assert_eq!(left(12 * 60, 60).as_deref(), Some("48 min"));
    assert_eq!(left(12 * 60 + 1, 60).as_deref(), Some("48 min"));
    assert_eq!(left(0, 90).as_deref(), Some("1 h 30 min"));
    assert_eq!(left(0, 3 * 1440 + 120).as_deref(), Some("3 days 2 h"));
    // A clock that runs behind the database's makes it longer, never shorter.
    assert_eq!(left(-5, 1).as_deref(), Some("2 min"));
}

#[test]
fn the_ladder_has_one_way_up() {
    assert_eq!(next_stage(Stage::Dev), Some(Stage::Staging));
    assert_eq!(next_stage(Stage::Staging), Some(Stage::Prod));
    for stage in [Stage::Prod, Stage::Feature, Stage::Recovery] {
        assert_eq!(next_stage(stage), None);
    }
    assert_eq!(stage_before(Stage::Prod), Some(Stage::Staging));
    assert_eq!(stage_before(Stage::Dev), None);
}
