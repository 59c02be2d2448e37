//! Blueprint versions are offered once platform has proposed and security has accepted them.
use crate::browser::{Answer, Browser};
use crate::world::World;
use http::StatusCode;
use serde_json::json;
use sqlx::PgPool;

const BLUEPRINT: &str = "/blueprints/orders-queue";
const ASK: &str = "team=payments&service=checkout&blueprint=orders-queue&stage=dev&reason=Why\
                   &values[WorkerWrites]=false&values[Support]=false";
/// Who vets, in this world's configuration.
const ROLES: &str = r#"
[[sign-in.role]]
value = "platform"
role = "platform"

[[sign-in.role]]
value = "security"
role = "security"
"#;

async fn person(world: &World, sub: &str, groups: &[&str]) -> Browser {
    let mut browser = world.browser();
    let claims = json!({ "sub": sub, "name": sub, "groups": groups });
    let arrived = browser.sign_in(&world.provider, &claims).await;
    assert_eq!(arrived.location(), "/", "{}", arrived.body);
    browser
}

/// A world that has read its blueprints, none of which is vetted.
async fn unvetted(pool: PgPool) -> (World, String) {
    let world = World::configured(pool, ROLES).await;
    world.read_blueprints(&[]).await;
    let digest: String =
        sqlx::query_scalar("select digest from blueprint_version where name = 'orders-queue'")
            .fetch_one(&world.pool)
            .await
            .unwrap();
    (world, digest)
}

async fn latest(world: &World) -> String {
    sqlx::query_scalar("select id::text from blueprint_vetting order by proposed_at desc limit 1")
        .fetch_optional(&world.pool)
        .await
        .unwrap()
        .unwrap_or_default()
}

async fn vet(
    browser: &mut Browser,
    (digest, vetting): (&str, &str),
    step: &str,
    words: &str,
) -> Answer {
    let (function, field) = match step {
        "propose" => ("propose", "proposal"),
        "withdraw" => ("withdraw", "withdrawal"),
        _ => ("answer", "answer"),
    };
    let form = format!(
        "blueprint=orders-queue&digest={digest}&vetting={vetting}&step={step}&{field}={words}"
    );
    let address = format!("/api/blueprint/{function}");
    browser.post_form(&address, &form).await
}

/// What stands on the page that an answer leads to.
async fn shown(browser: &mut Browser, answer: &Answer) -> String {
    let page = browser.get(answer.location()).await;
    assert_eq!(page.status, StatusCode::OK, "{}", page.body);
    let (shown, _) = page.body.split_once("</main>").unwrap();
    shown.to_owned()
}

fn has(page: &str, words: &str) {
    assert!(page.contains(words), "{words}: {page}");
}

#[sqlx::test(migrations = "../migrations")]
async fn teams_get_what_platform_proposed_and_security_accepted(pool: PgPool) {
    let (world, digest) = unvetted(pool).await;
    let place = format!("{BLUEPRINT}/{digest}");
    let mut developer = world.developer().await;
    let refused = developer.post_form("/api/ask", ASK).await;
    has(
        &shown(&mut developer, &refused).await,
        "There is no blueprint orders-queue on offer",
    );
    let page = developer.get("/blueprints").await;
    has(&page.body, "Not on offer yet");
    has(&page.body, "not proposed");
    let page = developer.get(BLUEPRINT).await;
    has(&page.body, "No version is on offer");

    let mut pat = person(&world, "pat", &["platform"]).await;
    let answer = vet(&mut pat, (&digest, ""), "propose", "Teams+need+%3Cit%3E").await;
    assert_eq!(answer.location(), place, "{}", answer.body);
    let page = shown(&mut pat, &answer).await;
    has(&page, "waits for security");
    has(&page, "Teams need &lt;it&gt;");
    let mut sky = person(&world, "sky", &["security"]).await;
    has(
        &sky.get("/").await.body,
        "Blueprint versions for you to vet",
    );
    let page = sky.get(&place).await.body;
    for words in [
        "Compared with nothing",
        "WorkerRole",
        "At dev: access grows",
        "stage=prod",
        "sqs:ReceiveMessage",
    ] {
        has(&page, words);
    }
    let vetting = latest(&world).await;
    let answer = vet(&mut sky, (&digest, &vetting), "accept", "").await;
    has(&shown(&mut sky, &answer).await, "on offer");
    assert!(!sky.get("/").await.body.contains("for you to vet"));

    let asked = developer.post_form("/api/ask", ASK).await;
    assert_eq!(asked.location(), "/changes/CH-1", "{}", asked.body);
    let answer = vet(&mut pat, (&digest, &vetting), "withdraw", "A+hole").await;
    has(&shown(&mut pat, &answer).await, "withdrawn by pat");
    let again = developer.post_form("/api/ask", ASK).await;
    assert!(again.location().contains("draft="), "{}", again.location());
    let history = world.history().await;
    for entry in [
        "blueprint.proposed pat Teams need <it>",
        "blueprint.accepted sky",
        "blueprint.withdrawn pat A hole",
    ] {
        assert!(history.iter().any(|it| it == entry), "{entry}: {history:?}");
    }
}

