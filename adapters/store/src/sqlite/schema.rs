//! Connections and tables of the SQLite store: what is switched on, what is stored where, what is refused.
//!
//! A record is a row of an ordinary table with a unique index beside it: rows of a kilobyte inside the index itself
//! (`WITHOUT ROWID`) would double the file and halve the rate of commits.

use std::path::Path;
use std::time::Duration;

use polykms_core::port::StoreError;
use rusqlite::{Connection, OpenFlags, TransactionBehavior, params};

use super::failed;

/// The version of the tables this program reads and writes. All have the same tables; what programs of an earlier one would
/// write into them lacks records that those of a later one rely on.
const SCHEMA: i64 = 4;
/// The first SQLite in which no way is known to lose a commit from the write-ahead log.
const SOUND_SQLITE: i32 = 3_051_003;
const BUSY: Duration = Duration::from_secs(5);

const TABLES: &str = "
    CREATE TABLE meta(name TEXT NOT NULL PRIMARY KEY, value ANY NOT NULL) STRICT;
    CREATE TABLE record(space TEXT NOT NULL, path TEXT NOT NULL, rev INTEGER NOT NULL, body BLOB NOT NULL) STRICT;
    CREATE UNIQUE INDEX record_path ON record(space, path);
";

/// What a database says about itself.
pub(super) struct Identity {
    pub(super) store_id: String,
    pub(super) next_rev: u64,
}

/// Refuses to run on an SQLite that is older than the one this was built for.
pub(super) fn require_sound_sqlite() -> Result<(), StoreError> {
    if rusqlite::version_number() >= SOUND_SQLITE {
        return Ok(());
    }
    Err(StoreError::Failed(format!("SQLite {} is too old: 3.51.3 or newer is needed", rusqlite::version())))
}

/// Opens the one connection that writes.
pub(super) fn open_for_writing(database: &Path) -> Result<Connection, StoreError> {
    let flags = OpenFlags::SQLITE_OPEN_READ_WRITE | OpenFlags::SQLITE_OPEN_NO_MUTEX;
    Connection::open_with_flags(database, flags).and_then(for_writing).map_err(failed("open"))
}

/// Opens a connection that reads.
pub(super) fn open_for_reading(database: &Path) -> Result<Connection, StoreError> {
    let flags = OpenFlags::SQLITE_OPEN_READ_ONLY | OpenFlags::SQLITE_OPEN_NO_MUTEX;
    Connection::open_with_flags(database, flags).and_then(guarded).map_err(failed("open"))
}

fn for_writing(connection: Connection) -> rusqlite::Result<Connection> {
    let connection = guarded(connection)?;
    connection.pragma_update_and_check(None, "journal_mode", "WAL", |row| row.get::<_, String>(0))?;
    connection.pragma_update(None, "synchronous", "FULL")?;
    connection.pragma_update(None, "fullfsync", true)?; // macOS: fsync alone stops at the disk's cache
    connection.pragma_update(None, "foreign_keys", true)?;
    connection.pragma_update_and_check(None, "secure_delete", true, |_| Ok(()))?;
    // The writer copies the log back itself: SQLite's own way hides I/O errors.
    connection.pragma_update_and_check(None, "wal_autocheckpoint", 0, |_| Ok(()))?;
    connection.pragma_update_and_check(None, "journal_size_limit", 1 << 26, |_| Ok(()))?;
    Ok(connection)
}

fn guarded(connection: Connection) -> rusqlite::Result<Connection> {
    connection.busy_timeout(BUSY)?;
    connection.pragma_update(None, "trusted_schema", false)?;
    connection.pragma_update(None, "cell_size_check", true)?;
    connection.pragma_update_and_check(None, "mmap_size", 0, |_| Ok(()))?;
    connection.pragma_update(None, "temp_store", "MEMORY")?;
    Ok(connection)
}

/// Makes the tables of a new database, or reads what an existing one says about itself.
pub(super) fn establish(connection: &mut Connection, fresh_store_id: [u8; 16]) -> Result<Identity, StoreError> {
    if is_empty(connection).map_err(failed("read"))? {
        create(connection, fresh_store_id).map_err(failed("create"))?;
    }
    let schema: i64 = meta(connection, "schema_version")
        .map_err(|_| StoreError::Failed("the database was not written by this program".to_owned()))?;
    if schema > SCHEMA {
        return Err(StoreError::Failed(format!(
            "the database was written by a newer version: it has schema {schema}, this program knows {SCHEMA}"
        )));
    }
    if schema < SCHEMA {
        // From here on programs that know less refuse it.
        let raise = "UPDATE meta SET value = ?1 WHERE name = 'schema_version'";
        connection.execute(raise, [SCHEMA]).map_err(failed("migrate"))?;
    }
    identity(connection).map_err(failed("read"))
}

