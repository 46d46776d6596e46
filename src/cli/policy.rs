//! Policies from files: evaluates and explains cases, validates and lints documents, tells why a request was decided so.

pub(crate) mod check;
mod document;
pub(crate) mod explain;
pub(crate) mod lint;
pub(super) mod told;
pub(crate) mod translate;
pub(crate) mod why;

use std::ffi::OsString;
use std::io::Write;
use std::path::{Path, PathBuf};

use polykms_conformance::policy_cases::{self, Report};
use polykms_conformance::policy_engine::{self, Engine};

use super::{Failure, print};
use crate::core::policy::Spec;

/// Prints the results of the cases in a file, or in all files of a directory.
///
/// # Errors
/// [`Failure::Failed`] when a file cannot be read, or a case that a vendor documents fails.
pub(crate) fn evaluate(cases: &Path, engine: &[OsString], out: &mut dyn Write) -> Result<(), Failure> {
    let cannot_start = |error| Failure::Failed(format!("the engine cannot be started: {error}"));
    let mut engine = match engine {
        [] => None,
        [program, arguments @ ..] => Some(Engine::start(program, arguments).map_err(cannot_start)?),
    };
    let reports: Result<Vec<_>, _> =
        read(cases)?.iter().map(|(place, text)| report(text, place, engine.as_mut())).collect();
    let report = Report::joined(reports?);
    let lines: String = report.lines().map(|line| line + "\n").collect();
    print(out, &lines)?;
    if report.documented_passed() {
        return Ok(());
    }
    Err(Failure::Failed("not all documented cases passed".to_owned()))
}

fn report(cases: &str, place: &str, engine: Option<&mut Engine>) -> Result<Report, Failure> {
    let report = match engine {
        None => policy_cases::run(cases, languages()?),
        Some(engine) => policy_cases::run_by(cases, engine),
    };
    report.map_err(|error| no_cases(place, &error))
}

/// Says verdicts on the cases on standard input.
///
/// # Errors
/// [`Failure::Failed`] when they cannot be read or told.
pub(crate) fn answer(out: &mut dyn Write) -> Result<(), Failure> {
    let answered = policy_engine::serve(std::io::stdin().lock(), out, languages()?);
    answered.map_err(|error| Failure::Failed(error.to_string()))
}

/// Each file of cases: where it is, and its text.
fn read(cases: &Path) -> Result<Vec<(String, String)>, Failure> {
    let unreadable = |place: &Path, error: &std::io::Error| {
        Failure::Failed(format!("cannot read the cases in `{}`: {error}", place.display()))
    };
    let files = policy_cases::files(cases).map_err(|error| unreadable(cases, &error))?;
    if files.is_empty() {
        return Err(Failure::Failed(format!("`{}` holds no file of cases", cases.display())));
    }
    let text = |path: &PathBuf| std::fs::read_to_string(path).map_err(|error| unreadable(path, &error));
    files.iter().map(|path| Ok((path.display().to_string(), text(path)?))).collect()
}

fn no_cases(place: &str, error: &serde_json::Error) -> Failure {
    Failure::Failed(format!("`{place}` is not a file of cases: {error}"))
}

/// The policy language of each dialect, by its name.
fn languages() -> Result<impl Fn(&str) -> Option<&'static Spec>, Failure> {
    let registry = crate::registry()?;
    Ok(move |name: &str| registry.named(name).map(|dialect| dialect.law.policy))
}
