use super::decommission::Decommission;
use super::earlier::earlier;
use super::load::load_environment;
use super::locking::{lock_form, locked};
use crate::api::views;
use crate::pages::change_list::ChangeList;
use crate::pages::holds::Holds;
use crate::ui::{
    Button, Card, Cell, Definition, Definitions, EmptyState, ErrorSummary, Hidden, Kind, Link,
    Mono, PostForm, Row, RowHead, Section, StatusTag, Table, TextArea, TextField, When, address,
    bad, change_address, framed_page, from_address, promotion_address, service_address, shown,
    title_of_form,
};
use domain::blueprint::Problem;
use leptos::prelude::*;
use leptos::server_fn::ServerFn;
use leptos_meta::Title;

/// One environment.
#[component]
pub fn EnvironmentPage() -> impl IntoView {
    let [team, service, stage] = ["team", "service", "stage"].map(from_address);
    let [earlier, draft] = ["earlier", "draft"].map(from_address);
    let page = Resource::new(
        || (),
        move |()| {
            let team = team.clone().unwrap_or_default();
            let service = service.clone().unwrap_or_default();
            let stage = stage.clone().unwrap_or_default();
            let (earlier, draft) = (earlier.clone(), draft.clone());
            async move { shown(load_environment(team, service, stage, earlier, draft).await).await }
        },
    );
    framed_page(page, Section::Services, environment)
}

fn environment(page: views::EnvironmentPage) -> AnyView {
    let stage = page.row.stage.clone();
    let title = title_of_form(&format!("{} at {stage}", page.service), &page.problems);
    let of_team = address("/services", &[("team", &page.team)]);
    let history = address(
        "/history",
        &[
            ("team", &page.team),
            ("service", &page.service),
            ("stage", &stage),
        ],
    );
    let decommission = (page.row.release.is_some() && page.may_ask).then(|| end(&page));
    let request = request(&page);
    let promote = promote(&page);
    let earlier = earlier(&page);
    let (locked, lock) = (locked(&page), lock_form(&page));
    let changes = if page.changes.is_empty() {
        view! { <EmptyState words="Nobody has asked for anything here yet." /> }.into_any()
    } else {
        view! {
            <ChangeList caption="Changes of this environment, newest first" rows=page.changes />
            <p class="border-t border-line px-4 py-2">
                <Link href=history>"Its deployments"</Link>
            </p>
        }
        .into_any()
    };
    let of_service = service_address(&page.team, &page.service);
    let service = page.service.clone();
    view! {
        <Title text=title />
        <ErrorSummary problems=page.problems />
        <div class="flex flex-wrap items-start gap-3">
            <div class="min-w-0 flex-1 basis-64">
                <p class="soft">
                    <Link href=of_team>{page.team}</Link>
                    " / "
                    <Link href=of_service>{service}</Link>
                </p>
                <h1 class="text-xl font-semibold leading-7">
                    {page.service} <span class="soft font-normal">" at "</span> {stage}
                </h1>
                <p class="soft">
                    {match page.blueprint {
                        Some((title, version)) => format!("{title} {version} · "),
                        None => String::new(),
                    }} <span class="mono">{page.row.destination}</span>
                </p>
            </div>
            <div class="flex flex-wrap gap-2">{promote} {request}</div>
        </div>
        <div class="mt-3 flex flex-wrap items-center gap-x-3 gap-y-1">
            <StatusTag status=page.row.status />
            <span>
                <b>{page.row.release.unwrap_or_else(|| "Nothing runs here".to_owned())}</b>
                " "
                <span class="soft">
                    <When moment=page.row.changed />
                </span>
            </span>
            {page
                .row
                .open_change
                .map(|number| {
                    view! {
                        <Link href=change_address(&number) class="underlined">
                            {number.clone()} " is under way"
                        </Link>
                    }
                })}
        </div>
        {locked}
        <Holds holds=page.holds />
        <div class="mt-4 grid gap-4 lg:grid-cols-2 items-start">
            <Card id="outputs" title="Outputs">
                {outputs(page.outputs)}
            </Card>
            <Card id="parameters" title="Parameters in force">
                {parameters(page.parameters)}
            </Card>
        </div>
        <div class="mt-4 space-y-4">
            <Card id="stacks" title="Stacks" bare=true>
                {stacks(page.stacks)}
            </Card>
            <Card id="changes" title="Changes" bare=true>
                {changes}
            </Card>
            {earlier}
            {lock}
            {decommission}
        </div>
    }
    .into_any()
}

fn request(page: &views::EnvironmentPage) -> Option<AnyView> {
    if !page.may_ask || page.row.open_change.is_some() {
        return None;
    }
    let href = address(
        "/ask",
        &[
            ("team", &page.team),
            ("service", &page.service),
            ("stage", &page.row.stage),
        ],
    );
    Some(
        view! {
            <Link href=href class="button button-main">
                "Request a change"
            </Link>
        }
        .into_any(),
    )
}

