//! The statements, attachments and boundaries behind a verdict, as lines; and those of the whole template.
use crate::access::iam::Policy;
use crate::access::iam::collect::{Guard, Holder, How, text};
use crate::access::iam::statements::{self, Written, difference, placed};
use crate::access::{Delta, Line, Lines, StatementText};
use std::collections::{BTreeMap, BTreeSet};

/// Every document that a subject holds, each once, with when it is there.
#[derive(Default)]
pub(super) struct Documents<'c>(BTreeMap<*const Policy, (&'c Policy, &'c Guard)>);

impl<'c> Documents<'c> {
    pub(super) fn add(&mut self, holder: Option<&'c Holder>) {
        for piece in holder.iter().flat_map(|holder| &holder.policies) {
            let policy = piece.policy.as_ref();
            let (_, guard) = self
                .0
                .entry(std::ptr::from_ref(policy))
                .or_insert((policy, &piece.guard));
            // At its own resource a policy is under fewer conditions than where it is attached.
            if piece.guard < **guard {
                *guard = &piece.guard;
            }
        }
    }

    fn statements(&self, prefix: &str) -> Vec<StatementText> {
        self.0
            .values()
            .flat_map(|(policy, guard)| written(policy, guard))
            .map(|written| {
                let source = format!("{prefix}{}", placed(&written.text.source, &written.guard));
                StatementText {
                    source,
                    ..written.text
                }
            })
            .collect()
    }
}

fn written(policy: &Policy, guard: &Guard) -> Vec<Written> {
    match policy {
        Policy::Written(document) => statements::statements(document, guard),
        Policy::Named { .. } => Vec::new(),
    }
}

/// Statements that come and go.
pub(super) fn delta(
    prefix: &str,
    before: Documents<'_>,
    after: Documents<'_>,
) -> Delta<StatementText> {
    let (added, removed, _) =
        difference(before.statements(prefix), after.statements(prefix), order);
    Delta { added, removed }
}

/// Sorts statements by where they stand and what they say.
pub(super) fn sort(delta: &mut Delta<StatementText>) {
    delta.added.sort_by_cached_key(order);
    delta.removed.sort_by_cached_key(order);
}

fn order(statement: &StatementText) -> impl Ord + use<> {
    let StatementText {
        source,
        effect,
        principals,
        actions,
        resources,
        condition,
    } = statement.clone();
    let condition = condition.map(|condition| condition.to_string());
    (source, effect, principals, actions, resources, condition)
}

/// The managed policies that are attached, and the boundary.
pub(super) fn attached(holder: Option<&Holder>) -> (BTreeSet<String>, Option<String>) {
    let mut policies = BTreeSet::new();
    let mut boundaries = Vec::new();
    for attached in holder.iter().flat_map(|holder| &holder.attached) {
        match attached.how {
            How::ManagedPolicy => {
                policies.insert(attached.name.clone());
            }
            How::Boundary => boundaries.push(placed(&attached.name, &attached.guard)),
            How::Member | How::Unread => {}
        }
    }
    let boundary = (!boundaries.is_empty()).then(|| boundaries.join("; "));
    (policies, boundary)
}

/// The lines of a subject.
pub(super) fn lines(prefix: &str, before: Option<&Holder>, after: Option<&Holder>) -> Lines {
    between(of(prefix, before), of(prefix, after))
}

/// Lines that come, go and stay, sorted.
pub(super) fn between(before: Vec<Line>, after: Vec<Line>) -> Lines {
    let (mut added, mut removed, mut unchanged) = difference(before, after, Line::clone);
    for lines in [&mut added, &mut removed, &mut unchanged] {
        lines.sort();
    }
    Lines {
        added,
        removed,
        unchanged,
    }
}

fn of(prefix: &str, holder: Option<&Holder>) -> Vec<Line> {
    let Some(holder) = holder else {
        return Vec::new();
    };
    let statements = holder
        .policies
        .iter()
        .flat_map(|piece| written(&piece.policy, &piece.guard))
        .map(Written::line);
    let boundary = holder
        .boundary
        .iter()
        .flat_map(|piece| written(&piece.policy, &piece.guard))
        .map(|written| {
            let line = written.line();
            Line {
                place: format!("boundary, {}", line.place),
                ..line
            }
        });
    let attached = holder.attached.iter().map(|attached| Line {
        source: attached.source.clone(),
        place: placed(attached.how.words(), &attached.guard),
        effect: "-".to_owned(),
        resource: attached.name.clone(),
        ..Line::default()
    });
    // What is known by its name alone and is no attachment.
    let named = holder.policies.iter().filter_map(|piece| {
        let Policy::Named { name, source } = piece.policy.as_ref() else {
            return None;
        };
        let name = text(name);
        let told = holder
            .attached
            .iter()
            .any(|attached| name.ends_with(&attached.name));
        (!told).then(|| Line {
            source: source.clone(),
            place: placed("policy", &piece.guard),
            effect: "-".to_owned(),
            resource: name,
            ..Line::default()
        })
    });
    statements
        .chain(named)
        .chain(boundary)
        .chain(attached)
        .map(|line| Line {
            source: format!("{prefix}{}", line.source),
            ..line
        })
        .collect()
}
