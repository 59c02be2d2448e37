//! What another site makes a browser send.
use crate::world::World;
use http::StatusCode;
use serde_json::json;
use sqlx::PgPool;

#[sqlx::test(migrations = "../migrations")]
async fn a_post_from_another_site_is_refused_and_recorded(pool: PgPool) {
    let world = World::new(pool).await;
    let mut browser = world.browser();
    browser.sign_in(&world.provider, &json!({})).await;
    let answer = browser.post("/sign-out", "cross-site").await;
    assert_eq!(answer.status, StatusCode::FORBIDDEN);
    assert!(answer.body.contains("another site"), "{}", answer.body);
    let by_origin = [("origin", "https://evil.example")];
    let answer = browser.send("POST", "/sign-out", &by_origin).await;
    assert_eq!(answer.status, StatusCode::FORBIDDEN);
    assert_eq!(answer.header("content-type"), "application/json");
    assert_eq!(world.sessions().await, 1);
    let history = world.history().await;
    assert_eq!(history.len(), 3, "{history:?}");
    assert_eq!(
        history[1],
        "request.refused the request came from another site"
    );
}

#[sqlx::test(migrations = "../migrations")]
async fn nothing_is_changed_by_get(pool: PgPool) {
    let world = World::new(pool).await;
    let mut browser = world.browser();
    browser.sign_in(&world.provider, &json!({})).await;
    let answer = browser.get("/sign-out").await;
    assert_eq!(answer.status, StatusCode::METHOD_NOT_ALLOWED);
    assert_eq!(world.sessions().await, 1);
}
