//! Records of the audit trail, read back: where in them what is found, each dialect says of its own.

use std::fs::File;
use std::io::{BufRead, BufReader};
use std::path::{Path, PathBuf};

use serde_json::Value;

use super::Failure;
use crate::core::dialect::trail::Places;

/// One event.
#[derive(Debug)]
pub(crate) struct Record {
    /// The record itself.
    pub(crate) value: Value,
    places: &'static Places,
}

impl Record {
    /// An event of whichever dialect knows its shape; none, when none does.
    pub(crate) fn of(value: Value) -> Option<Self> {
        let registry = crate::registry().ok()?;
        let places = registry.dialects().iter().map(|dialect| &dialect.trail.places);
        let places = places.into_iter().find(|places| !said(&value, places.event).is_empty())?;
        Some(Self { value, places })
    }

    /// The identifier of the event.
    pub(crate) fn event(&self) -> &str {
        said(&self.value, self.places.event)
    }

    /// The identifier of the request.
    pub(crate) fn request(&self) -> &str {
        said(&self.value, self.places.request)
    }

    /// When it happened.
    pub(crate) fn time(&self) -> &str {
        said(&self.value, self.places.time)
    }

    /// Service and operation.
    pub(crate) fn operation(&self) -> String {
        let service = said(&self.value, self.places.service);
        let service = service.split('.').next().unwrap_or_default().to_ascii_lowercase();
        format!("{service} {}", said(&self.value, self.places.operation))
    }

    /// The address it came from.
    pub(crate) fn address(&self) -> &str {
        said(&self.value, self.places.address)
    }

    /// The full name, or else what is told of the caller.
    pub(crate) fn principal(&self) -> String {
        match self.places.principal.map(|place| said(&self.value, place)) {
            Some(name) if !name.is_empty() => name.to_owned(),
            _ => {
                let [kind, name, account] = self.caller();
                format!("{kind} {name} of account {account}")
            }
        }
    }

    /// Kind, name and account of the caller.
    pub(crate) fn caller(&self) -> [&str; 3] {
        self.places.caller.map(|place| said(&self.value, place))
    }

    /// The access key that was used.
    pub(crate) fn access_key(&self) -> &str {
        said(&self.value, self.places.access_key)
    }

    /// Code and text of the error; no code, when it went well.
    pub(crate) fn error(&self) -> [&str; 2] {
        [self.places.code, self.places.message].map(|place| said(&self.value, place))
    }

    /// What the policies said: `allow`, `explicit_deny`, `implicit_deny`, whatever the dialect writes for them.
    pub(crate) fn verdict(&self) -> &str {
        match said(&self.value, self.places.verdict) {
            "Allow" => "allow",
            "ExplicitDeny" => "explicit_deny",
            "ImplicitDeny" => "implicit_deny",
            other => other,
        }
    }

    /// The trace of what the policies said.
    pub(crate) fn decisions(&self) -> &[Value] {
        self.value.pointer(self.places.decisions).and_then(Value::as_array).map_or(&[], Vec::as_slice)
    }

    /// The full names of what it was about.
    pub(crate) fn resources(&self) -> Vec<&str> {
        let (place, member) = self.places.resources;
        let mut found = Vec::new();
        if let Some(value) = self.value.pointer(place) {
            texts(value, member, &mut found);
        }
        found
    }
}

fn texts<'v>(value: &'v Value, member: Option<&str>, found: &mut Vec<&'v str>) {
    match value {
        Value::String(text) => found.push(text),
        Value::Array(items) => items.iter().for_each(|item| texts(item, member, found)),
        Value::Object(members) => {
            let wanted = members.iter().filter(|(name, _)| member.is_none_or(|member| *name == member));
            wanted.for_each(|(_, value)| texts(value, member, found));
        }
        Value::Null | Value::Bool(_) | Value::Number(_) => {}
    }
}

/// The text at a place; empty where there is none.
pub(crate) fn said<'r>(value: &'r Value, place: &str) -> &'r str {
    value.pointer(place).and_then(Value::as_str).unwrap_or_default()
}

/// Goes through the events of a file; what is no whole event, or holds none of `words`, is passed over. Ends early when
/// told to.
///
/// # Errors
/// [`Failure::Failed`] when the file cannot be read.
pub(crate) fn each(
    trail: &Path,
    words: &[&str],
    mut see: impl FnMut(Record) -> Result<bool, Failure>,
) -> Result<(), Failure> {
    let unreadable =
        |error: std::io::Error| Failure::Failed(format!("cannot read the audit trail `{}`: {error}", trail.display()));
    let mut lines = BufReader::new(File::open(trail).map_err(unreadable)?);
    let mut line = Vec::new();
    while lines.read_until(b'\n', &mut line).map_err(unreadable)? > 0 {
        // Most lines need not be parsed.
        let text = std::str::from_utf8(&line).ok().filter(|text| words.iter().all(|word| text.contains(word)));
        let record = text.and_then(|text| serde_json::from_str(text).ok()).and_then(Record::of);
        if let Some(record) = record
            && !see(record)?
        {
            return Ok(());
        }
        line.clear();
    }
    Ok(())
}

/// The files of a trail in the order they were written: those that were moved away, and the one that is written.
///
/// # Errors
/// [`Failure::Failed`] when the folder cannot be read.
pub(crate) fn files(trail: &Path) -> Result<Vec<PathBuf>, Failure> {
    let folder = trail.parent().filter(|folder| !folder.as_os_str().is_empty()).unwrap_or(Path::new("."));
    let unreadable = |error: std::io::Error| Failure::Failed(format!("cannot read `{}`: {error}", folder.display()));
    let prefix = trail.file_name().map(|name| format!("{}.", name.to_string_lossy())).unwrap_or_default();
    let mut moved = Vec::new();
    for entry in std::fs::read_dir(folder).map_err(unreadable)? {
        let entry = entry.map_err(unreadable)?;
        let name = entry.file_name();
        let stamp = name.to_str().and_then(|name| name.strip_prefix(&prefix));
        if stamp.is_some_and(|stamp| stamp.starts_with(|first: char| first.is_ascii_digit())) {
            moved.push((entry.path(), sorted(stamp.unwrap_or_default())));
        }
    }
    moved.sort_by(|(_, one), (_, other)| one.cmp(other));
    Ok(moved.into_iter().map(|(path, _)| path).chain([trail.to_owned()]).collect())
}

/// A stamp as its moment and the number behind it.
fn sorted(stamp: &str) -> (String, u32) {
    let (moment, number) = stamp.split_once('-').unwrap_or((stamp, "0"));
    (moment.to_owned(), number.parse().unwrap_or(u32::MAX))
}

/// The text for a terminal: who sent a request chose much of it, and must not steer the terminal.
pub(crate) fn visible(text: &str) -> String {
    let shown = |character: char| match character.is_control() && character != '\n' {
        true => character.escape_default().to_string(),
        false => character.to_string(),
    };
    text.chars().map(shown).collect()
}
