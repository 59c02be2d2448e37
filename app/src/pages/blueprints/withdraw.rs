use crate::api::AppError;
use leptos::prelude::*;

/// Withdraws a blueprint version, or its proposal.
#[server(endpoint = "blueprint/withdraw")]
pub async fn withdraw_version(
    #[server(default)] blueprint: String,
    #[server(default)] digest: String,
    #[server(default)] vetting: String,
    #[server(default)] withdrawal: String,
) -> Result<(), AppError> {
    use crate::api::{VetPost, asked_by, named, posted, vetting_named};
    use domain::blueprint::VettingStep;
    const WHAT: &str = "blueprint version";
    posted(async {
        let (who, portal) = asked_by()?;
        let post = VetPost {
            blueprint: named(&blueprint, WHAT)?,
            digest: named(&digest, WHAT)?,
            vetting: vetting_named(&vetting),
            step: VettingStep::Withdraw,
            words: withdrawal,
        };
        portal.vet(&who, post).await
    })
    .await
}
