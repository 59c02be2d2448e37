//! What runs with another role than before: functions, tasks, instances, pods.
use super::answer::{self, Answer};
use super::{Stack, empty, lines, nothing};
use crate::access::iam::collect::{Collected, Given, Key, Workload, tagged, text};
use crate::access::iam::statements::placed;
use crate::access::iam::worlds::{World, conditions_of};
use crate::access::iam::{Boundary, Held, Policy};
use crate::access::worlds::conditions_in;
use crate::access::{Aspect, Line, SubjectReview};
use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

/// Every workload that is given other roles than before.
pub(super) fn review(stack: &Stack<'_>) -> Vec<SubjectReview> {
    let ids: BTreeSet<&String> = stack
        .before
        .workloads
        .keys()
        .chain(stack.after.workloads.keys())
        .collect();
    ids.into_iter()
        .filter_map(|id| {
            let old = stack.before.workloads.get(id);
            let new = stack.after.workloads.get(id);
            one(stack, id, old, new)
        })
        .collect()
}

fn one(
    stack: &Stack<'_>,
    id: &str,
    old: Option<&Workload>,
    new: Option<&Workload>,
) -> Option<SubjectReview> {
    if old == new {
        return None;
    }
    let stays = stack.before.retained.contains(id) && !stack.after.resources.contains_key(id);
    if stays {
        return None;
    }
    let none = BTreeMap::new();
    let old_roles = old.map_or(&none, |old| &old.roles);
    let new_roles = new.map_or(&none, |new| &new.roles);
    let paths: BTreeSet<&String> = old_roles
        .keys()
        .chain(new_roles.keys())
        .filter(|path| old_roles.get(*path) != new_roles.get(*path))
        .collect();
    let (mut before, mut after) = (Vec::new(), Vec::new());
    let subject = SubjectReview {
        id: stack.named(id),
        kind: new.or(old).map(|one| one.kind.clone()).unwrap_or_default(),
        aspect: Aspect::Identity,
        ..nothing()
    };
    let mut answers: Option<Answer> = None;
    for path in paths {
        let given =
            |roles: &BTreeMap<String, Vec<Given>>| roles.get(path).cloned().unwrap_or_default();
        let (old, new) = (given(old_roles), given(new_roles));
        let role_itself_shows = only_of(stack.after, stack.before, &new, &old)
            || only_of(stack.before, stack.after, &old, &new);
        if role_itself_shows {
            continue;
        }
        before.extend(old.iter().map(|given| line(stack, id, path, given)));
        after.extend(new.iter().map(|given| line(stack, id, path, given)));
        let answer = compared(stack, &subject, id, &old, &new);
        match &mut answers {
            Some(answers) => answers.join(answer),
            None => answers = Some(answer),
        }
    }
    let mut review = answers?.into_review(subject);
    review.lines = lines::between(before, after);
    Some(review)
}

/// Whether one side gives no role, and the other side only roles that are not there on the first: they show as
/// subjects of their own.
fn only_of(side: &Collected, other: &Collected, given: &[Given], others: &[Given]) -> bool {
    others.is_empty()
        && given.iter().all(|given| {
            given.id.as_ref().is_some_and(|id| {
                let key = Key::identity(id);
                side.holders.contains_key(&key) && !other.holders.contains_key(&key)
            })
        })
}

fn line(stack: &Stack<'_>, id: &str, path: &str, given: &Given) -> Line {
    Line {
        source: stack.named(id),
        place: placed(path, &given.guard),
        effect: "-".to_owned(),
        resource: text(&given.name),
        ..Line::default()
    }
}

fn compared(
    stack: &Stack<'_>,
    subject: &SubjectReview,
    id: &str,
    old: &[Given],
    new: &[Given],
) -> Answer {
    let names_of = |side: &Collected, roles: &[Given]| {
        let mut names = BTreeSet::new();
        for given in roles {
            let mut given_under: BTreeSet<&str> = given.guard.conditions().collect();
            conditions_in(&given.name, &mut given_under);
            names.extend(given_under.into_iter().map(str::to_owned));
            if let Some(holder) = given
                .id
                .as_deref()
                .and_then(|id| side.holders.get(&Key::identity(id)))
            {
                conditions_of(holder, &mut names);
            }
        }
        names
    };
    let (old_names, new_names) = (names_of(stack.before, old), names_of(stack.after, new));
    let (open, names) = match stack.open(old_names, new_names) {
        Ok(open) => open,
        Err(too_many) => return Answer::undecided(too_many.to_string()),
    };
    let mut several = false;
    let cases: Vec<_> = open
        .worlds()
        .map(|world| {
            let before = roles(&world, stack.before, old);
            let after = roles(&world, stack.after, new);
            let left: Vec<_> = before.iter().filter(|role| !has(&after, role)).collect();
            let come: Vec<_> = after.iter().filter(|role| !has(&before, role)).collect();
            several |= left.len() > 1 || come.len() > 1;
            let held = |side, found: &[&&Given]| {
                found
                    .first()
                    .map(|given| role_held(&world, side, id, given))
            };
            let label = answer::Label::new(&world, stack, &names);
            (label, held(stack.before, &left), held(stack.after, &come))
        })
        .collect();
    if several {
        return Answer::undecided(format!(
            "{} is given several other roles at once, which are not compared one by one.",
            subject.id
        ));
    }
    answer::over_worlds(cases.into_iter(), stack, subject, "")
}

fn roles<'g>(world: &World<'_>, side: &Collected, given: &'g [Given]) -> Vec<&'g Given> {
    given
        .iter()
        .filter(|given| world.has(side, &given.guard))
        .collect()
}

fn has(roles: &[&Given], role: &Given) -> bool {
    roles.iter().any(|other| match (&other.id, &role.id) {
        (Some(one), Some(other)) => one == other,
        (None, None) => other.name == role.name,
        _ => false,
    })
}

/// What a workload may do with a role. A role outside the template is only named.
fn role_held(world: &World<'_>, side: &Collected, id: &str, given: &Given) -> Held {
    let holder = given
        .id
        .as_deref()
        .and_then(|id| side.holders.get(&Key::identity(id)));
    match holder {
        Some(holder) => world
            .held(side, holder, Aspect::Identity)
            .unwrap_or_else(|| empty(Aspect::Identity, holder)),
        None => Held::Identity {
            policies: vec![Arc::new(Policy::Named {
                name: tagged("role", &given.name),
                source: id.to_owned(),
            })],
            boundary: Boundary::None,
        },
    }
}
