//! Whether the process lives, and whether it can serve.
use super::site::Site;
use axum::extract::State;
use http::StatusCode;

/// The process answers.
pub(super) async fn live() -> &'static str {
    "alive\n"
}

/// The database answers, its schema is this program's, and the process is not about to end.
pub(super) async fn ready(State(site): State<Site>) -> (StatusCode, &'static str) {
    let not = |why| (StatusCode::SERVICE_UNAVAILABLE, why);
    if site.shutdown.is_cancelled() {
        return not("not ready: shutting down\n");
    }
    match site.store.pending_migrations().await {
        Ok(false) => (StatusCode::OK, "ready\n"),
        Ok(true) => not("not ready: the database has to be migrated, run gatehouse migrate\n"),
        Err(error) => {
            tracing::warn!(%error, "not ready: the database does not answer");
            not("not ready: the database does not answer\n")
        }
    }
}
