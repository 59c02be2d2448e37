//! The sentence on top of a change's page: where it stands and what happens next.
use super::access::{Against, headline, proof};
use crate::api::views::{ChangePage, PlanView, Tone};
use crate::ui::Banner;
use domain::change::{ChangeKind, ChangeState, Closing, Outcome};
use leptos::prelude::*;

/// The banner's tone, title and lines.
struct Verdict {
    tone: Tone,
    title: String,
    lines: Vec<String>,
}

/// The banner on top of a change's page. While it waits for a decision, that is what it does to access.
pub fn verdict(page: &ChangePage, plan: Option<&PlanView>) -> AnyView {
    if let (ChangeState::Waiting { .. }, Some(plan)) = (&page.state, plan) {
        return waiting(page, plan);
    }
    let Verdict { tone, title, lines } = where_it_stands(page);
    view! {
        <Banner id="verdict" tone=tone title=title>
            {lines
                .into_iter()
                .map(|line| view! { <p class="mt-1">{line}</p> })
                .collect_view()}
        </Banner>
    }
    .into_any()
}

/// What a plan does to access, under a banner of its own.
pub fn verdict_of_access(plan: &PlanView) -> AnyView {
    let against = against(plan);
    let headline = headline(&plan.access, against);
    let proof = proof(&plan.access, against);
    let compared = compared_with(plan);
    view! {
        <Banner
            id="verdict-of-access"
            tone=headline.tone
            sign=Some(headline.sign)
            title=headline.words
        >
            {compared}
            {proof}
        </Banner>
    }
    .into_any()
}

fn against(plan: &PlanView) -> Against {
    match plan.whole {
        Some(_) => Against::Vetted,
        None => Against::Before,
    }
}

/// What the verdict was compared with, in words.
fn compared_with(plan: &PlanView) -> AnyView {
    view! { <p class="soft">"Compared with " {plan.compared_with.clone()} "."</p> }.into_any()
}

fn where_it_stands(page: &ChangePage) -> Verdict {
    let says = |tone, title: &str, lines: &[&str]| Verdict {
        tone,
        title: title.to_owned(),
        lines: lines.iter().map(|line| (*line).to_owned()).collect(),
    };
    match &page.state {
        ChangeState::Planning { again_because, .. } => {
            let mut verdict = says(
                Tone::Wait,
                "The plan is being made",
                &[
                    "Gatehouse makes the change set at AWS, reads it back and compares access. \
                   Nothing runs before someone approves.",
                ],
            );
            if let Some(why) = again_because {
                verdict.title = "It is planned again".to_owned();
                verdict.lines.insert(0, why.clone());
            }
            verdict
        }
        ChangeState::Blocked { .. } => says(
            Tone::Grow,
            "A finding stops it: no change set was made, and nothing can be approved",
            &[
                "What was found, and what would be right, stands below. Ask for a release that does without, or ask for \
               a waiver: once security has granted it, this is planned again by itself.",
            ],
        ),
        ChangeState::PlanFailed { .. } => says(
            Tone::Grow,
            "No plan could be made",
            &["Nothing was changed. What went wrong, and what would mend it, stands below."],
        ),
        ChangeState::Waiting { .. } => says(
            Tone::Wait,
            "It waits for a decision",
            asks_for(page).as_slice(),
        ),
        ChangeState::Approved { .. } => match page.holds.first() {
            Some(hold) => says(
                Tone::Wait,
                &hold.title,
                &[
                    &hold.why,
                    "It is approved, and its deployment then starts by itself.",
                ],
            ),
            None => says(
                Tone::Wait,
                "Approved: its deployment is about to start",
                &["It starts as soon as no other deployment of this environment runs."],
            ),
        },
        ChangeState::Deploying { stopping, .. } => deploying(page, *stopping),
        ChangeState::Repairing { .. } => says(
            Tone::Wait,
            "The stack is being put right",
            &["This page follows it. What comes next stands here when it is done."],
        ),
        ChangeState::Closing { .. } => says(
            Tone::Wait,
            "It is being closed",
            &["Its change set is being deleted at AWS. Nothing of it runs."],
        ),
        ChangeState::Succeeded { outcome } => match outcome {
            Outcome::Deployed => says(
                Tone::Shrink,
                &match &page.release {
                    Some(release) => format!("{release} runs at {}", page.row.stage),
                    None => "It is deployed".to_owned(),
                },
                &[],
            ),
            Outcome::NothingToDo => says(
                Tone::Shrink,
                "There was nothing to do",
                &["What runs is already as this release wants it, so nothing was deployed."],
            ),
            Outcome::Decommissioned => says(
                Tone::Shrink,
                "The environment is gone",
                &["Its stack was deleted. What was kept stands in the plan below."],
            ),
        },
        ChangeState::Failed { stuck, .. } => says(
            Tone::Grow,
            "The deployment did not succeed",
            &[match stuck {
                Some(_) => {
                    "The stack needs a decision before anything else can be asked for here: \
                            the ways out stand below."
                }
                None => "What went wrong stands below. Once the cause is gone, ask again.",
            }],
        ),
        ChangeState::Closed { closing } => {
            says(Tone::Same, closed(*closing), &["Nothing was changed."])
        }
    }
}

