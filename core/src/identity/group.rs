//! Groups of users: made, described, changed, listed, removed.

use super::Item;
use super::{
    FullName, Group, Holder, IdKind, Naming, Policies, fresh_id, group, identity_path, locate, relation, rename,
};
use crate::engine::world::{GROUP_NAMES, GROUPS, POLICIES_OF_HOLDER, USERS_OF_GROUP, Versioned, none_below, put};
use crate::engine::{Search, World};
use crate::error::{Error, Kind, Noun, Result};
use crate::list::{Listed, Paging};
use crate::name::{Place, below};
use crate::operation::{Authorized, Effect, Operation, Role};
use crate::port::{Change, Expect, Time};

/// A group, as callers are told it.
#[derive(Debug, Clone)]
pub struct Described {
    /// The unique identifier.
    pub id: String,
    /// The full name, where the answer tells it.
    pub arn: Option<String>,
    /// The name.
    pub name: String,
    /// The path, with both slashes, where the answer tells it.
    pub path: Option<String>,
    /// Words of the administrator, where the answer tells them.
    pub comments: Option<String>,
    /// When it was made, where the answer tells it.
    pub created_at: Option<Time>,
    /// When it was changed last, where the answer tells it.
    pub updated_at: Option<Time>,
}

impl Group {
    /// What callers are told of it.
    pub(super) fn described(self, naming: Naming<'_>) -> Described {
        let Self { id, account, name, path, comments, created_at, updated_at, .. } = self;
        let arn = naming.full(&account, FullName::Group(&path, &name));
        Described {
            id,
            arn: Some(arn),
            name,
            path: Some(path),
            comments: Some(comments),
            created_at: Some(created_at),
            updated_at: Some(updated_at),
        }
    }
}

/// Makes a group.
#[derive(Debug)]
pub struct CreateGroup {
    /// The name.
    pub name: String,
    /// The path.
    pub path: String,
    /// Words of the administrator.
    pub comments: Option<String>,
}

impl Operation for CreateGroup {
    type Output = Described;
    const NAME: &'static str = "CreateGroup";
    const EFFECT: Effect = Effect::Changes;
    const ROLES: &'static [Role] = &[Role::Subject];

    async fn locate(&self, _: Role, search: &mut Search<'_>) -> Result<()> {
        locate::named(search, Item::NewGroup(&self.path, &self.name))
    }

    async fn run(allowed: &Authorized<Self>, world: &World) -> Result<Described> {
        let Self { name, path, comments } = allowed.op();
        let (place, now) = (allowed.place(), allowed.now());
        let record = identity_path(place.dialect, &place.account, name);
        if world.read::<Group>(GROUPS, &record).await?.is_some() {
            return Err(Kind::AlreadyExists(Noun::Group).about(name));
        }
        let group = Group {
            id: fresh_id(world, allowed.dialect(), IdKind::Group)?,
            account: place.account.to_string(),
            name: name.clone(),
            path: path.clone(),
            comments: comments.clone().unwrap_or_default(),
            created_at: now,
            updated_at: now,
            policies: Policies::default(),
        };
        let named = relation::named(place.dialect, &place.account, &group.id, &group.name)?;
        let made = vec![put(GROUPS, record, Expect::Absent, &group)?, named];
        let described = group.described(Naming::of(allowed)?);
        allowed.make(described.arn.as_deref().unwrap_or_default(), made);
        Ok(described)
    }
}

/// Tells about a group.
#[derive(Debug)]
pub struct DescribeGroup {
    /// The name.
    pub name: String,
}

impl Operation for DescribeGroup {
    type Output = Described;
    const NAME: &'static str = "GetGroup";
    const ROLES: &'static [Role] = &[Role::Subject];

    async fn locate(&self, _: Role, search: &mut Search<'_>) -> Result<()> {
        locate::group(search, &self.name).await
    }

    async fn run(allowed: &Authorized<Self>, world: &World) -> Result<Described> {
        Ok(group(world, allowed.place(), &allowed.op().name).await?.value.described(Naming::of(allowed)?))
    }
}

/// Changes a group.
#[derive(Debug)]
pub struct UpdateGroup {
    /// The name.
    pub name: String,
    /// The new name.
    pub new_name: Option<String>,
    /// The new path.
    pub new_path: Option<String>,
    /// The new words.
    pub comments: Option<String>,
}

