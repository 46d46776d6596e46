//! Writes messages as JSON, straight from the fields into the bytes of the answer.
//!
//! # Invariants
//! - What is written may be a plaintext: no copy of it is made on the way.

use std::io::Write as _;

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use serde::Serialize;

use super::Dates;
use crate::dialect::message::{Items, Structure, View};

/// Writes a message, with texts that are no members of it in the order of their names.
pub fn write(out: &mut Vec<u8>, message: &dyn Structure, dates: Dates, more: &[(&str, &str)]) {
    let mut more = more.iter().peekable();
    let mut before = b'{';
    for (at, member) in message.members().iter().enumerate() {
        while let Some((name, text)) = more.next_if(|(name, _)| *name < member.name) {
            entry(out, &mut before, name, &View::Text(text), dates);
        }
        match message.member(at) {
            View::Absent => {}
            view => entry(out, &mut before, member.name, &view, dates),
        }
    }
    for (name, text) in more {
        entry(out, &mut before, name, &View::Text(text), dates);
    }
    close(out, before, b'{', b'}');
}

/// Writes an object whose members are written one after the other.
pub fn object(out: &mut Vec<u8>, write: impl FnOnce(&mut Object<'_>)) {
    let mut object = Object { out, before: b'{' };
    write(&mut object);
    let Object { out, before } = object;
    close(out, before, b'{', b'}');
}

/// An object that is being written: what a protocol wraps around a message.
pub struct Object<'o> {
    out: &'o mut Vec<u8>,
    before: u8,
}

impl Object<'_> {
    /// A member that is a text.
    pub fn text(&mut self, name: &str, value: &str) {
        entry(self.out, &mut self.before, name, &View::Text(value), Dates::Epoch);
    }

    /// A member that is a message.
    pub fn message(&mut self, name: &str, message: &dyn Structure, dates: Dates) {
        entry(self.out, &mut self.before, name, &View::Structure(message), dates);
    }

    /// A member that is an object itself.
    pub fn object(&mut self, name: &str, write: impl FnOnce(&mut Object<'_>)) {
        begin(self.out, &mut self.before, name);
        object(self.out, write);
    }
}

/// Writes one value that is JSON inside something else.
pub(in crate::dialect::message) fn value(view: &View<'_>, dates: Dates) -> String {
    let mut out = Vec::new();
    written(&mut out, view, dates);
    String::from_utf8(out).unwrap_or_default()
}

/// Writes a text with its quotation marks.
pub fn text(out: &mut Vec<u8>, text: &str) {
    scalar(out, text);
}

/// Writes what has no parts, as the common library does it.
fn scalar(out: &mut Vec<u8>, value: &(impl Serialize + ?Sized)) {
    let _ = serde_json::to_writer(out, value); // a buffer takes everything
}

/// Writes a member or an entry behind `before`, which is a comma from then on.
fn entry(out: &mut Vec<u8>, before: &mut u8, name: &str, view: &View<'_>, dates: Dates) {
    begin(out, before, name);
    written(out, view, dates);
}

/// Writes the name of a member.
fn begin(out: &mut Vec<u8>, before: &mut u8, name: &str) {
    out.push(std::mem::replace(before, b','));
    text(out, name);
    out.push(b':');
}

/// Ends what would have begun with `open` if it had any parts.
fn close(out: &mut Vec<u8>, before: u8, open: u8, close: u8) {
    if before == open {
        out.push(open);
    }
    out.push(close);
}

fn written(out: &mut Vec<u8>, view: &View<'_>, dates: Dates) {
    match view {
        View::Absent => out.extend_from_slice(b"null"),
        View::Text(characters) => text(out, characters),
        View::Integer(number) => scalar(out, number),
        View::Flag(flag) => scalar(out, flag),
        View::Time(time) if dates == Dates::Epoch => epoch(out, time.as_millisecond()),
        View::Time(time) => {
            let _ = write!(out, "\"{}\"", time.strftime("%Y-%m-%dT%H:%M:%SZ")); // a buffer takes everything
        }
        View::Blob(bytes) => blob(out, bytes),
        View::List(items) => list(out, *items, dates),
        View::Map(entries) => {
            let mut before = b'{';
            for (name, value) in (0..entries.count()).filter_map(|at| entries.entry(at)) {
                entry(out, &mut before, name, &View::Text(value), dates);
            }
            close(out, before, b'{', b'}');
        }
        View::Structure(structure) => write(out, *structure, dates, &[]),
    }
}

fn list(out: &mut Vec<u8>, items: &dyn Items, dates: Dates) {
    let mut before = b'[';
    for at in 0..items.count() {
        out.push(std::mem::replace(&mut before, b','));
        written(out, &items.item(at), dates);
    }
    close(out, before, b'[', b']');
}

/// Seconds since 1970 with a fraction.
#[expect(clippy::cast_precision_loss, reason = "milliseconds of every year that can be written fit into 53 bits")]
fn epoch(out: &mut Vec<u8>, millis: i64) {
    scalar(out, &(millis as f64 / 1000.0));
}

/// Bytes in base64, written in their place.
fn blob(out: &mut Vec<u8>, bytes: &[u8]) {
    out.push(b'"');
    let from = out.len();
    out.resize(from.saturating_add(bytes.len().div_ceil(3).saturating_mul(4)), 0);
    let room = out.get_mut(from..).unwrap_or_default();
    let written = STANDARD.encode_slice(bytes, room).unwrap_or_default();
    out.truncate(from.saturating_add(written));
    out.push(b'"');
}

#[cfg(test)]
mod tests {
    use super::*;

    fn written_text(characters: &str) -> String {
        let mut out = Vec::new();
        text(&mut out, characters);
        String::from_utf8(out).unwrap_or_default()
    }

    #[test]
    fn every_character_is_escaped_as_the_common_library_does_it() {
        for character in (0..=0x2ff).chain(0xfff0..=0x1_0010).filter_map(char::from_u32) {
            for before in 0..17 {
                let characters = format!("{}{character}{}", "x".repeat(before), "\u{7f}é".repeat(before % 5));
                assert_eq!(Some(written_text(&characters)), serde_json::to_string(&characters).ok(), "{characters:?}");
            }
        }
    }

    #[test]
    #[expect(clippy::cast_precision_loss, reason = "53 bits are enough")]
    fn seconds_are_written_as_the_common_library_does_it() {
        let some = [0, 1, 10, 100, 120, 999, 1000, 1001, 1_790_000_000_000, 1_790_000_000_123, 253_402_207_200_999];
        for millis in some.into_iter().flat_map(|millis| [millis, -millis]) {
            let mut out = Vec::new();
            epoch(&mut out, millis);
            let common = serde_json::to_string(&(millis as f64 / 1000.0)).unwrap_or_default();
            assert_eq!(String::from_utf8(out).ok(), Some(common));
        }
    }

    #[test]
    fn bytes_are_base64_whatever_their_number() {
        for count in 0..50_u8 {
            let bytes: Vec<u8> = (0..count).map(|byte| byte.wrapping_mul(83)).collect();
            let mut out = b"before".to_vec();
            blob(&mut out, &bytes);
            let wanted = format!("before\"{}\"", STANDARD.encode(&bytes));
            assert_eq!(String::from_utf8(out).ok(), Some(wanted));
        }
    }
}
