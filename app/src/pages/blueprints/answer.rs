use crate::api::AppError;
use leptos::prelude::*;

/// Accepts or refuses the proposal of a blueprint version.
#[server(endpoint = "blueprint/answer")]
pub async fn answer_proposal(
    #[server(default)] blueprint: String,
    #[server(default)] digest: String,
    #[server(default)] vetting: String,
    #[server(default)] step: String,
    #[server(default)] answer: String,
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
            step: match step.as_str() {
                "accept" => VettingStep::Accept,
                "refuse" => VettingStep::Refuse,
                other => {
                    return Err(AppError::Malformed {
                        message: format!(
                            "“{other}” is no answer to a proposal; an answer is accept or refuse"
                        ),
                    });
                }
            },
            words: answer,
        };
        portal.vet(&who, post).await
    })
    .await
}
