//! Renaming: a user or group under its new name, with everything that knows it by name.
//!
//! What knows it is limited: access keys, memberships of a user, attachments. The members of a group do not know its name,
//! and so it may have any number of them.
//!
//! # Invariants
//! - All records that hold the name change in one commit, or none does.

use serde::Serialize;
use serde::de::DeserializeOwned;

use super::mentioned::Lasting as _;
use super::relation::{self, Attachment, Membership, Relation};
use super::{AccessKey, Group, Holder, User, UserRef, identity_path};
use crate::engine::World;
use crate::engine::world::{ACCESS_KEYS, GROUPS, GROUPS_OF_USER, POLICIES_OF_HOLDER, USERS, put};
use crate::error::{Kind, Noun, Result};
use crate::name::{Place, path};
use crate::port::{Change, Expect, Space};

/// The changes that store a user that was `old`, under the name it has now.
pub(super) async fn user(world: &World, place: &Place, rev: u64, old: &User, user: &User) -> Result<Vec<Change>> {
    let User { name: old, path: old_path, .. } = old;
    let mut changes = moved(world, place, (USERS, Noun::User), rev, (old, &user.name), user).await?;
    if user.name != *old || user.path != *old_path {
        changes.push(user.leads(place.dialect, Expect::Any)?);
    }
    if user.name == *old {
        return Ok(changes);
    }
    for id in &user.access_keys {
        let named = UserRef { id: user.id.clone(), name: user.name.clone() };
        let rename = |key: &mut AccessKey| key.user = Some(named);
        changes.extend(changed(world, ACCESS_KEYS, path(&[place.dialect, id]), rename).await?);
    }
    let joined = relation::groups_of(place.dialect, &place.account, old);
    for membership in world.read_below::<Membership>(GROUPS_OF_USER, &joined).await? {
        let renamed = Membership { user: user.name.clone(), ..membership.clone() };
        changes.extend(instead(place, &membership, &renamed)?);
    }
    let holders = (&Holder::User(old.clone()), &Holder::User(user.name.clone()));
    changes.extend(attachments(world, place, holders).await?);
    Ok(changes)
}

/// The changes that store a group whose name was `old`, under the name it has now.
pub(super) async fn group(world: &World, place: &Place, rev: u64, old: &str, group: &Group) -> Result<Vec<Change>> {
    let mut changes = moved(world, place, (GROUPS, Noun::Group), rev, (old, &group.name), group).await?;
    if group.name == old {
        return Ok(changes);
    }
    changes.push(relation::named(place.dialect, &place.account, &group.id, &group.name)?);
    let holders = (&Holder::Group(old.to_owned()), &Holder::Group(group.name.clone()));
    changes.extend(attachments(world, place, holders).await?);
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

/// The attachments of a holder, with its new name.
async fn attachments(world: &World, place: &Place, (old, new): (&Holder, &Holder)) -> Result<Vec<Change>> {
    let attached = relation::policies_of(place.dialect, &place.account, old);
    let mut changes = Vec::new();
    for attachment in world.read_below::<Attachment>(POLICIES_OF_HOLDER, &attached).await? {
        let renamed = Attachment { holder: new.clone(), ..attachment.clone() };
        changes.extend(instead(place, &attachment, &renamed)?);
    }
    Ok(changes)
}

/// The changes that store one relation and not the other. The first may have places of the second.
fn instead<R: Relation>(place: &Place, old: &R, new: &R) -> Result<Vec<Change>> {
    let mut changes = old.removed(place.dialect, &place.account);
    changes.extend(new.added(place.dialect, &place.account, Expect::Absent)?);
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
