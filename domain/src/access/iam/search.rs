//! The search for a request that one side allows and the other does not.
//!
//! Such a request meets rules that let it in on the one side, and none that keep it out there; and on the other side
//! there is one reason why it is not allowed: it meets no rule that allows, or one that denies, or the boundary stops it.
//! Each pair of the two is a start: rules that the request must meet, and rules that it must not. From it the request is
//! put together side by side: its principal, its action, its resource, and each condition key. After each step only
//! the sets of forbidden rules are kept that are not met for good, and of these only the least.
use super::bits::Bits;
use super::budget::{Budget, TooMany};
use super::points::{Point, points};
use super::problem::{Problem, Side};
use super::test::Kind;
use std::cell::{Cell, RefCell};
use std::collections::{BTreeMap, HashMap};
use std::rc::Rc;

/// What is looked for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Wanted {
    /// Requests that are allowed whatever the unknown parts are.
    Certain,
    /// Requests that may be allowed, for some of what the unknown parts can be.
    Possible,
}

/// Rules that a request must meet, and rules that it must not.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(super) struct Start {
    pub(super) required: Bits,
    pub(super) forbidden: Bits,
}

/// A request.
#[derive(Clone, Debug)]
pub(super) struct Found {
    /// For each dimension that matters, by its place, a point.
    pub(super) chosen: Vec<(usize, Point)>,
}

/// A request's action, or action and resource, that is asked for.
pub(super) type Fixed = BTreeMap<usize, Point>;

/// How many sets of rules are followed at a time.
const MOST_FOLLOWED: usize = 4_096;
/// How many requests one start gives.
const MOST_FOUND: usize = 8;
/// What a start takes before anything is compared.
const STEPS_OF_A_START: usize = 64;
/// How many starts there may be.
const MOST_STARTS: usize = 20_000;

/// Every start for requests that `to` allows and `from` does not.
pub(super) fn starts(from: &Side, to: &Side) -> Result<Vec<Start>, TooMany> {
    let mut starts = Vec::new();
    let not_allowed = not_allowed(from);
    for let_in in let_in(to) {
        for not_before in &not_allowed {
            let start = Start {
                required: let_in.required | not_before.required,
                forbidden: let_in.forbidden | not_before.forbidden,
            };
            if !start.required.meets(&start.forbidden) {
                starts.push(start);
            }
            if starts.len() > MOST_STARTS {
                return Err(TooMany);
            }
        }
    }
    starts.sort_unstable();
    starts.dedup();
    Ok(starts)
}

/// The ways in which a side allows a request.
fn let_in(side: &Side) -> Vec<Start> {
    let passes: Vec<Bits> = match side.boundary {
        None => vec![Bits::default()],
        Some(cut) => cut.allow.iter().map(Bits::one).collect(),
    };
    let forbidden = side.deny | side.boundary.unwrap_or_default().deny;
    let allow = side.allow.iter().map(Bits::one);
    allow
        .flat_map(|allow| {
            passes.iter().map(move |pass| Start {
                required: allow | *pass,
                forbidden,
            })
        })
        .collect()
}

/// The ways in which a side does not allow a request.
fn not_allowed(side: &Side) -> Vec<Start> {
    let none_of = |forbidden| Start {
        required: Bits::default(),
        forbidden,
    };
    let one_of = |rule| Start {
        required: Bits::one(rule),
        forbidden: Bits::default(),
    };
    let mut ways = vec![none_of(side.allow)];
    ways.extend(side.deny.iter().map(one_of));
    if let Some(cut) = side.boundary {
        ways.push(none_of(cut.allow));
        ways.extend(cut.deny.iter().map(one_of));
    }
    ways
}

/// The points of a dimension, where they are not too many.
type Made = Result<Rc<Vec<Point>>, TooMany>;

/// The search, with the points of every dimension as far as they have been asked for.
pub(super) struct Search<'p> {
    problem: &'p Problem,
    /// Whether points are made anew for the rules that each start still has to do with: cheaper for few starts.
    narrow: bool,
    /// What all searches together may still take.
    pub(super) budget: Budget,
    made: RefCell<HashMap<(usize, Bits), Made>>,
    exact: Cell<bool>,
}

