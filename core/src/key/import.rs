//! Imported material: a key is told how to wrap it, takes it, and gives it up again; until then, and from then on, the key
//! waits for it.
//!
//! # Invariants
//! - An import token holds all that is needed to open what was wrapped for it: nothing of an import to come is stored.
//! - A version that ever encrypted gets the same material again or none; what it was is known by a sealed digest alone.
//! - Whatever does not unwrap is the same error without detail.

use std::sync::Arc;

use async_trait::async_trait;
use jiff::SignedDuration;
use sha2::{Digest as _, Sha256};
use subtle::ConstantTimeEq as _;
use zeroize::Zeroizing;

use super::life::{coming, leads, on_one_key, update};
use super::{Encryption, Key, Loaded, Origin, Reference, Rules, Spec, State, Use, Version, VersionState, Versions};
use crate::due::Due;
use crate::engine::World;
use crate::engine::world::{KEYS, put};
use crate::error::{Cause, Error, Flaw, Kind, Noun, Result, StateFlaw};
use crate::name::path;
use crate::operation::{Authorized, Effect, Operation, Repeat, Role};
use crate::port::crypto::{Sealed, Wrapping};
use crate::port::{Change, Expect, Time};
use crate::secret::Material;

/// How long a token for an import can be used.
const TOKEN_LASTS: SignedDuration = SignedDuration::from_hours(24);

/// How long imported material is there.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Lasting {
    /// Until somebody deletes it.
    ForEver,
    /// Until then.
    Until(Time),
}

impl Lasting {
    /// Until this time, or for ever.
    pub fn until(expires_at: Option<Time>) -> Self {
        expires_at.map_or(Self::ForEver, Self::Until)
    }

    /// When it is gone, where that was agreed.
    pub fn end(self) -> Option<Time> {
        match self {
            Self::ForEver => None,
            Self::Until(at) => Some(at),
        }
    }

    /// How long the material is there that a key encrypts with; nothing where it was not imported, or is not there.
    pub(super) fn of(key: &Key) -> Option<Self> {
        let current = key.versions.current().filter(|version| version.material.is_some());
        current.filter(|_| key.origin == Origin::Imported).map(|version| Self::until(version.expires_at))
    }
}

impl Key {
    /// When the first of its material is gone.
    pub(crate) fn lapses_at(&self) -> Option<Time> {
        let there = self.versions.iter().filter(|version| version.material.is_some());
        there.filter_map(|version| version.expires_at).min()
    }

    /// The key as it is once the time of some of its material has passed; nothing while all of it is there.
    pub(crate) fn lapsed(&self, now: Time) -> Option<Self> {
        self.lapses_at().filter(|at| *at <= now)?;
        let mut key = self.clone();
        let over = |version: &&Version| version.expires_at.is_some_and(|at| at <= now);
        let over: Vec<String> = self.versions.iter().filter(over).map(|version| version.id.clone()).collect();
        over.iter().for_each(|version| key.lose(version));
        Some(key)
    }

    /// Takes the material of a version away, and the version too, where it never encrypted.
    fn lose(&mut self, version: &str) {
        match self.versions.find(version).map(|version| version.state) {
            Some(VersionState::Pending) => self.versions.drop_pending(),
            Some(VersionState::Bound) => self.versions.change(version, |version| {
                version.material = None;
                version.expires_at = None;
            }),
            None => {}
        }
        self.settle();
    }

    /// Brings the state in line with what material is there.
    fn settle(&mut self) {
        self.state = match (self.state, self.versions.are_complete()) {
            (State::Enabled | State::Disabled, false) => State::PendingImport,
            (State::PendingImport, true) => State::Enabled,
            (state, _) => state,
        };
    }
}

/// The kind of what is due when material is gone.
pub(crate) const EXPIRY: &str = "material";

/// The end of material whose time has come.
pub(crate) struct Expiry;

#[async_trait]
impl Due for Expiry {
    fn kind(&self) -> &'static str {
        EXPIRY
    }

    async fn changes(&self, world: &World, subject: &str, now: Time) -> Result<Vec<Change>> {
        let Some(found) = world.read::<Key>(KEYS, subject).await? else { return Ok(Vec::new()) };
        let Some(lapsed) = found.value.lapsed(now) else { return Ok(Vec::new()) };
        let mut changes = coming(subject, Some(&found.value), &lapsed);
        changes.push(put(KEYS, subject.to_owned(), Expect::Rev(found.rev), &lapsed)?);
        Ok(changes)
    }
}

