//! Two sets of policies as one question: rules that requests meet or not, and which of them allow and deny on each side.
use super::bits::Bits;
use super::budget::TooMany;
use super::condition_value::{addresses, moment, number};
use super::glob::{Glob, Wildcards};
use super::policy::{DocumentKind, parse};
use super::principal::Entry;
use super::statement::{Condition, Effect, Operator, Statement, Test as Names, Text};
use super::test::{Atom, Dimension, KeyTest, Kind, Order, Test};
use super::unknown::{Kinds, Unknowns};
use super::{Boundary, Held, Policy, Unwritten};
use crate::template::Value;
use std::cell::RefCell;
use std::collections::{BTreeMap, BTreeSet, HashMap};
use std::sync::Arc;

/// Which rules let in and keep out on one side of a change.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(super) struct Side {
    pub(super) allow: Bits,
    pub(super) deny: Bits,
    /// The permissions boundary or the session policies, if any.
    pub(super) boundary: Option<Cut>,
}

/// What policies leave of a side.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(super) struct Cut {
    pub(super) allow: Bits,
    pub(super) deny: Bits,
}

/// The question.
#[derive(Clone, Debug)]
pub(super) struct Problem {
    pub(super) dimensions: Vec<Dimension>,
    pub(super) unknowns: Unknowns,
    pub(super) before: Side,
    pub(super) after: Side,
    /// The rule that every request meets.
    pub(super) everything: usize,
    /// Actions as they were written, by their lower case.
    pub(super) spelling: BTreeMap<String, String>,
    /// Condition keys as they were written, by their lower case.
    pub(super) keys: BTreeMap<String, String>,
    /// Words for people that were found, by dimension and what they stand for.
    pub(super) words: RefCell<HashMap<(usize, Glob), Glob>>,
}

/// Condition keys that hold several values, as AWS documents them (IAM User Guide, "AWS global condition context
/// keys"); all others hold one unless a policy asks with `ForAnyValue` or `ForAllValues`.
const SEVERAL: &[&str] = &[
    "aws:calledvia",
    "aws:principalorgpaths",
    "aws:principalservicenameslist",
    "aws:resourceorgpaths",
    "aws:sourceorgpaths",
    "aws:tagkeys",
];

/// Reads both sides. The second value names what is wrong in the policies; where anything is, the question is not the
/// one that AWS would answer.
pub(super) fn read(
    before: Option<&Held>,
    after: Option<&Held>,
    kinds: &Kinds,
) -> Result<(Problem, Vec<String>), TooMany> {
    let mut findings = Vec::new();
    let before = Written::read(before, &mut findings);
    let after = Written::read(after, &mut findings);
    let mut builder = Builder::new(kinds);
    builder.survey(&before);
    builder.survey(&after);
    let everything = builder.rule(BTreeMap::new())?;
    let before = builder.side(&before)?;
    let after = builder.side(&after)?;
    let mut problem = Problem {
        dimensions: builder.dimensions,
        unknowns: builder.unknowns,
        before,
        after,
        everything,
        spelling: builder.spelling,
        keys: builder.keys,
        words: RefCell::default(),
    };
    for (number, rule) in builder.rules.into_iter().enumerate() {
        for (place, test) in rule {
            if let Some(dimension) = problem.dimensions.get_mut(place) {
                dimension.touched.insert(number);
                dimension.tests.push((number, test));
            }
        }
    }
    findings.sort();
    findings.dedup();
    Ok((problem, findings))
}

impl Problem {
    /// The policy variables that any rule asks for.
    pub(super) fn variables(&self) -> BTreeSet<usize> {
        self.variables_of(&Bits::ALL)
    }

    /// The policy variables that these rules ask for: who lacks one of them meets none of the rules that name it.
    pub(super) fn variables_of(&self, rules: &Bits) -> BTreeSet<usize> {
        self.dimensions
            .iter()
            .flat_map(|dimension| &dimension.tests)
            .filter(|(rule, _)| rules.contains(*rule))
            .flat_map(|(_, test)| test.variables())
            .collect()
    }
}

/// One side's policies, read.
struct Written<'h> {
    policies: Vec<Read<'h>>,
    boundary: Option<Vec<Read<'h>>>,
    everything: bool,
}

enum Read<'h> {
    Statements(Vec<Statement>),
    Unread(&'h Value),
}

