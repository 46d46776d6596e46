//! Lists: which part of one is wanted, and how it is gathered from the records.

use crate::engine::World;
use crate::error::Result;
use crate::name::{last, path};
use crate::port::Space;

/// Which part of a list is wanted.
#[derive(Debug, Clone)]
pub enum Paging {
    /// So many, after an earlier list stopped.
    Marker {
        /// Where it stopped.
        marker: Option<String>,
        /// How many.
        limit: usize,
    },
    /// A page by its number, counted from 1, and the size of pages.
    Number {
        /// The page.
        page: usize,
        /// The size.
        size: usize,
    },
}

/// A part of a list.
#[derive(Debug)]
pub struct Listed<T> {
    /// What is on it.
    pub items: Vec<T>,
    /// Where to go on, if there is more.
    pub next: Option<String>,
    /// How many there are in all, where pages are numbered.
    pub total: usize,
}

impl<T> Listed<T> {
    /// The same part, of something made from each item.
    pub fn map<U>(self, make: impl FnMut(T) -> U) -> Listed<U> {
        let Self { items, next, total } = self;
        Listed { items: items.into_iter().map(make).collect(), next, total }
    }
}

/// How many records are read at once while a list is gathered.
const BATCH: usize = 256;

/// Gathers one part of a list of records that meet a condition.
pub(crate) async fn page<T: serde::de::DeserializeOwned>(
    world: &World,
    space: Space,
    prefix: &str,
    paging: &Paging,
    wanted: impl Fn(&T) -> bool,
) -> Result<Listed<T>> {
    let list = path(&["list", space.as_str(), prefix]);
    let (mut after, skip, limit, count_all) = match paging {
        Paging::Marker { marker, limit } => {
            let last = marker.as_deref().map(|marker| world.open_marker(&list, marker)).transpose()?;
            (last.map(|last| format!("{prefix}{last}")), 0, *limit, false)
        }
        Paging::Number { page, size } => (None, page.saturating_sub(1).saturating_mul(*size), *size, true),
    };
    let mut listed = Listed { items: Vec::new(), next: None, total: 0 };
    let mut last_path = String::new();
    loop {
        let batch = world.scan::<T>(space, prefix, after.as_deref(), BATCH).await?;
        let more = batch.len() == BATCH;
        for (path, item) in batch {
            after = Some(path.clone());
            if !wanted(&item) {
                continue;
            }
            listed.total += 1;
            if listed.total <= skip {
                continue;
            }
            if listed.items.len() < limit {
                listed.items.push(item);
                last_path = path;
            } else if !count_all {
                listed.next = Some(world.marker(&list, last(&last_path))?);
                return Ok(listed);
            }
        }
        if !more {
            return Ok(listed);
        }
    }
}
