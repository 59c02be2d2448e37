use super::parts::PageParts;
use crate::api::AppError;
use crate::api::views::Framed;
use leptos::prelude::*;
use serde::{Deserialize, Serialize};

/// What of the review of access is on show, and how, as it stands in the address. Unchecked.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Looking {
    /// How policy lines are laid out.
    pub access: Option<String>,
    /// Only subjects of this verdict.
    pub verdict: Option<String>,
    /// Only this subject, whole.
    pub subject: Option<String>,
    /// `nothing` for the whole access of a new environment.
    pub against: Option<String>,
}

/// One change, with a kept form where there is one.
#[server(endpoint = "change", input = leptos::server_fn::codec::GetUrl)]
pub async fn load_change(
    number: String,
    draft: Option<String>,
    #[server(default)] looking: Looking,
) -> Result<Framed<PageParts>, AppError> {
    use super::access::{Look, NOTHING};
    use crate::api::{answered, asked_by, draft_named, framed, named};
    answered(async {
        let (who, portal) = asked_by()?;
        let number = named(&number, "change")?;
        let Looking {
            access,
            verdict,
            subject,
            against,
        } = looking;
        let look = Look::named(access.as_deref(), verdict.as_deref(), subject)?;
        let (page, plan) = portal.change(&who, number, draft_named(draft)).await?;
        let whole = against.as_deref() == Some(NOTHING);
        let parts = PageParts::new(page, plan, look, whole);
        framed(&who, &*portal, parts).await
    })
    .await
}
