//! The ports: everything the engine asks of the outside world, as traits that adapters implement.

pub mod audit;
pub mod clock;
pub mod crypto;
pub mod random;
pub mod store;

pub use audit::Audit;
pub use clock::{Clock, Time};
pub use crypto::Crypto;
pub use random::Random;
pub use store::{Change, Expect, Record, Space, Store, StoreError};
