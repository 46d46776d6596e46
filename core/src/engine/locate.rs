//! Locating: every role of an operation gets the resource that plays it, or the knowledge that there is none.
//!
//! Nothing is refused here for not existing: the policies are asked first.

use std::sync::Arc;

use super::caller::{Call, Located};
use super::world::{POLICIES, ROLES, USERS, Versioned};
use super::{Engine, Principal};
use crate::dialect::{Item, Resource};
use crate::engine::world::GROUPS;
use crate::error::{Flaw, Kind, Result};
use crate::identity::{Group, ManagedPolicy, Role as IdentityRole, User, identity_path};
use crate::key::{By, Reference};
use crate::operation::{Operation, Role, Target};
use crate::policy::{DocumentKind, Named};
use crate::port::{Change, Expect, Space, Time};
use crate::tag::Tags;

impl Engine {
    pub(super) async fn locate<O: Operation>(&self, call: &Call<'_>, op: &O, now: Time) -> Result<Vec<Located>> {
        let mut located = Vec::with_capacity(O::ROLES.len());
        for role in O::ROLES {
            match op.target(*role) {
                Target::Keys(references) if !references.is_empty() => {
                    for reference in references {
                        located.push(self.locate_key(call, *role, reference.clone(), now).await?);
                    }
                }
                target => located.push(self.locate_one(call, *role, target, now).await?),
            }
        }
        Ok(located)
    }

    async fn locate_one(&self, call: &Call<'_>, role: Role, target: Target<'_>, now: Time) -> Result<Located> {
        match target {
            Target::Item(item) => Ok(plain(call, role, &call.caller.account, item, Tags::new())),
            Target::Key(reference) => self.locate_key(call, role, reference, now).await,
            // Nothing to judge must not be everything allowed.
            Target::Keys(_) => Err(Kind::Invalid(Flaw::Missing).because("no key is named")),
            Target::AliasTarget(alias) => {
                let mut located = self.locate_key(call, role, Reference::alias(alias), now).await?;
                located.alias = None;
                Ok(located)
            }
            Target::User(Some(name)) => self.locate_user(call, role, name).await,
            Target::User(None) => match &call.caller.principal {
                Principal::User { name, .. } => self.locate_user(call, role, name).await,
                Principal::Owner | Principal::RoleSession { .. } => {
                    Ok(plain(call, role, &call.caller.account, Item::Owner, Tags::new()))
                }
            },
            Target::Group(name) => {
                let path = identity_path(call.dialect.name, &call.caller.account, name);
                let found = self.world.read::<Group>(GROUPS, &path).await?;
                let unchanged = unchanged(GROUPS, &path, found.as_ref());
                let item_path = found.as_ref().map_or("/", |found| found.value.path.as_str());
                let name = found.as_ref().map_or(name, |found| found.value.name.as_str());
                let located = plain(call, role, &call.caller.account, Item::Group(item_path, name), Tags::new());
                Ok(Located { unchanged, ..located })
            }
            Target::RenamedUser { name, new_path, new_name } => {
                let path = identity_path(call.dialect.name, &call.caller.account, name);
                let found = self.world.read::<User>(USERS, &path).await?.map(|found| found.value);
                let user = found.as_ref().map_or(("/", name), |user| (user.path.as_str(), user.name.as_str()));
                let item = Item::User(new_path.unwrap_or(user.0), new_name.unwrap_or(user.1));
                let tags = found.as_ref().map(|user| user.tags.clone()).unwrap_or_default();
                Ok(plain(call, role, &call.caller.account, item, tags))
            }
            Target::RenamedGroup { name, new_path, new_name } => {
                let path = identity_path(call.dialect.name, &call.caller.account, name);
                let found = self.world.read::<Group>(GROUPS, &path).await?.map(|found| found.value);
                let group = found.as_ref().map_or(("/", name), |group| (group.path.as_str(), group.name.as_str()));
                let item = Item::Group(new_path.unwrap_or(group.0), new_name.unwrap_or(group.1));
                Ok(plain(call, role, &call.caller.account, item, Tags::new()))
            }
            Target::Role { account, path, name } => self.locate_role(call, role, account, path, name).await,
            Target::Policy(policy) if policy.system => {
                Ok(plain(call, role, &call.caller.account, Item::SystemPolicy(&policy.name), Tags::new()))
            }
            Target::Policy(policy) => {
                let account = policy.account.as_deref().unwrap_or(&call.caller.account);
                let path = identity_path(call.dialect.name, account, &policy.name);
                let found = self.world.read::<ManagedPolicy>(POLICIES, &path).await?;
                let unchanged = unchanged(POLICIES, &path, found.as_ref());
                let located = match found.filter(|found| found.value.path == policy.path) {
                    // Judged is the name it was made with, whatever case the arguments use.
                    Some(Versioned { value: found, .. }) => {
                        plain(call, role, account, Item::Policy(&found.path, &found.name), found.tags.clone())
                    }
                    None => plain(call, role, account, Item::Policy(&policy.path, &policy.name), Tags::new()),
                };
                Ok(Located { unchanged, ..located })
            }
        }
    }

