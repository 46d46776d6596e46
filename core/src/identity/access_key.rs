//! Access keys: made, switched on and off, listed, removed.
//!
//! # Invariants
//! - The secret leaves once, in the answer that makes it; it is stored sealed.

use std::collections::{BTreeMap, BTreeSet};

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;

use super::user::name_or_caller;
use super::{AccessKey, IdKind, User, UserRef, fresh_id, identity_path, locate, user};
use crate::engine::world::{ACCESS_KEYS, OWNER_KEYS, USERS, Versioned, put};
use crate::engine::{Principal, Search, World};
use crate::error::{Kind, Noun, Result};
use crate::holder::Removed;
use crate::list::{self, Listed, Paging};
use crate::name::{Place, below, first, last, path};
use crate::operation::{Authorized, Effect, Operation, Repeat, Role};
use crate::port::{Change, Expect, Time};
use crate::secret::AccessSecret;

/// What binds a sealed secret to its access key.
pub fn place(dialect: &str, id: &str) -> Vec<u8> {
    path(&["access_key", dialect, id]).into_bytes()
}

/// Seals a secret for storage.
///
/// # Errors
/// [`Kind::Internal`] when the backend fails.
pub fn seal(world: &World, dialect: &str, id: &str, secret: &AccessSecret) -> Result<String> {
    Ok(STANDARD.encode(world.ports.crypto.wrap(&place(dialect, id), secret.expose().as_bytes())?))
}

/// Opens what [`seal`] made.
///
/// # Errors
/// [`Kind::Internal`] when it does not open: the store was written under another root key, or by another hand.
pub fn unseal(world: &World, dialect: &str, id: &str, wrapped: &str) -> Result<AccessSecret> {
    let broken = || Kind::Internal.because("a stored access key cannot be unsealed");
    let wrapped = STANDARD.decode(wrapped).map_err(|_| broken())?;
    let secret = world.ports.crypto.unwrap(&place(dialect, id), &wrapped).map_err(|_| broken())?;
    let text = std::str::from_utf8(secret.expose()).map_err(|_| broken())?;
    Ok(AccessSecret::new(text.to_owned()))
}

/// Makes an access key for a user, or for the caller where no name is given.
#[derive(Debug)]
pub struct CreateAccessKey {
    /// The user.
    pub user: Option<String>,
}

/// An access key with its secret: the only time it is told.
#[derive(Debug)]
pub struct Issued {
    /// The identifier.
    pub id: String,
    /// The secret.
    pub secret: AccessSecret,
    /// The user; the owner when absent.
    pub user: Option<String>,
    /// When it was made.
    pub created_at: Time,
}

macro_rules! on_user_or_caller {
    () => {
        const ROLES: &'static [Role] = &[Role::Subject];

        async fn locate(&self, _: Role, search: &mut Search<'_>) -> Result<()> {
            locate::user_or_caller(search, self.user.as_deref()).await
        }
    };
}

impl Operation for CreateAccessKey {
    type Output = Issued;
    const NAME: &'static str = "CreateAccessKey";
    const EFFECT: Effect = Effect::Changes;
    on_user_or_caller!();

