use crate::api::AppError;
use leptos::prelude::*;

/// Ends a waiver early.
#[server(endpoint = "waiver/end")]
pub async fn end_waiver(
    #[server(default)] number: String,
    #[server(default)] words: String,
) -> Result<(), AppError> {
    use crate::api::{WaiverEndPost, asked_by, named, posted};
    posted(async {
        let (who, portal) = asked_by()?;
        let post = WaiverEndPost {
            number: named(&number, "waiver")?,
            words,
        };
        portal.end_waiver(&who, post).await
    })
    .await
}
