//! Records: read, listed and committed through the store, as the types they are.

use serde::Serialize;
use serde::de::DeserializeOwned;

use super::{Versioned, World};
use crate::error::{Kind, Result};
use crate::name::shown;
use crate::port::{Change, Expect, Record, Space, StoreError};

/// How many records are read at one moment.
const READ_AT_ONCE: usize = 128;

impl World {
    /// Reads and decodes a record.
    ///
    /// # Errors
    /// [`Kind::Internal`] when the store fails or the record cannot be read.
    pub async fn read<T: DeserializeOwned>(&self, space: Space, path: &str) -> Result<Option<Versioned<T>>> {
        match self.ports.store.get(space, path).await? {
            None => Ok(None),
            Some(record) => Ok(Some(Versioned { value: decode(space, path, &record.body)?, rev: record.rev })),
        }
    }

    /// Reads and decodes a run of records; nothing stands for one that cannot be read, which the listener is told of.
    ///
    /// # Errors
    /// [`Kind::Internal`] when the store fails.
    pub async fn scan<T: DeserializeOwned>(
        &self,
        space: Space,
        prefix: &str,
        after: Option<&str>,
        limit: usize,
    ) -> Result<Vec<(String, Option<T>)>> {
        let records = self.ports.store.scan(space, prefix, after, limit).await?;
        let read = |Record { path, rev: _, body }| {
            let value = self.readable(space, &path, &body);
            (path, value)
        };
        Ok(records.into_iter().map(read).collect())
    }

    /// Reads and decodes all records below a prefix, in the order of their paths.
    ///
    /// # Errors
    /// As [`read`](World::read).
    pub async fn read_below<T: DeserializeOwned>(&self, space: Space, prefix: &str) -> Result<Vec<T>> {
        let (mut found, mut after) = (Vec::new(), None::<String>);
        loop {
            let batch = self.ports.store.scan(space, prefix, after.as_deref(), READ_AT_ONCE).await?;
            for record in &batch {
                found.push(decode(space, &record.path, &record.body)?);
            }
            match batch.into_iter().next_back() {
                Some(last) if found.len().is_multiple_of(READ_AT_ONCE) => after = Some(last.path),
                _ => return Ok(found),
            }
        }
    }

    /// Whether there is a record below a prefix.
    ///
    /// # Errors
    /// [`Kind::Internal`] when the store fails.
    pub async fn has_below(&self, space: Space, prefix: &str) -> Result<bool> {
        Ok(!self.ports.store.paths(space, prefix, None, 0, 1).await?.is_empty())
    }

    /// Reads and decodes several records, in the order of their paths as given; nothing stands for one that is not there, and
    /// for one that cannot be read, which the listener is told of.
    ///
    /// # Errors
    /// [`Kind::Internal`] when the store fails.
    pub async fn read_each<T: DeserializeOwned>(&self, space: Space, paths: &[String]) -> Result<Vec<Option<T>>> {
        let mut found = Vec::with_capacity(paths.len());
        for some in paths.chunks(READ_AT_ONCE) {
            let wanted: Vec<_> = some.iter().map(|path| (space, path.as_str())).collect();
            let records = self.ports.store.get_many(&wanted).await?.into_iter();
            found.extend(records.map(|record| record.and_then(|it| self.readable(space, &it.path, &it.body))));
        }
        Ok(found)
    }

    /// Reads and decodes several records, those that are there and can be read, in the order of their paths as given. The
    /// listener is told of the others.
    ///
    /// # Errors
    /// [`Kind::Internal`] when the store fails.
    pub async fn read_many<T: DeserializeOwned>(&self, space: Space, paths: &[String]) -> Result<Vec<T>> {
        Ok(self.read_each(space, paths).await?.into_iter().flatten().collect())
    }

    /// The value of a record; of one that cannot be read the listener is told.
    pub(crate) fn readable<T: DeserializeOwned>(&self, space: Space, path: &str, body: &[u8]) -> Option<T> {
        let value = decode(space, path, body).ok();
        if value.is_none() {
            self.unreadable.found(space, path);
        }
        value
    }

    /// Commits changes and drops what was known of the records.
    ///
    /// # Errors
    /// [`Kind::Conflict`] when an expectation did not hold; nothing was written, and what was known of any of these
    /// records is dropped: the next attempt must not meet it again.
    pub async fn commit(&self, changes: Vec<Change>) -> Result<u64> {
        let (mut written, mut checked) = (Vec::with_capacity(changes.len()), Vec::new());
        for change in &changes {
            match change {
                Change::Put { space, path, .. } | Change::Delete { space, path, .. } => {
                    written.push((*space, path.clone()));
                }
                Change::Check { space, path, .. } => checked.push((*space, path.clone())),
            }
        }
        let outcome = self.ports.store.commit(changes).await;
        // Also after a failure: whether the commit took place may be unknown.
        self.forget(&written);
        if matches!(outcome, Err(StoreError::Conflict)) {
            self.forget(&checked);
        }
        Ok(outcome?)
    }
}

/// Which key a version belongs to.
#[derive(Debug, Clone, serde::Serialize, serde::Deserialize)]
pub(crate) struct Pointer {
    /// `account/key id`.
    pub(crate) key: String,
}

/// A change that writes a record.
///
/// # Errors
/// [`Kind::Internal`] when the value cannot be encoded.
pub fn put<T: Serialize>(space: Space, path: String, expect: Expect, value: &T) -> Result<Change> {
    let body = serde_json::to_vec(value).map_err(|_| Kind::Internal.because("a record cannot be encoded"))?;
    Ok(Change::Put { space, path, expect, body })
}

/// What must hold for nothing to be below a prefix.
pub fn none_below(space: Space, prefix: String) -> Change {
    Change::Check { space, path: prefix, expect: Expect::NoneBelow }
}

/// A record's value.
///
/// # Errors
/// [`Kind::Internal`] when it cannot be read.
pub(crate) fn decode<T: DeserializeOwned>(space: Space, path: &str, body: &[u8]) -> Result<T> {
    serde_json::from_slice(body)
        .map_err(|_| Kind::Internal.because("a stored record cannot be read").naming(shown(space, path)))
}
