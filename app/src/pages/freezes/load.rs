use crate::api::AppError;
use crate::api::views::{Framed, FreezeList};
use leptos::prelude::*;

/// Freeze windows, of one stage where one is named.
#[server(endpoint = "freezes", input = leptos::server_fn::codec::GetUrl)]
pub async fn load_freezes(stage: Option<String>) -> Result<Framed<FreezeList>, AppError> {
    use crate::api::{answered, asked_by, framed, narrowed};
    answered(async {
        let (who, portal) = asked_by()?;
        let list = portal.freezes(&who, narrowed(stage)?).await?;
        framed(&who, &*portal, list).await
    })
    .await
}
