//! Tags of one resource: TagResource, UntagResource and ListResourceTags.

use polykms_core::dialect::{Former, Payload};
use polykms_core::error::Result;
use polykms_core::key::{self, KeyTags, Reference};
use polykms_core::tag::Tags;
use serde::Deserialize;

use super::{tag_names, tags};
use crate::wire::{Arguments, done, listed, missing, object, tree};

const TAGS: &str = "Tags";
const TAG_KEYS: &str = "TagKeys";

pub(crate) struct TagResource;

impl Former for TagResource {
    type Op = key::Tag;

    fn decode(arguments: &Payload) -> Result<key::Tag> {
        let arguments = Arguments::of(arguments)?;
        let tags = tags_of(arguments)?.ok_or_else(|| missing(TAGS))?;
        Ok(key::Tag { key: tagged(arguments)?, tag_keys: tags.keys().cloned().collect(), tags })
    }

    fn encode((): ()) -> Result<Payload> {
        Ok(done())
    }
}

pub(crate) struct UntagResource;

impl Former for UntagResource {
    type Op = key::Untag;

    fn decode(arguments: &Payload) -> Result<key::Untag> {
        let arguments = Arguments::of(arguments)?;
        let text = arguments.required(TAG_KEYS)?;
        // The reference says "separated by commas", its examples are JSON.
        let names = if text.trim_start().starts_with('[') {
            arguments.json(TAG_KEYS)?.unwrap_or_default()
        } else {
            text.split(',').map(|name| name.trim().to_owned()).collect()
        };
        Ok(key::Untag { key: tagged(arguments)?, tag_keys: tag_names(TAG_KEYS, names)? })
    }

    fn encode((): ()) -> Result<Payload> {
        Ok(done())
    }
}

pub(crate) struct ListResourceTags;

impl Former for ListResourceTags {
    type Op = key::ListTags;

    fn decode(arguments: &Payload) -> Result<key::ListTags> {
        Ok(key::ListTags { key: tagged(Arguments::of(arguments)?)?, limit: usize::MAX, marker: None })
    }

    fn encode(output: KeyTags) -> Result<Payload> {
        let KeyTags { key_id, tags, next: _ } = output;
        let told = |(name, value): (String, String)| {
            object([("KeyId", key_id.clone().into()), ("TagKey", name.into()), ("TagValue", value.into())])
        };
        Ok(tree([(TAGS, listed("Tag", tags.into_iter().map(told)))]))
    }
}

/// The key; secrets and certificates have tags as well, but are not built.
fn tagged(arguments: Arguments<'_>) -> Result<Reference> {
    arguments.without("SecretName", "secrets are not built yet")?;
    arguments.without("CertificateId", "certificates are not built yet")?;
    arguments.key("KeyId")
}

#[derive(Deserialize)]
#[serde(rename_all = "PascalCase")]
struct Pair {
    tag_key: String,
    #[serde(default)]
    tag_value: String,
}

/// The parameter `Tags`: `[{"TagKey":"…","TagValue":"…"}]`; an empty list is as good as none.
pub(super) fn tags_of(arguments: Arguments<'_>) -> Result<Option<Tags>> {
    let pairs = arguments.json::<Vec<Pair>>(TAGS)?.unwrap_or_default();
    if pairs.is_empty() {
        return Ok(None);
    }
    tags(TAGS, pairs.into_iter().map(|Pair { tag_key, tag_value }| (tag_key, tag_value))).map(Some)
}

#[cfg(test)]
#[allow(clippy::unwrap_used, clippy::expect_used, clippy::indexing_slicing, clippy::panic, reason = "tests")]
mod tests {
    use polykms_core::error::Kind;

    use super::*;
    use crate::wire::tests::{params, shown};

    #[test]
    fn tag_names_are_read_as_json_and_as_text() {
        for text in [r#"["a","b"]"#, "a,b", "a, b"] {
            let untag = UntagResource::decode(&params(&[("KeyId", "k"), ("TagKeys", text)])).unwrap();
            assert_eq!(untag.tag_keys, ["a", "b"], "{text}");
        }
        for text in ["", "[]", "[", "a,,b"] {
            let refused = UntagResource::decode(&params(&[("KeyId", "k"), ("TagKeys", text)])).unwrap_err();
            assert_eq!(refused.subject(), Some("TagKeys"), "{text}");
        }
    }

    #[test]
    fn tags_of_secrets_are_refused_by_name() {
        let refused = ListResourceTags::decode(&params(&[("SecretName", "s")])).unwrap_err();
        assert_eq!((refused.kind(), refused.subject()), (Kind::Unsupported, Some("SecretName")));
    }

    #[test]
    fn tags_are_listed_with_their_key() {
        let tags = vec![("Project".to_owned(), "Apollo".to_owned())];
        let told = shown(ListResourceTags::encode(KeyTags { key_id: "k".into(), tags, next: None }));
        let expected =
            serde_json::json!({"Tags": {"Tag": [{"KeyId": "k", "TagKey": "Project", "TagValue": "Apollo"}]}});
        assert_eq!(told, expected);
    }
}
