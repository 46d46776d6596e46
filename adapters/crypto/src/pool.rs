//! A few threads for work that would hold up a reactor: to make an RSA key takes seconds.
//!
//! # Invariants
//! - However much is asked for, [`THREADS`] do it; [`QUEUE`] pieces wait in line, and who comes later waits to be let in.
//! - Work whose asker has gone is not begun; work that panics ends neither its thread nor anything else.

use std::panic::{AssertUnwindSafe, catch_unwind};
use std::sync::{Arc, Mutex, OnceLock, PoisonError};
use std::thread;

use polykms_core::error::{Error, Kind, Result};
use tokio::sync::{mpsc, oneshot};

/// How many pieces of work run at once.
const THREADS: usize = 2;
/// How many pieces may wait.
const QUEUE: usize = 64;

type Job = Box<dyn FnOnce() + Send>;

/// The way to the threads, which start with the first piece of work and end when this is dropped.
#[derive(Default)]
pub(crate) struct Pool(OnceLock<mpsc::Sender<Job>>);

impl Pool {
    /// Has `work` done, and waits for it without holding a thread.
    ///
    /// # Errors
    /// Those of `work`; [`Kind::Internal`] when it panicked.
    pub(crate) async fn run<T: Send + 'static>(&self, work: impl FnOnce() -> Result<T> + Send + 'static) -> Result<T> {
        let (tell, told) = oneshot::channel();
        let job = move || {
            if !tell.is_closed() {
                let _ = tell.send(work()); // an asker who has gone meanwhile is told nothing
            }
        };
        self.0.get_or_init(start).send(Box::new(job)).await.map_err(|_| stopped())?;
        told.await.map_err(|_| stopped())?
    }
}

fn start() -> mpsc::Sender<Job> {
    let (queue, jobs) = mpsc::channel(QUEUE);
    let jobs = Arc::new(Mutex::new(jobs));
    for _ in 0..THREADS {
        let jobs = Arc::clone(&jobs);
        // Without any thread the last receiver goes here, and every asker is told so.
        let _ = thread::Builder::new().name("polykms-crypto".to_owned()).spawn(move || work_off(&jobs));
    }
    queue
}

fn work_off(jobs: &Mutex<mpsc::Receiver<Job>>) {
    while let Some(job) = next(jobs) {
        let _ = catch_unwind(AssertUnwindSafe(job)); // its asker finds the channel closed
    }
}

/// The next piece of work; the lock is held while waiting for it and not while doing it.
fn next(jobs: &Mutex<mpsc::Receiver<Job>>) -> Option<Job> {
    jobs.lock().unwrap_or_else(PoisonError::into_inner).blocking_recv()
}

fn stopped() -> Error {
    Kind::Internal.because("the work of the crypto backend was not done")
}

#[cfg(test)]
#[allow(clippy::unwrap_used, clippy::expect_used, clippy::indexing_slicing, clippy::panic, reason = "tests")]
mod tests {
    use std::sync::atomic::{AtomicUsize, Ordering};
    use std::time::Duration;

    use tokio::task::{JoinSet, yield_now};

    use super::*;

    #[tokio::test]
    async fn no_more_runs_at_once_than_there_are_threads() {
        static RUNNING: AtomicUsize = AtomicUsize::new(0);
        static MOST: AtomicUsize = AtomicUsize::new(0);
        let (pool, mut askers) = (Arc::new(Pool::default()), JoinSet::new());
        for _ in 0..2 * QUEUE {
            let pool = Arc::clone(&pool);
            let work = || {
                MOST.fetch_max(RUNNING.fetch_add(1, Ordering::SeqCst) + 1, Ordering::SeqCst);
                thread::sleep(Duration::from_millis(1));
                RUNNING.fetch_sub(1, Ordering::SeqCst);
                Ok(())
            };
            askers.spawn(async move { pool.run(work).await });
        }
        askers.join_all().await.into_iter().for_each(Result::unwrap);
        assert!((1..=THREADS).contains(&MOST.load(Ordering::SeqCst)));
    }

    #[tokio::test]
    async fn work_that_panics_is_an_error_of_its_own() {
        let pool = Pool::default();
        for _ in 0..2 * THREADS {
            assert_eq!(pool.run::<()>(|| panic!("on purpose")).await.unwrap_err().kind(), Kind::Internal);
        }
        assert_eq!(pool.run(|| Ok(7)).await.unwrap(), 7);
    }

    #[tokio::test]
    async fn work_that_nobody_waits_for_any_more_is_not_begun() {
        static BEGUN: AtomicUsize = AtomicUsize::new(0);
        let (pool, mut held) = (Arc::new(Pool::default()), JoinSet::new());
        let (open, closed) = std::sync::mpsc::channel::<()>();
        let closed = Arc::new(Mutex::new(closed));
        for _ in 0..THREADS {
            let (pool, closed) = (Arc::clone(&pool), Arc::clone(&closed));
            let wait = move || closed.lock().unwrap().recv().or(Ok(()));
            held.spawn(async move { pool.run(wait).await });
        }
        yield_now().await;
        let late = tokio::spawn({
            let pool = Arc::clone(&pool);
            async move { pool.run(|| Ok(BEGUN.fetch_add(1, Ordering::SeqCst))).await }
        });
        yield_now().await;
        late.abort();
        assert!(late.await.unwrap_err().is_cancelled());
        drop(open);
        held.join_all().await;
        assert_eq!(pool.run(|| Ok(BEGUN.load(Ordering::SeqCst))).await.unwrap(), 0);
    }
}
