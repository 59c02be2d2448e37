//! What one or several templates say about reachability, as written.
use super::{exposure, member};
use crate::template::{Decision, Entries, Logic, Resolved, Resource};
use std::collections::BTreeMap;

/// Everything about reachability in one or several templates.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Network {
    /// By what stands before the names of a stack's resources.
    pub(super) stacks: BTreeMap<String, Stack>,
}

/// What one template says about reachability.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(super) struct Stack {
    pub resources: BTreeMap<String, Declared>,
    /// Conditions that only the deployment decides.
    pub conditions: BTreeMap<String, Logic>,
}

/// A resource with those of its properties that count.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Declared {
    pub kind: String,
    /// The condition that the deployment decides.
    pub condition: Option<String>,
    pub properties: Entries,
}

/// Properties that say nothing about reachability.
const SILENT: [&str; 2] = ["Description", "Tags"];

/// Services whose resources say who may reach what.
const NETWORK_KINDS: [&str; 2] = ["AWS::EC2::", "AWS::NetworkFirewall::"];

impl Network {
    /// Reads the network of one template.
    pub fn read(resolved: &Resolved) -> Network {
        let conditions = resolved
            .conditions
            .iter()
            .filter_map(|(name, decision)| match decision {
                Decision::Undecided(logic) => Some((name.clone(), logic.clone())),
                Decision::True | Decision::False => None,
            })
            .collect();
        let resources = resolved
            .resources
            .iter()
            .filter_map(|(id, resource)| Some((id.clone(), declared(resource)?)))
            .collect();
        Network {
            stacks: BTreeMap::from([(
                String::new(),
                Stack {
                    resources,
                    conditions,
                },
            )]),
        }
    }

    /// Takes in the network of another stack. `prefix` goes before the names of what that stack holds; each
    /// stack needs its own, or resources of the same name replace each other.
    pub fn merge(&mut self, prefix: &str, other: Network) {
        for (inner, stack) in other.stacks {
            let known = self.stacks.entry(format!("{prefix}{inner}")).or_default();
            known.resources.extend(stack.resources);
            known.conditions.extend(stack.conditions);
        }
    }
}

fn declared(resource: &Resource) -> Option<Declared> {
    let whole = NETWORK_KINDS
        .iter()
        .any(|kind| resource.kind.starts_with(kind));
    let properties: Entries = resource
        .properties
        .iter()
        .filter(|(key, value)| {
            (whole && !SILENT.contains(&key.as_str()))
                || member::concerns(&resource.kind, key, value)
                || exposure::concerns(&resource.kind, key, value)
        })
        .map(|(key, value)| (key.clone(), value.clone()))
        .collect();
    (whole || !properties.is_empty() || exposure::has_default(&resource.kind)).then(|| Declared {
        kind: resource.kind.clone(),
        condition: resource.condition.clone(),
        properties,
    })
}
