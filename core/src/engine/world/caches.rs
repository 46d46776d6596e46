//! Caches: keys, what leads to them, and callers, as they were read lately.

use std::sync::Arc;

use serde::de::DeserializeOwned;

use super::readings::Reading;
use super::{ALIASES, KEYS, Owner, Pointer, VERSIONS, Versioned, World};
use crate::dialect::Dialect;
use crate::engine::cache::{Cache, Found};
use crate::engine::identify::Known;
use crate::error::Result;
use crate::key::{AliasEntry, Item, Key, Loaded};
use crate::name::{above, path, with_path};
use crate::policy::{DocumentKind, Named};
use crate::port::{Space, Time};

impl World {
    /// Drops what is known of these records.
    pub(super) fn forget(&self, touched: &[(Space, String)]) {
        for (space, path) in touched {
            match *space {
                Space::Key => self.keys.forget(path),
                // A key is at hand with its grants.
                Space::Grant => self.keys.forget(above(path)),
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
                | Space::Principal
                | Space::Policy
                | Space::PolicyOfHolder
                | Space::HolderOfPolicy
                | Space::AccessKey
                | Space::OwnerKey
                | Space::RetirableGrant
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

    /// Somebody known lately by this name.
    pub(in crate::engine) fn caller(&self, name: &str) -> Option<Arc<Known>> {
        self.callers.get(name)
    }

    /// Somebody known lately by this name, or the place where nobody is.
    pub(in crate::engine) async fn find_caller(&self, name: &str) -> Found<'_, Known> {
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
        let compiled = async |key: Versioned<Key>| {
            let held = self.held(dialect, &key.value).await?;
            self.compile(dialect, key).map(|key| Some(key.granted(held)))
        };
        self.at_hand(&self.keys, KEYS, &[dialect.name, account, region, id], compiled).await
    }

    /// The key as it is once the time of some of its material has passed.
    ///
    /// # Errors
    /// [`Kind::Internal`](crate::error::Kind::Internal) when the store fails.
    pub(crate) async fn lapsed(&self, dialect: &'static Dialect, key: Arc<Loaded>, now: Time) -> Result<Arc<Loaded>> {
        let Some(lapsed) = key.key.lapsed(now) else { return Ok(key) };
        let held = self.held(dialect, &lapsed).await?;
        Ok(Arc::new(self.compile(dialect, Versioned { value: lapsed, rev: key.rev })?.granted(held)))
    }

    /// The key that a version belongs to.
    ///
    /// # Errors
    /// [`Kind::Internal`](crate::error::Kind::Internal) when the store fails.
    pub(crate) async fn key_of_version(
        &self,
        dialect: &str,
        region: &str,
        version: &str,
    ) -> Result<Option<Arc<Owner>>> {
        let owner = async |pointer: Versioned<Pointer>| {
            let owner = pointer.value.key.split_once('/');
            Ok(owner.map(|(account, id)| Owner { account: account.into(), id: id.to_owned() }))
        };
        self.at_hand(&self.versions, VERSIONS, &[dialect, region, version], owner).await
    }

    /// The identifier of the key that an alias points at.
    ///
    /// # Errors
    /// [`Kind::Internal`](crate::error::Kind::Internal) when the store fails.
    pub(crate) async fn key_of_alias(
        &self,
        dialect: &str,
        account: &str,
        region: &str,
        name: &str,
    ) -> Result<Option<Arc<String>>> {
        let target = async |entry: Versioned<AliasEntry>| Ok(Some(entry.value.key_id));
        self.at_hand(&self.aliases, ALIASES, &[dialect, account, region, name], target).await
    }

    /// What is made of a record, as long as the record stays what it is.
    async fn at_hand<T: DeserializeOwned, V>(
        &self,
        cache: &Cache<V>,
        space: Space,
        segments: &[&str],
        make: impl AsyncFnOnce(Versioned<T>) -> Result<Option<V>>,
    ) -> Result<Option<Arc<V>>> {
        if let Some(found) = with_path(segments, |path| cache.get(path)) {
            return Ok(Some(found));
        }
        // Seldom: kept out of every request.
        let read = async {
            let path = path(segments);
            let place = match cache.find(&path).await {
                Found::Value(found) => return Ok(Some(found)),
                Found::Missing(place) => place,
            };
            let made = match self.read::<T>(space, &path).await? {
                Some(read) => make(read).await?,
                None => None,
            };
            Ok(made.map(|made| place.fill(made)))
        };
        Box::pin(read).await
    }

    /// A key that is not there yet, with its policy compiled.
    ///
    /// # Errors
    /// [`Kind::Unsupported`](crate::error::Kind::Unsupported) where the dialect has no keys.
    pub(crate) fn unmade(&self, dialect: &'static Dialect, key: Key) -> Result<Loaded> {
        self.compile(dialect, Versioned { value: key, rev: 0 })
    }

    fn compile(&self, dialect: &'static Dialect, read: Versioned<Key>) -> Result<Loaded> {
        let Versioned { value: key, rev } = read;
        let arn = (dialect.law.keys()?.name)(&key.account, &key.region, Item::Key(&key.id)).into();
        // A text that no longer compiles closes the key to everybody.
        let document = self.pinned_document(dialect, DocumentKind::Key, &key.policy, &key.pins).ok();
        let policy = document.map(|document| Named { name: Arc::from("default"), policy: document.policy });
        Ok(Loaded::new(key, rev, arn, policy, dialect.law.keys()?))
    }
}
