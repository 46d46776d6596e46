//! From the second format to the third: who is in which group and what is attached to whom was said by the records of
//! users, groups, roles and policies, and becomes records of its own.
//!
//! # Invariants
//! - A record stops saying something when that is stored elsewhere, and not before.
//! - Who was refused, because a group could not be read that may deny something, is refused still.

use std::collections::{BTreeMap, BTreeSet};

use serde::de::DeserializeOwned;
use serde::{Deserialize, Serialize};

use crate::engine::World;
use crate::engine::world::{GROUPS, GROUPS_OF_USER, POLICIES, ROLES, USERS, put};
use crate::error::Result;
use crate::holder::{Holder, PolicyName};
use crate::identity::relation::{self, Relation as _};
use crate::identity::{Attachment, Group, ManagedPolicy, Membership, Role, User, identity_path};
use crate::name::first;
use crate::port::{Change, Expect, Record, Space, Time};

/// How many records are read at once: each may name all who are in a large group.
const READ: usize = 16;
/// How many changes are committed at once.
const COMMITTED: usize = 512;

/// What a user, group or role of the second format says of others.
#[derive(Deserialize)]
struct Said {
    id: String,
    account: String,
    name: String,
    created_at: Time,
    policies: Policies,
    /// Of a user: its groups by name.
    #[serde(default)]
    groups: BTreeSet<String>,
    /// Of a group: its users by name, with the time they joined.
    #[serde(default)]
    members: BTreeMap<String, Time>,
}

#[derive(Deserialize)]
struct Policies {
    #[serde(default)]
    attached: Vec<Attached>,
}

#[derive(Deserialize)]
struct Attached {
    policy: PolicyName,
    at: Time,
}

/// Does the step.
pub(super) async fn migrate(world: &World) -> Result<()> {
    // Groups before users, who know of groups that cannot be read.
    for space in [GROUPS, USERS, ROLES, POLICIES] {
        let mut after = None::<String>;
        loop {
            let batch = world.ports.store.scan(space, "", after.as_deref(), READ).await?;
            let Some(last) = batch.last() else { break };
            after = Some(last.path.clone());
            let mut changes = Vec::new();
            for record in &batch {
                changes.extend(moved(world, space, record).await?);
            }
            for some in changes.chunks(COMMITTED) {
                world.commit(some.to_vec()).await?;
            }
        }
    }
    Ok(())
}

/// The changes that store what a record says of others elsewhere, and then the record without it. From one that cannot be
/// read nothing follows: it closes what it is about, and not the whole store.
async fn moved(world: &World, space: Space, record: &Record) -> Result<Vec<Change>> {
    let dialect = first(&record.path);
    if space == POLICIES {
        return Ok(without::<ManagedPolicy>(space, record)?.into_iter().collect());
    }
    let Some(said) = world.readable::<Said>(space, &record.path, &record.body) else { return Ok(Vec::new()) };
    let (mut changes, rest) = match space {
        GROUPS => (said.members(dialect)?, without::<Group>(space, record)?),
        USERS => (said.other_groups(world, dialect).await?, without::<User>(space, record)?),
        _ => (Vec::new(), without::<Role>(space, record)?),
    };
    changes.extend(said.attachments(space, dialect)?);
    changes.extend(rest);
    Ok(changes)
}

/// The change that stores a record as today's code writes it, if it is not like that already.
fn without<T: Serialize + DeserializeOwned>(space: Space, record: &Record) -> Result<Option<Change>> {
    let Ok(value) = serde_json::from_slice::<T>(&record.body) else { return Ok(None) };
    let change = put(space, record.path.clone(), Expect::Rev(record.rev), &value)?;
    Ok(Some(change).filter(|change| !matches!(change, Change::Put { body, .. } if *body == record.body)))
}

impl Said {
    /// The name of a group and its members.
    fn members(&self, dialect: &str) -> Result<Vec<Change>> {
        let mut changes = vec![relation::named(dialect, &self.account, &self.id, &self.name)?];
        for (user, at) in &self.members {
            changes.extend(self.joined(dialect, user, &self.id, *at)?);
        }
        Ok(changes)
    }

    /// The groups that a user is in by its own word alone; one that cannot be read stays one that is not found.
    async fn other_groups(&self, world: &World, dialect: &str) -> Result<Vec<Change>> {
        let prefix = relation::groups_of(dialect, &self.account, &self.name);
        let known = world.read_below::<Membership>(GROUPS_OF_USER, &prefix).await?;
        let known: BTreeSet<_> = known.into_iter().map(|joined| joined.group).collect();
        let mut changes = Vec::new();
        if known.len() >= self.groups.len() {
            return Ok(changes);
        }
        for name in &self.groups {
            let found = world.ports.store.get(GROUPS, &identity_path(dialect, &self.account, name)).await?;
            let group = found.and_then(|found| world.readable::<Self>(GROUPS, &found.path, &found.body));
            let (id, at) = group.map_or((name.clone(), self.created_at), |group| (group.id, group.created_at));
            if !known.contains(&id) {
                changes.extend(self.joined(dialect, &self.name, &id, at)?);
            }
        }
        Ok(changes)
    }

    fn joined(&self, dialect: &str, user: &str, group: &str, at: Time) -> Result<Vec<Change>> {
        let joined = Membership { user: user.to_owned(), group: group.to_owned(), at };
        joined.added(dialect, &self.account, Expect::Any)
    }

    fn attachments(&self, space: Space, dialect: &str) -> Result<Vec<Change>> {
        let name = self.name.clone();
        let holder = match space {
            GROUPS => Holder::Group(name),
            USERS => Holder::User(name),
            _ => Holder::Role(name),
        };
        let (mut changes, mut seen) = (Vec::new(), BTreeSet::new());
        let each_once = self.policies.attached.iter().filter(|attached| seen.insert(&attached.policy));
        for (Attached { policy, at }, number) in each_once.zip(1..) {
            let attached = Attachment { holder: holder.clone(), policy: policy.clone(), number, at: *at };
            changes.extend(attached.added(dialect, &self.account, Expect::Any)?);
        }
        Ok(changes)
    }
}
