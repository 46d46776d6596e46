//! The operations of Resource Access Management, version 2015-05-01, in the vendor's words.
//!
//! Follows the RAM API reference and the RAM document "Limits".

pub(crate) mod access_key;
pub(crate) mod attachment;
pub(crate) mod decode;
pub(crate) mod group;
pub(crate) mod logon;
pub(crate) mod member;
pub(crate) mod policy;
pub(crate) mod role;
pub(crate) mod tag;
pub(crate) mod user;
pub(crate) mod version;

use std::borrow::Cow;

use polykms_core::error::{Flaw, Kind, Result};
use polykms_core::identity::PolicyName;
use polykms_core::list::{Limit, Paging};
use polykms_core::tag::Tags;

use super::{heard, invalid, missing};
use crate::message::ram::{Tag, ToldTag, ToldTags};

/// The longest name or value of a tag, in characters.
const LONGEST_TAG: usize = 128;

/// The whole of a namespace without paths.
const ROOT: &str = "/";

const TAG: &str = "Tag";

const CUSTOM: &str = "Custom";
const SYSTEM: &str = "System";

/// How many items a list tells at most.
const LARGEST_PART: usize = 1000;

/// A text as its own, if only by default.
fn owned(text: Option<Cow<'_, str>>) -> String {
    text.unwrap_or_default().into_owned()
}

/// A document that is not too long; whether it is one is not asked here.
fn document(name: &'static str, text: Option<Cow<'_, str>>, longest: usize) -> Result<Option<String>> {
    match text {
        Some(text) if text.len() > longest => Err(invalid(Flaw::Length, name)),
        text => Ok(text.map(Cow::into_owned)),
    }
}

/// A policy, of the account or of the vendor, by its name and type.
fn policy(name: Option<Cow<'_, str>>, kind: Option<Cow<'_, str>>) -> PolicyName {
    policy_name(owned(name), &kind.unwrap_or_default())
}

fn policy_name(name: String, kind: &str) -> PolicyName {
    if kind == SYSTEM { PolicyName::system(ROOT, name) } else { PolicyName::custom(ROOT, name) }
}

/// The type of a policy.
fn policy_type(policy: &PolicyName) -> &'static str {
    if policy.system { SYSTEM } else { CUSTOM }
}

/// Which part of a list a request asks for.
fn part(marker: Option<Cow<'_, str>>, most: Option<i64>) -> Paging {
    let asked = most.and_then(|most| usize::try_from(most).ok()).unwrap_or(LARGEST_PART);
    Paging::Marker { marker: marker.map(Cow::into_owned), limit: Limit::new(asked, LARGEST_PART) }
}

/// The marker and the number of items of a request for a part of a list.
fn part_of(paging: &Paging) -> Result<(Option<Cow<'_, str>>, Option<i64>)> {
    match paging {
        Paging::Marker { marker, limit } => Ok((marker.as_ref().map(Cow::from), i64::try_from(limit.asked).ok())),
        Paging::Number { .. } => Err(Kind::Unsupported.because("RAM has no numbered pages")),
    }
}

/// The parameter `Tag`: `[{"Key":"…","Value":"…"}]`, or `Tag.1.Key` and `Tag.1.Value`.
fn tags(pairs: Option<Vec<Tag<'_>>>) -> Result<Tags> {
    let fits = |text: &str| text.chars().count() <= LONGEST_TAG && !text.chars().any(char::is_control);
    let mut tags = Tags::new();
    for Tag { key, value } in pairs.unwrap_or_default() {
        let (key, value) = (owned(key), owned(value));
        let lower = key.to_lowercase();
        if key.is_empty() {
            return Err(missing("Tag.Key"));
        }
        if !fits(&key) || !fits(&value) || lower.starts_with("aliyun") || lower.starts_with("acs:") {
            return Err(invalid(Flaw::Value, TAG));
        }
        if tags.insert(key, value).is_some() {
            return Err(invalid(Flaw::Value, TAG));
        }
    }
    Ok(tags)
}

/// Refuses to choose by tags; an empty list of them chooses nothing out.
fn whatever_tags(pairs: Option<Vec<Tag<'_>>>, why: &'static str) -> Result<()> {
    if tags(pairs)?.is_empty() { Ok(()) } else { Err(Kind::Unsupported.because(why).naming(TAG)) }
}

/// Tags as a request has them.
fn asked_tags(tags: &Tags) -> Option<Vec<Tag<'_>>> {
    let pair = |(name, value)| Tag { key: Some(Cow::from(name)), value: Some(Cow::from(value)) };
    (!tags.is_empty()).then(|| tags.iter().map(pair).collect())
}

