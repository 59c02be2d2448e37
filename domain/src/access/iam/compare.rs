//! From searches to answers: whether a side allows what another does not, with examples and reasons.
use super::budget::TooMany;
use super::escalation::Ask;
use super::glob::Glob;
use super::points::{Label, Point, point_of};
use super::problem::{Problem, Side};
use super::request::Request;
use super::search::{Fixed, Found, Search, Start, Wanted, starts};
use super::test::{Atom, Kind};
use crate::access::Witness;
use std::collections::{BTreeMap, BTreeSet};

/// How many examples are given.
const MOST_EXAMPLES: usize = 20;
/// How many requests of one start that hang on policy variables are tried with values for these.
const MOST_TRIED: usize = 8;
/// How many actions of a statement are asked for one by one.
const MOST_ACTIONS: usize = 12;
/// Up to so many starts are searched narrowly.
const FEW_STARTS: usize = 6;
/// How many of the things that an answer hangs on are named.
const MOST_CAUSES: usize = 4;
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
    steps: u64,
}

enum Outcome {
    Nothing,
    Certain(Vec<Witness>),
    Possible(Found),
}

impl<'p> Searches<'p> {
    /// `steps` is what each of the two ways to search may take.
    pub(super) fn new(problem: &'p Problem, steps: u64) -> Searches<'p> {
        Searches {
            problem,
            narrow: Search::new(problem, true, steps),
            wide: Search::new(problem, false, steps),
            steps,
        }
    }

    /// Steps taken so far.
    pub(super) fn taken(&self) -> u64 {
        let searches = [&self.narrow, &self.wide];
        searches
            .map(|search| self.steps.saturating_sub(search.budget.left()))
            .iter()
            .sum()
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
                    open.insert(possible(self.problem, start, &found, verb));
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
        if certain.is_empty() && search.is_exact() {
            return Ok(Outcome::Nothing);
        }
        let variables = self.problem.variables_of(&start.required);
        let mut certain = certain;
        if !certain.is_empty() {
            certain.extend(self.of_other_actions(start, search, &certain)?);
        }
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

    /// More requests from the same start: of the actions that its statements name and no request found so far has.
    fn of_other_actions(
        &self,
        start: Start,
        search: &Search<'_>,
        known: &[Found],
    ) -> Result<Vec<Found>, TooMany> {
        let Some(place) = self.problem.place(&Kind::Action) else {
            return Ok(Vec::new());
        };
        let Some(dimension) = self.problem.dimensions.get(place) else {
            return Ok(Vec::new());
        };
        let named: BTreeSet<usize> = dimension
            .tests
            .iter()
            .filter(|(rule, test)| start.required.contains(*rule) && !test.is_negated())
            .flat_map(|(_, test)| test.atoms())
            .collect();
        let mut more = Vec::new();
        for atom in named.into_iter().take(MOST_ACTIONS) {
            let Some(Atom::Text(glob)) = dimension.atoms.get(atom) else {
                continue;
            };
            let found = |label: &Label| match label {
                Label::Texts(words) => words
                    .iter()
                    .any(|word| glob.covers(word, &search.budget) != Ok(false)),
                _ => false,
            };
            let is_known = known
                .iter()
                .flat_map(|found| &found.chosen)
                .any(|(of, point)| *of == place && found(&point.label));
            let text = glob.example().literal().filter(|text| text.contains(':'));
            if let (false, Some(text)) = (is_known, text) {
                let point = point_of(dimension, &text, &self.problem.unknowns, &search.budget)?;
                let fixed = Fixed::from([(place, point)]);
                more.extend(
                    search
                        .requests(start, Wanted::Certain, &fixed)?
                        .into_iter()
                        .take(1),
                );
            }
        }
        Ok(more)
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
        // They are in lower case.
        let begins = |begin: &String| {
            action
                .as_bytes()
                .get(..begin.len())
                .is_some_and(|start| start.eq_ignore_ascii_case(begin.as_bytes()))
        };
        let may_be_allowed = |beginnings: &Vec<String>| beginnings.iter().any(begins);
        if !self.beginnings.as_ref().is_none_or(may_be_allowed) {
            return false;
        }
        let key = (action.to_lowercase(), gained);
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
fn possible(problem: &Problem, start: Start, found: &Found, verb: &str) -> String {
    let witness = Request::new(problem, found).in_words(problem);
    let mut on = match named_resource(problem, start)
        .unwrap_or(witness.resource)
        .as_str()
    {
        "" => String::new(),
        resource => format!(" on {resource}"),
    };
    if !witness.principal.is_empty() {
        on = format!("{on} to {}", witness.principal);
    }
    let mut causes = unread(problem, start);
    if causes.is_empty() {
        causes = found
            .chosen
            .iter()
            .flat_map(|(place, point)| unknowns(problem, start, *place, point))
            .collect();
    }
    let causes: Vec<String> = causes.into_iter().take(MOST_CAUSES).collect();
    let because = match causes.is_empty() {
        true => "what only the deployment or the request decides".to_owned(),
        false => causes.join(", "),
    };
    format!(
        "Whether it {verb} {}{on} depends on {because}.",
        witness.action
    )
}

/// The resource as the statement names it that allows, where it names only what the deployment knows.
fn named_resource(problem: &Problem, start: Start) -> Option<String> {
    let dimension = problem.dimensions.get(problem.place(&Kind::Resource)?)?;
    let (_, test) = dimension
        .tests
        .iter()
        .find(|(rule, test)| start.required.contains(*rule) && !test.is_negated())?;
    let named: Vec<&Glob> = test
        .atoms()
        .into_iter()
        .filter_map(|atom| match dimension.atoms.get(atom) {
            Some(Atom::Text(glob)) => Some(glob),
            _ => None,
        })
        .collect();
    let first = named
        .first()
        .filter(|_| named.iter().all(|glob| glob.has_unknowns()))?;
    Some(first.written(&problem.unknowns))
}

/// Policies without a text that the answer hangs on.
fn unread(problem: &Problem, start: Start) -> BTreeSet<String> {
    let concerned = start.required | start.forbidden;
    problem
        .dimensions
        .iter()
        .filter(|dimension| dimension.touched.meets(&concerned))
        .filter_map(|dimension| match &dimension.kind {
            Kind::Unread(name) => Some(format!("the policy {name}, whose text is not at hand")),
            _ => None,
        })
        .collect()
}

/// What is unknown in the statements of which it is open whether the point meets them.
fn unknowns(problem: &Problem, start: Start, place: usize, point: &Point) -> BTreeSet<String> {
    let Some(dimension) = problem.dimensions.get(place) else {
        return BTreeSet::new();
    };
    let open = point.maybe & (start.required | start.forbidden);
    let atoms: BTreeSet<usize> = dimension
        .tests
        .iter()
        .filter(|(rule, _)| open.contains(*rule))
        .flat_map(|(_, test)| test.atoms())
        .collect();
    let mut found: BTreeSet<String> = atoms
        .into_iter()
        .filter_map(|atom| dimension.atoms.get(atom))
        .flat_map(|atom| match atom {
            Atom::Text(glob) => glob.unknowns().collect(),
            Atom::Principal(entry) => entry.unknowns(),
            _ => Vec::new(),
        })
        .map(|number| problem.unknowns.written(number))
        .collect();
    if let (true, false, Kind::Key(key)) = (found.is_empty(), open.is_empty(), &dimension.kind) {
        let written = problem.keys.get(key).unwrap_or(key);
        found.insert(format!("how AWS compares {written}"));
    }
    found
}
