//! The policy evaluator.

/// A refused question, as far as its caller may know it.
#[derive(Debug, Clone)]
pub struct Denial {}
