//! `Fn::If`.

use super::Outcome;
use crate::template::conditions::Decision;
use crate::template::evaluate::{Evaluator, Place};
use crate::template::node::Node;
use crate::template::symbol::Symbol;

/// The branch that the condition chooses; both, when the deployment decides.
pub(super) fn choose(e: &mut Evaluator<'_>, argument: &Node) -> Outcome {
    if matches!(e.place, Place::Conditions | Place::Loop) {
        return Err(e.report(
            argument.at,
            "Fn::If can't stand here. Use Fn::And, Fn::Or and Fn::Not in Conditions.",
        ));
    }
    let form = "Fn::If: [condition, value if true, value if false]";
    let [name, then, otherwise] = e.arguments(argument, form, &[3])? else {
        return Err(e.report(argument.at, format!("Write {form}.")));
    };
    let Some(condition) = name.as_str() else {
        let message = format!(
            "the condition of Fn::If is {}; it must be the name of one in Conditions.",
            name.described()
        );
        return Err(e.report(name.at, message));
    };
    match e.conditions.get(condition) {
        Some(Decision::True) => e.value(then),
        Some(Decision::False) => e.value(otherwise),
        Some(Decision::Undecided(_)) => {
            let then = e.value(then);
            let otherwise = e.value(otherwise);
            let (then, otherwise) = (then?, otherwise?);
            if then == otherwise {
                return Ok(then);
            }
            Ok(Some(
                Symbol::If {
                    condition: condition.to_owned(),
                    then,
                    otherwise,
                }
                .into(),
            ))
        }
        None => Err(e.report(name.at, format!("there is no condition `{condition}`."))),
    }
}
