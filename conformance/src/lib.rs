//! The conformance suite: cases as data, and the runners that judge by them.

#[cfg(feature = "fuzz")]
pub mod fuzz;
pub mod generate;
pub mod messages;
#[cfg(feature = "mirror")]
pub mod mirror;
pub mod policy_cases;
pub mod policy_engine;
pub mod reference;
#[cfg(feature = "suite")]
pub mod suite;
#[cfg(feature = "mirror")]
pub mod wire;
