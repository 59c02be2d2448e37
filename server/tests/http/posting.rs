//! What no page of ours would send, to every address that takes a post.
use crate::browser::{Answer, Browser};
use crate::world::World;
use axum::body::Body;
use http::{Method, StatusCode};
use server::http::addresses_of_posts;
use sqlx::PgPool;

const FORM: (&str, &str) = ("content-type", "application/x-www-form-urlencoded");
const HERE: (&str, &str) = ("sec-fetch-site", "same-origin");
const BROWSER: (&str, &str) = ("accept", "text/html");
const SCRIPT: (&str, &str) = ("accept", "application/json");
const HUGE: usize = 300 * 1024;

/// Bodies that are no form of ours.
fn garbage() -> Vec<Vec<u8>> {
    let texts = [
        "",
        "%%%=&&&[][]=%FF%00",
        "{\"change\": {\"number\": 1}}",
        "change[a][b]=c&values=1&confirmed=perhaps&number[]=x",
        "change=CH-999999999999999999999999&decision=approve",
        "change=%00&team=%E2%80%AE&service=../..&stage='%22%3E%3Cscript%3E&blueprint=",
        "change=CH-77&decision=approve&digest=nonsense&way=burn&number=CH-77",
    ];
    let mut all: Vec<_> = texts.iter().map(|text| text.as_bytes().to_vec()).collect();
    all.push(vec![0xff, 0xfe, 0x00, 0x80]);
    all.push("a[".repeat(2_000).into_bytes());
    all
}

/// A body that does not say beforehand how long it is.
fn endless() -> Body {
    let piece = || Ok::<_, std::io::Error>(vec![b'a'; 16 * 1024]);
    Body::from_stream(futures::stream::iter(
        (0..HUGE / (16 * 1024)).map(move |_| piece()),
    ))
}

fn check(answer: &Answer, what: &str) {
    assert!(
        !answer.status.is_server_error(),
        "{what}: {} {}",
        answer.status,
        answer.body
    );
    assert!(!answer.body.contains("<script>"), "{what}: {}", answer.body);
    let refused = answer.status.is_client_error();
    if refused && answer.header("content-type").starts_with("text/html") {
        assert!(answer.body.contains("</main></body></html>"), "{what}");
        assert!(
            answer.body.contains(answer.header("x-request-id")),
            "{what}"
        );
    }
}

/// Sends an address everything that no page of ours sends.
async fn bother(browser: &mut Browser, path: &str, method: &Method) {
    for accept in [BROWSER, SCRIPT] {
        for body in garbage() {
            let what = format!(
                "{method} {path} {} {:?}",
                accept.1,
                String::from_utf8_lossy(&body)
            );
            let answer = browser
                .send_body(method.as_str(), path, &[accept, FORM, HERE], body.into())
                .await;
            check(&answer, &what);
            if accept == BROWSER && answer.status.is_client_error() {
                let kind = answer.header("content-type");
                assert!(
                    kind.starts_with("text/html"),
                    "{what}: {kind} {}",
                    answer.body
                );
            }
        }
        let huge = vec![b'a'; HUGE];
        let length = HUGE.to_string();
        let headers = [accept, FORM, HERE, ("content-length", &length)];
        let answer = browser
            .send_body(method.as_str(), path, &headers, huge.into())
            .await;
        assert_eq!(
            answer.status,
            StatusCode::PAYLOAD_TOO_LARGE,
            "{method} {path}"
        );
        check(&answer, path);
    }
}

#[test]
fn every_address_that_takes_a_post_is_in_the_list() {
    let source = include_str!("../../src/http/router.rs");
    let of_forms = addresses_of_posts();
    let of_forms = of_forms
        .iter()
        .filter(|(path, _)| !path.starts_with("/api/"));
    assert_eq!(source.matches(" post(").count(), of_forms.count());
    for other in [" put(", " patch(", " delete(", " any(", " on("] {
        assert!(!source.contains(other), "add{other} to POSTS");
    }
}

#[sqlx::test(migrations = "../migrations")]
async fn nobody_s_garbage_changes_anything(pool: PgPool) {
    let world = World::new(pool).await;
    world.furnish().await;
    let before = world.state().await;
    let addresses = addresses_of_posts();
    assert!(addresses.len() > 15, "{addresses:?}");
    for (path, method) in addresses {
        let mut stranger = world.browser();
        bother(&mut stranger, &path, &method).await;
        let answer = stranger
            .send_body(method.as_str(), &path, &[BROWSER, FORM, HERE], endless())
            .await;
        check(&answer, &path);
        assert_eq!(world.state().await, before, "{method} {path}");
    }
}

