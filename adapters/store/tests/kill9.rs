//! A process that is killed at any moment loses nothing it acknowledged; a control shows that a loss would be seen.
//!
//! The tests start this very program again as the process to be killed; `POLYKMS_SEED` repeats a run.
#![cfg(unix)]
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::indexing_slicing, clippy::panic, reason = "tests")]

use std::collections::BTreeSet;
use std::hash::{DefaultHasher, Hash, Hasher};
use std::io::{BufRead, BufReader, Write};
use std::path::Path;
use std::process::{Command, Stdio};
use std::sync::Arc;
use std::time::{Duration, SystemTime, UNIX_EPOCH};

use polykms_core::port::store::SEPARATOR;
use polykms_core::port::{Change, Expect, Space, Store};
use polykms_store::Sqlite;
use polykms_store::contract::wait;
use polykms_store::sqlite::DATABASE;

const ROLE: &str = "POLYKMS_CRASH_ROLE";
const DIRECTORY: &str = "POLYKMS_CRASH_DIRECTORY";
const ROUND: &str = "POLYKMS_CRASH_ROUND";
const ROUNDS: u64 = 20;
const WRITERS: u64 = 4;

#[test]
fn what_was_acknowledged_survives_the_end_of_its_process() {
    let outcome = run("honest", ROUNDS);
    assert!(outcome.acknowledged > 10 * ROUNDS, "only {} writes were tried", outcome.acknowledged);
    assert_eq!(outcome.lost, Vec::<String>::new());
}

#[test]
fn the_control_that_acknowledges_too_early_is_caught() {
    assert!(!run("early", ROUNDS).lost.is_empty(), "this harness cannot see a loss");
}

/// Not a test of its own: the process that the others start and kill.
#[test]
#[ignore = "the side of the harness that is killed"]
fn writer() {
    let (Ok(role), Ok(directory), Ok(round)) = (std::env::var(ROLE), std::env::var(DIRECTORY), std::env::var(ROUND))
    else {
        return;
    };
    let store = Arc::new(Sqlite::open(directory, [1; 16]).unwrap());
    wait(async move {
        let writers: Vec<_> = (0..WRITERS)
            .map(|writer| tokio::spawn(write_forever(Arc::clone(&store), role == "early", format!("{round}-{writer}"))))
            .collect();
        for writer in writers {
            writer.await.unwrap();
        }
    });
}

async fn write_forever(store: Arc<Sqlite>, early: bool, name: String) {
    for step in 0u64.. {
        let id = format!("{name}-{step}");
        let halves = ["left", "right"].map(|half| Change::Put {
            space: Space::Key,
            path: format!("{half}{SEPARATOR}{id}"),
            expect: Expect::Absent,
            body: id.repeat(50).into_bytes(),
        });
        if early {
            acknowledge(&id);
        }
        store.commit(halves.to_vec()).await.unwrap();
        if !early {
            acknowledge(&id);
        }
    }
}

/// One write to a pipe, and short enough to be whole.
fn acknowledge(id: &str) {
    std::io::stdout().lock().write_all(format!("ack {id}\n").as_bytes()).unwrap();
}

struct Outcome {
    acknowledged: u64,
    lost: Vec<String>,
}

fn run(role: &str, rounds: u64) -> Outcome {
    let seed = std::env::var("POLYKMS_SEED").ok().and_then(|seed| seed.parse().ok()).unwrap_or_else(fresh_seed);
    println!("POLYKMS_SEED={seed}");
    let directory = tempfile::tempdir().unwrap();
    let mut outcome = Outcome { acknowledged: 0, lost: Vec::new() };
    let mut last_rev = 0;
    for round in 0..rounds {
        let acknowledged = killed(role, directory.path(), round, delay(seed, round));
        let (stored, rev) = reopened(directory.path());
        assert!(rev > last_rev, "revisions went back from {last_rev} to {rev}");
        last_rev = rev;
        outcome.acknowledged += acknowledged.len() as u64;
        outcome.lost.extend(acknowledged.difference(&stored).cloned());
    }
    println!("{role}: {rounds} rounds, {} acknowledged, {} lost", outcome.acknowledged, outcome.lost.len());
    outcome
}

fn fresh_seed() -> u64 {
    u64::from(SystemTime::now().duration_since(UNIX_EPOCH).unwrap().subsec_nanos())
}

fn delay(seed: u64, round: u64) -> Duration {
    let mut hasher = DefaultHasher::new();
    (seed, round).hash(&mut hasher);
    Duration::from_micros(hasher.finish() % 150_000)
}

/// Lets a writer run for a while after its first acknowledgement, kills it, and returns what it acknowledged.
fn killed(role: &str, directory: &Path, round: u64, after: Duration) -> BTreeSet<String> {
    let mut child = Command::new(std::env::current_exe().unwrap())
        .args(["writer", "--exact", "--ignored", "--nocapture"])
        .env(ROLE, role)
        .env(DIRECTORY, directory)
        .env(ROUND, round.to_string())
        .stdout(Stdio::piped())
        .spawn()
        .unwrap();
    let mut output = BufReader::new(child.stdout.take().unwrap());
    let mut lines = Vec::new();
    let mut line = String::new();
    while !line.starts_with("ack ") {
        line.clear();
        assert!(output.read_line(&mut line).unwrap() > 0, "the writer ended by itself");
    }
    lines.push(line);
    let killer = std::thread::spawn(move || {
        std::thread::sleep(after);
        child.kill().unwrap();
        child.wait().unwrap();
    });
    loop {
        let mut line = String::new();
        match output.read_line(&mut line).unwrap() {
            0 => break,
            _ if line.ends_with('\n') => lines.push(line),
            _ => {}
        }
    }
    killer.join().unwrap();
    lines.iter().filter_map(|line| line.trim_end().strip_prefix("ack ")).map(str::to_owned).collect()
}

/// Opens the store after the crash: it must be sound and hold whole batches only. Returns them, and a new revision.
fn reopened(directory: &Path) -> (BTreeSet<String>, u64) {
    let store = Sqlite::open(directory, [1; 16]).unwrap();
    let half = |half: &str| -> BTreeSet<String> {
        let prefix = format!("{half}{SEPARATOR}");
        let records = wait(store.scan(Space::Key, &prefix, None, usize::MAX)).unwrap();
        records
            .into_iter()
            .map(|record| {
                let id = record.path[prefix.len()..].to_owned();
                assert_eq!(record.body, id.repeat(50).into_bytes());
                id
            })
            .collect()
    };
    let (left, right) = (half("left"), half("right"));
    assert_eq!(left, right, "half a batch was stored");
    let rev = wait(store.commit(Vec::new())).unwrap();
    drop(store);
    let database = rusqlite::Connection::open(directory.join(DATABASE)).unwrap();
    let verdict: String = database.query_row("PRAGMA integrity_check", [], |row| row.get(0)).unwrap();
    assert_eq!(verdict, "ok");
    (left, rev)
}
