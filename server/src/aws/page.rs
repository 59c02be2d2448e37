//! Answers that come in pages.
use super::call::Operation;
use super::error::{AwsError, AwsErrorKind};
use std::collections::HashSet;

/// More than any answer has: a page of events holds a hundred.
const MOST_PAGES: usize = 10_000;

/// The way through the pages of one answer, which ends also where AWS's pages do not.
#[derive(Debug)]
pub(super) struct Pages {
    operation: Operation,
    used: HashSet<String>,
    next: Option<String>,
}

impl Pages {
    /// The way from the first page on.
    pub(super) fn of(operation: Operation) -> Self {
        Self {
            operation,
            used: HashSet::new(),
            next: None,
        }
    }

    /// What to ask for the page with; nothing for the first.
    pub(super) fn token(&self) -> Option<String> {
        self.next.clone()
    }

    /// Goes on to the page that this token is for, and says whether there is one.
    ///
    /// # Errors
    /// Of kind [`AwsErrorKind::Unavailable`] for a token that came before, since its pages would come again
    /// for ever, and after ten thousand pages.
    pub(super) fn turn(&mut self, token: Option<&str>) -> Result<bool, AwsError> {
        self.next = token.filter(|token| !token.is_empty()).map(str::to_owned);
        let Some(token) = &self.next else {
            return Ok(false);
        };
        if !self.used.insert(token.clone()) {
            return Err(
                self.endless("it gave the same page of its answer again, so the answer has no end")
            );
        }
        if self.used.len() >= MOST_PAGES {
            return Err(self.endless("its answer does not end after 10,000 pages"));
        }
        Ok(true)
    }

    fn endless(&self, words: &str) -> AwsError {
        AwsError::found(self.operation, AwsErrorKind::Unavailable, words)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn pages_end_whatever_their_tokens_say() {
        let mut pages = Pages::of(Operation::DescribeChangeSet);
        assert_eq!(pages.token(), None);
        assert_eq!(pages.turn(Some("2")), Ok(true));
        assert_eq!(pages.token().as_deref(), Some("2"));
        assert_eq!(pages.turn(Some("3")), Ok(true));
        assert_eq!(pages.turn(Some("")), Ok(false));
        assert_eq!(pages.turn(None), Ok(false));
        assert!(pages.turn(Some("2")).is_err());

        let mut pages = Pages::of(Operation::DescribeStackEvents);
        let turned = (0..).take_while(|nth| pages.turn(Some(&nth.to_string())) == Ok(true));
        assert_eq!(turned.count(), MOST_PAGES - 1);
    }
}
