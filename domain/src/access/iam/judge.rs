//! Whether one side's policies allow a request that the other side's do not.
use super::budget::{Budget, TooMany};
use super::escalation::{Ask, escalations};
use super::points::{Point, point_of};
use super::policy::value_of;
use super::problem::{Problem, Side, read};
use super::request::Request;
use super::search::{Fixed, Found, Search, Start, Wanted, starts};
use super::test::{Atom, Kind};
use super::{Boundary, Document, DocumentKind, Held, Policy, Unwritten};
use crate::access::{Escalation, Witness};
use std::collections::{BTreeMap, BTreeSet};

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

/// Steps that one judgement may take: some tenths of a second.
const STEPS: u64 = 12_000_000;
const TOO_MANY: &str = "The patterns and conditions combine in more ways than can be compared.";
/// How many examples are given.
const MOST_EXAMPLES: usize = 20;

/// Compares what a subject holds before a change with what it holds after; None where it is not there. `kinds` are the
/// types of the template's resources by logical id, for what their ARNs and names tell.
pub fn judge(
    before: Option<&Held>,
    after: Option<&Held>,
    kinds: &BTreeMap<String, String>,
) -> Judgement {
    let (problem, findings) = match read(before, after, kinds) {
        Ok(read) => read,
        Err(TooMany) => {
            let reasons = vec![format!(
                "The policies hold more statements than can be compared ({}).",
                super::bits::Bits::MOST
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
    let gained = compare(
        &problem,
        &problem.before,
        &problem.after,
        "allows",
        &mut reasons,
    );
    let lost = compare(
        &problem,
        &problem.after,
        &problem.before,
        "no longer allows",
        &mut reasons,
    );
    judgement.new_access = gained.answer;
    judgement.lost_access = lost.answer;
    judgement.gained = gained.examples;
    judgement.lost = lost.examples;
    if is_resource(before, after) {
        judgement.limit = Some(limit(&problem, before, after, &judgement, &mut reasons));
    }
    if judgement.new_access != Some(false) && matches!(after, Some(Held::Identity { .. })) {
        let budget = Budget::new(STEPS);
        let search = Search::new(&problem, &budget);
        judgement.escalations = escalations(&mut Asks {
            problem: &problem,
            budget: &budget,
            search,
        });
    }
    judgement.reasons = reasons.into_iter().collect();
    judgement
}

/// Compares two policy documents of the same kind.
pub fn judge_documents(
    before: &serde_json::Value,
    after: &serde_json::Value,
    kind: DocumentKind,
) -> Judgement {
    let held = |json: &serde_json::Value, side: &str| {
        let policies = vec![Policy::Written(Document {
            source: side.to_owned(),
            place: "policy".to_owned(),
            path: side.to_owned(),
            value: value_of(json),
        })];
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
        &BTreeMap::new(),
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
    problem: &Problem,
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
        allow: super::bits::Bits::one(problem.everything),
        ..side.clone()
    };
    let (before, after) = (open(&problem.before), open(&problem.after));
    let gained = compare(problem, &before, &after, "lets through", reasons);
    let lost = compare(problem, &after, &before, "no longer lets through", reasons);
    Limit {
        new_access: gained.answer,
        lost_access: lost.answer,
        gained: gained.examples,
        lost: lost.examples,
    }
}

#[derive(Default)]
struct Answer {
    answer: Option<bool>,
    examples: Vec<Witness>,
}

/// Whether `to` allows a request that `from` does not.
fn compare(
    problem: &Problem,
    from: &Side,
    to: &Side,
    verb: &str,
    reasons: &mut BTreeSet<String>,
) -> Answer {
    let mut found = Answer {
        answer: Some(false),
        examples: Vec::new(),
    };
    let Ok(starts) = starts(from, to) else {
        reasons.insert(TOO_MANY.to_owned());
        return Answer::default();
    };
    let budget = Budget::new(STEPS);
    let search = Search::new(problem, &budget);
    let fixed = Fixed::new();
    for start in starts {
        if found.examples.len() >= MOST_EXAMPLES {
            break;
        }
        let outcome = one_start(problem, &search, &budget, start, &fixed);
        match outcome {
            Ok(Outcome::Nothing) => {}
            Ok(Outcome::Certain(examples)) => {
                found.answer = Some(true);
                for example in examples {
                    if found.examples.len() < MOST_EXAMPLES && !found.examples.contains(&example) {
                        found.examples.push(example);
                    }
                }
            }
            Ok(Outcome::Possible(request)) => {
                found.answer = found.answer.filter(|certain| *certain);
                reasons.insert(possible(problem, &request, verb));
            }
            Err(TooMany) => {
                found.answer = found.answer.filter(|certain| *certain);
                reasons.insert(
                    "The patterns and conditions combine in more ways than can be compared."
                        .to_owned(),
                );
                break;
            }
        }
    }
    if found.answer == Some(true) {
        // What remains open beside a certain gain does not matter.
        found.examples.truncate(MOST_EXAMPLES);
    }
    found
}

enum Outcome {
    Nothing,
    Certain(Vec<Witness>),
    Possible(Found),
}

/// How many requests of one start that hang on policy variables are tried with values for these.
const MOST_TRIED: usize = 8;

fn one_start(
    problem: &Problem,
    search: &Search<'_>,
    budget: &Budget,
    start: Start,
    fixed: &Fixed,
) -> Result<Outcome, TooMany> {
    let certain = search.requests(start, Wanted::Certain, fixed)?;
    let examples: Vec<Witness> = certain
        .iter()
        .filter_map(|found| {
            let request = Request::new(problem, found);
            let variables = problem.variables_of(&start.required);
            let has_all = variables
                .iter()
                .all(|number| request.variables.contains_key(number));
            has_all.then(|| request.in_words(problem))
        })
        .collect();
    if !examples.is_empty() {
        return Ok(Outcome::Certain(examples));
    }
    if certain.is_empty() && search.is_exact() {
        return Ok(Outcome::Nothing);
    }
    let mut possible = search.requests(start, Wanted::Possible, fixed)?;
    if !problem.variables().is_empty() {
        for found in possible.iter().take(MOST_TRIED) {
            let request = Request::new(problem, found);
            if request.comes_from(start, problem, budget)? {
                return Ok(Outcome::Certain(vec![request.in_words(problem)]));
            }
        }
    }
    Ok(match possible.is_empty() {
        true => Outcome::Nothing,
        false => Outcome::Possible(possible.swap_remove(0)),
    })
}

/// Asks about single actions.
struct Asks<'p> {
    problem: &'p Problem,
    budget: &'p Budget,
    search: Search<'p>,
}

impl Asks<'_> {
    /// Whether `to` is certain to allow what `from` does not, with the action and perhaps the resource given. Where that is
    /// too much to find out, nothing is named.
    fn differs(&self, from: &Side, to: &Side, action: &str, resource: Option<&str>) -> bool {
        let mut fixed = Fixed::new();
        for (kind, text) in [(Kind::Action, Some(action)), (Kind::Resource, resource)] {
            let (Some(place), Some(text)) = (self.problem.place(&kind), text) else {
                continue;
            };
            let Some(dimension) = self.problem.dimensions.get(place) else {
                continue;
            };
            match point_of(dimension, text, &self.problem.unknowns, self.budget) {
                Ok(point) => fixed.insert(place, point),
                Err(TooMany) => return false,
            };
        }
        starts(from, to).is_ok_and(|starts| {
            starts.into_iter().any(|start| {
                let found = self.search.requests(start, Wanted::Certain, &fixed);
                found.is_ok_and(|found| !found.is_empty())
            })
        })
    }
}

impl Ask for Asks<'_> {
    fn gains(&mut self, action: &str) -> bool {
        self.differs(&self.problem.before, &self.problem.after, action, None)
    }

    fn may(&mut self, action: &str) -> bool {
        self.differs(&Side::default(), &self.problem.after, action, None)
    }

    fn gains_on(&mut self, action: &str, resource: &str) -> bool {
        self.differs(
            &self.problem.before,
            &self.problem.after,
            action,
            Some(resource),
        )
    }
}

/// What may be gained, and on what that hangs.
fn possible(problem: &Problem, found: &Found, verb: &str) -> String {
    let witness = Request::new(problem, found).in_words(problem);
    let mut on = match witness.resource.as_str() {
        "" => String::new(),
        resource => format!(" on {resource}"),
    };
    if !witness.principal.is_empty() {
        on = format!("{on} to {}", witness.principal);
    }
    let causes: BTreeSet<String> = found
        .chosen
        .iter()
        .flat_map(|(place, point)| causes(problem, *place, point))
        .collect();
    let causes: Vec<String> = causes.into_iter().take(4).collect();
    let because = match causes.is_empty() {
        true => "what only the deployment or the request decides".to_owned(),
        false => causes.join(", "),
    };
    format!(
        "Whether it {verb} {}{on} depends on {because}.",
        witness.action
    )
}

/// What is unknown where the point does not answer for certain.
fn causes(problem: &Problem, place: usize, point: &Point) -> Vec<String> {
    let Some(dimension) = problem.dimensions.get(place) else {
        return Vec::new();
    };
    if point.maybe.is_empty() && point.ways == [point.yes] {
        return Vec::new();
    }
    if let Kind::Unread(name) = &dimension.kind {
        return vec![format!("the policy {name}, whose text is not at hand")];
    }
    let unknowns = dimension.atoms.iter().flat_map(|atom| match atom {
        Atom::Text(glob) => glob.unknowns().collect(),
        Atom::Principal(entry) => entry.unknowns(),
        _ => Vec::new(),
    });
    let mut found: Vec<String> = unknowns
        .map(|number| problem.unknowns.written(number))
        .collect();
    if found.is_empty()
        && let Kind::Key(key) = &dimension.kind
    {
        found.push(format!("how AWS compares {key}"));
    }
    found
}

#[cfg(test)]
mod tests;
