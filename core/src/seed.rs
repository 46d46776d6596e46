//! Seeds: accounts, identities, policies and keys that are there from the start, as data.
//!
//! # Invariants
//! - A seed is applied in one commit, or not at all.
//! - Its documents mean those who are there or in the seed, whatever the order.
//! - What exists already stays as it is, the access keys of owners excepted: applying a seed twice is applying it once.
//! - What is sown at a start has all access keys that owners have, but for those they made with them.

mod export;
mod rehearse;

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use serde::{Deserialize, Serialize};
use subtle::ConstantTimeEq;

pub use export::{Exported, Secrets};
pub use rehearse::Fault;

use crate::dialect::Dialect;
use crate::dialect::row::BoxFuture;
use crate::engine::world::{
    ACCESS_KEYS, ACCOUNTS, ALIASES, GROUPS, KEYS, POLICIES, PRINCIPALS, Pointer, ROLES, USERS, VERSIONS, Versioned, put,
};
use crate::engine::{Circumstances, Engine, Sow, World};
use crate::error::{Error, Flaw, Kind, Result};
use crate::holder::Removed;
use crate::identity::mentioned::{Directory, Lasting, bearer_path, pinned_in};
use crate::identity::relation::{self, Relation as _};
use crate::identity::{
    self, AccessKey, Account, Attachment, Bearer, Group, Holder, IdKind, ManagedPolicy, Membership, Policies,
    PolicyName, PolicyVersion, Role, User, UserRef, identity_path,
};
use crate::key::rotation::Wanted;
use crate::key::{self, AliasEntry, Key, Maker, Origin, Spec, State, Usage, Version, Versions, coming};
use crate::name::{Place, first, path};
use crate::policy::{DocumentKind, Pins};
use crate::port::{Change, Expect, Space, Time};
use crate::secret::{AccessSecret, Material};
use crate::tag::Tags;

/// What is there from the start, by dialect.
#[derive(Debug, Clone, Default, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(transparent)]
pub struct Seed {
    /// Accounts by dialect name: `aws`, `alibaba`.
    pub dialects: BTreeMap<String, Vec<SeedAccount>>,
}

/// An account with everything in it.
#[derive(Clone, Default, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(deny_unknown_fields)]
pub struct SeedAccount {
    /// The account's identifier: 12 digits for AWS, 16 for Alibaba Cloud.
    pub account: String,
    /// Access keys of the account's owner.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub owner: Vec<SeedAccessKey>,
    /// Managed policies.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub policies: Vec<SeedPolicy>,
    /// Groups of users.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub groups: Vec<SeedGroup>,
    /// Users.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub users: Vec<SeedUser>,
    /// Roles.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub roles: Vec<SeedRole>,
    /// Keys.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub keys: Vec<SeedKey>,
}

/// An access key with its secret.
#[derive(Clone, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(deny_unknown_fields)]
pub struct SeedAccessKey {
    /// The access key id.
    pub id: String,
    /// The secret.
    pub secret: String,
    /// Whether it is switched on.
    #[serde(default = "yes", skip_serializing_if = "is_yes")]
    pub active: bool,
    /// The circumstances that its requests are taken to come from; in an emulator alone.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub circumstances: Option<Circumstances>,
}

/// A managed policy.
#[derive(Debug, Clone, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(deny_unknown_fields)]
pub struct SeedPolicy {
    /// The name.
    pub name: String,
    /// The path; `/` where nothing is said.
    #[serde(default = "root_path", skip_serializing_if = "is_root_path")]
    pub path: String,
    /// The unique identifier, where the cloud has one; a fresh one where nothing is said.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub id: Option<String>,
    /// Words about it.
    #[serde(default, skip_serializing_if = "String::is_empty")]
    pub description: String,
    /// The document: JSON text, or the same as a mapping; absent where there are `versions`.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub document: Option<serde_json::Value>,
    /// The documents of its versions, by their numbers.
    #[serde(default, skip_serializing_if = "BTreeMap::is_empty")]
    pub versions: BTreeMap<u32, serde_json::Value>,
    /// The version in force; the last one where nothing is said.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub default_version: Option<u32>,
    /// Tags.
    #[serde(default, skip_serializing_if = "BTreeMap::is_empty")]
    pub tags: Tags,
}

