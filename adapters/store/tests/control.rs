//! The control of the contract: for each rule a store with a fault that this rule has to find.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::indexing_slicing, clippy::panic, reason = "tests")]

use std::collections::BTreeSet;
use std::future::{Future, poll_fn};
use std::hash::{DefaultHasher, Hash, Hasher};
use std::pin::{Pin, pin};
use std::sync::{Arc, Mutex};
use std::task::{Context, Poll, Waker};

use async_trait::async_trait;
use polykms_core::port::{Change, Changed, Changes, Expect, Head, Record, Space, Store, StoreError};
use polykms_store::Memory;
use polykms_store::contract::{self, RULES, Subject, wait};

#[derive(Clone, Copy, PartialEq, Eq, Debug)]
enum Fault {
    Sound,
    IgnoresExpectations,
    TakesPrefixesForPaths,
    AppliesChangesOneByOne,
    AppliesRemovalsLast,
    TakesChecksForWrites,
    RefusesEmptyBatches,
    HasOneSpace,
    NumbersCommitsModuloEight,
    TakesTheContentForTheRevision,
    ReadsPrefixesAsPatterns,
    RepeatsTheStartOfAPage,
    LosesTheStartOfAPage,
    FoldsCase,
    KeepsOtherSpaces,
    RestartsItsRevisions,
    ForgetsEmptyBodies,
    ReadsLate,
    ReadsManyOneByOne,
    ReadsManyWithoutGaps,
    CountsTheWholeSpace,
    PassesOverOneTooMany,
    LosesPathsBetweenSteps,
    NeverGivesWay,
    ChecksBeforeItLocks,
    AcknowledgesWithoutWriting,
    ForgetsToTellRemovals,
    ForgetsWithoutSaying,
    TellsBeforehand,
    LendsToEverybody,
}

struct Faulty {
    inner: Mutex<Arc<Memory>>,
    foretold: Mutex<Vec<Changed>>,
    fault: Fault,
}

impl Faulty {
    fn store(fault: Fault) -> Subject {
        Arc::new(Self { inner: Mutex::default(), foretold: Mutex::default(), fault })
    }

    fn inner(&self) -> Arc<Memory> {
        Arc::clone(&self.inner.lock().unwrap())
    }

    fn space(&self, space: Space) -> Space {
        if self.fault == Fault::HasOneSpace { Space::Key } else { space }
    }

    fn path(&self, path: &str) -> String {
        if self.fault == Fault::FoldsCase { path.to_lowercase() } else { path.to_owned() }
    }

    fn seen(&self, record: Record) -> Record {
        let rev = match self.fault {
            Fault::NumbersCommitsModuloEight => record.rev % 8,
            Fault::TakesTheContentForTheRevision => hash(&record.body),
            _ => record.rev,
        };
        Record { rev, ..record }
    }

    fn changed(&self, change: Change) -> Change {
        let parts = |space, path: &str| (self.space(space), self.path(path));
        match change {
            Change::Put { space, path, expect, body } => {
                let (space, path) = parts(space, &path);
                Change::Put { space, path, expect, body }
            }
            Change::Delete { space, path, expect } => {
                let (space, path) = parts(space, &path);
                Change::Delete { space, path, expect }
            }
            Change::Check { space, path, expect } => {
                let (space, path) = parts(space, &path);
                Change::Check { space, path, expect }
            }
        }
    }

    /// The change with the revision that a record really has, where its content is taken for it.
    async fn with_real_revision(&self, change: Change) -> Change {
        let (space, path, expect) = parts(&change);
        let Expect::Rev(rev) = expect else { return change };
        let found = self.inner().get(space, path).await.unwrap();
        let real = found.filter(|record| hash(&record.body) == rev).map_or(u64::MAX, |record| record.rev);
        expecting(change, Expect::Rev(real))
    }
}

fn hash(body: &[u8]) -> u64 {
    let mut hasher = DefaultHasher::new();
    body.hash(&mut hasher);
    hasher.finish() >> 1
}

fn parts(change: &Change) -> (Space, &str, Expect) {
    match change {
        Change::Put { space, path, expect, .. }
        | Change::Delete { space, path, expect }
        | Change::Check { space, path, expect } => (*space, path, *expect),
    }
}

