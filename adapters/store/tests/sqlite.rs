//! The SQLite store keeps the contract.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::indexing_slicing, clippy::panic, reason = "tests")]

use std::sync::Arc;

use polykms_store::Sqlite;
use polykms_store::contract::Subject;

fn open() -> (Subject, tempfile::TempDir) {
    let directory = tempfile::tempdir().unwrap();
    (Arc::new(Sqlite::open(directory.path(), [1; 16]).unwrap()), directory)
}

polykms_store::store_contract!(open);
