//! What a running operation can reach: the ports, and what was read through them lately.

use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};

use base64::Engine as _;
use base64::engine::general_purpose::{STANDARD, URL_SAFE_NO_PAD};
use serde::Serialize;
use serde::de::DeserializeOwned;

use super::cache::{Cache, Found};
use super::ids::uuid;
use crate::dialect::{Dialect, Item, Resource};
use crate::error::{Kind, Result};
use crate::key::{AliasEntry, Key, Loaded, Version};
use crate::name::path;
use crate::policy::{DocumentKind, Named};
use crate::port::{Audit, Change, Clock, Crypto, Expect, Random, Space, Store};
use crate::secret::Material;

/// The space of what the store says about itself; a reset leaves it alone.
pub const META: Space = "meta";
/// The space of keys: dialect, account, region, identifier.
pub const KEYS: Space = "key";
/// The space of key versions: dialect, region, version identifier; the value is the key's path.
pub const VERSIONS: Space = "key_version";
/// The space of aliases: dialect, account, region, name.
pub const ALIASES: Space = "alias";
/// The space of accounts: dialect, account.
pub const ACCOUNTS: Space = "account";
/// The space of users: dialect, account, name.
pub const USERS: Space = "user";
/// The space of groups: dialect, account, name.
pub const GROUPS: Space = "group";
/// The space of roles: dialect, account, name.
pub const ROLES: Space = "role";
/// The space of managed policies: dialect, account, name.
pub const POLICIES: Space = "policy";
/// The space of access keys: dialect, access key id.
pub const ACCESS_KEYS: Space = "access_key";

const CACHED_KEYS: usize = 10_000;
const CACHED_VERSIONS: usize = 10_000;
const CACHED_ALIASES: usize = 10_000;

/// The adapters an engine runs on.
#[derive(Clone)]
pub struct Ports {
    /// Where records live.
    pub store: Arc<dyn Store>,
    /// Who encrypts.
    pub crypto: Arc<dyn Crypto>,
    /// What time it is.
    pub clock: Arc<dyn Clock>,
    /// Where unpredictable bytes come from.
    pub random: Arc<dyn Random>,
    /// Where the audit trail goes.
    pub audit: Arc<dyn Audit>,
}

/// The ports and what was read through them lately.
pub struct World {
    /// The adapters.
    pub ports: Ports,
    keys: Cache<Loaded>,
    versions: Cache<String>,
    aliases: Cache<String>,
    identities: AtomicU64,
}

/// A value with the revision it was read at.
#[derive(Debug, Clone)]
pub struct Versioned<T> {
    /// The value.
    pub value: T,
    /// The revision.
    pub rev: u64,
}

impl<T> Versioned<T> {
    /// The same revision of something made from the value.
    pub fn map<U>(self, change: impl FnOnce(T) -> U) -> Versioned<U> {
        Versioned { value: change(self.value), rev: self.rev }
    }
}

impl World {
    pub(crate) fn new(ports: Ports) -> Self {
        Self {
            ports,
            keys: Cache::new(CACHED_KEYS),
            versions: Cache::new(CACHED_VERSIONS),
            aliases: Cache::new(CACHED_ALIASES),
            identities: AtomicU64::new(0),
        }
    }

    /// Reads and decodes a record.
    ///
    /// # Errors
    /// [`Kind::Internal`] when the store fails or the record cannot be read.
    pub async fn read<T: DeserializeOwned>(&self, space: Space, path: &str) -> Result<Option<Versioned<T>>> {
        match self.ports.store.get(space, path).await? {
            None => Ok(None),
            Some(record) => Ok(Some(Versioned { value: decode(space, &record.body)?, rev: record.rev })),
        }
    }

    /// Reads and decodes a run of records.
    ///
    /// # Errors
    /// As [`read`](World::read).
    pub async fn scan<T: DeserializeOwned>(
        &self,
        space: Space,
        prefix: &str,
        after: Option<&str>,
        limit: usize,
    ) -> Result<Vec<(String, T)>> {
        let records = self.ports.store.scan(space, prefix, after, limit).await?;
        records.into_iter().map(|record| Ok((record.path, decode(space, &record.body)?))).collect()
    }

