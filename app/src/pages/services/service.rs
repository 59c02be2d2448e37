use super::load_service::load_service;
use crate::api::views;
use crate::pages::deployment_list::DeploymentList;
use crate::ui::{
    Card, Cell, EmptyState, Link, Row, RowHead, Section, StageNode, Table, When, address,
    environment_address, framed_page, from_address, shown,
};
use domain::stage::Stage;
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
    let (team, name, blueprint) = (page.row.team, page.row.name, page.row.blueprint);
    let nodes = stages(
        &team,
        &name,
        &blueprint,
        page.row.environments,
        page.offered,
        page.may_ask,
    );
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
            <Table caption="Releases, newest first" columns=&["release", "blueprint", "by", "when"]>
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
            <ol class="flex flex-wrap items-stretch gap-3">{nodes}</ol>
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

/// Environments and offered stages together, in the order a release travels.
fn stages(
    team: &str,
    service: &str,
    blueprint: &str,
    environments: Vec<views::EnvironmentRow>,
    offered: Vec<String>,
    may_ask: bool,
) -> Vec<AnyView> {
    let standing = environments
        .into_iter()
        .map(|row| (row.stage.clone(), Some(row)));
    let mut nodes: Vec<_> = standing
        .chain(offered.into_iter().map(|stage| (stage, None)))
        .collect();
    nodes.sort_by_key(|(stage, _)| Stage::ALL.iter().position(|known| known.as_str() == stage));
    let last = nodes.len().saturating_sub(1);
    nodes
        .into_iter()
        .enumerate()
        .map(|(index, (stage, environment))| {
            let href = if environment.is_some() {
                Some(environment_address(team, service, &stage))
            } else {
                may_ask.then(|| {
                    address(
                        "/ask",
                        &[
                            ("team", team),
                            ("service", service),
                            ("blueprint", blueprint),
                            ("stage", &stage),
                        ],
                    )
                })
            };
            view! {
                <StageNode stage=stage environment=environment href=href leads_on=index < last />
            }
            .into_any()
        })
        .collect()
}

fn release_row(release: views::ReleaseRow) -> impl IntoView {
    view! {
        <Row>
            <RowHead>{release.number}</RowHead>
            <Cell label="blueprint">{release.blueprint_version}</Cell>
            <Cell label="by">{release.by}</Cell>
            <Cell label="when" class="soft">
                <When moment=release.at />
            </Cell>
        </Row>
    }
}