    async fn run(allowed: &Authorized<Self>, world: &World) -> Result<Issued> {
        let (place, now, dialect) = (allowed.place(), allowed.now(), allowed.dialect());
        let most = dialect.law.identity()?.max_access_keys;
        let id = fresh_id(world, dialect, IdKind::AccessKey)?;
        let secret = AccessSecret::new((dialect.law.identity()?.secret)(&world.random::<32>()?));
        let wrapped = seal(world, dialect.name, &id, &secret)?;
        let mut key = AccessKey {
            id: id.clone(),
            account: place.account.to_string(),
            user: None,
            wrapped,
            active: true,
            created_at: now,
            made_by: None,
        };
        let mut changes = Vec::new();
        let name = match subject(allowed, allowed.op().user.as_deref())? {
            None => {
                key.made_by = allowed.caller().owners_key();
                if of_owner(world, place.dialect, &place.account).await?.len() >= most {
                    return Err(Kind::LimitExceeded(Noun::AccessKey).because(""));
                }
                None
            }
            Some(name) => {
                let Versioned { value: mut user, rev } = user(world, place, name).await?;
                if user.access_keys.len() >= most {
                    return Err(Kind::LimitExceeded(Noun::AccessKey).about(&user.name));
                }
                key.user = Some(UserRef { id: user.id.clone(), name: user.name.clone() });
                user.access_keys.insert(id.clone());
                changes.push(put(USERS, user_path(place.dialect, &place.account, &user), Expect::Rev(rev), &user)?);
                Some(user.name)
            }
        };
        changes.extend(owned_by_owner(place, &key));
        changes.push(put(ACCESS_KEYS, path(&[place.dialect, &id]), Expect::Absent, &key)?);
        allowed.change(changes)?;
        Ok(Issued { id, secret, user: name, created_at: now })
    }
}

/// Switches an access key on or off.
#[derive(Debug)]
pub struct UpdateAccessKey {
    /// The user; the caller when absent.
    pub user: Option<String>,
    /// The access key.
    pub id: String,
    /// Whether it is to be on.
    pub active: bool,
}

impl Operation for UpdateAccessKey {
    type Output = ();
    const NAME: &'static str = "UpdateAccessKey";
    const EFFECT: Effect = Effect::Restricts;
    const REPEAT: Repeat = Repeat::Harmless;
    on_user_or_caller!();

    fn restricts(allowed: &Authorized<Self>, _: &World) -> bool {
        !allowed.op().active
    }

    async fn run(allowed: &Authorized<Self>, world: &World) -> Result<()> {
        let Self { user, id, active } = allowed.op();
        let Versioned { value: key, rev } = owned(allowed, world, user.as_deref(), id).await?;
        let path = path(&[allowed.place().dialect, id]);
        let key = AccessKey { active: *active, ..key };
        allowed.change(vec![put(ACCESS_KEYS, path, Expect::Rev(rev), &key)?])
    }
}

/// Lists the access keys of a user.
#[derive(Debug)]
pub struct ListAccessKeys {
    /// The user; the caller when absent.
    pub user: Option<String>,
    /// Which part.
    pub paging: Paging,
}

/// An access key, as callers are told it.
#[derive(Debug, Clone)]
pub struct Described {
    /// The identifier.
    pub id: String,
    /// The user, where the cloud tells it; also absent for one of the owner.
    pub user: Option<String>,
    /// Whether it is switched on.
    pub active: bool,
    /// When it was made.
    pub created_at: Time,
}

impl From<AccessKey> for Described {
    fn from(key: AccessKey) -> Self {
        let AccessKey { id, account: _, user, wrapped: _, active, created_at, made_by: _ } = key;
        Self { id, user: user.map(|user| user.name), active, created_at }
    }
}

impl Operation for ListAccessKeys {
    type Output = Listed<Described>;
    const NAME: &'static str = "ListAccessKeys";
    on_user_or_caller!();

    async fn run(allowed: &Authorized<Self>, world: &World) -> Result<Listed<Described>> {
        let place = allowed.place();
        let Self { user, paging } = allowed.op();
        let (holder, keys) = match subject(allowed, user.as_deref())? {
            None => (place.account.to_string(), of_owner(world, place.dialect, &place.account).await?),
            Some(name) => of_user(world, place, name).await?,
        };
        let list = path(&["list", "access_key_of", place.dialect, &holder]);
        let keys = keys.into_iter().map(Described::from).collect();
        list::cut(world, &list, keys, paging, |key| &key.id)
    }
}

/// The access keys of a user, the oldest first, with its unique identifier.
async fn of_user(world: &World, place: &Place, name: &str) -> Result<(String, Vec<AccessKey>)> {
    let user = user(world, place, name).await?.value;
    let paths: Vec<_> = user.access_keys.iter().map(|id| path(&[place.dialect, id])).collect();
    let mut keys = world.read_many::<AccessKey>(ACCESS_KEYS, &paths).await?;
    keys.sort_by(|one, other| (one.created_at, &one.id).cmp(&(other.created_at, &other.id)));
    Ok((user.id, keys))
}

