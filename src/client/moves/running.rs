//! Plans that are done, step by step; what is there already is left as it is.

use std::collections::BTreeMap;

use futures_util::TryStreamExt as _;
use polykms_core::dialect::client::{Error, Kind, Result};
use polykms_core::holder::{Holder, PolicyName};
use polykms_core::identity::attachment::Attach;
use polykms_core::key::{AliasOf, Described, Entry, Maker, State};
use polykms_core::operation::Operation;
use serde_json::Value;

use super::super::Client;
use super::source::{Source, days_of};
use super::step::{self, Expected, Standing, found};
use super::words::placeholder;
use super::{Done, MOVED_FROM, MOVING, Outcome, Place, Plan, Step, Thing};

/// A key that was moved.
#[derive(Debug, Clone)]
pub(super) struct Made {
    pub(super) id: String,
    /// Whether all of it is there.
    pub(super) whole: bool,
}

/// The keys that were moved to a place, by what they were moved from.
pub(super) async fn made(to: &Client) -> Result<BTreeMap<String, Made>> {
    let mut found = BTreeMap::new();
    let entries: Vec<Entry> = to.keys().list().try_collect().await?;
    for Entry { id, arn: _ } in entries {
        let Described { state, maker, .. } = to.key(&id).describe().await?;
        if maker == Maker::Service || matches!(state, State::PendingDeletion | State::PendingImport) {
            continue;
        }
        let tags: BTreeMap<String, String> = to.key(&id).tags().try_collect().await?;
        let whole = !tags.contains_key(MOVING);
        if let Some(from) = tags.get(MOVED_FROM) {
            found.entry(from.clone()).or_insert(Made { id, whole });
        }
    }
    Ok(found)
}

pub(super) async fn run(
    plan: &Plan,
    from: &Client,
    to: &Client,
    mut told: impl FnMut(&Thing, Outcome),
) -> Result<Done> {
    for (place, client) in [(&plan.from, from), (&plan.to, to)] {
        let other = || Kind::Config.because("the plan is for another place");
        if Place::of(client).await? != *place {
            return Err(other());
        }
    }
    if Source::read(from).await?.fingerprint()? != plan.fingerprint {
        let changed = Kind::Conflict.because("what the plan was made of has changed since");
        return Err(changed.again_is(polykms_core::dialect::client::Again::Never).hinting("make a new plan"));
    }
    let aliases: Vec<AliasOf> = to.keys().aliases().try_collect().await?;
    let aliases = aliases.into_iter().filter_map(|alias| Some((alias.name, alias.key_id?))).collect();
    let mut running = Running { plan, to, made: made(to).await?, keys: BTreeMap::new(), aliases };
    let mut done = Done::default();
    for thing in &plan.things {
        let Some(step) = &thing.step else { continue };
        let outcome = running.step(step).await.map_err(|error| about(error, thing))?;
        match outcome {
            Outcome::Made => done.made = done.made.saturating_add(1),
            Outcome::There => done.there = done.there.saturating_add(1),
        }
        told(thing, outcome);
    }
    Ok(done)
}

/// The same error, with what was to be done.
fn about(error: Error, thing: &Thing) -> Error {
    let hint = match error.hint() {
        Some(hint) => format!("this was for {}; {hint}", thing.name),
        None => format!("this was for {}; run the plan again to go on there", thing.name),
    };
    error.hinting(hint)
}

struct Running<'p> {
    plan: &'p Plan,
    to: &'p Client,
    /// What was moved, by what it was moved from.
    made: BTreeMap<String, Made>,
    /// The keys of the plan, by the identifiers that they have where they come from.
    keys: BTreeMap<String, Made>,
    /// The aliases that are there, each with its key.
    aliases: BTreeMap<String, String>,
}

