//! The life of a key: made, described, switched on and off, put up for deletion.

use std::sync::Arc;

use async_trait::async_trait;

use super::Item;
use super::{
    Blueprint, Described, EXPIRY, Key, Loaded, Maker, Origin, ROTATION, Reference, State, Tokens, Use, Version,
    Versions, locate, rotation,
};
use crate::due::{self, Due};
use crate::engine::world::{ALIASES, KEYS, Pointer, VERSIONS, put};
use crate::engine::{Search, World};
use crate::error::{Kind, Noun, Result};
use crate::name::{first, path};
use crate::operation::{Authorized, Effect, Operation, Repeat, Role};
use crate::policy::Pins;
use crate::port::{Change, Expect, Time};
use crate::tag::Tags;

/// Makes a key; a usual one, where nothing is said.
#[derive(Debug, Default)]
pub struct Create {
    /// What it is to be.
    pub blueprint: Blueprint,
    /// Words of its owner.
    pub description: Option<String>,
    /// Its tags.
    pub tags: Tags,
    /// The names of its tags.
    pub tag_keys: Vec<String>,
    /// Whether it is to rotate by itself, and how often.
    pub rotation: rotation::Wanted,
    /// Its policy; the dialect's default when absent.
    pub policy: Option<String>,
    /// Whether the lock-out check is to be skipped.
    pub bypass_lockout_check: Option<bool>,
}

impl Operation for Create {
    type Output = Described;
    const NAME: &'static str = "CreateKey";
    const EFFECT: Effect = Effect::Changes;
    const ROLES: &'static [Role] = &[Role::Account];

    async fn locate(&self, _: Role, search: &mut Search<'_>) -> Result<()> {
        locate::named(search, Item::Keys)
    }

    fn tags(&self) -> Option<&Tags> {
        Some(&self.tags)
    }

    async fn run(allowed: &Authorized<Self>, world: &World) -> Result<Described> {
        let Self { blueprint, description, tags, tag_keys: _, rotation, policy, bypass_lockout_check } = allowed.op();
        let rules = allowed.dialect().law.keys()?;
        if tags.len() > rules.max_tags {
            return Err(Kind::LimitExceeded(Noun::Tag).because("too many tags"));
        }
        let place = allowed.place();
        let policy = policy.clone().unwrap_or_else(|| (rules.default_policy)(&place.account, &place.region));
        let mut key = Key {
            id: world.uuid()?,
            account: place.account.to_string(),
            region: place.region.to_string(),
            state: match blueprint.origin() {
                Origin::Generated => State::Enabled,
                Origin::Imported => State::PendingImport,
            },
            spec: blueprint.spec(),
            usage: blueprint.usage(),
            origin: blueprint.origin(),
            maker: Maker::Account,
            description: description.clone().unwrap_or_default(),
            created_at: allowed.now(),
            deletion_at: None,
            deletion_protection: None,
            rotation: None,
            tags: tags.clone(),
            aliases: std::collections::BTreeSet::new(),
            policy,
            pins: Pins::NONE,
            versions: Versions::default(),
        };
        key.rotation = rotation.schedule(&rules.rotation, &key, allowed.now())?;
        let (key, there) = super::policy::check(allowed, world, key, bypass_lockout_check.unwrap_or(false)).await?;
        let (key, mut changes) = install(world, place.dialect, key, allowed.now()).await?;
        changes.extend(there);
        let described = Described::of(allowed.dialect(), &key)?;
        allowed.make(&described.arn, changes);
        Ok(described)
    }
}

/// The change by which a version leads to its key.
pub(super) fn leads(dialect: &str, key: &Key, version: &str) -> Result<Change> {
    let pointer = Pointer { key: format!("{}/{}", key.account, key.id) };
    put(VERSIONS, path(&[dialect, &key.region, version]), Expect::Absent, &pointer)
}

/// Makes the first version of a key that is not imported, and the changes that store both.
pub(super) async fn install(world: &World, dialect: &str, mut key: Key, now: Time) -> Result<(Key, Vec<Change>)> {
    let mut changes = Vec::new();
    if key.origin == Origin::Generated {
        let version = world.uuid()?;
        let material = world.generate(dialect, &key, &version).await?;
        changes.push(leads(dialect, &key, &version)?);
        key.versions.adopt(Version::new(version, now, key.origin, material));
    }
    let key_path = own_path(dialect, &key);
    changes.extend(coming(&key_path, None, &key));
    changes.push(put(KEYS, key_path, Expect::Absent, &key)?);
    Ok((key, changes))
}

