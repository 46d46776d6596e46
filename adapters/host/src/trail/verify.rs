//! Verifying a trail: with nothing but its files and a public key, the first line that was changed, cut or left out.

use std::fmt;
use std::io::{self, BufRead, Read as _};

use sha2::{Digest, Sha256};

use super::PublicKey;
use super::chain::{self, Hash, Kind, Link, Note, hex};

/// The longest line that is read.
const LONGEST: u64 = 16 * 1024 * 1024;

/// What a trail was found to be.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Verified {
    /// How many events it has.
    pub events: u64,
    /// How many signatures vouch for them.
    pub signatures: u64,
    /// How many events at its end no signature vouches for yet.
    pub unsealed: u64,
    /// Whether its last line says that it ends there, so that nothing is missing after it.
    pub closed: bool,
    /// What an auditor should look at: writers that ended without saying so, and what is no line.
    pub remarks: Vec<String>,
}

/// What is wrong with a trail, and where it begins.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Breach {
    /// The file.
    pub file: String,
    /// The line, counted from 1.
    pub line: u64,
    /// What is wrong.
    pub why: String,
}

impl fmt::Display for Breach {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self { file, line, why } = self;
        write!(f, "{file}, line {line}: {why}")
    }
}

/// A verification under way, from file to file in their order.
#[derive(Debug)]
pub struct Verification<'k> {
    key: &'k PublicKey,
    last: Option<Link>,
    ended: Option<Kind>,
    /// What stands since the last whole line, and where it begins.
    loose: Option<(u64, u64, Sha256)>,
    verified: Verified,
}

impl<'k> Verification<'k> {
    /// A verification of what somebody with this key vouches for.
    pub fn by(key: &'k PublicKey) -> Self {
        Self { key, last: None, ended: None, loose: None, verified: Verified::default() }
    }

    /// Goes on with a file.
    ///
    /// # Errors
    /// The first [`Breach`]; that of the reader, as one too.
    pub fn read(&mut self, file: &str, mut lines: impl BufRead) -> Result<(), Breach> {
        let mut number = 0;
        let mut line = Vec::new();
        loop {
            number += 1;
            line.clear();
            let here = |why: String| Breach { file: file.to_owned(), line: number, why };
            let read = lines.by_ref().take(LONGEST).read_until(b'\n', &mut line);
            match read {
                Ok(0) => break,
                Ok(_) => self.line(file, number, &line).map_err(here)?,
                Err(error) => return Err(here(unreadable(&error))),
            }
        }
        match self.loose.take() {
            None => Ok(()),
            Some((line, ..)) => Err(Breach { file: file.to_owned(), line, why: LOOSE.to_owned() }),
        }
    }

    /// What was found, once all files were read.
    pub fn finish(mut self) -> Verified {
        self.verified.closed = matches!(self.ended, Some(Kind::Closed | Kind::Rotated));
        self.verified
    }

    fn line(&mut self, file: &str, number: u64, line: &[u8]) -> Result<(), String> {
        let parsed = line.strip_suffix(b"\n").and_then(chain::parse);
        let Some((content, link)) = parsed else {
            let (_, bytes, hash) = self.loose.get_or_insert_with(|| (number, 0, Sha256::new()));
            *bytes += line.len() as u64;
            hash.update(line);
            return Ok(());
        };
        let note = chain::note(content);
        let before = match &note {
            Some(note @ Note { trail: Kind::Opened, .. }) => self.opened(file, number, note, &link)?,
            Some(note @ Note { trail: Kind::Continued, .. }) => self.continued(note, &link)?,
            _ => self.follows(&link)?,
        };
        if chain::hashed(&before, content.as_bytes()) != link.digest() {
            return Err("the line was changed, or lines before it were".to_owned());
        }
        match &note {
            Some(note) => self.vouched(file, number, note, content, &before)?,
            None => self.event()?,
        }
        self.last = Some(link);
        self.ended = note.map(|note| note.trail);
        Ok(())
    }

    fn event(&mut self) -> Result<(), String> {
        self.verified.events += 1;
        self.verified.unsealed += 1;
        match self.loose {
            Some(_) => Err(LOOSE.to_owned()),
            None => Ok(()),
        }
    }

    /// The hash before a line that follows another of its writer.
    fn follows(&self, link: &Link) -> Result<Hash, String> {
        let Some(last) = &self.last else {
            return Err("the trail does not begin here: lines before this one are missing".to_owned());
        };
        if last.writer != link.writer {
            return Err(format!("a writer `{}` that never began", link.writer));
        }
        match link.number.checked_sub(last.number) {
            Some(1) => Ok(last.digest()),
            Some(more @ 2..) => Err(format!("{} lines before this one are missing", more - 1)),
            _ => Err("the line does not belong here: its number was passed before".to_owned()),
        }
    }

    fn opened(&mut self, file: &str, number: u64, note: &Note, link: &Link) -> Result<Hash, String> {
        if link.number != 1 {
            return Err("a writer begins anew".to_owned());
        }
        if self.last.is_some() && self.last != note.after {
            return Err("lines before this one are missing, or were changed".to_owned());
        }
        if self.last.is_some() && self.ended != Some(Kind::Closed) {
            let why = "the writer before did not say that it ends: it was killed, or its last lines are cut off";
            self.verified.remarks.push(format!("{file}, line {number}: {why}"));
        }
        Ok(note.after.as_ref().map(Link::digest).unwrap_or_default())
    }

    fn continued(&self, note: &Note, link: &Link) -> Result<Hash, String> {
        match (&self.last, &note.after) {
            (None, Some(after)) if after.writer == link.writer && after.number + 1 == link.number => Ok(after.digest()),
            (Some(last), Some(after)) if last == after => self.follows(link),
            _ => Err("lines before this one are missing, or files are not in their order".to_owned()),
        }
    }

    /// A note is signed, and what it says of what is no line holds.
    fn vouched(&mut self, file: &str, number: u64, note: &Note, content: &str, before: &Hash) -> Result<(), String> {
        if !chain::is_vouched_for(content, before, self.key) {
            return Err("the signature is not of this key".to_owned());
        }
        self.verified.signatures += 1;
        self.verified.unsealed = 0;
        let found = self.loose.take().map(|(_, bytes, hash)| (bytes, hex(hash.finalize().into())));
        let told = note.torn.as_ref().map(|torn| (torn.bytes, torn.sha256.clone()));
        match (found, told) {
            (None, None) => Ok(()),
            (found, told) if found == told => {
                let bytes = told.map_or(0, |(bytes, _)| bytes);
                let why = format!("{bytes} bytes before it are no line; the writer found or left them so");
                self.verified.remarks.push(format!("{file}, line {number}: {why}"));
                Ok(())
            }
            _ => Err("what stands before it, and is no line, is not what the writer says it was".to_owned()),
        }
    }
}

const LOOSE: &str = "the line is no line of the trail, and nobody vouches for it";

fn unreadable(error: &io::Error) -> String {
    format!("it cannot be read: {error}")
}
