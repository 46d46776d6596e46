//! The format of what is stored: which records go with which others, and how stores of older formats get there.

use crate::due;
use crate::engine::world::{ACCESS_KEYS, KEYS, META, OWNER_KEYS};
use crate::engine::{Engine, World};
use crate::error::{Kind, Result};
use crate::identity::AccessKey;
use crate::key::{DELETION, Key};
use crate::name::{first, path};
use crate::port::{Change, Expect, Record, Space};

/// The format that is read and written here. Stores of the first one do not say so.
///
/// 2. What is due has records of its own, and so has the list of an owner's access keys.
const FORMAT: u32 = 2;
/// Where a store says its format.
const PLACE: &str = "format";

/// How many records are read and written at once.
const BATCH: usize = 256;

impl Engine {
    /// Brings a store of an older format to today's. A migration that was cut off is done again from its start.
    ///
    /// # Errors
    /// [`Kind::Internal`] when the store was written by a newer version, or fails.
    pub async fn migrate(&self) -> Result<()> {
        let world = self.world();
        let found = match world.ports.store.get(META, PLACE).await? {
            None => 1,
            Some(Record { body, .. }) => parse(&body)?,
        };
        if found > FORMAT {
            return Err(Kind::Internal.because(format!(
                "the store was written by a newer version: it has format {found}, this program knows {FORMAT}"
            )));
        }
        if found == FORMAT {
            return Ok(());
        }
        derive(world, KEYS, |subject, key: Key| due::moved(DELETION, subject, None, key.deletion_at)).await?;
        derive(world, ACCESS_KEYS, owned).await?;
        let body = FORMAT.to_string().into_bytes();
        world
            .commit(vec![Change::Put { space: META, path: PLACE.to_owned(), expect: Expect::Any, body }])
            .await
            .map(drop)
    }
}

fn parse(body: &[u8]) -> Result<u32> {
    let format = std::str::from_utf8(body).ok().and_then(|text| text.parse().ok());
    format.ok_or_else(|| Kind::Internal.because("the store does not say its format in a way that can be read"))
}

fn owned(subject: &str, key: AccessKey) -> Vec<Change> {
    match key.user {
        Some(_) => Vec::new(),
        None => {
            let path = path(&[first(subject), &key.account, &key.id]);
            vec![Change::Put { space: OWNER_KEYS, path, expect: Expect::Any, body: Vec::new() }]
        }
    }
}

/// Writes what follows from each record of a space. From one that cannot be read nothing follows: it closes what it is
/// about, and not the whole store.
async fn derive<T: serde::de::DeserializeOwned>(
    world: &World,
    space: Space,
    follows: impl Fn(&str, T) -> Vec<Change>,
) -> Result<()> {
    let mut after = None::<String>;
    loop {
        let batch = world.ports.store.scan(space, "", after.as_deref(), BATCH).await?;
        let Some(last) = batch.last() else { return Ok(()) };
        after = Some(last.path.clone());
        let read = |Record { path, rev: _, body }| {
            let value = world.readable::<T>(space, &path, &body)?;
            Some((path, value))
        };
        let changes: Vec<_> =
            batch.into_iter().filter_map(read).flat_map(|(path, record)| follows(&path, record)).collect();
        if !changes.is_empty() {
            world.commit(changes).await?;
        }
    }
}
