//! The format of what is stored: which records go with which others, and how stores of older formats get there.
//!
//! Each step leads from one format to the next, and the store says how far it is. A step that was cut off is done again
//! from its start: it writes in small commits, nothing twice, and nothing goes before what follows from it is there.

mod due;
mod pins;
mod relations;

use crate::engine::world::META;
use crate::engine::{Engine, World};
use crate::error::{Kind, Result};
use crate::port::{Change, Expect, Record};

/// The format that is read and written here. Stores of the first one do not say so.
///
/// 2. What is due has records of its own, and so has the list of an owner's access keys.
/// 3. Memberships and attachments are records of their own.
/// 4. Unique identifiers lead to users and roles, and documents are bound to whom they mean.
const FORMAT: u32 = 4;
/// Where a store says its format.
const PLACE: &str = "format";

impl Engine {
    /// Brings a store of an older format to today's.
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
        for format in found..FORMAT {
            match format {
                1 => due::migrate(world).await?,
                2 => relations::migrate(world).await?,
                _ => pins::migrate(self).await?,
            }
            say(world, format.saturating_add(1)).await?;
        }
        Ok(())
    }
}

fn parse(body: &[u8]) -> Result<u32> {
    let format = std::str::from_utf8(body).ok().and_then(|text| text.parse().ok());
    let format = format.filter(|format| *format > 0);
    format.ok_or_else(|| Kind::Internal.because("the store does not say its format in a way that can be read"))
}

async fn say(world: &World, format: u32) -> Result<()> {
    let body = format.to_string().into_bytes();
    let said = Change::Put { space: META, path: PLACE.to_owned(), expect: Expect::Any, body };
    world.commit(vec![said]).await.map(drop)
}
