//! Managed policies: documents of their own, with versions, attached to users, groups and roles.

use std::fmt;

use super::Item;
use super::attachment::system;
use super::relation::{self, Attachment};
use super::user::Profile;
use super::{
    Holder, IdKind, ManagedPolicy, Naming, PolicyName, PolicyVersion, SystemPolicy, check_document, fresh_id, group,
    identity_path, locate, managed, role, user,
};
use crate::engine::world::{GROUPS, HOLDERS_OF_POLICY, POLICIES, ROLES, USERS, Versioned, none_below, put};
use crate::engine::{Search, World};
use crate::error::{Cause, Error, Kind, Noun, Result};
use crate::list::{self, Gathering, Listed, Paging};
use crate::name::{Place, below, path};
use crate::operation::{Authorized, Effect, Operation, Repeat, Role};
use crate::policy::DocumentKind;
use crate::port::{Change, Expect, Time};
use crate::tag::Tags;

/// A managed policy, as callers are told it.
#[derive(Debug, Clone)]
pub struct Described {
    /// Its name.
    pub policy: PolicyName,
    /// Its full name, where the answer tells it.
    pub arn: Option<String>,
    /// The unique identifier, where the answer tells it; one of the vendor has none here.
    pub id: Option<String>,
    /// Words of the administrator, where the answer tells them.
    pub description: Option<String>,
    /// The version in force.
    pub default_version: u32,
    /// To how many it is attached, where the answer tells it.
    pub attachments: Option<usize>,
    /// When it was made, where the answer tells it.
    pub created_at: Option<Time>,
    /// When it was changed last, where the answer tells it.
    pub updated_at: Option<Time>,
    /// Its tags, where the answer tells them; one of the vendor has none.
    pub tags: Option<Tags>,
}

impl ManagedPolicy {
    /// What it is called.
    fn named(&self) -> PolicyName {
        PolicyName::custom(self.path.as_str(), self.name.as_str())
    }

    /// The text of the version in force.
    pub(super) fn in_force(&self) -> Option<&str> {
        self.versions.get(&self.default_version).map(|version| version.document.as_str())
    }

    /// To how many it is attached.
    async fn attachments(&self, world: &World, place: &Place) -> Result<usize> {
        attachments(world, place, &self.named()).await
    }

    /// What callers are told of it.
    fn described(&self, naming: Naming<'_>, attachments: usize) -> Described {
        let policy = self.named();
        Described {
            arn: Some(policy.full(naming, &self.account)),
            policy: PolicyName { account: Some(self.account.clone()), ..policy },
            id: Some(self.id.clone()),
            description: Some(self.description.clone()),
            default_version: self.default_version,
            attachments: Some(attachments),
            created_at: Some(self.created_at),
            updated_at: Some(self.updated_at),
            tags: Some(self.tags.clone()),
        }
    }
}

/// To how many of an account a policy is attached.
async fn attachments(world: &World, place: &Place, policy: &PolicyName) -> Result<usize> {
    let prefix = relation::holders_of(place.dialect, &place.account, policy);
    Ok(world.ports.store.count(HOLDERS_OF_POLICY, &prefix).await?)
}

impl SystemPolicy {
    /// What it is called.
    fn named(&self) -> PolicyName {
        PolicyName::system(self.path, self.name)
    }

