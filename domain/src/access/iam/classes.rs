//! Which sets of patterns can match one text together, with the shortest text for each set.
use super::bits::Bits;
use super::budget::{Budget, TooMany};
use super::glob::{Glob, Token, folded};
use std::collections::{BTreeSet, HashMap, HashSet};

/// A text that stands for all texts that the same patterns match.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Class {
    /// The patterns that match, by their place.
    pub(super) matching: Bits,
    pub(super) text: String,
}

/// Where matching can stand: for each pattern that can still match, the tokens that are passed.
type State = Vec<(usize, usize)>;

/// Every set of patterns that some text is matched by, and by no other of them: all texts fall into these classes.
/// The patterns hold nothing unknown.
pub(super) fn classes(patterns: &[Glob], budget: &Budget) -> Result<Vec<Class>, TooMany> {
    if patterns.len() > Bits::MOST {
        return Err(TooMany);
    }
    let other = unnamed_letter(patterns);
    let (of_all, rest): (Vec<usize>, Vec<usize>) = (0..patterns.len())
        .partition(|nth| patterns[*nth].tokens == [Token::Many { colons: true }]);
    let groups = groups(patterns, rest);
    let mut found = Vec::new();
    match groups.as_slice() {
        [] => found.push(Class {
            matching: Bits::default(),
            text: String::new(),
        }),
        [one] => found = walk(patterns, one, other, budget)?,
        // Each begins with a letter of its own, so nothing is matched by two of them, and no text at all by none.
        several => {
            found.push(Class {
                matching: Bits::default(),
                text: String::new(),
            });
            for group in several {
                let classes = match group.as_slice() {
                    [alone] => vec![shortest(patterns, *alone, other)],
                    _ => walk(patterns, group, other, budget)?,
                };
                found.extend(
                    classes
                        .into_iter()
                        .filter(|class| !class.matching.is_empty()),
                );
            }
        }
    }
    let of_all: Bits = of_all.into_iter().collect();
    for class in &mut found {
        class.matching |= of_all;
    }
    found.sort_by_key(|class| class.matching);
    Ok(found)
}

/// The patterns in groups: no text is matched by patterns of two groups, since their beginnings differ.
fn groups(patterns: &[Glob], places: Vec<usize>) -> Vec<Vec<usize>> {
    let mut beginnings: Vec<(String, usize)> = places
        .into_iter()
        .map(|nth| {
            let letters = patterns[nth].tokens.iter().map_while(|token| match token {
                Token::Letter(letter) => Some(folded(*letter)),
                _ => None,
            });
            (letters.collect(), nth)
        })
        .collect();
    // What begins with another comes after it and before all that does not.
    beginnings.sort_unstable();
    let mut groups: Vec<(String, Vec<usize>)> = Vec::new();
    for (beginning, nth) in beginnings {
        match groups.last_mut() {
            Some((root, group)) if beginning.starts_with(root.as_str()) => group.push(nth),
            _ => groups.push((beginning, vec![nth])),
        }
    }
    groups.into_iter().map(|(_, group)| group).collect()
}

/// The shortest text that a pattern matches.
fn shortest(patterns: &[Glob], nth: usize, other: char) -> Class {
    let letters = patterns[nth].tokens.iter().filter_map(|token| match token {
        Token::Letter(letter) => Some(*letter),
        Token::One { .. } => Some(other),
        Token::Many { .. } | Token::Unknown(_) => None,
    });
    Class {
        matching: Bits::one(nth),
        text: letters.collect(),
    }
}

