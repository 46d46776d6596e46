use std::future::Future;
use std::io::{BufReader, Write};
use std::task::{Context, Poll, Waker};

use super::verify::{Breach, Verification, Verified};
use super::*;

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

fn signer() -> Arc<Signer> {
    Arc::new(Signer::of(&[7; 32]).unwrap())
}

fn narrow(at_once: usize) -> Lines<Narrow> {
    let out = Narrow { taken: vec![], writes: 0, at_once, room: usize::MAX };
    let mut lines = Lines::new(out, Chain::new("w".to_owned(), signer(), None), 0);
    let beginning = lines.chain.beginning(Note::Opened, now(), None, None);
    lines.begin(&beginning, b"");
    lines.hand_on().unwrap();
    lines.out.writes = 0;
    lines
}

fn put(lines: &mut Lines<Narrow>, line: &str) -> io::Result<()> {
    let number = lines.take(line.as_bytes(), now);
    lines.settle(number)
}

/// The events, without their place in the chain.
fn events(text: &[u8]) -> Vec<String> {
    let lines = std::str::from_utf8(text).unwrap().lines().filter(|line| !line.starts_with("{\"trail\""));
    lines.map(|line| line.split(",\"chain\"").next().unwrap().to_owned()).collect()
}

fn verified(files: &[&[u8]]) -> std::result::Result<Verified, Breach> {
    let signer = signer();
    let mut verification = Verification::by(signer.public_key());
    for (at, text) in files.iter().enumerate() {
        verification.read(&at.to_string(), BufReader::new(*text))?;
    }
    Ok(verification.finish())
}

fn terms() -> Terms {
    static LAST: AtomicU64 = AtomicU64::new(0);
    let writer = LAST.fetch_add(1, Ordering::Relaxed).to_string();
    Terms { signer: signer(), writer, kept: true, rotation: Rotation::default() }
}

fn done<F: Future>(future: F) -> F::Output {
    let mut future = std::pin::pin!(future);
    loop {
        if let Poll::Ready(output) = future.as_mut().poll(&mut Context::from_waker(Waker::noop())) {
            return output;
        }
    }
}

fn record(audit: &FileAudit, line: &str) -> Result<Mark> {
    done(audit.record(line.as_bytes()))
}

#[test]
fn a_line_is_one_write() {
    let mut lines = narrow(usize::MAX);
    put(&mut lines, "{\"a\":1}").unwrap();
    put(&mut lines, "{\"a\":2}").unwrap();
    assert_eq!(lines.out.writes, 2);
    assert_eq!(events(&lines.out.taken), ["{\"a\":1", "{\"a\":2"]);
    assert_eq!(verified(&[&lines.out.taken]).unwrap().events, 2);
}

#[test]
fn lines_taken_together_are_one_write() {
    let mut lines = narrow(3);
    lines.out.at_once = usize::MAX;
    let numbers = ["{\"a\":1}", "{\"a\":2}", "{\"a\":3}"].map(|line| lines.take(line.as_bytes(), now));
    lines.settle(numbers[1]).unwrap();
    assert_eq!(lines.out.writes, 1);
    lines.settle(numbers[0]).unwrap();
    lines.settle(numbers[2]).unwrap();
    assert_eq!(lines.out.writes, 1);
    lines.out.at_once = 3;
    put(&mut lines, "{\"a\":4}").unwrap();
    assert_eq!(events(&lines.out.taken).len(), 4);
}

