//! What comes and goes in the template beside what the subjects show, so that nothing is left out:
//! statements, attachments, boundaries and rules that change nobody's access.
use super::Around;
use super::lines::{Columns, Lines};
use domain::access::{
    self, IamReview, Line, Names, NetworkReview, RuleText, StatementText, Verdict,
};
use leptos::prelude::*;
use std::collections::BTreeSet;

/// Statements, attachments and boundaries that stand at no subject.
pub fn other_statements(review: &IamReview, around: &Around) -> Option<AnyView> {
    let shown = review.subjects.iter().map(|it| (it.id.as_str(), &it.lines));
    let shown = Shown::new(shown);
    let statements = |all: &[StatementText]| -> Vec<Line> {
        let lines = all.iter().map(statement);
        lines.filter(|line| !shown.has(line)).collect()
    };
    let mut lines = access::Lines {
        added: statements(&review.statements.added),
        removed: statements(&review.statements.removed),
        unchanged: Vec::new(),
    };
    let names = |subject: &str, place: &str, what: &str| Line {
        source: subject.to_owned(),
        place: place.to_owned(),
        effect: "-".to_owned(),
        resource: what.to_owned(),
        ..Line::default()
    };
    let missing = |subject: &str| !shown.subjects.contains(subject);
    let attached = |all: &[access::Attachment]| -> Vec<Line> {
        let all = all.iter().filter(|it| missing(&it.subject));
        all.map(|it| names(&it.subject, "managed policy", &it.policy))
            .collect()
    };
    lines.added.extend(attached(&review.managed_policies.added));
    lines
        .removed
        .extend(attached(&review.managed_policies.removed));
    for it in review.boundaries.iter().filter(|it| missing(&it.subject)) {
        let line = |what: &String| names(&it.subject, "boundary", what);
        lines.added.extend(it.after.as_ref().map(line));
        lines.removed.extend(it.before.as_ref().map(line));
    }
    folded(lines, Columns::Statements, "statements", around)
}

/// Rules that stand at no group.
pub fn other_rules(review: &NetworkReview, around: &Around) -> Option<AnyView> {
    let shown = review.groups.iter().map(|it| (it.id.as_str(), &it.lines));
    let shown = Shown::new(shown);
    let rules = |all: &[RuleText]| -> Vec<Line> {
        let all = all
            .iter()
            .filter(|it| !shown.subjects.contains(it.group.as_str()));
        all.map(rule).filter(|line| !shown.has(line)).collect()
    };
    let lines = access::Lines {
        added: rules(&review.rules.added),
        removed: rules(&review.rules.removed),
        unchanged: Vec::new(),
    };
    folded(lines, Columns::Rules, "rules", around)
}

/// What the subjects show already.
struct Shown<'a> {
    subjects: BTreeSet<&'a str>,
    places: BTreeSet<(&'a str, &'a str)>,
}

impl<'a> Shown<'a> {
    fn new(all: impl Iterator<Item = (&'a str, &'a access::Lines)>) -> Shown<'a> {
        let (mut subjects, mut places) = (BTreeSet::new(), BTreeSet::new());
        for (id, lines) in all {
            subjects.insert(id);
            let lines = lines.added.iter().chain(&lines.removed);
            places.extend(lines.map(|line| (line.source.as_str(), line.place.as_str())));
        }
        Shown { subjects, places }
    }

    fn has(&self, line: &Line) -> bool {
        self.places
            .contains(&(line.source.as_str(), line.place.as_str()))
    }
}

fn statement(it: &StatementText) -> Line {
    // A companion's ids begin with its name and a slash; places hold none before their own words.
    let (source, place) = match it.source.rsplit_once('/') {
        Some((source, place)) => (source.to_owned(), place.to_owned()),
        None => (String::new(), it.source.clone()),
    };
    Line {
        source,
        place,
        effect: it.effect.clone(),
        principal: listed(&it.principals),
        action: listed(&it.actions),
        resource: listed(&it.resources),
        condition: it
            .condition
            .as_ref()
            .map(ToString::to_string)
            .unwrap_or_default(),
    }
}

fn listed(names: &Names) -> String {
    let values = names.values.join(", ");
    if names.not {
        format!("all but {values}")
    } else {
        values
    }
}

fn rule(it: &RuleText) -> Line {
    Line {
        source: it.source.clone(),
        place: format!("{} of {}", it.direction, it.group),
        effect: it.effect.clone(),
        action: format!("{} {}", it.protocol, it.ports),
        resource: it.peer.clone(),
        ..Line::default()
    }
}

fn folded(
    lines: access::Lines,
    columns: Columns,
    what: &'static str,
    around: &Around,
) -> Option<AnyView> {
    let count = lines.added.len() + lines.removed.len();
    let caption = format!("Other {what} that come and go");
    (count > 0).then(|| {
        view! {
            <details class="folded border-t border-line first:border-t-0">
                <summary class="px-4">
                    "Other " {what} " that come and go: " {count}
                </summary>
                <Lines lines=lines columns=columns verdict=Verdict::Equivalent caption=caption around=around.clone() />
            </details>
        }
        .into_any()
    })
}
