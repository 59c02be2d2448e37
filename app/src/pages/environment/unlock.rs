use crate::api::AppError;
use leptos::prelude::*;

/// Unlocks an environment.
#[server(endpoint = "environment/unlock")]
pub async fn unlock_environment(
    #[server(default)] team: String,
    #[server(default)] service: String,
    #[server(default)] stage: String,
) -> Result<(), AppError> {
    use crate::api::{asked_by, named, posted};
    const WHAT: &str = "environment";
    posted(async {
        let (who, portal) = asked_by()?;
        let (team, service) = (named(&team, WHAT)?, named(&service, WHAT)?);
        portal
            .unlock(&who, team, service, named(&stage, WHAT)?)
            .await
    })
    .await
}
