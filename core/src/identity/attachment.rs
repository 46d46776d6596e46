//! Attachments: managed policies in force for a user, group or role.
//!
//! # Invariants
//! - An attachment is written on both sides, in the holder and in the policy, in one commit.

use super::{Attachment, Held, Holder, ManagedPolicy, PolicyName, SystemPolicy, identity_path, locate, managed};
use crate::dialect::Dialect;
use crate::engine::world::{POLICIES, Versioned, put};
use crate::engine::{Search, World};
use crate::error::{Cause, Kind, Noun, Result};
use crate::list::{self, Listed, Paging};
use crate::name::path;
use crate::operation::{Authorized, Effect, Operation, Role};
use crate::port::{Change, Expect, Time};

/// An operation that attaches or detaches a managed policy.
pub trait Attaching: Operation {
    /// The policy, as the arguments name it.
    fn policy(&self) -> &PolicyName;
}

/// Attaches a managed policy.
#[derive(Debug)]
pub struct Attach {
    /// To whom.
    pub holder: Holder,
    /// The policy.
    pub policy: PolicyName,
    /// Whether a policy that is attached already is an error.
    pub strict: bool,
}

impl Attaching for Attach {
    fn policy(&self) -> &PolicyName {
        &self.policy
    }
}

impl Operation for Attach {
    type Output = ();
    const NAME: &'static str = "AttachPolicy";
    const EFFECT: Effect = Effect::Changes;
    const ROLES: &'static [Role] = &[Role::Subject, Role::Policy];

    async fn locate(&self, role: Role, search: &mut Search<'_>) -> Result<()> {
        match role {
            Role::Policy => locate::policy(search, &self.policy).await,
            _ => self.holder.locate(search).await,
        }
    }

    async fn run(allowed: &Authorized<Self>, world: &World) -> Result<()> {
        let Self { holder, policy, strict } = allowed.op();
        let place = allowed.place();
        let Versioned { value: held, rev } = Held::read(world, place, holder).await?;
        let found = find(world, allowed, policy).await.map_err(|error| error.with_cause(Cause::NotAttachable))?;
        let name = found.name();
        let mut policies = held.policies().clone();
        if policies.attached.iter().any(|attachment| attachment.policy == name) {
            if *strict {
                return Err(Kind::AlreadyExists(Noun::Attachment).about(&policy.name).of(holder.noun()));
            }
            return Ok(());
        }
        let kin = policies.attached.iter().filter(|attachment| attachment.policy.system == name.system).count();
        if kin >= allowed.dialect().law.identity()?.max_attached {
            return Err(Kind::LimitExceeded(Noun::Attachment).about(&policy.name).of(holder.noun()));
        }
        policies.attached.push(Attachment { policy: name, at: allowed.now() });
        let mut changes = Vec::new();
        if let Found::Managed(Versioned { value: mut managed, rev }) = found {
            managed.attached_to.insert(held.holder(), allowed.now());
            let path = identity_path(place.dialect, &place.account, &managed.name);
            changes.push(put(POLICIES, path, Expect::Rev(rev), &*managed)?);
        }
        changes.push(held.with_policies(place, rev, policies)?);
        allowed.change(changes)
    }
}

/// Detaches a managed policy.
#[derive(Debug)]
pub struct Detach {
    /// From whom.
    pub holder: Holder,
    /// The policy.
    pub policy: PolicyName,
}

impl Attaching for Detach {
    fn policy(&self) -> &PolicyName {
        &self.policy
    }
}

impl Operation for Detach {
    type Output = ();
    const NAME: &'static str = "DetachPolicy";
    const EFFECT: Effect = Effect::Changes;
    const ROLES: &'static [Role] = &[Role::Subject, Role::Policy];

    async fn locate(&self, role: Role, search: &mut Search<'_>) -> Result<()> {
        match role {
            Role::Policy => locate::policy(search, &self.policy).await,
            _ => self.holder.locate(search).await,
        }
    }

