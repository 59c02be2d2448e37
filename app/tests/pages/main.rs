//! Every page, rendered as the server does, with data as it should be and as it should not.
#![cfg(all(feature = "ssr", not(feature = "hydrate")))]
#![allow(clippy::unwrap_used)]

mod document;
mod sample;
mod visits;

use app::api::{Portal, RequestId};
use axum::body::{Body, to_bytes};
use axum::http::Request;
use document::Document;
use domain::names::SessionId;
use domain::person::Principal;
use leptos::prelude::*;
use sample::{Lists, Sample};
use std::sync::{Arc, LazyLock};
use visits::{Visit, is_of};

/// Every route of the app as axum writes it. Asking for them also makes Leptos's executor ready, as it
/// does in the server before that listens.
static ROUTES: LazyLock<Vec<String>> = LazyLock::new(|| {
    leptos_axum::generate_route_list(app::App)
        .iter()
        .map(|route| route.path().to_owned())
        .collect()
});

struct Answer {
    status: u16,
    html: String,
}

async fn get(path: &str, sample: Sample, signed_in: bool) -> Answer {
    assert!(!ROUTES.is_empty());
    let portal: Arc<dyn Portal> = Arc::new(sample);
    let who = Principal {
        subject: "subject".parse().unwrap(),
        name: "Ada Approver".to_owned(),
        session: SessionId(uuid::Uuid::nil()),
        grants: vec![],
        authenticated_at: None,
    };
    let context = move || {
        provide_context(portal.clone());
        provide_context(RequestId("0198-request".to_owned()));
        if signed_in {
            provide_context(who.clone());
        }
    };
    let options = LeptosOptions::builder().output_name("gatehouse").build();
    let render =
        leptos_axum::render_app_async_with_context(context, move || app::shell(options.clone()));
    let request = Request::builder().uri(path).body(Body::empty()).unwrap();
    let response = render(request).await;
    let status = response.status().as_u16();
    let body = to_bytes(response.into_body(), usize::MAX).await.unwrap();
    Answer {
        status,
        html: String::from_utf8(body.to_vec()).unwrap(),
    }
}

fn as_it_is(text: &str) -> String {
    text.to_owned()
}

fn full(text: fn(&str) -> String) -> Sample {
    Sample {
        text,
        lists: Lists::Full,
    }
}

fn read(path: &str, answer: &Answer) -> Document {
    let document = Document::read(&answer.html)
        .unwrap_or_else(|fault| panic!("{path}: {fault}\n{}", answer.html));
    let faults = document.faults();
    assert!(faults.is_empty(), "{path}: {faults:#?}");
    document
}

#[test]
fn every_route_is_visited() {
    let visits: Vec<Visit> = visits::all()
        .into_iter()
        .chain(visits::words_only())
        .collect();
    for route in ROUTES.iter() {
        assert!(
            visits.iter().any(|visit| is_of(&visit.path, route)),
            "no test visits {route}; add it to visits.rs"
        );
    }
}

#[tokio::test]
async fn every_page_is_whole_and_titled_and_its_parts_find_each_other() {
    for Visit { path, title } in visits::all() {
        let answer = get(&path, full(as_it_is), true).await;
        assert_eq!(answer.status, 200, "{path}");
        let document = read(&path, &answer);
        assert_eq!(document.title(), Some(&*format!("{title} · Gatehouse")));
        assert!(document.text.contains("Ada Approver"), "{path}");
    }
}

#[tokio::test]
async fn every_page_has_words_for_empty_lists() {
    for Visit { path, .. } in visits::all() {
        let sample = Sample {
            text: as_it_is,
            lists: Lists::Empty,
        };
        let answer = get(&path, sample, true).await;
        assert_eq!(answer.status, 200, "{path}");
        read(&path, &answer);
    }
}

/// Words that would be more than words if a page let them.
const HOSTILE: [fn(&str) -> String; 7] = [
    |text| format!("{text}</textarea></title></noscript></pre></svg><script>alert(1)</script>"),
    |text| format!("{text}<img src=x onerror=alert(1)><!-- ]]> --!> -->"),
    |text| format!("\"' onfocus=\"alert(1)\" id='main' {text} \" style=\"x\" '"),
    |text| format!("javascript:alert(1)//{text}&quot;&#0;&amp;&lt;script&gt;"),
    |text| format!("\u{202e}\u{2066}{text}\u{200f}\u{feff}\u{0}\u{7}\u{2028}\n\n  \t"),
    |text| text.repeat(10_000_usize.div_ceil(text.len().max(1))),
    |_| String::new(),
];

#[tokio::test]
async fn nothing_that_someone_typed_becomes_markup() {
    for text in HOSTILE {
        let sign = text("Dana Developer");
        for Visit { path, .. } in visits::all() {
            let answer = get(&path, full(text), true).await;
            assert_eq!(answer.status, 200, "{path} with {sign:.50}");
            let document = read(&path, &answer);
            let viewer = text("Ada Approver");
            assert!(
                document.text.contains(&viewer),
                "{path} does not show {viewer:.80}"
            );
        }
    }
}

