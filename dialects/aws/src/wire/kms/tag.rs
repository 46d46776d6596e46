//! TagResource, UntagResource and ListResourceTags.

use std::borrow::Cow;

use polykms_core::dialect::Wire;
use polykms_core::dialect::message::Nothing;
use polykms_core::error::{Error, Kind, Result};
use polykms_core::key::{self, KeyTags};
use polykms_core::tag::Tags;

use super::named_key;
use crate::message::kms::{
    ListResourceTagsRequest, ListResourceTagsResponse, Tag, TagResourceRequest, UntagResourceRequest,
};
use crate::resource::key_name;
use crate::rules::MAX_TAGS;
use crate::wire::{heard, list};

/// The tags of a request, and their names.
pub(super) fn tags(list: Option<Vec<Tag<'_>>>) -> Result<(Tags, Vec<String>)> {
    let list = list.unwrap_or_default();
    if list.len() > MAX_TAGS {
        return Err(Kind::InvalidTag.verbatim("Too many tags"));
    }
    let mut tags = Tags::new();
    for Tag { tag_key, tag_value } in list {
        let (name, value) = (tag_key.unwrap_or_default(), tag_value.unwrap_or_default());
        if is_reserved(&name) {
            return Err(reserved());
        }
        if tags.insert(name.into_owned(), value.into_owned()).is_some() {
            return Err(Kind::InvalidTag.verbatim("Duplicate tag keys"));
        }
    }
    let names = tags.keys().cloned().collect();
    Ok((tags, names))
}

/// Tags as messages have them.
pub(super) fn listed<'a>(tags: impl IntoIterator<Item = (&'a String, &'a String)>) -> Vec<Tag<'a>> {
    let tag =
        |(name, value): (&'a String, &'a String)| Tag { tag_key: Some(name.into()), tag_value: Some(value.into()) };
    tags.into_iter().map(tag).collect()
}

fn is_reserved(name: &str) -> bool {
    name.get(..4).is_some_and(|start| start.eq_ignore_ascii_case("aws:"))
}

fn reserved() -> Error {
    Kind::InvalidTag.verbatim("Tags beginning with aws: are reserved")
}

/// TagResource.
pub(crate) struct TagResource;

impl Wire for TagResource {
    type Op = key::Tag;
    type Ask<'a> = TagResourceRequest<'a>;
    type Told<'a> = Nothing<'a>;

    fn op(ask: TagResourceRequest<'_>) -> Result<key::Tag> {
        let TagResourceRequest { key_id, tags: list } = ask;
        let (tags, tag_keys) = tags(list)?;
        Ok(key::Tag { key: named_key(key_id)?, tags, tag_keys })
    }

    fn told((): &()) -> Result<Nothing<'_>> {
        Ok(Nothing::default())
    }

    fn ask(op: &key::Tag) -> Result<TagResourceRequest<'_>> {
        let key::Tag { key, tags, tag_keys: _ } = op;
        Ok(TagResourceRequest { key_id: Some(key_name(key)?), tags: Some(listed(tags)) })
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
        let names = tag_keys.unwrap_or_default();
        if names.iter().any(|name| is_reserved(name)) {
            return Err(reserved());
        }
        Ok(key::Untag { key: named_key(key_id)?, tag_keys: names.into_iter().map(Cow::into_owned).collect() })
    }

    fn told((): &()) -> Result<Nothing<'_>> {
        Ok(Nothing::default())
    }

    fn ask(op: &key::Untag) -> Result<UntagResourceRequest<'_>> {
        let key::Untag { key, tag_keys } = op;
        let tag_keys = tag_keys.iter().map(Cow::from).collect();
        Ok(UntagResourceRequest { key_id: Some(key_name(key)?), tag_keys: Some(tag_keys) })
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
        let ListResourceTagsRequest { key_id, limit, marker } = ask;
        Ok(key::ListTags { key: named_key(key_id)?, paging: list::paging(limit, marker, 50) })
    }

    fn told(output: &KeyTags) -> Result<ListResourceTagsResponse<'_>> {
        let KeyTags { key_id: _, tags, next } = output;
        Ok(ListResourceTagsResponse {
            tags: Some(listed(tags.iter().map(|(name, value)| (name, value)))),
            next_marker: next.as_deref().map(Cow::from),
            truncated: Some(next.is_some()),
        })
    }

    fn ask(op: &key::ListTags) -> Result<ListResourceTagsRequest<'_>> {
        let key::ListTags { key, paging } = op;
        let (limit, marker) = list::part(paging)?;
        Ok(ListResourceTagsRequest { key_id: Some(key_name(key)?), limit, marker })
    }

    fn output(told: ListResourceTagsResponse<'_>) -> Result<KeyTags> {
        let ListResourceTagsResponse { tags, next_marker, truncated } = told;
        let pair = |Tag { tag_key, tag_value }| Ok((heard::text(tag_key)?, heard::text(tag_value)?));
        Ok(KeyTags {
            // The answer does not repeat it.
            key_id: None,
            tags: heard::had(tags)?.into_iter().map(pair).collect::<Result<_>>()?,
            next: list::going_on(truncated, next_marker)?,
        })
    }
}

