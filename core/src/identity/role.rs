//! Roles: made, described, changed, listed, removed.

use std::convert::Infallible;

use super::Item;
use super::mentioned::{self, Lasting as _};
use super::{
    FullName, Holder, IdKind, Naming, Policies, Role as IdentityRole, check_document, fresh_id, identity_path, locate,
    relation, role,
};
use crate::dialect::Dialect;
use crate::engine::world::{POLICIES_OF_HOLDER, ROLES, Versioned, none_below, put};
use crate::engine::{Search, World};
use crate::error::{Error, Kind, Noun, Result};
use crate::list::{Listed, Paging};
use crate::name::{Place, below};
use crate::operation::{Authorized, Effect, Operation, Repeat, Role};
use crate::policy::{DocumentKind, Pins};
use crate::port::{Change, Expect, Time};
use crate::tag::Tags;

/// A role, as callers are told it.
#[derive(Debug, Clone)]
pub struct Described {
    /// The unique identifier.
    pub id: String,
    /// The full name.
    pub arn: String,
    /// The name.
    pub name: String,
    /// The path, with both slashes, where the answer tells it.
    pub path: Option<String>,
    /// Words of the administrator, where the answer tells them.
    pub description: Option<String>,
    /// When it was made.
    pub created_at: Time,
    /// When it was changed last, where the answer tells it.
    pub updated_at: Option<Time>,
    /// Who may assume it: the trust policy, where the answer tells it.
    pub trust: Option<String>,
    /// How long a session may last, in seconds, where the answer tells it.
    pub max_session_seconds: Option<u32>,
    /// Its tags, where the answer tells them.
    pub tags: Option<Tags>,
}

impl IdentityRole {
    /// What callers are told of it, but for the names that those whom it trusts have now.
    pub(super) fn described(self, naming: Naming<'_>) -> Described {
        let Self {
            id,
            account,
            name,
            path,
            description,
            created_at,
            updated_at,
            trust,
            pins: _,
            max_session_seconds,
            tags,
            policies: _,
        } = self;
        let arn = naming.full(&account, FullName::Role(&path, &name));
        Described {
            id,
            arn,
            name,
            path: Some(path),
            description: Some(description),
            created_at,
            updated_at: Some(updated_at),
            trust: Some(trust),
            max_session_seconds: Some(max_session_seconds),
            tags: Some(tags),
        }
    }
}

/// What callers are told of roles.
async fn described<O: Operation>(
    world: &World,
    allowed: &Authorized<O>,
    roles: Vec<IdentityRole>,
) -> Result<Vec<Described>> {
    let naming = Naming::of(allowed)?;
    let documents: Vec<_> = roles.iter().map(|role| (role.trust.as_str(), &role.pins)).collect();
    let told = mentioned::told(world, (allowed.dialect(), naming.region), &documents).await?;
    let roles = roles.into_iter().zip(told);
    Ok(roles.map(|(role, trust)| Described { trust: Some(trust), ..role.described(naming) }).collect())
}

/// What callers are told of a role.
async fn described_alone<O: Operation>(
    world: &World,
    allowed: &Authorized<O>,
    role: IdentityRole,
) -> Result<Described> {
    let described = described(world, allowed, vec![role]).await?.pop();
    described.ok_or_else(|| Kind::Internal.because("a role is not described"))
}

/// Makes a role.
#[derive(Debug)]
pub struct CreateRole {
    /// The name.
    pub name: String,
    /// The path.
    pub path: String,
    /// Words of the administrator.
    pub description: Option<String>,
    /// Who may assume it.
    pub trust: String,
    /// How long a session may last, in seconds.
    pub max_session_seconds: u32,
    /// Its tags.
    pub tags: Tags,
}

impl Operation for CreateRole {
    type Output = Described;
    const NAME: &'static str = "CreateRole";
    const EFFECT: Effect = Effect::Changes;
    const ROLES: &'static [Role] = &[Role::Subject];

