//! What the engine asks of the machine it runs on: the time, random bytes, and a file for the audit trail.

pub mod audit;
pub mod clock;
mod flush;
pub mod random;

pub use audit::FileAudit;
pub use clock::{ManualClock, MovedClock, SystemClock};
pub use random::OsRandom;
