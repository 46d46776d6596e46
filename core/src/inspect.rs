//! Inspection: which records of a store cannot be used as they are.

use std::fmt;

use serde::de::DeserializeOwned;

use crate::dialect::Dialect;
use crate::engine::world::{
    ACCESS_KEYS, ACCOUNTS, ALIASES, GROUP_NAMES, GROUPS, GROUPS_OF_USER, HOLDERS_OF_POLICY, KEYS, OWNER_KEYS, POLICIES,
    POLICIES_OF_HOLDER, PRINCIPALS, Pointer, ROLES, USERS, USERS_OF_GROUP, VERSIONS,
};
use crate::engine::{Engine, World};
use crate::error::Result;
use crate::identity::mentioned::{Lasting, bearer_path};
use crate::identity::relation::Relation;
use crate::identity::{
    AccessKey, Account, Attachment, Bearer, Group, GroupName, ManagedPolicy, Membership, Policies, Role, User,
    access_key, identity_path,
};
use crate::key::{AliasEntry, Grant, Key, Leads};
use crate::name::{first, last, path, shown};
use crate::policy::DocumentKind;
use crate::port::crypto::Seat;
use crate::port::store::SEPARATOR;
use crate::port::{Record, Space};

/// How closely records are looked at.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Depth {
    /// Whether they can be read.
    Form,
    /// Whether their documents compile and their secrets can be unsealed, too.
    Content,
}

/// A record that cannot be used as it is.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Finding {
    /// The record's space.
    pub space: Space,
    /// The record's path.
    pub path: String,
    /// What is wrong with it.
    pub why: &'static str,
}

impl fmt::Display for Finding {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}: {}", shown(self.space, &self.path), self.why)
    }
}

/// What an inspection saw.
#[derive(Debug, Default)]
pub struct Inspection {
    /// How many records it looked at.
    pub seen: usize,
    /// What it found, in the order of spaces and paths.
    pub findings: Vec<Finding>,
}

/// The spaces of records that hold something.
const SPACES: [Space; 16] = [
    ACCESS_KEYS,
    OWNER_KEYS,
    USERS,
    GROUPS,
    GROUP_NAMES,
    GROUPS_OF_USER,
    USERS_OF_GROUP,
    ROLES,
    PRINCIPALS,
    POLICIES,
    POLICIES_OF_HOLDER,
    HOLDERS_OF_POLICY,
    ACCOUNTS,
    KEYS,
    VERSIONS,
    ALIASES,
];
/// How many records are read at once.
const BATCH: usize = 256;

impl Engine {
    /// Looks at up to `most` records.
    ///
    /// # Errors
    /// [`Kind::Internal`](crate::error::Kind::Internal) when the store fails.
    pub async fn inspect(&self, most: usize, depth: Depth) -> Result<Inspection> {
        let mut inspection = Inspection::default();
        for space in SPACES {
            let mut after = None::<String>;
            while inspection.seen < most {
                let size = BATCH.min(most - inspection.seen);
                let batch = self.world().ports.store.scan(space, "", after.as_deref(), size).await?;
                let Some(end) = batch.last() else { break };
                after = Some(end.path.clone());
                inspection.seen += batch.len();
                for record in batch {
                    if let Err(why) = self.judge_record(space, &record, depth).await {
                        inspection.findings.push(Finding { space, path: record.path, why });
                    }
                }
            }
        }
        Ok(inspection)
    }

    async fn judge_record(&self, space: Space, record: &Record, depth: Depth) -> std::result::Result<(), &'static str> {
        let Some(dialect) = self.registry().named(first(&record.path)) else {
            return Err("it belongs to a dialect that is not known here");
        };
        let content = Content { world: self.world(), dialect, deep: depth == Depth::Content };
        match space {
            Space::Key => content.key(&read(record)?).await,
            Space::KeyVersion => read::<Pointer>(record).map(drop),
            Space::Alias => read::<AliasEntry>(record).map(drop),
            Space::Grant => read::<Grant>(record).map(drop),
            Space::RetirableGrant => read::<Leads>(record).map(drop),
            Space::Account => read::<Account>(record).map(drop),
            Space::User => content.user(&read(record)?).await,
            Space::Group => content.policies(&read::<Group>(record)?.policies),
            Space::GroupName => content.group_name(record, &read(record)?).await,
            Space::GroupOfUser | Space::UserOfGroup => content.relation(record, &read::<Membership>(record)?).await,
            Space::PolicyOfHolder | Space::HolderOfPolicy => {
                content.relation(record, &read::<Attachment>(record)?).await
            }
            Space::Role => content.role(&read(record)?).await,
            Space::Principal => content.principal(record, &read(record)?).await,
            Space::Policy => content.policy(&read(record)?),
            Space::AccessKey => content.access_key(&read(record)?),
            Space::OwnerKey => content.owned(record).await,
            Space::Meta | Space::Due | Space::Outbox | Space::Lease => Ok(()),
        }
    }
}

