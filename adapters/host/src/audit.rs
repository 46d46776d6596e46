//! The audit file: one event a line, appended, never rewritten.
//!
//! # Invariants
//! - A line is accepted only when all of it was handed to the operating system, so that it survives this process.
//! - What a failed or interrupted write left behind stays a line of its own; it never runs into the next event.
//! - A line of a file that is kept is on the disk soon after; once the disk has refused, no line is accepted.

use std::collections::BTreeSet;
use std::fs::{File, OpenOptions};
use std::io::{self, Read, Seek, SeekFrom, Write};
use std::path::Path;
use std::sync::{Mutex, PoisonError};

use polykms_core::error::{Error, Kind, Result};
use polykms_core::port::Audit;
use polykms_core::port::audit::Entry;

use crate::flush::Flusher;

/// An append-only file of JSON lines.
#[derive(Debug)]
pub struct FileAudit<W = Trail>(Mutex<Lines<W>>);

/// A file that is brought to the disk while it grows, if it is to be kept; a pipe or a device is only written to.
#[derive(Debug)]
pub struct Trail {
    file: File,
    flusher: Option<Flusher>,
}

impl Trail {
    fn of(file: File, kept: bool) -> io::Result<Self> {
        let flusher = match kept && file.metadata()?.is_file() {
            true => Some(Flusher::start(synced(file.try_clone()?))?),
            false => None,
        };
        Ok(Self { file, flusher })
    }
}

impl Write for Trail {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        let Some(flusher) = &self.flusher else { return self.file.write(bytes) };
        flusher.check()?;
        let written = self.file.write(bytes)?;
        flusher.count(written);
        Ok(written)
    }

    fn flush(&mut self) -> io::Result<()> {
        self.file.flush()
    }
}

/// Brings a file to the disk, and lets go of the memory that holds it.
fn synced(file: File) -> impl FnMut() -> io::Result<()> {
    move || {
        file.sync_data()?;
        #[cfg(target_os = "linux")]
        let _ = rustix::fs::fadvise(&file, 0, None, rustix::fs::Advice::DontNeed); // as far as the system likes
        Ok(())
    }
}

#[derive(Debug)]
struct Lines<W> {
    out: W,
    /// The output ends inside a line.
    torn: bool,
    /// What was taken and not yet handed on.
    pending: Vec<u8>,
    /// How many lines were taken.
    taken: u64,
    /// Up to which line everything was handed on, or has failed.
    settled: u64,
    /// Lines that failed and whose writers have not heard of it.
    failed: BTreeSet<u64>,
}

impl FileAudit {
    /// Opens the file, and makes it (0600) if it is missing.
    ///
    /// # Errors
    /// [`Kind::Internal`] when the file cannot be opened.
    pub fn open(path: impl AsRef<Path>) -> Result<Self> {
        Self::of(path.as_ref(), false)
    }

    /// As [`open`](FileAudit::open), and what is written is on the disk about a second later. Once the disk has refused,
    /// so does the trail, until it is opened anew.
    ///
    /// # Errors
    /// As there.
    pub fn kept(path: impl AsRef<Path>) -> Result<Self> {
        Self::of(path.as_ref(), true)
    }

    fn of(path: &Path, kept: bool) -> Result<Self> {
        let opened = open(path).and_then(|(file, torn)| Ok(Lines::new(Trail::of(file, kept)?, torn)));
        opened.map(|lines| Self(Mutex::new(lines))).map_err(|error| {
            Kind::Internal.because(format!("the audit file `{}` cannot be opened: {error}", path.display()))
        })
    }
}

impl<W: Write + Send + 'static> Audit for FileAudit<W> {
    fn append(&self, line: &[u8]) -> Result<Entry> {
        if line.is_empty() || memchr::memchr2(b'\n', b'\r', line).is_some() {
            return Err(Kind::Internal.because("an audit event must be a single line"));
        }
        Ok(self.0.lock().unwrap_or_else(PoisonError::into_inner).take(line))
    }

    fn settle(&self, entry: Entry) -> Result<()> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner).settle(entry).map_err(|error| unwritten(&error))
    }
}

impl<W: Write> Lines<W> {
    fn new(out: W, torn: bool) -> Self {
        Self { out, torn, pending: Vec::new(), taken: 0, settled: 0, failed: BTreeSet::new() }
    }

    fn take(&mut self, line: &[u8]) -> Entry {
        self.pending.extend_from_slice(line);
        self.pending.push(b'\n');
        self.taken += 1;
        Entry(self.taken)
    }

