//! Every address stands in the matrix with what it asks of whoever goes there, and asks it.
use crate::browser::{Answer, Browser};
use crate::world::World;
use http::StatusCode;
use leptos_axum::generate_route_list;
use serde_json::json;
use server::http::addresses_of_posts;
use sqlx::PgPool;
use std::collections::BTreeSet;

const MATRIX: &str = include_str!("../../src/authz/matrix.txt");
const ROUTER: &str = include_str!("../../src/http/router.rs");

/// Method, address, and what it asks.
fn listed() -> Vec<[String; 3]> {
    let (_, addresses) = MATRIX.split_once("\naddresses\n").unwrap();
    addresses
        .lines()
        .map(|line| {
            let words: Vec<String> = line.split_whitespace().map(str::to_owned).collect();
            words.try_into().unwrap()
        })
        .collect()
}

#[test]
fn every_address_is_in_the_matrix() {
    let mut there: BTreeSet<(String, String)> = generate_route_list(app::App)
        .iter()
        .map(|route| ("GET".to_owned(), route.path().to_owned()))
        .collect();
    for (address, method) in addresses_of_posts() {
        there.insert((method.to_string(), address));
    }
    // What the router itself adds.
    for rest in ROUTER.split(".route(\"").skip(1) {
        let (address, _) = rest.split_once('"').unwrap();
        there.insert(("GET".to_owned(), address.to_owned()));
    }
    let listed: BTreeSet<_> = listed()
        .into_iter()
        .map(|[method, address, _]| (method, address))
        .collect();
    assert_eq!(listed, there);
}

async fn go(browser: &mut Browser, method: &str, address: &str) -> Answer {
    let digest = "0".repeat(64);
    let values = [
        ("number", "CH-1"),
        ("team", "payments"),
        ("service", "checkout"),
        ("stage", "dev"),
        ("release", "r1"),
        ("name", "a-blueprint"),
        ("digest", &digest),
        ("waiver", "W-1"),
    ];
    let address = values
        .iter()
        .fold(address.to_owned(), |address, (part, value)| {
            address.replace(&format!("{{{part}}}"), value)
        });
    match method {
        "GET" => browser.get(&address).await,
        _ => browser.post(&address, "same-origin").await,
    }
}

#[sqlx::test(migrations = "../migrations")]
async fn a_visitor_gets_past_what_is_open_to_anyone_only(pool: PgPool) {
    let world = World::new(pool).await;
    for [method, address, asks] in listed() {
        let mut browser = world.browser();
        let answer = go(&mut browser, &method, &address).await;
        let sent_to_sign_in =
            answer.status == StatusCode::SEE_OTHER && answer.location().starts_with("/sign-in");
        let refused = sent_to_sign_in || answer.status == StatusCode::UNAUTHORIZED;
        assert_eq!(
            refused,
            asks != "anyone",
            "{method} {address}: {}",
            answer.status
        );
    }
}

#[sqlx::test(migrations = "../migrations")]
async fn a_sign_in_that_grants_nothing_opens_nothing(pool: PgPool) {
    let world = World::new(pool).await;
    let mut browser = world.browser();
    browser.sign_in(&world.provider, &json!({})).await;
    for [method, address, asks] in listed() {
        if asks == "anyone" || asks == "signed-in" {
            continue;
        }
        let answer = go(&mut browser, &method, &address).await;
        let opened = answer.status.is_success()
            || (answer.status.is_redirection() && answer.location().starts_with("/changes/CH-"));
        assert!(
            !opened,
            "{method} {address}: {} {}",
            answer.status, answer.body
        );
    }
    let changed = [
        "change",
        "release",
        "environment_lock",
        "decision",
        "comment",
        "waiver",
    ];
    for table in changed {
        let count: i64 =
            sqlx::query_scalar(sqlx::AssertSqlSafe(format!("select count(*) from {table}")))
                .fetch_one(&world.pool)
                .await
                .unwrap();
        assert_eq!(count, 0, "{table}");
    }
}
