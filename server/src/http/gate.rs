//! Nobody but the signed-in gets past here.
use super::observe::request_id;
use super::refusal::{as_json, shown, wants_html};
use super::return_to::ReturnTo;
use super::site::Site;
use app::api::AppError;
use axum::extract::{Request, State};
use axum::middleware::Next;
use axum::response::{IntoResponse, Redirect, Response};
use domain::person::Principal;
use http::Method;

/// A page that says what it says to anyone.
const OPEN: &str = "/signed-out";

/// Sends a visitor's browser to sign in and back; tells the app's own code that nobody is signed in.
pub(super) async fn signed_in(State(site): State<Site>, request: Request, next: Next) -> Response {
    let path = request.uri().path();
    if request.extensions().get::<Principal>().is_some() || path == OPEN {
        return next.run(request).await;
    }
    if path.starts_with("/api/") {
        if !wants_html(request.headers()) {
            return as_json(&AppError::SignedOut);
        }
        // A posted form can't be posted again from here; the page it was on can be opened again.
        let back = ReturnTo::came_from(request.headers(), site.configuration.address.origin());
        return Redirect::to(&back.sign_in()).into_response();
    }
    if !matches!(*request.method(), Method::GET | Method::HEAD) {
        let html = wants_html(request.headers());
        return shown(
            &AppError::SignedOut,
            html,
            &request_id(request.extensions()),
        );
    }
    let target = request
        .uri()
        .path_and_query()
        .map_or("/", |target| target.as_str());
    Redirect::to(&ReturnTo::new(target).sign_in()).into_response()
}
