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
async fn an_address_that_can_t_be_read_gets_a_page(pool: PgPool) {
    let world = World::new(pool).await;
    let mut browser = world.browser();
    for (path, status) in [
        (
            "/sign-in?return_to=/a&return_to=/b",
            StatusCode::BAD_REQUEST,
        ),
        ("/sign-out", StatusCode::METHOD_NOT_ALLOWED),
    ] {
        let answer = browser.get(path).await;
        assert_eq!(answer.status, status, "{path}");
        assert!(
            answer.body.contains("Go to the first page"),
            "{path}: {}",
            answer.body
        );
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

/// Rendering waits for resources of its own page; pages that are rendered side by side once stood
/// still for ever.
#[sqlx::test(migrations = "../migrations")]
async fn every_page_loads_beside_every_other(pool: PgPool) {
    let world = World::new(pool).await;
    let pages: Vec<String> = leptos_axum::generate_route_list(app::App)
        .iter()
        .map(|route| route.path().replace(['{', '}'], ""))
        .collect();
    assert!(pages.len() > 10, "{pages:?}");
    let mut visits = Vec::new();
    for turn in 0..8 {
        let mut browser = world.browser();
        browser.sign_in(&world.provider, &json!({})).await;
        let mut pages = pages.clone();
        let from = turn % pages.len();
        pages.rotate_left(from);
        visits.push(async move {
            for page in pages {
                let answer = browser.get(&page).await;
                assert!(
                    !answer.status.is_server_error(),
                    "{page}: {}",
                    answer.status
                );
                assert!(answer.body.contains("</main>"), "{page} is not whole");
            }
        });
    }
    let all = futures::future::join_all(visits);
    tokio::time::timeout(std::time::Duration::from_secs(60), all)
        .await
        .expect("a page stood still");
}
