//! Every way to sign in, and every way to fail at it.
use crate::identity_provider::Signed;
use crate::world::{ADDRESS, World};
use http::StatusCode;
use serde_json::json;
use sqlx::PgPool;
use std::time::Duration;

const SESSION: &str = "gatehouse_dev";

#[sqlx::test(migrations = "../migrations")]
async fn a_visitor_signs_in_and_comes_back_to_where_they_were_going(pool: PgPool) {
    let world = World::new(pool).await;
    let mut browser = world.browser();
    let sent = browser.get("/changes/CH-1?tab=plan").await;
    assert_eq!(sent.status, StatusCode::SEE_OTHER);
    assert_eq!(
        sent.location(),
        "/sign-in?return_to=%2Fchanges%2FCH-1%3Ftab%3Dplan"
    );
    let departure = browser.depart(sent.location()).await;
    assert_eq!(departure.query["code_challenge_method"], "S256");
    assert_eq!(departure.query["response_type"], "code");
    assert_eq!(departure.query["scope"], "openid profile email");
    assert_eq!(
        departure.query["redirect_uri"],
        format!("{ADDRESS}/sign-in/callback")
    );
    let claims = json!({ "groups": ["payments:developer", "unknown:group"] });
    let back = departure.way_back(&world.provider, &claims, Signed::Well);
    let arrived = browser.get(&back).await;
    assert_eq!(arrived.status, StatusCode::SEE_OTHER, "{}", arrived.body);
    assert_eq!(arrived.location(), "/changes/CH-1?tab=plan");
    let cookie = arrived.header("set-cookie");
    assert!(
        cookie.contains("HttpOnly") && cookie.contains("SameSite=Lax"),
        "{cookie}"
    );
    let token = &browser.cookies[SESSION];
    let kept: Vec<Vec<u8>> = sqlx::query_scalar("select token_hash from session")
        .fetch_all(&world.pool)
        .await
        .unwrap();
    assert_eq!(kept.len(), 1);
    assert_ne!(kept[0], token.as_bytes());
    assert_eq!(world.history().await, ["person.signed_in dana"]);
    let grants: serde_json::Value = sqlx::query_scalar("select grants from session")
        .fetch_one(&world.pool)
        .await
        .unwrap();
    assert_eq!(grants, json!([{ "role": "developer", "team": "payments" }]));
}

#[sqlx::test(migrations = "../migrations")]
async fn a_token_that_proves_nothing_signs_nobody_in(pool: PgPool) {
    let world = World::new(pool).await;
    let now = chrono::Utc::now().timestamp();
    for (claims, signed) in [
        (json!({ "nonce": "another" }), Signed::Well),
        (json!({ "nonce": null }), Signed::Well),
        (json!({ "aud": "someone-else" }), Signed::Well),
        (json!({ "iss": "https://evil.example" }), Signed::Well),
        (json!({ "exp": now - 60 }), Signed::Well),
        (json!({}), Signed::ByAnother),
        (json!({}), Signed::Not),
    ] {
        let mut browser = world.browser();
        let departure = browser.depart("/sign-in").await;
        let back = departure.way_back(&world.provider, &claims, signed);
        let answer = browser.get(&back).await;
        assert_eq!(
            answer.status,
            StatusCode::BAD_GATEWAY,
            "{claims} {signed:?}"
        );
        assert!(answer.body.contains("Sign in again"), "{}", answer.body);
        assert!(answer.body.contains(answer.header("x-request-id")));
        assert!(
            !browser.cookies.contains_key(SESSION),
            "{claims} {signed:?}"
        );
    }
    assert_eq!(
        world.history().await,
        ["person.sign_in_failed invalid-id-token"; 7]
    );
    assert_eq!(world.sessions().await, 0);
}

