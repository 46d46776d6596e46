//! The wire of IAM: users, groups, roles, policies and access keys in the query protocol.
//!
//! Follows the "AWS Identity and Access Management API Reference", version 2010-05-08.

pub(crate) mod access_key;
pub(crate) mod attachment;
pub(crate) mod group;
pub(crate) mod inline;
pub(crate) mod list;
pub(crate) mod managed_policy;
pub(crate) mod role;
pub(crate) mod simulate;
pub(crate) mod user;

use percent_encoding::{AsciiSet, NON_ALPHANUMERIC, utf8_percent_encode};
use polykms_core::dialect::Payload;
use polykms_core::error::{Error, Flaw, Kind, Noun, Result};
use polykms_core::identity::PolicyName;
use polykms_core::port::Time;
use polykms_core::tag::Tags;
use serde_json::{Value, json};

use super::field::{self, Fields, Shape, Values};
use crate::resource;

const NAME: &str = r"[\w+=,.@-]+";
const ANY_PATH: &str = r"(\u002F)|(\u002F[\u0021-\u007E]+\u002F)";

/// The name of a user or role.
const NAME_64: Shape = Shape { min: 1, max: 64, pattern: NAME, fits: is_name };
/// The name of a group or policy, or of a user that exists.
const NAME_128: Shape = Shape { min: 1, max: 128, pattern: NAME, fits: is_name };
/// The path of a user, group or role.
const PATH: Shape = Shape { min: 1, max: 512, pattern: ANY_PATH, fits: is_path };
/// The path of a policy, or what it begins with.
const POLICY_PATH: Shape = Shape { min: 1, max: 512, pattern: r"((/[A-Za-z0-9\.,\+@=_-]+)*)/", fits: is_policy_path };
/// The ARN of a policy.
const ARN: Shape = Shape { min: 20, max: 2048, pattern: "", fits: |_| true };
/// A policy document.
const DOCUMENT: Shape = Shape { min: 1, max: 131_072, pattern: r"[\u0009\u000A\u000D\u0020-\u00FF]+", fits: is_latin };
/// The words about a policy.
const POLICY_DESCRIPTION: Shape =
    Shape { min: 0, max: 1000, pattern: r"[\p{L}\p{M}\p{Z}\p{S}\p{N}\p{P}]*", fits: is_visible };

/// The output of an operation that has none.
const NOTHING: Payload = Payload::Tree(Value::Null);

fn is_name(text: &str) -> bool {
    text.bytes().all(|byte| byte.is_ascii_alphanumeric() || b"_+=,.@-".contains(&byte))
}

fn is_path(text: &str) -> bool {
    let inner = text.strip_prefix('/').and_then(|rest| rest.strip_suffix('/'));
    text == "/" || inner.is_some_and(|inner| !inner.is_empty() && inner.bytes().all(|byte| byte.is_ascii_graphic()))
}

fn is_policy_path(text: &str) -> bool {
    let fits = |part: &str| {
        !part.is_empty() && part.bytes().all(|byte| byte.is_ascii_alphanumeric() || b".,+@=_-".contains(&byte))
    };
    let inner = text.strip_prefix('/').and_then(|rest| rest.strip_suffix('/'));
    text == "/" || inner.is_some_and(|inner| inner.split('/').all(fits))
}

fn is_latin(text: &str) -> bool {
    text.chars().all(|one| matches!(one, '\t' | '\n' | '\r' | ' '..='\u{ff}'))
}

fn is_visible(text: &str) -> bool {
    !text.chars().any(char::is_control)
}

