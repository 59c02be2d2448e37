use super::AppError;
use super::views::Viewer;
use leptos::prelude::*;

/// The request being answered, by the id that the log knows it by. The HTTP layer provides it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct RequestId(pub String);

/// The id of the request being answered; none in the browser.
pub fn request_id() -> Option<String> {
    use_context::<RequestId>().map(|id| id.0)
}

/// Who is looking, for pages that have nothing else to show.
///
/// # Errors
/// [`AppError::SignedOut`] when nobody is signed in.
#[server(endpoint = "viewer", input = leptos::server_fn::codec::GetUrl)]
pub async fn load_viewer() -> Result<Viewer, AppError> {
    use super::{answered, asked_by};
    answered(async {
        let (who, portal) = asked_by()?;
        portal.viewer(&who).await
    })
    .await
}
