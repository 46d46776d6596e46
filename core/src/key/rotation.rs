//! Rotation: a key gets new material, which encrypts from then on; by itself from time to time, or because it was asked for.
//!
//! # Invariants
//! - What was encrypted opens for ever: rotating adds a version, and takes none away.
//! - A key that rotates by itself is recorded as due while it can be used, and at no other time.

use std::sync::Arc;

use async_trait::async_trait;
use jiff::SignedDuration;
use serde::{Deserialize, Serialize};

use super::life::{leads, on_one_key, update};
use super::{Item, Key, Lasting, Loaded, Origin, Reference, Rules, Spec, State, Use, Version, VersionOf, VersionState};
use crate::due::{self, Due};
use crate::engine::World;
use crate::engine::world::{KEYS, put};
use crate::error::{Cause, Flaw, Kind, Noun, Result, StateFlaw};
use crate::list::{Listed, Paging, cut};
use crate::name::first;
use crate::operation::{Authorized, Effect, Operation, Repeat, Role};
use crate::port::{Change, Expect, Time};

/// How often a key rotates by itself.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub struct Schedule {
    /// From one time to the next.
    pub every: SignedDuration,
    /// The next time.
    pub next: Time,
}

/// What made a version of a key that is not its first.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
pub enum Rotated {
    /// Its time had come.
    ByItself,
    /// Somebody asked for it.
    OnDemand,
}

/// What a dialect says about rotation.
pub struct Terms {
    /// From when the next rotation is counted.
    pub counted: Counted,
    /// How often the keys of the vendor's services rotate.
    pub predefined: Option<SignedDuration>,
    /// What is told of a key that rotates by itself, by its state.
    pub told: fn(State) -> Rotating,
    /// Whether key pairs get another version when somebody asks for it; none rotates by itself.
    pub pairs: bool,
    /// Whether imported material that waits comes to be used when somebody asks for another version.
    pub imports: bool,
    /// How many versions somebody may ask for.
    pub max_on_demand: usize,
    /// How many versions a key may have when somebody asks for another one.
    pub max_versions: usize,
    /// How old the newest version has to be when somebody asks for another one.
    pub rest: SignedDuration,
    /// How long before the next rotation nobody may ask for one.
    pub quiet: SignedDuration,
}

/// From when the next rotation of a key is counted.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Counted {
    /// From the last time it rotated by itself, or else from when that was asked for.
    FromItself,
    /// From when the version that encrypts was made.
    FromCurrent,
}

/// Whether a key rotates by itself.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Rotating {
    /// It does.
    On,
    /// It does not.
    Off,
    /// It will again, when it can be used again.
    Suspended,
}

/// Whether a key rotates by itself, as it is told to callers.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Rotation {
    /// Whether it does.
    pub rotating: Rotating,
    /// From one time to the next, while it does.
    pub every: Option<SignedDuration>,
    /// The next time, while it does.
    pub next: Option<Time>,
}

/// Whether a key is to rotate by itself, as somebody asks for it.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Wanted {
    /// Whether it is to.
    pub on: bool,
    /// From one time to the next; it says nothing where the key is not to.
    pub every: Option<SignedDuration>,
}

impl Wanted {
    /// So often.
    pub fn every(every: SignedDuration) -> Self {
        Self { on: true, every: Some(every) }
    }

    /// Never.
    pub const NEVER: Self = Self { on: false, every: None };

    /// The schedule that a key gets.
    pub(crate) fn schedule(self, terms: &Terms, key: &Key, now: Time) -> Result<Option<Schedule>> {
        let every = match self {
            Self { on: false, .. } => return Ok(None),
            Self { on: true, every } => every.ok_or_else(|| Kind::Invalid(Flaw::Missing).because("how often"))?,
        };
        rotates(key)?;
        match key.rotation {
            Some(schedule) if schedule.every == every => Ok(Some(schedule)),
            before => {
                let from = match terms.counted {
                    Counted::FromItself => before.and_then(|_| rotated_at(key)).unwrap_or(now),
                    Counted::FromCurrent => key.versions.current().map_or(now, |version| version.created_at),
                };
                Ok(Some(Schedule { every, next: after(from, every)?.max(now) }))
            }
        }
    }
}

