//! One identity, resource or group: its verdict, what is gained and lost, and the lines that did it.
use super::Around;
use super::example::{packet, request, request_text};
use super::lines::{Columns, Lines, Unchanged};
use crate::api::views::Tone;
use crate::ui::{Tag, VerdictTag};
use domain::access::{Aspect, Escalation, GroupReview, SubjectReview, Verdict};
use leptos::prelude::*;

/// Subjects whose lines stand open; the lines of those after them are opened one by one.
const OPEN_LINES: usize = 10;
/// Subjects that only lose before the rest of them is folded.
const OPEN_NARROWED: usize = 10;
/// Sentences of one subject before the rest is folded.
const OPEN_SENTENCES: usize = 12;

/// A subject as it is shown, whichever judgement it comes from.
pub struct Judged {
    id: String,
    kind: String,
    /// Which of its sides is judged.
    about: &'static str,
    verdict: Verdict,
    internet: bool,
    gained: Vec<String>,
    lost: Vec<String>,
    example: Option<AnyView>,
    escalations: Vec<Escalation>,
    reasons: Vec<String>,
    lines: domain::access::Lines,
    columns: Columns,
}

impl From<SubjectReview> for Judged {
    fn from(it: SubjectReview) -> Judged {
        let example = it.witness.as_ref().filter(|witness| {
            // A sentence that says the same is example enough.
            !witness.context.is_empty() || !it.gained.contains(&request_text(witness))
        });
        Judged {
            example: example.map(request),
            about: match it.aspect {
                Aspect::Identity => "what it may do",
                Aspect::Trust => "who may take it on",
                Aspect::Resource => "who may use it",
            },
            columns: Columns::Statements,
            id: it.id,
            kind: it.kind,
            verdict: it.verdict,
            internet: false,
            gained: it.gained,
            lost: it.lost,
            escalations: it.escalations,
            reasons: it.reasons,
            lines: it.lines,
        }
    }
}

impl From<GroupReview> for Judged {
    fn from(it: GroupReview) -> Judged {
        Judged {
            example: it.witness.as_ref().map(|witness| {
                view! { "a packet of " {packet(witness)} " is let through" }.into_any()
            }),
            about: "who may reach it and what it may reach",
            columns: Columns::Rules,
            id: it.id,
            kind: it.kind,
            verdict: it.verdict,
            internet: it.internet,
            gained: it.gained,
            lost: it.lost,
            escalations: Vec::new(),
            reasons: it.reasons,
            lines: it.lines,
        }
    }
}

/// Subjects as they come, gravest first: those that gain stand open, however many; of those that only
/// lose the first do; those that are the same are folded.
pub fn subjects(all: Vec<Judged>, around: &Around) -> AnyView {
    let (same, moving): (Vec<_>, Vec<_>) = all
        .into_iter()
        .partition(|it| it.verdict == Verdict::Equivalent);
    let (gaining, narrowed): (Vec<_>, Vec<_>) =
        moving.into_iter().partition(|it| it.verdict.may_widen());
    let room = OPEN_LINES.saturating_sub(gaining.len());
    let gaining = each(gaining, around, OPEN_LINES);
    let mut narrowed = narrowed;
    let later = narrowed.split_off(narrowed.len().min(OPEN_NARROWED));
    let narrowed = each(narrowed, around, room);
    view! {
        {gaining}
        {narrowed}
        {folded(later, around, "narrowed too")}
        {folded(same, around, "written differently, same access")}
    }
    .into_any()
}

fn each(all: Vec<Judged>, around: &Around, open: usize) -> AnyView {
    all.into_iter()
        .enumerate()
        .map(|(index, it)| subject(it, around, index < open))
        .collect_view()
        .into_any()
}

fn folded(all: Vec<Judged>, around: &Around, words: &'static str) -> Option<AnyView> {
    let first = all.first()?.verdict;
    let count = all.len();
    let names: Vec<_> = all.iter().take(3).map(|it| it.id.clone()).collect();
    let names = format!("{}{}", names.join(", "), if count > 3 { ", …" } else { "" });
    Some(
        view! {
            <details class="folded border-t border-line first:border-t-0">
                <summary class="px-4">
                    {count} " " {words} ": " <span class="said">{names}</span> " "
                    <VerdictTag verdict=first />
                </summary>
                {each(all, around, 0)}
            </details>
        }
        .into_any(),
    )
}

