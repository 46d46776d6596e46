//! What happened lately, kept in bounded memory and told in one line each, for whoever develops against this engine.
//!
//! # Invariants
//! - Neither plaintext, ciphertext nor secret is in it: no argument of a request and no answer is kept.
//! - It holds at most so many requests and bytes; the oldest go first.
//! - What callers wrote is shown without control characters, and no longer than a line bears.

use std::collections::VecDeque;
use std::fmt;
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use serde::Serialize;

use super::caller::Call;
use super::circumstances::{Circumstances, Simulated};
use super::trail::Happened;
use super::{Engine, Located};
use crate::denial::Ruling;
use crate::dialect::{Dialect, Envelope, Request, Row, Voice};
use crate::error::{Error, Kind, Result};
use crate::policy::{KeyName, Verdict};
use crate::port::Time;

/// The most bytes that are kept, as JSON.
const MOST_BYTES: usize = 16 * 1024 * 1024;
/// The most bytes of one request; of what is larger, the reasons are left out.
const LARGEST: usize = 128 * 1024;
/// The most bytes of a text that a caller chose.
const LONGEST: usize = 2048;
/// The most of it in a line.
const LONGEST_SHOWN: usize = 240;
/// The most bytes of an access key that a request claims, as it is told.
const LONGEST_CLAIM: usize = 128;
/// Of how many requests in one second that were allowed it is told why: nobody reads more, and all others wait for it.
const MOST_ALLOWED: u64 = 500;
/// Of how many of the newest it is asked whether they are the same request once more.
const AGAIN: usize = 64;

/// What came of a request.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum Outcome {
    /// It was done.
    Allowed,
    /// The policies, or a rule of the vendor, denied it.
    Denied,
    /// It was done, and would have been denied if denials were enforced.
    WouldBeDenied,
    /// It failed for another reason.
    Failed,
    /// Nobody is known to have asked.
    Unidentified,
}

impl Outcome {
    /// Every outcome.
    pub const ALL: [Self; 5] = [Self::Allowed, Self::Denied, Self::WouldBeDenied, Self::Failed, Self::Unidentified];

    /// Its name in data.
    pub const fn name(self) -> &'static str {
        match self {
            Self::Allowed => "allowed",
            Self::Denied => "denied",
            Self::WouldBeDenied => "would_be_denied",
            Self::Failed => "failed",
            Self::Unidentified => "unidentified",
        }
    }

    /// Its words for people.
    pub const fn words(self) -> &'static str {
        match self {
            Self::Allowed => "allowed",
            Self::Denied => "DENIED",
            Self::WouldBeDenied => "allowed, WOULD HAVE BEEN DENIED",
            Self::Failed => "failed",
            Self::Unidentified => "REFUSED",
        }
    }
}

/// A request that was answered.
#[derive(Debug, Clone, Serialize)]
pub struct Happening {
    /// Which one it was since the start, from 1.
    pub number: u64,
    /// The identifier of the request.
    pub request_id: String,
    /// The identifier of the decision, and of its event on the audit trail.
    pub decision_id: String,
    /// When, by the engine's clock.
    pub time: Time,
    /// The dialect.
    pub dialect: &'static str,
    /// The service; empty when the request could not be understood so far.
    pub service: &'static str,
    /// The operation on the wire; empty likewise.
    pub operation: &'static str,
    /// The full name of whoever asked; empty when nobody is known to have.
    pub caller: String,
    /// The access key.
    pub access_key_id: String,
    /// The address that it came from.
    pub address: String,
    /// The full names of what it was about.
    pub resources: Vec<String>,
    /// What came of it.
    pub outcome: Outcome,
    /// The code of the error.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub code: Option<String>,
    /// Its text.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub message: Option<String>,
    /// Why it came so, in one clause.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub reason: Option<String>,
    /// The circumstances that it was taken to come from.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub simulated: Option<Circumstances>,
    /// What the policies were asked and what they said.
    pub decisions: Vec<Ruling>,
}

