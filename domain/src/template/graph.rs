//! Ordering names by what they depend on, and finding the circle when there is one.

use std::collections::{BTreeMap, BTreeSet};

/// Names and what each depends on. Dependencies that are no key are ignored.
pub(super) type Graph = BTreeMap<String, BTreeSet<String>>;

/// Every name after those it depends on; or one circle, first name repeated at its end.
/// Without recursion: a chain may be as long as the template.
pub(super) fn order(graph: &Graph) -> Result<Vec<&str>, Vec<&str>> {
    let mut done: BTreeSet<&str> = BTreeSet::new();
    let mut ordered = Vec::with_capacity(graph.len());
    for start in graph.keys() {
        if done.contains(start.as_str()) {
            continue;
        }
        let mut on_path: BTreeSet<&str> = BTreeSet::from([start.as_str()]);
        let mut path = vec![(start.as_str(), neighbours(graph, start))];
        while let Some((name, rest)) = path.last_mut() {
            let name = *name;
            match rest.next() {
                None => {
                    path.pop();
                    on_path.remove(name);
                    done.insert(name);
                    ordered.push(name);
                }
                Some(next) if done.contains(next.as_str()) || !graph.contains_key(next) => {}
                Some(next) if !on_path.insert(next) => {
                    let mut circle: Vec<&str> = path
                        .iter()
                        .map(|(name, _)| *name)
                        .skip_while(|name| name != next)
                        .collect();
                    circle.push(next);
                    return Err(circle);
                }
                Some(next) => path.push((next, neighbours(graph, next))),
            }
        }
    }
    Ok(ordered)
}

fn neighbours<'g>(
    graph: &'g Graph,
    name: &str,
) -> std::iter::Flatten<std::option::IntoIter<&'g BTreeSet<String>>> {
    graph.get(name).into_iter().flatten()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn graph(edges: &[(&str, &[&str])]) -> Graph {
        edges
            .iter()
            .map(|(name, on)| {
                (
                    (*name).to_owned(),
                    on.iter().map(|n| (*n).to_owned()).collect(),
                )
            })
            .collect()
    }

    #[test]
    fn dependencies_come_first() {
        assert_eq!(
            order(&graph(&[
                ("a", &["b", "c"]),
                ("b", &["c"]),
                ("c", &["gone"])
            ])),
            Ok(vec!["c", "b", "a"])
        );
    }

    #[test]
    fn a_circle_is_named_without_what_leads_to_it() {
        assert_eq!(
            order(&graph(&[("a", &["b"]), ("b", &["c"]), ("c", &["b"])])),
            Err(vec!["b", "c", "b"])
        );
        assert_eq!(order(&graph(&[("a", &["a"])])), Err(vec!["a", "a"]));
    }

    #[test]
    fn a_long_chain_is_no_deep_stack() {
        let chain: Graph = (0..100_000)
            .map(|i| (format!("{i:06}"), BTreeSet::from([format!("{:06}", i + 1)])))
            .collect();
        assert_eq!(order(&chain).map(|names| names.len()), Ok(100_000));
    }
}
