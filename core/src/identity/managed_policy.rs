//! Managed policies: documents of their own, with versions, attached to users, groups and roles.

use super::Item;
use super::attachment::system;
use super::{
    Group, Holder, IdKind, ManagedPolicy, Policies, PolicyName, PolicyVersion, Role as IdentityRole, SystemPolicy,
    User, check_document, fresh_id, identity_path, locate, managed,
};
use crate::engine::world::{GROUPS, POLICIES, ROLES, USERS, Versioned, put};
use crate::engine::{Search, World};
use crate::error::{Error, Kind, Noun, Result};
use crate::list::{Listed, Paging, all, page};
use crate::name::{Place, below};
use crate::operation::{Asked, Authorized, Operation, Role};
use crate::policy::DocumentKind;
use crate::port::{Change, Expect, Time};
use crate::tag::Tags;

/// A managed policy: of the account, or one the vendor supplies.
#[derive(Debug, Clone)]
pub enum Managed {
    /// Of the account.
    Custom(Box<ManagedPolicy>),
    /// The vendor's.
    System(&'static SystemPolicy),
}

/// Makes a managed policy.
#[derive(Debug)]
pub struct CreatePolicy {
    /// The name.
    pub name: String,
    /// The path.
    pub path: String,
    /// Words of the administrator.
    pub description: String,
    /// The document.
    pub document: String,
    /// Its tags.
    pub tags: Tags,
}

impl Operation for CreatePolicy {
    type Output = ManagedPolicy;
    const NAME: &'static str = "CreatePolicy";
    const ROLES: &'static [Role] = &[Role::Subject];

    async fn locate(&self, _: Role, search: &mut Search<'_>) -> Result<()> {
        locate::named(search, Item::NewPolicy(&self.path, &self.name))
    }

    fn asked(&self) -> Asked<'_> {
        Asked { tags: Some(&self.tags), ..Asked::default() }
    }

    async fn run(allowed: &Authorized<Self>, world: &World) -> Result<ManagedPolicy> {
        let Self { name, path, description, document, tags } = allowed.op();
        let (place, now) = (allowed.place(), allowed.now());
        check_document(allowed.dialect(), DocumentKind::Identity, document)?;
        let record = identity_path(place.dialect, &place.account, name);
        if world.read::<ManagedPolicy>(POLICIES, &record).await?.is_some() {
            return Err(Kind::AlreadyExists(Noun::Policy).about(name));
        }
        let policy = ManagedPolicy {
            id: fresh_id(world, allowed.dialect(), IdKind::Policy)?,
            account: place.account.to_string(),
            name: name.clone(),
            path: path.clone(),
            description: description.clone(),
            created_at: now,
            updated_at: now,
            versions: [(1, PolicyVersion { document: document.clone(), created_at: now })].into(),
            default_version: 1,
            next_version: 2,
            tags: tags.clone(),
            attached_to: Default::default(),
        };
        allowed.commit(world, vec![put(POLICIES, record, Expect::Absent, &policy)?]).await?;
        Ok(policy)
    }
}

macro_rules! on_policy {
    () => {
        const ROLES: &'static [Role] = &[Role::Policy];

        async fn locate(&self, _: Role, search: &mut Search<'_>) -> Result<()> {
            locate::policy(search, &self.policy).await
        }
    };
}

/// Tells about a managed policy.
#[derive(Debug)]
pub struct DescribePolicy {
    /// The policy.
    pub policy: PolicyName,
}

impl Operation for DescribePolicy {
    type Output = Managed;
    const NAME: &'static str = "GetPolicy";
    on_policy!();

    async fn run(allowed: &Authorized<Self>, world: &World) -> Result<Managed> {
        find(allowed, world, &allowed.op().policy).await
    }
}

