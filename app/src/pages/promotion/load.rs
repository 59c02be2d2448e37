use crate::api::AppError;
use crate::api::views::{Framed, PromotionPage};
use leptos::prelude::*;

/// What a promotion would bring; to the next stage where none is named.
#[server(endpoint = "promotion", input = leptos::server_fn::codec::GetUrl)]
pub async fn load_promotion(
    team: String,
    service: String,
    stage: String,
    to: Option<String>,
    draft: Option<String>,
) -> Result<Framed<PromotionPage>, AppError> {
    use crate::api::{answered, asked_by, draft_named, framed, named, narrowed};
    const WHAT: &str = "environment";
    answered(async {
        let (who, portal) = asked_by()?;
        let of = (named(&team, WHAT)?, named(&service, WHAT)?);
        let way = (named(&stage, WHAT)?, narrowed(to)?);
        let page = portal.promotion(&who, of, way, draft_named(draft)).await?;
        framed(&who, &*portal, page).await
    })
    .await
}
