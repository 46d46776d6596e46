//! Whom the principals of policies mean: looked up when a document is saved, and told under their present names when it is
//! read.
//!
//! # Invariants
//! - Whoever is pinned is there when the document is committed: somebody who is removed meanwhile is in the way.
//! - An identifier that was removed is nobody's, and no document can be saved with it.

use std::collections::{BTreeMap, HashMap};

use serde::de::DeserializeOwned;
use serde::{Deserialize, Serialize};

use super::{Account, FullName, Naming, Role as IdentityRole, User, identity_path};
use crate::dialect::Dialect;
use crate::engine::World;
use crate::engine::world::{ACCOUNTS, PRINCIPALS, ROLES, USERS, put};
use crate::error::{Kind, Result};
use crate::name::path;
use crate::policy::{Pins, Policy};
use crate::port::{Change, Expect, Space};

/// Whom a principal in a policy means, as far as it can be looked up.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Mentioned<'a> {
    /// A user.
    User {
        /// The account.
        account: &'a str,
        /// The path, with both slashes.
        path: &'a str,
        /// The name.
        name: &'a str,
    },
    /// A role.
    Role {
        /// The account.
        account: &'a str,
        /// The path, with both slashes; absent for a session, which is known by the name of its role alone.
        path: Option<&'a str>,
        /// The name.
        name: &'a str,
    },
    /// A user or role, by its unique identifier.
    Id(&'a str),
    /// Somebody that no record is kept of: the word of the policy is taken.
    Unrecorded,
    /// Nobody: the text is no name.
    Nobody,
}

/// Who has a unique identifier, as a record under that identifier.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Bearer {
    /// The account.
    pub account: String,
    /// Whether it is a role, and no user.
    pub role: bool,
    /// The path, with both slashes.
    pub path: String,
    /// The name.
    pub name: String,
}

impl Bearer {
    fn full_name(&self, naming: Naming<'_>) -> String {
        let Self { account, role, path, name } = self;
        let named = if *role { FullName::Role(path, name) } else { FullName::User(path, name) };
        naming.full(account, named)
    }

    fn stored(&self, dialect: &str, id: &str, expect: Expect) -> Result<Change> {
        put(PRINCIPALS, bearer_path(dialect, id), expect, self)
    }
}

impl From<&User> for Bearer {
    fn from(user: &User) -> Self {
        let User { account, path, name, .. } = user;
        Self { account: account.clone(), role: false, path: path.clone(), name: name.clone() }
    }
}

impl From<&IdentityRole> for Bearer {
    fn from(role: &IdentityRole) -> Self {
        let IdentityRole { account, path, name, .. } = role;
        Self { account: account.clone(), role: true, path: path.clone(), name: name.clone() }
    }
}

/// A user or role, whose identifier leads to it.
pub(crate) trait Lasting {
    /// The unique identifier.
    fn id(&self) -> &str;

    /// What stands under it.
    fn bearer(&self) -> Bearer;

    /// The change by which the identifier leads to this user or role.
    fn leads(&self, dialect: &str, expect: Expect) -> Result<Change> {
        self.bearer().stored(dialect, self.id(), expect)
    }

    /// The change by which the identifier leads to nobody any more.
    fn ends(&self, dialect: &str) -> Change {
        Change::Delete { space: PRINCIPALS, path: bearer_path(dialect, self.id()), expect: Expect::Any }
    }
}

impl Lasting for User {
    fn id(&self) -> &str {
        &self.id
    }

    fn bearer(&self) -> Bearer {
        self.into()
    }
}

impl Lasting for IdentityRole {
    fn id(&self) -> &str {
        &self.id
    }

    fn bearer(&self) -> Bearer {
        self.into()
    }
}

/// Where it stands who has a unique identifier.
pub(crate) fn bearer_path(dialect: &str, id: &str) -> String {
    path(&[dialect, id])
}

/// Where users and roles are looked up: in the store, and before that among records that are about to be stored.
pub(crate) struct Directory<'a> {
    world: &'a World,
    added: HashMap<(Space, &'a str), &'a [u8]>,
}

impl<'a> Directory<'a> {
    /// Those that are there.
    pub(crate) fn of(world: &'a World) -> Self {
        Self { world, added: HashMap::new() }
    }

    /// Those that are there, and those that will be after some changes.
    pub(crate) fn with(world: &'a World, changes: &'a [Change]) -> Self {
        let added = changes.iter().filter_map(|change| match change {
            Change::Put { space, path, body, .. } => Some(((*space, path.as_str()), body.as_slice())),
            Change::Delete { .. } | Change::Check { .. } => None,
        });
        Self { world, added: added.collect() }
    }