impl<'h> Written<'h> {
    fn read(held: Option<&'h Held>, findings: &mut Vec<String>) -> Written<'h> {
        let mut one = |policy: &'h Policy, kind| match policy {
            Policy::Written(document) => {
                let parsed = parse(document, kind);
                findings.extend(parsed.findings);
                Read::Statements(parsed.statements)
            }
            Policy::Named { name, .. } => Read::Unread(name),
        };
        let mut all = |policies: &'h [Arc<Policy>], kind| {
            policies.iter().map(|policy| one(policy, kind)).collect()
        };
        match held {
            None => Written {
                policies: Vec::new(),
                boundary: None,
                everything: false,
            },
            Some(Held::Identity { policies, boundary }) => Written {
                policies: all(policies, DocumentKind::Identity),
                boundary: match boundary {
                    Boundary::None => None,
                    Boundary::Is(cutting) => Some(all(cutting, DocumentKind::Identity)),
                },
                everything: false,
            },
            Some(Held::Trust { policies }) => Written {
                policies: all(policies, DocumentKind::Trust),
                boundary: None,
                everything: false,
            },
            Some(Held::Resource {
                policies,
                unwritten,
            }) => Written {
                policies: all(policies, DocumentKind::Resource),
                boundary: None,
                everything: policies.is_empty() && *unwritten == Unwritten::Everything,
            },
        }
    }

    fn statements(&self) -> impl Iterator<Item = &Statement> {
        self.policies
            .iter()
            .chain(self.boundary.iter().flatten())
            .flat_map(|read| match read {
                Read::Statements(statements) => statements.as_slice(),
                Read::Unread(_) => &[],
            })
    }
}

/// Which kinds of values a key is compared as.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
enum Family {
    Text,
    Flag,
    Number,
    Moment,
    Address,
}

struct Builder {
    dimensions: Vec<Dimension>,
    places: BTreeMap<Kind, usize>,
    rules: Vec<BTreeMap<usize, Test>>,
    unknowns: Unknowns,
    families: BTreeMap<String, BTreeSet<Family>>,
    several: BTreeSet<String>,
    spelling: BTreeMap<String, String>,
    keys: BTreeMap<String, String>,
}

impl Builder {
    fn new(kinds: &Kinds) -> Builder {
        Builder {
            dimensions: Vec::new(),
            places: BTreeMap::new(),
            rules: Vec::new(),
            unknowns: Unknowns::new(kinds),
            families: BTreeMap::new(),
            several: SEVERAL.iter().map(|key| (*key).to_owned()).collect(),
            spelling: BTreeMap::new(),
            keys: BTreeMap::new(),
        }
    }

    /// Finds out how each key is used before any test on it is made.
    fn survey(&mut self, written: &Written<'_>) {
        for condition in written
            .statements()
            .flat_map(|statement| &statement.conditions)
        {
            let families = self.families.entry(condition.key.clone()).or_default();
            families.extend(family(condition.operator));
            self.keys
                .entry(condition.key.clone())
                .or_insert_with(|| condition.written.clone());
            if condition.quantifier.is_some() {
                self.several.insert(condition.key.clone());
            }
        }
    }

    fn side(&mut self, written: &Written<'_>) -> Result<Side, TooMany> {
        let mut policies = Cut::default();
        for read in &written.policies {
            self.add(read, &mut policies)?;
        }
        if written.everything {
            policies.allow.insert(self.rule(BTreeMap::new())?);
        }
        let boundary = match &written.boundary {
            None => None,
            Some(cutting) => {
                let mut cut = Cut::default();
                for read in cutting {
                    self.add(read, &mut cut)?;
                }
                Some(cut)
            }
        };
        Ok(Side {
            allow: policies.allow,
            deny: policies.deny,
            boundary,
        })
    }

    fn add(&mut self, read: &Read<'_>, cut: &mut Cut) -> Result<(), TooMany> {
        match read {
            Read::Statements(statements) => {
                for statement in statements {
                    let tests = self.tests(statement);
                    let rule = self.rule(tests)?;
                    match statement.effect {
                        Effect::Allow => cut.allow.insert(rule),
                        Effect::Deny => cut.deny.insert(rule),
                    }
                }
            }
            Read::Unread(name) => {
                let place = self.dimension(Kind::Unread(words(name)));
                for (bits, nth) in [(&mut cut.allow, 0), (&mut cut.deny, 1)] {
                    let test = Test::Names {
                        not: false,
                        any: vec![nth],
                        variables: Vec::new(),
                    };
                    bits.insert(self.rule(BTreeMap::from([(place, test)]))?);
                }
            }
        }
        Ok(())
    }

