//! What the policies were asked and what they said: refused questions, and the trace of all for the audit trail.

use std::borrow::Cow;

use serde::Serialize;

use crate::policy::{Decision, Layer, NearMiss, Verdict};

/// One question that was put to the policies, with the whole answer.
///
/// It names the policies of other people: it belongs on the audit trail, never into an answer to the caller.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct Ruling {
    /// The action asked for.
    pub action: Cow<'static, str>,
    /// The full name of the resource.
    pub resource: String,
    /// The layers that would have to allow and cannot: a resource without a policy of its own, an owner, who has none, and
    /// what is not built.
    #[serde(skip_serializing_if = "<[_]>::is_empty")]
    pub cannot_allow: Vec<&'static str>,
    /// The decision.
    #[serde(flatten)]
    pub decision: Decision,
}

impl Ruling {
    /// A question and its answer; `located` has a policy of its own or has none, `owner` says whether an owner asked.
    pub(crate) fn of(
        action: impl Into<Cow<'static, str>>,
        resource: &str,
        decision: Decision,
        (has_policy, is_owner): (bool, bool),
    ) -> Self {
        let mut cannot_allow: Vec<&'static str> = Vec::new();
        for layer in decision.blocked_by.iter().map(|blocker| blocker.layer) {
            let cannot = match layer.layer {
                Layer::Resource => !has_policy,
                Layer::Identity => is_owner,
                // Nobody can be given a policy for a group of resources: there are none here.
                Layer::IdentityGroup => true,
                _ => false,
            };
            if cannot && !cannot_allow.contains(&layer.word) {
                cannot_allow.push(layer.word);
            }
        }
        Self { action: action.into(), resource: resource.to_owned(), cannot_allow, decision }
    }

    /// What decided, in one clause. Values of condition keys that arguments tell are left out: `is_asked` knows these.
    pub(crate) fn clause(&self, is_asked: impl Fn(&str) -> bool) -> String {
        let Decision { verdict, allow_by, deny_by, blocked_by, near_miss } = &self.decision;
        match verdict {
            Verdict::Allow | Verdict::ExplicitDeny => {
                let (effect, reasons) = match verdict {
                    Verdict::Allow => ("Allow", allow_by),
                    _ => ("Deny", deny_by),
                };
                let named = reasons.first().map_or_else(String::new, |by| {
                    format!(" of {} `{}`, statement `{}`", by.layer.word, by.policy, by.statement)
                });
                format!("{effect}{named}")
            }
            Verdict::ImplicitDeny => {
                let mut layers: Vec<&str> = Vec::new();
                for word in blocked_by.iter().map(|blocker| blocker.layer.word) {
                    if !self.cannot_allow.contains(&word) && !layers.contains(&word) {
                        layers.push(word);
                    }
                }
                let near = near_miss
                    .iter()
                    .find(|miss| blocked_by.iter().any(|blocker| blocker.layer.layer == miss.statement.layer.layer));
                let within = match layers.as_slice() {
                    [] => format!("no policy that could allow {}", self.action),
                    layers => format!("no Allow of {} in {}", self.action, layers.join(" or ")),
                };
                [within, near.map(|near| missed(near, is_asked)).unwrap_or_default()].concat()
            }
        }
    }
}

/// The first condition that kept a statement from allowing.
fn missed(miss: &NearMiss, is_asked: impl Fn(&str) -> bool) -> String {
    let Some(failed) = miss.failed.first() else { return String::new() };
    if is_asked(&failed.key) {
        return format!("; `{}` allows it under a condition on {}", miss.statement.policy, failed.key);
    }
    let had = match &failed.actual {
        serde_json::Value::Null => "nothing".to_owned(),
        actual => actual.to_string(),
    };
    let (policy, key, operator) = (&miss.statement.policy, &failed.key, &failed.operator);
    format!("; `{policy}` allows it where {key} {operator} {}, the request has {had}", failed.policy)
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
