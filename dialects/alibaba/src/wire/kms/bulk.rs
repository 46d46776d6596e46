//! Tags of several resources: TagResources, UntagResources and ListTagResources.

use std::borrow::Cow;

use polykms_core::dialect::Wire;
use polykms_core::dialect::message::Nothing;
use polykms_core::error::{Flaw, Kind, Result};
use polykms_core::key::{self, KeyTags, Reference};

use super::{tag_names, tags};
use crate::message::kms::{
    ListTagResourcesRequest, ListTagResourcesResponse, Tag, TagOfResource, TagResourcesRequest, TagsOfResources,
    UntagResourcesRequest,
};
use crate::resource::{self, key_name};
use crate::wire::{heard, invalid, missing};

const TAG: &str = "Tag";
const TAG_KEY: &str = "TagKey";
const RESOURCE_ID: &str = "ResourceId";
const RESOURCE_TYPE: &str = "ResourceType";

/// The type of resource that a key is.
const KEY: &str = "key";

/// TagResources.
pub(crate) struct TagResources;

impl Wire for TagResources {
    type Op = key::TagMany;
    type Ask<'a> = TagResourcesRequest<'a>;
    type Told<'a> = Nothing<'a>;

    fn op(ask: TagResourcesRequest<'_>) -> Result<key::TagMany> {
        let TagResourcesRequest { resource_id, resource_type, tag } = ask;
        let owned = |text: Option<Cow<'_, str>>| text.unwrap_or_default().into_owned();
        let pairs = tag.unwrap_or_default().into_iter().map(|Tag { key, value }| (owned(key), owned(value)));
        let tags = tags(TAG, pairs)?;
        let keys = keys(resource_type, resource_id)?;
        Ok(key::TagMany { keys, tag_keys: tags.keys().cloned().collect(), tags })
    }

    fn told((): &()) -> Result<Nothing<'_>> {
        Ok(Nothing::default())
    }

    fn ask(op: &key::TagMany) -> Result<TagResourcesRequest<'_>> {
        let key::TagMany { keys, tags, tag_keys: _ } = op;
        let tag = |(name, value)| Tag { key: Some(Cow::from(name)), value: Some(Cow::from(value)) };
        Ok(TagResourcesRequest {
            resource_id: Some(names(keys)?),
            resource_type: Some(KEY.into()),
            tag: Some(tags.iter().map(tag).collect()),
        })
    }

    fn output(_: Nothing<'_>) -> Result<()> {
        Ok(())
    }
}

/// UntagResources.
pub(crate) struct UntagResources;

impl Wire for UntagResources {
    type Op = key::UntagMany;
    type Ask<'a> = UntagResourcesRequest<'a>;
    type Told<'a> = Nothing<'a>;

    fn op(ask: UntagResourcesRequest<'_>) -> Result<key::UntagMany> {
        let UntagResourcesRequest { all, resource_id, resource_type, tag_key } = ask;
        let tag_keys = match tag_key {
            // Named tags go before "all of them".
            Some(names) => Some(tag_names(TAG_KEY, names.into_iter().map(Cow::into_owned).collect())?),
            None if all == Some(true) => None,
            None => return Err(missing(TAG_KEY)),
        };
        Ok(key::UntagMany { keys: keys(resource_type, resource_id)?, tag_keys, all: all.unwrap_or_default() })
    }

    fn told((): &()) -> Result<Nothing<'_>> {
        Ok(Nothing::default())
    }

    fn ask(op: &key::UntagMany) -> Result<UntagResourcesRequest<'_>> {
        let key::UntagMany { keys, tag_keys, all } = op;
        Ok(UntagResourcesRequest {
            all: Some(*all),
            resource_id: Some(names(keys)?),
            resource_type: Some(KEY.into()),
            tag_key: tag_keys.as_ref().map(|names| names.iter().map(Cow::from).collect()),
        })
    }

    fn output(_: Nothing<'_>) -> Result<()> {
        Ok(())
    }
}

/// ListTagResources.
pub(crate) struct ListTagResources;

impl Wire for ListTagResources {
    type Op = key::ListTagsOfMany;
    type Ask<'a> = ListTagResourcesRequest<'a>;
    type Told<'a> = ListTagResourcesResponse<'a>;

    fn op(ask: ListTagResourcesRequest<'_>) -> Result<key::ListTagsOfMany> {
        let ListTagResourcesRequest { resource_id, resource_type } = ask;
        Ok(key::ListTagsOfMany { keys: keys(resource_type, resource_id)? })
    }

    fn told(output: &Vec<KeyTags>) -> Result<ListTagResourcesResponse<'_>> {
        let tags = output.iter().flat_map(told_tags).collect();
        Ok(ListTagResourcesResponse { tag_resources: Some(TagsOfResources { tag_resource: Some(tags) }) })
    }

    fn ask(op: &key::ListTagsOfMany) -> Result<ListTagResourcesRequest<'_>> {
        let key::ListTagsOfMany { keys } = op;
        Ok(ListTagResourcesRequest { resource_id: Some(names(keys)?), resource_type: Some(KEY.into()) })
    }

    fn output(told: ListTagResourcesResponse<'_>) -> Result<Vec<KeyTags>> {
        let ListTagResourcesResponse { tag_resources } = told;
        let TagsOfResources { tag_resource } = heard::had(tag_resources)?;
        let mut all = Vec::<KeyTags>::new();
        for TagOfResource { resource_id, resource_type, tag_key, tag_value } in heard::had(tag_resource)? {
            heard::agrees(resource_type, KEY)?;
            let (key_id, tag) = (heard::text(resource_id)?, (heard::text(tag_key)?, heard::text(tag_value)?));
            match all.last_mut() {
                Some(last) if last.key_id.as_deref() == Some(&*key_id) => last.tags.push(tag),
                _ => all.push(KeyTags { key_id: Some(key_id), tags: vec![tag], next: None }),
            }
        }
        Ok(all)
    }
}