/// Tags inside their node, with the names that only lists use.
fn told_tags(tags: &Tags) -> ToldTags<'_> {
    let told = |(name, value)| ToldTag { tag_key: Some(Cow::from(name)), tag_value: Some(Cow::from(value)) };
    ToldTags { tag: Some(tags.iter().map(told).collect()) }
}

/// The tags of an answer.
fn heard_tags(ToldTags { tag }: ToldTags<'_>) -> Result<Tags> {
    let pair = |ToldTag { tag_key, tag_value }| Ok((heard::text(tag_key)?, heard::text(tag_value)?));
    heard::had(tag)?.into_iter().map(pair).collect()
}

#[cfg(test)]
#[allow(clippy::unwrap_used, clippy::expect_used, clippy::indexing_slicing, clippy::panic, reason = "tests")]
mod tests {
    use super::attachment::AttachPolicyToUser;
    use super::policy::CreatePolicy;
    use super::user::{DeleteUser, ListUsers};
    use super::*;
    use crate::wire::tests::decoded;

    #[test]
    fn names_have_the_vendors_length_and_characters() {
        let name = |text: &str| decoded::<DeleteUser>(&[("UserName", text)]).map(|op| op.name);
        assert_eq!(name("a.B_c-9").unwrap(), "a.B_c-9");
        assert!(name(&"x".repeat(64)).is_ok());
        for (text, flaw) in [
            ("", Flaw::Missing),
            ("a b", Flaw::Characters),
            ("a/b", Flaw::Characters),
            ("a\u{1f}b", Flaw::Characters),
            ("é", Flaw::Characters),
            (&"x".repeat(65), Flaw::Length),
        ] {
            let refused = name(text).unwrap_err();
            assert_eq!((refused.kind(), refused.subject()), (Kind::Invalid(flaw), Some("UserName")), "{text}");
        }
    }

    #[test]
    fn tags_are_read_as_json_and_numbered() {
        let tags = |pairs: &[(&str, &str)]| {
            let policy = [("PolicyName", "P"), ("PolicyDocument", "{}")];
            decoded::<CreatePolicy>(&[&policy, pairs].concat()).map(|op| op.tags)
        };
        let expected = Tags::from([("a".into(), "1".into()), ("b".into(), String::new())]);
        for pairs in [
            &[("Tag", r#"[{"Key":"a","Value":"1"},{"Key":"b"}]"#)][..],
            &[("Tag.1.Key", "a"), ("Tag.1.Value", "1"), ("Tag.2.Key", "b")],
        ] {
            assert_eq!(tags(pairs).unwrap(), expected);
        }
        assert!(tags(&[]).unwrap().is_empty());
        for wrong in [
            &[("Tag", r#"{"a":"1"}"#)][..],
            &[("Tag.1.Name", "a")],
            &[("Tag.x.Key", "a")],
            &[("Tag", r#"[{"Key":"a"}]"#), ("Tag.1.Key", "b")],
            &[("Tag", r#"[{"Key":"a"},{"Key":"a"}]"#)],
            &[("Tag.1.Value", "a")],
            &[("Tag.1.Key", "acs:x")],
        ] {
            assert!(tags(wrong).is_err(), "{wrong:?}");
        }
    }

    #[test]
    fn parts_of_lists_are_bounded() {
        let limit = |text: &str| {
            decoded::<ListUsers>(&[("MaxItems", text)]).map(|op| match op.paging {
                Paging::Marker { limit, .. } => limit.size(),
                Paging::Number { .. } => panic!("a numbered page"),
            })
        };
        assert_eq!((limit("").unwrap(), limit("1").unwrap(), limit("1000").unwrap()), (100, 1, 1000));
        for text in ["0", "1001", "-1", "x"] {
            assert_eq!(limit(text).unwrap_err().subject(), Some("MaxItems"));
        }
    }

    #[test]
    fn a_permission_for_a_resource_group_is_refused() {
        let attach = |group: &str| {
            let policy = [("UserName", "u"), ("PolicyName", "P"), ("PolicyType", "System")];
            decoded::<AttachPolicyToUser>(&[&policy[..], &[("ResourceGroupId", group)]].concat())
        };
        let refused = attach("rg-1").unwrap_err();
        assert_eq!((refused.kind(), refused.subject()), (Kind::Unsupported, Some("ResourceGroupId")));
        assert!(attach("").is_ok());
    }
}
