//! Resources that wait for each other in a circle can't be made.

use std::collections::BTreeMap;

use super::evaluate::Evaluator;
use super::graph::{self, Graph};
use super::node::Entry;
use super::resource::Resource;

/// Reports a circle of resources that refer to or depend on each other.
pub(super) fn check(
    e: &mut Evaluator<'_>,
    resources: &BTreeMap<String, Resource>,
    declared: &[Entry],
) {
    let graph: Graph<'_> = resources
        .iter()
        .map(|(name, resource)| {
            let needed = resource.references.union(&resource.depends_on);
            (name.as_str(), needed.map(String::as_str).collect())
        })
        .collect();
    let Err(circle) = graph::order(&graph) else {
        return;
    };
    let first = declared
        .iter()
        .find(|entry| circle.first() == Some(&entry.key.as_str()));
    if let Some(entry) = first {
        let message = format!(
            "these resources need each other, so none can be made first: {}. Break the circle.",
            circle.join(" → ")
        );
        e.within("Resources", |e| {
            e.within(&entry.key, |e| e.report(entry.at, message))
        });
    }
}
