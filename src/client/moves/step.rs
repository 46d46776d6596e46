//! Steps as the operations that they are, and whether what they make is there already.

use std::collections::BTreeSet;

use futures_util::TryStreamExt as _;
use polykms_core::dialect::client::{Kind, Result};
use polykms_core::holder::{Holder, PolicyName};
use polykms_core::identity::group::CreateGroup;
use polykms_core::identity::inline::PutInline;
use polykms_core::identity::managed_policy::CreatePolicy;
use polykms_core::identity::role::CreateRole;
use polykms_core::identity::tagged::Sort;
use polykms_core::identity::user::{CreateUser, Person, Profile};
use polykms_core::key::rotation::Wanted;
use polykms_core::key::{Blueprint, Create, CreateAlias, PutPolicy, Reference, SetRotation};
use polykms_core::tag::Tags;

use super::super::{Client, Worded};
use super::source::{groups_of, members_of, tags_of};
use super::{MOVED_FROM, Plan, Step};

/// What stands where a step would make something.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Standing {
    /// Nothing.
    Free,
    /// What the step makes.
    Ours,
    /// Something else of that name.
    Other,
}

/// The words that say what something was moved from, where there are no tags.
pub(super) fn mark(from: &str) -> String {
    format!("{MOVED_FROM} {from}")
}

fn marked(tags: Option<&Tags>, words: Option<&String>, from: &str) -> Standing {
    let tagged = tags.and_then(|tags| tags.get(MOVED_FROM)).is_some_and(|known| known == from);
    match tagged || words.is_some_and(|words| words.ends_with(&mark(from))) {
        true => Standing::Ours,
        false => Standing::Other,
    }
}

/// A group as the plan makes it, for clouds that keep no words about groups.
pub(super) struct Expected {
    pub(super) members: BTreeSet<String>,
    pub(super) policies: BTreeSet<String>,
}

impl Expected {
    /// What a plan gives to a group.
    pub(super) fn of(plan: &Plan, group: &str) -> Self {
        let steps = || plan.things.iter().filter_map(|thing| thing.step.as_ref());
        let members = steps().filter_map(|step| match step {
            Step::Member { user, group: of } if of == group => Some(user.clone()),
            _ => None,
        });
        let is_it = |holder: &Holder| matches!(holder, Holder::Group(name) if name == group);
        let policies = steps().filter_map(|step| match step {
            Step::Attach { holder, policy, .. } if is_it(holder) => Some(policy.clone()),
            _ => None,
        });
        Self { members: members.collect(), policies: policies.collect() }
    }
}

/// What a call tells; nothing, of what is not there.
pub(super) fn found<T>(told: Result<T>) -> Result<Option<T>> {
    match told {
        Ok(told) => Ok(Some(told)),
        Err(error) if error.kind() == Kind::NotFound => Ok(None),
        Err(error) => Err(error),
    }
}

pub(super) async fn user(to: &Client, name: &str, from: &str) -> Result<Standing> {
    Ok(match found(to.identities().user(name).await)? {
        None => Standing::Free,
        Some(Person::Owner { .. }) => Standing::Other,
        Some(Person::User(user)) => marked(user.tags.as_ref(), user.profile.comments.as_ref(), from),
    })
}

pub(super) async fn role(to: &Client, name: &str, from: &str) -> Result<Standing> {
    let Some(role) = found(to.identities().role(name).await)? else { return Ok(Standing::Free) };
    let tags = tags_of(to, Sort::Role, name, role.tags).await?;
    Ok(marked(Some(&tags), role.description.as_ref(), from))
}

pub(super) async fn policy(to: &Client, (path, name): (&str, &str), from: &str) -> Result<Standing> {
    let told = to.policies().describe(PolicyName::custom(path, name)).await;
    let Some(told) = found(told)? else { return Ok(Standing::Free) };
    let tags = tags_of(to, Sort::Policy, name, told.policy.tags).await?;
    Ok(marked(Some(&tags), told.policy.description.as_ref(), from))
}

/// A group without words about it is the plan's as long as it gives nobody anything but what the plan gives.
pub(super) async fn group(to: &Client, name: &str, from: &str, expected: &Expected) -> Result<Standing> {
    let listed: Vec<_> = to.identities().groups().try_collect().await?;
    let Some(told) = listed.into_iter().find(|known| known.name == name) else { return Ok(Standing::Free) };
    if marked(None, told.comments.as_ref(), from) == Standing::Ours {
        return Ok(Standing::Ours);
    }
    let group = |comments| CreateGroup { name: name.to_owned(), path: "/".to_owned(), comments };
    if to.worded(&group(None)) != to.worded(&group(Some(mark(from)))) {
        return Ok(Standing::Other);
    }
    let members = members_of(to, name).await?;
    let held: Vec<_> = to.policies().attached(Holder::Group(name.to_owned())).try_collect().await?;
    let known = members.iter().all(|member| expected.members.contains(member))
        && held.iter().all(|held| expected.policies.contains(&held.policy.name));
    Ok(if known { Standing::Ours } else { Standing::Other })
}

