//! The values worth trying on one side of a request: every other value meets the same rules as one of them.
use super::bits::Bits;
use super::budget::{Budget, TooMany};
use super::certainty::Certainty;
use super::classes::{classes, classes_of_beginnings};
use super::condition_value::{
    AddressRange, Number, addresses, moment, moment_between, moment_text, number,
};
use super::glob::{Glob, Token};
use super::known_actions::KNOWN_ACTIONS;
use super::principal::Entry;
use super::test::{Atom, Dimension, KeyTest, Kind, Test};
use super::unknown::Unknowns;
use std::collections::{BTreeMap, BTreeSet, HashSet};

/// A value, or several, or none, with the rules it meets.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Point {
    pub(super) label: Label,
    /// Rules that it meets for certain.
    pub(super) yes: Bits,
    /// Rules that it meets or not, depending on what is unknown.
    pub(super) maybe: Bits,
    /// Every set of rules that it can come to meet. Empty for values that only show what is certain: together the others
    /// leave out nothing.
    pub(super) ways: Vec<Bits>,
}

/// What stands there in a request.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum Label {
    /// The condition key is absent.
    Absent,
    /// Texts: letters and unknown parts.
    Texts(Vec<Glob>),
    Caller(Entry),
    /// Nothing that could be named.
    Unread,
}

/// How many sets of values, ways and the like one side of a request may have.
const MOST: usize = 8_192;

/// The points of a dimension, as far as these rules ask about it.
pub(super) fn points(
    dimension: &Dimension,
    rules: &Bits,
    unknowns: &Unknowns,
    budget: &Budget,
) -> Result<Vec<Point>, TooMany> {
    let maker = Maker::new(dimension, rules, unknowns, budget);
    let mut points = match &dimension.kind {
        Kind::Unread(_) => maker.unread(),
        Kind::Key(_) if dimension.several => maker.sets()?,
        Kind::Key(_) => {
            let mut points = maker.singles()?;
            points.push(maker.absent());
            points
        }
        Kind::Action | Kind::Principal | Kind::Resource => maker.singles()?,
    };
    maker.add_void_variables(&mut points)?;
    Ok(points)
}

/// The point of one text.
pub(super) fn point_of(
    dimension: &Dimension,
    text: &str,
    unknowns: &Unknowns,
    budget: &Budget,
) -> Result<Point, TooMany> {
    let maker = Maker::new(dimension, &Bits::ALL, unknowns, budget);
    let word = Glob::word(text);
    let (yes, maybe) = maker.met(&maker.answers_to(&word)?);
    Ok(Point {
        label: Label::Texts(vec![word]),
        yes,
        maybe,
        ways: Vec::new(),
    })
}

/// One value, with the answers it gives.
struct Valued {
    label: Label,
    atoms: Vec<Certainty>,
    /// Every combination of answers that it can come to give; none for values that only show what is certain.
    answers: Vec<Vec<Certainty>>,
}

struct Maker<'d> {
    dimension: &'d Dimension,
    tests: Vec<(usize, &'d Test)>,
    unknowns: &'d Unknowns,
    budget: &'d Budget,
}

