//! Seeds made of what is there: started anew, they yield the same answers, but for dates and what is sealed.
//!
//! # Invariants
//! - Key material never leaves; secrets of access keys do where they are asked for.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};
use serde_json::Value;

use super::{Seed, SeedAccessKey, SeedAccount, SeedGroup, SeedKey, SeedPolicy, SeedRole, SeedUser};
use crate::dialect::Dialect;
use crate::engine::world::{
    ACCESS_KEYS, ACCOUNTS, GROUP_NAMES, GROUPS, GROUPS_OF_USER, KEYS, POLICIES, POLICIES_OF_HOLDER, ROLES, USERS,
};
use crate::engine::{Circumstances, Engine};
use crate::error::Result;
use crate::identity::access_key::unseal;
use crate::identity::mentioned::told;
use crate::identity::relation::{self, Attachment, GroupName, Membership};
use crate::identity::user::{CreateUser, Profile};
use crate::identity::{AccessKey, Account, Group, Holder, ManagedPolicy, Role, User};
use crate::key::{Key, Maker, Origin, Spec, State};
use crate::name::below;
use crate::policy::Pins;
use crate::port::Time;
use crate::tag::Tags;

/// Whether the secrets of access keys are told.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Secrets {
    /// They are; whoever has them is who they belong to.
    Told,
    /// They are not: access keys are left out.
    Kept,
}

/// What is there, as a seed.
#[derive(Debug, Serialize, Deserialize)]
pub struct Exported {
    /// The seed.
    pub seed: Seed,
    /// What it does not say.
    pub left: Vec<String>,
}

impl Engine {
    /// Everything that is there, as a seed.
    ///
    /// # Errors
    /// Those of the store, and of records that cannot be read.
    pub async fn export(&self, secrets: Secrets) -> Result<Exported> {
        let mut exported = Exported { seed: Seed::default(), left: Vec::new() };
        for dialect in self.registry().dialects() {
            let mut accounts = Vec::new();
            for Account { id, .. } in self.world().read_below::<Account>(ACCOUNTS, &below(&[dialect.name])).await? {
                let now = self.world().ports.clock.now();
                let mut export = Export { engine: self, dialect, account: &id, secrets, now, left: &mut exported.left };
                accounts.push(export.account().await?);
            }
            if !accounts.is_empty() {
                exported.seed.dialects.insert(dialect.name.to_owned(), accounts);
            }
        }
        Ok(exported)
    }
}

struct Export<'a> {
    engine: &'a Engine,
    dialect: &'static Dialect,
    account: &'a str,
    secrets: Secrets,
    now: Time,
    left: &'a mut Vec<String>,
}