pub(super) async fn has_policy(to: &Client, holder: &Holder, policy: &str, system: bool) -> Result<bool> {
    let held: Vec<_> = to.policies().attached(holder.clone()).try_collect().await?;
    Ok(held.iter().any(|held| held.policy.name == policy && held.policy.system == system))
}

pub(super) async fn has_member(to: &Client, user: &str, group: &str) -> Result<bool> {
    Ok(groups_of(to, user).await?.iter().any(|known| known == group))
}

fn some(text: &str) -> Option<String> {
    Some(text.to_owned()).filter(|text| !text.is_empty())
}

pub(super) fn create_user(step: &Step) -> Option<CreateUser> {
    let Step::User { name, path, display_name, comments, phone, email, tags, from: _ } = step else { return None };
    let profile = Profile {
        display_name: display_name.clone(),
        comments: comments.clone(),
        phone: phone.clone(),
        email: email.clone(),
    };
    Some(CreateUser { name: name.clone(), path: path.clone(), profile, tags: tags.clone() })
}

pub(super) fn create_group(step: &Step) -> Option<CreateGroup> {
    let Step::Group { name, path, comments, from: _ } = step else { return None };
    Some(CreateGroup { name: name.clone(), path: path.clone(), comments: comments.clone() })
}

pub(super) fn create_role(step: &Step) -> Option<CreateRole> {
    let Step::Role { name, path, description, trust, seconds, tags, from: _ } = step else { return None };
    Some(CreateRole {
        name: name.clone(),
        path: path.clone(),
        description: description.clone(),
        trust: trust.to_string(),
        max_session_seconds: *seconds,
        tags: tags.clone(),
    })
}

pub(super) fn create_key(step: &Step) -> Option<Create> {
    let Step::Key { key: _, spec, usage, description, tags, from: _ } = step else { return None };
    Some(Create {
        blueprint: Blueprint { spec: Some(*spec), usage: Some(*usage), origin: None },
        description: some(description),
        tag_keys: tags.keys().cloned().collect(),
        tags: tags.clone(),
        ..Create::default()
    })
}

pub(super) fn create_policy(step: &Step, document: String) -> Option<CreatePolicy> {
    let Step::Policy { name, path, description, document: _, tags, from: _ } = step else { return None };
    Some(CreatePolicy {
        name: name.clone(),
        path: path.clone(),
        description: description.clone(),
        document,
        tags: tags.clone(),
    })
}

/// Why the cloud cannot be asked for a step, as far as that can be told before.
pub(super) fn unaskable(to: &Client, step: &Step) -> Option<String> {
    worded(to, step).err()
}

/// Whether the cloud has words for what one step says beside another one.
pub(super) fn differ(to: &Client, [one, other]: [&Step; 2]) -> bool {
    worded(to, one) != worded(to, other)
}

/// The request of a step that makes something, to be held beside another one.
fn worded(to: &Client, step: &Step) -> std::result::Result<Option<Worded>, String> {
    let stand_in = || Reference::id("a-key");
    let text = |document: &serde_json::Value| document.to_string();
    match step {
        Step::User { .. } => create_user(step).map(|op| to.worded(&op)).transpose(),
        Step::Group { .. } => create_group(step).map(|op| to.worded(&op)).transpose(),
        Step::Role { .. } => create_role(step).map(|op| to.worded(&op)).transpose(),
        Step::Key { .. } => create_key(step).map(|op| to.worded(&op)).transpose(),
        Step::Policy { document, .. } => create_policy(step, text(document)).map(|op| to.worded(&op)).transpose(),
        Step::KeyPolicy { document, .. } => {
            let (name, document) = ("default".to_owned(), text(document));
            to.worded(&PutPolicy { key: stand_in(), name, document, bypass_lockout_check: None }).map(Some)
        }
        Step::Rotation { days, .. } => to.worded(&SetRotation { key: stand_in(), rotation: every(*days) }).map(Some),
        Step::Alias { alias, .. } => to.worded(&CreateAlias { alias: alias.clone(), key: stand_in() }).map(Some),
        Step::Inline { holder, name, document } => {
            let (holder, name, document) = (holder.clone(), name.clone(), text(document));
            to.worded(&PutInline { holder, name, document }).map(Some)
        }
        Step::Off { .. } | Step::Whole { .. } | Step::Attach { .. } | Step::Member { .. } => Ok(None),
    }
}

fn every(days: u32) -> Wanted {
    Wanted::every(jiff::SignedDuration::from_hours(i64::from(days) * 24))
}
