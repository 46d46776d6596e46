//! What a running operation can reach: the ports, and what was read through them lately.

mod caches;
mod markers;
mod records;
mod sealing;

use std::sync::Arc;
use std::sync::atomic::AtomicU64;

use super::cache::Cache;
use super::ids::uuid;
use crate::error::Result;
use crate::key::Loaded;
use crate::port::{Audit, Clock, Crypto, Random, Space, Store};

pub(crate) use records::Pointer;
pub use records::put;

/// The space of what the store says about itself; a reset leaves it alone.
pub const META: Space = Space::Meta;
/// The space of keys: dialect, account, region, identifier.
pub const KEYS: Space = Space::Key;
/// The space of key versions: dialect, region, version identifier; the value is the key's path.
pub const VERSIONS: Space = Space::KeyVersion;
/// The space of aliases: dialect, account, region, name.
pub const ALIASES: Space = Space::Alias;
/// The space of accounts: dialect, account.
pub const ACCOUNTS: Space = Space::Account;
/// The space of users: dialect, account, name.
pub const USERS: Space = Space::User;
/// The space of groups: dialect, account, name.
pub const GROUPS: Space = Space::Group;
/// The space of roles: dialect, account, name.
pub const ROLES: Space = Space::Role;
/// The space of managed policies: dialect, account, name.
pub const POLICIES: Space = Space::Policy;
/// The space of access keys: dialect, access key id.
pub const ACCESS_KEYS: Space = Space::AccessKey;
/// The space of owners' access keys: dialect, account, access key id; the value is empty.
pub const OWNER_KEYS: Space = Space::OwnerKey;

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
}
