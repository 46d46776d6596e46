//! Explains policy cases: what decided, what came near, and what would have to change.

use std::fmt::Write as _;
use std::path::PathBuf;

use clap::ValueEnum;
use polykms::core::policy::{Blocker, Decision, FailedCondition, NearMiss, Reason, Verdict};
use polykms_conformance::policy_cases::{self, Check, Explained};
use serde_json::{Value, json};

use super::{languages, no_cases, read};
use crate::cli::{Failure, print};

/// Explain policy cases.
#[derive(Debug, clap::Args)]
pub(crate) struct Explain {
    /// File of cases
    #[arg(long, value_name = "FILE")]
    cases: PathBuf,
    /// Only the case with this identifier
    #[arg(long)]
    id: Option<String>,
    /// How to print it
    #[arg(long, value_enum, default_value_t = Format::Text)]
    format: Format,
}

#[derive(Debug, Clone, Copy, ValueEnum)]
enum Format {
    /// For people
    Text,
    /// One JSON object for each case
    Json,
}

impl Explain {
    /// Prints the explanation of each case.
    ///
    /// # Errors
    /// [`Failure::Failed`] when the file or a case cannot be read; [`Failure::Usage`] when there is no such case.
    pub(crate) fn print(self) -> Result<(), Failure> {
        let Self { cases, id, format } = self;
        let explained = policy_cases::explain(&read(&cases)?, id.as_deref(), languages()?)
            .map_err(|error| no_cases(&cases.display().to_string(), &error))?;
        if let Some(id) = id.filter(|_| explained.is_empty()) {
            return Err(Failure::Usage(format!("`{}` has no case `{id}`", cases.display())));
        }
        let each = match format {
            Format::Text => text,
            Format::Json => |case: &Explained| object(case).to_string() + "\n",
        };
        print(&explained.iter().map(each).collect::<String>())?;
        match explained.iter().filter(|case| case.checks.is_err()).count() {
            0 => Ok(()),
            unread => Err(Failure::Failed(format!("{unread} of {} cases cannot be evaluated", explained.len()))),
        }
    }
}

fn object(case: &Explained) -> Value {
    let Explained { id, dialect, expected, checks } = case;
    let checks = match checks {
        Ok(checks) => checks.iter().map(checked).collect(),
        Err(error) => json!({ "error": error }),
    };
    json!({ "id": id, "dialect": dialect, "expected": expected, "verdict": case.verdict(), "checks": checks })
}

fn checked(check: &Check) -> Value {
    let Check { principal, action, resource, decision } = check;
    json!({
        "principal": principal,
        "action": action,
        "resource": resource,
        "decision": decision,
        "changes": changes(check),
    })
}

fn text(case: &Explained) -> String {
    let mut text = format!("{}: {}", case.id, case.verdict().unwrap_or("error"));
    if case.verdict().is_some_and(|verdict| verdict != case.expected) && !case.expected.is_empty() {
        let _ = write!(text, " (expected {})", case.expected);
    }
    text.push('\n');
    match &case.checks {
        Ok(checks) => checks.iter().for_each(|check| tell(check, &mut text)),
        Err(error) => drop(writeln!(text, "  {error}")),
    }
    text.push('\n');
    text
}

fn tell(check: &Check, text: &mut String) {
    let Check { principal, action, resource, decision } = check;
    let Decision { verdict, allow_by, deny_by, blocked_by, near_miss } = decision;
    let who = if principal.is_empty() { "anybody" } else { principal };
    let _ = writeln!(text, "  {who}\n    {action} on {resource}: {}", word(*verdict));
    for reason in allow_by {
        let _ = writeln!(text, "    allowed by {}", named(reason));
    }
    for reason in deny_by {
        let _ = writeln!(text, "    denied by {}", named(reason));
    }
    for blocker in blocked_by {
        let _ = writeln!(text, "    no Allow in {}", layer(blocker));
    }
    for NearMiss { statement, failed } in near_miss {
        let _ = writeln!(text, "    near miss: {}", named(statement));
        for FailedCondition { operator, key, policy, actual } in failed {
            let _ = writeln!(text, "      {operator} {key}: wants {policy}, the request has {}", had(actual));
        }
    }
    for change in changes(check) {
        let _ = writeln!(text, "    to change it: {change}");
    }
}