/// The classes of some of the patterns. The texts are walked letter by letter; letters that no pattern names at a place
/// are alike there, so one of them stands for all.
fn walk(
    patterns: &[Glob],
    places: &[usize],
    other: char,
    budget: &Budget,
) -> Result<Vec<Class>, TooMany> {
    let start: State = settle(patterns, places.iter().map(|nth| (*nth, 0)).collect());
    let mut seen = HashSet::from([start.clone()]);
    let mut texts: Vec<(State, Option<usize>, char)> = vec![(start, None, other)];
    let mut found: HashMap<Bits, usize> = HashMap::new();
    let mut at = 0;
    while let Some((state, _, _)) = texts.get(at) {
        let state = state.clone();
        // A place to stand at costs several times what a comparison does: it is copied, sorted and looked up.
        budget.spend(8 * state.len() + 32)?;
        found.entry(accepted(patterns, &state)).or_insert(at);
        for letter in letters(patterns, &state, other) {
            budget.spend(6 * state.len() + 12)?;
            let next = step(patterns, &state, letter);
            if seen.insert(next.clone()) {
                texts.push((next, Some(at), letter));
            }
        }
        at += 1;
    }
    let text = |mut at: usize| {
        let mut letters = Vec::new();
        while let Some((_, Some(before), letter)) = texts.get(at) {
            letters.push(*letter);
            at = *before;
        }
        letters.iter().rev().collect()
    };
    let classes = found.into_iter().map(|(matching, at)| Class {
        matching,
        text: text(at),
    });
    Ok(classes.collect())
}

/// The same for patterns that are exact or end in their only wildcard, as most do; none where some are not, or where
/// case matters to some alone. `other` begins like none of them.
///
/// A text that no pattern names exactly is matched by the patterns that begin it, and these all begin the longest of them.
pub(super) fn classes_of_beginnings(patterns: &[Glob], other: &str) -> Option<Vec<Class>> {
    let fold = patterns.first().is_some_and(|pattern| pattern.fold);
    let parts: Vec<(String, bool)> = patterns
        .iter()
        .map(|pattern| {
            let (open, tokens) = match pattern.tokens.split_last() {
                Some((Token::Many { colons: true }, tokens)) => (true, tokens),
                _ => (false, pattern.tokens.as_slice()),
            };
            let letters = tokens.iter().map(|token| match token {
                Token::Letter(letter) => Some(*letter),
                _ => None,
            });
            Some((
                letters.collect::<Option<String>>()?,
                open && pattern.fold == fold,
            ))
            .filter(|_| pattern.fold == fold)
        })
        .collect::<Option<_>>()?;
    if patterns.len() > Bits::MOST || parts.iter().any(|(text, _)| text.contains('*')) {
        return None;
    }
    let mut texts = vec![other.to_owned()];
    for (text, open) in &parts {
        texts.push(if *open {
            format!("{text}{other}")
        } else {
            text.clone()
        });
    }
    let mut found: HashMap<Bits, String> = HashMap::new();
    for text in texts {
        let matching = parts
            .iter()
            .enumerate()
            .filter(|(_, (own, open))| {
                if *open {
                    text.starts_with(own.as_str())
                } else {
                    text == *own
                }
            })
            .map(|(nth, _)| nth)
            .collect();
        found.entry(matching).or_insert(text);
    }
    let mut classes: Vec<Class> = found
        .into_iter()
        .map(|(matching, text)| Class { matching, text })
        .collect();
    classes.sort_by_key(|class| class.matching);
    Some(classes)
}

fn accepted(patterns: &[Glob], state: &State) -> Bits {
    state
        .iter()
        .filter(|(nth, passed)| *passed == patterns[*nth].tokens.len())
        .map(|(nth, _)| *nth)
        .collect()
}

/// A letter that no pattern names, to stand for all such; `*` where it can, since it is read as "any".
fn unnamed_letter(patterns: &[Glob]) -> char {
    let named: HashSet<char> = patterns
        .iter()
        .flat_map(|pattern| &pattern.tokens)
        .filter_map(|token| match token {
            Token::Letter(letter) => Some(folded(*letter)),
            _ => None,
        })
        .collect();
    ['*', 'x', 'z', '0', '9', '_']
        .into_iter()
        .chain('\u{a1}'..)
        .find(|letter| *letter != ':' && folded(*letter) == *letter && !named.contains(letter))
        .unwrap_or('*')
}

