//! Texts with wildcards and unknown parts: whether one covers another, and whether two can mean the same text.
use super::budget::{Budget, TooMany};
use super::statement::{Piece, Text};
use super::unknown::Unknowns;

/// A part of a pattern, or of an example of what patterns match.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub(super) enum Token {
    Letter(char),
    /// `?`; within one part of an ARN it is no colon.
    One {
        colons: bool,
    },
    /// `*`; within one part of an ARN it holds no colons.
    Many {
        colons: bool,
    },
    /// A text that nobody knows before the deployment or the request: its number in [`Unknowns`].
    Unknown(usize),
}

/// A pattern; without wildcards and unknown parts, one text.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub(super) struct Glob {
    pub(super) tokens: Vec<Token>,
    /// Case does not matter.
    pub(super) fold: bool,
}

/// Which characters are wildcards.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Wildcards {
    None,
    /// `*` and `?` anywhere.
    Any,
    /// As `ArnLike` takes them: each of the six parts for itself (IAM User Guide, "ARN condition operators").
    Arn,
}

/// Colons between the parts of an ARN.
const ARN_COLONS: usize = 5;

impl Glob {
    pub(super) fn new(
        text: &Text,
        wildcards: Wildcards,
        fold: bool,
        unknowns: &mut Unknowns,
    ) -> Glob {
        let mut tokens = Vec::new();
        for piece in &text.0 {
            match piece {
                Piece::Literal(literal) => {
                    tokens.extend(literal.chars().map(|letter| match (letter, wildcards) {
                        ('*', Wildcards::Any | Wildcards::Arn) => Token::Many { colons: true },
                        ('?', Wildcards::Any | Wildcards::Arn) => Token::One { colons: true },
                        (letter, _) => Token::Letter(letter),
                    }));
                }
                Piece::Verbatim(letter) => tokens.push(Token::Letter(*letter)),
                Piece::Symbol(symbol) => tokens.push(Token::Unknown(unknowns.symbol(symbol))),
                Piece::Variable(name) => tokens.push(Token::Unknown(unknowns.variable(name))),
            }
        }
        let mut glob = Glob { tokens, fold };
        if wildcards == Wildcards::Arn && glob.has_parts_of_arn() {
            let mut passed = 0;
            for token in &mut glob.tokens {
                match token {
                    Token::Letter(':') => passed += 1,
                    Token::Many { colons } | Token::One { colons } => {
                        *colons = passed >= ARN_COLONS
                    }
                    Token::Letter(_) | Token::Unknown(_) => {}
                }
            }
        }
        glob.tokens
            .dedup_by(|next, token| matches!(token, Token::Many { colons: true }) && next == token);
        glob
    }

    /// Without its case, which does not matter to it.
    pub(super) fn lower(mut self) -> Glob {
        for token in &mut self.tokens {
            if let Token::Letter(letter) = token {
                *letter = folded(*letter);
            }
        }
        self
    }

    pub(super) fn has_parts_of_arn(&self) -> bool {
        self.tokens
            .iter()
            .filter(|token| **token == Token::Letter(':'))
            .count()
            >= ARN_COLONS
    }

    /// A text as it stands.
    pub(super) fn word(text: &str) -> Glob {
        Glob {
            tokens: text.chars().map(Token::Letter).collect(),
            fold: false,
        }
    }

    /// The letters before the first wildcard or unknown part.
    pub(super) fn beginning(&self) -> String {
        self.tokens
            .iter()
            .map_while(|token| match token {
                Token::Letter(letter) => Some(*letter),
                _ => None,
            })
            .collect()
    }

