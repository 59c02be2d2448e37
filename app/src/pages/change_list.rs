use crate::api::views::ChangeRow;
use crate::ui::{
    Cell, Link, Row, RowHead, StatusTag, Table, VerdictTag, When, change_address,
    environment_address,
};
use leptos::prelude::*;

/// A list of changes.
#[component]
pub fn ChangeList(
    /// What the list holds, for those who don't see it.
    #[prop(into)]
    caption: String,
    /// The changes.
    rows: Vec<ChangeRow>,
) -> impl IntoView {
    view! {
        <Table caption=caption columns=&["change", "environment", "state", "access", "asked by", "when"]>
            {rows.into_iter().map(change_row).collect_view()}
        </Table>
    }
}

fn change_row(row: ChangeRow) -> impl IntoView {
    let environment = format!("{} / {} / {}", row.team, row.service, row.stage);
    let of = environment_address(&row.team, &row.service, &row.stage);
    view! {
        <Row>
            <RowHead>
                <Link href=change_address(&row.number)>{row.title}</Link>
                " "
                <span class="soft whitespace-nowrap">{row.number}</span>
            </RowHead>
            <Cell label="environment">
                <Link href=of>{environment}</Link>
            </Cell>
            <Cell label="state">
                <StatusTag status=row.status />
                {row.why.map(|why| view! { <span class="soft said block">{why}</span> })}
            </Cell>
            <Cell label="access" class=if row.access.is_some() { "" } else { "empty" }>
                {row.access.map(|verdict| view! { <VerdictTag verdict=verdict /> })}
            </Cell>
            <Cell label="asked by">{row.requester.name}</Cell>
            <Cell label="when" class="soft">
                <When moment=row.asked />
            </Cell>
        </Row>
    }
}
