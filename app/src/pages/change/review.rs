use super::decide::Decide;
use crate::api::views::{GivenDecision, ReviewBox};
use crate::ui::{Button, Hidden, Kind, PostForm, TextArea, When, bad};
use domain::blueprint::Problem;
use leptos::prelude::*;
use leptos::server_fn::ServerFn;

/// The review box: who must say yes, who has, who can, and what the viewer can do.
#[component]
pub fn Review(
    /// The change's number.
    number: String,
    /// The digest on show.
    digest: Option<String>,
    /// The box.
    review: ReviewBox,
    /// What was wrong with what was just posted.
    problems: Vec<Problem>,
    /// What was typed.
    typed: String,
) -> impl IntoView {
    let given: Vec<_> = review.given.into_iter().map(given).collect();
    let has_given = !given.is_empty();
    let names: Vec<_> = review
        .can_answer
        .iter()
        .map(|person| person.name.clone())
        .collect();
    let waiting = review.waiting;
    let can_answer = waiting.then(|| match names.as_slice() {
        [] => view! {
            <p class="mt-2 text-wait">
                <span aria-hidden="true">"◷"</span>
                " Nobody who has signed in so far may approve this."
            </p>
        }
        .into_any(),
        names => view! {
            <p class="mt-2 text-wait">
                <span aria-hidden="true">"◷"</span>
                " Can answer: "
                {names.join(", ")}
            </p>
        }
        .into_any(),
    });
    let form = match digest {
        Some(digest) if waiting => Some(decision_form(
            number,
            digest,
            review.refused_because,
            &problems,
            typed,
        )),
        _ => None,
    };
    view! {
        <section class="card p-4" aria-labelledby="review">
            <h2 id="review" class="font-semibold">
                {if waiting { "Your review" } else { "Review" }}
            </h2>
            <p class="soft mt-1">{review.asks_for}</p>
            {has_given.then(|| view! { <ul class="mt-2 space-y-1.5">{given}</ul> })}
            {can_answer}
            {form}
        </section>
    }
}

fn given(decision: GivenDecision) -> AnyView {
    let sign = match (decision.voided, decision.words.as_str()) {
        (true, _) => "○",
        (_, "approved") => "✓",
        _ => "✕",
    };
    let class = if decision.voided { "soft" } else { "" };
    view! {
        <li class=class>
            <span aria-hidden="true">{sign}</span>
            " "
            <span class="font-medium">{decision.person.name}</span>
            " "
            {decision.words}
            " "
            <span class="soft">
                <When moment=decision.at />
            </span>
            {decision
                .voided
                .then_some(" · fell away, because the plan is no longer the one they saw")}
        </li>
    }
    .into_any()
}

fn decision_form(
    number: String,
    digest: String,
    refused_because: Option<String>,
    problems: &[Problem],
    typed: String,
) -> AnyView {
    let short = short(&digest);
    if let Some(why) = refused_because {
        return view! {
            <p id="review-refused" class="mt-3">
                {capitalised(&why)}
                "."
            </p>
            <div class="mt-2 flex flex-wrap gap-2">
                <button
                    type="button"
                    class="button flex-1"
                    disabled=true
                    aria-describedby="review-refused"
                >
                    "Approve"
                </button>
                <button
                    type="button"
                    class="button flex-1 whitespace-nowrap"
                    disabled=true
                    aria-describedby="review-refused"
                >
                    "Ask for changes"
                </button>
                <button
                    type="button"
                    class="button w-full"
                    disabled=true
                    aria-describedby="review-refused"
                >
                    "Reject"
                </button>
            </div>
        }
        .into_any();
    }
    let problem = bad(problems, "comment");
    let whole = digest.clone();
    view! {
        <PostForm action=Decide::url() class="mt-3">
            <Hidden name="change" value=number />
            <Hidden name="digest" value=digest />
            <TextArea
                name="comment"
                label="Comment"
                value=typed
                problem=problem
            />
            <div class="mt-2 flex flex-wrap gap-2">
                <div class="grid flex-1">
                    <Button label="Approve" kind=Kind::Main sends=("decision", "approve") />
                </div>
                <div class="grid flex-1 whitespace-nowrap">
                    <Button label="Ask for changes" sends=("decision", "ask-for-changes") />
                </div>
                <div class="grid w-full">
                    <Button label="Reject" kind=Kind::Danger sends=("decision", "reject") />
                </div>
            </div>
        </PostForm>
        <p class="soft mt-2">
            "You approve digest " <span class="mono" title=whole>
                {short}
            </span> ". If anything you see here changes, your approval falls away."
        </p>
    }
    .into_any()
}

/// A digest as people compare it: its first and last digits.
fn short(digest: &str) -> String {
    match (
        digest.get(..4),
        digest.get(digest.len().saturating_sub(4)..),
    ) {
        (Some(first), Some(last)) if digest.len() > 8 => format!("{first}…{last}"),
        _ => digest.to_owned(),
    }
}

fn capitalised(words: &str) -> String {
    let words = words.trim_end_matches('.');
    let mut characters = words.chars();
    match characters.next() {
        Some(first) => first.to_uppercase().collect::<String>() + characters.as_str(),
        None => String::new(),
    }
}