#[sqlx::test(migrations = "../migrations")]
async fn a_state_is_good_once_and_in_one_browser(pool: PgPool) {
    let world = World::new(pool).await;
    let mut browser = world.browser();
    let departure = browser.depart("/sign-in").await;
    let back = departure.way_back(&world.provider, &json!({}), Signed::Well);

    let mut other = world.browser();
    other.depart("/sign-in").await;
    assert_eq!(other.get(&back).await.status, StatusCode::BAD_REQUEST);
    let mut without_cookies = world.browser();
    assert_eq!(
        without_cookies.get(&back).await.status,
        StatusCode::BAD_REQUEST
    );

    assert_eq!(browser.get(&back).await.status, StatusCode::SEE_OTHER);
    let again = departure.way_back(&world.provider, &json!({}), Signed::Well);
    assert_eq!(browser.get(&again).await.status, StatusCode::BAD_REQUEST);

    let expired = browser.depart("/sign-in").await;
    sqlx::query("update sign_in_attempt set created_at = now() - interval '11 minutes'")
        .execute(&world.pool)
        .await
        .unwrap();
    let late = expired.way_back(&world.provider, &json!({}), Signed::Well);
    let answer = browser.get(&late).await;
    assert_eq!(answer.status, StatusCode::BAD_REQUEST);
    assert!(
        answer.body.contains("This sign-in is over"),
        "{}",
        answer.body
    );
    assert_eq!(world.sessions().await, 1);
}

#[sqlx::test(migrations = "../migrations")]
async fn a_claim_that_was_too_long_to_send_fails_closed(pool: PgPool) {
    let world = World::new(pool).await;
    let mut browser = world.browser();
    let claims = json!({ "_claim_names": { "groups": "src1" }, "groups": ["payments:developer"] });
    let answer = browser.sign_in(&world.provider, &claims).await;
    assert_eq!(answer.status, StatusCode::FORBIDDEN);
    assert!(answer.body.contains("app roles"), "{}", answer.body);
    assert!(!browser.cookies.contains_key(SESSION));
    assert_eq!(world.sessions().await, 0);
    assert_eq!(
        world.history().await,
        ["person.sign_in_failed dana groups-overage"]
    );
}

#[sqlx::test(migrations = "../migrations")]
async fn groups_that_are_not_mapped_grant_nothing(pool: PgPool) {
    let world = World::new(pool).await;
    let mut browser = world.browser();
    let answer = browser
        .sign_in(&world.provider, &json!({ "groups": "unknown:group" }))
        .await;
    assert_eq!(answer.status, StatusCode::SEE_OTHER);
    let grants: serde_json::Value = sqlx::query_scalar("select grants from session")
        .fetch_one(&world.pool)
        .await
        .unwrap();
    assert_eq!(grants, json!([]));
}

#[sqlx::test(migrations = "../migrations")]
async fn what_the_provider_answers_instead_of_a_code_is_told(pool: PgPool) {
    let world = World::new(pool).await;
    let mut browser = world.browser();
    for (query, status) in [
        ("error=access_denied", StatusCode::FORBIDDEN),
        ("error=server_error", StatusCode::BAD_GATEWAY),
        ("code=a&iss=https://evil.example", StatusCode::BAD_REQUEST),
        ("code=never-given", StatusCode::BAD_GATEWAY),
    ] {
        let state = browser.depart("/sign-in").await.query["state"].clone();
        let answer = browser
            .get(&format!("/sign-in/callback?{query}&state={state}"))
            .await;
        assert_eq!(answer.status, status, "{query}: {}", answer.body);
    }
    let mut history = world.history().await;
    history.sort();
    assert_eq!(
        history,
        [
            "person.sign_in_failed denied",
            "person.sign_in_failed other-issuer",
            "person.sign_in_failed provider-error",
            "person.sign_in_failed token-refused",
        ]
    );
}

#[sqlx::test(migrations = "../migrations")]
async fn nobody_is_sent_elsewhere_after_signing_in(pool: PgPool) {
    let world = World::new(pool).await;
    for elsewhere in ["//evil.example", "/%5Cevil.example", "https://evil.example"] {
        let mut browser = world.browser();
        let departure = browser
            .depart(&format!("/sign-in?return_to={elsewhere}"))
            .await;
        let back = departure.way_back(&world.provider, &json!({}), Signed::Well);
        assert_eq!(browser.get(&back).await.location(), "/");
    }
}

#[sqlx::test(migrations = "../migrations")]
async fn a_new_key_of_the_provider_is_fetched(pool: PgPool) {
    let world = World::new(pool).await;
    let mut browser = world.browser();
    let departure = browser.depart("/sign-in").await;
    world.provider.change_key();
    tokio::time::sleep(Duration::from_millis(1100)).await;
    let back = departure.way_back(&world.provider, &json!({}), Signed::Well);
    assert_eq!(browser.get(&back).await.status, StatusCode::SEE_OTHER);
}

