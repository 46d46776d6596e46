//! Policies from files: evaluates and explains cases, validates and lints documents, tells why a request was decided so.

pub(crate) mod check;
mod document;
pub(crate) mod explain;
pub(crate) mod lint;
mod told;
pub(crate) mod why;

use std::path::Path;

use polykms::core::policy::Spec;
use polykms_conformance::policy_cases::{self, Report};

use super::{Failure, print};

/// Prints the results of the cases.
///
/// # Errors
/// [`Failure::Failed`] when the file cannot be read, or a case that a vendor documents fails.
pub(crate) fn evaluate(cases: &Path) -> Result<(), Failure> {
    let report = report(&read(cases)?, &cases.display().to_string())?;
    let lines: String = report.lines().map(|line| line + "\n").collect();
    print(&lines)?;
    if report.documented_passed() {
        return Ok(());
    }
    Err(Failure::Failed("not all documented cases passed".to_owned()))
}

fn report(cases: &str, place: &str) -> Result<Report, Failure> {
    policy_cases::run(cases, languages()?).map_err(|error| no_cases(place, &error))
}

fn read(cases: &Path) -> Result<String, Failure> {
    std::fs::read_to_string(cases)
        .map_err(|error| Failure::Failed(format!("cannot read the cases in `{}`: {error}", cases.display())))
}

fn no_cases(place: &str, error: &serde_json::Error) -> Failure {
    Failure::Failed(format!("`{place}` is not a file of cases: {error}"))
}

/// The policy language of each dialect, by its name.
fn languages() -> Result<impl Fn(&str) -> Option<&'static Spec>, Failure> {
    let registry = polykms::registry()?;
    Ok(move |name: &str| registry.named(name).map(|dialect| dialect.law.policy))
}