impl Export<'_> {
    async fn account(&mut self) -> Result<SeedAccount> {
        let mut access_keys = self.access_keys().await?;
        let owner = access_keys.remove(&None).unwrap_or_default();
        Ok(SeedAccount {
            account: self.account.to_owned(),
            owner,
            policies: self.policies().await?,
            groups: self.groups().await?,
            users: self.users(access_keys).await?,
            roles: self.roles().await?,
            keys: self.keys().await?,
        })
    }

    /// The access keys by the names of their users.
    async fn access_keys(&mut self) -> Result<BTreeMap<Option<String>, Vec<SeedAccessKey>>> {
        let all: Vec<AccessKey> = self.engine.world().read_below(ACCESS_KEYS, &below(&[self.dialect.name])).await?;
        let mut told = BTreeMap::<_, Vec<_>>::new();
        let account = self.account;
        for key in all.into_iter().filter(|key| key.account == account) {
            let user = key.user.as_ref().map(|user| user.name.clone());
            match self.secrets {
                Secrets::Kept => {
                    let whose = user.map_or_else(|| "the owner".to_owned(), |user| format!("the user `{user}`"));
                    let id = &key.id;
                    self.leave(&format!("the access key `{id}` of {whose}: its secret was not asked for"));
                }
                Secrets::Told => {
                    let secret = unseal(self.engine.world(), self.dialect.name, &key.id, &key.wrapped)?;
                    let secret = secret.expose().to_owned();
                    let circumstances = self.circumstances(&key.id);
                    let key = SeedAccessKey { id: key.id, secret, active: key.active, circumstances };
                    told.entry(user).or_default().push(key);
                }
            }
        }
        Ok(told)
    }

    /// The circumstances that an access key's requests are taken to come from.
    fn circumstances(&self, id: &str) -> Option<Circumstances> {
        let mut simulated = self.engine.simulated().into_iter();
        let found = simulated.find(|(dialect, known)| *dialect == self.dialect.name && known.access_key_id == id)?;
        Some(found.1.circumstances.clone())
    }

    async fn policies(&self) -> Result<Vec<SeedPolicy>> {
        let all: Vec<ManagedPolicy> = self.below(POLICIES).await?;
        let exported = all.into_iter().map(|policy| {
            let ManagedPolicy { id, name, path, description, versions, default_version, tags, .. } = policy;
            let mut versions: BTreeMap<u32, Value> =
                versions.into_iter().map(|(number, version)| (number, Value::from(version.document))).collect();
            let single = versions.len() == 1 && versions.contains_key(&1);
            let document = if single { versions.remove(&1) } else { None };
            let last = versions.keys().next_back().copied();
            let default_version = Some(default_version).filter(|version| !single && Some(*version) != last);
            SeedPolicy { name, path, id: Some(id), description, document, versions, default_version, tags }
        });
        Ok(exported.collect())
    }

    async fn groups(&self) -> Result<Vec<SeedGroup>> {
        let mut exported = Vec::new();
        for Group { id, name, path, comments, policies, .. } in self.below(GROUPS).await? {
            let attached = self.attached(Holder::Group(name.clone())).await?;
            let inline = documents(policies.inline);
            exported.push(SeedGroup { name, path, id: Some(id), comments, inline, attached });
        }
        Ok(exported)
    }

    async fn users(&self, mut access_keys: BTreeMap<Option<String>, Vec<SeedAccessKey>>) -> Result<Vec<SeedUser>> {
        let (mut exported, shown) = (Vec::new(), self.shows_names());
        for user in self.below(USERS).await? {
            let User { id, name, path, display_name, comments, phone, email, tags, policies, .. } = user;
            exported.push(SeedUser {
                id: Some(id),
                display_name: Some(display_name).filter(|display_name| shown && *display_name != name),
                comments,
                phone,
                email,
                access_keys: access_keys.remove(&Some(name.clone())).unwrap_or_default(),
                groups: self.groups_of(&name).await?,
                inline: documents(policies.inline),
                attached: self.attached(Holder::User(name.clone())).await?,
                tags,
                name,
                path,
            });
        }
        Ok(exported)
    }

    async fn roles(&self) -> Result<Vec<SeedRole>> {
        let mut exported = Vec::new();
        for role in self.below(ROLES).await? {
            let Role { id, name, path, description, trust, pins, max_session_seconds, tags, policies, .. } = role;
            exported.push(SeedRole {
                id: Some(id),
                description,
                trust: self.told(&trust, &pins, self.dialect.law.region).await?.into(),
                max_session_seconds,
                inline: documents(policies.inline),
                attached: self.attached(Holder::Role(name.clone())).await?,
                tags,
                name,
                path,
            });
        }
        Ok(exported)
    }

    async fn keys(&mut self) -> Result<Vec<SeedKey>> {
        let mut exported = Vec::new();
        for key in self.below::<Key>(KEYS).await? {
            // What a service of the vendor has for itself is there again as soon as it is asked for.
            if key.is_gone(self.now) || key.maker == Maker::Service {
                continue;
            }
            if key.origin == Origin::Imported {
                self.leave(&format!("the key `{}`, whose material was imported", key.id));
                continue;
            }
            let Key { id, region, state, description, deletion_at, deletion_protection, rotation, .. } = key;
            let Key { aliases, policy, pins, .. } = key;
            if key.versions.len() > 1 {
                self.leave(&format!("the versions of the key `{id}`, but for the current one"));
            }
            let day = 24 * 60 * 60;
            if rotation.is_some_and(|schedule| schedule.every.as_secs() % day != 0) {
                self.leave(&format!("the rest of a day in what is between two rotations of the key `{id}`"));
            }
            let rotation_days = rotation.and_then(|schedule| u32::try_from(schedule.every.as_secs() / day).ok());
            let version = key.versions.current().map(|version| version.id.clone());
            let rules = self.dialect.law.keys()?;
            let is_usual = key.spec == Spec::Aes256;
            exported.push(SeedKey {
                policy: Some(self.told(&policy, &pins, &region).await?.into()),
                region: Some(region),
                spec: (!is_usual).then(|| rules.specs.word(key.spec).to_owned()),
                usage: (!is_usual).then(|| rules.usages.word(key.usage).to_owned()),
                material: None,
                version: version.filter(|version| *version != id),
                description,
                enabled: state != State::Disabled,
                deletion_at,
                deletion_days: None,
                deletion_protection,
                rotation_days,
                aliases: aliases.into_iter().collect(),
                tags: Tags::clone(&key.tags),
                id,
            });
        }
        if !exported.is_empty() {
            self.leave("the material of keys: what they encrypted does not open under the fresh one");
        }
        Ok(exported)
    }

    async fn below<T: serde::de::DeserializeOwned>(&self, space: crate::port::Space) -> Result<Vec<T>> {
        self.engine.world().read_below(space, &below(&[self.dialect.name, self.account])).await
    }

    async fn attached(&self, holder: Holder) -> Result<Vec<String>> {
        let prefix = relation::policies_of(self.dialect.name, self.account, &holder);
        let mut all: Vec<Attachment> = self.engine.world().read_below(POLICIES_OF_HOLDER, &prefix).await?;
        all.sort_by_key(|attachment| attachment.number);
        let named = all.into_iter().map(|Attachment { policy, .. }| match policy.system {
            true => format!("system/{}", policy.name),
            false => policy.name,
        });
        Ok(named.collect())
    }

    async fn groups_of(&self, user: &str) -> Result<Vec<String>> {
        let prefix = relation::groups_of(self.dialect.name, self.account, user);
        let mut names = Vec::new();
        for Membership { group, .. } in self.engine.world().read_below(GROUPS_OF_USER, &prefix).await? {
            let place = relation::name_path(self.dialect.name, self.account, &group);
            let name = self.engine.world().read::<GroupName>(GROUP_NAMES, &place).await?.ok_or_else(relation::torn)?;
            names.push(name.value.name);
        }
        names.sort();
        Ok(names)
    }

    /// A document with whom it means under their present names.
    async fn told(&self, document: &str, pins: &Pins, region: &str) -> Result<String> {
        Ok(told(self.engine.world(), (self.dialect, region), &[(document, pins)]).await?.concat())
    }

    /// Whether requests for users say a name for people.
    fn shows_names(&self) -> bool {
        let asked = |display_name: Option<&str>| {
            let profile = Profile { display_name: display_name.map(str::to_owned), ..Profile::default() };
            let op = CreateUser { name: "name".to_owned(), path: "/".to_owned(), profile, tags: Tags::new() };
            let (service, row) = super::rehearse::place(self.dialect, &op)?;
            let request = row.request(service, &op).ok()?;
            Some((request.uri().to_string(), request.into_body()))
        };
        asked(None) != asked(Some("shown"))
    }

    fn leave(&mut self, what: &str) {
        self.left.push(format!("{} {}: {what}", self.dialect.name, self.account));
    }
}

fn documents(inline: BTreeMap<String, String>) -> BTreeMap<String, Value> {
    inline.into_iter().map(|(name, document)| (name, Value::from(document))).collect()
}
