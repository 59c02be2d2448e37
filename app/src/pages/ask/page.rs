use super::load::load_ask_form;
use super::send::SendAsk;
use crate::api::views::{AskChoice, AskDetails, AskForm, FieldGroup};
use crate::pages::holds::Holds;
use crate::pages::schedule::ScheduleFields;
use crate::ui::{
    Button, Definition, Definitions, EmptyState, ErrorSummary, Hidden, Kind, Link, ParameterField,
    PostForm, Section, Select, TextArea, TextField, address, bad, change_address, framed_page,
    from_address, shown, title_of_form,
};
use domain::blueprint::{Choice, Problem};
use leptos::prelude::*;
use leptos::server_fn::ServerFn;
use leptos_meta::Title;

/// The form to ask for an environment, or for a change of one.
#[component]
pub fn AskPage() -> impl IntoView {
    let chosen = AskChoice {
        team: from_address("team"),
        service: from_address("service"),
        blueprint: from_address("blueprint"),
        stage: from_address("stage"),
    };
    let draft = from_address("draft");
    let page = Resource::new(
        || (),
        move |()| {
            let (chosen, draft) = (chosen.clone(), draft.clone());
            async move { shown(load_ask_form(chosen, draft).await).await }
        },
    );
    framed_page(page, Section::Elsewhere, ask)
}

fn ask(mut form: AskForm) -> AnyView {
    let details = form.details.take();
    let heading = match &details {
        Some(details) if details.is_update => {
            format!("Change {} at {}", form.service, form.stage)
        }
        Some(_) => format!("Ask for {} at {}", form.service, form.stage),
        None => "Ask for an environment".to_owned(),
    };
    let content = match details {
        _ if form.teams.is_empty() => nothing_to_ask_for(),
        Some(details) => second_step(&form, details),
        None => first_step(&form),
    };
    view! {
        <Title text=title_of_form(&heading, &form.problems) />
        <div class="max-w-2xl">
            <ErrorSummary problems=form.problems />
            <h1 class="text-xl font-semibold leading-7">{heading}</h1>
            {content}
        </div>
    }
    .into_any()
}

fn nothing_to_ask_for() -> AnyView {
    let words = "Asking for environments takes the developer role of a team, which your sign-in \
                 does not grant. Whoever looks after your organisation's sign-in groups can change \
                 that.";
    view! {
        <div class="card mt-3">
            <EmptyState words=words>
                <Link href="/blueprints">"See what there is to ask for"</Link>
            </EmptyState>
        </div>
    }
    .into_any()
}

fn first_step(form: &AskForm) -> AnyView {
    if form.blueprints.is_empty() {
        let words = "No blueprint is on offer yet. A platform engineer adds one.";
        return view! {
            <div class="card mt-3">
                <EmptyState words=words />
            </div>
        }
        .into_any();
    }
    let problems = &form.problems;
    let suggestions: Vec<_> = form
        .services
        .iter()
        .map(|service| {
            let name = service.rsplit('/').next().unwrap_or(service).to_owned();
            view! { <option value=name>{service.clone()}</option> }
        })
        .collect();
    view! {
        <p class="soft">
            "First what and where, then the values it takes. Nothing is created before a plan is \
            made and someone else approves it."
        </p>
        <form method="get" action="/ask" novalidate=true class="card mt-4 space-y-4 p-4">
            <Select
                name="team"
                label="Team"
                options=form.teams.clone()
                value=chosen_or_only(&form.team, &form.teams)
                none="Choose a team"
                problem=bad(problems, "team")
            />
            <TextField
                name="service"
                label="Service"
                hint="A service that exists, or a new name: 1 to 24 lower-case letters, digits and \
                single hyphens, such as checkout."
                value=form.service.clone()
                suggestions="known-services"
                problem=bad(problems, "service")
            />
            <datalist id="known-services">{suggestions}</datalist>
            <Select
                name="blueprint"
                label="Blueprint"
                options=form.blueprints.clone()
                value=chosen_or_only(&form.blueprint, &form.blueprints)
                none="Choose a blueprint"
                problem=bad(problems, "blueprint")
            />
            <Select
                name="stage"
                label="Stage"
                options=form.stages.clone()
                value=form.stage.clone()
                none="Choose a stage"
                problem=bad(problems, "stage")
            />
            <Button label="Go on to the values" kind=Kind::Main />
        </form>
    }
    .into_any()
}