/// A group of users.
#[derive(Debug, Clone, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(deny_unknown_fields)]
pub struct SeedGroup {
    /// The name.
    pub name: String,
    /// The path; `/` where nothing is said.
    #[serde(default = "root_path", skip_serializing_if = "is_root_path")]
    pub path: String,
    /// The unique identifier; a fresh one where nothing is said.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub id: Option<String>,
    /// Words about it, where the cloud has any.
    #[serde(default, skip_serializing_if = "String::is_empty")]
    pub comments: String,
    /// Inline policies by name.
    #[serde(default, skip_serializing_if = "BTreeMap::is_empty")]
    pub inline: BTreeMap<String, serde_json::Value>,
    /// Names of attached managed policies; `system/NAME` for the vendor's.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub attached: Vec<String>,
}

/// A user.
#[derive(Debug, Clone, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(deny_unknown_fields)]
pub struct SeedUser {
    /// The name.
    pub name: String,
    /// The path; `/` where nothing is said.
    #[serde(default = "root_path", skip_serializing_if = "is_root_path")]
    pub path: String,
    /// The unique identifier; a fresh one where nothing is said.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub id: Option<String>,
    /// The name shown to people, where the cloud has one; the name where nothing is said.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub display_name: Option<String>,
    /// Words about it, where the cloud has any.
    #[serde(default, skip_serializing_if = "String::is_empty")]
    pub comments: String,
    /// The telephone number, where the cloud has one.
    #[serde(default, skip_serializing_if = "String::is_empty")]
    pub phone: String,
    /// The mail address, where the cloud has one.
    #[serde(default, skip_serializing_if = "String::is_empty")]
    pub email: String,
    /// Access keys.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub access_keys: Vec<SeedAccessKey>,
    /// Names of the groups it is in.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub groups: Vec<String>,
    /// Inline policies by name.
    #[serde(default, skip_serializing_if = "BTreeMap::is_empty")]
    pub inline: BTreeMap<String, serde_json::Value>,
    /// Names of attached managed policies; `system/NAME` for the vendor's.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub attached: Vec<String>,
    /// Tags.
    #[serde(default, skip_serializing_if = "BTreeMap::is_empty")]
    pub tags: Tags,
}

/// A role.
#[derive(Debug, Clone, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(deny_unknown_fields)]
pub struct SeedRole {
    /// The name.
    pub name: String,
    /// The path; `/` where nothing is said.
    #[serde(default = "root_path", skip_serializing_if = "is_root_path")]
    pub path: String,
    /// The unique identifier; a fresh one where nothing is said.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub id: Option<String>,
    /// Words about it.
    #[serde(default, skip_serializing_if = "String::is_empty")]
    pub description: String,
    /// Who may assume it: the trust policy.
    pub trust: serde_json::Value,
    /// How long a session may last, in seconds.
    #[serde(default = "hour", skip_serializing_if = "is_hour")]
    pub max_session_seconds: u32,
    /// Inline policies by name.
    #[serde(default, skip_serializing_if = "BTreeMap::is_empty")]
    pub inline: BTreeMap<String, serde_json::Value>,
    /// Names of attached managed policies; `system/NAME` for the vendor's.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub attached: Vec<String>,
    /// Tags.
    #[serde(default, skip_serializing_if = "BTreeMap::is_empty")]
    pub tags: Tags,
}

/// A symmetric key.
#[derive(Clone, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(deny_unknown_fields)]
pub struct SeedKey {
    /// The identifier: a UUID in lower case.
    pub id: String,
    /// The region; the dialect's default where nothing is said.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub region: Option<String>,
    /// What it is, as the cloud calls it: `RSA_2048`; a symmetric key where nothing is said.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub spec: Option<String>,
    /// What it may be used for, as the cloud calls it: `SIGN_VERIFY`; may be left out where keys like it have one use.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub usage: Option<String>,
    /// 32 bytes of material in base64, of a symmetric key; fresh ones where nothing is said.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub material: Option<String>,
    /// The identifier of the version the material has: a UUID in lower case; the key's own where nothing is said.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub version: Option<String>,
    /// Words about it.
    #[serde(default, skip_serializing_if = "String::is_empty")]
    pub description: String,
    /// Whether it is switched on.
    #[serde(default = "yes", skip_serializing_if = "is_yes")]
    pub enabled: bool,
    /// When it is deleted, while it waits for that: RFC 3339.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[cfg_attr(feature = "schema", schemars(with = "Option<String>"))]
    pub deletion_at: Option<Time>,
    /// In how many days from the start it is deleted; instead of `deletion_at`.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub deletion_days: Option<u32>,
    /// Why it must not be deleted, where the cloud has that protection.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub deletion_protection: Option<String>,
    /// In how many days it rotates by itself, from one time to the next; it does not where nothing is said.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub rotation_days: Option<u32>,
    /// The key policy; the dialect's default where nothing is said.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub policy: Option<serde_json::Value>,
    /// Aliases, with their prefix `alias/`.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub aliases: Vec<String>,
    /// Tags.
    #[serde(default, skip_serializing_if = "BTreeMap::is_empty")]
    pub tags: Tags,
}

