//! The software side of the crypto port: keys in this process, and the root key that seals them at rest.
//!
//! The `contract` feature adds the suite that every crypto backend has to pass.

mod aead;
#[cfg(feature = "contract")]
pub mod contract;
mod diversified;
mod error;
mod hmac;
mod kdf;
pub mod keyring;
mod pair;
mod pool;
pub mod root;
pub mod software;
mod transport;

pub use keyring::Keyring;
pub use root::Root;
pub use software::Software;
