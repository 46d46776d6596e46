//! The durable store: one SQLite database in a data directory of its own.
//!
//! Follows <https://www.sqlite.org/wal.html> and <https://www.sqlite.org/pragma.html>.
//!
//! # Invariants
//! - A commit is acknowledged after its fsync, and only then.
//! - Only the writer thread writes; readers are read-only connections that see every finished commit.
//! - One process at a time has the data directory.

mod schema;
mod writer;

use std::fs::{self, DirBuilder, File, OpenOptions, TryLockError};
use std::io;
use std::path::{Path, PathBuf};
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Mutex, MutexGuard, PoisonError, TryLockError as Busy};

use async_trait::async_trait;
use polykms_core::port::{Change, Changes, Head, Record, Space, Store, StoreError};
use rusqlite::types::Value;
use rusqlite::{Connection, OptionalExtension, Row, params};
use tokio::task::yield_now;

use crate::walk::{self, Passed, Walk};
use writer::{Work, Writer};

/// The name of the database file in the data directory.
pub const DATABASE: &str = "polykms.db";
/// The name of the lock file in the data directory.
pub const LOCK: &str = "polykms.lock";

const READERS: usize = 4;

/// A store in one SQLite database.
// The order of the fields is the order of closing: the writer's connection has to be the last one on the database, for
// then it folds the write-ahead log back into it, and the lock has to outlive both.
pub struct Sqlite {
    store_id: String,
    readers: Readers,
    writer: Writer,
    _lock: Lock,
}

impl Sqlite {
    /// Opens the store in `directory`, and makes both (0700, database 0600) where they are missing.
    ///
    /// A new store takes `fresh_store_id`, 16 random bytes, as its lasting name; an existing one ignores it.
    ///
    /// # Errors
    /// [`StoreError::Failed`] when another process has the directory, when the database was written by a newer
    /// version or by another program, and when the disk or SQLite fail.
    pub fn open(directory: impl AsRef<Path>, fresh_store_id: [u8; 16]) -> Result<Self, StoreError> {
        let directory = directory.as_ref();
        schema::require_sound_sqlite()?;
        let lock = occupy(directory)?;
        let database = prepare(directory)?;
        let mut connection = schema::open_for_writing(&database)?;
        let identity = schema::establish(&mut connection, fresh_store_id)?;
        let writer = Writer::start(connection, identity.next_rev)?;
        let readers = Readers::open(&database)?;
        Ok(Self { store_id: identity.store_id, readers, writer, _lock: lock })
    }

    /// The lasting name of this store: 32 hexadecimal digits.
    pub fn store_id(&self) -> &str {
        &self.store_id
    }
}

#[async_trait]
impl Store for Sqlite {
    // Reads take microseconds, less than a hop to another thread: they run inline.
    async fn get(&self, space: Space, path: &str) -> Result<Option<Record>, StoreError> {
        get(&self.readers.any(), space, path).map_err(failed("read"))
    }

    async fn get_many(&self, wanted: &[(Space, &str)]) -> Result<Vec<Option<Record>>, StoreError> {
        yield_now().await;
        get_many(&mut self.readers.any(), wanted).map_err(failed("read"))
    }

    async fn scan(
        &self,
        space: Space,
        prefix: &str,
        after: Option<&str>,
        limit: usize,
    ) -> Result<Vec<Record>, StoreError> {
        yield_now().await;
        scan(&self.readers.any(), space, &Stretch::new(prefix, after), limit).map_err(failed("read"))
    }

    async fn paths(
        &self,
        space: Space,
        prefix: &str,
        after: Option<&str>,
        skip: usize,
        limit: usize,
    ) -> Result<Vec<String>, StoreError> {
        match walk::skip(self, space, prefix, after, skip).await? {
            Passed::All => Ok(Vec::new()),
            Passed::Behind(after) => {
                let stretch = Stretch::new(prefix, after.as_deref());
                paths(&self.readers.any(), space, &stretch, limit).map_err(failed("read"))
            }
        }
    }

    async fn count(&self, space: Space, prefix: &str) -> Result<usize, StoreError> {
        walk::count(self, space, prefix).await
    }