impl SeedPolicy {
    /// Its documents by number, the first of them first.
    fn numbered(&self) -> std::result::Result<Vec<(u32, &serde_json::Value)>, &'static str> {
        match (&self.document, self.versions.is_empty()) {
            (Some(document), true) => Ok(vec![(1, document)]),
            (None, false) if self.versions.contains_key(&0) => Err("versions are numbered from 1"),
            (None, false) => Ok(self.versions.iter().map(|(number, document)| (*number, document)).collect()),
            _ => Err("a policy has a document, or versions"),
        }
    }
}

/// A field that is wrong by itself, why, and what is wrong.
type Malformed<'a> = (&'static str, &'static str, &'a str);

impl SeedKey {
    /// The identifier of its version.
    fn version(&self) -> &str {
        self.version.as_deref().unwrap_or(&self.id)
    }

    /// The fields whose form is wrong, whatever the cloud.
    fn malformed(&self) -> Vec<Malformed<'_>> {
        let canonical =
            |text: &str| uuid::Uuid::try_parse(text).is_ok_and(|uuid| uuid.hyphenated().to_string() == *text);
        let mut ids = vec![("id", self.id.as_str())];
        ids.extend(self.version.as_deref().map(|version| ("version", version)));
        let ids = ids.into_iter().filter(|(_, id)| !canonical(id));
        let uuid = "an identifier of a key is a UUID in lower case";
        let mut malformed: Vec<_> = ids.map(|(field, id)| (field, uuid, id)).collect();
        malformed.extend(self.material().err().map(|(field, why)| (field, why, self.id.as_str())));
        let aliases = self.aliases.iter().filter(|alias| !alias.starts_with("alias/"));
        malformed.extend(aliases.map(|alias| ("aliases", "an alias begins with `alias/`", alias.as_str())));
        malformed
    }

    /// What it is, and what for.
    fn kind(&self, rules: &key::Rules) -> std::result::Result<(Spec, Usage), Malformed<'_>> {
        let spec = match self.spec.as_deref() {
            None => Spec::Aes256,
            Some(word) => rules.specs.value(word).ok_or(("spec", "the cloud has no such keys", word))?,
        };
        if self.material.is_some() && spec != Spec::Aes256 {
            return Err(("material", "only symmetric keys have their material in a seed", &self.id));
        }
        let wrong = |why| ("usage", why, self.usage.as_deref().unwrap_or(&self.id));
        let usage = match (self.usage.as_deref(), key::usages(spec)) {
            (None, [only]) => *only,
            (None, _) => return Err(wrong("keys like this have more than one use")),
            (Some(word), _) => rules.usages.value(word).ok_or(wrong("the cloud knows no such use"))?,
        };
        match key::usages(spec).contains(&usage) {
            true => Ok((spec, usage)),
            false => Err(wrong("keys like this have another use")),
        }
    }

    /// Its material, if it is not to be fresh.
    fn material(&self) -> std::result::Result<Option<Material>, (&'static str, &'static str)> {
        let Some(text) = &self.material else { return Ok(None) };
        let material = STANDARD.decode(text).map_err(|_| ("material", "the material is no base64"))?;
        match material.len() {
            32 => Ok(Some(Material::new(material))),
            _ => Err(("material", "the material of a key is 32 bytes")),
        }
    }

    /// Whether it is to rotate by itself, and how often.
    fn rotation(&self) -> Wanted {
        let every = |days: u32| Wanted::every(jiff::SignedDuration::from_hours(i64::from(days) * 24));
        self.rotation_days.map_or(Wanted::NEVER, every)
    }

    /// Its state at a time, and when it will be deleted; none once it is.
    fn state(&self, now: Time) -> std::result::Result<Option<(State, Option<Time>)>, &'static str> {
        let at = match (self.deletion_at, self.deletion_days) {
            (None, None) => return Ok(Some((if self.enabled { State::Enabled } else { State::Disabled }, None))),
            (Some(_), Some(_)) => return Err("a key has one time of deletion"),
            (Some(at), None) => at,
            (None, Some(days)) => {
                let wait = jiff::SignedDuration::from_hours(i64::from(days) * 24);
                now.checked_add(wait).map_err(|_| "a date out of range")?
            }
        };
        Ok((at > now).then_some((State::PendingDeletion, Some(at))))
    }
}

