//! How much work a judgement may take.
use std::cell::Cell;

/// Steps that are left. A step is about one comparison of a character or of two sets.
#[derive(Debug)]
pub(super) struct Budget(Cell<u64>);

/// The budget is used up, or something is larger than what can be compared.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct TooMany;

impl Budget {
    pub(super) fn new(steps: u64) -> Budget {
        Budget(Cell::new(steps))
    }

    /// A quarter of what is left, taken from it.
    pub(super) fn share(&self) -> Budget {
        let share = self.0.get() / 4;
        self.0.set(self.0.get() - share);
        Budget::new(share)
    }

    /// Adds what is left of a share.
    pub(super) fn give_back(&self, share: Budget) {
        self.0.set(self.0.get() + share.0.get());
    }

    pub(super) fn spend(&self, steps: usize) -> Result<(), TooMany> {
        let left = self.0.get().checked_sub(steps as u64).ok_or(TooMany)?;
        self.0.set(left);
        Ok(())
    }
}
