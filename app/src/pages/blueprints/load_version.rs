use super::version_parts::VersionParts;
use crate::api::AppError;
use crate::api::views::Framed;
use leptos::prelude::*;
use serde::{Deserialize, Serialize};

/// What of the access of a version is on show, and how, as it stands in the address. Unchecked.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct LookingAt {
    /// The stage.
    pub stage: Option<String>,
    /// `nothing` for the whole access.
    pub against: Option<String>,
    /// How policy lines are laid out.
    pub access: Option<String>,
    /// Only subjects of this verdict.
    pub verdict: Option<String>,
    /// Only this subject, whole.
    pub subject: Option<String>,
}

/// One version of a blueprint, with a kept form where there is one.
#[server(endpoint = "blueprint/version", input = leptos::server_fn::codec::GetUrl)]
pub async fn load_version(
    name: String,
    digest: String,
    draft: Option<String>,
    #[server(default)] looking: LookingAt,
) -> Result<Framed<VersionParts>, AppError> {
    use crate::api::{answered, asked_by, draft_named, framed, named, narrowed};
    use crate::pages::change::access::{Look, NOTHING};
    const WHAT: &str = "blueprint version";
    answered(async {
        let (who, portal) = asked_by()?;
        let of = (named(&name, WHAT)?, named(&digest, WHAT)?);
        let LookingAt {
            stage,
            against,
            access,
            verdict,
            subject,
        } = looking;
        let look = Look::named(access.as_deref(), verdict.as_deref(), subject)?;
        let stage = narrowed(stage)?;
        let whole = against.as_deref() == Some(NOTHING);
        let (page, stages) = portal.version(&who, of, draft_named(draft)).await?;
        let parts = VersionParts::new(page, &stages, stage, whole, look);
        framed(&who, &*portal, parts).await
    })
    .await
}
