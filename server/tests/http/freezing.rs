//! Freeze windows on pages.
use crate::world::World;
use http::StatusCode;
use sqlx::PgPool;

/// One that holds dev whenever this test runs, one of another team, one that is over.
const FREEZES: &str = r#"
[[freeze]]
reason = "Year-end <close>"
owner = "Finance"
stages = ["dev", "feature"]
zone = "Europe/Berlin"
from = "2000-01-01 00:00"
to = "2190-01-01 06:00"

[[freeze]]
reason = "Stocktaking of logistics"
owner = "Logistics"
stages = ["prod"]
team = "logistics"
zone = "Europe/Berlin"
days = ["monday", "tuesday", "wednesday", "thursday", "friday", "saturday", "sunday"]
from = "00:00"
to = "24:00"

[[freeze]]
reason = "Long over"
owner = "Finance"
stages = ["prod"]
zone = "Europe/Berlin"
from = "2000-01-01 00:00"
to = "2000-01-02 00:00"

[[team]]
name = "logistics"
title = "Logistics"
cost-centre = "CC-1002"
"#;

const UNTIL: &str = "until Fri 1 Jan 2190 06:00 Europe/Berlin";

#[sqlx::test(migrations = "../migrations")]
async fn the_list_shows_what_holds_comes_and_is_over_of_what_one_may_know(pool: PgPool) {
    let world = World::configured(pool, FREEZES).await;
    let mut browser = world.developer().await;
    let page = browser.get("/freezes").await;
    assert_eq!(page.status, StatusCode::OK);
    for words in [
        UNTIL,
        "Year-end &lt;close&gt;",
        "Long over",
        "ended Sun 2 Jan 2000 00:00",
    ] {
        assert!(page.body.contains(words), "{words}: {}", page.body);
    }
    assert!(!page.body.contains("Stocktaking"), "{}", page.body);
    let page = browser.get("/freezes?stage=prod").await;
    assert!(!page.body.contains(UNTIL), "{}", page.body);
    assert!(page.body.contains("Long over"), "{}", page.body);
    assert!(
        page.body.contains("Nothing is frozen now for prod"),
        "{}",
        page.body
    );
    let page = browser.get("/freezes?stage=production").await;
    assert_eq!(page.status, StatusCode::BAD_REQUEST);
    assert!(page.body.contains("is not a stage"), "{}", page.body);
}

#[sqlx::test(migrations = "../migrations")]
async fn whoever_asks_is_told_beforehand(pool: PgPool) {
    let world = World::configured(pool, FREEZES).await;
    world.furnish().await;
    let mut browser = world.developer().await;
    let form = "/ask?team=payments&service=ledger&blueprint=orders-queue&stage=";
    let change = "/changes/CH-1";
    for page in [format!("{form}dev"), change.to_owned()] {
        let answer = browser.get(&page).await;
        for words in [
            "Once approved, it waits ",
            UNTIL,
            "Year-end &lt;close&gt; (Finance)",
        ] {
            assert!(
                answer.body.contains(words),
                "{page}: {words}: {}",
                answer.body
            );
        }
    }
    let answer = browser.get(&format!("{form}prod")).await;
    assert!(
        !answer.body.contains("Once approved, it waits"),
        "{}",
        answer.body
    );
}