/// The letters that make a difference here.
fn letters(patterns: &[Glob], state: &State, other: char) -> BTreeSet<char> {
    let mut letters = BTreeSet::from([other]);
    for (nth, passed) in state {
        let pattern = &patterns[*nth];
        match pattern.tokens.get(*passed) {
            Some(Token::Letter(letter)) => {
                letters.insert(*letter);
                if pattern.fold {
                    letters.insert(folded(*letter));
                    letters.extend(upper(*letter));
                }
            }
            Some(Token::One { colons: false } | Token::Many { colons: false }) => {
                letters.insert(':');
            }
            _ => {}
        }
    }
    letters
}

fn upper(letter: char) -> Option<char> {
    let mut upper = letter.to_uppercase();
    match (upper.next(), upper.next()) {
        (Some(one), None) => Some(one),
        _ => None,
    }
}

fn step(patterns: &[Glob], state: &State, letter: char) -> State {
    let moved = state.iter().filter_map(|(nth, passed)| {
        let pattern = &patterns[*nth];
        let stays = matches!(pattern.tokens.get(*passed)?, Token::Many { .. });
        let fits = match pattern.tokens.get(*passed)? {
            Token::Letter(own) => {
                *own == letter || (pattern.fold && folded(*own) == folded(letter))
            }
            Token::One { colons } | Token::Many { colons } => *colons || letter != ':',
            Token::Unknown(_) => false,
        };
        fits.then_some((*nth, if stays { *passed } else { passed + 1 }))
    });
    settle(patterns, moved.collect())
}

