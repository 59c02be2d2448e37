//! What the worlds say of a subject, put together and in words.
use super::compare::{Found, Gains};
use super::rule::Rule;
use super::words::{self, Way};
use crate::access::{Delta, GroupReview, Line, Lines, RuleText, Verdict};
use std::collections::BTreeSet;

/// How many reasons one subject gets.
const MAX_REASONS: usize = 25;

/// What one world says of a subject.
#[derive(Clone, Debug, Default)]
pub(super) struct Judged {
    pub gained: Gains,
    pub lost: Gains,
    pub faults: BTreeSet<String>,
    pub before: Told,
    pub after: Told,
    /// The rules that stay in force, for the drawing.
    pub kept: Vec<Rule>,
}

/// The rules of one side as they are shown.
#[derive(Clone, Debug, Default)]
pub(super) struct Told {
    pub lines: BTreeSet<Line>,
    pub texts: BTreeSet<RuleText>,
}

impl Told {
    pub fn rules<'r>(rules: impl Iterator<Item = &'r Rule>, subject: &str) -> Told {
        let mut told = Told::default();
        told.add(rules, subject);
        told
    }

    pub fn add<'r>(&mut self, rules: impl Iterator<Item = &'r Rule>, subject: &str) {
        for rule in rules {
            self.lines.insert(rule.line());
            self.texts.insert(rule.rule_text(subject));
        }
    }
}

/// The answer that all worlds give; nothing where they differ.
fn agreed(ways: &[Judged], gains: impl Fn(&Judged) -> &Gains) -> Option<bool> {
    let mut answers = ways.iter().map(|way| gains(way).answer());
    let first = answers.next()?;
    answers.all(|answer| answer == first).then_some(first)?
}

/// Puts together what the worlds say.
pub(super) fn told(
    id: String,
    kind: String,
    judged: Result<Vec<Judged>, String>,
    conditions: &[&str],
) -> (GroupReview, Delta<RuleText>) {
    let (ways, mut reasons) = match judged {
        Ok(ways) => (ways, Vec::new()),
        Err(reason) => (Vec::new(), vec![reason]),
    };
    let faults: BTreeSet<&String> = ways.iter().flat_map(|way| &way.faults).collect();
    let decided = faults.is_empty();
    reasons.extend(faults.iter().map(|fault| (*fault).clone()));
    let new_access = agreed(&ways, |way| &way.gained).filter(|_| decided);
    let lost_access = agreed(&ways, |way| &way.lost).filter(|_| decided);
    let verdict = Verdict::from_answers(new_access, lost_access);
    let in_all = |found: &&Found, gains: fn(&Judged) -> &Gains| {
        ways.iter().all(|way| gains(way).found.contains(found))
    };
    let mut gained = Vec::new();
    let mut lost = Vec::new();
    for (way, gains, all) in [
        (
            Way::Gained,
            (|way| &way.gained) as fn(&Judged) -> &Gains,
            &mut gained,
        ),
        (Way::Lost, |way| &way.lost, &mut lost),
    ] {
        let Some(first) = ways.first() else {
            continue;
        };
        let sure: Vec<Found> = gains(first)
            .found
            .iter()
            .filter(|found| in_all(found, gains))
            .cloned()
            .collect();
        *all = words::sentences(&sure, &id, way);
        let told = way == Way::Gained || verdict == Verdict::Undecided;
        if told {
            reasons.extend(doubts(&ways, gains, &sure, &id, way, conditions));
        }
    }
    let first_found = || {
        let mut found = ways.iter().flat_map(|way| &way.gained.found);
        let sure = ways.first().and_then(|first| {
            first
                .gained
                .found
                .iter()
                .find(|found| in_all(found, |way| &way.gained))
        });
        sure.or_else(|| found.next())
    };
    let witness = (new_access == Some(true))
        .then(first_found)
        .flatten()
        .map(words::witness);
    let internet = ways.iter().any(|way| {
        let open = way
            .gained
            .open
            .iter()
            .filter_map(|open| open.found.as_ref());
        way.gained
            .found
            .iter()
            .chain(open)
            .any(Found::opens_to_internet)
    });
    let mut seen = BTreeSet::new();
    reasons.retain(|reason| seen.insert(reason.clone()));
    if reasons.len() > MAX_REASONS {
        let more = reasons.len() - MAX_REASONS;
        reasons.truncate(MAX_REASONS);
        reasons.push(format!("and {more} more"));
    }
    let (lines, texts) = shown(&ways);
    let review = GroupReview {
        id,
        kind,
        verdict,
        new_access,
        lost_access,
        gained,
        lost,
        witness,
        reasons,
        internet,
        lines,
    };
    (review, texts)
}

/// What is not certain, or not in every world, in words.
fn doubts(
    ways: &[Judged],
    gains: fn(&Judged) -> &Gains,
    sure: &[Found],
    id: &str,
    way: Way,
    conditions: &[&str],
) -> Vec<String> {
    let mut reasons = Vec::new();
    let names = conditions
        .iter()
        .take(6)
        .copied()
        .collect::<Vec<_>>()
        .join(", ");
    for judged in ways {
        for found in gains(judged)
            .found
            .iter()
            .filter(|found| !sure.contains(found))
        {
            let sentence = words::sentence(found, id, way);
            reasons.push(format!(
                "{sentence}, depending on {names}, which only the deployment decides"
            ));
        }
        for open in &gains(judged).open {
            reasons.push(match &open.found {
                Some(found) => format!("perhaps {}: {}", words::sentence(found, id, way), open.why),
                None => open.why.clone(),
            });
        }
        if reasons.len() > 4 * MAX_REASONS {
            break;
        }
    }
    let answers: BTreeSet<Option<bool>> = ways.iter().map(|way| gains(way).answer()).collect();
    if answers.len() > 1 && reasons.is_empty() {
        reasons.push(format!(
            "it depends on {names}, which only the deployment decides"
        ));
    }
    reasons
}

fn shown(ways: &[Judged]) -> (Lines, Delta<RuleText>) {
    let mut before = Told::default();
    let mut after = Told::default();
    for way in ways {
        for (all, side) in [(&mut before, &way.before), (&mut after, &way.after)] {
            all.lines.extend(side.lines.iter().cloned());
            all.texts.extend(side.texts.iter().cloned());
        }
    }
    let lines = Lines {
        added: after.lines.difference(&before.lines).cloned().collect(),
        removed: before.lines.difference(&after.lines).cloned().collect(),
        unchanged: before.lines.intersection(&after.lines).cloned().collect(),
    };
    let texts = Delta {
        added: after.texts.difference(&before.texts).cloned().collect(),
        removed: before.texts.difference(&after.texts).cloned().collect(),
    };
    (lines, texts)
}
