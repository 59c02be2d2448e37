use crate::api::views::EnvironmentRow;
use crate::ui::{Link, StatusTag, VerdictTag, When, change_address};
use leptos::prelude::*;

/// A stage on a service's way to production.
#[component]
pub fn StageNode(
    /// The stage.
    stage: String,
    /// The environment, where there is one.
    environment: Option<EnvironmentRow>,
    /// The environment's address, or the way to ask for it where the viewer may.
    href: Option<String>,
    /// The next stage follows.
    leads_on: bool,
) -> impl IntoView {
    let node = match environment {
        Some(environment) => {
            let heading = match href {
                Some(href) => view! { <Link href=href>{stage}</Link> }.into_any(),
                None => stage.into_any(),
            };
            view! {
                <div class="flex flex-wrap items-center justify-between gap-2">
                    <h3 class="font-semibold">{heading}</h3>
                    <StatusTag status=environment.status />
                </div>
                <p class="soft mono mt-1">{environment.destination}</p>
                <p class="mt-2">
                    <b>{environment.release.unwrap_or_else(|| "nothing runs".to_owned())}</b>
                    " "
                    <span class="soft">
                        <When moment=environment.changed />
                    </span>
                </p>
                {environment
                    .access
                    .map(|verdict| {
                        view! {
                            <p class="mt-1">
                                "Access: " <VerdictTag verdict=verdict />
                            </p>
                        }
                    })}
                {environment
                    .open_change
                    .map(|number| {
                        view! {
                            <p class="mt-1">
                                <Link href=change_address(&number)>
                                    {number.clone()} " is under way"
                                </Link>
                            </p>
                        }
                    })}
            }
            .into_any()
        }
        None => view! {
            <h3 class="font-semibold">{stage.clone()}</h3>
            <p class="soft mt-1">"No environment yet"</p>
            {href
                .map(|href| {
                    view! {
                        <p class="mt-2">
                            <Link href=href>"Ask for " {stage}</Link>
                        </p>
                    }
                })}
        }
        .into_any(),
    };
    view! {
        <li class="card p-3 w-full sm:w-60">{node}</li>
        {leads_on
            .then(|| {
                view! {
                    <li aria-hidden="true" class="hidden sm:flex items-center soft">
                        "→"
                    </li>
                }
            })}
    }
}
