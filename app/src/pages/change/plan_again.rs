use crate::api::AppError;
use leptos::prelude::*;

/// Plans a change again.
#[server(endpoint = "change/plan-again")]
pub async fn plan_again(#[server(default)] change: String) -> Result<(), AppError> {
    use crate::api::{asked_by, named, posted};
    posted(async {
        let (who, portal) = asked_by()?;
        portal.plan_again(&who, named(&change, "change")?).await
    })
    .await
}
