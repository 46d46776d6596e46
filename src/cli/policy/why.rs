//! Tells why a request was decided as it was: from what an emulator remembers, or from the audit trail.

use std::fmt::Write as _;
use std::io::Write;
use std::path::PathBuf;

use serde_json::{Value, json};

use super::told::{Asked, Told};
use crate::cli::client::Target;
use crate::cli::reach::{Reached, Silent};
use crate::cli::record::{self, Record, said, visible};
use crate::cli::{Failure, print};
use crate::settings::{Mode, Settings};

/// Tell why a request was allowed or denied.
#[derive(Debug, clap::Args)]
pub(crate) struct Why {
    /// The request: `last`, `denied` (the last that was), its number in the log of `dev`, its identifier, or that of the
    /// decision (x-polykms-decision-id) or of the event on the audit trail
    #[arg(value_parser = clap::builder::NonEmptyStringValueParser::new())]
    id: String,
    /// Print one JSON object
    #[arg(long)]
    json: bool,
    #[command(flatten)]
    target: Target,
}

/// The newest of all.
const LAST: &str = "last";
/// The newest of those that were denied.
const DENIED: &str = "denied";

impl Why {
    /// Prints what the policies were asked and what they said.
    ///
    /// # Errors
    /// [`Failure::Failed`] when nothing is remembered of the request, else as for reading settings.
    pub(crate) fn print(self, out: &mut dyn Write) -> Result<(), Failure> {
        let Self { id, json, target } = self;
        let event = match target.names_trail() {
            true => of_trail(&trail(target)?.ok_or_else(no_trail)?, &id)?,
            false => {
                let named = target.names_server();
                let trail = trail(target.clone())?;
                let (ready, tls) = target.ready()?;
                match (remembered(&Reached::of(&ready, tls)?, &id), trail.filter(|trail| trail.is_file() && !named)) {
                    (Ok(event), _) => event,
                    (Err(Silent::Nobody(_) | Silent::NoEmulator(_)), Some(trail)) => of_trail(&trail, &id)?,
                    (Err(silent), _) => return Err(silent.into()),
                }
            }
        };
        print(out, &if json { event.object()?.to_string() + "\n" } else { visible(&event.text()?) })
    }
}

/// The audit trail of the settings.
fn trail(target: Target) -> Result<Option<PathBuf>, Failure> {
    Ok(Settings::of(target.layered()?, Mode::Serve)?.audit_file)
}

fn no_trail() -> Failure {
    Failure::Usage("there is no audit trail".to_owned())
}

fn of_trail(trail: &std::path::Path, id: &str) -> Result<Event, Failure> {
    Ok(Event::of(&find(&record::files(trail)?, id)?))
}

/// What an emulator remembers of a request.
fn remembered(reached: &Reached, id: &str) -> Result<Event, Silent> {
    let outcomes: &[&str] = match id {
        LAST => &["limit=1"],
        DENIED => &["limit=1&outcome=denied", "limit=1&outcome=would_be_denied"],
        _ => &[],
    };
    let named = format!("limit=1&id={}", escaped(id));
    let queries = if outcomes.is_empty() { vec![named.as_str()] } else { outcomes.to_vec() };
    let mut found: Option<Value> = None;
    for query in queries {
        let told = reached.page(&format!("decisions?{query}"), None)?;
        let newest = told.pointer("/decisions/0").cloned();
        let number = |told: &Option<Value>| told.as_ref().and_then(|told| told.get("number")?.as_u64());
        if number(&newest) > number(&found) {
            found = newest;
        }
    }
    let none = || match id {
        LAST => "nobody has asked for anything yet".to_owned(),
        DENIED => "nothing was denied yet, as far as that is remembered".to_owned(),
        id => format!("no request `{id}` is remembered; the newest thousand are"),
    };
    found.as_ref().map(Event::remembered).ok_or_else(|| Silent::Failed(Failure::Failed(none())))
}

