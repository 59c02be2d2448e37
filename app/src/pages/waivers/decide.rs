use crate::api::AppError;
use leptos::prelude::*;

/// Grants or refuses a waiver.
#[server(endpoint = "waiver/decide")]
pub async fn decide_waiver(
    #[server(default)] number: String,
    #[server(default)] decision: String,
    #[server(default)] words: String,
) -> Result<(), AppError> {
    use crate::api::{WaiverDecisionPost, asked_by, named, posted};
    posted(async {
        let (who, portal) = asked_by()?;
        let granted = match decision.as_str() {
            "grant" => true,
            "refuse" => false,
            other => {
                return Err(AppError::Malformed {
                    message: format!(
                        "“{other}” is no decision on a waiver; a decision is grant or refuse"
                    ),
                });
            }
        };
        let post = WaiverDecisionPost {
            number: named(&number, "waiver")?,
            granted,
            words,
        };
        portal.decide_waiver(&who, post).await
    })
    .await
}
