use super::load::load_work;
use crate::api::views::{ChangeRow, MyWork};
use crate::pages::blueprints::unvetted_table;
use crate::pages::change_list::ChangeList;
use crate::ui::{Card, EmptyState, Link, Section, framed_page, shown};
use leptos::prelude::*;
use leptos_meta::Title;

/// What waits for the viewer and what they have under way.
#[component]
pub fn WorkPage() -> impl IntoView {
    let page = Resource::new(|| (), |()| async { shown(load_work().await).await });
    framed_page(page, Section::Work, work)
}

fn work(work: MyWork) -> AnyView {
    let may_ask = work.may_ask;
    let nothing_ended = work.ended.is_empty();
    let to_vet = (!work.to_vet.is_empty()).then(|| {
        view! {
            <Card id="to-vet" title="Blueprint versions for you to vet" bare=true>
                {unvetted_table("Blueprint versions that wait for your answer", work.to_vet)}
            </Card>
        }
    });
    view! {
        <Title text="My work" />
        <div class="flex flex-wrap items-center justify-between gap-3">
            <h1 class="text-xl font-semibold leading-7">"My work"</h1>
            {may_ask
                .then(|| {
                    view! {
                        <Link href="/ask" class="button button-main">
                            "Ask for an environment"
                        </Link>
                    }
                })}
        </div>
        <div class="mt-4 space-y-4">
            {list(
                "to-review",
                "Waits for your review",
                work.to_review,
                "Nothing waits for you. Changes that you may approve will stand here.",
                None,
            )}
            {to_vet}
            {list(
                "under-way",
                "You have under way",
                work.under_way,
                if may_ask {
                    "Nothing is under way. What you ask for will stand here until it is done."
                } else {
                    "Nothing is under way. Asking for environments takes the developer role of a \
                     team, which your sign-in does not grant."
                },
                may_ask.then_some(("/ask", "Ask for an environment")),
            )}
            {(!nothing_ended)
                .then(|| list("ended", "Ended lately", work.ended, "Nothing ended lately.", None))}
        </div>
    }
    .into_any()
}

fn list(
    id: &'static str,
    title: &'static str,
    rows: Vec<ChangeRow>,
    empty: &'static str,
    first_step: Option<(&'static str, &'static str)>,
) -> AnyView {
    let content = if rows.is_empty() {
        match first_step {
            Some((href, words)) => view! {
                <EmptyState words=empty>
                    <Link href=href>{words}</Link>
                </EmptyState>
            }
            .into_any(),
            None => view! { <EmptyState words=empty /> }.into_any(),
        }
    } else {
        view! { <ChangeList caption=title rows=rows /> }.into_any()
    };
    view! {
        <Card id=id title=title bare=true>
            {content}
        </Card>
    }
    .into_any()
}
