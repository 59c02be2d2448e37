use super::*;

const GOOD: &str = r#"[portal]
address = "http://127.0.0.1:3000"

[sign-in]
issuer = "http://127.0.0.1:9400"
client-id = "gatehouse"
scopes = ["openid", "profile", "email", "groups"]
groups-claim = "groups"

[[sign-in.role]]
value = "payments:developer"
role = "developer"
team = "payments"

[[sign-in.role]]
value = "payments:approver"
role = "approver"
team = "payments"
stages = ["prod"]

[[sign-in.role]]
value = "leads"
role = "approver"
team = "payments"
stages = ["dev", "prod"]

[[sign-in.role]]
value = "leads"
role = "auditor"

[[team]]
name = "payments"
title = "Payments"
cost-centre = "CC-1001"

[[account]]
id = "111111111111"
name = "dev"
stages = ["dev", "feature"]
region = "eu-west-1"
plan-role = "arn:aws:iam::111111111111:role/gatehouse-plan"
execute-role = "arn:aws:iam::111111111111:role/gatehouse-execute"
service-role = "arn:aws:iam::111111111111:role/gatehouse-service"
permissions-boundary = "arn:aws:iam::111111111111:policy/gatehouse-boundary"
external-id = "0123456789abcdef"
artifact-bucket = "gatehouse-artifacts-111111111111-eu-west-1"

[[account]]
id = "222222222222"
name = "prod"
stages = ["prod"]
region = "eu-west-1"
plan-role = "arn:aws:iam::222222222222:role/gatehouse-plan"
execute-role = "arn:aws:iam::222222222222:role/gatehouse-execute"
service-role = "arn:aws:iam::222222222222:role/gatehouse-service"
permissions-boundary = "arn:aws:iam::222222222222:policy/gatehouse-boundary"
external-id = "fedcba9876543210"
artifact-bucket = "gatehouse-artifacts-222222222222-eu-west-1"
"#;

fn good() -> Configuration {
    Configuration::parse("gatehouse.toml", GOOD).unwrap()
}

#[test]
fn a_good_file_says_who_and_where() {
    let configuration = good();
    assert_eq!(configuration.address.origin(), "http://127.0.0.1:3000");
    assert!(!configuration.address.is_secure());
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