impl<'d> Maker<'d> {
    /// For what these rules ask.
    fn new(
        dimension: &'d Dimension,
        rules: &Bits,
        unknowns: &'d Unknowns,
        budget: &'d Budget,
    ) -> Maker<'d> {
        let asked = dimension.tests.iter();
        Maker {
            dimension,
            tests: asked
                .filter(|(rule, _)| rules.contains(*rule))
                .map(|(rule, test)| (*rule, test))
                .collect(),
            unknowns,
            budget,
        }
    }

    fn singles(&self) -> Result<Vec<Point>, TooMany> {
        let mut points = Vec::new();
        for value in self.values()? {
            self.budget
                .spend((value.answers.len() + 1) * (self.tests.len() + 1))?;
            let (yes, maybe) = self.met(&value.atoms);
            let ways: BTreeSet<Bits> = value
                .answers
                .iter()
                .map(|atoms| self.met(atoms).0)
                .collect();
            points.push(Point {
                label: value.label,
                yes,
                maybe,
                ways: ways.into_iter().collect(),
            });
        }
        Ok(points)
    }

    /// The rules that are met for certain, and perhaps.
    fn met(&self, atoms: &[Certainty]) -> (Bits, Bits) {
        let answer = |atom: usize| atoms.get(atom).copied().unwrap_or(Certainty::Maybe);
        self.rules(|test| test.of_value(&answer))
    }

    fn rules(&self, met: impl Fn(&Test) -> Certainty) -> (Bits, Bits) {
        let (mut yes, mut maybe) = (Bits::default(), Bits::default());
        for (rule, test) in &self.tests {
            match met(test) {
                Certainty::Yes => yes.insert(*rule),
                Certainty::Maybe => maybe.insert(*rule),
                Certainty::No => {}
            }
        }
        (yes, maybe)
    }

    /// What is open about absent keys is open once and for all: AWS takes it one way or the other.
    fn absent(&self) -> Point {
        let (yes, maybe) = self.rules(Test::of_absence);
        let mut ways = vec![yes];
        if !maybe.is_empty() {
            ways.push(yes | maybe);
        }
        Point {
            label: Label::Absent,
            yes,
            maybe,
            ways,
        }
    }

    fn unread(&self) -> Vec<Point> {
        let rules: Bits = self.tests.iter().map(|(rule, _)| *rule).collect();
        let mut ways = vec![Bits::default()];
        for rule in rules.iter() {
            let with: Vec<Bits> = ways.iter().map(|way| *way | Bits::one(rule)).collect();
            ways.extend(with);
        }
        vec![Point {
            label: Label::Unread,
            yes: Bits::default(),
            maybe: rules,
            ways,
        }]
    }

    /// A rule with a policy variable is not met by requests that lack it. Whether they do is open.
    fn add_void_variables(&self, points: &mut [Point]) -> Result<(), TooMany> {
        let mut by_variable: BTreeMap<usize, Bits> = BTreeMap::new();
        for (rule, test) in &self.tests {
            for variable in test.variables() {
                by_variable.entry(variable).or_default().insert(*rule);
            }
        }
        for point in points {
            for rules in by_variable.values() {
                self.budget.spend(point.ways.len())?;
                let without: Vec<Bits> = point.ways.iter().map(|way| *way & !*rules).collect();
                point.ways.extend(without);
                point.ways.sort_unstable();
                point.ways.dedup();
                if point.ways.len() > MOST {
                    return Err(TooMany);
                }
            }
        }
        Ok(())
    }

    fn values(&self) -> Result<Vec<Valued>, TooMany> {
        let atoms = self.used();
        let of = |pick: fn(&Atom) -> bool| {
            atoms
                .iter()
                .any(|atom| self.dimension.atoms.get(*atom).is_some_and(pick))
        };
        let words = if self.dimension.kind == Kind::Principal {
            return self.callers();
        } else if of(|atom| matches!(atom, Atom::Number(..))) {
            self.numbers()
        } else if of(|atom| matches!(atom, Atom::Moment(..))) {
            self.moments()
        } else if of(|atom| matches!(atom, Atom::Address(_))) {
            self.addresses()
        } else {
            return self.texts();
        };
        words
            .into_iter()
            .map(|word| {
                let word = Glob::word(&word);
                let atoms = self.answers_to(&word)?;
                Ok(Valued {
                    label: Label::Texts(vec![word]),
                    answers: self.combinations(&atoms)?,
                    atoms,
                })
            })
            .collect()
    }

    /// The atoms that the rules ask for.
    fn used(&self) -> BTreeSet<usize> {
        self.tests
            .iter()
            .flat_map(|(_, test)| test.atoms())
            .collect()
    }

    fn atoms_used(&self) -> impl Iterator<Item = &Atom> {
        self.used()
            .into_iter()
            .filter_map(|atom| self.dimension.atoms.get(atom))
    }

    /// What a word answers to every atom.
    fn answers_to(&self, word: &Glob) -> Result<Vec<Certainty>, TooMany> {
        let used = self.used();
        (0..self.dimension.atoms.len())
            .map(
                |nth| match (used.contains(&nth), self.dimension.atoms.get(nth)) {
                    (true, Some(atom)) => answer(atom, word, self.unknowns, self.budget),
                    _ => Ok(Certainty::No),
                },
            )
            .collect()
    }

    fn numbers(&self) -> Vec<String> {
        let written: BTreeSet<&Number> = self
            .atoms_used()
            .filter_map(|atom| match atom {
                Atom::Number(_, number) => Some(number),
                _ => None,
            })
            .collect();
        let written: Vec<&Number> = written.into_iter().collect();
        let mut found: Vec<String> = written.iter().map(|number| number.to_string()).collect();
        found.extend(
            gaps(&written)
                .filter_map(|(low, high)| Number::between(low.copied(), high.copied()))
                .map(|number| number.to_string()),
        );
        found
    }

    fn moments(&self) -> Vec<String> {
        let written: BTreeSet<i64> = self
            .atoms_used()
            .filter_map(|atom| match atom {
                Atom::Moment(_, moment) => Some(*moment),
                _ => None,
            })
            .collect();
        let written: Vec<i64> = written.into_iter().collect();
        let between =
            gaps(&written).filter_map(|(low, high)| moment_between(low.copied(), high.copied()));
        written
            .iter()
            .copied()
            .chain(between)
            .filter_map(moment_text)
            .collect()
    }

    fn addresses(&self) -> Vec<String> {
        let mut four = BTreeSet::from([0]);
        let mut six = BTreeSet::from([0]);
        for atom in self.atoms_used() {
            match atom {
                Atom::Address(AddressRange::V4 { first, last }) => {
                    four.insert(*first);
                    four.extend(last.checked_add(1));
                }
                Atom::Address(AddressRange::V6 { first, last }) => {
                    six.insert(*first);
                    six.extend(last.checked_add(1));
                }
                _ => {}
            }
        }
        let four = four
            .into_iter()
            .map(|bits| std::net::Ipv4Addr::from(bits).to_string());
        let six = six
            .into_iter()
            .map(|bits| std::net::Ipv6Addr::from(bits).to_string());
        four.chain(six).collect()
    }

    fn callers(&self) -> Result<Vec<Valued>, TooMany> {
        let mut entries = vec![&Entry::Everyone];
        for atom in self.atoms_used() {
            match atom {
                Atom::Principal(entry) if !entries.contains(&entry) => entries.push(entry),
                _ => {}
            }
        }
        let mut found = Vec::new();
        for caller in entries {
            let mut atoms = Vec::new();
            for atom in &self.dimension.atoms {
                atoms.push(match atom {
                    Atom::Principal(entry) => entry.means(caller, self.unknowns, self.budget)?,
                    _ => Certainty::Maybe,
                });
            }
            found.push(Valued {
                label: Label::Caller(caller.clone()),
                answers: self.combinations(&atoms)?,
                atoms,
            });
        }
        Ok(found)
    }

    fn texts(&self) -> Result<Vec<Valued>, TooMany> {
        let used: Vec<usize> = self.used().into_iter().collect();
        let globs: Vec<(usize, &Glob)> = used
            .iter()
            .filter_map(|atom| match self.dimension.atoms.get(*atom) {
                Some(Atom::Text(glob)) => Some((*atom, glob)),
                _ => None,
            })
            .collect();
        let mut found = Vec::new();
        if self.dimension.flag {
            for word in ["true", "false"] {
                let word = Glob::word(word);
                let atoms = self.answers_to(&word)?;
                found.push(Valued {
                    label: Label::Texts(vec![word]),
                    answers: self.combinations(&atoms)?,
                    atoms,
                });
            }
            return Ok(found);
        }
        let mut widest: Vec<Glob> = globs
            .iter()
            .map(|(_, glob)| glob.widest(self.unknowns))
            .collect();
        let action = self.dimension.kind == Kind::Action;
        let short = classes_of_beginnings(&widest, if action { "*:*" } else { "*" });
        let well_formed = (action && short.is_none()).then_some(widest.len());
        if well_formed.is_some() {
            let any = Token::Many { colons: true };
            widest.push(Glob {
                tokens: vec![any, Token::Letter(':'), any],
                fold: true,
            });
        }
        let classes = match short {
            Some(classes) => classes,
            None => classes(&widest, self.budget)?,
        };
        for class in classes {
            if well_formed.is_some_and(|place| !class.matching.contains(place)) {
                continue;
            }
            let mut atoms = vec![Certainty::No; self.dimension.atoms.len()];
            for (nth, atom) in self.dimension.atoms.iter().enumerate() {
                if matches!(atom, Atom::Opaque(_)) {
                    atoms[nth] = Certainty::Maybe;
                }
            }
            for (nth, (atom, glob)) in globs.iter().enumerate() {
                atoms[*atom] = match (class.matching.contains(nth), glob.has_unknowns()) {
                    (false, _) => Certainty::No,
                    (true, true) => Certainty::Maybe,
                    (true, false) => Certainty::Yes,
                };
            }
            let word = Glob::word(&class.text);
            found.push(Valued {
                label: Label::Texts(vec![word]),
                answers: self.combinations(&atoms)?,
                atoms,
            });
        }
        for (_, glob) in globs.iter().filter(|(_, glob)| glob.has_unknowns()) {
            let word = glob.example();
            let atoms = self.answers_to(&word)?;
            found.push(Valued {
                label: Label::Texts(vec![word]),
                atoms,
                answers: Vec::new(),
            });
        }
        Ok(found)
    }

    /// Every way in which what is open can turn out, so far as patterns with the same unknown parts depend on each other.
    fn combinations(&self, atoms: &[Certainty]) -> Result<Vec<Vec<Certainty>>, TooMany> {
        let open: Vec<usize> = (0..atoms.len())
            .filter(|atom| atoms.get(*atom) == Some(&Certainty::Maybe))
            .collect();
        let mut all = vec![atoms.to_vec()];
        for (nth, atom) in open.iter().enumerate() {
            let mut next = Vec::new();
            for so_far in all {
                for answer in [Certainty::No, Certainty::Yes] {
                    self.budget.spend(so_far.len())?;
                    if self.can_be(&so_far, open.get(..nth).unwrap_or_default(), *atom, answer)? {
                        let mut with = so_far.clone();
                        if let Some(slot) = with.get_mut(*atom) {
                            *slot = answer;
                        }
                        next.push(with);
                    }
                }
            }
            if next.len() > MOST {
                return Err(TooMany);
            }
            all = next;
        }
        Ok(all)
    }

    /// Whether an answer agrees with those given before: what a pattern covers it matches too, and patterns that never
    /// meet do not both match.
    fn can_be(
        &self,
        so_far: &[Certainty],
        before: &[usize],
        atom: usize,
        answer: Certainty,
    ) -> Result<bool, TooMany> {
        let Some(Atom::Text(glob)) = self.dimension.atoms.get(atom) else {
            return Ok(true);
        };
        for other in before {
            let Some(Atom::Text(known)) = self.dimension.atoms.get(*other) else {
                continue;
            };
            let agrees = match (so_far.get(*other), answer) {
                (Some(Certainty::Yes), Certainty::Yes) => {
                    glob.may_meet(known, self.unknowns, self.budget)?
                }
                (Some(Certainty::Yes), _) => !glob.covers(known, self.budget)?,
                (Some(Certainty::No), Certainty::Yes) => !known.covers(glob, self.budget)?,
                _ => true,
            };
            if !agrees {
                return Ok(false);
            }
        }
        Ok(true)
    }

    /// Points for a key with any number of values: what matters is which tests some value meets and which some fails, so
    /// the sets of values are those that unions of single values reach.
    fn sets(&self) -> Result<Vec<Point>, TooMany> {
        let asked: Vec<&KeyTest> = self
            .tests
            .iter()
            .flat_map(|(_, test)| match test {
                Test::Key(all) => all.as_slice(),
                Test::Names { .. } => &[],
            })
            .collect();
        if asked.len() > Bits::MOST / 2 {
            return Err(TooMany);
        }
        let mut singles: Vec<(Bits, Glob, bool)> = Vec::new();
        for value in self.values()? {
            let Label::Texts(words) = &value.label else {
                continue;
            };
            let Some(word) = words.first() else {
                continue;
            };
            let certain = value.answers.len() == 1;
            for atoms in &value.answers {
                self.budget.spend(asked.len())?;
                let answer = |atom: usize| atoms.get(atom).copied().unwrap_or(Certainty::No);
                let mut outcome = Bits::default();
                for (nth, test) in asked.iter().enumerate() {
                    outcome.insert(2 * nth + usize::from(test.of_value(&answer) != Certainty::Yes));
                }
                singles.push((outcome, word.clone(), certain));
            }
        }
        let mut seen: HashSet<(Bits, bool)> = HashSet::new();
        let mut sets: Vec<(Bits, Vec<Glob>, bool)> = Vec::new();
        for (outcome, word, certain) in &singles {
            if seen.insert((*outcome, *certain)) {
                sets.push((*outcome, vec![word.clone()], *certain));
            }
        }
        let mut at = 0;
        while let Some((outcome, words, certain)) = sets.get(at).cloned() {
            for (other, word, also_certain) in &singles {
                self.budget.spend(16)?;
                let union = (outcome | *other, certain && *also_certain);
                if seen.insert(union) {
                    let mut words = words.clone();
                    words.push(word.clone());
                    sets.push((union.0, words, union.1));
                }
            }
            if sets.len() > MOST {
                return Err(TooMany);
            }
            at += 1;
        }
        let mut points = vec![self.absent()];
        for (outcome, words, certain) in sets {
            self.budget.spend(self.tests.len())?;
            let mut met = Bits::default();
            let mut first = 0;
            for (rule, test) in &self.tests {
                let Test::Key(all) = test else {
                    continue;
                };
                let holds = all.iter().enumerate().all(|(nth, one)| {
                    let place = 2 * (first + nth);
                    one.of_values(outcome.contains(place), outcome.contains(place + 1))
                });
                if holds {
                    met.insert(*rule);
                }
                first += all.len();
            }
            let touched: Bits = self.tests.iter().map(|(rule, _)| *rule).collect();
            points.push(match certain {
                true => Point {
                    label: Label::Texts(words),
                    yes: met,
                    maybe: Bits::default(),
                    ways: vec![met],
                },
                false => Point {
                    label: Label::Texts(words),
                    yes: Bits::default(),
                    maybe: touched,
                    ways: vec![met],
                },
            });
        }
        Ok(points)
    }
}

