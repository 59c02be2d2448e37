//! The browser's side of the portal: pages and what they are made of. No SQL, no AWS.

pub mod api;
// The browser takes over one page only, so most of these serve the server alone.
#[cfg_attr(feature = "hydrate", allow(dead_code, unused_imports))]
mod pages;
#[cfg_attr(feature = "hydrate", allow(dead_code, unused_imports))]
mod ui;

#[cfg(feature = "ssr")]
pub use ui::ask_waiver_address;

use leptos::prelude::*;
use leptos_meta::{Title, provide_meta_context};
use leptos_router::components::{FlatRoutes, Route, Router};
use leptos_router::{SsrMode, path};
use pages::ChangePage;
#[cfg(not(feature = "hydrate"))]
use pages::{
    ApprovalsPage, AskPage, AskWaiverPage, BlueprintPage, BlueprintsPage, EnvironmentPage,
    FreezesPage, HistoryPage, PromotionPage, RollbackPage, ServicePage, ServicesPage,
    SignedOutPage, TemplatePage, UnknownPage, VersionPage, WaiverPage, WaiversPage, WorkPage,
};

/// The document around the app.
#[cfg(feature = "ssr")]
pub fn shell(options: LeptosOptions) -> impl IntoView {
    use leptos_meta::{HashedStylesheet, MetaTags};
    view! {
        <!DOCTYPE html>
        <html lang="en">
            <head>
                <meta charset="utf-8" />
                <meta name="viewport" content="width=device-width, initial-scale=1" />
                <meta name="color-scheme" content="light dark" />
                <link rel="icon" href="/favicon.svg" type="image/svg+xml" />
                <HashedStylesheet options=options.clone() id="leptos" />
                <AutoReload options=options.clone() />
                {follows_something().then(|| view! { <HydrationScripts options=options /> })}
                <MetaTags />
            </head>
            <body>
                <App />
            </body>
        </html>
    }
}

/// Whether the page being answered changes while it is open. Only such a page is taken over by
/// scripts (docs/adr/0003); every other is complete as the server sends it.
#[cfg(feature = "ssr")]
fn follows_something() -> bool {
    use_context::<http::request::Parts>().is_some_and(|parts| {
        let number = parts.uri.path().strip_prefix("/changes/");
        number.is_some_and(|number| !number.trim_end_matches('/').contains('/'))
    })
}

/// The app: every page and its address.
#[component]
pub fn App() -> impl IntoView {
    provide_meta_context();
    view! {
        <Title formatter=titled />
        <Router>{addresses()}</Router>
    }
}

/// What the browser shows as a page's title. Leptos 0.8 puts it into the document as it is, so the
/// server escapes it; in the browser it is set as text.
fn titled(title: String) -> String {
    let title = if cfg!(feature = "ssr") {
        ui::escaped(&title)
    } else {
        title
    };
    format!("{title} · Gatehouse")
}

#[cfg(not(feature = "hydrate"))]
fn addresses() -> impl IntoView {
    view! {
        <FlatRoutes fallback=UnknownPage>
            <Route path=path!("/") view=WorkPage ssr=SsrMode::Async />
            <Route path=path!("/approvals") view=ApprovalsPage ssr=SsrMode::Async />
            <Route path=path!("/services") view=ServicesPage ssr=SsrMode::Async />
            <Route path=path!("/services/:team/:service") view=ServicePage ssr=SsrMode::Async />
            <Route
                path=path!("/services/:team/:service/:stage")
                view=EnvironmentPage
                ssr=SsrMode::Async
            />
            <Route
                path=path!("/services/:team/:service/:stage/promote")
                view=PromotionPage
                ssr=SsrMode::Async
            />
            <Route
                path=path!("/services/:team/:service/:stage/rollback/:release")
                view=RollbackPage
                ssr=SsrMode::Async
            />
            <Route path=path!("/ask") view=AskPage ssr=SsrMode::Async />
            <Route path=path!("/changes/:number") view=ChangePage ssr=SsrMode::Async />
            <Route
                path=path!("/changes/:number/template")
                view=TemplatePage
                ssr=SsrMode::Async
            />
            <Route path=path!("/history") view=HistoryPage ssr=SsrMode::Async />
            <Route path=path!("/changes/:number/waiver") view=AskWaiverPage ssr=SsrMode::Async />
            <Route path=path!("/freezes") view=FreezesPage ssr=SsrMode::Async />
            <Route path=path!("/waivers") view=WaiversPage ssr=SsrMode::Async />
            <Route path=path!("/waivers/:waiver") view=WaiverPage ssr=SsrMode::Async />
            <Route path=path!("/blueprints") view=BlueprintsPage ssr=SsrMode::Async />
            <Route path=path!("/blueprints/:name") view=BlueprintPage ssr=SsrMode::Async />
            <Route path=path!("/blueprints/:name/:digest") view=VersionPage ssr=SsrMode::Async />
            <Route path=path!("/signed-out") view=SignedOutPage ssr=SsrMode::Async />
        </FlatRoutes>
    }
}

/// The addresses that the browser takes over.
#[cfg(feature = "hydrate")]
fn addresses() -> impl IntoView {
    view! {
        <FlatRoutes fallback=|| ()>
            <Route path=path!("/changes/:number") view=ChangePage ssr=SsrMode::Async />
        </FlatRoutes>
    }
}
