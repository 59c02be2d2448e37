use crate::api::views::{HoldView, Tone};
use crate::ui::Banner;
use leptos::prelude::*;

/// Ids of the banners; more than these hold an environment seldom, and then no reader counts them.
const IDS: [&str; 4] = ["hold-1", "hold-2", "hold-3", "hold-4"];

/// What a deployment waits for, or will.
#[component]
pub fn Holds(
    /// A banner each.
    holds: Vec<HoldView>,
) -> impl IntoView {
    holds
        .into_iter()
        .zip(IDS)
        .map(|(hold, id)| {
            view! {
                <div class="mt-3">
                    <Banner id=id tone=Tone::Wait title=hold.title>
                        <p class="said mt-1">{hold.why}</p>
                    </Banner>
                </div>
            }
        })
        .collect_view()
}