const fn word(verdict: Verdict) -> &'static str {
    match verdict {
        Verdict::Allow => "allow",
        Verdict::ExplicitDeny => "explicit_deny",
        Verdict::ImplicitDeny => "implicit_deny",
    }
}

fn named(reason: &Reason) -> String {
    let Reason { layer, policy, statement, pointer } = reason;
    let place = if pointer.is_empty() { String::new() } else { format!(" at {pointer}") };
    format!("{} `{policy}`, statement `{statement}`{place}", layer.word)
}

fn layer(blocker: &Blocker) -> String {
    let Blocker { layer, rule, level } = blocker;
    let level = level.as_ref().map(|level| format!(" at level `{level}`")).unwrap_or_default();
    let rule = rule.map(|rule| format!(" ({rule})")).unwrap_or_default();
    format!("{}{level}{rule}", layer.word)
}

fn had(actual: &Value) -> String {
    if actual.is_null() { "no such key".to_owned() } else { actual.to_string() }
}

/// What would have to change for the verdict to become an Allow.
fn changes(check: &Check) -> Vec<String> {
    let Check { action, resource, decision, .. } = check;
    let Decision { verdict, deny_by, blocked_by, near_miss, .. } = decision;
    match verdict {
        Verdict::Allow => Vec::new(),
        Verdict::ExplicitDeny => {
            let denial = |reason: &Reason| format!("remove or narrow the Deny of {}", named(reason));
            deny_by.iter().map(denial).collect()
        }
        Verdict::ImplicitDeny => {
            let allowed = |blocker: &Blocker| format!("an Allow of {action} on {resource} in {}", layer(blocker));
            let met = |miss: &NearMiss| {
                let condition =
                    |failed: &FailedCondition| format!("{} {} {}", failed.key, failed.operator, failed.policy);
                let wanted: Vec<String> = miss.failed.iter().map(condition).collect();
                format!("a request that meets {} of {}", wanted.join(" and "), named(&miss.statement))
            };
            let helps = |miss: &&NearMiss| {
                let here = miss.statement.layer.layer;
                blocked_by.iter().any(|blocker| blocker.layer.layer == here)
            };
            blocked_by.iter().map(allowed).chain(near_miss.iter().filter(helps).map(met)).collect()
        }
    }
}

#[cfg(test)]
#[allow(clippy::unwrap_used, clippy::expect_used, clippy::indexing_slicing, clippy::panic, reason = "tests")]
mod tests {
    use super::*;

    fn case(id: &str) -> Explained {
        policy_cases::explain(policy_cases::PUBLIC, Some(id), languages().unwrap()).unwrap().remove(0)
    }

    #[test]
    fn every_public_case_has_its_explanation() {
        let all = policy_cases::explain(policy_cases::PUBLIC, None, languages().unwrap()).unwrap();
        assert_eq!(all.len(), 58);
        for case in all {
            let denied = case.checks.as_ref().unwrap().iter().filter(|check| check.decision.verdict != Verdict::Allow);
            denied.for_each(|check| assert!(!changes(check).is_empty(), "{}", text(&case)));
        }
    }

    #[test]
    fn programs_get_reasons_and_changes() {
        let object = object(&case("pub.aws.basic.deny"));
        assert_eq!((&object["verdict"], &object["dialect"]), (&json!("explicit_deny"), &json!("aws")));
        let check = &object["checks"][0];
        assert_eq!(check["decision"]["verdict"], "explicit_deny");
        assert!(check["decision"]["deny_by"][0]["pointer"].as_str().unwrap().starts_with("/Statement"));
        assert!(check["changes"][0].as_str().unwrap().starts_with("remove or narrow the Deny of identity"));
    }

    #[test]
    fn people_read_what_was_wanted_and_what_was_there() {
        let told = text(&case("pub.aws.cond.missing"));
        assert_eq!(told, include_str!("explained.txt"));
    }
}
