//! What the policies were asked and what they said: refused questions, what is told of them to whom, and the trace of
//! all questions for the audit trail.

use serde::Serialize;

use crate::dialect::OwnedPrincipal;
use crate::engine::Caller;
use crate::holder::PolicySource;
use crate::policy::{Decision, Layer};

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

/// A refused question as it is told to whoever its account allows to have the message about it decoded.
pub struct Diagnosis<'a> {
    /// Who asked.
    pub caller: &'a Caller,
    /// The same in the words of the policy language.
    pub named: &'a OwnedPrincipal,
    /// The denial.
    pub denial: &'a Denial,
    /// The full name of the resource, or `*` where the caller's account may not know it.
    pub resource: &'a str,
    /// Whether what belongs to another account was left out: its statements count as if there were none.
    pub hidden: bool,
    /// The statements that denied.
    pub matched: &'a [Matched<'a>],
    /// The condition keys of the request.
    pub conditions: &'a [Condition],
}

/// A statement that denied.
#[derive(Debug, Clone)]
pub struct Matched<'a> {
    /// Its layer.
    pub layer: Layer,
    /// The name of its policy.
    pub policy: &'a str,
    /// Where the policy comes from, when it is the caller's.
    pub source: Option<&'a PolicySource>,
    /// The statement as it was written; null when its text is not at hand.
    pub statement: serde_json::Value,
}

/// A condition key with its values.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Condition {
    /// The key.
    pub key: String,
    /// The values, cut where they are long.
    pub values: Vec<String>,
}
