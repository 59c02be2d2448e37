use crate::api::views::DeploymentRow;
use crate::ui::{
    Cell, Link, Mono, Row, RowHead, StatusTag, Table, When, change_address, environment_address,
};
use leptos::prelude::*;

/// A list of deployments.
#[component]
pub fn DeploymentList(
    /// What the list holds, for those who don't see it.
    #[prop(into)]
    caption: String,
    /// The deployments.
    rows: Vec<DeploymentRow>,
) -> impl IntoView {
    view! {
        <Table
            caption=caption
            columns=&[
                "change",
                "environment",
                "release",
                "result",
                "asked by",
                "approved by",
                "when",
            ]
        >
            {rows.into_iter().map(deployment_row).collect_view()}
        </Table>
    }
}

fn deployment_row(row: DeploymentRow) -> impl IntoView {
    let environment = format!("{} / {} / {}", row.team, row.service, row.stage);
    let of = environment_address(&row.team, &row.service, &row.stage);
    let failed = row.failed_resource.map(|name| {
        view! {
            " "
            <Mono text=name />
        }
    });
    let took = row.took.map(|took| {
        view! {
            " "
            <span class="soft whitespace-nowrap">{took}</span>
        }
    });
    view! {
        <Row>
            <RowHead>
                <Link href=change_address(&row.change)>{row.change.clone()}</Link>
                " "
                <span class="soft">{row.kind}</span>
            </RowHead>
            <Cell label="environment">
                <Link href=of>{environment}</Link>
            </Cell>
            <Cell label="release">{row.release.unwrap_or_else(|| "none".to_owned())}</Cell>
            <Cell label="result">
                <StatusTag status=row.status />
                {failed}
                {took}
            </Cell>
            <Cell label="asked by">{row.requester.name}</Cell>
            <Cell label="approved by">{row.approver.map_or_else(|| "no approval asked".to_owned(), |person| person.name)}</Cell>
            <Cell label="when" class="soft">
                <When moment=row.created />
            </Cell>
        </Row>
    }
}
