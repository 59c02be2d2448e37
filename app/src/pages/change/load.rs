use crate::api::AppError;
use crate::api::views::{ChangePage, Framed};
use leptos::prelude::*;

/// One change, with a kept form where there is one.
#[server(endpoint = "change", input = leptos::server_fn::codec::GetUrl)]
pub async fn load_change(
    number: String,
    draft: Option<String>,
) -> Result<Framed<ChangePage>, AppError> {
    use crate::api::{answered, asked_by, draft_named, framed, named};
    answered(async {
        let (who, portal) = asked_by()?;
        let number = named(&number, "change")?;
        let page = portal.change(&who, number, draft_named(draft)).await?;
        framed(&who, &*portal, page).await
    })
    .await
}