    async fn commit(&self, changes: Vec<Change>) -> Result<u64, StoreError> {
        self.writer.submit(Work::Commit(changes)).await
    }

    async fn changes(&self, since: Head) -> Result<Changes, StoreError> {
        Ok(self.writer.changes(since))
    }

    async fn clear(&self) -> Result<(), StoreError> {
        self.writer.submit(Work::Clear).await.map(|_| ())
    }

    fn failure(&self) -> Option<String> {
        self.writer.failure().map(str::to_owned)
    }
}

impl Walk for Sqlite {
    fn pass(
        &self,
        space: Space,
        prefix: &str,
        after: Option<&str>,
        most: usize,
    ) -> Result<(usize, Option<String>), StoreError> {
        pass(&self.readers.any(), space, &Stretch::new(prefix, after), most).map_err(failed("read"))
    }
}

/// The paths from one on, and before another.
struct Stretch {
    from: String,
    /// An empty blob, which sorts after every text, where there is no end.
    until: Value,
}

impl Stretch {
    /// The paths that start with `prefix` and are greater than `after`.
    fn new(prefix: &str, after: Option<&str>) -> Self {
        let from = match after {
            // The least string greater than `after` is `after` and a zero byte.
            Some(after) if after >= prefix => format!("{after}\0"),
            _ => prefix.to_owned(),
        };
        Self { from, until: successor(prefix).map_or(Value::Blob(Vec::new()), Value::Text) }
    }
}

/// The least string greater than all that start with `prefix`; none when there is no greater one.
fn successor(prefix: &str) -> Option<String> {
    let kept = prefix.trim_end_matches(char::MAX);
    let mut chars = kept.chars();
    let next = match chars.next_back()? {
        '\u{d7ff}' => '\u{e000}', // what lies between are surrogates, which no text holds
        last => char::from_u32(u32::from(last).saturating_add(1))?,
    };
    Some(format!("{}{next}", chars.as_str()))
}

fn get(connection: &Connection, space: Space, path: &str) -> rusqlite::Result<Option<Record>> {
    const SQL: &str = "SELECT path, rev, body FROM record WHERE space = ?1 AND path = ?2";
    connection.prepare_cached(SQL)?.query_row(params![space.as_str(), path], record).optional()
}

fn get_many(connection: &mut Connection, wanted: &[(Space, &str)]) -> rusqlite::Result<Vec<Option<Record>>> {
    let snapshot = connection.transaction()?; // ends with this function; there is nothing to commit
    wanted.iter().map(|(space, path)| get(&snapshot, *space, path)).collect()
}

fn scan(connection: &Connection, space: Space, stretch: &Stretch, limit: usize) -> rusqlite::Result<Vec<Record>> {
    const SQL: &str = "SELECT path, rev, body FROM record WHERE space = ?1 AND path >= ?2 AND path < ?3
        ORDER BY path LIMIT ?4";
    let mut statement = connection.prepare_cached(SQL)?;
    statement.query_map(params![space.as_str(), stretch.from, stretch.until, limited(limit)], record)?.collect()
}

// The next two are answered by the index alone.

fn paths(connection: &Connection, space: Space, stretch: &Stretch, limit: usize) -> rusqlite::Result<Vec<String>> {
    const SQL: &str = "SELECT path FROM record WHERE space = ?1 AND path >= ?2 AND path < ?3 ORDER BY path LIMIT ?4";
    let mut statement = connection.prepare_cached(SQL)?;
    statement
        .query_map(params![space.as_str(), stretch.from, stretch.until, limited(limit)], |row| row.get(0))?
        .collect()
}

fn pass(
    connection: &Connection,
    space: Space,
    stretch: &Stretch,
    most: usize,
) -> rusqlite::Result<(usize, Option<String>)> {
    const SQL: &str = "SELECT count(*), max(path) FROM
        (SELECT path FROM record WHERE space = ?1 AND path >= ?2 AND path < ?3 ORDER BY path LIMIT ?4)";
    connection
        .prepare_cached(SQL)?
        .query_row(params![space.as_str(), stretch.from, stretch.until, limited(most)], |row| {
            Ok((row.get(0)?, row.get(1)?))
        })
}

