use crate::api::AppError;
use crate::api::views::{BlueprintPage, Framed};
use leptos::prelude::*;

/// One blueprint.
#[server(endpoint = "blueprint", input = leptos::server_fn::codec::GetUrl)]
pub async fn load_blueprint(name: String) -> Result<Framed<BlueprintPage>, AppError> {
    use crate::api::{answered, asked_by, framed, named};
    answered(async {
        let (who, portal) = asked_by()?;
        let page = portal.blueprint(&who, named(&name, "blueprint")?).await?;
        framed(&who, &*portal, page).await
    })
    .await
}
