use crate::api::AppError;
use leptos::prelude::*;

/// Proposes a blueprint version to be offered to teams.
#[server(endpoint = "blueprint/propose")]
pub async fn propose_version(
    #[server(default)] blueprint: String,
    #[server(default)] digest: String,
    #[server(default)] vetting: String,
    #[server(default)] proposal: String,
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
            step: VettingStep::Propose,
            words: proposal,
        };
        portal.vet(&who, post).await
    })
    .await
}
