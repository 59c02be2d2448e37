//! How server functions answer: a page's data with its viewer, or a redirect after a form.
use super::views::Framed;
use super::{AppError, Form, Portal};
use domain::names::{DraftId, VettingId};
use domain::person::Principal;
use leptos::prelude::use_context;
use std::fmt::Display;
use std::str::FromStr;

/// Sets the response's status.
pub fn set_status(status: u16) {
    let status = http::StatusCode::from_u16(status);
    if let (Some(options), Ok(status)) = (use_context::<leptos_axum::ResponseOptions>(), status) {
        options.set_status(status);
    }
}

/// A page's data, with the status that goes with an error.
pub async fn answered<T>(page: impl Future<Output = Result<T, AppError>>) -> Result<T, AppError> {
    page.await.inspect_err(|error| set_status(error.status()))
}

/// Puts a page's data together with its viewer.
pub async fn framed<T>(
    who: &Principal,
    portal: &dyn Portal,
    body: T,
) -> Result<Framed<T>, AppError> {
    let viewer = portal.viewer(who).await?;
    Ok(Framed { viewer, body })
}

/// Sends the browser on after a form was posted: to what was made, or back to the form. The HTTP layer
/// makes a page of an error.
pub async fn posted(form: impl Future<Output = Form>) -> Result<(), AppError> {
    let location = answered(form).await?;
    leptos_axum::redirect(&location.0);
    if is_browser() {
        // RFC 9110, section 15.4.4: the answer to a post is to be fetched with GET.
        set_status(303);
    }
    Ok(())
}

fn is_browser() -> bool {
    use_context::<http::request::Parts>().is_some_and(|parts| {
        parts
            .headers
            .get(http::header::ACCEPT)
            .and_then(|accept| accept.to_str().ok())
            .is_some_and(|accept| accept.contains("text/html"))
    })
}

/// What an address or a form names. What can't be a name names nothing.
///
/// # Errors
/// [`AppError::NotFound`].
pub fn named<T: FromStr>(value: &str, what: &str) -> Result<T, AppError> {
    value.parse().map_err(|_| AppError::NotFound {
        what: what.to_owned(),
    })
}

/// What an address narrows a list to; nothing where it is empty.
///
/// # Errors
/// [`AppError::Malformed`] with what would be right.
pub fn narrowed<T>(value: Option<String>) -> Result<Option<T>, AppError>
where
    T: FromStr<Err: Display>,
{
    match value.as_deref() {
        None | Some("") => Ok(None),
        Some(value) => value
            .parse()
            .map(Some)
            .map_err(|error: T::Err| AppError::Malformed {
                message: error.to_string(),
            }),
    }
}

/// The kept form that an address names, if it names one.
pub fn draft_named(draft: Option<String>) -> Option<DraftId> {
    draft.and_then(|id| id.parse().ok()).map(DraftId)
}

/// The vetting that a form was made for, if it names one.
pub fn vetting_named(vetting: &str) -> Option<VettingId> {
    vetting.parse().ok().map(VettingId)
}
