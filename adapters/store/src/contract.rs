//! The contract of the store port as functions: every store passes all of them, each on a fresh store.
//!
//! [`store_contract!`](crate::store_contract) makes one test of each rule. A rule that is broken panics.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::indexing_slicing, clippy::panic, reason = "tests")]

use std::collections::BTreeSet;
use std::future::Future;
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};

use polykms_core::port::store::SEPARATOR;
use polykms_core::port::{Change, Expect, Record, Space, Store, StoreError};

/// The store under test.
pub type Subject = Arc<dyn Store>;

const SPACE: Space = Space::Key;
const OTHER_SPACE: Space = Space::Policy;

/// Makes one `#[test]` of each rule; `$open` is a function that returns a fresh store and whatever keeps it alive.
#[macro_export]
macro_rules! store_contract {
    ($open:path) => {
        $crate::store_contract! { $open:
            what_is_committed_is_read_back,
            an_expectation_decides_over_every_change,
            a_failing_change_takes_its_whole_batch_along,
            the_changes_of_a_batch_apply_in_their_order,
            a_check_writes_nothing,
            a_batch_without_changes_commits,
            spaces_do_not_know_each_other,
            revisions_only_grow,
            a_record_made_again_never_repeats_a_revision,
            a_cleared_store_is_empty_and_its_revisions_go_on,
            a_scan_finds_what_starts_with_the_prefix_in_byte_order,
            pages_of_every_size_list_everything_once,
            a_path_is_compared_byte_by_byte,
            bodies_of_every_size_and_content_come_back,
            one_of_a_hundred_creations_wins,
            counters_lose_no_update,
            conflicts_do_not_harm_others,
            a_commit_is_seen_by_every_later_read,
            a_batch_is_seen_whole,
        }
    };
    ($open:path: $($rule:ident),* $(,)?) => {
        $(
            #[test]
            fn $rule() {
                let (store, _keep) = $open();
                $crate::contract::wait($crate::contract::$rule(store));
            }
        )*
    };
}

/// Runs a rule, or any other future, to its end.
pub fn wait<T>(future: impl Future<Output = T>) -> T {
    tokio::runtime::Builder::new_multi_thread().worker_threads(4).enable_all().build().unwrap().block_on(future)
}

fn put(path: &str, expect: Expect, body: impl Into<Vec<u8>>) -> Change {
    Change::Put { space: SPACE, path: path.to_owned(), expect, body: body.into() }
}

fn delete(path: &str, expect: Expect) -> Change {
    Change::Delete { space: SPACE, path: path.to_owned(), expect }
}

fn check(path: &str, expect: Expect) -> Change {
    Change::Check { space: SPACE, path: path.to_owned(), expect }
}

async fn read(store: &Subject, path: &str) -> Option<Record> {
    store.get(SPACE, path).await.unwrap()
}

async fn write(store: &Subject, path: &str, body: impl Into<Vec<u8>>) -> u64 {
    store.commit(vec![put(path, Expect::Any, body)]).await.unwrap()
}

async fn everything(store: &Subject) -> Vec<Record> {
    store.scan(SPACE, "", None, usize::MAX).await.unwrap()
}

fn is_conflict<T>(result: &Result<T, StoreError>) -> bool {
    matches!(result, Err(StoreError::Conflict))
}

/// A commit is found again by `get` and by `scan`, under the revision it returned; what was not written is not there.
pub async fn what_is_committed_is_read_back(store: Subject) {
    assert_eq!(read(&store, "a").await, None);
    assert_eq!(everything(&store).await, []);
    let rev = store.commit(vec![put("a", Expect::Absent, "1"), put("b", Expect::Any, "2")]).await.unwrap();
    let a = Record { path: "a".to_owned(), rev, body: b"1".to_vec() };
    let b = Record { path: "b".to_owned(), rev, body: b"2".to_vec() };
    assert_eq!(read(&store, "a").await.as_ref(), Some(&a));
    assert_eq!(everything(&store).await, [a, b]);
    assert_eq!(read(&store, "c").await, None);
}

