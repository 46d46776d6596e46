//! The contract of the store port as functions: every store passes all of them, each on a fresh store.
//!
//! [`store_contract!`](crate::store_contract) makes one test of each rule. A rule that is broken panics.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::indexing_slicing, clippy::panic, reason = "tests")]

use std::collections::BTreeSet;
use std::future::Future;
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::task::Poll;

use polykms_core::port::store::SEPARATOR;
use polykms_core::port::{Change, Changes, Expect, Head, Lease, Record, Space, Store, StoreError, Time};

/// The store under test.
pub type Subject = Arc<dyn Store>;

const SPACE: Space = Space::Key;
const OTHER_SPACE: Space = Space::Policy;

/// Makes one `#[test]` of each rule; `$open` is a function that returns a fresh store and whatever keeps it alive.
/// With `@names`, the names of all rules instead.
#[macro_export]
macro_rules! store_contract {
    (@names) => {
        $crate::store_contract! { @all [names] }
    };
    ($open:path) => {
        $crate::store_contract! { @all [tests $open] }
    };
    (@all $what:tt) => {
        $crate::store_contract! { @each $what
            what_is_committed_is_read_back,
            an_expectation_decides_over_every_change,
            none_below_is_none_that_starts_with_the_prefix,
            a_failing_change_takes_its_whole_batch_along,
            the_changes_of_a_batch_apply_in_their_order,
            a_check_writes_nothing,
            a_batch_without_changes_commits,
            spaces_do_not_know_each_other,
            a_revision_never_comes_twice,
            a_record_made_again_never_repeats_a_revision,
            a_cleared_store_is_empty_and_repeats_no_revision,
            several_records_are_read_in_the_order_asked,
            a_scan_finds_what_starts_with_the_prefix_in_byte_order,
            paths_and_counts_are_those_of_a_scan,
            long_walks_lose_no_path,
            long_walks_give_way,
            pages_of_every_size_list_everything_once,
            a_path_is_compared_byte_by_byte,
            bodies_of_every_size_and_content_come_back,
            one_of_a_hundred_creations_wins,
            counters_lose_no_update,
            conflicts_do_not_harm_others,
            nobody_comes_in_below_what_is_removed,
            a_commit_is_seen_by_every_later_read,
            a_batch_is_seen_whole,
            several_records_are_read_at_one_moment,
            changes_tell_what_commits_wrote_and_removed,
            changes_say_when_they_do_not_know,
            changes_are_told_when_all_can_read_them,
            a_lease_is_one_holders_until_it_runs_out,
            one_of_many_gets_a_lease,
        }
    };
    (@each [names] $($rule:ident),* $(,)?) => {
        [$(stringify!($rule)),*]
    };
    (@each [tests $open:path] $($rule:ident),* $(,)?) => {
        $(
            #[test]
            fn $rule() {
                let (store, _keep) = $open();
                $crate::contract::wait($crate::contract::$rule(store));
            }
        )*
    };
}

/// The names of all rules.
pub const RULES: &[&str] = &store_contract!(@names);

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

/// `Absent`, `Rev`, `NoneBelow` and `Any` hold exactly when they say, for all kinds of change, on records that exist and that do not.
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
        ("there", Expect::NoneBelow, false),
        ("the", Expect::NoneBelow, false),
        ("missing", Expect::NoneBelow, true),
        ("there and more", Expect::NoneBelow, true),
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

