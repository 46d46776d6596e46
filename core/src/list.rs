//! Lists: which part of one is wanted, and how it is gathered from the records.

use std::collections::BTreeSet;

use serde::de::DeserializeOwned;

use crate::engine::World;
use crate::error::Result;
use crate::name::{last, path};
use crate::port::Space;

/// Which part of a list is wanted.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Paging {
    /// So many, after an earlier list stopped.
    Marker {
        /// Where it stopped.
        marker: Option<String>,
        /// How many.
        limit: Limit,
    },
    /// A page by its number, counted from 1, and the size of pages.
    Number {
        /// The page.
        page: usize,
        /// The size.
        size: usize,
    },
}

/// How many items are wanted of a list.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Limit {
    /// How many were asked for.
    pub asked: usize,
    /// How many there are at most, whatever was asked.
    pub most: usize,
}

impl Limit {
    /// As many as are asked for, but no more than these.
    pub const fn new(asked: usize, most: usize) -> Self {
        Self { asked, most }
    }

    /// How many there are at most.
    pub fn size(self) -> usize {
        self.asked.min(self.most)
    }
}

impl Paging {
    /// All of a list that is short.
    pub const WHOLE: Self = Self::Marker { marker: None, limit: Limit::new(usize::MAX, usize::MAX) };
}

/// A part of a list.
#[derive(Debug)]
pub struct Listed<T> {
    /// What is on it.
    pub items: Vec<T>,
    /// Where to go on, if there is more.
    pub next: Option<String>,
    /// Which page it is, where pages are numbered.
    pub numbered: Option<Numbered>,
}

/// A page of a list, by its number.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Numbered {
    /// The page, counted from 1.
    pub page: usize,
    /// The size of pages.
    pub size: usize,
    /// How many items there are in all.
    pub total: usize,
}

impl Paging {
    /// The page of a list of so many items that it asks for, where pages are numbered.
    pub(crate) fn numbered(&self, total: usize) -> Option<Numbered> {
        match *self {
            Self::Marker { .. } => None,
            Self::Number { page, size } => Some(Numbered { page, size, total }),
        }
    }
}

impl<T> Listed<T> {
    /// The same part, of something made from each item.
    pub fn map<U>(self, make: impl FnMut(T) -> U) -> Listed<U> {
        let Self { items, next, numbered } = self;
        Listed { items: items.into_iter().map(make).collect(), next, numbered }
    }
}

/// How many records are read and decoded at once; others go first before the next ones.
const BATCH: usize = 128;

/// Gathers one part of a list of the records below a prefix that meet a condition.
///
/// # Errors
/// [`Kind::InvalidMarker`](crate::error::Kind::InvalidMarker) for a marker of another list;
/// [`Kind::Internal`](crate::error::Kind::Internal) when the store fails or a record cannot be read.
pub(crate) async fn page<T: DeserializeOwned>(
    world: &World,
    space: Space,
    prefix: &str,
    paging: &Paging,
    wanted: impl Fn(&T) -> bool,
) -> Result<Listed<T>> {
    match paging {
        Paging::Marker { marker, limit } => {
            after_marker(world, space, prefix, marker.as_deref(), limit.size(), |_, item| wanted(item)).await
        }
        Paging::Number { page, size } => {
            let meeting = all(world, space, prefix, wanted).await?;
            let total = meeting.len();
            let items = meeting.into_iter().skip(before(*page, *size)).take(*size).collect();
            Ok(Listed { items, next: None, numbered: paging.numbered(total) })
        }
    }
}

/// Gathers one part of a list of all records below a prefix, but for some paths. Only what is on the part is decoded.
///
/// # Errors
/// As [`page`].
pub(crate) async fn page_of_all<T: DeserializeOwned>(
    world: &World,
    space: Space,
    prefix: &str,
    paging: &Paging,
    without: &BTreeSet<String>,
) -> Result<Listed<T>> {
    match paging {
        Paging::Marker { marker, limit } => {
            after_marker(world, space, prefix, marker.as_deref(), limit.size(), |path, _| !without.contains(path)).await
        }
        Paging::Number { page, size } => {
            let total = world.ports.store.count(space, prefix).await?.saturating_sub(without.len());
            let paths = match before(*page, *size) {
                skip if skip < total => numbered(world, space, prefix, skip, *size, without).await?,
                _ => Vec::new(),
            };
            Ok(Listed { items: world.read_many(space, &paths).await?, next: None, numbered: paging.numbered(total) })
        }
    }
}

/// Picks one part of a list of names that are at hand; `list` is what its markers are bound to.
///
/// # Errors
/// As [`page`].
pub(crate) fn page_of_names(
    world: &World,
    list: &str,
    names: &BTreeSet<String>,
    paging: &Paging,
) -> Result<Listed<String>> {
    let total = names.len();
    match paging {
        Paging::Number { page, size } => {
            let items = names.iter().skip(before(*page, *size)).take(*size).cloned().collect();
            Ok(Listed { items, next: None, numbered: paging.numbered(total) })
        }
        Paging::Marker { marker, limit } => {
            let last = marker.as_deref().map(|marker| world.open_marker(list, marker)).transpose()?;
            let mut rest = names.iter().filter(|name| last.as_ref().is_none_or(|last| *name > last));
            let items: Vec<_> = rest.by_ref().take(limit.size()).cloned().collect();
            let next = match (rest.next(), items.last()) {
                (Some(_), Some(last)) => Some(world.marker(list, last)?),
                _ => None,
            };
            Ok(Listed { items, next, numbered: None })
        }
    }
}