/// Reads the arguments of an operation of IAM.
fn read<T>(arguments: &Payload, build: impl FnOnce(&mut Fields<'_>) -> Result<T>) -> Result<T> {
    field::read(arguments, Values::Hidden, build)
}

/// Reads the ARN of a managed policy.
///
/// # Errors
/// [`Kind::Invalid`] for a text that is no ARN, [`Kind::NotApplicable`] for an ARN of something else.
fn policy(text: &str) -> Result<PolicyName> {
    if !text.starts_with("arn:") {
        return Err(Kind::Invalid(Flaw::Format).verbatim("Invalid ARN:  Could not be parsed!"));
    }
    let not_one = || Kind::NotApplicable.verbatim(format!("ARN {text} is not valid."));
    resource::managed_policy(text).ok_or_else(not_one)
}

/// Refuses a document with more characters than its quota allows; white space does not count.
fn within(quota: &str, most: usize, document: String) -> Result<String> {
    match document.chars().filter(|one| !one.is_whitespace()).count() {
        size if size > most => Err(exceeded(quota, most)),
        _ => Ok(document),
    }
}

fn exceeded(quota: &str, most: usize) -> Error {
    Kind::LimitExceeded(Noun::Policy).verbatim(format!("Cannot exceed quota for {quota}: {most}"))
}

/// A date of an answer.
fn date(time: Time) -> Value {
    time.strftime("%Y-%m-%dT%H:%M:%SZ").to_string().into()
}

/// A document of an answer: encoded like the part of a URI (RFC 3986).
fn document(text: &str) -> Value {
    const RESERVED: &AsciiSet = &NON_ALPHANUMERIC.remove(b'-').remove(b'.').remove(b'_').remove(b'~');
    utf8_percent_encode(text, RESERVED).to_string().into()
}

/// The tags of an answer; absent where there are none.
fn tags(tags: &Tags) -> Value {
    match tags.is_empty() {
        true => Value::Null,
        false => tags.iter().map(|(name, value)| json!({ "Key": name, "Value": value })).collect(),
    }
}

/// The words of an answer; absent where there are none.
fn words(text: &str) -> Value {
    if text.is_empty() { Value::Null } else { text.into() }
}

#[cfg(test)]
#[allow(clippy::unwrap_used, clippy::expect_used, clippy::indexing_slicing, clippy::panic, reason = "tests")]
mod tests {
    use super::*;

    #[test]
    fn names_and_paths_have_the_form_of_the_vendor() {
        assert!(is_name("a_+=,.@-9") && !is_name("a b") && !is_name("a/b") && !is_name("é") && !is_name("a\u{1f}"));
        for path in ["/", "/a/", "/a/b/", "/*:x/"] {
            assert!(is_path(path), "{path}");
        }
        for path in ["", "a", "/a", "a/", "//", "/a b/", "/\u{7f}/", "/é/"] {
            assert!(!is_path(path), "{path}");
        }
        assert!(is_policy_path("/") && is_policy_path("/a.,+@=_-/b/"));
        assert!(!is_policy_path("//") && !is_policy_path("/a//b/") && !is_policy_path("/a*/") && !is_policy_path("/a"));
    }

    #[test]
    fn the_arn_of_a_policy_is_read_or_refused_in_the_recorded_words() {
        assert!(policy("arn:aws:iam::111122223333:policy/x/p").is_ok_and(|name| name.path == "/x/"));
        let error = policy("longpolicynamebutnoarn").unwrap_err();
        assert_eq!(
            (error.kind(), error.vendor_message()),
            (Kind::Invalid(Flaw::Format), Some("Invalid ARN:  Could not be parsed!"))
        );
        assert_eq!(policy("arn:aws:iam::111122223333:user/u").unwrap_err().kind(), Kind::NotApplicable);
    }

    #[test]
    fn white_space_does_not_count_against_a_quota() {
        assert!(within("PolicySize", 2, " a\n b ".to_owned()).is_ok());
        let error = within("PolicySize", 2, "abc".to_owned()).unwrap_err();
        assert_eq!(error.vendor_message(), Some("Cannot exceed quota for PolicySize: 2"));
    }

    #[test]
    fn documents_are_encoded_like_parts_of_a_uri() {
        assert_eq!(document("{\"a\": \"~-._é\"}"), "%7B%22a%22%3A%20%22~-._%C3%A9%22%7D");
    }

    #[test]
    fn dates_are_whole_seconds() {
        assert_eq!(date("2025-06-01T12:00:00.987Z".parse().unwrap()), "2025-06-01T12:00:00Z");
    }
}
