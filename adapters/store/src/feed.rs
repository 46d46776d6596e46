//! The feed of changes: which records the latest commits touched.
//!
//! It is kept in memory. A store that belongs to one process has nobody else to tell, and whoever followed it before a
//! restart starts anew.

use std::collections::VecDeque;

use polykms_core::port::{Changed, Changes, Head, Space};

/// How many changes are remembered.
pub(crate) const KEPT: usize = 10_000;

/// The changes after a position.
pub(crate) struct Feed {
    /// Everything after this position is remembered.
    floor: Head,
    head: Head,
    changed: VecDeque<Changed>,
}

impl Feed {
    /// A feed that knows nothing of what happened up to `head`.
    pub(crate) fn new(head: Head) -> Self {
        Self { floor: head, head, changed: VecDeque::new() }
    }

    /// Remembers what a commit wrote and removed.
    pub(crate) fn record(&mut self, head: Head, touched: impl Iterator<Item = (Space, String)>) {
        self.head = head;
        self.changed.extend(touched.map(|(space, path)| Changed { head, space, path }));
        while self.changed.len() > KEPT {
            if let Some(forgotten) = self.changed.pop_front() {
                self.floor = forgotten.head; // of a commit that is forgotten in part, nothing counts as remembered
            }
        }
    }

    /// Forgets everything, for everything changed.
    pub(crate) fn cut(&mut self, head: Head) {
        *self = Self::new(head);
    }

    /// What changed after a position.
    pub(crate) fn since(&self, since: Head) -> Changes {
        let head = self.head;
        if since < self.floor || since > head {
            return Changes::TooOld { head };
        }
        let from = self.changed.partition_point(|changed| changed.head <= since);
        Changes::Known { head, changed: self.changed.range(from..).cloned().collect() }
    }
}
