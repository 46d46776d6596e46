//! Membership: which users are in which groups.

use super::group::Described as DescribedGroup;
use super::relation::{self, Membership, Relation as _};
use super::user::Described as DescribedUser;
use super::{Group, Naming, User, group, identity_path, locate, user};
use crate::engine::world::{GROUPS, GROUPS_OF_USER, USERS, USERS_OF_GROUP, Versioned, put};
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
        let user = user(world, place, &op.user).await?;
        let group = group(world, place, &op.group).await?;
        if membership(world, place, &user, &group).await?.is_some() {
            return match op.strict {
                true => Err(Kind::AlreadyExists(Noun::Membership).about(&op.user)),
                false => Ok(()),
            };
        }
        let most = allowed.dialect().law.identity()?.max_groups;
        let prefix = relation::groups_of(place.dialect, &place.account, &user.value.name);
        if world.ports.store.paths(GROUPS_OF_USER, &prefix, None, 0, most).await?.len() >= most {
            return Err(Kind::LimitExceeded(Noun::Membership).about(&op.user));
        }
        let joined = Membership { user: user.value.name.clone(), group: group.value.id.clone(), at: allowed.now() };
        let joined = joined.added(place.dialect, &place.account, Expect::Absent)?;
        allowed.change(with_sides(place, &user, &group, joined)?)
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
    const EFFECT: Effect = Effect::Restricts;
    const ROLES: &'static [Role] = &[Role::Subject, Role::Group];

    async fn locate(&self, role: Role, search: &mut Search<'_>) -> Result<()> {
        match role {
            Role::Group => locate::group(search, &self.group).await,
            _ => locate::user(search, &self.user).await,
        }
    }

    async fn run(allowed: &Authorized<Self>, world: &World) -> Result<()> {
        let (place, op) = (allowed.place(), allowed.op());
        let user = user(world, place, &op.user).await?;
        let group = group(world, place, &op.group).await?;
        let found = membership(world, place, &user, &group).await?;
        let left = found.ok_or_else(|| Kind::NotFound(Noun::Membership).about(&op.user))?;
        let left = left.removed(place.dialect, &place.account);
        allowed.change(with_sides(place, &user, &group, left)?)
    }
}

async fn membership(
    world: &World,
    place: &Place,
    user: &Versioned<User>,
    group: &Versioned<Group>,
) -> Result<Option<Membership>> {
    relation::membership(world, place.dialect, &place.account, &user.value.name, &group.value.id).await
}

/// Changes to the membership of a user in a group, as long as both are what was read; the user's record is written anew.
fn with_sides(
    place: &Place,
    user: &Versioned<User>,
    group: &Versioned<Group>,
    changes: Vec<Change>,
) -> Result<Vec<Change>> {
    let path = |name: &str| identity_path(place.dialect, &place.account, name);
    let sides = [
        put(USERS, path(&user.value.name), Expect::Rev(user.rev), &user.value)?,
        Change::Check { space: GROUPS, path: path(&group.value.name), expect: Expect::Rev(group.rev) },
    ];
    Ok(sides.into_iter().chain(changes).collect())
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
        let (place, naming) = (allowed.place(), Naming::of(allowed)?);
        let Self { user: name, paging } = allowed.op();
        let user = user(world, place, name).await?.value;
        let joined = relation::groups(world, place.dialect, &place.account, &user.name).await?.into_iter();
        let groups = joined
            .map(|(Membership { at, .. }, group)| Joined { group: group.described(naming), at: Some(at) })
            .collect();
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
    /// The group, where the answer tells it.
    pub group: Option<DescribedGroup>,
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
        let (Place { dialect, account, .. }, naming) = (allowed.place(), Naming::of(allowed)?);
        let Self { group: name, paging } = allowed.op();
        let group = group(world, allowed.place(), name).await?.value;
        let prefix = relation::users_of(dialect, account, &group.id);
        let listed = list::page::<Membership>(world, USERS_OF_GROUP, &prefix, paging, |_| true).await?;
        let Listed { items, next, numbered } = listed;
        let paths: Vec<_> = items.iter().map(|joined| identity_path(dialect, account, &joined.user)).collect();
        let users = world.read_each::<User>(USERS, &paths).await?.into_iter();
        // Who left meanwhile, and is gone, is left out.
        let members = items.into_iter().zip(users).filter_map(|(joined, user)| {
            user.map(|user| Member { user: user.described(naming), joined_at: Some(joined.at) })
        });
        let users = Listed { items: members.collect(), next, numbered };
        Ok(Members { group: Some(group.described(naming)), users })
    }
}
