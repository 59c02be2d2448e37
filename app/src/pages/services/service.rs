use super::load_service::load_service;
use crate::api::views;
use crate::pages::deployment_list::DeploymentList;
use crate::ui::{
    Card, Cell, EmptyState, Link, Row, RowHead, Section, StageNode, Table, When, address,
    environment_address, framed_page, from_address, promotion_address, shown,
};
use leptos::prelude::*;
use leptos_meta::Title;

/// One service: its stages from left to right, its deployments and releases.
#[component]
pub fn ServicePage() -> impl IntoView {
    let team = from_address("team").unwrap_or_default();
    let service = from_address("service").unwrap_or_default();
    let page = Resource::new(
        || (),
        move |()| {
            let (team, service) = (team.clone(), service.clone());
            async move { shown(load_service(team, service).await).await }
        },
    );
    framed_page(page, Section::Services, service_view)
}

fn service_view(page: views::ServicePage) -> AnyView {
    let (team, name, blueprint) = (page.team, page.service, page.blueprint);
    let may_ask = page.may_ask;
    let nodes: Vec<_> = page
        .stages
        .into_iter()
        .map(|stage| node(&team, &name, &blueprint, stage, may_ask))
        .collect();
    let stages = if nodes.is_empty() {
        let words = "No stage yet: its blueprint is offered at none that has an account.";
        view! { <p class="soft">{words}</p> }.into_any()
    } else {
        view! { <ol class="flex flex-wrap items-stretch gap-3">{nodes}</ol> }.into_any()
    };
    let of_team = address("/services", &[("team", &team)]);
    let history = address("/history", &[("team", &team), ("service", &name)]);
    let of = name.clone();
    let deployments = if page.deployments.is_empty() {
        view! { <EmptyState words="Nothing was deployed yet." /> }.into_any()
    } else {
        view! {
            <DeploymentList caption="Latest deployments, newest first" rows=page.deployments />
            <p class="border-t border-line px-4 py-2">
                <Link href=history>"All deployments of " {of}</Link>
            </p>
        }
        .into_any()
    };
    let releases = if page.releases.is_empty() {
        view! { <EmptyState words="No release yet. Each request that is sent makes one." /> }
            .into_any()
    } else {
        view! {
            <Table caption="Releases, newest first" columns=&["release", "blueprint", "from", "by", "when"]>
                {page.releases.into_iter().map(release_row).collect_view()}
            </Table>
        }
        .into_any()
    };
    view! {
        <Title text=name.clone() />
        <p class="soft">
            <Link href="/services">"Services"</Link>
            " / "
            <Link href=of_team>{team}</Link>
        </p>
        <h1 class="text-xl font-semibold leading-7">{name}</h1>
        <p class="soft">
            <Link href=format!("/blueprints/{blueprint}")>{page.blueprint_title}</Link>
        </p>
        <section aria-labelledby="stages" class="mt-4">
            <h2 id="stages" class="sr-only">
                "Stages"
            </h2>
            {stages}
        </section>
        <div class="mt-5 space-y-4">
            <Card id="deployments" title="Deployments" bare=true>
                {deployments}
            </Card>
            <Card id="releases" title="Releases" bare=true>
                {releases}
            </Card>
        </div>
    }
    .into_any()
}

/// One stage, with the ways from it.
fn node(
    team: &str,
    service: &str,
    blueprint: &str,
    stage: views::StageView,
    may_ask: bool,
) -> AnyView {
    let ask = address(
        "/ask",
        &[
            ("team", team),
            ("service", service),
            ("blueprint", blueprint),
            ("stage", &stage.stage),
        ],
    );
    let promote = stage
        .promotion
        .as_ref()
        .map(|offer| promotion_address(team, service, &offer.from));
    view! {
        <StageNode
            environment_href=environment_address(team, service, &stage.stage)
            ask_href=(may_ask && stage.is_offered).then_some(ask)
            promote_href=promote.filter(|_| may_ask)
            stage=stage
        />
    }
    .into_any()
}

fn release_row(release: views::ReleaseRow) -> impl IntoView {
    view! {
        <Row>
            <RowHead>{release.number}</RowHead>
            <Cell label="blueprint">{release.blueprint_version}</Cell>
            <Cell label="from" class=if release.promoted_from.is_some() { "" } else { "empty" }>
                {release.promoted_from.map(|number| format!("promoted from {number}"))}
            </Cell>
            <Cell label="by">{release.by}</Cell>
            <Cell label="when" class="soft">
                <When moment=release.at />
            </Cell>
        </Row>
    }
}
