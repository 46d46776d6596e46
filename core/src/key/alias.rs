//! Aliases: names that point at keys.

use std::collections::BTreeSet;
use std::sync::Arc;

use serde::{Deserialize, Serialize};

use super::Item;
use super::life::changed;
use super::{By, Loaded, Predefined, Reference, Rules, Use, locate};
use crate::engine::world::{ALIASES, Versioned, put};
use crate::engine::{Search, World};
use crate::error::{Error, Kind, Noun, Result};
use crate::list::{Gathering, Listed, Paging, name, page_of_all, page_of_names};
use crate::name::{Place, below, path};
use crate::operation::{Authorized, Effect, Operation, Repeat, Role};
use crate::port::{Change, Expect, Time};

/// An alias with its prefix.
pub type Alias = String;

/// An alias and what it points at.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub struct AliasEntry {
    /// The alias, with its prefix.
    pub name: Alias,
    /// The key's identifier.
    pub key_id: String,
    /// When it was made.
    pub created_at: Time,
    /// When it was pointed elsewhere last.
    pub updated_at: Time,
}

/// An alias with its full name.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct AliasOf {
    /// The full name.
    pub arn: String,
    /// The alias, with its prefix.
    pub name: Alias,
    /// The identifier of the key it points at; an alias that the vendor keeps for itself may point at none yet.
    pub key_id: Option<String>,
    /// When it was made, where the answer tells it.
    pub created_at: Option<Time>,
    /// When it was pointed elsewhere last, where the answer tells it.
    pub updated_at: Option<Time>,
}

/// Makes an alias.
#[derive(Debug)]
pub struct CreateAlias {
    /// The alias.
    pub alias: Alias,
    /// The key to point at.
    pub key: Reference,
}

impl Operation for CreateAlias {
    type Output = ();
    const NAME: &'static str = "CreateAlias";
    const EFFECT: Effect = Effect::Changes;
    const ROLES: &'static [Role] = &[Role::Alias, Role::Destination];

    async fn locate(&self, role: Role, search: &mut Search<'_>) -> Result<()> {
        match role {
            Role::Destination => locate::key(search, &self.key).await,
            _ => locate::named(search, Item::Alias(&self.alias)),
        }
    }

    async fn run(allowed: &Authorized<Self>, world: &World) -> Result<()> {
        let rules = allowed.dialect().law.keys()?;
        let key = allowed.key(Role::Destination)?;
        let (place, alias, now) = (allowed.place(), &allowed.op().alias, allowed.now());
        let path = path(&[place.dialect, &place.account, &place.region, alias]);
        if world.read::<AliasEntry>(ALIASES, &path).await?.is_some() {
            return Err(Kind::AlreadyExists(Noun::Alias).about(&*allowed.located(Role::Alias)?.arn));
        }
        beside(&key, place)?;
        rules.admit(&key, Use::CreateAlias)?;
        let mut pointed = key.key.clone();
        pointed.aliases.insert(alias.clone());
        if pointed.aliases.len() > rules.max_aliases {
            return Err(Kind::LimitExceeded(Noun::Alias).because("too many aliases point at this key"));
        }
        let entry = AliasEntry { name: alias.clone(), key_id: pointed.id.clone(), created_at: now, updated_at: now };
        let made = put(ALIASES, path, Expect::Absent, &entry)?;
        allowed.make(&allowed.located(Role::Alias)?.arn, vec![made, changed(place.dialect, &key, &pointed)?]);
        Ok(())
    }
}

/// Points an alias at another key.
#[derive(Debug)]
pub struct UpdateAlias {
    /// The alias.
    pub alias: Alias,
    /// The key to point at.
    pub key: Reference,
}

impl Operation for UpdateAlias {
    type Output = ();
    const NAME: &'static str = "UpdateAlias";
    const EFFECT: Effect = Effect::Changes;
    const REPEAT: Repeat = Repeat::Harmless;
    const ROLES: &'static [Role] = &[Role::Alias, Role::Previous, Role::Destination];

    async fn locate(&self, role: Role, search: &mut Search<'_>) -> Result<()> {
        match role {
            Role::Destination => locate::key(search, &self.key).await,
            Role::Previous => locate::pointed_at(search, &self.alias).await,
            _ => locate::named(search, Item::Alias(&self.alias)),
        }
    }

