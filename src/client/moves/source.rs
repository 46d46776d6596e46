//! What a place has, as far as it can be moved, and the fingerprint of all that was read.

use std::collections::BTreeSet;

use futures_util::TryStreamExt as _;
use polykms_core::dialect::client::{Kind, Result};
use polykms_core::holder::{Holder, PolicyName};
use polykms_core::identity::inline::ListInline;
use polykms_core::identity::managed_policy::{self, DescribeVersion, VersionName};
use polykms_core::identity::member::{ListGroupsOfUser, Member};
use polykms_core::identity::tagged::{ListTagsOfMany, Sort, Tagged};
use polykms_core::identity::user::Person;
use polykms_core::key::rotation::Rotation;
use polykms_core::key::{self, DescribeRotation, ListGrants, Maker, Reference, Spec, State, Usage};
use polykms_core::list::Paging;
use polykms_core::tag::Tags;
use serde::Serialize;
use sha2::{Digest as _, Sha256};

use super::super::Client;
use super::Place;

/// All that a place has.
#[derive(Debug, Serialize)]
pub(super) struct Source {
    pub(super) place: Place,
    pub(super) keys: Vec<Key>,
    pub(super) aliases: Vec<(String, String)>,
    pub(super) policies: Vec<Policy>,
    pub(super) users: Vec<User>,
    pub(super) groups: Vec<Group>,
    pub(super) roles: Vec<Role>,
}

/// A key of the account.
#[derive(Debug, Serialize)]
pub(super) struct Key {
    pub(super) id: String,
    pub(super) arn: String,
    pub(super) state: State,
    pub(super) spec: Spec,
    pub(super) usage: Usage,
    pub(super) description: String,
    pub(super) tags: Tags,
    pub(super) days: Option<u32>,
    pub(super) policy: Option<String>,
    pub(super) grants: usize,
    pub(super) protected: bool,
}

/// What a user, group or role may.
#[derive(Debug, Default, Serialize)]
pub(super) struct Held {
    pub(super) attached: Vec<Attached>,
    pub(super) inline: Vec<(String, String)>,
}

/// A managed policy that somebody has; of one that the vendor supplies, with its document.
#[derive(Debug, Serialize)]
pub(super) struct Attached {
    pub(super) name: String,
    pub(super) path: String,
    pub(super) system: Option<String>,
}

#[derive(Debug, Serialize)]
pub(super) struct Policy {
    pub(super) name: String,
    pub(super) path: String,
    pub(super) description: Option<String>,
    pub(super) tags: Tags,
    pub(super) document: String,
}

#[derive(Debug, Serialize)]
pub(super) struct User {
    pub(super) name: String,
    pub(super) path: String,
    pub(super) display_name: Option<String>,
    pub(super) comments: Option<String>,
    pub(super) phone: Option<String>,
    pub(super) email: Option<String>,
    pub(super) tags: Tags,
    pub(super) access_keys: usize,
    pub(super) groups: Vec<String>,
    pub(super) held: Held,
}

#[derive(Debug, Serialize)]
pub(super) struct Group {
    pub(super) name: String,
    pub(super) path: String,
    pub(super) comments: Option<String>,
    pub(super) held: Held,
}

#[derive(Debug, Serialize)]
pub(super) struct Role {
    pub(super) name: String,
    pub(super) arn: String,
    pub(super) path: String,
    pub(super) description: Option<String>,
    pub(super) trust: String,
    pub(super) seconds: u32,
    pub(super) tags: Tags,
    pub(super) held: Held,
}

impl Source {
    /// What can be read of a place by these credentials.
    ///
    /// # Errors
    /// Those of the calls: what cannot be read cannot be moved, and is not left out in silence.
    pub(super) async fn read(client: &Client) -> Result<Self> {
        let mut keys = Vec::new();
        for entry in sorted(client.keys().list().try_collect().await?, |entry: &key::Entry| entry.id.clone()) {
            keys.extend(read_key(client, &entry.id).await?);
        }
        let known: BTreeSet<&str> = keys.iter().map(|key| key.id.as_str()).collect();
        let aliases: Vec<key::AliasOf> = client.keys().aliases().try_collect().await?;
        let pair = |alias: key::AliasOf| Some((alias.name, alias.key_id?));
        let mut aliases: Vec<_> =
            aliases.into_iter().filter_map(pair).filter(|(_, id)| known.contains(id.as_str())).collect();
        aliases.sort();
        Ok(Self {
            place: Place::of(client).await?,
            policies: policies(client).await?,
            users: users(client).await?,
            groups: groups(client).await?,
            roles: roles(client).await?,
            keys,
            aliases,
        })
    }

