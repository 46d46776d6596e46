//! Identifiers of requests and their events: version-4 UUIDs (RFC 9562) whose random bytes are drawn many at a time.
//!
//! Nothing secret is made of what was drawn in advance: of a machine that is copied while it runs, both copies go on with
//! the same few identifiers.

use std::cell::RefCell;
use std::sync::atomic::{AtomicU64, Ordering};

use crate::error::Result;
use crate::port::Random;

/// The random bytes of one identifier.
const BYTES: usize = 16;
/// The characters of an identifier.
pub(super) type Text = [u8; uuid::fmt::Hyphenated::LENGTH];
/// Where an identifier is written.
pub(super) const ROOM: Text = [0; uuid::fmt::Hyphenated::LENGTH];
/// How many identifiers one draw is for.
const AT_ONCE: usize = 32;

/// A source of identifiers.
pub(super) struct Ids {
    /// Which source it is, in this process.
    number: u64,
}

/// What a thread has left of its last draw.
struct Drawn {
    source: u64,
    bytes: [u8; BYTES * AT_ONCE],
    left: usize,
}

thread_local! {
    static DRAWN: RefCell<Drawn> = const { RefCell::new(Drawn { source: 0, bytes: [0; BYTES * AT_ONCE], left: 0 }) };
}

impl Ids {
    pub(super) fn new() -> Self {
        static SOURCES: AtomicU64 = AtomicU64::new(1);
        Self { number: SOURCES.fetch_add(1, Ordering::Relaxed) }
    }

    /// A fresh identifier, lower case, written into `room`.
    ///
    /// # Errors
    /// [`Kind::Internal`](crate::error::Kind::Internal) when the generator fails.
    pub(super) fn next<'t>(&self, random: &dyn Random, room: &'t mut Text) -> Result<&'t str> {
        DRAWN.with_borrow_mut(|drawn| {
            if drawn.source != self.number || drawn.left == 0 {
                drawn.left = 0;
                random.fill(&mut drawn.bytes)?;
                (drawn.source, drawn.left) = (self.number, AT_ONCE);
            }
            drawn.left -= 1;
            let (all, _) = drawn.bytes.as_chunks();
            Ok(write(all.get(drawn.left).copied().unwrap_or_default(), room))
        })
    }
}

/// A version-4 UUID of these random bytes, lower case.
pub(super) fn uuid(bytes: [u8; BYTES]) -> String {
    write(bytes, &mut ROOM.clone()).to_owned()
}

fn write(bytes: [u8; BYTES], room: &mut Text) -> &str {
    uuid::Builder::from_random_bytes(bytes).into_uuid().hyphenated().encode_lower(room)
}

#[cfg(test)]
#[allow(clippy::unwrap_used, clippy::expect_used, clippy::indexing_slicing, clippy::panic, reason = "tests")]
mod tests {
    use std::collections::HashSet;
    use std::sync::Mutex;

    use super::*;
    use crate::error::Kind;

    /// Counts upwards, a number of eight bytes after the other, up to its end.
    struct Counting(Mutex<u64>, u64);

    impl Random for Counting {
        fn fill(&self, out: &mut [u8]) -> Result<()> {
            let mut count = self.0.lock().unwrap();
            for chunk in out.chunks_mut(8) {
                *count += 1;
                if *count > self.1 {
                    return Err(Kind::Internal.because("the end"));
                }
                chunk.copy_from_slice(&count.to_be_bytes()[..chunk.len()]);
            }
            Ok(())
        }
    }

    fn next(ids: &Ids, random: &Counting) -> Result<String> {
        ids.next(random, &mut ROOM.clone()).map(str::to_owned)
    }

    #[test]
    fn no_identifier_comes_twice_from_sources_that_take_turns() {
        let random = Counting(Mutex::new(0), u64::MAX);
        let (one, other) = (Ids::new(), Ids::new());
        let mut seen = HashSet::new();
        for round in 0..200 {
            assert!(seen.insert(next(&one, &random).unwrap()));
            if round % 3 == 0 {
                assert!(seen.insert(next(&other, &random).unwrap()));
            }
        }
        std::thread::scope(|scope| {
            let theirs = scope.spawn(|| (0..100).map(|_| next(&one, &random).unwrap()).collect::<Vec<_>>());
            theirs.join().unwrap().into_iter().for_each(|id| assert!(seen.insert(id)));
        });
    }

    #[test]
    fn a_failed_draw_gives_nothing_and_is_made_again() {
        let ids = Ids::new();
        let broken = Counting(Mutex::new(0), 3);
        assert!(next(&ids, &broken).is_err());
        assert!(next(&ids, &broken).is_err(), "half a draw must not be used");
        let id = next(&ids, &Counting(Mutex::new(0), u64::MAX)).unwrap();
        assert_eq!(uuid::Uuid::parse_str(&id).unwrap().get_version_num(), 4);
    }
}