#[test]
fn wherever_a_write_fails_the_trail_goes_on_and_says_what_is_left_of_it() {
    let whole = {
        let mut lines = narrow(usize::MAX);
        let before = lines.out.taken.len();
        put(&mut lines, "{\"a\":1}").unwrap();
        lines.out.taken.len() - before
    };
    for room in 0..2 * whole + 40 {
        let mut lines = narrow(usize::MAX);
        lines.out.room = room;
        let numbers = ["{\"a\":1}", "{\"a\":2}"].map(|line| lines.take(line.as_bytes(), now));
        let outcomes = numbers.map(|number| lines.settle(number).is_ok());
        assert_eq!(outcomes, [room >= whole, room >= 2 * whole], "room for {room} bytes");
        assert_eq!(lines.ailing, room < 2 * whole);
        let again = put(&mut lines, "{\"a\":3}");
        assert!(again.is_err(), "there is no room for a whole line more");
        lines.out.room = usize::MAX;
        put(&mut lines, "{\"a\":4}").unwrap();
        put(&mut lines, "{\"a\":5}").unwrap();
        let expected = usize::from(outcomes[0]) + usize::from(outcomes[1]) + 2;
        let found = verified(&[&lines.out.taken]).unwrap_or_else(|breach| panic!("room {room}: {breach}"));
        assert_eq!(found.events, expected as u64, "room for {room} bytes");
        assert_eq!(found.remarks.len(), usize::from(room % whole != 0), "room for {room} bytes: {:?}", found.remarks);
    }
}

#[test]
fn an_event_that_is_no_single_object_is_refused() {
    let folder = tempfile::tempdir().unwrap();
    let audit = FileAudit::open(folder.path().join("a"), terms()).unwrap();
    for line in ["", "{\"a\"\n:1}", "\n", "1", "{}\n", "{\r}"] {
        assert_eq!(record(&audit, line).unwrap_err().kind(), Kind::Internal);
    }
}

#[test]
fn a_file_that_is_opened_again_goes_on_in_one_chain() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("a");
    for at in 0..3 {
        let audit = FileAudit::open(&path, terms()).unwrap();
        record(&audit, &format!("{{\"a\":{at}}}")).unwrap();
    }
    let text = std::fs::read(&path).unwrap();
    let found = verified(&[&text]).unwrap();
    assert_eq!((found.events, found.unsealed, found.closed), (3, 0, true));
    assert!(found.remarks.is_empty(), "{:?}", found.remarks);
    std::fs::write(&path, [&text[..], b"{\"interrup"].concat()).unwrap();
    record(&FileAudit::open(&path, terms()).unwrap(), "{\"a\":3}").unwrap();
    let found = verified(&[&std::fs::read(&path).unwrap()]).unwrap();
    assert_eq!((found.events, found.remarks.len()), (4, 1), "{:?}", found.remarks);
}

#[test]
fn a_file_without_a_chain_is_gone_on_with() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("a");
    std::fs::write(&path, "{\"a\":1}\n{\"a\":2}\n").unwrap();
    record(&FileAudit::open(&path, terms()).unwrap(), "{\"a\":3}").unwrap();
    let found = verified(&[&std::fs::read(&path).unwrap()]).unwrap();
    assert_eq!((found.events, found.remarks.len()), (1, 1), "{:?}", found.remarks);
}

#[test]
fn whatever_is_changed_cut_or_left_out_is_found_where_it_begins() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("a");
    let audit = FileAudit::open(&path, terms()).unwrap();
    for at in 0..5 {
        record(&audit, &format!("{{\"a\":{at}}}")).unwrap();
    }
    drop(audit);
    let text = String::from_utf8(std::fs::read(&path).unwrap()).unwrap();
    let lines: Vec<_> = text.lines().collect();
    assert!(verified(&[text.as_bytes()]).unwrap().closed);
    for at in 0..lines.len() - 1 {
        let left_out: Vec<_> = (0..lines.len()).filter(|other| *other != at).map(|at| lines[at]).collect();
        let breach = verified(&[(left_out.join("\n") + "\n").as_bytes()]).unwrap_err();
        assert_eq!(breach.line, at as u64 + 1, "{breach}");
    }
    for at in 0..lines.len() - 1 {
        let cut = lines[..=at].join("\n") + "\n";
        assert!(!verified(&[cut.as_bytes()]).unwrap().closed, "cut after line {}", at + 1);
    }
    for at in (0..text.len()).filter(|at| text.as_bytes()[*at] != b'\n') {
        let mut changed = text.clone().into_bytes();
        changed[at] ^= 1;
        let line = text[..at].lines().count().max(1) as u64;
        let breach = verified(&[&changed]).unwrap_err();
        assert!(breach.line == line || breach.line == line + 1, "byte {at}, line {line}: {breach}");
    }
    let other = Signer::of(&[8; 32]).unwrap();
    let mut verification = Verification::by(other.public_key());
    let breach = verification.read("a", BufReader::new(text.as_bytes())).unwrap_err();
    assert_eq!(breach.to_string(), "a, line 1: the signature is not of this key");
}

