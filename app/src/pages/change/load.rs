use super::parts::PageParts;
use crate::api::AppError;
use crate::api::views::Framed;
use leptos::prelude::*;

/// One change, with a kept form where there is one. `access` says how policy lines are laid out.
#[server(endpoint = "change", input = leptos::server_fn::codec::GetUrl)]
pub async fn load_change(
    number: String,
    draft: Option<String>,
    access: Option<String>,
) -> Result<Framed<PageParts>, AppError> {
    use crate::api::{answered, asked_by, draft_named, framed, named};
    answered(async {
        let (who, portal) = asked_by()?;
        let number = named(&number, "change")?;
        let (page, plan) = portal.change(&who, number, draft_named(draft)).await?;
        let parts = PageParts::new(page, plan, access.as_deref());
        framed(&who, &*portal, parts).await
    })
    .await
}
