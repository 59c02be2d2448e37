//! Nobody but the signed-in gets past here.
use super::refusal::{as_json, wants_html};
use super::return_to::ReturnTo;
use super::site::Site;
use app::api::AppError;
use axum::extract::{Request, State};
use axum::middleware::Next;
use axum::response::{IntoResponse, Redirect, Response};
use domain::person::Principal;
use http::Method;

/// Pages that say what they say to anyone.
const OPEN: [&str; 2] = ["/signed-out", "/trouble"];

/// Sends a visitor's browser to sign in and back; tells the app's own code that nobody is signed in.
pub(super) async fn signed_in(State(site): State<Site>, request: Request, next: Next) -> Response {
    let path = request.uri().path();
    if request.extensions().get::<Principal>().is_some() || OPEN.contains(&path) {
        return next.run(request).await;
    }
    if path.starts_with("/api/") {
        if !wants_html(request.headers()) {
            return as_json(&AppError::SignedOut);
        }
        // A posted form can't be posted again from here; the page it was on can be opened again.
        return Redirect::to(&came_from(&request, site.configuration.address.origin()).sign_in())
            .into_response();
    }
    if !matches!(*request.method(), Method::GET | Method::HEAD) {
        return as_json(&AppError::SignedOut);
    }
    let target = request
        .uri()
        .path_and_query()
        .map_or("/", |target| target.as_str());
    Redirect::to(&ReturnTo::new(target).sign_in()).into_response()
}

/// The page of ours that a request came from; the first page where it doesn't say.
fn came_from(request: &Request, origin: &str) -> ReturnTo {
    let referer = request.headers().get(http::header::REFERER);
    let path = referer
        .and_then(|referer| referer.to_str().ok())
        .and_then(|referer| referer.strip_prefix(origin));
    ReturnTo::new(path.unwrap_or("/"))
}
