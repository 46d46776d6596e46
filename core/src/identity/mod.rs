//! Identities: accounts with their owner, users, groups, roles, managed policies, access keys and sessions.
//!
//! One file per noun lies beside this one; each holds the operations on that noun.
//!
//! # Invariants
//! - Memberships and attachments are records of their own, on both sides: `relation` says which and how.
//! - Names are unique without regard to ASCII case; records lie under the lower-cased name.

pub mod access_key;
pub mod assume;
pub mod attachment;
pub mod decode;
pub mod group;
pub mod inline;
mod locate;
pub mod logon;
pub mod managed_policy;
pub mod member;
pub(crate) mod mentioned;
pub(crate) mod relation;
mod rename;
pub mod role;
pub mod simulate;
pub mod tagged;
pub mod user;

use std::borrow::Cow;
use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

use serde::{Deserialize, Serialize};

pub use crate::engine::session::{self, Session};
pub use crate::holder::{Holder, PolicyName, PolicySource};
pub(crate) use locate::policy as find_policy;
pub use mentioned::{Bearer, Mentioned};
pub use relation::{Attachment, GroupName, Membership};

use relation::torn;

use crate::dialect::{Dialect, Law};
use crate::engine::World;
use crate::engine::world::{
    GROUP_NAMES, GROUPS, GROUPS_OF_USER, POLICIES, POLICIES_OF_HOLDER, ROLES, Reading, USERS, Versioned, put,
};
use crate::error::{Kind, Noun, Result};
use crate::name::{Place, path};
use crate::operation::{Authorized, Operation};
use crate::policy::{DocumentKind, Named, Pins, Policy};
use crate::port::{Change, Expect, Space, Time};
use crate::tag::Tags;

/// An account and its owner.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub struct Account {
    /// The identifier.
    pub id: String,
    /// When it was made.
    pub created_at: Time,
}

/// A user.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub struct User {
    /// The unique identifier, never used again.
    pub id: String,
    /// The account.
    pub account: String,
    /// The name.
    pub name: String,
    /// The path, with both slashes; `/` where the cloud has none.
    pub path: String,
    /// The name shown to people.
    pub display_name: String,
    /// Words of the administrator.
    pub comments: String,
    /// The telephone number.
    pub phone: String,
    /// The mail address.
    pub email: String,
    /// When it was made.
    pub created_at: Time,
    /// When it was changed last.
    pub updated_at: Time,
    /// Its tags.
    pub tags: Tags,
    /// Its own policies.
    pub policies: Policies,
    /// Its access keys, by identifier.
    pub access_keys: BTreeSet<String>,
}

/// A group of users.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub struct Group {
    /// The unique identifier.
    pub id: String,
    /// The account.
    pub account: String,
    /// The name.
    pub name: String,
    /// The path.
    pub path: String,
    /// Words of the administrator.
    pub comments: String,
    /// When it was made.
    pub created_at: Time,
    /// When it was changed last.
    pub updated_at: Time,
    /// Its own policies.
    pub policies: Policies,
}

/// A role.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub struct Role {
    /// The unique identifier.
    pub id: String,
    /// The account.
    pub account: String,
    /// The name.
    pub name: String,
    /// The path.
    pub path: String,
    /// Words of the administrator.
    pub description: String,
    /// When it was made.
    pub created_at: Time,
    /// When it was changed last.
    pub updated_at: Time,
    /// Who may assume it: the trust policy.
    pub trust: String,
    /// Whom its trust policy means.
    #[serde(default, skip_serializing_if = "Pins::is_empty")]
    pub pins: Pins,
    /// How long a session may last, in seconds.
    pub max_session_seconds: u32,
    /// Its tags.
    pub tags: Tags,
    /// Its own policies.
    pub policies: Policies,
}

/// The own policies of a user, group or role.
#[derive(Debug, Clone, Default, Serialize, Deserialize)]
pub struct Policies {
    /// Documents that live inside the principal, by name.
    pub inline: BTreeMap<String, String>,
}

