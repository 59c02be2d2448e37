use crate::api::AppError;
use crate::api::views::{AskChoice, AskForm, Framed};
use leptos::prelude::*;

/// The form, as far as it is chosen, with what was typed before where a draft was kept.
#[server(endpoint = "ask/form", input = leptos::server_fn::codec::GetUrl)]
pub async fn load_ask_form(
    #[server(default)] chosen: AskChoice,
    draft: Option<String>,
) -> Result<Framed<AskForm>, AppError> {
    use crate::api::{answered, asked_by, draft_named, framed};
    answered(async {
        let (who, portal) = asked_by()?;
        let form = portal.ask_form(&who, chosen, draft_named(draft)).await?;
        framed(&who, &*portal, form).await
    })
    .await
}
