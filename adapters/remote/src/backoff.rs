//! How long to wait before the next attempt, and whether there may be one: a bucket that an outage empties, so that it does
//! not become worse by those who try again.

use std::sync::Mutex;
use std::sync::PoisonError;
use std::time::Duration;

/// What the bucket holds when it is full.
const CAPACITY: u32 = 500;
/// What an attempt takes out of it.
const COST: u32 = 14;
/// What one takes that was asked to come later.
const COST_OF_THROTTLED: u32 = 5;
/// The longest wait.
const LONGEST: Duration = Duration::from_secs(20);
/// How much longer than wanted here the other side may have it wait.
const LONGER: Duration = Duration::from_secs(5);

/// Why there is to be another attempt.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Cause {
    /// The other side is asked too often.
    Throttled,
    /// Anything that passes.
    Passing,
}

/// What all calls of a client may still spend on further attempts.
#[derive(Debug)]
pub(crate) struct Budget(Mutex<u32>);

impl Default for Budget {
    fn default() -> Self {
        Self(Mutex::new(CAPACITY))
    }
}

impl Budget {
    /// Takes what one more attempt costs; none, when there is too little left.
    pub(crate) fn take(&self, cause: Cause) -> Option<u32> {
        let cost = match cause {
            Cause::Throttled => COST_OF_THROTTLED,
            Cause::Passing => COST,
        };
        let mut left = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        *left = left.checked_sub(cost)?;
        Some(cost)
    }

    /// Puts back what the last attempt cost, for it succeeded; a little, when there was only one.
    pub(crate) fn give(&self, cost: Option<u32>) {
        let mut left = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        *left = left.saturating_add(cost.unwrap_or(1)).min(CAPACITY);
    }
}

/// How long to wait before so many-th further attempt, counted from 1; `chance` lies between 0 and 1, `wish` is what the
/// other side wants.
pub(crate) fn delay(cause: Cause, further: u32, chance: f64, wish: Option<Duration>) -> Duration {
    let base = match cause {
        Cause::Throttled => Duration::from_secs(1),
        Cause::Passing => Duration::from_millis(50),
    };
    let whole = base.saturating_mul(2_u32.saturating_pow(further.saturating_sub(1))).min(LONGEST);
    let own = whole.mul_f64(chance.clamp(0.0, 1.0));
    match wish {
        Some(wish) => wish.clamp(own, own.saturating_add(LONGER)),
        None => own,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn waits_grow_and_are_bounded() {
        let at = |cause, further| delay(cause, further, 1.0, None);
        assert_eq!(at(Cause::Passing, 1), Duration::from_millis(50));
        assert_eq!(at(Cause::Passing, 3), Duration::from_millis(200));
        assert_eq!(at(Cause::Throttled, 1), Duration::from_secs(1));
        assert_eq!(at(Cause::Throttled, 40), LONGEST);
        assert_eq!(delay(Cause::Throttled, 3, 0.0, None), Duration::ZERO);
    }

    #[test]
    fn the_other_side_may_have_it_wait_longer_but_not_for_ever_and_not_less() {
        let wished = |millis| delay(Cause::Passing, 1, 1.0, Some(Duration::from_millis(millis)));
        assert_eq!(wished(10), Duration::from_millis(50));
        assert_eq!(wished(1000), Duration::from_millis(1000));
        assert_eq!(wished(3_600_000), Duration::from_millis(5050));
    }

    #[test]
    fn an_outage_empties_the_bucket_and_successes_fill_it() {
        let budget = Budget::default();
        let taken = std::iter::from_fn(|| budget.take(Cause::Passing)).count();
        assert_eq!(taken, 35);
        assert_eq!(budget.take(Cause::Throttled), Some(5), "what is left is enough for a cheaper one");
        assert_eq!(budget.take(Cause::Passing), None);
        budget.give(Some(14));
        assert_eq!(budget.take(Cause::Passing), Some(14));
        (0..14).for_each(|_| budget.give(None));
        assert_eq!(budget.take(Cause::Passing), Some(14));
    }
}