/// A name as a part of a query.
fn escaped(text: &str) -> String {
    let known = |byte: u8| byte.is_ascii_alphanumeric() || matches!(byte, b'-' | b'_' | b'.');
    text.bytes().map(|byte| if known(byte) { char::from(byte).to_string() } else { format!("%{byte:02X}") }).collect()
}

/// The event of this identifier, or the newest of those that are wanted.
fn find(trail: &[PathBuf], id: &str) -> Result<Record, Failure> {
    let (mut of_event, mut of_request) = (None, None);
    let words = if matches!(id, LAST | DENIED) { vec![] } else { vec![id] };
    for file in trail.iter().rev() {
        record::each(file, &words, |record| {
            match id {
                LAST => of_request = Some(record),
                DENIED if is_denied(record.verdict()) => of_request = Some(record),
                id if record.event() == id => of_event = Some(record),
                id if record.request() == id => of_request = Some(record),
                _ => {}
            }
            Ok(of_event.is_none())
        })?;
        if of_event.is_some() || of_request.is_some() {
            break;
        }
    }
    let last = trail.last().map(|file| file.display().to_string()).unwrap_or_default();
    of_event.or(of_request).ok_or_else(|| Failure::Failed(format!("`{last}` holds no decision `{id}`")))
}

fn is_denied(verdict: &str) -> bool {
    matches!(verdict, "explicit_deny" | "implicit_deny")
}

/// An event with what was decided.
struct Event {
    id: String,
    request: String,
    time: String,
    operation: String,
    principal: String,
    address: String,
    outcome: &'static str,
    verdict: String,
    error: Option<[String; 2]>,
    reason: String,
    simulated: Option<Value>,
    decisions: Vec<Value>,
}

impl Event {
    /// An event of the trail.
    fn of(record: &Record) -> Self {
        let decisions = record.decisions().to_vec();
        let refused = decisions.iter().map(|written| said(written, "/verdict")).find(|verdict| is_denied(verdict));
        let first = decisions.first().map(|written| said(written, "/verdict"));
        let verdict = refused.or(first).unwrap_or_else(|| record.verdict()).to_owned();
        let error = Some(record.error()).filter(|[code, _]| !code.is_empty());
        let outcome = match (&error, is_denied(&verdict)) {
            (Some(_), true) => "DENIED",
            (None, true) => "allowed, WOULD HAVE BEEN DENIED",
            (Some(_), false) => "failed",
            (None, false) => "allowed",
        };
        Self {
            id: record.event().to_owned(),
            request: record.request().to_owned(),
            time: record.time().to_owned(),
            operation: record.operation(),
            principal: record.principal(),
            address: record.address().to_owned(),
            outcome,
            verdict,
            error: error.map(|error| error.map(str::to_owned)),
            reason: String::new(),
            simulated: record.value.pointer("/additionalEventData/simulated").cloned(),
            decisions,
        }
    }

    /// A request that an emulator remembers.
    fn remembered(told: &Value) -> Self {
        let text = |place: &str| said(told, place).to_owned();
        let outcome =
            crate::core::engine::Outcome::ALL.into_iter().find(|known| known.name() == said(told, "/outcome"));
        let decisions = told.get("decisions").and_then(Value::as_array).cloned().unwrap_or_default();
        let refused = decisions.iter().map(|written| said(written, "/verdict")).find(|verdict| is_denied(verdict));
        let verdict = refused.or(decisions.first().map(|written| said(written, "/verdict"))).unwrap_or_default();
        let principal = match (said(told, "/caller"), said(told, "/access_key_id")) {
            ("", "") => "nobody".to_owned(),
            ("", id) => format!("access key {id}"),
            (caller, _) => caller.to_owned(),
        };
        let error = Some([text("/code"), text("/message")]).filter(|[code, _]| !code.is_empty());
        Self {
            id: text("/decision_id"),
            request: text("/request_id"),
            time: said(told, "/time").split_once('.').map_or_else(|| text("/time"), |(whole, _)| format!("{whole}Z")),
            operation: format!("{} {}", said(told, "/service"), said(told, "/operation")).trim().to_owned(),
            principal,
            address: text("/address"),
            outcome: outcome.map_or("answered", crate::core::engine::Outcome::words),
            verdict: verdict.to_owned(),
            error,
            reason: text("/reason"),
            simulated: told.get("simulated").cloned(),
            decisions,
        }
    }

