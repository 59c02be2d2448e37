use super::load_blueprint::load_blueprint;
use super::vettings::Vettings;
use crate::api::views::{self, Tone, VersionRow};
use crate::ui::{
    Banner, Card, Cell, Definition, Definitions, Link, Markdown, Mono, Row, RowHead, Section,
    StatusTag, Table, When, address, framed_page, from_address, shown, version_address,
};
use domain::blueprint::{Manifest, Parameter, ParameterType};
use domain::stage::Stage;
use leptos::prelude::*;
use leptos_meta::Title;

/// One blueprint.
#[component]
pub fn BlueprintPage() -> impl IntoView {
    let name = from_address("name").unwrap_or_default();
    let page = Resource::new(
        || (),
        move |()| {
            let name = name.clone();
            async move { shown(load_blueprint(name).await).await }
        },
    );
    framed_page(page, Section::Blueprints, blueprint)
}

fn blueprint(page: views::BlueprintPage) -> AnyView {
    let manifest = page.manifest;
    let ask = (page.may_ask && page.is_offered).then(|| {
        let href = address("/ask", &[("blueprint", manifest.name.as_str())]);
        view! {
            <Link href=href class="button button-main">
                "Ask for an environment"
            </Link>
        }
    });
    let about: Vec<_> = paragraphs(&manifest.description);
    let notes = (!manifest.change_notes.is_empty()).then(|| {
        let notes = paragraphs(&manifest.change_notes);
        view! {
            <h3 class="font-medium">"New in " {manifest.version.clone()}</h3>
            {notes}
        }
    });
    let stages: Vec<_> = manifest.stages.iter().map(|stage| stage.as_str()).collect();
    let stages = stages.join(", ");
    let costs = cost(&manifest);
    let parameters = parameters(&manifest);
    let outputs = outputs(&manifest);
    let owner = manifest.owner.clone();
    let versions = page.versions.into_iter();
    let versions: Vec<_> = versions
        .map(|version| version_row(manifest.name.as_str(), version))
        .collect();
    let not_offered = (!page.is_offered).then(|| {
        view! {
            <div class="mt-3">
                <Banner id="not-offered" tone=Tone::Wait title="No version is on offer">
                    <p class="mt-1">
                        "What stands here is the version that was read last. Teams can ask for it once \
                        platform has proposed it and security has accepted it."
                    </p>
                </Banner>
            </div>
        }
    });
    view! {
        <Title text=manifest.title.clone() />
        <div class="flex flex-wrap items-start gap-3">
            <div class="min-w-0 flex-1 basis-64">
                <p class="soft">
                    <Link href="/blueprints">"Blueprints"</Link>
                </p>
                <h1 class="text-xl font-semibold leading-7">
                    {manifest.title.clone()} " "
                    <span class="soft font-normal">{manifest.version.clone()}</span>
                </h1>
                <p>{manifest.summary.clone()}</p>
            </div>
            {ask}
        </div>
        {not_offered}
        <div class="mt-4 space-y-4">
            <Card id="about" title="About">
                {about}
                {notes}
                <Definitions>
                    <Definition term="Looked after by">{owner}</Definition>
                    <Definition term="Stages">{stages}</Definition>
                    {costs}
                    <Definition term="Read">
                        <When moment=page.read />
                    </Definition>
                    <Definition term="Digest">
                        <Mono text=page.digest />
                    </Definition>
                </Definitions>
            </Card>
            <Card id="parameters" title="Parameters" bare=true>
                {parameters}
            </Card>
            <div class="grid items-start gap-4 lg:grid-cols-2">
                <Card id="outputs" title="Outputs">
                    {outputs}
                </Card>
                <Card id="resources" title="Resources" bare=true>
                    {resources(page.resources)}
                </Card>
            </div>
            <Card id="runbook" title="Runbook">
                <Markdown text=page.runbook />
            </Card>
            <details class="card folded px-4 py-2">
                <summary>"Template"</summary>
                <pre class="code" tabindex="0">
                    {page.template}
                </pre>
            </details>
            <Card id="versions" title="Versions" bare=true>
                <Table
                    caption="Versions, newest first"
                    columns=&["version", "state", "digest", "read"]
                >
                    {versions}
                </Table>
            </Card>
            <Vettings entries=page.vettings />
        </div>
    }
    .into_any()
}

fn paragraphs(text: &str) -> Vec<AnyView> {
    text.split("\n\n")
        .map(str::trim)
        .filter(|paragraph| !paragraph.is_empty())
        .map(|paragraph| view! { <p class="max-w-3xl">{paragraph.to_owned()}</p> }.into_any())
        .collect()
}

fn cost(manifest: &Manifest) -> Option<AnyView> {
    if manifest.monthly_cost.is_empty() {
        return None;
    }
    let costs: Vec<_> = manifest
        .monthly_cost
        .iter()
        .map(|(stage, dollars)| format!("{stage} about ${dollars:.0}"))
        .collect();
    let costs = costs.join(", ") + " a month";
    Some(view! { <Definition term="Rough cost">{costs}</Definition> }.into_any())
}

