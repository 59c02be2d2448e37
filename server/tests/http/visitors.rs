//! What somebody gets who is not signed in, and what every answer carries.
use crate::world::World;
use http::StatusCode;
use serde_json::json;
use sqlx::PgPool;

#[sqlx::test(migrations = "../migrations")]
async fn the_app_s_own_code_is_told_that_nobody_is_signed_in(pool: PgPool) {
    let world = World::new(pool).await;
    let mut browser = world.browser();
    let answer = browser.send("POST", "/api/anything", &[]).await;
    assert_eq!(answer.status, StatusCode::UNAUTHORIZED);
    assert_eq!(answer.body, "\"SignedOut\"");
    let answer = browser.post("/api/anything", "same-origin").await;
    assert_eq!(answer.status, StatusCode::SEE_OTHER);
    assert_eq!(answer.location(), "/sign-in");
    let answer = browser.get("/events/changes/CH-1").await;
    assert_eq!(answer.status, StatusCode::UNAUTHORIZED);
}

#[sqlx::test(migrations = "../migrations")]
async fn a_page_carries_its_policy_and_is_kept_nowhere(pool: PgPool) {
    let world = World::new(pool).await;
    let mut browser = world.browser();
    browser.sign_in(&world.provider, &json!({})).await;
    let page = browser.get("/no-such-page").await;
    assert_eq!(page.status, StatusCode::NOT_FOUND);
    assert_eq!(page.header("cache-control"), "no-store");
    let policy = page.header("content-security-policy");
    let nonce = policy.split("'nonce-").nth(1).unwrap();
    let nonce = nonce.split('\'').next().unwrap();
    assert!(
        page.body.contains(&format!("nonce=\"{nonce}\"")),
        "{}",
        page.body
    );
    assert!(policy.contains(&format!("form-action 'self' {}", world.provider.issuer)));
    let another = browser.get("/no-such-page").await;
    assert_ne!(another.header("content-security-policy"), policy);
    for (name, value) in [
        ("x-content-type-options", "nosniff"),
        ("referrer-policy", "same-origin"),
        ("cross-origin-opener-policy", "same-origin"),
        ("cross-origin-resource-policy", "same-origin"),
        ("strict-transport-security", ""),
    ] {
        assert_eq!(page.header(name), value, "{name}");
    }
    assert_ne!(page.header("x-request-id"), another.header("x-request-id"));
}

#[sqlx::test(migrations = "../migrations")]
async fn health_is_told_to_anyone(pool: PgPool) {
    let world = World::new(pool).await;
    let mut browser = world.browser();
    assert_eq!(browser.get("/livez").await.body, "alive\n");
    assert_eq!(browser.get("/readyz").await.status, StatusCode::OK);
    sqlx::query("delete from _sqlx_migrations")
        .execute(&world.pool)
        .await
        .unwrap();
    let answer = browser.get("/readyz").await;
    assert_eq!(answer.status, StatusCode::SERVICE_UNAVAILABLE);
    assert!(answer.body.contains("gatehouse migrate"), "{}", answer.body);
}

#[sqlx::test(migrations = "../migrations")]
async fn too_large_a_form_is_turned_away(pool: PgPool) {
    let world = World::new(pool).await;
    let mut browser = world.browser();
    let answer = browser
        .send("POST", "/sign-out", &[("content-length", "300000")])
        .await;
    assert_eq!(answer.status, StatusCode::PAYLOAD_TOO_LARGE);
    let shown = browser
        .send(
            "POST",
            "/sign-out",
            &[("content-length", "300000"), ("accept", "text/html")],
        )
        .await;
    assert_eq!(shown.status, StatusCode::PAYLOAD_TOO_LARGE);
    assert!(
        shown.body.contains("up to 256 KB") && shown.body.contains("</html>"),
        "{}",
        shown.body
    );
}

#[sqlx::test(migrations = "../migrations")]
async fn what_no_handler_takes_gets_a_page(pool: PgPool) {
    let world = World::new(pool).await;
    let stranger = world.browser();
    let person = world.developer().await;
    let html = [("accept", "text/html"), ("sec-fetch-site", "same-origin")];
    let twice = "/sign-in?return_to=/a&return_to=/b";
    for (mut browser, method, path, status) in [
        (stranger.clone(), "GET", twice, StatusCode::BAD_REQUEST),
        (
            stranger.clone(),
            "GET",
            "/sign-out",
            StatusCode::METHOD_NOT_ALLOWED,
        ),
        (
            stranger.clone(),
            "DELETE",
            "/livez",
            StatusCode::METHOD_NOT_ALLOWED,
        ),
        (
            stranger.clone(),
            "GET",
            "/pkg/nothing.js",
            StatusCode::NOT_FOUND,
        ),
        (
            stranger.clone(),
            "POST",
            "/services",
            StatusCode::UNAUTHORIZED,
        ),
        (stranger, "PUT", "/no-such-page", StatusCode::UNAUTHORIZED),
        (
            person.clone(),
            "POST",
            "/services",
            StatusCode::METHOD_NOT_ALLOWED,
        ),
        (
            person.clone(),
            "GET",
            "/api/ask",
            StatusCode::METHOD_NOT_ALLOWED,
        ),
        (
            person.clone(),
            "PROPFIND",
            "/history",
            StatusCode::METHOD_NOT_ALLOWED,
        ),
        (person, "POST", "/api/no-such-form", StatusCode::NOT_FOUND),
    ] {
        let answer = browser.send(method, path, &html).await;
        let what = format!("{method} {path}: {} {}", answer.status, answer.body);
        assert_eq!(answer.status, status, "{what}");
        assert!(answer.body.contains("</main></body></html>"), "{what}");
        assert!(
            answer.body.contains(answer.header("x-request-id")),
            "{what}"
        );
        let bare = browser.send(method, path, &[]).await;
        assert_eq!(bare.status, status, "{what}");
    }
}

#[sqlx::test(migrations = "../migrations")]
async fn no_server_function_answers_a_stranger(pool: PgPool) {
    let world = World::new(pool).await;
    let mut browser = world.browser();
    let functions: Vec<_> = leptos::server_fn::axum::server_fn_paths().collect();
    assert!(functions.len() > 15, "{functions:?}");
    for (path, method) in functions {
        let answer = browser.send(method.as_str(), path, &[]).await;
        assert_eq!(answer.status, StatusCode::UNAUTHORIZED, "{method} {path}");
        assert_eq!(answer.body, "\"SignedOut\"", "{method} {path}");
    }
}
