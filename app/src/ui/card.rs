use leptos::prelude::*;

/// A framed part of a page under a heading.
#[component]
pub fn Card(
    /// Its id, unique on the page.
    #[prop(into)]
    id: String,
    /// Heading.
    #[prop(into)]
    title: String,
    /// A few words beside the heading.
    #[prop(optional, into)]
    note: Option<String>,
    /// Tags beside the heading.
    #[prop(optional)]
    tags: Option<AnyView>,
    /// Whether the content brings its own margins, as tables do.
    #[prop(optional)]
    bare: bool,
    /// The content.
    children: Children,
) -> impl IntoView {
    let labelled_by = id.clone();
    view! {
        <section class="card" aria-labelledby=labelled_by>
            <div class="card-head">
                <h2 id=id class="font-semibold">
                    {title}
                </h2>
                {note.map(|note| view! { <span class="soft">{note}</span> })}
                {tags}
            </div>
            <div class=if bare { "" } else { "px-4 py-3 space-y-3" }>{children()}</div>
        </section>
    }
}
