//! The wire of IAM: users, groups, roles, policies and access keys in the query protocol.
//!
//! Follows the "AWS Identity and Access Management API Reference", version 2010-05-08.

pub(crate) mod access_key;
pub(crate) mod attachment;
pub(crate) mod group;
pub(crate) mod inline;
pub(crate) mod managed_policy;
pub(crate) mod role;
pub(crate) mod simulate;
pub(crate) mod user;

use std::borrow::Cow;

use percent_encoding::{AsciiSet, NON_ALPHANUMERIC, percent_decode_str, utf8_percent_encode};
use polykms_core::error::{Error, Flaw, Kind, Noun, Result};
use polykms_core::identity::PolicyName;
use polykms_core::list::Paging;
use polykms_core::tag::Tags;

use super::{heard, list};
use crate::message::iam::Tag;
use crate::resource;

/// A text of a request, if only by default.
fn owned(text: Option<Cow<'_, str>>) -> String {
    text.unwrap_or_default().into_owned()
}

/// A text of a request, if it is there.
fn given(text: Option<Cow<'_, str>>) -> Option<String> {
    text.map(Cow::into_owned)
}

/// A length of time in seconds.
fn seconds(number: Option<i64>) -> Option<u32> {
    number.and_then(|seconds| u32::try_from(seconds).ok())
}

/// The part of a list that a request wants.
fn paging(limit: Option<i64>, marker: Option<Cow<'_, str>>) -> Paging {
    list::paging(limit, marker, 1000)
}

/// Reads the ARN of a managed policy.
///
/// # Errors
/// [`Kind::Invalid`] for a text that is no ARN, [`Kind::NotApplicable`] for an ARN of something else.
fn policy(arn: Option<Cow<'_, str>>) -> Result<PolicyName> {
    let text = arn.unwrap_or_default();
    if !text.starts_with("arn:") {
        return Err(Kind::Invalid(Flaw::Format).verbatim("Invalid ARN:  Could not be parsed!"));
    }
    let not_one = || Kind::NotApplicable.verbatim(format!("ARN {text} is not valid."));
    resource::managed_policy(&text).ok_or_else(not_one)
}

/// The ARN of a managed policy as a request has it.
///
/// # Errors
/// [`Kind::Unsupported`] for a policy of an account that is not named.
fn policy_arn(policy: &PolicyName) -> Result<Cow<'_, str>> {
    let PolicyName { system, account, path, name } = policy;
    match (system, account) {
        (true, _) => Ok(resource::Home::of("aws").policy(path, name).into()),
        (false, Some(account)) => Ok(resource::Home::of(account).policy(path, name).into()),
        (false, None) => Err(Kind::Unsupported.because("AWS names policies with their account")),
    }
}

/// The refusal to ask for an operation on another kind of holder.
fn other_holder() -> Error {
    Kind::Unsupported.because("the operation is for another kind of holder")
}

/// Refuses a document with more characters than its quota allows; white space does not count.
fn within((quota, most): (&str, usize), document: Option<Cow<'_, str>>) -> Result<String> {
    let document = owned(document);
    match document.chars().filter(|one| !one.is_whitespace()).count() {
        size if size > most => Err(exceeded(quota, most)),
        _ => Ok(document),
    }
}

fn exceeded(quota: &str, most: usize) -> Error {
    Kind::LimitExceeded(Noun::Policy).verbatim(format!("Cannot exceed quota for {quota}: {most}"))
}

/// A document of an answer: encoded like the part of a URI (RFC 3986).
fn document(text: &str) -> Cow<'_, str> {
    const RESERVED: &AsciiSet = &NON_ALPHANUMERIC.remove(b'-').remove(b'.').remove(b'_').remove(b'~');
    utf8_percent_encode(text, RESERVED).into()
}

/// The document that an answer tells.
fn heard_document(text: &str) -> Result<String> {
    let decoded = percent_decode_str(text).decode_utf8();
    decoded.map(Cow::into_owned).map_err(|_| heard::unreadable("a document is not encoded like the part of a URI"))
}

/// The tags of a request.
///
/// # Errors
/// [`Kind::InvalidTag`] for a name that stands twice or is reserved.
fn tags(given: Option<Vec<Tag<'_>>>) -> Result<Tags> {
    const TWICE: &str = "Duplicate tag keys found. Please note that Tag keys are case insensitive.";
    let mut tags = Tags::new();
    for Tag { key, value } in given.unwrap_or_default() {
        let name = owned(key);
        if tags.keys().any(|known: &String| known.to_lowercase() == name.to_lowercase()) {
            return Err(Kind::InvalidTag.verbatim(TWICE));
        }
        tags.insert(name, owned(value));
    }
    match tags.keys().any(|name| name.get(..4).is_some_and(|start| start.eq_ignore_ascii_case("aws:"))) {
        true => Err(Kind::InvalidTag.verbatim("Tag keys beginning with aws: are reserved for system use.")),
        false => Ok(tags),
    }
}

