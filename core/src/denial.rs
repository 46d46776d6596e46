//! What the policies were asked and what they said: refused questions, and the trace of all for the audit trail.

use serde::Serialize;

use crate::policy::Decision;

/// One question that was put to the policies, with the whole answer.
///
/// It names the policies of other people: it belongs on the audit trail, never into an answer to the caller.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct Ruling {
    /// The action asked for.
    pub action: &'static str,
    /// The full name of the resource.
    pub resource: String,
    /// The decision.
    #[serde(flatten)]
    pub decision: Decision,
}

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
    /// Whether the resource is a role that was to be assumed, so that its trust policy was asked.
    pub assume_role: bool,
    /// Whether a ciphertext, and not a name, led to the resource.
    pub by_ciphertext: bool,
    /// Whether the resource belongs to another account than the caller.
    pub cross_account: bool,
    /// Whether the resource exists.
    pub exists: bool,
    /// The full name of the managed policy that denied, if one of the caller's own did.
    pub denied_by: Option<String>,
    /// The message about it that its account can have decoded, where there is one.
    pub encoded: Option<String>,
    /// The whole decision; only what the vendor reveals may leave.
    pub decision: Decision,
}
