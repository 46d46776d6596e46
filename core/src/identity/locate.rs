//! Locating identities: users, groups, roles and managed policies, by name.

use std::sync::Arc;

use super::{Group, Holder, Item, ManagedPolicy, PolicyName, Role, User, identity_path};
use crate::engine::world::{GROUPS, POLICIES, ROLES, USERS, Versioned};
use crate::engine::{Located, Principal, Search, unchanged};
use crate::error::Result;
use crate::policy::{DocumentKind, Named};
use crate::resource::Resource;
use crate::tag::Tags;

impl Resource for User {
    fn tags(&self) -> &Tags {
        &self.tags
    }
}

impl Resource for Group {}

impl Resource for ManagedPolicy {
    fn tags(&self) -> &Tags {
        &self.tags
    }
}

/// A role, its trust policy compiled.
#[derive(Debug)]
struct Trusting {
    role: Role,
    /// Absent when the stored text no longer compiles: then the role trusts nobody.
    trust: Option<Named>,
}

impl Resource for Trusting {
    fn tags(&self) -> &Tags {
        &self.role.tags
    }

    fn policy(&self) -> Option<&Named> {
        self.trust.as_ref()
    }
}

impl Holder {
    /// The user, group or role; a role may be of another account.
    pub(crate) async fn locate_in(&self, search: &mut Search<'_>, account: Option<&str>) -> Result<()> {
        match self {
            Self::Role(name) => role(search, account, None, name).await,
            Self::User(_) | Self::Group(_) => self.locate(search).await,
        }
    }

    /// The user, group or role.
    pub(super) async fn locate(&self, search: &mut Search<'_>) -> Result<()> {
        match self {
            Self::User(name) => user(search, name).await,
            Self::Group(name) => group(search, name).await,
            Self::Role(name) => role(search, None, None, name).await,
        }
    }
}

/// Something that needs no look-up, in the caller's account.
pub(super) fn named(search: &mut Search<'_>, item: Item<'_>) -> Result<()> {
    search.add(of_account(search, &search.caller().account, item)?);
    Ok(())
}

/// A user; the caller where no name is given.
pub(super) async fn user_or_caller(search: &mut Search<'_>, name: Option<&str>) -> Result<()> {
    match (name, &search.caller().principal) {
        (Some(name), _) => user(search, name).await,
        (None, Principal::User { name, .. }) => user(search, name).await,
        (None, Principal::Owner | Principal::RoleSession { .. }) => named(search, Item::Owner),
    }
}

/// A user.
pub(super) async fn user(search: &mut Search<'_>, name: &str) -> Result<()> {
    let account = &search.caller().account;
    let path = identity_path(search.dialect().name, account, name);
    let found = search.world().read::<User>(USERS, &path).await?;
    let unchanged = unchanged(USERS, &path, found.as_ref());
    let user = found.map(|found| found.value);
    let item = user.as_ref().map_or(Item::User("/", name), |user| Item::User(&user.path, &user.name));
    let located = of_account(search, account, item)?;
    search.add(Located { unchanged, resource: shared(user), ..located });
    Ok(())
}

/// A group.
pub(super) async fn group(search: &mut Search<'_>, name: &str) -> Result<()> {
    let account = &search.caller().account;
    let path = identity_path(search.dialect().name, account, name);
    let found = search.world().read::<Group>(GROUPS, &path).await?;
    let unchanged = unchanged(GROUPS, &path, found.as_ref());
    let group = found.map(|found| found.value);
    let item = group.as_ref().map_or(Item::Group("/", name), |group| Item::Group(&group.path, &group.name));
    let located = of_account(search, account, item)?;
    search.add(Located { unchanged, resource: shared(group), ..located });
    Ok(())
}

/// A user under the path and name it will have.
pub(super) async fn renamed_user(
    search: &mut Search<'_>,
    name: &str,
    new_path: Option<&str>,
    new_name: Option<&str>,
) -> Result<()> {
    let account = &search.caller().account;
    let path = identity_path(search.dialect().name, account, name);
    let user = search.world().read::<User>(USERS, &path).await?.map(|found| found.value);
    let now = user.as_ref().map_or(("/", name), |user| (user.path.as_str(), user.name.as_str()));
    let item = Item::User(new_path.unwrap_or(now.0), new_name.unwrap_or(now.1));
    let located = of_account(search, account, item)?;
    search.add(Located { resource: shared(user), ..located });
    Ok(())
}

/// A group under the path and name it will have.
pub(super) async fn renamed_group(
    search: &mut Search<'_>,
    name: &str,
    new_path: Option<&str>,
    new_name: Option<&str>,
) -> Result<()> {
    let account = &search.caller().account;
    let path = identity_path(search.dialect().name, account, name);
    let group = search.world().read::<Group>(GROUPS, &path).await?.map(|found| found.value);
    let now = group.as_ref().map_or(("/", name), |group| (group.path.as_str(), group.name.as_str()));
    let item = Item::Group(new_path.unwrap_or(now.0), new_name.unwrap_or(now.1));
    let located = of_account(search, account, item)?;
    search.add(Located { resource: shared(group), ..located });
    Ok(())
}

/// A role, in the account named or the caller's; with a path, another one's role is not meant.
pub(super) async fn role(
    search: &mut Search<'_>,
    account: Option<&str>,
    meant: Option<&str>,
    name: &str,
) -> Result<()> {
    let account = account.unwrap_or(&search.caller().account);
    let path = identity_path(search.dialect().name, account, name);
    let found = search.world().read::<Role>(ROLES, &path).await?;
    let unchanged = unchanged(ROLES, &path, found.as_ref());
    let role = found.map(|found| found.value).filter(|role| meant.is_none_or(|path| role.path == path));
    let item = role.as_ref().map_or(Item::Role(meant.unwrap_or("/"), name), |role| Item::Role(&role.path, &role.name));
    let located = of_account(search, account, item)?;
    let trusting = role.map(|role| {
        let trust = search.world().pinned_document(search.dialect(), DocumentKind::Trust, &role.trust, &role.pins).ok();
        Trusting { role, trust: trust.map(|document| Named { name: "trust".into(), policy: document.policy }) }
    });
    search.add(Located { unchanged, resource: shared(trusting), ..located });
    Ok(())
}

/// A managed policy.
pub(crate) async fn policy(search: &mut Search<'_>, policy: &PolicyName) -> Result<()> {
    if policy.system {
        return named(search, Item::SystemPolicy(&policy.path, &policy.name));
    }
    let account = policy.account.as_deref().unwrap_or(&search.caller().account);
    let path = identity_path(search.dialect().name, account, &policy.name);
    let found = search.world().read::<ManagedPolicy>(POLICIES, &path).await?;
    let unchanged = unchanged(POLICIES, &path, found.as_ref());
    let found = found.map(|Versioned { value, .. }| value).filter(|found| found.path == policy.path);
    // Judged is the name it was made with, whatever case the arguments use.
    let name = found.as_ref().map_or((&policy.path, &policy.name), |found| (&found.path, &found.name));
    let located = of_account(search, account, Item::Policy(name.0, name.1))?;
    search.add(Located { unchanged, resource: shared(found), ..located });
    Ok(())
}

fn of_account(search: &Search<'_>, account: &str, item: Item<'_>) -> Result<Located> {
    Ok(search.named(account, (search.dialect().law.identity()?.name)(account, search.region(), item)))
}

fn shared<T: Resource>(found: Option<T>) -> Option<Arc<dyn Resource>> {
    found.map(|found| Arc::new(found) as Arc<dyn Resource>)
}
