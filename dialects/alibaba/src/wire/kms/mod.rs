//! The operations of Key Management Service, version 2016-01-20, in the vendor's words.

pub(crate) mod account;
pub(crate) mod alias;
pub(crate) mod bulk;
pub(crate) mod crypt;
pub(crate) mod import;
pub(crate) mod key;
pub(crate) mod life;
pub(crate) mod list;
pub(crate) mod pair;
pub(crate) mod policy;
pub(crate) mod rotation;
pub(crate) mod tag;
pub(crate) mod version;

use std::borrow::Cow;

use polykms_core::dialect::message::Pairs;
use polykms_core::error::{Flaw, Result};
use polykms_core::key::{EncryptionContext, Reference};
use polykms_core::tag::Tags;

use super::{invalid, missing};
use crate::resource;

/// The longest key policy, in bytes.
const LONGEST_POLICY: usize = 32_768;

/// The longest name or value of a tag, in characters.
const LONGEST_TAG: usize = 128;

/// Tags that one call may set or remove.
const TAGS_AT_ONCE: usize = 20;

/// The key that a parameter names.
fn key_of(name: &'static str, text: Option<Cow<'_, str>>) -> Result<Reference> {
    resource::key(&text.unwrap_or_default()).ok_or_else(|| invalid(Flaw::Format, name))
}

/// The encryption context of a request; none is empty.
fn context(pairs: Option<Pairs<'_>>) -> EncryptionContext {
    pairs.unwrap_or_default().into_owned()
}

/// An encryption context as a request has it; an empty one is none.
fn pairs(context: &EncryptionContext) -> Option<Pairs<'_>> {
    (!context.is_empty()).then(|| context.iter().collect())
}

/// A key policy that is not too long; whether it is one is not asked here.
fn policy(text: Option<Cow<'_, str>>) -> Result<Option<String>> {
    match text {
        Some(text) if text.len() > LONGEST_POLICY => Err(invalid(Flaw::Length, "Policy")),
        text => Ok(text.map(Cow::into_owned)),
    }
}

/// Tags by their pairs, each name once, of the vendor's characters.
fn tags(name: &'static str, pairs: impl IntoIterator<Item = (String, String)>) -> Result<Tags> {
    let mut tags = Tags::new();
    for (key, value) in pairs {
        let repeated = tags.contains_key(&key);
        if repeated || !is_tag_name(&key) || !is_tag_text(&value) {
            return Err(invalid(Flaw::Value, name));
        }
        tags.insert(key, value);
    }
    match tags.len() {
        0 => Err(missing(name)),
        1..=TAGS_AT_ONCE => Ok(tags),
        _ => Err(invalid(Flaw::Length, name)),
    }
}

/// The names of tags, of which at least one must be given.
fn tag_names(name: &'static str, names: Vec<String>) -> Result<Vec<String>> {
    match names.len() {
        0 => Err(missing(name)),
        1..=TAGS_AT_ONCE if names.iter().all(|name| !name.is_empty() && is_tag_text(name)) => Ok(names),
        1..=TAGS_AT_ONCE => Err(invalid(Flaw::Value, name)),
        _ => Err(invalid(Flaw::Length, name)),
    }
}

fn is_tag_name(text: &str) -> bool {
    let lower = text.to_lowercase();
    !text.is_empty() && is_tag_text(text) && !lower.starts_with("aliyun") && !lower.starts_with("acs:")
}

fn is_tag_text(text: &str) -> bool {
    let known = |character: char| character.is_alphanumeric() || r"/\_-.+=:@ ".contains(character);
    text.chars().count() <= LONGEST_TAG && text.chars().all(known)
}

#[cfg(test)]
#[allow(clippy::unwrap_used, clippy::expect_used, clippy::indexing_slicing, clippy::panic, reason = "tests")]
mod tests {
    use polykms_core::error::Kind;

    use super::crypt::GenerateDataKey;
    use super::*;
    use crate::wire::tests::decoded;

    #[test]
    fn a_context_is_read_as_json_and_as_pairs() {
        let context = |pairs: &[(&str, &str)]| {
            decoded::<GenerateDataKey>(&[&[("KeyId", "k")], pairs].concat()).map(|wanted| wanted.context)
        };
        let expected = EncryptionContext::from([("a".into(), "1".into()), ("b.c".into(), "2".into())]);
        assert_eq!(context(&[("EncryptionContext", r#"{"b.c":"2","a":"1"}"#)]).unwrap(), expected);
        assert_eq!(context(&[("EncryptionContext.a", "1"), ("EncryptionContext.b.c", "2")]).unwrap(), expected);
        for empty in [&[][..], &[("EncryptionContext", "")], &[("EncryptionContext", "{}")]] {
            assert!(context(empty).unwrap().is_empty());
        }
        let long = "x".repeat(8193);
        for wrong in [
            &[("EncryptionContext", "x")][..],
            &[("EncryptionContext", r#"{"a":1}"#)],
            &[("EncryptionContext", r#"["a"]"#)],
            &[("EncryptionContext", r#"{"a":"1","a":"2"}"#)],
            &[("EncryptionContext", r#"{"a":"1"}"#), ("EncryptionContext.a", "1")],
            &[("EncryptionContext.a", long.as_str())],
        ] {
            assert_eq!(context(wrong).unwrap_err().subject(), Some("EncryptionContext"));
        }
    }

    #[test]
    fn tags_are_of_the_vendors_form() {
        let one = |key: &str, value: &str| tags("Tags", [(key.to_owned(), value.to_owned())]);
        assert!(one("Project", "").is_ok() && one("é/\\_-.+=:@ 9", "x").is_ok() && one(&"k".repeat(128), "").is_ok());
        for (key, value) in [("", "v"), ("aliyunX", ""), ("ACS:x", ""), ("a*", ""), ("a", "*"), (&"k".repeat(129), "")]
        {
            assert!(one(key, value).is_err(), "{key}");
        }
        let pair = |number: usize| (format!("k{}", number % 21), String::new());
        assert!(tags("Tags", (0..20).map(pair)).is_ok());
        assert!(tags("Tags", (0..21).map(pair)).is_err());
        assert!(tags("Tags", [pair(1), pair(1)]).is_err());
        assert_eq!(tags("Tags", []).unwrap_err().kind(), Kind::Invalid(Flaw::Missing));
    }
}
