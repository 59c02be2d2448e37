use super::load::{Narrowing, load_waivers};
use crate::api::views;
use crate::ui::{
    Button, Card, Cell, EmptyState, Link, Mono, Pager, Row, RowHead, Section, Select, StatusTag,
    Table, When, address, environment_address, framed_page, from_address, shown, waiver_address,
};
use leptos::prelude::*;
use leptos_meta::Title;

/// Waivers, latest first.
#[component]
pub fn WaiversPage() -> impl IntoView {
    let chosen = StoredValue::new(Narrowing {
        team: from_address("team"),
        state: from_address("state"),
        before: from_address("before"),
    });
    let page = Resource::new(
        || (),
        move |()| async move { shown(load_waivers(chosen.get_value()).await).await },
    );
    framed_page(page, Section::Waivers, move |list| {
        waivers(list, chosen.get_value())
    })
}

fn waivers(list: views::WaiverList, chosen: Narrowing) -> AnyView {
    let is_first = chosen.before.is_none();
    let [team, state] = [chosen.team, chosen.state].map(Option::unwrap_or_default);
    let narrowed = !(team.is_empty() && state.is_empty());
    let page_before = |before: &str| {
        address(
            "/waivers",
            &[("team", &team), ("state", &state), ("before", before)],
        )
    };
    let first = (!is_first).then(|| page_before(""));
    let next = list.next.as_deref().map(page_before);
    let rows = if !list.rows.is_empty() {
        table(list.rows)
    } else if narrowed {
        view! {
            <EmptyState words="No waiver fits these filters.">
                <Link href="/waivers">"Show all waivers"</Link>
            </EmptyState>
        }
        .into_any()
    } else {
        let words = "Nothing is waived. Where a finding stops a change, its page has a link to ask \
                     for a waiver.";
        view! { <EmptyState words=words /> }.into_any()
    };
    view! {
        <Title text="Waivers" />
        <h1 class="text-xl font-semibold leading-7">"Waivers"</h1>
        <p class="soft">
            "A waiver lets one finding through in one environment, until its last day. It is granted by \
            somebody of security."
        </p>
        <form
            method="get"
            action="/waivers"
            aria-label="Filter waivers"
            class="mt-4 flex flex-wrap items-end gap-3"
        >
            <Select name="state" label="State" options=list.states value=state.clone() none="All states" />
            <Select name="team" label="Team" options=list.teams value=team.clone() none="All teams" />
            <Button label="Filter" />
            {narrowed
                .then(|| {
                    view! {
                        <Link href="/waivers" class="py-1.5 underlined">
                            "Clear filters"
                        </Link>
                    }
                })}
        </form>
        <div class="mt-4">
            <Card id="waivers" title="Waivers" bare=true>
                {rows}
            </Card>
        </div>
        <Pager first=first next=next />
    }
    .into_any()
}

fn table(rows: Vec<views::WaiverRow>) -> AnyView {
    let rows = rows
        .into_iter()
        .map(|row| {
            let place = format!("{}/{}/{}", row.team, row.service, row.stage);
            let of_place = environment_address(&row.team, &row.service, &row.stage);
            view! {
                <Row>
                    <RowHead>
                        <Link href=waiver_address(&row.number) class="underlined">{row.number.clone()}</Link>
                        " "
                        {row.title}
                    </RowHead>
                    <Cell label="resource">
                        <Mono text=row.resource />
                    </Cell>
                    <Cell label="environment">
                        <Link href=of_place>{place}</Link>
                    </Cell>
                    <Cell label="state">
                        <StatusTag status=row.status />
                    </Cell>
                    <Cell label="last day">{row.until}</Cell>
                    <Cell label="asked by">
                        {row.asked_by.name} " "
                        <span class="soft">
                            <When moment=row.asked />
                        </span>
                    </Cell>
                </Row>
            }
        })
        .collect_view();
    view! {
        <Table
            caption="Waivers, latest first"
            columns=vec!["waiver", "resource", "environment", "state", "last day", "asked by"]
        >
            {rows}
        </Table>
    }
    .into_any()
}