impl Operation for UpdateGroup {
    /// The group as it is now, where the cloud tells that.
    type Output = Option<Described>;
    const NAME: &'static str = "UpdateGroup";
    const EFFECT: Effect = Effect::Changes;
    const ROLES: &'static [Role] = &[Role::Subject, Role::Renamed];

    async fn locate(&self, role: Role, search: &mut Search<'_>) -> Result<()> {
        match role {
            Role::Renamed => {
                locate::renamed_group(search, &self.name, self.new_path.as_deref(), self.new_name.as_deref()).await
            }
            _ => locate::group(search, &self.name).await,
        }
    }

    async fn run(allowed: &Authorized<Self>, world: &World) -> Result<Option<Described>> {
        let Self { name, new_name, new_path, comments } = allowed.op();
        let place = allowed.place();
        let Versioned { value: mut group, rev } = group(world, place, name).await?;
        let old = group.name.clone();
        for (field, value) in
            [(&mut group.name, new_name), (&mut group.path, new_path), (&mut group.comments, comments)]
        {
            if let Some(value) = value {
                field.clone_from(value);
            }
        }
        group.updated_at = allowed.now();
        let renamed = rename::group(world, place, rev, &old, &group).await?;
        let described = group.described(Naming::of(allowed)?);
        allowed.make(described.arn.as_deref().unwrap_or_default(), renamed);
        Ok(Some(described))
    }
}

/// Lists the groups of the account.
#[derive(Debug)]
pub struct ListGroups {
    /// Which part.
    pub paging: Paging,
    /// What their paths begin with.
    pub path_prefix: String,
}

impl Operation for ListGroups {
    type Output = Listed<Described>;
    const NAME: &'static str = "ListGroups";
    const ROLES: &'static [Role] = &[Role::Account];

    async fn locate(&self, _: Role, search: &mut Search<'_>) -> Result<()> {
        locate::named(search, Item::Groups)
    }

    async fn run(allowed: &Authorized<Self>, world: &World) -> Result<Listed<Described>> {
        let (place, op) = (allowed.place(), allowed.op());
        let prefix = below(&[place.dialect, &place.account]);
        let wanted = |group: &Group| group.path.starts_with(&op.path_prefix);
        let listed = crate::list::page(world, GROUPS, &prefix, &op.paging, wanted).await?;
        let naming = Naming::of(allowed)?;
        Ok(listed.map(|group| group.described(naming)))
    }
}

/// Removes a group that nothing depends on.
#[derive(Debug)]
pub struct DeleteGroup {
    /// The name.
    pub name: String,
}

impl Operation for DeleteGroup {
    type Output = ();
    const NAME: &'static str = "DeleteGroup";
    const EFFECT: Effect = Effect::Restricts;
    const ROLES: &'static [Role] = &[Role::Subject];

    async fn locate(&self, _: Role, search: &mut Search<'_>) -> Result<()> {
        locate::group(search, &self.name).await
    }

    async fn run(allowed: &Authorized<Self>, world: &World) -> Result<()> {
        let Place { dialect, account, .. } = allowed.place();
        let Versioned { value: group, rev } = group(world, allowed.place(), &allowed.op().name).await?;
        let members = relation::users_of(dialect, account, &group.id);
        let attached = relation::policies_of(dialect, account, &Holder::Group(group.name.clone()));
        let left = [
            (world.has_below(USERS_OF_GROUP, &members).await?, Noun::Membership),
            (world.has_below(POLICIES_OF_HOLDER, &attached).await?, Noun::Attachment),
            (!group.policies.inline.is_empty(), Noun::InlinePolicy),
        ];
        if let Some((_, noun)) = left.into_iter().find(|(left, _)| *left) {
            return Err(Error::from(Kind::DeleteConflict(noun)).of(Noun::Group));
        }
        let (path, name) =
            (identity_path(dialect, account, &group.name), relation::name_path(dialect, account, &group.id));
        let changes = vec![
            Change::Delete { space: GROUPS, path, expect: Expect::Rev(rev) },
            Change::Delete { space: GROUP_NAMES, path: name, expect: Expect::Any },
            none_below(USERS_OF_GROUP, members),
            none_below(POLICIES_OF_HOLDER, attached),
        ];
        allowed.change(changes)
    }
}