    /// What tells this state of the place from every other.
    pub(super) fn fingerprint(&self) -> Result<String> {
        let bytes = serde_json::to_vec(self).map_err(|error| Kind::Unexpected.because(error.to_string()))?;
        Ok(Sha256::digest(bytes).iter().map(|byte| format!("{byte:02x}")).collect())
    }
}

fn sorted<T>(mut items: Vec<T>, by: impl Fn(&T) -> String) -> Vec<T> {
    items.sort_by_key(by);
    items
}

/// A key, unless it is one that the vendor keeps for its services.
async fn read_key(client: &Client, id: &str) -> Result<Option<Key>> {
    let key = client.key(id);
    let told = key.describe().await?;
    if told.maker == Maker::Service {
        return Ok(None);
    }
    let lives = matches!(told.state, State::Enabled | State::Disabled);
    let (mut policy, mut grants, mut days) = (None, 0, None);
    if lives {
        policy = Some(key.policy().await?.document);
        grants = grants_on(client, id).await?;
        days = days_of(client, &told).await?;
    }
    let tags: Vec<(String, String)> = if lives { key.tags().try_collect().await? } else { Vec::new() };
    Ok(Some(Key {
        id: told.id,
        arn: told.arn.to_string(),
        state: told.state,
        spec: told.spec,
        usage: told.usage,
        description: told.description,
        tags: tags.into_iter().collect(),
        days,
        policy,
        grants,
        protected: told.deletion_protection.is_some_and(|protection| protection.on),
    }))
}

fn in_days(rotation: Rotation) -> Option<u32> {
    rotation.every.and_then(|every| u32::try_from(every.as_hours() / 24).ok())
}

/// How many days a key has between rotations, if it rotates by itself: told with the key, or apart from it.
pub(super) async fn days_of(client: &Client, told: &key::Described) -> Result<Option<u32>> {
    if let Some(rotation) = told.rotation {
        return Ok(in_days(rotation));
    }
    let asked = DescribeRotation { key: Reference::id(&*told.id) };
    if !told.spec.encryption().contains(&key::Encryption::Symmetric) || !client.can_ask(&asked) {
        return Ok(None);
    }
    Ok(in_days(client.request(asked).await?.rotation))
}

async fn grants_on(client: &Client, id: &str) -> Result<usize> {
    let paging = Paging::Marker { marker: None, limit: polykms_core::list::Limit::new(100, 100) };
    let asked = ListGrants { key: Reference::id(id), id: None, grantee: None, paging };
    match client.can_ask(&asked) {
        true => client.key(id).grants().try_fold(0_usize, async |count, _| Ok(count.saturating_add(1))).await,
        false => Ok(0),
    }
}

async fn policies(client: &Client) -> Result<Vec<Policy>> {
    let mut found = Vec::new();
    let listed: Vec<managed_policy::Described> = client.policies().list().try_collect().await?;
    for listed in sorted(listed, |listed| listed.policy.name.clone()) {
        let (told, document) = in_force(client, &listed.policy).await?;
        let tags = tags_of(client, Sort::Policy, &listed.policy.name, told.tags).await?;
        let PolicyName { path, name, .. } = listed.policy;
        found.push(Policy { name, path, description: words(told.description), tags, document });
    }
    Ok(found)
}

/// A managed policy with the document that is in force.
pub(super) async fn in_force(client: &Client, name: &PolicyName) -> Result<(managed_policy::Described, String)> {
    let told = client.policies().describe(name.clone()).await?;
    if let Some(document) = told.version.and_then(|version| version.document) {
        return Ok((told.policy, document));
    }
    let asked = DescribeVersion { policy: name.clone(), version: VersionName::Number(told.policy.default_version) };
    let asked = client.request(asked).of_own_account(|op, own| {
        op.policy.account.get_or_insert_with(|| own.to_owned());
    });
    let document = asked.await?.document;
    let missing = || Kind::Unexpected.because(format!("the document of the policy `{}` is not told", name.name));
    Ok((told.policy, document.ok_or_else(missing)?))
}

/// The tags of a role or policy: as it was told with it, or asked for apart.
pub(super) async fn tags_of(client: &Client, sort: Sort, name: &str, told: Option<Tags>) -> Result<Tags> {
    if let Some(tags) = told {
        return Ok(tags);
    }
    let ask = |paging| ListTagsOfMany { sort, names: Some(vec![name.to_owned()]), with: Tags::new(), paging };
    let paging = Paging::Marker { marker: None, limit: polykms_core::list::Limit::new(100, 100) };
    if !client.can_ask(&ask(paging.clone())) {
        return Ok(Tags::new());
    }
    let listed = client.request(ask(paging)).await?;
    Ok(listed.items.into_iter().flat_map(|Tagged { tags, .. }| tags).collect())
}