fn limited(limit: usize) -> i64 {
    i64::try_from(limit).unwrap_or(i64::MAX)
}

fn record(row: &Row<'_>) -> rusqlite::Result<Record> {
    Ok(Record { path: row.get(0)?, rev: row.get(1)?, body: row.get(2)? })
}

/// Read-only connections, each used by one thread at a time.
struct Readers {
    connections: Vec<Mutex<Connection>>,
    turn: AtomicUsize,
}

impl Readers {
    fn open(database: &Path) -> Result<Self, StoreError> {
        let connections =
            (0..READERS).map(|_| schema::open_for_reading(database).map(Mutex::new)).collect::<Result<_, _>>()?;
        Ok(Self { connections, turn: AtomicUsize::new(0) })
    }

    /// A free connection, or the next one in turn as soon as it is free.
    #[expect(clippy::indexing_slicing, reason = "the remainder of a division by the length is a valid index")]
    fn any(&self) -> MutexGuard<'_, Connection> {
        let turn = self.turn.fetch_add(1, Ordering::Relaxed);
        let at = |step: usize| &self.connections[turn.wrapping_add(step) % self.connections.len()];
        (0..READERS)
            .find_map(|step| match at(step).try_lock() {
                Ok(free) => Some(free),
                Err(Busy::Poisoned(poisoned)) => Some(poisoned.into_inner()),
                Err(Busy::WouldBlock) => None,
            })
            .unwrap_or_else(|| at(0).lock().unwrap_or_else(PoisonError::into_inner))
    }
}

/// The lock of a data directory.
struct Lock(File);

impl Drop for Lock {
    // Closing alone would leave the lock to a child process that was started meanwhile and has not closed its copy yet.
    fn drop(&mut self) {
        let _ = self.0.unlock(); // what cannot be unlocked is closed next
    }
}

/// Makes the data directory and takes its lock, which ends with the returned value.
fn occupy(directory: &Path) -> Result<Lock, StoreError> {
    let what = |what: &'static str| move |error| unusable(directory, what, &error);
    private_directory(directory).map_err(what("cannot be made"))?;
    let lock = private_file(&directory.join(LOCK)).map_err(what("cannot be locked"))?;
    match lock.try_lock() {
        Ok(()) => Ok(Lock(lock)),
        Err(TryLockError::WouldBlock) => Err(StoreError::Failed(format!(
            "the data directory `{}` is in use by another process",
            directory.display()
        ))),
        Err(TryLockError::Error(error)) => Err(unusable(directory, "cannot be locked", &error)),
    }
}

/// Makes the database file, so that SQLite neither chooses its mode nor leaves its directory entry unsynced.
fn prepare(directory: &Path) -> Result<PathBuf, StoreError> {
    let database = directory.join(DATABASE);
    private_file(&database)
        .and_then(|_| sync_directory(directory))
        .and_then(|()| directory.parent().map_or(Ok(()), sync_directory))
        .map_err(|error| unusable(directory, "cannot be written", &error))?;
    Ok(database)
}

fn private_directory(directory: &Path) -> io::Result<()> {
    let mut builder = DirBuilder::new();
    builder.recursive(true);
    #[cfg(unix)]
    std::os::unix::fs::DirBuilderExt::mode(&mut builder, 0o700);
    builder.create(directory)
}

fn private_file(path: &Path) -> io::Result<File> {
    let mut options = OpenOptions::new();
    options.read(true).write(true).create(true).truncate(false);
    #[cfg(unix)]
    std::os::unix::fs::OpenOptionsExt::mode(&mut options, 0o600);
    options.open(path)
}

fn sync_directory(directory: &Path) -> io::Result<()> {
    let directory = if directory.as_os_str().is_empty() { Path::new(".") } else { directory };
    if cfg!(unix) { File::open(directory)?.sync_all() } else { fs::metadata(directory).map(|_| ()) }
}

