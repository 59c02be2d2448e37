use crate::api::AppError;
use crate::api::views::{ApprovalList, Framed};
use leptos::prelude::*;
use serde::{Deserialize, Serialize};

/// What the inbox is narrowed to, as it stands in the address. Unchecked.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Narrowing {
    /// Part of the inbox.
    pub show: Option<String>,
    /// Team.
    pub team: Option<String>,
    /// Stage.
    pub stage: Option<String>,
    /// The number that the page before ended with.
    pub after: Option<String>,
}

/// A part of the inbox.
#[server(endpoint = "approvals", input = leptos::server_fn::codec::GetUrl)]
pub async fn load_approvals(
    #[server(default)] to: Narrowing,
) -> Result<Framed<ApprovalList>, AppError> {
    use crate::api::{ApprovalFilter, answered, asked_by, framed, narrowed};
    answered(async {
        let (who, portal) = asked_by()?;
        let filter = ApprovalFilter {
            inbox: narrowed(to.show)?.unwrap_or_default(),
            team: narrowed(to.team)?,
            stage: narrowed(to.stage)?,
            after: narrowed(to.after)?,
        };
        let list = portal.approvals(&who, filter).await?;
        framed(&who, &*portal, list).await
    })
    .await
}
