use crate::api::AppError;
use crate::api::views::TypedSchedule;
use leptos::prelude::*;
use std::collections::BTreeMap;

/// Asks for an environment or for a change of one.
#[server(endpoint = "ask")]
pub async fn send_ask(
    #[server(default)] team: String,
    #[server(default)] service: String,
    #[server(default)] blueprint: String,
    #[server(default)] stage: String,
    #[server(default)] reason: String,
    #[server(default)] deploy: TypedSchedule,
    #[server(default)] values: BTreeMap<String, String>,
) -> Result<(), AppError> {
    use crate::api::{AskPost, asked_by, posted};
    posted(async {
        let (who, portal) = asked_by()?;
        let post = AskPost {
            team,
            service,
            blueprint,
            stage,
            reason,
            schedule: deploy,
            values,
        };
        portal.ask(&who, post).await
    })
    .await
}
