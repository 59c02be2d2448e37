//! The judge against drawn pairs: sound, with true examples, and seldom undecided.
use crate::change;
use crate::check;
use crate::draw::{self, Draw, Kind};
use crate::pair::{Holding, Pair};
use crate::unknown;
use domain::access::iam::{Judgement, judge};
use std::panic::{AssertUnwindSafe, catch_unwind};

/// Tried on each pair.
const REQUESTS: usize = 12;

/// From the environment, or else the one given.
fn setting(name: &str, otherwise: u64) -> u64 {
    let set = std::env::var(name).ok();
    set.and_then(|text| text.parse().ok()).unwrap_or(otherwise)
}

fn judged(before: &Holding, after: &Holding) -> Result<Judgement, String> {
    let held = |side: &Holding| (!side.documents().is_empty()).then(|| side.held());
    let (before, after) = (held(before), held(after));
    catch_unwind(AssertUnwindSafe(|| {
        judge(before.as_ref(), after.as_ref(), &unknown::kinds().into())
    }))
    .map_err(|_| format!("the judge panicked at\n{before:#?}\n{after:#?}"))
}

/// How many pairs were decided.
#[derive(Clone, Debug, Default)]
struct Count {
    pairs: u64,
    decided: u64,
    rewritings: u64,
    rewritings_recognised: u64,
    /// Of the first undecided pairs: the seed, and why.
    undecided: Vec<(u64, Vec<String>)>,
}

const UNDECIDED_SHOWN: usize = 10;

impl Count {
    fn add(mut self, other: Count) -> Count {
        let room = UNDECIDED_SHOWN.saturating_sub(self.undecided.len());
        self.undecided
            .extend(other.undecided.into_iter().take(room));
        Count {
            pairs: self.pairs + other.pairs,
            decided: self.decided + other.decided,
            rewritings: self.rewritings + other.rewritings,
            rewritings_recognised: self.rewritings_recognised + other.rewritings_recognised,
            undecided: self.undecided,
        }
    }
}

/// Tries so many seeds on all cores; the first failures with the seeds that bring them back.
fn for_each_seed(
    pairs: u64,
    test: &str,
    attempt: impl Fn(u64) -> Result<Count, String> + Sync,
) -> Count {
    let first = setting("GATEHOUSE_IAM_SEED", 1);
    let threads = std::thread::available_parallelism().map_or(1, |count| count.get() as u64);
    let attempt = &attempt;
    let outcomes: Vec<Result<Count, String>> = std::thread::scope(|scope| {
        let workers: Vec<_> = (0..threads)
            .map(|worker| {
                scope.spawn(move || {
                    let mut count = Count::default();
                    for number in (worker..pairs).step_by(threads as usize) {
                        let seed = first.wrapping_add(number);
                        count = count.add(attempt(seed).map_err(|failure| {
                            format!(
                                "{failure}\nAgain: GATEHOUSE_IAM_SEED={seed} GATEHOUSE_IAM_PAIRS=1 \
                                 cargo nextest run --package domain --features template {test}"
                            )
                        })?);
                    }
                    Ok(count)
                })
            })
            .collect();
        let joined = workers.into_iter().map(|worker| worker.join());
        joined
            .map(|outcome| outcome.unwrap_or_else(|_| Err("a thread panicked".to_owned())))
            .collect()
    });
    let mut count = Count::default();
    for outcome in outcomes {
        match outcome {
            Ok(more) => count = count.add(more),
            Err(failure) => panic!("{failure}"),
        }
    }
    println!("{count:#?}");
    count
}

#[test]
fn judgements_of_drawn_pairs_hold() {
    let pairs = setting("GATEHOUSE_IAM_PAIRS", 10_000);
    let count = for_each_seed(pairs, "judgements_of_drawn_pairs_hold", |seed| {
        let draw = &mut Draw::new(seed);
        let pair = Pair::drawn(draw);
        let said = judged(&pair.before, &pair.after)?;
        check::holds(draw, &pair, &said, REQUESTS)?;
        let answers = (said.new_access, said.lost_access);
        let decided = answers.0.is_some() && answers.1.is_some();
        let recognised = pair.rewriting && answers == (Some(false), Some(false));
        Ok(Count {
            pairs: 1,
            decided: decided.into(),
            rewritings: pair.rewriting.into(),
            rewritings_recognised: recognised.into(),
            undecided: if decided {
                Vec::new()
            } else {
                vec![(seed, said.reasons)]
            },
        })
    });
    // A share of a few pairs says nothing.
    if pairs >= 1000 {
        assert!(count.decided * 100 >= count.pairs * 99, "{count:#?}");
        assert!(
            count.rewritings_recognised * 100 >= count.rewritings * 99,
            "{count:?}"
        );
    }
}

#[test]
fn what_is_decided_holds_for_every_value_of_an_unknown_text() {
    let pairs = setting("GATEHOUSE_IAM_PAIRS", 10_000).div_ceil(10);
    let test = "what_is_decided_holds_for_every_value_of_an_unknown_text";
    for_each_seed(pairs, test, |seed| {
        let draw = &mut Draw::new(seed);
        let known = Pair::drawn(draw);
        let chosen = unknown::choose(draw);
        let marked = |side: &Holding| side.with_documents(|text| unknown::marked(text, &chosen));
        let (before, after) = (marked(&known.before), marked(&known.after));
        let said = judged(&before, &after)?;
        for _ in 0..3 {
            let values = unknown::assign(draw);
            let filled =
                |side: &Holding| side.with_documents(|text| unknown::filled(text, &values));
            let pair = Pair {
                before: filled(&before),
                after: filled(&after),
                rewriting: known.rewriting,
            };
            check::nothing_overlooked(draw, &pair, &said, REQUESTS / 3)
                .map_err(|failure| format!("with the unknown texts {values:?}: {failure}"))?;
            if pair.before == pair.after
                && (said.new_access == Some(true) || said.lost_access == Some(true))
            {
                return Err(format!(
                    "with {values:?} both sides are the same:\n{before:#?}\n{after:#?}"
                ));
            }
        }
        Ok(Count::default())
    });
}

/// What the share of decided pairs is stated for.
#[test]
fn half_of_the_statements_are_more_than_a_list() {
    let draw = &mut Draw::new(1);
    let mut sizes = [0; 21];
    let (mut special, mut all) = (0, 0);
    for _ in 0..1000 {
        let statements =
            change::statements(&draw::policy(draw, Kind::Identity, draw::MOST_STATEMENTS));
        sizes[statements.len()] += 1;
        all += statements.len();
        special += statements
            .iter()
            .filter(|one| {
                let more = ["NotAction", "NotResource", "Condition"];
                one["Effect"] == "Deny" || more.iter().any(|name| one.get(name).is_some())
            })
            .count();
    }
    assert!(
        (45..=55).contains(&(special * 100 / all)),
        "{special} of {all}"
    );
    assert_eq!(sizes[0], 0);
    assert!(sizes[1..].iter().all(|count| *count > 20), "{sizes:?}");
}
