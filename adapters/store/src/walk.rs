//! Walks over many paths in steps, between which others go first.

use polykms_core::port::{Space, StoreError};
use tokio::task::yield_now;

/// How many paths are passed over at once: some hundred microseconds in SQLite, less in memory.
pub(crate) const STEP: usize = 1024;

/// Paths in order that can be passed over.
pub(crate) trait Walk {
    /// Passes over up to `most` paths that start with `prefix` and are greater than `after`; tells how many there were,
    /// and the last of them.
    fn pass(
        &self,
        space: Space,
        prefix: &str,
        after: Option<&str>,
        most: usize,
    ) -> Result<(usize, Option<String>), StoreError>;
}

/// Counts the paths that start with `prefix`.
pub(crate) async fn count(paths: &impl Walk, space: Space, prefix: &str) -> Result<usize, StoreError> {
    let (mut count, mut after) = (0, None);
    loop {
        yield_now().await;
        let (passed, last) = paths.pass(space, prefix, after.as_deref(), STEP)?;
        count += passed;
        if passed < STEP {
            return Ok(count);
        }
        after = last;
    }
}

/// Where one stands after passing over paths.
pub(crate) enum Passed {
    /// Behind this path, or at the start.
    Behind(Option<String>),
    /// At the end, for there were fewer.
    All,
}

/// Passes over `skip` paths.
pub(crate) async fn skip(
    paths: &impl Walk,
    space: Space,
    prefix: &str,
    after: Option<&str>,
    skip: usize,
) -> Result<Passed, StoreError> {
    let (mut left, mut after) = (skip, after.map(str::to_owned));
    while left > 0 {
        yield_now().await;
        let step = left.min(STEP);
        let (passed, last) = paths.pass(space, prefix, after.as_deref(), step)?;
        if passed < step {
            return Ok(Passed::All);
        }
        left -= step;
        after = last;
    }
    yield_now().await;
    Ok(Passed::Behind(after))
}
