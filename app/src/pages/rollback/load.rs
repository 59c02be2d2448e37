use crate::api::AppError;
use crate::api::views::{Framed, RollbackPage};
use leptos::prelude::*;

/// What a rollback would bring.
#[server(endpoint = "rollback", input = leptos::server_fn::codec::GetUrl)]
pub async fn load_rollback(
    team: String,
    service: String,
    stage: String,
    release: String,
    draft: Option<String>,
) -> Result<Framed<RollbackPage>, AppError> {
    use crate::api::{answered, asked_by, draft_named, framed, named};
    const WHAT: &str = "environment";
    answered(async {
        let (who, portal) = asked_by()?;
        let of = (named(&team, WHAT)?, named(&service, WHAT)?);
        let to = (named(&stage, WHAT)?, named(&release, "release")?);
        let page = portal.rollback(&who, of, to, draft_named(draft)).await?;
        framed(&who, &*portal, page).await
    })
    .await
}
