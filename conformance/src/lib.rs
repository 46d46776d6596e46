//! The conformance suite: cases as data, and the runners that judge by them.

pub mod policy_cases;
