//! Memory of requests that nobody has vouched for yet: one bound for the whole server, and one for each address they come from.
//!
//! What every open connection has anyway, a buffer of [`FREE`] bytes, is not counted: it is bounded with the connections.
//!
//! # Invariants
//! - Memory is counted before it is taken, and given back when what it was taken for is dropped.

use std::collections::HashMap;
use std::net::IpAddr;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use crate::refusal::Refusal;

/// How much of a head is not counted: what a connection's buffer has room for from the start.
pub(crate) const FREE: usize = 8 * 1024;

/// What is held, by whom.
#[derive(Debug)]
pub(crate) struct Pending {
    most: usize,
    most_of_one: usize,
    held: Mutex<Held>,
}

#[derive(Debug, Default)]
struct Held {
    whole: usize,
    of: HashMap<IpAddr, usize>,
}

impl Pending {
    pub(crate) fn new(most: usize, most_of_one: usize) -> Arc<Self> {
        Arc::new(Self { most, most_of_one, held: Mutex::default() })
    }

    /// Nothing yet, for somebody.
    pub(crate) fn share(self: &Arc<Self>, peer: IpAddr) -> Share {
        Share { pending: Arc::clone(self), peer, bytes: 0 }
    }

    // No code can panic between the first and the last change.
    fn held(&self) -> MutexGuard<'_, Held> {
        self.held.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn take(&self, peer: IpAddr, bytes: usize) -> Result<(), Refusal> {
        let mut held = self.held();
        let whole = held.whole.saturating_add(bytes);
        let own = held.of.get(&peer).copied().unwrap_or_default().saturating_add(bytes);
        if own > self.most_of_one {
            return Err(Refusal::Greedy);
        }
        if whole > self.most {
            return Err(Refusal::Full);
        }
        held.whole = whole;
        held.of.insert(peer, own);
        Ok(())
    }

    fn give_back(&self, peer: IpAddr, bytes: usize) {
        let mut held = self.held();
        held.whole = held.whole.saturating_sub(bytes);
        if let Some(own) = held.of.get_mut(&peer) {
            *own = own.saturating_sub(bytes);
            if *own == 0 {
                held.of.remove(&peer);
            }
        }
    }
}

/// What one request, or one head, holds; given back when dropped.
#[derive(Debug)]
pub(crate) struct Share {
    pending: Arc<Pending>,
    peer: IpAddr,
    bytes: usize,
}

impl Share {
    /// Holds so many bytes from now on; more than before only if there is room.
    ///
    /// # Errors
    /// [`Refusal::Greedy`] where this address holds too much, [`Refusal::Full`] where all together do.
    pub(crate) fn hold(&mut self, bytes: usize) -> Result<(), Refusal> {
        match bytes.checked_sub(self.bytes) {
            Some(0) => {}
            Some(more) => self.pending.take(self.peer, more)?,
            None => self.pending.give_back(self.peer, self.bytes - bytes),
        }
        self.bytes = bytes;
        Ok(())
    }
}

impl Drop for Share {
    fn drop(&mut self) {
        if self.bytes > 0 {
            self.pending.give_back(self.peer, self.bytes);
        }
    }
}

#[cfg(test)]
#[allow(clippy::unwrap_used, reason = "tests")]
mod tests {
    use super::*;

    #[test]
    fn an_address_and_all_together_hold_no_more_than_they_may() {
        let pending = Pending::new(100, 60);
        let [one, two, three] = [1, 2, 3].map(|last| IpAddr::from([127, 0, 0, last]));
        let (mut first, mut other) = (pending.share(one), pending.share(one));
        first.hold(50).unwrap();
        assert_eq!(other.hold(11), Err(Refusal::Greedy));
        other.hold(10).unwrap();
        let mut second = pending.share(two);
        second.hold(40).unwrap();
        let mut third = pending.share(three);
        assert_eq!(third.hold(1), Err(Refusal::Full));
        first.hold(20).unwrap();
        third.hold(30).unwrap();
        drop((first, other, second, third));
        let held = pending.held();
        assert!(held.whole == 0 && held.of.is_empty());
    }
}