/// A managed policy of an account.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub struct ManagedPolicy {
    /// The unique identifier.
    pub id: String,
    /// The account.
    pub account: String,
    /// The name.
    pub name: String,
    /// The path.
    pub path: String,
    /// Words of the administrator.
    pub description: String,
    /// When it was made.
    pub created_at: Time,
    /// When it was changed last.
    pub updated_at: Time,
    /// Its versions by number; the numbers are never used again.
    pub versions: BTreeMap<u32, PolicyVersion>,
    /// The version in force.
    pub default_version: u32,
    /// The number of the next version.
    pub next_version: u32,
    /// Its tags.
    pub tags: Tags,
}

/// A version of a managed policy.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub struct PolicyVersion {
    /// The document as it was written.
    pub document: String,
    /// When it was made.
    pub created_at: Time,
}

/// An access key as it is stored, its secret sealed.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub struct AccessKey {
    /// The identifier.
    pub id: String,
    /// The account.
    pub account: String,
    /// The user; the owner of the account when absent.
    pub user: Option<UserRef>,
    /// The sealed secret, in base64.
    pub wrapped: String,
    /// Whether it is switched on.
    pub active: bool,
    /// When it was made.
    pub created_at: Time,
    /// For one that the owner made for itself: the access key it was made with. One of the settings has none.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub made_by: Option<String>,
}

/// A user by name and unique identifier.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct UserRef {
    /// The unique identifier; a user made anew under the same name is another user.
    pub id: String,
    /// The name.
    pub name: String,
}

/// A kind of identifier a dialect makes.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum IdKind {
    /// Of a user.
    User,
    /// Of a group.
    Group,
    /// Of a role.
    Role,
    /// Of a managed policy.
    Policy,
    /// Of a long-term access key.
    AccessKey,
    /// Of an access key that ends with its session.
    SessionKey,
}

/// What operations on identities are about, to be named by a dialect.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Item<'a> {
    /// Nothing in particular: the operation concerns everything of the service.
    Everything,
    /// The account itself, its owner.
    Owner,
    /// All users, as a collection.
    Users,
    /// A user by path and name.
    User(&'a str, &'a str),
    /// A user that is to be made, by path and name.
    NewUser(&'a str, &'a str),
    /// All groups, as a collection.
    Groups,
    /// A group by path and name.
    Group(&'a str, &'a str),
    /// A group that is to be made, by path and name.
    NewGroup(&'a str, &'a str),
    /// All roles, as a collection.
    Roles,
    /// A role by path and name.
    Role(&'a str, &'a str),
    /// A role that is to be made, by path and name.
    NewRole(&'a str, &'a str),
    /// All managed policies, as a collection.
    Policies,
    /// A managed policy by path and name.
    Policy(&'a str, &'a str),
    /// A managed policy that is to be made, by path and name.
    NewPolicy(&'a str, &'a str),
    /// A managed policy that the vendor supplies, by path and name.
    SystemPolicy(&'a str, &'a str),
}

/// What a dialect says about identities.
pub struct Rules {
    /// The full name of what belongs to an account; the region is the one asked.
    pub name: fn(account: &str, region: &str, item: Item<'_>) -> String,
    /// Makes an identifier from random bytes.
    pub id: fn(IdKind, &[u8; 32]) -> String,
    /// What the identifiers of temporary access keys begin with, and no others.
    pub session_key_prefix: &'static str,
    /// Makes an access key secret from random bytes.
    pub secret: fn(&[u8; 32]) -> String,
    /// The policies the vendor supplies, in the order of their names by bytes, whatever their paths; made or unpacked when
    /// they are first asked for.
    pub system_policies: fn() -> &'static [SystemPolicy],
    /// Access keys a user may have.
    pub max_access_keys: usize,
    /// Versions a managed policy may have.
    pub max_policy_versions: usize,
    /// Groups a user may be in.
    pub max_groups: usize,
    /// Managed policies of the account that a user, group or role may have attached.
    pub max_attached: usize,
    /// Tags that a role or managed policy may have.
    pub max_tags: usize,
    /// Characters that the inline policies of a user, a group and a role may have together, white space not counted.
    pub max_inline: [usize; 3],
    /// Shortest session, in seconds.
    pub min_session_seconds: u32,
    /// Whether the owner of an account may assume roles.
    pub owner_assumes_roles: bool,
    /// Whom a full name or unique identifier in a policy means, where the vendor refuses policies that name nobody, and binds
    /// the others to whom they mean.
    pub mentioned: Option<for<'a> fn(&'a str) -> Mentioned<'a>>,
    /// The full name of something in an account, as callers are told it in a region.
    pub full_name: fn(&str, &str, FullName<'_>) -> String,
}

/// How things of accounts are named to whoever asks in a region.
#[derive(Clone, Copy)]
pub(crate) struct Naming<'a> {
    pub(crate) rules: &'a Rules,
    pub(crate) region: &'a str,
}

