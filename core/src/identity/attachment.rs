//! Attachments: managed policies in force for a user, group or role.

use super::relation::{self, Attachment, Relation as _};
use super::{Held, Holder, ManagedPolicy, Naming, PolicyName, SystemPolicy, identity_path, locate, managed};
use crate::dialect::Dialect;
use crate::engine::world::{POLICIES, POLICIES_OF_HOLDER, Versioned};
use crate::engine::{Search, World};
use crate::error::{Cause, Kind, Noun, Result};
use crate::list::{self, Listed, Paging};
use crate::name::Place;
use crate::operation::{Authorized, Effect, Operation, Role};
use crate::policy::DocumentKind;
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
    const EFFECT: Effect = Effect::Restricts;
    const ROLES: &'static [Role] = &[Role::Subject, Role::Policy];

    async fn locate(&self, role: Role, search: &mut Search<'_>) -> Result<()> {
        match role {
            Role::Policy => locate::policy(search, &self.policy).await,
            _ => self.holder.locate(search).await,
        }
    }

    fn restricts(allowed: &Authorized<Self>, world: &World) -> bool {
        let (dialect, policy) = (allowed.dialect(), &allowed.op().policy);
        let custom = allowed.located(Role::Policy).ok().and_then(|located| located.as_a::<ManagedPolicy>());
        let text = custom.and_then(ManagedPolicy::in_force).or_else(|| Some(&*system(dialect, policy)?.document));
        text.is_some_and(|text| match world.document(dialect, DocumentKind::Identity, text) {
            Ok(document) => document.policy.denies(),
            Err(_) => true,
        })
    }

    async fn run(allowed: &Authorized<Self>, world: &World) -> Result<()> {
        let Self { holder, policy, strict } = allowed.op();
        let place = allowed.place();
        let Versioned { value: held, rev } = Held::read(world, place, holder).await?;
        let found = find(world, allowed, policy).await.map_err(|error| error.with_cause(Cause::NotAttachable))?;
        let (name, who) = (found.name(), held.holder());
        if relation::attachment(world, place.dialect, &place.account, &who, &name).await?.is_some() {
            return match strict {
                true => Err(Kind::AlreadyExists(Noun::Attachment).about(&policy.name).of(holder.noun())),
                false => Ok(()),
            };
        }
        let prefix = relation::policies_of(place.dialect, &place.account, &who);
        let others = world.read_below::<Attachment>(POLICIES_OF_HOLDER, &prefix).await?;
        let kin = others.iter().filter(|attachment| attachment.policy.system == name.system).count();
        if kin >= allowed.dialect().law.identity()?.max_attached {
            return Err(Kind::LimitExceeded(Noun::Attachment).about(&policy.name).of(holder.noun()));
        }
        let number = others.last().map_or(1, |last| last.number.saturating_add(1));
        let attached = Attachment { holder: who, policy: name, number, at: allowed.now() };
        let attached = attached.added(place.dialect, &place.account, Expect::Absent)?;
        allowed.change(with_sides(place, (&held, rev), &found, attached)?)
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
    const EFFECT: Effect = Effect::Restricts;
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
        let attached =
            relation::attachment(world, place.dialect, &place.account, &held.holder(), &found.name()).await?;
        let missing = || Kind::NotFound(Noun::Attachment).about(&policy.name).of(holder.noun());
        let detached = attached.ok_or_else(missing)?.removed(place.dialect, &place.account);
        allowed.change(with_sides(place, (&held, rev), &found, detached)?)
    }
}

/// Changes to the attachment of a policy to a holder, as long as both are what was read; the holder's record is written
/// anew.
fn with_sides(place: &Place, (held, rev): (&Held, u64), policy: &Found, changes: Vec<Change>) -> Result<Vec<Change>> {
    let policy = match policy {
        Found::System(_) => None,
        Found::Managed(Versioned { value: policy, rev }) => Some(Change::Check {
            space: POLICIES,
            path: identity_path(place.dialect, &place.account, &policy.name),
            expect: Expect::Rev(*rev),
        }),
    };
    Ok([held.again(place, rev)?].into_iter().chain(policy).chain(changes).collect())
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
    dialect.law.identity().ok()?.system_policy(&policy.name).filter(|known| known.path == policy.path)
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
    /// Its full name, where the answer tells it.
    pub arn: Option<String>,
    /// Words about it, where the answer tells them.
    pub description: Option<String>,
    /// The version in force, where the answer tells it.
    pub default_version: Option<u32>,
    /// When it was attached, where the answer tells it.
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
        let Place { dialect, account, .. } = allowed.place();
        let held = Held::read(world, allowed.place(), holder).await?.value;
        let prefix = relation::policies_of(dialect, account, &held.holder());
        let wanted = |attachment: &Attachment| attachment.policy.path.starts_with(path_prefix);
        let Listed { items, next, numbered } = list::page(world, POLICIES_OF_HOLDER, &prefix, paging, wanted).await?;
        let mut attached = Listed { items: Vec::with_capacity(items.len()), next, numbered };
        for attachment in items {
            attached.items.push(Attached::read(world, allowed, attachment).await?);
        }
        Ok(attached)
    }
}

impl Attached {
    async fn read<O: Operation>(world: &World, allowed: &Authorized<O>, attachment: Attachment) -> Result<Self> {
        let Attachment { policy, at, .. } = attachment;
        let (description, default_version) = match find(world, allowed, &policy).await? {
            Found::System(system) => (system.description.clone().into_owned(), system.version),
            Found::Managed(managed) => (managed.value.description.clone(), managed.value.default_version),
        };
        let account = (!policy.system).then(|| allowed.place().account.to_string());
        let policy = PolicyName { account, ..policy };
        let arn = policy.full(Naming::of(allowed)?, &allowed.place().account);
        let (arn, description, default_version) = (Some(arn), Some(description), Some(default_version));
        Ok(Self { policy, arn, description, default_version, at: Some(at) })
    }
}
