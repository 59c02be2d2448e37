use super::load_catalogue::load_catalogue;
use crate::api::views::{BlueprintRow, BrokenBlueprint, Catalogue, UnvettedRow};
use crate::ui::{
    Card, Cell, EmptyState, Link, Row, RowHead, Section, StatusTag, Table, address, framed_page,
    shown, version_address,
};
use leptos::prelude::*;
use leptos_meta::Title;

/// The blueprints on offer.
#[component]
pub fn BlueprintsPage() -> impl IntoView {
    let page = Resource::new(|| (), |()| async { shown(load_catalogue().await).await });
    framed_page(page, Section::Blueprints, catalogue)
}

fn catalogue(catalogue: Catalogue) -> AnyView {
    let may_ask = catalogue.may_ask;
    let rows = if catalogue.blueprints.is_empty() {
        view! {
            <div class="card">
                <EmptyState words="No blueprint is on offer yet. A platform engineer adds one and proposes it." />
            </div>
        }
        .into_any()
    } else {
        let rows: Vec<_> = catalogue
            .blueprints
            .into_iter()
            .map(|row| view! { <li>{blueprint(row, may_ask)}</li> })
            .collect();
        view! { <ul class="grid gap-4 lg:grid-cols-2">{rows}</ul> }.into_any()
    };
    let unvetted = (!catalogue.unvetted.is_empty()).then(|| {
        view! {
            <div class="mt-4">
                <Card id="unvetted" title="Not on offer yet" bare=true>
                    {unvetted_table("Versions that are not vetted", catalogue.unvetted)}
                </Card>
            </div>
        }
    });
    let broken = (!catalogue.broken.is_empty()).then(|| {
        view! {
            <div class="mt-4">
                <Card id="broken" title="Blueprints that could not be read">
                    {catalogue.broken.into_iter().map(broken).collect_view()}
                </Card>
            </div>
        }
    });
    view! {
        <Title text="Blueprints" />
        <h1 class="text-xl font-semibold leading-7">"Blueprints"</h1>
        <p class="soft">"What there is to ask for, vetted and looked after by its owner."</p>
        <div class="mt-4">{rows}</div>
        {unvetted}
        {broken}
    }
    .into_any()
}

/// Versions that are not vetted, each leading to its page.
pub fn unvetted_table(caption: &'static str, rows: Vec<UnvettedRow>) -> AnyView {
    let rows: Vec<_> = rows
        .into_iter()
        .map(|row| {
            let href = version_address(&row.name, &row.digest);
            view! {
                <Row>
                    <RowHead>
                        <Link href=href>{row.title} " " {row.version}</Link>
                    </RowHead>
                    <Cell label="state">
                        <StatusTag status=row.status />
                    </Cell>
                </Row>
            }
        })
        .collect();
    view! {
        <Table caption=caption columns=&["version", "state"]>
            {rows}
        </Table>
    }
    .into_any()
}

fn blueprint(row: BlueprintRow, may_ask: bool) -> AnyView {
    let services = match row.services {
        0 => "No service uses it yet".to_owned(),
        1 => "1 service uses it".to_owned(),
        count => format!("{count} services use it"),
    };
    let ask = may_ask.then(|| {
        let href = address("/ask", &[("blueprint", &row.name)]);
        let label = format!("Ask for {}", row.title);
        view! {
            <p class="mt-3">
                <Link href=href class="button">
                    {label}
                </Link>
            </p>
        }
    });
    view! {
        <section class="card h-full p-4">
            <h2 class="text-base font-semibold">
                <Link href=format!("/blueprints/{}", row.name)>{row.title}</Link>
                " "
                <span class="soft text-sm font-normal">{row.version}</span>
            </h2>
            <p class="mt-1">{row.summary}</p>
            <p class="soft mt-2">
                "Stages: " {row.stages.join(", ")} " · looked after by " {row.owner} " · "
                {services}
            </p>
            {ask}
        </section>
    }
    .into_any()
}

fn broken(blueprint: BrokenBlueprint) -> AnyView {
    let offered = match blueprint.still_offered {
        Some(version) => format!("Version {version}, read before, stays on offer."),
        None => "It is not on offer until its folder is mended.".to_owned(),
    };
    view! {
        <section>
            <h3 class="font-medium">{blueprint.name}</h3>
            <ul class="mt-1 space-y-1">
                {blueprint
                    .problems
                    .into_iter()
                    .map(|problem| view! { <li class="mono text-grow">{problem}</li> })
                    .collect_view()}
            </ul>
            <p class="soft mt-1">{offered}</p>
        </section>
    }
    .into_any()
}
