#[cfg(feature = "ssr")]
use super::access::{Around, Look};
#[cfg(feature = "ssr")]
use super::plan::Plan;
#[cfg(feature = "ssr")]
use super::verdict::{verdict, verdict_of_access};
use crate::api::views::ChangePage;
#[cfg(feature = "ssr")]
use crate::api::views::PlanView;
#[cfg(feature = "ssr")]
use crate::pages::holds::Holds;
use crate::ui::Markup;
#[cfg(feature = "ssr")]
use domain::change::ChangeState;
#[cfg(feature = "ssr")]
use leptos::prelude::*;
use serde::{Deserialize, Serialize};

/// A change's page: what the browser takes over, and what stands as the server made it.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct PageParts {
    /// What moves, and where people type.
    pub page: ChangePage,
    /// Where it stands.
    pub state: Markup,
    /// What it would do.
    pub plan: Markup,
}

#[cfg(feature = "ssr")]
impl PageParts {
    /// Makes what only the server makes. `look` says what of the review of access is on show; `whole` asks for the
    /// whole access of a new environment, where there is something that it is compared with.
    pub fn new(page: ChangePage, plan: Option<PlanView>, look: Look, whole: bool) -> PageParts {
        // While it waits for nothing else, the banner on top says what holds it.
        let said = matches!(page.state, ChangeState::Approved { .. });
        let holds = page.holds.clone().into_iter().skip(usize::from(said));
        let state = Markup::of(view! {
            {verdict(&page, plan.as_ref())}
            <Holds holds=holds.collect() />
        });
        let plan = plan.map(|plan| {
            let whole = whole && plan.whole.is_some();
            let around = Around::new(&page.row.number, look, &plan, whole);
            // While it waits, the banner on top of the page says it.
            let said = matches!(page.state, ChangeState::Waiting { .. });
            let verdict = (!said).then(|| verdict_of_access(&plan));
            let number = page.row.number.clone();
            Markup::of(view! {
                {verdict}
                <Plan plan=plan number=number around=around shows_whole=whole />
            })
        });
        PageParts {
            page,
            state,
            plan: plan.unwrap_or_default(),
        }
    }
}
