//! The writer: one thread that commits what has queued up in groups, and acknowledges each batch after the fsync.
//!
//! # Invariants
//! - No batch is acknowledged before the commit of its group returned.
//! - A batch that is refused leaves nothing behind and harms no other batch of its group.
//! - After an I/O error nothing is written any more: what the disk holds is unknown until the database is opened anew
//!   (<https://wiki.postgresql.org/wiki/Fsync_Errors>).

use std::sync::{Arc, Mutex, OnceLock, PoisonError};
use std::thread::{self, JoinHandle};

use polykms_core::port::{Change, Changes, Expect, Head, Space, StoreError};
use rusqlite::{Connection, ErrorCode, OptionalExtension, TransactionBehavior, params};
use tokio::sync::{mpsc, oneshot};

use super::{Stretch, paths};
use crate::feed::Feed;

/// How many batches may wait; the next one waits to be let in.
const QUEUE: usize = 1024;
/// How many batches share one fsync at most.
const GROUP: usize = 256;
/// How many pages the write-ahead log may grow, by a rough count, before it is copied back.
const LOG: usize = 1000;
const PAGE: usize = 4096;

/// One thing to write.
pub(super) enum Work {
    Commit(Vec<Change>),
    Clear,
}

struct Job {
    work: Work,
    done: oneshot::Sender<Verdict>,
}

type Verdict = Result<u64, StoreError>;

/// The way to the writer thread; dropping it writes what is queued and ends the thread.
pub(super) struct Writer {
    queue: Option<mpsc::Sender<Job>>,
    thread: Option<JoinHandle<()>>,
    failure: Arc<OnceLock<String>>,
    feed: Arc<Mutex<Feed>>,
}

impl Writer {
    pub(super) fn start(connection: Connection, next_rev: u64) -> Result<Self, StoreError> {
        let (queue, jobs) = mpsc::channel(QUEUE);
        let scribe = Scribe::new(connection, next_rev);
        let (failure, feed) = (Arc::clone(&scribe.failure), Arc::clone(&scribe.feed));
        let thread = thread::Builder::new()
            .name("polykms-store".to_owned())
            .spawn(move || scribe.run(jobs))
            .map_err(|error| StoreError::Failed(format!("cannot start the writer: {error}")))?;
        Ok(Self { queue: Some(queue), thread: Some(thread), failure, feed })
    }

    /// Queues one batch and waits until it is durable or refused.
    pub(super) async fn submit(&self, work: Work) -> Verdict {
        let stopped = || StoreError::Failed("the writer has stopped".to_owned());
        let (done, verdict) = oneshot::channel();
        let queue = self.queue.as_ref().ok_or_else(stopped)?;
        queue.send(Job { work, done }).await.map_err(|_| stopped())?;
        verdict.await.map_err(|_| stopped())?
    }

    /// What was written after a position.
    pub(super) fn changes(&self, since: Head) -> Changes {
        self.feed.lock().unwrap_or_else(PoisonError::into_inner).since(since)
    }

    pub(super) fn failure(&self) -> Option<&str> {
        self.failure.get().map(String::as_str)
    }
}

impl Drop for Writer {
    fn drop(&mut self) {
        drop(self.queue.take());
        if let Some(thread) = self.thread.take() {
            let _ = thread.join(); // a writer that panicked has acknowledged nothing since
        }
    }
}

/// The writer thread's own state.
struct Scribe {
    connection: Connection,
    next_rev: u64,
    log: usize,
    failure: Arc<OnceLock<String>>,
    feed: Arc<Mutex<Feed>>,
}

/// Where a group failed as a whole.
enum Trouble {
    Step(rusqlite::Error),
    Commit(rusqlite::Error),
}

impl From<rusqlite::Error> for Trouble {
    fn from(error: rusqlite::Error) -> Self {
        Self::Step(error)
    }
}

impl Scribe {
    fn new(connection: Connection, next_rev: u64) -> Self {
        let feed = Arc::new(Mutex::new(Feed::new(Head(next_rev.saturating_sub(1)))));
        Self { connection, next_rev, log: 0, failure: Arc::default(), feed }
    }

    fn run(mut self, mut jobs: mpsc::Receiver<Job>) {
        let mut waiting = Vec::with_capacity(GROUP);
        while jobs.blocking_recv_many(&mut waiting, GROUP) > 0 {
            let (works, askers): (Vec<_>, Vec<_>) = waiting.drain(..).map(|Job { work, done }| (work, done)).unzip();
            match self.write(&works) {
                Ok(verdicts) => askers.into_iter().zip(verdicts).for_each(|(asker, verdict)| answer(asker, verdict)),
                Err(why) => askers.into_iter().for_each(|asker| answer(asker, Err(StoreError::Failed(why.clone())))),
            }
            self.tidy(&works);
        }
    }