#[cfg(test)]
#[allow(clippy::unwrap_used, clippy::expect_used, clippy::indexing_slicing, clippy::panic, reason = "tests")]
mod tests {
    use polykms_core::list::Paging;

    use super::*;
    use crate::wire::kms::tests::{ID, decoded, refused, text_of};

    fn tagging(tags: &[(&str, &str)]) -> String {
        let tags: Vec<_> =
            tags.iter().map(|(key, value)| serde_json::json!({ "TagKey": key, "TagValue": value })).collect();
        serde_json::json!({ "KeyId": ID, "Tags": tags }).to_string()
    }

    #[test]
    fn tags_are_read_with_their_names() {
        let tag = decoded::<TagResource>(&tagging(&[("b", "2"), ("a", "")])).unwrap();
        assert_eq!(tag.tags.into_iter().collect::<Vec<_>>(), [("a".into(), "".into()), ("b".into(), "2".into())]);
        assert_eq!(tag.tag_keys, ["a", "b"]);
        let untag = decoded::<UntagResource>(&format!(r#"{{"KeyId":"{ID}","TagKeys":["a","b"]}}"#)).unwrap();
        assert_eq!(untag.tag_keys, ["a", "b"]);
    }

    #[test]
    fn tags_out_of_bounds_are_refused_in_the_recorded_words() {
        let many: Vec<String> = (0..51).map(|number| format!("k{number}")).collect();
        let many: Vec<(&str, &str)> = many.iter().map(|name| (name.as_str(), "")).collect();
        for (tags, words) in [
            (vec![("a", "1"), ("a", "2")], "Duplicate tag keys"),
            (many, "Too many tags"),
            (vec![("aws:x", "")], "Tags beginning with aws: are reserved"),
            (vec![("AWS:x", "")], "Tags beginning with aws: are reserved"),
        ] {
            assert_eq!(refused::<TagResource>(&tagging(&tags)), (Kind::InvalidTag, words.to_owned()));
        }
        let long = "v".repeat(257);
        assert_eq!(
            refused::<TagResource>(&tagging(&[("k", &long)])).1,
            format!(
                "1 validation error detected: Value '{long}' at 'tags.1.member.tagValue' failed to satisfy constraint: \
                 Member must have length less than or equal to 256"
            )
        );
        let long = "k".repeat(129);
        assert_eq!(
            refused::<TagResource>(&tagging(&[("a", ""), (&long, "")])).1,
            format!(
                "1 validation error detected: Value '{long}' at 'tags.2.member.tagKey' failed to satisfy constraint: \
                 Member must have length less than or equal to 128"
            )
        );
        let missing = refused::<TagResource>(&format!(r#"{{"KeyId":"{ID}"}}"#)).1;
        assert!(missing.contains("Value null at 'tags'"), "{missing}");
        let missing = refused::<UntagResource>(&format!(r#"{{"KeyId":"{ID}","TagKeys":[""]}}"#)).1;
        assert!(missing.contains("Value '[]' at 'tagKeys'"), "{missing}");
    }

    #[test]
    fn tags_are_listed_fifty_at_a_time() {
        let list = decoded::<ListResourceTags>(&format!(r#"{{"KeyId":"{ID}","Limit":1000}}"#)).unwrap();
        assert!(matches!(list.paging, Paging::Marker { limit, .. } if limit.size() == 50));
        let output = KeyTags { key_id: Some(ID.to_owned()), tags: vec![("a".to_owned(), "1".to_owned())], next: None };
        assert_eq!(
            text_of::<ListResourceTags>(output),
            r#"{"Tags":[{"TagKey":"a","TagValue":"1"}],"Truncated":false}"#
        );
    }
}