impl Happening {
    /// What came of a request whose caller is known.
    pub(super) fn of(call: &Call<'_>, happened: &Happened<'_>) -> Self {
        let Happened { located, made, ruled, error, .. } = *happened;
        let found = located.iter().map(|Located { arn, .. }| arn).chain(made);
        let mut resources: Vec<String> = Vec::new();
        for name in found.map(|arn| cut(arn, LONGEST)) {
            if !resources.contains(&name) {
                resources.push(name);
            }
        }
        let refused = ruled.rulings.iter().find(|ruling| ruling.decision.verdict != Verdict::Allow);
        let outcome = match (error, refused) {
            (None, None) => Outcome::Allowed,
            (None, Some(_)) => Outcome::WouldBeDenied,
            (Some(error), _) if error.kind() == Kind::AccessDenied => Outcome::Denied,
            (Some(_), _) => Outcome::Failed,
        };
        let reason = match (refused, error) {
            (Some(_), Some(_)) if outcome == Outcome::Failed => None,
            (Some(ruling), _) => Some(ruling.clause(|key| call.row.asks_for(KeyName::new(key)))),
            (None, Some(error)) if outcome == Outcome::Denied => Some(error.why().to_owned()),
            (None, _) => None,
        };
        let words = error.map(|error| (call.dialect.trail.error)(error, call.service.name));
        let [code, message] = words.map_or([None, None], |words| words.map(Some));
        Self {
            number: 0,
            request_id: call.request_id.to_owned(),
            decision_id: call.event_id.to_owned(),
            time: call.at,
            dialect: call.dialect.name,
            service: call.service.name,
            operation: call.row.wire(),
            caller: cut(&call.named.arn, LONGEST),
            access_key_id: cut(&call.caller.access_key_id, LONGEST_SHOWN),
            address: call.connection.peer.to_string(),
            resources,
            outcome,
            code,
            message: message.filter(|text| !text.is_empty()).map(|text| cut(&text, LONGEST)),
            reason: reason.filter(|text| !text.is_empty()).map(|text| cut(&text, LONGEST)),
            simulated: call
                .connection
                .simulated
                .as_deref()
                .map(|Simulated { circumstances, .. }| circumstances.clone()),
            decisions: ruled.rulings.iter().chain(&ruled.besides).cloned().collect(),
        }
    }

    /// The same with an error that nobody is known to have caused.
    pub(super) fn unidentified(self, error: &Error, words: [String; 2]) -> Self {
        let [code, message] = words.map(|text| cut(&text, LONGEST));
        let outcome = match error.kind() {
            Kind::Unauthenticated(_) => Outcome::Unidentified,
            _ => Outcome::Failed,
        };
        Self { outcome, code: Some(code), message: Some(message).filter(|text| !text.is_empty()), ..self }
    }

    /// Whether it goes by a name: its number, or the identifier of its request or decision.
    pub fn is_called(&self, name: &str) -> bool {
        self.request_id == name || self.decision_id == name || name.parse() == Ok(self.number)
    }
}

/// One line for people.
impl fmt::Display for Happening {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self { number, time, dialect, service, operation, caller, resources, outcome, .. } = self;
        write!(f, "#{number} {time:.0} {dialect}")?;
        for word in [service, operation] {
            if !word.is_empty() {
                write!(f, " {word}")?;
            }
        }
        match (caller.as_str(), self.access_key_id.as_str()) {
            ("", "") => {}
            ("", id) => write!(f, " by access key {}", line(id))?,
            (caller, _) => write!(f, " by {}", line(caller))?,
        }
        match resources.as_slice() {
            [] => {}
            [one] => write!(f, " on {}", line(one))?,
            [one, rest @ ..] => write!(f, " on {} and {} more", line(one), rest.len())?,
        }
        write!(f, ": {}", outcome.words())?;
        if let Some(code) = &self.code {
            write!(f, " {}", line(code))?;
        }
        let why = self.reason.as_ref().or(self.message.as_ref());
        if let Some(why) = why.and_then(|why| why.lines().next()) {
            write!(f, ": {}", line(why))?;
        }
        if let Some(simulated) = &self.simulated {
            let shown = serde_json::to_string(simulated).unwrap_or_default();
            write!(f, " [simulated {}]", line(&shown))?;
        }
        Ok(())
    }
}