    fn write(&mut self, works: &[Work]) -> Result<Vec<Verdict>, String> {
        if let Some(why) = self.failure.get() {
            return Err(why.clone());
        }
        self.transact(works).map_err(|trouble| self.fail(&trouble))
    }

    fn transact(&mut self, works: &[Work]) -> Result<Vec<Verdict>, Trouble> {
        let mut transaction = self.connection.transaction_with_behavior(TransactionBehavior::Immediate)?;
        let mut rev = self.next_rev;
        let mut verdicts = Vec::with_capacity(works.len());
        for work in works {
            let savepoint = transaction.savepoint()?;
            let verdict = match work.apply(&savepoint, rev) {
                Ok(()) => {
                    savepoint.commit()?;
                    Ok(rev)
                }
                Err(Refusal::Of(verdict)) => {
                    savepoint.finish()?; // rolls back
                    Err(verdict)
                }
                Err(Refusal::Group(error)) => return Err(Trouble::Step(error)),
            };
            rev = rev.saturating_add(u64::from(verdict.is_ok()));
            verdicts.push(verdict);
        }
        if rev > self.next_rev {
            // A revision beyond the integers of SQLite cannot be bound: that fails here, before it is used.
            transaction.prepare_cached("UPDATE meta SET value = ?1 WHERE name = 'next_rev'")?.execute(params![rev])?;
        }
        transaction.commit().map_err(Trouble::Commit)?;
        self.next_rev = rev;
        self.tell(works, &verdicts);
        Ok(verdicts)
    }

    /// Puts what a group wrote on the feed: after readers can see it, and before anybody is told.
    fn tell(&self, works: &[Work], verdicts: &[Verdict]) {
        let mut feed = self.feed.lock().unwrap_or_else(PoisonError::into_inner);
        for (work, verdict) in works.iter().zip(verdicts) {
            match (work, verdict) {
                (Work::Commit(changes), Ok(rev)) => feed.record(Head(*rev), changes.iter().filter_map(touched)),
                (Work::Clear, Ok(rev)) => feed.cut(Head(*rev)),
                (_, Err(_)) => {}
            }
        }
    }

    /// Says why a group failed, and gives the store up unless it is known to be as it was before the group.
    fn fail(&self, trouble: &Trouble) -> String {
        let (error, lasting) = match trouble {
            Trouble::Step(error) => (error, is_lasting(error)),
            Trouble::Commit(error) => (error, error.sqlite_error_code() != Some(ErrorCode::DiskFull)),
        };
        let why = match error.sqlite_error_code() {
            Some(ErrorCode::DiskFull) => "the disk is full".to_owned(),
            _ => format!("cannot write the database: {error}"),
        };
        if lasting || !self.connection.is_autocommit() {
            self.give_up(&why);
        }
        why
    }

    fn give_up(&self, why: &str) {
        let _ = self.failure.set(format!("writing was given up: {why}")); // the first reason stays
    }

    /// Copies the log back into the database when it has grown, and after a removal of everything cuts it off as well.
    fn tidy(&mut self, works: &[Work]) {
        self.log = works.iter().fold(self.log, |pages, work| pages.saturating_add(work.pages()));
        let cleared = works.iter().any(|work| matches!(work, Work::Clear));
        if self.failure.get().is_some() || (self.log < LOG && !cleared) {
            return;
        }
        let how = if cleared { "PRAGMA wal_checkpoint(TRUNCATE)" } else { "PRAGMA wal_checkpoint(PASSIVE)" };
        match self.connection.query_row(how, [], |_| Ok(())) {
            Ok(()) => self.log = 0,
            Err(error) if is_lasting(&error) => self.give_up(&format!("cannot write the database: {error}")),
            Err(_) => {} // a full disk or a busy reader: the log keeps everything, and the next group tries again
        }
    }
}

fn touched(change: &Change) -> Option<(Space, String)> {
    match change {
        Change::Put { space, path, .. } | Change::Delete { space, path, .. } => Some((*space, path.clone())),
        Change::Check { .. } => None,
    }
}

fn answer(asker: oneshot::Sender<Verdict>, verdict: Verdict) {
    let _ = asker.send(verdict); // an asker who has left needs no answer
}

fn is_lasting(error: &rusqlite::Error) -> bool {
    matches!(
        error.sqlite_error_code(),
        Some(ErrorCode::SystemIoFailure | ErrorCode::DatabaseCorrupt | ErrorCode::NotADatabase)
    )
}

/// Why a batch cannot be applied: for a reason of its own, or for one that stops the whole group.
enum Refusal {
    Of(StoreError),
    Group(rusqlite::Error),
}

