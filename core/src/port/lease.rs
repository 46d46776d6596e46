//! Leases: who may do alone, until a time, what must not be done by two at once.
//!
//! # Invariants
//! - At no moment two holders have one lease, as long as their clocks differ by less than what they leave of it unused.

use serde::{Deserialize, Serialize};

use super::Time;
use super::store::{Change, Expect, Record, Space, Store, StoreError};

/// A lease as one of those sees it who want it.
#[derive(Debug, Clone, Copy)]
pub struct Lease<'a> {
    /// What it allows to do.
    pub name: &'a str,
    /// Who wants it; no two use the same text.
    pub holder: &'a str,
}

/// Who has a lease, and until when.
#[derive(Serialize, Deserialize)]
struct Held {
    holder: String,
    until: Time,
}

impl Lease<'_> {
    /// Takes the lease if it is free, run out by `now` or this holder's already; says whether it is this holder's now.
    ///
    /// # Errors
    /// [`StoreError::Failed`] when the store fails.
    pub async fn acquire(&self, store: &dyn Store, now: Time, until: Time) -> Result<bool, StoreError> {
        match self.read(store).await? {
            None => self.write(store, Expect::Absent, until).await,
            Some((held, rev)) if held.until <= now || held.holder == self.holder => {
                self.write(store, Expect::Rev(rev), until).await
            }
            Some(_) => Ok(false),
        }
    }

    /// Goes on with the lease as long as it has not run out; says whether it is this holder's still. After a refusal what
    /// it allowed may have been begun by somebody else.
    ///
    /// # Errors
    /// [`StoreError::Failed`] when the store fails.
    pub async fn renew(&self, store: &dyn Store, now: Time, until: Time) -> Result<bool, StoreError> {
        match self.read(store).await? {
            Some((held, rev)) if held.holder == self.holder && held.until > now => {
                self.write(store, Expect::Rev(rev), until).await
            }
            _ => Ok(false),
        }
    }

    /// Gives the lease back; nothing happens when it is another's.
    ///
    /// # Errors
    /// [`StoreError::Failed`] when the store fails.
    pub async fn release(&self, store: &dyn Store) -> Result<(), StoreError> {
        match self.read(store).await? {
            Some((held, rev)) if held.holder == self.holder => {
                let path = self.name.to_owned();
                let gone = Change::Delete { space: Space::Lease, path, expect: Expect::Rev(rev) };
                won(store.commit(vec![gone]).await).map(drop)
            }
            _ => Ok(()),
        }
    }

    async fn read(&self, store: &dyn Store) -> Result<Option<(Held, u64)>, StoreError> {
        let Some(Record { path: _, rev, body }) = store.get(Space::Lease, self.name).await? else { return Ok(None) };
        let held = serde_json::from_slice(&body);
        let held = held.map_err(|_| StoreError::Failed(format!("the lease `{}` cannot be read", self.name)))?;
        Ok(Some((held, rev)))
    }

    async fn write(&self, store: &dyn Store, expect: Expect, until: Time) -> Result<bool, StoreError> {
        let held = Held { holder: self.holder.to_owned(), until };
        let body = serde_json::to_vec(&held);
        let body = body.map_err(|_| StoreError::Failed(format!("the lease `{}` cannot be written", self.name)))?;
        won(store.commit(vec![Change::Put { space: Space::Lease, path: self.name.to_owned(), expect, body }]).await)
    }
}

/// Whether a commit took place, or somebody else was faster.
fn won(outcome: Result<u64, StoreError>) -> Result<bool, StoreError> {
    match outcome {
        Ok(_) => Ok(true),
        Err(StoreError::Conflict) => Ok(false),
        Err(error) => Err(error),
    }
}
