use crate::api::AppError;
use leptos::prelude::*;

/// Locks an environment by hand.
#[server(endpoint = "environment/lock")]
pub async fn lock_environment(
    #[server(default)] team: String,
    #[server(default)] service: String,
    #[server(default)] stage: String,
    #[server(default)] lock_reason: String,
) -> Result<(), AppError> {
    use crate::api::{LockPost, asked_by, named, posted};
    const WHAT: &str = "environment";
    posted(async {
        let (who, portal) = asked_by()?;
        let post = LockPost {
            team: named(&team, WHAT)?,
            service: named(&service, WHAT)?,
            stage: named(&stage, WHAT)?,
            reason: lock_reason,
        };
        portal.lock(&who, post).await
    })
    .await
}