    fn told(&self) -> Result<Vec<(&Value, Told)>, Failure> {
        self.decisions.iter().map(|written| Told::deserialized(written).map(|told| (written, told))).collect()
    }

    fn asked<'e>(&'e self, written: &'e Value, told: &'e Told) -> Asked<'e> {
        let [action, resource] = ["/action", "/resource"].map(|place| said(written, place));
        Asked { principal: &self.principal, action, resource, told }
    }

    fn object(&self) -> Result<Value, Failure> {
        let told = self.told()?;
        let checks: Vec<Value> = told
            .iter()
            .map(|(written, told)| {
                let mut decision = (*written).clone();
                if let Value::Object(members) = &mut decision {
                    members.retain(|name, _| !matches!(name.as_str(), "action" | "resource"));
                }
                self.asked(written, told).object(decision)
            })
            .collect();
        let error = self.error.as_ref().map(|[code, message]| json!({"code": code, "message": message}));
        Ok(json!({
            "id": self.id,
            "request_id": self.request,
            "time": self.time,
            "operation": self.operation,
            "principal": self.principal,
            "outcome": self.outcome,
            "verdict": Some(&self.verdict).filter(|verdict| !verdict.is_empty()),
            "error": error,
            "simulated": self.simulated,
            "checks": checks,
        }))
    }

    fn text(&self) -> Result<String, Failure> {
        let Self { id, request, time, operation, principal, address, outcome, error, reason, simulated, .. } = self;
        let told = self.told()?;
        let mut text = format!("{outcome}: {operation} by {principal}\n");
        let _ = writeln!(text, "  {time} from {address}, request {request}, decision {id}");
        if let Some(simulated) = simulated {
            let _ = writeln!(text, "  simulated: taken to come from {simulated}");
        }
        if let Some([code, message]) = error {
            let _ = writeln!(text, "  answered {code}: {message}");
        }
        for (written, told) in &told {
            text.push_str(&self.asked(written, told).text());
        }
        match (told.is_empty(), reason.as_str()) {
            (true, "") if self.verdict.is_empty() && error.is_some() => text.push_str(UNASKED),
            (true, "") => text.push_str(UNTRACED),
            (true, reason) => drop(writeln!(text, "  {reason}")),
            (false, _) => {}
        }
        Ok(text)
    }
}

const UNASKED: &str = "  no policy was asked: the request came to nothing before, or nobody guards the operation\n";

const UNTRACED: &str = "  there is no trace of it: what is allowed has one under `--audit-decisions all` only, and what \
                        nobody guards has none\n";

#[cfg(test)]
#[allow(clippy::unwrap_used, clippy::expect_used, clippy::indexing_slicing, clippy::panic, reason = "tests")]
mod tests {
    use std::io::Write as _;

    use super::*;

    #[test]
    fn what_a_requester_wrote_does_not_steer_the_terminal() {
        assert_eq!(visible("a\u{1b}[2Jb\nc\r\u{9b}é"), "a\\u{1b}[2Jb\nc\\r\\u{9b}é");
    }

    fn decision(verdict: &str) -> Value {
        json!({"action": "kms:Decrypt", "resource": "key", "verdict": verdict, "allow_by": [], "near_miss": [],
            "deny_by": [{"layer": "identity", "policy": "p", "statement": "No", "pointer": "/Statement/0"}],
            "blocked_by": []})
    }

