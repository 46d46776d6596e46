//! A store that forgets everything when it is dropped; for unit tests and for throw-away servers.

use std::collections::{BTreeMap, HashMap};
use std::ops::Bound;
use std::sync::{PoisonError, RwLock, RwLockReadGuard, RwLockWriteGuard};

use async_trait::async_trait;
use polykms_core::port::{Change, Expect, Record, Space, Store, StoreError};

/// Records in ordered maps behind one lock.
#[derive(Default)]
pub struct Memory {
    state: RwLock<State>,
}

#[derive(Default)]
struct State {
    last_rev: u64,
    spaces: HashMap<Space, BTreeMap<String, Entry>>,
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

    async fn scan(
        &self,
        space: Space,
        prefix: &str,
        after: Option<&str>,
        limit: usize,
    ) -> Result<Vec<Record>, StoreError> {
        let from = match after {
            Some(after) if after >= prefix => Bound::Excluded(after),
            _ => Bound::Included(prefix),
        };
        let state = self.read();
        let Some(entries) = state.spaces.get(&space) else { return Ok(Vec::new()) };
        Ok(entries
            .range::<str, _>((from, Bound::Unbounded))
            .take_while(|(path, _)| path.starts_with(prefix))
            .take(limit)
            .map(|(path, entry)| entry.record(path))
            .collect())
    }

    async fn commit(&self, changes: Vec<Change>) -> Result<u64, StoreError> {
        self.write().commit(changes)
    }

    async fn clear(&self) -> Result<(), StoreError> {
        self.write().spaces.clear();
        Ok(())
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

    fn commit(&mut self, changes: Vec<Change>) -> Result<u64, StoreError> {
        let Some(rev) = self.last_rev.checked_add(1) else {
            return Err(StoreError::Failed("the revisions are used up".to_owned()));
        };
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
        self.last_rev = rev;
        Ok(rev)
    }

    fn apply(&mut self, change: Change, rev: u64) -> Result<Option<Undo>, StoreError> {
        let (Change::Put { space, path, expect, .. }
        | Change::Delete { space, path, expect }
        | Change::Check { space, path, expect }) = &change;
        if !holds(*expect, self.entry(*space, path)) {
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

fn holds(expect: Expect, entry: Option<&Entry>) -> bool {
    match expect {
        Expect::Any => true,
        Expect::Absent => entry.is_none(),
        Expect::Rev(rev) => entry.is_some_and(|entry| entry.rev == rev),
    }
}
