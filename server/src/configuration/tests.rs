use super::*;

const GOOD: &str = include_str!("good.toml");

fn good() -> Configuration {
    Configuration::parse("gatehouse.toml", GOOD).unwrap()
}

/// The mistakes after replacing `from`, which is there, by `to`.
fn mistakes(changes: &[(&str, &str)]) -> String {
    let mut source = GOOD.to_owned();
    for (from, to) in changes {
        assert!(source.contains(from), "{from} is not in the file");
        source = source.replacen(from, to, 1);
    }
    let errors = Configuration::parse("gatehouse.toml", &source).unwrap_err();
    let lines: Vec<_> = errors.iter().map(ToString::to_string).collect();
    lines.join("\n")
}

#[test]
fn a_good_file_says_who_and_where() {
    let configuration = good();
    assert_eq!(configuration.address.origin(), "http://127.0.0.1:3000");
    assert!(!configuration.address.is_secure());
    assert_eq!(configuration.sign_in.scopes, ["openid", "profile", "email"]);
    assert_eq!(configuration.sign_in.groups_claim, "groups");
    assert_eq!(
        configuration.sign_in.session_idle,
        Duration::from_secs(3600)
    );
    assert_eq!(
        configuration.sign_in.session_absolute,
        Duration::from_secs(12 * 3600)
    );
    assert_eq!(
        configuration.account_for(Stage::Feature).unwrap().name,
        "dev"
    );
    assert!(configuration.account_for(Stage::Staging).is_none());
    let payments: TeamName = "payments".parse().unwrap();
    assert_eq!(configuration.team(&payments).unwrap().title, "Payments");
}

