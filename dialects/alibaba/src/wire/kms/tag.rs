//! Tags of one resource: TagResource, UntagResource and ListResourceTags.

use std::borrow::Cow;

use polykms_core::dialect::Wire;
use polykms_core::dialect::message::Nothing;
use polykms_core::error::{Flaw, Result};
use polykms_core::key::{self, KeyTags, Reference};
use polykms_core::list::Paging;
use polykms_core::tag::Tags;

use super::{key_of, tag_names, tags};
use crate::message::kms::{
    KeyTag, ListResourceTagsRequest, ListResourceTagsResponse, TagOfKey, TagResourceRequest, TagsOfKey,
    UntagResourceRequest,
};
use crate::resource::key_name;
use crate::wire::{heard, invalid, missing};

const TAGS: &str = "Tags";
const TAG_KEYS: &str = "TagKeys";

/// TagResource.
pub(crate) struct TagResource;

impl Wire for TagResource {
    type Op = key::Tag;
    type Ask<'a> = TagResourceRequest<'a>;
    type Told<'a> = Nothing<'a>;

    fn op(ask: TagResourceRequest<'_>) -> Result<key::Tag> {
        let TagResourceRequest { key_id, tags } = ask;
        let tags = tags_of(tags)?.ok_or_else(|| missing(TAGS))?;
        Ok(key::Tag { key: tagged(key_id)?, tag_keys: tags.keys().cloned().collect(), tags })
    }

    fn told((): &()) -> Result<Nothing<'_>> {
        Ok(Nothing::default())
    }

    fn ask(op: &key::Tag) -> Result<TagResourceRequest<'_>> {
        let key::Tag { key, tags, tag_keys: _ } = op;
        Ok(TagResourceRequest { key_id: Some(key_name(key)?), tags: asked(tags) })
    }

    fn output(_: Nothing<'_>) -> Result<()> {
        Ok(())
    }
}

/// UntagResource.
pub(crate) struct UntagResource;

impl Wire for UntagResource {
    type Op = key::Untag;
    type Ask<'a> = UntagResourceRequest<'a>;
    type Told<'a> = Nothing<'a>;

    fn op(ask: UntagResourceRequest<'_>) -> Result<key::Untag> {
        let UntagResourceRequest { key_id, tag_keys } = ask;
        // The reference says "separated by commas", its examples are JSON.
        let names = tag_keys.unwrap_or_default().into_iter().map(Cow::into_owned).collect();
        Ok(key::Untag { key: tagged(key_id)?, tag_keys: tag_names(TAG_KEYS, names)? })
    }

    fn told((): &()) -> Result<Nothing<'_>> {
        Ok(Nothing::default())
    }

    fn ask(op: &key::Untag) -> Result<UntagResourceRequest<'_>> {
        let key::Untag { key, tag_keys } = op;
        Ok(UntagResourceRequest {
            key_id: Some(key_name(key)?),
            tag_keys: Some(tag_keys.iter().map(Cow::from).collect()),
        })
    }

    fn output(_: Nothing<'_>) -> Result<()> {
        Ok(())
    }
}

/// ListResourceTags.
pub(crate) struct ListResourceTags;

impl Wire for ListResourceTags {
    type Op = key::ListTags;
    type Ask<'a> = ListResourceTagsRequest<'a>;
    type Told<'a> = ListResourceTagsResponse<'a>;

    fn op(ask: ListResourceTagsRequest<'_>) -> Result<key::ListTags> {
        let ListResourceTagsRequest { key_id } = ask;
        Ok(key::ListTags { key: tagged(key_id)?, paging: Paging::WHOLE })
    }

