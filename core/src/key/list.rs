//! Lists of keys, in an order that stays.

use super::Key;
use crate::dialect::Item;
use crate::engine::World;
use crate::engine::world::KEYS;
use crate::error::Result;
use crate::name::{below, last, path};
use crate::operation::{Authorized, Operation, Role, Target};

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

/// A condition that a listed key meets.
pub type Filter = fn(&Key, &[String]) -> bool;

/// Lists the keys of the caller's account in the region.
pub struct List {
    /// Which part.
    pub paging: Paging,
    /// Conditions with their values, all of which must hold.
    pub filters: Vec<(Filter, Vec<String>)>,
}

impl Operation for List {
    type Output = Listed<Key>;
    const NAME: &'static str = "ListKeys";
    const ROLES: &'static [Role] = &[Role::Account];

    fn target(&self, _: Role) -> Target<'_> {
        Target::Item(Item::Keys)
    }

    async fn run(allowed: &Authorized<Self>, world: &World) -> Result<Listed<Key>> {
        let place = allowed.place();
        let prefix = below(&[place.dialect, &place.account, &place.region]);
        let Self { paging, filters } = allowed.op();
        let now = allowed.now();
        let wanted = |key: &Key| !key.is_gone(now) && filters.iter().all(|(filter, values)| filter(key, values));
        page(world, KEYS, &prefix, paging, wanted).await
    }
}

/// How many records are read at once while a list is gathered.
const BATCH: usize = 256;

/// Gathers one part of a list of records that meet a condition.
pub(crate) async fn page<T: serde::de::DeserializeOwned>(
    world: &World,
    space: &'static str,
    prefix: &str,
    paging: &Paging,
    wanted: impl Fn(&T) -> bool,
) -> Result<Listed<T>> {
    let list = path(&["list", space, prefix]);
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
