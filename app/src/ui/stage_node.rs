use crate::api::views::{EnvironmentRow, PendingView, PromotionOffer, StageView};
use crate::ui::{Link, StatusTag, VerdictTag, When, change_address};
use domain::access::Verdict;
use leptos::prelude::*;

/// A stage on a service's way to production.
#[component]
pub fn StageNode(
    /// The stage.
    stage: StageView,
    /// The environment's address.
    environment_href: String,
    /// The way to ask for it, where the viewer may.
    ask_href: Option<String>,
    /// The way to promote a release here, where the viewer may.
    promote_href: Option<String>,
) -> impl IntoView {
    let StageView {
        stage,
        environment,
        soak,
        step,
        pending,
        promotion,
        is_offered: _,
        leads_to,
    } = stage;
    let promotion = promotion.map(|offer| offered(offer, &stage, promote_href));
    let node = match environment {
        Some(environment) => {
            let access = environment.access;
            view! {
                {standing(stage, environment, environment_href)}
                {step.map(|step| view! { <p class="mono mt-1">{step}</p> })}
                {soak.map(|soak| view! { <p class="soft mt-1">{soak}</p> })}
                {pending.map(|pending| under_way(pending, access))}
                {promotion}
            }
            .into_any()
        }
        None => view! {
            <h3 class="font-semibold">{stage.clone()}</h3>
            <p class="soft mt-1">"No environment yet"</p>
            {ask_href
                .map(|href| {
                    view! {
                        <p class="mt-2">
                            <Link href=href>"Ask for " {stage}</Link>
                        </p>
                    }
                })}
            {promotion}
        }
        .into_any(),
    };
    view! {
        <li class="card p-3 w-full sm:w-60">{node}</li>
        {leads_to
            .map(|_| {
                view! {
                    <li aria-hidden="true" class="hidden sm:flex items-center soft">
                        "→"
                    </li>
                }
            })}
    }
}

fn standing(stage: String, environment: EnvironmentRow, href: String) -> AnyView {
    view! {
        <div class="flex flex-wrap items-center justify-between gap-2">
            <h3 class="font-semibold">
                <Link href=href>{stage}</Link>
            </h3>
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
    }
    .into_any()
}

fn under_way(pending: PendingView, access: Option<Verdict>) -> AnyView {
    let brings = pending.release.unwrap_or_else(|| "it ends".to_owned());
    view! {
        {access
            .map(|verdict| {
                view! {
                    <p class="mt-1">
                        "Access: " <VerdictTag verdict=verdict />
                    </p>
                }
            })}
        <p class="mt-1">
            <Link href=change_address(&pending.number)>{pending.number.clone()}</Link>
            <span class="soft">": " {brings} ", " {pending.words}</span>
        </p>
    }
    .into_any()
}

/// The release of the stage before, and whether it can come here.
fn offered(offer: PromotionOffer, stage: &str, href: Option<String>) -> AnyView {
    let PromotionOffer {
        from,
        release,
        has_it,
        when_soaked,
        refused_because,
    } = offer;
    if has_it {
        let words = format!("Has what {from} has.");
        return view! { <p class="soft mt-1">{words}</p> }.into_any();
    }
    if let Some(why) = refused_because {
        let words = format!("{release} of {from} can't come here yet. {why}");
        return view! { <p class="soft mt-1">{words}</p> }.into_any();
    }
    let words = if when_soaked {
        format!("Promote {release} when it has soaked")
    } else {
        format!("Promote {release} to {stage}")
    };
    match href {
        Some(href) => view! {
            <p class="mt-1">
                <Link href=href>{words}</Link>
            </p>
        }
        .into_any(),
        None => {
            let words = format!("{release} of {from} can be promoted here by a developer.");
            view! { <p class="soft mt-1">{words}</p> }.into_any()
        }
    }
}
