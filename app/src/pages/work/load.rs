use crate::api::AppError;
use crate::api::views::{Framed, MyWork};
use leptos::prelude::*;

/// What waits for the viewer and what they have under way.
#[server(endpoint = "work", input = leptos::server_fn::codec::GetUrl)]
pub async fn load_work() -> Result<Framed<MyWork>, AppError> {
    use crate::api::{answered, asked_by, framed};
    answered(async {
        let (who, portal) = asked_by()?;
        let work = portal.my_work(&who).await?;
        framed(&who, &*portal, work).await
    })
    .await
}