    fn settle(&mut self, Entry(number): Entry) -> io::Result<()> {
        if number > self.settled {
            let (first, last) = (self.settled + 1, self.taken);
            self.settled = last;
            if let Err(error) = self.hand_on() {
                // All of them fail: which of them were written whole is not told apart.
                self.failed.extend((first..=last).filter(|other| *other != number));
                return Err(error);
            }
        }
        if self.failed.remove(&number) {
            return Err(io::Error::other("the write that it was part of failed"));
        }
        Ok(())
    }

    fn hand_on(&mut self) -> io::Result<()> {
        let mut bytes = std::mem::take(&mut self.pending);
        if self.torn {
            bytes.insert(0, b'\n');
        }
        let mut written = 0;
        let outcome = self.write(&bytes, &mut written);
        if let Some(last) = bytes.get(..written).and_then(<[u8]>::last) {
            self.torn = *last != b'\n';
        }
        bytes.clear();
        self.pending = bytes;
        outcome
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

fn open(path: &Path) -> io::Result<(File, bool)> {
    let mut options = OpenOptions::new();
    options.read(true).append(true).create(true);
    #[cfg(unix)]
    std::os::unix::fs::OpenOptionsExt::mode(&mut options, 0o600);
    let mut file = options.open(path)?;
    let torn = ends_inside_a_line(&mut file)?;
    Ok((file, torn))
}

fn ends_inside_a_line(file: &mut File) -> io::Result<bool> {
    // A pipe or a terminal has no length: it begins anew.
    if file.metadata()?.len() == 0 {
        return Ok(false);
    }
    let mut last = [0];
    file.seek(SeekFrom::End(-1))?;
    file.read_exact(&mut last)?;
    Ok(last != *b"\n")
}

fn unwritten(error: &io::Error) -> Error {
    Kind::Internal.because(format!("the audit event could not be written: {error}"))
}

#[cfg(test)]
#[allow(clippy::unwrap_used, clippy::expect_used, clippy::indexing_slicing, clippy::panic, reason = "tests")]
mod tests {
    use super::*;
    use std::sync::Arc;

    /// Takes at most a few bytes at once, and nothing beyond its room.
    struct Narrow {
        taken: Vec<u8>,
        writes: usize,
        at_once: usize,
        room: usize,
    }

    impl Write for Narrow {
        fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
            self.writes += 1;
            let count = bytes.len().min(self.at_once).min(self.room);
            if count == 0 {
                return Err(io::ErrorKind::StorageFull.into());
            }
            self.room -= count;
            self.taken.extend(&bytes[..count]);
            Ok(count)
        }

        fn flush(&mut self) -> io::Result<()> {
            Ok(())
        }
    }

    fn narrow(at_once: usize, room: usize) -> FileAudit<Narrow> {
        FileAudit(Mutex::new(Lines::new(Narrow { taken: vec![], writes: 0, at_once, room }, false)))
    }

    fn put<W: Write + Send + 'static>(audit: &FileAudit<W>, line: &[u8]) -> Result<()> {
        audit.settle(audit.append(line)?)
    }

    fn text(audit: &FileAudit<Narrow>) -> String {
        String::from_utf8(audit.0.lock().unwrap().out.taken.clone()).unwrap()
    }

    #[test]
    fn a_line_is_one_write() {
        let audit = narrow(usize::MAX, usize::MAX);
        put(&audit, b"{\"a\":1}").unwrap();
        put(&audit, b"{\"a\":2}").unwrap();
        assert_eq!(audit.0.lock().unwrap().out.writes, 2);
        assert_eq!(text(&audit), "{\"a\":1}\n{\"a\":2}\n");
    }

    #[test]
    fn lines_taken_together_are_one_write_and_one_fate() {
        let audit = narrow(usize::MAX, 12);
        let entries = [b"1", b"2", b"3"].map(|line| audit.append(line).unwrap());
        audit.settle(entries[1]).unwrap();
        assert_eq!(audit.0.lock().unwrap().out.writes, 1);
        assert_eq!(text(&audit), "1\n2\n3\n");
        audit.settle(entries[0]).unwrap();
        audit.settle(entries[2]).unwrap();
        let entries = [b"444444", b"555555"].map(|line| audit.append(line).unwrap());
        assert!(audit.settle(entries[1]).is_err());
        assert!(audit.settle(entries[0]).is_err());
        assert_eq!(audit.0.lock().unwrap().out.writes, 3);
        audit.0.lock().unwrap().out.room = 100;
        put(&audit, b"6").unwrap();
        assert!(text(&audit).ends_with("\n6\n"), "{}", text(&audit));
        assert!(audit.0.lock().unwrap().failed.is_empty());
    }