/// `Absent`, `Rev` and `Any` hold exactly when they say, for all kinds of change, on records that exist and that do not.
pub async fn an_expectation_decides_over_every_change(store: Subject) {
    let old = write(&store, "there", "old").await;
    let now = write(&store, "there", "now").await;
    let cases = [
        ("there", Expect::Any, true),
        ("there", Expect::Absent, false),
        ("there", Expect::Rev(now), true),
        ("there", Expect::Rev(old), false),
        ("there", Expect::Rev(now + 1), false),
        ("there", Expect::Rev(u64::MAX), false),
        ("missing", Expect::Any, true),
        ("missing", Expect::Absent, true),
        ("missing", Expect::Rev(now), false),
        ("missing", Expect::Rev(0), false),
    ];
    for (path, expect, holds) in cases {
        for change in [check(path, expect), put(path, expect, "new"), delete(path, expect)] {
            // A failing last change takes the batch back, so that every case starts from the same state.
            let undone = store.commit(vec![change.clone(), check("never", Expect::Rev(1))]).await;
            assert!(is_conflict(&undone), "{change:?}");
            assert_eq!(read(&store, "there").await.unwrap().rev, now, "{change:?}");
            if holds {
                continue;
            }
            assert!(is_conflict(&store.commit(vec![change.clone()]).await), "{change:?}");
            assert_eq!(read(&store, "there").await.unwrap().body, b"now", "{change:?}");
            assert_eq!(read(&store, "missing").await, None, "{change:?}");
        }
    }
    store.commit(vec![delete("missing", Expect::Any), delete("missing", Expect::Absent)]).await.unwrap();
    store.commit(vec![check("there", Expect::Rev(now)), check("missing", Expect::Absent)]).await.unwrap();
    let next = store.commit(vec![put("there", Expect::Rev(now), "next")]).await.unwrap();
    store.commit(vec![delete("there", Expect::Rev(next))]).await.unwrap();
    assert_eq!(read(&store, "there").await, None);
    store.commit(vec![put("there", Expect::Absent, "again")]).await.unwrap();
    assert_eq!(read(&store, "there").await.unwrap().body, b"again");
}

/// Wherever in a batch a change fails, nothing of the batch stays: no record made, changed or removed.
pub async fn a_failing_change_takes_its_whole_batch_along(store: Subject) {
    let changed = write(&store, "changed", "before").await;
    let removed = write(&store, "removed", "before").await;
    let batch = [
        put("made", Expect::Absent, "x"),
        put("changed", Expect::Rev(changed), "after"),
        put("changed", Expect::Any, "after that"),
        delete("removed", Expect::Rev(removed)),
        put("removed", Expect::Absent, "after"),
    ];
    let before = everything(&store).await;
    let never = Expect::Rev(u64::MAX);
    for failing in [put("changed", Expect::Absent, ""), delete("made", never), check("removed", never)] {
        for at in [0, batch.len() / 2, batch.len()] {
            let mut changes = batch.to_vec();
            changes.insert(at, failing.clone());
            assert!(is_conflict(&store.commit(changes).await), "{failing:?} at {at}");
            assert_eq!(everything(&store).await, before, "{failing:?} at {at}");
        }
    }
    let rev = store.commit(batch.to_vec()).await.unwrap();
    let after: Vec<_> = everything(&store).await.into_iter().map(|record| (record.path, record.rev)).collect();
    assert_eq!(after, ["changed", "made", "removed"].map(|path| (path.to_owned(), rev)));
}

