use crate::api::views::{ResourceGroup, StackView};
use crate::ui::{Card, Cell, Row, RowHead, Table};
use domain::stack::{Replacement, ResourceAction, ResourceChange};
use leptos::prelude::*;

/// What happens to the resources of one stack, by what they touch.
#[component]
pub fn Resources(
    /// The stack.
    name: String,
    /// Where it stands at CloudFormation.
    place: String,
    /// Its resource changes.
    groups: Vec<ResourceGroup>,
    /// Added, changed, replaced, removed.
    counts: [u32; 4],
    /// The card's id.
    id: String,
    /// Whether there is a change set to know it from.
    is_known: bool,
) -> impl IntoView {
    let [added, changed, replaced, removed] = counts;
    let note = if is_known {
        format!("{added} added · {changed} changed · {replaced} replaced · {removed} removed")
    } else {
        "not known yet".to_owned()
    };
    let words = if is_known {
        "This stack is already as the release wants it."
    } else {
        "What would change is known once there is a change set, which a finding keeps from being made."
    };
    let title = if name == "main" {
        "Resources".to_owned()
    } else {
        format!("Resources: {name}")
    };
    let nothing = groups.is_empty();
    view! {
        <Card id=id title=title note=note bare=true>
            <p class="soft mono border-b border-line px-4 py-1.5">{place}</p>
            {nothing
                .then(|| {
                    view! {
                        <p class="soft px-4 py-3">{words}</p>
                    }
                })}
            {groups.into_iter().map(group).collect_view()}
        </Card>
    }
}

/// The place of a stack at CloudFormation: its name, account and region.
pub fn place_of(stack: &StackView) -> String {
    format!("{} · {}", stack.stack_name, stack.destination)
}

fn group(group: ResourceGroup) -> AnyView {
    let count = group.changes.len();
    let table = view! {
        <Table
            caption=format!("Resources: {}", group.title)
            columns=&["what happens", "name", "type", "what changes"]
        >
            {group.changes.into_iter().map(row).collect_view()}
        </Table>
    }
    .into_any();
    if group.folded {
        return view! {
            <details class="folded border-t border-line px-4 py-2 first:border-t-0">
                <summary>{group.title} " " <span class="soft">{count}</span></summary>
                {table}
            </details>
        }
        .into_any();
    }
    view! {
        <section class="border-t border-line first:border-t-0">
            <h3 class="px-4 pt-2 font-medium">
                {group.title} " " <span class="soft font-normal">{count}</span>
            </h3>
            {table}
        </section>
    }
    .into_any()
}

fn row(change: ResourceChange) -> AnyView {
    let (words, class) = action(&change);
    let changed = change.changed.join(", ");
    let class_of_changed = if changed.is_empty() {
        "soft empty"
    } else {
        "soft"
    };
    view! {
        <Row>
            <RowHead class=class>{words}</RowHead>
            <Cell label="name" class="mono">
                {change.logical_id}
            </Cell>
            <Cell label="type" class="mono soft">
                {change.resource_type}
            </Cell>
            <Cell label="what changes" class=class_of_changed>
                {changed}
            </Cell>
        </Row>
    }
    .into_any()
}

fn action(change: &ResourceChange) -> (&'static str, &'static str) {
    const CALM: &str = "steady";
    const LOSS: &str = "steady text-grow font-medium";
    match (change.action, change.replacement) {
        (ResourceAction::Add, _) => ("+ add", CALM),
        (ResourceAction::Modify, Replacement::No) => ("~ change", CALM),
        (ResourceAction::Modify, Replacement::Conditional) => ("± may be replaced", LOSS),
        (ResourceAction::Modify, Replacement::Yes) => ("± replace", LOSS),
        (ResourceAction::Remove, _) => match change.policy_action.as_deref() {
            Some("Retain") => ("− let go, kept at AWS", CALM),
            Some("Snapshot") => ("− remove after a snapshot", LOSS),
            _ => ("− remove", LOSS),
        },
        (ResourceAction::Import, _) => ("+ take in", CALM),
        (ResourceAction::Dynamic, _) => ("? decided while it runs", LOSS),
    }
}