    #[test]
    fn a_line_that_is_taken_in_pieces_is_whole() {
        let audit = narrow(3, usize::MAX);
        put(&audit, b"{\"a\":1}").unwrap();
        assert_eq!(text(&audit), "{\"a\":1}\n");
    }

    #[test]
    fn a_failed_line_is_reported_and_does_not_run_into_the_next() {
        for room in 0..8 {
            let audit = narrow(usize::MAX, room);
            assert_eq!(put(&audit, b"{\"a\":1}").unwrap_err().kind(), Kind::Internal);
            assert!(put(&audit, b"{\"a\":2}").is_err(), "still no room");
            audit.0.lock().unwrap().out.room = 100;
            put(&audit, b"{\"a\":3}").unwrap();
            put(&audit, b"{\"a\":4}").unwrap();
            let torn = if room == 0 { String::new() } else { format!("{}\n", &"{\"a\":1}"[..room]) };
            assert_eq!(text(&audit), format!("{torn}{{\"a\":3}}\n{{\"a\":4}}\n"), "room for {room} bytes");
        }
    }

    #[test]
    fn a_full_disk_during_the_repair_of_a_torn_line_is_survived() {
        let audit = narrow(usize::MAX, 3);
        assert!(put(&audit, b"{\"a\":1}").is_err());
        audit.0.lock().unwrap().out.room = 1; // just enough for the line break
        assert!(put(&audit, b"{\"a\":2}").is_err());
        audit.0.lock().unwrap().out.room = 100;
        put(&audit, b"{\"a\":3}").unwrap();
        assert_eq!(text(&audit), "{\"a\n{\"a\":3}\n");
    }

    #[test]
    fn an_event_that_is_empty_or_has_a_line_break_is_refused() {
        let audit = narrow(usize::MAX, usize::MAX);
        for line in [&b""[..], b"a\nb", b"\n", b"a\n", b"a\rb"] {
            assert_eq!(put(&audit, line).unwrap_err().kind(), Kind::Internal);
        }
        assert_eq!(text(&audit), "");
    }

    #[test]
    fn a_reopened_file_is_continued_after_its_last_line() {
        let directory = tempfile::tempdir().unwrap();
        let path = directory.path().join("audit.jsonl");
        put(&FileAudit::open(&path).unwrap(), b"1").unwrap();
        put(&FileAudit::kept(&path).unwrap(), b"2").unwrap();
        assert_eq!(std::fs::read_to_string(&path).unwrap(), "1\n2\n");
        std::fs::write(&path, "1\n2\n{\"interrup").unwrap();
        put(&FileAudit::open(&path).unwrap(), b"3").unwrap();
        assert_eq!(std::fs::read_to_string(&path).unwrap(), "1\n2\n{\"interrup\n3\n");
    }

    #[test]
    fn lines_of_many_threads_stay_whole() {
        let directory = tempfile::tempdir().unwrap();
        let path = directory.path().join("audit.jsonl");
        let audit = Arc::new(FileAudit::kept(&path).unwrap());
        std::thread::scope(|scope| {
            for writer in 0..8 {
                let audit = Arc::clone(&audit);
                scope.spawn(move || {
                    (0..200).for_each(|at| put(&audit, format!("{writer}-{at}").repeat(40).as_bytes()).unwrap());
                });
            }
        });
        let mut lines: Vec<_> = std::fs::read_to_string(&path).unwrap().lines().map(str::to_owned).collect();
        let mut expected: Vec<_> =
            (0..8).flat_map(|writer| (0..200).map(move |at| format!("{writer}-{at}").repeat(40))).collect();
        lines.sort();
        expected.sort();
        assert_eq!(lines, expected);
    }

    #[cfg(unix)]
    #[test]
    fn nobody_else_can_read_the_file() {
        use std::os::unix::fs::PermissionsExt;
        let directory = tempfile::tempdir().unwrap();
        let path = directory.path().join("audit.jsonl");
        FileAudit::open(&path).unwrap();
        assert_eq!(std::fs::metadata(&path).unwrap().permissions().mode() & 0o777, 0o600);
    }

    #[cfg(target_os = "linux")]
    #[test]
    fn a_full_device_is_an_error() {
        for audit in [FileAudit::open("/dev/full"), FileAudit::kept("/dev/full")] {
            assert_eq!(put(&audit.unwrap(), b"1").unwrap_err().kind(), Kind::Internal);
        }
    }
}
