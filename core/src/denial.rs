//! A refused question, with what its dialect needs to say so.

use crate::policy::Decision;

/// A refused question.
#[derive(Debug, Clone)]
pub struct Denial {
    /// The caller, as messages name it.
    pub principal: String,
    /// The account of the caller.
    pub account: String,
    /// The action refused.
    pub action: &'static str,
    /// The full name of the resource.
    pub resource: String,
    /// Whether a ciphertext, and not a name, led to the resource.
    pub by_ciphertext: bool,
    /// Whether the resource belongs to another account than the caller.
    pub cross_account: bool,
    /// Whether the resource exists.
    pub exists: bool,
    /// The whole decision; only what the vendor reveals may leave.
    pub decision: Decision,
}
