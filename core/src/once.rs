//! A value that is made once, by whoever needs it first; whoever needs it meanwhile waits for that one.

use std::future::Future;
use std::sync::OnceLock;

use futures_util::lock::Mutex;

use crate::error::Result;

/// A place for a value whose making takes time and may fail; then the next one tries.
#[derive(Debug)]
pub(crate) struct Once<T> {
    value: OnceLock<T>,
    turn: Mutex<()>,
}

impl<T> Once<T> {
    pub(crate) fn new() -> Self {
        Self { value: OnceLock::new(), turn: Mutex::new(()) }
    }

    /// The value, if it was made.
    pub(crate) fn get(&self) -> Option<&T> {
        self.value.get()
    }

    /// The value; `make` runs only where there is none yet.
    ///
    /// # Errors
    /// That of `make`; nothing is kept then.
    pub(crate) async fn get_or_make(&self, make: impl Future<Output = Result<T>>) -> Result<&T> {
        let _turn = self.turn.lock().await;
        match self.value.get() {
            Some(value) => Ok(value),
            None => {
                let value = make.await?;
                Ok(self.value.get_or_init(|| value))
            }
        }
    }
}

#[cfg(test)]
#[allow(clippy::unwrap_used, clippy::panic, reason = "tests")]
mod tests {
    use std::cell::Cell;
    use std::pin::pin;
    use std::task::{Context, Poll, Waker};

    use super::*;
    use crate::error::Kind;

    /// Gives up its turn once.
    async fn pause() {
        let mut paused = false;
        std::future::poll_fn(|_| if std::mem::replace(&mut paused, true) { Poll::Ready(()) } else { Poll::Pending })
            .await;
    }

    fn ready<T>(poll: Poll<T>) -> T {
        let Poll::Ready(value) = poll else { panic!("it still waits") };
        value
    }

    #[test]
    fn two_that_need_it_at_once_make_it_once() {
        let (once, made) = (Once::new(), Cell::new(0));
        let make = || async {
            pause().await;
            made.set(made.get() + 1);
            Ok(made.get())
        };
        let mut context = Context::from_waker(Waker::noop());
        let (mut first, mut second) = (pin!(once.get_or_make(make())), pin!(once.get_or_make(make())));
        assert!(first.as_mut().poll(&mut context).is_pending());
        assert!(second.as_mut().poll(&mut context).is_pending());
        assert_eq!(*ready(first.as_mut().poll(&mut context)).unwrap(), 1);
        assert_eq!(*ready(second.as_mut().poll(&mut context)).unwrap(), 1);
        assert_eq!((once.get(), made.get()), (Some(&1), 1));
    }

    #[test]
    fn a_failure_is_not_kept_and_one_that_gives_up_lets_the_next_try() {
        let once = Once::<u8>::new();
        let mut context = Context::from_waker(Waker::noop());
        let failed = pin!(once.get_or_make(async { Err(Kind::Internal.into()) })).poll(&mut context);
        assert!(ready(failed).is_err());
        assert!(pin!(once.get_or_make(std::future::pending())).poll(&mut context).is_pending());
        assert_eq!(*ready(pin!(once.get_or_make(async { Ok(7) })).poll(&mut context)).unwrap(), 7);
    }
}
