//! Membership: which users are in which groups.
//!
//! # Invariants
//! - Membership is written on both sides, in the user and in the group, in one commit.

use super::group::Described as DescribedGroup;
use super::user::Described as DescribedUser;
use super::{Group, User, group, identity_path, locate, user};
use crate::engine::world::{GROUPS, USERS, Versioned, put};
use crate::engine::{Search, World};
use crate::error::{Kind, Noun, Result};
use crate::list::{self, Listed, Paging};
use crate::name::{Place, path};
use crate::operation::{Authorized, Effect, Operation, Role};
use crate::port::{Change, Expect, Time};

/// Puts a user into a group.
#[derive(Debug)]
pub struct AddMember {
    /// The user.
    pub user: String,
    /// The group.
    pub group: String,
    /// Whether a user that is in the group already is an error.
    pub strict: bool,
}

impl Operation for AddMember {
    type Output = ();
    const NAME: &'static str = "AddUserToGroup";
    const EFFECT: Effect = Effect::Changes;
    const ROLES: &'static [Role] = &[Role::Subject, Role::Group];

    async fn locate(&self, role: Role, search: &mut Search<'_>) -> Result<()> {
        match role {
            Role::Group => locate::group(search, &self.group).await,
            _ => locate::user(search, &self.user).await,
        }
    }

    async fn run(allowed: &Authorized<Self>, world: &World) -> Result<()> {
        let (place, op) = (allowed.place(), allowed.op());
        let mut user = user(world, place, &op.user).await?;
        let mut group = group(world, place, &op.group).await?;
        if !user.value.groups.insert(group.value.name.clone()) {
            if op.strict {
                return Err(Kind::AlreadyExists(Noun::Membership).about(&op.user));
            }
            return Ok(());
        }
        if user.value.groups.len() > allowed.dialect().law.identity()?.max_groups {
            return Err(Kind::LimitExceeded(Noun::Membership).about(&op.user));
        }
        group.value.members.insert(user.value.name.clone(), allowed.now());
        allowed.change(both(place, user, group)?)
    }
}

/// Takes a user out of a group.
#[derive(Debug)]
pub struct RemoveMember {
    /// The user.
    pub user: String,
    /// The group.
    pub group: String,
}

impl Operation for RemoveMember {
    type Output = ();
    const NAME: &'static str = "RemoveUserFromGroup";
    const EFFECT: Effect = Effect::Changes;
    const ROLES: &'static [Role] = &[Role::Subject, Role::Group];

    async fn locate(&self, role: Role, search: &mut Search<'_>) -> Result<()> {
        match role {
            Role::Group => locate::group(search, &self.group).await,
            _ => locate::user(search, &self.user).await,
        }
    }

    async fn run(allowed: &Authorized<Self>, world: &World) -> Result<()> {
        let (place, op) = (allowed.place(), allowed.op());
        let mut user = user(world, place, &op.user).await?;
        let mut group = group(world, place, &op.group).await?;
        if !user.value.groups.remove(&group.value.name) {
            return Err(Kind::NotFound(Noun::Membership).about(&op.user));
        }
        group.value.members.remove(&user.value.name);
        allowed.change(both(place, user, group)?)
    }
}

fn both(place: &Place, user: Versioned<User>, group: Versioned<Group>) -> Result<Vec<Change>> {
    let path = |name: &str| identity_path(place.dialect, &place.account, name);
    Ok(vec![
        put(USERS, path(&user.value.name), Expect::Rev(user.rev), &user.value)?,
        put(GROUPS, path(&group.value.name), Expect::Rev(group.rev), &group.value)?,
    ])
}

/// Lists the groups that a user is in.
#[derive(Debug)]
pub struct ListGroupsOfUser {
    /// The user.
    pub user: String,
    /// Which part.
    pub paging: Paging,
}

/// A group that a user is in.
#[derive(Debug)]
pub struct Joined {
    /// The group.
    pub group: DescribedGroup,
    /// When the user joined it, where the cloud tells that.
    pub at: Option<Time>,
}

impl Operation for ListGroupsOfUser {
    type Output = Listed<Joined>;
    const NAME: &'static str = "ListGroupsForUser";
    const ROLES: &'static [Role] = &[Role::Subject];

    async fn locate(&self, _: Role, search: &mut Search<'_>) -> Result<()> {
        locate::user(search, &self.user).await
    }

    async fn run(allowed: &Authorized<Self>, world: &World) -> Result<Listed<Joined>> {
        let (place, rules) = (allowed.place(), allowed.dialect().law.identity()?);
        let Self { user: name, paging } = allowed.op();
        let user = user(world, place, name).await?.value;
        let mut groups = Vec::new();
        for name in &user.groups {
            let group = group(world, place, name).await?.value;
            let joined = group.members.get(&user.name).copied().unwrap_or(group.created_at);
            groups.push(Joined { group: group.described(rules), at: Some(joined) });
        }
        let list = path(&["list", "joined", &user.id]);
        list::cut(world, &list, groups, paging, |joined| &joined.group.name)
    }
}

/// Lists the users in a group.
#[derive(Debug)]
pub struct ListMembers {
    /// The group.
    pub group: String,
    /// Which part.
    pub paging: Paging,
}

/// A group with the users in it.
#[derive(Debug)]
pub struct Members {
    /// The group.
    pub group: DescribedGroup,
    /// The users in it.
    pub users: Listed<Member>,
}

/// A user in a group.
#[derive(Debug)]
pub struct Member {
    /// The user.
    pub user: DescribedUser,
    /// When it joined, where the cloud tells that.
    pub joined_at: Option<Time>,
}

impl Operation for ListMembers {
    type Output = Members;
    const NAME: &'static str = "ListUsersForGroup";
    const ROLES: &'static [Role] = &[Role::Subject];

    async fn locate(&self, _: Role, search: &mut Search<'_>) -> Result<()> {
        locate::group(search, &self.group).await
    }

    async fn run(allowed: &Authorized<Self>, world: &World) -> Result<Members> {
        let place = allowed.place();
        let Self { group: name, paging } = allowed.op();
        let group = group(world, place, name).await?.value;
        let names = group.members.iter().map(|(name, joined)| (name.clone(), *joined)).collect();
        let list = path(&["list", "member", &group.id]);
        let Listed { items, next, numbered } = list::cut(world, &list, names, paging, |(name, _): &(String, _)| name)?;
        let mut users = Listed { items: Vec::new(), next, numbered };
        for (name, joined) in items {
            let user = user(world, place, &name).await?.value.described(allowed.dialect().law.identity()?);
            users.items.push(Member { user, joined_at: Some(joined) });
        }
        Ok(Members { group: group.described(allowed.dialect().law.identity()?), users })
    }
}
