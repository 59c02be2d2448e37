use super::access::{Access, Around, NOTHING};
use super::removals::Removals;
use super::resources::{Resources, place_of};
use crate::api::views::{ParameterChange, PlanView, StackView};
use crate::pages::findings::Findings;
use crate::ui::{Card, Cell, Link, Row, RowHead, Table, address, change_address, template_address};
use leptos::prelude::*;

/// The plan: what changed since earlier approvals, access, then each stack.
#[component]
pub fn Plan(
    /// The plan.
    plan: PlanView,
    /// The change's number.
    number: String,
    /// What the review of access needs to know of the page.
    around: Around,
    /// Whether the whole access of a new environment is on show, rather than what it adds.
    shows_whole: bool,
) -> impl IntoView {
    let changed = (!plan.changed_since_approval.is_empty()).then(|| {
        view! {
            <Card id="since-approval" title="Changed since it was approved">
                <ul class="list-disc space-y-1 pl-5">
                    {plan
                        .changed_since_approval
                        .into_iter()
                        .map(|words| view! { <li>{words}</li> })
                        .collect_view()}
                </ul>
            </Card>
        }
    });
    let choice = plan
        .whole
        .is_some()
        .then(|| choice(&number, &plan.compared_with, shows_whole));
    let access = match plan.whole {
        Some(whole) if shows_whole => *whole,
        _ => plan.access,
    };
    let stacks: Vec<_> = plan
        .stacks
        .into_iter()
        .enumerate()
        .map(|(index, stack)| stack_view(&number, index, stack))
        .collect();
    view! {
        {changed}
        <Findings findings=plan.findings of_change=number />
        {choice}
        <Access review=access around=around />
        {stacks}
    }
}

/// Says which access of a new environment stands below, and leads to the other.
fn choice(number: &str, compared_with: &str, shows_whole: bool) -> AnyView {
    let page = change_address(number);
    let (words, href, other) = if shows_whole {
        (
            "Below is the whole access of the new environment, compared with nothing.".to_owned(),
            page,
            "Show only what it adds",
        )
    } else {
        (
            format!("Below is what the new environment adds, compared with {compared_with}."),
            address(&page, &[("against", NOTHING)]),
            "Show its whole access",
        )
    };
    view! {
        <p class="card px-4 py-2">
            {words} " "
            <Link href=format!("{href}#who-may-do-what") class="underlined">
                {other}
            </Link>
        </p>
    }
    .into_any()
}

fn stack_view(number: &str, index: usize, stack: StackView) -> AnyView {
    let [resources_id, parameters_id] =
        ["resources", "parameters"].map(|card| format!("{card}-{}", index + 1));
    let place = place_of(&stack);
    let is_known = stack.operation == "unchanged" || !stack.groups.is_empty();
    let resources = if stack.operation == "deletes" {
        view! {
            <Removals
                id=resources_id
                name=stack.name.clone()
                place=place
                removals=stack.removals
            />
        }
        .into_any()
    } else {
        view! {
            <Resources
                id=resources_id
                name=stack.name.clone()
                place=place
                groups=stack.groups
                counts=stack.counts
                is_known=is_known
            />
        }
        .into_any()
    };
    let parameters = (!stack.parameters.is_empty())
        .then(|| parameters(parameters_id, &stack.name, stack.parameters));
    let template = stack.template_lines.map(|lines| {
        let href = template_address(number, &stack.name, "");
        let words = if stack.name == "main" {
            "Template".to_owned()
        } else {
            format!("Template of {}", stack.name)
        };
        view! {
            <p class="card px-4 py-2">
                <Link href=href>{words}</Link>
                <span class="soft">" " {lines} " lines, as given to CloudFormation"</span>
            </p>
        }
    });
    view! {
        {resources}
        {parameters}
        {template}
    }
    .into_any()
}

/// Parameters that change stand open; those that stay are folded, unless all are new.
fn parameters(id: String, stack: &str, parameters: Vec<ParameterChange>) -> AnyView {
    let (moving, still): (Vec<_>, Vec<_>) = parameters
        .into_iter()
        .partition(|parameter| parameter.before != parameter.after);
    let all_new = moving.iter().all(|parameter| parameter.before.is_none());
    let title = if stack == "main" {
        "Parameters".to_owned()
    } else {
        format!("Parameters: {stack}")
    };
    let note = if moving.is_empty() {
        "none changes".to_owned()
    } else if all_new {
        format!("{} set", moving.len())
    } else {
        format!("{} changed", moving.len())
    };
    let moving = (!moving.is_empty()).then(|| {
        if all_new {
            view! {
                <Table caption="Parameters" columns=&["name", "value"]>
                    {moving.into_iter().map(new_value).collect_view()}
                </Table>
            }
            .into_any()
        } else {
            view! {
                <Table caption="Parameters that change" columns=&["name", "now", "then"]>
                    {moving.into_iter().map(changed_value).collect_view()}
                </Table>
            }
            .into_any()
        }
    });
    let still = (!still.is_empty()).then(|| {
        view! {
            <details class="folded border-t border-line px-4 py-1 first:border-t-0">
                <summary>{still.len()} " stay as they are"</summary>
                <Table caption="Parameters that stay" columns=&["name", "value"]>
                    {still.into_iter().map(new_value).collect_view()}
                </Table>
            </details>
        }
    });
    view! {
        <Card id=id title=title note=note bare=true>
            {moving}
            {still}
        </Card>
    }
    .into_any()
}

fn new_value(parameter: ParameterChange) -> AnyView {
    view! {
        <Row>
            <RowHead class="mono">{parameter.name}</RowHead>
            <Cell label="value" class="mono">
                {value(parameter.after)}
            </Cell>
        </Row>
    }
    .into_any()
}

fn changed_value(parameter: ParameterChange) -> AnyView {
    view! {
        <Row>
            <RowHead class="mono">{parameter.name}</RowHead>
            <Cell label="now" class="mono soft">
                {value(parameter.before)}
            </Cell>
            <Cell label="then" class="mono">
                {value(parameter.after)}
            </Cell>
        </Row>
    }
    .into_any()
}

fn value(value: Option<String>) -> String {
    match value {
        None => "not set".to_owned(),
        Some(value) if value.is_empty() => "empty".to_owned(),
        Some(value) => value,
    }
}
