use crate::api::AppError;
use crate::api::views::{Framed, ServiceList};
use leptos::prelude::*;

/// Services, by team and name; `after` is the last `team/service` of the page before.
#[server(endpoint = "services", input = leptos::server_fn::codec::GetUrl)]
pub async fn load_services(
    team: Option<String>,
    after: Option<String>,
) -> Result<Framed<ServiceList>, AppError> {
    use crate::api::{answered, asked_by, framed, narrowed};
    answered(async {
        let (who, portal) = asked_by()?;
        let list = portal.services(&who, narrowed(team)?, after).await?;
        framed(&who, &*portal, list).await
    })
    .await
}
