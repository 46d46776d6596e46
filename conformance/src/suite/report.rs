//! What a run came to: figures, and the files that a publisher of results shows.

mod html;
mod junit;

use std::collections::BTreeMap;
use std::fmt::Write as _;

use serde::Serialize;

use super::model::{Confidence, Need};
use super::run::{Outcome, State};

pub use html::html;
pub use junit::junit;

/// The version of `result.json`.
const SCHEMA: u32 = 1;

/// What a run came to.
#[derive(Debug, Clone, Serialize)]
pub struct Report {
    /// The version of this form.
    pub schema: u32,
    /// What was judged, as whoever ran it calls it.
    pub subject: String,
    /// The dialect that it was to speak.
    pub dialect: String,
    /// When, in RFC 3339.
    pub date: String,
    /// By what.
    pub runner: String,
    /// What the target turned out to have.
    pub has: Vec<Need>,
    /// What became of each case.
    pub outcomes: Vec<Outcome>,
}

/// How many passed, of how many that could.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize)]
pub struct Figures {
    /// Those that passed.
    pub passed: usize,
    /// Those that failed, expectedly or not, or could not be run to their end.
    pub failed: usize,
    /// Those that the target lacks something for.
    pub skipped: usize,
}

impl Figures {
    /// Counts one more.
    fn count(&mut self, state: &State) {
        match state {
            State::Pass | State::Xpass(_) => self.passed += 1,
            State::Fail | State::Error(_) | State::Xfail(_) => self.failed += 1,
            State::Skip(_) => self.skipped += 1,
        }
    }

    /// Those that were run.
    pub fn run(self) -> usize {
        self.passed + self.failed
    }
}

impl Report {
    /// Of these outcomes.
    pub fn new(subject: String, dialect: &str, has: Vec<Need>, outcomes: Vec<Outcome>) -> Self {
        let date = jiff::Timestamp::now().strftime("%Y-%m-%dT%H:%M:%SZ").to_string();
        let runner = format!("polykms {}", env!("CARGO_PKG_VERSION"));
        Self { schema: SCHEMA, subject, dialect: dialect.to_owned(), date, runner, has, outcomes }
    }

    /// Whether nothing was unexpected; what was only inferred decides nothing.
    pub fn is_fine(&self) -> bool {
        self.outcomes.iter().all(Outcome::is_fine)
    }

    /// The figures, apart by how sure the cases are.
    pub fn by_confidence(&self) -> BTreeMap<Confidence, Figures> {
        self.figures(|outcome| outcome.confidence)
    }

    /// The figures of each suite.
    pub fn by_suite(&self) -> BTreeMap<&str, Figures> {
        self.figures(|outcome| outcome.suite.as_str())
    }

    fn figures<'a, K: Ord>(&'a self, key: impl Fn(&'a Outcome) -> K) -> BTreeMap<K, Figures> {
        let mut figures = BTreeMap::<K, Figures>::new();
        for outcome in &self.outcomes {
            figures.entry(key(outcome)).or_default().count(&outcome.state);
        }
        figures
    }

    /// The figures in one line: `documented 10/12 · recorded 3/3`.
    pub fn line(&self) -> String {
        let figures = self.by_confidence();
        let one = |(confidence, figures): (&Confidence, &Figures)| {
            let skipped = if figures.skipped > 0 { format!(" ({} skipped)", figures.skipped) } else { String::new() };
            format!("{} {}/{}{skipped}", confidence.name(), figures.passed, figures.run())
        };
        figures.iter().map(one).collect::<Vec<_>>().join(" · ")
    }

    /// A table for a terminal: the suites, what was unexpected, and the figures.
    pub fn table(&self) -> String {
        let mut table = String::new();
        let figures = self.by_suite();
        let width = figures.keys().map(|name| name.len()).max().unwrap_or_default();
        for (suite, Figures { passed, failed, skipped }) in figures {
            let _ = writeln!(table, "{suite:width$}  {passed:>5} passed  {failed:>4} failed  {skipped:>4} skipped");
        }
        for outcome in self.outcomes.iter().filter(|outcome| !outcome.state.is_fine()) {
            let _ = writeln!(table, "\n{} {}: {}", outcome.state.name(), outcome.id, outcome.title);
            if let Some(reason) = outcome.state.reason() {
                let _ = writeln!(table, "  {reason}");
            }
            for failure in &outcome.failures {
                let _ = writeln!(table, "  step {}: {}", failure.step, failure.request);
                for difference in &failure.differences {
                    let _ = writeln!(table, "    {difference}");
                }
            }
            let _ = writeln!(table, "  source: {}", outcome.source.join("; "));
        }
        let _ = writeln!(table, "\n{}", self.line());
        table
    }

    /// `result.json`.
    ///
    /// # Errors
    /// When it cannot be written as JSON, which does not happen.
    pub fn json(&self) -> serde_json::Result<String> {
        serde_json::to_string_pretty(self)
    }
}

impl Confidence {
    /// Its name.
    pub fn name(self) -> &'static str {
        match self {
            Self::Documented => "documented",
            Self::Recorded => "recorded",
            Self::Inferred => "inferred",
        }
    }
}

#[cfg(test)]
pub(super) fn sample() -> Report {
    use super::play::Failure;
    let outcome = |id: &str, state: State, failures: Vec<Failure>| Outcome {
        id: format!("aws/kms/a/{id}"),
        suite: "aws/kms/a".to_owned(),
        title: "it is <so> & so".to_owned(),
        confidence: Confidence::Documented,
        source: vec!["a page".to_owned()],
        state,
        ms: 1,
        failures,
    };
    let failure = Failure {
        step: 1,
        request: serde_json::json!({"call": "kms.Encrypt"}),
        answer: serde_json::json!({"ok": {"a": "<b>"}}),
        expected: serde_json::json!({"ok": {"a": 2}}),
        differences: vec!["a: 2 was expected".to_owned()],
    };
    let outcomes = vec![
        outcome("right", State::Pass, Vec::new()),
        outcome("wrong", State::Fail, vec![failure]),
        outcome("lacking", State::Skip("no clock".to_owned()), Vec::new()),
        outcome("known", State::Xfail("known".to_owned()), Vec::new()),
        outcome("broken", State::Error("no answer".to_owned()), Vec::new()),
    ];
    Report::new("a & b".to_owned(), "aws", vec![Need::Authz], outcomes)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn figures_and_what_was_unexpected_are_told() {
        let report = sample();
        assert_eq!(report.line(), "documented 1/4 (1 skipped)");
        let table = report.table();
        assert!(table.contains("aws/kms/a      1 passed     3 failed     1 skipped"), "{table}");
        assert!(table.contains("fail aws/kms/a/wrong") && table.contains("    a: 2 was expected"), "{table}");
        assert!(table.contains("error aws/kms/a/broken") && !table.contains("aws/kms/a/known:"), "{table}");
        assert!(!report.is_fine());
    }
}
