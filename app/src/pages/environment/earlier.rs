//! The releases that an environment can go back to.
use crate::api::views::{EarlierRelease, EnvironmentPage};
use crate::ui::{
    Card, Cell, EmptyState, Link, Pager, Row, RowHead, Table, When, address, change_address,
    environment_address, rollback_address,
};
use leptos::prelude::*;

pub(super) fn earlier(page: &EnvironmentPage) -> AnyView {
    let (team, service, stage) = (&page.team, &page.service, &page.row.stage);
    let here = environment_address(team, service, stage);
    let releases = &page.earlier;
    let content = if releases.rows.is_empty() {
        let words = "No other release has succeeded here yet. Once one has, this environment can go \
                     back to it.";
        view! { <EmptyState words=words /> }.into_any()
    } else {
        let rows: Vec<_> = releases
            .rows
            .iter()
            .map(|release| {
                let back = rollback_address(team, service, stage, &release.number);
                // Nothing runs that it could go back from, or the viewer may not ask.
                let offered = page.may_ask && page.row.release.is_some();
                row(release.clone(), offered.then_some(back))
            })
            .collect();
        view! {
            <Table
                caption="Other releases that succeeded here, highest number first"
                columns=&["release", "blueprint", "change", "succeeded", "back"]
            >
                {rows}
            </Table>
        }
        .into_any()
    };
    let pager = (!releases.is_first || releases.next.is_some()).then(|| {
        let first = (!releases.is_first).then(|| here.clone());
        let next = releases
            .next
            .as_ref()
            .map(|key| address(&here, &[("earlier", key)]));
        view! {
            <div class="border-t border-line px-4 pb-3">
                <Pager first=first next=next />
            </div>
        }
    });
    view! {
        <Card id="earlier" title="Earlier releases" bare=true>
            {content}
            {pager}
        </Card>
    }
    .into_any()
}

fn row(release: EarlierRelease, back: Option<String>) -> AnyView {
    let number = release.number.clone();
    view! {
        <Row>
            <RowHead>
                <b>{release.number}</b>
            </RowHead>
            <Cell label="blueprint">{release.blueprint_version}</Cell>
            <Cell label="change">
                <Link href=change_address(&release.change)>{release.change.clone()}</Link>
            </Cell>
            <Cell label="succeeded" class="soft">
                <When moment=release.at />
            </Cell>
            <Cell label="back" class=if back.is_some() { "" } else { "empty" }>
                {back.map(|href| view! { <Link href=href>"Roll back to " {number}</Link> })}
            </Cell>
        </Row>
    }
    .into_any()
}
