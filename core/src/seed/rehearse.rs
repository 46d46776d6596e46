//! Seeds held up to the clouds: every entry is asked of its cloud's own operations first, in an engine that is thrown away,
//! so that what the API refuses the seed refuses.
//!
//! # Invariants
//! - No cloud is named here: what one does not have is what none of its rows asks for, or what its requests lose.
//! - A cloud none of whose operations makes a kind of thing cannot be asked about it: there the seed is the only way.

use std::any::TypeId;
use std::collections::{BTreeMap, BTreeSet};

use serde_json::Value;

use super::{Seed, SeedAccount, SeedGroup, SeedKey, SeedPolicy, SeedRole, SeedUser, text};
use crate::dialect::{Dialect, Row, Service};
use crate::engine::world::{GROUPS, KEYS, POLICIES, ROLES, USERS};
use crate::engine::{Engine, Local};
use crate::error::{Error, Kind, Noun, Result};
use crate::identity::access_key::CreateAccessKey;
use crate::identity::attachment::Attach;
use crate::identity::group::CreateGroup;
use crate::identity::inline::PutInline;
use crate::identity::managed_policy::{CreatePolicy, CreateVersion};
use crate::identity::member::AddMember;
use crate::identity::role::CreateRole;
use crate::identity::tagged::{Sort, TagMany};
use crate::identity::user::{CreateUser, Profile};
use crate::identity::{Holder, PolicyName, identity_path};
use crate::key::{self, Reference};
use crate::name::path;
use crate::operation::Operation;
use crate::policy::Refusal;
use crate::port::Space;
use crate::tag::Tags;

/// What is wrong with a seed, and where.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Fault {
    /// The place in the seed, as a JSON pointer: `/aws/0/users/1/name`.
    pub pointer: String,
    /// The place of what it collides with.
    pub first: Option<String>,
    /// Why; in the vendor's words, where it has any.
    pub message: String,
    /// What is wrong inside the document at that place.
    pub refusal: Option<Refusal>,
}

impl Seed {
    /// Everything that is wrong with it, in the order of its accounts; `scratch` is an engine with nothing in it, which has
    /// to be thrown away.
    ///
    /// # Errors
    /// Those of the engine's ports.
    pub async fn faults(&self, scratch: &Engine) -> Result<Vec<Fault>> {
        let mut rehearsal = Rehearsal { engine: scratch, faults: duplicates(self), trusting: Vec::new() };
        rehearsal.seed(self).await?;
        let mut faults = rehearsal.faults;
        faults.sort_by_cached_key(|fault| natural(&fault.pointer));
        faults.dedup();
        Ok(faults)
    }
}

/// Pointers in the order of the file they point into: numbers as numbers.
fn natural(pointer: &str) -> Vec<(u32, String)> {
    pointer.split('/').map(|step| step.parse().map_or((0, step.to_owned()), |number| (number, String::new()))).collect()
}

/// What is there twice.
fn duplicates(seed: &Seed) -> Vec<Fault> {
    let mut seen = Seen::default();
    for (dialect, accounts) in &seed.dialects {
        for (account, at) in accounts.iter().zip(places(&format!("/{dialect}"))) {
            seen.see(format!("{dialect} account"), &account.account, "account", format!("{at}/account"));
            seen.account(dialect, account, &at);
        }
    }
    seen.faults
}

/// The pointers of the items of a list.
fn places(list: &str) -> impl Iterator<Item = String> + use<> {
    let list = list.to_owned();
    (0_usize..).map(move |index| format!("{list}/{index}"))
}

#[derive(Default)]
struct Seen {
    first: BTreeMap<(String, String), String>,
    faults: Vec<Fault>,
}

impl Seen {
    /// Something that may be there once within a scope.
    fn see(&mut self, scope: String, text: &str, what: &str, pointer: String) {
        match self.first.get(&(scope.clone(), text.to_owned())) {
            None => drop(self.first.insert((scope, text.to_owned()), pointer)),
            Some(first) => {
                let message = format!("the {what} `{text}` is there twice");
                self.faults.push(Fault { pointer, first: Some(first.clone()), message, refusal: None });
            }
        }
    }

