//! Numbers used once: a signed request is accepted a single time inside its window.
//!
//! # Invariants
//! - What is remembered of a nonce is a keyed hash of 128 bits, however long it is.
//! - A shard that is full refuses: what is not remembered could be sent again.

use std::collections::{BTreeMap, HashSet};
use std::hash::{BuildHasher, RandomState};
use std::sync::{Mutex, PoisonError};
use std::time::Duration;

use crate::port::Time;

const SHARDS: usize = 16;

/// How many nonces a shard remembers.
const MOST: usize = 1 << 20;

/// The nonces seen lately.
pub(crate) struct Nonces {
    shards: Vec<Mutex<Seen>>,
    hashers: [RandomState; 2],
    most: usize,
}

#[derive(Default)]
struct Seen {
    nonces: HashSet<u128>,
    by_expiry: BTreeMap<i64, Vec<u128>>,
}

impl Nonces {
    pub(crate) fn new() -> Self {
        Self::of(MOST)
    }

    fn of(most: usize) -> Self {
        let hashers = [RandomState::new(), RandomState::new()];
        Self { shards: (0..SHARDS).map(|_| Mutex::default()).collect(), hashers, most }
    }

    /// Remembers a nonce of an access key for `keep`; false when it was seen before, or cannot be remembered.
    pub(crate) fn first_time(&self, access_key_id: &str, nonce: &str, now: Time, keep: Duration) -> bool {
        let [low, high] = self.hashers.each_ref().map(|hasher| u128::from(hasher.hash_one((access_key_id, nonce))));
        let name = high << 64 | low;
        let at = usize::try_from(low % SHARDS as u128).unwrap_or_default();
        let Some(shard) = self.shards.get(at) else { return false };
        let mut seen = shard.lock().unwrap_or_else(PoisonError::into_inner);
        let second = now.as_second();
        while let Some(entry) = seen.by_expiry.first_entry() {
            if *entry.key() > second {
                break;
            }
            for expired in entry.remove() {
                seen.nonces.remove(&expired);
            }
        }
        if seen.nonces.len() >= self.most || !seen.nonces.insert(name) {
            return false;
        }
        let until = second.saturating_add(i64::try_from(keep.as_secs()).unwrap_or(i64::MAX)).saturating_add(1);
        seen.by_expiry.entry(until).or_default().push(name);
        true
    }

    pub(crate) fn clear(&self) {
        for shard in &self.shards {
            *shard.lock().unwrap_or_else(PoisonError::into_inner) = Seen::default();
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_nonce_is_refused_until_its_window_has_passed() {
        let nonces = Nonces::new();
        let at = |second| Time::from_second(second).unwrap_or_default();
        let keep = Duration::from_secs(10);
        assert!(nonces.first_time("a", "n", at(0), keep));
        assert!(!nonces.first_time("a", "n", at(10), keep));
        assert!(nonces.first_time("b", "n", at(10), keep));
        assert!(nonces.first_time("a", "n", at(11), keep));
    }

    #[test]
    fn what_cannot_be_remembered_is_refused_until_there_is_room() {
        let nonces = Nonces::of(2);
        let at = |second| Time::from_second(second).unwrap_or_default();
        let taken =
            |second| (0..1000).filter(|n| nonces.first_time("a", &n.to_string(), at(second), Duration::ZERO)).count();
        assert_eq!(taken(0), 2 * SHARDS);
        assert_eq!(taken(0), 0);
        assert_eq!(taken(1), 2 * SHARDS);
    }
}
