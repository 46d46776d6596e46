//! The control of the contract: stores with one fault each, which the named rule has to find.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::indexing_slicing, clippy::panic, reason = "tests")]

use std::future::Future;
use std::pin::Pin;
use std::sync::{Arc, Mutex};

use async_trait::async_trait;
use polykms_core::port::{Change, Expect, Record, Space, Store, StoreError};
use polykms_store::Memory;
use polykms_store::contract::{self, Subject, wait};

#[derive(Clone, Copy, PartialEq, Eq, Debug)]
enum Fault {
    Sound,
    IgnoresExpectations,
    AppliesChangesOneByOne,
    ReadsPrefixesAsPatterns,
    RepeatsTheStartOfAPage,
    KeepsOtherSpaces,
    RestartsItsRevisions,
    ForgetsEmptyBodies,
    ReadsLate,
    ChecksBeforeItLocks,
    AcknowledgesWithoutWriting,
}

struct Faulty {
    inner: Mutex<Arc<Memory>>,
    fault: Fault,
}

impl Faulty {
    fn store(fault: Fault) -> Subject {
        Arc::new(Self { inner: Mutex::default(), fault })
    }

    fn inner(&self) -> Arc<Memory> {
        Arc::clone(&self.inner.lock().unwrap())
    }
}

fn unconditional(change: Change) -> Change {
    match change {
        Change::Put { space, path, expect: _, body } => Change::Put { space, path, expect: Expect::Any, body },
        Change::Delete { space, path, expect: _ } => Change::Delete { space, path, expect: Expect::Any },
        Change::Check { space, path, expect: _ } => Change::Check { space, path, expect: Expect::Any },
    }
}

#[async_trait]
impl Store for Faulty {
    async fn get(&self, space: Space, path: &str) -> Result<Option<Record>, StoreError> {
        let found = self.inner().get(space, path).await?;
        Ok(found.filter(|record| self.fault != Fault::ForgetsEmptyBodies || !record.body.is_empty()))
    }

    async fn scan(
        &self,
        space: Space,
        prefix: &str,
        after: Option<&str>,
        limit: usize,
    ) -> Result<Vec<Record>, StoreError> {
        match self.fault {
            Fault::ReadsPrefixesAsPatterns if prefix.starts_with('%') => {
                self.inner().scan(space, "", after, limit).await
            }
            Fault::RepeatsTheStartOfAPage => {
                let after = after.map(|after| &after[..after.len().saturating_sub(1)]).filter(|after| after.is_ascii());
                self.inner().scan(space, prefix, after, limit).await
            }
            _ => self.inner().scan(space, prefix, after, limit).await,
        }
    }

    async fn commit(&self, changes: Vec<Change>) -> Result<u64, StoreError> {
        match self.fault {
            Fault::IgnoresExpectations => self.inner().commit(changes.into_iter().map(unconditional).collect()).await,
            Fault::AppliesChangesOneByOne => {
                let mut rev = self.inner().commit(Vec::new()).await?;
                for change in changes {
                    rev = self.inner().commit(vec![change]).await?;
                    tokio::task::yield_now().await;
                }
                Ok(rev)
            }
            Fault::ChecksBeforeItLocks => {
                let checks = changes.iter().cloned().map(|change| match change {
                    Change::Put { space, path, expect, .. }
                    | Change::Delete { space, path, expect }
                    | Change::Check { space, path, expect } => Change::Check { space, path, expect },
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
            _ => self.inner().commit(changes).await,
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
            self.inner()
                .commit(vec![Change::Delete { space: Space::Key, path: record.path, expect: Expect::Any }])
                .await?;
        }
        Ok(())
    }
}

type Rule = fn(Subject) -> Pin<Box<dyn Future<Output = ()> + Send>>;

fn finds(rule: Rule, fault: Fault) -> bool {
    wait(async move { tokio::spawn(rule(Faulty::store(fault))).await }).is_err()
}

#[test]
fn every_fault_is_found_by_a_rule() {
    macro_rules! rule {
        ($name:ident) => {
            (|store| Box::pin(contract::$name(store))) as Rule
        };
    }
    let faults = [
        (Fault::IgnoresExpectations, rule!(an_expectation_decides_over_every_change)),
        (Fault::IgnoresExpectations, rule!(one_of_a_hundred_creations_wins)),
        (Fault::AppliesChangesOneByOne, rule!(a_failing_change_takes_its_whole_batch_along)),
        (Fault::AppliesChangesOneByOne, rule!(a_batch_is_seen_whole)),
        (Fault::ReadsPrefixesAsPatterns, rule!(a_scan_finds_what_starts_with_the_prefix_in_byte_order)),
        (Fault::RepeatsTheStartOfAPage, rule!(a_scan_finds_what_starts_with_the_prefix_in_byte_order)),
        (Fault::KeepsOtherSpaces, rule!(a_cleared_store_is_empty_and_its_revisions_go_on)),
        (Fault::RestartsItsRevisions, rule!(a_cleared_store_is_empty_and_its_revisions_go_on)),
        (Fault::ForgetsEmptyBodies, rule!(bodies_of_every_size_and_content_come_back)),
        (Fault::ReadsLate, rule!(what_is_committed_is_read_back)),
        (Fault::ChecksBeforeItLocks, rule!(counters_lose_no_update)),
        (Fault::AcknowledgesWithoutWriting, rule!(a_commit_is_seen_by_every_later_read)),
    ];
    for (fault, rule) in faults {
        assert!(!finds(rule, Fault::Sound), "the rule for {fault:?} fails without a fault");
        assert!(finds(rule, fault), "{fault:?} was not found");
    }
}