    /// What callers are told of it.
    fn described(&self, naming: Naming<'_>, attachments: usize) -> Described {
        let Self { path: _, name: _, description, created_at, updated_at, version, document: _ } = self;
        let policy = self.named();
        Described {
            arn: Some(policy.full(naming, "")),
            policy,
            id: None,
            description: Some(description.clone().into_owned()),
            default_version: *version,
            attachments: Some(attachments),
            created_at: Some(*created_at),
            updated_at: Some(*updated_at),
            tags: None,
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
    async fn described<O: Operation>(&self, allowed: &Authorized<O>, world: &World) -> Result<Described> {
        let (naming, place) = (Naming::of(allowed)?, allowed.place());
        Ok(match self {
            Self::Custom(policy) => policy.described(naming, policy.attachments(world, place).await?),
            Self::System(policy) => policy.described(naming, attachments(world, place, &policy.named()).await?),
        })
    }

    fn named(&self) -> PolicyName {
        match self {
            Self::Custom(policy) => policy.named(),
            Self::System(policy) => policy.named(),
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
    pub description: Option<String>,
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
        check_document(allowed.dialect(), DocumentKind::Managed, document)?;
        let record = identity_path(place.dialect, &place.account, name);
        if world.read::<ManagedPolicy>(POLICIES, &record).await?.is_some() {
            return Err(Kind::AlreadyExists(Noun::Policy).about(name));
        }
        let policy = ManagedPolicy {
            id: fresh_id(world, allowed.dialect(), IdKind::Policy)?,
            account: place.account.to_string(),
            name: name.clone(),
            path: path.clone(),
            description: description.clone().unwrap_or_default(),
            created_at: now,
            updated_at: now,
            versions: [(1, PolicyVersion { document: document.clone(), created_at: now })].into(),
            default_version: 1,
            next_version: 2,
            tags: tags.clone(),
        };
        let made = vec![put(POLICIES, record, Expect::Absent, &policy)?];
        let described = policy.described(Naming::of(allowed)?, 0);
        allowed.make(described.arn.as_deref().unwrap_or_default(), made);
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
        Ok(InForce { policy: found.described(allowed, world).await?, version })
    }
}

async fn find<O: Operation>(allowed: &Authorized<O>, world: &World, policy: &PolicyName) -> Result<Managed> {
    if policy.system {
        let found = system(allowed.dialect(), policy).map(Managed::System);
        return found.ok_or_else(|| Kind::NotFound(Noun::Policy).about(&policy.name));
    }
    Ok(Managed::Custom(Box::new(custom(world, allowed.place(), policy).await?.value)))
}

/// A policy of the account that is to be changed; `cause` says how one of the vendor would be, which nobody may.
async fn own(world: &World, place: &Place, policy: &PolicyName, cause: Cause) -> Result<Versioned<ManagedPolicy>> {
    match policy.system {
        true => Err(Kind::AccessDenied.about(&policy.name).with_cause(cause)),
        false => custom(world, place, policy).await,
    }
}

/// A policy of the account.
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
        let Self { scope, attached_only: _, usage, paging, path_prefix: _ } = allowed.op();
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
            listed = custom_policies(allowed, world).await?;
        }
        // The vendor's policies come after those of the account.
        if *scope != Scope::Custom && listed.next.is_none() {
            let room = limit.saturating_sub(listed.items.len());
            let (items, last) = system_policies(allowed, world, resumed.as_deref(), room).await?;
            listed.next = last.map(|last| world.marker(SYSTEM_LIST, &last)).transpose()?;
            listed.items.extend(items);
        }
        Ok(listed)
    }
}

/// The part of the list that the policies of the account make.
async fn custom_policies(allowed: &Authorized<ListPolicies>, world: &World) -> Result<Listed<Described>> {
    let ListPolicies { attached_only, paging, path_prefix, .. } = allowed.op();
    let (place, naming) = (allowed.place(), Naming::of(allowed)?);
    let prefix = below(&[place.dialect, &place.account]);
    let mut part = Gathering::new(world, POLICIES, &prefix, paging)?;
    while let Some(batch) = part.batch::<ManagedPolicy>().await? {
        for (path, policy) in batch {
            let mut described = None;
            if policy.path.starts_with(path_prefix) {
                let attachments = policy.attachments(world, place).await?;
                described = (attachments > 0 || !attached_only).then(|| policy.described(naming, attachments));
            }
            part.take(&path, described);
        }
    }
    part.finish()
}

