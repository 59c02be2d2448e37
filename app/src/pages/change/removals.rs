use crate::api::views::Tone;
use crate::ui::{Card, Cell, Row, RowHead, Table, Tag};
use domain::change::ResourceRemoval;
use leptos::prelude::*;

/// What becomes of each live resource when its stack is deleted: what is lost for good first.
#[component]
pub fn Removals(
    /// The stack.
    name: String,
    /// Where it stands at CloudFormation.
    place: String,
    /// Its live resources.
    removals: Vec<ResourceRemoval>,
    /// The card's id.
    id: String,
) -> impl IntoView {
    let lost = removals.iter().filter(|it| it.loses_data).count();
    let tags = if lost > 0 {
        view! { <Tag tone=Tone::Grow words=format!("{lost} with data") /> }.into_any()
    } else {
        ().into_any()
    };
    let title = if name == "main" {
        "What would be deleted".to_owned()
    } else {
        format!("What would be deleted: {name}")
    };
    let mut removals = removals;
    removals.sort_by_key(|removal| !removal.loses_data);
    view! {
        <Card id=id title=title tags=tags bare=true>
            <p class="soft mono border-b border-line px-4 py-1.5">{place}</p>
            <Table
                caption="Live resources and what becomes of them"
                columns=&["what happens", "name", "type", "id at AWS"]
            >
                {removals.into_iter().map(row).collect_view()}
            </Table>
        </Card>
    }
}

fn row(removal: ResourceRemoval) -> AnyView {
    let (words, class) = match (removal.deletion_policy.as_str(), removal.loses_data) {
        ("Retain", _) => ("kept at AWS", ""),
        ("Snapshot", _) => ("− deleted after a snapshot", "text-grow"),
        (_, true) => ("− deleted with its data", "text-grow font-medium"),
        (_, false) => ("− deleted", ""),
    };
    view! {
        <Row>
            <RowHead class=class>{words}</RowHead>
            <Cell label="name" class="mono">
                {removal.logical_id}
            </Cell>
            <Cell label="type" class="mono soft">
                {removal.resource_type}
            </Cell>
            <Cell label="id at AWS" class="mono soft">
                {removal.physical_id}
            </Cell>
        </Row>
    }
    .into_any()
}
