use crate::api::AppError;
use crate::api::views::TypedSchedule;
use leptos::prelude::*;

/// Asks to roll an environment back to a release.
#[server(endpoint = "environment/roll-back")]
pub async fn roll_back(
    #[server(default)] team: String,
    #[server(default)] service: String,
    #[server(default)] stage: String,
    #[server(default)] release: String,
    #[server(default)] reason: String,
    #[server(default)] deploy: TypedSchedule,
) -> Result<(), AppError> {
    use crate::api::{RollbackPost, asked_by, named, posted};
    const WHAT: &str = "environment";
    posted(async {
        let (who, portal) = asked_by()?;
        let post = RollbackPost {
            team: named(&team, WHAT)?,
            service: named(&service, WHAT)?,
            stage: named(&stage, WHAT)?,
            release: named(&release, "release")?,
            reason,
            schedule: deploy,
        };
        portal.roll_back(&who, post).await
    })
    .await
}
