use super::cancel::Cancel;
use super::plan_again::PlanAgain;
use super::withdraw::Withdraw;
use crate::api::views::CancelView;
use crate::ui::{Button, Confirm, FieldProblem, Hidden, Kind, PostForm, bad};
use domain::blueprint::Problem;
use leptos::prelude::*;
use leptos::server_fn::ServerFn;

/// What else can be done with a change now: plan it again, withdraw it, stop it.
#[component]
pub fn Steps(
    /// The change's number.
    number: String,
    /// Whether the viewer may plan it again.
    may_plan_again: bool,
    /// Whether the viewer may withdraw it.
    may_withdraw: bool,
    /// How it can be stopped.
    cancel: Option<CancelView>,
    /// What was wrong with what was just posted.
    problems: Vec<Problem>,
) -> impl IntoView {
    if !may_plan_again && !may_withdraw && cancel.is_none() {
        return ().into_any();
    }
    let change = number.clone();
    let plan_again = may_plan_again.then(|| {
        view! {
            <PostForm action=PlanAgain::url()>
                <Hidden name="change" value=change />
                <Button label="Plan it again" />
            </PostForm>
        }
    });
    let change = number.clone();
    let withdraw = may_withdraw.then(|| {
        view! {
            <PostForm action=Withdraw::url()>
                <Hidden name="change" value=change />
                <Button label="Withdraw it" />
            </PostForm>
        }
    });
    let cancel = cancel.map(|cancel| stop(&number, cancel, &problems));
    view! {
        <section class="card p-4" aria-labelledby="steps">
            <h2 id="steps" class="font-semibold">
                "What you can do"
            </h2>
            <div class="mt-2 flex flex-wrap gap-2">{plan_again} {withdraw}</div>
            {cancel}
        </section>
    }
    .into_any()
}

fn stop(number: &str, cancel: CancelView, problems: &[Problem]) -> AnyView {
    let refused = cancel.refused_because.is_some();
    let confirm = cancel.confirmation.map(|words| {
        view! {
            <FieldProblem field="confirmed" problem=bad(problems, "confirmed") />
            <Confirm id="confirmed" label=words disabled=refused />
        }
    });
    let number = number.to_owned();
    view! {
        <p class="mt-2">{cancel.explanation}</p>
        <PostForm action=Cancel::url()>
            <Hidden name="change" value=number />
            {confirm}
            {cancel
                .refused_because
                .map(|why| {
                    view! {
                        <p id="cancel-refused" class="soft mt-2">
                            {why}
                        </p>
                    }
                })}
            <div class="mt-2">
                <Button
                    label="Stop it"
                    kind=Kind::Danger
                    refused_by=refused.then(|| "cancel-refused".to_owned())
                />
            </div>
        </PostForm>
    }
    .into_any()
}
