use crate::api::views::Viewer;
use crate::ui::{Link, Tag};
use leptos::prelude::*;

/// An area of the portal, as the head of every page names it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Section {
    /// What waits for the viewer.
    Work,
    /// Services and their environments.
    Services,
    /// What waits for a review.
    Approvals,
    /// Deployments.
    History,
    /// Freeze windows.
    Freezes,
    /// Waivers.
    Waivers,
    /// The catalogue.
    Blueprints,
    /// None of these.
    Elsewhere,
}

/// What every page stands in: the way to the content, the areas, who is looking.
#[component]
pub fn Frame(
    /// Who is looking, where somebody is signed in.
    viewer: Option<Viewer>,
    /// The area being shown.
    here: Section,
    /// The page.
    children: Children,
) -> impl IntoView {
    let waiting = viewer.as_ref().map_or(0, |viewer| viewer.waiting);
    let area = move |section: Section, href: &'static str, words: &'static str| {
        let count = (section == Section::Approvals && waiting > 0).then(|| {
            view! {
                " "
                <Tag tone=crate::api::views::Tone::Wait words=waiting.to_string() />
                <span class="sr-only">"wait for you"</span>
            }
        });
        view! {
            <li>
                <Link href=href class="nav-link" current=here == section>
                    {words}
                    {count}
                </Link>
            </li>
        }
    };
    let areas = viewer.is_some().then(|| {
        view! {
            <nav aria-label="Main">
                <ul class="flex flex-wrap gap-x-5">
                    {area(Section::Work, "/", "My work")}
                    {area(Section::Services, "/services", "Services")}
                    {area(Section::Approvals, "/approvals", "Approvals")}
                    {area(Section::History, "/history", "History")}
                    {area(Section::Freezes, "/freezes", "Freezes")}
                    {area(Section::Waivers, "/waivers", "Waivers")}
                    {area(Section::Blueprints, "/blueprints", "Blueprints")}
                </ul>
            </nav>
        }
    });
    view! {
        <a class="skip" href="#main" rel="external">
            "Skip to content"
        </a>
        <header class="border-b border-line bg-card">
            <div class="mx-auto flex max-w-6xl flex-wrap items-center gap-x-6 gap-y-1 px-4 py-1.5">
                <Link href="/" class="py-1 text-base font-semibold text-ink no-underline">
                    "Gatehouse"
                </Link>
                {areas}
                {viewer.map(who)}
            </div>
        </header>
        <main id="main" tabindex="-1" class="mx-auto max-w-6xl px-4 py-5">
            {children()}
        </main>
    }
}

fn who(viewer: Viewer) -> impl IntoView {
    let grants = match viewer.grants.as_slice() {
        [] => view! { <span class="soft">"your sign-in grants nothing here"</span> }.into_any(),
        [only] => view! { <span class="soft">{only.clone()}</span> }.into_any(),
        several => view! {
            <details class="folded">
                <summary>{several.len()} " roles"</summary>
                <ul class="pb-1">
                    {several
                        .iter()
                        .map(|grant| view! { <li>{grant.clone()}</li> })
                        .collect_view()}
                </ul>
            </details>
        }
        .into_any(),
    };
    view! {
        <div class="ml-auto flex flex-wrap items-baseline gap-x-3">
            <span class="font-medium">{viewer.name}</span>
            {grants}
            <form method="post" action="/sign-out">
                <button type="submit" class="button-link">
                    "Sign out"
                </button>
            </form>
        </div>
    }
}