fn closed(closing: Closing) -> &'static str {
    match closing {
        Closing::Rejected => "Rejected",
        Closing::ChangesRequested => "Sent back: the reviewer asks for changes",
        Closing::Withdrawn => "Withdrawn",
        Closing::Cancelled => "Cancelled before it ran",
    }
}

fn deploying(page: &ChangePage, stopping: bool) -> Verdict {
    let title = match (&page.deployment, stopping) {
        (_, true) => "It is being stopped".to_owned(),
        (Some(deployment), false) if deployment.progress.1 > 0 => {
            let (done, all) = deployment.progress;
            format!("It is being deployed: {done} of {all} resources are done")
        }
        _ => "It is being deployed".to_owned(),
    };
    let line = if stopping {
        "AWS takes back what it did so far. This page follows it."
    } else {
        "This page follows it, resource by resource."
    };
    Verdict {
        tone: Tone::Wait,
        title,
        lines: vec![line.to_owned()],
    }
}

fn waiting(page: &ChangePage, plan: &PlanView) -> AnyView {
    let against = against(plan);
    let headline = headline(&plan.access, against);
    let (words, loses) = what_it_does(plan);
    let does = if loses {
        view! {
            <p class="mt-2 font-medium text-grow">
                <span aria-hidden="true">"✕"</span>
                " "
                {words}
            </p>
        }
        .into_any()
    } else {
        view! { <p class="mt-2">{words}</p> }.into_any()
    };
    // What is deleted weighs more than who may no longer use it.
    let deletes = page.kind == ChangeKind::Decommission;
    let (tone, sign, title) = if deletes {
        let title = format!(
            "This would delete {} at {}",
            page.row.service, page.row.stage
        );
        (Tone::Grow, None, title)
    } else {
        (headline.tone, Some(headline.sign), headline.words.clone())
    };
    let access = deletes.then(|| {
        view! { <p class="mt-1 font-medium">{headline.sign} " " {headline.words} "."</p> }
    });
    let compared = (!deletes).then(|| compared_with(plan));
    let proof = proof(&plan.access, against);
    let asks_for = asks_for(page).map(str::to_owned);
    view! {
        <Banner id="verdict" tone=tone sign=sign title=title>
            {access}
            {compared}
            {proof}
            {does}
            {asks_for.map(|words| view! { <p class="mt-1 soft">{words}</p> })}
        </Banner>
    }
    .into_any()
}

/// Whose approval the change takes, once that is known.
fn asks_for(page: &ChangePage) -> Option<&str> {
    let asked = page.review.asked.as_ref();
    asked.map(|asked| asked.words.as_str())
}

/// What becomes of resources, and whether something is lost or replaced.
fn what_it_does(plan: &PlanView) -> (String, bool) {
    let removals = || plan.stacks.iter().flat_map(|stack| &stack.removals);
    if removals().next().is_some() {
        let all = removals().count();
        let deleted = removals()
            .filter(|it| it.deletion_policy == "Delete")
            .count();
        let with_data = removals().filter(|it| it.loses_data).count();
        let mut words = format!("{deleted} of {} are deleted", counted(all, "live resource"));
        if with_data > 0 {
            words.push_str(&format!(
                ", and with {with_data} of them data is lost for good"
            ));
        }
        return (words + ".", true);
    }
    let mut sums = [0u32; 4];
    for stack in &plan.stacks {
        for (sum, count) in sums.iter_mut().zip(stack.counts) {
            *sum += count;
        }
    }
    let [added, changed, replaced, removed] = sums;
    let words = ["added", "changed", "replaced", "removed"]
        .iter()
        .zip([added, changed, replaced, removed])
        .filter(|(_, count)| *count > 0)
        .map(|(word, count)| format!("{count} {word}"))
        .collect::<Vec<_>>();
    if words.is_empty() {
        return ("No resource changes.".to_owned(), false);
    }
    (
        format!("Resources: {}.", words.join(", ")),
        replaced + removed > 0,
    )
}

/// A number with its noun.
fn counted(count: usize, noun: &str) -> String {
    match count {
        1 => format!("1 {noun}"),
        count => format!("{count} {noun}s"),
    }
}
