use leptos::prelude::*;

/// What stands where nothing is yet: what will be here, and the first step.
#[component]
pub fn EmptyState(
    /// What will be here.
    #[prop(into)]
    words: String,
    /// The first step, where the viewer can take one.
    #[prop(optional)]
    children: Option<Children>,
) -> impl IntoView {
    view! {
        <div class="px-4 py-4">
            <p class="soft">{words}</p>
            {children.map(|step| view! { <p class="mt-2">{step()}</p> })}
        </div>
    }
}
