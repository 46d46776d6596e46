//! A bounded cache of things read from the store, exact under concurrent change.
//!
//! Which values stay is the choice of `quick_cache`: those that were asked for again, whatever passes by once.
//!
//! # Invariants
//! - A value that was read before a change is never put in after it: whoever reads holds a place, and a change takes the
//!   place away.
//! - One reads a value at a time; the others wait for what it finds.

use std::sync::Arc;

use foldhash::quality::RandomState;
use quick_cache::UnitWeighter;
use quick_cache::sync::{Cache as Places, DefaultLifecycle, PlaceholderGuard};

type Name = Arc<str>;
type Lifecycle<V> = DefaultLifecycle<Name, Arc<V>>;

/// Values by path.
pub(crate) struct Cache<V>(Places<Name, Arc<V>, UnitWeighter, RandomState, Lifecycle<V>>);

/// A value, or the place where it is missing.
pub(crate) enum Found<'a, V> {
    Value(Arc<V>),
    Missing(Place<'a, V>),
}

/// The place of a value that is about to be read.
pub(crate) struct Place<'a, V> {
    name: Name,
    guard: PlaceholderGuard<'a, Name, Arc<V>, UnitWeighter, RandomState, Lifecycle<V>>,
}

impl<V> Cache<V> {
    /// An empty cache for about `capacity` values.
    pub(crate) fn new(capacity: usize) -> Self {
        let weight = u64::try_from(capacity).unwrap_or(u64::MAX);
        Self(Places::with(capacity, weight, UnitWeighter, RandomState::default(), Lifecycle::default()))
    }

    /// The value at a path, if it is at hand.
    pub(crate) fn get(&self, path: &str) -> Option<Arc<V>> {
        self.0.get(path)
    }

    /// The value at a path, or its place; whoever gets the place fills it or lets it go, and others wait until then.
    pub(crate) async fn find(&self, path: &str) -> Found<'_, V> {
        let name = Name::from(path);
        match self.0.get_value_or_guard_async(&name).await {
            Ok(value) => Found::Value(value),
            Err(guard) => Found::Missing(Place { name, guard }),
        }
    }

    /// Drops what is known of a path, and what is being read of it just now.
    pub(crate) fn forget(&self, path: &str) {
        self.0.remove(path);
    }

    /// Drops everything.
    pub(crate) fn clear(&self) {
        self.0.clear();
    }
}

impl<V> Place<'_, V> {
    /// The path.
    pub(crate) fn name(&self) -> &Arc<str> {
        &self.name
    }

    /// Puts in a value that was read since the place was found, unless something changed meanwhile.
    pub(crate) fn fill(self, value: V) -> Arc<V> {
        let value = Arc::new(value);
        let _ = self.guard.insert(Arc::clone(&value)); // refused once the place was taken away
        value
    }
}

#[cfg(test)]
#[allow(clippy::panic, clippy::unwrap_used, reason = "tests")]
mod tests {
    use std::hash::BuildHasher;
    use std::pin::pin;
    use std::sync::atomic::{AtomicU64, Ordering};
    use std::task::{Context, Poll, Waker};

    use super::*;

    /// Waits for a future that is ready as soon as other threads have gone on.
    fn wait<F: Future>(future: F) -> F::Output {
        let mut future = pin!(future);
        loop {
            match future.as_mut().poll(&mut Context::from_waker(Waker::noop())) {
                Poll::Ready(output) => return output,
                Poll::Pending => std::thread::yield_now(),
            }
        }
    }

