//! Tells from the audit trail why a request was decided as it was.

use std::fmt::Write as _;
use std::io::Write;
use std::path::PathBuf;

use serde_json::{Value, json};

use super::told::{Asked, Told};
use crate::cli::record::{self, Record, said, visible};
use crate::cli::{Failure, print};
use crate::config::Flags;
use crate::settings::{Mode, Settings};

/// Tell why a request was allowed or denied.
#[derive(Debug, clap::Args)]
pub(crate) struct Why {
    /// The decision (x-polykms-decision-id), the event on the audit trail, or the request
    #[arg(value_parser = clap::builder::NonEmptyStringValueParser::new())]
    id: String,
    /// Print one JSON object
    #[arg(long)]
    json: bool,
    #[command(flatten)]
    flags: Flags,
}

impl Why {
    /// Prints what the policies were asked and what they said.
    ///
    /// # Errors
    /// [`Failure::Failed`] when the trail cannot be read or does not hold the event, else as for reading settings.
    pub(crate) fn print(self, out: &mut dyn Write) -> Result<(), Failure> {
        let Self { id, json, flags } = self;
        let settings = Settings::of(flags.layered(std::env::vars_os())?, Mode::Serve)?;
        let trail = settings.audit_file.ok_or_else(|| Failure::Usage("there is no audit trail".to_owned()))?;
        let record = find(&record::files(&trail)?, &id)?;
        let event = Event::of(&record)?;
        print(out, &if json { event.object().to_string() + "\n" } else { visible(&event.text()) })
    }
}

/// The event of this identifier.
fn find(trail: &[PathBuf], id: &str) -> Result<Record, Failure> {
    let (mut of_event, mut of_request) = (None, None);
    for file in trail.iter().rev() {
        record::each(file, &[id], |record| {
            match (record.event() == id, record.request() == id) {
                (true, _) => of_event = Some(record),
                (false, true) => of_request = Some(record),
                (false, false) => {}
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

/// An event with what was decided.
struct Event<'r> {
    record: &'r Record,
    principal: String,
    decisions: Vec<(&'r Value, Told)>,
}

impl<'r> Event<'r> {
    fn of(record: &'r Record) -> Result<Self, Failure> {
        let decisions = record.decisions().iter().map(|written| {
            let told = Told::deserialized(written);
            told.map(|told| (written, told))
        });
        let decisions = decisions.collect::<Result<_, _>>()?;
        Ok(Self { record, principal: record.principal(), decisions })
    }

    /// Of the whole: what was refused, if anything was; empty when nothing is written of it.
    fn verdict(&self) -> &str {
        let refused = self.decisions.iter().find(|(_, told)| !told.allows());
        match refused.or(self.decisions.first()) {
            Some((_, told)) => &told.verdict,
            None => self.record.verdict(),
        }
    }

    fn asked<'e>(&'e self, written: &'e Value, told: &'e Told) -> Asked<'e> {
        let [action, resource] = ["/action", "/resource"].map(|place| said(written, place));
        Asked { principal: &self.principal, action, resource, told }
    }

    fn object(&self) -> Value {
        let Self { record, principal, decisions } = self;
        let checks: Vec<Value> = decisions
            .iter()
            .map(|(written, told)| {
                let mut decision = (*written).clone();
                if let Value::Object(members) = &mut decision {
                    members.retain(|name, _| !matches!(name.as_str(), "action" | "resource"));
                }
                self.asked(written, told).object(decision)
            })
            .collect();
        let error = Some(record.error()).filter(|[code, _]| !code.is_empty());
        json!({
            "id": record.event(),
            "request_id": record.request(),
            "time": record.time(),
            "operation": record.operation(),
            "principal": principal,
            "verdict": Some(self.verdict()).filter(|verdict| !verdict.is_empty()),
            "error": error.map(|[code, message]| json!({"code": code, "message": message})),
            "checks": checks,
        })
    }

    fn text(&self) -> String {
        let Self { record, principal, decisions } = self;
        let verdict = match self.verdict() {
            "" => "no verdict is written",
            verdict => verdict,
        };
        let mut text = format!("{}: {verdict}\n", record.event());
        let from = record.address();
        let _ = writeln!(text, "  {} {} by {principal} from {from}", record.time(), record.operation());
        let _ = writeln!(text, "  request {}", record.request());
        if let [code, message] = record.error()
            && !code.is_empty()
        {
            let _ = writeln!(text, "  answered {code}: {message}");
        }
        for (written, told) in decisions {
            text.push_str(&self.asked(written, told).text());
        }
        if decisions.is_empty() {
            text.push_str(UNTRACED);
        }
        text
    }
}

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
        for id in ["e-3", "Decrypt", "e-", ""] {
            assert!(find(&files, id).is_err(), "{id}");
        }
        assert!(find(&[PathBuf::from("/nowhere/audit.jsonl")], "e-1").is_err());
    }

    #[test]
    fn people_read_who_asked_what_was_answered_and_why() {
        let record = Record::of(aws()).unwrap();
        let told = Event::of(&record).unwrap().text();
        let expected = "e-1: explicit_deny\n  2026-01-02T03:04:05Z kms Decrypt by arn:aws:iam::1:user/alice from \
                        127.0.0.1\n  request r-1\n  answered AccessDeniedException: User: …\n  \
                        arn:aws:iam::1:user/alice\n    kms:Decrypt on key: explicit_deny\n    denied by identity `p`, \
                        statement `No` at /Statement/0\n    to change it: remove or narrow the Deny of identity `p`, \
                        statement `No` at /Statement/0\n";
        assert_eq!(told, expected);
    }

    #[test]
    fn what_has_no_trace_says_so() {
        let record = Record::of(alibaba()).unwrap();
        let event = Event::of(&record).unwrap();
        let expected = "e-2: allow\n  2026-01-02T03:04:05Z kms Decrypt by ram-user alice of account 1 from 127.0.0.1\n  \
                        request r-2\n";
        assert_eq!(event.text(), [expected, UNTRACED].concat());
        assert_eq!(event.object()["checks"], json!([]));
    }

    #[test]
    fn programs_get_the_decisions_with_what_would_change_them() {
        let record = Record::of(aws()).unwrap();
        let object = Event::of(&record).unwrap().object();
        assert_eq!((&object["id"], &object["verdict"]), (&json!("e-1"), &json!("explicit_deny")));
        let check = &object["checks"][0];
        assert_eq!((&check["action"], &check["decision"]["verdict"]), (&json!("kms:Decrypt"), &json!("explicit_deny")));
        assert!(check["changes"][0].as_str().unwrap().starts_with("remove or narrow"), "{object}");
    }

    #[test]
    fn a_trace_of_another_form_is_an_error() {
        let mut record = aws();
        record["additionalEventData"]["decisions"][0] = json!({"verdict": 1});
        assert!(Event::of(&Record::of(record).unwrap()).is_err());
    }
}