impl From<rusqlite::Error> for Refusal {
    fn from(error: rusqlite::Error) -> Self {
        match error.sqlite_error_code() {
            Some(ErrorCode::TooBig) => Self::Of(StoreError::Failed("the record is too large".to_owned())),
            _ => Self::Group(error),
        }
    }
}

impl Work {
    fn apply(&self, connection: &Connection, rev: u64) -> Result<(), Refusal> {
        match self {
            Self::Commit(changes) => changes.iter().try_for_each(|change| apply(connection, change, rev)),
            Self::Clear => Ok(connection.execute("DELETE FROM record", []).map(|_| ())?),
        }
    }

    /// About how many pages of log this makes: table, index and their parents, and the body.
    fn pages(&self) -> usize {
        match self {
            Self::Commit(changes) => changes.iter().map(|change| 3 + body(change).len() / PAGE).sum(),
            Self::Clear => LOG,
        }
    }
}

fn body(change: &Change) -> &[u8] {
    match change {
        Change::Put { body, .. } => body,
        Change::Delete { .. } | Change::Check { .. } => &[],
    }
}

fn apply(connection: &Connection, change: &Change, rev: u64) -> Result<(), Refusal> {
    const PUT: &str = "INSERT INTO record(space, path, rev, body) VALUES (?1, ?2, ?3, ?4)
        ON CONFLICT(space, path) DO UPDATE SET rev = excluded.rev, body = excluded.body";
    const DELETE: &str = "DELETE FROM record WHERE space = ?1 AND path = ?2";
    match change {
        Change::Put { space, path, expect, body } => {
            require(connection, *space, path, *expect)?;
            connection.prepare_cached(PUT)?.execute(params![space.as_str(), path, rev, body])?;
        }
        Change::Delete { space, path, expect } => {
            require(connection, *space, path, *expect)?;
            connection.prepare_cached(DELETE)?.execute(params![space.as_str(), path])?;
        }
        Change::Check { space, path, expect } => require(connection, *space, path, *expect)?,
    }
    Ok(())
}

fn require(connection: &Connection, space: Space, path: &str, expect: Expect) -> Result<(), Refusal> {
    let holds = match expect {
        Expect::Any => true,
        Expect::Absent => revision(connection, space, path)?.is_none(),
        Expect::Rev(rev) => revision(connection, space, path)? == Some(rev),
        Expect::NoneBelow => paths(connection, space, &Stretch::new(path, None), 1)?.is_empty(),
    };
    if holds { Ok(()) } else { Err(Refusal::Of(StoreError::Conflict)) }
}

fn revision(connection: &Connection, space: Space, path: &str) -> rusqlite::Result<Option<u64>> {
    connection
        .prepare_cached("SELECT rev FROM record WHERE space = ?1 AND path = ?2")?
        .query_row(params![space.as_str(), path], |row| row.get(0))
        .optional()
}

#[cfg(test)]
#[allow(clippy::unwrap_used, clippy::expect_used, clippy::indexing_slicing, clippy::panic, reason = "tests")]
mod tests {
    use super::super::schema;
    use super::*;
    use crate::contract::wait;

    fn fresh() -> (tempfile::TempDir, Scribe) {
        let directory = tempfile::tempdir().unwrap();
        let database = directory.path().join("test.db");
        std::fs::write(&database, []).unwrap();
        let mut connection = schema::open_for_writing(&database).unwrap();
        schema::establish(&mut connection, [0; 16]).unwrap();
        (directory, Scribe::new(connection, 1))
    }

    fn put(path: &str, expect: Expect, size: usize) -> Work {
        Work::Commit(vec![Change::Put { space: Space::Key, path: path.to_owned(), expect, body: vec![7; size] }])
    }

    fn delete(path: &str) -> Work {
        Work::Commit(vec![Change::Delete { space: Space::Key, path: path.to_owned(), expect: Expect::Any }])
    }

    #[test]
    fn a_refused_batch_harms_no_other_of_its_group() {
        let (_directory, mut scribe) = fresh();
        let two = Work::Commit(vec![
            Change::Put { space: Space::Key, path: "half".to_owned(), expect: Expect::Absent, body: vec![] },
            Change::Check { space: Space::Key, path: "a".to_owned(), expect: Expect::Absent },
        ]);
        let group = [put("a", Expect::Absent, 1), put("a", Expect::Absent, 2), two, put("b", Expect::Absent, 3)];
        let verdicts = scribe.write(&group).unwrap();
        assert!(matches!(verdicts[0], Ok(1)));
        assert!(matches!(verdicts[1], Err(StoreError::Conflict)));
        assert!(matches!(verdicts[2], Err(StoreError::Conflict)));
        assert!(matches!(verdicts[3], Ok(2)));
        assert_eq!(revision(&scribe.connection, Space::Key, "half").unwrap(), None);
        assert_eq!(revision(&scribe.connection, Space::Key, "b").unwrap(), Some(2));
    }

