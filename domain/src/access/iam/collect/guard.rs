//! The conditions that only the deployment decides, under which something is there.
use crate::template::{Symbol, Value};
use std::collections::BTreeMap;
use std::fmt;

/// Conditions by name with the outcome that each must have. Empty: always there.
#[derive(Clone, Debug, Default, PartialEq, Eq, PartialOrd, Ord)]
pub(in crate::access::iam) struct Guard(BTreeMap<String, bool>);

impl Guard {
    /// Under one condition, or always.
    pub(super) fn of(condition: Option<&str>) -> Guard {
        Guard(
            condition
                .map(|name| (name.to_owned(), true))
                .into_iter()
                .collect(),
        )
    }

    /// With one condition more; `None` when that can never be.
    fn with(&self, name: &str, outcome: bool) -> Option<Guard> {
        self.both(&Guard(BTreeMap::from([(name.to_owned(), outcome)])))
    }

    /// Under both; `None` when they exclude each other.
    pub(super) fn both(&self, other: &Guard) -> Option<Guard> {
        let mut all = self.0.clone();
        for (name, outcome) in &other.0 {
            if *all.entry(name.clone()).or_insert(*outcome) != *outcome {
                return None;
            }
        }
        Some(Guard(all))
    }

    pub(in crate::access::iam) fn is_always(&self) -> bool {
        self.0.is_empty()
    }

    pub(in crate::access::iam) fn conditions(&self) -> impl Iterator<Item = &str> {
        self.0.keys().map(String::as_str)
    }

    /// Whether it holds, given what each condition came to.
    pub(in crate::access::iam) fn holds(&self, truth: &dyn Fn(&str) -> bool) -> bool {
        self.0.iter().all(|(name, outcome)| truth(name) == *outcome)
    }
}

impl fmt::Display for Guard {
    /// `Wide and not Private`.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        for (i, (name, outcome)) in self.0.iter().enumerate() {
            let joint = if i > 0 { " and " } else { "" };
            let not = if *outcome { "" } else { "not " };
            write!(f, "{joint}{not}{name}")?;
        }
        Ok(())
    }
}

/// A value that may stand at a place, with the conditions under which it does.
pub(in crate::access::iam) struct Choice<'v> {
    pub value: &'v Value,
    pub guard: Guard,
    pub path: String,
}

/// What a value may be: the branches of `Fn::If`, also of one within the other.
pub(in crate::access::iam) fn choices<'v>(
    value: &'v Value,
    guard: &Guard,
    path: &str,
) -> Vec<Choice<'v>> {
    let mut found = Vec::new();
    gather(value, guard, path, false, &mut found);
    found
}

/// The items that a list may have; a single value is a list of one, as in IAM's own language.
pub(in crate::access::iam) fn items<'v>(
    value: Option<&'v Value>,
    guard: &Guard,
    path: &str,
) -> Vec<Choice<'v>> {
    let mut found = Vec::new();
    if let Some(value) = value {
        gather(value, guard, path, true, &mut found);
    }
    found
}

// As deep as the template's nesting, which parsing bounds.
fn gather<'v>(
    value: &'v Value,
    guard: &Guard,
    path: &str,
    lists: bool,
    found: &mut Vec<Choice<'v>>,
) {
    match value {
        Value::List(items) if lists => {
            for (i, item) in items.iter().enumerate() {
                gather(item, guard, &format!("{path}[{i}]"), true, found);
            }
            return;
        }
        Value::Symbol(symbol) => {
            if let Symbol::If {
                condition,
                then,
                otherwise,
            } = symbol.as_ref()
            {
                for (branch, outcome, step) in [(then, true, 1), (otherwise, false, 2)] {
                    if let (Some(branch), Some(guard)) = (branch, guard.with(condition, outcome)) {
                        let path = format!("{path}.Fn::If[{step}]");
                        gather(branch, &guard, &path, lists, found);
                    }
                }
                return;
            }
        }
        _ => {}
    }
    found.push(Choice {
        value,
        guard: guard.clone(),
        path: path.to_owned(),
    });
}
