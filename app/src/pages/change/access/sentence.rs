//! The verdict in words, as it stands on top of the page.
use super::Against;
use super::example::request;
use crate::api::views::Tone;
use crate::ui::verdict_look;
use domain::access::{AccessReview, Aspect, GroupReview, SubjectReview, Verdict};
use leptos::prelude::*;
use std::collections::BTreeSet;

/// Sentences of one sort before the rest is only counted.
const SENTENCES: usize = 3;

/// The verdict in one sentence.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Headline {
    /// How grave it is.
    pub tone: Tone,
    /// The verdict's sign.
    pub sign: &'static str,
    /// The sentence, without a full stop.
    pub words: String,
}

/// Says whose access grows, may grow and shrinks.
pub fn headline(review: &AccessReview, against: Against) -> Headline {
    let (tone, sign) = verdict_look(review.verdict);
    let all = subjects(review);
    let named = |wanted: fn(&Moves) -> bool| {
        let found = all.iter().filter(|(_, _, moves)| wanted(moves));
        people(found.map(|(noun, id, _)| (*noun, *id)).collect())
    };
    let parts: Vec<String> = [
        ("grows for", named(|moves| moves.grows)),
        ("may grow for", named(|moves| moves.may_grow)),
        ("shrinks for", named(|moves| moves.shrinks)),
    ]
    .into_iter()
    .filter_map(|(verb, whom)| Some(format!("{verb} {}", whom?)))
    .collect();
    let words = match (parts.as_slice(), review.verdict) {
        ([], Verdict::Equivalent) if against == Against::Vetted => {
            "Access is as it was vetted".to_owned()
        }
        ([], Verdict::Equivalent) => "Access stays as it is".to_owned(),
        ([], Verdict::Narrowed) => "Access shrinks".to_owned(),
        ([], Verdict::Undecided) => "Nobody has judged whether access grows".to_owned(),
        ([], Verdict::Changed) => "Access grows and shrinks".to_owned(),
        ([], Verdict::Widened) => "Access grows".to_owned(),
        (parts, _) => format!("Access {}", listed(parts)),
    };
    Headline { tone, sign, words }
}

/// What follows the headline: an example of each gain, what opens to the internet, what could not be
/// compared, and what is lost.
pub fn proof(review: &AccessReview, against: Against) -> AnyView {
    let gaining: Vec<_> = of(&review.iam.subjects, |it| {
        moves(it.verdict, it.new_access, it.lost_access).grows
    });
    let mut opening: Vec<&GroupReview> = of(&review.network.groups, |it| {
        moves(it.verdict, it.new_access, it.lost_access).grows
    });
    opening.sort_by_key(|group| !group.internet);
    let more = gaining.len().saturating_sub(SENTENCES) + opening.len().saturating_sub(SENTENCES);
    let said = gaining
        .iter()
        .take(SENTENCES)
        .map(|subject| gain(subject, against))
        .chain(opening.iter().take(SENTENCES).map(|group| opened(group)))
        .collect_view();
    let ways: BTreeSet<_> = review
        .iam
        .subjects
        .iter()
        .flat_map(|subject| {
            subject
                .escalations
                .iter()
                .map(move |way| (&subject.id, &way.words))
        })
        .collect();
    let count_of_ways = ways.len();
    let ways = ways
        .into_iter()
        .take(SENTENCES)
        .map(|(id, words)| view! { <li><b>{id.clone()}</b> " gets a known way to more access: " {words.trim_end_matches('.').to_owned()} "."</li> })
        .collect_view();
    view! {
        <ul class="mt-1 space-y-1">
            {said} {ways}
            {undecided(review)}
            {lost(review)}
        </ul>
        {(more > 0 || count_of_ways > SENTENCES)
            .then(|| view! { <p class="mt-1">"More is gained than stands here: all of it stands below."</p> })}
        {still(review, against)}
    }
    .into_any()
}

fn of<T>(all: &[T], wanted: fn(&T) -> bool) -> Vec<&T> {
    all.iter().filter(|one| wanted(one)).collect()
}

/// Which way the access of one subject moves.
struct Moves {
    grows: bool,
    may_grow: bool,
    shrinks: bool,
}

fn moves(verdict: Verdict, new_access: Option<bool>, lost_access: Option<bool>) -> Moves {
    let grows = new_access == Some(true) || matches!(verdict, Verdict::Widened | Verdict::Changed);
    Moves {
        grows,
        may_grow: !grows && verdict.may_widen(),
        shrinks: lost_access == Some(true)
            || matches!(verdict, Verdict::Narrowed | Verdict::Changed),
    }
}

/// What to call one subject, and several.
type Noun = (&'static str, &'static str);

/// In the order that a sentence names them.
const NOUNS: [Noun; 4] = [
    ("identity", "identities"),
    ("resource", "resources"),
    ("security group", "security groups"),
    ("other part of the network", "other parts of the network"),
];

