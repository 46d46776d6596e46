//! A store that forgets everything when it is dropped; for unit tests and for throw-away servers.

use std::collections::{BTreeMap, HashMap};
use std::ops::Bound;
use std::sync::{PoisonError, RwLock, RwLockReadGuard, RwLockWriteGuard};

use async_trait::async_trait;
use polykms_core::port::{Change, Changes, Expect, Head, Record, Space, Store, StoreError};
use tokio::task::yield_now;

use crate::feed::Feed;
use crate::walk::{self, Passed, Walk};

/// Records in ordered maps behind one lock.
#[derive(Default)]
pub struct Memory {
    state: RwLock<State>,
}

struct State {
    last_rev: u64,
    feed: Feed,
    spaces: HashMap<Space, BTreeMap<String, Entry>>,
}

impl Default for State {
    fn default() -> Self {
        Self { last_rev: 0, feed: Feed::new(Head(0)), spaces: HashMap::new() }
    }
}

struct Entry {
    rev: u64,
    body: Vec<u8>,
}

/// What a record was before a change, to take the change back.
type Undo = (Space, String, Option<Entry>);

impl Memory {
    /// An empty store.
    pub fn new() -> Self {
        Self::default()
    }

    // No code can panic between the first and the last change of a batch, so a poisoned lock guards whole batches.
    fn read(&self) -> RwLockReadGuard<'_, State> {
        self.state.read().unwrap_or_else(PoisonError::into_inner)
    }

    fn write(&self) -> RwLockWriteGuard<'_, State> {
        self.state.write().unwrap_or_else(PoisonError::into_inner)
    }
}

#[async_trait]
impl Store for Memory {
    async fn get(&self, space: Space, path: &str) -> Result<Option<Record>, StoreError> {
        let state = self.read();
        Ok(state.entry(space, path).map(|entry| entry.record(path)))
    }

    async fn get_many(&self, wanted: &[(Space, &str)]) -> Result<Vec<Option<Record>>, StoreError> {
        yield_now().await;
        let state = self.read();
        Ok(wanted.iter().map(|(space, path)| state.entry(*space, path).map(|entry| entry.record(path))).collect())
    }

    async fn scan(
        &self,
        space: Space,
        prefix: &str,
        after: Option<&str>,
        limit: usize,
    ) -> Result<Vec<Record>, StoreError> {
        yield_now().await;
        let state = self.read();
        let found = state.below(space, prefix, after).take(limit);
        Ok(found.map(|(path, entry)| entry.record(path)).collect())
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
                let state = self.read();
                let found = state.below(space, prefix, after.as_deref()).take(limit);
                Ok(found.map(|(path, _)| path.clone()).collect())
            }
        }
    }

    async fn count(&self, space: Space, prefix: &str) -> Result<usize, StoreError> {
        walk::count(self, space, prefix).await
    }

    async fn commit(&self, changes: Vec<Change>) -> Result<u64, StoreError> {
        self.write().commit(changes)
    }

    async fn changes(&self, since: Head) -> Result<Changes, StoreError> {
        Ok(self.read().feed.since(since))
    }

    async fn clear(&self) -> Result<(), StoreError> {
        self.write().clear()
    }
}

impl Walk for Memory {
    fn pass(
        &self,
        space: Space,
        prefix: &str,
        after: Option<&str>,
        most: usize,
    ) -> Result<(usize, Option<String>), StoreError> {
        let state = self.read();
        let passed = state.below(space, prefix, after).take(most);
        let (passed, last) = passed.fold((0, None), |(passed, _), (path, _)| (passed + 1, Some(path)));
        Ok((passed, last.cloned()))
    }
}

impl Entry {
    fn record(&self, path: &str) -> Record {
        Record { path: path.to_owned(), rev: self.rev, body: self.body.clone() }
    }
}

impl State {
    fn entry(&self, space: Space, path: &str) -> Option<&Entry> {
        self.spaces.get(&space)?.get(path)
    }

    /// The entries whose path starts with `prefix` and is greater than `after`, in order.
    fn below<'a>(
        &'a self,
        space: Space,
        prefix: &'a str,
        after: Option<&'a str>,
    ) -> impl Iterator<Item = (&'a String, &'a Entry)> {
        let from = match after {
            Some(after) if after >= prefix => Bound::Excluded(after),
            _ => Bound::Included(prefix),
        };
        let entries = self.spaces.get(&space).into_iter();
        let behind = entries.flat_map(move |entries| entries.range::<str, _>((from, Bound::Unbounded)));
        behind.take_while(move |(path, _)| path.starts_with(prefix))
    }

    fn next_rev(&self) -> Result<u64, StoreError> {
        self.last_rev.checked_add(1).ok_or_else(|| StoreError::Failed("the revisions are used up".to_owned()))
    }

    fn clear(&mut self) -> Result<(), StoreError> {
        let rev = self.next_rev()?;
        self.spaces.clear();
        self.feed.cut(Head(rev));
        self.last_rev = rev;
        Ok(())
    }

    fn commit(&mut self, changes: Vec<Change>) -> Result<u64, StoreError> {
        let rev = self.next_rev()?;
        let mut done = Vec::with_capacity(changes.len());
        for change in changes {
            match self.apply(change, rev) {
                Ok(undo) => done.extend(undo),
                Err(refusal) => {
                    self.take_back(done);
                    return Err(refusal);
                }
            }
        }
        self.feed.record(Head(rev), done.into_iter().map(|(space, path, _)| (space, path)));
        self.last_rev = rev;
        Ok(rev)
    }

    fn apply(&mut self, change: Change, rev: u64) -> Result<Option<Undo>, StoreError> {
        let (Change::Put { space, path, expect, .. }
        | Change::Delete { space, path, expect }
        | Change::Check { space, path, expect }) = &change;
        if !self.holds(*expect, *space, path) {
            return Err(StoreError::Conflict);
        }
        Ok(match change {
            Change::Put { space, path, expect: _, body } => {
                let before = self.spaces.entry(space).or_default().insert(path.clone(), Entry { rev, body });
                Some((space, path, before))
            }
            Change::Delete { space, path, expect: _ } => {
                let before = self.spaces.get_mut(&space).and_then(|entries| entries.remove(&path));
                Some((space, path, before))
            }
            Change::Check { .. } => None,
        })
    }

    fn holds(&self, expect: Expect, space: Space, path: &str) -> bool {
        match expect {
            Expect::Any => true,
            Expect::Absent => self.entry(space, path).is_none(),
            Expect::Rev(rev) => self.entry(space, path).is_some_and(|entry| entry.rev == rev),
            Expect::NoneBelow => self.below(space, path, None).next().is_none(),
        }
    }

    fn take_back(&mut self, done: Vec<Undo>) {
        for (space, path, before) in done.into_iter().rev() {
            let entries = self.spaces.entry(space).or_default();
            match before {
                Some(entry) => entries.insert(path, entry),
                None => entries.remove(&path),
            };
        }
    }
}