/// Tags as messages have them; absent where there are none.
fn tag_list(tags: &Tags) -> Option<Vec<Tag<'_>>> {
    let tag = |(name, value): (_, _)| Tag { key: Some(Cow::<str>::from(name)), value: Some(Cow::<str>::from(value)) };
    (!tags.is_empty()).then(|| tags.iter().map(tag).collect())
}

/// The tags of an answer that tells them where there are any.
fn heard_tags(tags: Option<Vec<Tag<'_>>>) -> Result<Tags> {
    let pair = |Tag { key, value }| Ok((heard::text(key)?, heard::text(value)?));
    tags.unwrap_or_default().into_iter().map(pair).collect()
}

/// Words of an answer; absent where there are none.
fn words(text: &Option<String>) -> Option<Cow<'_, str>> {
    text.as_deref().filter(|text| !text.is_empty()).map(Cow::from)
}

#[cfg(test)]
#[allow(clippy::unwrap_used, clippy::expect_used, clippy::indexing_slicing, clippy::panic, reason = "tests")]
mod tests {
    use super::*;
    use crate::wire::tests::asked;

    #[test]
    fn the_arn_of_a_policy_is_read_or_refused_in_the_recorded_words() {
        assert!(policy(Some("arn:aws:iam::111122223333:policy/x/p".into())).is_ok_and(|name| name.path == "/x/"));
        let error = policy(Some("longpolicynamebutnoarn".into())).unwrap_err();
        assert_eq!(
            (error.kind(), error.vendor_message()),
            (Kind::Invalid(Flaw::Format), Some("Invalid ARN:  Could not be parsed!"))
        );
        let other = policy(Some("arn:aws:iam::111122223333:user/u".into()));
        assert_eq!(other.unwrap_err().kind(), Kind::NotApplicable);
    }

    #[test]
    fn white_space_does_not_count_against_a_quota() {
        assert!(within(("PolicySize", 2), Some(" a\n b ".into())).is_ok());
        let error = within(("PolicySize", 2), Some("abc".into())).unwrap_err();
        assert_eq!(error.vendor_message(), Some("Cannot exceed quota for PolicySize: 2"));
    }

    #[test]
    fn documents_are_encoded_like_parts_of_a_uri() {
        let encoded = document("{\"a\": \"~-._é\"}");
        assert_eq!(encoded, "%7B%22a%22%3A%20%22~-._%C3%A9%22%7D");
        assert_eq!(heard_document(&encoded).unwrap(), "{\"a\": \"~-._é\"}");
    }

    #[test]
    fn tags_are_checked_one_by_one() {
        let tags = |parameters: &[(&str, &str)]| {
            let name = [("UserName", "alice")];
            let parameters: Vec<_> = name.iter().chain(parameters).copied().collect();
            asked::<user::CreateUser>("iam", &parameters).map(|op| op.tags)
        };
        let text = |refused: Result<Tags>| refused.unwrap_err().vendor_message().unwrap().to_owned();
        let (key, value) = ("Tags.member.1.Key", "Tags.member.1.Value");
        assert_eq!(tags(&[(key, "Größe 1"), (value, "")]).unwrap(), Tags::from([("Größe 1".into(), String::new())]));
        let twice = tags(&[(key, "a"), (value, ""), ("Tags.member.2.Key", "A"), ("Tags.member.2.Value", "")]);
        assert_eq!(text(twice), "Duplicate tag keys found. Please note that Tag keys are case insensitive.");
        assert_eq!(tags(&[(key, "AWS:a"), (value, "")]).unwrap_err().kind(), Kind::InvalidTag);
        assert!(text(tags(&[(key, "a")])).contains("at 'tags.1.member.value'"));
        assert!(text(tags(&[(key, "a\n"), (value, "")])).contains("at 'tags.1.member.key'"));
        let many: Vec<(String, String)> = (1..=51)
            .flat_map(|at| {
                [(format!("Tags.member.{at}.Key"), at.to_string()), (format!("Tags.member.{at}.Value"), "".into())]
            })
            .collect();
        let many: Vec<_> = many.iter().map(|(name, value)| (name.as_str(), value.as_str())).collect();
        assert!(
            text(tags(&many)).contains("Value at 'tags' failed to satisfy constraint: Member must have length less")
        );
    }

    #[test]
    fn what_is_not_built_is_never_ignored() {
        let refused = |parameters: &[(&str, &str)]| {
            let name = [("RoleArn", "arn:aws:iam::111122223333:role/reader"), ("RoleSessionName", "S1")];
            let parameters: Vec<_> = name.iter().chain(parameters).copied().collect();
            asked::<crate::wire::sts::assume::AssumeRole>("sts", &parameters)
        };
        assert!(refused(&[("Tags", "")]).is_ok() && refused(&[]).is_ok());
        assert_eq!(refused(&[("Tags.member.1.Key", "a")]).unwrap_err().kind(), Kind::Unsupported);
        assert_eq!(refused(&[("Tags", "a")]).unwrap_err().subject(), Some("Tags"));
    }
}
