//! What a statement asks of one side of a request: of its principal, its action, its resource, or one condition key.
use super::bits::Bits;
use super::certainty::Certainty;
use super::condition_value::{AddressRange, Number};
use super::glob::Glob;
use super::principal::Entry;
use super::statement::Quantifier;
use std::collections::BTreeSet;

/// The smallest question about one value.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum Atom {
    /// Does the pattern match the text?
    Text(Glob),
    /// Does the entry mean the caller?
    Principal(Entry),
    Number(Order, Number),
    /// Milliseconds since 1970.
    Moment(Order, i64),
    Address(AddressRange),
    /// A question that is not looked into, by its own words: its answer may be either.
    Opaque(String),
}

/// How a value stands to a written one.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub(super) enum Order {
    Equal,
    Less,
    LessOrEqual,
    Greater,
    GreaterOrEqual,
}

impl Order {
    pub(super) fn holds(self, found: std::cmp::Ordering) -> bool {
        match self {
            Order::Equal => found.is_eq(),
            Order::Less => found.is_lt(),
            Order::LessOrEqual => found.is_le(),
            Order::Greater => found.is_gt(),
            Order::GreaterOrEqual => found.is_ge(),
        }
    }
}

/// What one statement asks on one side.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub(super) enum Test {
    /// One of these; with `not`, none of them.
    Names {
        not: bool,
        any: Vec<usize>,
        variables: Vec<usize>,
    },
    /// All of these, about one condition key.
    Key(Vec<KeyTest>),
}

/// One operator on a condition key.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub(super) enum KeyTest {
    /// `Null`: whether the key is absent.
    Absent(bool),
    Values {
        quantifier: Option<Quantifier>,
        negated: bool,
        if_exists: bool,
        any: Vec<usize>,
        variables: Vec<usize>,
    },
}

impl Test {
    /// The policy variables in it: a request that lacks one of them does not meet the test.
    pub(super) fn variables(&self) -> Vec<usize> {
        match self {
            Test::Names { variables, .. } => variables.clone(),
            Test::Key(all) => all.iter().flat_map(KeyTest::variables).copied().collect(),
        }
    }

    /// Whether it asks for all but some.
    pub(super) fn is_negated(&self) -> bool {
        matches!(self, Test::Names { not: true, .. })
    }

    /// The atoms that it asks for.
    pub(super) fn atoms(&self) -> BTreeSet<usize> {
        match self {
            Test::Names { any, .. } => any.iter().copied().collect(),
            Test::Key(all) => all
                .iter()
                .flat_map(|one| match one {
                    KeyTest::Values { any, .. } => any.as_slice(),
                    KeyTest::Absent(_) => &[],
                })
                .copied()
                .collect(),
        }
    }

    /// For one value; `atoms` answers the atoms for it.
    pub(super) fn of_value(&self, atoms: &impl Fn(usize) -> Certainty) -> Certainty {
        match self {
            Test::Names { not, any, .. } => {
                Certainty::any(any.iter().map(|atom| atoms(*atom))).flipped_if(*not)
            }
            Test::Key(all) => Certainty::all(all.iter().map(|one| one.of_value(atoms))),
        }
    }

    /// Where the key is absent.
    pub(super) fn of_absence(&self) -> Certainty {
        match self {
            Test::Names { .. } => Certainty::No,
            Test::Key(all) => Certainty::all(all.iter().map(KeyTest::of_absence)),
        }
    }
}

impl KeyTest {
    pub(super) fn variables(&self) -> &[usize] {
        match self {
            KeyTest::Absent(_) => &[],
            KeyTest::Values { variables, .. } => variables,
        }
    }

    /// For a key that has one value.
    pub(super) fn of_value(&self, atoms: &impl Fn(usize) -> Certainty) -> Certainty {
        match self {
            KeyTest::Absent(absent) => Certainty::from(!absent),
            KeyTest::Values { negated, any, .. } => {
                Certainty::any(any.iter().map(|atom| atoms(*atom))).flipped_if(*negated)
            }
        }
    }

    /// For a key that has several values, told for how many the value itself meets the test: for some, for all but some.
    pub(super) fn of_values(&self, some_meet: bool, some_fail: bool) -> bool {
        match self {
            KeyTest::Absent(absent) => !absent,
            KeyTest::Values {
                quantifier: Some(Quantifier::ForAnyValue),
                ..
            } => some_meet,
            KeyTest::Values {
                quantifier: None,
                negated: false,
                ..
            } => some_meet,
            KeyTest::Values { .. } => !some_fail,
        }
    }

    /// Negations hold for absent keys (IAM User Guide, "Negated matching condition operators"). What `IfExists`
    /// makes of `ForAnyValue` on an absent key is not documented, so that stays open.
    fn of_absence(&self) -> Certainty {
        match self {
            KeyTest::Absent(absent) => Certainty::from(*absent),
            KeyTest::Values {
                quantifier,
                negated,
                if_exists,
                ..
            } => match quantifier {
                Some(Quantifier::ForAllValues) => Certainty::Yes,
                Some(Quantifier::ForAnyValue) if *if_exists => Certainty::Maybe,
                Some(Quantifier::ForAnyValue) => Certainty::No,
                None => Certainty::from(*if_exists || *negated),
            },
        }
    }
}

/// One side of requests that statements ask about.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Dimension {
    pub(super) kind: Kind,
    pub(super) atoms: Vec<Atom>,
    /// By rule, ascending.
    pub(super) tests: Vec<(usize, Test)>,
    /// The rules that ask about it.
    pub(super) touched: Bits,
    /// A condition key that holds several values.
    pub(super) several: bool,
    /// A condition key that is `true` or `false`.
    pub(super) flag: bool,
}

/// What requests are asked about.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub(super) enum Kind {
    Action,
    Principal,
    Resource,
    /// A condition key.
    Key(String),
    /// What a policy allows and denies whose text is not at hand, by its name. Its rules are the two in `touched`.
    Unread(String),
}
