//! Tags of several resources: TagResources, UntagResources and ListTagResources.

use polykms_core::dialect::{Former, Payload};
use polykms_core::error::{Flaw, Kind, Result};
use polykms_core::key::{self, KeyTags, Reference};

use super::{tag_names, tags};
use crate::resource;
use crate::wire::{Arguments, Fields, done, invalid, listed, missing, object, tree};

const TAG: &str = "Tag";
const TAG_KEY: &str = "TagKey";
const RESOURCE_ID: &str = "ResourceId";
const RESOURCE_TYPE: &str = "ResourceType";

/// Resources of one request.
const MOST: usize = 50;

pub(crate) struct TagResources;

impl Former for TagResources {
    type Op = key::TagMany;

    fn decode(arguments: &Payload) -> Result<key::TagMany> {
        let arguments = Arguments::of(arguments)?;
        let tags = tags(TAG, pairs(arguments)?)?;
        Ok(key::TagMany { keys: keys(arguments)?, tag_keys: tags.keys().cloned().collect(), tags })
    }

    fn encode((): ()) -> Result<Payload> {
        Ok(done())
    }
}

pub(crate) struct UntagResources;

impl Former for UntagResources {
    type Op = key::UntagMany;

    fn decode(arguments: &Payload) -> Result<key::UntagMany> {
        let arguments = Arguments::of(arguments)?;
        let all = arguments.flag("All")?.unwrap_or(false);
        let tag_keys = match arguments.list(TAG_KEY)? {
            // Named tags go before "all of them".
            Some(names) => Some(tag_names(TAG_KEY, names)?),
            None if all => None,
            None => return Err(missing(TAG_KEY)),
        };
        Ok(key::UntagMany { keys: keys(arguments)?, tag_keys })
    }

    fn encode((): ()) -> Result<Payload> {
        Ok(done())
    }
}

pub(crate) struct ListTagResources;

impl Former for ListTagResources {
    type Op = key::ListTagsOfMany;

    fn decode(arguments: &Payload) -> Result<key::ListTagsOfMany> {
        let arguments = Arguments::of(arguments)?;
        if !arguments.numbered(TAG)?.is_empty() || arguments.text(TAG).is_some() {
            return Err(Kind::Unsupported.because("a search by tag is not built yet").naming(TAG));
        }
        Ok(key::ListTagsOfMany { keys: keys(arguments)? })
    }

    fn encode(output: Vec<KeyTags>) -> Result<Payload> {
        let told = |KeyTags { key_id, tags, next: _ }| {
            tags.into_iter().map(move |(name, value)| {
                object([
                    (RESOURCE_ID, key_id.clone().into()),
                    (RESOURCE_TYPE, "key".into()),
                    (TAG_KEY, name.into()),
                    ("TagValue", value.into()),
                ])
            })
        };
        Ok(tree([("TagResources", listed("TagResource", output.into_iter().flat_map(told)))]))
    }
}

/// The keys of `ResourceId.1`, `ResourceId.2`, ….
fn keys(arguments: Arguments<'_>) -> Result<Vec<Reference>> {
    match arguments.required(RESOURCE_TYPE)? {
        kind if kind.eq_ignore_ascii_case("key") => {}
        kind if kind.eq_ignore_ascii_case("secret") => {
            return Err(Kind::Unsupported.because("secrets are not built yet").naming(RESOURCE_TYPE));
        }
        _ => return Err(invalid(Flaw::Value, RESOURCE_TYPE)),
    }
    let names = arguments.list(RESOURCE_ID)?.unwrap_or_default();
    let read = |name: &String| resource::key(name).ok_or_else(|| invalid(Flaw::Format, RESOURCE_ID));
    match names.len() {
        0 => Err(missing(RESOURCE_ID)),
        1..=MOST => names.iter().map(read).collect(),
        _ => Err(invalid(Flaw::Length, RESOURCE_ID)),
    }
}

/// The pairs of `Tag.1.Key`, `Tag.1.Value`, ….
fn pairs(arguments: Arguments<'_>) -> Result<Vec<(String, String)>> {
    let pair = |fields: Fields<'_>| {
        let (mut name, mut value) = (None, None);
        for (field, text) in fields {
            match field {
                Some("Key") => name = Some(text.to_owned()),
                Some("Value") => value = Some(text.to_owned()),
                _ => return Err(invalid(Flaw::Format, TAG)),
            }
        }
        Ok((name.ok_or_else(|| missing(TAG))?, value.unwrap_or_default()))
    };
    arguments.numbered(TAG)?.into_values().map(pair).collect()
}

#[cfg(test)]
#[allow(clippy::unwrap_used, clippy::expect_used, clippy::indexing_slicing, clippy::panic, reason = "tests")]
mod tests {
    use super::*;
    use crate::wire::tests::{params, shown};

    const KEY: (&str, &str) = ("ResourceType", "key");

    #[test]
    fn several_keys_get_the_same_tags() {
        let tag = TagResources::decode(&params(&[
            KEY,
            ("ResourceId.1", "a"),
            ("ResourceId.2", "b"),
            ("Tag.1.Key", "x"),
            ("Tag.1.Value", "1"),
            ("Tag.2.Key", "y"),
        ]));
        let tag = tag.unwrap();
        assert_eq!(tag.keys, [Reference::id("a"), Reference::id("b")]);
        assert_eq!(tag.tags, [("x".to_owned(), "1".to_owned()), ("y".to_owned(), String::new())].into());
    }

    #[test]
    fn requests_without_keys_or_tags_are_refused() {
        let subject = |pairs: &[(&str, &str)]| {
            TagResources::decode(&params(pairs)).unwrap_err().subject().unwrap_or_default().to_owned()
        };
        let tag = ("Tag.1.Key", "x");
        assert_eq!(subject(&[KEY, ("ResourceId.1", "a")]), "Tag");
        assert_eq!(subject(&[KEY, tag]), "ResourceId");
        assert_eq!(subject(&[tag, ("ResourceId.1", "a")]), "ResourceType");
        assert_eq!(subject(&[("ResourceType", "secret"), tag, ("ResourceId.1", "a")]), "ResourceType");
        let many: Vec<String> = (1..=51).map(|number| format!("ResourceId.{number}")).collect();
        let many: Vec<_> = many.iter().map(|name| (name.as_str(), "a")).chain([KEY, tag]).collect();
        assert_eq!(subject(&many), "ResourceId");
    }

    #[test]
    fn tags_are_removed_by_name_or_altogether() {
        let decode = |pairs: &[(&str, &str)]| UntagResources::decode(&params(pairs));
        let one = ("ResourceId.1", "a");
        assert_eq!(decode(&[KEY, one, ("TagKey.1", "x")]).unwrap().tag_keys.unwrap(), ["x"]);
        assert_eq!(decode(&[KEY, one, ("All", "true")]).unwrap().tag_keys, None);
        assert_eq!(decode(&[KEY, one]).unwrap_err().subject(), Some("TagKey"));
    }

    #[test]
    fn tags_are_listed_by_resource() {
        let tags = vec![("x".to_owned(), "1".to_owned())];
        let told = shown(ListTagResources::encode(vec![KeyTags { key_id: "k".into(), tags, next: None }]));
        let expected = serde_json::json!({"TagResources": {"TagResource": [
            {"ResourceId": "k", "ResourceType": "key", "TagKey": "x", "TagValue": "1"}
        ]}});
        assert_eq!(told, expected);
    }
}