/// A change sees what the changes before it in the same batch did; the last one decides.
pub async fn the_changes_of_a_batch_apply_in_their_order(store: Subject) {
    let rev = write(&store, "a", "1").await;
    let twice = store.commit(vec![put("a", Expect::Rev(rev), "2"), put("a", Expect::Rev(rev), "3")]).await;
    assert!(is_conflict(&twice), "the second expectation is about the first change's outcome");
    let moved = vec![
        delete("a", Expect::Rev(rev)),
        check("a", Expect::Absent),
        put("a", Expect::Absent, "2"),
        put("b", Expect::Absent, "1"),
        delete("b", Expect::Any),
    ];
    store.commit(moved).await.unwrap();
    assert_eq!(read(&store, "a").await.unwrap().body, b"2");
    assert_eq!(read(&store, "b").await, None);
}

/// A check leaves the record and its revision alone, whether the commit goes on or not.
pub async fn a_check_writes_nothing(store: Subject) {
    write(&store, "a", "1").await;
    let before = read(&store, "a").await.unwrap();
    store.commit(vec![check("a", Expect::Rev(before.rev)), put("b", Expect::Any, "")]).await.unwrap();
    store.commit(vec![check("a", Expect::Any), check("c", Expect::Any)]).await.unwrap();
    assert_eq!(read(&store, "a").await, Some(before));
    assert_eq!(read(&store, "c").await, None);
}

/// An empty batch is a commit like any other.
pub async fn a_batch_without_changes_commits(store: Subject) {
    let before = write(&store, "a", "").await;
    let empty = store.commit(Vec::new()).await.unwrap();
    assert!(before < empty && empty < write(&store, "a", "").await);
}

/// The same path in two spaces is two records.
pub async fn spaces_do_not_know_each_other(store: Subject) {
    write(&store, "a", "mine").await;
    assert_eq!(store.get(OTHER_SPACE, "a").await.unwrap(), None);
    let theirs = |expect, body: &str| Change::Put {
        space: OTHER_SPACE,
        path: "a".to_owned(),
        expect,
        body: body.as_bytes().to_vec(),
    };
    store.commit(vec![theirs(Expect::Absent, "theirs"), put("b", Expect::Absent, "")]).await.unwrap();
    assert_eq!(read(&store, "a").await.unwrap().body, b"mine");
    let found = store.scan(OTHER_SPACE, "", None, 10).await.unwrap();
    assert_eq!(found.len(), 1);
    assert_eq!(found[0].body, b"theirs");
    assert_eq!(store.scan(Space::Alias, "", None, 10).await.unwrap(), []);
}

/// Every commit returns a greater revision, and touches the revision of no record but its own.
pub async fn revisions_only_grow(store: Subject) {
    let still = write(&store, "still", "").await;
    let mut last = still;
    for round in 0..50u8 {
        let changes = match round % 4 {
            0 => vec![put("a", Expect::Any, [round])],
            1 => vec![delete("a", Expect::Any)],
            2 => vec![check("still", Expect::Rev(still))],
            _ => vec![],
        };
        let rev = store.commit(changes).await.unwrap();
        assert!(rev > last, "{rev} after {last}");
        last = rev;
        let refused = store.commit(vec![put("a", Expect::Any, ""), check("still", Expect::Absent)]).await;
        assert!(is_conflict(&refused));
    }
    assert_eq!(read(&store, "still").await.unwrap().rev, still);
}

/// Whoever remembers a revision of a record that was deleted and made again is told that it changed.
pub async fn a_record_made_again_never_repeats_a_revision(store: Subject) {
    let mut seen = BTreeSet::new();
    for _ in 0..20 {
        let rev = store.commit(vec![put("a", Expect::Absent, "same")]).await.unwrap();
        assert!(seen.insert(rev), "{rev} was there before");
        for old in &seen {
            let stale = store.commit(vec![put("a", Expect::Rev(*old), "stale"), check("z", Expect::Rev(1))]).await;
            assert!(is_conflict(&stale));
            if *old != rev {
                assert!(is_conflict(&store.commit(vec![delete("a", Expect::Rev(*old))]).await));
            }
        }
        store.commit(vec![delete("a", Expect::Rev(rev))]).await.unwrap();
    }
}

