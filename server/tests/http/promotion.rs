//! A release goes up a stage and back, as far as the web side goes; the jobs' part is played here.
use crate::browser::Browser;
use crate::world::World;
use http::StatusCode;
use sqlx::PgPool;

const SERVICE: &str = "/services/payments/checkout";

/// What the jobs would do: the change has succeeded, and its release runs.
async fn succeed(world: &World, number: i64) {
    sqlx::query(
        "with ended as (
           update change set open = false, state = '{\"name\": \"succeeded\", \"outcome\": \"deployed\"}'
           where number = $1 returning environment, release
         )
         update environment set state = 'live', release = ended.release, changed_at = now()
         from ended where environment.id = ended.environment",
    )
    .bind(number)
    .execute(&world.pool)
    .await
    .unwrap();
}

async fn page(browser: &mut Browser, path: &str) -> String {
    let answer = browser.get(path).await;
    assert_eq!(answer.status, StatusCode::OK, "{path}: {}", answer.body);
    answer.body
}

/// Posts a form that is refused; gives the page that it leads back to.
async fn refused(browser: &mut Browser, path: &str, form: &str) -> String {
    let answer = browser.post_form(path, form).await;
    let back = answer.location().to_owned();
    assert!(back.contains("draft="), "{path} {form}: {back}");
    page(browser, &back).await
}

#[sqlx::test(migrations = "../migrations")]
async fn a_release_is_promoted_to_the_next_stage_and_no_further(pool: PgPool) {
    let world = World::new(pool).await;
    world.furnish().await;
    let mut browser = world.developer().await;
    let path = "/api/environment/promote";
    let form = "team=payments&service=checkout&stage=dev&to=staging&release=r1";

    let shown = page(&mut browser, &format!("{SERVICE}/dev/promote")).await;
    assert!(shown.contains("Nothing runs at dev yet"), "{shown}");
    assert!(!shown.contains("<textarea"), "{shown}");
    let with_reason = format!("{form}&reason=Soon");
    let back = refused(&mut browser, path, &with_reason).await;
    assert!(back.contains("Nothing runs at dev yet"), "{back}");

    succeed(&world, 1).await;
    let shown = page(&mut browser, SERVICE).await;
    assert!(shown.contains("Promote r1 to staging"), "{shown}");
    assert!(shown.contains("healthy"), "{shown}");
    let shown = page(&mut browser, &format!("{SERVICE}/dev/promote")).await;
    for words in ["stays as at dev", "WorkerWrites", "nothing yet"] {
        assert!(shown.contains(words), "{words}: {shown}");
    }
    for (form, words) in [
        (form.to_owned(), "Say why"),
        (
            with_reason.replace("release=r1", "release=r7"),
            "r1 runs at dev now, not r7",
        ),
        (
            with_reason.replace("to=staging", "to=prod"),
            "A release does not go from dev straight to prod",
        ),
        (
            with_reason.replace("to=staging", "to=recovery"),
            "recovery is not on that way",
        ),
        (
            with_reason.replace("stage=dev", "stage=prod"),
            "prod is the last stage",
        ),
        (
            format!("{with_reason}&deploy[at]=tonight"),
            "“tonight” is not a date and a time",
        ),
        (
            format!("{with_reason}&deploy[at]=2020-01-01T22:00&deploy[zone]=Europe/Paris"),
            "Wed 1 Jan 2020 22:00 Europe/Paris is over",
        ),
        (
            format!("{with_reason}&deploy[at]=2020-01-01T22:00&deploy[zone]=Berlin"),
            "for example Europe/Berlin",
        ),
        (
            format!("{with_reason}&deploy[at]=2999-01-01T22:00"),
            "is too far ahead",
        ),
    ] {
        let back = refused(&mut browser, path, &form).await;
        assert!(back.contains(words), "{form}: {words}: {back}");
    }

    let later = chrono::Utc::now() + chrono::TimeDelta::days(2);
    let later = later.format("%Y-%m-%dT22:00");
    let set = format!("{with_reason}&deploy[at]={later}&deploy[zone]=Europe/Berlin");
    let answer = browser.post_form(path, &set).await;
    assert_eq!(answer.location(), "/changes/CH-2", "{}", answer.body);
    let shown = page(&mut browser, "/changes/CH-2").await;
    assert!(shown.contains("Promote checkout to staging"), "{shown}");
    assert!(shown.contains("22:00 Europe/Berlin"), "{shown}");
    let history = world.history().await;
    let asked = "change.promotion_asked dana Soon";
    assert_eq!(history.iter().filter(|line| *line == asked).count(), 1);
    let releases: i64 = sqlx::query_scalar("select count(*) from release")
        .fetch_one(&world.pool)
        .await
        .unwrap();
    assert_eq!(releases, 1, "the same parameters make no other release");
    let back = refused(&mut browser, path, &with_reason).await;
    assert!(back.contains("CH-2 is still open at staging"), "{back}");

    succeed(&world, 2).await;
    let back = refused(&mut browser, path, &with_reason).await;
    assert!(back.contains("so there is nothing to promote"), "{back}");
    let shown = page(&mut browser, SERVICE).await;
    assert!(shown.contains("Has what dev has."), "{shown}");
    assert!(shown.contains("Promote r1 to prod"), "{shown}");
}