impl<'a> Naming<'a> {
    pub(crate) fn of<O: Operation>(allowed: &'a Authorized<O>) -> Result<Self> {
        Ok(Self { rules: allowed.dialect().law.identity()?, region: &allowed.place().region })
    }

    pub(crate) fn full(self, account: &str, name: FullName<'_>) -> String {
        (self.rules.full_name)(account, self.region, name)
    }
}

/// What has a full name.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum FullName<'a> {
    /// The owner of the account.
    Owner,
    /// A user by path and name.
    User(&'a str, &'a str),
    /// A group by path and name.
    Group(&'a str, &'a str),
    /// A role by path and name.
    Role(&'a str, &'a str),
    /// A managed policy of the account by path and name.
    Policy(&'a str, &'a str),
    /// A policy the vendor supplies, by path and name.
    SystemPolicy(&'a str, &'a str),
    /// A session by the names of its role and its own, as whoever starts it is told.
    Started(&'a str, &'a str),
    /// A session by the names of its role and its own, as it is told itself.
    Session(&'a str, &'a str),
}

impl Law {
    /// What is said about identities.
    ///
    /// # Errors
    /// [`Kind::Unsupported`] when nothing is.
    pub fn identity(&self) -> Result<&'static Rules> {
        self.rules()
    }
}

/// A policy the vendor supplies.
#[derive(Debug)]
pub struct SystemPolicy {
    /// The path.
    pub path: &'static str,
    /// The name.
    pub name: &'static str,
    /// What it is for.
    pub description: Cow<'static, str>,
    /// When it was made.
    pub created_at: Time,
    /// When its version in force was made.
    pub updated_at: Time,
    /// The version in force.
    pub version: u32,
    /// The document.
    pub document: Cow<'static, str>,
}

impl Rules {
    /// The policy of the vendor that has this name.
    pub fn system_policy(&self, name: &str) -> Option<&'static SystemPolicy> {
        let all = (self.system_policies)();
        let at = all.binary_search_by(|known| known.name.cmp(name)).ok()?;
        all.get(at)
    }
}

impl PolicyName {
    /// The full name of a managed policy of the account, or of the vendor.
    pub(crate) fn in_full(&self, law: &Law, account: &str, region: &str) -> Result<String> {
        let item = match self.system {
            true => Item::SystemPolicy(&self.path, &self.name),
            false => Item::Policy(&self.path, &self.name),
        };
        Ok((law.identity()?.name)(account, region, item))
    }

    /// Its full name; the account is the one it belongs to where it is not the vendor's.
    pub(crate) fn full(&self, naming: Naming<'_>, account: &str) -> String {
        let Self { system, account: _, path, name } = self;
        let named = if *system { FullName::SystemPolicy(path, name) } else { FullName::Policy(path, name) };
        naming.full(account, named)
    }
}

/// A user, group or role, read to change its policies.
#[derive(Debug)]
pub(crate) enum Held {
    /// A user.
    User(User),
    /// A group.
    Group(Group),
    /// A role.
    Role(Role),
}

impl Held {
    /// Reads who holds policies.
    pub(crate) async fn read(world: &World, place: &Place, holder: &Holder) -> Result<Versioned<Self>> {
        Ok(match holder {
            Holder::User(name) => user(world, place, name).await?.map(Self::User),
            Holder::Group(name) => group(world, place, name).await?.map(Self::Group),
            Holder::Role(name) => role(world, place, name).await?.map(Self::Role),
        })
    }

