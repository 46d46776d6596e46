//! Roles.

/// The neutral name of the operation that starts a session of a role.
pub const ASSUME: &str = "AssumeRole";