/// As much of a text as is kept.
fn cut(text: &str, most: usize) -> String {
    match text.get(text.floor_char_boundary(most)..) {
        None | Some("") => text.to_owned(),
        Some(_) => [text.get(..text.floor_char_boundary(most)).unwrap_or_default(), "…"].concat(),
    }
}

/// A text as a line bears it: who sent a request chose much of it, and must not steer a terminal.
fn line(text: &str) -> String {
    let shown = |letter: char| match letter.is_control() {
        true => letter.escape_default().to_string(),
        false => letter.to_string(),
    };
    cut(text, LONGEST_SHOWN).chars().map(shown).collect()
}

impl Engine {
    /// Whether a request is kept for a while if it is allowed; what is denied or fails always is.
    pub(super) fn keeps(&self, at: Time) -> bool {
        self.recent.as_ref().is_some_and(|recent| recent.keeps_up(at))
    }

    /// The access key that a request claims to be of, where it is to be told.
    pub(super) fn claimed(&self, envelope: &Result<Envelope<'_>>) -> String {
        let told = self.recent.as_ref().and(envelope.as_ref().ok()).and_then(|envelope| envelope.claim.as_ref());
        let id = told.map(|claim| &*claim.access_key_id).unwrap_or_default();
        id.get(..id.floor_char_boundary(LONGEST_CLAIM)).unwrap_or_default().to_owned()
    }

    /// Keeps for a while that nobody is known to have asked.
    pub(super) fn keep_unidentified(
        &self,
        dialect: &'static Dialect,
        request: &Request,
        (voice, row, access_key_id): (Voice, Option<&'static Row>, String),
        (request_id, decision_id): (&str, &str),
        error: &Error,
    ) {
        let Some(recent) = &self.recent else { return };
        let happening = Happening {
            number: 0,
            request_id: request_id.to_owned(),
            decision_id: decision_id.to_owned(),
            time: self.world.ports.clock.now(),
            dialect: dialect.name,
            service: voice.service,
            operation: row.map_or("", Row::wire),
            caller: String::new(),
            access_key_id,
            address: request.peer.to_string(),
            resources: Vec::new(),
            outcome: Outcome::Failed,
            code: None,
            message: None,
            reason: None,
            simulated: None,
            decisions: Vec::new(),
        };
        recent.keep(happening.unidentified(error, (dialect.trail.error)(error, voice.service)));
    }
}

/// Which of the requests are wanted.
#[derive(Debug, Clone, Default)]
pub struct Wanted {
    /// How many, the newest first.
    pub most: Option<usize>,
    /// The one that goes by this name.
    pub called: Option<String>,
    /// Those with this outcome.
    pub outcome: Option<Outcome>,
}

/// What is kept.
pub(super) struct Recent {
    most: usize,
    kept: Mutex<Kept>,
    /// How many were allowed in a second, and which second that is: in the lower and the upper half.
    pace: AtomicU64,
}

#[derive(Default)]
struct Kept {
    number: u64,
    bytes: usize,
    all: VecDeque<(Arc<Happening>, Box<str>)>,
}

impl Recent {
    pub(super) fn of(most: usize) -> Self {
        Self { most, kept: Mutex::default(), pace: AtomicU64::default() }
    }

    /// Counts one more, and says whether those of this second are still few.
    fn keeps_up(&self, at: Time) -> bool {
        let second = (at.as_second() & i64::from(u32::MAX)).cast_unsigned() << 32;
        let next = |pace: u64| if pace & !u64::from(u32::MAX) == second { pace + 1 } else { second + 1 };
        let before = self.pace.fetch_update(Ordering::Relaxed, Ordering::Relaxed, |pace| Some(next(pace)));
        before.is_ok_and(|before| next(before) - second <= MOST_ALLOWED)
    }

