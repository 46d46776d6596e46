//! The lines of a trail on their way into a file: taken together, written together, and each with a fate of its own.

use std::collections::{BTreeSet, VecDeque};
use std::io::{self, Write};

use jiff::Timestamp;
use sha2::{Digest, Sha256};

use super::chain::{Chain, Head, Kind, Note, Torn, hex};

/// After how many lines a chain is sealed.
const SEALED_AFTER: u64 = 1000;

/// Lines, and what they are written to.
#[derive(Debug)]
pub(super) struct Lines<W> {
    pub(super) out: W,
    pub(super) chain: Chain,
    /// Where it had come to with the last line that was written whole.
    reached: Head,
    /// Whether the last write failed.
    pub(super) ailing: bool,
    /// What stands in the file after its last whole line.
    fragment: Option<Fragment>,
    /// What was taken and not yet handed on.
    pending: Vec<u8>,
    /// Where in it each line ends, which event that is, and where the chain has come to with it.
    ends: VecDeque<(usize, Option<u64>, Head)>,
    /// How many events were taken.
    taken: u64,
    /// Up to which event everything was handed on, or has failed.
    pub(super) settled: u64,
    /// Events that failed and whose writers have not heard of it.
    failed: BTreeSet<u64>,
    /// How many lines nobody vouches for yet.
    pub(super) unsealed: u64,
    /// How many bytes the file has.
    pub(super) size: u64,
}

/// Bytes that are no line.
#[derive(Debug, Clone, Default)]
pub(super) struct Fragment {
    bytes: u64,
    hash: Sha256,
    broken: bool,
}

impl Fragment {
    /// These bytes after those.
    pub(super) fn extend(&mut self, bytes: &[u8]) {
        self.bytes += bytes.len() as u64;
        self.hash.update(bytes);
        self.broken = bytes.last().map_or(self.broken, |last| *last != b'\n');
    }

    /// What a note says of it, and what it wants before that note: a line break, and that it is no line for want of nothing
    /// else.
    pub(super) fn told(mut self) -> (Torn, &'static [u8]) {
        let wanted: &[u8] = if self.broken { b"~\n" } else { b"" };
        self.extend(wanted);
        (Torn { bytes: self.bytes, sha256: hex(self.hash.finalize().into()) }, wanted)
    }
}

impl Write for Fragment {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        self.extend(bytes);
        Ok(bytes.len())
    }

    fn flush(&mut self) -> io::Result<()> {
        Ok(())
    }
}

impl<W: Write> Lines<W> {
    /// Lines after so many bytes.
    pub(super) fn new(out: W, chain: Chain, size: u64) -> Self {
        Self {
            out,
            reached: chain.head,
            chain,
            ailing: false,
            fragment: None,
            pending: Vec::new(),
            ends: VecDeque::new(),
            taken: 0,
            settled: 0,
            failed: BTreeSet::new(),
            unsealed: 0,
            size,
        }
    }

    /// Takes an event, and says which it is.
    pub(super) fn take(&mut self, line: &[u8], now: impl Fn() -> Timestamp) -> u64 {
        self.mend(&now);
        self.chain.line(line, &mut self.pending);
        self.taken += 1;
        self.ends.push_back((self.pending.len(), Some(self.taken), self.chain.head));
        self.unsealed += 1;
        if self.unsealed >= SEALED_AFTER {
            self.note(&self.chain.plain(Kind::Sealed, now()));
        }
        self.taken
    }

    /// Takes a note.
    pub(super) fn note(&mut self, note: &Note) {
        self.chain.note(note, &mut self.pending);
        self.ends.push_back((self.pending.len(), None, self.chain.head));
        self.unsealed = 0;
    }

    /// Says what stands in the file that is no line, before anything else is written.
    pub(super) fn mend(&mut self, now: impl Fn() -> Timestamp) {
        if let Some(fragment) = self.fragment.clone().filter(|_| self.pending.is_empty()) {
            let (torn, wanted) = fragment.told();
            self.pending.extend_from_slice(wanted);
            self.note(&Note { torn: Some(torn), ..self.chain.plain(Kind::Torn, now()) });
        }
    }

    /// Returns once an event was written, together with all that were taken before it.
    pub(super) fn settle(&mut self, number: u64) -> io::Result<()> {
        let outcome = if number > self.settled { self.hand_on() } else { Ok(()) };
        match self.failed.remove(&number) {
            true => Err(outcome.err().unwrap_or_else(|| io::Error::other("the write that it was part of failed"))),
            // Its line is whole, whatever became of others.
            false => Ok(()),
        }
    }

    /// Writes everything that was taken.
    pub(super) fn hand_on(&mut self) -> io::Result<()> {
        let bytes = std::mem::take(&mut self.pending);
        let mut written = 0;
        let outcome = self.write(&bytes, &mut written);
        self.size += written as u64;
        let mut whole = 0;
        for (end, event, reached) in self.ends.drain(..) {
            match end <= written {
                true => (whole, self.reached) = (end, reached),
                false => self.failed.extend(event),
            }
        }
        self.settled = self.taken;
        self.ailing = outcome.is_err();
        // What a failed write has left behind the last whole line; the chain goes on from there.
        let mut fragment = self.fragment.take().filter(|_| whole == 0).unwrap_or_default();
        fragment.extend(bytes.get(whole..written).unwrap_or_default());
        self.fragment = Some(fragment).filter(|fragment| fragment.bytes > 0);
        self.chain.head = self.reached;
        self.pending = bytes;
        self.pending.clear();
        outcome
    }

    /// Takes the note that begins a writer or a file, after the line break that what stands there wants.
    pub(super) fn begin(&mut self, beginning: &Note, wanted: &[u8]) {
        self.pending.extend_from_slice(wanted);
        self.note(beginning);
    }

    /// One write for all lines; more only where the operating system took less.
    fn write(&mut self, bytes: &[u8], written: &mut usize) -> io::Result<()> {
        while let Some(rest) = bytes.get(*written..).filter(|rest| !rest.is_empty()) {
            match self.out.write(rest) {
                Ok(0) => return Err(io::ErrorKind::WriteZero.into()),
                Ok(count) => *written += count,
                Err(error) if error.kind() == io::ErrorKind::Interrupted => {}
                Err(error) => return Err(error),
            }
        }
        Ok(())
    }
}
