//! The operations of Resource Access Management, version 2015-05-01, in the vendor's words.
//!
//! Follows the RAM API reference and the RAM document "Limits".

pub(crate) mod access_key;
pub(crate) mod attachment;
pub(crate) mod decode;
pub(crate) mod group;
pub(crate) mod member;
pub(crate) mod policy;
pub(crate) mod role;
pub(crate) mod user;
pub(crate) mod version;

use polykms_core::error::{Flaw, Kind, Result};
use polykms_core::identity::PolicyName;
use polykms_core::list::Paging;
use polykms_core::tag::Tags;
use serde::Deserialize;
use serde_json::Value;

use super::{Arguments, invalid, listed, missing, object};

/// What a name may be made of beside letters and digits, and how long it may be.
pub(super) struct Naming {
    others: &'static str,
    longest: usize,
}

/// Names of users, groups and roles.
///
/// The reference leaves `_` out for roles; the roles of the vendor's own services have it.
pub(super) const PRINCIPAL: Naming = Naming { others: "._-", longest: 64 };

/// Names of policies.
const POLICY: Naming = Naming { others: "-", longest: 128 };

/// Identifiers of access keys.
const ACCESS_KEY: Naming = Naming { others: ".", longest: 64 };

/// The longest words about a user or group, in characters.
const LONGEST_COMMENTS: usize = 128;

/// The longest words about a role or policy, in characters.
const LONGEST_DESCRIPTION: usize = 1024;

/// The longest document of a policy, in bytes.
const LONGEST_POLICY: usize = 6144;

/// The longest trust policy of a role, in bytes.
const LONGEST_TRUST: usize = 2048;

/// Tags that one call may set.
const TAGS_AT_ONCE: usize = 20;

/// The longest name or value of a tag, in characters.
const LONGEST_TAG: usize = 128;

/// The whole of a namespace without paths.
const ROOT: &str = "/";

impl Naming {
    pub(super) fn check<'a>(&self, name: &'static str, text: &'a str) -> Result<&'a str> {
        let known = |character: char| character.is_ascii_alphanumeric() || self.others.contains(character);
        if text.chars().count() > self.longest {
            Err(invalid(Flaw::Length, name))
        } else if text.chars().all(known) {
            Ok(text)
        } else {
            Err(invalid(Flaw::Characters, name))
        }
    }
}

impl Arguments<'_> {
    /// A name that must be given.
    fn name(self, name: &'static str, naming: &Naming) -> Result<String> {
        naming.check(name, self.required(name)?).map(str::to_owned)
    }

    /// A name that may be given.
    fn optional_name(self, name: &'static str, naming: &Naming) -> Result<Option<String>> {
        self.text(name).map(|text| naming.check(name, text).map(str::to_owned)).transpose()
    }

    /// Words for people, if any are given.
    fn words(self, name: &'static str, longest: usize) -> Result<Option<String>> {
        Ok(self.limited(name, longest)?.map(str::to_owned))
    }

    /// The name of a policy of the account.
    fn custom_policy(self) -> Result<PolicyName> {
        Ok(PolicyName::custom(ROOT, self.name("PolicyName", &POLICY)?))
    }

    /// The name of a policy, of the account or of the vendor.
    fn any_policy(self) -> Result<PolicyName> {
        let name = self.name("PolicyName", &POLICY)?;
        match self.required("PolicyType")? {
            "Custom" => Ok(PolicyName::custom(ROOT, name)),
            "System" => Ok(PolicyName::system(ROOT, name)),
            _ => Err(invalid(Flaw::Value, "PolicyType")),
        }
    }

    /// A document that is not too long; whether it is one is not asked here.
    fn document(self, name: &'static str, longest: usize) -> Result<Option<String>> {
        match self.text(name) {
            Some(text) if text.len() > longest => Err(invalid(Flaw::Length, name)),
            text => Ok(text.map(str::to_owned)),
        }
    }

    /// The number of a version: `v1`.
    fn version(self) -> Result<u32> {
        let wrong = || invalid(Flaw::Format, "VersionId");
        let digits = self.required("VersionId")?.strip_prefix('v').ok_or_else(wrong)?;
        if !digits.bytes().all(|byte| byte.is_ascii_digit()) {
            return Err(wrong());
        }
        digits.parse().map_err(|_| wrong())
    }

    /// Which part of a list is wanted.
    fn part(self) -> Result<Part> {
        let limit = self.number("MaxItems", 1..=1000)?.unwrap_or(100);
        let limit = usize::try_from(limit).unwrap_or(usize::MAX);
        Ok(Part { marker: self.text("Marker").map(str::to_owned), limit })
    }

    /// The parameter `Tag`: `[{"Key":"…","Value":"…"}]`, or `Tag.1.Key` and `Tag.1.Value`.
    fn tag(self) -> Result<Tags> {
        let wrong = || invalid(Flaw::Format, TAG);
        let numbered = self.numbered(TAG)?;
        let mut pairs: Vec<Pair> = match (self.json(TAG)?, numbered.is_empty()) {
            (Some(_), false) => return Err(wrong()),
            (pairs, _) => pairs.unwrap_or_default(),
        };
        for fields in numbered.into_values() {
            let mut pair = Pair { key: String::new(), value: String::new() };
            for (field, text) in fields {
                match field {
                    Some("Key") => text.clone_into(&mut pair.key),
                    Some("Value") => text.clone_into(&mut pair.value),
                    _ => return Err(wrong()),
                }
            }
            pairs.push(pair);
        }
        tags(pairs)
    }

    /// Refuses a parameter that asks for what is not built.
    fn unsupported(self, name: &'static str, why: &'static str) -> Result<()> {
        match self.text(name) {
            None => Ok(()),
            Some(_) => Err(Kind::Unsupported.because(why).naming(name)),
        }
    }

    /// Refuses to choose by tags; an empty list of them chooses nothing out.
    fn whatever_tags(self, why: &'static str) -> Result<()> {
        if self.tag()?.is_empty() { Ok(()) } else { Err(Kind::Unsupported.because(why).naming(TAG)) }
    }

    /// Refuses to narrow a permission to a resource group: wider than asked for is not what was asked for.
    fn whole_account(self) -> Result<()> {
        self.unsupported("ResourceGroupId", "permissions limited to a resource group are not built")
    }
}