    /// A record and its revision, which one that is only about to be stored does not have.
    async fn read<T: DeserializeOwned>(&self, space: Space, path: &str) -> Result<Option<(T, Option<u64>)>> {
        match self.added.get(&(space, path)) {
            Some(body) => {
                let value = serde_json::from_slice(body);
                let value = value.map_err(|_| Kind::Internal.because("a record to be stored cannot be read"))?;
                Ok(Some((value, None)))
            }
            None => Ok(self.world.read::<T>(space, path).await?.map(|found| (found.value, Some(found.rev)))),
        }
    }

    /// Whom a principal's text means.
    async fn look_up(&self, dialect: &Dialect, mentioned: Mentioned<'_>) -> Result<Who> {
        match mentioned {
            Mentioned::User { account, path, name } => {
                let found = self.read::<User>(USERS, &identity_path(dialect.name, account, name)).await?;
                match found.map(|(user, _)| user).filter(|user| user.path == path && user.name == name) {
                    Some(user) => Ok(Who::One(user.id)),
                    None => self.missing(dialect, account, Who::Nobody).await,
                }
            }
            Mentioned::Role { account, path, name } => {
                let found = self.read::<IdentityRole>(ROLES, &identity_path(dialect.name, account, name)).await?;
                let fits = |role: &IdentityRole| path.is_none_or(|path| role.path == path) && role.name == name;
                match (found.map(|(role, _)| role).filter(fits), path) {
                    (Some(role), Some(_)) => Ok(Who::One(role.id)),
                    // A session has no identifier: its name stays the word of the policy.
                    (Some(_), None) => Ok(Who::Unknown),
                    (None, Some(_)) => self.missing(dialect, account, Who::Nobody).await,
                    (None, None) => self.missing(dialect, account, Who::NoSession).await,
                }
            }
            Mentioned::Id(id) => Ok(Who::One(id.to_owned())),
            Mentioned::Unrecorded => Ok(Who::Unknown),
            Mentioned::Nobody => Ok(Who::Nobody),
        }
    }

    /// Somebody who is not there. Of accounts that are not kept here nothing is known: the word of the policy is taken.
    async fn missing(&self, dialect: &Dialect, account: &str, here: Who) -> Result<Who> {
        let kept = self.read::<Account>(ACCOUNTS, &path(&[dialect.name, account])).await?.is_some();
        Ok(if kept { here } else { Who::Unknown })
    }

    /// Whom the principals of a policy mean.
    pub(crate) async fn meant(&self, dialect: &'static Dialect, policy: &Policy) -> Result<Meant> {
        let mut meant = Meant { pins: Pins::NONE, nobody: None, there: Vec::new() };
        let Some(mentioned) = dialect.law.identity()?.mentioned else { return Ok(meant) };
        let mut there = BTreeMap::new();
        for text in policy.principals() {
            let id = match self.look_up(dialect, mentioned(text)).await? {
                Who::Unknown => continue,
                Who::NoSession => {
                    meant.nobody.get_or_insert_with(|| text.to_owned());
                    continue;
                }
                Who::Nobody => None,
                Who::One(id) => Some(id),
            };
            let path = id.as_ref().map(|id| bearer_path(dialect.name, id));
            let bearer = match &path {
                Some(path) => self.read::<Bearer>(PRINCIPALS, path).await?,
                None => None,
            };
            if bearer.is_none() {
                meant.nobody.get_or_insert_with(|| text.to_owned());
            }
            there.extend(path.zip(bearer.as_ref().and_then(|(_, rev)| *rev)));
            meant.pins.pin(text, id.filter(|_| bearer.is_some()));
        }
        let check = |(path, rev)| Change::Check { space: PRINCIPALS, path, expect: Expect::Rev(rev) };
        meant.there = there.into_iter().map(check).collect();
        Ok(meant)
    }
}

/// Whom a principal of a policy means.
enum Who {
    /// A user or role of this identifier.
    One(String),
    /// Somebody of whom the text is all that is known.
    Unknown,
    /// Nobody.
    Nobody,
    /// A session of a role that is not there.
    NoSession,
}

/// Whom the principals of a policy mean.
pub(crate) struct Meant {
    /// Those who have an identifier, and names that are nobody's.
    pub(crate) pins: Pins,
    /// The first text that means nobody who is there.
    nobody: Option<String>,
    /// What holds as long as they are there.
    there: Vec<Change>,
}

/// Whom the principals of a policy that is about to be saved mean, and what must hold when it is.
///
/// # Errors
/// [`Kind::UnknownPrincipal`] with the text that names somebody who is not there.
pub(crate) async fn pinned(world: &World, dialect: &'static Dialect, policy: &Policy) -> Result<(Pins, Vec<Change>)> {
    pinned_in(&Directory::of(world), dialect, policy).await
}

