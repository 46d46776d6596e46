//! Tags of several roles or managed policies at once: all are changed, or none.

use std::collections::BTreeMap;

use super::{Item, ManagedPolicy, PolicyName, Role as IdentityRole, identity_path, locate, managed_policy, role};
use crate::engine::world::{POLICIES, ROLES, Versioned, put};
use crate::engine::{Search, World};
use crate::error::{Kind, Noun, Result};
use crate::list::{self, Listed, Paging};
use crate::name::{Place, below};
use crate::operation::{Authorized, Effect, Operation, Role};
use crate::port::{Change, Expect};
use crate::tag::Tags;

/// A kind of identity that has tags.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Sort {
    /// Roles.
    Role,
    /// Managed policies of the account.
    Policy,
}

/// Tags of one identity.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Tagged {
    /// Its kind.
    pub sort: Sort,
    /// Its name.
    pub name: String,
    /// Its tags, by name.
    pub tags: Vec<(String, String)>,
}

macro_rules! on_the_account {
    () => {
        const ROLES: &'static [Role] = &[Role::Account];

        async fn locate(&self, _: Role, search: &mut Search<'_>) -> Result<()> {
            locate::named(search, Item::Everything)
        }
    };
}

/// Sets the same tags on several roles or policies.
#[derive(Debug)]
pub struct TagMany {
    /// Their kind.
    pub sort: Sort,
    /// Their names.
    pub names: Vec<String>,
    /// The tags to set.
    pub tags: Tags,
}

impl Operation for TagMany {
    type Output = ();
    const NAME: &'static str = "TagIdentities";
    const EFFECT: Effect = Effect::Changes;
    on_the_account!();

    fn tags(&self) -> Option<&Tags> {
        Some(&self.tags)
    }

    async fn run(allowed: &Authorized<Self>, world: &World) -> Result<()> {
        let Self { sort, names, tags: new } = allowed.op();
        let most = allowed.dialect().law.identity()?.max_tags;
        let tag = |tags: &mut Tags| {
            tags.extend(new.clone());
            match tags.len() > most {
                true => Err(Kind::LimitExceeded(Noun::Tag).because("too many tags")),
                false => Ok(()),
            }
        };
        change(allowed, world, *sort, names, tag).await
    }
}

/// Removes tags from several roles or policies.
#[derive(Debug)]
pub struct UntagMany {
    /// Their kind.
    pub sort: Sort,
    /// Their names.
    pub names: Vec<String>,
    /// The names of the tags to remove.
    pub tag_keys: Option<Vec<String>>,
    /// Whether all tags are to be removed, where none is named.
    pub all: bool,
}

impl Operation for UntagMany {
    type Output = ();
    const NAME: &'static str = "UntagIdentities";
    const EFFECT: Effect = Effect::Changes;
    on_the_account!();

    async fn run(allowed: &Authorized<Self>, world: &World) -> Result<()> {
        let Self { sort, names, tag_keys, all } = allowed.op();
        let untag = |tags: &mut Tags| {
            match tag_keys {
                Some(gone) => tags.retain(|name, _| !gone.contains(name)),
                None if *all => tags.clear(),
                None => {}
            }
            Ok(())
        };
        change(allowed, world, *sort, names, untag).await
    }
}

/// Lists the tags of roles or policies: of those that are named, or else of all that have any.
#[derive(Debug)]
pub struct ListTagsOfMany {
    /// Their kind.
    pub sort: Sort,
    /// Their names; all, when absent.
    pub names: Option<Vec<String>>,
    /// Tags that they have to have; an empty value stands for any.
    pub with: Tags,
    /// Which part, where none are named.
    pub paging: Paging,
}

impl Operation for ListTagsOfMany {
    type Output = Listed<Tagged>;
    const NAME: &'static str = "ListTagsOfIdentities";
    on_the_account!();

    async fn run(allowed: &Authorized<Self>, world: &World) -> Result<Listed<Tagged>> {
        let Self { sort, names, with, paging } = allowed.op();
        let place = allowed.place();
        let Some(names) = names else { return all(place, world, *sort, with, paging).await };
        let found = found(place, world, *sort, names).await?.into_values();
        let items = found.filter(|one| has(one.tags(), with)).map(Found::tagged).collect();
        Ok(Listed { items, next: None, numbered: None })
    }
}

