//! Tags of several keys at once: all are changed, or none.

use std::collections::BTreeSet;
use std::sync::Arc;

use super::life::changed;
use super::{Key, KeyTags, Loaded, Reference, Use, locate};
use crate::engine::{Search, World};
use crate::error::{Kind, Noun, Result};
use crate::operation::{Authorized, Effect, Operation, Repeat, Role};
use crate::tag::Tags;

macro_rules! on_many_keys {
    () => {
        const ROLES: &'static [Role] = &[Role::Subject];

        async fn locate(&self, _: Role, search: &mut Search<'_>) -> Result<()> {
            {
                for reference in &self.keys {
                    locate::key(search, reference).await?;
                }
                Ok(())
            }
        }
    };
}

/// Sets the same tags on several keys.
#[derive(Debug)]
pub struct TagMany {
    /// The keys.
    pub keys: Vec<Reference>,
    /// The tags to set.
    pub tags: Tags,
    /// Their names.
    pub tag_keys: Vec<String>,
}

impl Operation for TagMany {
    type Output = ();
    const NAME: &'static str = "TagKeys";
    const EFFECT: Effect = Effect::Changes;
    const REPEAT: Repeat = Repeat::Harmless;
    on_many_keys!();

    fn tags(&self) -> Option<&Tags> {
        Some(&self.tags)
    }

    async fn run(allowed: &Authorized<Self>, _: &World) -> Result<()> {
        let most = allowed.dialect().law.keys()?.max_tags;
        annotate(allowed, |key| {
            key.tags.extend(allowed.op().tags.clone());
            if key.tags.len() > most {
                return Err(Kind::LimitExceeded(Noun::Tag).because("too many tags"));
            }
            Ok(())
        })
    }
}

/// Removes tags from several keys.
#[derive(Debug)]
pub struct UntagMany {
    /// The keys.
    pub keys: Vec<Reference>,
    /// The names of the tags to remove.
    pub tag_keys: Option<Vec<String>>,
    /// Whether all tags are to be removed, where none is named.
    pub all: bool,
}

impl Operation for UntagMany {
    type Output = ();
    const NAME: &'static str = "UntagKeys";
    const EFFECT: Effect = Effect::Changes;
    const REPEAT: Repeat = Repeat::Harmless;
    on_many_keys!();

    async fn run(allowed: &Authorized<Self>, _: &World) -> Result<()> {
        annotate(allowed, |key| {
            match &allowed.op().tag_keys {
                Some(gone) => key.tags.retain(|name, _| !gone.contains(name)),
                None if allowed.op().all => key.tags.clear(),
                None => {}
            }
            Ok(())
        })
    }
}

/// Lists the tags of several keys.
#[derive(Debug)]
pub struct ListTagsOfMany {
    /// The keys.
    pub keys: Vec<Reference>,
}

impl Operation for ListTagsOfMany {
    type Output = Vec<KeyTags>;
    const NAME: &'static str = "ListTagsOfKeys";
    on_many_keys!();

    async fn run(allowed: &Authorized<Self>, _: &World) -> Result<Vec<KeyTags>> {
        let tags_of = |key: Arc<Loaded>| {
            allowed.dialect().law.keys()?.admit(&key, Use::Read)?;
            let tags = key.key.tags.clone().into_iter().collect();
            Ok(KeyTags { key_id: Some(key.key.id.clone()), tags, next: None })
        };
        each(allowed)?.into_iter().map(tags_of).collect()
    }
}

/// Changes every key in one commit.
fn annotate<O: Operation>(allowed: &Authorized<O>, change: impl Fn(&mut Key) -> Result<()>) -> Result<()> {
    let mut changes = Vec::new();
    for key in each(allowed)? {
        allowed.dialect().law.keys()?.admit(&key, Use::Annotate)?;
        let mut annotated = key.key.clone();
        change(&mut annotated)?;
        changes.push(changed(allowed.place().dialect, &key, &annotated)?);
    }
    allowed.change(changes)
}

/// The keys that were judged, each once, however often and under whatever names the arguments have it.
fn each<O: Operation>(allowed: &Authorized<O>) -> Result<Vec<Arc<Loaded>>> {
    let mut seen = BTreeSet::new();
    let mut keys = Vec::new();
    for located in allowed.all() {
        let missing = || Kind::NotFound(Noun::Key).about(&*located.arn);
        let key = located.shared::<Loaded>().ok_or_else(missing)?;
        if seen.insert(key.arn.clone()) {
            keys.push(key);
        }
    }
    Ok(keys)
}