/// Tells how to wrap material for a key.
#[derive(Debug)]
pub struct PrepareImport {
    /// The key.
    pub key: Reference,
    /// How it is to be wrapped.
    pub wrapping: Wrapping,
    /// The pair of RSA that it is to be wrapped under.
    pub pair: Spec,
}

/// How to wrap material for a key.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Prepared {
    /// The key's full name, where the answer tells it.
    pub arn: Option<Arc<str>>,
    /// The key's identifier.
    pub key_id: String,
    /// What to wrap the material under: a `SubjectPublicKeyInfo` (RFC 5280) in DER.
    pub public: Vec<u8>,
    /// What to send along with it.
    pub token: Vec<u8>,
    /// Until when both can be used.
    pub valid_until: Time,
}

impl Operation for PrepareImport {
    type Output = Prepared;
    const NAME: &'static str = "GetParametersForImport";
    on_one_key!();

    async fn run(allowed: &Authorized<Self>, world: &World) -> Result<Prepared> {
        let key = imported(allowed, Use::PrepareImport)?;
        let Self { key: _, wrapping, pair } = allowed.op();
        fits(key.key.spec, *wrapping, *pair)?;
        let made = world.ports.crypto.pair(*pair).await?;
        let end = allowed.now().checked_add(TOKEN_LASTS).map_err(|_| Kind::Internal.because("a date out of range"))?;
        let token = Token { wrapping: *wrapping, valid_until: end, private: made.private.expose() };
        let token = world.ports.crypto.wrap(&place(allowed.place().dialect, &key.key), &token.written())?;
        Ok(Prepared {
            arn: Some(Arc::clone(&key.arn)),
            key_id: key.key.id.clone(),
            public: made.public,
            token,
            valid_until: end,
        })
    }
}

/// A key that takes material.
fn imported<O>(allowed: &Authorized<O>, wanted: Use) -> Result<Arc<Loaded>> {
    let key = allowed.key(Role::Subject)?;
    match key.key.origin {
        Origin::Imported => {}
        Origin::Generated => return Err(Kind::NotApplicable.about(&*key.arn).with_cause(Cause::Origin)),
    }
    allowed.dialect().law.keys()?.admit(&key, wanted)?;
    Ok(key)
}

/// Whether material of a spec can be wrapped so: what OAEP takes is bounded by the pair.
fn fits(spec: Spec, wrapping: Wrapping, pair: Spec) -> Result<()> {
    let room = match wrapping {
        Wrapping::OaepSha1 => Encryption::OaepSha1.most(pair),
        Wrapping::OaepSha256 => Encryption::OaepSha256.most(pair),
        Wrapping::AesKeyWrapSha1 | Wrapping::AesKeyWrapSha256 => return Ok(()),
    };
    let wants = match spec {
        Spec::Rsa2048 | Spec::Rsa3072 | Spec::Rsa4096 => usize::MAX,
        // PKCS#8 with its public half.
        Spec::EccP521 => 241,
        _ => 0,
    };
    match room.is_some_and(|room| room >= wants) {
        true => Ok(()),
        false => Err(Kind::Invalid(Flaw::Value)
            .because("the material of this key cannot be wrapped so")
            .with_cause(Cause::Wrapping)),
    }
}

/// What tokens for a key are bound to.
fn place(dialect: &str, key: &Key) -> Vec<u8> {
    path(&["import", dialect, &key.account, &key.region, &key.id]).into_bytes()
}

/// What is in a token.
struct Token<'a> {
    wrapping: Wrapping,
    valid_until: Time,
    /// The private half of the pair: PKCS#8 in DER.
    private: &'a [u8],
}

/// The byte of a way to wrap in tokens; it never changes.
fn mark(wrapping: Wrapping) -> u8 {
    match wrapping {
        Wrapping::OaepSha1 => 1,
        Wrapping::OaepSha256 => 2,
        Wrapping::AesKeyWrapSha1 => 3,
        Wrapping::AesKeyWrapSha256 => 4,
    }
}

impl Token<'_> {
    fn written(&self) -> Zeroizing<Vec<u8>> {
        let Self { wrapping, valid_until, private } = self;
        Zeroizing::new([&[mark(*wrapping)], &valid_until.as_millisecond().to_be_bytes()[..], private].concat())
    }
}

impl<'a> Token<'a> {
    fn read(bytes: &'a [u8]) -> Option<Self> {
        let (mark_of, rest) = bytes.split_first()?;
        let (at, private) = rest.split_first_chunk()?;
        let wrapping = Wrapping::ALL.into_iter().find(|wrapping| mark(*wrapping) == *mark_of)?;
        let valid_until = Time::from_millisecond(i64::from_be_bytes(*at)).ok()?;
        Some(Self { wrapping, valid_until, private })
    }
}

