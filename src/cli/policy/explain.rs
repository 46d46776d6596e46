//! Explains policy cases: what decided, what came near, and what would have to change.

use std::fmt::Write as _;
use std::io::Write;
use std::path::PathBuf;

use clap::ValueEnum;
use polykms_conformance::policy_cases::{self, Check, Explained};
use serde_json::{Value, json};

use super::told::{Asked, Told};
use super::{languages, no_cases, read};
use crate::cli::{Failure, print};

/// Explain policy cases.
#[derive(Debug, clap::Args)]
pub(crate) struct Explain {
    /// File of cases, or directory with such files
    #[arg(long, value_name = "PATH")]
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
    pub(crate) fn print(self, out: &mut dyn Write) -> Result<(), Failure> {
        let Self { cases, id, format } = self;
        let mut explained = Vec::new();
        for (place, text) in read(&cases)? {
            let cases = policy_cases::explain(&text, id.as_deref(), languages()?);
            explained.extend(cases.map_err(|error| no_cases(&place, &error))?);
        }
        if let Some(id) = id.filter(|_| explained.is_empty()) {
            return Err(Failure::Usage(format!("`{}` has no case `{id}`", cases.display())));
        }
        let each = match format {
            Format::Text => text,
            Format::Json => |case: &Explained| Ok(object(case)?.to_string() + "\n"),
        };
        print(out, &explained.iter().map(each).collect::<Result<String, Failure>>()?)?;
        match explained.iter().filter(|case| case.checks.is_err()).count() {
            0 => Ok(()),
            unread => Err(Failure::Failed(format!("{unread} of {} cases cannot be evaluated", explained.len()))),
        }
    }
}

fn object(case: &Explained) -> Result<Value, Failure> {
    let Explained { id, dialect, expected, checks } = case;
    let checks = match checks {
        Ok(checks) => checks.iter().map(checked).collect::<Result<Value, Failure>>()?,
        Err(error) => json!({ "error": error }),
    };
    Ok(json!({ "id": id, "dialect": dialect, "expected": expected, "verdict": case.verdict(), "checks": checks }))
}

fn checked(check: &Check) -> Result<Value, Failure> {
    let decision = serde_json::to_value(&check.decision).map_err(|error| Failure::Failed(error.to_string()))?;
    let told = Told::of(&check.decision)?;
    Ok(asked(check, &told).object(decision))
}

fn text(case: &Explained) -> Result<String, Failure> {
    let mut text = format!("{}: {}", case.id, case.verdict().unwrap_or("error"));
    if case.verdict().is_some_and(|verdict| verdict != case.expected) && !case.expected.is_empty() {
        let _ = write!(text, " (expected {})", case.expected);
    }
    text.push('\n');
    match &case.checks {
        Ok(checks) => {
            for check in checks {
                text.push_str(&asked(check, &Told::of(&check.decision)?).text());
            }
        }
        Err(error) => drop(writeln!(text, "  {error}")),
    }
    text.push('\n');
    Ok(text)
}

fn asked<'a>(check: &'a Check, told: &'a Told) -> Asked<'a> {
    let Check { principal, action, resource, decision: _ } = check;
    Asked { principal, action, resource, told }
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
            for check in case.checks.as_ref().unwrap() {
                let told = Told::of(&check.decision).unwrap();
                assert!(told.allows() || !asked(check, &told).changes().is_empty(), "{}", text(&case).unwrap());
            }
        }
    }

    #[test]
    fn programs_get_reasons_and_changes() {
        let object = object(&case("pub.aws.basic.deny")).unwrap();
        assert_eq!((&object["verdict"], &object["dialect"]), (&json!("explicit_deny"), &json!("aws")));
        let check = &object["checks"][0];
        assert_eq!(check["decision"]["verdict"], "explicit_deny");
        assert!(check["decision"]["deny_by"][0]["pointer"].as_str().unwrap().starts_with("/Statement"));
        assert!(check["changes"][0].as_str().unwrap().starts_with("remove or narrow the Deny of identity"));
    }

    #[test]
    fn people_read_what_was_wanted_and_what_was_there() {
        let told = text(&case("pub.aws.cond.missing")).unwrap();
        assert_eq!(told, include_str!("explained.txt"));
    }
}
