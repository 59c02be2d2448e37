use crate::api::AppError;
use crate::api::views::{Framed, ServicePage};
use leptos::prelude::*;

/// One service with its environments.
#[server(endpoint = "service", input = leptos::server_fn::codec::GetUrl)]
pub async fn load_service(team: String, service: String) -> Result<Framed<ServicePage>, AppError> {
    use crate::api::{answered, asked_by, framed, named};
    answered(async {
        let (who, portal) = asked_by()?;
        let (team, service) = (named(&team, "service")?, named(&service, "service")?);
        let page = portal.service(&who, team, service).await?;
        framed(&who, &*portal, page).await
    })
    .await
}
