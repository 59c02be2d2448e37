use crate::ui::{Cell, Row, RowHead, Table};
use domain::access::{AccessLineText, HolderDiff};
use leptos::prelude::*;

/// The lines that come and go at one holder of statements or rules: what is gained, then what is
/// lost. Lines that stay are only counted.
#[component]
pub fn AccessRows(
    /// The holder.
    diff: HolderDiff,
) -> impl IntoView {
    let gained = diff.added.into_iter().map(|line| access_row(true, line));
    let lost = diff.removed.into_iter().map(|line| access_row(false, line));
    let rows: Vec<_> = gained.chain(lost).collect();
    let unchanged = match diff.unchanged {
        0 => None,
        1 => Some("1 more line stays as it is".to_owned()),
        count => Some(format!("{count} more lines stay as they are")),
    };
    view! {
        <Table
            caption=format!("Access lines that come and go at {}", diff.holder)
            columns=&["change", "where", "effect", "who", "action or ports", "on what", "condition"]
        >
            {rows}
        </Table>
        {unchanged.map(|words| view! { <p class="soft px-4 py-1">{words}</p> })}
    }
}

fn access_row(gained: bool, line: AccessLineText) -> AnyView {
    let (class, ink, words) = if gained {
        ("row-gained", "steady text-grow font-medium", "+ gained")
    } else {
        ("row-lost", "steady text-shrink font-medium", "− lost")
    };
    view! {
        <Row class=class>
            <RowHead class=ink>{words}</RowHead>
            <Cell label="where" class="whole">
                {line.place}
            </Cell>
            <Cell label="effect" class="mono whole">
                {line.effect}
            </Cell>
            {mono_cell("who", line.principal)}
            {mono_cell("action or ports", line.action)}
            {mono_cell("on what", line.resource)}
            {mono_cell("condition", line.condition)}
        </Row>
    }
    .into_any()
}

fn mono_cell(label: &'static str, text: String) -> AnyView {
    let class = if text.is_empty() {
        "mono empty"
    } else {
        "mono roomy"
    };
    view! {
        <Cell label=label class=class>
            {text}
        </Cell>
    }
    .into_any()
}