#[sqlx::test(migrations = "../migrations")]
async fn a_refused_step_keeps_what_was_typed_and_changes_nothing(pool: PgPool) {
    let (world, digest) = unvetted(pool).await;
    let mut pat = person(&world, "pat", &["platform"]).await;
    let mut sky = person(&world, "sky", &["security"]).await;
    let before = world.state().await;
    let answer = vet(&mut pat, (&digest, ""), "propose", "+").await;
    let page = shown(&mut pat, &answer).await;
    let words = "Say why teams should have it";
    assert_eq!(page.matches(words).count(), 2, "{page}");
    assert_eq!(world.state().await, before);

    vet(&mut pat, (&digest, ""), "propose", "Good").await;
    let vetting = latest(&world).await;
    let before = world.state().await;
    let long = "x".repeat(2001);
    for (words, told) in [
        ("", "Say why it is refused"),
        (long.as_str(), "at most 2000 characters, not 2001"),
        ("a%00b", "hold control characters"),
    ] {
        let answer = vet(&mut sky, (&digest, &vetting), "refuse", words).await;
        let page = shown(&mut sky, &answer).await;
        assert_eq!(page.matches(told).count(), 2, "{told}: {page}");
        assert!(words != long || page.contains(&long));
        assert_eq!(world.state().await, before);
    }
    // Whoever looked at something else is told so.
    let answer = vet(&mut sky, (&digest, ""), "accept", "Fine").await;
    has(&shown(&mut sky, &answer).await, "Somebody else was quicker");
    let answer = vet(&mut pat, (&digest, &vetting), "propose", "Again").await;
    has(
        &shown(&mut pat, &answer).await,
        "This version waits for the answer of security already",
    );
    assert_eq!(world.state().await, before);
    let answer = vet(&mut sky, (&digest, &vetting), "refuse", "Too+wide").await;
    has(&shown(&mut sky, &answer).await, "refused by sky");
}

#[sqlx::test(migrations = "../migrations")]
async fn who_may_not_is_refused_and_written_down_and_nobody_answers_themselves(pool: PgPool) {
    let (world, digest) = unvetted(pool).await;
    let mut both = person(&world, "bo", &["platform", "security"]).await;
    vet(&mut both, (&digest, ""), "propose", "Mine").await;
    let vetting = latest(&world).await;
    let before = world.state().await;
    let page = both.get(&format!("{BLUEPRINT}/{digest}")).await;
    has(&page.body, "You proposed this version");
    let mut refused = 0;
    for (sub, groups, steps) in [
        ("bo", ["platform", "security"], &["accept", "refuse"][..]),
        ("pat", ["platform", ""], &["accept", "refuse"]),
        ("sky", ["security", ""], &["propose", "withdraw"]),
        (
            "dora",
            ["payments:developer", ""],
            &["propose", "accept", "refuse", "withdraw"],
        ),
    ] {
        let mut browser = person(&world, sub, &groups).await;
        for step in steps {
            let answer = vet(&mut browser, (&digest, &vetting), step, "Mine").await;
            assert_eq!(answer.status, StatusCode::FORBIDDEN, "{sub} {step}");
            refused += 1;
        }
    }
    let kept = |state: Vec<(String, String)>| {
        let mut state = state;
        state.retain(|(table, _)| table != "session" && table != "person");
        state
    };
    assert_eq!(kept(world.state().await), kept(before));
    let history = world.history().await;
    let told = history
        .iter()
        .filter(|entry| entry.starts_with("request.refused"));
    assert_eq!(told.count(), refused, "{history:?}");
}

