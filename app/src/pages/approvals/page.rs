use super::load::{Narrowing, load_approvals};
use crate::api::views::ApprovalList;
use crate::pages::change_list::ChangeList;
use crate::ui::{
    Button, Card, EmptyState, Hidden, Link, Pager, Section, Select, address, framed_page,
    from_address, shown,
};
use leptos::prelude::*;
use leptos_meta::Title;

/// A part of the inbox, in words.
struct Part {
    /// In the address; nothing for the first.
    show: &'static str,
    name: &'static str,
    /// What it holds.
    about: &'static str,
    caption: &'static str,
    empty: &'static str,
}

const PARTS: [Part; 3] = [
    Part {
        show: "",
        name: "Needs approval",
        about: "Every change that waits for an approval you can give, oldest first.",
        caption: "Changes that wait for your approval",
        empty: "Nothing waits for you. A change stands here from when its plan is made until the \
                approval that you can give is no longer missing.",
    },
    Part {
        show: "completed",
        name: "Completed",
        about: "Every change that you have decided on, newest first.",
        caption: "Changes that you have decided on",
        empty: "You have not decided on anything yet.",
    },
    Part {
        show: "all",
        name: "All",
        about: "Every change you can see that waits for somebody's approval or was decided on, newest first.",
        caption: "Changes that wait for approval or were decided on",
        empty: "No change has waited for an approval yet.",
    },
];

/// The approvals inbox.
#[component]
pub fn ApprovalsPage() -> impl IntoView {
    let chosen = StoredValue::new(Narrowing {
        show: from_address("show"),
        team: from_address("team"),
        stage: from_address("stage"),
        after: from_address("after"),
    });
    let page = Resource::new(
        || (),
        move |()| async move { shown(load_approvals(chosen.get_value()).await).await },
    );
    framed_page(page, Section::Approvals, move |list| {
        approvals(list, chosen.get_value())
    })
}

fn approvals(list: ApprovalList, chosen: Narrowing) -> AnyView {
    let is_first = chosen.after.is_none();
    let [show, team, stage] =
        [chosen.show, chosen.team, chosen.stage].map(Option::unwrap_or_default);
    let [first_part, ..] = &PARTS;
    let part = PARTS
        .iter()
        .find(|part| part.show == show)
        .unwrap_or(first_part);
    let narrowed = !(team.is_empty() && stage.is_empty());
    let at = |show: &str, after: &str| {
        let filters = [
            ("show", show),
            ("team", &team),
            ("stage", &stage),
            ("after", after),
        ];
        address("/approvals", &filters)
    };
    let whole = address("/approvals", &[("show", part.show)]);
    let rows = if !list.rows.is_empty() {
        view! { <ChangeList caption=part.caption rows=list.rows /> }.into_any()
    } else if narrowed {
        let everything = whole.clone();
        view! {
            <EmptyState words="Nothing here fits these filters.">
                <Link href=everything>"Clear filters"</Link>
            </EmptyState>
        }
        .into_any()
    } else {
        view! { <EmptyState words=part.empty /> }.into_any()
    };
    let parts: Vec<_> = PARTS
        .iter()
        .map(|each| {
            view! {
                <li>
                    <Link href=at(each.show, "") class="nav-link" current=each.show == part.show>
                        {each.name}
                    </Link>
                </li>
            }
        })
        .collect();
    let first = (!is_first).then(|| at(part.show, ""));
    let next = list.next.as_deref().map(|after| at(part.show, after));
    let title = match part.show {
        "" => "Approvals".to_owned(),
        _ => format!("Approvals, {}", part.name.to_lowercase()),
    };
    view! {
        <Title text=title />
        <h1 class="text-xl font-semibold leading-7">"Approvals"</h1>
        <nav aria-label="Parts of the inbox" class="mt-2">
            <ul class="flex flex-wrap gap-4">{parts}</ul>
        </nav>
        <p class="soft mt-2">{part.about}</p>
        <form
            method="get"
            action="/approvals"
            aria-label="Filter approvals"
            class="mt-4 flex flex-wrap items-end gap-3"
        >
            {(!part.show.is_empty()).then(|| view! { <Hidden name="show" value=part.show /> })}
            <Select name="team" label="Team" options=list.teams value=team.clone() none="All teams" />
            <Select
                name="stage"
                label="Stage"
                options=list.stages
                value=stage.clone()
                none="All stages"
            />
            <Button label="Filter" />
            {narrowed
                .then(|| {
                    view! {
                        <Link href=whole class="py-1.5 underlined">
                            "Clear filters"
                        </Link>
                    }
                })}
        </form>
        <div class="mt-4">
            <Card id="changes" title=part.name bare=true>
                {rows}
            </Card>
        </div>
        <Pager first=first next=next />
    }
    .into_any()
}
