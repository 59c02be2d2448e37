use crate::api::views::VettingEntry;
use crate::ui::{Card, Cell, EmptyState, Row, RowHead, Table, When};
use leptos::prelude::*;

/// How versions were vetted, newest first.
#[component]
pub fn Vettings(
    /// What was said.
    entries: Vec<VettingEntry>,
) -> impl IntoView {
    let content = if entries.is_empty() {
        view! { <EmptyState words="Nobody has proposed a version yet." /> }.into_any()
    } else {
        view! {
            <Table caption="Vetting, newest first" columns=&["what", "version", "said", "when"]>
                {entries.into_iter().map(entry).collect_view()}
            </Table>
        }
        .into_any()
    };
    view! {
        <Card id="vetting" title="Vetting" bare=true>
            {content}
        </Card>
    }
}

fn entry(entry: VettingEntry) -> AnyView {
    view! {
        <Row>
            <RowHead>{entry.what}</RowHead>
            <Cell label="version">{entry.version}</Cell>
            <Cell label="said" class="said">
                {entry.said}
            </Cell>
            <Cell label="when" class="soft">
                <When moment=entry.at />
            </Cell>
        </Row>
    }
    .into_any()
}
