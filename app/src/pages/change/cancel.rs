use crate::api::AppError;
use leptos::prelude::*;

/// Stops a change: while it is queued, or while it runs as far as AWS lets it.
#[server(endpoint = "change/cancel")]
pub async fn cancel(
    #[server(default)] change: String,
    #[server(default)] confirmed: bool,
) -> Result<(), AppError> {
    use crate::api::{asked_by, named, posted};
    posted(async {
        let (who, portal) = asked_by()?;
        portal
            .cancel(&who, named(&change, "change")?, confirmed)
            .await
    })
    .await
}
