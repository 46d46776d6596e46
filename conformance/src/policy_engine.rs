//! Engines under test: programs that say a verdict on policy cases, one line of JSON for each.
//!
//! A line on the program's standard input is a case without what is expected of it; the next line on its standard output
//! has to be the answer: `{"id": …, "verdict": "allow" | "explicit_deny" | "implicit_deny"}`, or `{"id": …,
//! "unsupported": "why"}`. The program ends when its input does.

use std::ffi::OsString;
use std::io::{BufRead, BufReader, Write};
use std::process::{Child, Command, Stdio};
use std::sync::mpsc;
use std::time::Duration;

use serde::Deserialize;
use serde_json::value::RawValue;
use serde_json::{Map, Value, json};

use crate::policy_cases;

/// How long an engine may take for an answer.
const PATIENCE: Duration = Duration::from_secs(30);

/// Members of a case that its answer is held up to.
const EXPECTED: [&str; 5] = ["expected", "explain", "why", "source", "confidence"];

/// An engine that runs.
#[derive(Debug)]
pub struct Engine {
    child: Child,
    lines: mpsc::Receiver<std::io::Result<String>>,
    /// Why it is asked nothing more: what it says later would be taken for the answer to something else.
    lost: Option<String>,
}

#[derive(Deserialize)]
struct Answer {
    id: String,
    #[serde(default)]
    verdict: Option<String>,
    #[serde(default)]
    unsupported: Option<String>,
}

impl Engine {
    /// Starts a program.
    ///
    /// # Errors
    /// When it cannot be started.
    pub fn start(program: &OsString, arguments: &[OsString]) -> std::io::Result<Self> {
        let mut child = Command::new(program).args(arguments).stdin(Stdio::piped()).stdout(Stdio::piped()).spawn()?;
        let (told, lines) = mpsc::channel();
        if let Some(out) = child.stdout.take() {
            std::thread::spawn(move || BufReader::new(out).lines().all(|line| told.send(line).is_ok()));
        }
        Ok(Self { child, lines, lost: None })
    }

    /// The verdict on a case, or why there is none.
    ///
    /// # Errors
    /// In words, when the engine has none, or does not answer as it should.
    pub fn verdict(&mut self, case: &RawValue) -> Result<String, String> {
        if let Some(why) = &self.lost {
            return Err(why.clone());
        }
        let mut asked: Map<String, Value> = serde_json::from_str(case.get()).map_err(|error| error.to_string())?;
        asked.retain(|name, _| !EXPECTED.contains(&name.as_str()));
        let id = asked.get("id").and_then(Value::as_str).unwrap_or_default().to_owned();
        let mut line = Value::Object(asked).to_string();
        line.push('\n');
        let line = self.asked(&line).inspect_err(|why| self.lost = Some(why.clone()))?;
        match serde_json::from_str(&line).map_err(|error| format!("the engine's answer: {error}"))? {
            Answer { id: of, .. } if of != id => Err(format!("the engine answers `{of}`")),
            Answer { verdict: Some(verdict), .. } => Ok(verdict),
            Answer { unsupported, .. } => Err(unsupported.unwrap_or_else(|| "the engine has no verdict".to_owned())),
        }
    }
}

impl Engine {
    /// The answer to a line.
    fn asked(&mut self, line: &str) -> Result<String, String> {
        let failed = |error: std::io::Error| format!("the engine: {error}");
        let to = self.child.stdin.as_mut().ok_or("the engine does not listen")?;
        to.write_all(line.as_bytes()).and_then(|()| to.flush()).map_err(failed)?;
        match self.lines.recv_timeout(PATIENCE) {
            Ok(line) => line.map_err(failed),
            Err(mpsc::RecvTimeoutError::Timeout) => Err("the engine does not answer in time".to_owned()),
            Err(mpsc::RecvTimeoutError::Disconnected) => Err("the engine has ended".to_owned()),
        }
    }
}

impl Drop for Engine {
    fn drop(&mut self) {
        drop(self.child.stdin.take());
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

/// Answers cases as an engine does, with our own evaluator, until there are no more.
///
/// # Errors
/// When lines cannot be read or written.
pub fn serve(
    cases: impl BufRead,
    mut answers: impl Write,
    spec: impl Fn(&str) -> Option<&'static polykms_core::policy::Spec>,
) -> std::io::Result<()> {
    for line in cases.lines() {
        let line = line?;
        let answer = match policy_cases::verdict_on(&line, &spec) {
            (id, Ok(verdict)) => json!({"id": id, "verdict": verdict}),
            (id, Err(why)) => json!({"id": id, "unsupported": why}),
        };
        writeln!(answers, "{answer}")?;
        answers.flush()?;
    }
    Ok(())
}
