//! Decisions in words: what allowed, denied, blocked and came near, and what would have to change.
//!
//! A decision is read in the form in which it is written, so that one of today and one of an audit trail look alike.

use std::fmt::Write as _;

use crate::core::policy::Decision;
use serde::Deserialize;
use serde_json::{Value, json};

use crate::cli::Failure;

const ALLOW: &str = "allow";
const EXPLICIT_DENY: &str = "explicit_deny";

/// A decision as it is written.
#[derive(Debug, Deserialize)]
pub(crate) struct Told {
    /// The verdict.
    pub(crate) verdict: String,
    allow_by: Vec<Reason>,
    deny_by: Vec<Reason>,
    blocked_by: Vec<Blocker>,
    near_miss: Vec<NearMiss>,
    /// The layers that would have to allow and cannot: nobody can follow the advice to let them.
    #[serde(default)]
    cannot_allow: Vec<String>,
}

#[derive(Debug, Deserialize)]
struct Reason {
    layer: String,
    policy: String,
    statement: String,
    pointer: String,
}

#[derive(Debug, Deserialize)]
struct Blocker {
    layer: String,
    rule: Option<String>,
    level: Option<String>,
}

#[derive(Debug, Deserialize)]
struct NearMiss {
    #[serde(flatten)]
    statement: Reason,
    failed: Vec<FailedCondition>,
}

#[derive(Debug, Deserialize)]
struct FailedCondition {
    operator: String,
    key: String,
    policy: Value,
    actual: Value,
}

/// A question with the decision on it.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Asked<'a> {
    /// Who asked.
    pub(crate) principal: &'a str,
    /// What for.
    pub(crate) action: &'a str,
    /// On what.
    pub(crate) resource: &'a str,
    /// The decision.
    pub(crate) told: &'a Told,
}

impl Told {
    /// Takes a decision as it would be written.
    ///
    /// # Errors
    /// [`Failure::Failed`] when it cannot be written.
    pub(crate) fn of(decision: &Decision) -> Result<Self, Failure> {
        let written = serde_json::to_value(decision).and_then(serde_json::from_value);
        written.map_err(|error| Failure::Failed(error.to_string()))
    }

    /// Reads a decision of an audit trail.
    ///
    /// # Errors
    /// [`Failure::Failed`] when it has another form.
    pub(crate) fn deserialized(written: &Value) -> Result<Self, Failure> {
        Self::deserialize(written).map_err(|error| Failure::Failed(format!("the trace cannot be read: {error}")))
    }

    /// What did not allow and could.
    fn able(&self) -> impl Iterator<Item = &Blocker> {
        self.blocked_by.iter().filter(|blocker| !self.cannot_allow.contains(&blocker.layer))
    }

    /// Whether it allows.
    #[cfg(test)]
    pub(crate) fn allows(&self) -> bool {
        self.verdict == ALLOW
    }
}

impl Asked<'_> {
    /// For programs.
    pub(crate) fn object(&self, decision: Value) -> Value {
        let Self { principal, action, resource, told: _ } = self;
        json!({
            "principal": principal,
            "action": action,
            "resource": resource,
            "decision": decision,
            "changes": self.changes(),
        })
    }

    /// For people.
    pub(crate) fn text(&self) -> String {
        let Self { principal, action, resource, told } = self;
        let who = if principal.is_empty() { "anybody" } else { principal };
        let mut text = format!("  {who}\n    {action} on {resource}: {}\n", told.verdict);
        text.push_str(&self.reasons());
        for change in self.changes() {
            let _ = writeln!(text, "    to change it: {change}");
        }
        text
    }

    /// What decided, and what came near.
    pub(crate) fn reasons(&self) -> String {
        let Told { verdict: _, allow_by, deny_by, blocked_by: _, near_miss, cannot_allow: _ } = self.told;
        let mut text = String::new();
        for reason in allow_by {
            let _ = writeln!(text, "    allowed by {}", named(reason));
        }
        for reason in deny_by {
            let _ = writeln!(text, "    denied by {}", named(reason));
        }
        for blocker in self.told.able() {
            let _ = writeln!(text, "    no Allow in {}", layer(blocker));
        }
        for NearMiss { statement, failed } in near_miss {
            let _ = writeln!(text, "    near miss: {}", named(statement));
            for FailedCondition { operator, key, policy, actual } in failed {
                let _ = writeln!(text, "      {operator} {key}: wants {policy}, the request has {}", had(actual));
            }
        }
        text
    }

    /// What would have to change for the verdict to become an Allow.
    pub(crate) fn changes(&self) -> Vec<String> {
        let Self { principal: _, action, resource, told } = self;
        let Told { verdict, allow_by: _, deny_by, blocked_by, near_miss, cannot_allow: _ } = told;
        match verdict.as_str() {
            ALLOW => Vec::new(),
            EXPLICIT_DENY => {
                let denial = |reason: &Reason| format!("remove or narrow the Deny of {}", named(reason));
                deny_by.iter().map(denial).collect()
            }
            _ => {
                let allowed = |blocker: &Blocker| format!("an Allow of {action} on {resource} in {}", layer(blocker));
                let met = |miss: &NearMiss| {
                    let condition =
                        |failed: &FailedCondition| format!("{} {} {}", failed.key, failed.operator, failed.policy);
                    let wanted: Vec<String> = miss.failed.iter().map(condition).collect();
                    format!("a request that meets {} of {}", wanted.join(" and "), named(&miss.statement))
                };
                let helps = |miss: &&NearMiss| blocked_by.iter().any(|blocker| blocker.layer == miss.statement.layer);
                let mut changes: Vec<String> = told.able().map(allowed).collect();
                if changes.is_empty() && !blocked_by.is_empty() {
                    changes.push(format!(
                        "no policy can allow it: {resource} has none of its own, and nobody else's counts"
                    ));
                }
                changes.extend(near_miss.iter().filter(helps).map(met));
                changes
            }
        }
    }
}

fn named(reason: &Reason) -> String {
    let Reason { layer, policy, statement, pointer } = reason;
    let place = if pointer.is_empty() { String::new() } else { format!(" at {pointer}") };
    format!("{layer} `{policy}`, statement `{statement}`{place}")
}

fn layer(blocker: &Blocker) -> String {
    let Blocker { layer, rule, level } = blocker;
    let level = level.as_ref().map(|level| format!(" at level `{level}`")).unwrap_or_default();
    let rule = rule.as_ref().map(|rule| format!(" ({rule})")).unwrap_or_default();
    format!("{layer}{level}{rule}")
}

fn had(actual: &Value) -> String {
    if actual.is_null() { "no such key".to_owned() } else { actual.to_string() }
}
