use super::deployment::Deployment;
use super::discussion::Discussion;
use super::failure::Failure;
use super::follow::follow;
use super::load::{Looking, load_change};
use super::parts::PageParts;
use super::review::Review;
use super::steps::Steps;
use crate::api::views;
use crate::ui::{
    Card, ErrorSummary, Link, Section, Static, StatusTag, Timeline, When, address,
    environment_address, framed_page, from_address, service_address, shown, title_of_form,
};
use leptos::prelude::*;
use leptos_meta::Title;

/// One change. The page follows it while it is open.
#[component]
pub fn ChangePage() -> impl IntoView {
    let number = from_address("number").unwrap_or_default();
    let draft = from_address("draft");
    let looking = Looking {
        access: from_address("access"),
        verdict: from_address("verdict"),
        subject: from_address("subject"),
        against: from_address("against"),
    };
    let page = Resource::new(|| (), {
        let number = number.clone();
        move |()| {
            let (number, draft, looking) = (number.clone(), draft.clone(), looking.clone());
            async move { shown(load_change(number, draft, looking).await).await }
        }
    });
    follow(number, move || page.refetch());
    framed_page(page, Section::Elsewhere, change)
}

fn change(parts: PageParts) -> AnyView {
    let page = parts.page;
    let number = page.row.number.clone();
    let title = title_of_form(&format!("{number} {}", page.row.title), &page.problems);
    let moving = page.state.is_moving();
    // What was typed into a review box that is gone is kept in the comment form.
    let may_decide = page.review.waiting && page.review.refused_because.is_none();
    let is_comment = page.problems.iter().any(|problem| problem.field == "body") || !may_decide;
    let (typed_comment, typed_review) = if is_comment {
        (page.typed, String::new())
    } else {
        (String::new(), page.typed)
    };
    let digest = page.digest;
    let review = page.review;
    let (may_comment, cancel) = (review.may_comment, review.cancel.clone());
    let (may_plan_again, may_withdraw) = (review.may_plan_again, review.may_withdraw);
    let problems = page.problems;
    view! {
        <Title text=title />
        {moving
            .then(|| {
                view! { <noscript inner_html="<meta http-equiv=\"refresh\" content=\"5\">"></noscript> }
            })}
        <ErrorSummary problems=problems.clone() />
        {heading(&page.row, &page.reason, page.release, page.blueprint, page.destination)}
        <Static markup=parts.state role="status" class="mt-4" />
        <div class="beside mt-4">
            <aside aria-label="Review and discussion" tabindex="0">
                <div class="order-1 space-y-4">
                    <Review
                        number=number.clone()
                        digest=digest
                        review=review
                        problems=problems.clone()
                        typed=typed_review
                    />
                    <Steps
                        number=number.clone()
                        may_plan_again=may_plan_again
                        may_withdraw=may_withdraw
                        cancel=cancel
                        problems=problems.clone()
                    />
                </div>
                <div class="order-3 space-y-4">
                    <Card id="so-far" title="So far">
                        <Timeline entries=page.timeline />
                    </Card>
                    <Discussion
                        number=number.clone()
                        remarks=page.discussion
                        may_comment=may_comment
                        problems=problems
                        typed=typed_comment
                    />
                </div>
            </aside>
            <div class="order-2 min-w-0 space-y-4">
                {page
                    .failure
                    .map(|failure| view! { <Failure number=number.clone() failure=failure /> })}
                {page.deployment.map(|deployment| view! { <Deployment deployment=deployment /> })}
                <Static markup=parts.plan class="space-y-4" />
            </div>
        </div>
    }
    .into_any()
}

fn heading(
    row: &views::ChangeRow,
    reason: &str,
    release: Option<String>,
    blueprint: Option<(String, String)>,
    destination: String,
) -> AnyView {
    let of_team = address("/services", &[("team", &row.team)]);
    let of_stage = environment_address(&row.team, &row.service, &row.stage);
    let mut facts = String::new();
    let blueprint = blueprint.map(|(title, version)| format!("{title} {version}"));
    for fact in release.into_iter().chain(blueprint) {
        facts.push_str(&fact);
        facts.push_str(" · ");
    }
    let of_service = service_address(&row.team, &row.service);
    let (team, service, stage) = (row.team.clone(), row.service.clone(), row.stage.clone());
    view! {
        <div class="flex flex-wrap items-start gap-x-3 gap-y-2">
            <div class="min-w-0 flex-1 basis-64">
                <p class="soft">
                    <Link href=of_team>{team}</Link>
                    " / "
                    <Link href=of_service>{service}</Link>
                    " / "
                    <Link href=of_stage>{stage}</Link>
                </p>
                <h1 class="text-xl font-semibold leading-7">
                    {row.title.clone()} " "
                    <span class="soft whitespace-nowrap font-normal">{row.number.clone()}</span>
                </h1>
                <p class="soft">
                    {facts} <span class="mono">{destination}</span>
                </p>
                <p class="soft">
                    "asked by " {row.requester.name.clone()} " " <When moment=row.asked.clone() />
                </p>
                {(!reason.is_empty())
                    .then(|| view! { <p class="said mt-1">"“" {reason.to_owned()} "”"</p> })}
            </div>
            <StatusTag status=row.status.clone() />
        </div>
    }
    .into_any()
}
