//! Diagnoses: what is told of a denial to whoever its account allows to have the message about it decoded.

use super::OwnedPrincipal;
use crate::denial::Denial;
use crate::engine::Caller;
use crate::holder::PolicySource;
use crate::policy::Layer;

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
