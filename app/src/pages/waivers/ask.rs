use crate::api::AppError;
use leptos::prelude::*;

/// Asks for a waiver of what was found in a change.
#[server(endpoint = "waiver/ask")]
pub async fn ask_waiver(
    #[server(default)] change: String,
    #[server(default)] rule: String,
    #[server(default)] stack: String,
    #[server(default)] resource: String,
    #[server(default)] path: String,
    #[server(default)] waiver_reason: String,
    #[server(default)] until: String,
) -> Result<(), AppError> {
    use crate::api::{WaiverPost, asked_by, named, posted};
    use domain::change::FindingKey;
    posted(async {
        let (who, portal) = asked_by()?;
        let post = WaiverPost {
            change: named(&change, "change")?,
            key: FindingKey {
                rule,
                stack,
                resource,
                path,
            },
            reason: waiver_reason,
            until,
        };
        portal.ask_waiver(&who, post).await
    })
    .await
}
