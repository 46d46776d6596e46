//! What a target is known to do otherwise: expected failures, each with its reason.
//!
//! # Invariants
//! - An entry that names no case, and a case that passes although it is named, are errors: the file says what is true.

use serde::Deserialize;

use super::Unusable;
use super::run::{Outcome, State};

/// What a target is known to do otherwise.
#[derive(Debug, Clone, Default, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Known {
    /// What the target is.
    pub subject: String,
    /// Its versions.
    #[serde(default)]
    pub version: String,
    /// What it does otherwise.
    #[serde(default)]
    pub known: Vec<Entry>,
}

/// Cases that are expected not to pass.
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Entry {
    /// Their names; a star stands for anything.
    pub case: String,
    /// What becomes of them: `fail` or `error`.
    #[serde(default)]
    pub outcome: Ending,
    /// Why.
    pub reason: String,
    /// Since which version.
    #[serde(default)]
    pub since: String,
}

/// What becomes of a case that does not pass.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Ending {
    /// Something is not as expected.
    #[default]
    Fail,
    /// It cannot be run to its end.
    Error,
}

impl Known {
    /// The outcomes, with what is known of them.
    ///
    /// # Errors
    /// [`Unusable`] for an entry that names no case of these.
    pub fn judge(&self, outcomes: Vec<Outcome>) -> Result<Vec<Outcome>, Unusable> {
        for entry in &self.known {
            if !outcomes.iter().any(|outcome| is_like(&entry.case, &outcome.id)) {
                return Err(Unusable(format!("`{}` names no case that was run", entry.case)));
            }
        }
        Ok(outcomes.into_iter().map(|outcome| self.judged(outcome)).collect())
    }

    fn judged(&self, outcome: Outcome) -> Outcome {
        let Some(entry) = self.known.iter().find(|entry| is_like(&entry.case, &outcome.id)) else { return outcome };
        let reason = entry.reason.clone();
        let state = match (outcome.state, entry.outcome) {
            (State::Pass, _) => State::Xpass(reason),
            (State::Fail, Ending::Fail) | (State::Error(_), Ending::Error) => State::Xfail(reason),
            (other, _) => other,
        };
        Outcome { state, ..outcome }
    }
}

/// Whether a name is like a pattern in which stars stand for anything.
fn is_like(pattern: &str, name: &str) -> bool {
    let mut parts = pattern.split('*');
    let first = parts.next().unwrap_or_default();
    let Some(mut rest) = name.strip_prefix(first) else { return false };
    let parts: Vec<_> = parts.collect();
    let Some((last, middle)) = parts.split_last() else { return rest.is_empty() };
    for part in middle {
        match rest.split_once(part) {
            Some((_, behind)) => rest = behind,
            None => return false,
        }
    }
    rest.ends_with(last)
}

#[cfg(test)]
#[allow(clippy::unwrap_used, reason = "tests")]
mod tests {
    use super::super::model::Confidence;
    use super::*;

    fn outcome(id: &str, state: State) -> Outcome {
        Outcome {
            id: id.to_owned(),
            suite: "s".to_owned(),
            title: String::new(),
            confidence: Confidence::Documented,
            source: Vec::new(),
            state,
            ms: 0,
            failures: Vec::new(),
        }
    }

    fn known(case: &str, outcome: Ending) -> Known {
        let entry = Entry { case: case.to_owned(), outcome, reason: "r".to_owned(), since: String::new() };
        Known { subject: "s".to_owned(), version: String::new(), known: vec![entry] }
    }

    #[test]
    fn stars_stand_for_anything_and_nothing_else_does() {
        for (pattern, name, fits) in [
            ("a/b[c]", "a/b[c]", true),
            ("a/*", "a/b[c]", true),
            ("a/*[c-*]", "a/b[c-d]", true),
            ("*", "", true),
            ("a*a", "a", false),
            ("a.b", "axb", false),
            ("a/*[c]", "a/b[d]", false),
            ("a", "ab", false),
        ] {
            assert_eq!(is_like(pattern, name), fits, "{pattern} {name}");
        }
    }

    #[test]
    fn what_is_known_fails_as_known_and_passes_to_everybodys_surprise() {
        let judged = |ending, state| {
            let outcomes = known("a/*", ending).judge(vec![outcome("a/b", state)]).unwrap();
            outcomes.into_iter().next().unwrap().state
        };
        let error = || State::Error("e".to_owned());
        assert_eq!(judged(Ending::Fail, State::Fail), State::Xfail("r".to_owned()));
        assert_eq!(judged(Ending::Error, error()), State::Xfail("r".to_owned()));
        assert_eq!(judged(Ending::Fail, State::Pass), State::Xpass("r".to_owned()));
        assert_eq!(judged(Ending::Fail, error()), error());
        assert!(!State::Xpass(String::new()).is_fine() && State::Xfail(String::new()).is_fine());
        assert!(known("b/*", Ending::Fail).judge(vec![outcome("a/b", State::Fail)]).is_err());
    }
}