    async fn locate_user(&self, call: &Call<'_>, role: Role, name: &str) -> Result<Located> {
        let path = identity_path(call.dialect.name, &call.caller.account, name);
        let found = self.world.read::<User>(USERS, &path).await?;
        let unchanged = unchanged(USERS, &path, found.as_ref());
        let located = match found {
            Some(Versioned { value: user, .. }) => {
                plain(call, role, &call.caller.account, Item::User(&user.path, &user.name), user.tags.clone())
            }
            None => plain(call, role, &call.caller.account, Item::User("/", name), Tags::new()),
        };
        Ok(Located { unchanged, ..located })
    }

    async fn locate_role(
        &self,
        call: &Call<'_>,
        role: Role,
        account: Option<&str>,
        item_path: Option<&str>,
        name: &str,
    ) -> Result<Located> {
        let account = account.unwrap_or(&call.caller.account);
        let path = identity_path(call.dialect.name, account, name);
        let found = self.world.read::<IdentityRole>(ROLES, &path).await?;
        let unchanged = unchanged(ROLES, &path, found.as_ref());
        let meant = |found: &Versioned<IdentityRole>| item_path.is_none_or(|path| found.value.path == path);
        let Some(Versioned { value: found, .. }) = found.filter(meant) else {
            let located = plain(call, role, account, Item::Role(item_path.unwrap_or("/"), name), Tags::new());
            return Ok(Located { unchanged, ..located });
        };
        let mut located = plain(call, role, account, Item::Role(&found.path, &found.name), found.tags.clone());
        let trust = call.dialect.law.policy.compile(DocumentKind::Trust, &found.trust).ok();
        located.policy = trust.map(|policy| Named { name: "trust".into(), policy: policy.into() });
        located.unchanged = unchanged;
        Ok(located)
    }

    async fn locate_key(&self, call: &Call<'_>, role: Role, reference: Reference, now: Time) -> Result<Located> {
        let Reference { account, region, by } = reference;
        let mut account = account.map_or_else(|| Arc::clone(&call.caller.account), Arc::from);
        // A name of another region names nothing here.
        let elsewhere = region.as_ref().is_some_and(|region| **region != *call.region);
        let region = region.map_or_else(|| Arc::clone(&call.region), Arc::from);
        let (mut alias, mut by_ciphertext) = (None, false);
        let id = match by {
            By::Id(id) => Some(id),
            By::Alias(name) => {
                let id = self.world.key_of_alias(call.dialect.name, &account, &region, &name).await?;
                alias = Some(name);
                id
            }
            By::Version(version) => {
                by_ciphertext = true;
                let found = self.world.key_of_version(call.dialect.name, &region, &version).await?;
                found.map(|(owner, id)| {
                    account = owner.into();
                    id
                })
            }
        };
        let key = match &id {
            Some(id) if !elsewhere => self.world.key(call.dialect, &account, &region, id).await?,
            _ => None,
        };
        // A deletion takes place at its time, whenever the record is swept away.
        let key = key.filter(|key| !key.key.is_gone(now));
        let arn = match (&key, &id, &alias) {
            (Some(key), _, _) => Arc::clone(&key.arn),
            (None, Some(id), _) => name(call, &account, &region, Item::Key(id)),
            (None, None, Some(alias)) => name(call, &account, &region, Item::Alias(alias)),
            (None, None, None) => name(call, &account, &region, Item::Key("*")),
        };
        let missing_key = key.is_none();
        Ok(Located {
            role,
            arn,
            account,
            region,
            key,
            alias,
            by_ciphertext,
            missing_key,
            tags: Tags::new(),
            policy: None,
            unchanged: None,
        })
    }
}

fn plain(call: &Call<'_>, role: Role, account: &str, item: Item<'_>, tags: Tags) -> Located {
    Located {
        role,
        arn: name(call, account, &call.region, item),
        account: match account == &*call.caller.account {
            true => Arc::clone(&call.caller.account),
            false => Arc::from(account),
        },
        region: Arc::clone(&call.region),
        key: None,
        alias: None,
        by_ciphertext: false,
        missing_key: false,
        tags,
        policy: None,
        unchanged: None,
    }
}

/// What must hold of a record for it to be as it was read.
fn unchanged<T>(space: Space, path: &str, read: Option<&Versioned<T>>) -> Option<Change> {
    let expect = read.map_or(Expect::Absent, |read| Expect::Rev(read.rev));
    Some(Change::Check { space, path: path.to_owned(), expect })
}

fn name(call: &Call<'_>, account: &str, region: &str, item: Item<'_>) -> Arc<str> {
    (call.dialect.law.resource)(&Resource { account, region, item }).into()
}
