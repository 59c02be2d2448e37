use crate::api::AppError;
use leptos::prelude::*;

/// Comments on a change.
#[server(endpoint = "change/comment")]
pub async fn comment(
    #[server(default)] change: String,
    #[server(default)] body: String,
) -> Result<(), AppError> {
    use crate::api::{CommentPost, asked_by, named, posted};
    posted(async {
        let (who, portal) = asked_by()?;
        let change = named(&change, "change")?;
        portal.comment(&who, CommentPost { change, body }).await
    })
    .await
}
