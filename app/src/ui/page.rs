//! How a page gets from its data to the screen: one resource, one suspense, one frame.
use crate::api::views::{Framed, Viewer};
use crate::api::{AppError, load_viewer, request_id};
use crate::ui::{Frame, Link, Section};
use leptos::prelude::*;
use leptos_meta::Title;
use leptos_router::hooks::{use_params_map, use_query_map};
use serde::{Deserialize, Serialize};

/// What a page is made from: who looks, and the data or why there is none.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct Shown<T> {
    viewer: Option<Viewer>,
    body: Result<T, AppError>,
    request_id: Option<String>,
}

impl<T> Shown<T> {
    /// A page that needs no viewer.
    pub fn to_nobody(body: T) -> Self {
        Self {
            viewer: None,
            body: Ok(body),
            request_id: None,
        }
    }
}

/// Puts a page's data together with its viewer; where the data could not be had, the viewer may
/// still be known.
pub async fn shown<T>(loaded: Result<Framed<T>, AppError>) -> Shown<T> {
    let request_id = request_id();
    match loaded {
        Ok(Framed { viewer, body }) => Shown {
            viewer: Some(viewer),
            body: Ok(body),
            request_id,
        },
        Err(error) => Shown {
            viewer: load_viewer().await.ok(),
            body: Err(error),
            request_id,
        },
    }
}

/// A value in the page's address: a part of its path, or of its query.
pub fn from_address(name: &str) -> Option<String> {
    use_params_map()
        .with_untracked(|params| params.get(name))
        .or_else(|| use_query_map().with_untracked(|query| query.get(name)))
        .filter(|value| !value.is_empty())
}

/// Shows a page in its frame once its data is there. When data is fetched again and the portal
/// can't be reached, what was on show stays.
pub fn framed_page<T>(
    page: Resource<Shown<T>>,
    here: Section,
    body: impl Fn(T) -> AnyView + Copy + Send + Sync + 'static,
) -> impl IntoView
where
    T: Clone + Send + Sync + 'static,
{
    let last = StoredValue::new(None::<Shown<T>>);
    let show = move || {
        Suspend::new(async move {
            let mut now = page.await;
            if cfg!(feature = "hydrate") {
                if matches!(now.body, Err(AppError::Unavailable)) {
                    now = last.get_value().unwrap_or(now);
                } else {
                    last.set_value(Some(now.clone()));
                }
            }
            let content = match now.body {
                Ok(data) => body(data),
                Err(error) => {
                    view! { <Trouble error=error request_id=now.request_id /> }.into_any()
                }
            };
            view! {
                <Frame viewer=now.viewer here=here>
                    {content}
                </Frame>
            }
        })
    };
    view! { <Transition fallback=|| ()>{show}</Transition> }
}

/// What stands in place of a page that can't be shown.
#[component]
pub fn Trouble(
    /// Why not.
    error: AppError,
    /// The request, for whoever looks it up in the log.
    request_id: Option<String>,
) -> impl IntoView {
    #[cfg(feature = "ssr")]
    crate::api::set_status(error.status());
    let (title, next) = match &error {
        AppError::SignedOut => (
            "You are signed out",
            view! {
                <Link href="/sign-in" class="button button-main">
                    "Sign in"
                </Link>
            }
            .into_any(),
        ),
        AppError::Forbidden { .. } => (
            "Your sign-in does not allow this",
            "Whoever looks after your organisation's sign-in groups can change what it grants. \
             Nothing was changed."
                .into_any(),
        ),
        AppError::NotFound { .. } => (
            "Nothing to see here",
            view! {
                "Check the address, or look for it among "
                <Link href="/services">"services"</Link>
                " and in the "
                <Link href="/history">"history"</Link>
                "."
            }
            .into_any(),
        ),
        AppError::Malformed { .. } => (
            "Gatehouse could not read this request",
            "Go back, load the page again and retry. Nothing was changed.".into_any(),
        ),
        AppError::Unavailable => (
            "Gatehouse can't answer just now",
            "Load the page again in a minute. What was asked for before goes on by itself."
                .into_any(),
        ),
    };
    view! {
        <Title text=title />
        <div class="card max-w-xl p-5">
            <h1 class="text-xl font-semibold leading-7">{title}</h1>
            <p class="said mt-2">{error.to_string()}</p>
            <p class="mt-3">{next}</p>
            {request_id
                .map(|id| {
                    view! {
                        <p class="soft mt-3">"Request " <span class="mono">{id}</span></p>
                    }
                })}
        </div>
    }
}