fn expecting(change: Change, expect: Expect) -> Change {
    match change {
        Change::Put { space, path, expect: _, body } => Change::Put { space, path, expect, body },
        Change::Delete { space, path, expect: _ } => Change::Delete { space, path, expect },
        Change::Check { space, path, expect: _ } => Change::Check { space, path, expect },
    }
}

fn unconditional(change: Change) -> Change {
    expecting(change, Expect::Any)
}

/// Runs a future to its end at once.
async fn at_once<T>(future: impl Future<Output = T>) -> T {
    let mut future = pin!(future);
    poll_fn(|_| {
        loop {
            if let Poll::Ready(value) = future.as_mut().poll(&mut Context::from_waker(Waker::noop())) {
                return Poll::Ready(value);
            }
        }
    })
    .await
}

#[async_trait]
impl Store for Faulty {
    async fn get(&self, space: Space, path: &str) -> Result<Option<Record>, StoreError> {
        if self.fault == Fault::LendsToEverybody && space == Space::Lease {
            return Ok(None);
        }
        let found = self.inner().get(self.space(space), &self.path(path)).await?;
        let kept = found.filter(|record| self.fault != Fault::ForgetsEmptyBodies || !record.body.is_empty());
        Ok(kept.map(|record| self.seen(record)))
    }

    async fn get_many(&self, wanted: &[(Space, &str)]) -> Result<Vec<Option<Record>>, StoreError> {
        match self.fault {
            Fault::ReadsManyOneByOne => {
                let mut found = Vec::new();
                for (space, path) in wanted {
                    found.push(self.get(*space, path).await?);
                    tokio::task::yield_now().await;
                }
                Ok(found)
            }
            Fault::ReadsManyWithoutGaps => {
                Ok(self.inner().get_many(wanted).await?.into_iter().filter(Option::is_some).collect())
            }
            _ => self.inner().get_many(wanted).await,
        }
    }

    async fn scan(
        &self,
        space: Space,
        prefix: &str,
        after: Option<&str>,
        limit: usize,
    ) -> Result<Vec<Record>, StoreError> {
        let space = self.space(space);
        let found = match self.fault {
            Fault::ReadsPrefixesAsPatterns if prefix.starts_with('%') => {
                self.inner().scan(space, "", after, limit).await?
            }
            Fault::RepeatsTheStartOfAPage => {
                let after = after.map(|after| &after[..after.len().saturating_sub(1)]).filter(|after| after.is_ascii());
                self.inner().scan(space, prefix, after, limit).await?
            }
            Fault::LosesTheStartOfAPage if after.is_some() => {
                self.inner().scan(space, prefix, after, limit).await?.into_iter().skip(1).collect()
            }
            Fault::NeverGivesWay => at_once(self.inner().scan(space, prefix, after, limit)).await?,
            _ => self.inner().scan(space, prefix, after, limit).await?,
        };
        Ok(found.into_iter().map(|record| self.seen(record)).collect())
    }

    async fn paths(
        &self,
        space: Space,
        prefix: &str,
        after: Option<&str>,
        skip: usize,
        limit: usize,
    ) -> Result<Vec<String>, StoreError> {
        match self.fault {
            Fault::PassesOverOneTooMany if skip > 0 => {
                self.inner().paths(space, prefix, after, skip.saturating_add(1), limit).await
            }
            Fault::LosesPathsBetweenSteps if skip < usize::MAX => {
                self.inner().paths(space, prefix, after, skip + skip / 1024, limit).await
            }
            Fault::NeverGivesWay => at_once(self.inner().paths(space, prefix, after, skip, limit)).await,
            _ => self.inner().paths(space, prefix, after, skip, limit).await,
        }
    }

    async fn count(&self, space: Space, prefix: &str) -> Result<usize, StoreError> {
        match self.fault {
            Fault::CountsTheWholeSpace => self.inner().count(space, "").await,
            Fault::NeverGivesWay => at_once(self.inner().count(space, prefix)).await,
            _ => self.inner().count(space, prefix).await,
        }
    }

