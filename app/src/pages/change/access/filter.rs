//! Narrowing a review that is too long to be read at once.
use super::Around;
use super::look::GRAVEST_FIRST;
use super::subject::WHOLE;
use crate::ui::{Button, Hidden, Link, Select};
use domain::access::{AccessReview, Verdict};
use domain::blueprint::Choice;
use leptos::prelude::*;

/// The choice of a verdict, where there are more subjects than are shown whole or less are shown than
/// there are.
pub fn filter(review: &AccessReview, around: &Around, card: &'static str) -> Option<AnyView> {
    let verdicts: Vec<Verdict> = review
        .iam
        .subjects
        .iter()
        .map(|it| it.verdict)
        .chain(review.network.groups.iter().map(|it| it.verdict))
        .collect();
    let look = &around.look;
    if verdicts.len() <= WHOLE && !look.is_narrowed() {
        return None;
    }
    let options = GRAVEST_FIRST
        .into_iter()
        .map(|verdict| {
            let count = verdicts.iter().filter(|it| **it == verdict).count();
            (verdict, count)
        })
        .filter(|(verdict, count)| *count > 0 || look.verdict == Some(*verdict))
        .map(|(verdict, count)| Choice {
            value: verdict.as_str().to_owned(),
            label: format!("{verdict}: {count}", verdict = verdict.as_str()),
        })
        .collect();
    let layout = look.layout_name();
    let all = around.address(&look.at_all(), card);
    let also = around.also.clone().into_iter();
    let also = also.map(|(name, value)| view! { <Hidden name=name value=value /> });
    let also = also.collect_view();
    let only = look.subject.as_ref().map(|id| {
        view! {
            <p class="said">
                "Only " <b>{id.clone()}</b> " is shown; the verdict on top is about everything."
            </p>
        }
    });
    let view = view! {
        <div class="card space-y-2 px-4 py-3">
            {only}
            <form
                method="get"
                action=format!("{}#{card}", around.page)
                aria-label="Filter access"
                class="flex flex-wrap items-end gap-3"
            >
                {also}
                {(!layout.is_empty()).then(|| view! { <Hidden name="access" value=layout /> })}
                <div class="w-56">
                    <Select
                        name="verdict"
                        label="Verdict"
                        options=options
                        value=look.verdict_name().to_owned()
                        none="All verdicts"
                    />
                </div>
                <Button label="Filter" />
                {look
                    .is_narrowed()
                    .then(|| {
                        view! {
                            <Link href=all class="py-1.5 underlined">
                                "Show all"
                            </Link>
                        }
                    })}
            </form>
        </div>
    };
    Some(view.into_any())
}