    fn kept(&self) -> MutexGuard<'_, Kept> {
        self.kept.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Keeps one more, and tells it as it is kept; a request that was told before, for it was tried again, takes the place
    /// of what was told.
    pub(super) fn keep(&self, happening: Happening) -> Arc<Happening> {
        let mut kept = self.kept();
        let (all, again) = (kept.all.iter().rev().take(AGAIN), &happening.decision_id);
        let place = all.map(|(known, _)| &known.decision_id).position(|known| known == again);
        let place = place.map(|back| kept.all.len() - 1 - back);
        let number = match place.and_then(|place| kept.all.remove(place)) {
            Some((known, text)) => {
                kept.bytes -= text.len();
                known.number
            }
            None => {
                kept.number += 1;
                kept.number
            }
        };
        let (happening, text) = bounded(Happening { number, ..happening });
        let happening = Arc::new(happening);
        kept.bytes += text.len();
        let place = place.unwrap_or(kept.all.len());
        kept.all.insert(place, (Arc::clone(&happening), text));
        while kept.all.len() > self.most || kept.bytes > MOST_BYTES {
            let Some((_, oldest)) = kept.all.pop_front() else { break };
            kept.bytes -= oldest.len();
        }
        happening
    }

    /// The request of a decision, if it is one of the newest.
    pub(super) fn of_decision(&self, id: &str) -> Option<Arc<Happening>> {
        let kept = self.kept();
        kept.all.iter().rev().take(AGAIN).find(|(known, _)| known.decision_id == id).map(|(known, _)| Arc::clone(known))
    }

    /// Those that are wanted, the newest first, as a JSON array.
    pub(super) fn told(&self, wanted: &Wanted) -> String {
        let Wanted { most, called, outcome } = wanted;
        let kept = self.kept();
        let is_wanted = |(known, _): &&(Arc<Happening>, Box<str>)| {
            called.as_ref().is_none_or(|name| known.is_called(name))
                && outcome.is_none_or(|wanted| known.outcome == wanted)
        };
        let texts = kept.all.iter().rev().filter(is_wanted).take(most.unwrap_or(usize::MAX));
        let texts: Vec<&str> = texts.map(|(_, text)| &**text).collect();
        ["[", &texts.join(","), "]"].concat()
    }

    /// Nothing has happened.
    pub(super) fn clear(&self) {
        let mut kept = self.kept();
        (kept.bytes, kept.all) = (0, VecDeque::new());
    }
}

/// A request and its text, less what makes that too large.
fn bounded(happening: Happening) -> (Happening, Box<str>) {
    let text = |happening: &Happening| serde_json::to_string(happening).unwrap_or_default().into_boxed_str();
    let whole = text(&happening);
    if whole.len() <= LARGEST {
        return (happening, whole);
    }
    let mut less = happening;
    less.decisions.iter_mut().for_each(|ruling| ruling.decision.near_miss.clear());
    if text(&less).len() > LARGEST {
        less.decisions.clear();
        less.resources.truncate(1);
    }
    let text = text(&less);
    (less, text)
}

#[cfg(test)]
#[allow(clippy::unwrap_used, clippy::expect_used, clippy::indexing_slicing, clippy::panic, reason = "tests")]
mod tests {
    use super::*;

    fn happening(decision_id: &str) -> Happening {
        Happening {
            number: 0,
            request_id: format!("r-{decision_id}"),
            decision_id: decision_id.to_owned(),
            time: "2026-01-02T03:04:05.6Z".parse().unwrap(),
            dialect: "toy",
            service: "vault",
            operation: "Lock",
            caller: "user/ann".to_owned(),
            access_key_id: "ANN".to_owned(),
            address: "127.0.0.1".to_owned(),
            resources: vec!["key/1".to_owned()],
            outcome: Outcome::Denied,
            code: Some("Denied".to_owned()),
            message: None,
            reason: Some("no Allow in identity".to_owned()),
            simulated: None,
            decisions: Vec::new(),
        }
    }