fn subject(it: Judged, around: &Around, open: bool) -> AnyView {
    let Judged {
        id, kind, about, ..
    } = &it;
    let internet = it
        .internet
        .then(|| view! { " " <Tag tone=Tone::Grow sign="◎" words="open to the internet" /> });
    let heading = view! {
        <h3 class="px-4 font-medium said">
            {around.name(id)} " " <span class="mono soft">{kind.clone()}</span> " "
            <span class="soft font-normal">{*about}</span> " " <VerdictTag verdict=it.verdict />
            {internet}
        </h3>
    }
    .into_any();
    let sentences = sentences(&it);
    let example = it.example.map(|example| {
        view! { <p class="soft said px-4 pt-1">"For example, " {example} "."</p> }.into_any()
    });
    // Among many subjects a sentence is enough; its example is opened with the lines.
    let has_lines = !(it.lines.added.is_empty() && it.lines.removed.is_empty());
    let (example, folded_example) = if open || it.gained.is_empty() || !has_lines {
        (example, None)
    } else {
        (None, example)
    };
    let judged = (it.columns, it.verdict);
    let lines = lines(it.lines, judged, &it.id, around, open, folded_example);
    view! {
        <section class="border-t border-line py-3 first:border-t-0">
            {heading} {sentences} {example} {lines}
        </section>
    }
    .into_any()
}

/// What is gained, known ways to more, what could not be compared, what is lost: gravest first.
fn sentences(it: &Judged) -> AnyView {
    let gained = it
        .gained
        .iter()
        .map(|words| ("+ ", "text-grow", words.clone()));
    let ways = it.escalations.iter().map(|way| {
        let words = format!("A known way to more access: {} ({})", way.words, way.name);
        ("! ", "text-grow", words)
    });
    let reasons = it
        .reasons
        .iter()
        .map(|words| ("? ", "text-grow", format!("Could not be compared: {words}")));
    let lost = it
        .lost
        .iter()
        .map(|words| ("− ", "text-shrink", words.clone()));
    let mut all: Vec<_> = ways
        .chain(gained)
        .chain(reasons)
        .chain(lost)
        .map(sentence)
        .collect();
    if all.is_empty() {
        return ().into_any();
    }
    let rest = all.split_off(all.len().min(OPEN_SENTENCES));
    let count = rest.len();
    let rest = (count > 0).then(|| {
        view! {
            <details class="folded px-4">
                <summary>{count} " more gained or lost"</summary>
                <ul class="space-y-0.5">{rest}</ul>
            </details>
        }
    });
    view! {
        <ul class="px-4 pt-1 space-y-0.5">{all}</ul>
        {rest}
    }
    .into_any()
}

fn sentence((sign, ink, words): (&'static str, &'static str, String)) -> AnyView {
    let ink = if ink == "text-grow" {
        "said hanging text-grow"
    } else {
        "said hanging text-shrink"
    };
    view! {
        <li class=ink>
            {sign}
            {words}
        </li>
    }
    .into_any()
}

/// The lines, folded with the example where they are not open.
fn lines(
    mut lines: domain::access::Lines,
    (columns, verdict): (Columns, Verdict),
    id: &str,
    around: &Around,
    open: bool,
    example: Option<AnyView>,
) -> AnyView {
    let unchanged = std::mem::take(&mut lines.unchanged);
    let (added, removed) = (lines.added.len(), lines.removed.len());
    let caption = format!("Lines that come and go at {id}");
    let moving = (added + removed > 0).then(|| {
        let table =
            view! { <Lines lines=lines columns=columns verdict=verdict caption=caption around=around.clone() /> };
        if open {
            view! { <div class="pt-2">{table}</div> }.into_any()
        } else {
            view! {
                <details class="folded">
                    <summary class="px-4">
                        "The lines: " {added} " come, " {removed} " go"
                    </summary>
                    {example}
                    {table}
                </details>
            }
            .into_any()
        }
    });
    let unchanged = (!unchanged.is_empty()).then(|| {
        let caption = format!("Lines that stay at {id}");
        view! { <Unchanged lines=unchanged columns=columns caption=caption around=around.clone() /> }
    });
    view! {
        {moving}
        {unchanged}
    }
    .into_any()
}
