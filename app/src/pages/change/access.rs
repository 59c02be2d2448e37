use crate::api::views::Tone;
use crate::ui::{AccessRows, Card, Tag};
use domain::access::HolderDiff;
use leptos::prelude::*;

/// Who may do what, and who may reach what: what comes and goes, grouped by holder. Nothing that
/// is gained is folded.
#[component]
pub fn Access(
    /// Changes by holder.
    diffs: Vec<HolderDiff>,
) -> impl IntoView {
    let (network, identity): (Vec<_>, Vec<_>) = diffs
        .into_iter()
        .partition(|diff| diff.resource_type.starts_with("AWS::EC2::"));
    let has_network = !network.is_empty();
    view! {
        {part(
            "who-may-do-what",
            "Who may do what",
            identity,
            "No statement comes or goes: everyone may do what they could do before.",
        )}
        {has_network
            .then(|| {
                part("who-may-reach-what", "Who may reach what", network, "No rule comes or goes.")
            })}
    }
}

fn part(
    id: &'static str,
    title: &'static str,
    diffs: Vec<HolderDiff>,
    none: &'static str,
) -> AnyView {
    let gained: usize = diffs.iter().map(|diff| diff.added.len()).sum();
    let lost: usize = diffs.iter().map(|diff| diff.removed.len()).sum();
    let tags = view! {
        {(gained > 0)
            .then(|| view! { <Tag tone=Tone::Grow sign="+" words=format!("{gained} gained") /> })}
        {(lost > 0)
            .then(|| view! { <Tag tone=Tone::Shrink sign="−" words=format!("{lost} lost") /> })}
    }
    .into_any();
    let (still, moving): (Vec<_>, Vec<_>) = diffs
        .into_iter()
        .partition(|diff| diff.added.is_empty() && diff.removed.is_empty());
    let content = if moving.is_empty() && still.is_empty() {
        view! { <p class="soft px-4 py-3">{none}</p> }.into_any()
    } else {
        moving.into_iter().map(holder).collect_view().into_any()
    };
    let unchanged = (!still.is_empty()).then(|| {
        let names: Vec<_> = still.iter().map(|diff| diff.holder.as_str()).collect();
        let names = names.join(", ");
        view! {
            <details class="folded border-t border-line px-4 py-2">
                <summary>{still.len()} " with the same lines as before"</summary>
                <p class="mono pt-1">{names}</p>
            </details>
        }
    });
    view! {
        <Card id=id title=title tags=tags bare=true>
            {content}
            {unchanged}
        </Card>
    }
    .into_any()
}

fn holder(diff: HolderDiff) -> AnyView {
    view! {
        <section class="border-t border-line py-2 first:border-t-0">
            <h3 class="px-4 pb-1 font-medium">
                {diff.holder.clone()} " " <span class="mono soft">{diff.resource_type.clone()}</span>
            </h3>
            <AccessRows diff=diff />
        </section>
    }
    .into_any()
}
