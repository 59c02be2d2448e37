//! Who may do what.
use super::counts::counts;
use super::others::other_statements;
use super::subject::{Judged, subjects};
use super::{Against, Around};
use crate::ui::Card;
use domain::access::IamReview;
use leptos::prelude::*;

pub const ID: &str = "who-may-do-what";

/// Who may do what, before against after.
#[component]
pub fn Identities(
    /// The review.
    review: IamReview,
    /// The page it stands on.
    around: Around,
) -> impl IntoView {
    let verdicts: Vec<_> = review.subjects.iter().map(|it| it.verdict).collect();
    let others = other_statements(&review, &around);
    let nothing = review.subjects.is_empty();
    let untouched = match around.against {
        Against::Before => "No policy is touched: everyone may do what they could do before.",
        Against::Vetted => "No policy differs from what was vetted.",
    };
    let tags = view! {
        {counts(&verdicts)}
        {(!nothing).then(|| around.layout_link(ID))}
    }
    .into_any();
    let all: Vec<Judged> = review.subjects.into_iter().map(Judged::from).collect();
    view! {
        <Card id=ID title="Who may do what" tags=tags bare=true>
            {nothing
                .then(|| {
                    view! { <p class="soft px-4 py-3">{untouched}</p> }
                })}
            {subjects(all, &around, ID)}
            {others}
        </Card>
    }
}