    async fn commit(&self, changes: Vec<Change>) -> Result<u64, StoreError> {
        let mut changes: Vec<_> = changes.into_iter().map(|change| self.changed(change)).collect();
        match self.fault {
            Fault::IgnoresExpectations => self.inner().commit(changes.into_iter().map(unconditional).collect()).await,
            Fault::TakesPrefixesForPaths => {
                let taken = changes.into_iter().map(|change| match parts(&change).2 {
                    Expect::NoneBelow => expecting(change, Expect::Absent),
                    _ => change,
                });
                self.inner().commit(taken.collect()).await
            }
            Fault::LendsToEverybody if changes.iter().any(|change| parts(change).0 == Space::Lease) => {
                self.inner().commit(changes.into_iter().map(unconditional).collect()).await
            }
            Fault::AppliesChangesOneByOne => {
                let mut rev = self.inner().commit(Vec::new()).await?;
                for change in changes {
                    rev = self.inner().commit(vec![change]).await?;
                    tokio::task::yield_now().await;
                }
                Ok(rev)
            }
            Fault::AppliesRemovalsLast => {
                changes.sort_by_key(|change| matches!(change, Change::Delete { .. }));
                self.inner().commit(changes).await
            }
            Fault::TakesChecksForWrites => {
                let mut writes = Vec::new();
                for change in changes {
                    let (space, path, expect) = parts(&change);
                    let found = self.inner().get(space, path).await?;
                    writes.push(match (&change, found) {
                        (Change::Check { .. }, Some(Record { path, body, .. })) => {
                            Change::Put { space, path, expect, body }
                        }
                        _ => change,
                    });
                }
                self.inner().commit(writes).await
            }
            Fault::RefusesEmptyBatches if changes.is_empty() => Err(StoreError::Conflict),
            Fault::NumbersCommitsModuloEight => self.inner().commit(changes).await.map(|rev| rev % 8),
            Fault::TakesTheContentForTheRevision => {
                let mut real = Vec::new();
                for change in changes {
                    real.push(self.with_real_revision(change).await);
                }
                let written = real.iter().find_map(|change| match change {
                    Change::Put { body, .. } => Some(hash(body)),
                    Change::Delete { .. } | Change::Check { .. } => None,
                });
                self.inner().commit(real).await.map(|rev| written.unwrap_or(rev))
            }
            Fault::ChecksBeforeItLocks => {
                let checks = changes.iter().map(|change| {
                    let (space, path, expect) = parts(change);
                    Change::Check { space, path: path.to_owned(), expect }
                });
                self.inner().commit(checks.collect()).await?;
                tokio::task::yield_now().await;
                self.inner().commit(changes.into_iter().map(unconditional).collect()).await
            }
            Fault::AcknowledgesWithoutWriting => self.inner().commit(Vec::new()).await,
            Fault::ReadsLate => {
                let rev = self.inner().commit(Vec::new()).await?;
                self.inner().commit(changes).await.map(|_| rev)
            }
            Fault::TellsBeforehand => {
                let head = Head(self.inner().commit(Vec::new()).await?);
                let told = changes.iter().map(|change| {
                    let (space, path, _) = parts(change);
                    Changed { head, space, path: path.to_owned() }
                });
                self.foretold.lock().unwrap().extend(told);
                tokio::time::sleep(std::time::Duration::from_millis(1)).await;
                self.inner().commit(changes).await
            }
            _ => self.inner().commit(changes).await,
        }
    }

    async fn changes(&self, since: Head) -> Result<Changes, StoreError> {
        let known = self.inner().changes(since).await?;
        match (self.fault, known) {
            (Fault::ForgetsToTellRemovals, Changes::Known { head, changed }) => {
                let mut kept = Vec::new();
                for changed in changed {
                    if self.inner().get(changed.space, &changed.path).await?.is_some() {
                        kept.push(changed);
                    }
                }
                Ok(Changes::Known { head, changed: kept })
            }
            (Fault::ForgetsWithoutSaying, Changes::TooOld { head }) => Ok(Changes::Known { head, changed: Vec::new() }),
            (Fault::TellsBeforehand, Changes::Known { head, .. }) => {
                let foretold = self.foretold.lock().unwrap();
                let mut changed: Vec<_> =
                    foretold.iter().filter(|told| since < told.head && told.head <= head).cloned().collect();
                changed.sort_by_key(|changed| changed.head);
                Ok(Changes::Known { head, changed })
            }
            (_, known) => Ok(known),
        }
    }

    async fn clear(&self) -> Result<(), StoreError> {
        if self.fault == Fault::RestartsItsRevisions {
            *self.inner.lock().unwrap() = Arc::default();
        }
        if self.fault != Fault::KeepsOtherSpaces {
            return self.inner().clear().await;
        }
        for record in self.inner().scan(Space::Key, "", None, usize::MAX).await? {
            let gone = Change::Delete { space: Space::Key, path: record.path, expect: Expect::Any };
            self.inner().commit(vec![gone]).await?;
        }
        Ok(())
    }
}