    pub(super) fn unknowns(&self) -> impl Iterator<Item = usize> + '_ {
        self.tokens.iter().filter_map(|token| match token {
            Token::Unknown(number) => Some(*number),
            _ => None,
        })
    }

    pub(super) fn has_unknowns(&self) -> bool {
        self.unknowns().next().is_some()
    }

    /// The text, where every character is known.
    pub(super) fn literal(&self) -> Option<String> {
        self.tokens
            .iter()
            .map(|token| match token {
                Token::Letter(letter) => Some(*letter),
                _ => None,
            })
            .collect()
    }

    /// The pattern's own text as an example of what it matches: its wildcards as plain characters.
    pub(super) fn example(&self) -> Glob {
        let tokens = self.tokens.iter().map(|token| match token {
            Token::One { .. } => Token::Letter('?'),
            Token::Many { .. } => Token::Letter('*'),
            other => *other,
        });
        Glob {
            tokens: tokens.collect(),
            fold: false,
        }
    }

    /// As people read it.
    pub(super) fn written(&self, unknowns: &Unknowns) -> String {
        let mut text = String::with_capacity(self.tokens.len());
        for token in &self.tokens {
            match token {
                Token::Letter(letter) => text.push(*letter),
                Token::One { .. } => text.push('?'),
                Token::Many { .. } => text.push('*'),
                Token::Unknown(number) => text.push_str(&unknowns.written(*number)),
            }
        }
        text
    }

    /// Every text that it may match, whatever the unknown parts are: these replaced by all they can be.
    pub(super) fn widest(&self, unknowns: &Unknowns) -> Glob {
        let mut tokens = Vec::new();
        for (place, token) in self.tokens.iter().enumerate() {
            match token {
                Token::Unknown(number) => tokens.extend(unknowns.shape(*number, place == 0)),
                other => tokens.push(*other),
            }
        }
        Glob {
            tokens,
            fold: self.fold,
        }
    }

    /// Whether it matches every text that `other` matches, whatever the unknown parts are. A yes is certain.
    pub(super) fn covers(&self, other: &Glob, budget: &Budget) -> Result<bool, TooMany> {
        if other.fold && !self.fold && !other.caseless() {
            return Ok(false);
        }
        let (mine, theirs) = (&self.tokens, &other.tokens);
        // Reached in my tokens after the first, second, … of theirs.
        let mut reached = vec![false; mine.len() + 1];
        let mut next = reached.clone();
        reached[0] = true;
        pass_over_many(mine, &mut reached);
        for token in theirs {
            budget.spend(mine.len() + 1)?;
            next.fill(false);
            for (place, pattern) in mine.iter().enumerate() {
                if !reached[place] {
                    continue;
                }
                match pattern {
                    Token::Many { colons } => next[place] |= *colons || keeps_within(*token),
                    Token::One { colons } => {
                        let single = matches!(token, Token::Letter(_) | Token::One { .. });
                        next[place + 1] |= single && (*colons || keeps_within(*token));
                    }
                    Token::Letter(letter) => {
                        next[place + 1] |=
                            matches!(token, Token::Letter(other) if self.same(*letter, *other));
                    }
                    Token::Unknown(_) => next[place + 1] |= token == pattern,
                }
            }
            pass_over_many(mine, &mut next);
            std::mem::swap(&mut reached, &mut next);
        }
        Ok(reached[mine.len()])
    }

    /// Whether it is certain to match this text. The same as `covers` of the text as a word, mostly quicker.
    pub(super) fn matches(&self, text: &[char], budget: &Budget) -> Result<bool, TooMany> {
        let plain =
            |token: &Token| !matches!(token, Token::Many { colons: false } | Token::Unknown(_));
        if !self.tokens.iter().all(plain) {
            let tokens = text.iter().copied().map(Token::Letter).collect();
            return self.covers(
                &Glob {
                    tokens,
                    fold: false,
                },
                budget,
            );
        }
        let (mut token, mut letter) = (0, 0);
        // After the last `*`: its place, and how far it has reached.
        let mut open: Option<(usize, usize)> = None;
        loop {
            budget.spend(1)?;
            match (self.tokens.get(token), text.get(letter)) {
                (None, None) => return Ok(true),
                (Some(Token::Many { .. }), _) => {
                    token += 1;
                    open = Some((token, letter));
                    continue;
                }
                (Some(single), Some(found)) if self.is_one(single, *found) => {
                    token += 1;
                    letter += 1;
                    continue;
                }
                _ => {}
            }
            match open {
                Some((after, reached)) if reached < text.len() => {
                    open = Some((after, reached + 1));
                    token = after;
                    letter = reached + 1;
                }
                _ => return Ok(false),
            }
        }
    }

    fn is_one(&self, token: &Token, found: char) -> bool {
        match token {
            Token::Letter(letter) => self.same(*letter, found),
            Token::One { colons } => *colons || found != ':',
            Token::Many { .. } | Token::Unknown(_) => false,
        }
    }

    fn same(&self, letter: char, other: char) -> bool {
        letter == other || (self.fold && folded(letter) == folded(other))
    }

    fn caseless(&self) -> bool {
        self.tokens.iter().all(|token| match token {
            Token::Letter(letter) => {
                folded(*letter) == *letter && letter.to_uppercase().eq([*letter])
            }
            Token::Unknown(_) => false,
            Token::One { .. } | Token::Many { .. } => true,
        })
    }

    /// Whether some text can be matched by both, for some values of the unknown parts. A no is certain.
    pub(super) fn may_meet(
        &self,
        other: &Glob,
        unknowns: &Unknowns,
        budget: &Budget,
    ) -> Result<bool, TooMany> {
        if unknowns.keep_apart(&self.tokens, &other.tokens) {
            return Ok(false);
        }
        let fold = self.fold || other.fold;
        let (left, right) = (self.widest(unknowns).tokens, other.widest(unknowns).tokens);
        budget.spend(left.len() * right.len() + 1)?;
        // For what is left of the left tokens, from none to all: can it meet what is left of the right ones?
        let mut below = vec![false; right.len() + 1];
        below[right.len()] = true;
        for place in (0..right.len()).rev() {
            below[place] = below[place + 1] && matches!(right[place], Token::Many { .. });
        }
        for mine in left.iter().rev() {
            let mut row = vec![false; right.len() + 1];
            row[right.len()] = below[right.len()] && matches!(mine, Token::Many { .. });
            for (place, theirs) in right.iter().enumerate().rev() {
                row[place] = match (mine, theirs) {
                    (Token::Many { .. }, Token::Many { .. }) => below[place] || row[place + 1],
                    (Token::Many { colons }, single) => {
                        below[place]
                            || (row[place + 1] && (*colons || *single != Token::Letter(':')))
                    }
                    (single, Token::Many { colons }) => {
                        row[place + 1]
                            || (below[place] && (*colons || *single != Token::Letter(':')))
                    }
                    (Token::One { colons: false }, Token::Letter(':'))
                    | (Token::Letter(':'), Token::One { colons: false }) => false,
                    (Token::Letter(one), Token::Letter(other)) => {
                        (one == other || (fold && folded(*one) == folded(*other)))
                            && below[place + 1]
                    }
                    _ => below[place + 1],
                };
            }
            below = row;
        }
        Ok(below[0])
    }
}

