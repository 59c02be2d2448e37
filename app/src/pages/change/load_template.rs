use crate::api::AppError;
use crate::api::views::{Framed, TemplatePage};
use leptos::prelude::*;

/// A template of the plan on show.
#[server(endpoint = "change/template", input = leptos::server_fn::codec::GetUrl)]
pub async fn load_template(
    number: String,
    stack: Option<String>,
) -> Result<Framed<TemplatePage>, AppError> {
    use crate::api::{answered, asked_by, framed, named};
    answered(async {
        let (who, portal) = asked_by()?;
        let number = named(&number, "change")?;
        let page = portal.template(&who, number, stack).await?;
        framed(&who, &*portal, page).await
    })
    .await
}
