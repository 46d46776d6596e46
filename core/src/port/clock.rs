//! The clock port: time is an input, so that expiry, deletion windows and signatures can be replayed.

/// An instant, with nanosecond resolution.
pub type Time = jiff::Timestamp;

/// Tells the time.
pub trait Clock: Send + Sync + 'static {
    /// The current instant.
    fn now(&self) -> Time;

    /// Moves the clock by `step` for everybody who reads it; false from a clock that cannot be moved, as a real one.
    fn advance(&self, step: jiff::SignedDuration) -> bool {
        let _ = step;
        false
    }

    /// Undoes every [`advance`](Clock::advance).
    fn restore(&self) {}
}