/// A word that the same patterns match, for people: an exact name, a well-known action, a pattern as written.
pub(super) fn nicer(
    dimension: &Dimension,
    word: &Glob,
    unknowns: &Unknowns,
    budget: &Budget,
) -> Result<Glob, TooMany> {
    let Some(text) = word.literal() else {
        return Ok(word.clone());
    };
    let texts_alone = dimension
        .atoms
        .iter()
        .all(|atom| matches!(atom, Atom::Text(_) | Atom::Opaque(_)));
    if dimension.flag || !texts_alone {
        return Ok(word.clone());
    }
    let globs: Vec<&Glob> = dimension
        .atoms
        .iter()
        .filter_map(|atom| match atom {
            Atom::Text(glob) => Some(glob),
            _ => None,
        })
        .collect();
    let widest: Vec<Glob> = globs.iter().map(|glob| glob.widest(unknowns)).collect();
    let letters = |text: &str| text.chars().collect::<Vec<_>>();
    let given = letters(&text);
    let class = widest
        .iter()
        .map(|glob| glob.matches(&given, budget))
        .collect::<Result<Vec<bool>, TooMany>>()?;
    let literals = || globs.iter().filter_map(|glob| glob.literal());
    let patterns = || {
        globs
            .iter()
            .filter(|glob| glob.literal().is_none())
            .filter_map(|glob| glob.example().literal())
    };
    let words: Box<dyn Iterator<Item = String>> = match dimension.kind {
        Kind::Action => {
            let of_service = std::iter::once_with(|| known_actions(&globs, &text)).flatten();
            Box::new(
                literals()
                    .chain(of_service)
                    .chain(patterns())
                    .chain(["*:*".to_owned()]),
            )
        }
        Kind::Key(_) => Box::new(literals().chain(patterns()).chain(["other".to_owned()])),
        _ => Box::new(literals().chain(["*".to_owned()]).chain(patterns())),
    };
    'words: for word in words {
        let letters = letters(&word);
        for (glob, matches) in widest.iter().zip(&class) {
            if glob.matches(&letters, budget)? != *matches {
                continue 'words;
            }
        }
        return Ok(Glob::word(&word));
    }
    Ok(word.clone())
}