async fn find<O: Operation>(allowed: &Authorized<O>, world: &World, policy: &PolicyName) -> Result<Managed> {
    if policy.system {
        let found = system(allowed.dialect(), policy).map(Managed::System);
        return found.ok_or_else(|| Kind::NotFound(Noun::Policy).about(&policy.name));
    }
    Ok(Managed::Custom(Box::new(custom(world, allowed.place(), policy).await?.value)))
}

/// A policy of the account; the vendor's cannot be changed.
pub(super) async fn custom(world: &World, place: &Place, policy: &PolicyName) -> Result<Versioned<ManagedPolicy>> {
    let missing = || Kind::NotFound(Noun::Policy).about(&policy.name);
    if policy.system || policy.account.as_ref().is_some_and(|account| **account != *place.account) {
        return Err(missing());
    }
    let found = managed(world, place, &policy.name).await?;
    if found.value.path == policy.path { Ok(found) } else { Err(missing()) }
}

/// Which managed policies are wanted.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Scope {
    /// Both.
    All,
    /// Those of the account.
    Custom,
    /// Those of the vendor.
    System,
}

/// Lists managed policies.
#[derive(Debug)]
pub struct ListPolicies {
    /// Which.
    pub scope: Scope,
    /// Whether only attached ones are wanted.
    pub attached_only: bool,
    /// Which part.
    pub paging: Paging,
    /// What their paths begin with.
    pub path_prefix: String,
}

impl Operation for ListPolicies {
    type Output = Listed<Managed>;
    const NAME: &'static str = "ListPolicies";
    const ROLES: &'static [Role] = &[Role::Account];

    async fn locate(&self, _: Role, search: &mut Search<'_>) -> Result<()> {
        locate::named(search, Item::Policies)
    }

    async fn run(allowed: &Authorized<Self>, world: &World) -> Result<Listed<Managed>> {
        let Self { scope, attached_only, paging, path_prefix } = allowed.op();
        let place = allowed.place();
        let mut listed = Listed { items: Vec::new(), next: None, total: 0 };
        let (resumed, limit) = match paging {
            Paging::Marker { marker, limit } => {
                let marker = marker.as_ref().map(|marker| world.open_marker(SYSTEM_LIST, marker));
                // Only where no other list could have made the marker must it be one of this list.
                (if *scope == Scope::System { marker.transpose()? } else { marker.and_then(Result::ok) }, *limit)
            }
            Paging::Number { .. } => (None, usize::MAX),
        };
        if *scope != Scope::System && resumed.is_none() {
            let prefix = below(&[place.dialect, &place.account]);
            let wanted = |policy: &ManagedPolicy| {
                policy.path.starts_with(path_prefix) && !(*attached_only && policy.attached_to.is_empty())
            };
            let Listed { items, next, total } = page::<ManagedPolicy>(world, POLICIES, &prefix, paging, wanted).await?;
            let items = items.into_iter().map(|policy| Managed::Custom(Box::new(policy))).collect();
            listed = Listed { items, next, total };
        }
        // The vendor's policies come after those of the account.
        if *scope != Scope::Custom && listed.next.is_none() && !*attached_only {
            let known = allowed.dialect().law.identity()?.system_policies.iter();
            let after = |policy: &&SystemPolicy| resumed.as_ref().is_none_or(|last| policy.name > last.as_str());
            let mut rest: Vec<_> = known.filter(|policy| policy.path.starts_with(path_prefix)).filter(after).collect();
            rest.sort_unstable_by_key(|policy| policy.name);
            let room = limit.saturating_sub(listed.items.len());
            if rest.len() > room {
                rest.truncate(room);
                let last = rest.last().map_or(resumed.as_deref().unwrap_or_default(), |policy| policy.name);
                listed.next = Some(world.marker(SYSTEM_LIST, last)?);
            }
            listed.total += rest.len();
            listed.items.extend(rest.into_iter().map(Managed::System));
        }
        Ok(listed)
    }
}

/// What markers into the vendor's policies are bound to.
const SYSTEM_LIST: &str = "list/system_policy";