impl<'p> Search<'p> {
    pub(super) fn new(problem: &'p Problem, narrow: bool, steps: u64) -> Search<'p> {
        Search {
            problem,
            narrow,
            budget: Budget::new(steps),
            made: RefCell::default(),
            exact: Cell::new(true),
        }
    }

    /// Whether nothing that was looked at is unknown, so that what is possible is certain.
    pub(super) fn is_exact(&self) -> bool {
        self.exact.get()
    }

    fn note(&self, made: &Made) {
        let exact = made.as_ref().is_ok_and(|points| {
            points
                .iter()
                .all(|point| point.maybe.is_empty() && point.ways == [point.yes])
        });
        self.exact.set(self.exact.get() && exact);
    }

    /// Requests from one start.
    pub(super) fn requests(
        &self,
        start: Start,
        wanted: Wanted,
        fixed: &Fixed,
    ) -> Result<Vec<Found>, TooMany> {
        let Some((options, forbidden)) = self.options(start, wanted, fixed)? else {
            return Ok(Vec::new());
        };
        let mut followed: Vec<(Bits, Vec<usize>)> = vec![(forbidden, Vec::new())];
        for (nth, dimension) in options.iter().enumerate() {
            let later = options
                .iter()
                .skip(nth + 1)
                .fold(Bits::default(), |later, one| later | one.touched);
            let mut next: HashMap<Bits, Vec<usize>> = HashMap::new();
            for (met, chosen) in &followed {
                self.budget.spend(4 * dimension.sets.len())?;
                for (nth, option) in dimension.sets.iter().enumerate() {
                    let met = *met & (option.met | !dimension.touched);
                    if met.within(&later) {
                        next.entry(met).or_insert_with(|| {
                            let mut chosen = chosen.clone();
                            chosen.push(nth);
                            chosen
                        });
                    }
                }
            }
            followed = self.least(next.into_iter().collect())?;
        }
        let mut found = Vec::new();
        for (_, chosen) in followed {
            expand(&options, &chosen, &mut found);
        }
        Ok(found)
    }

    /// For each dimension that matters the sets of forbidden rules that are met there, and the forbidden rules that can be
    /// met at all.
    fn options(
        &self,
        start: Start,
        wanted: Wanted,
        fixed: &Fixed,
    ) -> Result<Option<(Vec<Options>, Bits)>, TooMany> {
        self.budget
            .spend(STEPS_OF_A_START + 8 * self.problem.dimensions.len())?;
        let mut forbidden = start.forbidden;
        let mut made = Vec::new();
        let mut late = Vec::new();
        for (place, dimension) in self.problem.dimensions.iter().enumerate() {
            if !dimension.touched.meets(&(start.required | forbidden)) {
                continue;
            }
            let list = match fixed.get(&place) {
                Some(point) => Rc::new(vec![point.clone()]),
                None => match self.points_of(place, start.required | forbidden) {
                    Ok(list) => list,
                    Err(TooMany) => {
                        late.push(place);
                        continue;
                    }
                },
            };
            let options = self.sets(place, dimension.touched, list, start, wanted)?;
            if options.sets.is_empty() {
                return Ok(None);
            }
            let possible = options
                .sets
                .iter()
                .fold(Bits::default(), |all, set| all | set.met);
            forbidden = forbidden & (possible | !dimension.touched);
            made.push(options);
        }
        // Where all rules together are too many, those that can still be met may not be.
        for place in late {
            let Some(dimension) = self.problem.dimensions.get(place) else {
                continue;
            };
            let rules = start.required | forbidden;
            let list = Rc::new(points(
                dimension,
                &rules,
                &self.problem.unknowns,
                &self.budget,
            )?);
            let options = self.sets(place, dimension.touched & rules, list, start, wanted)?;
            if options.sets.is_empty() {
                return Ok(None);
            }
            made.push(options);
        }
        for options in &mut made {
            self.restrict(options, forbidden)?;
        }
        made.sort_by_key(|options| options.sets.len());
        Ok(Some((made, forbidden)))
    }

    /// The points of a dimension for these rules, or for all.
    fn points_of(&self, place: usize, rules: Bits) -> Result<Rc<Vec<Point>>, TooMany> {
        let dimension = self.problem.dimensions.get(place).ok_or(TooMany)?;
        let rules = match self.narrow && dimension.kind != Kind::Action {
            true => rules & dimension.touched,
            false => dimension.touched,
        };
        if let Some(made) = self.made.borrow().get(&(place, rules)) {
            return made.clone();
        }
        // A part of what is left, so that one side of the requests can't use it all up.
        let share = self.budget.share();
        let made = points(dimension, &rules, &self.problem.unknowns, &share).map(Rc::new);
        self.budget.give_back(share);
        self.note(&made);
        self.made.borrow_mut().insert((place, rules), made.clone());
        made
    }

    /// The points that meet what is required, by the forbidden rules that they meet or may meet.
    fn sets(
        &self,
        place: usize,
        touched: Bits,
        points: Rc<Vec<Point>>,
        start: Start,
        wanted: Wanted,
    ) -> Result<Options, TooMany> {
        let needed = start.required & touched;
        let avoided = start.forbidden & touched;
        let mut sets: HashMap<Bits, Vec<usize>> = HashMap::new();
        for (nth, point) in points.iter().enumerate() {
            self.budget.spend(point.ways.len() + 1)?;
            match wanted {
                Wanted::Certain if needed.within(&point.yes) => {
                    sets.entry((point.yes | point.maybe) & avoided)
                        .or_default()
                        .push(nth);
                }
                Wanted::Certain => {}
                Wanted::Possible => {
                    for way in point.ways.iter().filter(|way| needed.within(way)) {
                        sets.entry(*way & avoided).or_default().push(nth);
                    }
                }
            }
        }
        let sets = sets
            .into_iter()
            .map(|(met, points)| Set { met, points })
            .collect();
        Ok(Options {
            place,
            touched,
            points,
            sets,
        })
    }

    /// Leaves out rules that can't be met any more, and sets that are worse than others.
    fn restrict(&self, options: &mut Options, forbidden: Bits) -> Result<(), TooMany> {
        options.touched = options.touched & forbidden;
        let mut sets: HashMap<Bits, Vec<usize>> = HashMap::new();
        for set in std::mem::take(&mut options.sets) {
            sets.entry(set.met & forbidden)
                .or_default()
                .extend(set.points);
        }
        let all = sets.into_iter().collect();
        options.sets = self
            .least(all)?
            .into_iter()
            .map(|(met, mut points)| {
                points.sort_unstable();
                points.dedup();
                Set { met, points }
            })
            .collect();
        Ok(())
    }

    /// Without the sets of which another is a part.
    fn least<T>(&self, mut all: Vec<(Bits, T)>) -> Result<Vec<(Bits, T)>, TooMany> {
        all.sort_by_cached_key(|(met, _)| (met.count(), *met));
        let mut least: Vec<(Bits, T)> = Vec::new();
        for (met, with) in all {
            self.budget.spend(least.len() / 2 + 1)?;
            if least.iter().any(|(part, _)| part.within(&met)) {
                continue;
            }
            if least.len() == MOST_FOLLOWED {
                return Err(TooMany);
            }
            least.push((met, with));
        }
        Ok(least)
    }
}

/// What can be met on one side of a request.
struct Options {
    place: usize,
    touched: Bits,
    points: Rc<Vec<Point>>,
    sets: Vec<Set>,
}

/// A set of forbidden rules with the points that meet it.
struct Set {
    met: Bits,
    points: Vec<usize>,
}

/// The requests of one outcome: a few that fare alike.
fn expand(options: &[Options], chosen: &[usize], found: &mut Vec<Found>) {
    let alike: Vec<(&Options, &[usize])> = options
        .iter()
        .zip(chosen)
        .filter_map(|(options, nth)| Some((options, options.sets.get(*nth)?.points.as_slice())))
        .collect();
    let most = alike
        .iter()
        .map(|(_, points)| points.len())
        .max()
        .unwrap_or(1);
    for nth in 0..most.max(1) {
        if found.len() >= MOST_FOUND {
            return;
        }
        let chosen = alike
            .iter()
            .filter_map(|(options, points)| {
                let point = points.get(nth.min(points.len().saturating_sub(1)))?;
                Some((options.place, options.points.get(*point)?.clone()))
            })
            .collect();
        found.push(Found { chosen });
    }
}

impl Problem {
    /// The place of the dimension of that kind.
    pub(super) fn place(&self, kind: &Kind) -> Option<usize> {
        self.dimensions
            .iter()
            .position(|dimension| dimension.kind == *kind)
    }
}
