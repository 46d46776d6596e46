//! TagResource, UntagResource and ListResourceTags.

use polykms_core::dialect::{Payload, Wire};
use polykms_core::error::{Error, Kind, Result};
use polykms_core::key::{self, KeyTags};
use polykms_core::tag::Tags;
use serde::{Deserialize, Serialize};

use super::{Rest, key_id, named_key, page_checks, page_size};
use crate::rules::MAX_TAGS;
use crate::wire::constraint::{Violation, detect, length, required, texts};
use crate::wire::json::{List, NOTHING, Number, Object, Text, decode, encode, text};

/// A tag as it is given.
#[derive(Deserialize)]
#[serde(rename_all = "PascalCase")]
pub(super) struct TagMember<'a> {
    #[serde(borrow)]
    tag_key: Option<Text<'a>>,
    #[serde(borrow)]
    tag_value: Option<Text<'a>>,
}

type TagList<'a> = List<Object<TagMember<'a>>>;

/// The checks of a list of tags.
pub(super) fn tag_checks(tags: Option<&TagList<'_>>) -> Vec<Violation> {
    let tags = tags.map(|List(tags)| tags.as_slice()).unwrap_or_default();
    let each = tags.iter().enumerate().flat_map(|(at, Object(TagMember { tag_key, tag_value }))| {
        let (key, value) = (format!("tags.{}.member.tagKey", at + 1), format!("tags.{}.member.tagValue", at + 1));
        [
            required(&key, tag_key.as_ref()),
            length(&key, text(tag_key), 1..=128),
            required(&value, tag_value.as_ref()),
            length(&value, text(tag_value), 0..=256),
        ]
    });
    each.collect()
}

/// The tags of a list that passed its checks, and their names.
pub(super) fn tags(list: Option<&TagList<'_>>) -> Result<(Tags, Vec<String>)> {
    let list = list.map(|List(tags)| tags.as_slice()).unwrap_or_default();
    if list.len() > MAX_TAGS {
        return Err(Kind::InvalidTag.verbatim("Too many tags"));
    }
    let mut tags = Tags::new();
    for Object(TagMember { tag_key, tag_value }) in list {
        let (name, value) = (text(tag_key).unwrap_or_default(), text(tag_value).unwrap_or_default());
        if is_reserved(name) {
            return Err(reserved());
        }
        if tags.insert(name.to_owned(), value.to_owned()).is_some() {
            return Err(Kind::InvalidTag.verbatim("Duplicate tag keys"));
        }
    }
    let names = tags.keys().cloned().collect();
    Ok((tags, names))
}

fn is_reserved(name: &str) -> bool {
    name.get(..4).is_some_and(|start| start.eq_ignore_ascii_case("aws:"))
}

fn reserved() -> Error {
    Kind::InvalidTag.verbatim("Tags beginning with aws: are reserved")
}

/// TagResource.
pub(crate) struct TagResource;

#[derive(Deserialize)]
#[serde(rename_all = "PascalCase")]
struct TagResourceArguments<'a> {
    #[serde(borrow, rename = "KeyId")]
    name: Option<Text<'a>>,
    #[serde(borrow, rename = "Tags")]
    list: Option<TagList<'a>>,
}

impl Wire for TagResource {
    type Op = key::Tag;

    fn decode(arguments: &Payload) -> Result<key::Tag> {
        let TagResourceArguments { name, list } = decode(arguments)?;
        let checks = key_id("keyId", &name).into_iter().chain([required("tags", list.as_ref())]);
        detect(checks.chain(tag_checks(list.as_ref())))?;
        let (tags, tag_keys) = tags(list.as_ref())?;
        Ok(key::Tag { key: named_key(&name)?, tags, tag_keys })
    }

    fn encode((): ()) -> Result<Payload> {
        Ok(NOTHING)
    }
}

/// UntagResource.
pub(crate) struct UntagResource;

#[derive(Deserialize)]
#[serde(rename_all = "PascalCase")]
struct UntagResourceArguments<'a> {
    #[serde(borrow, rename = "KeyId")]
    name: Option<Text<'a>>,
    #[serde(borrow, rename = "TagKeys")]
    list: Option<List<Text<'a>>>,
}

impl Wire for UntagResource {
    type Op = key::Untag;

    fn decode(arguments: &Payload) -> Result<key::Untag> {
        let UntagResourceArguments { name, list } = decode(arguments)?;
        let names = list.as_ref().map(|List(names)| names.as_slice()).unwrap_or_default().iter().map(Text::as_str);
        let checks = key_id("keyId", &name).into_iter().chain([required("tagKeys", list.as_ref())]);
        detect(checks.chain(texts("tagKeys", names.clone(), usize::MAX, 1..=128)))?;
        if names.clone().any(is_reserved) {
            return Err(reserved());
        }
        Ok(key::Untag { key: named_key(&name)?, tag_keys: names.map(str::to_owned).collect() })
    }

    fn encode((): ()) -> Result<Payload> {
        Ok(NOTHING)
    }
}

/// ListResourceTags.
pub(crate) struct ListResourceTags;

#[derive(Deserialize)]
#[serde(rename_all = "PascalCase")]
struct ListResourceTagsArguments<'a> {
    #[serde(borrow, rename = "KeyId")]
    name: Option<Text<'a>>,
    limit: Option<Number>,
    #[serde(borrow)]
    marker: Option<Text<'a>>,
}

#[derive(Serialize)]
#[serde(rename_all = "PascalCase")]
struct ListResourceTagsOutput {
    tags: Vec<TagEntry>,
    #[serde(flatten)]
    rest: Rest,
}

#[derive(Serialize)]
#[serde(rename_all = "PascalCase")]
struct TagEntry {
    tag_key: String,
    tag_value: String,
}

impl Wire for ListResourceTags {
    type Op = key::ListTags;

    fn decode(arguments: &Payload) -> Result<key::ListTags> {
        let ListResourceTagsArguments { name, limit, marker } = decode(arguments)?;
        detect(key_id("keyId", &name).into_iter().chain(page_checks(limit, &marker)))?;
        let marker = text(&marker).map(str::to_owned);
        Ok(key::ListTags { key: named_key(&name)?, limit: page_size(limit, 50, 50), marker })
    }

    fn encode(output: KeyTags) -> Result<Payload> {
        let KeyTags { key_id: _, tags, next } = output;
        let tags = tags.into_iter().map(|(tag_key, tag_value)| TagEntry { tag_key, tag_value }).collect();
        encode(&ListResourceTagsOutput { tags, rest: Rest::of(next) }, 1024)
    }
}

#[cfg(test)]
#[allow(clippy::unwrap_used, clippy::expect_used, clippy::indexing_slicing, clippy::panic, reason = "tests")]
mod tests {
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
        assert_eq!(list.limit, 50);
        let output = KeyTags { key_id: ID.to_owned(), tags: vec![("a".to_owned(), "1".to_owned())], next: None };
        assert_eq!(
            text_of(ListResourceTags::encode(output)),
            r#"{"Tags":[{"TagKey":"a","TagValue":"1"}],"Truncated":false}"#
        );
    }
}
