use crate::api::AppError;
use leptos::prelude::*;

/// Approves a change, asks for changes of it, or rejects it.
#[server(endpoint = "change/decide")]
pub async fn decide(
    #[server(default)] change: String,
    #[server(default)] decision: String,
    #[server(default)] digest: String,
    #[server(default)] comment: String,
) -> Result<(), AppError> {
    use crate::api::{DecidePost, asked_by, named, posted};
    posted(async {
        let (who, portal) = asked_by()?;
        let change = named(&change, "change")?;
        let decision = decision.parse().map_err(|_| AppError::Malformed {
            message: "The form did not say what is decided: approve, ask for changes or reject."
                .to_owned(),
        })?;
        portal
            .decide(
                &who,
                DecidePost {
                    change,
                    decision,
                    digest,
                    comment,
                },
            )
            .await
    })
    .await
}