    async fn run(allowed: &Authorized<Self>, world: &World) -> Result<()> {
        let rules = allowed.dialect().law.keys()?;
        let (previous, next) = (allowed.key(Role::Previous)?, allowed.key(Role::Destination)?);
        beside(&next, allowed.place())?;
        rules.admit(&previous, Use::ReleaseAlias)?;
        rules.admit(&next, Use::RetargetAlias)?;
        let kind = |key: &super::Key| (key.spec.is_pair(), key.usage);
        if kind(&previous.key) != kind(&next.key) {
            return Err(Error::from(Kind::InvalidUsage));
        }
        let (place, alias) = (allowed.place(), &allowed.op().alias);
        let path = path(&[place.dialect, &place.account, &place.region, alias]);
        let Versioned { value: mut entry, rev } = stored(world, &path, allowed).await?;
        if previous.key.id == next.key.id {
            return Ok(());
        }
        entry.key_id.clone_from(&next.key.id);
        entry.updated_at = allowed.now();
        let (mut left, mut pointed) = (previous.key.clone(), next.key.clone());
        left.aliases.remove(alias);
        pointed.aliases.insert(alias.clone());
        if pointed.aliases.len() > rules.max_aliases {
            return Err(Kind::LimitExceeded(Noun::Alias).because("too many aliases point at this key"));
        }
        allowed.change(vec![
            put(ALIASES, path, Expect::Rev(rev), &entry)?,
            changed(place.dialect, &previous, &left)?,
            changed(place.dialect, &next, &pointed)?,
        ])
    }
}

/// Removes an alias.
#[derive(Debug)]
pub struct DeleteAlias {
    /// The alias.
    pub alias: Alias,
}

impl Operation for DeleteAlias {
    type Output = ();
    const NAME: &'static str = "DeleteAlias";
    const EFFECT: Effect = Effect::Restricts;
    const ROLES: &'static [Role] = &[Role::Alias, Role::Previous];

    async fn locate(&self, role: Role, search: &mut Search<'_>) -> Result<()> {
        match role {
            Role::Previous => locate::pointed_at(search, &self.alias).await,
            _ => locate::named(search, Item::Alias(&self.alias)),
        }
    }

    async fn run(allowed: &Authorized<Self>, world: &World) -> Result<()> {
        let previous = allowed.key(Role::Previous)?;
        allowed.dialect().law.keys()?.admit(&previous, Use::ReleaseAlias)?;
        let (place, alias) = (allowed.place(), &allowed.op().alias);
        let path = path(&[place.dialect, &place.account, &place.region, alias]);
        let Versioned { value: _, rev } = stored(world, &path, allowed).await?;
        let mut left = previous.key.clone();
        left.aliases.remove(alias);
        let removed = Change::Delete { space: ALIASES, path, expect: Expect::Rev(rev) };
        allowed.change(vec![removed, changed(place.dialect, &previous, &left)?])
    }
}

/// Refuses a key of another account or region: an alias points at what is beside it, and no account names another's keys.
fn beside(key: &Loaded, place: &Place) -> Result<()> {
    match *key.key.account == *place.account && *key.key.region == *place.region {
        true => Ok(()),
        false => Err(Kind::NotFound(Noun::Key).about(&*key.arn)),
    }
}

async fn stored<O: Operation>(world: &World, path: &str, allowed: &Authorized<O>) -> Result<Versioned<AliasEntry>> {
    let found = world.read::<AliasEntry>(ALIASES, path).await?;
    let missing = || Kind::NotFound(Noun::Alias).because("");
    found.ok_or_else(|| match allowed.located(Role::Alias) {
        Ok(located) => missing().naming(&*located.arn),
        Err(_) => missing(),
    })
}

/// Lists the aliases of the caller's account in the region.
#[derive(Debug)]
pub struct ListAliases {
    /// The key that the aliases point at, by its identifier; any, when absent. It filters and is not judged.
    pub key: Option<Reference>,
    /// Which part.
    pub paging: Paging,
}

impl Operation for ListAliases {
    type Output = Listed<AliasOf>;
    const NAME: &'static str = "ListAliases";
    const ROLES: &'static [Role] = &[Role::Account];

    async fn locate(&self, _: Role, search: &mut Search<'_>) -> Result<()> {
        locate::named(search, Item::Aliases)
    }

    async fn run(allowed: &Authorized<Self>, world: &World) -> Result<Listed<AliasOf>> {
        let Self { key, paging } = allowed.op();
        match key {
            Some(reference) => of_key(allowed, world, &*own_key(allowed, world, reference).await?, paging).await,
            None if allowed.dialect().law.keys()?.predefined.is_empty() => {
                let prefix = prefix(allowed.place());
                let listed = page_of_all(world, ALIASES, &prefix, paging, &BTreeSet::new()).await?;
                named(allowed, listed)
            }
            None => with_predefined(allowed, world, paging).await,
        }
    }
}

/// What the paths of the aliases in a place begin with.
fn prefix(place: &Place) -> String {
    below(&[place.dialect, &place.account, &place.region])
}