    async fn locate(&self, _: Role, search: &mut Search<'_>) -> Result<()> {
        locate::named(search, Item::NewRole(&self.path, &self.name))
    }

    fn tags(&self) -> Option<&Tags> {
        Some(&self.tags)
    }

    async fn run(allowed: &Authorized<Self>, world: &World) -> Result<Described> {
        let Self { name, path, description, trust, max_session_seconds, tags } = allowed.op();
        let (place, now) = (allowed.place(), allowed.now());
        let (pins, there) = check_trust(world, allowed.dialect(), trust).await?;
        let record = identity_path(place.dialect, &place.account, name);
        if world.read::<IdentityRole>(ROLES, &record).await?.is_some() {
            return Err(Kind::AlreadyExists(Noun::Role).about(name));
        }
        let role = IdentityRole {
            id: fresh_id(world, allowed.dialect(), IdKind::Role)?,
            account: place.account.to_string(),
            name: name.clone(),
            path: path.clone(),
            description: description.clone().unwrap_or_default(),
            created_at: now,
            updated_at: now,
            trust: trust.clone(),
            pins,
            max_session_seconds: *max_session_seconds,
            tags: tags.clone(),
            policies: Policies::default(),
        };
        let mut made = vec![put(ROLES, record, Expect::Absent, &role)?, role.leads(place.dialect, Expect::Absent)?];
        made.extend(there);
        let described = described_alone(world, allowed, role).await?;
        allowed.make(&described.arn, made);
        Ok(described)
    }
}

/// Whom a trust policy means, and what must hold when it is stored; refuses one that is malformed, or names somebody who is
/// not there.
async fn check_trust(world: &World, dialect: &'static Dialect, trust: &str) -> Result<(Pins, Vec<Change>)> {
    mentioned::pinned(world, dialect, &check_document(dialect, DocumentKind::Trust, trust)?).await
}

/// Tells about a role.
#[derive(Debug)]
pub struct DescribeRole {
    /// The name.
    pub name: String,
}

impl Operation for DescribeRole {
    type Output = Described;
    const NAME: &'static str = "GetRole";
    const ROLES: &'static [Role] = &[Role::Subject];

    async fn locate(&self, _: Role, search: &mut Search<'_>) -> Result<()> {
        locate::role(search, None, None, &self.name).await
    }

    async fn run(allowed: &Authorized<Self>, world: &World) -> Result<Described> {
        let role = role(world, allowed.place(), &allowed.op().name).await?.value;
        described_alone(world, allowed, role).await
    }
}

/// Lists the machines that may act as a role: there are none.
#[derive(Debug)]
pub struct ListMachines {
    /// The name of the role.
    pub name: String,
    /// Which part.
    pub paging: Paging,
}

impl Operation for ListMachines {
    type Output = Listed<Infallible>;
    const NAME: &'static str = "ListMachinesOfRole";
    const ROLES: &'static [Role] = &[Role::Subject];

    async fn locate(&self, _: Role, search: &mut Search<'_>) -> Result<()> {
        locate::role(search, None, None, &self.name).await
    }

    async fn run(allowed: &Authorized<Self>, world: &World) -> Result<Self::Output> {
        role(world, allowed.place(), &allowed.op().name).await?;
        Ok(Listed { items: Vec::new(), next: None, numbered: None })
    }
}

/// Changes a role.
#[derive(Debug)]
pub struct UpdateRole {
    /// The name.
    pub name: String,
    /// The new words.
    pub description: Option<String>,
    /// Who may assume it from now on.
    pub trust: Option<String>,
    /// How long a session may last, in seconds.
    pub max_session_seconds: Option<u32>,
}

impl Operation for UpdateRole {
    /// The role as it is now, where the cloud tells that.
    type Output = Option<Described>;
    const NAME: &'static str = "UpdateRole";
    const EFFECT: Effect = Effect::Restricts;
    const REPEAT: Repeat = Repeat::Harmless;
    const ROLES: &'static [Role] = &[Role::Subject];

