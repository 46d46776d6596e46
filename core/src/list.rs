//! Lists: which part of one is wanted, and how it is gathered from the records.

use std::collections::BTreeSet;

use serde::de::DeserializeOwned;

use crate::engine::World;
use crate::error::Result;
use crate::name::path;
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
    gathered(world, space, prefix, paging, |_, item| wanted(item)).await
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
        Paging::Marker { .. } => gathered(world, space, prefix, paging, |path, _| !without.contains(path)).await,
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

async fn gathered<T: DeserializeOwned>(
    world: &World,
    space: Space,
    prefix: &str,
    paging: &Paging,
    wanted: impl Fn(&str, &T) -> bool,
) -> Result<Listed<T>> {
    let mut part = Gathering::new(world, space, prefix, paging)?;
    while let Some(batch) = part.batch::<T>().await? {
        for (path, item) in batch {
            let item = wanted(&path, &item).then_some(item);
            part.take(&path, item);
        }
    }
    part.finish()
}

/// One part of a list of what is made of the records below a prefix, while it is gathered.
pub(crate) struct Gathering<'a, T> {
    world: &'a World,
    space: Space,
    prefix: &'a str,
    paging: &'a Paging,
    /// The path of the record that was read last.
    after: Option<String>,
    /// Whether there is nothing more to read.
    ended: bool,
    /// Whether some records are left out: then nobody knows how many it takes.
    choosy: bool,
    items: Vec<T>,
    /// What the path of the last item has behind the prefix.
    last: String,
    /// Whether there are items that have no room.
    more: bool,
}

impl<'a, T> Gathering<'a, T> {
    /// A part of which nothing was read yet.
    ///
    /// # Errors
    /// As [`page`].
    pub(crate) fn new(world: &'a World, space: Space, prefix: &'a str, paging: &'a Paging) -> Result<Self> {
        let after = match paging {
            Paging::Marker { marker: Some(marker), .. } => {
                Some(format!("{prefix}{}", world.open_marker(&name(space, prefix), marker)?))
            }
            _ => None,
        };
        let (items, last) = (Vec::new(), String::new());
        Ok(Self { world, space, prefix, paging, after, ended: false, choosy: false, items, last, more: false })
    }

    /// The path behind which the part begins, before anything of it was read.
    pub(crate) fn begins_behind(&self) -> Option<&str> {
        self.after.as_deref()
    }

    /// How many items have room; of numbered pages the ones before are gathered too.
    fn limit(&self) -> usize {
        match self.paging {
            Paging::Marker { limit, .. } => limit.size(),
            Paging::Number { .. } => usize::MAX,
        }
    }

    /// The next records that can be read, with their paths; nothing, once there are enough items or no more records.
    ///
    /// # Errors
    /// As [`page`].
    pub(crate) async fn batch<R: DeserializeOwned>(&mut self) -> Result<Option<Vec<(String, R)>>> {
        if self.more || self.ended {
            return Ok(None);
        }
        // One more than wanted tells whether there is more.
        let missing = self.limit().saturating_sub(self.items.len()).saturating_add(1);
        let size = if self.choosy { BATCH } else { missing.min(BATCH) };
        let batch = self.world.scan::<R>(self.space, self.prefix, self.after.as_deref(), size).await?;
        self.ended = batch.len() < size;
        self.after = batch.last().map(|(path, _)| path.clone());
        let readable: Vec<_> =
            batch.into_iter().filter_map(|(path, record)| record.map(|record| (path, record))).collect();
        self.choosy |= readable.len() < size;
        Ok(Some(readable))
    }

    /// Takes the item that a record makes; nothing, where it is left out.
    pub(crate) fn take(&mut self, path: &str, item: Option<T>) {
        match item {
            None => self.choosy = true,
            Some(item) if self.items.len() < self.limit() => {
                self.items.push(item);
                self.last = path.strip_prefix(self.prefix).unwrap_or(path).to_owned();
            }
            Some(_) => self.more = true,
        }
    }

    /// The part.
    ///
    /// # Errors
    /// As [`page`].
    pub(crate) fn finish(self) -> Result<Listed<T>> {
        let Self { world, space, prefix, paging, items, last, more, .. } = self;
        match *paging {
            Paging::Marker { .. } => {
                let next = more.then(|| world.marker(&name(space, prefix), &last)).transpose()?;
                Ok(Listed { items, next, numbered: None })
            }
            Paging::Number { page, size } => {
                let total = items.len();
                let items = items.into_iter().skip(before(page, size)).take(size).collect();
                Ok(Listed { items, next: None, numbered: paging.numbered(total) })
            }
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

/// How many are before a page, counted from 1.
fn before(page: usize, size: usize) -> usize {
    page.saturating_sub(1).saturating_mul(size)
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
