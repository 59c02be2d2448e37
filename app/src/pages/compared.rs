//! Two releases side by side, before a change to the one is asked for.
use crate::api::views::{ComparedParameter, ReleaseName, Tone, TypedSchedule};
use crate::pages::schedule::ScheduleFields;
use crate::ui::{
    Banner, Button, Card, Cell, EmptyState, Hidden, Kind, Mono, PostForm, Row, RowHead, Table, Tag,
    TextArea, bad,
};
use domain::blueprint::Problem;
use leptos::prelude::*;

/// `r3, blueprint version 1.0.0`.
pub fn release_words(release: &ReleaseName) -> String {
    format!(
        "{}, blueprint version {}",
        release.number, release.blueprint_version
    )
}

/// Why it can't be asked for now; nothing where it can.
#[component]
pub fn Refusals(
    /// Each reason, a sentence.
    reasons: Vec<String>,
    /// What can't be.
    what: &'static str,
) -> impl IntoView {
    (!reasons.is_empty()).then(|| {
        view! {
            <Banner id="refused" tone=Tone::Wait title=what>
                <ul class="mt-1 space-y-1">
                    {reasons.into_iter().map(|why| view! { <li>{why}</li> }).collect_view()}
                </ul>
            </Banner>
        }
    })
}

/// The form that asks for it.
#[component]
pub fn AskForIt(
    /// Where it is posted to.
    action: &'static str,
    /// What goes with it: name and value of each field.
    fields: Vec<(&'static str, String)>,
    /// The reason as typed before.
    typed: String,
    /// The time as typed before.
    schedule: TypedSchedule,
    /// What was wrong with it.
    problems: Vec<Problem>,
    /// What the button does.
    label: String,
) -> impl IntoView {
    let reason = bad(&problems, "reason");
    view! {
        <Card id="ask" title="Ask for it">
            <PostForm action=action class="space-y-3 max-w-xl">
                {fields
                    .into_iter()
                    .map(|(name, value)| view! { <Hidden name=name value=value /> })
                    .collect_view()}
                <TextArea
                    name="reason"
                    label="Why?"
                    hint="Whoever approves reads this."
                    value=typed
                    problem=reason
                />
                <ScheduleFields typed=schedule problems=problems />
                <Button label=label kind=Kind::Main />
            </PostForm>
        </Card>
    }
}

/// Parameters side by side, with why each will be so.
#[component]
pub fn Compared(
    /// The parameters.
    rows: Vec<ComparedParameter>,
    /// What the table holds, for those who don't see it.
    #[prop(into)]
    caption: String,
    /// Whether the release comes from somewhere else, where its values may be others.
    #[prop(optional)]
    with_source: bool,
    /// What to say where there is nothing to compare.
    empty: &'static str,
) -> impl IntoView {
    if rows.is_empty() {
        return view! { <EmptyState words=empty /> }.into_any();
    }
    let columns = if with_source {
        vec!["parameter", "promoted", "now", "to come", "why"]
    } else {
        vec!["parameter", "now", "to come", "why"]
    };
    let something_runs = rows.iter().any(|row| row.current.is_some());
    view! {
        <Table caption=caption columns=columns>
            {rows
                .into_iter()
                .map(|row| compared_row(row, with_source, something_runs))
                .collect_view()}
        </Table>
    }
    .into_any()
}

fn compared_row(row: ComparedParameter, with_source: bool, something_runs: bool) -> AnyView {
    let changes = something_runs && row.current.as_ref().is_none_or(|now| *now != row.incoming);
    let source = with_source.then(|| {
        view! {
            <Cell label="promoted">{value(Some(row.source))}</Cell>
        }
    });
    view! {
        <Row>
            <RowHead>
                {row.label} <span class="soft mono block">{row.name}</span>
            </RowHead>
            {source}
            <Cell label="now">{value(row.current)}</Cell>
            <Cell label="to come">
                {value(Some(row.incoming))}
                {changes
                    .then(|| {
                        view! {
                            " "
                            <Tag tone=Tone::Wait sign="≠" words="changes" />
                        }
                    })}
            </Cell>
            <Cell label="why" class="soft">
                {row.why}
            </Cell>
        </Row>
    }
    .into_any()
}

fn value(value: Option<String>) -> AnyView {
    match value.filter(|value| !value.is_empty()) {
        Some(value) => view! { <Mono text=value /> }.into_any(),
        None => view! { <span class="soft">"nothing"</span> }.into_any(),
    }
}
