//! What a move would do: each thing in the words of the other place, in an order in which nobody may more than in the end.

use std::collections::{BTreeMap, BTreeSet};

use futures_util::TryStreamExt as _;
use polykms_core::dialect::client::{Kind, Result};
use polykms_core::holder::Holder;
use polykms_core::key::{AliasOf, Entry, State, Usage};
use polykms_core::policy::DocumentKind;
use serde_json::Value;

use super::super::Client;
use super::source::{Attached, Held, Key, Policy, Role, Source, User};
use super::step::{self, Expected, Standing, differ, mark, unaskable};
use super::words::{Said, Words};
use super::{FORMAT, MOVED_FROM, MOVING, Place, Plan, Status, Step, Thing};

pub(super) async fn plan(from: &Client, to: &Client) -> Result<Plan> {
    let source = Source::read(from).await?;
    let there = Place::of(to).await?;
    let known: Vec<Entry> = to.keys().list().try_collect().await?;
    let own: BTreeSet<&str> = source.keys.iter().map(|key| key.arn.as_str()).collect();
    if known.iter().any(|entry| own.contains(entry.arn.as_str())) {
        return Err(Kind::Config.because("both places are the same"));
    }
    let aliases: Vec<AliasOf> = to.keys().aliases().try_collect().await?;
    let aliases = aliases.into_iter().filter_map(|alias| Some((alias.name, alias.key_id?))).collect();
    let made = super::running::made(to).await?.into_iter().map(|(from, made)| (from, made.id)).collect();
    let words = Words::new([from.dialect(), to.dialect()], [&source.place, &there]);
    let words = words.knowing(source.keys.iter().map(|key| key.id.as_str()));
    let planner = Planner {
        source: &source,
        from,
        to,
        there: &there,
        words,
        aliases,
        made,
        things: Vec::new(),
        users: BTreeSet::new(),
        groups: BTreeSet::new(),
        roles: BTreeSet::new(),
        policies: BTreeMap::new(),
        blocked: BTreeMap::new(),
        given: Vec::new(),
    };
    let things = planner.planned().await?;
    Ok(Plan {
        format: FORMAT,
        from: source.place.clone(),
        to: there.clone(),
        fingerprint: source.fingerprint()?,
        things,
    })
}

/// How a holder comes by a policy.
struct Gift {
    holder: Holder,
    denies: bool,
    thing: Thing,
}

struct Planner<'p> {
    source: &'p Source,
    from: &'p Client,
    to: &'p Client,
    there: &'p Place,
    words: Words<'p>,
    /// The aliases that are there, each with its key.
    aliases: BTreeMap<String, String>,
    /// The keys that were moved before, by what they were moved from.
    made: BTreeMap<String, String>,
    things: Vec<Thing>,
    /// Who comes along.
    users: BTreeSet<String>,
    groups: BTreeSet<String>,
    roles: BTreeSet<String>,
    /// The policies that come along, each with the path it has there.
    policies: BTreeMap<String, String>,
    /// Who gets no policies, and why.
    blocked: BTreeMap<Holder, String>,
    given: Vec<Gift>,
}

/// Whether a document denies something, as far as it can be read.
fn denies(document: &str) -> bool {
    let Ok(document) = serde_json::from_str::<Value>(document) else { return true };
    let deny = |statement: &Value| statement.get("Effect").and_then(Value::as_str) != Some("Allow");
    match document.get("Statement") {
        Some(Value::Array(statements)) => statements.iter().any(deny),
        Some(statement) => deny(statement),
        None => true,
    }
}

fn told(holder: &Holder) -> String {
    let kind = match holder {
        Holder::User(_) => "user",
        Holder::Group(_) => "group",
        Holder::Role(_) => "role",
    };
    format!("{kind}/{}", holder.name())
}

fn cannot(name: impl Into<String>, why: impl Into<String>) -> Thing {
    Thing { name: name.into(), status: Status::Cannot, why: vec![why.into()], step: None }
}

fn maps(name: impl Into<String>, step: Step) -> Thing {
    Thing { name: name.into(), status: Status::Maps, why: Vec::new(), step: Some(step) }
}

/// The only thing that is moved as it is, or less of it.
fn fits(name: String, step: Step, why: Vec<String>) -> Thing {
    let status = if why.is_empty() { Status::Maps } else { Status::Narrows };
    Thing { name, status, why, step: Some(step) }
}

