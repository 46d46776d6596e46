//! What a failing disk does to the store: an I/O error ends all writing, a full disk only delays it.
//!
//! The tests start this very program again, where a limit on file sizes or a small file system lets real writes fail.
#![cfg(target_os = "linux")]
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::indexing_slicing, clippy::panic, reason = "tests")]

use std::path::Path;
use std::process::{Command, Output};

use polykms_core::port::{Change, Expect, Space, Store, StoreError};
use polykms_store::Sqlite;
use polykms_store::contract::wait;

const DIRECTORY: &str = "POLYKMS_DISK_DIRECTORY";

/// Runs one of the ignored functions below under `shell`, which ends in `exec "$0" "$@"`.
fn under(shell: &str, role: &str, directory: &Path) -> Output {
    Command::new("sh")
        .args(["-c", shell])
        .arg(std::env::current_exe().unwrap())
        .args([role, "--exact", "--ignored", "--nocapture"])
        .env(DIRECTORY, directory)
        .output()
        .unwrap()
}

fn directory() -> Option<std::path::PathBuf> {
    std::env::var_os(DIRECTORY).map(Into::into)
}

fn put(at: usize) -> Vec<Change> {
    vec![Change::Put { space: Space::Key, path: format!("{at:05}"), expect: Expect::Absent, body: vec![9; 3000] }]
}

/// Writes until it is refused, and returns how many writes were acknowledged, and why there were no more.
fn fill(store: &Sqlite, from: usize) -> (usize, String) {
    for at in from..100_000 {
        match wait(store.commit(put(at))) {
            Ok(_) => {}
            Err(StoreError::Conflict) => panic!("a conflict without a second writer"),
            Err(StoreError::Failed(why)) => return (at, why),
        }
    }
    panic!("the disk never failed");
}

fn require_success(output: &Output) -> String {
    let text = format!("{}{}", String::from_utf8_lossy(&output.stdout), String::from_utf8_lossy(&output.stderr));
    assert!(output.status.success(), "{text}");
    text
}

#[test]
fn a_failed_write_is_never_acknowledged_and_ends_all_writing() {
    let directory = tempfile::tempdir().unwrap();
    // Writes beyond the limit fail with EFBIG, which SQLite reports as an I/O error.
    let output = under("trap '' XFSZ; ulimit -f 512; exec \"$0\" \"$@\"", "io_error", directory.path());
    let text = require_success(&output);
    let acknowledged: usize =
        text.lines().find_map(|line| line.strip_prefix("acknowledged ")).expect(&text).parse().unwrap();
    assert!(acknowledged > 10);
    let store = Sqlite::open(directory.path(), [1; 16]).unwrap();
    let found = wait(store.scan(Space::Key, "", None, usize::MAX)).unwrap();
    assert!(found.len() >= acknowledged, "{} of {acknowledged} are left", found.len());
    assert!(found.iter().all(|record| record.body == [9; 3000]));
    wait(store.commit(put(99_999))).unwrap();
}

#[test]
#[ignore = "the side of the harness with the failing disk"]
fn io_error() {
    let Some(directory) = directory() else { return };
    let store = Sqlite::open(directory, [1; 16]).unwrap();
    let (acknowledged, why) = fill(&store, 0);
    assert!(why.contains("I/O"), "{why}");
    assert!(store.failure().unwrap().starts_with("writing was given up"), "{:?}", store.failure());
    for _ in 0..3 {
        assert!(matches!(wait(store.commit(Vec::new())), Err(StoreError::Failed(_))));
    }
    assert_eq!(wait(store.scan(Space::Key, "", None, usize::MAX)).unwrap().len(), acknowledged);
    println!("\nacknowledged {acknowledged}");
}

#[test]
fn a_full_disk_refuses_writes_until_there_is_room() {
    let directory = tempfile::tempdir().unwrap();
    let mount = format!("mount -t tmpfs -o size=2m tmpfs \"${DIRECTORY}\"");
    let probe = Command::new("unshare").args(["-m", "sh", "-c", &mount]).env(DIRECTORY, directory.path()).output();
    if !probe.is_ok_and(|probe| probe.status.success()) {
        println!("SKIPPED: no right to mount a small file system");
        return;
    }
    let shell = format!("exec unshare -m sh -c '{mount} && exec \"$0\" \"$@\"' \"$0\" \"$@\"");
    let text = require_success(&under(&shell, "full_disk", directory.path()));
    assert!(text.contains("the disk was full and is not"), "{text}");
}

#[test]
#[ignore = "the side of the harness with the full disk"]
fn full_disk() {
    let Some(directory) = directory() else { return };
    let ballast = directory.join("ballast");
    std::fs::write(&ballast, vec![1; 500_000]).unwrap();
    let store = Sqlite::open(directory.join("data"), [1; 16]).unwrap();
    let (acknowledged, why) = fill(&store, 0);
    assert_eq!(why, "the disk is full");
    assert_eq!(store.failure(), None);
    assert!(wait(store.commit(put(acknowledged))).is_err());
    assert_eq!(wait(store.scan(Space::Key, "", None, usize::MAX)).unwrap().len(), acknowledged);
    std::fs::remove_file(ballast).unwrap();
    wait(store.commit(put(acknowledged))).unwrap();
    let (more, why) = fill(&store, acknowledged + 1);
    assert_eq!(why, "the disk is full");
    assert!(more > acknowledged + 1);
    drop(store);
    let store = Sqlite::open(directory.join("data"), [1; 16]).unwrap();
    assert_eq!(wait(store.scan(Space::Key, "", None, usize::MAX)).unwrap().len(), more);
    println!("\nthe disk was full and is not");
}