    fn account(&mut self, dialect: &str, account: &SeedAccount, at: &str) {
        let SeedAccount { account: number, owner, policies, groups, users, roles, keys } = account;
        let scope = |what: &str| format!("{dialect} {number} {what}");
        let named = |name: &str| name.to_ascii_lowercase();
        let own = |list: &str| places(&format!("{at}/{list}"));
        for (key, at) in owner.iter().zip(own("owner")) {
            self.see(format!("{dialect} access key"), &key.id, "access key", format!("{at}/id"));
        }
        for (policy, at) in policies.iter().zip(own("policies")) {
            self.see(scope("policy"), &named(&policy.name), "policy", format!("{at}/name"));
            self.unique(dialect, policy.id.as_deref(), &at);
        }
        for (group, at) in groups.iter().zip(own("groups")) {
            self.see(scope("group"), &named(&group.name), "group", format!("{at}/name"));
            self.unique(dialect, group.id.as_deref(), &at);
            self.listed(&group.attached, "policy", &format!("{at}/attached"));
        }
        for (user, at) in users.iter().zip(own("users")) {
            self.see(scope("user"), &named(&user.name), "user", format!("{at}/name"));
            self.unique(dialect, user.id.as_deref(), &at);
            for (key, at) in user.access_keys.iter().zip(places(&format!("{at}/access_keys"))) {
                self.see(format!("{dialect} access key"), &key.id, "access key", format!("{at}/id"));
            }
            self.listed(&user.groups, "group", &format!("{at}/groups"));
            self.listed(&user.attached, "policy", &format!("{at}/attached"));
        }
        for (role, at) in roles.iter().zip(own("roles")) {
            self.see(scope("role"), &named(&role.name), "role", format!("{at}/name"));
            self.unique(dialect, role.id.as_deref(), &at);
            self.listed(&role.attached, "policy", &format!("{at}/attached"));
        }
        for (key, at) in keys.iter().zip(own("keys")) {
            let region = key.region.clone().unwrap_or_default();
            self.see(scope(&format!("{region} key")), &key.id, "key", format!("{at}/id"));
            let field = if key.version.is_some() { "version" } else { "id" };
            self.see(format!("{dialect} {region} version"), key.version(), "version of a key", format!("{at}/{field}"));
            for (alias, at) in key.aliases.iter().zip(places(&format!("{at}/aliases"))) {
                self.see(scope(&format!("{region} alias")), alias, "alias", at);
            }
        }
    }

    fn unique(&mut self, dialect: &str, id: Option<&str>, at: &str) {
        if let Some(id) = id {
            self.see(format!("{dialect} unique identifier"), id, "unique identifier", format!("{at}/id"));
        }
    }

    fn listed(&mut self, names: &[String], what: &str, at: &str) {
        for (name, place) in names.iter().zip(places(at)) {
            self.see(at.to_owned(), &name.to_ascii_lowercase(), what, place);
        }
    }
}

/// Who is asked, as which account, and where that stands in the seed.
#[derive(Clone)]
struct Stage<'a> {
    dialect: &'static Dialect,
    account: &'a SeedAccount,
    who: Local,
    at: String,
}

impl Stage<'_> {
    fn record(&self, name: &str) -> String {
        identity_path(self.dialect.name, &self.who.account, name)
    }

    /// A managed policy of the account, as requests name it.
    fn policy(&self, path: &str, name: &str) -> PolicyName {
        PolicyName { account: Some(self.who.account.clone()), ..PolicyName::custom(path, name) }
    }
}

/// Why an operation came to nothing.
enum Said {
    /// The cloud has no such operation.
    Absent,
    /// It was refused, in these words.
    Refused(String, Error),
}

/// A role whose trust policy names somebody who was not there yet.
struct Trusting<'a> {
    stage: Stage<'a>,
    role: &'a SeedRole,
    at: String,
    fault: Fault,
}