const TAKEN: &str = "there is another one of that name, which was not moved from here";

impl Planner<'_> {
    async fn planned(mut self) -> Result<Vec<Thing>> {
        for user in &self.source.users {
            self.user(user).await?;
        }
        for group in &self.source.groups {
            self.group(group).await?;
        }
        self.all_roles().await?;
        let moved: Vec<&Key> = self.source.keys.iter().filter(|key| self.key(key)).collect();
        let source = self.source;
        self.words = std::mem::replace(
            &mut self.words,
            Words::new([self.from.dialect(), self.to.dialect()], [&source.place, self.there]),
        )
        .knowing(moved.iter().map(|key| key.id.as_str()));
        for policy in &self.source.policies {
            self.policy(policy).await?;
        }
        self.holders().await?;
        self.members();
        Ok(self.things)
    }

    /// What something is moved from, in words that every cloud keeps.
    fn origin(&self, name: &str) -> String {
        let Place { dialect, account, .. } = &self.source.place;
        format!("{dialect}:{account}:{name}")
    }

    /// Changes a step, where the cloud can be asked for it so; otherwise tells what is left out.
    fn fit(&self, step: &mut Step, (what, why): (&str, &mut Vec<String>), change: impl FnOnce(&mut Step)) {
        let mut tried = step.clone();
        change(&mut tried);
        if tried == *step {
            return;
        }
        match unaskable(self.to, &tried) {
            None if differ(self.to, [step, &tried]) => *step = tried,
            None => why.push(format!("{what} is left out: there is no place for it there")),
            Some(reason) => why.push(format!("{what} is left out: {reason}")),
        }
    }

    /// Whether what a step makes has tags there; where it has none, they are taken from it.
    fn keeps_tags(&self, step: &mut Step) -> bool {
        let mut bare = step.clone();
        if let Step::User { tags, .. } | Step::Role { tags, .. } | Step::Policy { tags, .. } = &mut bare {
            tags.clear();
        }
        let keeps = unaskable(self.to, step).is_none() && differ(self.to, [step, &bare]);
        if !keeps {
            *step = bare;
        }
        keeps
    }

    async fn user(&mut self, user: &User) -> Result<()> {
        let thing = format!("user/{}", user.name);
        let origin = self.origin(&thing);
        let (name, path, from) = (user.name.clone(), "/".to_owned(), origin.clone());
        let mut made = Step::User {
            name,
            path,
            display_name: None,
            comments: None,
            phone: None,
            email: None,
            tags: [(MOVED_FROM.to_owned(), origin.clone())].into(),
            from,
        };
        let mut why = Vec::new();
        if !self.keeps_tags(&mut made)
            && let Step::User { comments, .. } = &mut made
        {
            *comments = Some(mark(&origin));
        }
        if let Some(reason) = unaskable(self.to, &made) {
            self.things.push(cannot(thing, reason));
            return Ok(());
        }
        self.fit(&mut made, ("the path", &mut why), |step| {
            if let Step::User { path, .. } = step {
                path.clone_from(&user.path);
            }
        });
        self.fit(&mut made, ("what it is called", &mut why), |step| {
            if let Step::User { display_name, .. } = step {
                display_name.clone_from(&user.display_name);
            }
        });
        self.fit(&mut made, ("its telephone number", &mut why), |step| {
            if let Step::User { phone, .. } = step {
                phone.clone_from(&user.phone);
            }
        });
        self.fit(&mut made, ("its mail address", &mut why), |step| {
            if let Step::User { email, .. } = step {
                email.clone_from(&user.email);
            }
        });
        self.fit(&mut made, ("words about it", &mut why), |step| {
            if let Step::User { comments, .. } = step {
                *comments = joined(user.comments.as_deref(), comments.take());
            }
        });
        self.fit(&mut made, ("its tags", &mut why), |step| {
            if let Step::User { tags, .. } = step {
                tags.extend(user.tags.clone().into_iter().filter(|(name, _)| name != MOVED_FROM));
            }
        });
        if step::user(self.to, &user.name, &origin).await? == Standing::Other {
            self.things.push(cannot(thing, TAKEN));
            return Ok(());
        }
        self.users.insert(user.name.clone());
        self.things.push(fits(thing, made, why));
        if user.access_keys > 0 {
            self.things.push(cannot(
                format!("access keys of user/{}", user.name),
                "their secrets are told once only: make new ones there",
            ));
        }
        Ok(())
    }

    async fn group(&mut self, group: &super::source::Group) -> Result<()> {
        let thing = format!("group/{}", group.name);
        let origin = self.origin(&thing);
        let (name, path, from) = (group.name.clone(), "/".to_owned(), origin.clone());
        let mut made = Step::Group { name, path, comments: None, from };
        if let Some(reason) = unaskable(self.to, &made) {
            self.things.push(cannot(thing, reason));
            return Ok(());
        }
        let mut why = Vec::new();
        let set = |words: Option<String>| {
            move |step: &mut Step| {
                if let Step::Group { comments, .. } = step {
                    *comments = words;
                }
            }
        };
        self.fit(&mut made, ("the mark", &mut Vec::new()), set(Some(mark(&origin))));
        if group.comments.is_some() {
            let words = joined(group.comments.as_deref(), Some(mark(&origin)));
            self.fit(&mut made, ("words about it", &mut why), set(words));
        }
        self.fit(&mut made, ("the path", &mut why), |step| {
            if let Step::Group { path, .. } = step {
                path.clone_from(&group.path);
            }
        });
        let members = self.source.users.iter().filter(|user| user.groups.contains(&group.name));
        let policies = group.held.attached.iter().map(|held| held.name.clone());
        let policies = policies.chain(group.held.inline.iter().map(|(name, _)| own_name(&thing, name)));
        let expected =
            Expected { members: members.map(|user| user.name.clone()).collect(), policies: policies.collect() };
        if step::group(self.to, &group.name, &origin, &expected).await? == Standing::Other {
            self.things.push(cannot(thing, TAKEN));
            return Ok(());
        }
        self.groups.insert(group.name.clone());
        self.things.push(fits(thing, made, why));
        Ok(())
    }

    /// Roles, those that others trust first.
    async fn all_roles(&mut self) -> Result<()> {
        let source = self.source;
        let mut waiting = Vec::new();
        for role in &source.roles {
            match self.words.said(DocumentKind::Trust, &role.trust) {
                Ok(said) => waiting.push((role, said)),
                Err(why) => self.things.push(Thing {
                    name: format!("role/{}", role.name),
                    status: Status::Cannot,
                    why: because("nobody could assume it", why),
                    step: None,
                }),
            }
        }
        loop {
            let before = waiting.len();
            let mut left = Vec::new();
            for (role, said) in waiting {
                match self.strangers(&said.document).is_empty() {
                    true => self.role(role, said).await?,
                    false => left.push((role, said)),
                }
            }
            waiting = left;
            if waiting.len() == before {
                break;
            }
        }
        for (role, said) in waiting {
            let strangers = self.strangers(&said.document).join(", ");
            let why = format!("it trusts {strangers}, of whom there is none there before it");
            self.things.push(cannot(format!("role/{}", role.name), why));
        }
        Ok(())
    }

    /// The users and roles of the account there whom a document names, and who do not come along.
    fn strangers(&self, document: &Value) -> Vec<String> {
        let mut found = Vec::new();
        let mut left = vec![document];
        while let Some(value) = left.pop() {
            match value {
                Value::String(text) => found.extend(self.stranger(text)),
                Value::Array(items) => left.extend(items),
                Value::Object(members) => left.extend(members.values()),
                Value::Null | Value::Bool(_) | Value::Number(_) => {}
            }
        }
        found.sort();
        found.dedup();
        found
    }

    fn stranger(&self, text: &str) -> Option<String> {
        let people = self.to.dialect().law.twins.people;
        let (concept, (account, name)) =
            people.iter().find_map(|person| Some((person.concept, person.parse(text)?)))?;
        let name = name.rsplit('/').next().unwrap_or(name);
        let known = match concept {
            "user" => self.users.contains(name),
            "role" => self.roles.contains(name),
            _ => true,
        };
        (account == self.there.account && !known && !name.contains(['*', '?'])).then(|| format!("{concept}/{name}"))
    }

    async fn role(&mut self, role: &Role, said: Said) -> Result<()> {
        let thing = format!("role/{}", role.name);
        let origin = self.origin(&thing);
        let Said { document: trust, mut why, status } = said;
        if status == Status::Maps {
            why.clear();
        }
        let mut made = Step::Role {
            name: role.name.clone(),
            path: "/".to_owned(),
            description: None,
            trust,
            seconds: role.seconds,
            tags: [(MOVED_FROM.to_owned(), origin.clone())].into(),
            from: origin.clone(),
        };
        if !self.keeps_tags(&mut made)
            && let Step::Role { description, .. } = &mut made
        {
            *description = Some(mark(&origin));
        }
        if let Some(reason) = unaskable(self.to, &made) {
            self.things.push(cannot(thing, reason));
            return Ok(());
        }
        self.fit(&mut made, ("the path", &mut why), |step| {
            if let Step::Role { path, .. } = step {
                path.clone_from(&role.path);
            }
        });
        self.fit(&mut made, ("words about it", &mut why), |step| {
            if let Step::Role { description, .. } = step {
                *description = joined(role.description.as_deref(), description.take());
            }
        });
        self.fit(&mut made, ("its tags", &mut why), |step| {
            if let Step::Role { tags, .. } = step {
                tags.extend(role.tags.clone().into_iter().filter(|(name, _)| name != MOVED_FROM));
            }
        });
        if step::role(self.to, &role.name, &origin).await? == Standing::Other {
            self.things.push(cannot(thing, TAKEN));
            return Ok(());
        }
        self.roles.insert(role.name.clone());
        self.things.push(fits(thing, made, why));
        Ok(())
    }
}

