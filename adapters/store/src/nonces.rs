//! Nonces remembered by one process, in memory.
//!
//! # Invariants
//! - What is remembered of a nonce is a keyed hash of 128 bits, however long it is.
//! - What is not remembered could be sent again: where there is no room, a nonce is refused.
//! - There is room for as many as were asked for, and for a fair share of that for each principal who comes later.
//! - A clock that jumps makes no nonce new: none is forgotten before its time has really passed, and where the clock was set
//!   back, what may have been forgotten is refused.

use std::collections::{BTreeMap, HashMap};
use std::hash::{BuildHasher, RandomState};
use std::sync::{Mutex, MutexGuard, PoisonError};
use std::time::{Duration, Instant};

use async_trait::async_trait;
use polykms_core::port::once::Nonce;
use polykms_core::port::{Once, StoreError, Time};

const SHARDS: usize = 16;

/// How many nonces a shard has room for.
const ROOM: usize = 1 << 20;

/// How many nonces are forgotten at once, so that nobody waits for all.
const FORGOTTEN_AT_ONCE: usize = 64;

/// How long the time that passes is believed rather than a clock that goes ahead of it; longer than any nonce is kept.
const BELIEVED: Duration = Duration::from_secs(2 * 60 * 60);

/// The nonces used lately.
pub struct Nonces {
    shards: [Mutex<Seen>; SHARDS],
    hashers: [RandomState; 2],
    room: usize,
    steady: Mutex<Option<Steady>>,
}

/// A clock that goes on with the time that passes, whatever the other one does.
#[derive(Clone, Copy)]
struct Steady {
    /// What the other one said, and when.
    said: i64,
    at: Instant,
    /// Since when the other one is ahead.
    ahead: Option<Instant>,
}

impl Steady {
    /// Whichever of both clocks shows less; the same, as it goes on.
    fn least(self, now: i64, at: Instant) -> (i64, Self) {
        let passed = i64::try_from(at.saturating_duration_since(self.at).as_secs()).unwrap_or(i64::MAX);
        let steady = self.said.saturating_add(passed);
        let ahead = (now > steady.saturating_add(1)).then(|| self.ahead.unwrap_or(at));
        match ahead {
            // It stayed there: so it was this one that was behind.
            Some(since) if at.saturating_duration_since(since) >= BELIEVED => {
                (steady, Self { said: now, at, ahead: None })
            }
            ahead => (now.min(steady), Self { ahead, ..self }),
        }
    }
}

/// The nonces of a shard; seconds are those of their end.
#[derive(Default)]
struct Seen {
    ends: HashMap<u128, i64>,
    by_end: BTreeMap<i64, Vec<(u128, u64)>>,
    held: HashMap<u64, usize>,
    /// The last end of those that were forgotten.
    forgotten: i64,
}

impl Default for Nonces {
    fn default() -> Self {
        Self::with_room(ROOM)
    }
}

impl Nonces {
    fn with_room(room: usize) -> Self {
        Self { shards: Default::default(), hashers: Default::default(), room, steady: Mutex::default() }
    }

    /// Until when nonces may be forgotten.
    fn passed(&self, now: i64, at: Instant) -> i64 {
        let mut steady = self.steady.lock().unwrap_or_else(PoisonError::into_inner);
        let (least, next) = steady.unwrap_or(Steady { said: now, at, ahead: None }).least(now, at);
        *steady = Some(next);
        least
    }

    fn is_first(&self, nonce: Nonce<'_>, now: Time, until: Time, at: Instant) -> bool {
        let Nonce { principal, access_key_id, text } = nonce;
        let [low, high] = self.hashers.each_ref().map(|hasher| hasher.hash_one((access_key_id, text)));
        let name = u128::from(high) << 64 | u128::from(low);
        let principal = self.hashers[0].hash_one(principal);
        let (passed, end) = (self.passed(now.as_second(), at), until.as_second().saturating_add(1));
        let mut seen = self.shard(low);
        seen.forget(passed);
        if end <= seen.forgotten || seen.knows(name, now.as_second()) || !seen.has_room(principal, self.room) {
            return false;
        }
        seen.remember(name, principal, end);
        true
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
        Ok(self.is_first(nonce, now, until, Instant::now()))
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
            self.forgotten = self.forgotten.max(end);
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
    use std::sync::OnceLock;

    use super::*;

    fn at(second: i64) -> Time {
        Time::from_second(second).unwrap()
    }

    /// A moment at which this clock shows so many seconds.
    fn moment(second: i64) -> Instant {
        static START: OnceLock<Instant> = OnceLock::new();
        *START.get_or_init(Instant::now) + Duration::from_secs(second.unsigned_abs())
    }

    fn first(nonces: &Nonces, principal: &str, access_key_id: &str, text: &str, now: i64, until: i64) -> bool {
        nonces.is_first(Nonce { principal, access_key_id, text }, at(now), at(until), moment(now))
    }

    /// The same where the clock shows something else than the time that has passed.
    fn first_by(nonces: &Nonces, text: &str, (now, passed): (i64, i64), until: i64) -> bool {
        nonces.is_first(Nonce { principal: "u", access_key_id: "a", text }, at(now), at(until), moment(passed))
    }

    /// How many of a thousand nonces are accepted.
    fn accepted(nonces: &Nonces, principal: &str, now: i64) -> usize {
        (0..1000).filter(|text| first(nonces, principal, principal, &text.to_string(), now, now)).count()
    }

    /// Lets each shard forget what it may.
    fn busy(nonces: &Nonces, (now, passed): (i64, i64)) {
        (0..2000).for_each(|text| {
            first_by(nonces, &format!("other {text}"), (now, passed), now + 900);
        });
    }

    #[test]
    fn a_clock_that_jumps_ahead_and_is_set_right_makes_no_nonce_new() {
        let nonces = Nonces::default();
        let year = 365 * 24 * 60 * 60;
        assert!(first_by(&nonces, "n", (1000, 0), 1900));
        busy(&nonces, (1000 + year, 10));
        assert!(!first_by(&nonces, "n", (1020, 20), 1900), "it was sent again once the clock was right");
        assert!(first_by(&nonces, "another", (1020, 20), 1920));
    }

    #[test]
    fn a_clock_that_is_set_back_makes_no_nonce_new() {
        let nonces = Nonces::default();
        assert!(first_by(&nonces, "n", (1000, 0), 1900));
        busy(&nonces, (2000, 1000));
        assert!(!first_by(&nonces, "n", (1200, 1001), 1900), "it was sent again when its date was good again");
        assert!(first_by(&nonces, "another", (1950, 1002), 2850), "set back by less than the window");
    }

    #[test]
    fn a_clock_that_was_behind_is_believed_once_it_has_stayed_ahead() {
        let nonces = Nonces::default();
        let jump = 1_000_000;
        assert!(first_by(&nonces, "n", (0, 0), 900));
        busy(&nonces, (jump, 1));
        let believed = i64::try_from(BELIEVED.as_secs()).unwrap();
        busy(&nonces, (jump + believed, believed + 2));
        busy(&nonces, (jump + believed + 1000, believed + 1002));
        let held = nonces.shards.iter().map(|shard| shard.lock().unwrap().ends.len()).sum::<usize>();
        assert!(held <= 4000, "{held}");
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
