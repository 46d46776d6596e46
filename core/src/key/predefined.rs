//! Keys that the vendor keeps for its services: their aliases are there from the beginning, the keys from when they are first
//! asked for.
//!
//! # Invariants
//! - A key that is not made yet has its identifier already, so that policies judge the one that will be there.
//! - Nothing is made for a caller whom the policies do not let have it.

use std::collections::BTreeSet;
use std::sync::Arc;

use sha2::{Digest, Sha256};

use super::alias::{AliasEntry, AliasOf};
use super::{Blueprint, Item, Key, Loaded, Maker, Rules, Schedule, State, Versions, life, rotation};
use crate::dialect::Dialect;
use crate::dialect::row::BoxFuture;
use crate::engine::world::{ALIASES, put};
use crate::engine::{Unmade, World};
use crate::error::Result;
use crate::name::path;
use crate::policy::Pins;
use crate::port::{Change, Expect, Time};
use crate::tag::Tags;

/// A key that the vendor keeps for one of its services in every account and region.
#[derive(Debug, Clone, Copy)]
pub struct Predefined {
    /// Its alias, with its prefix.
    pub alias: &'static str,
    /// What the vendor calls the service in the key's policy.
    pub service: &'static str,
    /// What the vendor calls what the key protects.
    pub protects: &'static str,
    /// The service that uses the key, as requests name it.
    pub via: &'static str,
}

impl Rules {
    /// The key that the vendor keeps under an alias.
    pub(super) fn predefined(&self, alias: &str) -> Option<&'static Predefined> {
        self.predefined.iter().find(|known| known.alias == alias)
    }

    /// The alias of a key that is not there yet.
    pub(super) fn unmade_alias(&self, account: &str, region: &str, known: &Predefined) -> AliasOf {
        AliasOf {
            arn: (self.name)(account, region, Item::Alias(known.alias)),
            name: known.alias.to_owned(),
            key_id: None,
            created_at: None,
            updated_at: None,
        }
    }
}

/// A key that is not made yet, as it will be.
pub(super) fn unmade(
    world: &World,
    dialect: &'static Dialect,
    (account, region): (&str, &str),
    known: &Predefined,
    now: Time,
) -> Result<Arc<Loaded>> {
    let rules = dialect.law.keys()?;
    let usual = Blueprint::default();
    let schedule = |every| rotation::after(now, every).map(|next| Schedule { every, next });
    let key = Key {
        id: identifier(&[dialect.name, account, region, known.alias]),
        account: account.to_owned(),
        region: region.to_owned(),
        state: State::Enabled,
        spec: usual.spec(),
        usage: usual.usage(),
        origin: usual.origin(),
        maker: Maker::Service,
        description: (rules.predefined_description)(known),
        created_at: now,
        deletion_at: None,
        deletion_protection: None,
        rotation: rules.rotation.predefined.map(schedule).transpose()?,
        tags: Tags::new(),
        aliases: BTreeSet::from([known.alias.to_owned()]),
        policy: (rules.predefined_policy)(known, account, region),
        pins: Pins::NONE,
        versions: Versions::default(),
    };
    world.unmade(dialect, key).map(Arc::new)
}

impl Unmade for Loaded {
    fn making<'a>(
        &'a self,
        world: &'a World,
        dialect: &'static Dialect,
        now: Time,
    ) -> BoxFuture<'a, Result<Vec<Change>>> {
        Box::pin(making(world, dialect, &self.key, now))
    }
}

async fn making(world: &World, dialect: &'static Dialect, key: &Key, now: Time) -> Result<Vec<Change>> {
    let key = Key { created_at: now, ..key.clone() };
    let aliases = key.aliases.clone();
    let (key, mut changes) = life::install(world, dialect.name, key, now).await?;
    for name in aliases {
        let place = path(&[dialect.name, &key.account, &key.region, &name]);
        let entry = AliasEntry { name, key_id: key.id.clone(), created_at: now, updated_at: now };
        changes.push(put(ALIASES, place, Expect::Absent, &entry)?);
    }
    Ok(changes)
}

/// An identifier that is the same whenever it is asked for: a UUID of the form that is left to its makers (RFC 9562,
/// section 5.8).
fn identifier(parts: &[&str]) -> String {
    let digest: [u8; 32] = Sha256::digest(path(parts)).into();
    let (bytes, _) = digest.split_first_chunk().unwrap_or((&[0; 16], &[]));
    uuid::Builder::from_custom_bytes(*bytes).into_uuid().to_string()
}

#[cfg(test)]
#[allow(clippy::unwrap_used, clippy::expect_used, clippy::indexing_slicing, clippy::panic, reason = "tests")]
mod tests {
    use super::*;

    #[test]
    fn identifiers_are_uuids_that_hang_on_every_part() {
        let own = identifier(&["d", "1", "r", "alias/v/s"]);
        assert_eq!(own, identifier(&["d", "1", "r", "alias/v/s"]));
        assert_eq!((own.len(), own.as_bytes()[14], own.matches('-').count()), (36, b'8', 4));
        assert!(b"89ab".contains(&own.as_bytes()[19]), "{own}");
        for other in [["e", "1", "r", "alias/v/s"], ["d", "2", "r", "alias/v/s"], ["d", "1", "s", "alias/v/s"]] {
            assert_ne!(identifier(&other), own);
        }
    }
}
