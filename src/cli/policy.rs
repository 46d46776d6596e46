//! Evaluates policy cases from a file.

use std::path::Path;

use polykms_conformance::policy_cases::{self, Report};

use super::{Failure, print};

/// Prints the results of the cases.
///
/// # Errors
/// [`Failure::Failed`] when the file cannot be read, or a case that a vendor documents fails.
pub(crate) fn evaluate(cases: &Path) -> Result<(), Failure> {
    let place = cases.display();
    let text = std::fs::read_to_string(cases)
        .map_err(|error| Failure::Failed(format!("cannot read the cases in `{place}`: {error}")))?;
    let report = report(&text, &place.to_string())?;
    let lines: String = report.lines().map(|line| line + "\n").collect();
    print(&lines)?;
    if report.documented_passed() {
        return Ok(());
    }
    Err(Failure::Failed("not all documented cases passed".to_owned()))
}

fn report(cases: &str, place: &str) -> Result<Report, Failure> {
    let registry = polykms::registry()?;
    policy_cases::run(cases, |name| registry.named(name).map(|dialect| dialect.law.policy))
        .map_err(|error| Failure::Failed(format!("`{place}` is not a file of cases: {error}")))
}