/// Removes an access key.
#[derive(Debug)]
pub struct DeleteAccessKey {
    /// The user; the caller when absent.
    pub user: Option<String>,
    /// The access key.
    pub id: String,
}

impl Operation for DeleteAccessKey {
    type Output = ();
    const NAME: &'static str = "DeleteAccessKey";
    const EFFECT: Effect = Effect::Restricts;
    on_user_or_caller!();

    async fn run(allowed: &Authorized<Self>, world: &World) -> Result<()> {
        let Self { user: name, id } = allowed.op();
        let place = allowed.place();
        let Versioned { value: key, rev } = owned(allowed, world, name.as_deref(), id).await?;
        let mut changes = gone(place.dialect, &key, rev);
        if let Some(UserRef { id: _, name }) = &key.user {
            let Versioned { value: mut user, rev } = user(world, place, name).await?;
            user.access_keys.remove(id);
            changes.push(put(USERS, user_path(place.dialect, &place.account, &user), Expect::Rev(rev), &user)?);
        }
        allowed.change(changes)
    }
}

/// The changes that remove an access key, what its user remembers of it excepted.
fn gone(dialect: &str, key: &AccessKey, rev: u64) -> Vec<Change> {
    let path = path(&[dialect, &key.id]);
    let mut changes = vec![Change::Delete { space: ACCESS_KEYS, path, expect: Expect::Rev(rev) }];
    if key.user.is_none() {
        let path = owner_path(dialect, &key.account, &key.id);
        changes.push(Change::Delete { space: OWNER_KEYS, path, expect: Expect::Any });
    }
    changes
}

impl Removed {
    fn of(dialect: &str, key: &AccessKey) -> Self {
        let AccessKey { id, account, user, .. } = key;
        let user = user.as_ref().map(|user| user.name.clone());
        Self { dialect: dialect.to_owned(), account: account.clone(), user, id: id.clone() }
    }
}

/// The owners' access keys that are neither named nor made with one that stays, and the changes that remove them.
///
/// # Errors
/// [`Kind::Internal`] when the store fails.
pub(crate) async fn strangers(
    world: &World,
    named: impl Fn(&str, &str) -> bool,
) -> Result<(Vec<Removed>, Vec<Change>)> {
    let mut others = Vec::new();
    let mut staying = BTreeSet::new();
    for owned in world.ports.store.paths(OWNER_KEYS, "", None, 0, usize::MAX).await? {
        let at = (first(&owned).to_owned(), last(&owned).to_owned());
        let path = path(&[&at.0, &at.1]);
        let Some(record) = world.ports.store.get(ACCESS_KEYS, &path).await? else { continue };
        match world.readable(ACCESS_KEYS, &path, &record.body) {
            Some(_) if named(&at.0, &at.1) => drop(staying.insert(at)),
            Some(value) => others.push((at.0, Versioned { value, rev: record.rev })),
            None => {} // it lets nobody in
        }
    }
    // Who made which is followed from those that are named.
    loop {
        let made = |(dialect, found): &(String, Versioned<AccessKey>)| {
            let by = found.value.made_by.clone();
            by.is_some_and(|by| staying.contains(&(dialect.clone(), by)))
        };
        let (with_them, without): (Vec<_>, Vec<_>) = others.into_iter().partition(made);
        others = without;
        if with_them.is_empty() {
            break;
        }
        staying.extend(with_them.into_iter().map(|(dialect, found)| (dialect, found.value.id)));
    }
    let removed = others.iter().map(|(dialect, found)| Removed::of(dialect, &found.value)).collect();
    let changes = others.iter().flat_map(|(dialect, found)| gone(dialect, &found.value, found.rev)).collect();
    Ok((removed, changes))
}

