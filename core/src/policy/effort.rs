//! What one decision may cost: a bound on the work of comparing, whatever policies and values are made of.
//!
//! Vendors bound policies and requests by their length alone. Thousands of short patterns against one long value stay
//! within that, and their product does not: so work is counted, and a decision that would take too much is a denial.
//!
//! # Invariants
//! - Who has spent all never gets any again: what was found after that decides nothing.

use std::cell::Cell;

/// How many steps a decision may take, its verdict and its reasons as many again. No step takes much more than a
/// nanosecond, most take far less.
pub const MOST_STEPS: usize = 1_350_000;

/// The steps that are left.
#[derive(Debug)]
pub(super) struct Effort(Cell<usize>);

impl Effort {
    /// What one decision may take.
    pub(super) const fn of_a_decision() -> Self {
        Self(Cell::new(MOST_STEPS))
    }

    /// As much as it takes: for what somebody else bounds.
    pub(super) const fn unbounded() -> Self {
        Self(Cell::new(usize::MAX))
    }

    /// Takes some steps; false, once there were not as many left.
    pub(super) fn spend(&self, steps: usize) -> bool {
        let left = self.0.get().saturating_sub(steps);
        self.0.set(left);
        left > 0
    }

    /// The steps that are left.
    pub(super) fn left(&self) -> usize {
        self.0.get()
    }

    /// Whether nothing is left.
    pub(super) fn is_spent(&self) -> bool {
        self.0.get() == 0
    }

    /// What was taken from a decision's share.
    pub(super) fn taken(&self) -> usize {
        MOST_STEPS.saturating_sub(self.0.get())
    }

    /// Begins anew, unless all was spent.
    pub(super) fn renew(&self) {
        if !self.is_spent() {
            self.0.set(MOST_STEPS);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_spent_stays_spent() {
        let effort = Effort::of_a_decision();
        assert!(effort.spend(MOST_STEPS - 1) && !effort.is_spent());
        effort.renew();
        assert_eq!(effort.taken(), 0);
        assert!(!effort.spend(MOST_STEPS) && effort.is_spent());
        effort.renew();
        assert!(!effort.spend(0) && effort.is_spent());
        assert!(Effort::unbounded().spend(usize::MAX / 2));
    }
}