/// Words with the mark behind them.
fn joined(words: Option<&str>, mark: Option<String>) -> Option<String> {
    match (words.filter(|words| !words.is_empty()), mark) {
        (Some(words), Some(mark)) => Some(format!("{words} {mark}")),
        (Some(words), None) => Some(words.to_owned()),
        (None, mark) => mark,
    }
}

fn because(first: &str, mut why: Vec<String>) -> Vec<String> {
    why.insert(0, first.to_owned());
    why
}

/// The name of a managed policy that was one of a holder's own.
fn own_name(holder: &str, name: &str) -> String {
    format!("{}-{name}", holder.replace('/', "-"))
}

/// What is to be done about the material of a key.
fn advice(usage: Usage) -> &'static str {
    match usage {
        Usage::EncryptDecrypt => {
            "material does not leave a cloud: decrypt here and encrypt there what it encrypted; of envelopes, `Envelope::rewrap` \
             has the new key wrap their keys, and their bodies stay"
        }
        Usage::SignVerify => {
            "material does not leave a cloud: what it signed is verified with its public half from here, and the new key has \
             another one"
        }
        Usage::GenerateVerifyMac => "material does not leave a cloud: codes that it made are verified here only",
        Usage::KeyAgreement => {
            "material does not leave a cloud: the new key agrees on other secrets, by another public half"
        }
    }
}

