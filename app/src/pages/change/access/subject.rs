//! One identity, resource or group: its verdict, what is gained and lost, and the lines that did it.
use super::Around;
use super::example::{packet, request, request_text};
use super::lines::{Columns, Lines, Unchanged};
use crate::api::views::Tone;
use crate::ui::{Link, Tag, VerdictTag};
use domain::access::{Aspect, Escalation, GroupReview, SubjectReview, Verdict};
use leptos::prelude::*;

/// Subjects that are shown whole in a card; those after them are a line each.
pub const WHOLE: usize = 25;
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

/// Subjects, or those of them that the address asks for, gravest first: the first whole, the others a
/// line each that leads to all of it. Those that gain stand open, however many; of those that only lose
/// the first do; those that are the same are folded.
pub fn subjects(all: Vec<Judged>, around: &Around, card: &'static str) -> AnyView {
    let is_any = !all.is_empty();
    let look = &around.look;
    let mut first: Vec<_> = all
        .into_iter()
        .filter(|it| look.shows(&it.id, it.verdict))
        .collect();
    if first.is_empty() && is_any {
        return view! { <p class="soft px-4 py-3">"Nothing here fits what is chosen above."</p> }
            .into_any();
    }
    let later = first.split_off(first.len().min(WHOLE));
    if look.is_narrowed() {
        return view! {
            {each(first, around, OPEN_LINES)}
            {line_each(later, around, card)}
        }
        .into_any();
    }
    let [gaining, mut narrowed, same] = by_weight(first);
    let [later_gaining, later_narrowed, later_same] = by_weight(later);
    let room = OPEN_LINES.saturating_sub(gaining.len());
    let folded_narrowed = narrowed.split_off(narrowed.len().min(OPEN_NARROWED));
    view! {
        {each(gaining, around, OPEN_LINES)}
        {line_each(later_gaining, around, card)}
        {each(narrowed, around, room)}
        {folded(folded_narrowed, later_narrowed, around, card, "narrowed too")}
        {folded(same, later_same, around, card, "written differently, same access")}
    }
    .into_any()
}

/// Those that gain or may gain, those that only lose, those that are the same.
fn by_weight(all: Vec<Judged>) -> [Vec<Judged>; 3] {
    let (same, moving): (Vec<_>, Vec<_>) = all
        .into_iter()
        .partition(|it| it.verdict == Verdict::Equivalent);
    let (gaining, narrowed) = moving.into_iter().partition(|it| it.verdict.may_widen());
    [gaining, narrowed, same]
}

fn each(all: Vec<Judged>, around: &Around, open: usize) -> AnyView {
    all.into_iter()
        .enumerate()
        .map(|(index, it)| subject(it, around, index < open))
        .collect_view()
        .into_any()
}

fn line_each(all: Vec<Judged>, around: &Around, card: &'static str) -> Option<AnyView> {
    let lines: Vec<_> = all.iter().map(|it| one_line(it, around, card)).collect();
    let count = lines.len();
    (count > 0).then(|| {
        view! {
            <div class="border-t border-line py-3 first:border-t-0">
                <p class="soft px-4">{count} " more, a line each. A name leads to all of it."</p>
                <ul class="px-4 pt-1 space-y-1">{lines}</ul>
            </div>
        }
        .into_any()
    })
}

/// The gravest sentence about a subject, and the way to the rest.
fn one_line(it: &Judged, around: &Around, card: &'static str) -> AnyView {
    let href = around.address(&around.look.at(&it.id), card);
    let mut said = said(it);
    let more = said.len().saturating_sub(1);
    said.truncate(1);
    let said: Vec<_> = said
        .into_iter()
        .map(|(sign, ink, words)| {
            view! {
                <span class=ink>
                    {sign}
                    {words}
                </span>
            }
        })
        .collect();
    let id = it.id.clone();
    let more = (more > 0).then(|| view! { <span class="soft">" and " {more} " more"</span> });
    view! {
        <li class="said">
            <Link href=href class="underlined">
                {id}
            </Link>
            " "
            <span class="soft">{it.about}</span>
            " "
            <VerdictTag verdict=it.verdict />
            {it.internet.then(internet)}
            " "
            {said}
            {more}
        </li>
    }
    .into_any()
}

fn internet() -> AnyView {
    view! { " " <Tag tone=Tone::Grow sign="◎" words="open to the internet" /> }.into_any()
}

fn folded(
    whole: Vec<Judged>,
    later: Vec<Judged>,
    around: &Around,
    card: &'static str,
    words: &'static str,
) -> Option<AnyView> {
    let all = || whole.iter().chain(&later);
    let first = all().next()?.verdict;
    let count = all().count();
    let names: Vec<_> = all().take(3).map(|it| it.id.clone()).collect();
    let names = format!("{}{}", names.join(", "), if count > 3 { ", …" } else { "" });
    Some(
        view! {
            <details class="folded border-t border-line first:border-t-0">
                <summary class="px-4">
                    {count} " " {words} ": " <span class="said">{names}</span> " "
                    <VerdictTag verdict=first />
                </summary>
                {each(whole, around, 0)}
                {line_each(later, around, card)}
            </details>
        }
        .into_any(),
    )
}

fn subject(it: Judged, around: &Around, open: bool) -> AnyView {
    let Judged {
        id, kind, about, ..
    } = &it;
    let internet = it.internet.then(internet);
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

/// Known ways to more, what is gained, what could not be compared, what is lost: gravest first, each with
/// its sign and its ink.
fn said(it: &Judged) -> Vec<(&'static str, &'static str, String)> {
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
    ways.chain(gained).chain(reasons).chain(lost).collect()
}

fn sentences(it: &Judged) -> AnyView {
    let mut all: Vec<_> = said(it).into_iter().map(sentence).collect();
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