    /// Commits changes and drops what was known of the records.
    ///
    /// # Errors
    /// [`Kind::Conflict`] when an expectation did not hold; nothing was written.
    pub async fn commit(&self, changes: Vec<Change>) -> Result<u64> {
        let touched: Vec<(Space, String)> = changes
            .iter()
            .filter_map(|change| match change {
                Change::Put { space, path, .. } | Change::Delete { space, path, .. } => Some((*space, path.clone())),
                Change::Check { .. } => None,
            })
            .collect();
        let outcome = self.ports.store.commit(changes).await;
        // Also after a failure: whether the commit took place may be unknown.
        for (space, path) in touched {
            match space {
                KEYS => self.keys.forget(&path),
                VERSIONS => self.versions.forget(&path),
                ALIASES => self.aliases.forget(&path),
                _ => {
                    self.identities.fetch_add(1, Ordering::AcqRel);
                }
            }
        }
        Ok(outcome?)
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
            Some(Versioned { value: key, rev }) => Ok(Some(self.keys.fill(&path, &ticket, load(dialect, key, rev)))),
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

    /// The material of a version of a key, unsealed once.
    ///
    /// # Errors
    /// [`Kind::Internal`] when it cannot be unsealed.
    pub fn material(&self, dialect: &str, key: &Loaded, version: &str) -> Result<Arc<Material>> {
        key.material(version, |sealed| self.unseal(dialect, &key.key, sealed))
    }

    fn unseal(&self, dialect: &str, key: &Key, version: &Version) -> Result<Material> {
        let broken = || Kind::Internal.because("the stored key material cannot be unsealed");
        let wrapped = STANDARD.decode(&version.wrapped).map_err(|_| broken())?;
        self.ports.crypto.unwrap(&seal_place(dialect, key, &version.id), &wrapped).map_err(|_| broken())
    }

    /// Seals material for a version of a key.
    ///
    /// # Errors
    /// [`Kind::Internal`] when the backend fails.
    pub fn seal(&self, dialect: &str, key: &Key, version: &str, material: &Material) -> Result<String> {
        let wrapped = self.ports.crypto.wrap(&seal_place(dialect, key, version), material.expose())?;
        Ok(STANDARD.encode(wrapped))
    }

    /// Fresh random bytes.
    ///
    /// # Errors
    /// [`Kind::Internal`] when the generator fails.
    pub fn random<const N: usize>(&self) -> Result<[u8; N]> {
        let mut bytes = [0; N];
        self.ports.random.fill(&mut bytes)?;
        Ok(bytes)
    }

    /// A fresh random UUID (RFC 9562, version 4), lower case.
    ///
    /// # Errors
    /// [`Kind::Internal`] when the generator fails.
    pub fn uuid(&self) -> Result<String> {
        Ok(uuid(self.random()?))
    }

    /// An opaque message that only the account it is about can have decoded.
    ///
    /// # Errors
    /// [`Kind::Internal`] when the backend fails.
    pub fn encode_message(&self, dialect: &str, account: &str, message: &str) -> Result<String> {
        let wrapped = self.ports.crypto.wrap(&message_place(dialect, account), message.as_bytes())?;
        Ok(URL_SAFE_NO_PAD.encode(wrapped))
    }

    /// Decodes a message about this account.
    ///
    /// # Errors
    /// [`Kind::InvalidAuthorizationMessage`], whatever is wrong with it.
    pub fn decode_message(&self, dialect: &str, account: &str, encoded: &str) -> Result<String> {
        let wrong = || Kind::InvalidAuthorizationMessage.because("");
        let wrapped = URL_SAFE_NO_PAD.decode(encoded).map_err(|_| wrong())?;
        let message = self.ports.crypto.unwrap(&message_place(dialect, account), &wrapped).map_err(|_| wrong())?;
        String::from_utf8(message.expose().to_vec()).map_err(|_| wrong())
    }

    /// An opaque marker that leads to the rest of a list, bound to what the list is of.
    ///
    /// # Errors
    /// [`Kind::Internal`] when the backend fails.
    pub fn marker(&self, list: &str, last: &str) -> Result<String> {
        Ok(URL_SAFE_NO_PAD.encode(self.ports.crypto.wrap(list.as_bytes(), last.as_bytes())?))
    }

    /// Reads a marker made for the same list.
    ///
    /// # Errors
    /// [`Kind::InvalidMarker`] for any other text.
    pub fn open_marker(&self, list: &str, marker: &str) -> Result<String> {
        let wrong = || Kind::InvalidMarker.because("the marker was not made for this list");
        let wrapped = URL_SAFE_NO_PAD.decode(marker).map_err(|_| wrong())?;
        let last = self.ports.crypto.unwrap(list.as_bytes(), &wrapped).map_err(|_| wrong())?;
        String::from_utf8(last.expose().to_vec()).map_err(|_| wrong())
    }
}

/// Which key a version belongs to.
#[derive(Debug, Clone, serde::Serialize, serde::Deserialize)]
pub(crate) struct Pointer {
    /// `account/key id`.
    pub(crate) key: String,
}

/// A change that writes a record.
///
/// # Errors
/// [`Kind::Internal`] when the value cannot be encoded.
pub fn put<T: Serialize>(space: Space, path: String, expect: Expect, value: &T) -> Result<Change> {
    let body = serde_json::to_vec(value).map_err(|_| Kind::Internal.because("a record cannot be encoded"))?;
    Ok(Change::Put { space, path, expect, body })
}

fn decode<T: DeserializeOwned>(space: Space, body: &[u8]) -> Result<T> {
    serde_json::from_slice(body).map_err(|_| Kind::Internal.because("a stored record cannot be read").naming(space))
}

fn load(dialect: &'static Dialect, key: Key, rev: u64) -> Loaded {
    let arn =
        (dialect.law.resource)(&Resource { account: &key.account, region: &key.region, item: Item::Key(&key.id) })
            .into();
    // A text that no longer compiles closes the key to everybody.
    let policy = dialect.law.policy.compile(DocumentKind::Key, &key.policy).ok();
    let policy = policy.map(|policy| Named { name: Arc::from("default"), policy: Arc::new(policy) });
    Loaded::new(key, rev, arn, policy)
}

fn message_place(dialect: &str, account: &str) -> Vec<u8> {
    path(&["denial", dialect, account]).into_bytes()
}

fn seal_place(dialect: &str, key: &Key, version: &str) -> Vec<u8> {
    path(&["material", dialect, &key.account, &key.region, &key.id, version]).into_bytes()
}
