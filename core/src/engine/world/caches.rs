//! Caches: keys, and what leads to them, as they were read lately.

use std::sync::Arc;
use std::sync::atomic::Ordering;

use serde::de::DeserializeOwned;

use super::{ALIASES, KEYS, Pointer, VERSIONS, Versioned, World};
use crate::dialect::Dialect;
use crate::engine::cache::{Cache, Found};
use crate::error::Result;
use crate::key::{AliasEntry, Item, Key, Loaded};
use crate::name::path;
use crate::policy::{DocumentKind, Named};
use crate::port::Space;

impl World {
    /// Drops what is known of these records.
    pub(super) fn forget(&self, touched: &[(Space, String)]) {
        for (space, path) in touched {
            match *space {
                Space::Key => self.keys.forget(path),
                Space::KeyVersion => self.versions.forget(path),
                Space::Alias => self.aliases.forget(path),
                Space::Meta | Space::OwnerKey | Space::Due | Space::Outbox | Space::Lease => {}
                Space::Account | Space::User | Space::Group | Space::Role | Space::Policy | Space::AccessKey => {
                    self.identities.fetch_add(1, Ordering::AcqRel);
                }
            }
        }
    }

    /// Drops everything known.
    pub(crate) fn forget_all(&self) {
        self.keys.clear();
        self.versions.clear();
        self.aliases.clear();
        self.identities.fetch_add(1, Ordering::AcqRel);
    }

    /// Grows with every change to an identity.
    pub(crate) fn identities(&self) -> u64 {
        self.identities.load(Ordering::Acquire)
    }

    /// The key at this place, with its policy compiled.
    ///
    /// # Errors
    /// [`Kind::Internal`] when the store fails.
    pub async fn key(
        &self,
        dialect: &'static Dialect,
        account: &str,
        region: &str,
        id: &str,
    ) -> Result<Option<Arc<Loaded>>> {
        let path = path(&[dialect.name, account, region, id]);
        let ticket = match self.keys.find(&path) {
            Found::Value(found) => return Ok(Some(found)),
            Found::Missing(ticket) => ticket,
        };
        match Box::pin(self.read::<Key>(KEYS, &path)).await? {
            None => Ok(None),
            Some(Versioned { value: key, rev }) => Ok(Some(self.keys.fill(&path, &ticket, load(dialect, key, rev)?))),
        }
    }

    /// The path segments (account, region, key) of the key that a version belongs to.
    ///
    /// # Errors
    /// [`Kind::Internal`] when the store fails.
    pub async fn key_of_version(&self, dialect: &str, region: &str, version: &str) -> Result<Option<(String, String)>> {
        let path = path(&[dialect, region, version]);
        let found = self.pointer(&self.versions, VERSIONS, &path, |pointer: Pointer| pointer.key).await?;
        Ok(found.and_then(|pointer| pointer.split_once('/').map(|(account, id)| (account.to_owned(), id.to_owned()))))
    }

    /// The identifier of the key that an alias points at.
    ///
    /// # Errors
    /// [`Kind::Internal`] when the store fails.
    pub async fn key_of_alias(&self, dialect: &str, account: &str, region: &str, name: &str) -> Result<Option<String>> {
        let path = path(&[dialect, account, region, name]);
        self.pointer(&self.aliases, ALIASES, &path, |entry: AliasEntry| entry.key_id).await
    }

    async fn pointer<T: DeserializeOwned>(
        &self,
        cache: &Cache<String>,
        space: Space,
        path: &str,
        target: impl FnOnce(T) -> String,
    ) -> Result<Option<String>> {
        let ticket = match cache.find(path) {
            Found::Value(found) => return Ok(Some(found.as_ref().clone())),
            Found::Missing(ticket) => ticket,
        };
        match Box::pin(self.read::<T>(space, path)).await? {
            None => Ok(None),
            Some(Versioned { value, rev: _ }) => Ok(Some(cache.fill(path, &ticket, target(value)).as_ref().clone())),
        }
    }
}

fn load(dialect: &'static Dialect, key: Key, rev: u64) -> Result<Loaded> {
    let arn = (dialect.law.keys()?.name)(&key.account, &key.region, Item::Key(&key.id)).into();
    // A text that no longer compiles closes the key to everybody.
    let policy = dialect.law.policy.compile(DocumentKind::Key, &key.policy).ok();
    let policy = policy.map(|policy| Named { name: Arc::from("default"), policy: Arc::new(policy) });
    Ok(Loaded::new(key, rev, arn, policy, dialect.law.keys()?))
}