/// As [`pinned`], of those in a directory.
///
/// # Errors
/// As [`pinned`].
pub(crate) async fn pinned_in(
    directory: &Directory<'_>,
    dialect: &'static Dialect,
    policy: &Policy,
) -> Result<(Pins, Vec<Change>)> {
    let Meant { pins, nobody, there } = directory.meant(dialect, policy).await?;
    match nobody {
        Some(text) => Err(Kind::UnknownPrincipal.about(text)),
        None => Ok((pins, there)),
    }
}

/// Whom a full name means that is about to be kept.
pub(crate) enum Met {
    /// A user or role of this identifier, and what holds as long as it is there.
    One(String, Change),
    /// Somebody that no record is kept of.
    Unrecorded,
    /// Nobody.
    Nobody,
}

/// Whom the full name of a user, role or session means.
///
/// # Errors
/// [`Kind::Internal`] when the store fails.
pub(crate) async fn met(world: &World, dialect: &'static Dialect, name: &str) -> Result<Met> {
    let Some(mentioned) = dialect.law.identity()?.mentioned else { return Ok(Met::Unrecorded) };
    let directory = Directory::of(world);
    match directory.look_up(dialect, mentioned(name)).await? {
        Who::One(id) => {
            let path = bearer_path(dialect.name, &id);
            match world.read::<Bearer>(PRINCIPALS, &path).await? {
                Some(found) => {
                    Ok(Met::One(id, Change::Check { space: PRINCIPALS, path, expect: Expect::Rev(found.rev) }))
                }
                None => Ok(Met::Nobody),
            }
        }
        Who::Unknown => Ok(Met::Unrecorded),
        Who::Nobody | Who::NoSession => Ok(Met::Nobody),
    }
}

/// The present full names of users and roles, by their identifiers; who is gone keeps the identifier.
///
/// # Errors
/// [`Kind::Internal`] when the store fails.
pub(crate) async fn names(
    world: &World,
    (dialect, region): (&'static Dialect, &str),
    ids: &[String],
) -> Result<HashMap<String, String>> {
    let paths: Vec<String> = ids.iter().map(|id| bearer_path(dialect.name, id)).collect();
    let naming = Naming { rules: dialect.law.identity()?, region };
    let found = world.read_each::<Bearer>(PRINCIPALS, &paths).await?.into_iter();
    let named = |(id, found): (&String, Option<Bearer>)| {
        (id.clone(), found.map_or_else(|| id.clone(), |found| found.full_name(naming)))
    };
    Ok(ids.iter().zip(found).map(named).collect())
}

/// The unique identifier of the user or role that has a full name now.
pub(crate) async fn id_of(world: &World, dialect: &'static Dialect, name: &str) -> Result<Option<String>> {
    let Some(mentioned) = dialect.law.identity()?.mentioned else { return Ok(None) };
    match Directory::of(world).look_up(dialect, mentioned(name)).await? {
        Who::One(id) => Ok(Some(id)),
        Who::Unknown | Who::Nobody | Who::NoSession => Ok(None),
    }
}

/// Documents as they are told now in a region: with the present names of whom they mean, and the identifiers of those who are gone.
/// Whatever is no principal stays as it was written.
///
/// # Errors
/// [`Kind::Internal`] when the store fails.
pub(crate) async fn told(
    world: &World,
    (dialect, region): (&'static Dialect, &str),
    documents: &[(&str, &Pins)],
) -> Result<Vec<String>> {
    let ids: Vec<&str> = documents.iter().flat_map(|(_, pins)| pins.ids()).collect();
    let paths: Vec<String> = ids.iter().map(|id| bearer_path(dialect.name, id)).collect();
    let naming = Naming { rules: dialect.law.identity()?, region };
    let found = world.read_each::<Bearer>(PRINCIPALS, &paths).await?.into_iter();
    let names: HashMap<&str, String> = ids
        .iter()
        .zip(found)
        .map(|(id, found)| (*id, found.map_or_else(|| (*id).to_owned(), |found| found.full_name(naming))))
        .collect();
    let told = |(text, pins): &(&str, &Pins)| {
        if pins.is_empty() {
            return (*text).to_owned();
        }
        let name = |named: &str| names.get(pins.of(named)??).cloned();
        // What cannot be read means nobody, and is shown as it is.
        dialect.law.policy.with_principals(text, name).unwrap_or_else(|_| (*text).to_owned())
    };
    Ok(documents.iter().map(told).collect())
}
