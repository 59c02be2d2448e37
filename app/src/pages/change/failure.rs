use super::repair::Repair as RepairForm;
use crate::api::views::{FailureView, RepairView};
use crate::ui::{Button, Card, Confirm, Hidden, Kind, PostForm};
use domain::change::Repair;
use leptos::prelude::*;
use leptos::server_fn::ServerFn;

/// What went wrong, with AWS's own words, and the ways out.
#[component]
pub fn Failure(
    /// The change's number.
    number: String,
    /// What went wrong.
    failure: FailureView,
) -> impl IntoView {
    let ways: Vec<_> = failure
        .repairs
        .into_iter()
        .enumerate()
        .map(|(index, way)| way_out(&number, index, way))
        .collect();
    view! {
        <Card id="failure" title=failure.title>
            <p class="said">{failure.message}</p>
            {failure
                .aws
                .map(|aws| view! { <p class="soft">"AWS: " <span class="mono">{aws}</span></p> })}
            {ways}
        </Card>
    }
}

fn way_out(number: &str, index: usize, way: RepairView) -> AnyView {
    let why_id = format!("repair-{index}-refused");
    let refused = way.refused_because.is_some();
    let resources = (!way.resources.is_empty()).then(|| {
        let legend = match way.repair {
            Repair::DeleteRetaining { .. } => "Keep these at AWS:",
            _ => "Leave these as they are:",
        };
        view! {
            <fieldset class="mt-2">
                <legend class="font-medium">{legend}</legend>
                {way
                    .resources
                    .into_iter()
                    .map(|name| {
                        view! {
                            <label class="mt-1 flex items-center gap-2">
                                <input
                                    type="checkbox"
                                    name=format!("resources[{name}]")
                                    value="true"
                                    disabled=refused
                                />
                                <span class="mono">{name.clone()}</span>
                            </label>
                        }
                    })
                    .collect_view()}
            </fieldset>
        }
    });
    let number = number.to_owned();
    view! {
        <section class="border-t border-line pt-3">
            <h3 class="font-medium">{way.label.clone()}</h3>
            <p class="mt-1">{way.explanation}</p>
            <PostForm action=RepairForm::url()>
                <Hidden name="change" value=number />
                <Hidden name="way" value=name_of(&way.repair) />
                {resources}
                <Confirm
                    id=format!("repair-{index}-confirmed")
                    label=way.confirmation
                    disabled=refused
                />
                {way
                    .refused_because
                    .map(|why| {
                        view! {
                            <p id=why_id.clone() class="soft mt-2">
                                {why}
                            </p>
                        }
                    })}
                <div class="mt-2">
                    <Button
                        label=way.label
                        kind=Kind::Danger
                        refused_by=refused.then(|| format!("repair-{index}-refused"))
                    />
                </div>
            </PostForm>
        </section>
    }
    .into_any()
}

fn name_of(repair: &Repair) -> &'static str {
    match repair {
        Repair::DeleteDeadStack => "delete-dead-stack",
        Repair::CleanUp => "clean-up",
        Repair::ContinueRollback { .. } => "continue-rollback",
        Repair::DeleteRetaining { .. } => "delete-retaining",
    }
}

/// The way out that a form names, with the resources that were ticked.
#[cfg(feature = "ssr")]
pub fn repair_named(name: &str, chosen: Vec<String>) -> Option<Repair> {
    [
        Repair::DeleteDeadStack,
        Repair::CleanUp,
        Repair::ContinueRollback {
            skip: chosen.clone(),
        },
        Repair::DeleteRetaining { retain: chosen },
    ]
    .into_iter()
    .find(|repair| name_of(repair) == name)
}
