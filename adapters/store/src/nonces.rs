//! Nonces remembered by one process, in memory.
//!
//! # Invariants
//! - What is remembered of a nonce is a keyed hash of 128 bits, however long it is.
//! - What is not remembered could be sent again: where there is no room, a nonce is refused.
//! - There is room for as many as were asked for, and for a fair share of that for each principal who comes later.

use std::collections::{BTreeMap, HashMap};
use std::hash::{BuildHasher, RandomState};
use std::sync::{Mutex, MutexGuard, PoisonError};

use async_trait::async_trait;
use polykms_core::port::once::Nonce;
use polykms_core::port::{Once, StoreError, Time};

const SHARDS: usize = 16;

/// How many nonces a shard has room for.
const ROOM: usize = 1 << 20;

/// How many nonces are forgotten at once, so that nobody waits for all.
const FORGOTTEN_AT_ONCE: usize = 64;

/// The nonces used lately.
pub struct Nonces {
    shards: [Mutex<Seen>; SHARDS],
    hashers: [RandomState; 2],
    room: usize,
}

/// The nonces of a shard; seconds are those of their end.
#[derive(Default)]
struct Seen {
    ends: HashMap<u128, i64>,
    by_end: BTreeMap<i64, Vec<(u128, u64)>>,
    held: HashMap<u64, usize>,
}

impl Default for Nonces {
    fn default() -> Self {
        Self::with_room(ROOM)
    }
}

impl Nonces {
    fn with_room(room: usize) -> Self {
        Self { shards: Default::default(), hashers: Default::default(), room }
    }

    #[expect(clippy::indexing_slicing, reason = "the remainder of a division by the length is a valid index")]
    fn shard(&self, low: u64) -> MutexGuard<'_, Seen> {
        let at = usize::try_from(low % SHARDS as u64).unwrap_or_default();
        self.shards[at].lock().unwrap_or_else(PoisonError::into_inner)
    }
}

#[async_trait]
impl Once for Nonces {
    async fn first_time(&self, nonce: Nonce<'_>, now: Time, until: Time) -> Result<bool, StoreError> {
        let Nonce { principal, access_key_id, text } = nonce;
        let [low, high] = self.hashers.each_ref().map(|hasher| hasher.hash_one((access_key_id, text)));
        let name = u128::from(high) << 64 | u128::from(low);
        let principal = self.hashers[0].hash_one(principal);
        let mut seen = self.shard(low);
        seen.forget(now.as_second());
        if seen.knows(name, now.as_second()) || !seen.has_room(principal, self.room) {
            return Ok(false);
        }
        seen.remember(name, principal, until.as_second().saturating_add(1));
        Ok(true)
    }

    async fn clear(&self) -> Result<(), StoreError> {
        for shard in &self.shards {
            *shard.lock().unwrap_or_else(PoisonError::into_inner) = Seen::default();
        }
        Ok(())
    }
}

impl Seen {
    /// Whether a nonce is remembered; one whose end has come counts as forgotten before it is.
    fn knows(&self, name: u128, now: i64) -> bool {
        self.ends.get(&name).is_some_and(|end| now < *end)
    }

    /// Whether there is room left, or at least in this principal's fair share.
    fn has_room(&self, principal: u64, room: usize) -> bool {
        let own = self.held.get(&principal).copied().unwrap_or_default();
        let principals = self.held.len() + usize::from(own == 0);
        self.ends.len() < room || own < (room / principals.max(1)).max(1)
    }

    fn remember(&mut self, name: u128, principal: u64, end: i64) {
        if self.ends.insert(name, end).is_none() {
            *self.held.entry(principal).or_default() += 1;
        }
        self.by_end.entry(end).or_default().push((name, principal));
    }