/// `clear` removes all spaces, can be repeated, and no revision from before comes back.
pub async fn a_cleared_store_is_empty_and_its_revisions_go_on(store: Subject) {
    store.clear().await.unwrap();
    let theirs =
        Change::Put { space: OTHER_SPACE, path: "a".to_owned(), expect: Expect::Absent, body: b"theirs".to_vec() };
    let before = store.commit(vec![put("a", Expect::Absent, ""), theirs]).await.unwrap();
    store.clear().await.unwrap();
    assert_eq!(everything(&store).await, []);
    assert_eq!(store.get(OTHER_SPACE, "a").await.unwrap(), None);
    store.clear().await.unwrap();
    assert!(store.commit(vec![put("a", Expect::Absent, "")]).await.unwrap() > before);
}

/// All strings of up to three of these characters, and the awkward ones among them: wildcards of SQL and of shells,
/// quotes, zero, the separator, one to four bytes of UTF-8, and neighbours around the gap of the surrogates.
fn paths() -> BTreeSet<String> {
    let letters = ['\0', SEPARATOR, '%', '\'', '*', '_', 'a', 'é', '\u{d7ff}', '\u{e000}', '\u{10ffff}'];
    let mut paths: BTreeSet<String> = [String::new()].into();
    for _ in 0..3 {
        let longer: Vec<_> = paths.iter().flat_map(|path| letters.map(|letter| format!("{path}{letter}"))).collect();
        paths.extend(longer);
    }
    paths
}

async fn fill(store: &Subject, paths: &BTreeSet<String>) {
    let other =
        |path: &str| Change::Put { space: OTHER_SPACE, path: format!("{path}!"), expect: Expect::Absent, body: vec![] };
    let changes = paths.iter().rev().flat_map(|path| [put(path, Expect::Absent, path.as_str()), other(path)]);
    store.commit(changes.collect()).await.unwrap();
}

/// A scan answers like a filter over the sorted list of all paths, for every prefix, starting point and limit.
pub async fn a_scan_finds_what_starts_with_the_prefix_in_byte_order(store: Subject) {
    let paths = paths();
    fill(&store, &paths).await;
    let prefixes = paths.iter().filter(|path| path.chars().count() < 3);
    for prefix in prefixes.map(String::as_str).chain(["b", "aaaa", "a_%"]) {
        let inside = format!("{prefix}a");
        for after in [None, Some(""), Some(prefix), Some(inside.as_str()), Some("%"), Some("zzz"), Some("\u{10ffff}")] {
            for limit in [0, 1, 7, usize::MAX] {
                let expected: Vec<_> = paths
                    .iter()
                    .filter(|path| path.starts_with(prefix) && after.is_none_or(|after| path.as_str() > after))
                    .take(limit)
                    .collect();
                let found = store.scan(SPACE, prefix, after, limit).await.unwrap();
                let found: Vec<_> = found.iter().map(|record| &record.path).collect();
                assert_eq!(found, expected, "prefix {prefix:?} after {after:?} limit {limit}");
            }
        }
    }
}

/// Going on after the last path of each page lists every record once, also while others come and go.
pub async fn pages_of_every_size_list_everything_once(store: Subject) {
    let paths: BTreeSet<_> = (0..60).map(|at| format!("account{SEPARATOR}{at:02}")).collect();
    fill(&store, &paths).await;
    let prefix = format!("account{SEPARATOR}");
    for size in [1, 2, 7, 59, 60, 61] {
        let mut listed = Vec::new();
        let mut after: Option<String> = None;
        loop {
            let page = store.scan(SPACE, &prefix, after.as_deref(), size).await.unwrap();
            let Some(last) = page.last() else { break };
            assert!(page.len() <= size);
            after = Some(last.path.clone());
            listed.extend(page.into_iter().map(|record| record.path));
            let behind = format!("account{SEPARATOR}");
            store.commit(vec![put(&behind, Expect::Any, ""), delete(&behind, Expect::Any)]).await.unwrap();
        }
        assert!(listed.iter().eq(&paths), "pages of {size}: {listed:?}");
    }
}

