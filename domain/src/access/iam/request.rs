//! A request with every value named, out of what a search found.
use super::budget::{Budget, TooMany};
use super::certainty::Certainty;
use super::glob::{Glob, Token};
use super::known_actions::spelled;
use super::points::{Label, answer, nicer};
use super::principal::Entry;
use super::problem::Problem;
use super::search::{Found, Start};
use super::test::{Atom, Dimension, Kind, Test};
use crate::access::Witness;
use std::collections::BTreeMap;

/// What policy variables are taken to be where nothing says otherwise.
const SOMEONE: &str = "someone";
/// What finding a word for people may take.
const STEPS_FOR_A_WORD: u64 = 400_000;

/// A request.
pub(super) struct Request<'f> {
    chosen: BTreeMap<usize, &'f Label>,
    /// Values of policy variables, by their number.
    pub(super) variables: BTreeMap<usize, String>,
    context: BTreeMap<String, Vec<String>>,
}

impl<'f> Request<'f> {
    /// Gives every policy variable a value, unless its key is chosen to be absent or to have several.
    pub(super) fn new(problem: &Problem, found: &'f Found) -> Request<'f> {
        let mut request = Request {
            chosen: found
                .chosen
                .iter()
                .map(|(place, point)| (*place, &point.label))
                .collect(),
            variables: BTreeMap::new(),
            context: BTreeMap::new(),
        };
        let keys = request.keys(problem);
        request.give_values(problem, &keys);
        for (key, words) in &keys {
            let values = words.iter().flatten();
            let values = values.map(|word| request.filled(word).written(&problem.unknowns));
            let values: Vec<_> = values.collect();
            if !values.is_empty() {
                request.context.insert(key.clone(), values);
            }
        }
        request
    }

    /// What is chosen for each condition key; none where it is absent, or nothing could be named.
    fn keys(&self, problem: &Problem) -> BTreeMap<String, Option<Vec<Glob>>> {
        let chosen = self.chosen.iter().filter_map(|(place, label)| {
            let Kind::Key(key) = &problem.dimensions.get(*place)?.kind else {
                return None;
            };
            let words = match label {
                Label::Texts(words) => words.iter(),
                _ => return Some((key.clone(), None)),
            };
            let words = words.map(|word| for_people(problem, Some(*place), word));
            Some((key.clone(), Some(words.collect())))
        });
        chosen.collect()
    }

    /// A variable means what its key is chosen to be, which may itself take the values of other variables: those come
    /// first. One that leads back to itself has no value.
    fn give_values(&mut self, problem: &Problem, keys: &BTreeMap<String, Option<Vec<Glob>>>) {
        let mut open: Vec<(usize, &str)> = problem
            .variables()
            .into_iter()
            .filter_map(|number| {
                // A name with a default, `${aws:username, 'x'}`, is no key.
                let key = problem.unknowns.as_variable(number)?;
                (!key.contains(',')).then_some((number, key))
            })
            .collect();
        loop {
            let before = open.len();
            open.retain(|(number, key)| {
                let value = match keys.get(*key).map(Option::as_deref) {
                    None => SOMEONE.to_owned(),
                    Some(Some([word])) => {
                        let word = self.filled(word);
                        if has_variable(problem, &word) {
                            return true;
                        }
                        word.written(&problem.unknowns)
                    }
                    Some(_) => return false,
                };
                self.context.insert((*key).to_owned(), vec![value.clone()]);
                self.variables.insert(*number, value);
                false
            });
            if open.len() == before {
                return;
            }
        }
    }

    /// Whether it is certain to meet the rules required and none of the forbidden.
    pub(super) fn comes_from(
        &self,
        start: Start,
        problem: &Problem,
        budget: &Budget,
    ) -> Result<bool, TooMany> {
        for rule in start.required.iter() {
            if self.meets(rule, problem, budget)? != Certainty::Yes {
                return Ok(false);
            }
        }
        for rule in start.forbidden.iter() {
            if self.meets(rule, problem, budget)? != Certainty::No {
                return Ok(false);
            }
        }
        Ok(true)
    }

    fn meets(&self, rule: usize, problem: &Problem, budget: &Budget) -> Result<Certainty, TooMany> {
        let mut all = Certainty::Yes;
        for (place, dimension) in problem.dimensions.iter().enumerate() {
            let Some((_, test)) = dimension.tests.iter().find(|(number, _)| *number == rule) else {
                continue;
            };
            let mut here = match self.chosen.get(&place) {
                None => Certainty::Maybe,
                Some(label) => self.passes(test, dimension, label, problem, budget)?,
            };
            // A variable without a value may make the statement void, says AWS, so it may not.
            if here == Certainty::Yes && !self.has_values(test) {
                here = Certainty::Maybe;
            }
            match here {
                Certainty::No => return Ok(Certainty::No),
                Certainty::Maybe => all = Certainty::Maybe,
                Certainty::Yes => {}
            }
        }
        Ok(all)
    }

    fn has_values(&self, test: &Test) -> bool {
        test.variables()
            .iter()
            .all(|number| self.variables.contains_key(number))
    }

    fn passes(
        &self,
        test: &Test,
        dimension: &Dimension,
        label: &Label,
        problem: &Problem,
        budget: &Budget,
    ) -> Result<Certainty, TooMany> {
        let used = test.atoms();
        let words = match label {
            Label::Absent => return Ok(test.of_absence()),
            Label::Unread => return Ok(Certainty::Maybe),
            Label::Caller(caller) => {
                let mut answers = BTreeMap::new();
                for atom in used {
                    if let Some(Atom::Principal(entry)) = dimension.atoms.get(atom) {
                        answers.insert(atom, entry.means(caller, &problem.unknowns, budget)?);
                    }
                }
                return Ok(
                    test.of_value(&|atom| answers.get(&atom).copied().unwrap_or(Certainty::Maybe))
                );
            }
            Label::Texts(words) => words,
        };
        let mut by_word = Vec::new();
        for word in words {
            let word = self.filled(word);
            let mut answers = BTreeMap::new();
            for atom in &used {
                let found = match dimension.atoms.get(*atom) {
                    Some(Atom::Text(glob)) => answer(
                        &Atom::Text(self.filled(glob)),
                        &word,
                        &problem.unknowns,
                        budget,
                    )?,
                    Some(other) => answer(other, &word, &problem.unknowns, budget)?,
                    None => Certainty::Maybe,
                };
                answers.insert(*atom, found);
            }
            by_word.push(answers);
        }
        Ok(match (by_word.as_slice(), test) {
            ([answers], _) => {
                test.of_value(&|atom| answers.get(&atom).copied().unwrap_or(Certainty::Maybe))
            }
            (several, Test::Key(all))
                if several
                    .iter()
                    .all(|answers| answers.values().all(|answer| *answer != Certainty::Maybe)) =>
            {
                Certainty::from(all.iter().all(|one| {
                    let passes = |answers: &BTreeMap<usize, Certainty>| {
                        one.of_value(&|atom| answers.get(&atom).copied().unwrap_or(Certainty::No))
                            == Certainty::Yes
                    };
                    one.of_values(
                        several.iter().any(passes),
                        several.iter().any(|answers| !passes(answers)),
                    )
                }))
            }
            _ => Certainty::Maybe,
        })
    }

    /// With the values of its policy variables, in which `*` and `?` are plain characters.
    fn filled(&self, glob: &Glob) -> Glob {
        let tokens = glob.tokens.iter().flat_map(|token| match token {
            Token::Unknown(number) => match self.variables.get(number) {
                Some(value) => value.chars().map(Token::Letter).collect(),
                None => vec![*token],
            },
            other => vec![*other],
        });
        Glob {
            tokens: tokens.collect(),
            fold: glob.fold,
        }
    }

    /// As people and machines are told.
    pub(super) fn in_words(&self, problem: &Problem) -> Witness {
        let label = |kind: &Kind| {
            problem
                .place(kind)
                .and_then(|place| self.chosen.get(&place))
                .copied()
        };
        let text = |kind: Kind| match (label(&kind), problem.place(&kind)) {
            (Some(Label::Texts(words)), _) => words
                .first()
                .map(|word| {
                    let word = for_people(problem, problem.place(&kind), word);
                    self.filled(&word).written(&problem.unknowns)
                })
                .unwrap_or_default(),
            // Any will do.
            (_, Some(_)) => "*".to_owned(),
            (_, None) => String::new(),
        };
        let action = text(Kind::Action);
        Witness {
            action: match spelled(&action) {
                Some(known) => known.to_owned(),
                None => problem.spelling.get(&action).cloned().unwrap_or(action),
            },
            resource: text(Kind::Resource),
            principal: match (label(&Kind::Principal), problem.place(&Kind::Principal)) {
                (Some(Label::Caller(caller)), _) => caller.written(&problem.unknowns),
                (_, Some(_)) => Entry::Everyone.written(&problem.unknowns),
                (_, None) => String::new(),
            },
            context: self
                .context
                .iter()
                .map(|(key, values)| {
                    let written = problem.keys.get(key).unwrap_or(key);
                    (written.clone(), values.clone())
                })
                .collect(),
        }
    }
}

fn has_variable(problem: &Problem, word: &Glob) -> bool {
    word.tokens.iter().any(|token| match token {
        Token::Unknown(number) => problem.unknowns.as_variable(*number).is_some(),
        _ => false,
    })
}

/// A word that fares alike and that people know; the word itself where looking for one is too much.
fn for_people(problem: &Problem, place: Option<usize>, word: &Glob) -> Glob {
    let Some((place, dimension)) =
        place.and_then(|place| Some((place, problem.dimensions.get(place)?)))
    else {
        return word.clone();
    };
    let asked = (place, word.clone());
    if let Some(known) = problem.words.borrow().get(&asked) {
        return known.clone();
    }
    let budget = Budget::new(STEPS_FOR_A_WORD);
    let found =
        nicer(dimension, word, &problem.unknowns, &budget).unwrap_or_else(|TooMany| word.clone());
    problem.words.borrow_mut().insert(asked, found.clone());
    found
}