impl Running<'_> {
    async fn step(&mut self, step: &Step) -> Result<Outcome> {
        let to = self.to;
        match step {
            Step::User { name, from, .. } => {
                let standing = step::user(to, name, from).await?;
                self.make(standing, name, step::create_user(step)).await
            }
            Step::Group { name, from, .. } => {
                let standing = step::group(to, name, from, &Expected::of(self.plan, name)).await?;
                self.make(standing, name, step::create_group(step)).await
            }
            Step::Role { name, from, .. } => {
                let standing = step::role(to, name, from).await?;
                self.make(standing, name, step::create_role(step)).await
            }
            Step::Policy { name, path, document, from, .. } => {
                let standing = step::policy(to, (path, name), from).await?;
                self.make(standing, name, step::create_policy(step, self.filled(document)?)).await
            }
            Step::Key { key, from, .. } => self.key(key, from, step).await,
            Step::KeyPolicy { key, document } => {
                let document = self.filled(document)?;
                let Some(id) = self.unfinished(key)? else { return Ok(Outcome::There) };
                let same = |told: &str| {
                    let read = |text: &str| serde_json::from_str::<Value>(text).ok();
                    read(told) == read(&document)
                };
                if same(&to.key(&id).policy().await?.document) {
                    return Ok(Outcome::There);
                }
                to.key(&id).put_policy(document).await?;
                Ok(Outcome::Made)
            }
            Step::Rotation { key, days } => {
                let Some(id) = self.unfinished(key)? else { return Ok(Outcome::There) };
                let told = to.key(&id).describe().await?;
                // It is switched off last.
                if told.state == State::Disabled {
                    return Ok(Outcome::There);
                }
                match days_of(to, &told).await {
                    Ok(Some(known)) if known == *days => return Ok(Outcome::There),
                    // Its policy, which is written behind this, lets nobody ask any more.
                    Err(error) if error.kind() == Kind::Denied => return Ok(Outcome::There),
                    Ok(_) => {}
                    Err(error) => return Err(error),
                }
                to.key(&id).rotate_every(*days).await?;
                Ok(Outcome::Made)
            }
            Step::Alias { key, alias } => self.alias(key, alias).await,
            Step::Off { key } => {
                let Some(id) = self.unfinished(key)? else { return Ok(Outcome::There) };
                if to.key(&id).describe().await?.state == State::Disabled {
                    return Ok(Outcome::There);
                }
                to.key(&id).disable().await?;
                Ok(Outcome::Made)
            }
            Step::Whole { key } => {
                let Some(id) = self.unfinished(key)? else { return Ok(Outcome::There) };
                to.key(&id).untag([MOVING]).await?;
                Ok(Outcome::Made)
            }
            Step::Inline { holder, name, document } => {
                let document = self.filled(document)?;
                let asked = to.identities().inline_policy(holder.clone(), name.clone());
                match found(asked.await)? {
                    Some(_) => Ok(Outcome::There),
                    None => {
                        to.identities().put_inline_policy(holder.clone(), name.clone(), document).await?;
                        Ok(Outcome::Made)
                    }
                }
            }
            Step::Attach { holder, policy, path, system } => self.attach(holder, (policy, path), *system).await,
            Step::Member { user, group } => {
                if step::has_member(to, user, group).await? {
                    return Ok(Outcome::There);
                }
                to.identities().add_to_group(user, group).await?;
                Ok(Outcome::Made)
            }
        }
    }

    /// Makes what is not there.
    async fn make<O: Operation>(&self, standing: Standing, name: &str, op: Option<O>) -> Result<Outcome> {
        match (standing, op) {
            (Standing::Ours, _) => Ok(Outcome::There),
            (Standing::Free, Some(op)) => self.to.request(op).await.map(|_| Outcome::Made),
            (Standing::Free | Standing::Other, _) => {
                Err(Kind::Exists.because(format!("there is a `{name}` that was not moved from there")))
            }
        }
    }

    async fn key(&mut self, key: &str, from: &str, step: &Step) -> Result<Outcome> {
        if let Some(made) = self.made.get(from) {
            self.keys.insert(key.to_owned(), made.clone());
            return Ok(Outcome::There);
        }
        let Some(op) = step::create_key(step) else { return Ok(Outcome::There) };
        let made = self.to.request(op).await?;
        self.keys.insert(key.to_owned(), Made { id: made.id, whole: false });
        Ok(Outcome::Made)
    }

    /// The identifier of a key of the plan, unless all of it is there.
    fn unfinished(&self, key: &str) -> Result<Option<String>> {
        let missing = || Kind::Invalid.because(format!("the plan says nothing of the key `{key}`"));
        let made = self.keys.get(key).ok_or_else(missing)?;
        Ok((!made.whole).then(|| made.id.clone()))
    }

    async fn alias(&self, key: &str, alias: &str) -> Result<Outcome> {
        let Some(id) = self.unfinished(key)? else { return Ok(Outcome::There) };
        match self.aliases.get(alias) {
            Some(at) if *at == id => Ok(Outcome::There),
            Some(_) => Err(Kind::Exists.because(format!("`{alias}` is another key's"))),
            None => {
                self.to.key(&id).create_alias(alias).await?;
                Ok(Outcome::Made)
            }
        }
    }

    async fn attach(&self, holder: &Holder, (policy, path): (&str, &str), system: bool) -> Result<Outcome> {
        if step::has_policy(self.to, holder, policy, system).await? {
            return Ok(Outcome::There);
        }
        let policy = match system {
            true => PolicyName { system, ..PolicyName::custom(path, policy) },
            false => PolicyName::custom(path, policy),
        };
        let asked = self.to.request(Attach { holder: holder.clone(), policy, strict: false });
        let owned = |op: &mut Attach, own: &str| {
            if !op.policy.system {
                op.policy.account.get_or_insert_with(|| own.to_owned());
            }
        };
        asked.of_own_account(owned).await?;
        Ok(Outcome::Made)
    }

    /// A document with the identifiers of the keys that were made.
    fn filled(&self, document: &Value) -> Result<String> {
        let mut names: Vec<(String, &str)> =
            self.keys.iter().map(|(key, made)| (placeholder(key), made.id.as_str())).collect();
        // A name that begins as another one does is the longer one.
        names.sort_by_key(|(name, _)| std::cmp::Reverse(name.len()));
        let text = document.to_string();
        Ok(names.iter().fold(text, |text, (name, id)| text.replace(name, id)))
    }
}
