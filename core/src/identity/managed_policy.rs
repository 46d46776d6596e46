//! managed_policy
