//! How many verdicts of each sort there are.
use super::look::GRAVEST_FIRST;
use crate::ui::{Tag, verdict_look};
use domain::access::Verdict;
use leptos::prelude::*;

/// How many there are of each verdict, gravest first.
pub fn counts(verdicts: &[Verdict]) -> AnyView {
    GRAVEST_FIRST
        .into_iter()
        .filter_map(|verdict| {
            let count = verdicts.iter().filter(|it| **it == verdict).count();
            let (tone, sign) = verdict_look(verdict);
            let words = match verdict {
                Verdict::Equivalent => format!("{count} rewritten, same access"),
                other => format!("{count} {}", other.as_str()),
            };
            (count > 0).then(|| view! { <Tag tone=tone sign=sign words=words /> })
        })
        .collect_view()
        .into_any()
}
