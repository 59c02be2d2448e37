//! Conditions: which are true for the given parameters, and which only the deployment decides.
//! Source: AWS CloudFormation Template Reference, "Condition functions".

use super::evaluate::{Evaluator, Place, Reported};
use super::graph::{self, Graph};
use super::node::{Entry, Node};
use super::value::Value;

/// What a condition came to.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Decision {
    True,
    False,
    /// It depends on what only the deployment knows.
    Undecided(Logic),
}

/// What an undecided condition depends on; decided parts are gone from it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Logic {
    Equals(Value, Value),
    /// Another undecided condition, by name.
    Condition(String),
    And(Vec<Logic>),
    Or(Vec<Logic>),
    Not(Box<Logic>),
}

impl From<bool> for Decision {
    fn from(flag: bool) -> Self {
        if flag { Self::True } else { Self::False }
    }
}

/// How many operands `Fn::And` and `Fn::Or` take.
const OPERANDS: std::ops::RangeInclusive<usize> = 2..=10;

const FORM: &str = "a condition is one of Fn::Equals, Fn::And, Fn::Or, Fn::Not and Condition";

/// Decides every condition into `evaluator.conditions`. Problems are reported there.
pub(super) fn decide_all(evaluator: &mut Evaluator<'_>, conditions: &[Entry]) {
    evaluator.place = Place::Conditions;
    let graph: Graph<'_> = conditions
        .iter()
        .map(|entry| {
            let mut names = Vec::new();
            named_conditions(&entry.value, &mut names);
            let names = names.into_iter().filter_map(Node::as_str);
            (entry.key.as_str(), names.collect())
        })
        .collect();
    let order = match graph::order(&graph) {
        Ok(order) => order,
        Err(circle) => {
            let entry = conditions
                .iter()
                .find(|entry| circle.first() == Some(&entry.key.as_str()));
            if let Some(entry) = entry {
                let message = format!(
                    "these conditions depend on each other: {}. Break the circle.",
                    circle.join(" → ")
                );
                evaluator.within("Conditions", |e| {
                    e.within(&entry.key, |e| e.report(entry.at, message))
                });
            }
            return;
        }
    };
    let by_name: std::collections::BTreeMap<&str, &Entry> =
        conditions.iter().map(|e| (e.key.as_str(), e)).collect();
    for name in order {
        let Some(entry) = by_name.get(name) else {
            continue;
        };
        let decision = evaluator.within("Conditions", |e| {
            e.within(name, |e| decide(e, &entry.value))
        });
        // One that can't be worked out is false from here on; its own problem is reported.
        evaluator
            .conditions
            .insert(name.to_owned(), decision.unwrap_or(Decision::False));
    }
}

/// The names under `Condition` in a condition's expression.
pub(super) fn named_conditions<'n>(node: &'n Node, names: &mut Vec<&'n Node>) {
    let Some(entry) = node.only_entry() else {
        return;
    };
    match entry.key.as_str() {
        "Condition" => names.push(&entry.value),
        "Fn::And" | "Fn::Or" | "Fn::Not" => {
            entry
                .value
                .as_list()
                .unwrap_or_default()
                .iter()
                .for_each(|operand| named_conditions(operand, names));
        }
        _ => {}
    }
}

fn decide(e: &mut Evaluator<'_>, node: &Node) -> Result<Decision, Reported> {
    let Some(entry) = node.only_entry() else {
        return Err(e.report(node.at, format!("this is {}; {FORM}.", node.described())));
    };
    match entry.key.as_str() {
        "Condition" => named(e, &entry.value),
        "Fn::Equals" => equals(e, &entry.value),
        "Fn::Not" => {
            let [operand] = e.arguments(&entry.value, "Fn::Not: [condition]", &[1])? else {
                return Err(Reported);
            };
            Ok(match decide(e, operand)? {
                Decision::True => Decision::False,
                Decision::False => Decision::True,
                Decision::Undecided(logic) => Decision::Undecided(Logic::Not(Box::new(logic))),
            })
        }
        "Fn::And" => many(e, &entry.value, Decision::False, Logic::And),
        "Fn::Or" => many(e, &entry.value, Decision::True, Logic::Or),
        other => Err(e.report(entry.at, format!("`{other}` is no condition; {FORM}."))),
    }
}

fn named(e: &mut Evaluator<'_>, node: &Node) -> Result<Decision, Reported> {
    let Some(name) = node.as_str() else {
        return Err(e.report(
            node.at,
            format!(
                "the condition's name is {}; it must be a text.",
                node.described()
            ),
        ));
    };
    match e.conditions.get(name) {
        Some(Decision::Undecided(_)) => Ok(Decision::Undecided(Logic::Condition(name.to_owned()))),
        Some(decided) => Ok(decided.clone()),
        None => Err(e.report(node.at, format!("there is no condition `{name}`."))),
    }
}

fn equals(e: &mut Evaluator<'_>, node: &Node) -> Result<Decision, Reported> {
    let [left, right] = e.arguments(node, "Fn::Equals: [value, value]", &[2])? else {
        return Err(Reported);
    };
    let left = e.present(left, "the first value of Fn::Equals");
    let right = e.present(right, "the second value of Fn::Equals");
    let (left, right) = (left?, right?);
    Ok(match left.same(&right) {
        Some(same) => same.into(),
        None => Decision::Undecided(Logic::Equals(left, right)),
    })
}

/// `Fn::And` and `Fn::Or`: one operand that is `deciding` decides.
fn many(
    e: &mut Evaluator<'_>,
    node: &Node,
    deciding: Decision,
    join: fn(Vec<Logic>) -> Logic,
) -> Result<Decision, Reported> {
    let counts: Vec<usize> = OPERANDS.collect();
    let form = format!(
        "a list of {} to {} conditions",
        OPERANDS.start(),
        OPERANDS.end()
    );
    let operands = e.arguments(node, &form, &counts)?;
    let decisions: Vec<_> = operands.iter().map(|operand| decide(e, operand)).collect();
    let decisions = decisions.into_iter().collect::<Result<Vec<_>, _>>()?;
    if decisions.contains(&deciding) {
        return Ok(deciding);
    }
    let mut open: Vec<Logic> = decisions
        .into_iter()
        .filter_map(|decision| match decision {
            Decision::Undecided(logic) => Some(logic),
            Decision::True | Decision::False => None,
        })
        .collect();
    Ok(match open.len() {
        0 => (deciding == Decision::False).into(),
        1 => Decision::Undecided(open.remove(0)),
        _ => Decision::Undecided(join(open)),
    })
}