fn unusable(directory: &Path, what: &str, error: &io::Error) -> StoreError {
    StoreError::Failed(format!("the data directory `{}` {what}: {error}", directory.display()))
}

fn failed(what: &'static str) -> impl Fn(rusqlite::Error) -> StoreError {
    move |error| StoreError::Failed(format!("cannot {what} the database: {error}"))
}

#[cfg(test)]
#[allow(clippy::unwrap_used, clippy::expect_used, clippy::indexing_slicing, clippy::panic, reason = "tests")]
mod tests {
    use super::*;
    use crate::contract::wait;
    use polykms_core::port::Expect;

    fn put(path: &str) -> Change {
        Change::Put { space: Space::Key, path: path.to_owned(), expect: Expect::Any, body: path.as_bytes().to_vec() }
    }

    fn refusal(result: Result<Sqlite, StoreError>) -> String {
        result.err().expect("must not open").to_string()
    }

    #[test]
    fn a_reopened_store_has_its_records_its_revisions_and_its_name() {
        let directory = tempfile::tempdir().unwrap();
        let store = Sqlite::open(directory.path(), [0xa5; 16]).unwrap();
        assert_eq!(store.store_id(), "a5".repeat(16));
        let first = wait(store.commit(vec![put("a")])).unwrap();
        wait(store.clear()).unwrap();
        let second = wait(store.commit(vec![put("b")])).unwrap();
        drop(store);

        let store = Sqlite::open(directory.path(), [0; 16]).unwrap();
        assert_eq!(store.store_id(), "a5".repeat(16));
        assert_eq!(wait(store.get(Space::Key, "a")).unwrap(), None);
        assert_eq!(wait(store.get(Space::Key, "b")).unwrap().unwrap().rev, second);
        assert!(first < second && second < wait(store.commit(vec![put("a")])).unwrap());
    }

    #[test]
    fn a_store_id_keeps_its_leading_zeros() {
        let directory = tempfile::tempdir().unwrap();
        let store = Sqlite::open(directory.path(), [0; 16]).unwrap();
        assert_eq!(store.store_id(), "0".repeat(32));
    }

    #[test]
    fn a_directory_in_use_is_refused_until_it_is_free() {
        let directory = tempfile::tempdir().unwrap();
        let store = Sqlite::open(directory.path(), [1; 16]).unwrap();
        assert!(refusal(Sqlite::open(directory.path(), [2; 16])).contains("in use by another process"));
        wait(store.commit(vec![put("still working")])).unwrap();
        drop(store);
        Sqlite::open(directory.path(), [2; 16]).unwrap();
    }

    #[test]
    fn a_child_that_still_has_the_lock_file_open_does_not_keep_the_directory() {
        let directory = tempfile::tempdir().unwrap();
        let store = Sqlite::open(directory.path(), [1; 16]).unwrap();
        let _inherited = store._lock.0.try_clone().unwrap();
        drop(store);
        Sqlite::open(directory.path(), [2; 16]).unwrap();
    }

    #[test]
    fn closing_folds_the_log_into_the_database() {
        let directory = tempfile::tempdir().unwrap();
        let store = Sqlite::open(directory.path(), [1; 16]).unwrap();
        wait(store.commit(vec![put("a")])).unwrap();
        drop(store);
        let mut names: Vec<_> =
            fs::read_dir(directory.path()).unwrap().map(|entry| entry.unwrap().file_name()).collect();
        names.sort();
        assert_eq!(names, [DATABASE, LOCK]);
    }

    #[cfg(unix)]
    #[test]
    fn nobody_else_can_read_the_files() {
        use std::os::unix::fs::PermissionsExt;
        let parent = tempfile::tempdir().unwrap();
        let directory = parent.path().join("made/here");
        let store = Sqlite::open(&directory, [1; 16]).unwrap();
        wait(store.commit(vec![put("a")])).unwrap();
        let mode = |path: &Path| fs::metadata(path).unwrap().permissions().mode() & 0o777;
        assert_eq!(mode(&directory), 0o700);
        let files: Vec<_> = fs::read_dir(&directory).unwrap().map(|entry| entry.unwrap().path()).collect();
        assert_eq!(files.len(), 4, "database, lock, log and its index: {files:?}");
        for file in files {
            assert_eq!(mode(&file), 0o600, "{}", file.display());
        }
    }

