use super::load::load_approvals;
use crate::api::views::{ChangeRow, Page};
use crate::pages::change_list::ChangeList;
use crate::ui::{Card, EmptyState, Pager, Section, address, framed_page, from_address, shown};
use leptos::prelude::*;
use leptos_meta::Title;

/// Every change that waits for a review.
#[component]
pub fn ApprovalsPage() -> impl IntoView {
    let after = from_address("after");
    let is_first = after.is_none();
    let page = Resource::new(
        || (),
        move |()| {
            let after = after.clone();
            async move { shown(load_approvals(after).await).await }
        },
    );
    framed_page(page, Section::Approvals, move |page| {
        approvals(page, is_first)
    })
}

fn approvals(page: Page<ChangeRow>, is_first: bool) -> AnyView {
    let list = if page.rows.is_empty() {
        let words = "Nothing waits for you. A change stands here from when its plan is made until \
                     the approval that you can give is no longer missing.";
        view! { <EmptyState words=words /> }.into_any()
    } else {
        view! { <ChangeList caption="Changes that wait for a review" rows=page.rows /> }.into_any()
    };
    let next = page
        .next
        .map(|key| address("/approvals", &[("after", &key)]));
    view! {
        <Title text="Approvals" />
        <h1 class="text-xl font-semibold leading-7">"Approvals"</h1>
        <p class="soft">
            "Every change that waits for an approval you can give, oldest first."
        </p>
        <div class="mt-4">
            <Card id="waiting" title="Waiting" bare=true>
                {list}
            </Card>
        </div>
        <Pager first=(!is_first).then(|| "/approvals".to_owned()) next=next />
    }
    .into_any()
}
