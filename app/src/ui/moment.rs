use crate::api::views::Moment;
use chrono::SecondsFormat;
use leptos::prelude::*;

/// How long ago something was, with the exact time for whoever points at it.
#[component]
pub fn When(
    /// The time.
    moment: Moment,
) -> impl IntoView {
    let exact = moment.at.format("%Y-%m-%d %H:%M:%S UTC").to_string();
    let machine = moment.at.to_rfc3339_opts(SecondsFormat::Secs, true);
    view! {
        <time datetime=machine title=exact class="whitespace-nowrap">
            {moment.ago}
        </time>
    }
}