impl Planner<'_> {
    /// Plans a key with all that belongs to it; whether it comes along.
    fn key(&mut self, key: &Key) -> bool {
        let name = format!("key/{}", key.id);
        let made = match self.new_key(key) {
            Ok(made) => made,
            Err(why) => {
                self.things.push(Thing { name, status: Status::Cannot, why, step: None });
                return false;
            }
        };
        let [made, policy] = made;
        self.things.extend(made);
        let of = |what: &str| format!("{what} of {name}");
        if let Some(days) = key.days {
            let rotation = self.rotation(key, days);
            self.things.push(rotation);
        }
        for (alias, _) in self.source.aliases.iter().filter(|(_, id)| *id == key.id) {
            let step = Step::Alias { key: key.id.clone(), alias: alias.clone() };
            let other = self.aliases.get(alias).is_some_and(|at| self.made.get(&self.key_origin(key)) != Some(at));
            self.things.push(match unaskable(self.to, &step) {
                _ if other => cannot(alias.clone(), "there is such an alias, of another key"),
                Some(why) => cannot(alias.clone(), why),
                None => maps(alias.clone(), step),
            });
        }
        // What its policy leaves out, its maker can do no more.
        self.things.extend(policy);
        if key.state == State::Disabled {
            self.things.push(maps(of("the state"), Step::Off { key: key.id.clone() }));
        }
        self.things.push(maps(of("the end"), Step::Whole { key: key.id.clone() }));
        self.things.push(cannot(of("the material"), advice(key.usage)));
        if key.grants > 0 {
            let why = format!("{} are not moved: grant anew what is still needed", key.grants);
            self.things.push(cannot(of("grants"), why));
        }
        if key.protected {
            self.things.push(cannot(of("protection from deletion"), "protect the new key, where its cloud has that"));
        }
        true
    }

    fn key_origin(&self, key: &Key) -> String {
        let Place { region, .. } = &self.source.place;
        self.origin(&format!("{region}:key/{}", key.id))
    }

    /// A key and its policy, or why neither can be.
    fn new_key(&self, key: &Key) -> std::result::Result<[Option<Thing>; 2], Vec<String>> {
        match key.state {
            State::Enabled | State::Disabled => {}
            State::PendingDeletion => return Err(vec!["it waits for its deletion".to_owned()]),
            State::PendingImport => return Err(vec!["it has no material".to_owned()]),
        }
        let origin = self.key_origin(key);
        let own = |name: &str| name == MOVED_FROM || name == MOVING;
        let mut tags: polykms_core::tag::Tags =
            key.tags.iter().filter(|(name, _)| !own(name)).map(|(name, value)| (name.clone(), value.clone())).collect();
        tags.insert(MOVED_FROM.to_owned(), origin.clone());
        tags.insert(MOVING.to_owned(), "yes".to_owned());
        let most = self.to.capabilities().max_tags_of_a_key().unwrap_or_default();
        if tags.len() > most {
            return Err(vec![format!("it would have {} tags, and {most} is the most there", tags.len())]);
        }
        let step = Step::Key {
            key: key.id.clone(),
            spec: key.spec,
            usage: key.usage,
            description: key.description.clone(),
            tags,
            from: origin,
        };
        if let Some(why) = unaskable(self.to, &step) {
            return Err(vec![why]);
        }
        Ok([Some(maps(format!("key/{}", key.id), step)), self.key_policy(key)?])
    }

    /// The policy of a key; none where keys have this one anyway.
    fn key_policy(&self, key: &Key) -> std::result::Result<Option<Thing>, Vec<String>> {
        let text = key.policy.as_deref().unwrap_or_default();
        if self.is_default(text) {
            return Ok(None);
        }
        let without = "without its policy it would be open to more than now";
        let Said { document, status, why } =
            self.words.said(DocumentKind::Key, text).map_err(|why| because(without, why))?;
        let strangers = self.strangers(&document);
        if !strangers.is_empty() {
            return Err(vec![
                without.to_owned(),
                format!("its policy names {}, who do not come along", strangers.join(", ")),
            ]);
        }
        let step = Step::KeyPolicy { key: key.id.clone(), document };
        if let Some(why) = unaskable(self.to, &step) {
            return Err(vec![without.to_owned(), why]);
        }
        Ok(Some(Thing { name: format!("the policy of key/{}", key.id), status, why, step: Some(step) }))
    }

    fn is_default(&self, text: &str) -> bool {
        let Place { account, region, .. } = &self.source.place;
        let Ok(rules) = self.from.dialect().law.keys() else { return false };
        let usual: Option<Value> = serde_json::from_str(&(rules.default_policy)(account, region)).ok();
        usual.is_some() && usual == serde_json::from_str(text).ok()
    }

    /// Rotation as often as there may be, and rather too often than too rarely.
    fn rotation(&self, key: &Key, days: u32) -> Thing {
        let name = format!("the rotation of key/{}", key.id);
        let step = |days| Step::Rotation { key: key.id.clone(), days };
        let possible = |days: &u32| unaskable(self.to, &step(*days)).is_none();
        let near = (1..=days).rev().find(possible).or_else(|| (days..=days.saturating_add(3650)).find(possible));
        match near {
            Some(near) if near == days => maps(name, step(days)),
            Some(near) => fits(name, step(near), vec![format!("every {near} days, as {days} are not possible there")]),
            None => cannot(name, "keys do not rotate by themselves there"),
        }
    }

    async fn policy(&mut self, policy: &Policy) -> Result<()> {
        let Policy { name, path, description, tags, document } = policy;
        let origin = self.origin(&format!("policy/{name}"));
        let said = self.words.said(DocumentKind::Managed, document);
        self.managed((name, path), said, (description.as_deref(), tags), origin).await
    }

    /// A managed policy that is made there.
    async fn managed(
        &mut self,
        (name, path): (&str, &str),
        said: std::result::Result<Said, Vec<String>>,
        (description, tags): (Option<&str>, &polykms_core::tag::Tags),
        origin: String,
    ) -> Result<()> {
        let thing = format!("policy/{name}");
        let Said { document, status, mut why } = match said {
            Ok(said) => said,
            Err(why) => {
                self.things.push(Thing { name: thing, status: Status::Cannot, why, step: None });
                return Ok(());
            }
        };
        let mut made = Step::Policy {
            name: name.to_owned(),
            path: "/".to_owned(),
            description: None,
            document,
            tags: [(MOVED_FROM.to_owned(), origin.clone())].into(),
            from: origin.clone(),
        };
        if !self.keeps_tags(&mut made)
            && let Step::Policy { description, .. } = &mut made
        {
            *description = Some(mark(&origin));
        }
        if let Some(reason) = unaskable(self.to, &made) {
            self.things.push(cannot(thing, reason));
            return Ok(());
        }
        let before = why.len();
        self.fit(&mut made, ("the path", &mut why), |step| {
            if let Step::Policy { path: of, .. } = step {
                path.clone_into(of);
            }
        });
        self.fit(&mut made, ("words about it", &mut why), |step| {
            if let Step::Policy { description: words, .. } = step {
                *words = joined(description, words.take());
            }
        });
        self.fit(&mut made, ("its tags", &mut why), |step| {
            if let Step::Policy { tags: of, .. } = step {
                of.extend(tags.clone().into_iter().filter(|(name, _)| name != MOVED_FROM));
            }
        });
        let Step::Policy { path: there, .. } = &made else { return Ok(()) };
        let there = there.clone();
        if step::policy(self.to, (&there, name), &origin).await? == Standing::Other {
            self.things.push(cannot(thing, TAKEN));
            return Ok(());
        }
        let status = if why.len() > before { Status::Narrows } else { status };
        self.policies.insert(name.to_owned(), there);
        self.things.push(Thing { name: thing, status, why, step: Some(made) });
        Ok(())
    }

    /// Who gets which policies.
    async fn holders(&mut self) -> Result<()> {
        let source = self.source;
        for group in &source.groups {
            self.held(Holder::Group(group.name.clone()), &group.held, self.groups.contains(&group.name)).await?;
        }
        for user in &source.users {
            self.held(Holder::User(user.name.clone()), &user.held, self.users.contains(&user.name)).await?;
        }
        for role in &source.roles {
            self.held(Holder::Role(role.name.clone()), &role.held, self.roles.contains(&role.name)).await?;
        }
        Ok(())
    }

    async fn held(&mut self, holder: Holder, held: &Held, comes: bool) -> Result<()> {
        if !comes {
            return Ok(());
        }
        for one in &held.attached {
            let (denies, thing) = self.attached(&holder, one);
            self.give(&holder, denies, thing);
        }
        for (name, document) in &held.inline {
            let thing = self.inline(&holder, name, document).await?;
            self.give(&holder, denies(document), thing);
        }
        Ok(())
    }

    /// What is given, or is not; who loses a Deny so gets nothing.
    fn give(&mut self, holder: &Holder, denies: bool, thing: Thing) {
        if denies && thing.step.is_none() {
            let why = format!("`{}` denies something, and cannot come along", thing.name);
            self.blocked.insert(holder.clone(), why);
        }
        self.given.push(Gift { holder: holder.clone(), denies, thing });
    }

    fn attached(&self, holder: &Holder, one: &Attached) -> (bool, Thing) {
        let thing = format!("policy/{} of {}", one.name, told(holder));
        let attach = |path: &str, system| Step::Attach {
            holder: holder.clone(),
            policy: one.name.clone(),
            path: path.to_owned(),
            system,
        };
        match &one.system {
            Some(document) if self.source.place.dialect == self.there.dialect => {
                (denies(document), maps(thing, attach(&one.path, true)))
            }
            Some(document) => (denies(document), cannot(thing, "its vendor supplies it: give one of the vendor there")),
            None => {
                let own = self.source.policies.iter().find(|policy| policy.name == one.name);
                let denies = own.is_none_or(|policy| denies(&policy.document));
                match self.policies.get(&one.name) {
                    Some(path) => (denies, maps(thing, attach(path, false))),
                    None => (denies, cannot(thing, "the policy does not come along")),
                }
            }
        }
    }

    /// A policy inside somebody; a managed one, where there are no others.
    async fn inline(&mut self, holder: &Holder, name: &str, document: &str) -> Result<Thing> {
        let thing = format!("policy {name} inside {}", told(holder));
        let said = self.words.said(DocumentKind::Identity, document);
        if let Ok(said) = &said {
            let (document, name) = (said.document.clone(), name.to_owned());
            let step = Step::Inline { holder: holder.clone(), name, document };
            if unaskable(self.to, &step).is_none() {
                return Ok(Thing { name: thing, status: said.status, why: said.why.clone(), step: Some(step) });
            }
        }
        let own = own_name(&told(holder), name);
        let origin = self.origin(&format!("{}/{name}", told(holder)));
        self.managed((&own, "/"), said, (None, &polykms_core::tag::Tags::new()), origin).await?;
        Ok(match self.policies.get(&own) {
            Some(path) => {
                let (holder, policy, path) = (holder.clone(), own.clone(), path.clone());
                maps(thing, Step::Attach { holder, policy, path, system: false })
            }
            None => cannot(thing, format!("`policy/{own}` cannot be made")),
        })
    }

    /// Who is in which group, and the policies of all: what denies comes first.
    fn members(&mut self) {
        let source = self.source;
        let mut joining = Vec::new();
        for user in source.users.iter().filter(|user| self.users.contains(&user.name)) {
            let of_user = Holder::User(user.name.clone());
            for group in &user.groups {
                let name = format!("user/{} in group/{group}", user.name);
                if let Some(why) = self.blocked.get(&Holder::Group(group.clone())).cloned() {
                    self.blocked.insert(of_user.clone(), why);
                }
                match self.groups.contains(group) {
                    true => joining.push((
                        of_user.clone(),
                        maps(name, Step::Member { user: user.name.clone(), group: group.clone() }),
                    )),
                    false => {
                        let lost = source.groups.iter().find(|known| known.name == *group);
                        if lost.is_none_or(|lost| has_denies(&lost.held, source)) {
                            let why =
                                format!("a policy of group/{group} denies something, and the group cannot come along");
                            self.blocked.insert(of_user.clone(), why);
                        }
                        self.things.push(cannot(name, "the group does not come along"));
                    }
                }
            }
        }
        let given = std::mem::take(&mut self.given);
        let (of_groups, own): (Vec<Gift>, Vec<Gift>) =
            given.into_iter().partition(|gift| matches!(gift.holder, Holder::Group(_)));
        let (own_denies, own_rest): (Vec<Gift>, Vec<Gift>) = own.into_iter().partition(|gift| gift.denies);
        let (group_denies, group_rest): (Vec<Gift>, Vec<Gift>) = of_groups.into_iter().partition(|gift| gift.denies);
        for gift in own_denies.into_iter().chain(group_denies) {
            self.things.push(gift.thing);
        }
        for (user, thing) in joining {
            let blocked = self.blocked.get(&user).cloned();
            self.things.push(held_back(thing, blocked));
        }
        for gift in group_rest.into_iter().chain(own_rest) {
            let blocked = self.blocked.get(&gift.holder).cloned();
            self.things.push(held_back(gift.thing, blocked));
        }
    }
}

/// A thing that is not done, where something would have to hold it back that cannot come along.
fn held_back(thing: Thing, blocked: Option<String>) -> Thing {
    match blocked {
        Some(why) if thing.step.is_some() => cannot(thing.name, why),
        _ => thing,
    }
}

/// Whether somebody is denied something by a policy.
fn has_denies(held: &Held, source: &Source) -> bool {
    let managed = |one: &Attached| match &one.system {
        Some(document) => denies(document),
        None => source.policies.iter().find(|known| known.name == one.name).is_none_or(|known| denies(&known.document)),
    };
    held.attached.iter().any(managed) || held.inline.iter().any(|(_, document)| denies(document))
}