impl Rotation {
    /// What is told of a key.
    pub(super) fn of(terms: &Terms, key: &Key) -> Self {
        let rotating = key.rotation.map_or(Rotating::Off, |_| (terms.told)(key.state));
        let schedule = key.rotation.filter(|_| rotating != Rotating::Off);
        Self { rotating, every: schedule.map(|it| it.every), next: schedule.map(|it| it.next) }
    }
}

impl Key {
    /// When it rotates by itself; never, while it cannot be used.
    pub(crate) fn rotates_at(&self) -> Option<Time> {
        self.rotation.filter(|_| self.state == State::Enabled).map(|schedule| schedule.next)
    }
}

/// When a key rotated by itself the last time.
fn rotated_at(key: &Key) -> Option<Time> {
    let last = key.versions.iter().rev().find(|version| version.rotated == Some(Rotated::ByItself));
    last.map(|version| version.created_at)
}

pub(super) fn after(from: Time, every: SignedDuration) -> Result<Time> {
    from.checked_add(every).map_err(|_| Kind::Invalid(Flaw::Value).because("a date out of range"))
}

/// Makes another version of a key, which encrypts from now on, and the change by which it leads to the key.
async fn turn(world: &World, dialect: &str, key: &mut Key, rotated: Rotated, now: Time) -> Result<Change> {
    if key.origin == Origin::Imported {
        let missing = || Kind::InvalidState(StateFlaw::NothingPending).about(&*key.id);
        let promoted = key.versions.promote(rotated, now).ok_or_else(missing)?;
        return leads(dialect, key, &promoted);
    }
    let id = world.uuid()?;
    let material = world.generate(dialect, key, &id).await?;
    let leads = leads(dialect, key, &id)?;
    key.versions.adopt(Version { rotated: Some(rotated), ..Version::new(id, now, key.origin, material) });
    Ok(leads)
}

/// Whether a key is of a kind that rotates.
fn rotates(key: &Key) -> Result<()> {
    // Exhaustive on purpose: a new kind of key says here whether it does.
    match (key.spec, key.origin) {
        (Spec::Aes128 | Spec::Aes256, Origin::Generated) => Ok(()),
        (_, Origin::Imported) => {
            Err(Kind::NotApplicable.because("the material of the key is imported").with_cause(Cause::Imported))
        }
        (
            Spec::Hmac224
            | Spec::Hmac256
            | Spec::Hmac384
            | Spec::Hmac512
            | Spec::Rsa2048
            | Spec::Rsa3072
            | Spec::Rsa4096
            | Spec::EccP256
            | Spec::EccP384
            | Spec::EccP521
            | Spec::EccP256k1
            | Spec::Ed25519,
            Origin::Generated,
        ) => Err(Kind::NotApplicable.into()),
    }
}

/// Whether a key gets another version when somebody asks for it.
fn turns(terms: &Terms, key: &Key) -> Result<()> {
    match key.origin {
        Origin::Generated if terms.pairs && key.spec.is_pair() => Ok(()),
        Origin::Imported if terms.imports && matches!(key.spec, Spec::Aes128 | Spec::Aes256) => Ok(()),
        Origin::Generated | Origin::Imported => rotates(key),
    }
}

/// An error that tells of the key by its full name.
fn named(key: &Loaded) -> impl FnOnce(crate::error::Error) -> crate::error::Error {
    |error| if error.cause() == Some(Cause::Imported) { error.naming(&*key.arn) } else { error }
}

/// The kind of what is due when a key rotates by itself.
pub(crate) const ROTATION: &str = "rotation";

/// The rotation of keys whose time for it has come.
pub(crate) struct ByItself;

