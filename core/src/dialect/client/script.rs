//! Surroundings that are told beforehand, for the tests of dialects.

use std::collections::{BTreeMap, VecDeque};
use std::sync::{Mutex, PoisonError};
use std::time::Duration;

use async_trait::async_trait;
use bytes::Bytes;
use http::StatusCode;
use zeroize::Zeroizing;

use super::surroundings::{Place, Reach, Surroundings};
use super::{Kind, Result, Target};
use crate::dialect::{Request, Response, Service};
use crate::port::Time;

/// What a script answers.
#[derive(Debug, Clone)]
pub enum Answer {
    /// A status with a body.
    Said(u16, String),
    /// Nothing.
    Failed(Kind),
}

/// Surroundings that say what they were told, and note what they were asked.
#[derive(Debug, Default)]
pub struct Script {
    /// The environment variables.
    pub variables: BTreeMap<String, String>,
    /// The files, by their paths.
    pub files: BTreeMap<String, String>,
    /// What programs print, by their words with a line end after each.
    pub programs: BTreeMap<String, String>,
    windows: bool,
    answers: Mutex<VecDeque<Answer>>,
    asked: Mutex<Vec<String>>,
}

impl Script {
    /// Says whether paths are those of Windows.
    #[must_use]
    pub fn on_windows(self, windows: bool) -> Self {
        Self { windows, ..self }
    }

    /// Adds variables.
    #[must_use]
    pub fn with(mut self, variables: &[(&str, &str)]) -> Self {
        let owned = variables.iter().map(|(name, value)| ((*name).to_owned(), (*value).to_owned()));
        self.variables.extend(owned);
        self
    }

    /// Adds a file.
    #[must_use]
    pub fn file(mut self, path: &str, text: &str) -> Self {
        self.files.insert(path.to_owned(), text.to_owned());
        self
    }

    /// Adds a program by its words.
    #[must_use]
    pub fn program(mut self, words: &[&str], prints: &str) -> Self {
        self.programs.insert(words.iter().map(|word| format!("{word}\n")).collect(), prints.to_owned());
        self
    }

    /// Adds an answer to the next request that has none yet.
    #[must_use]
    pub fn answer(self, status: u16, body: impl Into<String>) -> Self {
        self.next(Answer::Said(status, body.into()))
    }

    /// Has the next request that has no answer yet fail.
    #[must_use]
    pub fn failure(self, kind: Kind) -> Self {
        self.next(Answer::Failed(kind))
    }

    fn next(self, answer: Answer) -> Self {
        self.answers.lock().unwrap_or_else(PoisonError::into_inner).push_back(answer);
        self
    }

    /// What was asked: method, origin, path and query, headers and body, a line each.
    pub fn asked(&self) -> Vec<String> {
        self.asked.lock().unwrap_or_else(PoisonError::into_inner).clone()
    }

    /// How many answers nobody has asked for.
    pub fn left(&self) -> usize {
        self.answers.lock().unwrap_or_else(PoisonError::into_inner).len()
    }
}

#[async_trait]
impl Surroundings for Script {
    fn variable(&self, name: &str) -> Option<String> {
        self.variables.get(name).filter(|value| !value.is_empty()).cloned()
    }

    fn is_windows(&self) -> bool {
        self.windows
    }

    fn file(&self, path: &str) -> Result<Option<Zeroizing<String>>> {
        Ok(self.files.get(path).cloned().map(Zeroizing::new))
    }

    fn place(&self, _: &Service, usual: Target) -> Result<Place> {
        Ok(Place { origin: format!("https://{}", usual.host), region: usual.region })
    }

    async fn ask(&self, origin: &str, request: Request, reach: Reach) -> Result<Response> {
        let Request { head, body, .. } = request;
        let near = if matches!(reach, Reach::Near { .. }) { "near " } else { "" };
        let mut lines = vec![format!("{near}{} {origin}{}", head.method, head.uri)];
        lines.extend(
            head.headers.iter().map(|(name, value)| format!("{name}: {}", String::from_utf8_lossy(value.as_bytes()))),
        );
        lines.push(String::from_utf8_lossy(&body).into_owned());
        self.asked.lock().unwrap_or_else(PoisonError::into_inner).push(lines.join("\n"));
        match self.answers.lock().unwrap_or_else(PoisonError::into_inner).pop_front() {
            Some(Answer::Said(status, body)) => {
                let mut response = Response::new(Bytes::from(body));
                *response.status_mut() = StatusCode::from_u16(status).unwrap_or_default();
                Ok(response)
            }
            Some(Answer::Failed(kind)) => Err(kind.because(format!("{origin} does not answer"))),
            None => Err(Kind::Unexpected.because(format!("nobody expected {}", lines.join("\n")))),
        }
    }

    async fn run(&self, words: &[String]) -> Result<Zeroizing<String>> {
        let line: String = words.iter().map(|word| format!("{word}\n")).collect();
        let prints = self.programs.get(&line).cloned().map(Zeroizing::new);
        prints.ok_or_else(|| Kind::Config.because("programs are not run"))
    }

    async fn pause(&self, _: Duration) {}

    fn now(&self) -> Time {
        Time::from_second(1_700_000_000).unwrap_or_default()
    }

    fn nonce(&self) -> String {
        "nonce".to_owned()
    }
}
