//! The statements, attachments and boundaries behind a verdict, as lines; and those of the whole template.
use crate::access::iam::Policy;
use crate::access::iam::collect::{Guard, Holder, How, Piece, text};
use crate::access::iam::statements::{Written, difference, placed, statements as statements_of};
use crate::access::{Delta, Line, Lines, StatementText};
use std::collections::{BTreeMap, BTreeSet, HashMap};

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

/// Documents that stand on both sides as they are neither come nor go.
fn leave_out_same(before: &mut Documents<'_>, after: &mut Documents<'_>) {
    let mut known: HashMap<(&str, &str), Vec<*const Policy>> = HashMap::new();
    for (at, (policy, _)) in &after.0 {
        if let Policy::Written(document) = policy {
            let named = (document.source.as_str(), document.place.as_str());
            known.entry(named).or_default().push(*at);
        }
    }
    before.0.retain(|_, (policy, guard)| {
        let Policy::Written(document) = policy else {
            return true;
        };
        let named = (document.source.as_str(), document.place.as_str());
        let Some(candidates) = known.get_mut(&named) else {
            return true;
        };
        let same = candidates.iter().position(|at| {
            after.0.get(at).is_some_and(|(other, other_guard)| {
                guard == other_guard
                    && matches!(other, Policy::Written(other) if other.value == document.value)
            })
        });
        if let Some(same) = same {
            after.0.remove(&candidates.swap_remove(same));
        }
        same.is_none()
    });
}

fn written(policy: &Policy, guard: &Guard) -> Vec<Written> {
    match policy {
        Policy::Written(document) => statements_of(document, guard),
        Policy::Named { .. } => Vec::new(),
    }
}

/// Statements that come and go.
pub(super) fn delta(
    prefix: &str,
    mut before: Documents<'_>,
    mut after: Documents<'_>,
) -> Delta<StatementText> {
    leave_out_same(&mut before, &mut after);
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
    // A text that stands on both sides as it is, as most do, is written out once.
    let same = |old: &Piece, new: &Piece| {
        matches!(*old.policy, Policy::Written(_))
            && old.guard == new.guard
            && old.policy == new.policy
    };
    let mut come: Vec<&Piece> = policies(after).collect();
    let (mut go, mut stay) = (Vec::new(), Vec::new());
    for piece in policies(before) {
        match come.iter().position(|other| same(piece, other)) {
            Some(place) => stay.push(come.remove(place)),
            None => go.push(piece),
        }
    }
    let mut lines = between(of(prefix, before, &go), of(prefix, after, &come));
    let stay = stay.into_iter().flat_map(statements);
    lines
        .unchanged
        .extend(stay.map(|line| within(prefix, line)));
    lines.unchanged.sort();
    lines
}

fn policies(holder: Option<&Holder>) -> impl Iterator<Item = &Piece> {
    holder.into_iter().flat_map(|holder| &holder.policies)
}

fn statements(piece: &Piece) -> impl Iterator<Item = Line> {
    written(&piece.policy, &piece.guard)
        .into_iter()
        .map(Written::line)
}

/// A line of the stack with that prefix.
fn within(prefix: &str, line: Line) -> Line {
    Line {
        source: format!("{prefix}{}", line.source),
        ..line
    }
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

/// The lines of these policies of a subject, and of all else that it holds.
fn of(prefix: &str, holder: Option<&Holder>, policies: &[&Piece]) -> Vec<Line> {
    let Some(holder) = holder else {
        return Vec::new();
    };
    let boundary = holder
        .boundary
        .iter()
        .flat_map(statements)
        .map(|line| Line {
            place: format!("boundary, {}", line.place),
            ..line
        });
    let attached = holder.attached.iter().map(|attached| Line {
        source: attached.source.clone(),
        place: placed(attached.how.words(), &attached.guard),
        effect: "-".to_owned(),
        resource: attached.name.clone(),
        ..Line::default()
    });
    // What is known by its name alone and is no attachment.
    let named = policies.iter().filter_map(|piece| {
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
    let written = policies.iter().copied().flat_map(statements);
    written
        .chain(named)
        .chain(boundary)
        .chain(attached)
        .map(|line| within(prefix, line))
        .collect()
}
