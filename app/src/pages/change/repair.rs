use crate::api::AppError;
use leptos::prelude::*;
use std::collections::BTreeMap;

/// Takes a way out of a dead end. `resources` has the ticked ones as keys.
#[server(endpoint = "change/repair")]
pub async fn repair(
    #[server(default)] change: String,
    #[server(default)] way: String,
    #[server(default)] resources: BTreeMap<String, String>,
    #[server(default)] confirmed: bool,
) -> Result<(), AppError> {
    use super::failure::repair_named;
    use crate::api::{RepairPost, asked_by, named, posted};
    posted(async {
        let (who, portal) = asked_by()?;
        let change = named(&change, "change")?;
        let chosen = resources.into_keys().collect();
        let repair = repair_named(&way, chosen).ok_or_else(|| AppError::Malformed {
            message: "The form did not say which way out to take.".to_owned(),
        })?;
        portal
            .repair(
                &who,
                RepairPost {
                    change,
                    repair,
                    confirmed,
                },
            )
            .await
    })
    .await
}