/// Which material somebody means to import.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Intent {
    /// Material that the key does not have yet.
    New,
    /// Material that the key had or has.
    Again,
}

/// Gives a key its material.
#[derive(Debug)]
pub struct ImportMaterial {
    /// The key.
    pub key: Reference,
    /// What came with the public half that the material was wrapped under.
    pub token: Vec<u8>,
    /// The material, wrapped.
    pub wrapped: Vec<u8>,
    /// How long it is to be there.
    pub lasting: Lasting,
    /// Which material it is; new where the key never had any, and the same again where it had.
    pub intent: Option<Intent>,
    /// What the dialect calls the material, where it is to be that.
    pub material: Option<String>,
    /// Words of its owner; those from before, where nothing is said.
    pub description: Option<String>,
}

/// Material of a key.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct MaterialOf {
    /// The key's full name.
    pub arn: Arc<str>,
    /// What the dialect calls the material, where it has a name of its own.
    pub material: Option<String>,
}

impl Operation for ImportMaterial {
    /// Nothing where the answer does not tell it.
    type Output = Option<MaterialOf>;
    const NAME: &'static str = "ImportKeyMaterial";
    const EFFECT: Effect = Effect::Changes;
    on_one_key!();

    async fn run(allowed: &Authorized<Self>, world: &World) -> Result<Option<MaterialOf>> {
        let key = imported(allowed, Use::Import)?;
        let (rules, dialect) = (allowed.dialect().law.keys()?, allowed.place().dialect);
        let Self { lasting, intent, material, description, .. } = allowed.op();
        ends(rules, *lasting, allowed.now())?;
        if !is_symmetric(&key.key) && (intent.is_some() || material.is_some() || description.is_some()) {
            return Err(Kind::Invalid(Flaw::Value).because("only symmetric keys tell their material apart"));
        }
        let taken = Taken::of(allowed, world, &key.key).await?;
        let known = taken.known(world, dialect, &key.key)?;
        let id = version(rules, allowed.op(), &key, known, &taken.id)?;
        let sealed = match id == taken.id {
            true => taken.sealed,
            false => world.import(dialect, &key.key, &id, taken.material).await?,
        };
        let is_new = known.is_none();
        let print = world.ports.crypto.wrap(&print_place(dialect, &key.key, &id), &taken.print)?;
        let mut next = key.key.clone();
        if is_new {
            let mut version = Version::new(&*id, allowed.now(), Origin::Imported, sealed.clone());
            version.print = Some(Sealed::Here(print));
            next.versions.take(version);
        }
        next.versions.change(&id, |version| {
            version.material = Some(sealed);
            version.expires_at = lasting.end();
            version.description = description.clone().or(version.description.take());
        });
        next.settle();
        if is_new && next.versions.current().is_some_and(|version| version.id == id) {
            allowed.change(vec![leads(dialect, &next, &id)?])?;
        }
        let next = update(allowed, &key, |key| *key = next)?;
        Ok(Some(MaterialOf { arn: Arc::clone(&key.arn), material: rules.material_of(next.spec, &next.id, &id) }))
    }
}

fn is_symmetric(key: &Key) -> bool {
    key.spec.encryption().contains(&Encryption::Symmetric)
}

/// Whether material may be told to be there so long.
fn ends(rules: &Rules, lasting: Lasting, now: Time) -> Result<()> {
    let Lasting::Until(at) = lasting else { return Ok(()) };
    let too_far = rules.material_lasts.is_some_and(|most| at.duration_since(now) > most);
    match at <= now || too_far {
        true => Err(Kind::Invalid(Flaw::Value)
            .because("material has to last for a while, and not longer than it may")
            .with_cause(Cause::Lasting)),
        false => Ok(()),
    }
}

/// The version that gets the material: the one that it is known from, or a fresh one.
fn version(rules: &Rules, op: &ImportMaterial, key: &Loaded, known: Option<&Version>, fresh: &str) -> Result<String> {
    let Key { id, spec, versions, .. } = &key.key;
    let usual = if versions.is_empty() { Intent::New } else { Intent::Again };
    let named = |version: &str| {
        op.material.as_ref().is_none_or(|name| rules.material_of(*spec, id, version).as_ref() == Some(name))
    };
    match (op.intent.unwrap_or(usual), known) {
        (Intent::Again, Some(version)) if named(&version.id) => Ok(version.id.clone()),
        (Intent::New, None) if versions.is_empty() && op.material.is_none() => Ok(fresh.to_owned()),
        (Intent::New, None) if versions.pending().is_some() => {
            Err(Kind::InvalidState(StateFlaw::Awaiting).about(&*key.arn))
        }
        (Intent::New, None) if is_symmetric(&key.key) && op.material.is_none() => Ok(fresh.to_owned()),
        (Intent::New | Intent::Again, _) => Err(Kind::IncorrectMaterial.about(&*key.arn)),
    }
}

