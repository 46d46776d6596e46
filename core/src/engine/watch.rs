//! The watch: whether the clock is to be believed when it says that the time of something irreversible has come.
//!
//! A clock that jumps, by a fault, a dead battery or a wrong hand, must not delete what waits for its deletion. So the store
//! remembers when it was looked at last; where the clock has gone on otherwise than a clock does, what cannot be undone
//! waits until the clock has gone well for a day, or somebody vouches for it. To callers what is due is gone at its time
//! all the same, and there again once the clock is set right.
//!
//! # Invariants
//! - Doubt is kept with the store: a new start does not end it.

use jiff::SignedDuration;
use serde::{Deserialize, Serialize};

use super::Engine;
use super::world::{META, put};
use crate::error::Result;
use crate::port::{Expect, Time};

/// Where a store says when it was looked at.
const PATH: &str = "clock";
/// The longest step between two looks that is no jump: sweeps come once a minute, and a server is stopped for a while.
const LONGEST_STEP: SignedDuration = SignedDuration::from_mins(15);
/// How far clocks are set back when they are set right.
const LONGEST_STEP_BACK: SignedDuration = SignedDuration::from_mins(1);
/// How long a clock that jumped has to go well before it is believed.
const PROBATION: SignedDuration = SignedDuration::from_hours(24);
/// How old what the store remembers becomes before it is written anew.
const REMEMBERED: SignedDuration = SignedDuration::from_mins(5);

/// What a store remembers of the clock.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
struct Watched {
    /// When it was looked at last.
    seen: Time,
    /// From when on it is believed.
    believed_from: Time,
}

impl Watched {
    /// A clock that nobody has looked at yet, or that has jumped.
    fn doubted(now: Time) -> Self {
        Self { seen: now, believed_from: now.checked_add(PROBATION).unwrap_or(Time::MAX) }
    }

    /// The same clock, looked at again.
    fn at(self, now: Time) -> Self {
        let step = now.duration_since(self.seen);
        match (-LONGEST_STEP_BACK..=LONGEST_STEP).contains(&step) {
            true => Self { seen: now, ..self },
            false => Self::doubted(now),
        }
    }
}

impl Engine {
    /// Looks at the clock; says until when it is not believed, if it is not.
    pub(super) async fn doubt(&self, now: Time) -> Result<Option<Time>> {
        let before = self.world.read::<Watched>(META, PATH).await?;
        let after = before.as_ref().map_or(Watched::doubted(now), |before| before.value.at(now));
        let kept = before.as_ref().is_some_and(|before| {
            before.value.believed_from == after.believed_from
                && now.duration_since(before.value.seen).abs() < REMEMBERED
        });
        if !kept {
            let expect = before.map_or(Expect::Absent, |before| Expect::Rev(before.rev));
            self.world.commit(vec![put(META, PATH.to_owned(), expect, &after)?]).await?;
        }
        Ok((after.believed_from > now).then_some(after.believed_from))
    }

    /// Vouches for the clock as it is now: what is due by it is done.
    ///
    /// # Errors
    /// [`Kind::Internal`](crate::error::Kind::Internal) when the store fails.
    pub async fn trust_clock(&self) -> Result<()> {
        let now = self.world.ports.clock.now();
        let believed = Watched { seen: now, believed_from: now };
        self.world.commit(vec![put(META, PATH.to_owned(), Expect::Any, &believed)?]).await.map(drop)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn at(text: &str) -> Time {
        text.parse().unwrap()
    }

    #[test]
    fn a_clock_that_goes_on_as_clocks_do_is_believed_after_a_day() {
        let start = at("2026-01-01T00:00:00Z");
        let mut watched = Watched::doubted(start);
        let mut now = start;
        while watched.believed_from > now {
            now += LONGEST_STEP;
            watched = watched.at(now);
        }
        assert_eq!(now, at("2026-01-02T00:00:00Z"));
        assert_eq!(watched.at(now - LONGEST_STEP_BACK).believed_from, watched.believed_from);
    }

    #[test]
    fn a_clock_that_jumps_forwards_or_backwards_is_doubted_anew() {
        let now = at("2026-01-10T00:00:00Z");
        let believed = Watched { seen: now, believed_from: at("2026-01-02T00:00:00Z") };
        for jump in [SignedDuration::from_hours(40 * 24), LONGEST_STEP + SignedDuration::from_secs(1), -PROBATION] {
            let after = believed.at(now + jump);
            assert_eq!(after, Watched::doubted(now + jump));
            // Also once it is set right again.
            assert_eq!(after.at(now), Watched::doubted(now));
        }
    }
}
