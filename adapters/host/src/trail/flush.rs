//! Looks after a growing file: what was handed to the operating system survives this process, not the machine.
//!
//! A thread of its own does what is to be done once [`AT_ONCE`] bytes wait, and no later than [`SOON`] after the first of
//! them.
//!
//! # Invariants
//! - A sync that failed is the last: the system may have dropped what was to be synced, and would report the next one as a
//!   success.
//! - What is counted was written before, so that no sync misses it.

use std::io;
use std::sync::{Arc, Condvar, Mutex, MutexGuard, PoisonError};
use std::thread::JoinHandle;
use std::time::Duration;

/// How many bytes may wait.
const AT_ONCE: usize = 16 * 1024 * 1024;
/// How long they may wait.
const SOON: Duration = Duration::from_secs(1);

/// The thread that syncs, until this is dropped; then it syncs a last time.
#[derive(Debug)]
pub(crate) struct Flusher {
    shared: Arc<Shared>,
    thread: Option<JoinHandle<()>>,
}

#[derive(Debug, Default)]
struct Shared {
    state: Mutex<State>,
    changed: Condvar,
}

#[derive(Debug, Default)]
struct State {
    waiting: usize,
    ended: bool,
}

impl Flusher {
    /// Starts the thread.
    ///
    /// # Errors
    /// When the system gives no thread.
    pub(crate) fn start(sync: impl FnMut() -> io::Result<bool> + Send + 'static) -> io::Result<Self> {
        Self::paced(sync, SOON)
    }

    fn paced(sync: impl FnMut() -> io::Result<bool> + Send + 'static, soon: Duration) -> io::Result<Self> {
        let shared = Arc::<Shared>::default();
        let theirs = Arc::clone(&shared);
        let thread = std::thread::Builder::new().name("polykms-trail".into()).spawn(move || theirs.run(sync, soon))?;
        Ok(Self { shared, thread: Some(thread) })
    }

    /// Counts what was written.
    pub(crate) fn count(&self, bytes: usize) {
        let mut state = self.shared.lock();
        let before = state.waiting;
        state.waiting = before.saturating_add(bytes);
        if before == 0 || (before < AT_ONCE && state.waiting >= AT_ONCE) {
            self.shared.changed.notify_one();
        }
    }
}

impl Drop for Flusher {
    fn drop(&mut self) {
        self.shared.lock().ended = true;
        self.shared.changed.notify_one();
        let _ = self.thread.take().map(JoinHandle::join);
    }
}

impl Shared {
    fn lock(&self) -> MutexGuard<'_, State> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn run(&self, mut sync: impl FnMut() -> io::Result<bool>, soon: Duration) {
        loop {
            let idle = |state: &mut State| state.waiting == 0 && !state.ended;
            let state = self.changed.wait_while(self.lock(), idle).unwrap_or_else(PoisonError::into_inner);
            let few = |state: &mut State| state.waiting < AT_ONCE && !state.ended;
            let waited = self.changed.wait_timeout_while(state, soon, few);
            let (mut state, _) = waited.unwrap_or_else(PoisonError::into_inner);
            let ended = state.ended;
            state.waiting = 0;
            drop(state);
            match sync() {
                Err(_) => return,
                Ok(_) if ended => return,
                Ok(again) => self.lock().waiting += usize::from(again),
            }
        }
    }
}

#[cfg(test)]
#[allow(clippy::unwrap_used, clippy::expect_used, clippy::indexing_slicing, clippy::panic, reason = "tests")]
mod tests {
    use std::sync::mpsc::{Receiver, RecvTimeoutError, channel};

    use super::*;

    const NEVER: Duration = Duration::from_secs(3600);
    const PATIENCE: Duration = Duration::from_secs(30);
    const A_WHILE: Duration = Duration::from_millis(50);

    /// A flusher whose every sync is told, and fails as it is told to.
    fn flusher(soon: Duration, outcomes: Vec<bool>) -> (Flusher, Receiver<()>) {
        let (tell, told) = channel();
        let mut outcomes = outcomes.into_iter();
        let sync = move || {
            let outcome = outcomes.next().unwrap_or(true).then_some(false).ok_or(io::ErrorKind::StorageFull.into());
            tell.send(()).unwrap();
            outcome
        };
        (Flusher::paced(sync, soon).unwrap(), told)
    }

    #[test]
    fn what_waits_is_synced_soon() {
        let (flusher, told) = flusher(A_WHILE, vec![]);
        for _ in 0..3 {
            flusher.count(1);
            told.recv_timeout(PATIENCE).unwrap();
        }
    }

    #[test]
    fn much_is_synced_at_once_and_little_waits() {
        let (flusher, told) = flusher(NEVER, vec![]);
        flusher.count(AT_ONCE - 1);
        assert_eq!(told.recv_timeout(A_WHILE), Err(RecvTimeoutError::Timeout));
        flusher.count(1);
        told.recv_timeout(PATIENCE).unwrap();
    }

    #[test]
    fn where_nothing_is_written_nothing_is_synced() {
        let (_flusher, told) = flusher(Duration::ZERO, vec![]);
        assert_eq!(told.recv_timeout(A_WHILE), Err(RecvTimeoutError::Timeout));
    }

    #[test]
    fn the_rest_is_synced_at_the_end() {
        let (flusher, told) = flusher(NEVER, vec![]);
        flusher.count(1);
        drop(flusher);
        told.try_recv().unwrap();
    }

    #[test]
    fn a_failed_sync_is_the_last() {
        let (flusher, told) = flusher(Duration::ZERO, vec![true, false]);
        flusher.count(1);
        told.recv_timeout(PATIENCE).unwrap();
        flusher.count(1);
        told.recv_timeout(PATIENCE).unwrap();
        // The thread ends, and with it the sender.
        assert_eq!(told.recv_timeout(PATIENCE), Err(RecvTimeoutError::Disconnected));
    }
}