/// With the tokens that may be passed without a letter; and without places that a later `*` makes needless, since what
/// can match from them can match from there.
fn settle(patterns: &[Glob], mut state: State) -> State {
    let mut at = 0;
    while let Some((nth, passed)) = state.get(at).copied() {
        if matches!(patterns[nth].tokens.get(passed), Some(Token::Many { .. })) {
            state.push((nth, passed + 1));
        }
        at += 1;
    }
    state.sort_unstable();
    state.dedup();
    let mut kept = Vec::with_capacity(state.len());
    // Of the pattern at hand, the last `*` that passes over anything.
    let mut last: Option<(usize, usize)> = None;
    for (nth, passed) in state.into_iter().rev() {
        if last.is_some_and(|(of, _)| of == nth) {
            continue;
        }
        let any = Some(&Token::Many { colons: true });
        if patterns[nth].tokens.get(passed) == any {
            last = Some((nth, passed));
        }
        kept.push((nth, passed));
    }
    kept.reverse();
    kept
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::access::iam::glob::Wildcards;
    use crate::access::iam::statement::{Piece, Text};
    use crate::access::iam::unknown::Unknowns;

    fn globs(patterns: &[&str]) -> Vec<Glob> {
        patterns
            .iter()
            .map(|pattern| {
                let text = Text(vec![Piece::Literal((*pattern).to_owned())]);
                Glob::new(&text, Wildcards::Any, false, &mut Unknowns::default())
            })
            .collect()
    }

    fn found(patterns: &[&str]) -> Vec<(Vec<usize>, String)> {
        classes(&globs(patterns), &Budget::new(1_000_000))
            .unwrap()
            .into_iter()
            .map(|class| (class.matching.iter().collect(), class.text))
            .collect()
    }

    #[test]
    fn nested_patterns_make_rings() {
        let found = found(&["*", "s3:*", "s3:get*"]);
        let sets: Vec<_> = found.iter().map(|(set, _)| set.clone()).collect();
        assert_eq!(sets, [vec![0], vec![0, 1], vec![0, 1, 2]]);
    }

    #[test]
    fn crossing_patterns_meet() {
        let sets: Vec<_> = found(&["a*", "*b"])
            .into_iter()
            .map(|(set, _)| set)
            .collect();
        assert_eq!(sets, [vec![], vec![0], vec![1], vec![0, 1]]);
    }

    #[test]
    fn every_class_has_a_text_that_its_patterns_match_and_no_others() {
        let patterns = ["*a*b*", "a?b", "ab", "*b", "a*a", "?"];
        let globs = globs(&patterns);
        let budget = Budget::new(1_000_000);
        for class in classes(&globs, &budget).unwrap() {
            for (nth, glob) in globs.iter().enumerate() {
                let covers = glob.covers(&Glob::word(&class.text), &budget).unwrap();
                assert_eq!(
                    covers,
                    class.matching.contains(nth),
                    "{} {}",
                    patterns[nth],
                    class.text
                );
            }
        }
    }

    #[test]
    fn no_text_falls_outside_the_classes() {
        let patterns = ["*a*b*", "a?b", "ab", "*b", "a*a", "?", "b*?a"];
        let globs = globs(&patterns);
        let budget = Budget::new(10_000_000);
        let sets: HashSet<Bits> = classes(&globs, &budget)
            .unwrap()
            .into_iter()
            .map(|class| class.matching)
            .collect();
        let mut texts = vec![String::new()];
        for at in 0..400 {
            let Some(text) = texts.get(at).cloned() else {
                break;
            };
            texts.extend(['a', 'b', 'c'].map(|letter| format!("{text}{letter}")));
        }
        for text in texts {
            let word = Glob::word(&text);
            let set = (0..globs.len())
                .filter(|nth| globs[*nth].covers(&word, &budget).unwrap())
                .collect();
            assert!(sets.contains(&set), "{text}");
        }
    }

    #[test]
    fn patterns_apart_from_each_other_are_found_as_together() {
        let apart = ["arn:a:*", "ARN:b:?x*", "brn:*", "*", "arn:a:?", "c"];
        let globs: Vec<Glob> = globs(&apart)
            .into_iter()
            .map(|glob| Glob { fold: true, ..glob })
            .collect();
        let budget = Budget::new(1_000_000);
        let all: Vec<usize> = (0..globs.len()).collect();
        let mut together = walk(&globs, &all, unnamed_letter(&globs), &budget).unwrap();
        together.sort_by_key(|class| class.matching);
        let sets = |classes: &[Class]| {
            let sets = classes.iter().map(|class| class.matching);
            sets.collect::<Vec<_>>()
        };
        let found = classes(&globs, &budget).unwrap();
        assert_eq!(sets(&found), sets(&together));
        for class in found {
            for (nth, glob) in globs.iter().enumerate() {
                let text: Vec<char> = class.text.chars().collect();
                assert_eq!(
                    glob.matches(&text, &budget),
                    Ok(class.matching.contains(nth))
                );
            }
        }
    }

    #[test]
    fn the_short_way_finds_the_same_classes() {
        for patterns in [
            &["*", "s3:*", "s3:get*", "s3:getobject"][..],
            &["a", "ab*", "ab", "b*"],
            &["a", "a"],
            &[],
        ] {
            let sets = |classes: Vec<Class>| {
                classes
                    .iter()
                    .map(|class| class.matching)
                    .collect::<Vec<_>>()
            };
            let globs = globs(patterns);
            let long = classes(&globs, &Budget::new(1_000_000)).unwrap();
            let short = classes_of_beginnings(&globs, "~").unwrap();
            assert_eq!(sets(short), sets(long), "{patterns:?}");
        }
        assert_eq!(classes_of_beginnings(&globs(&["a*b"]), "~"), None);
    }

    #[test]
    fn patterns_that_explode_end_in_a_refusal() {
        let many: Vec<String> = (0..40)
            .map(|nth| format!("*{}*", char::from(b'a' + nth % 26)))
            .collect();
        let many: Vec<&str> = many.iter().map(String::as_str).collect();
        assert_eq!(
            classes(&globs(&many), &Budget::new(2_000_000)),
            Err(TooMany)
        );
    }
}
