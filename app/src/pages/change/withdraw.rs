use crate::api::AppError;
use leptos::prelude::*;

/// The requester takes a change back.
#[server(endpoint = "change/withdraw")]
pub async fn withdraw(#[server(default)] change: String) -> Result<(), AppError> {
    use crate::api::{asked_by, named, posted};
    posted(async {
        let (who, portal) = asked_by()?;
        portal.withdraw(&who, named(&change, "change")?).await
    })
    .await
}
