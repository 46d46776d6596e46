//! From the first format to the second: what is due, and which access keys are an owner's, become records.

use crate::due;
use crate::engine::World;
use crate::engine::world::{ACCESS_KEYS, KEYS, OWNER_KEYS};
use crate::error::Result;
use crate::identity::AccessKey;
use crate::key::{DELETION, Key};
use crate::name::{first, path};
use crate::port::{Change, Expect, Record, Space};

/// How many records are read and written at once.
const BATCH: usize = 256;

/// Does the step.
pub(super) async fn migrate(world: &World) -> Result<()> {
    derive(world, KEYS, |subject, key: Key| due::moved(DELETION, subject, None, key.deletion_at)).await?;
    derive(world, ACCESS_KEYS, owned).await
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
