use crate::api::AppError;
use crate::api::views::{ChangeRow, Framed, Page};
use leptos::prelude::*;

/// Changes that wait for a review; `after` is the number that the page before ended with.
#[server(endpoint = "approvals", input = leptos::server_fn::codec::GetUrl)]
pub async fn load_approvals(after: Option<String>) -> Result<Framed<Page<ChangeRow>>, AppError> {
    use crate::api::{answered, asked_by, framed, narrowed};
    answered(async {
        let (who, portal) = asked_by()?;
        let page = portal.approvals(&who, narrowed(after)?).await?;
        framed(&who, &*portal, page).await
    })
    .await
}