/// A character without its case.
pub(super) fn folded(letter: char) -> char {
    if letter.is_ascii() {
        return letter.to_ascii_lowercase();
    }
    let mut lower = letter.to_lowercase();
    match (lower.next(), lower.next()) {
        (Some(one), None) => one,
        _ => letter,
    }
}

/// Whether what the token stands for is sure to hold no colon.
fn keeps_within(token: Token) -> bool {
    match token {
        Token::Letter(letter) => letter != ':',
        Token::Many { colons } | Token::One { colons } => !colons,
        Token::Unknown(_) => false,
    }
}

fn pass_over_many(tokens: &[Token], reached: &mut [bool]) {
    for (place, token) in tokens.iter().enumerate() {
        if matches!(token, Token::Many { .. }) && reached[place] {
            reached[place + 1] = true;
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::template::Symbol;
    use std::collections::BTreeMap;
    use std::sync::Arc;

    struct World {
        unknowns: Unknowns,
    }

    impl World {
        fn new() -> World {
            let kinds = [
                ("A", "AWS::S3::Bucket"),
                ("B", "AWS::S3::Bucket"),
                ("R", "AWS::IAM::Role"),
            ];
            let kinds = kinds.map(|(id, kind)| (id.to_owned(), kind.to_owned()));
            World {
                unknowns: Unknowns::new(&Arc::new(BTreeMap::from(kinds))),
            }
        }

        /// `<A>` is `Ref` of A, `<A.Arn>` its attribute, `$u$` a variable.
        fn glob(&mut self, text: &str, wildcards: Wildcards) -> Glob {
            let mut pieces = Vec::new();
            for (nth, part) in text.split(['<', '>']).enumerate() {
                let piece = match (nth % 2, part.split_once('.')) {
                    (0, _) => Piece::Literal(part.to_owned()),
                    (_, Some((id, name))) => Piece::Symbol(Symbol::attribute(id, name)),
                    (_, None) => Piece::Symbol(Symbol::Resource(part.to_owned())),
                };
                pieces.push(piece);
            }
            Glob::new(&Text(pieces), wildcards, false, &mut self.unknowns)
        }

        fn covers(&mut self, one: &str, other: &str, wildcards: Wildcards) -> bool {
            let (one, other) = (self.glob(one, wildcards), self.glob(other, wildcards));
            one.covers(&other, &Budget::new(1_000_000)).unwrap()
        }

        fn meet(&mut self, one: &str, other: &str, wildcards: Wildcards) -> bool {
            let (one, other) = (self.glob(one, wildcards), self.glob(other, wildcards));
            let budget = Budget::new(1_000_000);
            let answer = one.may_meet(&other, &self.unknowns, &budget).unwrap();
            assert_eq!(
                answer,
                other.may_meet(&one, &self.unknowns, &budget).unwrap()
            );
            answer
        }
    }

    #[test]
    fn a_pattern_covers_what_is_narrower() {
        for (one, other, covers) in [
            ("s3:*", "s3:get*", true),
            ("s3:get*", "s3:*", false),
            ("*a*", "xay", true),
            ("a*b*c", "a*c", false),
            ("a*c", "a*b*c", true),
            ("a?c", "abc", true),
            ("a?c", "a*c", false),
            ("a*", "a?", true),
            ("", "", true),
            ("*", "", true),
            ("<A>/*", "<A>/x/*", true),
            ("<A>/*", "<B>/x", false),
            ("*", "<A>", true),
            ("?", "<A>", false),
            ("x", "<A>", false),
        ] {
            assert_eq!(
                World::new().covers(one, other, Wildcards::Any),
                covers,
                "{one} {other}"
            );
        }
    }

    #[test]
    fn parts_of_an_arn_stay_apart() {
        let arn = "arn:aws:iam::*:role/*";
        assert!(World::new().covers(arn, "arn:aws:iam::1:role/a:b", Wildcards::Arn));
        assert!(!World::new().covers(arn, "arn:aws:iam::1:x:role/a", Wildcards::Arn));
        assert!(World::new().covers(arn, "arn:aws:iam::1:x:role/a", Wildcards::Any));
        assert!(!World::new().meet(arn, "arn:aws:iam::1:x:role/a", Wildcards::Arn));
    }

    #[test]
    fn matching_a_text_is_covering_it_as_a_word() {
        let texts = [
            "",
            "a",
            "ab",
            "aab",
            "a:b",
            "A:b",
            "arn:aws:s3:::a/b:c",
            "arn:aws:s3:eu:1:ab",
        ];
        let patterns = [
            "",
            "*",
            "?",
            "a*",
            "*b",
            "a*b",
            "*a*b*",
            "a?b",
            "a:?",
            "**",
            "arn:*:s3:::a/*c",
            "arn:aws:*:*:*:a*",
        ];
        let budget = Budget::new(1_000_000);
        for (wildcards, fold) in [
            (Wildcards::None, false),
            (Wildcards::Any, false),
            (Wildcards::Any, true),
            (Wildcards::Arn, false),
        ] {
            for pattern in patterns {
                let written = Text(vec![Piece::Literal(pattern.to_owned())]);
                let glob = Glob::new(&written, wildcards, fold, &mut Unknowns::default());
                for text in texts {
                    let letters: Vec<char> = text.chars().collect();
                    assert_eq!(
                        glob.matches(&letters, &budget),
                        glob.covers(&Glob::word(text), &budget),
                        "{pattern} {text} {wildcards:?} {fold}"
                    );
                }
            }
        }
    }

    #[test]
    fn patterns_that_cannot_meet_are_known() {
        for (one, other, meets) in [
            ("a*", "*b", true),
            ("a*", "b*", false),
            ("a?c", "ab?", true),
            ("a?", "a", false),
            ("*x*", "*y*", true),
            ("arn:aws:s3:::<A>", "arn:aws:s3:::<B>", false),
            ("arn:aws:s3:::<A>/*", "arn:aws:s3:::<B>/*", false),
            ("arn:aws:s3:::<A>*", "arn:aws:s3:::<B>/*", true),
            ("<A.Arn>", "<B.Arn>", false),
            ("<A.Arn>/*", "<B.Arn>/*", false),
            ("<A.Arn>", "<A.Arn>/*", true),
            ("<A.Arn>", "arn:aws:sqs:*", false),
            ("<A.Arn>", "arn:aws:s3:::orders", true),
            ("<A>", "<R>", true),
            ("<A>", "orders", true),
        ] {
            assert_eq!(
                World::new().meet(one, other, Wildcards::Any),
                meets,
                "{one} {other}"
            );
        }
    }
}
