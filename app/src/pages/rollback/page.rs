use super::load::load_rollback;
use super::roll_back::RollBack;
use crate::api::views;
use crate::pages::compared::{AskForIt, Compared, Refusals, release_words};
use crate::pages::holds::Holds;
use crate::ui::{
    Card, Definition, Definitions, ErrorSummary, Link, Section, address, environment_address,
    framed_page, from_address, service_address, shown, title_of_form,
};
use leptos::prelude::*;
use leptos::server_fn::ServerFn;
use leptos_meta::Title;

/// A rollback, before it is asked for.
#[component]
pub fn RollbackPage() -> impl IntoView {
    let [team, service, stage, release] =
        ["team", "service", "stage", "release"].map(|name| from_address(name).unwrap_or_default());
    let draft = from_address("draft");
    let page = Resource::new(
        || (),
        move |()| {
            let (team, service) = (team.clone(), service.clone());
            let (stage, release, draft) = (stage.clone(), release.clone(), draft.clone());
            async move { shown(load_rollback(team, service, stage, release, draft).await).await }
        },
    );
    framed_page(page, Section::Services, rollback)
}

fn rollback(page: views::RollbackPage) -> AnyView {
    let what = format!("Roll back to {}", page.to.number);
    let title = title_of_form(
        &format!("{what}, {} at {}", page.service, page.stage),
        &page.problems,
    );
    let of_team = address("/services", &[("team", &page.team)]);
    let of_service = service_address(&page.team, &page.service);
    let here = environment_address(&page.team, &page.service, &page.stage);
    let ask = form(&page, &what);
    let runs = page
        .current
        .as_ref()
        .map_or_else(|| "nothing".to_owned(), release_words);
    let target = release_words(&page.to);
    let caption = format!("Parameters now and after going back to {}", page.to.number);
    view! {
        <Title text=title />
        <ErrorSummary problems=page.problems />
        <p class="soft">
            <Link href=of_team>{page.team}</Link>
            " / "
            <Link href=of_service>{page.service}</Link>
            " / "
            <Link href=here>{page.stage}</Link>
        </p>
        <h1 class="text-xl font-semibold leading-7">{what}</h1>
        <div class="mt-4 space-y-4">
            <Refusals reasons=page.refused_because.clone() what="It can't be rolled back so now" />
            <Holds holds=page.holds />
            <Card id="release" title=page.blueprint_title>
                <Definitions>
                    <Definition term="Runs now">{runs}</Definition>
                    <Definition term="Goes back to">{target}</Definition>
                </Definitions>
                <p class="soft">
                    "A rollback is a change like any other: it is planned anew against what runs now, and \
                    whoever has to approve it sees every resource that changes. It brings back templates and \
                    parameters, not data."
                </p>
            </Card>
            <Card id="parameters" title="Parameters" bare=true>
                <Compared
                    rows=page.parameters
                    caption=caption
                    empty="Neither release has parameters."
                />
            </Card>
            {ask}
        </div>
    }
    .into_any()
}

fn form(page: &views::RollbackPage, what: &str) -> Option<AnyView> {
    if !page.refused_because.is_empty() {
        return None;
    }
    let fields = vec![
        ("team", page.team.clone()),
        ("service", page.service.clone()),
        ("stage", page.stage.clone()),
        ("release", page.to.number.clone()),
    ];
    let (typed, problems) = (page.typed_reason.clone(), page.problems.clone());
    let (schedule, label) = (page.typed_schedule.clone(), what.to_owned());
    Some(
        view! { <AskForIt action=RollBack::url() fields typed schedule problems label /> }
            .into_any(),
    )
}
