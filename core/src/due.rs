//! What is due: recorded with what schedules it, taken back with what calls it off, done when its time has come.
//!
//! # Invariants
//! - The record of what is due is written and removed in the commit that changes when it is due.
//! - Doing what is due either only tidies up, and whether its time has come is asked wherever a thing is used; or it makes
//!   something new, and nobody is told of that before it is there.

use std::collections::BTreeSet;

use async_trait::async_trait;

use crate::engine::World;
use crate::error::Result;
use crate::name::{first, moment, path};
use crate::port::store::SEPARATOR;
use crate::port::{Change, Expect, Space, Time};

/// A kind of thing that comes due.
#[async_trait]
pub(crate) trait Due: Send + Sync {
    /// The name it is recorded under; it never changes.
    fn kind(&self) -> &'static str;

    /// The changes that do what is due about the record at the path `subject`, and expect that it still is; none when it
    /// is not any more.
    ///
    /// # Errors
    /// [`Kind::Internal`](crate::error::Kind::Internal) when the store fails or the record cannot be read.
    async fn changes(&self, world: &World, subject: &str, now: Time) -> Result<Vec<Change>>;
}

/// The changes that go with every change of the time at which something is due; absent is never.
pub(crate) fn moved(kind: &str, subject: &str, before: Option<Time>, after: Option<Time>) -> Vec<Change> {
    if before == after {
        return Vec::new();
    }
    let space = Space::Due;
    let at = |time| path(&[&moment(time), kind, subject]);
    let gone = before.map(|time| Change::Delete { space, path: at(time), expect: Expect::Any });
    let made = after.map(|time| Change::Put { space, path: at(time), expect: Expect::Any, body: Vec::new() });
    gone.into_iter().chain(made).collect()
}

/// The record of something that is due.
pub(crate) struct Entry {
    /// Where it is recorded.
    pub(crate) path: String,
    /// The kind of thing.
    pub(crate) kind: String,
    /// The path of the record it is about.
    pub(crate) subject: String,
}

impl Entry {
    fn parse(path: String) -> Option<Self> {
        let mut segments = path.splitn(3, SEPARATOR).skip(1).map(str::to_owned);
        let (kind, subject) = (segments.next()?, segments.next()?);
        Some(Self { path, kind, subject })
    }
}

/// How many entries are read at once.
const BATCH: usize = 256;

/// Some of what is due by `now`, in the order of time, after an earlier entry; nothing when that was the last one.
pub(crate) async fn by(world: &World, now: Time, after: Option<&str>) -> Result<Vec<Entry>> {
    let paths = world.ports.store.paths(Space::Due, "", after, 0, BATCH).await?;
    let now = moment(now);
    let come = |path: &String| *first(path) <= *now;
    Ok(paths.into_iter().take_while(come).filter_map(Entry::parse).collect())
}

/// The paths below `prefix` that something of this kind is due about by `now`.
pub(crate) async fn subjects(world: &World, kind: &str, prefix: &str, now: Time) -> Result<BTreeSet<String>> {
    let (mut subjects, mut after) = (BTreeSet::new(), None::<String>);
    loop {
        let entries = by(world, now, after.as_deref()).await?;
        let Some(last) = entries.last() else { return Ok(subjects) };
        after = Some(last.path.clone());
        let meant = entries.into_iter().filter(|entry| entry.kind == kind && entry.subject.starts_with(prefix));
        subjects.extend(meant.map(|entry| entry.subject));
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_time_that_moves_takes_its_record_along() {
        let at = |text: &str| Some(text.parse::<Time>().unwrap());
        let [early, late] = ["2026-01-02T03:04:05Z", "2026-01-02T03:04:05.5Z"].map(at);
        let told = |before, after| format!("{:?}", moved("key", "aws\u{1f}1", before, after));
        assert_eq!(told(None, None), "[]");
        assert_eq!(told(early, early), "[]");
        let (gone, made) = (told(early, None), told(None, late));
        assert!(gone.contains("Delete(due/\"2026-01-02T03:04:05.000000000Z\\u{1f}key\\u{1f}aws\\u{1f}1\""), "{gone}");
        assert!(made.contains("Put(due/\"2026-01-02T03:04:05.500000000Z\\u{1f}key\\u{1f}aws\\u{1f}1\""), "{made}");
        assert_eq!(
            told(early, late),
            format!("[{}, {}]", gone.trim_matches(['[', ']']), made.trim_matches(['[', ']']))
        );
    }
}
