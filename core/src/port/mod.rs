//! The ports: everything the engine asks of the outside world, as traits that adapters implement.

pub mod audit;
pub mod clock;
pub mod crypto;
pub mod lease;
pub mod once;
pub mod random;
pub mod store;

pub use audit::Audit;
pub use clock::{Clock, Time};
pub use crypto::Crypto;
pub use lease::Lease;
pub use once::Once;
pub use random::Random;
pub use store::{Change, Changed, Changes, Expect, Head, Record, Space, Store, StoreError};
