//! The software side of PolyKMS's ports: cryptography, root keys, randomness, the clock and the audit file.
//!
//! The `contract` feature adds the suite that every crypto backend has to pass.

pub mod audit;
pub mod clock;
#[cfg(feature = "contract")]
pub mod contract;
mod flush;
pub mod random;
pub mod root;
pub mod software;

pub use audit::FileAudit;
pub use clock::{ManualClock, MovedClock, SystemClock};
pub use random::OsRandom;
pub use root::Root;
pub use software::Software;