    /// The number of a rule; the same tests have the same number.
    fn rule(&mut self, tests: BTreeMap<usize, Test>) -> Result<usize, TooMany> {
        if let Some(number) = self.rules.iter().position(|known| *known == tests) {
            return Ok(number);
        }
        if self.rules.len() == Bits::MOST {
            return Err(TooMany);
        }
        self.rules.push(tests);
        Ok(self.rules.len() - 1)
    }

    fn dimension(&mut self, kind: Kind) -> usize {
        if let Some(place) = self.places.get(&kind) {
            return *place;
        }
        let mut several = false;
        let mut flag = false;
        if let Kind::Key(key) = &kind {
            several = self.several.contains(key);
            flag = self
                .families
                .get(key)
                .is_some_and(|families| families.iter().eq([&Family::Flag]));
        }
        let place = self.dimensions.len();
        self.places.insert(kind.clone(), place);
        self.dimensions.push(Dimension {
            kind,
            atoms: Vec::new(),
            tests: Vec::new(),
            touched: Bits::default(),
            several,
            flag,
        });
        place
    }

    fn atom(&mut self, place: usize, atom: Atom) -> usize {
        let Some(dimension) = self.dimensions.get_mut(place) else {
            return 0;
        };
        match dimension.atoms.iter().position(|known| *known == atom) {
            Some(number) => number,
            None => {
                dimension.atoms.push(atom);
                dimension.atoms.len() - 1
            }
        }
    }

    fn tests(&mut self, statement: &Statement) -> BTreeMap<usize, Test> {
        let mut tests = BTreeMap::new();
        let place = self.dimension(Kind::Action);
        for action in &statement.actions.values {
            let written = Glob::new(action, Wildcards::None, false, &mut self.unknowns)
                .written(&self.unknowns);
            self.spelling
                .entry(written.to_lowercase())
                .or_insert(written);
        }
        let test = self.names(place, &statement.actions, true);
        tests.insert(place, test);
        if let Some(resources) = &statement.resources {
            let place = self.dimension(Kind::Resource);
            let test = self.names(place, resources, false);
            tests.insert(place, test);
        }
        if let Some(principals) = &statement.principals {
            let place = self.dimension(Kind::Principal);
            let mut any: Vec<usize> = principals
                .values
                .iter()
                .map(|principal| {
                    let entry = Entry::new(principal, &mut self.unknowns);
                    self.atom(place, Atom::Principal(entry))
                })
                .collect();
            any.sort_unstable();
            any.dedup();
            tests.insert(
                place,
                Test::Names {
                    not: principals.not,
                    any,
                    variables: Vec::new(),
                },
            );
        }
        for condition in &statement.conditions {
            let place = self.dimension(Kind::Key(condition.key.clone()));
            let test = self.key_test(place, condition);
            let entry = tests.entry(place).or_insert_with(|| Test::Key(Vec::new()));
            if let Test::Key(all) = entry {
                all.push(test);
                all.sort();
                all.dedup();
            }
        }
        tests
    }

    fn names(&mut self, place: usize, names: &Names<Text>, action: bool) -> Test {
        let mut any = Vec::new();
        let mut variables = Vec::new();
        for name in &names.values {
            let mut glob = Glob::new(name, Wildcards::Any, action, &mut self.unknowns);
            if action {
                glob = glob.lower();
            }
            variables.extend(
                glob.unknowns()
                    .filter(|number| self.unknowns.as_variable(*number).is_some()),
            );
            any.push(self.atom(place, Atom::Text(glob)));
        }
        Test::Names {
            not: names.not,
            any: sorted(any),
            variables: sorted(variables),
        }
    }

    fn key_test(&mut self, place: usize, condition: &Condition) -> KeyTest {
        if condition.operator == Operator::Null {
            let absent = condition
                .values
                .iter()
                .any(|value| literal(value).as_deref() == Some("true"));
            let present = condition
                .values
                .iter()
                .any(|value| literal(value).as_deref() == Some("false"));
            return match (absent, present) {
                // Either will do, as no request is without an answer.
                (true, true) => KeyTest::Values {
                    quantifier: None,
                    negated: true,
                    if_exists: true,
                    any: Vec::new(),
                    variables: Vec::new(),
                },
                _ => KeyTest::Absent(absent),
            };
        }
        let mut any = Vec::new();
        let mut variables = Vec::new();
        for value in &condition.values {
            let atom = self.value_atom(condition, value);
            if let Atom::Text(glob) = &atom {
                variables.extend(
                    glob.unknowns()
                        .filter(|number| self.unknowns.as_variable(*number).is_some()),
                );
            }
            any.push(self.atom(place, atom));
        }
        KeyTest::Values {
            quantifier: condition.quantifier,
            negated: negated(condition.operator),
            if_exists: condition.if_exists,
            any: sorted(any),
            variables: sorted(variables),
        }
    }

