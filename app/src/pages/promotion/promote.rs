use crate::api::AppError;
use crate::api::views::TypedSchedule;
use leptos::prelude::*;

/// Asks to promote the release of one stage to another.
#[server(endpoint = "environment/promote")]
pub async fn promote(
    #[server(default)] team: String,
    #[server(default)] service: String,
    #[server(default)] stage: String,
    #[server(default)] to: String,
    #[server(default)] release: String,
    #[server(default)] reason: String,
    #[server(default)] deploy: TypedSchedule,
) -> Result<(), AppError> {
    use crate::api::{PromotePost, asked_by, named, posted};
    const WHAT: &str = "environment";
    posted(async {
        let (who, portal) = asked_by()?;
        let post = PromotePost {
            team: named(&team, WHAT)?,
            service: named(&service, WHAT)?,
            from: named(&stage, WHAT)?,
            to: named(&to, WHAT)?,
            release: named(&release, "release")?,
            reason,
            schedule: deploy,
        };
        portal.promote(&who, post).await
    })
    .await
}
