use crate::ui::Link;
use leptos::prelude::*;

/// The way to the rest of a list that is paged by key.
#[component]
pub fn Pager(
    /// The first page's address, where this is not it.
    #[prop(into)]
    first: Option<String>,
    /// The next page's address, where there is one.
    #[prop(into)]
    next: Option<String>,
) -> impl IntoView {
    (first.is_some() || next.is_some()).then(|| {
        view! {
            <nav aria-label="Pages" class="mt-3 flex flex-wrap gap-2">
                {first.map(|href| view! { <Link href=href class="button">"First page"</Link> })}
                {next.map(|href| view! { <Link href=href class="button">"Next page"</Link> })}
            </nav>
        }
    })
}
