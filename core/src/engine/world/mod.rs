//! What a running operation can reach: the ports, and what was read through them lately.

mod caches;
mod documents;
mod markers;
mod readings;
mod records;
mod sealing;
mod unreadable;

use std::sync::Arc;

use super::cache::Cache;
use super::identify::Known;
use super::ids::uuid;
use crate::error::Result;
use crate::key::Loaded;
use crate::port::{Audit, Clock, Crypto, Once, Random, Space, Store};

pub(crate) use readings::{Reading, Sources};
pub(crate) use records::Pointer;
pub use records::{none_below, put};

use documents::Documents;
use readings::Readings;
use unreadable::Unreadable;

/// The space of what the store says about itself; a reset leaves it alone.
pub const META: Space = Space::Meta;
/// Where a store says which sessions it knows: those that were started since then. All of them, where it says nothing.
pub const SESSIONS_SINCE: &str = "sessions_since";
/// The space of keys: dialect, account, region, identifier.
pub const KEYS: Space = Space::Key;
/// The space of key versions: dialect, region, version identifier; the value is the key's path.
pub const VERSIONS: Space = Space::KeyVersion;
/// The space of aliases: dialect, account, region, name.
pub const ALIASES: Space = Space::Alias;
/// The space of grants: dialect, account, region, key, identifier.
pub const GRANTS: Space = Space::Grant;
/// The space of what somebody may retire: dialect, region, who, account, key, identifier of the grant.
pub const RETIRABLE_GRANTS: Space = Space::RetirableGrant;
/// The space of accounts: dialect, account.
pub const ACCOUNTS: Space = Space::Account;
/// The space of users: dialect, account, name.
pub const USERS: Space = Space::User;
/// The space of groups: dialect, account, name.
pub const GROUPS: Space = Space::Group;
/// The space of what groups are called: dialect, account, unique identifier.
pub const GROUP_NAMES: Space = Space::GroupName;
/// The space of users' groups: dialect, account, user, unique identifier of the group.
pub const GROUPS_OF_USER: Space = Space::GroupOfUser;
/// The space of groups' users: dialect, account, unique identifier of the group, user.
pub const USERS_OF_GROUP: Space = Space::UserOfGroup;
/// The space of roles: dialect, account, name.
pub const ROLES: Space = Space::Role;
/// The space of users and roles by what they are for ever: dialect, unique identifier.
pub const PRINCIPALS: Space = Space::Principal;
/// The space of managed policies: dialect, account, name.
pub const POLICIES: Space = Space::Policy;
/// The space of holders' managed policies: dialect, account, kind of holder, holder, number.
pub const POLICIES_OF_HOLDER: Space = Space::PolicyOfHolder;
/// The space of managed policies' holders: dialect, account, whose policy, policy, kind of holder, holder.
pub const HOLDERS_OF_POLICY: Space = Space::HolderOfPolicy;
/// The space of access keys: dialect, access key id.
pub const ACCESS_KEYS: Space = Space::AccessKey;
/// The space of owners' access keys: dialect, account, access key id; the value is empty.
pub const OWNER_KEYS: Space = Space::OwnerKey;

/// The adapters an engine runs on.
#[derive(Clone)]
pub struct Ports {
    /// Where records live.
    pub store: Arc<dyn Store>,
    /// Who encrypts.
    pub crypto: Arc<dyn Crypto>,
    /// Who remembers nonces.
    pub once: Arc<dyn Once>,
    /// What time it is.
    pub clock: Arc<dyn Clock>,
    /// Where unpredictable bytes come from.
    pub random: Arc<dyn Random>,
    /// Where the audit trail goes.
    pub audit: Arc<dyn Audit>,
}

/// How much of what was read is kept at hand.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Caches {
    /// How many keys, and as many of their versions and of their aliases.
    pub keys: usize,
    /// How many callers: access keys and sessions, each with what it may do.
    pub callers: usize,
    /// How many policy documents in their compiled form, each of which all who hold it share.
    pub policies: usize,
}

impl Default for Caches {
    fn default() -> Self {
        Self { keys: 10_000, callers: 10_000, policies: 5_000 }
    }
}

/// The ports and what was read through them lately.
pub struct World {
    /// The adapters.
    pub ports: Ports,
    keys: Cache<Loaded>,
    versions: Cache<Owner>,
    aliases: Cache<String>,
    callers: Cache<Known>,
    readings: Arc<Readings>,
    documents: Documents,
    unreadable: Unreadable,
}

/// The key that a version belongs to.
#[derive(Debug)]
pub(crate) struct Owner {
    /// The account that owns it.
    pub(crate) account: Arc<str>,
    /// Its identifier.
    pub(crate) id: String,
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
    pub(crate) fn new(ports: Ports, caches: Caches) -> Self {
        let Caches { keys, callers, policies } = caches;
        Self {
            ports,
            keys: Cache::new(keys),
            versions: Cache::new(keys),
            aliases: Cache::new(keys),
            callers: Cache::new(callers),
            readings: Arc::default(),
            documents: Documents::new(policies),
            unreadable: Unreadable::default(),
        }
    }

    /// Fresh random bytes.
    ///
    /// # Errors
    /// [`Kind::Internal`](crate::error::Kind::Internal) when the generator fails.
    pub fn random<const N: usize>(&self) -> Result<[u8; N]> {
        let mut bytes = [0; N];
        self.ports.random.fill(&mut bytes)?;
        Ok(bytes)
    }

    /// A fresh random UUID (RFC 9562, version 4), lower case.
    ///
    /// # Errors
    /// [`Kind::Internal`](crate::error::Kind::Internal) when the generator fails.
    pub fn uuid(&self) -> Result<String> {
        Ok(uuid(self.random()?))
    }
}