#[sqlx::test(migrations = "../migrations")]
async fn an_environment_goes_back_to_a_release_that_succeeded_there(pool: PgPool) {
    let world = World::new(pool).await;
    world.furnish().await;
    succeed(&world, 1).await;
    let mut browser = world.developer().await;
    let ask = "team=payments&service=checkout&blueprint=orders-queue&stage=dev&reason=Why\
               &values[WorkerWrites]=true&values[Support]=false";
    browser.post_form("/api/ask", ask).await;
    let path = "/api/environment/roll-back";
    let form = "team=payments&service=checkout&stage=dev&reason=It+loses+orders";
    for (release, words) in [
        ("r1", "r1 is what runs at dev now."),
        ("r2", "r2 has never succeeded at dev"),
        ("r2", "CH-2 is still open at dev"),
    ] {
        let form = format!("{form}&release={release}");
        let back = refused(&mut browser, path, &form).await;
        assert!(back.contains(words), "{release}: {words}: {back}");
        let shown = page(&mut browser, &format!("{SERVICE}/dev/rollback/{release}")).await;
        assert!(shown.contains(words), "{release}: {words}: {shown}");
        assert!(!shown.contains("<textarea"), "{shown}");
    }
    let nowhere = browser.post_form(path, &format!("{form}&release=r9")).await;
    assert_eq!(nowhere.status, StatusCode::NOT_FOUND, "{}", nowhere.body);

    succeed(&world, 2).await;
    let shown = page(&mut browser, &format!("{SERVICE}/dev")).await;
    assert!(shown.contains("/dev/rollback/r1"), "{shown}");
    assert!(!shown.contains("/dev/rollback/r2"), "{shown}");
    let shown = page(&mut browser, &format!("{SERVICE}/dev/rollback/r1")).await;
    assert!(shown.contains("as in r1"), "{shown}");
    let answer = browser.post_form(path, &format!("{form}&release=r1")).await;
    assert_eq!(answer.location(), "/changes/CH-3", "{}", answer.body);
    let shown = page(&mut browser, "/changes/CH-3").await;
    assert!(shown.contains("Roll back checkout at dev"), "{shown}");
    let asked = "change.rollback_asked dana It loses orders".to_owned();
    assert!(world.history().await.contains(&asked));
    succeed(&world, 3).await;
    let shown = page(&mut browser, &format!("{SERVICE}/dev")).await;
    assert!(shown.contains("/dev/rollback/r2"), "{shown}");
    assert!(!shown.contains("/dev/rollback/r1"), "{shown}");
}