fn read<T: DeserializeOwned>(record: &Record) -> std::result::Result<T, &'static str> {
    serde_json::from_slice(&record.body).map_err(|_| "it cannot be read")
}

/// What stands in records that can be read.
struct Content<'a> {
    world: &'a World,
    dialect: &'static Dialect,
    deep: bool,
}

impl Content<'_> {
    fn compiles(&self, kind: DocumentKind, text: &str, why: &'static str) -> std::result::Result<(), &'static str> {
        match self.deep && self.dialect.law.policy.read(kind, text).is_err() {
            true => Err(why),
            false => Ok(()),
        }
    }

    async fn key(&self, key: &Key) -> std::result::Result<(), &'static str> {
        self.compiles(DocumentKind::Key, &key.policy, "its key policy does not compile")?;
        for version in key.versions.iter().filter(|_| self.deep) {
            let Key { account, region, id, .. } = key;
            let seat = Seat { dialect: self.dialect.name, account, region, key: id, version: &version.id };
            if let Some(sealed) = &version.material
                && self.world.ports.crypto.load(key.spec, seat, sealed).await.is_err()
            {
                return Err("its material cannot be unsealed");
            }
        }
        Ok(())
    }

    fn policies(&self, policies: &Policies) -> std::result::Result<(), &'static str> {
        let mut inline = policies.inline.values();
        inline.try_for_each(|text| self.compiles(DocumentKind::Identity, text, "a policy in it does not compile"))
    }

    async fn user(&self, user: &User) -> std::result::Result<(), &'static str> {
        self.policies(&user.policies)?;
        self.leads(user).await
    }

    async fn role(&self, role: &Role) -> std::result::Result<(), &'static str> {
        self.compiles(DocumentKind::Trust, &role.trust, "its trust policy does not compile")?;
        self.policies(&role.policies)?;
        self.leads(role).await
    }

    /// Whether the identifier of a user or role leads to it.
    async fn leads(&self, one: &impl Lasting) -> std::result::Result<(), &'static str> {
        let path = bearer_path(self.dialect.name, one.id());
        match self.world.ports.store.get(PRINCIPALS, &path).await {
            Ok(Some(found)) if read::<Bearer>(&found).ok() == Some(one.bearer()) => Ok(()),
            _ => Err("its identifier does not lead to it"),
        }
    }

    /// Whether whoever an identifier leads to is there, and has it. What cannot be read is found for itself.
    async fn principal(&self, record: &Record, known: &Bearer) -> std::result::Result<(), &'static str> {
        let path = identity_path(self.dialect.name, &known.account, &known.name);
        let space = if known.role { ROLES } else { USERS };
        let missing = Err("whoever has this identifier is not there");
        let Ok(Some(found)) = self.world.ports.store.get(space, &path).await else { return missing };
        let id = match known.role {
            true => read::<Role>(&found).map(|role| role.id),
            false => read::<User>(&found).map(|user| user.id),
        };
        if id.is_ok_and(|id| id != last(&record.path)) { missing } else { Ok(()) }
    }

    fn policy(&self, policy: &ManagedPolicy) -> std::result::Result<(), &'static str> {
        let compiles = |text: &str| self.compiles(DocumentKind::Identity, text, "a version of it does not compile");
        policy.versions.values().try_for_each(|version| compiles(&version.document))
    }

    fn access_key(&self, key: &AccessKey) -> std::result::Result<(), &'static str> {
        match self.deep && access_key::unseal(self.world, self.dialect.name, &key.id, &key.wrapped).is_err() {
            true => Err("its secret cannot be unsealed"),
            false => Ok(()),
        }
    }

    async fn group_name(&self, record: &Record, named: &GroupName) -> std::result::Result<(), &'static str> {
        let account = record.path.split(SEPARATOR).nth(1).unwrap_or_default();
        let path = identity_path(self.dialect.name, account, &named.name);
        match self.world.ports.store.get(GROUPS, &path).await {
            Ok(Some(_)) => Ok(()),
            _ => Err("the group that it names is not there"),
        }
    }

    async fn relation(&self, record: &Record, relation: &impl Relation) -> std::result::Result<(), &'static str> {
        let account = record.path.split(SEPARATOR).nth(1).unwrap_or_default();
        for (space, path) in relation.places(self.dialect.name, account) {
            match self.world.ports.store.get(space, &path).await {
                Ok(Some(side)) if side.body == record.body => {}
                _ => return Err("it does not stand on both sides"),
            }
        }
        Ok(())
    }

    async fn owned(&self, record: &Record) -> std::result::Result<(), &'static str> {
        let path = path(&[self.dialect.name, last(&record.path)]);
        match self.world.ports.store.get(ACCESS_KEYS, &path).await {
            Ok(Some(_)) => Ok(()),
            _ => Err("the access key it stands for is not there"),
        }
    }
}
