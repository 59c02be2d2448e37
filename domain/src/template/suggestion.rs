//! "Did you mean": the nearest name to one that was mistyped.

/// A sentence that names the nearest of `names`, or nothing when none is near. Starts with a space.
pub(crate) fn did_you_mean<'a>(wrong: &str, names: impl Iterator<Item = &'a str>) -> String {
    // A name this long is not a typing slip, and measuring it against every other would be slow.
    if wrong.chars().count() > 64 {
        return String::new();
    }
    let furthest = (wrong.chars().count() + 1) / 3;
    names
        .filter(|name| name.len() <= 256)
        .map(|name| (distance(&wrong.to_lowercase(), &name.to_lowercase()), name))
        .filter(|(far, _)| *far <= furthest)
        .min()
        .map(|(_, name)| format!(" Did you mean `{name}`?"))
        .unwrap_or_default()
}

/// Levenshtein's distance, in characters.
fn distance(a: &str, b: &str) -> usize {
    let b: Vec<char> = b.chars().collect();
    let mut row: Vec<usize> = (0..=b.len()).collect();
    for (i, from) in a.chars().enumerate() {
        let mut diagonal = i;
        let mut left = i + 1;
        for (cell, to) in row.iter_mut().skip(1).zip(&b) {
            let best = (diagonal + usize::from(from != *to))
                .min(left + 1)
                .min(*cell + 1);
            diagonal = *cell;
            *cell = best;
            left = best;
        }
        if let Some(first) = row.first_mut() {
            *first = i + 1;
        }
    }
    row.last().copied().unwrap_or(0)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn distance_counts_edits() {
        assert_eq!(distance("kitten", "sitting"), 3);
        assert_eq!(distance("", "abc"), 3);
        assert_eq!(distance("same", "same"), 0);
    }

    #[test]
    fn only_near_names_are_offered() {
        assert_eq!(
            did_you_mean("Rol", ["Role", "Table"].into_iter()),
            " Did you mean `Role`?"
        );
        assert_eq!(did_you_mean("Queue", ["Role", "Table"].into_iter()), "");
    }
}
