//! The audit trail as a file: one event a line, appended, never rewritten, every line chained to all before it.
//!
//! # Invariants
//! - A line is accepted only when all of it was handed to the operating system, so that it survives this process.
//! - What a failed or interrupted write left behind stays a line of its own; it never runs into the next event, and the next
//!   line says what it is.
//! - A line of a file that is kept is on the disk soon after; once the disk has refused, no line is accepted.
//! - After at most a thousand events, ten seconds, or the end of a file, a signature vouches for everything so far.

mod chain;
mod file;
mod flush;
mod lines;
mod signer;
pub mod verify;

use std::fs::File;
use std::io;
use std::path::{Path, PathBuf};
use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};
use std::sync::{Arc, Mutex, MutexGuard, OnceLock, PoisonError};
use std::time::{Duration, Instant};

use async_trait::async_trait;
use jiff::Timestamp;
use polykms_core::error::{Error, Kind, Result};
use polykms_core::port::audit::Mark;
use polykms_core::port::{Audit, Clock as _};

pub use signer::{PublicKey, Signer};

use crate::SystemClock;
use chain::{Chain, Kind as Note};
use flush::Flusher;
use lines::Lines;

/// How long lines may wait for a signature.
const SEALED_WITHIN: Duration = Duration::from_secs(10);

/// When a file ends and the next one begins; the old one gets the time into its name.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Rotation {
    /// At about how many bytes.
    pub bytes: u64,
    /// After about which time.
    pub age: Duration,
}

impl Default for Rotation {
    /// 256 MiB, a day.
    fn default() -> Self {
        Self { bytes: 256 * 1024 * 1024, age: Duration::from_secs(24 * 60 * 60) }
    }
}

/// What a trail is to be like.
#[derive(Debug)]
pub struct Terms {
    /// Who vouches for it.
    pub signer: Arc<Signer>,
    /// A name that no other writer of trails has.
    pub writer: String,
    /// Whether it is to survive the machine.
    pub kept: bool,
    /// When its file ends.
    pub rotation: Rotation,
}

/// An append-only file of JSON lines.
#[derive(Debug)]
pub struct FileAudit {
    shared: Arc<Shared>,
    flusher: Option<Flusher>,
}

#[derive(Debug)]
struct Shared {
    path: PathBuf,
    lines: Mutex<Lines<File>>,
    /// Whether it is a file of its own, and no pipe or device.
    regular: bool,
    kept: bool,
    rotation: Rotation,
    state: Mutex<State>,
    /// Whether the last write failed.
    ailing: AtomicBool,
    /// Up to which event the disk has everything.
    durable: AtomicU64,
    /// Whether its last line is written.
    closed: AtomicBool,
    /// Why the disk is not to be trusted any more.
    broken: OnceLock<String>,
}

#[derive(Debug)]
struct State {
    opened: Instant,
    sealed: Instant,
}

impl FileAudit {
    /// Opens the file, and makes it (0600) if it is missing.
    ///
    /// # Errors
    /// [`Kind::Internal`] when the file cannot be opened.
    pub fn open(path: impl AsRef<Path>, terms: Terms) -> Result<Self> {
        let path = path.as_ref();
        Self::of(path, terms).map_err(|error| {
            Kind::Internal.because(format!("the audit file `{}` cannot be opened: {error}", path.display()))
        })
    }

    fn of(path: &Path, Terms { signer, writer, kept, rotation }: Terms) -> io::Result<Self> {
        let file::Found { file, size, after, fragment, regular } = file::open(path)?;
        let chain = Chain::new(writer, signer, after.as_ref());
        let mut lines = Lines::new(file, chain, size);
        let (torn, wanted) = fragment.map(lines::Fragment::told).unzip();
        let beginning = lines.chain.beginning(Note::Opened, now(), after, torn);
        lines.begin(&beginning, wanted.unwrap_or_default());
        lines.hand_on()?;
        let state = State { opened: Instant::now(), sealed: Instant::now() };
        let shared = Arc::new(Shared {
            path: path.to_owned(),
            lines: Mutex::new(lines),
            regular,
            kept: kept && regular,
            rotation,
            state: Mutex::new(state),
            ailing: AtomicBool::new(false),
            durable: AtomicU64::new(0),
            closed: AtomicBool::new(false),
            broken: OnceLock::new(),
        });
        let theirs = Arc::clone(&shared);
        let flusher = Flusher::start(move || theirs.mind())?;
        Ok(Self { shared, flusher: Some(flusher) })
    }

    fn counted(&self, before: u64, after: u64) {
        if let Some(flusher) = &self.flusher {
            flusher.count(usize::try_from(after.saturating_sub(before)).unwrap_or(usize::MAX));
        }
    }
}

#[async_trait]
impl Audit for FileAudit {
    async fn record(&self, line: &[u8]) -> Result<Mark> {
        if !line.starts_with(b"{") || !line.ends_with(b"}") || memchr::memchr2(b'\n', b'\r', line).is_some() {
            return Err(Kind::Internal.because("an audit event must be a single line"));
        }
        self.shared.trusted()?;
        let number = self.shared.lines().take(line, now);
        // Others go first: one write then serves all who were ready.
        tokio::task::yield_now().await;
        let (outcome, before, after) = self.shared.settle(number);
        self.counted(before, after);
        outcome.map(|()| Mark(number)).map_err(|error| unwritten(&error))
    }

    fn durable(&self) -> Mark {
        Mark(self.shared.durable.load(Ordering::Acquire))
    }

    fn secure(&self) -> Result<()> {
        self.shared.sync().map_err(|error| unwritten(&error))
    }

