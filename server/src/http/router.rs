//! Which address leads where, and what every request passes on its way.
use super::observe::request_id;
use super::site::Site;
use super::{
    bare, body_limit, caching, changes, content_security, forgery, gate, health, observe, panic,
    patience, refused_form, session, sign_in, statics,
};
use app::api::RequestId;
use axum::Router;
use axum::extract::{Request, State};
use axum::middleware::{from_fn, from_fn_with_state};
use axum::response::{IntoResponse, Response};
use axum::routing::{MethodRouter, get, post};
use domain::person::Principal;
use http::header::CONTENT_SECURITY_POLICY;
use http::{HeaderValue, Method, StatusCode};
use leptos::prelude::{provide_context, use_context};
use leptos_axum::{LeptosRoutes as _, ResponseOptions, generate_route_list};
use tower::ServiceExt as _;
use tower_http::csrf::ConfigError;

/// The whole site.
///
/// # Errors
/// When the portal's address is no origin; the configuration has made sure that it is.
pub fn router(site: &Site) -> Result<Router, ConfigError> {
    let identify = || from_fn_with_state(site.clone(), session::identify);
    let pages = pages(site)
        .layer(from_fn_with_state(site.clone(), refused_form::explain))
        .layer(from_fn_with_state(site.clone(), gate::signed_in))
        .layer(identify())
        .layer(from_fn(patience::limit))
        .layer(from_fn(caching::keep_nothing));
    let signing = Router::new()
        .route("/sign-in", get(sign_in::begin))
        .route("/sign-in/callback", get(sign_in::callback))
        .merge(posts())
        .layer(identify())
        .layer(from_fn(patience::limit))
        .layer(from_fn(caching::keep_nothing));
    let events = Router::new()
        .route("/events/changes/{number}", get(changes::follow))
        .layer(identify())
        .layer(from_fn(caching::keep_nothing));
    let health = Router::new()
        .route("/livez", get(health::live))
        .route("/readyz", get(health::ready));
    let unknown = unknown(site)
        .layer(from_fn_with_state(site.clone(), gate::signed_in))
        .layer(identify())
        .layer(from_fn(patience::limit))
        .layer(from_fn(caching::keep_nothing))
        .with_state(site.clone());
    let fallback = move |State(site): State<Site>, request: Request| async move {
        let (parts, body) = request.into_parts();
        match statics::file(&site.leptos.site_root, &parts).await {
            Some(file) => file,
            // Nobody has to sign in to learn that a file is not there.
            None if parts.uri.path().starts_with("/pkg/") => StatusCode::NOT_FOUND.into_response(),
            None => {
                let request = Request::from_parts(parts, body);
                unknown.oneshot(request).await.into_response()
            }
        }
    };
    Ok(pages
        .merge(signing)
        .merge(events)
        .merge(health)
        .fallback(fallback)
        .layer(body_limit::layer())
        .layer(forgery::layer(&site.configuration.address)?)
        .layer(from_fn_with_state(site.clone(), forgery::explain))
        .layer(from_fn(bare::dress))
        .layer(from_fn(panic::catch))
        .layer(from_fn_with_state(site.clone(), content_security::guard))
        .layer(from_fn(observe::observe))
        .with_state(site.clone()))
}

/// What takes a posted form, besides the app's server functions.
fn posts() -> Router<Site> {
    POSTS
        .iter()
        .fold(Router::new(), |router, (address, handler)| {
            router.route(address, handler())
        })
}

type Handler = fn() -> MethodRouter<Site>;

const POSTS: [(&str, Handler); 1] = [("/sign-out", || post(sign_in::sign_out))];

/// Every address that takes what a browser sends by itself, with its method: server functions, which
/// register themselves, and what the router adds.
pub fn addresses_of_posts() -> Vec<(String, Method)> {
    let functions = leptos::server_fn::axum::server_fn_paths();
    let functions = functions.map(|(address, method)| (address.to_owned(), method));
    let own = POSTS
        .iter()
        .map(|(address, _)| ((*address).to_owned(), Method::POST));
    functions.chain(own).collect()
}

/// The app's pages and server functions.
fn pages(site: &Site) -> Router<Site> {
    let options = site.leptos.clone();
    Router::new().leptos_routes_with_context(
        site,
        generate_route_list(app::App),
        context(site),
        move || app::shell(options.clone()),
    )
}

/// The app's page for an address that leads nowhere.
fn unknown(site: &Site) -> Router<Site> {
    let options = site.leptos.clone();
    let render = leptos_axum::render_app_async_with_context(context(site), move || {
        app::shell(options.clone())
    });
    Router::new().fallback(move |request: Request| {
        let page = render(request);
        async move {
            let mut response: Response = page.await;
            if response.status() == StatusCode::OK {
                *response.status_mut() = StatusCode::NOT_FOUND;
            }
            response
        }
    })
}

/// What pages and server functions find in their context, and the policy for the nonce that the
/// page's own scripts carry.
fn context(site: &Site) -> impl Fn() + Clone + Send + Sync + 'static {
    let (portal, identity) = (site.portal.clone(), site.identity.clone());
    move || {
        if let Some(parts) = use_context::<http::request::Parts>() {
            provide_context(portal(&request_id(&parts.extensions)));
            if let Some(who) = parts.extensions.get::<Principal>() {
                provide_context(who.clone());
            }
            if let Some(id) = parts.extensions.get::<RequestId>() {
                provide_context(id.clone());
            }
        }
        if let (Some(nonce), Some(response)) =
            (leptos::nonce::use_nonce(), use_context::<ResponseOptions>())
            && let Ok(policy) =
                HeaderValue::try_from(content_security::policy(Some(&nonce), &identity.origins()))
        {
            response.insert_header(CONTENT_SECURITY_POLICY, policy);
        }
    }
}