    fn place<'a, V>(cache: &'a Cache<V>, path: &str) -> Place<'a, V> {
        match wait(cache.find(path)) {
            Found::Missing(place) => place,
            Found::Value(_) => panic!("there is a value"),
        }
    }

    #[test]
    fn a_value_read_before_a_change_is_not_put_in_after_it() {
        let cache = Cache::new(64);
        for change in [Cache::forget, |cache: &Cache<u64>, _: &str| cache.clear()] {
            let early = place(&cache, "k");
            change(&cache, "k");
            assert_eq!(*early.fill(1), 1);
            place(&cache, "k").fill(2);
            let Found::Value(value) = wait(cache.find("k")) else { panic!("a fresh value was dropped") };
            assert_eq!(*value, 2);
            cache.clear();
        }
    }

    #[test]
    fn a_place_taken_away_does_not_take_that_of_a_later_reader() {
        let cache = Cache::new(64);
        let early = place(&cache, "k");
        cache.forget("k");
        let late = place(&cache, "k");
        early.fill(1);
        late.fill(2);
        let Found::Value(value) = wait(cache.find("k")) else { panic!("a fresh value was dropped") };
        assert_eq!(*value, 2);
    }

    #[test]
    fn a_place_that_is_let_go_is_the_next_ones() {
        let cache = Cache::<u64>::new(64);
        let first = place(&cache, "k");
        std::thread::scope(|scope| {
            let waiting = scope.spawn(|| drop(place(&cache, "k")));
            drop(first);
            waiting.join().unwrap();
        });
    }

    #[test]
    fn no_reader_ever_sees_less_than_what_was_changed_before_it_asked() {
        let (cache, store) = (Cache::<u64>::new(64), AtomicU64::new(0));
        std::thread::scope(|scope| {
            scope.spawn(|| {
                for version in 1..=20_000 {
                    store.store(version, Ordering::SeqCst);
                    cache.forget("k");
                }
            });
            for _ in 0..3 {
                scope.spawn(|| {
                    let mut least = 0;
                    while least < 20_000 {
                        let found = match wait(cache.find("k")) {
                            Found::Value(value) => *value,
                            Found::Missing(place) => *place.fill(store.load(Ordering::SeqCst)),
                        };
                        // One version may be stored and not yet forgotten when the cache is asked.
                        assert!(found + 1 >= least, "{found} after {least}");
                        least = store.load(Ordering::SeqCst);
                    }
                });
            }
        });
        let Found::Value(last) = wait(cache.find("k")) else { return };
        assert_eq!(*last, 20_000);
    }

    const PLACES: usize = 10_000;
    const WARM: usize = 200_000;

    /// Percent of the keys asked for that were there, once as many were asked for before.
    fn hits(keys: impl Iterator<Item = u64>, there: impl Fn(u64) -> bool) -> f64 {
        let (mut hits, mut asked) = (0.0, 0.0);
        for (at, key) in keys.enumerate() {
            let hit = there(key);
            if at >= WARM {
                asked += 1.0;
                hits += if hit { 1.0 } else { 0.0 };
            }
        }
        100.0 * hits / asked
    }

    fn draws() -> impl Iterator<Item = u64> {
        let hasher = foldhash::quality::FixedState::with_seed(7);
        (0_u64..400_000).map(move |at| hasher.hash_one(at))
    }

    /// Uniform in `[0, 1)`.
    #[expect(clippy::cast_precision_loss, reason = "53 bits")]
    fn unit(draw: u64) -> f64 {
        (draw >> 11) as f64 / (1_u64 << 53) as f64
    }

    /// Compares with the crate alone, and with what it was seen to reach.
    fn holds_its_own<I: Iterator<Item = u64>>(expected: f64, keys: impl Fn() -> I) {
        let cache = Cache::new(PLACES);
        let ours = hits(keys(), |key| match wait(cache.find(&key.to_string())) {
            Found::Value(_) => true,
            Found::Missing(place) => {
                place.fill(());
                false
            }
        });
        let alone = Places::new(PLACES);
        let theirs = hits(keys(), |key| {
            alone.get(&key).is_some() || {
                alone.insert(key, ());
                false
            }
        });
        assert!((ours - theirs).abs() <= 3.0, "{ours:.1} % here, {theirs:.1} % of the crate alone");
        assert!((ours - expected).abs() <= 3.0, "{ours:.1} %");
    }

    #[test]
    fn a_few_keys_too_many_do_not_empty_the_cache() {
        holds_its_own(82.0, || draws().map(|draw| draw % 12_000));
    }

    #[test]
    fn a_working_set_that_moved_is_held_again() {
        let set = |from: u64| draws().map(move |draw| from + draw % 8_000);
        holds_its_own(100.0, || set(0).take(WARM / 2).chain(set(1_000_000)));
    }

    #[test]
    #[expect(clippy::cast_possible_truncation, clippy::cast_sign_loss, reason = "from 1 to a million")]
    fn what_is_asked_for_most_stays() {
        // Of a million keys, the n-th is asked for about 1/n as often as the first.
        holds_its_own(64.0, || draws().map(|draw| 1_000_000_f64.powf(unit(draw)) as u64));
    }
}
