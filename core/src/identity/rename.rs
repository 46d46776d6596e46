//! Renaming: a user or group under its new name, with everything that knows it by name.
//!
//! # Invariants
//! - All records that hold the name change in one commit, or none does.

use serde::Serialize;
use serde::de::DeserializeOwned;

use super::{AccessKey, Group, Holder, ManagedPolicy, Policies, User, UserRef, identity_path};
use crate::engine::World;
use crate::engine::world::{ACCESS_KEYS, GROUPS, POLICIES, USERS, put};
use crate::error::{Kind, Noun, Result};
use crate::name::{Place, path};
use crate::port::{Change, Expect, Space};

/// The changes that store a user whose name was `old`, under the name it has now.
pub(super) async fn user(world: &World, place: &Place, rev: u64, old: &str, user: &User) -> Result<Vec<Change>> {
    let mut changes = moved(world, place, (USERS, Noun::User), rev, (old, &user.name), user).await?;
    if user.name == old {
        return Ok(changes);
    }
    for id in &user.access_keys {
        let named = UserRef { id: user.id.clone(), name: user.name.clone() };
        let rename = |key: &mut AccessKey| key.user = Some(named);
        changes.extend(changed(world, ACCESS_KEYS, path(&[place.dialect, id]), rename).await?);
    }
    for name in &user.groups {
        let rename = |group: &mut Group| {
            if let Some(joined) = group.members.remove(old) {
                group.members.insert(user.name.clone(), joined);
            }
        };
        changes.extend(changed(world, GROUPS, identity_path(place.dialect, &place.account, name), rename).await?);
    }
    let holders = (Holder::User(old.to_owned()), Holder::User(user.name.clone()));
    changes.extend(attachments(world, place, &user.policies, holders).await?);
    Ok(changes)
}

/// The changes that store a group whose name was `old`, under the name it has now.
pub(super) async fn group(world: &World, place: &Place, rev: u64, old: &str, group: &Group) -> Result<Vec<Change>> {
    let mut changes = moved(world, place, (GROUPS, Noun::Group), rev, (old, &group.name), group).await?;
    if group.name == old {
        return Ok(changes);
    }
    for name in group.members.keys() {
        let rename = |user: &mut User| {
            if user.groups.remove(old) {
                user.groups.insert(group.name.clone());
            }
        };
        changes.extend(changed(world, USERS, identity_path(place.dialect, &place.account, name), rename).await?);
    }
    let holders = (Holder::Group(old.to_owned()), Holder::Group(group.name.clone()));
    changes.extend(attachments(world, place, &group.policies, holders).await?);
    Ok(changes)
}

/// The record itself, at the place of its new name.
async fn moved<T: Serialize + DeserializeOwned>(
    world: &World,
    place: &Place,
    (space, noun): (Space, Noun),
    rev: u64,
    (old, new): (&str, &str),
    value: &T,
) -> Result<Vec<Change>> {
    let at = |name: &str| identity_path(place.dialect, &place.account, name);
    if at(old) == at(new) {
        return Ok(vec![put(space, at(new), Expect::Rev(rev), value)?]);
    }
    if world.read::<T>(space, &at(new)).await?.is_some() {
        return Err(Kind::AlreadyExists(noun).about(new));
    }
    let gone = Change::Delete { space, path: at(old), expect: Expect::Rev(rev) };
    Ok(vec![gone, put(space, at(new), Expect::Absent, value)?])
}

/// The managed policies of the account that are attached, each with its holder renamed.
async fn attachments(
    world: &World,
    place: &Place,
    policies: &Policies,
    (old, new): (Holder, Holder),
) -> Result<Vec<Change>> {
    let mut changes = Vec::new();
    for attachment in policies.attached.iter().filter(|attachment| !attachment.policy.system) {
        let rename = |policy: &mut ManagedPolicy| {
            if let Some(at) = policy.attached_to.remove(&old) {
                policy.attached_to.insert(new.clone(), at);
            }
        };
        let path = identity_path(place.dialect, &place.account, &attachment.policy.name);
        changes.extend(changed(world, POLICIES, path, rename).await?);
    }
    Ok(changes)
}

/// The change that stores a record changed, if there is one.
async fn changed<T: Serialize + DeserializeOwned>(
    world: &World,
    space: Space,
    path: String,
    change: impl FnOnce(&mut T),
) -> Result<Option<Change>> {
    let Some(mut found) = world.read::<T>(space, &path).await? else { return Ok(None) };
    change(&mut found.value);
    put(space, path, Expect::Rev(found.rev), &found.value).map(Some)
}
