//! Many people at once, on few connections to the database.
use crate::world::World;
use http::StatusCode;
use sqlx::PgPool;
use std::time::Duration;

const PEOPLE: usize = 40;

/// The address of a page that shows something, by its route.
fn address(route: &str, digest: &str) -> String {
    let parts = route.split('/').map(|part| match part {
        "{team}" => "payments",
        "{service}" => "checkout",
        "{stage}" => "dev",
        "{release}" => "r1",
        "{number}" => "CH-1",
        "{name}" => "orders-queue",
        "{digest}" => digest,
        "{waiver}" => "W-1",
        parameter if parameter.starts_with('{') => panic!("{route}: what is {parameter}?"),
        plain => plain,
    });
    parts.collect::<Vec<_>>().join("/")
}

/// Rendering waits for resources of its own page; pages that are rendered side by side once stood
/// still for ever.
#[sqlx::test(migrations = "../migrations")]
async fn every_page_loads_beside_every_other(pool: PgPool) {
    let world = World::with_connections(pool, 3).await;
    world.furnish().await;
    let digest: String =
        sqlx::query_scalar("select digest from blueprint_version where name = 'orders-queue'")
            .fetch_one(&world.pool)
            .await
            .unwrap();
    let pages: Vec<String> = leptos_axum::generate_route_list(app::App)
        .iter()
        .map(|route| address(route.path(), &digest))
        .collect();
    assert!(pages.len() > 10, "{pages:?}");
    let mut browsers = Vec::new();
    for _ in 0..PEOPLE {
        browsers.push(world.developer().await);
    }
    for round in 0..3 {
        let visits: Vec<_> = browsers
            .iter()
            .enumerate()
            .map(|(index, browser)| {
                let mut browser = browser.clone();
                let page = pages[(index + round) % pages.len()].clone();
                tokio::spawn(async move {
                    let answer = browser.get(&page).await;
                    (page, answer)
                })
            })
            .collect();
        let all = futures::future::join_all(visits);
        let answers = tokio::time::timeout(Duration::from_secs(60), all)
            .await
            .expect("a page stood still");
        for answer in answers {
            let (page, answer) = answer.unwrap();
            // Nothing is planned yet, so there is no template, and nothing was found.
            let nothing = ["/template", "/waiver", "/W-1"];
            let expected = if nothing.iter().any(|end| page.ends_with(end)) {
                StatusCode::NOT_FOUND
            } else {
                StatusCode::OK
            };
            assert_eq!(answer.status, expected, "{page}: {}", answer.body);
            let whole = answer.body.contains("</main></body></html>");
            assert!(whole, "{page} is not whole: {}", answer.body);
        }
    }
}