/// Known actions of the service that the text names; where it names none that the patterns do, some of others.
fn known_actions(globs: &[&Glob], text: &str) -> Vec<String> {
    let services: BTreeSet<String> = globs
        .iter()
        .filter_map(|glob| {
            glob.beginning()
                .split_once(':')
                .map(|(service, _)| service.to_owned())
        })
        .collect();
    let asked = text
        .split_once(':')
        .map(|(service, _)| service)
        .filter(|service| services.contains(*service));
    let known = KNOWN_ACTIONS.iter().map(|action| action.to_lowercase());
    match asked {
        Some(service) => known
            .filter(|action| action.split(':').next() == Some(service))
            .collect(),
        None => known
            .filter(|action| {
                action
                    .split(':')
                    .next()
                    .is_some_and(|own| !services.contains(own))
            })
            .take(8)
            .collect(),
    }
}

/// What a word answers to one atom.
pub(super) fn answer(
    atom: &Atom,
    word: &Glob,
    unknowns: &Unknowns,
    budget: &Budget,
) -> Result<Certainty, TooMany> {
    let Some(text) = word.literal() else {
        return match atom {
            Atom::Text(glob) if glob.covers(word, budget)? => Ok(Certainty::Yes),
            Atom::Text(glob) if !glob.may_meet(word, unknowns, budget)? => Ok(Certainty::No),
            _ => Ok(Certainty::Maybe),
        };
    };
    Ok(match atom {
        Atom::Text(glob) if glob.covers(word, budget)? => Certainty::Yes,
        Atom::Text(glob) => match glob.has_unknowns() && glob.may_meet(word, unknowns, budget)? {
            true => Certainty::Maybe,
            false => Certainty::No,
        },
        Atom::Number(order, written) => number(&text)
            .is_some_and(|found| order.holds(found.cmp(written)))
            .into(),
        Atom::Moment(order, written) => moment(&text)
            .is_some_and(|found| order.holds(found.cmp(written)))
            .into(),
        Atom::Address(range) => addresses(&text)
            .is_some_and(|found| within(found, *range))
            .into(),
        Atom::Principal(_) | Atom::Opaque(_) => Certainty::Maybe,
    })
}

fn within(found: AddressRange, range: AddressRange) -> bool {
    match (found, range) {
        (
            AddressRange::V4 { first, last },
            AddressRange::V4 {
                first: from,
                last: to,
            },
        ) => from <= first && last <= to,
        (
            AddressRange::V6 { first, last },
            AddressRange::V6 {
                first: from,
                last: to,
            },
        ) => from <= first && last <= to,
        _ => false,
    }
}

/// What lies below, between and above sorted values.
fn gaps<T>(sorted: &[T]) -> impl Iterator<Item = (Option<&T>, Option<&T>)> {
    (0..=sorted.len()).map(|nth| {
        (
            nth.checked_sub(1).and_then(|low| sorted.get(low)),
            sorted.get(nth),
        )
    })
}