/// Removes a managed policy that is attached to nobody.
#[derive(Debug)]
pub struct DeletePolicy {
    /// The policy.
    pub policy: PolicyName,
    /// Whether versions that are not in force go with it; otherwise there must be none.
    pub with_versions: bool,
}

impl Operation for DeletePolicy {
    type Output = ();
    const NAME: &'static str = "DeletePolicy";
    on_policy!();

    async fn run(allowed: &Authorized<Self>, world: &World) -> Result<()> {
        let (place, op) = (allowed.place(), allowed.op());
        let Versioned { value: policy, rev } = custom(world, place, &op.policy).await?;
        if let Some(holder) = policy.attached_to.keys().next() {
            return Err(Error::from(Kind::DeleteConflict(holder.noun())).of(Noun::Policy));
        }
        if policy.versions.len() > 1 && !op.with_versions {
            return Err(Error::from(Kind::DeleteConflict(Noun::PolicyVersion)).of(Noun::Policy));
        }
        let path = identity_path(place.dialect, &place.account, &policy.name);
        allowed.commit(world, vec![Change::Delete { space: POLICIES, path, expect: Expect::Rev(rev) }]).await.map(drop)
    }
}

/// Changes the words about a managed policy.
#[derive(Debug)]
pub struct UpdatePolicy {
    /// The policy.
    pub policy: PolicyName,
    /// The new words.
    pub description: String,
}

impl Operation for UpdatePolicy {
    type Output = ManagedPolicy;
    const NAME: &'static str = "UpdatePolicyDescription";
    on_policy!();

    async fn run(allowed: &Authorized<Self>, world: &World) -> Result<ManagedPolicy> {
        let Self { policy, description } = allowed.op();
        let place = allowed.place();
        let Versioned { value: mut policy, rev } = custom(world, place, policy).await?;
        policy.description.clone_from(description);
        policy.updated_at = allowed.now();
        let path = identity_path(place.dialect, &place.account, &policy.name);
        allowed.commit(world, vec![put(POLICIES, path, Expect::Rev(rev), &policy)?]).await?;
        Ok(policy)
    }
}

/// Adds a version to a managed policy.
#[derive(Debug)]
pub struct CreateVersion {
    /// The policy.
    pub policy: PolicyName,
    /// The document.
    pub document: String,
    /// Whether it comes into force.
    pub set_default: bool,
    /// Whether the oldest version that is not in force makes room, when there are too many.
    pub rotate: bool,
}

/// A version of a managed policy.
#[derive(Debug)]
pub struct NumberedVersion {
    /// Its number.
    pub number: u32,
    /// Whether it is in force.
    pub default: bool,
    /// The document, as it was written.
    pub document: String,
    /// When it was made.
    pub created_at: Option<Time>,
}

impl Operation for CreateVersion {
    type Output = NumberedVersion;
    const NAME: &'static str = "CreatePolicyVersion";
    on_policy!();

    async fn run(allowed: &Authorized<Self>, world: &World) -> Result<NumberedVersion> {
        let Self { policy, document, set_default, rotate } = allowed.op();
        let (place, now) = (allowed.place(), allowed.now());
        let Versioned { value: mut policy, rev } = custom(world, place, policy).await?;
        check_document(allowed.dialect(), DocumentKind::Identity, document)?;
        if policy.versions.len() >= allowed.dialect().law.identity()?.max_policy_versions {
            let oldest = policy.versions.keys().copied().find(|number| *number != policy.default_version);
            match oldest {
                Some(oldest) if *rotate => policy.versions.remove(&oldest),
                _ => return Err(Kind::LimitExceeded(Noun::PolicyVersion).about(&policy.name)),
            };
        }
        let number = policy.next_version;
        policy.next_version += 1;
        policy.versions.insert(number, PolicyVersion { document: document.clone(), created_at: now });
        if *set_default {
            policy.default_version = number;
        }
        policy.updated_at = now;
        let path = identity_path(place.dialect, &place.account, &policy.name);
        allowed.commit(world, vec![put(POLICIES, path, Expect::Rev(rev), &policy)?]).await?;
        Ok(NumberedVersion { number, default: *set_default, document: document.clone(), created_at: Some(now) })
    }
}