fn promote(page: &views::EnvironmentPage) -> Option<AnyView> {
    let to = page.promotes_to.clone().filter(|_| page.may_ask)?;
    let href = promotion_address(&page.team, &page.service, &page.row.stage);
    Some(
        view! {
            <Link href=href class="button">
                "Promote to "
                {to}
            </Link>
        }
        .into_any(),
    )
}

fn outputs(outputs: Vec<views::OutputView>) -> AnyView {
    if outputs.is_empty() {
        let words = "Addresses and names of what runs here will stand here after the first \
                     deployment.";
        return view! { <p class="soft">{words}</p> }.into_any();
    }
    view! {
        <Definitions>
            {outputs
                .into_iter()
                .map(|output| {
                    let is_web = output.value.starts_with("https://");
                    let value = if is_web {
                        view! {
                            <a href=output.value.clone() rel="external noopener noreferrer" class="mono underlined">
                                {output.value.clone()}
                            </a>
                        }
                            .into_any()
                    } else {
                        view! { <Mono text=output.value /> }.into_any()
                    };
                    view! {
                        <Definition term=output
                            .label>
                            {value}
                            {(!output.description.is_empty())
                                .then(|| view! { <p class="soft">{output.description}</p> })}
                        </Definition>
                    }
                })
                .collect_view()}
        </Definitions>
    }
    .into_any()
}

fn parameters(parameters: Vec<(String, String, String)>) -> AnyView {
    if parameters.is_empty() {
        return view! { <p class="soft">"No values are in force until something runs here."</p> }
            .into_any();
    }
    view! {
        <Definitions>
            {parameters
                .into_iter()
                .map(|(label, name, value)| {
                    let value = if value.is_empty() {
                        view! { <span class="soft">"nothing"</span> }.into_any()
                    } else {
                        view! { <Mono text=value /> }.into_any()
                    };
                    view! {
                        <dt title=name>{label}</dt>
                        <dd>{value}</dd>
                    }
                })
                .collect_view()}
        </Definitions>
    }
    .into_any()
}

fn stacks(stacks: Vec<views::EnvironmentStackView>) -> AnyView {
    if stacks.is_empty() {
        return view! { <EmptyState words="No stack yet." /> }.into_any();
    }
    view! {
        <Table caption="Stacks of this environment" columns=&["stack", "name", "region", "ARN"]>
            {stacks
                .into_iter()
                .map(|stack| {
                    view! {
                        <Row>
                            <RowHead>{stack.name}</RowHead>
                            <Cell label="name" class="mono">
                                {stack.stack_name}
                            </Cell>
                            <Cell label="region" class="mono">
                                {stack.region}
                            </Cell>
                            <Cell label="ARN" class="mono soft">
                                {stack.stack_id.unwrap_or_else(|| "not made yet".to_owned())}
                            </Cell>
                        </Row>
                    }
                })
                .collect_view()}
        </Table>
    }
    .into_any()
}

/// The way to decommission it, or why there is none now.
fn end(page: &views::EnvironmentPage) -> AnyView {
    let problems = &page.problems;
    let is_ours = page.lock.typed.is_empty()
        && problems
            .iter()
            .any(|problem| problem.field != "lock_reason");
    let content = match &page.decommission_refused_because {
        Some(why) => view! {
            <p id="refused">{why.clone()}</p>
            <form>
                <button type="button" class="button" disabled=true aria-describedby="refused">
                    "Ask to decommission"
                </button>
            </form>
        }
        .into_any(),
        None => form(page, problems),
    };
    view! {
        <details class="card px-4 py-2" open=is_ours>
            <summary class="py-1 font-semibold">"Decommission"</summary>
            <div class="mt-2 max-w-xl space-y-3 pb-2">
                <p>
                    "Decommissioning deletes the stack and what is in it. First comes a plan that \
                    lists each live resource and what would be lost; nothing is deleted before \
                    someone else approves it."
                </p>
                {content}
            </div>
        </details>
    }
    .into_any()
}

fn form(page: &views::EnvironmentPage, problems: &[Problem]) -> AnyView {
    let (team, service) = (page.team.clone(), page.service.clone());
    let stage = page.row.stage.clone();
    let (reason, confirmation) = (page.typed_reason.clone(), page.typed_confirmation.clone());
    let label = format!("Type {} to confirm", page.confirmation);
    let (bad_reason, bad_confirmation) = (bad(problems, "reason"), bad(problems, "confirmation"));
    view! {
        <PostForm action=Decommission::url() class="space-y-3">
            <Hidden name="team" value=team />
            <Hidden name="service" value=service />
            <Hidden name="stage" value=stage />
            <TextArea
                name="reason"
                label="Why?"
                hint="Whoever approves reads this."
                value=reason
                problem=bad_reason
            />
            <TextField
                name="confirmation"
                label=label
                value=confirmation
                problem=bad_confirmation
            />
            <Button label="Ask to decommission" kind=Kind::Danger />
        </PostForm>
    }
    .into_any()
}
