//! From searches to answers: whether a side allows what another does not, with examples and reasons.
use super::budget::TooMany;
use super::escalation::Ask;
use super::points::{Point, point_of};
use super::problem::{Problem, Side};
use super::request::Request;
use super::search::{Fixed, Found, Search, Start, Wanted, starts};
use super::test::{Atom, Kind};
use crate::access::Witness;
use std::collections::{BTreeMap, BTreeSet};

/// Steps that the searches of one judgement may take: some tenths of a second.
const STEPS: u64 = 12_000_000;
/// How many examples are given.
const MOST_EXAMPLES: usize = 20;
/// How many requests of one start that hang on policy variables are tried with values for these.
const MOST_TRIED: usize = 8;
/// Up to so many starts are searched narrowly.
const FEW_STARTS: usize = 6;
const TOO_MANY: &str = "The patterns and conditions combine in more ways than can be compared.";

/// Whether something is allowed on one side only.
#[derive(Default)]
pub(super) struct Answer {
    /// None: could not be decided.
    pub(super) answer: Option<bool>,
    pub(super) examples: Vec<Witness>,
}

/// The searches through one problem.
pub(super) struct Searches<'p> {
    pub(super) problem: &'p Problem,
    narrow: Search<'p>,
    wide: Search<'p>,
}

enum Outcome {
    Nothing,
    Certain(Vec<Witness>),
    Possible(Found),
}

impl<'p> Searches<'p> {
    pub(super) fn new(problem: &'p Problem) -> Searches<'p> {
        Searches {
            problem,
            narrow: Search::new(problem, true, STEPS),
            wide: Search::new(problem, false, STEPS),
        }
    }

    /// Whether `to` allows a request that `from` does not. Why that stays open is added to the reasons.
    pub(super) fn compare(
        &self,
        from: &Side,
        to: &Side,
        verb: &str,
        reasons: &mut BTreeSet<String>,
    ) -> Answer {
        let Ok(starts) = starts(from, to) else {
            reasons.insert(TOO_MANY.to_owned());
            return Answer::default();
        };
        let search = match starts.len() <= FEW_STARTS {
            true => &self.narrow,
            false => &self.wide,
        };
        let mut examples: Vec<Witness> = Vec::new();
        let mut open = BTreeSet::new();
        for start in starts {
            match self.from(start, search) {
                Ok(Outcome::Nothing) => {}
                Ok(Outcome::Certain(more)) => {
                    for example in more {
                        if !examples.contains(&example) {
                            examples.push(example);
                        }
                    }
                    if examples.len() >= MOST_EXAMPLES {
                        break;
                    }
                }
                Ok(Outcome::Possible(found)) => {
                    open.insert(possible(self.problem, &found, verb));
                }
                Err(TooMany) => {
                    open.insert(TOO_MANY.to_owned());
                    break;
                }
            }
        }
        examples.truncate(MOST_EXAMPLES);
        let answer = match (examples.is_empty(), open.is_empty()) {
            (false, _) => Some(true),
            (true, true) => Some(false),
            (true, false) => {
                reasons.extend(open);
                None
            }
        };
        Answer { answer, examples }
    }

    fn from(&self, start: Start, search: &Search<'_>) -> Result<Outcome, TooMany> {
        let any = Fixed::new();
        let certain = search.requests(start, Wanted::Certain, &any)?;
        let variables = self.problem.variables_of(&start.required);
        let examples: Vec<Witness> = certain
            .iter()
            .map(|found| Request::new(self.problem, found))
            .filter(|request| {
                variables
                    .iter()
                    .all(|number| request.variables.contains_key(number))
            })
            .map(|request| request.in_words(self.problem))
            .collect();
        if !examples.is_empty() {
            return Ok(Outcome::Certain(examples));
        }
        if certain.is_empty() && search.is_exact() {
            return Ok(Outcome::Nothing);
        }
        let mut possible = search.requests(start, Wanted::Possible, &any)?;
        if !self.problem.variables().is_empty() {
            for found in possible.iter().take(MOST_TRIED) {
                let request = Request::new(self.problem, found);
                if request.comes_from(start, self.problem, &search.budget)? {
                    return Ok(Outcome::Certain(vec![request.in_words(self.problem)]));
                }
            }
        }
        Ok(match possible.is_empty() {
            true => Outcome::Nothing,
            false => Outcome::Possible(possible.swap_remove(0)),
        })
    }

    /// Questions about single actions.
    pub(super) fn asks(&self) -> Asks<'_> {
        let (before, after) = (&self.problem.before, &self.problem.after);
        Asks {
            searches: self,
            beginnings: self.beginnings(after),
            gains: starts(before, after).unwrap_or_default(),
            may: starts(&Side::default(), after).unwrap_or_default(),
            answers: BTreeMap::new(),
        }
    }