    /// Its name, as it was given when it was made.
    pub(crate) fn holder(&self) -> Holder {
        match self {
            Self::User(user) => Holder::User(user.name.clone()),
            Self::Group(group) => Holder::Group(group.name.clone()),
            Self::Role(role) => Holder::Role(role.name.clone()),
        }
    }

    /// Its unique identifier.
    pub(crate) fn id(&self) -> &str {
        match self {
            Self::User(user) => &user.id,
            Self::Group(group) => &group.id,
            Self::Role(role) => &role.id,
        }
    }

    /// Its path.
    pub(crate) fn path(&self) -> &str {
        match self {
            Self::User(user) => &user.path,
            Self::Group(group) => &group.path,
            Self::Role(role) => &role.path,
        }
    }

    /// Its policies.
    pub(crate) fn policies(&self) -> &Policies {
        match self {
            Self::User(user) => &user.policies,
            Self::Group(group) => &group.policies,
            Self::Role(role) => &role.policies,
        }
    }

    /// The change that stores it with other own policies, if it is still what was read.
    pub(crate) fn with_policies(self, place: &Place, rev: u64, policies: Policies) -> Result<Change> {
        match self {
            Self::User(user) => Self::User(User { policies, ..user }),
            Self::Group(group) => Self::Group(Group { policies, ..group }),
            Self::Role(role) => Self::Role(Role { policies, ..role }),
        }
        .again(place, rev)
    }

    /// The change that stores it as it is, if it is still what was read: whoever changes it at the same time is refused.
    pub(crate) fn again(&self, place: &Place, rev: u64) -> Result<Change> {
        let path = |name: &str| identity_path(place.dialect, &place.account, name);
        match self {
            Self::User(user) => put(USERS, path(&user.name), Expect::Rev(rev), user),
            Self::Group(group) => put(GROUPS, path(&group.name), Expect::Rev(rev), group),
            Self::Role(role) => put(ROLES, path(&role.name), Expect::Rev(rev), role),
        }
    }
}

/// Reads a user that must exist.
pub(crate) async fn user(world: &World, place: &Place, name: &str) -> Result<Versioned<User>> {
    existing(world, USERS, place, name, Noun::User).await
}

/// Reads a group that must exist.
pub(crate) async fn group(world: &World, place: &Place, name: &str) -> Result<Versioned<Group>> {
    existing(world, GROUPS, place, name, Noun::Group).await
}

/// Reads a role that must exist.
pub(crate) async fn role(world: &World, place: &Place, name: &str) -> Result<Versioned<Role>> {
    existing(world, ROLES, place, name, Noun::Role).await
}

/// Reads a managed policy of the account that must exist.
pub(crate) async fn managed(world: &World, place: &Place, name: &str) -> Result<Versioned<ManagedPolicy>> {
    existing(world, POLICIES, place, name, Noun::Policy).await
}

async fn existing<T: serde::de::DeserializeOwned>(
    world: &World,
    space: Space,
    place: &Place,
    name: &str,
    noun: Noun,
) -> Result<Versioned<T>> {
    let found = world.read::<T>(space, &identity_path(place.dialect, &place.account, name)).await?;
    found.ok_or_else(|| Kind::NotFound(noun).about(name))
}

/// A fresh identifier in the dialect's form.
pub(crate) fn fresh_id(world: &World, dialect: &Dialect, kind: IdKind) -> Result<String> {
    Ok((dialect.law.identity()?.id)(kind, &world.random::<32>()?))
}

/// The compiled form of a document that is about to be kept, or its refusal.
pub(crate) fn check_document(dialect: &Dialect, kind: DocumentKind, document: &str) -> Result<Policy> {
    let compiled = dialect.law.policy.compile(kind, document);
    compiled.map_err(|refusal| Kind::MalformedPolicy.refused(refusal))
}

/// The store path of a named identity; `kind` of record is chosen by its space.
pub fn identity_path(dialect: &str, account: &str, name: &str) -> String {
    path(&[dialect, account, &name.to_ascii_lowercase()])
}

