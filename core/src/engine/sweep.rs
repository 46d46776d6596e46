//! The sweep: does what is due.

use super::Engine;
use crate::due::{self, Entry};
use crate::error::{Kind, Result};
use crate::port::{Change, Expect, Space, Time};

/// What a sweep did.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Swept {
    /// How much of what was due was done.
    pub done: usize,
    /// What is due and was left alone, because the clock is not to be believed.
    pub waiting: Option<Waiting>,
}

/// What is due by a clock that jumped.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Waiting {
    /// How much there is, some hundreds at the most.
    pub due: usize,
    /// Until when it is left alone, if the clock goes well.
    pub until: Time,
}

impl Engine {
    /// Does what is due by now, such as removing what waited for its deletion, and says how much of it was done. It cannot
    /// be undone, so nothing is while the clock is not to be believed.
    ///
    /// # Errors
    /// [`Kind::Internal`] when the store fails, or when something that is due cannot be read; the rest is done.
    pub async fn sweep(&self) -> Result<Swept> {
        let now = self.world.ports.clock.now();
        self.tidy(now).await?;
        match self.doubt(now).await? {
            None => Ok(Swept { done: self.fulfil_all(now).await?, waiting: None }),
            Some(until) => {
                let due = due::by(&self.world, now, None).await?.len();
                Ok(Swept { done: 0, waiting: (due > 0).then_some(Waiting { due, until }) })
            }
        }
    }

    async fn fulfil_all(&self, now: Time) -> Result<usize> {
        let (mut after, mut done, mut failure) = (None::<String>, 0, None);
        loop {
            let entries = due::by(&self.world, now, after.as_deref()).await?;
            let Some(last) = entries.last() else { return failure.map_or(Ok(done), Err) };
            after = Some(last.path.clone());
            for entry in &entries {
                match self.fulfil(entry, now).await {
                    Ok(fulfilled) => done += usize::from(fulfilled),
                    Err(error) if error.kind() == Kind::Conflict => {} // somebody else was faster
                    Err(error) => failure = failure.or(Some(error)),
                }
            }
        }
    }

    /// Does what is due, unless it is not any more; either way its record goes.
    async fn fulfil(&self, entry: &Entry, now: Time) -> Result<bool> {
        let Some(due) = crate::DUE.iter().find(|due| due.kind() == entry.kind) else { return Ok(false) };
        let mut changes = due.changes(&self.world, &entry.subject, now).await?;
        let fulfilled = !changes.is_empty();
        changes.push(Change::Delete { space: Space::Due, path: entry.path.clone(), expect: Expect::Any });
        self.world.commit(changes).await?;
        Ok(fulfilled)
    }
}