    async fn locate(&self, _: Role, search: &mut Search<'_>) -> Result<()> {
        locate::role(search, None, None, &self.name).await
    }

    fn restricts(allowed: &Authorized<Self>, _: &World) -> bool {
        allowed.op().trust.is_some()
    }

    async fn run(allowed: &Authorized<Self>, world: &World) -> Result<Option<Described>> {
        let Self { name, description, trust, max_session_seconds } = allowed.op();
        let place = allowed.place();
        let Versioned { value: mut role, rev } = role(world, place, name).await?;
        if let Some(description) = description {
            role.description.clone_from(description);
        }
        if let Some(trust) = trust {
            let (pins, there) = check_trust(world, allowed.dialect(), trust).await?;
            (role.trust, role.pins) = (trust.clone(), pins);
            allowed.change(there)?;
        }
        if let Some(seconds) = max_session_seconds {
            role.max_session_seconds = *seconds;
        }
        role.updated_at = allowed.now();
        let path = identity_path(place.dialect, &place.account, &role.name);
        allowed.change(vec![put(ROLES, path, Expect::Rev(rev), &role)?])?;
        described_alone(world, allowed, role).await.map(Some)
    }
}

/// Lists the roles of the account.
#[derive(Debug)]
pub struct ListRoles {
    /// Which part.
    pub paging: Paging,
    /// What their paths begin with.
    pub path_prefix: String,
}

impl Operation for ListRoles {
    type Output = Listed<Described>;
    const NAME: &'static str = "ListRoles";
    const ROLES: &'static [Role] = &[Role::Account];

    async fn locate(&self, _: Role, search: &mut Search<'_>) -> Result<()> {
        locate::named(search, Item::Roles)
    }

    async fn run(allowed: &Authorized<Self>, world: &World) -> Result<Listed<Described>> {
        let (place, op) = (allowed.place(), allowed.op());
        let prefix = below(&[place.dialect, &place.account]);
        let wanted = |role: &IdentityRole| role.path.starts_with(&op.path_prefix);
        let listed = crate::list::page(world, ROLES, &prefix, &op.paging, wanted).await?;
        let Listed { items, next, numbered } = listed;
        Ok(Listed { items: described(world, allowed, items).await?, next, numbered })
    }
}

/// Removes a role that nothing depends on.
#[derive(Debug)]
pub struct DeleteRole {
    /// The name.
    pub name: String,
}

impl Operation for DeleteRole {
    type Output = ();
    const NAME: &'static str = "DeleteRole";
    const EFFECT: Effect = Effect::Restricts;
    const ROLES: &'static [Role] = &[Role::Subject];

    async fn locate(&self, _: Role, search: &mut Search<'_>) -> Result<()> {
        locate::role(search, None, None, &self.name).await
    }

    async fn run(allowed: &Authorized<Self>, world: &World) -> Result<()> {
        let Place { dialect, account, .. } = allowed.place();
        let Versioned { value: role, rev } = role(world, allowed.place(), &allowed.op().name).await?;
        let attached = relation::policies_of(dialect, account, &Holder::Role(role.name.clone()));
        if world.has_below(POLICIES_OF_HOLDER, &attached).await? {
            return Err(Error::from(Kind::DeleteConflict(Noun::Attachment)).of(Noun::Role));
        }
        if !role.policies.inline.is_empty() {
            return Err(Error::from(Kind::DeleteConflict(Noun::InlinePolicy)).of(Noun::Role));
        }
        let path = identity_path(dialect, account, &role.name);
        let gone = Change::Delete { space: ROLES, path, expect: Expect::Rev(rev) };
        allowed.change(vec![gone, role.ends(dialect), none_below(POLICIES_OF_HOLDER, attached)])
    }
}