    fn told(output: &KeyTags) -> Result<ListResourceTagsResponse<'_>> {
        let KeyTags { key_id, tags, next: _ } = output;
        let tags = tags.iter().map(|(name, value)| TagOfKey {
            key_id: key_id.as_deref().map(Cow::from),
            tag_key: Some(name.into()),
            tag_value: Some(value.into()),
        });
        Ok(ListResourceTagsResponse { tags: Some(TagsOfKey { tag: Some(tags.collect()) }) })
    }

    fn ask(op: &key::ListTags) -> Result<ListResourceTagsRequest<'_>> {
        // All tags are told at once.
        let key::ListTags { key, paging: _ } = op;
        Ok(ListResourceTagsRequest { key_id: Some(key_name(key)?) })
    }

    /// The key is told with each tag; of a key without any it is not known.
    fn output(told: ListResourceTagsResponse<'_>) -> Result<KeyTags> {
        let ListResourceTagsResponse { tags } = told;
        let TagsOfKey { tag } = heard::had(tags)?;
        let mut heard = KeyTags { key_id: None, tags: Vec::new(), next: None };
        for TagOfKey { key_id, tag_key, tag_value } in heard::had(tag)? {
            let key_id = heard::text(key_id)?;
            if heard.key_id.get_or_insert_with(|| key_id.clone()) != &key_id {
                return Err(heard::unreadable("the answer tells tags of two keys"));
            }
            heard.tags.push((heard::text(tag_key)?, heard::text(tag_value)?));
        }
        Ok(heard)
    }
}

/// The key; secrets and certificates have tags as well, but are not built.
fn tagged(key_id: Option<Cow<'_, str>>) -> Result<Reference> {
    match key_id {
        Some(_) => key_of("KeyId", key_id),
        None => Err(missing("KeyId")),
    }
}

/// The parameter `Tags`: `[{"TagKey":"…","TagValue":"…"}]`; an empty list is as good as none.
pub(super) fn tags_of(pairs: Option<Vec<KeyTag<'_>>>) -> Result<Option<Tags>> {
    let pairs = pairs.unwrap_or_default();
    let pair = |KeyTag { tag_key, tag_value }: KeyTag<'_>| {
        let name = tag_key.ok_or_else(|| invalid(Flaw::Format, TAGS))?;
        Ok((name.into_owned(), tag_value.unwrap_or_default().into_owned()))
    };
    match pairs.is_empty() {
        true => Ok(None),
        false => tags(TAGS, pairs.into_iter().map(pair).collect::<Result<Vec<_>>>()?).map(Some),
    }
}

/// The parameter `Tags` of a request that sets these.
pub(super) fn asked(tags: &Tags) -> Option<Vec<KeyTag<'_>>> {
    let pair = |(name, value)| KeyTag { tag_key: Some(Cow::from(name)), tag_value: Some(Cow::from(value)) };
    (!tags.is_empty()).then(|| tags.iter().map(pair).collect())
}

#[cfg(test)]
#[allow(clippy::unwrap_used, clippy::expect_used, clippy::indexing_slicing, clippy::panic, reason = "tests")]
mod tests {
    use polykms_core::error::Kind;

    use super::*;
    use crate::wire::tests::{decoded, shown};

    #[test]
    fn tag_names_are_read_as_json_and_as_text() {
        for text in [r#"["a","b"]"#, "a,b", "a, b"] {
            let untag = decoded::<UntagResource>(&[("KeyId", "k"), ("TagKeys", text)]).unwrap();
            assert_eq!(untag.tag_keys, ["a", "b"], "{text}");
        }
        for text in ["", "[]", "[", "a,,b"] {
            let refused = decoded::<UntagResource>(&[("KeyId", "k"), ("TagKeys", text)]).unwrap_err();
            assert_eq!(refused.subject(), Some("TagKeys"), "{text}");
        }
    }

    #[test]
    fn tags_of_secrets_are_refused_by_name() {
        let refused = decoded::<ListResourceTags>(&[("SecretName", "s")]).unwrap_err();
        assert_eq!((refused.kind(), refused.subject()), (Kind::Unsupported, Some("SecretName")));
    }

    #[test]
    fn tags_are_listed_with_their_key() {
        let tags = vec![("Project".to_owned(), "Apollo".to_owned())];
        let told = shown::<ListResourceTags>(KeyTags { key_id: Some("k".into()), tags, next: None });
        let expected =
            serde_json::json!({"Tags": {"Tag": [{"KeyId": "k", "TagKey": "Project", "TagValue": "Apollo"}]}});
        assert_eq!(told, expected);
    }
}
