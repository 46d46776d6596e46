//! Managed policies: documents of their own, with versions, attached to users, groups and roles.

use super::Item;
use super::attachment::system;
use super::user::Profile;
use super::{
    Group, Holder, IdKind, ManagedPolicy, Policies, PolicyName, PolicyVersion, Role as IdentityRole, Rules,
    SystemPolicy, User, check_document, fresh_id, group, identity_path, locate, managed, role, user,
};
use crate::engine::world::{GROUPS, POLICIES, ROLES, USERS, Versioned, put};
use crate::engine::{Search, World};
use crate::error::{Error, Kind, Noun, Result};
use crate::list::{self, Listed, Paging};
use crate::name::{Place, below, path};
use crate::operation::{Authorized, Effect, Operation, Role};
use crate::policy::DocumentKind;
use crate::port::{Change, Expect, Time};
use crate::tag::Tags;

/// A managed policy, as callers are told it.
#[derive(Debug, Clone)]
pub struct Described {
    /// Its name.
    pub policy: PolicyName,
    /// Its full name.
    pub arn: String,
    /// The unique identifier; absent for one of the vendor.
    pub id: Option<String>,
    /// Words of the administrator, where the answer tells them.
    pub description: String,
    /// The version in force.
    pub default_version: u32,
    /// To how many it is attached; not known of one of the vendor.
    pub attachments: Option<usize>,
    /// When it was made; not known of one of the vendor.
    pub created_at: Option<Time>,
    /// When it was changed last; not known of one of the vendor.
    pub updated_at: Option<Time>,
    /// Its tags.
    pub tags: Tags,
}

impl ManagedPolicy {
    /// What callers are told of it.
    fn described(&self, rules: &Rules) -> Described {
        let policy = PolicyName::custom(self.path.as_str(), self.name.as_str());
        Described {
            arn: policy.full(rules, &self.account),
            policy: PolicyName { account: Some(self.account.clone()), ..policy },
            id: Some(self.id.clone()),
            description: self.description.clone(),
            default_version: self.default_version,
            attachments: Some(self.attached_to.len()),
            created_at: Some(self.created_at),
            updated_at: Some(self.updated_at),
            tags: self.tags.clone(),
        }
    }
}

impl SystemPolicy {
    /// What callers are told of it.
    fn described(&self, rules: &Rules) -> Described {
        let Self { path, name, description, version, document: _ } = *self;
        let policy = PolicyName::system(path, name);
        Described {
            arn: policy.full(rules, ""),
            policy,
            id: None,
            description: description.to_owned(),
            default_version: version,
            attachments: None,
            created_at: None,
            updated_at: None,
            tags: Tags::new(),
        }
    }
}

/// A managed policy: of the account, or one the vendor supplies.
enum Managed {
    /// Of the account.
    Custom(Box<ManagedPolicy>),
    /// The vendor's.
    System(&'static SystemPolicy),
}

impl Managed {
    fn described(&self, rules: &Rules) -> Described {
        match self {
            Self::Custom(policy) => policy.described(rules),
            Self::System(policy) => policy.described(rules),
        }
    }
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
    type Output = Described;
    const NAME: &'static str = "CreatePolicy";
    const EFFECT: Effect = Effect::Changes;
    const ROLES: &'static [Role] = &[Role::Subject];

    async fn locate(&self, _: Role, search: &mut Search<'_>) -> Result<()> {
        locate::named(search, Item::NewPolicy(&self.path, &self.name))
    }

    fn tags(&self) -> Option<&Tags> {
        Some(&self.tags)
    }