/// One part of all aliases, those among them of keys that the vendor has not made yet.
async fn with_predefined<O: Operation>(
    allowed: &Authorized<O>,
    world: &World,
    paging: &Paging,
) -> Result<Listed<AliasOf>> {
    let (rules, place) = (allowed.dialect().law.keys()?, allowed.place());
    let prefix = prefix(place);
    let mut part = Gathering::new(world, ALIASES, &prefix, paging)?;
    let before = part.begins_behind().and_then(|path| path.strip_prefix(&prefix)).unwrap_or_default().to_owned();
    let mut unmade = rules.predefined;
    skip(&mut unmade, &before);
    let alone = |known: &Predefined| Some(rules.unmade_alias(&place.account, &place.region, known));
    while let Some(batch) = part.batch::<AliasEntry>().await? {
        for (path, entry) in batch {
            while let Some(known) = unmade.first().filter(|known| *known.alias < *entry.name) {
                part.take(&format!("{prefix}{}", known.alias), alone(known));
                skip(&mut unmade, known.alias);
            }
            skip(&mut unmade, &entry.name);
            part.take(&path, Some(told(rules, place, entry)));
        }
    }
    for known in unmade {
        part.take(&format!("{prefix}{}", known.alias), alone(known));
    }
    part.finish()
}

/// Leaves out the keys whose alias does not come behind another.
fn skip(keys: &mut &[Predefined], alias: &str) {
    let behind = keys.partition_point(|known| *known.alias <= *alias);
    *keys = keys.get(behind..).unwrap_or_default();
}

/// A key of the caller's account in the region asked.
async fn own_key<O: Operation>(allowed: &Authorized<O>, world: &World, reference: &Reference) -> Result<Arc<Loaded>> {
    let place = allowed.place();
    let account = reference.account.as_deref().unwrap_or(&place.account);
    let region = reference.region.as_deref().unwrap_or(&place.region);
    let By::Id(id) = &reference.by else {
        return Err(Kind::NotFound(Noun::Key).because("only an identifier names a key here"));
    };
    let arn = (allowed.dialect().law.keys()?.name)(account, region, Item::Key(id));
    if *region != *place.region {
        return Err(Kind::NotFound(Noun::Region).about(arn));
    }
    let found = match *account == *place.account {
        true => world.key(allowed.dialect(), account, region, id).await?,
        false => None,
    };
    found.filter(|key| !key.key.is_gone(allowed.now())).ok_or_else(|| Kind::NotFound(Noun::Key).about(arn))
}

/// Lists the aliases that point at one key, judged by the key.
#[derive(Debug)]
pub struct ListKeyAliases {
    /// The key.
    pub key: Reference,
    /// Which part.
    pub paging: Paging,
}

impl Operation for ListKeyAliases {
    type Output = Listed<AliasOf>;
    const NAME: &'static str = "ListKeyAliases";
    const ROLES: &'static [Role] = &[Role::Subject];

    async fn locate(&self, _: Role, search: &mut Search<'_>) -> Result<()> {
        locate::key(search, &self.key).await
    }

    async fn run(allowed: &Authorized<Self>, world: &World) -> Result<Listed<AliasOf>> {
        let key = allowed.key(Role::Subject)?;
        of_key(allowed, world, &key, &allowed.op().paging).await
    }
}

/// The aliases that point at a key: it knows them by name.
async fn of_key<O: Operation>(
    allowed: &Authorized<O>,
    world: &World,
    key: &Loaded,
    paging: &Paging,
) -> Result<Listed<AliasOf>> {
    let place = allowed.place();
    let prefix = prefix(place);
    let none = BTreeSet::new(); // what is beside a key alone points at it
    let aliases = beside(key, place).map_or(&none, |()| &key.key.aliases);
    let Listed { items, next, numbered } = page_of_names(world, &name(ALIASES, &prefix), aliases, paging)?;
    let paths: Vec<_> = items.iter().map(|alias| format!("{prefix}{alias}")).collect();
    named(allowed, Listed { items: world.read_many(ALIASES, &paths).await?, next, numbered })
}

fn named<O: Operation>(allowed: &Authorized<O>, listed: Listed<AliasEntry>) -> Result<Listed<AliasOf>> {
    let (rules, place) = (allowed.dialect().law.keys()?, allowed.place());
    Ok(listed.map(|entry| told(rules, place, entry)))
}

fn told(rules: &Rules, place: &Place, entry: AliasEntry) -> AliasOf {
    let arn = (rules.name)(&place.account, &place.region, Item::Alias(&entry.name));
    let AliasEntry { name, key_id, created_at, updated_at } = entry;
    AliasOf { arn, name, key_id: Some(key_id), created_at: Some(created_at), updated_at: Some(updated_at) }
}

#[cfg(test)]
#[allow(clippy::unwrap_used, clippy::expect_used, clippy::indexing_slicing, clippy::panic, reason = "tests")]
#[path = "alias_tests.rs"]
mod tests;