// Seeds hold secrets: none of them is shown.
impl std::fmt::Debug for SeedAccount {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "SeedAccount({})", self.account)
    }
}

impl std::fmt::Debug for SeedAccessKey {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "SeedAccessKey({})", self.id)
    }
}

impl std::fmt::Debug for SeedKey {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "SeedKey({})", self.id)
    }
}

fn yes() -> bool {
    true
}

fn root_path() -> String {
    "/".to_owned()
}

fn hour() -> u32 {
    3600
}

fn is_root_path(path: &str) -> bool {
    path == "/"
}

#[allow(clippy::trivially_copy_pass_by_ref, reason = "as serde calls it")]
fn is_yes(on: &bool) -> bool {
    *on
}

#[allow(clippy::trivially_copy_pass_by_ref, reason = "as serde calls it")]
fn is_hour(seconds: &u32) -> bool {
    *seconds == hour()
}

impl Sow for Seed {
    fn sow<'a>(&'a self, engine: &'a Engine) -> BoxFuture<'a, Result<Vec<Removed>>> {
        Box::pin(async move {
            let mut changes = engine.changes_of(self).await?;
            engine.simulate_all(self)?;
            let named = |dialect: &str, id: &str| self.owners_of(dialect).any(|key| key.id == id);
            let (removed, gone) = identity::access_key::strangers(engine.world(), named).await?;
            changes.extend(gone);
            engine.commit(changes).await?;
            Ok(removed)
        })
    }
}

impl From<Seed> for Arc<dyn Sow> {
    fn from(seed: Seed) -> Self {
        Arc::new(seed)
    }
}

impl Seed {
    /// Every access key, with the name of its dialect.
    pub fn access_keys(&self) -> impl Iterator<Item = (&str, &SeedAccessKey)> {
        let accounts = self.dialects.iter().flat_map(|(name, accounts)| accounts.iter().map(move |one| (name, one)));
        accounts.flat_map(|(name, account)| {
            let keys = account.owner.iter().chain(account.users.iter().flat_map(|user| &user.access_keys));
            keys.map(move |key| (name.as_str(), key))
        })
    }

    /// The owners' access keys of a dialect.
    fn owners_of(&self, dialect: &str) -> impl Iterator<Item = &SeedAccessKey> {
        self.dialects.get(dialect).into_iter().flatten().flat_map(|account| &account.owner)
    }
}

impl Engine {
    /// Adds what a seed names and is not there yet.
    ///
    /// # Errors
    /// [`Kind::Invalid`] naming the entry that cannot be applied; then nothing is.
    pub async fn apply(&self, seed: &Seed) -> Result<()> {
        let changes = self.changes_of(seed).await?;
        self.simulate_all(seed)?;
        self.commit(changes).await
    }

    /// Takes the requests of access keys to come from the circumstances that a seed has for them.
    fn simulate_all(&self, seed: &Seed) -> Result<()> {
        for (name, key) in seed.access_keys() {
            if let (Some(dialect), Some(circumstances)) = (self.registry().named(name), &key.circumstances) {
                self.simulate(dialect, &key.id, Some(circumstances.clone()))?;
            }
        }
        Ok(())
    }

    async fn commit(&self, changes: Vec<Change>) -> Result<()> {
        if changes.iter().any(|change| !matches!(change, Change::Check { .. })) {
            self.world().commit(changes).await?;
        }
        Ok(())
    }

    async fn changes_of(&self, seed: &Seed) -> Result<Vec<Change>> {
        let mut changes = Vec::new();
        for (name, accounts) in &seed.dialects {
            let dialect = self.registry().named(name).ok_or_else(|| wrong("no such dialect", name))?;
            for account in accounts {
                let place = Place {
                    dialect: dialect.name,
                    account: account.account.as_str().into(),
                    region: self.default_region(dialect).into(),
                };
                let now = self.world().ports.clock.now();
                let groups = BTreeMap::new();
                let mut sowing = Sowing { world: self.world(), dialect, place, now, groups, changes: Vec::new() };
                sowing.account(account).await?;
                changes.append(&mut sowing.changes);
            }
        }
        self.pinned(changes).await
    }