    async fn run(allowed: &Authorized<Self>, world: &World) -> Result<Described> {
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
        let made = vec![put(POLICIES, record, Expect::Absent, &policy)?];
        let described = policy.described(allowed.dialect().law.identity()?);
        allowed.make(&described.arn, made);
        Ok(described)
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

/// A managed policy with its version in force.
#[derive(Debug)]
pub struct InForce {
    /// The policy.
    pub policy: Described,
    /// The version, where the cloud tells it with the policy.
    pub version: Option<NumberedVersion>,
}

impl Operation for DescribePolicy {
    type Output = InForce;
    const NAME: &'static str = "GetPolicy";
    on_policy!();

    async fn run(allowed: &Authorized<Self>, world: &World) -> Result<InForce> {
        let found = find(allowed, world, &allowed.op().policy).await?;
        let version = versions(&found).into_iter().find(|version| version.default);
        Ok(InForce { policy: found.described(allowed.dialect().law.identity()?), version })
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
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Scope {
    /// Both.
    All,
    /// Those of the account.
    Custom,
    /// Those of the vendor.
    System,
}

/// What a managed policy is used for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Usage {
    /// To give permissions to those it is attached to.
    Permissions,
    /// To bound them: no policy is used for that yet.
    Boundary,
}

/// Lists managed policies.
#[derive(Debug)]
pub struct ListPolicies {
    /// Which.
    pub scope: Scope,
    /// Whether only attached ones are wanted.
    pub attached_only: bool,
    /// What they are used for; anything, when absent.
    pub usage: Option<Usage>,
    /// Which part.
    pub paging: Paging,
    /// What their paths begin with.
    pub path_prefix: String,
}

impl Operation for ListPolicies {
    type Output = Listed<Described>;
    const NAME: &'static str = "ListPolicies";
    const ROLES: &'static [Role] = &[Role::Account];

    async fn locate(&self, _: Role, search: &mut Search<'_>) -> Result<()> {
        locate::named(search, Item::Policies)
    }

    async fn run(allowed: &Authorized<Self>, world: &World) -> Result<Listed<Described>> {
        let Self { scope, attached_only, usage, paging, path_prefix } = allowed.op();
        let (place, rules) = (allowed.place(), allowed.dialect().law.identity()?);
        let mut listed = Listed { items: Vec::new(), next: None, numbered: None };
        if *usage == Some(Usage::Boundary) {
            return Ok(listed);
        }
        let (resumed, limit) = match paging {
            Paging::Marker { marker, limit } => {
                let marker = marker.as_ref().map(|marker| world.open_marker(SYSTEM_LIST, marker));
                // Only where no other list could have made the marker must it be one of this list.
                (if *scope == Scope::System { marker.transpose()? } else { marker.and_then(Result::ok) }, limit.size())
            }
            Paging::Number { .. } => (None, usize::MAX),
        };
        if *scope != Scope::System && resumed.is_none() {
            let prefix = below(&[place.dialect, &place.account]);
            let wanted = |policy: &ManagedPolicy| {
                policy.path.starts_with(path_prefix) && !(*attached_only && policy.attached_to.is_empty())
            };
            let custom = list::page::<ManagedPolicy>(world, POLICIES, &prefix, paging, wanted).await?;
            listed = custom.map(|policy| policy.described(rules));
        }
        // The vendor's policies come after those of the account.
        if *scope != Scope::Custom && listed.next.is_none() && !*attached_only {
            let known = rules.system_policies.iter();
            let after = |policy: &&SystemPolicy| resumed.as_ref().is_none_or(|last| policy.name > last.as_str());
            let mut rest: Vec<_> = known.filter(|policy| policy.path.starts_with(path_prefix)).filter(after).collect();
            rest.sort_unstable_by_key(|policy| policy.name);
            let room = limit.saturating_sub(listed.items.len());
            if rest.len() > room {
                rest.truncate(room);
                let last = rest.last().map_or(resumed.as_deref().unwrap_or_default(), |policy| policy.name);
                listed.next = Some(world.marker(SYSTEM_LIST, last)?);
            }
            listed.items.extend(rest.into_iter().map(|policy| policy.described(rules)));
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
    const EFFECT: Effect = Effect::Changes;
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
        allowed.change(vec![Change::Delete { space: POLICIES, path, expect: Expect::Rev(rev) }])
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
    type Output = Described;
    const NAME: &'static str = "UpdatePolicyDescription";
    const EFFECT: Effect = Effect::Changes;
    on_policy!();

    async fn run(allowed: &Authorized<Self>, world: &World) -> Result<Described> {
        let Self { policy, description } = allowed.op();
        let place = allowed.place();
        let Versioned { value: mut policy, rev } = custom(world, place, policy).await?;
        policy.description.clone_from(description);
        policy.updated_at = allowed.now();
        let path = identity_path(place.dialect, &place.account, &policy.name);
        allowed.change(vec![put(POLICIES, path, Expect::Rev(rev), &policy)?])?;
        Ok(policy.described(allowed.dialect().law.identity()?))
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
    /// The document, as it was written; absent in answers that leave it out.
    pub document: Option<String>,
    /// When it was made; not known of one of the vendor.
    pub created_at: Option<Time>,
}

impl Operation for CreateVersion {
    type Output = NumberedVersion;
    const NAME: &'static str = "CreatePolicyVersion";
    const EFFECT: Effect = Effect::Changes;
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
        allowed.change(vec![put(POLICIES, path, Expect::Rev(rev), &policy)?])?;
        let document = Some(document.clone());
        Ok(NumberedVersion { number, default: *set_default, document, created_at: Some(now) })
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
    /// Which part.
    pub paging: Paging,
}

impl Operation for ListVersions {
    type Output = Listed<NumberedVersion>;
    const NAME: &'static str = "ListPolicyVersions";
    on_policy!();

    async fn run(allowed: &Authorized<Self>, world: &World) -> Result<Listed<NumberedVersion>> {
        let Self { policy, paging } = allowed.op();
        let found = find(allowed, world, policy).await?;
        let versions = versions(&found).into_iter().map(|version| (format!("v{}", version.number), version)).collect();
        let list = list_of(allowed, "version", &found);
        Ok(list::cut(world, &list, versions, paging, |(key, _)| key)?.map(|(_, version)| version))
    }
}

/// What markers into a list about a policy are bound to.
fn list_of<O: Operation>(allowed: &Authorized<O>, of: &str, policy: &Managed) -> String {
    let id = match policy {
        Managed::Custom(policy) => &policy.id,
        Managed::System(policy) => policy.name,
    };
    path(&["list", of, allowed.place().dialect, &allowed.place().account, id])
}

/// The versions of a managed policy, the newest first.
fn versions(policy: &Managed) -> Vec<NumberedVersion> {
    match policy {
        Managed::System(system) => vec![NumberedVersion {
            number: system.version,
            default: true,
            document: Some(system.document.to_owned()),
            created_at: None,
        }],
        Managed::Custom(policy) => policy
            .versions
            .iter()
            .rev()
            .map(|(number, version)| NumberedVersion {
                number: *number,
                default: *number == policy.default_version,
                document: Some(version.document.clone()),
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
    const EFFECT: Effect = Effect::Changes;
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
        allowed.change(vec![put(POLICIES, path, Expect::Rev(rev), &policy)?])
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
    const EFFECT: Effect = Effect::Changes;
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
        allowed.change(vec![put(POLICIES, path, Expect::Rev(rev), &policy)?])
    }
}

/// Lists who a managed policy is attached to.
#[derive(Debug)]
pub struct ListHolders {
    /// The policy.
    pub policy: PolicyName,
    /// Of which kind; all, when absent.
    pub kind: Option<HolderKind>,
    /// What it is used for; anything, when absent.
    pub usage: Option<Usage>,
    /// What the paths of the holders begin with.
    pub path_prefix: String,
    /// Which part.
    pub paging: Paging,
}

/// A kind of holder, in the order of lists.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum HolderKind {
    /// Groups.
    Group,
    /// Users.
    User,
    /// Roles.
    Role,
    /// Managed policies of this kind, which hold no others.
    Policy(Scope),
}

impl Holder {
    fn kind(&self) -> HolderKind {
        match self {
            Self::Group(_) => HolderKind::Group,
            Self::User(_) => HolderKind::User,
            Self::Role(_) => HolderKind::Role,
        }
    }
}

/// A holder of a managed policy.
#[derive(Debug)]
pub struct Held {
    /// Who it is.
    pub holder: Holder,
    /// Its full name.
    pub arn: String,
    /// Its unique identifier.
    pub id: String,
    /// Its path.
    pub path: String,
    /// The name shown, of a user.
    pub display_name: String,
    /// Words of the administrator.
    pub comments: String,
    /// When the policy was attached, where the cloud tells that.
    pub at: Option<Time>,
}

impl Operation for ListHolders {
    /// Groups, then users, then roles.
    type Output = Listed<Held>;
    const NAME: &'static str = "ListEntitiesForPolicy";
    on_policy!();

    async fn run(allowed: &Authorized<Self>, world: &World) -> Result<Listed<Held>> {
        let Self { policy, kind, usage, path_prefix, paging } = allowed.op();
        let found = find(allowed, world, policy).await?;
        let list = list_of(allowed, "holder", &found);
        let mut holders = match found {
            Managed::Custom(policy) => holders(world, allowed.place(), &policy).await?,
            Managed::System(policy) => holders_of_system(world, allowed.place(), policy).await?,
        };
        let is_wanted = |held: &super::Held| {
            *usage != Some(Usage::Boundary)
                && kind.is_none_or(|kind| kind == held.holder().kind())
                && held.path().starts_with(path_prefix)
        };
        holders.retain(|(held, _)| is_wanted(held));
        holders.sort_by_key(|(held, _)| held.holder().kind());
        let rules = allowed.dialect().law.identity()?;
        let holders = holders.into_iter().map(|(held, at)| Held::new(rules, held, at)).collect();
        list::cut(world, &list, holders, paging, |held: &Held| &held.id)
    }
}

/// Who holds a policy of the account, with the time it was attached.
async fn holders(world: &World, place: &Place, policy: &ManagedPolicy) -> Result<Vec<(super::Held, Time)>> {
    let paths = |noun| {
        let named = policy.attached_to.keys().filter(move |holder| holder.noun() == noun);
        named.map(|holder| identity_path(place.dialect, &place.account, holder.name())).collect::<Vec<_>>()
    };
    let users = world.read_many(USERS, &paths(Noun::User)).await?.into_iter().map(super::Held::User);
    let groups = world.read_many(GROUPS, &paths(Noun::Group)).await?.into_iter().map(super::Held::Group);
    let roles = world.read_many(ROLES, &paths(Noun::Role)).await?.into_iter().map(super::Held::Role);
    let attached = |held: super::Held| {
        let at = policy.attached_to.get(&held.holder()).copied();
        at.map(|at| (held, at))
    };
    Ok(users.chain(groups).chain(roles).filter_map(attached).collect())
}

/// Who in the account holds a policy of the vendor, which itself knows nothing of accounts.
async fn holders_of_system(world: &World, place: &Place, policy: &SystemPolicy) -> Result<Vec<(super::Held, Time)>> {
    let prefix = below(&[place.dialect, &place.account]);
    let attached = |policies: &Policies| {
        let meant = |attached: &PolicyName| attached.system && attached.name == policy.name;
        policies.attached.iter().find(|attachment| meant(&attachment.policy)).map(|attachment| attachment.at)
    };
    let users = list::all(world, USERS, &prefix, |user: &User| attached(&user.policies).is_some()).await?;
    let groups = list::all(world, GROUPS, &prefix, |group: &Group| attached(&group.policies).is_some()).await?;
    let roles = list::all(world, ROLES, &prefix, |role: &IdentityRole| attached(&role.policies).is_some()).await?;
    let holders = users
        .into_iter()
        .map(super::Held::User)
        .chain(groups.into_iter().map(super::Held::Group))
        .chain(roles.into_iter().map(super::Held::Role));
    let holders = holders.filter_map(|held| attached(held.policies()).map(|at| (held, at)));
    Ok(holders.collect())
}

impl Held {
    fn new(rules: &Rules, held: super::Held, at: Time) -> Self {
        let (holder, at) = (held.holder(), Some(at));
        match held {
            super::Held::User(user) => {
                let user::Described { id, arn, path, profile: Profile { display_name, comments, .. }, .. } =
                    user.described(rules);
                Self { holder, arn, id, path, display_name, comments, at }
            }
            super::Held::Group(group) => {
                let group::Described { id, arn, path, comments, .. } = group.described(rules);
                Self { holder, arn, id, path, display_name: String::new(), comments, at }
            }
            super::Held::Role(role) => {
                let role::Described { id, arn, path, description: comments, .. } = role.described(rules);
                Self { holder, arn, id, path, display_name: String::new(), comments, at }
            }
        }
    }
}