    /// What the actions that a side allows begin with, up to the first wildcard; none where all but some are allowed.
    fn beginnings(&self, side: &Side) -> Option<Vec<String>> {
        let dimension = self
            .problem
            .dimensions
            .get(self.problem.place(&Kind::Action)?)?;
        let mut beginnings = Vec::new();
        for (_, test) in dimension
            .tests
            .iter()
            .filter(|(rule, _)| side.allow.contains(*rule))
        {
            if test.is_negated() {
                return None;
            }
            beginnings.extend(test.atoms().into_iter().filter_map(|atom| {
                match dimension.atoms.get(atom) {
                    Some(Atom::Text(glob)) => Some(glob.beginning()),
                    _ => None,
                }
            }));
        }
        Some(beginnings)
    }
}

/// Answers about single actions, each found once.
pub(super) struct Asks<'s> {
    searches: &'s Searches<'s>,
    beginnings: Option<Vec<String>>,
    gains: Vec<Start>,
    may: Vec<Start>,
    answers: BTreeMap<(String, bool), bool>,
}

impl Asks<'_> {
    fn answer(&mut self, action: &str, gained: bool) -> bool {
        let key = (action.to_lowercase(), gained);
        let begins = |beginnings: &Vec<String>| {
            beginnings
                .iter()
                .any(|begin| key.0.starts_with(begin.as_str()))
        };
        if !self.beginnings.as_ref().is_none_or(begins) {
            return false;
        }
        if let Some(answer) = self.answers.get(&key) {
            return *answer;
        }
        let starts = if gained { &self.gains } else { &self.may };
        let answer = self.found(starts, action, None);
        self.answers.insert(key, answer);
        answer
    }

    /// Whether a request of the action, perhaps on a resource, is certain to come from one of the starts. Where that is too
    /// much to find out, nothing is named.
    fn found(&self, starts: &[Start], action: &str, resource: Option<&str>) -> bool {
        let problem = self.searches.problem;
        let search = &self.searches.narrow;
        let mut fixed = Fixed::new();
        for (kind, text) in [(Kind::Action, Some(action)), (Kind::Resource, resource)] {
            let (Some(place), Some(text)) = (problem.place(&kind), text) else {
                continue;
            };
            let Some(dimension) = problem.dimensions.get(place) else {
                continue;
            };
            match point_of(dimension, text, &problem.unknowns, &search.budget) {
                Ok(point) => fixed.insert(place, point),
                Err(TooMany) => return false,
            };
        }
        starts.iter().any(|start| {
            let found = search.requests(*start, Wanted::Certain, &fixed);
            found.is_ok_and(|found| !found.is_empty())
        })
    }
}

impl Ask for Asks<'_> {
    fn gains(&mut self, action: &str) -> bool {
        self.answer(action, true)
    }

    fn may(&mut self, action: &str) -> bool {
        self.answer(action, false)
    }

    fn gains_on(&mut self, action: &str, resource: &str) -> bool {
        self.gains(action) && self.found(&self.gains, action, Some(resource))
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