    /// The same changes, every document that is added bound to whom it means.
    async fn pinned(&self, changes: Vec<Change>) -> Result<Vec<Change>> {
        let directory = Directory::with(self.world(), &changes);
        let (mut pinned, mut there) = (Vec::with_capacity(changes.len()), Vec::new());
        for change in &changes {
            pinned.push(match change {
                Change::Put { space: KEYS, path, expect, body } => {
                    let key: Key = read_back(body)?;
                    let (pins, checks) = self.meant(&directory, path, DocumentKind::Key, &key.policy).await?;
                    there.extend(checks);
                    put(KEYS, path.clone(), *expect, &Key { pins, ..key })?
                }
                Change::Put { space: ROLES, path, expect, body } => {
                    let role: Role = read_back(body)?;
                    let (pins, checks) = self.meant(&directory, path, DocumentKind::Trust, &role.trust).await?;
                    there.extend(checks);
                    put(ROLES, path.clone(), *expect, &Role { pins, ..role })?
                }
                other => other.clone(),
            });
        }
        pinned.extend(there);
        Ok(pinned)
    }

    /// Whom a document means that is to lie at a path, and what must hold for them to be there still.
    async fn meant(
        &self,
        directory: &Directory<'_>,
        path: &str,
        kind: DocumentKind,
        text: &str,
    ) -> Result<(Pins, Vec<Change>)> {
        let dialect = self.registry().named(first(path)).ok_or_else(|| wrong("no such dialect", first(path)))?;
        let policy = identity::check_document(dialect, kind, text)?;
        pinned_in(directory, dialect, &policy).await
    }
}

struct Sowing<'a> {
    world: &'a World,
    dialect: &'static Dialect,
    place: Place,
    now: Time,
    /// The unique identifiers of the seed's groups, by name.
    groups: BTreeMap<String, String>,
    changes: Vec<Change>,
}