fn parameters(manifest: &Manifest) -> AnyView {
    let rows: Vec<_> = manifest
        .groups
        .iter()
        .flat_map(|group| &group.parameters)
        .filter_map(|name| manifest.parameters.get_key_value(name))
        .map(|(name, parameter)| parameter_row(name, parameter, &manifest.stages))
        .collect();
    if rows.is_empty() {
        return view! { <p class="soft px-4 py-3">"It takes no parameters."</p> }.into_any();
    }
    view! {
        <Table
            caption="Parameters with their defaults by stage"
            columns=&["parameter", "takes", "default"]
        >
            {rows}
        </Table>
    }
    .into_any()
}

fn parameter_row(name: &str, parameter: &Parameter, stages: &[Stage]) -> AnyView {
    let description = parameter.description.clone();
    let label = parameter.label.clone();
    let name = name.to_owned();
    let takes = takes(parameter);
    let defaults = defaults(parameter, stages);
    view! {
        <Row>
            <RowHead>
                <span class="font-medium">{label}</span>
                " "
                <span class="mono soft">{name}</span>
                <span class="soft block max-w-prose">{description}</span>
            </RowHead>
            <Cell label="takes">{takes}</Cell>
            <Cell label="default">{defaults}</Cell>
        </Row>
    }
    .into_any()
}

fn takes(parameter: &Parameter) -> String {
    let kind = match parameter.kind {
        ParameterType::Text => "text",
        ParameterType::Integer => "whole number",
        ParameterType::Boolean => "yes or no",
        ParameterType::Choice => {
            let labels: Vec<_> = parameter
                .choices
                .iter()
                .map(|choice| choice.label.as_str())
                .collect();
            return labels.join(", ");
        }
        ParameterType::List => "list, separated by commas",
        ParameterType::Email => "e-mail address",
        ParameterType::Cidr => "IPv4 network",
        ParameterType::SecretReference => "ARN of a secret",
    };
    match (parameter.minimum, parameter.maximum) {
        (Some(least), Some(most)) => format!("{kind}, {least} to {most}"),
        (Some(least), None) => format!("{kind}, at least {least}"),
        (None, Some(most)) => format!("{kind}, at most {most}"),
        (None, None) => kind.to_owned(),
    }
}

/// The default once where all stages share it, otherwise stage by stage.
fn defaults(parameter: &Parameter, stages: &[Stage]) -> AnyView {
    let shown = |stage: Stage| {
        let value = match parameter.default_at(stage) {
            None if parameter.required => "none, must be given",
            None | Some("") => "none",
            Some("true") => "yes",
            Some("false") => "no",
            Some(value) => value,
        };
        let fixed = if parameter.is_fixed_at(stage) {
            ", always"
        } else {
            ""
        };
        format!("{value}{fixed}")
    };
    let Some(first) = stages.first().map(|stage| shown(*stage)) else {
        return ().into_any();
    };
    if stages.iter().all(|stage| shown(*stage) == first) {
        return first.into_any();
    }
    let lines: Vec<_> = stages
        .iter()
        .map(|stage| {
            view! {
                <li>
                    <span class="soft">{stage.as_str()} " "</span>
                    {shown(*stage)}
                </li>
            }
        })
        .collect();
    view! { <ul>{lines}</ul> }.into_any()
}

fn outputs(manifest: &Manifest) -> AnyView {
    if manifest.outputs.is_empty() {
        return view! { <p class="soft">"It gives no outputs."</p> }.into_any();
    }
    let outputs = manifest.outputs.clone();
    view! {
        <Definitions>
            {outputs
                .into_iter()
                .map(|(key, output)| {
                    view! {
                        <Definition term=output.label>
                            <Mono text=key />
                            <p class="soft">{output.description}</p>
                        </Definition>
                    }
                })
                .collect_view()}
        </Definitions>
    }
    .into_any()
}

fn resources(resources: Vec<(String, u32)>) -> AnyView {
    view! {
        <Table caption="Resources by type" columns=&["type", "count"]>
            {resources
                .into_iter()
                .map(|(kind, count)| {
                    view! {
                        <Row>
                            <RowHead class="mono">{kind}</RowHead>
                            <Cell label="count">{count}</Cell>
                        </Row>
                    }
                })
                .collect_view()}
        </Table>
    }
    .into_any()
}

fn version_row(blueprint: &str, row: VersionRow) -> AnyView {
    let href = version_address(blueprint, &row.digest);
    view! {
        <Row>
            <RowHead>
                <Link href=href>{row.version}</Link>
            </RowHead>
            <Cell label="state">
                <StatusTag status=row.status />
            </Cell>
            <Cell label="digest" class="mono">
                {row.digest}
            </Cell>
            <Cell label="read" class="soft">
                <When moment=row.read />
            </Cell>
        </Row>
    }
    .into_any()
}