#[test]
fn scopes_and_the_groups_claim_can_be_others() {
    let source = GOOD.replace(
        "client-id = \"gatehouse\"",
        "client-id = \"gatehouse\"\nscopes = [\"openid\", \"teams\"]\ngroups-claim = \"teams\"",
    );
    let sign_in = Configuration::parse("gatehouse.toml", &source)
        .unwrap()
        .sign_in;
    assert_eq!(sign_in.scopes, ["openid", "teams"]);
    assert_eq!(sign_in.groups_claim, "teams");
    insta::assert_snapshot!(mistakes(&[
        ("client-id = \"gatehouse\"", "client-id = \"gatehouse\"\nscopes = []\ngroups-claim = \"\""),
    ]), @r#"
    gatehouse.toml:8: scopes is empty; write for example ["openid", "profile", "email"]
    gatehouse.toml:9: groups-claim is empty; write for example "groups"
    "#);
}

#[test]
fn grants_are_merged_and_sorted_and_unmapped_values_grant_nothing() {
    let grants = |values: &[&str]| -> Vec<String> {
        let values: Vec<_> = values.iter().map(|value| (*value).to_owned()).collect();
        good().grants(&values).iter().map(Grant::words).collect()
    };
    assert!(grants(&[]).is_empty());
    assert!(grants(&["unknown:group", "PAYMENTS:developer", "payments"]).is_empty());
    assert_eq!(
        grants(&[
            "leads",
            "unknown:group",
            "payments:approver",
            "payments:developer",
            "leads"
        ]),
        [
            "developer · payments",
            "approver · payments (dev, prod)",
            "auditor"
        ]
    );
}

#[test]
fn every_mistake_is_told_with_its_line() {
    insta::assert_snapshot!(mistakes(&[
        ("http://127.0.0.1:3000", "http://gatehouse.example.com"),
        ("client-id = \"gatehouse\"", "client-id = \"gatehouse\"\nscopes = [\"profile\"]\ngroup-claim = \"teams\""),
        ("role = \"developer\"\nteam = \"payments\"", "role = \"developer\"\nteam = \"logistics\""),
        ("stages = [\"prod\"]", "stages = [\"staging\"]"),
        ("role = \"auditor\"", "role = \"auditor\"\nteam = \"payments\""),
        ("title = \"Payments\"", "title = 7"),
        ("111111111111:role/gatehouse-plan", "222222222222:role/gatehouse-plan"),
        ("0123456789abcdef", "0123"),
    ]), @r#"
    gatehouse.toml:3: address: “http://gatehouse.example.com” would send sessions in the clear; use https, or http on 127.0.0.1 or localhost only
    gatehouse.toml:8: scopes lacks "openid"; without it the identity provider gives no ID token
    gatehouse.toml:9: [sign-in] has no setting group-claim; it has issuer, client-id, scopes, groups-claim, session-idle-minutes, session-hours, role
    gatehouse.toml:31: role auditor takes no team; remove it
    gatehouse.toml:35: title is of type integer; write title = "Payments"
    gatehouse.toml:43: plan-role: “arn:aws:iam::222222222222:role/gatehouse-plan” belongs to account 222222222222, not to 111111111111; write for example plan-role = "arn:aws:iam::111111111111:role/gatehouse-plan"
    gatehouse.toml:47: external-id is too short to be unguessable, it has to have at least 16 characters; make one with `gatehouse external-id`
    "#);
}

#[test]
fn what_belongs_together_is_checked() {
    insta::assert_snapshot!(mistakes(&[
        ("role = \"approver\"\nteam = \"payments\"\nstages = [\"prod\"]", "role = \"approver\""),
        ("stages = [\"prod\"]\nregion", "stages = [\"prod\", \"dev\"]\nregion"),
        ("id = \"222222222222\"", "id = \"111111111111\""),
        ("role/gatehouse-execute", "role/gatehouse-plan"),
    ]), @r#"
    gatehouse.toml:14: role approver needs stages; add stages to this [[sign-in.role]]
    gatehouse.toml:14: role approver needs team; add team to this [[sign-in.role]]
    gatehouse.toml:39: execute-role is one of the account's other roles; plan, execute and service are three roles
    gatehouse.toml:46: account 111111111111 has an [[account]] already; put its stages there
    gatehouse.toml:48: stage dev is in account 111111111111 (dev) already; a stage has one account
    gatehouse.toml:50: plan-role: “arn:aws:iam::222222222222:role/gatehouse-plan” belongs to account 222222222222, not to 111111111111; write for example plan-role = "arn:aws:iam::111111111111:role/gatehouse-plan"
    gatehouse.toml:51: execute-role: “arn:aws:iam::222222222222:role/gatehouse-execute” belongs to account 222222222222, not to 111111111111; write for example execute-role = "arn:aws:iam::111111111111:role/gatehouse-execute"
    gatehouse.toml:52: service-role: “arn:aws:iam::222222222222:role/gatehouse-service” belongs to account 222222222222, not to 111111111111; write for example service-role = "arn:aws:iam::111111111111:role/gatehouse-service"
    gatehouse.toml:53: permissions-boundary: “arn:aws:iam::222222222222:policy/gatehouse-boundary” belongs to account 222222222222, not to 111111111111; write for example permissions-boundary = "arn:aws:iam::111111111111:policy/gatehouse-boundary"
    "#);
    insta::assert_snapshot!(mistakes(&[
        ("\nteam = \"payments\"\nstages = [\"prod\"]", "\nteam = \"logistics\"\nstages = [\"staging\"]"),
    ]), @r#"
    gatehouse.toml:17: there is no team logistics; the teams are payments
    gatehouse.toml:18: no [[account]] has the stage staging; add it to an account's stages or remove it here
    "#);
}

#[test]
fn what_is_not_toml_is_told_with_its_line() {
    insta::assert_snapshot!(mistakes(&[("name = \"payments\"", "name = payments")]), @"gatehouse.toml:31: this is not TOML: string values must be quoted, expected literal string");
    insta::assert_snapshot!(mistakes(&[("[[team]]", "[[team]")]), @"gatehouse.toml:30: this is not TOML: unclosed array table, expected `]`");
}

#[test]
fn an_address_is_https_or_on_this_machine() {
    for good in [
        "https://gatehouse.example.com",
        "https://gatehouse.example.com:8443/",
        "http://localhost:3000",
        "http://[::1]:3000",
    ] {
        assert!(good.parse::<Address>().is_ok(), "{good}");
    }
    for bad in [
        "http://gatehouse.example.com",
        "http://10.0.0.1",
        "http://127.0.0.1.example.com",
        "https://gatehouse.example.com/portal",
        "https://user@gatehouse.example.com",
        "ftp://gatehouse.example.com",
        "gatehouse.example.com",
    ] {
        assert!(bad.parse::<Address>().is_err(), "{bad}");
    }
    assert!("http://login.example.com".parse::<Issuer>().is_err());
    let issuer: Issuer = "https://login.example.com/tenant/v2.0".parse().unwrap();
    assert_eq!(issuer.origin(), "https://login.example.com");
}

const RULES: &str = r#"
[[rule]]
name = "early"
stages = ["dev"]
kinds = ["provision", "update"]
access = "not-widened"

[[rule]]
name = "all"
stages = ["dev", "prod"]
findings = "waived"
approvers = 2
security = 1
"#;

#[test]
fn rules_say_whose_approval_a_change_asks_for() {
    assert_eq!(good().rules, Rules::shipped());
    let source = format!("{GOOD}{RULES}");
    let rules = Configuration::parse("gatehouse.toml", &source)
        .unwrap()
        .rules;
    insta::assert_debug_snapshot!(rules);
}

#[test]
fn bad_rules_name_what_is_right() {
    let rules = RULES
        .replace("not-widened", "wide")
        .replace("\"waived\"", "\"forgiven\"")
        .replace("\"all\"", "\"early\"")
        .replace("approvers = 2", "approvers = 0")
        .replace("security = 1", "security = 11\nauditors = 1")
        .replace("\"update\"", "\"upgrade\"");
    let errors = Configuration::parse("gatehouse.toml", &format!("{GOOD}{rules}")).unwrap_err();
    let lines: Vec<_> = errors.iter().map(ToString::to_string).collect();
    insta::assert_snapshot!(lines.join("\n"));
}

#[test]
fn the_blueprints_that_count_as_vetted_are_listed_on_top() {
    let listed = |line: &str| Configuration::parse("gatehouse.toml", &format!("{line}\n{GOOD}"));
    assert!(good().vetted_blueprints.is_empty());
    let names = listed("vetted-blueprints = [\"orders-queue\"]")
        .unwrap()
        .vetted_blueprints;
    assert_eq!(names.len(), 1);
    let mistakes = |line: &str| {
        let errors = listed(line).unwrap_err();
        let lines: Vec<_> = errors.iter().map(ToString::to_string).collect();
        lines.join("\n")
    };
    insta::assert_snapshot!(mistakes("vetted-blueprints = [\"Orders\"]"), @r#"gatehouse.toml:1: vetted-blueprints: “Orders” can't be a blueprint name: use 1 to 40 lower-case letters, digits and single hyphens, starting with a letter"#);
    insta::assert_snapshot!(mistakes("vetted-blueprints = [\"a\", \"b\", \"a\"]"), @"gatehouse.toml:1: vetted-blueprints names a twice; keep one of them");
    insta::assert_snapshot!(mistakes("vetted-blueprints = \"a\""), @r#"gatehouse.toml:1: vetted-blueprints is of type string; write vetted-blueprints = ["customer-data-platform"]"#);
}