/// Tells about a version of a managed policy.
#[derive(Debug)]
pub struct DescribeVersion {
    /// The policy.
    pub policy: PolicyName,
    /// The number of the version.
    pub number: u32,
}

impl Operation for DescribeVersion {
    type Output = NumberedVersion;
    const NAME: &'static str = "GetPolicyVersion";
    on_policy!();

    async fn run(allowed: &Authorized<Self>, world: &World) -> Result<NumberedVersion> {
        let Self { policy, number } = allowed.op();
        let versions = versions(&find(allowed, world, policy).await?);
        let found = versions.into_iter().find(|version| version.number == *number);
        found.ok_or_else(|| Kind::NotFound(Noun::PolicyVersion).about(format!("v{number}")))
    }
}

/// Lists the versions of a managed policy, the newest first.
#[derive(Debug)]
pub struct ListVersions {
    /// The policy.
    pub policy: PolicyName,
}

impl Operation for ListVersions {
    type Output = Vec<NumberedVersion>;
    const NAME: &'static str = "ListPolicyVersions";
    on_policy!();

    async fn run(allowed: &Authorized<Self>, world: &World) -> Result<Vec<NumberedVersion>> {
        Ok(versions(&find(allowed, world, &allowed.op().policy).await?))
    }
}

/// The versions of a managed policy, the newest first.
pub fn versions(policy: &Managed) -> Vec<NumberedVersion> {
    match policy {
        Managed::System(system) => vec![NumberedVersion {
            number: system.version,
            default: true,
            document: system.document.to_owned(),
            created_at: None,
        }],
        Managed::Custom(policy) => policy
            .versions
            .iter()
            .rev()
            .map(|(number, version)| NumberedVersion {
                number: *number,
                default: *number == policy.default_version,
                document: version.document.clone(),
                created_at: Some(version.created_at),
            })
            .collect(),
    }
}

/// Puts a version of a managed policy in force.
#[derive(Debug)]
pub struct SetDefaultVersion {
    /// The policy.
    pub policy: PolicyName,
    /// The number of the version.
    pub number: u32,
}

impl Operation for SetDefaultVersion {
    type Output = ();
    const NAME: &'static str = "SetDefaultPolicyVersion";
    on_policy!();

    async fn run(allowed: &Authorized<Self>, world: &World) -> Result<()> {
        let Self { policy, number } = allowed.op();
        let place = allowed.place();
        let Versioned { value: mut policy, rev } = custom(world, place, policy).await?;
        if !policy.versions.contains_key(number) {
            return Err(Kind::NotFound(Noun::PolicyVersion).about(format!("v{number}")));
        }
        policy.default_version = *number;
        policy.updated_at = allowed.now();
        let path = identity_path(place.dialect, &place.account, &policy.name);
        allowed.commit(world, vec![put(POLICIES, path, Expect::Rev(rev), &policy)?]).await.map(drop)
    }
}

/// Removes a version of a managed policy that is not in force.
#[derive(Debug)]
pub struct DeleteVersion {
    /// The policy.
    pub policy: PolicyName,
    /// The number of the version.
    pub number: u32,
}

impl Operation for DeleteVersion {
    type Output = ();
    const NAME: &'static str = "DeletePolicyVersion";
    on_policy!();

    async fn run(allowed: &Authorized<Self>, world: &World) -> Result<()> {
        let Self { policy, number } = allowed.op();
        let place = allowed.place();
        let Versioned { value: mut policy, rev } = custom(world, place, policy).await?;
        if policy.default_version == *number {
            return Err(Error::from(Kind::DeleteConflict(Noun::PolicyVersion)).of(Noun::PolicyVersion));
        }
        if policy.versions.remove(number).is_none() {
            return Err(Kind::NotFound(Noun::PolicyVersion).about(format!("v{number}")));
        }
        let path = identity_path(place.dialect, &place.account, &policy.name);
        allowed.commit(world, vec![put(POLICIES, path, Expect::Rev(rev), &policy)?]).await.map(drop)
    }
}