/// What the markers into the records below a prefix are bound to.
pub(crate) fn name(space: Space, prefix: &str) -> String {
    path(&["list", space.as_str(), prefix])
}

/// All records below a prefix that meet a condition.
///
/// # Errors
/// As [`page`].
pub(crate) async fn all<T: DeserializeOwned>(
    world: &World,
    space: Space,
    prefix: &str,
    wanted: impl Fn(&T) -> bool,
) -> Result<Vec<T>> {
    let (mut meeting, mut after) = (Vec::new(), None::<String>);
    loop {
        let batch = world.scan::<T>(space, prefix, after.as_deref(), BATCH).await?;
        let Some((last, _)) = batch.last() else { return Ok(meeting) };
        after = Some(last.clone());
        meeting.extend(batch.into_iter().filter_map(|(_, item)| item).filter(&wanted));
    }
}

/// How many are before a page, counted from 1.
fn before(page: usize, size: usize) -> usize {
    page.saturating_sub(1).saturating_mul(size)
}

async fn after_marker<T: DeserializeOwned>(
    world: &World,
    space: Space,
    prefix: &str,
    marker: Option<&str>,
    limit: usize,
    wanted: impl Fn(&str, &T) -> bool,
) -> Result<Listed<T>> {
    let list = name(space, prefix);
    let stopped = marker.map(|marker| world.open_marker(&list, marker)).transpose()?;
    let mut after = stopped.map(|stopped| format!("{prefix}{stopped}"));
    let mut listed = Listed { items: Vec::new(), next: None, numbered: None };
    let (mut last_listed, mut choosy) = (String::new(), false);
    loop {
        // One more than wanted tells whether there is more; where some are left out, nobody knows how many it takes.
        let missing = limit.saturating_sub(listed.items.len()).saturating_add(1);
        let size = if choosy { BATCH } else { missing.min(BATCH) };
        let batch = world.scan::<T>(space, prefix, after.as_deref(), size).await?;
        let more = batch.len() == size;
        for (path, item) in batch {
            match item.filter(|item| wanted(&path, item)) {
                None => choosy = true,
                Some(item) if listed.items.len() < limit => {
                    listed.items.push(item);
                    last_listed.clone_from(&path);
                }
                Some(_) => {
                    listed.next = Some(world.marker(&list, last(&last_listed))?);
                    return Ok(listed);
                }
            }
            after = Some(path);
        }
        if !more {
            return Ok(listed);
        }
    }
}

/// The paths of a page: behind the first `skip`, those that are left out not counted.
async fn numbered(
    world: &World,
    space: Space,
    prefix: &str,
    skip: usize,
    size: usize,
    without: &BTreeSet<String>,
) -> Result<Vec<String>> {
    let mut passed_over = skip;
    loop {
        let most = size.saturating_add(without.len());
        let paths = world.ports.store.paths(space, prefix, None, passed_over, most).await?;
        let not_counted = paths.first().map_or(0, |first| without.range(..first.clone()).count());
        if paths.is_empty() || passed_over == skip.saturating_add(not_counted) {
            return Ok(paths.into_iter().filter(|path| !without.contains(path)).take(size).collect());
        }
        passed_over = skip.saturating_add(not_counted);
    }
}

/// Cuts one part out of a short list that was read as a whole; `key` tells its items apart.
///
/// # Errors
/// [`Kind::InvalidMarker`](crate::error::Kind::InvalidMarker) for a marker that was not made for this list.
pub(crate) fn cut<T>(
    world: &World,
    list: &str,
    items: Vec<T>,
    paging: &Paging,
    key: impl Fn(&T) -> &str,
) -> Result<Listed<T>> {
    let (from, limit) = match paging {
        Paging::Marker { marker: None, limit } => (0, limit.size()),
        Paging::Marker { marker: Some(marker), limit } => {
            (after(&world.open_marker(list, marker)?, items.iter().map(&key)), limit.size())
        }
        Paging::Number { page, size } => (page.saturating_sub(1).saturating_mul(*size), *size),
    };
    let total = items.len();
    let part: Vec<T> = items.into_iter().skip(from).take(limit).collect();
    let to = from.saturating_add(part.len());
    let next = part.last().filter(|_| to < total).map(|last| world.marker(list, &format!("{to}:{}", key(last))));
    Ok(Listed { next: next.transpose()?, items: part, numbered: paging.numbered(total) })
}

/// Where a list goes on after `<place>:<key>` of the last item told, also when items came or went meanwhile.
fn after<'a>(last: &str, mut keys: impl ExactSizeIterator<Item = &'a str> + Clone) -> usize {
    let (place, last) = last.split_once(':').unwrap_or_default();
    let (place, count) = (place.parse::<usize>().unwrap_or_default(), keys.len());
    let stayed = place.checked_sub(1).and_then(|at| keys.clone().nth(at)) == Some(last);
    if stayed {
        return place;
    }
    keys.position(|key| key == last).map_or(place.saturating_sub(1).min(count), |at| at + 1)
}

#[cfg(test)]
#[allow(clippy::unwrap_used, clippy::expect_used, clippy::indexing_slicing, clippy::panic, reason = "tests")]
mod tests {
    use super::*;

    #[test]
    fn a_part_begins_after_the_last_one_even_when_items_came_or_went() {
        let after = |keys: &[&str]| after("2:c", keys.iter().copied());
        assert_eq!(after(&["b", "c", "d"]), 2);
        assert_eq!(after(&["a", "b", "c", "d"]), 3);
        assert_eq!(after(&["c", "d"]), 1);
        assert_eq!((after(&["a", "b", "d"]), after(&[])), (1, 0));
    }
}
