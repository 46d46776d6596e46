//! Stores of PolyKMS: in memory and in SQLite, behind one contract, and the nonces that one process remembers.
//!
//! Both stores implement [`polykms_core::port::Store`]. The `contract` feature adds the suite that every store has to pass.

#[cfg(any(test, feature = "contract"))]
pub mod contract;
mod feed;
pub mod memory;
mod nonces;
pub mod sqlite;
mod walk;

pub use memory::Memory;
pub use nonces::Nonces;
pub use sqlite::Sqlite;
