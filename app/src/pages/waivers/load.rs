use crate::api::AppError;
use crate::api::views::{AskWaiverPage, Framed, WaiverList, WaiverPage};
use leptos::prelude::*;
use serde::{Deserialize, Serialize};

/// What the list is narrowed to, as it stands in the address. Unchecked.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Narrowing {
    /// Team.
    pub team: Option<String>,
    /// State.
    pub state: Option<String>,
    /// Only those with smaller numbers.
    pub before: Option<String>,
}

/// Waivers, latest first.
#[server(endpoint = "waivers", input = leptos::server_fn::codec::GetUrl)]
pub async fn load_waivers(
    #[server(default)] to: Narrowing,
) -> Result<Framed<WaiverList>, AppError> {
    use crate::api::{WaiverFilter, answered, asked_by, framed, narrowed};
    answered(async {
        let (who, portal) = asked_by()?;
        let filter = WaiverFilter {
            team: narrowed(to.team)?,
            state: narrowed(to.state)?,
            before: narrowed(to.before)?,
        };
        let list = portal.waivers(&who, filter).await?;
        framed(&who, &*portal, list).await
    })
    .await
}

/// One waiver.
#[server(endpoint = "waiver", input = leptos::server_fn::codec::GetUrl)]
pub async fn load_waiver(
    #[server(default)] number: String,
    draft: Option<String>,
) -> Result<Framed<WaiverPage>, AppError> {
    use crate::api::{answered, asked_by, draft_named, framed, named};
    answered(async {
        let (who, portal) = asked_by()?;
        let number = named(&number, "waiver")?;
        let page = portal.waiver(&who, number, draft_named(draft)).await?;
        framed(&who, &*portal, page).await
    })
    .await
}

/// What a finding is about, as it stands in the address.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct About {
    /// The change.
    pub change: String,
    /// The rule.
    pub rule: String,
    /// The stack.
    pub stack: String,
    /// The resource.
    pub resource: String,
    /// Where in it.
    pub path: String,
}

/// The form to ask for a waiver.
#[server(endpoint = "waiver/form", input = leptos::server_fn::codec::GetUrl)]
pub async fn load_waiver_form(
    #[server(default)] about: About,
    draft: Option<String>,
) -> Result<Framed<AskWaiverPage>, AppError> {
    use crate::api::{answered, asked_by, draft_named, framed, named};
    use domain::change::FindingKey;
    answered(async {
        let (who, portal) = asked_by()?;
        let change = named(&about.change, "change")?;
        let key = FindingKey {
            rule: about.rule,
            stack: about.stack,
            resource: about.resource,
            path: about.path,
        };
        let page = portal
            .waiver_form(&who, change, key, draft_named(draft))
            .await?;
        framed(&who, &*portal, page).await
    })
    .await
}