/// Material that came in, as a version yet to be named.
struct Taken {
    id: String,
    material: Material,
    sealed: Sealed,
    print: [u8; 32],
}

impl Taken {
    /// Unwraps what came in, and looks whether it is material of the key's spec.
    async fn of(allowed: &Authorized<ImportMaterial>, world: &World, key: &Key) -> Result<Self> {
        let (dialect, crypto) = (allowed.place().dialect, &world.ports.crypto);
        let ImportMaterial { token, wrapped, .. } = allowed.op();
        let token = crypto.unwrap(&place(dialect, key), token).map_err(|_| Error::from(Kind::InvalidImportToken))?;
        let Token { wrapping, valid_until, private } = Token::read(token.expose()).ok_or(Kind::InvalidImportToken)?;
        if valid_until <= allowed.now() {
            return Err(Kind::ExpiredImportToken.into());
        }
        let material = crypto.receive(Material::new(private.to_vec()), wrapping, wrapped.clone()).await;
        let material = material.map_err(|error| error.with_cause(Cause::OfMaterial))?;
        let id = world.uuid()?;
        let copy = Material::new(material.expose().to_vec());
        let sealed = world.import(dialect, key, &id, copy).await.map_err(|error| match error.kind() {
            Kind::Invalid(_) => Kind::IncorrectMaterial.about(&key.id),
            _ => error,
        })?;
        let public = world.loaded(dialect, key, &id, &sealed).await?.public.clone();
        let print = Sha256::digest(public.as_deref().unwrap_or(material.expose())).into();
        Ok(Self { id, material, sealed, print })
    }

    /// The version that had this material before.
    fn known<'k>(&self, world: &World, dialect: &str, key: &'k Key) -> Result<Option<&'k Version>> {
        for version in &key.versions {
            let Some(Sealed::Here(print)) = &version.print else { continue };
            let print = world.ports.crypto.unwrap(&print_place(dialect, key, &version.id), print);
            let print = print.map_err(|_| Kind::Internal.because("what is known of material cannot be unsealed"))?;
            if bool::from(print.expose().ct_eq(&self.print)) {
                return Ok(Some(version));
            }
        }
        Ok(None)
    }
}

/// What the digest of material is bound to.
fn print_place(dialect: &str, key: &Key, version: &str) -> Vec<u8> {
    path(&["print", dialect, &key.account, &key.region, &key.id, version]).into_bytes()
}

impl Versions {
    /// Adds a version: the first one is current, and another one waits to be.
    fn take(&mut self, version: Version) {
        match self.is_empty() {
            true => self.adopt(version),
            false => self.keep_pending(version),
        }
    }
}

/// Takes the material of a key away.
#[derive(Debug)]
pub struct DeleteMaterial {
    /// The key.
    pub key: Reference,
    /// What the dialect calls the material; that which encrypts, where nothing is said.
    pub material: Option<String>,
}

impl Operation for DeleteMaterial {
    /// Nothing where the answer does not tell it.
    type Output = Option<MaterialOf>;
    const NAME: &'static str = "DeleteKeyMaterial";
    const EFFECT: Effect = Effect::Restricts;
    const REPEAT: Repeat = Repeat::Harmless;
    on_one_key!();

    async fn run(allowed: &Authorized<Self>, _: &World) -> Result<Option<MaterialOf>> {
        let key = imported(allowed, Use::DeleteMaterial)?;
        let rules = allowed.dialect().law.keys()?;
        let Key { id, spec, versions, .. } = &key.key;
        let called = |version: &Version| rules.material_of(*spec, id, &version.id);
        let version = match &allowed.op().material {
            Some(name) => Some(
                versions
                    .iter()
                    .find(|version| called(version).as_ref() == Some(name))
                    .ok_or_else(|| Kind::NotFound(Noun::KeyVersion).about(name))?,
            ),
            None => versions.current(),
        };
        if let Some(version) = version.filter(|version| version.material.is_some()) {
            update(allowed, &key, |key| key.lose(&version.id))?;
        }
        Ok(Some(MaterialOf { arn: Arc::clone(&key.arn), material: version.and_then(called) }))
    }
}

#[cfg(test)]
#[allow(clippy::unwrap_used, clippy::expect_used, clippy::indexing_slicing, clippy::panic, reason = "tests")]
#[path = "import_tests.rs"]
mod tests;