/// Lists who a managed policy is attached to.
#[derive(Debug)]
pub struct ListHolders {
    /// The policy.
    pub policy: PolicyName,
}

/// A holder of a managed policy.
#[derive(Debug)]
pub struct Held {
    /// Who it is.
    pub holder: Holder,
    /// Its account.
    pub account: String,
    /// Its unique identifier.
    pub id: String,
    /// Its path.
    pub path: String,
    /// The name shown, of a user.
    pub display_name: String,
    /// Words of the administrator.
    pub comments: String,
    /// When the policy was attached.
    pub at: Time,
}

impl Operation for ListHolders {
    type Output = Vec<Held>;
    const NAME: &'static str = "ListEntitiesForPolicy";
    on_policy!();

    async fn run(allowed: &Authorized<Self>, world: &World) -> Result<Vec<Held>> {
        let place = allowed.place();
        let policy = match find(allowed, world, &allowed.op().policy).await? {
            Managed::Custom(policy) => policy,
            Managed::System(policy) => return holders_of_system(world, place, policy).await,
        };
        let paths = |noun| {
            let named = policy.attached_to.keys().filter(move |holder| holder.noun() == noun);
            named.map(|holder| identity_path(place.dialect, &place.account, holder.name())).collect::<Vec<_>>()
        };
        let users = world.read_many(USERS, &paths(Noun::User)).await?.into_iter().map(super::Held::User);
        let groups = world.read_many(GROUPS, &paths(Noun::Group)).await?.into_iter().map(super::Held::Group);
        let roles = world.read_many(ROLES, &paths(Noun::Role)).await?.into_iter().map(super::Held::Role);
        let holders = users.chain(groups).chain(roles);
        let attached = |held: super::Held| policy.attached_to.get(&held.holder()).map(|at| Held::new(held, *at));
        Ok(holders.filter_map(attached).collect())
    }
}

/// Who in the account holds a policy of the vendor, which itself knows nothing of accounts.
async fn holders_of_system(world: &World, place: &Place, policy: &SystemPolicy) -> Result<Vec<Held>> {
    let prefix = below(&[place.dialect, &place.account]);
    let attached = |policies: &Policies| {
        let meant = |attached: &PolicyName| attached.system && attached.name == policy.name;
        policies.attached.iter().find(|attachment| meant(&attachment.policy)).map(|attachment| attachment.at)
    };
    let users = all(world, USERS, &prefix, |user: &User| attached(&user.policies).is_some()).await?;
    let groups = all(world, GROUPS, &prefix, |group: &Group| attached(&group.policies).is_some()).await?;
    let roles = all(world, ROLES, &prefix, |role: &IdentityRole| attached(&role.policies).is_some()).await?;
    let holders = users
        .into_iter()
        .map(super::Held::User)
        .chain(groups.into_iter().map(super::Held::Group))
        .chain(roles.into_iter().map(super::Held::Role));
    let holders = holders.filter_map(|held| attached(held.policies()).map(|at| Held::new(held, at)));
    Ok(holders.collect())
}

impl Held {
    fn new(held: super::Held, at: Time) -> Self {
        let holder = held.holder();
        let (account, id, path, display_name, comments) = match held {
            super::Held::User(user) => (user.account, user.id, user.path, user.display_name, user.comments),
            super::Held::Group(group) => (group.account, group.id, group.path, String::new(), group.comments),
            super::Held::Role(role) => (role.account, role.id, role.path, String::new(), role.description),
        };
        Self { holder, account, id, path, display_name, comments, at }
    }
}
