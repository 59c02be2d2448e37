//! How much work a judgement may take.
use std::cell::Cell;

/// Steps that judging one subject may take: some tenths of a second.
pub(super) const STEPS: u64 = 2_000_000;
/// Steps that judging all subjects of a template may take: some seconds.
const STEPS_OF_ALL: u64 = 100 * STEPS;

/// Steps for each of so many subjects. Hundreds that are each as hard as can be would take minutes otherwise; what people
/// write takes some thousands.
pub(super) fn steps_of_each(subjects: usize) -> u64 {
    let subjects = u64::try_from(subjects).unwrap_or(u64::MAX);
    (STEPS_OF_ALL / subjects.max(1)).min(STEPS)
}

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

    /// How many are left.
    pub(super) fn left(&self) -> u64 {
        self.0.get()
    }

    /// Takes steps that were spent elsewhere, as far as there are any.
    pub(super) fn take(&self, steps: u64) {
        self.0.set(self.0.get().saturating_sub(steps));
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

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn many_subjects_share_what_all_may_take() {
        assert_eq!(steps_of_each(0), STEPS);
        assert_eq!(steps_of_each(100), STEPS);
        assert_eq!(steps_of_each(400), STEPS / 4);
        assert_eq!(steps_of_each(usize::MAX), 0);
    }

    #[test]
    fn what_is_taken_is_gone_for_those_who_come_after() {
        let budget = Budget::new(10);
        assert_eq!(budget.spend(4), Ok(()));
        budget.take(100);
        assert_eq!(budget.left(), 0);
        assert_eq!(budget.spend(1), Err(TooMany));
    }
}
