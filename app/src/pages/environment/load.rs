use crate::api::AppError;
use crate::api::views::{EnvironmentPage, Framed};
use leptos::prelude::*;

/// One environment, with a kept form where there is one; `earlier` is the last of the page before of
/// its earlier releases.
#[server(endpoint = "environment", input = leptos::server_fn::codec::GetUrl)]
pub async fn load_environment(
    team: String,
    service: String,
    stage: String,
    earlier: Option<String>,
    draft: Option<String>,
) -> Result<Framed<EnvironmentPage>, AppError> {
    use crate::api::{answered, asked_by, draft_named, framed, named, narrowed};
    const WHAT: &str = "environment";
    answered(async {
        let (who, portal) = asked_by()?;
        let (team, service) = (named(&team, WHAT)?, named(&service, WHAT)?);
        let stage = named(&stage, WHAT)?;
        let page = portal
            .environment(
                &who,
                team,
                service,
                stage,
                narrowed(earlier)?,
                draft_named(draft),
            )
            .await?;
        framed(&who, &*portal, page).await
    })
    .await
}
