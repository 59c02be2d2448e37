use crate::api::views::TimelineEntry;
use crate::ui::When;
use leptos::prelude::*;

/// What happened so far, oldest first.
#[component]
pub fn Timeline(
    /// The steps.
    entries: Vec<TimelineEntry>,
) -> impl IntoView {
    view! {
        <ol class="space-y-1.5">
            {entries
                .into_iter()
                .map(|entry| {
                    view! {
                        <li>
                            {entry.words} " "
                            <span class="soft">
                                "· " <When moment=entry.at />
                            </span>
                        </li>
                    }
                })
                .collect_view()}
        </ol>
    }
}