struct Rehearsal<'a> {
    engine: &'a Engine,
    faults: Vec<Fault>,
    /// Roles that trust somebody who is not there.
    trusting: Vec<Trusting<'a>>,
}

impl<'a> Rehearsal<'a> {
    async fn seed(&mut self, seed: &'a Seed) -> Result<()> {
        let mut stages = Vec::new();
        for (name, accounts) in &seed.dialects {
            let Some(dialect) = self.engine.registry().named(name) else {
                self.wrong(format!("/{name}"), format!("there is no dialect `{name}`"));
                continue;
            };
            for (account, at) in accounts.iter().zip(places(&format!("/{name}"))) {
                stages.extend(self.stage(dialect, account, at).await?);
            }
        }
        for stage in &stages {
            self.identities(stage).await?;
        }
        self.roles(&stages).await?;
        for stage in &stages {
            for (key, at) in stage.account.keys.iter().zip(places(&format!("{}/keys", stage.at))) {
                self.key(stage, key, &at).await?;
            }
        }
        Ok(())
    }

    async fn stage(
        &mut self,
        dialect: &'static Dialect,
        account: &'a SeedAccount,
        at: String,
    ) -> Result<Option<Stage<'a>>> {
        if !dialect.front.account.admits(&account.account) {
            let message = format!("`{}` is no account: {}", account.account, dialect.front.account);
            self.wrong(format!("{at}/account"), message);
            return Ok(None);
        }
        let bare = SeedAccount { account: account.account.clone(), ..SeedAccount::default() };
        self.engine.apply(&Seed { dialects: [(dialect.name.to_owned(), vec![bare])].into() }).await?;
        let region = self.engine.default_region(dialect).into();
        let who = Local { account: account.account.clone(), user: None, region };
        Ok(Some(Stage { dialect, account, who, at }))
    }

    /// Policies, groups and users.
    async fn identities(&mut self, stage: &Stage<'a>) -> Result<()> {
        let own = |list: &str| places(&format!("{}/{list}", stage.at));
        for (key, at) in stage.account.owner.iter().zip(own("owner")) {
            self.access_key(stage, None, (&key.id, &key.secret), &at).await?;
        }
        for (policy, at) in stage.account.policies.iter().zip(own("policies")) {
            self.policy(stage, policy, &at).await?;
        }
        for (group, at) in stage.account.groups.iter().zip(own("groups")) {
            self.group(stage, group, &at).await?;
        }
        for (user, at) in stage.account.users.iter().zip(own("users")) {
            self.user(stage, user, &at).await?;
        }
        Ok(())
    }

    async fn policy(&mut self, stage: &Stage<'_>, seed: &SeedPolicy, at: &str) -> Result<()> {
        if !has::<CreatePolicy>(stage.dialect) {
            return Ok(());
        }
        let SeedPolicy { name, path, description, default_version, tags, .. } = seed;
        let numbered = match seed.numbered() {
            Ok(numbered) => numbered,
            Err(why) => {
                self.wrong(at.to_owned(), why.to_owned());
                return Ok(());
            }
        };
        let place = |number: u32| match seed.document {
            Some(_) => format!("{at}/document"),
            None => format!("{at}/versions/{number}"),
        };
        if default_version.is_some_and(|version| !numbered.iter().any(|(number, _)| *number == version)) {
            self.wrong(format!("{at}/default_version"), "the version in force is not among the versions".to_owned());
        }
        let Some(((first, document), more)) = numbered.split_first() else { return Ok(()) };
        let op = CreatePolicy {
            name: name.clone(),
            path: path.clone(),
            description: given(description),
            document: text(document),
            tags: tags.clone(),
        };
        if !self.make(stage, op, at, &place(*first), &["name", "path", "description", "tags"]).await? {
            return Ok(());
        }
        for (number, document) in more {
            let op = CreateVersion {
                policy: stage.policy(path, name),
                document: text(document),
                set_default: default_version.is_none_or(|version| version == *number),
                rotate: false,
            };
            self.make(stage, op, &format!("{at}/versions"), &place(*number), &[]).await?;
        }
        self.tags(stage, Sort::Policy, (name, tags), at).await?;
        let wanted = [("path", Value::from(&**path)), ("description", Value::from(&**description)), tagged(tags)];
        self.kept(stage, (POLICIES, stage.record(name)), at, &wanted, "policies").await
    }

    async fn group(&mut self, stage: &Stage<'_>, seed: &SeedGroup, at: &str) -> Result<()> {
        if !has::<CreateGroup>(stage.dialect) {
            return Ok(());
        }
        let SeedGroup { name, path, id: _, comments, inline, attached } = seed;
        let op = CreateGroup { name: name.clone(), path: path.clone(), comments: given(comments) };
        if !self.make(stage, op, at, at, &["name", "path", "comments"]).await? {
            return Ok(());
        }
        let wanted = [("path", Value::from(&**path)), ("comments", Value::from(&**comments))];
        self.kept(stage, (GROUPS, stage.record(name)), at, &wanted, "groups").await?;
        self.holds(stage, &Holder::Group(name.clone()), (inline, attached), at).await
    }

    async fn user(&mut self, stage: &Stage<'_>, seed: &SeedUser, at: &str) -> Result<()> {
        if !has::<CreateUser>(stage.dialect) {
            return Ok(());
        }
        let SeedUser {
            name,
            path,
            id: _,
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
        let profile = Profile {
            display_name: display_name.clone(),
            comments: given(comments),
            phone: given(phone),
            email: given(email),
        };
        let op = CreateUser { name: name.clone(), path: path.clone(), profile, tags: tags.clone() };
        let fields = ["name", "path", "display_name", "comments", "phone", "email", "tags"];
        if !self.make(stage, op, at, at, &fields).await? {
            return Ok(());
        }
        let mut wanted = vec![
            ("path", Value::from(&**path)),
            ("comments", Value::from(&**comments)),
            ("phone", Value::from(&**phone)),
            ("email", Value::from(&**email)),
            tagged(tags),
        ];
        wanted.extend(display_name.as_deref().map(|shown| ("display_name", Value::from(shown))));
        self.kept(stage, (USERS, stage.record(name)), at, &wanted, "users").await?;
        for (group, at) in groups.iter().zip(places(&format!("{at}/groups"))) {
            if !stage.account.groups.iter().any(|known| known.name == *group) {
                self.wrong(at, format!("the seed has no group `{group}`"));
                continue;
            }
            let op = AddMember { user: name.clone(), group: group.clone(), strict: false };
            self.make(stage, op, &at, &at, &[]).await?;
        }
        for (key, at) in access_keys.iter().zip(places(&format!("{at}/access_keys"))) {
            self.access_key(stage, Some(name), (&key.id, &key.secret), &at).await?;
        }
        self.holds(stage, &Holder::User(name.clone()), (inline, attached), at).await
    }

    async fn access_key(
        &mut self,
        stage: &Stage<'_>,
        user: Option<&str>,
        (id, secret): (&str, &str),
        at: &str,
    ) -> Result<()> {
        if !(stage.dialect.front.access_key_id)(id) {
            self.wrong(format!("{at}/id"), format!("`{id}` is no identifier of an access key that requests can carry"));
        }
        if secret.is_empty() {
            self.wrong(format!("{at}/secret"), "an access key has a secret".to_owned());
        }
        let op = CreateAccessKey { user: user.map(str::to_owned) };
        match self.ask(stage, op).await? {
            Err(Said::Refused(message, _)) if user.is_some() => self.wrong(at.to_owned(), message),
            // How many its owner has is for the owner to see.
            _ => {}
        }
        Ok(())
    }

    /// Roles, those that trust each other too.
    async fn roles(&mut self, stages: &[Stage<'a>]) -> Result<()> {
        for stage in stages {
            for (role, at) in stage.account.roles.iter().zip(places(&format!("{}/roles", stage.at))) {
                self.role(stage, role, at).await?;
            }
        }
        loop {
            let waiting = std::mem::take(&mut self.trusting);
            let before = waiting.len();
            for Trusting { stage, role, at, fault: _ } in waiting {
                self.role(&stage, role, at).await?;
            }
            if self.trusting.len() == before {
                break;
            }
        }
        let left = std::mem::take(&mut self.trusting);
        if left.is_empty() || self.engine.apply(&in_a_circle(&left)).await.is_ok() {
            return Ok(());
        }
        self.faults.extend(left.into_iter().map(|trusting| trusting.fault));
        Ok(())
    }

    async fn role(&mut self, stage: &Stage<'a>, seed: &'a SeedRole, at: String) -> Result<()> {
        if !has::<CreateRole>(stage.dialect) {
            return Ok(());
        }
        let SeedRole { name, path, id: _, description, trust, max_session_seconds, inline, attached, tags } = seed;
        let op = CreateRole {
            name: name.clone(),
            path: path.clone(),
            description: given(description),
            trust: text(trust),
            max_session_seconds: *max_session_seconds,
            tags: tags.clone(),
        };
        let fields = ["name", "path", "description", "max_session_seconds", "tags"];
        match self.ask(stage, op).await? {
            Ok(_) => {}
            Err(Said::Refused(message, error)) if error.kind() == Kind::UnknownPrincipal => {
                let fault = Fault { pointer: format!("{at}/trust"), first: None, message, refusal: None };
                self.trusting.push(Trusting { stage: stage.clone(), role: seed, at, fault });
                return Ok(());
            }
            Err(said) => {
                self.say(said, stage, &at, &format!("{at}/trust"), &fields);
                return Ok(());
            }
        }
        self.tags(stage, Sort::Role, (name, tags), &at).await?;
        let wanted = [
            ("path", Value::from(&**path)),
            ("description", Value::from(&**description)),
            ("max_session_seconds", Value::from(*max_session_seconds)),
            tagged(tags),
        ];
        self.kept(stage, (ROLES, stage.record(name)), &at, &wanted, "roles").await?;
        self.holds(stage, &Holder::Role(name.clone()), (inline, attached), &at).await
    }

    async fn key(&mut self, stage: &Stage<'_>, seed: &SeedKey, at: &str) -> Result<()> {
        if !has::<key::Create>(stage.dialect) {
            return Ok(());
        }
        // What is wrong with aliases the cloud says itself.
        for (field, why, _) in seed.malformed().into_iter().filter(|(field, _, _)| *field != "aliases") {
            self.wrong(format!("{at}/{field}"), why.to_owned());
        }
        let region = seed.region.as_deref().unwrap_or(&stage.who.region);
        if !(stage.dialect.front.region)(region) {
            self.wrong(format!("{at}/region"), format!("there can be no region `{region}`"));
            return Ok(());
        }
        let stage = &Stage { who: Local { region: region.into(), ..stage.who.clone() }, ..stage.clone() };
        let rules = stage.dialect.law.keys()?;
        let (spec, usage) = match seed.kind(rules) {
            Ok((spec, usage)) => (Some(spec), Some(usage)),
            Err((field, why, _)) => {
                self.wrong(format!("{at}/{field}"), why.to_owned());
                (None, None)
            }
        };
        let op = key::Create {
            blueprint: key::Blueprint { spec, usage, origin: None },
            description: given(&seed.description),
            tags: seed.tags.clone(),
            tag_keys: seed.tags.keys().cloned().collect(),
            policy: seed.policy.as_ref().map(text),
            // Who writes a seed may lock everybody out, as whoever asks for it may.
            bypass_lockout_check: rules.lockout_check.map(|_| true),
            ..key::Create::default()
        };
        let id = match self.ask(stage, op).await? {
            Ok(made) => {
                let wanted = [("description", Value::from(&*seed.description)), tagged(&seed.tags)];
                let record = path(&[stage.dialect.name, &stage.who.account, region, &made.id]);
                self.kept(stage, (KEYS, record), at, &wanted, "keys").await?;
                made.id
            }
            Err(said) => {
                self.say(said, stage, at, &format!("{at}/policy"), &["description", "tags", "policy"]);
                // What else is wrong with it is asked of one that nothing is wrong with.
                match self.ask(stage, key::Create::default()).await? {
                    Ok(made) => made.id,
                    Err(_) => return Ok(()),
                }
            }
        };
        for (alias, at) in seed.aliases.iter().zip(places(&format!("{at}/aliases"))) {
            let op = key::CreateAlias { alias: alias.clone(), key: Reference::id(&*id) };
            self.make(stage, op, &at, &at, &[]).await?;
        }
        self.life(stage, seed, &id, at).await
    }

    /// What was done to a key since it was made.
    async fn life(&mut self, stage: &Stage<'_>, seed: &SeedKey, id: &str, at: &str) -> Result<()> {
        let key = || Reference::id(id);
        if seed.rotation_days.is_some() {
            let op = key::SetRotation { key: key(), rotation: seed.rotation() };
            self.make(stage, op, &format!("{at}/rotation_days"), at, &[]).await?;
        }
        if !seed.enabled {
            self.make(stage, key::Disable { key: key() }, &format!("{at}/enabled"), at, &[]).await?;
        }
        if let Some(reason) = &seed.deletion_protection {
            let op = key::SetDeletionProtection { key: key(), on: true, reason: Some(reason.clone()) };
            self.make(stage, op, &format!("{at}/deletion_protection"), at, &[]).await?;
        }
        let now = self.engine.world().ports.clock.now();
        let days = stage.dialect.law.keys()?.window_days.clone();
        let (field, window_days) = match (seed.state(now), seed.deletion_at, seed.deletion_days) {
            (Err(why), at_time, _) => {
                let field = if at_time.is_some() { "deletion_at" } else { "deletion_days" };
                self.wrong(format!("{at}/{field}"), why.to_owned());
                return Ok(());
            }
            (_, _, Some(days)) => ("deletion_days", days),
            // A wait that has begun may be shorter than one that begins.
            (Ok(Some(_)), Some(time), None) => {
                let hours = time.duration_since(now).as_hours();
                let whole = u32::try_from(hours.saturating_add(23) / 24).unwrap_or(u32::MAX);
                ("deletion_at", whole.max(*days.start()))
            }
            _ => return Ok(()),
        };
        let op = key::ScheduleDeletion { key: key(), window_days };
        self.make(stage, op, &format!("{at}/{field}"), at, &[]).await.map(drop)
    }

    /// The policies of a holder.
    async fn holds(
        &mut self,
        stage: &Stage<'_>,
        holder: &Holder,
        (inline, attached): (&BTreeMap<String, Value>, &[String]),
        at: &str,
    ) -> Result<()> {
        if !inline.is_empty() && !has::<PutInline>(stage.dialect) {
            self.wrong(format!("{at}/inline"), format!("{} has no inline policies", stage.dialect.front.title));
        } else {
            for (name, document) in inline {
                let op = PutInline { holder: holder.clone(), name: name.clone(), document: text(document) };
                let place = format!("{at}/inline/{}", escaped(name));
                self.make(stage, op, &place, &place, &[]).await?;
            }
        }
        let mut tried = BTreeSet::new();
        for (name, at) in attached.iter().zip(places(&format!("{at}/attached"))) {
            let policy = match name.strip_prefix("system/") {
                Some(name) => stage
                    .dialect
                    .law
                    .identity()?
                    .system_policy(name)
                    .map(|known| PolicyName::system(known.path, known.name)),
                None => {
                    let known = stage.account.policies.iter().find(|known| known.name == *name);
                    known.map(|known| stage.policy(&known.path, &known.name))
                }
            };
            match policy {
                None => self.wrong(at, format!("neither the seed nor the vendor has a policy `{name}`")),
                Some(policy) if tried.insert(policy.clone()) => {
                    let op = Attach { holder: holder.clone(), policy, strict: false };
                    self.attach(stage, op, &at).await?;
                }
                Some(_) => {}
            }
        }
        Ok(())
    }

    /// A policy that was refused itself is no fault of whoever has it.
    async fn attach(&mut self, stage: &Stage<'_>, op: Attach, at: &str) -> Result<()> {
        match self.ask(stage, op).await? {
            Err(Said::Refused(_, error)) if matches!(error.kind(), Kind::NotFound(Noun::Policy)) => {}
            Err(said) => self.say(said, stage, at, at, &[]),
            Ok(_) => {}
        }
        Ok(())
    }

    /// Adds tags where making a thing does not take them and another operation does.
    async fn tags(&mut self, stage: &Stage<'_>, sort: Sort, (name, tags): (&str, &Tags), at: &str) -> Result<()> {
        let space = match sort {
            Sort::Policy => POLICIES,
            Sort::Role => ROLES,
        };
        let record = self.engine.world().read::<Value>(space, &stage.record(name)).await?;
        let kept = record.is_some_and(|record| record.value.get("tags") == Some(&tagged(tags).1));
        if kept || tags.is_empty() {
            return Ok(());
        }
        let op = TagMany { sort, names: vec![name.to_owned()], tags: tags.clone() };
        if let Err(said @ Said::Refused(..)) = self.ask(stage, op).await? {
            self.say(said, stage, &format!("{at}/tags"), at, &[]);
        }
        Ok(())
    }

    /// Looks whether what was made has what the seed gives it: what a request loses, the cloud does not have.
    async fn kept(
        &mut self,
        stage: &Stage<'_>,
        (space, record): (Space, String),
        at: &str,
        wanted: &[(&'static str, Value)],
        of: &str,
    ) -> Result<()> {
        let Some(made) = self.engine.world().read::<Value>(space, &record).await? else { return Ok(()) };
        for (field, value) in wanted {
            if made.value.get(field) != Some(value) {
                let title = stage.dialect.front.title;
                self.wrong(format!("{at}/{field}"), format!("{title} has no `{field}` of {of}"));
            }
        }
        Ok(())
    }

    /// Asks for something to be made, and says whether it was; a document that is refused stands at `document`, one of the
    /// other fields below `at`.
    async fn make<O: Operation>(
        &mut self,
        stage: &Stage<'_>,
        op: O,
        at: &str,
        document: &str,
        fields: &[&str],
    ) -> Result<bool> {
        match self.ask(stage, op).await? {
            Ok(_) => Ok(true),
            Err(said) => {
                self.say(said, stage, at, document, fields);
                Ok(false)
            }
        }
    }

    async fn ask<O: Operation>(&self, stage: &Stage<'_>, op: O) -> Result<std::result::Result<O::Output, Said>> {
        let Some(row) = place(stage.dialect, &op) else { return Ok(Err(Said::Absent)) };
        match self.engine.perform(stage.dialect, &stage.who, row, Box::new(op)).await {
            Ok(output) => match output.downcast::<O::Output>() {
                Ok(output) => Ok(Ok(*output)),
                Err(_) => Err(Kind::Internal.because("the output is one of another operation")),
            },
            Err(error) if error.kind() == Kind::Internal => Err(error),
            Err(error) if error.kind() == Kind::Unsupported => Ok(Err(Said::Absent)),
            Err(error) => Ok(Err(Said::Refused(told(stage.dialect, row.0, &error), error))),
        }
    }

    fn say(&mut self, said: Said, stage: &Stage<'_>, at: &str, document: &str, fields: &[&str]) {
        match said {
            Said::Absent => {
                let what = at.rsplit('/').next().unwrap_or_default();
                self.wrong(at.to_owned(), format!("{} has no `{what}`", stage.dialect.front.title));
            }
            // What is there twice is named already, with the other one.
            Said::Refused(_, error) if matches!(error.kind(), Kind::AlreadyExists(_)) && self.is_named(at) => {}
            Said::Refused(message, error) => {
                let about_document =
                    error.refusal().is_some() || matches!(error.kind(), Kind::MalformedPolicy | Kind::UnknownPrincipal);
                let pointer = match about_document {
                    true => document.to_owned(),
                    false => match field(&error, fields) {
                        Some(field) => format!("{at}/{field}"),
                        None => at.to_owned(),
                    },
                };
                let refusal = error.refusal().cloned();
                self.faults.push(Fault { pointer, first: None, message, refusal });
            }
        }
    }

    /// Whether there is a fault at a place already, or at the name of what is there.
    fn is_named(&self, at: &str) -> bool {
        let below = |pointer: &str| pointer.strip_prefix(at).is_some_and(|rest| rest.is_empty() || rest == "/name");
        self.faults.iter().any(|fault| fault.first.is_some() && below(&fault.pointer))
    }

    fn wrong(&mut self, pointer: String, message: String) {
        self.faults.push(Fault { pointer, first: None, message, refusal: None });
    }
}

/// The row that asks for an operation: where there are several, the one that has words for it.
pub(super) fn place<O: Operation>(dialect: &Dialect, op: &O) -> Option<(&'static Service, &'static Row)> {
    let rows = dialect.services.iter().flat_map(|service| service.rows.iter().map(move |row| (service, row)));
    let places: Vec<_> = rows.filter(|(_, row)| row.op_type() == Some(TypeId::of::<O>())).collect();
    let worded = places.iter().find(|(service, row)| row.request(service, op).is_ok());
    worded.or(places.first()).copied()
}

/// Whether a cloud has an operation.
fn has<O: Operation>(dialect: &Dialect) -> bool {
    let rows = dialect.services.iter().flat_map(|service| service.rows);
    rows.into_iter().any(|row| row.op_type() == Some(TypeId::of::<O>()))
}

/// A refusal as the vendor says it, and what of a document it is about.
fn told(dialect: &Dialect, service: &'static Service, error: &Error) -> String {
    let Some(client) = dialect.client else { return error.to_string() };
    let refusal = (client.told)(service, error);
    match error.refusal() {
        Some(fault) => format!("{}: {}", refusal.code, fault.message),
        None => format!("{}: {}", refusal.code, refusal.message),
    }
}

/// The field that a refusal is about.
fn field<'f>(error: &Error, fields: &[&'f str]) -> Option<&'f str> {
    let known = |wanted: &str| fields.iter().find(|field| **field == wanted).copied();
    match error.kind() {
        Kind::InvalidTag | Kind::LimitExceeded(Noun::Tag) => return known("tags"),
        Kind::AlreadyExists(_) => return known("name"),
        _ => {}
    }
    let plain = |text: &str| text.chars().filter(char::is_ascii_alphanumeric).collect::<String>().to_ascii_lowercase();
    let subject = format!("{} {}", error.subject().unwrap_or_default(), error.why()).to_ascii_lowercase();
    let (subject, begins) = (plain(&subject), |field: &str| plain(field.trim_end_matches("_seconds")));
    // `name` is in `display_name`: the longest one that is there is meant.
    let found = fields.iter().filter(|field| subject.contains(&begins(field))).max_by_key(|field| field.len());
    found.copied().or(known("name"))
}

fn given(text: &str) -> Option<String> {
    Some(text.to_owned()).filter(|text| !text.is_empty())
}

fn tagged(tags: &Tags) -> (&'static str, Value) {
    let pairs = tags.iter().map(|(name, value)| (name.clone(), Value::from(&**value)));
    ("tags", Value::Object(pairs.collect()))
}

/// A step of a JSON pointer.
fn escaped(step: &str) -> String {
    step.replace('~', "~0").replace('/', "~1")
}

/// Roles that only trust each other, with nothing else.
fn in_a_circle(roles: &[Trusting<'_>]) -> Seed {
    let mut seed = Seed::default();
    for Trusting { stage, role, .. } in roles {
        let accounts = seed.dialects.entry(stage.dialect.name.to_owned()).or_default();
        let number = &stage.account.account;
        let role = SeedRole { attached: Vec::new(), inline: BTreeMap::new(), ..(*role).clone() };
        match accounts.iter_mut().find(|account| account.account == *number) {
            Some(account) => account.roles.push(role),
            None => accounts.push(SeedAccount { account: number.clone(), roles: vec![role], ..SeedAccount::default() }),
        }
    }
    seed
}
