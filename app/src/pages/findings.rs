//! What guardrails found, the gravest first.
use crate::api::views::{FindingView, Tone, WaiverNote};
use crate::ui::{Card, Link, Mono, Tag, ask_waiver_address, waiver_address};
use domain::change::{Finding, Severity, WaiverState};
use leptos::prelude::*;

/// Findings: those that stop or warn stand open, the rest is folded.
#[component]
pub fn Findings(
    /// The gravest first.
    findings: Vec<FindingView>,
    /// The change on whose plan they were found; empty before there is one.
    #[prop(optional, into)]
    of_change: String,
) -> impl IntoView {
    (!findings.is_empty()).then(|| {
        let count = |severity| {
            let of = findings
                .iter()
                .filter(|it| it.finding.severity == severity)
                .count();
            (of > 0).then(|| format!("{of} {}", noun(severity)))
        };
        let note: Vec<_> = Severity::ALL.into_iter().filter_map(count).collect();
        let (open, folded): (Vec<_>, Vec<_>) = findings
            .into_iter()
            .partition(|it| it.finding.severity != Severity::Info);
        let rows = |findings: Vec<FindingView>| {
            findings
                .into_iter()
                .map(|it| row(it, &of_change))
                .collect_view()
        };
        let folded = (!folded.is_empty()).then(|| {
            view! {
                <details class="folded border-t border-line px-4 py-1 first:border-t-0">
                    <summary>{folded.len()} " good to know"</summary>
                    <ul class="divide-y divide-line">{rows(folded)}</ul>
                </details>
            }
        });
        let open = (!open.is_empty())
            .then(|| view! { <ul class="divide-y divide-line px-4">{rows(open)}</ul> });
        view! {
            <Card id="findings" title="Findings" note=note.join(", ") bare=true>
                {open}
                {folded}
            </Card>
        }
    })
}

fn noun(severity: Severity) -> &'static str {
    match severity {
        Severity::Block => "that stop it",
        Severity::Warn => "to look at",
        Severity::Info => "good to know",
    }
}

fn row(view: FindingView, of_change: &str) -> AnyView {
    let ask = (view.may_ask && !of_change.is_empty()).then(|| {
        let href = ask_waiver_address(of_change, &view.finding.key);
        view! {
            <p class="mt-1">
                <Link href=href>"Ask for a waiver"</Link>
            </p>
        }
    });
    let in_force = view
        .waiver
        .as_ref()
        .is_some_and(|waiver| waiver.state == WaiverState::Granted);
    view! {
        <li class="py-3">
            <FindingBody finding=view.finding waived=in_force />
            {view.waiver.map(note)} {ask}
        </li>
    }
    .into_any()
}

/// What was found, why it matters, and what would be right.
#[component]
pub fn FindingBody(
    /// The finding.
    finding: Finding,
    /// Whether a waiver lets it through now.
    waived: bool,
) -> impl IntoView {
    let (tone, sign, words) = match (finding.severity, waived) {
        (Severity::Block, true) => (Tone::Wait, "◷", "blocks, waived"),
        (Severity::Block, false) => (Tone::Grow, "✕", "blocks"),
        (Severity::Warn, _) => (Tone::Wait, "!", "warning"),
        (Severity::Info, _) => (Tone::Same, "i", "good to know"),
    };
    let place = match (finding.key.stack.as_str(), finding.key.resource.as_str()) {
        ("main", "") => "the stack".to_owned(),
        (stack, "") => format!("the stack {stack}"),
        ("main", resource) => resource.to_owned(),
        (stack, resource) => format!("{stack}/{resource}"),
    };
    view! {
        <p class="flex flex-wrap items-baseline gap-x-2">
            <Tag tone=tone sign=sign words=words />
            <span class="font-semibold">{finding.title}</span>
            <span class="soft">"not so at"</span>
            <Mono text=place />
        </p>
        <p class="said mt-1">{finding.found} "."</p>
        <p class="mt-1">
            {finding.why} " " <span class="font-medium">"What would be right: "</span>
            {finding.right}
        </p>
        <p class="soft mt-1">"Rule " <span class="mono">{finding.key.rule}</span></p>
    }
}

fn note(waiver: WaiverNote) -> AnyView {
    let href = waiver_address(&waiver.number);
    let (sign, class) = match waiver.state {
        WaiverState::Granted => ("✓", "mt-1"),
        WaiverState::Asked => ("◷", "mt-1 text-wait"),
        WaiverState::Refused | WaiverState::Ended | WaiverState::Expired => ("✕", "mt-1"),
    };
    view! {
        <p class=class>
            <span aria-hidden="true">{sign}</span>
            " "
            {waiver.words}
            " "
            <Link href=href class="underlined">{waiver.number}</Link>
        </p>
    }
    .into_any()
}