fn is_empty(connection: &Connection) -> rusqlite::Result<bool> {
    connection.query_row("SELECT count(*) FROM sqlite_schema", [], |row| row.get(0)).map(|tables: i64| tables == 0)
}

fn create(connection: &mut Connection, fresh_store_id: [u8; 16]) -> rusqlite::Result<()> {
    let transaction = connection.transaction_with_behavior(TransactionBehavior::Immediate)?;
    transaction.execute_batch(TABLES)?;
    let store_id = format!("{:032x}", u128::from_be_bytes(fresh_store_id));
    transaction.execute(
        "INSERT INTO meta(name, value) VALUES ('store_id', ?1), ('schema_version', ?2), ('next_rev', 1)",
        params![store_id, SCHEMA],
    )?;
    transaction.commit()
}

fn identity(connection: &Connection) -> rusqlite::Result<Identity> {
    Ok(Identity { store_id: meta(connection, "store_id")?, next_rev: meta(connection, "next_rev")? })
}

fn meta<T: rusqlite::types::FromSql>(connection: &Connection, name: &str) -> rusqlite::Result<T> {
    connection.query_row("SELECT value FROM meta WHERE name = ?1", [name], |row| row.get(0))
}

#[cfg(test)]
#[allow(clippy::unwrap_used, clippy::expect_used, clippy::indexing_slicing, clippy::panic, reason = "tests")]
mod tests {
    use super::*;

    fn fresh() -> (tempfile::TempDir, Connection) {
        let directory = tempfile::tempdir().unwrap();
        let database = directory.path().join("test.db");
        std::fs::write(&database, []).unwrap();
        (directory, open_for_writing(&database).unwrap())
    }

    fn refusal(mut connection: Connection) -> String {
        establish(&mut connection, [0; 16]).err().expect("must be refused").to_string()
    }

    #[test]
    fn every_switch_is_as_promised() {
        let (_directory, connection) = fresh();
        let value = |name: &str| connection.pragma_query_value(None, name, |row| row.get::<_, i64>(0)).unwrap();
        let text = connection.pragma_query_value(None, "journal_mode", |row| row.get::<_, String>(0)).unwrap();
        assert_eq!(text, "wal");
        for (name, expected) in [
            ("synchronous", 2),
            ("foreign_keys", 1),
            ("secure_delete", 1),
            ("trusted_schema", 0),
            ("cell_size_check", 1),
            ("temp_store", 2),
            ("wal_autocheckpoint", 0),
        ] {
            assert_eq!(value(name), expected, "{name}");
        }
        let mapped: rusqlite::Result<i64> = connection.pragma_query_value(None, "mmap_size", |row| row.get(0));
        assert_eq!(mapped.unwrap_or(0), 0);
    }

    #[test]
    fn a_newer_schema_is_refused() {
        let (_directory, mut connection) = fresh();
        establish(&mut connection, [0; 16]).unwrap();
        connection.execute("UPDATE meta SET value = 5 WHERE name = 'schema_version'", []).unwrap();
        assert!(refusal(connection).contains("it has schema 5, this program knows 4"));
    }

    #[test]
    fn an_older_schema_is_raised() {
        let (_directory, mut connection) = fresh();
        establish(&mut connection, [0; 16]).unwrap();
        connection.execute("UPDATE meta SET value = 1 WHERE name = 'schema_version'", []).unwrap();
        establish(&mut connection, [0; 16]).unwrap();
        assert_eq!(meta::<i64>(&connection, "schema_version").unwrap(), SCHEMA);
    }

    #[test]
    fn a_database_of_another_program_is_refused_and_left_alone() {
        let (directory, connection) = fresh();
        connection.execute_batch("CREATE TABLE theirs(a)").unwrap();
        assert!(refusal(connection).contains("not written by this program"));
        let again = open_for_reading(&directory.path().join("test.db")).unwrap();
        let tables: Vec<String> = again
            .prepare("SELECT name FROM sqlite_schema")
            .unwrap()
            .query_map([], |row| row.get(0))
            .unwrap()
            .collect::<Result<_, _>>()
            .unwrap();
        assert_eq!(tables, ["theirs"]);
    }

    #[test]
    fn a_file_that_is_no_database_is_refused() {
        let directory = tempfile::tempdir().unwrap();
        let database = directory.path().join("test.db");
        std::fs::write(&database, "not a database, but long enough to be taken for one".repeat(100)).unwrap();
        assert!(open_for_writing(&database).is_err());
    }
}
