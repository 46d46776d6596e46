//! The software side of the crypto port: keys in this process, and the root key that seals them at rest.
//!
//! The `contract` feature adds the suite that every crypto backend has to pass.

mod aead;
#[cfg(feature = "contract")]
pub mod contract;
mod error;
mod kdf;
mod pool;
pub mod root;
pub mod software;
mod wrap;

pub use root::Root;
pub use software::Software;
