//! From the third format to the fourth: unique identifiers lead to users and roles, and what documents name is bound to
//! whoever has that name now.
//!
//! # Invariants
//! - Everybody is known by an identifier before any document is bound.
//! - A name that nobody has now means nobody from now on.

use serde::Serialize;
use serde::de::DeserializeOwned;

use crate::dialect::Dialect;
use crate::engine::world::{KEYS, ROLES, USERS, put};
use crate::engine::{Engine, World};
use crate::error::Result;
use crate::identity::mentioned::{Directory, Lasting};
use crate::identity::{Role, User};
use crate::key::Key;
use crate::name::first;
use crate::policy::{DocumentKind, Pins};
use crate::port::{Change, Expect, Record, Space};

/// How many records are read and written at once.
const BATCH: usize = 128;

/// Does the step.
pub(super) async fn migrate(engine: &Engine) -> Result<()> {
    let world = engine.world();
    each(world, USERS, async |dialect, read: Read<User>| leads(dialect, &read.value)).await?;
    each(world, ROLES, async |dialect, read: Read<Role>| leads(dialect, &read.value)).await?;
    each(world, KEYS, async |dialect, read| bound::<Key>(engine, dialect, read).await).await?;
    each(world, ROLES, async |dialect, read| bound::<Role>(engine, dialect, read).await).await
}

/// A record that could be read.
struct Read<T> {
    space: Space,
    path: String,
    rev: u64,
    value: T,
}

/// Writes what follows from each record of a space, which is one change at most. From one that cannot be read nothing
/// follows: it closes what it is about, and not the whole store.
async fn each<T: DeserializeOwned>(
    world: &World,
    space: Space,
    follows: impl AsyncFn(&str, Read<T>) -> Result<Option<Change>>,
) -> Result<()> {
    let mut after = None::<String>;
    loop {
        let batch = world.ports.store.scan(space, "", after.as_deref(), BATCH).await?;
        let Some(last) = batch.last() else { return Ok(()) };
        after = Some(last.path.clone());
        let mut changes = Vec::new();
        for Record { path, rev, body } in batch {
            let Some(value) = world.readable::<T>(space, &path, &body) else { continue };
            let dialect = first(&path).to_owned();
            changes.extend(follows(&dialect, Read { space, path, rev, value }).await?);
        }
        if !changes.is_empty() {
            world.commit(changes).await?;
        }
    }
}

fn leads(dialect: &str, one: &impl Lasting) -> Result<Option<Change>> {
    one.leads(dialect, Expect::Any).map(Some)
}

/// Something whose document names principals.
trait Guarded: Serialize {
    const KIND: DocumentKind;

    fn document(&self) -> (&str, &Pins);

    fn bound(self, pins: Pins) -> Self;
}

impl Guarded for Key {
    const KIND: DocumentKind = DocumentKind::Key;

    fn document(&self) -> (&str, &Pins) {
        (&self.policy, &self.pins)
    }

    fn bound(self, pins: Pins) -> Self {
        Self { pins, ..self }
    }
}

impl Guarded for Role {
    const KIND: DocumentKind = DocumentKind::Trust;

    fn document(&self) -> (&str, &Pins) {
        (&self.trust, &self.pins)
    }

    fn bound(self, pins: Pins) -> Self {
        Self { pins, ..self }
    }
}

/// The change that binds a document, unless it is bound already or cannot be read, and so means nobody.
async fn bound<T: Guarded>(engine: &Engine, dialect: &str, read: Read<T>) -> Result<Option<Change>> {
    let Some(dialect) = engine.registry().named(dialect) else { return Ok(None) };
    let Some(pins) = pins(engine.world(), dialect, T::KIND, read.value.document().0).await? else { return Ok(None) };
    if pins == *read.value.document().1 {
        return Ok(None);
    }
    let Read { space, path, rev, value } = read;
    put(space, path, Expect::Rev(rev), &value.bound(pins)).map(Some)
}

async fn pins(world: &World, dialect: &'static Dialect, kind: DocumentKind, text: &str) -> Result<Option<Pins>> {
    let Ok(policy) = dialect.law.policy.read(kind, text) else { return Ok(None) };
    Directory::of(world).meant(dialect, &policy).await.map(|meant| Some(meant.pins))
}
