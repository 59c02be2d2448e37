use super::load::load_promotion;
use super::promote::Promote;
use crate::api::views;
use crate::pages::compared::{AskForIt, Compared, Refusals, release_words};
use crate::pages::findings::Findings;
use crate::pages::holds::Holds;
use crate::ui::{
    Card, Definition, Definitions, ErrorSummary, Link, Section, address, environment_address,
    framed_page, from_address, service_address, shown, title_of_form,
};
use leptos::prelude::*;
use leptos::server_fn::ServerFn;
use leptos_meta::Title;

/// A promotion to the next stage, before it is asked for.
#[component]
pub fn PromotionPage() -> impl IntoView {
    let [team, service, stage] =
        ["team", "service", "stage"].map(|name| from_address(name).unwrap_or_default());
    let [to, draft] = ["to", "draft"].map(from_address);
    let page = Resource::new(
        || (),
        move |()| {
            let (team, service, stage) = (team.clone(), service.clone(), stage.clone());
            let (to, draft) = (to.clone(), draft.clone());
            async move { shown(load_promotion(team, service, stage, to, draft).await).await }
        },
    );
    framed_page(page, Section::Services, promotion)
}

fn promotion(page: views::PromotionPage) -> AnyView {
    let is_way = page.from != page.to;
    let what = match &page.source {
        Some(source) if is_way => format!("Promote {} to {}", source.number, page.to),
        _ => format!("Promote from {}", page.from),
    };
    let title = title_of_form(&format!("{what}, {}", page.service), &page.problems);
    let of_team = address("/services", &[("team", &page.team)]);
    let of_service = service_address(&page.team, &page.service);
    let of_source = environment_address(&page.team, &page.service, &page.from);
    let ask = form(&page, &what);
    let versions = versions(&page);
    let caption = format!(
        "Parameters at {} and at {}, now and to come",
        page.from, page.to
    );
    view! {
        <Title text=title />
        <ErrorSummary problems=page.problems />
        <p class="soft">
            <Link href=of_team>{page.team}</Link>
            " / "
            <Link href=of_service>{page.service}</Link>
            " / "
            <Link href=of_source>{page.from}</Link>
        </p>
        <h1 class="text-xl font-semibold leading-7">{what}</h1>
        <div class="mt-4 space-y-4">
            <Refusals reasons=page.refused_because.clone() what="It can't be promoted now" />
            <Holds holds=page.holds />
            {versions}
            <Card id="parameters" title="Parameters" bare=true>
                <Compared
                    rows=page.parameters
                    caption=caption
                    with_source=true
                    empty="There is nothing to compare: no release goes from here to another stage now."
                />
            </Card>
            <Findings findings=page.findings />
            {ask}
        </div>
    }
    .into_any()
}

fn versions(page: &views::PromotionPage) -> Option<AnyView> {
    let source = page.source.as_ref()?;
    let version = source.blueprint_version.clone();
    let comes = if page.makes_release {
        format!(
            "a new release of blueprint version {version}: {} with the parameters below",
            source.number
        )
    } else {
        release_words(source)
    };
    let runs = page
        .current
        .as_ref()
        .map_or_else(|| "nothing yet".to_owned(), release_words);
    let promoted = release_words(source);
    let (title, destination) = (page.blueprint_title.clone(), page.destination.clone());
    let [at_source, at_target] = [&page.from, &page.to].map(|stage| format!("Runs at {stage}"));
    let to_come = format!("Comes to {}", page.to);
    Some(
        view! {
            <Card id="release" title=title>
                <Definitions>
                    <Definition term=at_source>{promoted}</Definition>
                    <Definition term=at_target>{runs}</Definition>
                    <Definition term=to_come>{comes}</Definition>
                    {destination
                        .map(|destination| {
                            view! {
                                <Definition term="Goes to">
                                    <span class="mono">{destination}</span>
                                </Definition>
                            }
                        })}
                </Definitions>
                <p class="soft">
                    "Asking makes a plan, which shows every resource that changes and whose access grows. \
                    Nothing runs before whoever has to approve it has."
                </p>
            </Card>
        }
        .into_any(),
    )
}

fn form(page: &views::PromotionPage, what: &str) -> Option<AnyView> {
    let source = page.source.as_ref()?;
    if !page.refused_because.is_empty() {
        return None;
    }
    let fields = vec![
        ("team", page.team.clone()),
        ("service", page.service.clone()),
        ("stage", page.from.clone()),
        ("to", page.to.clone()),
        ("release", source.number.clone()),
    ];
    let (typed, problems) = (page.typed_reason.clone(), page.problems.clone());
    let (schedule, label) = (page.typed_schedule.clone(), what.to_owned());
    Some(
        view! { <AskForIt action=Promote::url() fields typed schedule problems label /> }
            .into_any(),
    )
}