/// Case, composition, length, quotes and control characters all count; nothing in a path is a wildcard or a command.
pub async fn a_path_is_compared_byte_by_byte(store: Subject) {
    let long = "n".repeat(100_000);
    let paths = [
        "",
        "a",
        "A",
        "a ",
        " a",
        "a\0",
        "a\0b",
        "\u{e9}",
        "e\u{301}",
        "\u{212a}",
        "K",
        "k",
        "../a",
        "%2e",
        "';--",
        "%",
        "_",
        "ı",
        "İ",
        "ß",
        "ss",
        "\u{feff}a",
        "1",
        "1.0",
        "0x1",
        "NULL",
        &long,
    ];
    for path in paths {
        store.commit(vec![put(path, Expect::Absent, path)]).await.unwrap();
    }
    for path in paths {
        assert_eq!(read(&store, path).await.unwrap().body, path.as_bytes(), "{path:?}");
    }
    for (gone, path) in paths.iter().enumerate() {
        store.commit(vec![delete(path, Expect::Any)]).await.unwrap();
        assert_eq!(everything(&store).await.len(), paths.len() - gone - 1, "after the removal of {path:?}");
    }
}

/// Empty and large bodies, and bytes that are no text, are stored as they are.
pub async fn bodies_of_every_size_and_content_come_back(store: Subject) {
    let all: Vec<u8> = (0..=u8::MAX).collect();
    let mut bodies = vec![all.clone(), b"NULL".to_vec(), vec![0], vec![0; 4096], vec![0xff; 65_537]];
    bodies.push(all.iter().copied().cycle().take(8 << 20).collect());
    bodies.push(Vec::new());
    for body in bodies {
        write(&store, "a", body.clone()).await;
        let record = read(&store, "a").await.unwrap();
        assert!(record.body == body, "a body of {} bytes came back with {}", body.len(), record.body.len());
        assert!(everything(&store).await[0].body == body, "a body of {} bytes", body.len());
    }
}

/// Of a hundred parallel creations of one path one succeeds, and its body is what is read.
pub async fn one_of_a_hundred_creations_wins(store: Subject) {
    for round in 0..5 {
        let path = format!("contested{round}");
        let tasks: Vec<_> = (0..100u8)
            .map(|at| {
                let (store, change) = (Arc::clone(&store), put(&path, Expect::Absent, [at]));
                tokio::spawn(async move { (at, store.commit(vec![change]).await) })
            })
            .collect();
        let mut winners = Vec::new();
        for task in tasks {
            match task.await.unwrap() {
                (at, Ok(rev)) => winners.push(Record { path: path.clone(), rev, body: vec![at] }),
                (_, Err(StoreError::Conflict)) => {}
                (at, Err(error)) => panic!("creation {at}: {error}"),
            }
        }
        assert_eq!(winners.len(), 1, "{winners:?}");
        assert_eq!(read(&store, &path).await, winners.pop());
    }
}

async fn increment(store: &Subject, path: &str) {
    loop {
        let record = read(store, path).await.unwrap();
        let count: u64 = String::from_utf8(record.body).unwrap().parse().unwrap();
        match store.commit(vec![put(path, Expect::Rev(record.rev), (count + 1).to_string())]).await {
            Ok(_) => return,
            Err(StoreError::Conflict) => tokio::task::yield_now().await,
            Err(error) => panic!("{error}"),
        }
    }
}

/// Tasks that count up the same two records by compare-and-set arrive at the sum of their steps.
pub async fn counters_lose_no_update(store: Subject) {
    const TASKS: u64 = 8;
    const STEPS: u64 = 40;
    store.commit(vec![put("one", Expect::Absent, "0"), put("two", Expect::Absent, "0")]).await.unwrap();
    let tasks: Vec<_> = (0..TASKS)
        .map(|task| {
            let store = Arc::clone(&store);
            tokio::spawn(async move {
                for step in 0..STEPS {
                    increment(&store, if (task + step) % 2 == 0 { "one" } else { "two" }).await;
                }
            })
        })
        .collect();
    for task in tasks {
        task.await.unwrap();
    }
    for path in ["one", "two"] {
        assert_eq!(read(&store, path).await.unwrap().body, (TASKS * STEPS / 2).to_string().as_bytes());
    }
}

