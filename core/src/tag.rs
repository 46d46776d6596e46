//! Tags: what sorts and finds resources of every kind.

use std::collections::BTreeMap;

/// Name and value pairs that sort and find resources.
pub type Tags = BTreeMap<String, String>;