#[tokio::test]
async fn pages_of_words_have_their_status() {
    for Visit { path, title } in visits::words_only() {
        let answer = get(&path, full(as_it_is), true).await;
        let document = read(&path, &answer);
        assert_eq!(document.title(), Some(&*format!("{title} · Gatehouse")));
        let status = match title.as_str() {
            "Signed out" => 200,
            "You are signed out" => 401,
            "Your sign-in does not allow this" => 403,
            "Gatehouse could not read this request" => 400,
            "Gatehouse can't answer just now" => 503,
            _ => 404,
        };
        assert_eq!(answer.status, status, "{path}");
    }
}

#[tokio::test]
async fn a_page_that_is_not_there_says_so_and_names_its_request() {
    for path in [
        "/changes/CH-404",
        "/changes/%3Cscript%3E",
        "/changes/CH-404/template",
        "/services/a/b/c",
        "/blueprints/%22%3E",
    ] {
        let answer = get(path, full(as_it_is), true).await;
        assert_eq!(answer.status, 404, "{path}");
        let document = read(path, &answer);
        for words in ["Nothing to see here", "0198-request", "Ada Approver"] {
            assert!(document.text.contains(words), "{path}: {words}");
        }
    }
    for (path, words) in [
        (
            "/history?stage=%3Cscript%3Ealert(1)",
            "is not a stage; a stage is dev, staging, prod, feature or recovery",
        ),
        (
            "/changes/CH-1?verdict=%3Cscript%3Ealert(1)",
            "is not a verdict; the verdicts are widened,",
        ),
    ] {
        let answer = get(path, full(as_it_is), true).await;
        assert_eq!(answer.status, 400);
        let document = read(path, &answer);
        assert!(document.text.contains(words), "{}", document.text);
    }
}

#[tokio::test]
async fn whoever_is_signed_out_is_led_to_sign_in() {
    for Visit { path, .. } in visits::all() {
        let answer = get(&path, full(as_it_is), false).await;
        assert_eq!(answer.status, 401, "{path}");
        let document = read(&path, &answer);
        assert!(document.values("href").any(|href| href == "/sign-in"));
        assert!(!document.text.contains("Dana Developer"), "{path}");
    }
}

#[tokio::test]
async fn a_page_refreshes_itself_without_scripts_only_while_something_moves() {
    let moves = async |number: u64| {
        let path = format!("/changes/CH-{number}");
        let document = read(&path, &get(&path, full(as_it_is), true).await);
        document
            .named("meta")
            .any(|it| it.around == "noscript" && it.attribute("http-equiv") == Some("refresh"))
    };
    assert!(moves(3).await);
    assert!(!moves(1).await);
}

#[tokio::test]
async fn a_refused_form_keeps_what_was_typed_beside_what_was_wrong() {
    let draft = "draft=018f3a3e-0000-7000-8000-000000000000";
    let path = format!("/ask?stage=dev&{draft}");
    let document = read(&path, &get(&path, full(as_it_is), true).await);
    assert!(document.text.contains("There is a problem"));
    assert!(
        document
            .values("href")
            .any(|it| it == "#values-LogRetentionDays")
    );
    let reason = document.named("textarea").next().unwrap();
    assert_eq!(reason.text.trim(), "New refund flow.");
    let words = "Days logs are kept is between 1 and 3653, not 0";
    assert_eq!(document.text.matches(words).count(), 2, "on top and beside");
    let path = format!("/changes/CH-1?{draft}");
    let document = read(&path, &get(&path, full(as_it_is), true).await);
    let mut typed = document.named("textarea").map(|it| it.text.trim());
    assert!(typed.any(|text| text == "typed before"));
}

#[tokio::test]
async fn a_vetting_says_who_may_take_the_next_step_and_keeps_what_was_typed() {
    let draft = "draft=018f3a3e-0000-7000-8000-000000000000";
    let digest = "ef56".repeat(16);
    let path = format!("/blueprints/customer-data-platform/{digest}?{draft}");
    let document = read(&path, &get(&path, full(as_it_is), true).await);
    let words = "Say why it is refused";
    assert_eq!(document.text.matches(words).count(), 2, "on top and beside");
    let typed = document.named("textarea").next().unwrap();
    assert_eq!(typed.text.trim(), "Too wide for");
    let disabled: Vec<_> = document
        .named("button")
        .filter(|button| button.attribute("disabled").is_some())
        .map(|button| button.text.trim().to_owned())
        .collect();
    assert_eq!(disabled, ["Withdraw"]);
    assert!(document.text.contains("takes the platform role"));
    // Nobody may take a step: there is nothing to type into.
    let path = format!("/blueprints/customer-data-platform/{}", "ab12".repeat(16));
    let document = read(&path, &get(&path, full(as_it_is), true).await);
    assert!(document.named("textarea").next().is_none());
}

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn many_pages_at_once_all_arrive() {
    let loads: Vec<_> = (0..4)
        .flat_map(|_| visits::all())
        .map(|visit| tokio::spawn(async move { get(&visit.path, full(as_it_is), true).await }))
        .collect();
    for load in loads {
        let answer = load.await.unwrap();
        assert_eq!(answer.status, 200);
        assert!(answer.html.contains("</main></body></html>"));
    }
}
