//! Caches: keys, what leads to them, and callers, as they were read lately.

use std::sync::Arc;

use serde::de::DeserializeOwned;

use super::readings::Reading;
use super::{ALIASES, KEYS, Pointer, VERSIONS, Versioned, World};
use crate::dialect::Dialect;
use crate::engine::cache::{Cache, Found};
use crate::engine::identify::Known;
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
                // Nothing at hand has their path for its name.
                Space::Meta
                | Space::Account
                | Space::User
                | Space::Group
                | Space::GroupName
                | Space::GroupOfUser
                | Space::UserOfGroup
                | Space::Role
                | Space::Policy
                | Space::PolicyOfHolder
                | Space::HolderOfPolicy
                | Space::AccessKey
                | Space::OwnerKey
                | Space::Due
                | Space::Outbox
                | Space::Lease => {}
            }
            // Whatever a caller was read from, in whatever space, was noted.
            self.readings.of(*space, path).iter().for_each(|caller| self.callers.forget(caller));
        }
    }

    /// Drops everything known.
    pub(crate) fn forget_all(&self) {
        self.keys.clear();
        self.versions.clear();
        self.aliases.clear();
        self.callers.clear();
        self.documents.clear();
    }

    /// Somebody known lately by this name, or the place where nobody is.
    pub(in crate::engine) async fn caller(&self, name: &str) -> Found<'_, Known> {
        self.callers.find(name).await
    }

    /// A reading for the caller known by this name: what changes meanwhile, or later, makes the caller forgotten.
    pub(in crate::engine) fn reading(&self, name: &Arc<str>) -> Reading<'_> {
        Reading::new(self, &self.readings, name)
    }

    /// The key at this place, with its policy compiled.
    ///
    /// # Errors
    /// [`Kind::Internal`](crate::error::Kind::Internal) when the store fails.
    pub async fn key(
        &self,
        dialect: &'static Dialect,
        account: &str,
        region: &str,
        id: &str,
    ) -> Result<Option<Arc<Loaded>>> {
        let path = path(&[dialect.name, account, region, id]);
        let place = match self.keys.find(&path).await {
            Found::Value(found) => return Ok(Some(found)),
            Found::Missing(place) => place,
        };
        match Box::pin(self.read::<Key>(KEYS, &path)).await? {
            None => Ok(None),
            Some(Versioned { value: key, rev }) => Ok(Some(place.fill(self.compile(dialect, key, rev)?))),
        }
    }

    /// The path segments (account, region, key) of the key that a version belongs to.
    ///
    /// # Errors
    /// [`Kind::Internal`](crate::error::Kind::Internal) when the store fails.
    pub async fn key_of_version(&self, dialect: &str, region: &str, version: &str) -> Result<Option<(String, String)>> {
        let path = path(&[dialect, region, version]);
        let found = self.pointer(&self.versions, VERSIONS, &path, |pointer: Pointer| pointer.key).await?;
        Ok(found.and_then(|pointer| pointer.split_once('/').map(|(account, id)| (account.to_owned(), id.to_owned()))))
    }

    /// The identifier of the key that an alias points at.
    ///
    /// # Errors
    /// [`Kind::Internal`](crate::error::Kind::Internal) when the store fails.
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
        let place = match cache.find(path).await {
            Found::Value(found) => return Ok(Some(found.as_ref().clone())),
            Found::Missing(place) => place,
        };
        match Box::pin(self.read::<T>(space, path)).await? {
            None => Ok(None),
            Some(Versioned { value, rev: _ }) => Ok(Some(place.fill(target(value)).as_ref().clone())),
        }
    }

    fn compile(&self, dialect: &'static Dialect, key: Key, rev: u64) -> Result<Loaded> {
        let arn = (dialect.law.keys()?.name)(&key.account, &key.region, Item::Key(&key.id)).into();
        // A text that no longer compiles closes the key to everybody.
        let document = self.document(dialect, DocumentKind::Key, &key.policy).ok();
        let policy = document.map(|document| Named { name: Arc::from("default"), policy: document.policy });
        Ok(Loaded::new(key, rev, arn, policy, dialect.law.keys()?))
    }
}