/// Changes a key, if it is still the one that was judged.
pub(crate) fn update<O>(allowed: &Authorized<O>, judged: &Loaded, change: impl FnOnce(&mut Key)) -> Result<Key> {
    let dialect = allowed.place().dialect;
    let mut key = judged.key.clone();
    change(&mut key);
    let mut changes = coming(&own_path(dialect, &key), Some(&judged.key), &key);
    changes.push(changed(dialect, judged, &key)?);
    allowed.change(changes)?;
    Ok(key)
}

/// The changes that go with every change of when something is due about a key.
pub(crate) fn coming(own: &str, before: Option<&Key>, after: &Key) -> Vec<Change> {
    let mut changes = due::moved(DELETION, own, before.and_then(|key| key.deletion_at), after.deletion_at);
    changes.extend(due::moved(ROTATION, own, before.and_then(Key::rotates_at), after.rotates_at()));
    changes.extend(due::moved(EXPIRY, own, before.and_then(Key::lapses_at), after.lapses_at()));
    changes
}

/// The change that stores a key, if it is still the one that was judged.
pub(crate) fn changed(dialect: &str, judged: &Loaded, key: &Key) -> Result<Change> {
    put(KEYS, own_path(dialect, key), Expect::Rev(judged.rev), key)
}

fn own_path(dialect: &str, key: &Key) -> String {
    path(&[dialect, &key.account, &key.region, &key.id])
}

/// The kind of what is due when a key waits for its deletion.
pub(crate) const DELETION: &str = "key";

/// The deletion of keys that have waited for it.
pub(crate) struct Deletion;

#[async_trait]
impl Due for Deletion {
    fn kind(&self) -> &'static str {
        DELETION
    }

    async fn changes(&self, world: &World, subject: &str, now: Time) -> Result<Vec<Change>> {
        let found = world.read::<Key>(KEYS, subject).await?.filter(|found| found.value.is_gone(now));
        let Some(found) = found else { return Ok(Vec::new()) };
        let dialect = first(subject);
        let mut changes = removal(dialect, &found.value, found.rev);
        changes.extend(world.grants_ended(dialect, &found.value).await?);
        Ok(changes)
    }
}

/// The changes that remove a key with everything that belongs to it.
fn removal(dialect: &str, key: &Key, rev: u64) -> Vec<Change> {
    let own = own_path(dialect, key);
    let mut changes = due::moved(EXPIRY, &own, key.lapses_at(), None);
    changes.push(Change::Delete { space: KEYS, path: own, expect: Expect::Rev(rev) });
    for version in &key.versions {
        let path = path(&[dialect, &key.region, &version.id]);
        changes.push(Change::Delete { space: VERSIONS, path, expect: Expect::Any });
    }
    for alias in &key.aliases {
        let path = path(&[dialect, &key.account, &key.region, alias]);
        changes.push(Change::Delete { space: ALIASES, path, expect: Expect::Any });
    }
    changes
}

macro_rules! on_one_key {
    () => {
        const ROLES: &'static [Role] = &[Role::Subject];

        async fn locate(&self, _: Role, search: &mut $crate::engine::Search<'_>) -> Result<()> {
            $crate::key::locate::key(search, &self.key).await
        }
    };
    ($tokens:ident) => {
        const ROLES: &'static [Role] = &[Role::Subject];

        async fn locate(&self, _: Role, search: &mut $crate::engine::Search<'_>) -> Result<()> {
            self.$tokens.check(search)?;
            $crate::key::locate::key(search, &self.key).await
        }
    };
}
pub(crate) use on_one_key;

/// Tells about a key.
#[derive(Debug)]
pub struct Describe {
    /// The key.
    pub key: Reference,
    /// Tokens of the grants that let the caller.
    pub tokens: Tokens,
}

impl Operation for Describe {
    type Output = Described;
    const NAME: &'static str = "DescribeKey";
    on_one_key!(tokens);

    async fn run(allowed: &Authorized<Self>, _: &World) -> Result<Described> {
        let key = allowed.key(Role::Subject)?;
        allowed.dialect().law.keys()?.admit(&key, Use::Read)?;
        Described::of(allowed.dialect(), &key.key)
    }
}

/// Changes the description of a key.
#[derive(Debug)]
pub struct UpdateDescription {
    /// The key.
    pub key: Reference,
    /// The new words.
    pub description: String,
}

impl Operation for UpdateDescription {
    type Output = ();
    const NAME: &'static str = "UpdateKeyDescription";
    const EFFECT: Effect = Effect::Changes;
    const REPEAT: Repeat = Repeat::Harmless;
    on_one_key!();

