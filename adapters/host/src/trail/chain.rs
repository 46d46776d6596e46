//! The chain: every line carries the hash of all before it, and signed notes vouch for the hashes.
//!
//! A line is the JSON object it was, with one more member at its end:
//! `"chain":{"writer":"…","number":17,"hash":"…"}`. The hash is SHA-256 of the hash before, 32 bytes, and of the line up to
//! that member. A note is a line of the trail's own; its last member but the chain is a signature of the hash before and
//! of the note up to there.

use std::sync::Arc;

use jiff::Timestamp;
use polykms_core::dialect::Hex;
use serde::{Deserialize, Serialize};
use sha2::{Digest, Sha256};

use super::signer::{PublicKey, Signer};

/// What a line ends with begins so; inside a text its quotes would be escaped.
const CHAIN: &str = ",\"chain\":{";
/// What the text before a signature ends with.
const SIGNATURE: &str = ",\"signature\":\"";
/// What is signed begins so: it is never taken for something else that the key signed.
const DOMAIN: &[u8] = b"polykms-trail-1\n";

/// A hash of all lines so far.
pub(super) type Hash = [u8; 32];

/// A place in a chain.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub(super) struct Link {
    /// Who wrote the line: one run of the program, by a name that no other has.
    pub(super) writer: String,
    /// Which line of this writer's it is, counted from 1.
    pub(super) number: u64,
    /// The hash, in hexadecimal digits.
    pub(super) hash: String,
}

/// What a note says.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub(super) enum Kind {
    /// A writer begins, after what it found.
    Opened,
    /// The same writer goes on in another file.
    Continued,
    /// What stands before it is no line: a write failed.
    Torn,
    /// Nothing but that all before it is vouched for.
    Sealed,
    /// The file ends; the writer goes on in another one.
    Rotated,
    /// The writer ends.
    Closed,
}

/// A line of the trail's own.
#[derive(Debug, Clone, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub(super) struct Note {
    pub(super) trail: Kind,
    pub(super) at: Timestamp,
    /// What its signatures are to be verified with.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(super) public_key: Option<String>,
    /// The last line before a writer or a file begins.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(super) after: Option<Link>,
    /// What stands between that line and this one.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(super) torn: Option<Torn>,
}

/// Bytes that are no line.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub(super) struct Torn {
    /// How many.
    pub(super) bytes: u64,
    /// Their SHA-256, in hexadecimal digits.
    pub(super) sha256: String,
}

/// Where a chain has come to.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Head {
    pub(super) number: u64,
    pub(super) hash: Hash,
}

/// A chain that is being written.
#[derive(Debug)]
pub(super) struct Chain {
    writer: String,
    signer: Arc<Signer>,
    pub(super) head: Head,
}

impl Chain {
    /// The chain of a new writer, after a line that was there before.
    pub(super) fn new(writer: String, signer: Arc<Signer>, after: Option<&Link>) -> Self {
        let hash = after.and_then(Link::hash).unwrap_or_default();
        Self { writer, signer, head: Head { number: 0, hash } }
    }

    /// The last line.
    pub(super) fn link(&self) -> Link {
        let Head { number, hash } = self.head;
        Link { writer: self.writer.clone(), number, hash: hex(hash) }
    }

    /// Appends a line, a JSON object, with its place in the chain.
    pub(super) fn line(&mut self, line: &[u8], out: &mut Vec<u8>) {
        let content = line.strip_suffix(b"}").unwrap_or(line);
        let hash = hashed(&self.head.hash, content);
        self.head = Head { number: self.head.number + 1, hash };
        out.extend_from_slice(content);
        for part in [CHAIN, "\"writer\":\"", &self.writer, "\",\"number\":"] {
            out.extend_from_slice(part.as_bytes());
        }
        let _ = std::io::Write::write_fmt(out, format_args!("{},\"hash\":\"", self.head.number));
        out.extend_from_slice(Hex::of(hash).as_str().as_bytes());
        out.extend_from_slice(b"\"}}\n");
    }

    /// Appends a note.
    pub(super) fn note(&mut self, note: &Note, out: &mut Vec<u8>) {
        let mut text = serde_json::to_string(note).unwrap_or_default();
        text.pop();
        let signature = self.signer.sign(&signed(&self.head.hash, &text));
        self.line(format!("{text}{SIGNATURE}{signature}\"}}").as_bytes(), out);
    }

    /// A note without more to it.
    pub(super) fn plain(&self, trail: Kind, at: Timestamp) -> Note {
        Note { trail, at, public_key: None, after: None, torn: None }
    }

    /// The note that begins a writer or a file.
    pub(super) fn beginning(&self, trail: Kind, at: Timestamp, after: Option<Link>, torn: Option<Torn>) -> Note {
        Note { trail, at, public_key: Some(self.signer.public_key().to_string()), after, torn }
    }
}

impl Link {
    fn hash(&self) -> Option<Hash> {
        Hex::read(&self.hash)
    }

    /// The hash, wherever it says one.
    pub(super) fn digest(&self) -> Hash {
        self.hash().unwrap_or_default()
    }
}

/// A line taken apart, without its line break: what its hash is of, and its place.
pub(super) fn parse(line: &[u8]) -> Option<(&str, Link)> {
    let text = std::str::from_utf8(line).ok()?;
    let (content, link) = text.rsplit_once(CHAIN)?;
    let link = format!("{{{}", link.strip_suffix('}')?);
    Some((content, serde_json::from_str::<Link>(&link).ok().filter(|link| link.hash().is_some())?))
}

/// The hash of what comes after another.
pub(super) fn hashed(before: &Hash, content: &[u8]) -> Hash {
    Sha256::new().chain_update(before).chain_update(content).finalize().into()
}

/// Whether the content of a line is a note, and what it says.
pub(super) fn note(content: &str) -> Option<Note> {
    match content.starts_with("{\"trail\":") {
        true => serde_json::from_str(&format!("{content}}}")).ok(),
        false => None,
    }
}

/// Whether somebody with this key vouches for a note and all before it.
pub(super) fn is_vouched_for(content: &str, before: &Hash, key: &PublicKey) -> bool {
    let Some((text, signature)) = content.rsplit_once(SIGNATURE) else { return false };
    key.vouches(&signed(before, text), signature.trim_end_matches('"'))
}

fn signed(before: &Hash, text: &str) -> Vec<u8> {
    [DOMAIN, before, text.as_bytes()].concat()
}

/// A hash in hexadecimal digits.
pub(super) fn hex(hash: Hash) -> String {
    Hex::of(hash).as_str().to_owned()
}
