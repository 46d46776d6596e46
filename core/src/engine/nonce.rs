//! Numbers used once: a signed request is accepted a single time inside its window.

use std::collections::{BTreeMap, HashSet};
use std::sync::{Mutex, PoisonError};
use std::time::Duration;

use crate::port::Time;

const SHARDS: usize = 16;

/// The nonces seen lately.
pub(crate) struct Nonces {
    shards: Vec<Mutex<Seen>>,
}

#[derive(Default)]
struct Seen {
    nonces: HashSet<String>,
    by_expiry: BTreeMap<i64, Vec<String>>,
}

impl Nonces {
    pub(crate) fn new() -> Self {
        Self { shards: (0..SHARDS).map(|_| Mutex::default()).collect() }
    }

    /// Remembers a nonce of an access key for `keep`; false when it was seen before.
    pub(crate) fn first_time(&self, access_key_id: &str, nonce: &str, now: Time, keep: Duration) -> bool {
        let name = format!("{access_key_id}\n{nonce}");
        let at = name.bytes().fold(0_usize, |sum, byte| sum.wrapping_mul(31).wrapping_add(usize::from(byte))) % SHARDS;
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
        if !seen.nonces.insert(name.clone()) {
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
}