    fn aws() -> Value {
        json!({"eventID": "e-1", "requestID": "r-1", "eventTime": "2026-01-02T03:04:05Z", "eventName": "Decrypt",
            "eventSource": "kms.amazonaws.com", "sourceIPAddress": "127.0.0.1", "errorCode": "AccessDeniedException",
            "errorMessage": "User: …", "userIdentity": {"arn": "arn:aws:iam::1:user/alice"},
            "additionalEventData": {"verdict": "explicit_deny", "decisions": [decision("explicit_deny")]}})
    }

    fn alibaba() -> Value {
        json!({"eventId": "e-2", "requestId": "r-2", "eventTime": "2026-01-02T03:04:05Z", "eventName": "Decrypt",
            "serviceName": "Kms", "sourceIpAddress": "127.0.0.1",
            "userIdentity": {"type": "ram-user", "userName": "alice", "accountId": "1"},
            "additionalEventData": {"authorization": "Allow"}})
    }

    fn trail(lines: &[&str]) -> tempfile::NamedTempFile {
        let mut file = tempfile::NamedTempFile::new().unwrap();
        for line in lines {
            writeln!(file, "{line}").unwrap();
        }
        file
    }

    #[test]
    fn an_event_is_found_by_its_own_identifier_or_that_of_the_request() {
        let (one, two) = (aws().to_string(), alibaba().to_string());
        let file = trail(&["{\"eventID\":\"e-1", &one, "", &two]);
        let files = [file.path().to_owned()];
        for (id, event) in [("e-1", "e-1"), ("r-1", "e-1"), ("e-2", "e-2"), ("r-2", "e-2")] {
            assert_eq!(find(&files, id).unwrap().event(), event, "{id}");
        }
        assert_eq!(find(&files, "last").unwrap().event(), "e-2");
        assert_eq!(find(&files, "denied").unwrap().event(), "e-1");
        for id in ["e-3", "Decrypt", "e-", ""] {
            assert!(find(&files, id).is_err(), "{id}");
        }
        assert!(find(&[PathBuf::from("/nowhere/audit.jsonl")], "e-1").is_err());
    }

    #[test]
    fn people_read_who_asked_what_was_answered_and_why() {
        let told = Event::of(&Record::of(aws()).unwrap()).text().unwrap();
        let expected = "DENIED: kms Decrypt by arn:aws:iam::1:user/alice\n  2026-01-02T03:04:05Z from 127.0.0.1, request \
                        r-1, decision e-1\n  answered AccessDeniedException: User: …\n  \
                        arn:aws:iam::1:user/alice\n    kms:Decrypt on key: explicit_deny\n    denied by identity `p`, \
                        statement `No` at /Statement/0\n    to change it: remove or narrow the Deny of identity `p`, \
                        statement `No` at /Statement/0\n";
        assert_eq!(told, expected);
    }

    #[test]
    fn what_has_no_trace_says_so() {
        let event = Event::of(&Record::of(alibaba()).unwrap());
        let expected = "allowed: kms Decrypt by ram-user alice of account 1\n  2026-01-02T03:04:05Z from 127.0.0.1, request \
                        r-2, decision e-2\n";
        assert_eq!(event.text().unwrap(), [expected, UNTRACED].concat());
        assert_eq!(event.object().unwrap()["checks"], json!([]));
    }

    #[test]
    fn programs_get_the_decisions_with_what_would_change_them() {
        let object = Event::of(&Record::of(aws()).unwrap()).object().unwrap();
        assert_eq!((&object["id"], &object["verdict"]), (&json!("e-1"), &json!("explicit_deny")));
        let check = &object["checks"][0];
        assert_eq!((&check["action"], &check["decision"]["verdict"]), (&json!("kms:Decrypt"), &json!("explicit_deny")));
        assert!(check["changes"][0].as_str().unwrap().starts_with("remove or narrow"), "{object}");
    }

    #[test]
    fn a_trace_of_another_form_is_an_error() {
        let mut record = aws();
        record["additionalEventData"]["decisions"][0] = json!({"verdict": 1});
        assert!(Event::of(&Record::of(record).unwrap()).text().is_err());
    }
}
