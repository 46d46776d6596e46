//! What a run has done so far, on disk: how each deed is undone, and which cases ended.
//!
//! Whoever stops a run, or loses the machine that it runs on, undoes what it left behind, or goes on with it.
//!
//! # Invariants
//! - One line of JSON for each thing, written as a whole; a last line that is not whole was not written.
//! - No secret: inputs name things, and outcomes are shown to people anyway.

use std::collections::BTreeMap;
use std::fs::{File, OpenOptions};
use std::io::Write as _;
use std::path::Path;
use std::sync::Mutex;
use std::sync::atomic::{AtomicU64, Ordering};

use serde::{Deserialize, Serialize};
use serde_json::Value;

use super::run::Outcome;

/// The journal of a run.
#[derive(Debug)]
pub struct Journal {
    file: Mutex<File>,
    next: AtomicU64,
}

/// What a journal tells of the run until now.
#[derive(Debug, Default)]
pub struct Past {
    /// Deeds that were not undone, the first one first: number, call and input.
    pub left: Vec<Deed>,
    /// Cases that ended.
    pub outcomes: Vec<Outcome>,
}

/// What undoes something.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Deed {
    pub(super) number: u64,
    pub(super) call: String,
    pub(super) input: Value,
    /// Whether it is the neighbour's to undo it.
    #[serde(default)]
    pub(super) neighbour: bool,
}

/// What is judged: a journal is of one place alone.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Subject {
    /// The dialect.
    pub dialect: String,
    /// The endpoint.
    pub target: String,
}

#[derive(Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
enum Line {
    Subject(Subject),
    Deed(Deed),
    Undone(u64),
    Ended(Box<Outcome>),
}

impl Journal {
    /// Begins a journal, in a file that is not there yet.
    ///
    /// # Errors
    /// When the file is there, or cannot be written.
    pub fn begin(file: &Path, subject: Subject) -> std::io::Result<Self> {
        let file = OpenOptions::new().append(true).create_new(true).open(file)?;
        let journal = Self { file: Mutex::new(file), next: AtomicU64::new(0) };
        journal.write(&Line::Subject(subject))?;
        Ok(journal)
    }

    /// Goes on with a journal, and tells what is in it.
    ///
    /// # Errors
    /// When it cannot be read or written, or is of another target.
    pub fn resume(file: &Path, subject: &Subject) -> std::io::Result<(Self, Past)> {
        let wrong = |why: String| std::io::Error::new(std::io::ErrorKind::InvalidData, why);
        let text = std::fs::read(file)?;
        let mut lines = text.split_inclusive(|byte| *byte == b'\n');
        match lines.next().map(serde_json::from_slice) {
            Some(Ok(Line::Subject(known))) if known == *subject => {}
            Some(Ok(Line::Subject(Subject { dialect, target }))) => {
                return Err(wrong(format!("it is of {dialect} at {target}")));
            }
            _ => return Err(wrong("it is no journal".to_owned())),
        }
        let (mut left, mut outcomes, mut next, mut torn) = (BTreeMap::new(), BTreeMap::new(), 0, 0);
        for line in lines {
            match serde_json::from_slice(line) {
                // Its end was not written.
                _ if !line.ends_with(b"\n") => torn = line.len(),
                Ok(Line::Deed(deed)) => {
                    next = next.max(deed.number + 1);
                    left.insert(deed.number, deed);
                }
                Ok(Line::Undone(number)) => drop(left.remove(&number)),
                Ok(Line::Ended(outcome)) => drop(outcomes.insert(outcome.id.clone(), *outcome)),
                Ok(Line::Subject(_)) => return Err(wrong("it begins twice".to_owned())),
                Err(_) => return Err(wrong("a line of it cannot be read".to_owned())),
            }
        }
        let file = OpenOptions::new().append(true).open(file)?;
        file.set_len((text.len() - torn) as u64)?;
        let journal = Self { file: Mutex::new(file), next: AtomicU64::new(next) };
        Ok((journal, Past { left: left.into_values().collect(), outcomes: outcomes.into_values().collect() }))
    }

    /// Something was done, which this undoes; it with its number.
    pub(super) fn done(&self, deed: Deed) -> Deed {
        let deed = Deed { number: self.next.fetch_add(1, Ordering::Relaxed), ..deed };
        self.told(&Line::Deed(deed.clone()));
        deed
    }