#[test]
fn a_file_that_is_full_is_moved_away_and_the_chain_goes_on() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("a");
    let rotation = Rotation { bytes: 1, ..Rotation::default() };
    let audit = FileAudit::open(&path, Terms { rotation, ..terms() }).unwrap();
    record(&audit, "{\"a\":0}").unwrap();
    audit.shared.mind().unwrap();
    record(&audit, "{\"a\":1}").unwrap();
    audit.reopen().unwrap();
    std::fs::rename(&path, folder.path().join("a.9")).unwrap();
    audit.reopen().unwrap();
    record(&audit, "{\"a\":2}").unwrap();
    drop(audit);
    let mut names: Vec<_> = std::fs::read_dir(folder.path()).unwrap().map(|entry| entry.unwrap().path()).collect();
    names.sort();
    let moved: Vec<_> = names.iter().filter(|name| **name != path).map(|name| std::fs::read(name).unwrap()).collect();
    assert!(!moved.is_empty());
    let mut files: Vec<&[u8]> = moved.iter().map(Vec::as_slice).collect();
    let last = std::fs::read(&path).unwrap();
    files.push(&last);
    let found = verified(&files).unwrap();
    assert_eq!((found.events, found.closed), (3, true));
    assert!(verified(&[&last]).is_ok(), "a later file can be verified by itself");
    assert!(verified(&[&last, files[0]]).is_err(), "files out of their order");
}

#[test]
fn lines_of_many_threads_stay_whole() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("a");
    let audit = Arc::new(FileAudit::open(&path, terms()).unwrap());
    std::thread::scope(|scope| {
        for writer in 0..8 {
            let audit = Arc::clone(&audit);
            scope.spawn(move || {
                let line = |at| format!("{{\"a\":\"{}\"}}", format!("{writer}-{at}").repeat(40));
                for at in 0..200 {
                    record(&audit, &line(at)).unwrap();
                }
            });
        }
    });
    drop(audit);
    let found = verified(&[&std::fs::read(&path).unwrap()]).unwrap();
    assert_eq!((found.events, found.closed), (1600, true));
    assert!(found.signatures >= 3, "a thousand events are sealed");
}

#[test]
fn what_is_synced_is_durable() {
    let folder = tempfile::tempdir().unwrap();
    let audit = FileAudit::open(folder.path().join("a"), terms()).unwrap();
    let mark = record(&audit, "{\"a\":1}").unwrap();
    audit.shared.mind().unwrap();
    assert!(audit.durable() >= mark);
}

#[test]
fn a_rotation_that_the_disk_refuses_closes_the_trail_and_moves_nothing() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("a");
    let audit = FileAudit::open(&path, Terms { kept: true, ..terms() }).unwrap();
    record(&audit, "{\"a\":1}").unwrap();
    // Nothing brings a pipe to a disk.
    let (_reader, writer) = std::io::pipe().unwrap();
    audit.shared.lines().out = File::from(std::os::fd::OwnedFd::from(writer));
    assert!(audit.shared.go_on(file::move_away).is_err());
    let why = audit.failure().unwrap();
    assert!(why.contains("could not be brought to the disk"), "{why}");
    assert!(audit.ready().is_err() && record(&audit, "{\"a\":2}").is_err());
    let files: Vec<_> = std::fs::read_dir(folder.path()).unwrap().map(|entry| entry.unwrap().path()).collect();
    assert_eq!(files, [path]);
}

#[cfg(unix)]
#[test]
fn nobody_else_can_read_the_file() {
    use std::os::unix::fs::PermissionsExt;
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("a");
    FileAudit::open(&path, terms()).unwrap();
    assert_eq!(std::fs::metadata(&path).unwrap().permissions().mode() & 0o777, 0o600);
}

#[cfg(target_os = "linux")]
#[test]
fn a_full_device_is_an_error() {
    assert_eq!(FileAudit::open("/dev/full", terms()).unwrap_err().kind(), Kind::Internal);
}
