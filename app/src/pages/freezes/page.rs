use super::load::load_freezes;
use crate::api::views;
use crate::ui::{
    Button, Card, Cell, EmptyState, Link, Row, RowHead, Section, Select, Table, framed_page,
    from_address, shown,
};
use leptos::prelude::*;
use leptos_meta::Title;

/// Freeze windows.
#[component]
pub fn FreezesPage() -> impl IntoView {
    let stage = StoredValue::new(from_address("stage"));
    let page = Resource::new(
        || (),
        move |()| async move { shown(load_freezes(stage.get_value()).await).await },
    );
    framed_page(page, Section::Freezes, move |list| {
        freezes(list, stage.get_value().unwrap_or_default())
    })
}

fn freezes(list: views::FreezeList, stage: String) -> AnyView {
    let narrowed = !stage.is_empty();
    let of_stage = if narrowed {
        format!(" for {stage}")
    } else {
        String::new()
    };
    let ended = (!list.ended.is_empty()).then(|| {
        view! {
            <Card id="ended" title="Ended" bare=true>
                {table("Windows that have ended, latest first", "ended", list.ended)}
            </Card>
        }
    });
    let clear = narrowed.then(|| {
        view! {
            <Link href="/freezes" class="py-1.5 underlined">
                "Clear filter"
            </Link>
        }
    });
    let holding = or_words(
        "Windows that hold now",
        "holds",
        list.holding,
        format!("Nothing is frozen now{of_stage}: approved changes are deployed as they come."),
    );
    let coming = or_words(
        "Windows that come, next first",
        "holds next",
        list.coming,
        format!(
            "No window is to come{of_stage}. Windows are set in Gatehouse's configuration file by a \
             platform engineer."
        ),
    );
    view! {
        <Title text="Freeze windows" />
        <h1 class="text-xl font-semibold leading-7">"Freeze windows"</h1>
        <p class="soft">
            "While a window holds, changes can be asked for, planned and approved; their deployment \
            waits for its end. What is being deployed already is not touched."
        </p>
        <form
            method="get"
            action="/freezes"
            aria-label="Filter freeze windows"
            class="mt-4 flex flex-wrap items-end gap-3"
        >
            <Select name="stage" label="Stage" options=list.stages value=stage none="All stages" />
            <Button label="Filter" />
            {clear}
        </form>
        <div class="mt-4 space-y-4">
            <Card id="holding" title="Hold now" bare=true>
                {holding}
            </Card>
            <Card id="coming" title="To come" bare=true>
                {coming}
            </Card>
            {ended}
        </div>
    }
    .into_any()
}

fn or_words(
    caption: &'static str,
    when: &'static str,
    rows: Vec<views::FreezeRow>,
    words: String,
) -> AnyView {
    if rows.is_empty() {
        view! { <EmptyState words=words /> }.into_any()
    } else {
        table(caption, when, rows)
    }
}

fn table(caption: &'static str, when: &'static str, rows: Vec<views::FreezeRow>) -> AnyView {
    let rows = rows
        .into_iter()
        .map(|row| {
            view! {
                <Row>
                    <RowHead>{row.reason}</RowHead>
                    <Cell label=when>{row.when}</Cell>
                    <Cell label="stages">{row.stages}</Cell>
                    <Cell label="for">{row.scope}</Cell>
                    <Cell label="set as" class="soft">
                        {row.period}
                    </Cell>
                    <Cell label="owner">{row.owner}</Cell>
                </Row>
            }
        })
        .collect_view();
    view! {
        <Table caption=caption columns=vec!["reason", when, "stages", "for", "set as", "owner"]>
            {rows}
        </Table>
    }
    .into_any()
}