/// Whether tags are there; an empty value stands for any.
fn has(tags: &Tags, wanted: &Tags) -> bool {
    wanted.iter().all(|(name, value)| tags.get(name).is_some_and(|known| value.is_empty() || known == value))
}

/// Those of a kind that have tags, and these among them.
async fn all(place: &Place, world: &World, sort: Sort, with: &Tags, paging: &Paging) -> Result<Listed<Tagged>> {
    let prefix = below(&[place.dialect, &place.account]);
    Ok(match sort {
        Sort::Role => {
            let wanted = |role: &IdentityRole| !role.tags.is_empty() && has(&role.tags, with);
            list::page(world, ROLES, &prefix, paging, wanted).await?.map(tagged_role)
        }
        Sort::Policy => {
            let wanted = |policy: &ManagedPolicy| !policy.tags.is_empty() && has(&policy.tags, with);
            list::page(world, POLICIES, &prefix, paging, wanted).await?.map(tagged_policy)
        }
    })
}

/// A role or policy as it was read.
enum Found {
    Role(Versioned<IdentityRole>),
    Policy(Versioned<ManagedPolicy>),
}

impl Found {
    fn tags(&self) -> &Tags {
        match self {
            Self::Role(role) => &role.value.tags,
            Self::Policy(policy) => &policy.value.tags,
        }
    }

    fn tags_mut(&mut self) -> &mut Tags {
        match self {
            Self::Role(role) => &mut role.value.tags,
            Self::Policy(policy) => &mut policy.value.tags,
        }
    }

    fn item(&self) -> Item<'_> {
        match self {
            Self::Role(role) => Item::Role(&role.value.path, &role.value.name),
            Self::Policy(policy) => Item::Policy(&policy.value.path, &policy.value.name),
        }
    }

    fn tagged(self) -> Tagged {
        match self {
            Self::Role(role) => tagged_role(role.value),
            Self::Policy(policy) => tagged_policy(policy.value),
        }
    }

    /// The change that keeps it, as long as it is still what was read.
    fn kept(self, path: String) -> Result<Change> {
        match self {
            Self::Role(Versioned { value, rev }) => put(ROLES, path, Expect::Rev(rev), &value),
            Self::Policy(Versioned { value, rev }) => put(POLICIES, path, Expect::Rev(rev), &value),
        }
    }
}

fn tagged_role(role: IdentityRole) -> Tagged {
    Tagged { sort: Sort::Role, name: role.name, tags: role.tags.into_iter().collect() }
}

fn tagged_policy(policy: ManagedPolicy) -> Tagged {
    Tagged { sort: Sort::Policy, name: policy.name, tags: policy.tags.into_iter().collect() }
}

/// The roles or policies of these names by their paths, each once.
async fn found(place: &Place, world: &World, sort: Sort, names: &[String]) -> Result<BTreeMap<String, Found>> {
    let mut found = BTreeMap::new();
    for name in names {
        let one = match sort {
            Sort::Role => Found::Role(role(world, place, name).await?),
            Sort::Policy => {
                let policy = managed_policy::custom(world, place, &PolicyName::custom("/", name.as_str())).await?;
                Found::Policy(policy)
            }
        };
        found.insert(identity_path(place.dialect, &place.account, name), one);
    }
    Ok(found)
}

/// Gives all of them other tags, and tells which they are.
async fn change<O>(
    allowed: &Authorized<O>,
    world: &World,
    sort: Sort,
    names: &[String],
    change: impl Fn(&mut Tags) -> Result<()>,
) -> Result<()> {
    let (place, name) = (allowed.place(), allowed.dialect().law.identity()?.name);
    for (path, mut found) in found(place, world, sort, names).await? {
        change(found.tags_mut())?;
        let name = name(&place.account, &place.region, found.item());
        allowed.make(&name, vec![found.kept(path)?]);
    }
    Ok(())
}