#[async_trait]
impl Due for ByItself {
    fn kind(&self) -> &'static str {
        ROTATION
    }

    async fn changes(&self, world: &World, subject: &str, now: Time) -> Result<Vec<Change>> {
        let Some(found) = world.read::<Key>(KEYS, subject).await? else { return Ok(Vec::new()) };
        let mut key = found.value;
        let (Some(at), Some(Schedule { every, .. })) = (key.rotates_at(), key.rotation) else { return Ok(Vec::new()) };
        if at > now {
            return Ok(Vec::new());
        }
        let leads = turn(world, first(subject), &mut key, Rotated::ByItself, now).await?;
        // However many times have passed meanwhile: it is new now.
        key.rotation = Some(Schedule { every, next: after(now, every)? });
        let mut changes = due::moved(ROTATION, subject, None, key.rotates_at());
        changes.extend([put(KEYS, subject.to_owned(), Expect::Rev(found.rev), &key)?, leads]);
        Ok(changes)
    }
}

/// Has a key rotate by itself, or no longer.
#[derive(Debug)]
pub struct SetRotation {
    /// The key.
    pub key: Reference,
    /// Whether it is to, and how often.
    pub rotation: Wanted,
}

impl Operation for SetRotation {
    type Output = ();
    const NAME: &'static str = "SetKeyRotation";
    const EFFECT: Effect = Effect::Changes;
    const REPEAT: Repeat = Repeat::Harmless;
    on_one_key!();

    async fn run(allowed: &Authorized<Self>, _: &World) -> Result<()> {
        let key = allowed.key(Role::Subject)?;
        let rules = allowed.dialect().law.keys()?;
        rotates(&key.key).map_err(named(&key))?;
        rules.admit(&key, Use::Rotate)?;
        let schedule = allowed.op().rotation.schedule(&rules.rotation, &key.key, allowed.now())?;
        if schedule == key.key.rotation {
            return Ok(());
        }
        update(allowed, &key, |key| key.rotation = schedule).map(drop)
    }
}

/// Gives a key new material, which encrypts from now on.
#[derive(Debug)]
pub struct Rotate {
    /// The key.
    pub key: Reference,
}

/// A key with new material.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct New {
    /// The key's full name, where the answer tells it.
    pub arn: Option<Arc<str>>,
    /// The version that encrypts now, where the answer tells it.
    pub version: Option<VersionOf>,
}

impl Operation for Rotate {
    type Output = New;
    const NAME: &'static str = "RotateKey";
    const EFFECT: Effect = Effect::Changes;
    on_one_key!();

    async fn run(allowed: &Authorized<Self>, world: &World) -> Result<New> {
        let key = allowed.key(Role::Subject)?;
        let rules = allowed.dialect().law.keys()?;
        turns(&rules.rotation, &key.key).map_err(named(&key))?;
        rules.admit(&key, Use::Rotate)?;
        let (terms, now) = (&rules.rotation, allowed.now());
        may_turn(terms, &key, now)?;
        let mut turned = key.key.clone();
        let leads = turn(world, allowed.place().dialect, &mut turned, Rotated::OnDemand, now).await?;
        if let (Counted::FromCurrent, Some(schedule)) = (terms.counted, &mut turned.rotation) {
            schedule.next = after(now, schedule.every)?;
        }
        let turned = update(allowed, &key, |key| *key = turned)?;
        allowed.change(vec![leads])?;
        let version = turned.versions.current().map(|version| VersionOf::of(&turned.id, version));
        Ok(New { arn: Some(Arc::clone(&key.arn)), version })
    }
}

/// Whether somebody may ask for another version now.
fn may_turn(terms: &Terms, key: &Loaded, now: Time) -> Result<()> {
    let versions = &key.key.versions;
    if key.key.origin == Origin::Imported && versions.pending().is_none() {
        return Err(Kind::InvalidState(StateFlaw::NothingPending).about(&*key.arn));
    }
    let asked_for = versions.iter().filter(|version| version.rotated == Some(Rotated::OnDemand)).count();
    if asked_for >= terms.max_on_demand || versions.len() >= terms.max_versions {
        return Err(Kind::LimitExceeded(Noun::KeyVersion).about(&*key.arn));
    }
    let newest = versions.current().map(|version| version.created_at);
    if !terms.rest.is_zero() && newest.is_some_and(|at| now.duration_since(at) < terms.rest) {
        return Err(Kind::NotApplicable.because("the newest version is too young for another one").naming(&*key.arn));
    }
    let next = key.key.rotates_at();
    if !terms.quiet.is_zero() && next.is_some_and(|at| at.duration_since(now) < terms.quiet) {
        return Err(Kind::InvalidState(StateFlaw::Rotating).about(&*key.arn));
    }
    Ok(())
}

