//! What a plan does to access, for those who decide on it: the verdict in words, then the proof.
//! Made into HTML on the server only (docs/adr/0005); how it is judged is `domain::access`'s business.

mod counts;
mod drawing;
mod example;
mod filter;
mod identities;
mod lines;
mod look;
mod network;
mod others;
mod sentence;
mod subject;
#[cfg(test)]
#[cfg(feature = "ssr")]
mod tests;

pub use look::{Layout, Look};
pub use sentence::{headline, proof};

use crate::api::views::PlanView;
use crate::ui::{change_address, template_address};
use domain::access::AccessReview;
use identities::Identities;
use leptos::prelude::*;
use network::Network;
use std::collections::BTreeMap;

/// What the parts of the review need to know of the page they stand on.
#[derive(Clone, Debug)]
pub struct Around {
    page: String,
    look: Look,
    /// What else stands in the page's address.
    also: Vec<(&'static str, String)>,
    /// What “before” is.
    against: Against,
    /// The address of each resource that a template of the plan shows.
    places: BTreeMap<String, String>,
}

/// What a review compares with.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Against {
    /// What runs, or an earlier version.
    Before,
    /// What the version was vetted with, for an environment that does not exist yet.
    Vetted,
}

/// The value of `against=` that asks for the whole access, compared with nothing.
pub const NOTHING: &str = "nothing";

impl Around {
    /// The page of one change, with its plan; of the whole access of a new environment where that is asked for.
    pub fn new(number: &str, look: Look, plan: &PlanView, whole: bool) -> Around {
        let places = plan.stacks.iter().flat_map(|stack| {
            stack.shows.iter().map(|name| {
                let resource = name.rsplit('/').next().unwrap_or(name);
                let address = template_address(number, &stack.name, resource);
                (name.clone(), address)
            })
        });
        let also = whole.then(|| ("against", NOTHING.to_owned()));
        Around {
            places: places.collect(),
            against: match plan.whole {
                Some(_) if !whole => Against::Vetted,
                _ => Against::Before,
            },
            ..Around::of_page(change_address(number), look, also.into_iter().collect())
        }
    }

    /// A page that shows no template, with what else stands in its address.
    pub fn of_page(page: String, look: Look, also: Vec<(&'static str, String)>) -> Around {
        Around {
            page,
            look,
            also,
            against: Against::Before,
            places: BTreeMap::new(),
        }
    }

    /// The address of this page with another look, at one of its cards.
    fn address(&self, look: &Look, card: &str) -> String {
        look.address(&self.page, &self.also, card)
    }

    /// A name, leading to the template where it stands in one.
    fn name(&self, name: &str) -> AnyView {
        use crate::ui::Link;
        let words = name.to_owned();
        match self.places.get(name) {
            Some(address) => view! {
                <Link href=address.clone() class="underlined">
                    {words}
                </Link>
            }
            .into_any(),
            None => words.into_any(),
        }
    }

    fn layout_link(&self, card: &str) -> AnyView {
        use crate::ui::Link;
        let (look, words) = self.look.other_layout();
        let address = self.address(&look, card);
        view! {
            <span class="ml-auto">
                <Link href=address class="underlined">
                    {words}
                </Link>
            </span>
        }
        .into_any()
    }
}

/// Who may do what, and who may reach what.
#[component]
pub fn Access(
    /// The review.
    review: AccessReview,
    /// The page it stands on.
    around: Around,
) -> impl IntoView {
    let has_network = !(review.network.groups.is_empty()
        && review.network.paths.is_empty()
        && review.network.rules.is_empty());
    let filter = filter::filter(&review, &around, identities::ID);
    view! {
        {filter}
        <Identities review=review.iam around=around.clone() />
        {has_network.then(|| view! { <Network review=review.network around=around /> })}
    }
}
