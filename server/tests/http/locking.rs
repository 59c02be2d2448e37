//! Locking an environment by hand, and unlocking it.
use crate::browser::{Answer, Browser};
use crate::world::World;
use http::StatusCode;
use serde_json::json;
use sqlx::PgPool;

const LOCK: &str = "/api/environment/lock";
const UNLOCK: &str = "/api/environment/unlock";
const PAGE: &str = "/services/payments/checkout/dev";
const PLACE: &str = "team=payments&service=checkout&stage=dev";

async fn person(world: &World, sub: &str, groups: &[&str]) -> Browser {
    let mut browser = world.browser();
    let claims = json!({ "sub": sub, "name": sub, "groups": groups });
    let arrived = browser.sign_in(&world.provider, &claims).await;
    assert_eq!(arrived.location(), "/", "{}", arrived.body);
    browser
}

async fn lock(browser: &mut Browser, reason: &str) -> Answer {
    let form = format!("{PLACE}&lock_reason={reason}");
    browser.post_form(LOCK, &form).await
}

async fn count(world: &World, query: &'static str) -> i64 {
    sqlx::query_scalar(query)
        .fetch_one(&world.pool)
        .await
        .unwrap()
}

const LOCKS: &str = "select count(*) from environment_lock";

#[sqlx::test(migrations = "../migrations")]
async fn an_approver_of_the_stage_locks_and_unlocks_with_a_reason(pool: PgPool) {
    let world = World::new(pool).await;
    world.furnish().await;
    let mut lead = person(&world, "lena", &["leads"]).await;
    let page = lead.get(PAGE).await;
    assert!(page.body.contains("Lock this environment"), "{}", page.body);

    let answer = lock(&mut lead, "Stocktaking+%3Cin+May%3E").await;
    assert_eq!(answer.status, StatusCode::SEE_OTHER);
    assert_eq!(answer.location(), PAGE);
    for browser in [&mut lead, &mut world.developer().await] {
        let page = browser.get(PAGE).await;
        for words in ["Locked by lena just now", "Stocktaking &lt;in May&gt;"] {
            assert!(page.body.contains(words), "{words}: {}", page.body);
        }
        assert!(
            !page.body.contains("Lock this environment"),
            "{}",
            page.body
        );
        let change = browser.get("/changes/CH-1").await;
        let words = "Once approved, it waits until the environment is unlocked";
        assert!(change.body.contains(words), "{}", change.body);
    }

    // Who is late learns of it, and what they typed changes nothing.
    let answer = lock(&mut lead, "Mine").await;
    let page = lead.get(answer.location()).await;
    assert!(
        page.body.contains("Somebody else has locked it"),
        "{}",
        page.body
    );
    assert!(page.body.contains("Stocktaking"), "{}", page.body);

    for _ in 0..2 {
        let answer = lead.post_form(UNLOCK, PLACE).await;
        assert_eq!(answer.location(), PAGE, "{}", answer.body);
        assert_eq!(count(&world, LOCKS).await, 0);
    }
    let history = world.history().await;
    let told = |action: &str| {
        history
            .iter()
            .filter(|entry| entry.starts_with(action))
            .count()
    };
    assert_eq!(
        told("environment.locked lena Stocktaking <in May>"),
        1,
        "{history:?}"
    );
    assert_eq!(told("environment.unlocked lena"), 1, "{history:?}");
}

#[sqlx::test(migrations = "../migrations")]
async fn without_a_good_reason_it_stays_open_and_what_was_typed_is_kept(pool: PgPool) {
    let world = World::new(pool).await;
    world.furnish().await;
    let mut lead = person(&world, "lena", &["leads"]).await;
    let long = "x".repeat(2001);
    for (reason, words) in [
        ("", "Say why it is locked"),
        ("+%0A+", "Say why it is locked"),
        ("a%00b", "can't hold control characters"),
        (long.as_str(), "at most 2000 characters, not 2001"),
    ] {
        let answer = lock(&mut lead, reason).await;
        assert!(answer.location().starts_with(PAGE), "{}", answer.location());
        let page = lead.get(answer.location()).await;
        // In the summary and beside the field; what follows is the page's data once more.
        let (shown, _) = page.body.split_once("</main>").unwrap();
        assert_eq!(shown.matches(words).count(), 2, "{words}: {shown}");
        assert_eq!(count(&world, LOCKS).await, 0);
        if reason == long {
            assert!(page.body.contains(&long), "{}", page.body);
        }
    }
}

#[sqlx::test(migrations = "../migrations")]
async fn nobody_else_turns_the_lock_and_the_history_says_who_tried(pool: PgPool) {
    let world = World::new(pool).await;
    world.furnish().await;
    let mut lead = person(&world, "lena", &["leads"]).await;
    lock(&mut lead, "Stocktaking").await;
    for (sub, group) in [
        ("dora", "payments:developer"),
        ("paul", "payments:approver"),
    ] {
        let mut browser = person(&world, sub, &[group]).await;
        let page = browser.get(PAGE).await;
        assert!(page.body.contains("Locked by lena"), "{}", page.body);
        assert!(
            page.body
                .contains("Unlocking this environment of payments takes"),
            "{}",
            page.body
        );
        for path in [LOCK, UNLOCK] {
            let answer = browser.post_form(path, PLACE).await;
            assert_eq!(answer.status, StatusCode::FORBIDDEN, "{}", answer.body);
            assert!(
                answer
                    .body
                    .contains("the approver role of payments for this stage"),
                "{}",
                answer.body
            );
        }
        assert_eq!(count(&world, LOCKS).await, 1);
    }
    let mut other = person(&world, "otto", &["nothing"]).await;
    let answer = other.post_form(UNLOCK, PLACE).await;
    assert_eq!(answer.status, StatusCode::NOT_FOUND, "{}", answer.body);
    let refused = "select count(*) from audit_entry where action = 'request.refused'";
    assert_eq!(count(&world, refused).await, 5);
}

/// Two people press at once: one of them locks.
#[sqlx::test(migrations = "../migrations")]
async fn two_at_once_lock_once(pool: PgPool) {
    let world = World::new(pool).await;
    world.furnish().await;
    let mut one = person(&world, "lena", &["leads"]).await;
    let mut other = person(&world, "luis", &["leads"]).await;
    for round in 1..=20 {
        let (first, second) = tokio::join!(lock(&mut one, "Mine"), lock(&mut other, "Mine"));
        let taken = [first, second]
            .iter()
            .filter(|answer| answer.location() == PAGE)
            .count();
        assert_eq!(taken, 1);
        let locked = "select count(*) from audit_entry where action = 'environment.locked'";
        assert_eq!(count(&world, locked).await, round);
        one.post_form(UNLOCK, PLACE).await;
    }
}