impl PolicySource {
    /// The full name of the policy, when it is a managed one.
    pub(crate) fn name_of_managed(&self, law: &Law, account: &str, region: &str) -> Option<String> {
        self.managed.as_ref().and_then(|name| name.in_full(law, account, region).ok())
    }
}

/// Reads everything that the policies of a principal say: own, attached and, of a user, those of its groups.
///
/// # Errors
/// [`Kind::Conflict`] when one of them is not there: then the records were not read in one state.
pub(crate) async fn policies_of(
    reading: &mut Reading<'_>,
    dialect: &'static Dialect,
    account: &str,
    holder: Holder,
    policies: &Policies,
) -> Result<Vec<(Named, PolicySource)>> {
    let mut named = Vec::new();
    collect(reading, dialect, account, &holder, policies, &mut named).await?;
    if let Holder::User(user) = &holder {
        for group in groups_of(reading, dialect.name, account, user).await? {
            collect(reading, dialect, account, &Holder::Group(group.name), &group.policies, &mut named).await?;
        }
    }
    Ok(named)
}

/// Reads the groups of a user, in the order of their names.
async fn groups_of(reading: &mut Reading<'_>, dialect: &str, account: &str, user: &str) -> Result<Vec<Group>> {
    let prefix = relation::groups_of(dialect, account, user);
    let mut groups = Vec::new();
    for Membership { group: id, .. } in reading.read_below(GROUPS_OF_USER, &prefix).await? {
        let path = relation::name_path(dialect, account, &id);
        let named = reading.read::<GroupName>(GROUP_NAMES, &path).await?.ok_or_else(torn)?;
        let path = identity_path(dialect, account, &named.value.name);
        let group = reading.read::<Group>(GROUPS, &path).await?.map(|found| found.value);
        groups.push(group.filter(|group| group.id == id).ok_or_else(torn)?);
    }
    groups.sort_by(|one, other| one.name.cmp(&other.name));
    Ok(groups)
}

async fn collect(
    reading: &mut Reading<'_>,
    dialect: &'static Dialect,
    account: &str,
    holder: &Holder,
    policies: &Policies,
    named: &mut Vec<(Named, PolicySource)>,
) -> Result<()> {
    let world = reading.world();
    let source = |managed, version, document| PolicySource { holder: holder.clone(), managed, version, document };
    for (name, document) in &policies.inline {
        let (policy, document) = compiled(world, dialect, name, document)?;
        named.push((policy, source(None, None, document)));
    }
    let attached = relation::policies_of(dialect.name, account, holder);
    for Attachment { policy, .. } in reading.read_below(POLICIES_OF_HOLDER, &attached).await? {
        if policy.system {
            let system = dialect.law.identity()?.system_policy(&policy.name).ok_or_else(torn)?;
            let (compiled, document) = compiled(world, dialect, system.name, &system.document)?;
            named.push((compiled, source(Some(policy), None, document)));
            continue;
        }
        let path = identity_path(dialect.name, account, &policy.name);
        let Versioned { value: managed, .. } =
            reading.read::<ManagedPolicy>(POLICIES, &path).await?.ok_or_else(torn)?;
        let version = managed.versions.get(&managed.default_version).ok_or_else(torn)?;
        let name = PolicyName::custom(managed.path.clone(), managed.name.clone());
        let (compiled, document) = compiled(world, dialect, &managed.name, &version.document)?;
        named.push((compiled, source(Some(name), Some(managed.default_version), document)));
    }
    Ok(())
}

/// A stored policy that no longer compiles fails the whole request: a Deny it may hold must not be lost.
fn compiled(world: &World, dialect: &'static Dialect, name: &str, document: &str) -> Result<(Named, Arc<str>)> {
    let document = world
        .document(dialect, DocumentKind::Identity, document)
        .map_err(|_| Kind::Internal.because("a stored policy cannot be read").naming(name))?;
    Ok((Named { name: Arc::from(name), policy: document.policy }, document.text))
}

#[cfg(test)]
#[allow(clippy::unwrap_used, clippy::expect_used, clippy::indexing_slicing, clippy::panic, reason = "tests")]
#[path = "operation_tests.rs"]
mod tests;