/// The part of the list that the vendor's policies make: as many of those behind a name as there is room for, and the last
/// name where there are more.
async fn system_policies(
    allowed: &Authorized<ListPolicies>,
    world: &World,
    after: Option<&str>,
    room: usize,
) -> Result<(Vec<Described>, Option<String>)> {
    let ListPolicies { attached_only, path_prefix, .. } = allowed.op();
    let naming = Naming::of(allowed)?;
    let is_behind = |policy: &&SystemPolicy| after.is_none_or(|last| policy.name > last);
    let wanted = |policy: &&SystemPolicy| policy.path.starts_with(path_prefix);
    let (mut items, mut last) = (Vec::new(), after.unwrap_or_default());
    for policy in (naming.rules.system_policies)().iter().filter(is_behind).filter(wanted) {
        let attachments = attachments(world, allowed.place(), &policy.named()).await?;
        if *attached_only && attachments == 0 {
            continue;
        }
        if items.len() == room {
            return Ok((items, Some(last.to_owned())));
        }
        items.push(policy.described(naming, attachments));
        last = policy.name;
    }
    Ok((items, None))
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
    const EFFECT: Effect = Effect::Restricts;
    on_policy!();

    async fn run(allowed: &Authorized<Self>, world: &World) -> Result<()> {
        let (place, op) = (allowed.place(), allowed.op());
        let Versioned { value: policy, rev } = own(world, place, &op.policy, Cause::RemovesVendors).await?;
        for (kind, noun) in
            [(HolderKind::User, Noun::User), (HolderKind::Group, Noun::Group), (HolderKind::Role, Noun::Role)]
        {
            let held = relation::holders_of_kind(place.dialect, &place.account, &policy.named(), kind);
            if world.has_below(HOLDERS_OF_POLICY, &held).await? {
                return Err(Error::from(Kind::DeleteConflict(noun)).of(Noun::Policy));
            }
        }
        if policy.versions.len() > 1 && !op.with_versions {
            return Err(Error::from(Kind::DeleteConflict(Noun::PolicyVersion)).of(Noun::Policy));
        }
        let path = identity_path(place.dialect, &place.account, &policy.name);
        let gone = Change::Delete { space: POLICIES, path, expect: Expect::Rev(rev) };
        let held = relation::holders_of(place.dialect, &place.account, &policy.named());
        allowed.change(vec![gone, none_below(HOLDERS_OF_POLICY, held)])
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
    const REPEAT: Repeat = Repeat::Harmless;
    on_policy!();

    async fn run(allowed: &Authorized<Self>, world: &World) -> Result<Described> {
        let Self { policy, description } = allowed.op();
        let place = allowed.place();
        let Versioned { value: mut policy, rev } = own(world, place, policy, Cause::ChangesVendors).await?;
        policy.description.clone_from(description);
        policy.updated_at = allowed.now();
        let path = identity_path(place.dialect, &place.account, &policy.name);
        let attachments = policy.attachments(world, place).await?;
        allowed.change(vec![put(POLICIES, path, Expect::Rev(rev), &policy)?])?;
        Ok(policy.described(Naming::of(allowed)?, attachments))
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
    /// When it was made, where the answer tells it.
    pub created_at: Option<Time>,
}

impl Operation for CreateVersion {
    type Output = NumberedVersion;
    const NAME: &'static str = "CreatePolicyVersion";
    const EFFECT: Effect = Effect::Restricts;
    on_policy!();

    fn restricts(allowed: &Authorized<Self>, _: &World) -> bool {
        allowed.op().set_default
    }

    async fn run(allowed: &Authorized<Self>, world: &World) -> Result<NumberedVersion> {
        let Self { policy, document, set_default, rotate } = allowed.op();
        let (place, now) = (allowed.place(), allowed.now());
        let Versioned { value: mut policy, rev } = own(world, place, policy, Cause::ChangesVendors).await?;
        check_document(allowed.dialect(), DocumentKind::Managed, document)?;
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

/// A version of a managed policy, as arguments name it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum VersionName {
    /// By its number.
    Number(u32),
    /// By something that names none.
    Other(String),
}

impl fmt::Display for VersionName {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Number(number) => write!(f, "v{number}"),
            Self::Other(text) => f.write_str(text),
        }
    }
}

impl VersionName {
    /// Whether it names the version of this number.
    fn is(&self, number: u32) -> bool {
        *self == Self::Number(number)
    }

    /// The number, of a version that is there.
    fn among(&self, policy: &ManagedPolicy) -> Result<u32> {
        let found = policy.versions.keys().find(|number| self.is(**number));
        found.copied().ok_or_else(|| self.missing())
    }

    fn missing(&self) -> Error {
        Kind::NotFound(Noun::PolicyVersion).about(self.to_string())
    }
}

/// Tells about a version of a managed policy.
#[derive(Debug)]
pub struct DescribeVersion {
    /// The policy.
    pub policy: PolicyName,
    /// The version.
    pub version: VersionName,
}

impl Operation for DescribeVersion {
    type Output = NumberedVersion;
    const NAME: &'static str = "GetPolicyVersion";
    on_policy!();

    async fn run(allowed: &Authorized<Self>, world: &World) -> Result<NumberedVersion> {
        let Self { policy, version: name } = allowed.op();
        let versions = versions(&find(allowed, world, policy).await?);
        versions.into_iter().find(|version| name.is(version.number)).ok_or_else(|| name.missing())
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
        let list = list_of_versions(allowed, &found);
        Ok(list::cut(world, &list, versions, paging, |(key, _)| key)?.map(|(_, version)| version))
    }
}

/// What markers into the list of a policy's versions are bound to.
fn list_of_versions<O: Operation>(allowed: &Authorized<O>, policy: &Managed) -> String {
    let id = match policy {
        Managed::Custom(policy) => &policy.id,
        Managed::System(policy) => policy.name,
    };
    path(&["list", "version", allowed.place().dialect, &allowed.place().account, id])
}

/// The versions of a managed policy, the newest first.
fn versions(policy: &Managed) -> Vec<NumberedVersion> {
    match policy {
        Managed::System(system) => vec![NumberedVersion {
            number: system.version,
            default: true,
            document: Some(system.document.clone().into_owned()),
            created_at: Some(system.updated_at),
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
    /// The version.
    pub version: VersionName,
}

impl Operation for SetDefaultVersion {
    type Output = ();
    const NAME: &'static str = "SetDefaultPolicyVersion";
    const EFFECT: Effect = Effect::Restricts;
    const REPEAT: Repeat = Repeat::Harmless;
    on_policy!();

    async fn run(allowed: &Authorized<Self>, world: &World) -> Result<()> {
        let Self { policy, version } = allowed.op();
        let place = allowed.place();
        let Versioned { value: mut policy, rev } = own(world, place, policy, Cause::ChangesVendors).await?;
        policy.default_version = version.among(&policy)?;
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
    /// The version.
    pub version: VersionName,
}

impl Operation for DeleteVersion {
    type Output = ();
    const NAME: &'static str = "DeletePolicyVersion";
    const EFFECT: Effect = Effect::Restricts;
    on_policy!();

    async fn run(allowed: &Authorized<Self>, world: &World) -> Result<()> {
        let Self { policy, version } = allowed.op();
        let place = allowed.place();
        let Versioned { value: mut policy, rev } = own(world, place, policy, Cause::RemovesVendorsVersion).await?;
        if version.is(policy.default_version) {
            return Err(Error::from(Kind::DeleteConflict(Noun::PolicyVersion)).of(Noun::PolicyVersion));
        }
        let number = version.among(&policy)?;
        policy.versions.remove(&number);
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
    /// What kind of holder it is.
    pub(super) fn kind(&self) -> HolderKind {
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
    /// Its full name, where the answer tells it.
    pub arn: Option<String>,
    /// Its unique identifier, where the answer tells it.
    pub id: Option<String>,
    /// Its path, where the answer tells it.
    pub path: Option<String>,
    /// The name shown, of a user, where the answer tells it.
    pub display_name: Option<String>,
    /// Words of the administrator, where the answer tells them.
    pub comments: Option<String>,
    /// When the policy was attached, where the answer tells it.
    pub at: Option<Time>,
}

impl Operation for ListHolders {
    /// Groups, then users, then roles.
    type Output = Listed<Held>;
    const NAME: &'static str = "ListEntitiesForPolicy";
    on_policy!();

    async fn run(allowed: &Authorized<Self>, world: &World) -> Result<Listed<Held>> {
        let Self { policy, kind, usage, path_prefix, paging } = allowed.op();
        let (Place { dialect, account, .. }, naming) = (allowed.place(), Naming::of(allowed)?);
        let policy = find(allowed, world, policy).await?.named();
        let prefix = match kind {
            Some(kind) => relation::holders_of_kind(dialect, account, &policy, *kind),
            None => relation::holders_of(dialect, account, &policy),
        };
        let mut part = Gathering::new(world, HOLDERS_OF_POLICY, &prefix, paging)?;
        if *usage == Some(Usage::Boundary) {
            return part.finish();
        }
        while let Some(batch) = part.batch::<Attachment>().await? {
            for (path, found) in holders(world, allowed.place(), batch).await? {
                let wanted = found.filter(|(held, _)| held.path().starts_with(path_prefix));
                part.take(&path, wanted.map(|(held, at)| Held::new(naming, held, at)));
            }
        }
        part.finish()
    }
}

/// The holders of attachments, each with the time it was attached; nothing for one that is gone meanwhile.
async fn holders(
    world: &World,
    place: &Place,
    attachments: Vec<(String, Attachment)>,
) -> Result<Vec<(String, Option<(super::Held, Time)>)>> {
    let paths = |noun| {
        let holders = attachments.iter().map(|(_, attachment)| &attachment.holder);
        let named = holders.filter(move |holder| holder.noun() == noun);
        named.map(|holder| identity_path(place.dialect, &place.account, holder.name())).collect::<Vec<_>>()
    };
    let mut users = world.read_each(USERS, &paths(Noun::User)).await?.into_iter();
    let mut groups = world.read_each(GROUPS, &paths(Noun::Group)).await?.into_iter();
    let mut roles = world.read_each(ROLES, &paths(Noun::Role)).await?.into_iter();
    let found = attachments.into_iter().map(|(path, Attachment { holder, at, .. })| {
        let held = match holder {
            Holder::User(_) => users.next().flatten().map(super::Held::User),
            Holder::Group(_) => groups.next().flatten().map(super::Held::Group),
            Holder::Role(_) => roles.next().flatten().map(super::Held::Role),
        };
        (path, held.map(|held| (held, at)))
    });
    Ok(found.collect())
}

impl Held {
    fn new(naming: Naming<'_>, held: super::Held, at: Time) -> Self {
        let (holder, at) = (held.holder(), Some(at));
        match held {
            super::Held::User(user) => {
                let user::Described { id, arn, path, profile: Profile { display_name, comments, .. }, .. } =
                    user.described(naming);
                Self { holder, arn, id, path, display_name, comments, at }
            }
            super::Held::Group(group) => {
                let group::Described { id, arn, path, comments, .. } = group.described(naming);
                Self { holder, arn, id: Some(id), path, display_name: None, comments, at }
            }
            super::Held::Role(role) => {
                let role::Described { id, arn, path, description: comments, .. } = role.described(naming);
                Self { holder, arn: Some(arn), id: Some(id), path, display_name: None, comments, at }
            }
        }
    }
}
