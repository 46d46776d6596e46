//! Readings: which records a cached value was made of, so that a change drops exactly the values that it is in.
//!
//! # Invariants
//! - A record is noted before it is read: whoever changes it meanwhile finds the reader, and takes its place in the cache
//!   away.
//! - What is noted goes with the value it was noted for.

use std::collections::HashMap;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use foldhash::fast::RandomState;
use serde::de::DeserializeOwned;

use super::{Versioned, World};
use crate::error::Result;
use crate::port::Space;

/// Who reads what, by the names that the readers have in their cache.
#[derive(Default)]
pub(crate) struct Readings(Mutex<Noted>);

#[derive(Default)]
struct Noted {
    last: u64,
    readers: HashMap<Source, HashMap<u64, Arc<str>, RandomState>, RandomState>,
}

/// A record.
#[derive(Clone, PartialEq, Eq, Hash)]
struct Source(Space, Arc<str>);

/// The records that one value is made of.
pub(crate) struct Sources {
    readings: Arc<Readings>,
    number: u64,
    reader: Arc<str>,
    sources: Vec<Source>,
}

/// The store, read for one value of a cache.
pub(crate) struct Reading<'a> {
    world: &'a World,
    sources: Sources,
}

impl Readings {
    /// The names of all who have read a record, or are about to.
    pub(super) fn of(&self, space: Space, path: &str) -> Vec<Arc<str>> {
        let readers = self.noted().readers.remove(&Source(space, path.into()));
        readers.into_iter().flat_map(HashMap::into_values).collect()
    }

    fn noted(&self) -> MutexGuard<'_, Noted> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl<'a> Reading<'a> {
    /// A reading for the value that this name has in its cache.
    pub(super) fn new(world: &'a World, readings: &Arc<Readings>, reader: &Arc<str>) -> Self {
        let number = {
            let mut noted = readings.noted();
            noted.last += 1;
            noted.last
        };
        let sources =
            Sources { readings: Arc::clone(readings), number, reader: Arc::clone(reader), sources: Vec::new() };
        Self { world, sources }
    }

    /// What is read from.
    pub(crate) fn world(&self) -> &'a World {
        self.world
    }

    /// Reads and decodes a record.
    ///
    /// # Errors
    /// [`Kind::Internal`](crate::error::Kind::Internal) when the store fails or the record cannot be read.
    pub(crate) async fn read<T: DeserializeOwned>(&mut self, space: Space, path: &str) -> Result<Option<Versioned<T>>> {
        self.sources.note(space, path);
        self.world.read(space, path).await
    }

    /// Everything that was read.
    pub(crate) fn finish(self) -> Sources {
        self.sources
    }
}

impl Sources {
    fn note(&mut self, space: Space, path: &str) {
        let source = Source(space, path.into());
        let mut noted = self.readings.noted();
        noted.readers.entry(source.clone()).or_default().insert(self.number, Arc::clone(&self.reader));
        self.sources.push(source);
    }
}

impl Drop for Sources {
    fn drop(&mut self) {
        let mut noted = self.readings.noted();
        for source in &self.sources {
            if let Some(readers) = noted.readers.get_mut(source) {
                readers.remove(&self.number);
                if readers.is_empty() {
                    noted.readers.remove(source);
                }
            }
        }
    }
}
