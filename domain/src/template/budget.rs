//! A bound on how much a template may grow to while it is resolved.

/// Bytes that all resolved values together may take. Nested `Fn::Sub` doubles with every level, so without a bound a
/// few lines could ask for all memory there is.
const BYTES: usize = 48_000_000;

/// What is left to spend.
#[derive(Debug)]
pub(super) struct Budget(usize);

impl Default for Budget {
    fn default() -> Self {
        Self(BYTES)
    }
}

impl Budget {
    /// Takes `bytes`; false when that is more than is left. Asked before the copy is made.
    #[must_use]
    pub fn take(&mut self, bytes: usize) -> bool {
        match self.0.checked_sub(bytes) {
            Some(left) => {
                self.0 = left;
                true
            }
            None => {
                self.0 = 0;
                false
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_spent_is_gone() {
        let mut budget = Budget::default();
        assert!(budget.take(BYTES));
        assert!(!budget.take(1));
    }
}