    #[test]
    fn the_successor_of_a_prefix_ends_what_starts_with_it() {
        let none = None::<String>;
        for (prefix, expected) in [
            ("", None),
            ("a", Some("b")),
            ("a\u{1f}", Some("a ")),
            ("\u{d7ff}", Some("\u{e000}")),
            ("a\u{10ffff}\u{10ffff}", Some("b")),
            ("\u{10ffff}", None),
        ] {
            assert_eq!(successor(prefix), expected.map(str::to_owned).or(none.clone()), "{prefix:?}");
        }
    }

    #[test]
    fn what_needs_no_body_is_answered_by_the_index_alone() {
        let directory = tempfile::tempdir().unwrap();
        let store = Sqlite::open(directory.path(), [1; 16]).unwrap();
        let plan = |sql: &str| {
            let reader = store.readers.any();
            let mut statement = reader.prepare(&format!("EXPLAIN QUERY PLAN {sql}")).unwrap();
            let rows = statement.query_map([], |row| row.get::<_, String>(3)).unwrap();
            rows.collect::<Result<Vec<_>, _>>().unwrap().join("; ")
        };
        let bounds = "WHERE space = 'key' AND path >= 'a' AND path < x'' ORDER BY path LIMIT 9";
        let found = plan(&format!("SELECT path FROM record {bounds}"));
        assert!(found.contains("USING COVERING INDEX record_path (space=? AND path>? AND path<?)"), "{found}");
        assert!(!plan(&format!("SELECT body FROM record {bounds}")).contains("COVERING"), "the control");
    }

    #[test]
    fn reads_go_on_while_more_threads_read_than_there_are_connections() {
        let directory = tempfile::tempdir().unwrap();
        let store = Sqlite::open(directory.path(), [1; 16]).unwrap();
        wait(store.commit(vec![put("a")])).unwrap();
        std::thread::scope(|scope| {
            for _ in 0..READERS * 4 {
                scope.spawn(|| (0..200).for_each(|_| assert!(wait(store.get(Space::Key, "a")).unwrap().is_some())));
            }
        });
    }

    #[test]
    fn a_reading_connection_cannot_write() {
        let directory = tempfile::tempdir().unwrap();
        let store = Sqlite::open(directory.path(), [1; 16]).unwrap();
        assert!(store.readers.any().execute("DELETE FROM record", []).is_err());
    }

    #[test]
    fn a_deleted_record_leaves_no_trace_in_the_files_of_a_closed_store() {
        let directory = tempfile::tempdir().unwrap();
        let store = Sqlite::open(directory.path(), [1; 16]).unwrap();
        let canary = "canary ".repeat(1000);
        let found = || {
            let files = fs::read_dir(directory.path()).unwrap().map(|entry| fs::read(entry.unwrap().path()).unwrap());
            files.into_iter().any(|file| file.windows(14).any(|window| window == b"canary canary "))
        };
        wait(store.commit(vec![put(&canary)])).unwrap();
        assert!(found(), "the scan must be able to see it");
        wait(store.commit(vec![Change::Delete { space: Space::Key, path: canary.clone(), expect: Expect::Any }]))
            .unwrap();
        drop(store);
        assert!(!found());
    }

    #[test]
    fn clearing_leaves_no_trace_in_the_files_of_an_open_store() {
        let directory = tempfile::tempdir().unwrap();
        let store = Sqlite::open(directory.path(), [1; 16]).unwrap();
        wait(store.commit(vec![put(&"canary ".repeat(1000))])).unwrap();
        wait(store.clear()).unwrap();
        wait(store.commit(vec![put("a")])).unwrap(); // the log is cut off behind the acknowledgement
        for entry in fs::read_dir(directory.path()).unwrap() {
            let file = fs::read(entry.unwrap().path()).unwrap();
            assert!(!file.windows(14).any(|window| window == b"canary canary "));
        }
    }
}