/// Each tag of a key, with the key.
fn told_tags(of: &KeyTags) -> impl Iterator<Item = TagOfResource<'_>> {
    let KeyTags { key_id, tags, next: _ } = of;
    tags.iter().map(move |(name, value)| TagOfResource {
        resource_id: key_id.as_deref().map(Cow::from),
        resource_type: Some(KEY.into()),
        tag_key: Some(name.into()),
        tag_value: Some(value.into()),
    })
}

/// The keys of `ResourceId.1`, `ResourceId.2`, ….
fn keys(kind: Option<Cow<'_, str>>, names: Option<Vec<Cow<'_, str>>>) -> Result<Vec<Reference>> {
    match kind.unwrap_or_default() {
        kind if kind.eq_ignore_ascii_case(KEY) => {}
        kind if kind.eq_ignore_ascii_case("secret") => {
            return Err(Kind::Unsupported.because("secrets are not built yet").naming(RESOURCE_TYPE));
        }
        _ => return Err(invalid(Flaw::Value, RESOURCE_TYPE)),
    }
    let names = names.unwrap_or_default();
    let read = |name: &Cow<'_, str>| resource::key(name).ok_or_else(|| invalid(Flaw::Format, RESOURCE_ID));
    match names.is_empty() {
        true => Err(missing(RESOURCE_ID)),
        false => names.iter().map(read).collect(),
    }
}

/// The keys as `ResourceId.1`, `ResourceId.2`, … have them.
fn names(keys: &[Reference]) -> Result<Vec<Cow<'_, str>>> {
    keys.iter().map(key_name).collect()
}

#[cfg(test)]
#[allow(clippy::unwrap_used, clippy::expect_used, clippy::indexing_slicing, clippy::panic, reason = "tests")]
mod tests {
    use super::*;
    use crate::wire::tests::{decoded, shown};

    const KIND: (&str, &str) = ("ResourceType", "key");

    #[test]
    fn several_keys_get_the_same_tags() {
        let tag = decoded::<TagResources>(&[
            KIND,
            ("ResourceId.1", "a"),
            ("ResourceId.2", "b"),
            ("Tag.1.Key", "x"),
            ("Tag.1.Value", "1"),
            ("Tag.2.Key", "y"),
        ]);
        let tag = tag.unwrap();
        assert_eq!(tag.keys, [Reference::id("a"), Reference::id("b")]);
        assert_eq!(tag.tags, [("x".to_owned(), "1".to_owned()), ("y".to_owned(), String::new())].into());
    }

    #[test]
    fn requests_without_keys_or_tags_are_refused() {
        let subject = |pairs: &[(&str, &str)]| {
            decoded::<TagResources>(pairs).unwrap_err().subject().unwrap_or_default().to_owned()
        };
        let tag = ("Tag.1.Key", "x");
        assert_eq!(subject(&[KIND, ("ResourceId.1", "a")]), "Tag");
        assert_eq!(subject(&[KIND, tag]), "ResourceId");
        assert_eq!(subject(&[tag, ("ResourceId.1", "a")]), "ResourceType");
        assert_eq!(subject(&[("ResourceType", "secret"), tag, ("ResourceId.1", "a")]), "ResourceType");
        let many: Vec<String> = (1..=51).map(|number| format!("ResourceId.{number}")).collect();
        let many: Vec<_> = many.iter().map(|name| (name.as_str(), "a")).chain([KIND, tag]).collect();
        assert_eq!(subject(&many), "ResourceId");
    }

    #[test]
    fn tags_are_removed_by_name_or_altogether() {
        let decode = |pairs: &[(&str, &str)]| decoded::<UntagResources>(pairs);
        let one = ("ResourceId.1", "a");
        assert_eq!(decode(&[KIND, one, ("TagKey.1", "x")]).unwrap().tag_keys.unwrap(), ["x"]);
        assert_eq!(decode(&[KIND, one, ("All", "true")]).unwrap().tag_keys, None);
        assert_eq!(decode(&[KIND, one]).unwrap_err().subject(), Some("TagKey"));
    }

    #[test]
    fn tags_are_listed_by_resource() {
        let tags = vec![("x".to_owned(), "1".to_owned())];
        let told = shown::<ListTagResources>(vec![KeyTags { key_id: Some("k".into()), tags, next: None }]);
        let expected = serde_json::json!({"TagResources": {"TagResource": [
            {"ResourceId": "k", "ResourceType": "key", "TagKey": "x", "TagValue": "1"}
        ]}});
        assert_eq!(told, expected);
    }
}
