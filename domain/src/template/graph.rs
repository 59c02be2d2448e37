//! Ordering names by what they depend on, and finding the circle when there is one.

use std::collections::{BTreeMap, HashSet};

/// Names and what each depends on. Dependencies that are no key are ignored.
pub(super) type Graph<'n> = BTreeMap<&'n str, Vec<&'n str>>;

/// Every name after those it depends on; or one circle, first name repeated at its end.
/// Without recursion: a chain may be as long as the template.
pub(super) fn order<'n>(graph: &Graph<'n>) -> Result<Vec<&'n str>, Vec<&'n str>> {
    let mut done: HashSet<&str> = HashSet::with_capacity(graph.len());
    let mut ordered = Vec::with_capacity(graph.len());
    for (start, first) in graph {
        if done.contains(start) {
            continue;
        }
        let mut on_path: HashSet<&str> = HashSet::from([*start]);
        let mut path = vec![(*start, first.iter())];
        while let Some((name, rest)) = path.last_mut() {
            let name = *name;
            match rest.next().map(|next| (*next, graph.get(next))) {
                Some((next, _)) if done.contains(next) => {}
                None => {
                    path.pop();
                    on_path.remove(name);
                    done.insert(name);
                    ordered.push(name);
                }
                Some((_, None)) => {}
                Some((next, _)) if !on_path.insert(next) => {
                    let mut circle: Vec<&str> = path
                        .iter()
                        .map(|(name, _)| *name)
                        .skip_while(|name| *name != next)
                        .collect();
                    circle.push(next);
                    return Err(circle);
                }
                Some((next, Some(neighbours))) => path.push((next, neighbours.iter())),
            }
        }
    }
    Ok(ordered)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn graph(edges: &[(&'static str, &[&'static str])]) -> Graph<'static> {
        edges
            .iter()
            .map(|(name, on)| (*name, on.to_vec()))
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
        let names: Vec<String> = (0..100_001).map(|i| format!("{i:06}")).collect();
        let chain: Graph<'_> = names
            .windows(2)
            .map(|pair| (pair[0].as_str(), vec![pair[1].as_str()]))
            .collect();
        assert_eq!(order(&chain).map(|names| names.len()), Ok(100_000));
    }
}
