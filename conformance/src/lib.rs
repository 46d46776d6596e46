//! The conformance suite: cases as data, and the runners that judge by them.

pub mod generate;
pub mod policy_cases;
pub mod reference;