    #[test]
    fn of_what_is_allowed_no_more_is_kept_in_a_second_than_anybody_reads() {
        let recent = Recent::of(10);
        let at = |second: i64| Time::from_second(second).unwrap();
        for second in [1_000, 1_001] {
            let kept = (0..MOST_ALLOWED + 100).filter(|_| recent.keeps_up(at(second))).count();
            assert_eq!(kept as u64, MOST_ALLOWED);
        }
        assert!(recent.keeps_up(at(1_000)) && recent.keeps_up(at(-1)));
    }

    fn names(recent: &Recent, wanted: &Wanted) -> Vec<String> {
        let told: serde_json::Value = serde_json::from_str(&recent.told(wanted)).unwrap();
        told.as_array().unwrap().iter().map(|one| one["decision_id"].as_str().unwrap().to_owned()).collect()
    }

    #[test]
    fn a_request_is_one_line_that_steers_no_terminal() {
        let one = Happening { number: 7, ..happening("d") };
        let expected =
            "#7 2026-01-02T03:04:05Z toy vault Lock by user/ann on key/1: DENIED Denied: no Allow in identity";
        assert_eq!(one.to_string(), expected);
        let caller = format!("a\u{1b}[2Jb\nc\u{9b}{}", "x".repeat(9000));
        let line = Happening { caller, reason: Some("one\ntwo".to_owned()), ..one }.to_string();
        assert!(!line.chars().any(char::is_control) && line.len() < 1000, "{line}");
        assert!(!line.contains("two"), "{line}");
    }

    #[test]
    fn the_newest_are_kept_and_found_by_number_and_names() {
        let recent = Recent::of(3);
        for id in ["a", "b", "c", "d"] {
            recent.keep(Happening {
                outcome: if id == "c" { Outcome::Allowed } else { Outcome::Denied },
                ..happening(id)
            });
        }
        let called = |name: &str| Wanted { called: Some(name.to_owned()), ..Wanted::default() };
        assert_eq!(names(&recent, &Wanted::default()), ["d", "c", "b"]);
        assert_eq!(names(&recent, &Wanted { most: Some(1), ..Wanted::default() }), ["d"]);
        assert_eq!(names(&recent, &Wanted { outcome: Some(Outcome::Denied), ..Wanted::default() }), ["d", "b"]);
        for name in ["c", "r-c", "3"] {
            assert_eq!(names(&recent, &called(name)), ["c"], "{name}");
        }
        assert_eq!(names(&recent, &called("a")), [""; 0]);
        recent.clear();
        assert_eq!(names(&recent, &Wanted::default()), [""; 0]);
        assert_eq!(recent.keep(happening("e")).number, 5);
    }

    #[test]
    fn a_request_that_was_tried_again_is_told_once() {
        let recent = Recent::of(9);
        recent.keep(happening("a"));
        recent.keep(happening("b"));
        let again = recent.keep(Happening { outcome: Outcome::Allowed, ..happening("a") });
        assert_eq!((again.number, names(&recent, &Wanted::default())), (1, vec!["b".to_owned(), "a".to_owned()]));
        assert_eq!(recent.of_decision("a").unwrap().outcome, Outcome::Allowed);
    }

    #[test]
    fn memory_is_bounded_by_bytes_too() {
        let recent = Recent::of(usize::MAX);
        let large = vec!["n".repeat(2000); 40];
        for at in 0..400 {
            recent.keep(Happening { resources: large.clone(), ..happening(&at.to_string()) });
        }
        let huge = recent.keep(Happening { resources: vec!["n".repeat(2000); 400], ..happening("huge") });
        assert!(huge.resources.len() == 1 && recent.kept().bytes <= MOST_BYTES && recent.kept().all.len() > 100);
    }
}
