//! Records that could not be read: told once, to whoever listens.

use std::collections::HashSet;
use std::sync::{Arc, Mutex, PoisonError};

use super::World;
use crate::port::Space;

/// How many are remembered, and so told, at most.
const MOST: usize = 1024;

type Listener = Arc<dyn Fn(Space, &str) + Send + Sync>;

/// The records that lists had to leave out.
#[derive(Default)]
pub(super) struct Unreadable {
    told: Mutex<HashSet<(Space, String)>>,
    listener: Mutex<Option<Listener>>,
}

impl Unreadable {
    pub(super) fn found(&self, space: Space, path: &str) {
        let mut told = self.told.lock().unwrap_or_else(PoisonError::into_inner);
        if told.len() < MOST && told.insert((space, path.to_owned())) {
            drop(told);
            let listener = self.listener.lock().unwrap_or_else(PoisonError::into_inner).clone();
            if let Some(listener) = listener {
                listener(space, path);
            }
        }
    }
}

impl World {
    /// Has a listener told, once for each, of records that cannot be read and that a list had to leave out. A later
    /// listener takes the place of the earlier one.
    pub fn on_unreadable(&self, listener: impl Fn(Space, &str) + Send + Sync + 'static) {
        *self.unreadable.listener.lock().unwrap_or_else(PoisonError::into_inner) = Some(Arc::new(listener));
    }
}