#[sqlx::test(migrations = "../migrations")]
async fn what_names_no_version_finds_none(pool: PgPool) {
    let (world, digest) = unvetted(pool).await;
    let mut pat = person(&world, "pat", &["platform"]).await;
    for form in [
        format!("blueprint=other&digest={digest}&proposal=x"),
        "blueprint=orders-queue&digest=nonsense&proposal=x".to_owned(),
        format!(
            "blueprint=orders-queue&digest={}&proposal=x",
            "0".repeat(64)
        ),
    ] {
        let answer = pat.post_form("/api/blueprint/propose", &form).await;
        assert_eq!(answer.status, StatusCode::NOT_FOUND, "{form}");
    }
    let form = format!("blueprint=orders-queue&digest={digest}&step=burn");
    let answer = pat.post_form("/api/blueprint/answer", &form).await;
    assert_eq!(answer.status, StatusCode::BAD_REQUEST);
    has(&answer.body, "an answer is accept or refuse");
}

/// Two people press at once: one of them accepts.
#[sqlx::test(migrations = "../migrations")]
async fn two_at_once_answer_once(pool: PgPool) {
    let (world, digest) = unvetted(pool).await;
    let mut pat = person(&world, "pat", &["platform"]).await;
    let mut one = person(&world, "sky", &["security"]).await;
    let mut other = person(&world, "sue", &["security"]).await;
    let mut before = String::new();
    for round in 1..=10 {
        vet(&mut pat, (&digest, &before), "propose", "Good").await;
        let vetting = latest(&world).await;
        let on = (digest.as_str(), vetting.as_str());
        let (first, second) = tokio::join!(
            vet(&mut one, on, "accept", ""),
            vet(&mut other, on, "refuse", "No"),
        );
        let taken = [first, second]
            .iter()
            .filter(|answer| !answer.location().contains("draft="))
            .count();
        assert_eq!(taken, 1, "round {round}");
        vet(&mut pat, on, "withdraw", "Again").await;
        before = vetting;
    }
    let answers: i64 = sqlx::query_scalar(
        "select count(*) from audit_entry where action in ('blueprint.accepted', 'blueprint.refused')",
    )
    .fetch_one(&world.pool)
    .await
    .unwrap();
    assert_eq!(answers, 10);
}

#[sqlx::test(migrations = "../migrations")]
async fn what_the_configuration_lists_is_vetted_when_it_is_read(pool: PgPool) {
    let (world, digest) = unvetted(pool).await;
    let listed = world.configuration.vetted_blueprints.clone();
    for _ in 0..2 {
        world.read_blueprints(&listed).await;
    }
    let mut pat = person(&world, "pat", &["platform"]).await;
    let page = pat.get(&format!("{BLUEPRINT}/{digest}")).await;
    has(&page.body, "accepted by configuration");
    let told = "blueprint.accepted The configuration lists it under vetted-blueprints.";
    let history = world.history().await;
    let told = history.iter().filter(|entry| entry.as_str() == told);
    assert_eq!(told.count(), 1, "{history:?}");
    // What people have withdrawn stays so.
    let vetting = latest(&world).await;
    vet(&mut pat, (&digest, &vetting), "withdraw", "A+hole").await;
    world.read_blueprints(&listed).await;
    let page = pat.get(BLUEPRINT).await;
    has(&page.body, "No version is on offer");
}