fn subjects(review: &AccessReview) -> Vec<(usize, &str, Moves)> {
    let iam = review.iam.subjects.iter().map(|it| {
        let noun = match it.aspect {
            Aspect::Identity | Aspect::Trust => 0,
            Aspect::Resource => 1,
        };
        let moves = moves(it.verdict, it.new_access, it.lost_access);
        (noun, it.id.as_str(), moves)
    });
    let network = review.network.groups.iter().map(|it| {
        let noun = if it.kind == "AWS::EC2::SecurityGroup" {
            2
        } else {
            3
        };
        let moves = moves(it.verdict, it.new_access, it.lost_access);
        (noun, it.id.as_str(), moves)
    });
    iam.chain(network).collect()
}

/// `2 identities and 1 security group`; a subject that is judged in two ways counts once.
fn people(found: BTreeSet<(usize, &str)>) -> Option<String> {
    let counted: Vec<String> = NOUNS
        .iter()
        .enumerate()
        .filter_map(|(index, (one, several))| {
            match found.iter().filter(|(noun, _)| *noun == index).count() {
                0 => None,
                1 => Some(format!("1 {one}")),
                count => Some(format!("{count} {several}")),
            }
        })
        .collect();
    (!counted.is_empty()).then(|| listed(&counted))
}

/// `a`, `a and b`, `a, b and c`.
fn listed(parts: &[String]) -> String {
    match parts {
        [] => String::new(),
        [one] => one.clone(),
        [most @ .., last] => format!("{} and {last}", most.join(", ")),
    }
}

fn gain(subject: &SubjectReview, against: Against) -> AnyView {
    let before = match against {
        Against::Before => ", and could not before.",
        Against::Vetted => ", and could not as vetted.",
    };
    let words = match (&subject.witness, subject.gained.first()) {
        (Some(witness), _) => view! { {request(witness)} {before} }.into_any(),
        (None, Some(sentence)) => sentence_of(sentence),
        (None, None) => {
            view! { <b>{subject.id.clone()}</b> " may do more than before." }.into_any()
        }
    };
    view! { <li>{words}</li> }.into_any()
}

fn opened(group: &GroupReview) -> AnyView {
    let words = match group.gained.first() {
        Some(sentence) => sentence_of(sentence),
        None => view! { <b>{group.id.clone()}</b> " lets more through than before." }.into_any(),
    };
    let internet = group
        .internet
        .then(|| view! { <b class="text-grow">"Open to the internet: "</b> });
    view! { <li>{internet} {words}</li> }.into_any()
}

/// A sentence of the judgement, with a capital and a full stop where it begins with a word.
fn sentence_of(words: &str) -> AnyView {
    let words = match words.strip_prefix("the ") {
        Some(rest) => format!("The {rest}"),
        None => words.to_owned(),
    };
    format!("{}.", words.trim_end_matches('.')).into_any()
}

fn undecided(review: &AccessReview) -> AnyView {
    let subjects = review
        .iam
        .subjects
        .iter()
        .map(|it| (&it.id, it.verdict, &it.reasons));
    let groups = review
        .network
        .groups
        .iter()
        .map(|it| (&it.id, it.verdict, &it.reasons));
    let open: Vec<_> = subjects
        .chain(groups)
        .filter(|(_, verdict, _)| *verdict == Verdict::Undecided)
        .collect();
    let more = open.len().saturating_sub(SENTENCES);
    let said = open
        .iter()
        .take(SENTENCES)
        .map(|(id, _, reasons)| {
            let reason = reasons
                .first()
                .map(|reason| format!(": {}", reason.trim_end_matches('.')));
            view! {
                <li>
                    "Could not be compared, and counts as a gain: " <b>{(*id).clone()}</b> {reason}
                    "."
                </li>
            }
        })
        .collect_view();
    let more = (more > 0)
        .then(|| view! { <li>{more} " more could not be compared, and count as gains."</li> });
    let unjudged = (review.verdict == Verdict::Undecided && open.is_empty()).then(|| {
        view! { <li>"This plan says nothing of access, which counts as a gain. A new plan will."</li> }
    });
    view! { {said} {more} {unjudged} }.into_any()
}

fn lost(review: &AccessReview) -> AnyView {
    let subjects = review.iam.subjects.iter().flat_map(|it| &it.lost);
    let groups = review.network.groups.iter().flat_map(|it| &it.lost);
    let all: Vec<_> = subjects.chain(groups).collect();
    match all.as_slice() {
        [] => ().into_any(),
        [one] => view! { <li>"Lost: " {sentence_of(one)}</li> }.into_any(),
        [first, rest @ ..] => {
            view! { <li>"Lost: " {sentence_of(first)} " And " {rest.len()} " more."</li> }
                .into_any()
        }
    }
}

/// Where nothing is gained and nothing lost, why there may be lines to read all the same.
fn still(review: &AccessReview, against: Against) -> Option<AnyView> {
    let rewritten = review.iam.subjects.len() + review.network.groups.len();
    (review.verdict == Verdict::Equivalent).then(|| {
        let words = match rewritten {
            0 if against == Against::Vetted => {
                "No policy and no rule differs from what was vetted.".to_owned()
            }
            0 => "No policy and no rule is touched.".to_owned(),
            1 => "1 policy or rule set is written differently and allows the same.".to_owned(),
            count => format!(
                "{count} policies and rule sets are written differently and allow the same."
            ),
        };
        view! { <p class="mt-1">{words}</p> }.into_any()
    })
}
