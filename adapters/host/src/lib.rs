//! What the engine asks of the machine it runs on: the time, random bytes, and a file for the audit trail.

pub mod clock;
pub mod memory;
pub mod random;
pub mod trail;

pub use clock::{ManualClock, MovedClock, SystemClock};
pub use random::OsRandom;
pub use trail::FileAudit;
