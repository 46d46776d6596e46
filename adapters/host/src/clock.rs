//! Clocks: the machine's own, and one that stands still until it is moved.

use std::sync::atomic::{AtomicI64, Ordering};
use std::sync::{Arc, PoisonError, RwLock};

use jiff::SignedDuration;
use polykms_core::port::{Clock, Time};

/// The clock of this machine.
#[derive(Debug, Default, Clone, Copy)]
pub struct SystemClock;

impl Clock for SystemClock {
    fn now(&self) -> Time {
        Time::now()
    }
}

/// How far a clock can be moved, in milliseconds: a hundred years, so that every time it shows can be written down.
const FARTHEST: i64 = 36_525 * 24 * 60 * 60 * 1000;

/// The clock of this machine, moved by hand: for trying out what time does to keys and sessions. It goes no farther than a
/// hundred years from the machine's.
#[derive(Debug, Default)]
pub struct MovedClock(AtomicI64);

impl Clock for MovedClock {
    fn now(&self) -> Time {
        let moved = SignedDuration::from_millis(self.0.load(Ordering::Acquire));
        Time::now().checked_add(moved).unwrap_or(if moved.is_negative() { Time::MIN } else { Time::MAX })
    }

    fn advance(&self, step: SignedDuration) -> bool {
        let step = i64::try_from(step.as_millis()).unwrap_or(i64::MAX);
        let moved = |moved: i64| Some(moved.saturating_add(step).clamp(-FARTHEST, FARTHEST));
        self.0.fetch_update(Ordering::AcqRel, Ordering::Acquire, moved).is_ok()
    }

    fn restore(&self) {
        self.0.store(0, Ordering::Release);
    }
}

/// A clock that shows what it was told, for tests and for travels in time; clones show the same time.
#[derive(Debug, Clone)]
pub struct ManualClock(Arc<RwLock<Time>>);

impl ManualClock {
    /// A clock that stands at `time`.
    pub fn at(time: Time) -> Self {
        Self(Arc::new(RwLock::new(time)))
    }

    /// Moves the clock to `time`, forwards or backwards.
    pub fn set(&self, time: Time) {
        *self.0.write().unwrap_or_else(PoisonError::into_inner) = time;
    }

    /// Moves the clock by `step`, backwards if it is negative, and stops at the ends of time.
    pub fn advance(&self, step: SignedDuration) {
        let mut time = self.0.write().unwrap_or_else(PoisonError::into_inner);
        *time = time.checked_add(step).unwrap_or(if step.is_negative() { Time::MIN } else { Time::MAX });
    }
}

impl Clock for ManualClock {
    fn now(&self) -> Time {
        *self.0.read().unwrap_or_else(PoisonError::into_inner)
    }
}

#[cfg(test)]
#[allow(clippy::unwrap_used, clippy::expect_used, clippy::indexing_slicing, clippy::panic, reason = "tests")]
mod tests {
    use super::*;

    #[test]
    fn a_moved_clock_goes_on_from_where_it_was_moved_to_and_comes_back() {
        let clock = MovedClock::default();
        assert!(clock.advance(SignedDuration::from_hours(48)));
        let ahead = clock.now().duration_since(Time::now());
        assert!((47..=48).contains(&ahead.as_hours()), "{ahead:?}");
        clock.restore();
        assert!(clock.now().duration_since(Time::now()).as_secs().abs() < 5);
        assert!(!SystemClock.advance(SignedDuration::from_secs(1)));
    }

    #[test]
    fn a_manual_clock_stands_still_until_it_is_moved() {
        let start: Time = "2026-01-02T03:04:05Z".parse().unwrap();
        let clock = ManualClock::at(start);
        let other = clock.clone();
        assert_eq!(clock.now(), start);
        clock.advance(SignedDuration::from_hours(24 * 7));
        assert_eq!(other.now(), "2026-01-09T03:04:05Z".parse().unwrap());
        other.advance(SignedDuration::from_nanos(-1));
        assert_eq!(clock.now(), "2026-01-09T03:04:04.999999999Z".parse().unwrap());
        clock.set(start);
        assert_eq!(other.now(), start);
    }

    #[test]
    fn a_manual_clock_stops_at_the_ends_of_time() {
        let clock = ManualClock::at("2026-01-02T03:04:05Z".parse().unwrap());
        clock.advance(SignedDuration::MAX);
        assert_eq!(clock.now(), Time::MAX);
        clock.advance(SignedDuration::MIN);
        assert_eq!(clock.now(), Time::MIN);
    }

    #[test]
    fn the_system_clock_shows_the_present() {
        let year = SystemClock.now().strftime("%Y").to_string().parse::<u32>().unwrap();
        assert!(year >= 2025);
    }
}
