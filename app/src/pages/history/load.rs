use crate::api::AppError;
use crate::api::views::{DeploymentList, Framed};
use leptos::prelude::*;
use serde::{Deserialize, Serialize};

/// What the list is narrowed to, as it stands in the address. Unchecked.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Narrowing {
    /// Team.
    pub team: Option<String>,
    /// Service.
    pub service: Option<String>,
    /// Stage.
    pub stage: Option<String>,
    /// State.
    pub state: Option<String>,
    /// Subject of the requester.
    pub person: Option<String>,
    /// Only deployments older than this one.
    pub before: Option<String>,
}

/// Deployments, newest first.
#[server(endpoint = "history", input = leptos::server_fn::codec::GetUrl)]
pub async fn load_deployments(
    #[server(default)] to: Narrowing,
) -> Result<Framed<DeploymentList>, AppError> {
    use crate::api::{DeploymentFilter, answered, asked_by, framed, narrowed};
    answered(async {
        let (who, portal) = asked_by()?;
        let filter = DeploymentFilter {
            team: narrowed(to.team)?,
            service: narrowed(to.service)?,
            stage: narrowed(to.stage)?,
            state: narrowed(to.state)?,
            person: narrowed(to.person)?,
            before: narrowed(to.before)?,
        };
        let list = portal.deployments(&who, filter).await?;
        framed(&who, &*portal, list).await
    })
    .await
}