    fn value_atom(&mut self, condition: &Condition, value: &Text) -> Atom {
        let opaque = || Atom::Opaque(format!("{:?} {value:?}", condition.operator));
        let families = self.families.get(&condition.key);
        let mixed = families.is_some_and(|families| {
            families.len() > 1
                && !families
                    .iter()
                    .all(|family| matches!(family, Family::Text | Family::Flag))
        });
        let family = family(condition.operator);
        if mixed && !matches!(family, Some(Family::Text | Family::Flag)) {
            return opaque();
        }
        let known = literal(value);
        let order = order(condition.operator);
        match family {
            Some(Family::Number) => known
                .and_then(|text| number(&text))
                .map(|number| Atom::Number(order, number)),
            Some(Family::Moment) => known
                .and_then(|text| moment(&text))
                .map(|moment| Atom::Moment(order, moment)),
            Some(Family::Address) => known.and_then(|text| addresses(&text)).map(Atom::Address),
            Some(Family::Text | Family::Flag) | None => self.text_atom(condition.operator, value),
        }
        .unwrap_or_else(opaque)
    }

    fn text_atom(&mut self, operator: Operator, value: &Text) -> Option<Atom> {
        let (wildcards, fold) = match operator {
            Operator::StringLike | Operator::StringNotLike => (Wildcards::Any, false),
            Operator::StringEqualsIgnoreCase
            | Operator::StringNotEqualsIgnoreCase
            | Operator::Bool => (Wildcards::None, true),
            Operator::ArnEquals
            | Operator::ArnNotEquals
            | Operator::ArnLike
            | Operator::ArnNotLike => (Wildcards::Arn, false),
            _ => (Wildcards::None, false),
        };
        let glob = Glob::new(value, wildcards, fold, &mut self.unknowns);
        // How AWS takes a pattern that is no ARN is not documented.
        let is_arn = wildcards != Wildcards::Arn || glob.has_unknowns() || glob.has_parts_of_arn();
        is_arn.then(|| Atom::Text(if fold { glob.lower() } else { glob }))
    }
}

fn sorted(mut numbers: Vec<usize>) -> Vec<usize> {
    numbers.sort_unstable();
    numbers.dedup();
    numbers
}

fn literal(text: &Text) -> Option<String> {
    Glob::new(text, Wildcards::None, false, &mut Unknowns::default()).literal()
}

fn words(name: &Value) -> String {
    match name {
        Value::Symbol(symbol) => symbol.to_string(),
        other => other.scalar_text().unwrap_or_default().to_owned(),
    }
}

fn family(operator: Operator) -> Option<Family> {
    use Operator as O;
    Some(match operator {
        O::Null => return None,
        O::Bool => Family::Flag,
        O::NumericEquals
        | O::NumericNotEquals
        | O::NumericLessThan
        | O::NumericLessThanEquals
        | O::NumericGreaterThan
        | O::NumericGreaterThanEquals => Family::Number,
        O::DateEquals
        | O::DateNotEquals
        | O::DateLessThan
        | O::DateLessThanEquals
        | O::DateGreaterThan
        | O::DateGreaterThanEquals => Family::Moment,
        O::IpAddress | O::NotIpAddress => Family::Address,
        O::StringEquals
        | O::StringNotEquals
        | O::StringEqualsIgnoreCase
        | O::StringNotEqualsIgnoreCase
        | O::StringLike
        | O::StringNotLike
        | O::BinaryEquals
        | O::ArnEquals
        | O::ArnNotEquals
        | O::ArnLike
        | O::ArnNotLike => Family::Text,
    })
}

fn negated(operator: Operator) -> bool {
    matches!(
        operator,
        Operator::StringNotEquals
            | Operator::StringNotEqualsIgnoreCase
            | Operator::StringNotLike
            | Operator::NumericNotEquals
            | Operator::DateNotEquals
            | Operator::NotIpAddress
            | Operator::ArnNotEquals
            | Operator::ArnNotLike
    )
}

fn order(operator: Operator) -> Order {
    match operator {
        Operator::NumericLessThan | Operator::DateLessThan => Order::Less,
        Operator::NumericLessThanEquals | Operator::DateLessThanEquals => Order::LessOrEqual,
        Operator::NumericGreaterThan | Operator::DateGreaterThan => Order::Greater,
        Operator::NumericGreaterThanEquals | Operator::DateGreaterThanEquals => {
            Order::GreaterOrEqual
        }
        _ => Order::Equal,
    }
}
