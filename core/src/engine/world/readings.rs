//! Readings: which records a cached value was made of, so that a change drops exactly the values that it is in.
//!
//! # Invariants
//! - A record is noted before it is read: whoever changes it meanwhile finds the reader, and takes its place in the cache
//!   away.
//! - Of several records that are read together, the prefix is noted: whoever adds one finds the reader too.
//! - What is noted goes with the value it was noted for.

use std::collections::HashMap;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use foldhash::fast::RandomState;
use serde::de::DeserializeOwned;

use super::{Versioned, World};
use crate::error::{Kind, Result};
use crate::port::Space;
use crate::port::store::SEPARATOR;

/// Who reads what, by the names that the readers have in their cache.
#[derive(Default)]
pub(crate) struct Readings(Mutex<Noted>);

#[derive(Default)]
struct Noted {
    last: u64,
    readers: HashMap<Space, HashMap<Arc<str>, Readers, RandomState>, RandomState>,
}

/// The names of those who read the same, by the numbers of their readings.
type Readers = HashMap<u64, Arc<str>, RandomState>;

/// A record, or all records below a prefix, which ends with a separator.
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
    /// The names of all who have read a record, or are about to, by itself or with others below a prefix.
    pub(super) fn of(&self, space: Space, path: &str) -> Vec<Arc<str>> {
        let mut noted = self.noted();
        let Some(readers) = noted.readers.get_mut(&space) else { return Vec::new() };
        let prefixes = path.match_indices(SEPARATOR).map(|(at, end)| path.split_at(at.saturating_add(end.len())).0);
        let sources = std::iter::once(path).chain(prefixes);
        sources.filter_map(|source| readers.remove(source)).flat_map(HashMap::into_values).collect()
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

    /// Reads and decodes all records below a prefix, in the order of their paths.
    ///
    /// # Errors
    /// [`Kind::Internal`] for a prefix that ends within a segment, and as [`read`](Reading::read).
    pub(crate) async fn read_below<T: DeserializeOwned>(&mut self, space: Space, prefix: &str) -> Result<Vec<T>> {
        if !prefix.ends_with(SEPARATOR) {
            return Err(Kind::Internal.because("only what is below whole segments can be noted"));
        }
        self.sources.note(space, prefix);
        self.world.read_below(space, prefix).await
    }

    /// Everything that was read.
    pub(crate) fn finish(self) -> Sources {
        self.sources
    }
}

impl Sources {
    /// Whether nothing of it was changed since it was read.
    pub(crate) fn are_unchanged(&self) -> bool {
        let noted = self.readings.noted();
        self.sources.iter().all(|Source(space, path)| {
            let readers = noted.readers.get(space).and_then(|readers| readers.get(path));
            readers.is_some_and(|readers| readers.contains_key(&self.number))
        })
    }

    fn note(&mut self, space: Space, path: &str) {
        let path: Arc<str> = path.into();
        let mut noted = self.readings.noted();
        let readers = noted.readers.entry(space).or_default().entry(Arc::clone(&path)).or_default();
        readers.insert(self.number, Arc::clone(&self.reader));
        self.sources.push(Source(space, path));
    }
}

impl Drop for Sources {
    fn drop(&mut self) {
        let mut noted = self.readings.noted();
        for Source(space, path) in &self.sources {
            let Some(all) = noted.readers.get_mut(space) else { continue };
            if let Some(readers) = all.get_mut(path) {
                readers.remove(&self.number);
                if readers.is_empty() {
                    all.remove(path);
                }
            }
        }
    }
}

#[cfg(test)]
#[allow(clippy::unwrap_used, reason = "tests")]
mod tests {
    use futures_util::FutureExt as _;

    use super::*;
    use crate::name::{below, path};
    use crate::testing::TestWorld;

    const SPACE: Space = Space::GroupOfUser;

    fn reader(readings: &Arc<Readings>, number: u64) -> Sources {
        let reader = number.to_string().into();
        Sources { readings: Arc::clone(readings), number, reader, sources: Vec::new() }
    }

    fn found(readings: &Readings, space: Space, segments: &[&str]) -> Vec<String> {
        let mut found: Vec<_> = readings.of(space, &path(segments)).iter().map(|name| name.to_string()).collect();
        found.sort();
        found
    }

    #[test]
    fn whoever_read_what_is_below_a_prefix_is_found_by_what_comes_in_below_it() {
        let readings = Arc::<Readings>::default();
        let [mut one, mut two] = [1, 2].map(|number| reader(&readings, number));
        one.note(SPACE, &below(&["d", "1", "ann"]));
        two.note(SPACE, &below(&["d", "1"]));
        two.note(SPACE, &path(&["d", "1", "ann"]));
        assert_eq!(found(&readings, Space::UserOfGroup, &["d", "1", "ann", "g"]), [""; 0]);
        assert_eq!(found(&readings, SPACE, &["d", "2", "ann", "g"]), [""; 0]);
        assert!(one.are_unchanged() && two.are_unchanged());
        assert_eq!(found(&readings, SPACE, &["d", "1", "anna", "g"]), ["2"]);
        assert!(one.are_unchanged() && !two.are_unchanged());
        assert_eq!(found(&readings, SPACE, &["d", "1", "ann", "g", "h"]), ["1"]);
        assert!(!one.are_unchanged());
        assert_eq!(found(&readings, SPACE, &["d", "1", "ann"]), ["2"], "by its own path");
        drop((one, two));
        assert!(readings.noted().readers.values().all(HashMap::is_empty));
    }

    #[test]
    fn only_what_is_below_whole_segments_is_read_together() {
        let world = TestWorld::new();
        let mut reading = Reading::new(world.world(), &Arc::default(), &"reader".into());
        let mut read = |prefix: &str| reading.read_below::<String>(SPACE, prefix).now_or_never().unwrap();
        assert!(["", "d", &path(&["d", "1"])].into_iter().all(|prefix| read(prefix).is_err()));
        assert_eq!(read(&below(&["d", "1"])).unwrap(), [""; 0]);
    }
}