    async fn run(allowed: &Authorized<Self>, world: &World) -> Result<()> {
        let Self { holder, policy } = allowed.op();
        let place = allowed.place();
        let Versioned { value: held, rev } = Held::read(world, place, holder).await?;
        let found = find(world, allowed, policy).await?;
        let name = found.name();
        let mut policies = held.policies().clone();
        let before = policies.attached.len();
        policies.attached.retain(|attachment| attachment.policy != name);
        if policies.attached.len() == before {
            return Err(Kind::NotFound(Noun::Attachment).about(&policy.name).of(holder.noun()));
        }
        let mut changes: Vec<Change> = Vec::new();
        if let Found::Managed(Versioned { value: mut managed, rev }) = found {
            managed.attached_to.remove(&held.holder());
            let path = identity_path(place.dialect, &place.account, &managed.name);
            changes.push(put(POLICIES, path, Expect::Rev(rev), &*managed)?);
        }
        changes.push(held.with_policies(place, rev, policies)?);
        allowed.change(changes)
    }
}

enum Found {
    System(&'static SystemPolicy),
    Managed(Versioned<Box<ManagedPolicy>>),
}

impl Found {
    fn name(&self) -> PolicyName {
        match self {
            Self::System(policy) => PolicyName::system(policy.path, policy.name),
            Self::Managed(policy) => PolicyName::custom(policy.value.path.clone(), policy.value.name.clone()),
        }
    }
}

async fn find<O: Operation>(world: &World, allowed: &Authorized<O>, policy: &PolicyName) -> Result<Found> {
    let missing = || Kind::NotFound(Noun::Policy).about(&policy.name);
    if policy.system {
        return system(allowed.dialect(), policy).map(Found::System).ok_or_else(missing);
    }
    if policy.account.as_ref().is_some_and(|account| **account != *allowed.place().account) {
        return Err(missing());
    }
    let found = managed(world, allowed.place(), &policy.name).await?;
    if found.value.path != policy.path {
        return Err(missing());
    }
    Ok(Found::Managed(found.map(Box::new)))
}

/// The vendor's policy of this name.
pub(super) fn system(dialect: &Dialect, policy: &PolicyName) -> Option<&'static SystemPolicy> {
    let known = dialect.law.identity().ok()?.system_policies.iter();
    known.into_iter().find(|known| known.name == policy.name && known.path == policy.path)
}

/// Lists the managed policies attached to a user, group or role.
#[derive(Debug)]
pub struct ListAttached {
    /// To whom.
    pub holder: Holder,
    /// What their paths begin with.
    pub path_prefix: String,
    /// Which part.
    pub paging: Paging,
}

/// A managed policy with the time it was attached.
#[derive(Debug)]
pub struct Attached {
    /// The policy.
    pub policy: PolicyName,
    /// Its full name.
    pub arn: String,
    /// Words about it.
    pub description: String,
    /// The version in force, where the cloud tells that.
    pub default_version: Option<u32>,
    /// When it was attached, where the cloud tells that.
    pub at: Option<Time>,
}

impl Operation for ListAttached {
    type Output = Listed<Attached>;
    const NAME: &'static str = "ListAttachedPolicies";
    const ROLES: &'static [Role] = &[Role::Subject];

    async fn locate(&self, _: Role, search: &mut Search<'_>) -> Result<()> {
        self.holder.locate(search).await
    }

    async fn run(allowed: &Authorized<Self>, world: &World) -> Result<Listed<Attached>> {
        let Self { holder, path_prefix, paging } = allowed.op();
        let held = Held::read(world, allowed.place(), holder).await?.value;
        let mut attached = Vec::new();
        for Attachment { policy, at } in &held.policies().attached {
            if !policy.path.starts_with(path_prefix) {
                continue;
            }
            let (description, default_version) = match find(world, allowed, policy).await? {
                Found::System(system) => (system.description.to_owned(), system.version),
                Found::Managed(managed) => (managed.value.description.clone(), managed.value.default_version),
            };
            let account = (!policy.system).then(|| allowed.place().account.to_string());
            let policy = PolicyName { account, ..policy.clone() };
            let arn = policy.full(allowed.dialect().law.identity()?, &allowed.place().account);
            attached.push(Attached { policy, arn, description, default_version: Some(default_version), at: Some(*at) });
        }
        let list = path(&["list", "attached", held.id()]);
        list::cut(world, &list, attached, paging, |attached| &attached.policy.name)
    }
}
