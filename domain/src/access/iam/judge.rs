//! Whether one side's policies allow a request that the other side's do not.
use super::bits::Bits;
use super::budget::{Budget, STEPS, TooMany};
use super::compare::Searches;
use super::escalation::escalations;
use super::policy::value_of;
use super::problem::{Side, read};
use super::unknown::Kinds;
use super::{Boundary, Document, DocumentKind, Held, Policy, Unwritten};
use crate::access::{Escalation, Witness};
use std::collections::BTreeSet;
use std::sync::Arc;

/// The answers about one subject.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Judgement {
    /// Is something allowed after the change that was not before? None: could not be decided.
    pub new_access: Option<bool>,
    /// Is something no longer allowed that was before? None: could not be decided.
    pub lost_access: Option<bool>,
    /// Requests allowed only after the change, the plainest first, at most 20. `principal` is empty for identities.
    pub gained: Vec<Witness>,
    /// Requests allowed only before the change, the plainest first, at most 20.
    pub lost: Vec<Witness>,
    /// What could not be compared and why, and what is wrong in a policy with its path.
    pub reasons: Vec<String>,
    /// Known ways to more access that are gained.
    pub escalations: Vec<Escalation>,
    /// The same two questions where callers' own policies allow everything; only for a resource's own policy.
    pub limit: Option<Limit>,
}

/// A resource's own policy as a limit to callers whose own policies allow everything: they are let through unless
/// it denies, or, where it would have to allow, does not.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Limit {
    /// Is something allowed after the change that was not before?
    pub new_access: Option<bool>,
    /// Is something no longer allowed that was before?
    pub lost_access: Option<bool>,
    /// Requests let through only after the change, at most 20.
    pub gained: Vec<Witness>,
    /// Requests let through only before the change, at most 20.
    pub lost: Vec<Witness>,
}

/// Compares what a subject holds before a change with what it holds after; None where it is not there. `kinds` are the
/// types of the template's resources by logical id, for what their ARNs and names tell.
pub fn judge(before: Option<&Held>, after: Option<&Held>, kinds: &Kinds) -> Judgement {
    judge_within(before, after, kinds, &Budget::new(STEPS))
}

/// The same, with the steps that are left for it; those it takes are taken from them.
pub(super) fn judge_within(
    before: Option<&Held>,
    after: Option<&Held>,
    kinds: &Kinds,
    budget: &Budget,
) -> Judgement {
    let (problem, findings) = match read(before, after, kinds) {
        Ok(read) => read,
        Err(TooMany) => {
            let reasons = vec![format!(
                "The policies hold more statements than can be compared ({}).",
                Bits::MOST
            )];
            return Judgement {
                reasons,
                ..Judgement::undecided(is_resource(before, after))
            };
        }
    };
    if !findings.is_empty() {
        return Judgement {
            reasons: findings,
            ..Judgement::undecided(is_resource(before, after))
        };
    }
    let mut judgement = Judgement::default();
    let mut reasons = BTreeSet::new();
    let searches = Searches::new(&problem, budget.left());
    let (from, to) = (&problem.before, &problem.after);
    let gained = searches.compare(from, to, "allows", &mut reasons);
    let lost = searches.compare(to, from, "no longer allows", &mut reasons);
    judgement.new_access = gained.answer;
    judgement.lost_access = lost.answer;
    judgement.gained = gained.examples;
    judgement.lost = lost.examples;
    if is_resource(before, after) {
        judgement.limit = Some(limit(&searches, before, after, &judgement, &mut reasons));
    }
    if judgement.new_access != Some(false) && matches!(after, Some(Held::Identity { .. })) {
        judgement.escalations = escalations(&mut searches.asks());
    }
    judgement.reasons = reasons.into_iter().collect();
    budget.take(searches.taken());
    judgement
}

/// Compares two policy documents of the same kind.
pub fn judge_documents(
    before: &serde_json::Value,
    after: &serde_json::Value,
    kind: DocumentKind,
) -> Judgement {
    let held = |json: &serde_json::Value, side: &str| {
        let policies = vec![Arc::new(Policy::Written(Document {
            source: side.to_owned(),
            place: "policy".to_owned(),
            path: side.to_owned(),
            value: value_of(json),
        }))];
        match kind {
            DocumentKind::Identity => Held::Identity {
                policies,
                boundary: Boundary::None,
            },
            DocumentKind::Trust => Held::Trust { policies },
            DocumentKind::Resource => Held::Resource {
                policies,
                unwritten: Unwritten::Nothing,
            },
        }
    };
    judge(
        Some(&held(before, "old")),
        Some(&held(after, "new")),
        &Kinds::default(),
    )
}

impl Judgement {
    fn undecided(resource: bool) -> Judgement {
        Judgement {
            limit: resource.then(Limit::default),
            ..Judgement::default()
        }
    }
}

fn is_resource(before: Option<&Held>, after: Option<&Held>) -> bool {
    matches!(before.or(after), Some(Held::Resource { .. }))
}

/// The same question for callers whose own policies allow all. Where the resource must allow too, as a VPC endpoint must,
/// that is the question that is answered already.
fn limit(
    searches: &Searches<'_>,
    before: Option<&Held>,
    after: Option<&Held>,
    grant: &Judgement,
    reasons: &mut BTreeSet<String>,
) -> Limit {
    let must_allow = [before, after].into_iter().flatten().any(|held| {
        matches!(
            held,
            Held::Resource {
                unwritten: Unwritten::Everything,
                ..
            }
        )
    });
    if must_allow {
        return Limit {
            new_access: grant.new_access,
            lost_access: grant.lost_access,
            gained: grant.gained.clone(),
            lost: grant.lost.clone(),
        };
    }
    let open = |side: &Side| Side {
        allow: Bits::one(searches.problem.everything),
        ..side.clone()
    };
    let problem = searches.problem;
    let (before, after) = (open(&problem.before), open(&problem.after));
    let gained = searches.compare(&before, &after, "lets through", reasons);
    let lost = searches.compare(&after, &before, "no longer lets through", reasons);
    Limit {
        new_access: gained.answer,
        lost_access: lost.answer,
        gained: gained.examples,
        lost: lost.examples,
    }
}

#[cfg(test)]
mod tests;