impl Sowing<'_> {
    async fn account(&mut self, seed: &SeedAccount) -> Result<()> {
        let SeedAccount { account, owner, policies, groups, users, roles, keys } = seed;
        if account.is_empty() || !account.bytes().all(|byte| byte.is_ascii_digit()) {
            return Err(wrong("an account is a number", account));
        }
        let record = Account { id: account.clone(), created_at: self.now };
        self.add(ACCOUNTS, path(&[self.dialect.name, account]), &record).await?;
        for key in owner {
            self.owner_key(key).await?;
        }
        for policy in policies {
            self.policy(policy).await?;
        }
        for group in groups {
            self.group(seed, group).await?;
        }
        for user in users {
            self.user(seed, user).await?;
        }
        for role in roles {
            self.role(seed, role).await?;
        }
        for key in keys {
            self.key(key).await?;
        }
        Ok(())
    }

    /// Adds a record unless there is one at its path; says whether it was added.
    async fn add<T: serde::Serialize>(&mut self, space: Space, path: String, value: &T) -> Result<bool> {
        if self.world.ports.store.get(space, &path).await?.is_some() {
            return Ok(false);
        }
        self.changes.push(put(space, path, Expect::Absent, value)?);
        Ok(true)
    }

    /// Adds an access key of the owner; one that is there already gets this secret, so that whoever holds the settings
    /// never stands outside.
    async fn owner_key(&mut self, seed: &SeedAccessKey) -> Result<()> {
        let path = path(&[self.dialect.name, &seed.id]);
        let Some(known) = self.world.read::<AccessKey>(ACCESS_KEYS, &path).await? else {
            return self.access_key(seed, None).await;
        };
        if known.value.user.is_some() || *known.value.account != *self.place.account {
            return Err(wrong("this access key belongs to somebody else", &seed.id));
        }
        let AccessKey { active, made_by, .. } = &known.value;
        if *active == seed.active && made_by.is_none() && self.secret_is(&known.value, &seed.secret)? {
            return Ok(());
        }
        let secret = AccessSecret::new(seed.secret.clone());
        let wrapped = identity::access_key::seal(self.world, self.dialect.name, &seed.id, &secret)?;
        let key = AccessKey { wrapped, active: seed.active, made_by: None, ..known.value };
        self.changes.push(put(ACCESS_KEYS, path, Expect::Rev(known.rev), &key)?);
        Ok(())
    }

    fn secret_is(&self, key: &AccessKey, secret: &str) -> Result<bool> {
        let known = identity::access_key::unseal(self.world, self.dialect.name, &key.id, &key.wrapped)?;
        Ok(known.expose().as_bytes().ct_eq(secret.as_bytes()).into())
    }

    async fn access_key(&mut self, seed: &SeedAccessKey, user: Option<UserRef>) -> Result<()> {
        let SeedAccessKey { id, secret, active, circumstances: _ } = seed;
        if !(self.dialect.front.access_key_id)(id) || secret.is_empty() {
            return Err(wrong("an access key needs an identifier that requests can carry, and a secret", id));
        }
        let secret = AccessSecret::new(secret.clone());
        let wrapped = identity::access_key::seal(self.world, self.dialect.name, id, &secret)?;
        let account = self.place.account.to_string();
        let created_at = self.now;
        let key = AccessKey { id: id.clone(), account, user, wrapped, active: *active, created_at, made_by: None };
        if self.add(ACCESS_KEYS, path(&[self.dialect.name, id]), &key).await? {
            self.changes.extend(identity::access_key::owned_by_owner(&self.place, &key));
        }
        Ok(())
    }

    async fn policy(&mut self, seed: &SeedPolicy) -> Result<()> {
        let SeedPolicy { name, path, id, description, document: _, versions: _, default_version, tags } = seed;
        let record = self.identity(name);
        if let Some(Versioned { rev, .. }) = self.world.read::<ManagedPolicy>(POLICIES, &record).await? {
            // It may get holders: then it must still be there.
            self.changes.push(Change::Check { space: POLICIES, path: record, expect: Expect::Rev(rev) });
            return Ok(());
        }
        let mut versions = BTreeMap::new();
        for (number, document) in seed.numbered().map_err(|why| wrong(why, name))? {
            let document = self.document(DocumentKind::Managed, name, document)?;
            versions.insert(number, PolicyVersion { document, created_at: self.now });
        }
        let last = versions.keys().next_back().copied().unwrap_or_default();
        let default_version = default_version.unwrap_or(last);
        if !versions.contains_key(&default_version) {
            return Err(wrong("the version in force is not among the versions", name));
        }
        let policy = ManagedPolicy {
            id: self.id(id.as_ref(), IdKind::Policy)?,
            account: self.place.account.to_string(),
            name: name.clone(),
            path: path.clone(),
            description: description.clone(),
            created_at: self.now,
            updated_at: self.now,
            versions,
            default_version,
            next_version: last.saturating_add(1),
            tags: tags.clone(),
        };
        self.add(POLICIES, record, &policy).await.map(drop)
    }

    async fn group(&mut self, account: &SeedAccount, seed: &SeedGroup) -> Result<()> {
        let SeedGroup { name, path, id, comments, inline, attached } = seed;
        let record = self.identity(name);
        if let Some(Versioned { value: known, rev }) = self.world.read::<Group>(GROUPS, &record).await? {
            // It may get members: then it must still be there.
            self.changes.push(Change::Check { space: GROUPS, path: record, expect: Expect::Rev(rev) });
            self.groups.insert(name.clone(), known.id);
            return Ok(());
        }
        let group = Group {
            id: self.id(id.as_ref(), IdKind::Group)?,
            account: self.place.account.to_string(),
            name: name.clone(),
            path: path.clone(),
            comments: comments.clone(),
            created_at: self.now,
            updated_at: self.now,
            policies: self.own(inline)?,
        };
        self.groups.insert(name.clone(), group.id.clone());
        self.changes.push(relation::named(self.dialect.name, &self.place.account, &group.id, name)?);
        self.add(GROUPS, record, &group).await?;
        let attached = self.meant(account, attached)?;
        self.attach(&Holder::Group(name.clone()), attached)
    }

    async fn user(&mut self, account: &SeedAccount, seed: &SeedUser) -> Result<()> {
        let SeedUser {
            name,
            path,
            id,
            display_name,
            comments,
            phone,
            email,
            access_keys,
            groups,
            inline,
            attached,
            tags,
        } = seed;
        if let Some(unknown) = groups.iter().find(|group| !account.groups.iter().any(|known| known.name == **group)) {
            return Err(wrong("the seed has no such group", unknown));
        }
        let user = User {
            id: self.id(id.as_ref(), IdKind::User)?,
            account: self.place.account.to_string(),
            name: name.clone(),
            path: path.clone(),
            display_name: display_name.clone().unwrap_or_else(|| name.clone()),
            comments: comments.clone(),
            phone: phone.clone(),
            email: email.clone(),
            created_at: self.now,
            updated_at: self.now,
            tags: tags.clone(),
            policies: self.own(inline)?,
            access_keys: access_keys.iter().map(|key| key.id.clone()).collect(),
        };
        if self.is_there(&user).await? {
            return Ok(());
        }
        let own = UserRef { id: user.id.clone(), name: name.clone() };
        let attached = self.meant(account, attached)?;
        if self.add(USERS, self.identity(name), &user).await? {
            self.changes.push(user.leads(self.place.dialect, Expect::Absent)?);
            for key in access_keys {
                self.access_key(key, Some(own.clone())).await?;
            }
            self.join(name, groups)?;
            self.attach(&Holder::User(name.clone()), attached)?;
        }
        Ok(())
    }

    async fn role(&mut self, account: &SeedAccount, seed: &SeedRole) -> Result<()> {
        let SeedRole { name, path, id, description, trust, max_session_seconds, inline, attached, tags } = seed;
        let role = Role {
            id: self.id(id.as_ref(), IdKind::Role)?,
            account: self.place.account.to_string(),
            name: name.clone(),
            path: path.clone(),
            description: description.clone(),
            created_at: self.now,
            updated_at: self.now,
            trust: self.document(DocumentKind::Trust, name, trust)?,
            pins: Pins::NONE,
            max_session_seconds: *max_session_seconds,
            tags: tags.clone(),
            policies: self.own(inline)?,
        };
        if self.is_there(&role).await? {
            return Ok(());
        }
        let attached = self.meant(account, attached)?;
        if self.add(ROLES, self.identity(name), &role).await? {
            self.changes.push(role.leads(self.place.dialect, Expect::Absent)?);
            self.attach(&Holder::Role(name.clone()), attached)?;
        }
        Ok(())
    }

    async fn key(&mut self, seed: &SeedKey) -> Result<()> {
        let SeedKey { id, region, description, policy, aliases, tags, deletion_protection, .. } = seed;
        let (version, material) = (seed.version().to_owned(), seed.material().map_err(|(_, why)| wrong(why, id))?);
        if let Some((_, why, what)) = seed.malformed().into_iter().next() {
            return Err(wrong(why, what));
        }
        let (spec, usage) = seed.kind(self.dialect.law.keys()?).map_err(|(_, why, what)| wrong(why, what))?;
        let region = region.clone().unwrap_or_else(|| self.place.region.to_string());
        if !(self.dialect.front.region)(&region) {
            return Err(wrong("there can be no such region", &region));
        }
        let Some((state, deletion_at)) = seed.state(self.now).map_err(|why| wrong(why, id))? else { return Ok(()) };
        let account = self.place.account.to_string();
        let policy = match policy {
            Some(policy) => self.document(DocumentKind::Key, id, policy)?,
            None => (self.dialect.law.keys()?.default_policy)(&account, &region),
        };
        let mut own = BTreeSet::new();
        for alias in aliases {
            let path = path(&[self.dialect.name, &account, &region, alias]);
            // One that is there already stays where it points: a key knows the aliases that point at it, and no other.
            if self.world.ports.store.get(ALIASES, &path).await?.is_none() {
                own.insert(alias.clone());
            }
        }
        let mut key = Key {
            id: id.clone(),
            account: account.clone(),
            region: region.clone(),
            state,
            spec,
            usage,
            origin: Origin::Generated,
            maker: Maker::Account,
            description: description.clone(),
            created_at: self.now,
            deletion_at,
            deletion_protection: deletion_protection.clone(),
            rotation: None,
            tags: tags.clone(),
            aliases: own.clone(),
            policy,
            pins: Pins::NONE,
            versions: Versions::default(),
        };
        key.rotation = seed.rotation().schedule(&self.dialect.law.keys()?.rotation, &key, self.now)?;
        let material = match material {
            None => self.world.generate(self.dialect.name, &key, &version).await?,
            Some(material) => self.world.import(self.dialect.name, &key, &version, material).await?,
        };
        key.versions.adopt(Version::new(&*version, self.now, key.origin, material));
        let own_path = path(&[self.dialect.name, &account, &region, id]);
        if !self.add(KEYS, own_path.clone(), &key).await? {
            return Ok(());
        }
        self.changes.extend(coming(&own_path, None, &key));
        let pointer = Pointer { key: format!("{account}/{id}") };
        if !self.add(VERSIONS, path(&[self.dialect.name, &region, &version]), &pointer).await? {
            return Err(wrong("another key has a version of this identifier", &version));
        }
        for alias in &own {
            let entry =
                AliasEntry { name: alias.clone(), key_id: id.clone(), created_at: self.now, updated_at: self.now };
            self.add(ALIASES, path(&[self.dialect.name, &account, &region, alias]), &entry).await?;
        }
        Ok(())
    }

    fn own(&self, inline: &BTreeMap<String, serde_json::Value>) -> Result<Policies> {
        let document = |(name, document): (&String, &serde_json::Value)| {
            Ok((name.clone(), self.document(DocumentKind::Identity, name, document)?))
        };
        Ok(Policies { inline: inline.iter().map(document).collect::<Result<_>>()? })
    }

    /// Puts a user that was not there yet into groups of the seed.
    fn join(&mut self, user: &str, groups: &[String]) -> Result<()> {
        for name in groups.iter().collect::<BTreeSet<_>>() {
            let group = self.groups.get(name).ok_or_else(|| wrong("the seed has no such group", name))?.clone();
            let joined = Membership { user: user.to_owned(), group, at: self.now };
            self.changes.extend(joined.added(self.dialect.name, &self.place.account, Expect::Absent)?);
        }
        Ok(())
    }

    /// Attaches policies to a holder that was not there yet.
    fn attach(&mut self, holder: &Holder, policies: Vec<PolicyName>) -> Result<()> {
        for (policy, number) in policies.into_iter().zip(1..) {
            let attached = Attachment { holder: holder.clone(), policy, number, at: self.now };
            self.changes.extend(attached.added(self.dialect.name, &self.place.account, Expect::Absent)?);
        }
        Ok(())
    }

    /// The managed policies that the names of a seed mean, each once.
    fn meant(&self, account: &SeedAccount, names: &[String]) -> Result<Vec<PolicyName>> {
        let mut meant = Vec::with_capacity(names.len());
        for name in names {
            let policy = match name.strip_prefix("system/") {
                Some(name) => {
                    let known = self.dialect.law.identity()?.system_policy(name);
                    let known = known.ok_or_else(|| wrong("the vendor supplies no such policy here", name))?;
                    PolicyName::system(known.path, known.name)
                }
                None => {
                    let known = account.policies.iter().find(|known| known.name == *name);
                    let known = known.ok_or_else(|| wrong("the seed has no such policy", name))?;
                    PolicyName::custom(known.path.clone(), known.name.clone())
                }
            };
            if !meant.contains(&policy) {
                meant.push(policy);
            }
        }
        Ok(meant)
    }

    fn document(&self, kind: DocumentKind, name: &str, document: &serde_json::Value) -> Result<String> {
        let text = text(document);
        match self.dialect.law.policy.compile(kind, &text) {
            Ok(_) => Ok(text),
            Err(refusal) => Err(Kind::MalformedPolicy.because(refusal.to_string()).naming(name)),
        }
    }

    fn id(&self, id: Option<&String>, kind: IdKind) -> Result<String> {
        id.map_or_else(|| identity::fresh_id(self.world, self.dialect, kind), |id| Ok(id.clone()))
    }

    /// Whether a user or role is there already, under whatever name; an identifier that somebody else has is refused.
    async fn is_there(&self, new: &impl Lasting) -> Result<bool> {
        let place = bearer_path(self.dialect.name, new.id());
        let taken = || wrong("somebody else has this identifier", new.id());
        if self.changes.iter().any(|change| matches!(change, Change::Put { path, .. } if *path == place)) {
            return Err(taken());
        }
        let Some(Versioned { value: known, .. }) = self.world.read::<Bearer>(PRINCIPALS, &place).await? else {
            return Ok(false);
        };
        let new = new.bearer();
        if (&known.account, known.role) == (&new.account, new.role) { Ok(true) } else { Err(taken()) }
    }

    fn identity(&self, name: &str) -> String {
        identity_path(self.dialect.name, &self.place.account, name)
    }
}

/// The text of a document that is given as one, or as a mapping.
fn text(document: &serde_json::Value) -> String {
    match document {
        serde_json::Value::String(text) => text.clone(),
        other => other.to_string(),
    }
}

/// A record that is about to be stored.
fn read_back<T: serde::de::DeserializeOwned>(body: &[u8]) -> Result<T> {
    serde_json::from_slice(body).map_err(|_| Kind::Internal.because("a record to be stored cannot be read"))
}

fn wrong(why: &'static str, what: &str) -> Error {
    Kind::Invalid(Flaw::Value).because(why).naming(what)
}
