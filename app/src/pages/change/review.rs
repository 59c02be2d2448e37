use super::decide::Decide;
use crate::api::views::{AskedGroup, AskedView, GivenDecision, PersonName, ReviewBox};
use crate::ui::{Button, Hidden, Kind, Link, PostForm, TextArea, When, address, bad};
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
    let waiting = review.waiting;
    let asked = match review.asked {
        Some(asked) => asked_for(asked, waiting),
        None => view! {
            <p class="soft mt-1">"Whose approval it takes is known once there is a plan."</p>
        }
        .into_any(),
    };
    let form = match digest {
        Some(digest) if waiting => Some(decision_form(
            number,
            digest,
            review.refused_because,
            review.approval_refused_because,
            review.sign_in_again_because,
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
            {asked}
            {has_given.then(|| view! { <ul class="mt-2 space-y-1.5">{given}</ul> })}
            {form}
        </section>
    }
}

/// What each group is asked for, who has answered, and who can still.
fn asked_for(asked: AskedView, waiting: bool) -> AnyView {
    let by = match asked.rules.as_slice() {
        [] => "No rule speaks of this change, so it takes:".to_owned(),
        [rule] => format!("By rule “{rule}”:"),
        rules => format!("By rules “{}”:", rules.join("”, “")),
    };
    if asked.groups.is_empty() {
        return view! { <p class="mt-1">{by} " nobody's approval."</p> }.into_any();
    }
    let groups: Vec<_> = asked
        .groups
        .into_iter()
        .map(|group| asked_group(group, waiting))
        .collect();
    view! {
        <p class="soft mt-1">{by}</p>
        <ul class="mt-1 space-y-1.5">{groups}</ul>
        <p class="soft mt-1">"Not the person who asked, and nobody twice."</p>
    }
    .into_any()
}

fn asked_group(group: AskedGroup, waiting: bool) -> AnyView {
    let people = |people: Vec<PersonName>| {
        let names: Vec<_> = people.into_iter().map(|person| person.name).collect();
        names.join(", ")
    };
    let met = group.missing == 0;
    let (sign, class) = if met {
        ("✓", "")
    } else {
        ("◷", "text-wait")
    };
    let approved = (!group.approved_by.is_empty())
        .then(|| format!(": approved by {}", people(group.approved_by)));
    let able = group.can_answer.len() + group.more;
    let can_answer = (waiting && !met).then(|| {
        if able < group.missing {
            let known = match able {
                0 => "nobody who signed in of late can answer".to_owned(),
                able => format!("only {able} who signed in of late can answer"),
            };
            return format!("{} missing, and {known}", group.missing);
        }
        let more = match group.more {
            0 => String::new(),
            more => format!(" and {more} more"),
        };
        format!(
            "{} missing; can answer: {}{more}",
            group.missing,
            people(group.can_answer)
        )
    });
    view! {
        <li>
            <span class=class>
                <span aria-hidden="true">{sign}</span>
                " "
                <span class="font-medium">{group.words}</span>
                {approved}
            </span>
            {can_answer.map(|words| view! { <span class="block text-wait">{words}</span> })}
        </li>
    }
    .into_any()
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
    approval_refused_because: Option<String>,
    sign_in_again_because: Option<String>,
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
    let refused_by = match (&approval_refused_because, &sign_in_again_because) {
        (Some(_), _) => Some("approval-refused".to_owned()),
        (None, Some(_)) => Some("sign-in-again".to_owned()),
        (None, None) => None,
    };
    let approval_refused = refused_by.is_some();
    let back = format!("/changes/{number}");
    let sign_in = address("/sign-in", &[("anew", "true"), ("return_to", &back)]);
    let problem = bad(problems, "comment");
    let whole = digest.clone();
    view! {
        <PostForm action=Decide::url() class="mt-3">
            <Hidden name="change" value=number />
            <Hidden name="digest" value=digest />
            {sign_in_again_because
                .map(|why| {
                    view! {
                        <p id="sign-in-again" class="mb-2">
                            {why} " " <Link href=sign_in>"Sign in again"</Link> " before you approve."
                        </p>
                    }
                })}
            <TextArea
                name="comment"
                label="Comment"
                value=typed
                problem=problem
            />
            {approval_refused_because
                .map(|why| view! { <p id="approval-refused" class="mt-2">{why}</p> })}
            <div class="mt-2 flex flex-wrap gap-2">
                <div class="grid flex-1">
                    <Button
                        label="Approve"
                        kind=Kind::Main
                        sends=("decision", "approve")
                        refused_by=refused_by
                    />
                </div>
                <div class="grid flex-1 whitespace-nowrap">
                    <Button label="Ask for changes" sends=("decision", "ask-for-changes") />
                </div>
                <div class="grid w-full">
                    <Button label="Reject" kind=Kind::Danger sends=("decision", "reject") />
                </div>
            </div>
        </PostForm>
        <p class="soft mt-2" hidden=approval_refused>
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