    async fn run(allowed: &Authorized<Self>, _: &World) -> Result<()> {
        let key = allowed.key(Role::Subject)?;
        allowed.dialect().law.keys()?.admit(&key, Use::Annotate)?;
        let description = allowed.op().description.clone();
        update(allowed, &key, |key| key.description = description).map(drop)
    }
}

/// Switches a key on.
#[derive(Debug)]
pub struct Enable {
    /// The key.
    pub key: Reference,
}

impl Operation for Enable {
    type Output = ();
    const NAME: &'static str = "EnableKey";
    const EFFECT: Effect = Effect::Changes;
    const REPEAT: Repeat = Repeat::Harmless;
    on_one_key!();

    async fn run(allowed: &Authorized<Self>, _: &World) -> Result<()> {
        toggle(allowed, State::Enabled)
    }
}

/// Switches a key off.
#[derive(Debug)]
pub struct Disable {
    /// The key.
    pub key: Reference,
}

impl Operation for Disable {
    type Output = ();
    const NAME: &'static str = "DisableKey";
    const EFFECT: Effect = Effect::Restricts;
    const REPEAT: Repeat = Repeat::Harmless;
    on_one_key!();

    async fn run(allowed: &Authorized<Self>, _: &World) -> Result<()> {
        toggle(allowed, State::Disabled)
    }
}

fn toggle<O>(allowed: &Authorized<O>, state: State) -> Result<()> {
    let key = allowed.key(Role::Subject)?;
    allowed.dialect().law.keys()?.admit(&key, Use::Toggle)?;
    if key.key.state == state {
        return Ok(());
    }
    update(allowed, &key, |key| key.state = state).map(drop)
}

/// Puts a key up for deletion.
#[derive(Debug)]
pub struct ScheduleDeletion {
    /// The key.
    pub key: Reference,
    /// Days to wait.
    pub window_days: u32,
}

/// When a key will be deleted.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Scheduled {
    /// The key's full name.
    pub arn: Arc<str>,
    /// The state it is in now.
    pub state: State,
    /// When it will be deleted.
    pub deletion_at: Time,
    /// Days to wait.
    pub window_days: u32,
}

impl Operation for ScheduleDeletion {
    /// Nothing where the answer does not tell it.
    type Output = Option<Scheduled>;
    const NAME: &'static str = "ScheduleKeyDeletion";
    const EFFECT: Effect = Effect::Restricts;
    on_one_key!();

    async fn run(allowed: &Authorized<Self>, _: &World) -> Result<Option<Scheduled>> {
        let key = allowed.key(Role::Subject)?;
        allowed.dialect().law.keys()?.admit(&key, Use::ScheduleDeletion)?;
        if key.key.deletion_protection.is_some() {
            return Err(Kind::NotApplicable.because("the key is protected against deletion").naming(&*key.arn));
        }
        let window_days = allowed.op().window_days;
        let wait = jiff::SignedDuration::from_hours(i64::from(window_days) * 24);
        let at = allowed.now().checked_add(wait).map_err(|_| Kind::Internal.because("a date out of range"))?;
        let pending = update(allowed, &key, |key| {
            key.state = State::PendingDeletion;
            key.deletion_at = Some(at);
        })?;
        Ok(Some(Scheduled { arn: Arc::clone(&key.arn), state: pending.state, deletion_at: at, window_days }))
    }
}

/// Calls a deletion off.
#[derive(Debug)]
pub struct CancelDeletion {
    /// The key.
    pub key: Reference,
}

/// A key whose deletion was called off.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Restored {
    /// Its full name.
    pub arn: Arc<str>,
}

impl Operation for CancelDeletion {
    /// Nothing where the answer does not tell it.
    type Output = Option<Restored>;
    const NAME: &'static str = "CancelKeyDeletion";
    const EFFECT: Effect = Effect::Changes;
    on_one_key!();

    async fn run(allowed: &Authorized<Self>, _: &World) -> Result<Option<Restored>> {
        let key = allowed.key(Role::Subject)?;
        let rules = allowed.dialect().law.keys()?;
        rules.admit(&key, Use::CancelDeletion)?;
        update(allowed, &key, |key| {
            key.state = if key.versions.are_complete() { rules.after_cancel } else { State::PendingImport };
            key.deletion_at = None;
        })?;
        Ok(Some(Restored { arn: Arc::clone(&key.arn) }))
    }
}

#[cfg(test)]
#[allow(clippy::unwrap_used, clippy::expect_used, clippy::indexing_slicing, clippy::panic, reason = "tests")]
#[path = "life_tests.rs"]
mod tests;