const TAG: &str = "Tag";

#[derive(Deserialize)]
#[serde(rename_all = "PascalCase")]
struct Pair {
    key: String,
    #[serde(default)]
    value: String,
}

fn tags(pairs: Vec<Pair>) -> Result<Tags> {
    if pairs.len() > TAGS_AT_ONCE {
        return Err(invalid(Flaw::Length, TAG));
    }
    let fits = |text: &str| text.chars().count() <= LONGEST_TAG && !text.chars().any(char::is_control);
    let mut tags = Tags::new();
    for Pair { key, value } in pairs {
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

/// Which part of a list is wanted.
struct Part {
    marker: Option<String>,
    limit: usize,
}

impl From<Part> for Paging {
    fn from(part: Part) -> Self {
        let Part { marker, limit } = part;
        Self::Marker { marker, limit }
    }
}

/// Tags inside their node, with the names that only lists use.
fn told_tags(tags: &Tags) -> Value {
    let told = |(name, value): (&String, &String)| {
        object([("TagKey", name.as_str().into()), ("TagValue", value.as_str().into())])
    };
    listed(TAG, tags.iter().map(told))
}

/// A part of a list under its name, and where to go on.
fn part_of(name: &str, list: Value, next: Option<String>) -> Value {
    let mut told = object([("IsTruncated", next.is_some().into()), (name, list)]);
    if let (Some(fields), Some(next)) = (told.as_object_mut(), next) {
        fields.insert("Marker".to_owned(), next.into());
    }
    told
}

#[cfg(test)]
#[allow(clippy::unwrap_used, clippy::expect_used, clippy::indexing_slicing, clippy::panic, reason = "tests")]
mod tests {

    use super::*;
    use crate::wire::tests::params;

    fn with<T>(pairs: &[(&str, &str)], read: impl FnOnce(Arguments<'_>) -> T) -> T {
        let payload = params(pairs);
        read(Arguments::of(&payload).unwrap())
    }

    #[test]
    fn names_have_the_vendors_length_and_characters() {
        let name = |text: &str| with(&[("UserName", text)], |arguments| arguments.name("UserName", &PRINCIPAL));
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
        let expected = Tags::from([("a".into(), "1".into()), ("b".into(), String::new())]);
        for pairs in [
            &[("Tag", r#"[{"Key":"a","Value":"1"},{"Key":"b"}]"#)][..],
            &[("Tag.1.Key", "a"), ("Tag.1.Value", "1"), ("Tag.2.Key", "b")],
        ] {
            assert_eq!(with(pairs, |arguments| arguments.tag()).unwrap(), expected);
        }
        assert!(with(&[], |arguments| arguments.tag()).unwrap().is_empty());
        for wrong in [
            &[("Tag", r#"{"a":"1"}"#)][..],
            &[("Tag.1.Name", "a")],
            &[("Tag.x.Key", "a")],
            &[("Tag", r#"[{"Key":"a"}]"#), ("Tag.1.Key", "b")],
            &[("Tag", r#"[{"Key":"a"},{"Key":"a"}]"#)],
            &[("Tag.1.Value", "a")],
            &[("Tag.1.Key", "acs:x")],
        ] {
            assert!(with(wrong, |arguments| arguments.tag()).is_err(), "{wrong:?}");
        }
    }

    #[test]
    fn versions_are_numbers_after_a_v() {
        let version = |text: &str| with(&[("VersionId", text)], |arguments| arguments.version());
        assert_eq!(version("v12").unwrap(), 12);
        for text in ["1", "v", "v-1", "v+1", "V1", "v1 ", "v99999999999"] {
            assert_eq!(version(text).unwrap_err().kind(), Kind::Invalid(Flaw::Format), "{text}");
        }
    }

    #[test]
    fn parts_of_lists_are_bounded() {
        let limit = |text: &str| with(&[("MaxItems", text)], |arguments| arguments.part().map(|part| part.limit));
        assert_eq!((limit("").unwrap(), limit("1").unwrap(), limit("1000").unwrap()), (100, 1, 1000));
        for text in ["0", "1001", "-1", "x"] {
            assert_eq!(limit(text).unwrap_err().subject(), Some("MaxItems"));
        }
    }

    #[test]
    fn a_permission_for_a_resource_group_is_refused() {
        let refused = with(&[("ResourceGroupId", "rg-1")], |arguments| arguments.whole_account()).unwrap_err();
        assert_eq!((refused.kind(), refused.subject()), (Kind::Unsupported, Some("ResourceGroupId")));
        assert!(with(&[("ResourceGroupId", "")], |arguments| arguments.whole_account()).is_ok());
    }
}