/// Tells whether a key rotates by itself.
#[derive(Debug)]
pub struct DescribeRotation {
    /// The key.
    pub key: Reference,
}

/// Whether a key rotates by itself, with its name.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct RotationOf {
    /// The key's full name.
    pub arn: Arc<str>,
    /// Whether it does.
    pub rotation: Rotation,
}

impl Operation for DescribeRotation {
    type Output = RotationOf;
    const NAME: &'static str = "DescribeKeyRotation";
    on_one_key!();

    async fn run(allowed: &Authorized<Self>, _: &World) -> Result<RotationOf> {
        let key = allowed.key(Role::Subject)?;
        let rules = allowed.dialect().law.keys()?;
        rules.admit(&key, Use::Read)?;
        Ok(RotationOf { arn: Arc::clone(&key.arn), rotation: Rotation::of(&rules.rotation, &key.key) })
    }
}

/// Lists the rotations that a key has behind it, oldest first.
#[derive(Debug)]
pub struct ListRotations {
    /// The key.
    pub key: Reference,
    /// Whether the material is told that it had from the beginning.
    pub with_first: bool,
    /// Which part.
    pub paging: Paging,
}

/// A rotation, or the material that a key had from the beginning.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Turn {
    /// The key's full name.
    pub arn: String,
    /// What the dialect calls the material, where it has a name of its own.
    pub material: Option<String>,
    /// Whether it encrypts.
    pub standing: Standing,
    /// What is told of imported material besides.
    pub imported: Option<Imported>,
    /// When it came to that; absent of the material from the beginning.
    pub at: Option<Time>,
    /// How it came to that; absent of the material from the beginning.
    pub rotated: Option<Rotated>,
}

/// Whether material encrypts.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Standing {
    /// It does.
    Current,
    /// It did.
    Former,
    /// It will, once the key is rotated.
    Pending,
}

/// What is told of imported material.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Imported {
    /// How long it is there; nothing while it is not.
    pub lasting: Option<Lasting>,
    /// Words of its owner.
    pub description: Option<String>,
}

impl Turn {
    fn of(rules: &Rules, arn: &str, key: &Key, version: &Version) -> Self {
        let is_current = key.versions.current().is_some_and(|current| current.id == version.id);
        Self {
            arn: arn.to_owned(),
            material: rules.material_of(key.spec, &key.id, &version.id),
            standing: match (version.state, is_current) {
                (VersionState::Pending, _) => Standing::Pending,
                (VersionState::Bound, true) => Standing::Current,
                (VersionState::Bound, false) => Standing::Former,
            },
            imported: (key.origin == Origin::Imported).then(|| Imported {
                lasting: version.material.as_ref().map(|_| Lasting::until(version.expires_at)),
                description: version.description.clone(),
            }),
            at: version.rotated.map(|_| version.created_at),
            rotated: version.rotated,
        }
    }
}

impl Operation for ListRotations {
    type Output = Listed<Turn>;
    const NAME: &'static str = "ListKeyRotations";
    on_one_key!();

    async fn run(allowed: &Authorized<Self>, world: &World) -> Result<Listed<Turn>> {
        let key = allowed.key(Role::Subject)?;
        let rules = allowed.dialect().law.keys()?;
        rules.admit(&key, Use::Read)?;
        let Self { key: _, with_first, paging } = allowed.op();
        let Key { id, account, region, versions, .. } = &key.key;
        let told: Vec<_> = versions.iter().filter(|version| *with_first || version.rotated.is_some()).collect();
        let arn = (rules.name)(account, region, Item::Key(id));
        let list = format!("rotations/{with_first}/{arn}");
        let part = cut(world, &list, told, paging, |version| &version.id)?;
        Ok(part.map(|version| Turn::of(rules, &arn, &key.key, version)))
    }
}

#[cfg(test)]
#[allow(clippy::unwrap_used, clippy::expect_used, clippy::indexing_slicing, clippy::panic, reason = "tests")]
#[path = "rotation_tests.rs"]
mod tests;
