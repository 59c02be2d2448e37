use super::load::{Narrowing, load_deployments};
use crate::api::views;
use crate::pages::deployment_list::DeploymentList;
use crate::ui::{
    Button, Card, EmptyState, Link, Pager, Section, Select, address, framed_page, from_address,
    shown,
};
use leptos::prelude::*;
use leptos_meta::Title;

/// Deployments, newest first.
#[component]
pub fn HistoryPage() -> impl IntoView {
    let chosen = StoredValue::new(Narrowing {
        team: from_address("team"),
        service: from_address("service"),
        stage: from_address("stage"),
        state: from_address("state"),
        person: from_address("person"),
        before: from_address("before"),
    });
    let page = Resource::new(
        || (),
        move |()| async move { shown(load_deployments(chosen.get_value()).await).await },
    );
    framed_page(page, Section::History, move |list| {
        history(list, chosen.get_value())
    })
}

fn history(list: views::DeploymentList, chosen: Narrowing) -> AnyView {
    let is_first = chosen.before.is_none();
    let [team, service, stage, state, person] = [
        chosen.team,
        chosen.service,
        chosen.stage,
        chosen.state,
        chosen.person,
    ]
    .map(Option::unwrap_or_default);
    let narrowed = !(team.is_empty()
        && service.is_empty()
        && stage.is_empty()
        && state.is_empty()
        && person.is_empty());
    let page_before = |before: &str| {
        address(
            "/history",
            &[
                ("team", &team),
                ("service", &service),
                ("stage", &stage),
                ("state", &state),
                ("person", &person),
                ("before", before),
            ],
        )
    };
    let first = (!is_first).then(|| page_before(""));
    let next = list.next.as_deref().map(page_before);
    let rows = if !list.rows.is_empty() {
        view! { <DeploymentList caption="Deployments, newest first" rows=list.rows /> }.into_any()
    } else if narrowed {
        view! {
            <EmptyState words="No deployment fits these filters.">
                <Link href="/history">"Show all deployments"</Link>
            </EmptyState>
        }
        .into_any()
    } else {
        let words = "Nothing was deployed yet. A deployment stands here from when its change is \
                     approved.";
        view! { <EmptyState words=words /> }.into_any()
    };
    view! {
        <Title text="History" />
        <h1 class="text-xl font-semibold leading-7">"History"</h1>
        <p class="soft">
            "Every deployment of the teams you can see: who asked, who approved, what came of it."
        </p>
        <form
            method="get"
            action="/history"
            aria-label="Filter deployments"
            class="mt-4 grid gap-3 sm:grid-cols-3 lg:grid-cols-6 items-end"
        >
            <Select name="team" label="Team" options=list.teams value=team.clone() none="All teams" />
            <Select
                name="service"
                label="Service"
                options=list.services
                value=service.clone()
                none="All services"
            />
            <Select
                name="stage"
                label="Stage"
                options=list.stages
                value=stage.clone()
                none="All stages"
            />
            <Select
                name="state"
                label="State"
                options=list.states
                value=state.clone()
                none="All states"
            />
            <Select
                name="person"
                label="Asked by"
                options=list.people
                value=person.clone()
                none="Everyone"
            />
            <div class="flex gap-3">
                <Button label="Filter" />
                {narrowed
                    .then(|| {
                        view! {
                            <Link href="/history" class="py-1.5 underlined">
                                "Clear filters"
                            </Link>
                        }
                    })}
            </div>
        </form>
        <div class="mt-4">
            <Card id="deployments" title="Deployments" bare=true>
                {rows}
            </Card>
        </div>
        <Pager first=first next=next />
    }
    .into_any()
}
