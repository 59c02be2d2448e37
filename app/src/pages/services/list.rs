use super::load_services::load_services;
use crate::api::views::{EnvironmentRow, ServiceList, ServiceRow};
use crate::ui::{
    Button, Card, Cell, EmptyState, Link, Pager, Row, RowHead, Section, Select, StatusTag, Table,
    address, environment_address, framed_page, from_address, service_address, shown,
};
use leptos::prelude::*;
use leptos_meta::Title;

/// The services of the teams that the viewer can see.
#[component]
pub fn ServicesPage() -> impl IntoView {
    let (team, after) = (from_address("team"), from_address("after"));
    let is_first = after.is_none();
    let page = Resource::new(
        || (),
        move |()| {
            let (team, after) = (team.clone(), after.clone());
            async move { shown(load_services(team, after).await).await }
        },
    );
    framed_page(page, Section::Services, move |list| {
        services(list, is_first)
    })
}

fn services(list: ServiceList, is_first: bool) -> AnyView {
    let may_ask = list.may_ask;
    let narrowed = !list.team.is_empty();
    let first = (!is_first).then(|| address("/services", &[("team", &list.team)]));
    let next = list
        .next
        .map(|key| address("/services", &[("team", &list.team), ("after", &key)]));
    let rows = if !list.rows.is_empty() {
        view! {
            <Table
                caption="Services, by team and name"
                columns=&["service", "blueprint", "environments"]
            >
                {list.rows.into_iter().map(service_row).collect_view()}
            </Table>
        }
        .into_any()
    } else if narrowed {
        view! {
            <EmptyState words="This team has no services yet.">
                <Link href="/services">"Show all services"</Link>
            </EmptyState>
        }
        .into_any()
    } else if may_ask {
        view! {
            <EmptyState words="No service yet. One stands here from when its first environment is asked for.">
                <Link href="/ask">"Ask for an environment"</Link>
            </EmptyState>
        }
        .into_any()
    } else {
        let words = "No service of your teams yet. One stands here from when a developer asks for \
                     its first environment.";
        view! { <EmptyState words=words /> }.into_any()
    };
    view! {
        <Title text="Services" />
        <div class="flex flex-wrap items-center justify-between gap-3">
            <h1 class="text-xl font-semibold leading-7">"Services"</h1>
            {may_ask
                .then(|| {
                    view! {
                        <Link href="/ask" class="button button-main">
                            "Ask for an environment"
                        </Link>
                    }
                })}
        </div>
        <form
            method="get"
            action="/services"
            aria-label="Filter services"
            class="mt-3 flex flex-wrap items-end gap-3"
        >
            <div class="w-56">
                <Select name="team" label="Team" options=list.teams value=list.team none="All teams" />
            </div>
            <Button label="Filter" />
            {narrowed
                .then(|| {
                    view! {
                        <Link href="/services" class="py-1.5 underlined">
                            "Clear filter"
                        </Link>
                    }
                })}
        </form>
        <div class="mt-4">
            <Card id="services" title="Services" bare=true>
                {rows}
            </Card>
        </div>
        <Pager first=first next=next />
    }
    .into_any()
}

fn service_row(row: ServiceRow) -> impl IntoView {
    let ServiceRow {
        team,
        name,
        blueprint,
        environments,
    } = row;
    let environments: Vec<_> = environments
        .into_iter()
        .map(|environment| environment_line(&team, &name, environment))
        .collect();
    let of_blueprint = format!("/blueprints/{blueprint}");
    view! {
        <Row>
            <RowHead>
                <span class="soft">{team.clone()} " / "</span>
                <Link href=service_address(&team, &name)>{name.clone()}</Link>
            </RowHead>
            <Cell label="blueprint">
                <Link href=of_blueprint>{blueprint}</Link>
            </Cell>
            <Cell label="environments">
                <ul class="flex flex-wrap gap-x-5 gap-y-1.5">{environments}</ul>
            </Cell>
        </Row>
    }
}

fn environment_line(team: &str, service: &str, environment: EnvironmentRow) -> AnyView {
    let href = environment_address(team, service, &environment.stage);
    view! {
        <li class="inline-flex flex-wrap items-baseline gap-1.5">
            <Link href=href>{environment.stage}</Link>
            {environment.release.map(|release| view! { <b>{release}</b> })}
            <StatusTag status=environment.status />
        </li>
    }
    .into_any()
}