#[sqlx::test(migrations = "../migrations")]
async fn somebody_s_garbage_changes_nothing(pool: PgPool) {
    let world = World::new(pool).await;
    world.furnish().await;
    let mut browser = world.developer().await;
    let before = world.state().await;
    for (path, method) in addresses_of_posts() {
        // Signing out needs no words, so any body will do.
        if path == "/sign-out" {
            continue;
        }
        bother(&mut browser, &path, &method).await;
        let answer = browser
            .send_body(method.as_str(), &path, &[BROWSER, FORM, HERE], endless())
            .await;
        check(&answer, &path);
        assert_eq!(world.state().await, before, "{method} {path}");
    }
}

#[sqlx::test(migrations = "../migrations")]
async fn no_other_site_posts_in_somebody_s_name(pool: PgPool) {
    let world = World::new(pool).await;
    world.furnish().await;
    let mut browser = world.developer().await;
    let before = world.state().await;
    let by_metadata = ("sec-fetch-site", "cross-site");
    let by_origin = ("origin", "https://evil.example");
    for (path, method) in addresses_of_posts() {
        for from in [by_metadata, by_origin] {
            for accept in [BROWSER, SCRIPT] {
                let form =
                    "change=CH-1&confirmed=true&body=x&team=payments&service=checkout&stage=dev";
                let answer = browser
                    .send_body(method.as_str(), &path, &[accept, FORM, from], form.into())
                    .await;
                // Another site can't read what it makes a browser ask for.
                if method == Method::POST {
                    assert_eq!(answer.status, StatusCode::FORBIDDEN, "{path}");
                    assert!(
                        answer.body.contains("another site"),
                        "{path}: {}",
                        answer.body
                    );
                }
                check(&answer, &path);
            }
        }
        assert_eq!(world.state().await, before, "{method} {path}");
    }
}

#[sqlx::test(migrations = "../migrations")]
async fn a_refused_form_without_a_page_of_its_own_says_what_and_why(pool: PgPool) {
    let world = World::new(pool).await;
    world.furnish().await;
    let mut browser = world.browser();
    let groups = serde_json::json!({ "groups": ["payments:approver"], "sub": "ada" });
    browser.sign_in(&world.provider, &groups).await;
    let before = world.state().await;
    let form = "team=payments&service=checkout&stage=dev&reason=x&blueprint=orders-queue\
                &confirmation=payments/checkout/dev&to=staging&release=r1";
    for path in [
        "/api/environment/decommission",
        "/api/environment/promote",
        "/api/environment/roll-back",
        "/api/ask",
    ] {
        let headers = [
            BROWSER,
            FORM,
            HERE,
            (
                "referer",
                "http://127.0.0.1:3000/services/payments/checkout/dev",
            ),
        ];
        let answer = browser.send_body("POST", path, &headers, form.into()).await;
        assert_eq!(
            answer.status,
            StatusCode::FORBIDDEN,
            "{path}: {}",
            answer.body
        );
        for words in [
            "Asking for environments of payments takes the developer role of payments",
            "Nothing was changed.",
            "href=\"/services/payments/checkout/dev\"",
            answer.header("x-request-id"),
        ] {
            assert!(
                answer.body.contains(words),
                "{path}: {words}: {}",
                answer.body
            );
        }
    }
    assert_eq!(world.state().await, before);
}

#[sqlx::test(migrations = "../migrations")]
async fn a_form_that_names_nothing_is_told_so(pool: PgPool) {
    let world = World::new(pool).await;
    let mut browser = world.developer().await;
    for (path, form, status, words) in [
        (
            "/api/change/withdraw",
            "change=CH-77",
            StatusCode::NOT_FOUND,
            "There is no CH-77 here",
        ),
        (
            "/api/change/repair",
            "change=CH-77&way=burn",
            StatusCode::BAD_REQUEST,
            "which way out",
        ),
        (
            "/api/change/cancel",
            "change=CH-77&confirmed=perhaps",
            StatusCode::BAD_REQUEST,
            "not complete",
        ),
    ] {
        let answer = browser.post_form(path, form).await;
        assert_eq!(answer.status, status, "{path}: {}", answer.body);
        assert!(answer.body.contains(words), "{path}: {}", answer.body);
        assert_eq!(answer.location(), "", "{path}");
    }
}