    fn ready(&self) -> Result<()> {
        self.shared.trusted()?;
        match self.shared.ailing.load(Ordering::Acquire) {
            true => self.shared.seal().map_err(|error| unwritten(&error)),
            false => Ok(()),
        }
    }

    fn reopen(&self) -> Result<()> {
        let is_there = file::is_at(&self.shared.lines().out, &self.shared.path);
        match is_there {
            true => Ok(()),
            false => self.shared.go_on(|_| Ok(())).map_err(|error| unwritten(&error)),
        }
    }

    fn failure(&self) -> Option<String> {
        self.shared.broken.get().cloned()
    }
}

impl Drop for FileAudit {
    fn drop(&mut self) {
        let _ = self.shared.note(&mut self.shared.lines(), Note::Closed); // whoever reads the trail sees that it is not closed
        self.shared.closed.store(true, Ordering::Release);
        self.counted(0, 1);
        self.flusher = None;
    }
}

impl Shared {
    fn lines(&self) -> MutexGuard<'_, Lines<File>> {
        self.lines.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn state(&self) -> MutexGuard<'_, State> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn trusted(&self) -> Result<()> {
        match self.broken.get() {
            Some(why) => Err(Kind::Internal.because(why.clone())),
            None => Ok(()),
        }
    }

    /// Has an event written, and says how long the file was before and after.
    fn settle(&self, number: u64) -> (io::Result<()>, u64, u64) {
        let mut lines = self.lines();
        let before = lines.size;
        let outcome = lines.settle(number);
        self.ailing.store(lines.ailing, Ordering::Release);
        if !self.kept {
            self.durable.store(lines.settled, Ordering::Release);
        }
        (outcome, before, lines.size)
    }

    /// Writes a note, with all that waits to be written.
    fn note(&self, lines: &mut Lines<File>, kind: Note) -> io::Result<()> {
        let note = lines.chain.plain(kind, now());
        lines.mend(now);
        lines.note(&note);
        self.hand_on(lines)
    }

    fn hand_on(&self, lines: &mut Lines<File>) -> io::Result<()> {
        let outcome = lines.hand_on();
        self.ailing.store(lines.ailing, Ordering::Release);
        outcome
    }

    /// Has somebody vouch for all that is written; where the last write failed, that tells whether lines can be written
    /// again.
    fn seal(&self) -> io::Result<()> {
        self.note(&mut self.lines(), Note::Sealed)
    }

    /// What is to be done from time to time; says whether it is to be asked again though nothing is written.
    fn mind(&self) -> io::Result<bool> {
        self.sync()?;
        if self.closed.load(Ordering::Acquire) {
            return Ok(false);
        }
        let state = self.state();
        let (sealing, old) = (state.sealed.elapsed() >= SEALED_WITHIN, state.opened.elapsed() >= self.rotation.age);
        drop(state);
        if self.regular && (old || self.lines().size >= self.rotation.bytes) {
            let _ = self.go_on(file::move_away); // tried again when more is written
        } else if sealing && self.lines().unsealed > 0 {
            let _ = self.seal(); // whoever records next is told
            self.state().sealed = Instant::now();
        }
        Ok(self.lines().unsealed > 0)
    }

    /// Brings everything that is written to the disk, and lets go of the memory that holds it: the server does not read
    /// its trail, and it must not crowd out what is read.
    fn sync(&self) -> io::Result<()> {
        if !self.kept {
            return Ok(());
        }
        let (settled, file) = {
            let lines = self.lines();
            (lines.settled, lines.out.try_clone()?)
        };
        self.synced(&file, settled)?;
        #[cfg(target_os = "linux")]
        let _ = rustix::fs::fadvise(&file, 0, None, rustix::fs::Advice::DontNeed); // as far as the system likes
        Ok(())
    }

    /// Brings a file to the disk, in which there is everything up to an event. A failure is the last: the system may have
    /// dropped what was to be synced, and would report the next one as a success.
    fn synced(&self, file: &File, settled: u64) -> io::Result<()> {
        file.sync_data().inspect_err(|error| {
            let _ = self.broken.set(format!("the audit trail could not be brought to the disk: {error}"));
        })?;
        self.durable.store(settled, Ordering::Release);
        Ok(())
    }

    /// Ends this file and begins the next one at the same path, once the old one is out of the way.
    fn go_on(&self, away: impl FnOnce(&Path) -> io::Result<()>) -> io::Result<()> {
        let mut lines = self.lines();
        self.note(&mut lines, Note::Rotated)?;
        if self.kept {
            self.synced(&lines.out, lines.settled)?;
        }
        away(&self.path)?;
        let file::Found { file, size, fragment, .. } = file::open(&self.path)?;
        lines.out = file;
        lines.size = size;
        let (torn, wanted) = fragment.map(lines::Fragment::told).unzip();
        let after = Some(lines.chain.link());
        let beginning = lines.chain.beginning(Note::Continued, now(), after, torn);
        lines.begin(&beginning, wanted.unwrap_or_default());
        let outcome = self.hand_on(&mut lines);
        drop(lines);
        *self.state() = State { opened: Instant::now(), sealed: Instant::now() };
        outcome
    }
}

fn now() -> Timestamp {
    SystemClock.now()
}

fn unwritten(error: &io::Error) -> Error {
    Kind::Internal.because(format!("the audit event could not be written: {error}"))
}

#[cfg(test)]
#[allow(clippy::unwrap_used, clippy::expect_used, clippy::indexing_slicing, clippy::panic, reason = "tests")]
#[path = "tests.rs"]
mod tests;
