use crate::api::AppError;
use crate::api::views::{Catalogue, Framed};
use leptos::prelude::*;

/// The catalogue.
#[server(endpoint = "blueprints", input = leptos::server_fn::codec::GetUrl)]
pub async fn load_catalogue() -> Result<Framed<Catalogue>, AppError> {
    use crate::api::{answered, asked_by, framed};
    answered(async {
        let (who, portal) = asked_by()?;
        let catalogue = portal.catalogue(&who).await?;
        framed(&who, &*portal, catalogue).await
    })
    .await
}
