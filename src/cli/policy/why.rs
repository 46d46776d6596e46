//! Tells from the audit trail why a request was decided as it was.

use std::fmt::Write as _;
use std::fs::File;
use std::io::{BufRead, BufReader, Write};
use std::path::Path;

use serde_json::{Value, json};

use super::told::{Asked, Told};
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

/// Where each dialect writes the identifier of an event.
const EVENT_IDS: [&str; 2] = ["/eventID", "/eventId"];
/// Where each dialect writes the identifier of a request.
const REQUEST_IDS: [&str; 2] = ["/requestID", "/requestId"];

impl Why {
    /// Prints what the policies were asked and what they said.
    ///
    /// # Errors
    /// [`Failure::Failed`] when the trail cannot be read or does not hold the event, else as for reading settings.
    pub(crate) fn print(self, out: &mut dyn Write) -> Result<(), Failure> {
        let Self { id, json, flags } = self;
        let settings = Settings::of(flags.layered(std::env::vars_os())?, Mode::Serve)?;
        let trail = settings.audit_file.ok_or_else(|| Failure::Usage("there is no audit trail".to_owned()))?;
        let record = find(&trail, &id)?;
        let event = Event::of(&record)?;
        print(out, &if json { event.object().to_string() + "\n" } else { visible(&event.text()) })
    }
}

/// The text for a terminal: who sent a request chose much of it, and must not steer the terminal.
fn visible(text: &str) -> String {
    let shown = |character: char| match character.is_control() && character != '\n' {
        true => character.escape_default().to_string(),
        false => character.to_string(),
    };
    text.chars().map(shown).collect()
}

/// The event of this identifier; lines that are not whole are passed over.
fn find(trail: &Path, id: &str) -> Result<Value, Failure> {
    let unreadable =
        |error: std::io::Error| Failure::Failed(format!("cannot read the audit trail `{}`: {error}", trail.display()));
    let mut lines = BufReader::new(File::open(trail).map_err(unreadable)?);
    let mut of_request = None;
    let mut line = Vec::new();
    while lines.read_until(b'\n', &mut line).map_err(unreadable)? > 0 {
        // Most lines need not be parsed.
        let text = std::str::from_utf8(&line).ok().filter(|text| text.contains(id));
        if let Some(record) = text.and_then(|text| serde_json::from_str::<Value>(text).ok()) {
            if said(&record, &EVENT_IDS) == id {
                return Ok(record);
            }
            if said(&record, &REQUEST_IDS) == id {
                of_request = Some(record);
            }
        }
        line.clear();
    }
    of_request.ok_or_else(|| Failure::Failed(format!("`{}` holds no decision `{id}`", trail.display())))
}

/// The first text at one of these places; empty where there is none.
fn said<'r>(record: &'r Value, places: &[&str]) -> &'r str {
    places.iter().find_map(|place| record.pointer(place)?.as_str()).unwrap_or_default()
}

/// An event of either dialect.
struct Event<'r> {
    record: &'r Value,
    principal: String,
    decisions: Vec<(&'r Value, Told)>,
}

impl<'r> Event<'r> {
    fn of(record: &'r Value) -> Result<Self, Failure> {
        let traced = record.pointer("/additionalEventData/decisions").and_then(Value::as_array);
        let decisions = traced.into_iter().flatten().map(|written| {
            let told = Told::deserialized(written);
            told.map(|told| (written, told))
        });
        let decisions = decisions.collect::<Result<_, _>>()?;
        Ok(Self { record, principal: principal(record), decisions })
    }

    /// Of the whole: what was refused, if anything was; empty when nothing is written of it.
    fn verdict(&self) -> &str {
        let refused = self.decisions.iter().find(|(_, told)| !told.allows());
        match refused.or(self.decisions.first()) {
            Some((_, told)) => &told.verdict,
            None => match said(self.record, &["/additionalEventData/verdict", "/additionalEventData/authorization"]) {
                "Allow" => "allow",
                "ExplicitDeny" => "explicit_deny",
                "ImplicitDeny" => "implicit_deny",
                other => other,
            },
        }
    }

    fn asked<'e>(&'e self, written: &'e Value, told: &'e Told) -> Asked<'e> {
        let [action, resource] = ["/action", "/resource"].map(|place| said(written, &[place]));
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
        json!({
            "id": said(record, &EVENT_IDS),
            "request_id": said(record, &REQUEST_IDS),
            "time": said(record, &["/eventTime"]),
            "operation": operation(record),
            "principal": principal,
            "verdict": Some(self.verdict()).filter(|verdict| !verdict.is_empty()),
            "error": record.get("errorCode").map(|code| json!({"code": code, "message": record.get("errorMessage")})),
            "checks": checks,
        })
    }

    fn text(&self) -> String {
        let Self { record, principal, decisions } = self;
        let verdict = match self.verdict() {
            "" => "no verdict is written",
            verdict => verdict,
        };
        let mut text = format!("{}: {verdict}\n", said(record, &EVENT_IDS));
        let from = said(record, &["/sourceIPAddress", "/sourceIpAddress"]);
        let _ = writeln!(text, "  {} {} by {principal} from {from}", said(record, &["/eventTime"]), operation(record));
        let _ = writeln!(text, "  request {}", said(record, &REQUEST_IDS));
        if let [code, message] = ["/errorCode", "/errorMessage"].map(|place| said(record, &[place]))
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

fn operation(record: &Value) -> String {
    let service = said(record, &["/serviceName", "/eventSource"]);
    let service = service.split('.').next().unwrap_or_default().to_ascii_lowercase();
    format!("{service} {}", said(record, &["/eventName"]))
}

/// The full name, or else what is told of the caller.
fn principal(record: &Value) -> String {
    let arn = said(record, &["/userIdentity/arn"]);
    if !arn.is_empty() {
        return arn.to_owned();
    }
    let [kind, name, account] = ["type", "userName", "accountId"].map(|name| {
        let place = ["/userIdentity/", name].concat();
        said(record, &[place.as_str()])
    });
    format!("{kind} {name} of account {account}")
}

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
        for (id, name) in [("e-1", "/eventID"), ("r-1", "/eventID"), ("e-2", "/eventId"), ("r-2", "/eventId")] {
            assert!(!said(&find(file.path(), id).unwrap(), &[name]).is_empty(), "{id}");
        }
        for id in ["e-3", "Decrypt", "e-", ""] {
            assert!(find(file.path(), id).is_err(), "{id}");
        }
        assert!(find(Path::new("/nowhere/audit.jsonl"), "e-1").is_err());
    }

    #[test]
    fn people_read_who_asked_what_was_answered_and_why() {
        let record = aws();
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
        let record = alibaba();
        let event = Event::of(&record).unwrap();
        let expected = "e-2: allow\n  2026-01-02T03:04:05Z kms Decrypt by ram-user alice of account 1 from 127.0.0.1\n  \
                        request r-2\n";
        assert_eq!(event.text(), [expected, UNTRACED].concat());
        assert_eq!(event.object()["checks"], json!([]));
    }

    #[test]
    fn programs_get_the_decisions_with_what_would_change_them() {
        let record = aws();
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
        assert!(Event::of(&record).is_err());
    }
}