/// Commits that fail side by side with others leave those whole and nothing of themselves; no revision comes twice.
pub async fn conflicts_do_not_harm_others(store: Subject) {
    write(&store, "guard", "").await;
    let tasks: Vec<_> = (0..400)
        .map(|at| {
            let store = Arc::clone(&store);
            tokio::spawn(async move {
                let good = at % 2 == 0;
                let guard = check("guard", if good { Expect::Any } else { Expect::Absent });
                let halves = [put(&format!("{at}a"), Expect::Absent, ""), put(&format!("{at}b"), Expect::Absent, "")];
                let [first, second] = halves;
                (good, store.commit(vec![first, guard, second]).await)
            })
        })
        .collect();
    let mut revs = BTreeSet::new();
    for task in tasks {
        match task.await.unwrap() {
            (true, rev) => assert!(revs.insert(rev.unwrap()), "a revision came twice"),
            (false, refused) => assert!(is_conflict(&refused)),
        }
    }
    let found = everything(&store).await;
    assert_eq!(found.len(), 1 + 400);
    assert!(found.iter().all(|record| record.path == "guard" || revs.contains(&record.rev)));
}

/// Whoever has been told that a commit succeeded reads it, on any thread, and a later check holds.
pub async fn a_commit_is_seen_by_every_later_read(store: Subject) {
    let tasks: Vec<_> = (0..8)
        .map(|task| {
            let store = Arc::clone(&store);
            tokio::spawn(async move {
                for step in 0..40u8 {
                    let path = format!("{task}");
                    let rev = write(&store, &path, [step]).await;
                    let expected = Some(Record { path: path.clone(), rev, body: vec![step] });
                    assert_eq!(read(&store, &path).await, expected);
                    let (elsewhere, asked) = (Arc::clone(&store), path.clone());
                    assert_eq!(tokio::spawn(async move { read(&elsewhere, &asked).await }).await.unwrap(), expected);
                    assert_eq!(store.scan(SPACE, &path, None, 1).await.unwrap().pop(), expected);
                    store.commit(vec![check(&path, Expect::Rev(rev))]).await.unwrap();
                }
            })
        })
        .collect();
    for task in tasks {
        task.await.unwrap();
    }
}

/// A scan sees all of a batch or nothing of it.
pub async fn a_batch_is_seen_whole(store: Subject) {
    const SCANS: usize = 300;
    let batch = |body: usize| {
        let body = body.to_string();
        (0..20).map(|at| put(&format!("{at:02}"), Expect::Any, body.as_str())).collect::<Vec<_>>()
    };
    store.commit(batch(0)).await.unwrap();
    let scans = Arc::new(AtomicUsize::new(0));
    let readers: Vec<_> = (0..3)
        .map(|_| {
            let (store, scans) = (Arc::clone(&store), Arc::clone(&scans));
            tokio::spawn(async move {
                while scans.fetch_add(1, Ordering::Relaxed) < SCANS {
                    let seen: BTreeSet<_> =
                        everything(&store).await.into_iter().map(|record| (record.rev, record.body)).collect();
                    assert_eq!(seen.len(), 1, "parts of two batches: {seen:?}");
                    tokio::task::yield_now().await;
                }
            })
        })
        .collect();
    let mut body = 0;
    while !readers.iter().all(|reader| reader.is_finished()) {
        body += 1;
        store.commit(batch(body)).await.unwrap();
        tokio::task::yield_now().await;
    }
    for reader in readers {
        reader.await.unwrap();
    }
}