    /// It was undone.
    pub(super) fn undone(&self, number: u64) {
        self.told(&Line::Undone(number));
    }

    /// A case ended.
    pub fn ended(&self, outcome: &Outcome) {
        self.told(&Line::Ended(Box::new(outcome.clone())));
    }

    fn told(&self, line: &Line) {
        if let Err(error) = self.write(line) {
            tracing::warn!(%error, "the journal cannot be written");
        }
    }

    fn write(&self, line: &Line) -> std::io::Result<()> {
        let mut bytes = serde_json::to_vec(line)?;
        bytes.push(b'\n');
        self.file.lock().unwrap_or_else(std::sync::PoisonError::into_inner).write_all(&bytes)
    }
}

#[cfg(test)]
#[allow(clippy::unwrap_used, reason = "tests")]
mod tests {
    use serde_json::json;

    use super::super::model::Confidence;
    use super::super::run::State;
    use super::*;

    fn subject() -> Subject {
        Subject { dialect: "aws".to_owned(), target: "http://127.0.0.1:1".to_owned() }
    }

    fn deed(call: &str, input: Value) -> Deed {
        Deed { number: 0, call: call.to_owned(), input, neighbour: false }
    }

    fn outcome(id: &str) -> Outcome {
        let (suite, title) = ("s".to_owned(), "t".to_owned());
        let (id, source, failures) = (id.to_owned(), Vec::new(), Vec::new());
        Outcome { id, suite, title, confidence: Confidence::Documented, source, state: State::Pass, ms: 1, failures }
    }

    #[test]
    fn what_was_not_undone_and_what_ended_is_known_afterwards() {
        let folder = tempfile::tempdir().unwrap();
        let file = folder.path().join("journal");
        let journal = Journal::begin(&file, subject()).unwrap();
        let [user, key] = [("iam.DeleteUser", "u"), ("kms.ScheduleKeyDeletion", "k")]
            .map(|(call, name)| journal.done(deed(call, json!({"name": name}))).number);
        journal.undone(key);
        journal.ended(&outcome("a"));
        drop(journal);
        let (journal, past) = Journal::resume(&file, &subject()).unwrap();
        let [left] = past.left.as_slice() else { panic!("{:?}", past.left) };
        assert_eq!((left.number, left.call.as_str(), &left.input), (user, "iam.DeleteUser", &json!({"name": "u"})));
        assert_eq!(past.outcomes.iter().map(|outcome| outcome.id.as_str()).collect::<Vec<_>>(), ["a"]);
        assert!(journal.done(deed("x", Value::Null)).number > key, "numbers go on");
    }

    #[test]
    fn a_last_line_that_is_torn_was_not_written_and_any_other_is_an_error() {
        let folder = tempfile::tempdir().unwrap();
        let file = folder.path().join("journal");
        let journal = Journal::begin(&file, subject()).unwrap();
        journal.ended(&outcome("a"));
        let whole = std::fs::read(&file).unwrap();
        std::fs::write(&file, [&whole, br#"{"ended":{"id"#.as_slice()].concat()).unwrap();
        let (journal, past) = Journal::resume(&file, &subject()).unwrap();
        assert_eq!(past.outcomes.len(), 1);
        journal.ended(&outcome("b"));
        assert_eq!(Journal::resume(&file, &subject()).unwrap().1.outcomes.len(), 2);
        std::fs::write(&file, [&whole, b"{}\n".as_slice()].concat()).unwrap();
        assert!(Journal::resume(&file, &subject()).is_err());
    }

    #[test]
    fn a_journal_is_of_one_target_and_is_never_written_over() {
        let folder = tempfile::tempdir().unwrap();
        let file = folder.path().join("journal");
        drop(Journal::begin(&file, subject()).unwrap());
        assert!(Journal::begin(&file, subject()).is_err());
        let other = Subject { dialect: "alibaba".to_owned(), ..subject() };
        assert!(Journal::resume(&file, &other).unwrap_err().to_string().contains("aws at http://127.0.0.1:1"));
        std::fs::write(&file, "nonsense").unwrap();
        assert!(Journal::resume(&file, &subject()).is_err());
    }
}