fn chosen_or_only(chosen: &str, choices: &[Choice]) -> String {
    match choices {
        [only] if chosen.is_empty() => only.value.clone(),
        _ => chosen.to_owned(),
    }
}

fn second_step(form: &AskForm, details: AskDetails) -> AnyView {
    let problems = &form.problems;
    let back = address(
        "/ask",
        &[
            ("team", &form.team),
            ("service", &form.service),
            ("blueprint", &form.blueprint),
        ],
    );
    let refused = details.open_change.is_some();
    let open = details.open_change.map(|number| {
        view! {
            <div class="banner banner-wait mt-3" id="open-change">
                <p>
                    <Link href=change_address(&number)>{number.clone()}</Link>
                    " of this environment is still open. Wait for its end or withdraw it; then you \
                    can ask for the next change."
                </p>
            </div>
        }
    });
    let cost = details.monthly_cost.map(|cost| {
        view! { <Definition term="Rough cost">{cost} " US dollars a month"</Definition> }
    });
    let blueprint = format!("{} {}", details.blueprint_title, details.blueprint_version);
    let groups: Vec<_> = details
        .groups
        .into_iter()
        .map(|group| group_of_fields(group, problems))
        .collect();
    let reason_hint = "Whoever approves reads this: what is it for, and what would be missing \
                       without it?";
    let send = if details.is_update {
        "Ask for this change"
    } else {
        "Ask for this environment"
    };
    let (team, service) = (form.team.clone(), form.service.clone());
    let (stage, reason) = (form.stage.clone(), form.reason.clone());
    let (schedule, all_problems) = (form.schedule.clone(), problems.clone());
    let hidden = [
        ("team", form.team.clone()),
        ("service", form.service.clone()),
        ("blueprint", form.blueprint.clone()),
        ("stage", form.stage.clone()),
    ]
    .map(|(name, value)| view! { <Hidden name=name value=value /> });
    let bad_reason = bad(problems, "reason");
    view! {
        {open}
        <Holds holds=details.holds />
        <div class="card mt-3 px-4 py-3">
            <Definitions>
                <Definition term="Team">{team}</Definition>
                <Definition term="Service">{service}</Definition>
                <Definition term="Stage">{stage}</Definition>
                <Definition term="Blueprint">{blueprint}</Definition>
                <Definition term="Goes to">
                    <span class="mono">{details.destination}</span>
                </Definition>
                {cost}
            </Definitions>
            <p class="mt-2">
                <Link href=back>"Choose differently"</Link>
            </p>
        </div>
        <PostForm action=SendAsk::url() class="mt-4 space-y-4">
            {hidden}
            {groups}
            <div class="card p-4">
                <TextArea
                    name="reason"
                    label="Why?"
                    hint=reason_hint
                    value=reason
                    problem=bad_reason
                />
                <div class="mt-3">
                    <ScheduleFields typed=schedule problems=all_problems />
                </div>
            </div>
            <div>
                <Button
                    label=send
                    kind=Kind::Main
                    refused_by=refused.then(|| "open-change".to_owned())
                />
                <p class="soft mt-2">
                    "Gatehouse then makes a plan that shows exactly what would be created, changed \
                    and removed. Nothing runs before someone else approves that plan."
                </p>
            </div>
        </PostForm>
    }
    .into_any()
}

fn group_of_fields(group: FieldGroup, problems: &[Problem]) -> AnyView {
    let fields: Vec<_> = group
        .fields
        .into_iter()
        .map(|field| {
            let problem = bad(problems, &field.name);
            view! { <ParameterField field=field problem=problem /> }
        })
        .collect();
    view! {
        <fieldset class="card p-4">
            <legend class="sr-only">{group.title.clone()}</legend>
            <p class="text-base font-semibold" aria-hidden="true">
                {group.title}
            </p>
            {(!group.description.is_empty())
                .then(|| view! { <p class="soft">{group.description}</p> })}
            <div class="mt-3 space-y-4">{fields}</div>
        </fieldset>
    }
    .into_any()
}
