//! The store port: one ordered key space per kind of record, with all-or-nothing commits under compare-and-set.
//!
//! # Invariants
//! - A commit is atomic and durable before it returns: every change of the batch is applied, or none is.
//! - Every commit gets a revision that no other commit of this store has or had; a record carries the revision that wrote
//!   it last, so a record that was deleted and made again never repeats one. Which of two revisions is greater says
//!   nothing, and nobody may ask: where several nodes write, revisions are not made in the order of the commits.
//! - A read that starts after a commit returned sees that commit; what one read returns was there at one moment.
//! - No read holds its thread for longer than some thousand paths take: the long ones give way to others in between, and
//!   all of more than one record begin by doing so, so that whoever reads a long list in pieces lets others go first
//!   between them.

use std::fmt;

use async_trait::async_trait;

use crate::error::{Error, Kind};

/// The kind of a record; every space is an ordered map of its own.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Space {
    /// What the store says about itself.
    Meta,
    /// Keys.
    Key,
    /// Versions of keys.
    KeyVersion,
    /// Aliases of keys.
    Alias,
    /// Grants on keys: dialect, account, region, key, identifier.
    Grant,
    /// Which grants somebody may retire: dialect, region, who, account, key, identifier.
    RetirableGrant,
    /// Accounts.
    Account,
    /// Users.
    User,
    /// Groups of users.
    Group,
    /// What a group is called: dialect, account, unique identifier of the group.
    GroupName,
    /// Which groups a user is in: dialect, account, user, unique identifier of the group.
    GroupOfUser,
    /// Which users are in a group: dialect, account, unique identifier of the group, user.
    UserOfGroup,
    /// Roles.
    Role,
    /// Who has a unique identifier: dialect, identifier of a user or role.
    Principal,
    /// Managed policies.
    Policy,
    /// Which managed policies a user, group or role has attached: dialect, account, kind of holder, holder, number.
    PolicyOfHolder,
    /// Whom a managed policy is attached to: dialect, account, whose policy, policy, kind of holder, holder.
    HolderOfPolicy,
    /// Access keys.
    AccessKey,
    /// Which access keys are an owner's: dialect, account, identifier.
    OwnerKey,
    /// What has to be done at a time: [`moment`](crate::name::moment), kind, path of what it is about.
    Due,
    /// What is to be told elsewhere of a commit that wrote it: [`moment`](crate::name::moment), identifier. In this order
    /// it is told, and removed once that is done.
    Outbox,
    /// Who may do alone what must not be done twice: the name of that.
    Lease,
}

impl Space {
    /// Whether its records are resources, each with a full name.
    fn is_of_resources(self) -> bool {
        match self {
            Self::Key | Self::Alias | Self::User | Self::Group | Self::Role | Self::Policy => true,
            Self::Meta | Self::KeyVersion | Self::Account | Self::AccessKey | Self::OwnerKey | Self::Principal => false,
            Self::GroupName | Self::GroupOfUser | Self::UserOfGroup | Self::PolicyOfHolder | Self::HolderOfPolicy => {
                false
            }
            Self::Grant | Self::RetirableGrant | Self::Due | Self::Outbox | Self::Lease => false,
        }
    }

    /// The name it is stored under; it never changes.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Meta => "meta",
            Self::Key => "key",
            Self::KeyVersion => "key_version",
            Self::Alias => "alias",
            Self::Grant => "grant",
            Self::RetirableGrant => "retirable_grant",
            Self::Account => "account",
            Self::User => "user",
            Self::Group => "group",
            Self::GroupName => "group_name",
            Self::GroupOfUser => "group_of_user",
            Self::UserOfGroup => "user_of_group",
            Self::Role => "role",
            Self::Principal => "principal",
            Self::Policy => "policy",
            Self::PolicyOfHolder => "policy_of_holder",
            Self::HolderOfPolicy => "holder_of_policy",
            Self::AccessKey => "access_key",
            Self::OwnerKey => "owner_key",
            Self::Due => "due",
            Self::Outbox => "outbox",
            Self::Lease => "lease",
        }
    }
}

impl fmt::Display for Space {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.as_str())
    }
}

/// Separates the segments of a path; sorts before every character a name may hold.
pub const SEPARATOR: char = '\u{1f}';

/// One stored value.
#[derive(Clone, PartialEq, Eq)]
pub struct Record {
    /// The key inside the space: segments joined by [`SEPARATOR`].
    pub path: String,
    /// The revision of the commit that wrote this record last.
    pub rev: u64,
    /// The stored bytes.
    pub body: Vec<u8>,
}

impl fmt::Debug for Record {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Record({:?}, rev {}, {} bytes)", self.path, self.rev, self.body.len())
    }
}

/// What must hold of a record, or of all below a prefix, before a change applies.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Expect {
    /// No record has this path.
    Absent,
    /// The record exists and was written last at this revision.
    Rev(u64),
    /// No record of the space has a path that starts with this one, which is taken for a prefix: what others put below it
    /// at the same time and this commit exclude each other.
    NoneBelow,
    /// Anything: the last writer wins.
    Any,
}

