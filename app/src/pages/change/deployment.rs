use crate::api::views::{DeploymentView, EventView, OutputView, ResourceProgress, Status};
use crate::ui::{Card, Cell, Mono, Row, RowHead, StatusTag, Table, When};
use leptos::prelude::*;

/// The deployment: how far it is, each resource with AWS's own reason where one failed, every
/// event, and what came out.
#[component]
pub fn Deployment(
    /// The deployment.
    deployment: DeploymentView,
) -> impl IntoView {
    let (done, all) = deployment.progress;
    let note = match (&deployment.took, all) {
        (Some(took), _) => took.clone(),
        (None, 0) => String::new(),
        (None, all) => format!("{done} of {all} resources"),
    };
    let tags = view! { <StatusTag status=deployment.status /> }.into_any();
    let under_way = deployment.took.is_none() && all > 0;
    let has_outputs = !deployment.outputs.is_empty();
    let has_events = !deployment.events.is_empty();
    let waits = deployment.resources.is_empty();
    view! {
        {has_outputs.then(|| outputs(deployment.outputs))}
        <Card id="deployment" title="Deployment" note=note tags=tags bare=true>
            <div class="px-4 py-2">
                {deployment
                    .started
                    .map(|started| view! { <p class="soft">"Started " <When moment=started /></p> })}
                {under_way
                    .then(|| {
                        view! {
                            <progress
                                class="progress mt-2"
                                value=done
                                max=all
                                aria-label="Resources done"
                            ></progress>
                        }
                    })}
                {waits.then(|| view! { <p class="soft">"AWS has not begun with any resource."</p> })}
            </div>
            {(!waits)
                .then(|| {
                    view! {
                        <Table
                            caption="Resources as they are deployed"
                            columns=&["resource", "type", "state"]
                        >
                            {deployment.resources.into_iter().map(resource).collect_view()}
                        </Table>
                    }
                })}
            {has_events.then(|| events(deployment.events))}
        </Card>
    }
}

fn resource(resource: ResourceProgress) -> AnyView {
    let status = Status {
        words: resource.status,
        tone: resource.tone,
    };
    view! {
        <Row>
            <RowHead class="mono">{resource.logical_id}</RowHead>
            <Cell label="type" class="mono soft">
                {resource.resource_type}
            </Cell>
            <Cell label="state">
                <StatusTag status=status />
                {resource.reason.map(|reason| view! { <p class="said mt-1">{reason}</p> })}
            </Cell>
        </Row>
    }
    .into_any()
}

fn events(events: Vec<EventView>) -> AnyView {
    view! {
        <details class="folded border-t border-line py-1">
            <summary class="px-4">"All " {events.len()} " events"</summary>
            <Table
                caption="Stack events, oldest first"
                columns=&["when", "resource", "state", "AWS's reason"]
            >
                {events.into_iter().map(event).collect_view()}
            </Table>
        </details>
    }
    .into_any()
}

fn event(event: EventView) -> AnyView {
    let reason = event.reason.unwrap_or_default();
    let class = if reason.is_empty() { "empty" } else { "" };
    let exact = event.at.at.format("%H:%M:%S").to_string();
    view! {
        <Row>
            <RowHead label="when" class="soft">
                <span class="mono" title=event.at.ago>
                    {exact}
                </span>
            </RowHead>
            <Cell label="resource" class="mono">
                {event.logical_id} " " <span class="soft">{event.resource_type}</span>
            </Cell>
            <Cell label="state" class="mono">
                {event.status}
            </Cell>
            <Cell label="AWS's reason" class=class>
                {reason}
            </Cell>
        </Row>
    }
    .into_any()
}

fn outputs(outputs: Vec<OutputView>) -> AnyView {
    view! {
        <Card id="outputs" title="Outputs" bare=true>
            <Table caption="Outputs" columns=&["output", "value"]>
                {outputs
                    .into_iter()
                    .map(|output| {
                        view! {
                            <Row>
                                <RowHead>
                                    {output.label} <p class="soft">{output.description}</p>
                                </RowHead>
                                <Cell label="value">
                                    <Mono text=output.value />
                                </Cell>
                            </Row>
                        }
                    })
                    .collect_view()}
            </Table>
        </Card>
    }
    .into_any()
}