    fn forget(&mut self, now: i64) {
        for _ in 0..FORGOTTEN_AT_ONCE {
            let Some(mut first) = self.by_end.first_entry().filter(|first| *first.key() <= now) else { return };
            let end = *first.key();
            let Some((name, principal)) = first.get_mut().pop() else {
                first.remove();
                continue;
            };
            if self.ends.get(&name) == Some(&end) {
                self.ends.remove(&name);
                self.release(principal);
            }
        }
    }

    fn release(&mut self, principal: u64) {
        if let Some(held) = self.held.get_mut(&principal) {
            *held = held.saturating_sub(1);
            if *held == 0 {
                self.held.remove(&principal);
            }
        }
    }
}

#[cfg(test)]
#[allow(clippy::unwrap_used, clippy::expect_used, clippy::indexing_slicing, clippy::panic, reason = "tests")]
mod tests {
    use super::*;
    use crate::contract::wait;

    fn at(second: i64) -> Time {
        Time::from_second(second).unwrap()
    }

    fn first(nonces: &Nonces, principal: &str, access_key_id: &str, text: &str, now: i64, until: i64) -> bool {
        wait(nonces.first_time(Nonce { principal, access_key_id, text }, at(now), at(until))).unwrap()
    }

    /// How many of a thousand nonces are accepted.
    fn accepted(nonces: &Nonces, principal: &str, now: i64) -> usize {
        let asked = (0..1000).map(|text| text.to_string());
        wait(async {
            let mut accepted = 0;
            for text in asked {
                let nonce = Nonce { principal, access_key_id: principal, text: &text };
                accepted += usize::from(nonces.first_time(nonce, at(now), at(now)).await.unwrap());
            }
            accepted
        })
    }

    #[test]
    fn a_nonce_is_refused_through_its_time() {
        let nonces = Nonces::default();
        assert!(first(&nonces, "u", "a", "n", 0, 10));
        assert!(!first(&nonces, "u", "a", "n", 10, 20));
        assert!(first(&nonces, "u", "b", "n", 10, 20));
        assert!(first(&nonces, "u", "a", "n", 11, 21));
        assert!(!first(&nonces, "u", "a", "n", 21, 31));
    }

    #[test]
    fn what_cannot_be_remembered_is_refused_until_there_is_room() {
        let nonces = Nonces::with_room(2);
        assert_eq!(accepted(&nonces, "a", 0), 2 * SHARDS);
        assert_eq!(accepted(&nonces, "a", 0), 0);
        assert_eq!(accepted(&nonces, "a", 1), 2 * SHARDS);
    }

    #[test]
    fn only_who_filled_the_room_is_refused() {
        let nonces = Nonces::with_room(8);
        assert_eq!(accepted(&nonces, "greedy", 0), 8 * SHARDS);
        assert_eq!(accepted(&nonces, "greedy", 0), 0);
        assert_eq!(accepted(&nonces, "second", 0), 8 * SHARDS / 2, "half of the room is a fair share for two");
        assert_eq!(accepted(&nonces, "third", 0), 8 / 3 * SHARDS);
        for modest in 0..100 {
            assert_eq!(accepted(&nonces, &format!("modest {modest}"), 0), SHARDS.max(8 / (4 + modest) * SHARDS));
        }
        assert_eq!(accepted(&nonces, "greedy", 0), 0);
    }

    #[test]
    fn what_ended_long_ago_is_forgotten_little_by_little() {
        let nonces = Nonces::with_room(1 << 20);
        for second in 0..3 {
            accepted(&nonces, "a", second);
        }
        let held = || nonces.shards.iter().map(|shard| shard.lock().unwrap().ends.len()).sum::<usize>();
        assert!(held() <= 2000);
        for text in 0..2000 {
            assert!(first(&nonces, "a", "b", &text.to_string(), 1_000_000, 1_000_000));
        }
        assert_eq!(held(), 2000);
        assert_eq!(nonces.shards.iter().map(|shard| shard.lock().unwrap().held.len()).sum::<usize>(), SHARDS);
    }
}