/// How many access keys are read at once.
const BATCH: usize = 256;

/// The access keys whose secret is one that `known` knows, by dialect and identifier, and the changes that remove them.
///
/// # Errors
/// [`Kind::Internal`] when the store fails.
pub async fn known(world: &World, known: impl Fn(&str, &str, &str) -> bool) -> Result<(Vec<Removed>, Vec<Change>)> {
    let (mut removed, mut changes, mut users) = (Vec::new(), Vec::new(), BTreeMap::new());
    let mut after = None::<String>;
    loop {
        let batch = world.ports.store.scan(ACCESS_KEYS, "", after.as_deref(), BATCH).await?;
        let Some(end) = batch.last() else { break };
        after = Some(end.path.clone());
        for record in batch {
            let dialect = first(&record.path).to_owned();
            // Whoever cannot be read cannot be proven either.
            let Some(key) = world.readable::<AccessKey>(ACCESS_KEYS, &record.path, &record.body) else { continue };
            let secret = unseal(world, &dialect, &key.id, &key.wrapped);
            if !secret.is_ok_and(|secret| known(&dialect, &key.id, secret.expose())) {
                continue;
            }
            removed.push(Removed::of(&dialect, &key));
            changes.extend(gone(&dialect, &key, record.rev));
            if let Some(user) = &key.user {
                let at = identity_path(&dialect, &key.account, &user.name);
                users.entry(at).or_insert_with(Vec::new).push(key.id);
            }
        }
    }
    for (at, ids) in users {
        let Some(Versioned { value: mut user, rev }) = world.read::<User>(USERS, &at).await? else { continue };
        user.access_keys.retain(|id| !ids.contains(id));
        changes.push(put(USERS, at, Expect::Rev(rev), &user)?);
    }
    Ok((removed, changes))
}

/// The user meant: the one named, or the caller; `None` for the owner.
fn subject<'a, O: Operation>(allowed: &'a Authorized<O>, name: Option<&'a str>) -> Result<Option<&'a str>> {
    match (name, &allowed.caller().principal) {
        (None, Principal::Owner) => Ok(None),
        (name, principal) => name_or_caller(name, principal).map(Some),
    }
}

async fn owned<O: Operation>(
    allowed: &Authorized<O>,
    world: &World,
    name: Option<&str>,
    id: &str,
) -> Result<Versioned<AccessKey>> {
    let place = allowed.place();
    let missing = || Kind::NotFound(Noun::AccessKey).about(id);
    let holder = match subject(allowed, name)? {
        None => None,
        Some(name) => Some(user(world, place, name).await?.value.id),
    };
    let found = world.read::<AccessKey>(ACCESS_KEYS, &path(&[place.dialect, id])).await?.ok_or_else(missing)?;
    let owner = found.value.user.as_ref().map(|user| user.id.clone());
    if *found.value.account == *place.account && owner == holder { Ok(found) } else { Err(missing()) }
}

async fn of_owner(world: &World, dialect: &str, account: &str) -> Result<Vec<AccessKey>> {
    let own = world.ports.store.paths(OWNER_KEYS, &below(&[dialect, account]), None, 0, usize::MAX).await?;
    let paths: Vec<_> = own.iter().map(|own| path(&[dialect, last(own)])).collect();
    world.read_many(ACCESS_KEYS, &paths).await
}

/// The change that goes with a new access key of an owner: without a user, nothing else leads to it.
pub(crate) fn owned_by_owner(place: &Place, key: &AccessKey) -> Option<Change> {
    let path = owner_path(place.dialect, &key.account, &key.id);
    let owned = Change::Put { space: OWNER_KEYS, path, expect: Expect::Any, body: Vec::new() };
    key.user.is_none().then_some(owned)
}

fn owner_path(dialect: &str, account: &str, id: &str) -> String {
    path(&[dialect, account, id])
}

fn user_path(dialect: &str, account: &str, user: &User) -> String {
    identity_path(dialect, account, &user.name)
}
