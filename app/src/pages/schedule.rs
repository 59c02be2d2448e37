//! Setting a time for a deployment.
use crate::api::views::TypedSchedule;
use crate::ui::{TextField, bad};
use domain::blueprint::Problem;
use leptos::prelude::*;

/// The fields for it, folded unless something stands in them.
#[component]
pub fn ScheduleFields(
    /// What was typed.
    typed: TypedSchedule,
    /// What was wrong with the form.
    problems: Vec<Problem>,
) -> impl IntoView {
    let (bad_at, bad_zone) = (bad(&problems, "deploy[at]"), bad(&problems, "deploy[zone]"));
    let open = !typed.at.is_empty() || bad_at.is_some() || bad_zone.is_some();
    view! {
        <details class="folded" open=open>
            <summary>"Deploy later"</summary>
            <div class="mt-2 grid gap-3 sm:grid-cols-2">
                <TextField
                    name="deploy[at]"
                    label="Not before"
                    kind="datetime-local"
                    hint="Left empty, it is deployed once it is approved."
                    value=typed.at
                    problem=bad_at
                />
                <TextField
                    name="deploy[zone]"
                    label="Time zone of that"
                    hint="Such as Europe/Berlin; UTC where left empty."
                    value=typed.zone
                    problem=bad_zone
                />
            </div>
        </details>
    }
}
