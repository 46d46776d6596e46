//! How a dialect tells events on the audit trail, and where in its events what is found.

use serde::Serialize;

use crate::dialect::message::Structure;
use crate::engine::Event;
use crate::error::Error;

/// Events in the shape that the vendor's own trail has.
pub struct Trail {
    /// Appends the members of a request as a JSON object. Nothing that is sensitive is in it.
    pub parameters: fn(&dyn Structure, &mut Vec<u8>),
    /// Appends an event as one line of JSON.
    pub line: fn(&Event<'_>, &mut Vec<u8>),
    /// The code and the text that the vendor has for an error of a service.
    pub error: fn(&Error, service: &str) -> [String; 2],
    /// Where in such a line what is found.
    pub places: Places,
}

/// Where in an event what is found: JSON pointers (RFC 6901).
#[derive(Debug, Clone, Copy)]
pub struct Places {
    /// The identifier of the event; no other dialect has it there.
    pub event: &'static str,
    /// The identifier of the request.
    pub request: &'static str,
    /// When it happened.
    pub time: &'static str,
    /// The service.
    pub service: &'static str,
    /// The operation.
    pub operation: &'static str,
    /// The address it came from.
    pub address: &'static str,
    /// Who asked: the full name, if events tell it.
    pub principal: Option<&'static str>,
    /// Who asked: kind, name and account.
    pub caller: [&'static str; 3],
    /// The access key.
    pub access_key: &'static str,
    /// The code of the error, if it failed.
    pub code: &'static str,
    /// The text of the error.
    pub message: &'static str,
    /// What the policies said.
    pub verdict: &'static str,
    /// The trace of what they said.
    pub decisions: &'static str,
    /// What it was about: full names, somewhere below; in objects, only those of the member of this name.
    pub resources: (&'static str, Option<&'static str>),
}

impl Places {
    /// Of events in which nothing is looked for.
    pub const NOWHERE: Self = Self {
        event: "",
        request: "",
        time: "",
        service: "",
        operation: "",
        address: "",
        principal: None,
        caller: [""; 3],
        access_key: "",
        code: "",
        message: "",
        verdict: "",
        decisions: "",
        resources: ("", None),
    };
}

/// Appends a record of an event as one line of JSON. Its parameters come last, as they are written already; `nothing` stands
/// for them where there are none.
pub fn write(record: &impl Serialize, parameters: &[u8], nothing: &str, line: &mut Vec<u8>) {
    // A record holds texts, numbers and maps with text keys: writing it cannot fail.
    if serde_json::to_writer(&mut *line, record).is_err() {
        return line.clear();
    }
    line.pop();
    line.extend_from_slice(br#","requestParameters":"#);
    line.extend_from_slice(if parameters.is_empty() { nothing.as_bytes() } else { parameters });
    line.push(b'}');
}