#[sqlx::test(migrations = "../migrations")]
async fn signing_in_again_ends_the_session_before(pool: PgPool) {
    let world = World::new(pool).await;
    let mut browser = world.browser();
    browser.sign_in(&world.provider, &json!({})).await;
    let before = browser.clone();
    browser.sign_in(&world.provider, &json!({})).await;
    assert_ne!(before.cookies[SESSION], browser.cookies[SESSION]);
    assert_eq!(world.sessions().await, 1);
    let answer = before.clone().get("/events/changes/CH-1").await;
    assert_eq!(answer.status, StatusCode::UNAUTHORIZED);
    let answer = browser.get("/events/changes/CH-1").await;
    assert_eq!(answer.status, StatusCode::NOT_FOUND);
}

#[sqlx::test(migrations = "../migrations")]
async fn signing_out_ends_the_session_here_and_at_the_provider(pool: PgPool) {
    let world = World::new(pool).await;
    let mut browser = world.browser();
    browser.sign_in(&world.provider, &json!({})).await;
    let answer = browser.post("/sign-out", "same-origin").await;
    assert_eq!(answer.status, StatusCode::SEE_OTHER);
    let farewell = format!("{}/farewell?id_token_hint=", world.provider.issuer);
    assert!(
        answer.location().starts_with(&farewell),
        "{}",
        answer.location()
    );
    assert!(!browser.cookies.contains_key(SESSION));
    assert_eq!(world.sessions().await, 0);
    assert_eq!(
        world.history().await,
        ["person.signed_in dana", "person.signed_out dana"]
    );
}

#[sqlx::test(migrations = "../migrations")]
async fn nobody_is_signed_in_without_an_audit_entry(pool: PgPool) {
    let world = World::new(pool).await;
    let mut browser = world.browser();
    let departure = browser.depart("/sign-in").await;
    sqlx::query("alter table audit_entry rename to gone")
        .execute(&world.pool)
        .await
        .unwrap();
    let back = departure.way_back(&world.provider, &json!({}), Signed::Well);
    let answer = browser.get(&back).await;
    assert_eq!(answer.status, StatusCode::SERVICE_UNAVAILABLE);
    assert!(!browser.cookies.contains_key(SESSION));
    assert_eq!(world.sessions().await, 0);
}

#[sqlx::test(migrations = "../migrations")]
async fn signing_in_anew_takes_a_proof_of_just_now(pool: PgPool) {
    let world = World::new(pool).await;
    let now = chrono::Utc::now().timestamp();
    let anew = "/sign-in?anew=true&return_to=%2Fchanges%2FCH-1";
    for claims in [json!({}), json!({ "auth_time": now - 16 * 60 })] {
        let mut browser = world.browser();
        let departure = browser.depart(anew).await;
        assert_eq!(departure.query["max_age"], "60");
        let back = departure.way_back(&world.provider, &claims, Signed::Well);
        let answer = browser.get(&back).await;
        assert_eq!(answer.status, StatusCode::FORBIDDEN, "{claims}");
        assert!(
            answer.body.contains("did not ask who you are"),
            "{}",
            answer.body
        );
    }
    assert_eq!(world.sessions().await, 0);
    let mut browser = world.browser();
    let departure = browser.depart(anew).await;
    let claims = json!({ "auth_time": now - 5 });
    let back = departure.way_back(&world.provider, &claims, Signed::Well);
    assert_eq!(browser.get(&back).await.location(), "/changes/CH-1");
    let kept: Option<chrono::DateTime<chrono::Utc>> =
        sqlx::query_scalar("select authenticated_at from session")
            .fetch_one(&world.pool)
            .await
            .unwrap();
    assert_eq!(kept.map(|at| at.timestamp()), Some(now - 5));
    assert_eq!(
        world.history().await,
        [
            "person.sign_in_failed dana not-anew",
            "person.sign_in_failed dana not-anew",
            "person.signed_in dana"
        ]
    );

    // Otherwise nobody is asked to, and what the provider does not say stays unknown.
    let mut other = world.browser();
    let departure = other.depart("/sign-in").await;
    assert!(!departure.query.contains_key("max_age"));
    let back = departure.way_back(&world.provider, &json!({}), Signed::Well);
    assert_eq!(other.get(&back).await.status, StatusCode::SEE_OTHER);
}