/// `NoneBelow` holds when a scan below the prefix would find nothing, in this space, as the batch stands by then.
pub async fn none_below_is_none_that_starts_with_the_prefix(store: Subject) {
    let all = paths();
    let some: BTreeSet<_> = all.iter().step_by(7).cloned().collect();
    fill(&store, &some).await;
    let is_empty = |prefix: &&str| !some.iter().any(|path| path.starts_with(*prefix));
    let prefixes = all.iter().map(String::as_str).chain(["b", "aaaa", "a_%"]);
    let (empty, taken): (Vec<_>, Vec<_>) = prefixes.partition(is_empty);
    assert!(empty.len() > 100 && taken.len() > 100);
    store.commit(empty.into_iter().map(|prefix| check(prefix, Expect::NoneBelow)).collect()).await.unwrap();
    for prefix in taken {
        assert!(is_conflict(&store.commit(vec![check(prefix, Expect::NoneBelow)]).await), "below {prefix:?}");
    }
    let below = |path: &str| format!("parent{SEPARATOR}{path}");
    let none = || check(&below(""), Expect::NoneBelow);
    store.commit(vec![put("parent", Expect::Absent, ""), put("parent!", Expect::Absent, ""), none()]).await.unwrap();
    assert!(is_conflict(&store.commit(vec![put(&below("a"), Expect::Absent, ""), none()]).await));
    store.commit(vec![none(), put(&below("a"), Expect::Absent, "")]).await.unwrap();
    assert!(is_conflict(&store.commit(vec![none()]).await));
    store.commit(vec![delete(&below("a"), Expect::Any), none()]).await.unwrap();
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
    let after = write(&store, "a", "").await;
    assert!(before != empty && empty != after && before != after);
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

/// Every commit returns a revision of its own, and touches the revision of no record but its own.
pub async fn a_revision_never_comes_twice(store: Subject) {
    let still = write(&store, "still", "").await;
    let mut seen = BTreeSet::from([still]);
    for round in 0..50u8 {
        let changes = match round % 4 {
            0 => vec![put("a", Expect::Any, [round])],
            1 => vec![delete("a", Expect::Any)],
            2 => vec![check("still", Expect::Rev(still))],
            _ => vec![],
        };
        let rev = store.commit(changes).await.unwrap();
        assert!(seen.insert(rev), "{rev} came twice");
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
pub async fn a_cleared_store_is_empty_and_repeats_no_revision(store: Subject) {
    store.clear().await.unwrap();
    let theirs =
        Change::Put { space: OTHER_SPACE, path: "a".to_owned(), expect: Expect::Absent, body: b"theirs".to_vec() };
    let before = store.commit(vec![put("a", Expect::Absent, ""), theirs]).await.unwrap();
    store.clear().await.unwrap();
    assert_eq!(everything(&store).await, []);
    assert_eq!(store.get(OTHER_SPACE, "a").await.unwrap(), None);
    store.clear().await.unwrap();
    assert_ne!(store.commit(vec![put("a", Expect::Absent, "")]).await.unwrap(), before);
}

/// `get_many` answers each question in its place, from whatever space, also when one is asked twice or none at all.
pub async fn several_records_are_read_in_the_order_asked(store: Subject) {
    let theirs =
        Change::Put { space: OTHER_SPACE, path: "b".to_owned(), expect: Expect::Absent, body: b"theirs".into() };
    store.commit(vec![put("a", Expect::Absent, "1"), put("b", Expect::Absent, "2"), theirs]).await.unwrap();
    let wanted = [(SPACE, "b"), (SPACE, "missing"), (OTHER_SPACE, "b"), (SPACE, "a"), (OTHER_SPACE, "a"), (SPACE, "b")];
    let mut expected = Vec::new();
    for (space, path) in wanted {
        expected.push(store.get(space, path).await.unwrap());
    }
    assert_eq!(store.get_many(&wanted).await.unwrap(), expected);
    assert_eq!(store.get_many(&[]).await.unwrap(), []);
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

/// `paths` and `count` agree with a filter over the sorted list of all paths.
pub async fn paths_and_counts_are_those_of_a_scan(store: Subject) {
    let paths = paths();
    fill(&store, &paths).await;
    let prefixes = paths.iter().filter(|path| path.chars().count() < 3);
    for prefix in prefixes.map(String::as_str).chain(["b", "aaaa", "a_%"]) {
        let below: Vec<_> = paths.iter().filter(|path| path.starts_with(prefix)).collect();
        assert_eq!(store.count(SPACE, prefix).await.unwrap(), below.len(), "prefix {prefix:?}");
        for after in [None, Some(prefix), Some("%"), Some("\u{10ffff}")] {
            for (skip, limit) in [(0, 0), (0, usize::MAX), (1, 1), (7, 3), (below.len(), 5), (usize::MAX, 5)] {
                let behind = below.iter().filter(|path| after.is_none_or(|after| path.as_str() > after));
                let expected: Vec<_> = behind.skip(skip).take(limit).copied().collect();
                let found = store.paths(SPACE, prefix, after, skip, limit).await.unwrap();
                assert!(found.iter().eq(expected), "prefix {prefix:?} after {after:?} skip {skip} limit {limit}");
            }
        }
    }
    assert_eq!(store.count(Space::Group, "").await.unwrap(), 0);
}

/// How many paths the long walks are over.
const LONG: usize = 10_000;

async fn fill_long(store: &Subject) -> Vec<String> {
    let paths: Vec<_> = (0..LONG).map(|at| format!("long{SEPARATOR}{at:05}")).collect();
    let beside = [put("lonf", Expect::Absent, ""), put("long!", Expect::Absent, "")];
    store.commit(paths.iter().map(|path| put(path, Expect::Absent, "")).chain(beside).collect()).await.unwrap();
    paths
}

/// Wherever a walk over many paths is interrupted, it goes on where it was.
pub async fn long_walks_lose_no_path(store: Subject) {
    let paths = fill_long(&store).await;
    let prefix = format!("long{SEPARATOR}");
    assert_eq!(store.count(SPACE, &prefix).await.unwrap(), LONG);
    for power in [256, 512, 1000, 1024, 2048, 4096, 5000, 8192, LONG] {
        for skip in [power - 1, power, power + 1] {
            let found = store.paths(SPACE, &prefix, None, skip, 2).await.unwrap();
            assert!(found.iter().eq(paths.iter().skip(skip).take(2)), "behind {skip}: {found:?}");
        }
    }
}

/// How often a future lets others go first.
async fn pauses<T>(future: impl Future<Output = T>) -> usize {
    let (mut future, mut pauses) = (std::pin::pin!(future), 0);
    std::future::poll_fn(|context| match future.as_mut().poll(context) {
        Poll::Ready(_) => Poll::Ready(pauses),
        Poll::Pending => {
            pauses += 1;
            Poll::Pending
        }
    })
    .await
}

/// Whoever walks over many paths, or reads a list in pieces, does not keep its thread to itself.
pub async fn long_walks_give_way(store: Subject) {
    fill_long(&store).await;
    assert!(pauses(store.count(SPACE, "")).await > 1, "a count");
    assert!(pauses(store.paths(SPACE, "", None, LONG - 1, 1)).await > 1, "passing over paths");
    assert!(pauses(store.paths(SPACE, "", None, 0, 1)).await > 0, "a page of paths");
    assert!(pauses(store.scan(SPACE, "", None, 1)).await > 0, "a page");
    assert!(pauses(store.get_many(&[(SPACE, "a")])).await > 0, "several records");
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

/// Of those who put something below a record that must be there, and one who removes it when nothing is below it, either
/// all the former succeed or the latter; the former never stand in each other's way.
pub async fn nobody_comes_in_below_what_is_removed(store: Subject) {
    const JOINING: usize = 8;
    for round in 0..100 {
        let parent = format!("parent{round}");
        let rev = write(&store, &parent, "").await;
        let below = |path: &str| format!("{parent}{SEPARATOR}{path}");
        let join = |at: usize| vec![check(&parent, Expect::Rev(rev)), put(&below(&at.to_string()), Expect::Absent, "")];
        let remove = vec![delete(&parent, Expect::Rev(rev)), check(&below(""), Expect::NoneBelow)];
        let mut batches: Vec<_> = (0..JOINING).map(join).collect();
        batches.insert(round % (JOINING + 1), remove);
        let tasks: Vec<_> = batches
            .into_iter()
            .map(|batch| {
                let store = Arc::clone(&store);
                tokio::spawn(async move { store.commit(batch).await })
            })
            .collect();
        let mut succeeded = 0;
        for task in tasks {
            succeeded += usize::from(!is_conflict(&task.await.unwrap()));
        }
        let left = store.count(SPACE, &below("")).await.unwrap();
        let expected = if read(&store, &parent).await.is_some() { (JOINING, JOINING) } else { (1, 0) };
        assert_eq!((succeeded, left), expected, "in round {round}");
    }
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
    whole(store, |store| Box::pin(async move { everything(&store).await })).await;
}

/// Records that one commit wrote are read as one commit wrote them.
pub async fn several_records_are_read_at_one_moment(store: Subject) {
    let read = |store: Subject| -> Reading {
        Box::pin(async move {
            let names: Vec<_> = (0..BATCH).map(|at| format!("{at:02}")).collect();
            let wanted: Vec<_> = names.iter().map(|name| (SPACE, name.as_str())).collect();
            store.get_many(&wanted).await.unwrap().into_iter().flatten().collect()
        })
    };
    whole(store, read).await;
}

type Reading = std::pin::Pin<Box<dyn Future<Output = Vec<Record>> + Send>>;

/// How many records the batches have that are to be seen whole.
const BATCH: usize = 20;

/// Readers that never see parts of two batches, while one batch after the other is written.
async fn whole(store: Subject, read: fn(Subject) -> Reading) {
    const READS: usize = 300;
    let batch = |body: usize| {
        let body = body.to_string();
        (0..BATCH).map(|at| put(&format!("{at:02}"), Expect::Any, body.as_str())).collect::<Vec<_>>()
    };
    store.commit(batch(0)).await.unwrap();
    let reads = Arc::new(AtomicUsize::new(0));
    let readers: Vec<_> = (0..3)
        .map(|_| {
            let (store, reads) = (Arc::clone(&store), Arc::clone(&reads));
            tokio::spawn(async move {
                while reads.fetch_add(1, Ordering::Relaxed) < READS {
                    let found = read(Arc::clone(&store)).await;
                    assert_eq!(found.len(), BATCH);
                    let seen: BTreeSet<_> = found.into_iter().map(|record| (record.rev, record.body)).collect();
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

/// Where to follow the changes from.
async fn head(store: &Subject) -> Head {
    match store.changes(Head::default()).await.unwrap() {
        Changes::Known { head, .. } | Changes::TooOld { head } => head,
    }
}

/// The paths that changed, each with whether its commit is another than the one before.
async fn followed(store: &Subject, since: Head) -> (Head, Vec<(Space, String)>) {
    let Changes::Known { head, changed } = store.changes(since).await.unwrap() else { panic!("{since:?} is too old") };
    assert!(
        changed.iter().all(|changed| since < changed.head && changed.head <= head),
        "{since:?} {head:?} {changed:?}"
    );
    assert!(changed.is_sorted_by_key(|changed| changed.head), "{changed:?}");
    (head, changed.into_iter().map(|changed| (changed.space, changed.path)).collect())
}

/// Written and removed records are told in the order of the commits, once; refused batches and checks are not.
pub async fn changes_tell_what_commits_wrote_and_removed(store: Subject) {
    write(&store, "before", "").await;
    let start = head(&store).await;
    assert_eq!(followed(&store, start).await, (start, vec![]));
    let theirs = Change::Put { space: OTHER_SPACE, path: "a".to_owned(), expect: Expect::Absent, body: vec![] };
    store.commit(vec![put("b", Expect::Absent, ""), theirs, check("before", Expect::Any)]).await.unwrap();
    let refused = store.commit(vec![put("c", Expect::Absent, ""), check("before", Expect::Absent)]).await;
    assert!(is_conflict(&refused));
    let all = vec![(SPACE, "b".to_owned()), (OTHER_SPACE, "a".to_owned())];
    let (first, told) = followed(&store, start).await;
    assert_eq!(told, all);
    store.commit(vec![delete("b", Expect::Any)]).await.unwrap();
    let (second, told) = followed(&store, first).await;
    assert_eq!(told, [(SPACE, "b".to_owned())]);
    assert_eq!(followed(&store, start).await.1, [all, vec![(SPACE, "b".to_owned())]].concat());
    assert_eq!(followed(&store, second).await, (second, vec![]));
}

/// A position from before what is remembered, from before a removal of everything, or of another store is told to be one.
pub async fn changes_say_when_they_do_not_know(store: Subject) {
    let ahead = Head(head(&store).await.0 + 1);
    assert!(matches!(store.changes(ahead).await.unwrap(), Changes::TooOld { .. }));
    write(&store, "a", "").await;
    let before = head(&store).await;
    store.clear().await.unwrap();
    let Changes::TooOld { head: cleared } = store.changes(before).await.unwrap() else { panic!("all was removed") };
    assert!(cleared > before);
    let mut last = cleared;
    for round in 0..100 {
        store.commit((0..1000).map(|at| put(&format!("{at}"), Expect::Any, "")).collect()).await.unwrap();
        match store.changes(last).await.unwrap() {
            Changes::Known { head, changed } => {
                assert_eq!(changed.len(), 1000);
                last = head;
            }
            Changes::TooOld { .. } => panic!("a thousand changes are too many in round {round}"),
        }
        if matches!(store.changes(cleared).await.unwrap(), Changes::TooOld { head } if head == last) {
            return;
        }
    }
    panic!("a hundred thousand changes are remembered");
}

/// What is told can be read, and what was acknowledged is told.
pub async fn changes_are_told_when_all_can_read_them(store: Subject) {
    let start = head(&store).await;
    let writers: Vec<_> = (0..4)
        .map(|writer| {
            let store = Arc::clone(&store);
            tokio::spawn(async move {
                for step in 0..100 {
                    let path = format!("{writer}-{step}");
                    let before = head(&store).await;
                    write(&store, &path, "").await;
                    let (_, told) = followed(&store, before).await;
                    assert!(told.contains(&(SPACE, path)), "an acknowledged commit is not told");
                }
            })
        })
        .collect();
    let (mut last, mut all) = (start, BTreeSet::new());
    while all.len() < 400 {
        let running = !writers.iter().all(|writer| writer.is_finished());
        let (next, told) = followed(&store, last).await;
        for (_, path) in told {
            assert!(read(&store, &path).await.is_some(), "{path} is told and not there");
            assert!(all.insert(path), "told twice");
        }
        assert!(running || next > last || all.len() == 400, "only {} are told", all.len());
        last = next;
        tokio::task::yield_now().await;
    }
    for writer in writers {
        writer.await.unwrap();
    }
}

/// A second in the year 2000.
fn second(second: i64) -> Time {
    Time::from_second(946_684_800 + second).unwrap()
}

/// A lease is refused to others until it runs out or is given back, and goes on only for who still has it.
pub async fn a_lease_is_one_holders_until_it_runs_out(store: Subject) {
    let (mine, theirs) = (Lease { name: "a", holder: "me" }, Lease { name: "a", holder: "you" });
    let store = store.as_ref();
    assert!(!mine.renew(store, second(0), second(10)).await.unwrap(), "nobody has it");
    assert!(mine.acquire(store, second(0), second(10)).await.unwrap());
    assert!(!theirs.acquire(store, second(9), second(19)).await.unwrap());
    assert!(!theirs.renew(store, second(9), second(19)).await.unwrap());
    assert!(mine.acquire(store, second(1), second(11)).await.unwrap());
    assert!(mine.renew(store, second(10), second(20)).await.unwrap());
    assert!(!theirs.acquire(store, second(19), second(29)).await.unwrap());
    theirs.release(store).await.unwrap();
    assert!(!mine.renew(store, second(20), second(30)).await.unwrap(), "it has run out");
    assert!(theirs.acquire(store, second(20), second(30)).await.unwrap());
    assert!(!mine.acquire(store, second(29), second(39)).await.unwrap());
    theirs.release(store).await.unwrap();
    assert!(mine.acquire(store, second(20), second(30)).await.unwrap());
    assert!(Lease { name: "b", holder: "you" }.acquire(store, second(20), second(30)).await.unwrap());
}

/// Of many that want a lease at once one gets it.
pub async fn one_of_many_gets_a_lease(store: Subject) {
    for round in 0..20i64 {
        let tasks: Vec<_> = (0..16)
            .map(|holder| {
                let (store, holder) = (Arc::clone(&store), holder.to_string());
                tokio::spawn(async move {
                    let lease = Lease { name: "contested", holder: &holder };
                    lease.acquire(store.as_ref(), second(round * 10), second(round * 10 + 10)).await.unwrap()
                })
            })
            .collect();
        let mut holders = 0;
        for task in tasks {
            holders += usize::from(task.await.unwrap());
        }
        assert_eq!(holders, 1, "in round {round}");
    }
}
