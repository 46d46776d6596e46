//! The clock port: time is an input, so that expiry, deletion windows and signatures can be replayed.

/// An instant, with nanosecond resolution.
pub type Time = jiff::Timestamp;

/// Tells the time.
pub trait Clock: Send + Sync + 'static {
    /// The current instant.
    fn now(&self) -> Time;
}
