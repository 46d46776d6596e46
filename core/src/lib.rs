//! The cloud-neutral heart of PolyKMS: nouns, policy evaluator, engine, ports and the dialect seam.
//!
//! Nothing here does I/O, reads a clock, draws randomness or knows a vendor's name.

pub mod denial;
pub mod dialect;
mod due;
pub mod engine;
pub mod error;
pub mod format;
pub mod holder;
pub mod identity;
pub mod inquire;
pub mod inspect;
pub mod key;
pub mod list;
pub mod name;
mod once;
pub mod operation;
pub mod policy;
pub mod port;
pub mod resource;
pub mod secret;
pub mod seed;
pub mod tag;
pub mod tagged;
#[cfg(test)]
#[allow(clippy::unwrap_used, clippy::expect_used, clippy::indexing_slicing, clippy::panic, reason = "tests")]
mod testing;

/// Every kind of thing that comes due.
const DUE: &[&dyn due::Due] = &[&key::Deletion, &key::ByItself, &key::Expiry];