/// One part of a commit.
#[derive(Clone, PartialEq, Eq)]
pub enum Change {
    /// Writes a record.
    Put {
        /// The record's space.
        space: Space,
        /// The record's path.
        path: String,
        /// What must hold before.
        expect: Expect,
        /// The new value.
        body: Vec<u8>,
    },
    /// Removes a record; with [`Expect::Any`] a missing record is no error.
    Delete {
        /// The record's space.
        space: Space,
        /// The record's path.
        path: String,
        /// What must hold before.
        expect: Expect,
    },
    /// Writes nothing, but the commit fails unless this holds.
    Check {
        /// The record's space.
        space: Space,
        /// The record's path.
        path: String,
        /// What must hold.
        expect: Expect,
    },
}

impl Change {
    /// Whether a resource comes to be by it: a record of its own with a full name.
    pub(crate) fn makes_a_resource(&self) -> bool {
        match self {
            Self::Put { space, expect: Expect::Absent, .. } => space.is_of_resources(),
            Self::Put { .. } | Self::Delete { .. } | Self::Check { .. } => false,
        }
    }
}

impl fmt::Debug for Change {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Put { space, path, expect, body } => {
                write!(f, "Put({space}/{path:?}, {expect:?}, {} bytes)", body.len())
            }
            Self::Delete { space, path, expect } => write!(f, "Delete({space}/{path:?}, {expect:?})"),
            Self::Check { space, path, expect } => write!(f, "Check({space}/{path:?}, {expect:?})"),
        }
    }
}

/// A position in the sequence of all commits of a store; it only grows, also over restarts.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Default)]
pub struct Head(pub u64);

/// A record that was written or removed.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Changed {
    /// The position of the commit that did it.
    pub head: Head,
    /// The record's space.
    pub space: Space,
    /// The record's path.
    pub path: String,
}

/// What changed in a store after a position.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Changes {
    /// These records, in the order of the commits.
    Known {
        /// Where to ask on from.
        head: Head,
        /// What changed up to there.
        changed: Vec<Changed>,
    },
    /// Perhaps everything: the position is older than what is remembered, or not one of this store.
    TooOld {
        /// Where to ask on from, once everything that was read before is forgotten.
        head: Head,
    },
}

/// Why a store could not do what was asked.
#[derive(Debug)]
pub enum StoreError {
    /// An expectation did not hold; nothing was written. Read again and decide anew.
    Conflict,
    /// The store failed; nothing was acknowledged.
    Failed(String),
}

impl From<StoreError> for Error {
    fn from(error: StoreError) -> Self {
        match error {
            StoreError::Conflict => Kind::Conflict.because("the record was changed meanwhile"),
            StoreError::Failed(why) => Kind::Internal.because(why),
        }
    }
}

impl fmt::Display for StoreError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Conflict => f.write_str("the record was changed meanwhile"),
            Self::Failed(why) => write!(f, "the store failed: {why}"),
        }
    }
}

impl std::error::Error for StoreError {}

/// Where records live.
#[async_trait]
pub trait Store: Send + Sync + 'static {
    /// Reads one record.
    async fn get(&self, space: Space, path: &str) -> Result<Option<Record>, StoreError>;

    /// Reads several records as they were at one moment, in the order they were asked for; lets others go first.
    async fn get_many(&self, wanted: &[(Space, &str)]) -> Result<Vec<Option<Record>>, StoreError>;

    /// Reads up to `limit` records whose path starts with `prefix` and is greater than `after`, in byte order.
    async fn scan(
        &self,
        space: Space,
        prefix: &str,
        after: Option<&str>,
        limit: usize,
    ) -> Result<Vec<Record>, StoreError>;

    /// Lists the paths of records whose path starts with `prefix` and is greater than `after`, in byte order: up to
    /// `limit` after passing over `skip` of them. No body is read. While others commit, what was passed over may have
    /// been there at several moments.
    async fn paths(
        &self,
        space: Space,
        prefix: &str,
        after: Option<&str>,
        skip: usize,
        limit: usize,
    ) -> Result<Vec<String>, StoreError>;

    /// Counts the records whose path starts with `prefix`. While others commit, they may be counted at several moments.
    async fn count(&self, space: Space, prefix: &str) -> Result<usize, StoreError>;

    /// Applies all changes or none, and returns the revision of the commit once it is durable.
    async fn commit(&self, changes: Vec<Change>) -> Result<u64, StoreError>;

    /// Tells what was written and removed after `since`: at least by the commits that returned before this was asked, and
    /// only what every later read sees. Older positions than some thousand changes back are [`Changes::TooOld`], and so
    /// is everything before a [`clear`](Store::clear).
    async fn changes(&self, since: Head) -> Result<Changes, StoreError>;

    /// Removes every record of every space. Revisions and positions go on from where they were.
    async fn clear(&self) -> Result<(), StoreError>;

    /// Why nothing can be written any more, once that is so for good.
    fn failure(&self) -> Option<String> {
        None
    }
}
