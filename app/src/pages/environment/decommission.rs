use crate::api::AppError;
use leptos::prelude::*;

/// Asks to decommission an environment.
#[server(endpoint = "environment/decommission")]
pub async fn decommission(
    #[server(default)] team: String,
    #[server(default)] service: String,
    #[server(default)] stage: String,
    #[server(default)] reason: String,
    #[server(default)] confirmation: String,
) -> Result<(), AppError> {
    use crate::api::{DecommissionPost, asked_by, named, posted};
    const WHAT: &str = "environment";
    posted(async {
        let (who, portal) = asked_by()?;
        let post = DecommissionPost {
            team: named(&team, WHAT)?,
            service: named(&service, WHAT)?,
            stage: named(&stage, WHAT)?,
            reason,
            confirmation,
        };
        portal.decommission(&who, post).await
    })
    .await
}
