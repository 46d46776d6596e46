//! Tags of keys.

use super::life::{on_one_key, update};
use super::{Reference, Use};
use crate::engine::World;
use crate::error::{Flaw, Kind, Noun, Result};
use crate::list::Paging;
use crate::operation::{Authorized, Effect, Operation, Repeat, Role};
use crate::tag::Tags;

/// Sets tags.
#[derive(Debug)]
pub struct Tag {
    /// The key.
    pub key: Reference,
    /// The tags to set.
    pub tags: Tags,
    /// Their names.
    pub tag_keys: Vec<String>,
}

impl Operation for Tag {
    type Output = ();
    const NAME: &'static str = "TagKey";
    const EFFECT: Effect = Effect::Changes;
    const REPEAT: Repeat = Repeat::Harmless;
    on_one_key!();

    fn tags(&self) -> Option<&Tags> {
        Some(&self.tags)
    }

    async fn run(allowed: &Authorized<Self>, _: &World) -> Result<()> {
        let key = allowed.key(Role::Subject)?;
        let rules = allowed.dialect().law.keys()?;
        rules.admit(&key, Use::Annotate)?;
        let mut tags = key.key.tags.clone();
        tags.extend(allowed.op().tags.clone());
        if tags.len() > rules.max_tags {
            return Err(Kind::LimitExceeded(Noun::Tag).because("too many tags"));
        }
        update(allowed, &key, |key| key.tags = tags).map(drop)
    }
}

/// Removes tags.
#[derive(Debug)]
pub struct Untag {
    /// The key.
    pub key: Reference,
    /// The names of the tags to remove.
    pub tag_keys: Vec<String>,
}

impl Operation for Untag {
    type Output = ();
    const NAME: &'static str = "UntagKey";
    const EFFECT: Effect = Effect::Changes;
    const REPEAT: Repeat = Repeat::Harmless;
    on_one_key!();

    async fn run(allowed: &Authorized<Self>, _: &World) -> Result<()> {
        let key = allowed.key(Role::Subject)?;
        allowed.dialect().law.keys()?.admit(&key, Use::Annotate)?;
        let gone = &allowed.op().tag_keys;
        update(allowed, &key, |key| key.tags.retain(|name, _| !gone.contains(name))).map(drop)
    }
}

/// Lists the tags of a key.
#[derive(Debug)]
pub struct ListTags {
    /// The key.
    pub key: Reference,
    /// Which part.
    pub paging: Paging,
}

/// Tags of a key.
#[derive(Debug)]
pub struct KeyTags {
    /// The key's identifier, where the answer tells it.
    pub key_id: Option<String>,
    /// The tags, by name.
    pub tags: Vec<(String, String)>,
    /// Where to go on, if there are more.
    pub next: Option<String>,
}

impl Operation for ListTags {
    type Output = KeyTags;
    const NAME: &'static str = "ListKeyTags";
    on_one_key!();

    async fn run(allowed: &Authorized<Self>, world: &World) -> Result<KeyTags> {
        let key = allowed.key(Role::Subject)?;
        allowed.dialect().law.keys()?.admit(&key, Use::Read)?;
        let Paging::Marker { marker, limit } = &allowed.op().paging else {
            return Err(Kind::Invalid(Flaw::Value).because("lists of tags have no numbered pages"));
        };
        let list = format!("tags/{}", key.arn);
        let after = marker.as_deref().map(|marker| world.open_marker(&list, marker)).transpose()?;
        let mut rest = key.key.tags.iter().filter(|(name, _)| after.as_ref().is_none_or(|after| *name > after));
        let tags: Vec<_> =
            rest.by_ref().take(limit.size()).map(|(name, value)| (name.clone(), value.clone())).collect();
        let next = match (rest.next(), tags.last()) {
            (Some(_), Some((last, _))) => Some(world.marker(&list, last)?),
            _ => None,
        };
        Ok(KeyTags { key_id: Some(key.key.id.clone()), tags, next })
    }
}
