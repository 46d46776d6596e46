//! A bounded cache of things read from the store, exact under concurrent change.
//!
//! # Invariants
//! - A value that was read before a change is never put in after it: a shard's epoch moves with every change, and a value
//!   is accepted only at the epoch its reader started from.

use std::collections::HashMap;
use std::hash::BuildHasher;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use foldhash::quality::RandomState;

const SHARDS: usize = 64;

/// Values by path.
pub(crate) struct Cache<V> {
    shards: Vec<Mutex<Shard<V>>>,
    per_shard: usize,
    hasher: RandomState,
}

struct Shard<V> {
    epoch: u64,
    values: HashMap<String, Arc<V>, RandomState>,
}

/// Permission to put in a value that is about to be read.
pub(crate) struct Ticket(u64);

/// A value, or the permission to put it in.
pub(crate) enum Found<V> {
    Value(Arc<V>),
    Missing(Ticket),
}

impl<V> Cache<V> {
    /// An empty cache for about `capacity` values.
    pub(crate) fn new(capacity: usize) -> Self {
        let shards = (0..SHARDS).map(|_| Mutex::new(Shard { epoch: 0, values: HashMap::default() })).collect();
        Self { shards, per_shard: capacity.div_ceil(SHARDS), hasher: RandomState::default() }
    }

    /// The value at a path.
    pub(crate) fn find(&self, path: &str) -> Found<V> {
        let Some(shard) = self.shard(path) else { return Found::Missing(Ticket(u64::MAX)) };
        match shard.values.get(path) {
            Some(value) => Found::Value(Arc::clone(value)),
            None => Found::Missing(Ticket(shard.epoch)),
        }
    }

    /// Permission to put in a value that is about to be read, whatever is there now.
    pub(crate) fn ticket(&self, path: &str) -> Ticket {
        self.shard(path).map_or(Ticket(u64::MAX), |shard| Ticket(shard.epoch))
    }

    /// Puts in a value that was read after its ticket was given, unless something changed meanwhile.
    pub(crate) fn fill(&self, path: &str, ticket: &Ticket, value: V) -> Arc<V> {
        let value = Arc::new(value);
        if let Some(mut shard) = self.shard(path)
            && shard.epoch == ticket.0
        {
            if shard.values.len() >= self.per_shard {
                // Any victim will do: the bound matters, not the choice.
                let victim = shard.values.keys().next().cloned();
                victim.and_then(|victim| shard.values.remove(&victim));
            }
            shard.values.insert(path.to_owned(), Arc::clone(&value));
        }
        value
    }

    /// Drops what is known of a path, and every value of its shard that is being read just now.
    pub(crate) fn forget(&self, path: &str) {
        if let Some(mut shard) = self.shard(path) {
            shard.epoch += 1;
            shard.values.remove(path);
        }
    }

    /// Drops everything.
    pub(crate) fn clear(&self) {
        for shard in &self.shards {
            let mut shard = shard.lock().unwrap_or_else(PoisonError::into_inner);
            shard.epoch += 1;
            shard.values.clear();
        }
    }

    fn shard(&self, path: &str) -> Option<MutexGuard<'_, Shard<V>>> {
        let at = usize::try_from(self.hasher.hash_one(path)).unwrap_or_default() % SHARDS;
        self.shards.get(at).map(|shard| shard.lock().unwrap_or_else(PoisonError::into_inner))
    }
}

#[cfg(test)]
#[allow(clippy::panic, reason = "tests")]
mod tests {
    use super::*;

    #[test]
    fn a_value_read_before_a_change_is_not_put_in_after_it() {
        let cache = Cache::new(64);
        let Found::Missing(ticket) = cache.find("k") else { panic!("empty") };
        cache.forget("k");
        cache.fill("k", &ticket, 1);
        let Found::Missing(ticket) = cache.find("k") else { panic!("a stale value was kept") };
        cache.fill("k", &ticket, 2);
        let Found::Value(value) = cache.find("k") else { panic!("a fresh value was dropped") };
        assert_eq!(*value, 2);
    }

    #[test]
    fn the_cache_stays_within_its_bound() {
        let cache = Cache::new(SHARDS * 2);
        for at in 0..10_000 {
            let path = at.to_string();
            if let Found::Missing(ticket) = cache.find(&path) {
                cache.fill(&path, &ticket, at);
            }
        }
        let held: usize = cache.shards.iter().map(|shard| shard.lock().map_or(0, |shard| shard.values.len())).sum();
        assert!(held <= SHARDS * 2, "{held}");
    }
}