async fn held(client: &Client, holder: &Holder) -> Result<Held> {
    let listed: Vec<_> = client.policies().attached(holder.clone()).try_collect().await?;
    let mut attached = Vec::new();
    for one in listed {
        let system = match one.policy.system {
            true => Some(in_force(client, &one.policy).await?.1),
            false => None,
        };
        let PolicyName { path, name, .. } = one.policy;
        attached.push(Attached { name, path, system });
    }
    let attached = sorted(attached, |one| one.name.clone());
    let names = |paging| ListInline { holder: holder.clone(), paging };
    let mut inline = Vec::new();
    if client.can_ask(&names(Paging::Marker { marker: None, limit: polykms_core::list::Limit::new(100, 100) })) {
        let holder = holder.clone();
        let listed = client.list(move |paging| ListInline { holder: holder.clone(), paging });
        for name in sorted(listed.try_collect().await?, String::clone) {
            inline.push((name, String::new()));
        }
    }
    for (name, document) in &mut inline {
        *document = client.identities().inline_policy(holder.clone(), name.clone()).await?.document;
    }
    Ok(Held { attached, inline })
}

/// The groups that a user is in.
pub(super) async fn groups_of(client: &Client, user: &str) -> Result<Vec<String>> {
    let of_user = user.to_owned();
    let listed = client.list(move |paging| ListGroupsOfUser { user: of_user.clone(), paging });
    let names: Vec<String> = listed.map_ok(|joined| joined.group.name).try_collect().await?;
    Ok(sorted(names, String::clone))
}

/// The users that are in a group.
pub(super) async fn members_of(client: &Client, group: &str) -> Result<Vec<String>> {
    use polykms_core::identity::member::{ListMembers, Members};
    let (group, asking) = (group.to_owned(), client.clone());
    let part = move |paging| asking.request(ListMembers { group: group.clone(), paging });
    let listed = super::super::page::paged(part, |Members { users, .. }| users);
    listed.map_ok(|member: Member| member.user.name).try_collect().await
}

/// Words that say something.
fn words(told: Option<String>) -> Option<String> {
    told.filter(|words| !words.is_empty())
}

/// What a path is where none is told.
fn path(told: Option<String>) -> String {
    told.unwrap_or_else(|| "/".to_owned())
}

async fn users(client: &Client) -> Result<Vec<User>> {
    let mut found = Vec::new();
    let listed: Vec<_> = client.identities().users().try_collect().await?;
    for listed in sorted(listed, |listed| listed.name.clone()) {
        let Person::User(told) = client.identities().user(&listed.name).await? else { continue };
        let keys: Vec<_> = client.identities().access_keys(&told.name).try_collect().await?;
        found.push(User {
            path: path(told.path),
            display_name: words(told.profile.display_name),
            comments: words(told.profile.comments),
            phone: words(told.profile.phone),
            email: words(told.profile.email),
            tags: told.tags.unwrap_or_default(),
            access_keys: keys.len(),
            groups: groups_of(client, &told.name).await?,
            held: held(client, &Holder::User(told.name.clone())).await?,
            name: told.name,
        });
    }
    Ok(found)
}

async fn groups(client: &Client) -> Result<Vec<Group>> {
    let mut found = Vec::new();
    let listed: Vec<_> = client.identities().groups().try_collect().await?;
    for told in sorted(listed, |listed| listed.name.clone()) {
        let held = held(client, &Holder::Group(told.name.clone())).await?;
        found.push(Group { path: path(told.path), comments: words(told.comments), held, name: told.name });
    }
    Ok(found)
}

async fn roles(client: &Client) -> Result<Vec<Role>> {
    let mut found = Vec::new();
    let listed: Vec<_> = client.identities().roles().try_collect().await?;
    for listed in sorted(listed, |listed| listed.name.clone()) {
        let told = client.identities().role(&listed.name).await?;
        if (client.dialect().law.reserved)(&told.arn) {
            continue;
        }
        found.push(Role {
            arn: told.arn,
            path: path(told.path),
            description: words(told.description),
            trust: told.trust.unwrap_or_default(),
            seconds: told.max_session_seconds.unwrap_or(3600),
            tags: tags_of(client, Sort::Role, &told.name, told.tags).await?,
            held: held(client, &Holder::Role(told.name.clone())).await?,
            name: told.name,
        });
    }
    Ok(found)
}