    #[test]
    fn a_full_disk_is_reported_and_survived() {
        let (_directory, mut scribe) = fresh();
        let pages: i64 = scribe.connection.pragma_query_value(None, "page_count", |row| row.get(0)).unwrap();
        scribe.connection.pragma_update_and_check(None, "max_page_count", pages + 8, |_| Ok(())).unwrap();
        scribe.write(&[put("a", Expect::Any, 8000)]).unwrap();
        let why = scribe.write(&[put("b", Expect::Any, 10), put("c", Expect::Any, 80_000)]).unwrap_err();
        assert_eq!(why, "the disk is full");
        assert_eq!(scribe.failure.get(), None);
        assert_eq!(revision(&scribe.connection, Space::Key, "b").unwrap(), None);

        scribe.write(&[delete("a")]).unwrap();
        assert!(scribe.write(&[put("b", Expect::Absent, 8000)]).unwrap()[0].is_ok());
    }

    #[test]
    fn a_store_that_was_given_up_takes_no_more_writes() {
        let (_directory, mut scribe) = fresh();
        scribe.give_up("the disk lied");
        let why = scribe.write(&[put("a", Expect::Any, 1)]).unwrap_err();
        assert_eq!(why, "writing was given up: the disk lied");
        assert_eq!(revision(&scribe.connection, Space::Key, "a").unwrap(), None);
    }

    #[test]
    fn a_failed_commit_gives_the_store_up_unless_the_disk_is_full() {
        let error = |code: i32| rusqlite::Error::SqliteFailure(rusqlite::ffi::Error::new(code), None);
        let lasts = |trouble: Trouble| {
            let (_directory, scribe) = fresh();
            scribe.fail(&trouble);
            scribe.failure.get().is_some()
        };
        use rusqlite::ffi::{SQLITE_BUSY, SQLITE_CORRUPT, SQLITE_FULL, SQLITE_IOERR_FSYNC, SQLITE_IOERR_WRITE};
        for code in [SQLITE_IOERR_FSYNC, SQLITE_IOERR_WRITE, SQLITE_CORRUPT, SQLITE_BUSY] {
            assert!(lasts(Trouble::Commit(error(code))), "{code} at the commit");
        }
        for code in [SQLITE_IOERR_FSYNC, SQLITE_IOERR_WRITE, SQLITE_CORRUPT] {
            assert!(lasts(Trouble::Step(error(code))), "{code} before the commit");
        }
        assert!(!lasts(Trouble::Commit(error(SQLITE_FULL))));
        assert!(!lasts(Trouble::Step(error(SQLITE_FULL))));
        assert!(!lasts(Trouble::Step(error(SQLITE_BUSY))));
    }

    #[test]
    fn a_revision_is_not_used_up_by_a_refused_batch() {
        let (_directory, mut scribe) = fresh();
        scribe.write(&[put("a", Expect::Rev(9), 1)]).unwrap();
        assert!(matches!(scribe.write(&[put("a", Expect::Absent, 1)]).unwrap()[0], Ok(1)));
    }

    #[test]
    fn revisions_end_with_an_error_and_not_with_a_repetition() {
        let (_directory, mut scribe) = fresh();
        scribe.next_rev = i64::MAX.unsigned_abs();
        assert!(scribe.write(&[put("a", Expect::Any, 1)]).is_err());
        assert_eq!(revision(&scribe.connection, Space::Key, "a").unwrap(), None);
    }

    #[test]
    fn the_log_is_copied_back_when_it_has_grown() {
        let (directory, mut scribe) = fresh();
        for round in 0..40 {
            let works = [put(&format!("{round}"), Expect::Absent, 200_000)];
            scribe.write(&works).unwrap();
            scribe.tidy(&works);
        }
        let log = std::fs::metadata(directory.path().join("test.db-wal")).unwrap().len();
        assert!(log < 6 << 20, "8 MB were written, and the log has {log} bytes");
    }

    #[test]
    fn what_was_queued_before_the_end_is_written() {
        let (directory, scribe) = fresh();
        let writer = Writer::start(scribe.connection, 1).unwrap();
        let queue = writer.queue.clone().unwrap();
        let verdicts: Vec<_> = (0..100)
            .map(|at| {
                let (done, verdict) = oneshot::channel();
                assert!(queue.try_send(Job { work: put(&format!("{at}"), Expect::Absent, 10), done }).is_ok());
                verdict
            })
            .collect();
        drop(queue);
        drop(writer);
        verdicts.into_iter().for_each(|verdict| assert!(wait(verdict).unwrap().is_ok()));
        let again = schema::open_for_reading(&directory.path().join("test.db")).unwrap();
        assert_eq!(again.query_row("SELECT count(*) FROM record", [], |row| row.get::<_, i64>(0)).unwrap(), 100);
    }
}
