//! What the page says of the environment's lock, and the forms that turn it.
use super::lock::LockEnvironment;
use super::unlock::UnlockEnvironment;
use crate::api::views::{EnvironmentPage, Tone};
use crate::ui::{Banner, Button, Hidden, PostForm, TextArea, bad};
use leptos::prelude::*;
use leptos::server_fn::ServerFn;

/// The field of the reason.
const REASON: &str = "lock_reason";

/// The lock that is on, with the way to open it.
pub(super) fn locked(page: &EnvironmentPage) -> Option<AnyView> {
    let lock = page.lock.lock.clone()?;
    let environment = environment(page);
    let way = match page.lock.refused_because.clone() {
        Some(why) => view! { <p class="soft mt-2">{why}</p> }.into_any(),
        None => view! {
            <PostForm action=UnlockEnvironment::url() class="mt-2">
                {environment}
                <Button label="Unlock" />
            </PostForm>
        }
        .into_any(),
    };
    let view = view! {
        <div class="mt-3">
            <Banner id="locked" tone=Tone::Wait title=lock.title>
                <p class="said mt-1">{lock.reason}</p>
                <p class="mt-1">"Approved changes wait until it is unlocked."</p>
                {way}
            </Banner>
        </div>
    };
    Some(view.into_any())
}

/// The way to lock it, for whoever may.
pub(super) fn lock_form(page: &EnvironmentPage) -> Option<AnyView> {
    if page.lock.lock.is_some() || page.lock.refused_because.is_some() {
        return None;
    }
    let problem = bad(&page.problems, REASON);
    let open = problem.is_some();
    let typed = page.lock.typed.clone();
    let environment = environment(page);
    let view = view! {
        <details class="card px-4 py-2" open=open>
            <summary class="py-1 font-semibold">"Lock"</summary>
            <div class="mt-2 max-w-xl space-y-3 pb-2">
                <p>
                    "While it is locked, changes can be asked for, planned and approved, but nothing \
                    is deployed here. What is being deployed already goes on."
                </p>
                <PostForm action=LockEnvironment::url() class="space-y-3">
                    {environment}
                    <TextArea
                        name=REASON
                        label="Why is it locked?"
                        hint="Whoever waits reads this."
                        value=typed
                        problem=problem
                    />
                    <Button label="Lock this environment" />
                </PostForm>
            </div>
        </details>
    };
    Some(view.into_any())
}

fn environment(page: &EnvironmentPage) -> AnyView {
    let (team, service, stage) = (
        page.team.clone(),
        page.service.clone(),
        page.row.stage.clone(),
    );
    view! {
        <Hidden name="team" value=team />
        <Hidden name="service" value=service />
        <Hidden name="stage" value=stage />
    }
    .into_any()
}
