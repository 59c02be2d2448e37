use super::decide::DecideWaiver;
use super::end::EndWaiver;
use super::load::load_waiver;
use crate::api::views::{self, WaiverStep, WaiverWord};
use crate::pages::findings::FindingBody;
use crate::ui::{
    Button, Card, ErrorSummary, Hidden, Kind, Link, PostForm, Section, StatusTag, TextArea, When,
    bad, change_address, environment_address, framed_page, from_address, shown, title_of_form,
};
use domain::blueprint::Problem;
use leptos::prelude::*;
use leptos::server_fn::ServerFn;
use leptos_meta::Title;

/// One waiver.
#[component]
pub fn WaiverPage() -> impl IntoView {
    let number = from_address("waiver").unwrap_or_default();
    let draft = from_address("draft");
    let page = Resource::new(
        || (),
        move |()| {
            let (number, draft) = (number.clone(), draft.clone());
            async move { shown(load_waiver(number, draft).await).await }
        },
    );
    framed_page(page, Section::Waivers, waiver)
}

fn waiver(page: views::WaiverPage) -> AnyView {
    let row = page.row;
    let number = row.number.clone();
    let title = title_of_form(&format!("Waiver {number}"), &page.problems);
    let of_place = environment_address(&row.team, &row.service, &row.stage);
    let place = format!("{}/{}/{}", row.team, row.service, row.stage);
    let of_change = change_address(&page.change);
    let in_force = page.step == Some(WaiverStep::End);
    let said = page.said.into_iter().map(word).collect_view();
    let way = way(
        &number,
        page.step,
        page.refused_because,
        &page.problems,
        page.typed,
    );
    view! {
        <Title text=title />
        <ErrorSummary problems=page.problems />
        <div class="flex flex-wrap items-start gap-x-3 gap-y-2">
            <div class="min-w-0 flex-1 basis-64">
                <p class="soft">
                    <Link href="/waivers">"Waivers"</Link>
                </p>
                <h1 class="text-xl font-semibold leading-7">
                    {row.title} " " <span class="soft whitespace-nowrap font-normal">{number}</span>
                </h1>
                <p class="soft">
                    "for " <Link href=of_place>{place}</Link> ", found in "
                    <Link href=of_change>{page.change}</Link> ", last day " {row.until}
                </p>
            </div>
            <StatusTag status=row.status />
        </div>
        <div class="mt-4 space-y-4">
            <Card id="asked" title="Asked">
                <p>
                    {row.asked_by.name} " " <span class="soft">
                        <When moment=row.asked />
                    </span>
                </p>
                <p class="said">{page.reason}</p>
                {said}
            </Card>
            <Card id="finding" title="What was found">
                <FindingBody finding=page.finding waived=in_force />
            </Card>
            {way}
        </div>
    }
    .into_any()
}

fn word(said: WaiverWord) -> AnyView {
    let words = (!said.words.is_empty()).then(|| view! { <p class="said">{said.words}</p> });
    view! {
        <p>
            {said.title} " " <span class="soft">
                <When moment=said.at />
            </span>
        </p>
        {words}
    }
    .into_any()
}

fn way(
    number: &str,
    step: Option<WaiverStep>,
    refused_because: Option<String>,
    problems: &[Problem],
    typed: String,
) -> Option<AnyView> {
    let step = step?;
    if let Some(why) = refused_because {
        return Some(view! { <p class="soft">{why}</p> }.into_any());
    }
    let number = number.to_owned();
    let problem = bad(problems, "words");
    let view = match step {
        WaiverStep::Decide => view! {
            <Card id="decide" title="Your decision">
                <PostForm action=DecideWaiver::url() class="max-w-xl space-y-3">
                    <Hidden name="number" value=number />
                    <TextArea
                        name="words"
                        label="Comment"
                        hint="Needed to refuse: say what should be done instead."
                        value=typed
                        problem=problem
                    />
                    <div class="flex flex-wrap gap-2">
                        <Button label="Grant" kind=Kind::Main sends=("decision", "grant") />
                        <Button label="Refuse" kind=Kind::Danger sends=("decision", "refuse") />
                    </div>
                </PostForm>
            </Card>
        }
        .into_any(),
        WaiverStep::End => view! {
            <Card id="end" title="End it early">
                <PostForm action=EndWaiver::url() class="max-w-xl space-y-3">
                    <Hidden name="number" value=number />
                    <TextArea
                        name="words"
                        label="Why does it end?"
                        hint="What waits or is approved is planned again, and stopped if the finding is still there."
                        value=typed
                        problem=problem
                    />
                    <Button label="End this waiver" kind=Kind::Danger />
                </PostForm>
            </Card>
        }
        .into_any(),
    };
    Some(view)
}