type Rule = fn(Subject) -> Pin<Box<dyn Future<Output = ()> + Send>>;

fn finds(rule: Rule, fault: Fault) -> bool {
    wait(async move { tokio::spawn(rule(Faulty::store(fault))).await }).is_err()
}

#[test]
fn every_rule_finds_its_fault() {
    macro_rules! rules {
        ($($fault:ident => $rule:ident),* $(,)?) => {
            [$((Fault::$fault, stringify!($rule), (|store| Box::pin(contract::$rule(store))) as Rule)),*]
        };
    }
    let faults = rules![
        ReadsLate => what_is_committed_is_read_back,
        IgnoresExpectations => an_expectation_decides_over_every_change,
        TakesPrefixesForPaths => none_below_is_none_that_starts_with_the_prefix,
        AppliesChangesOneByOne => a_failing_change_takes_its_whole_batch_along,
        AppliesRemovalsLast => the_changes_of_a_batch_apply_in_their_order,
        TakesChecksForWrites => a_check_writes_nothing,
        RefusesEmptyBatches => a_batch_without_changes_commits,
        HasOneSpace => spaces_do_not_know_each_other,
        NumbersCommitsModuloEight => a_revision_never_comes_twice,
        TakesTheContentForTheRevision => a_record_made_again_never_repeats_a_revision,
        KeepsOtherSpaces => a_cleared_store_is_empty_and_repeats_no_revision,
        RestartsItsRevisions => a_cleared_store_is_empty_and_repeats_no_revision,
        ReadsManyWithoutGaps => several_records_are_read_in_the_order_asked,
        ReadsPrefixesAsPatterns => a_scan_finds_what_starts_with_the_prefix_in_byte_order,
        RepeatsTheStartOfAPage => a_scan_finds_what_starts_with_the_prefix_in_byte_order,
        CountsTheWholeSpace => paths_and_counts_are_those_of_a_scan,
        PassesOverOneTooMany => paths_and_counts_are_those_of_a_scan,
        LosesPathsBetweenSteps => long_walks_lose_no_path,
        NeverGivesWay => long_walks_give_way,
        LosesTheStartOfAPage => pages_of_every_size_list_everything_once,
        FoldsCase => a_path_is_compared_byte_by_byte,
        ForgetsEmptyBodies => bodies_of_every_size_and_content_come_back,
        IgnoresExpectations => one_of_a_hundred_creations_wins,
        ChecksBeforeItLocks => counters_lose_no_update,
        ChecksBeforeItLocks => nobody_comes_in_below_what_is_removed,
        AppliesChangesOneByOne => conflicts_do_not_harm_others,
        AcknowledgesWithoutWriting => a_commit_is_seen_by_every_later_read,
        AppliesChangesOneByOne => a_batch_is_seen_whole,
        ReadsManyOneByOne => several_records_are_read_at_one_moment,
        ForgetsToTellRemovals => changes_tell_what_commits_wrote_and_removed,
        ForgetsWithoutSaying => changes_say_when_they_do_not_know,
        TellsBeforehand => changes_are_told_when_all_can_read_them,
        LendsToEverybody => a_lease_is_one_holders_until_it_runs_out,
        LendsToEverybody => one_of_many_gets_a_lease,
    ];
    let controlled: BTreeSet<_> = faults.iter().map(|(_, name, _)| *name).collect();
    let uncontrolled: Vec<_> = RULES.iter().filter(|name| !controlled.contains(**name)).collect();
    assert!(uncontrolled.is_empty(), "no fault shows that these rules find anything: {uncontrolled:?}");
    let silent: Vec<_> = faults.iter().filter(|(fault, _, rule)| !finds(*rule, *fault)).collect();
    let silent: Vec<_> = silent.iter().map(|(fault, name, _)| (fault, name)).collect();
    assert!(silent.is_empty(), "not found: {silent:?}");
    let wrong: Vec<_> =
        faults.iter().filter(|(_, _, rule)| finds(*rule, Fault::Sound)).map(|(_, name, _)| name).collect();
    assert!(wrong.is_empty(), "these rules fail without a fault: {wrong:?}");
}
