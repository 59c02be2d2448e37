//! Who may import whom, held by reading the sources.
#![allow(clippy::unwrap_used, clippy::expect_used)]

use std::fs;
use std::path::{Path, PathBuf};

fn root() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR"))
        .parent()
        .unwrap()
        .to_owned()
}

fn sources(folder: &Path) -> Vec<(PathBuf, String)> {
    let mut found = Vec::new();
    for entry in fs::read_dir(folder).unwrap() {
        let path = entry.unwrap().path();
        if path.is_dir() {
            found.extend(sources(&path));
        } else if path.extension().is_some_and(|extension| extension == "rs") {
            let text = fs::read_to_string(&path).unwrap();
            found.push((path, text));
        }
    }
    found
}

/// Files under `folder` that hold one of `words`, except below the folders in `but`.
fn holding(folder: &str, words: &[&str], but: &[&str]) -> Vec<String> {
    let folder = root().join(folder);
    let mut found = Vec::new();
    for (path, text) in sources(&folder) {
        let inside = path.strip_prefix(root()).unwrap().to_owned();
        if but.iter().any(|allowed| inside.starts_with(allowed)) {
            continue;
        }
        // Tests stand at the end of what they test.
        let (text, _) = text
            .split_once("\n#[cfg(test)]\nmod tests {")
            .unwrap_or((&text, ""));
        for word in words {
            if text.contains(word) {
                found.push(format!("{} holds {word}", inside.display()));
            }
        }
    }
    found
}

#[track_caller]
fn nothing(found: Vec<String>) {
    assert!(found.is_empty(), "{}", found.join("\n"));
}

/// Tests of the service that take a database may look into it.
#[test]
fn sql_stands_in_the_store_only() {
    let tests = ["server/src/store", "server/src/service/races.rs"];
    nothing(holding("server/src", &["sqlx::"], &tests));
    nothing(holding("app", &["sqlx"], &[]));
    assert!(!holding("server/src/store", &["sqlx::"], &[]).is_empty());
}

#[test]
fn the_aws_sdk_stands_in_the_gateway_only() {
    let words = ["aws_sdk_", "aws_config", "aws_smithy"];
    nothing(holding("server/src", &words, &["server/src/aws"]));
    assert!(!holding("server/src/aws", &words, &[]).is_empty());
}

#[test]
fn the_domain_knows_nothing_of_the_rest() {
    let words = [
        "std::fs",
        "std::net::Tcp",
        "tokio::",
        "async fn",
        "Utc::now",
        "SystemTime::now",
        "rand::",
        "app::",
        "server::",
    ];
    nothing(holding("domain/src", &words, &[]));
}

#[test]
fn each_part_of_the_server_keeps_to_its_neighbours() {
    let inner = ["crate::http", "crate::service", "crate::jobs", "leptos"];
    nothing(holding(
        "server/src/store",
        &[&inner[..], &["crate::aws", "crate::authz", "app::"]].concat(),
        &[],
    ));
    nothing(holding(
        "server/src/aws",
        &[&inner[..], &["crate::store", "crate::authz", "app::"]].concat(),
        &[],
    ));
    nothing(holding(
        "server/src/authz",
        &[&inner[..], &["crate::store", "crate::aws", "app::"]].concat(),
        &[],
    ));
    nothing(holding(
        "server/src/jobs",
        &[
            "crate::http",
            "crate::service",
            "crate::authz",
            "leptos",
            "app::",
        ],
        &[],
    ));
    let others = [
        "crate::store",
        "crate::aws",
        "crate::authz",
        "app::",
        "std::fs",
    ];
    nothing(holding(
        "server/src/guardrails",
        &[&inner[..], &others].concat(),
        &["server/src/guardrails/tests.rs"],
    ));
    nothing(holding(
        "server/src/service",
        &["crate::http", "crate::aws", "crate::jobs", "leptos"],
        &[],
    ));
}

#[test]
fn pages_use_the_text_area_that_escapes() {
    nothing(holding(
        "app/src",
        &["<textarea"],
        &["app/src/ui/text_area.rs"],
    ));
}
