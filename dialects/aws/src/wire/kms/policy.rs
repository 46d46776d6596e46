//! GetKeyPolicy, PutKeyPolicy and ListKeyPolicies.

use polykms_core::dialect::{Payload, Wire};
use polykms_core::error::Result;
use polykms_core::key::{self, PolicyOf};
use serde::{Deserialize, Serialize};

use super::life::{document, document_checks};
use super::{Rest, key_id, named_key, page_checks};
use crate::wire::constraint::{Violation, detect, length, pattern, required};
use crate::wire::json::{Flag, NOTHING, Number, Text, decode, encode, text};

/// The one name a key policy has.
const DEFAULT: &str = "default";

fn name_checks(name: &Option<Text<'_>>) -> [Violation; 2] {
    let word = |text: &str| text.bytes().all(|byte| byte.is_ascii_alphanumeric() || byte == b'_');
    [length("policyName", text(name), 1..=128), pattern("policyName", text(name), word, r"[\w]+")]
}

fn policy_name(name: &Option<Text<'_>>) -> String {
    text(name).unwrap_or(DEFAULT).to_owned()
}

/// GetKeyPolicy.
pub(crate) struct GetKeyPolicy;

#[derive(Deserialize)]
#[serde(rename_all = "PascalCase")]
struct GetKeyPolicyArguments<'a> {
    #[serde(borrow, rename = "KeyId")]
    key: Option<Text<'a>>,
    #[serde(borrow, rename = "PolicyName")]
    name: Option<Text<'a>>,
}

#[derive(Serialize)]
#[serde(rename_all = "PascalCase")]
struct GetKeyPolicyOutput<'a> {
    policy: &'a str,
    policy_name: &'a str,
}

impl Wire for GetKeyPolicy {
    type Op = key::ReadPolicy;

    fn decode(arguments: &Payload) -> Result<key::ReadPolicy> {
        let GetKeyPolicyArguments { key, name } = decode(arguments)?;
        detect(key_id("keyId", &key).into_iter().chain(name_checks(&name)))?;
        Ok(key::ReadPolicy { key: named_key(&key)?, name: policy_name(&name) })
    }

    fn encode(output: PolicyOf) -> Result<Payload> {
        let PolicyOf { name, document } = output;
        encode(&GetKeyPolicyOutput { policy: &document, policy_name: &name }, document.len() + 256)
    }
}

/// PutKeyPolicy.
pub(crate) struct PutKeyPolicy;

#[derive(Deserialize)]
#[serde(rename_all = "PascalCase")]
struct PutKeyPolicyArguments<'a> {
    #[serde(borrow, rename = "KeyId")]
    key: Option<Text<'a>>,
    #[serde(borrow, rename = "PolicyName")]
    name: Option<Text<'a>>,
    #[serde(borrow)]
    policy: Option<Text<'a>>,
    bypass_policy_lockout_safety_check: Option<Flag>,
}

impl Wire for PutKeyPolicy {
    type Op = key::PutPolicy;

    fn decode(arguments: &Payload) -> Result<key::PutPolicy> {
        let PutKeyPolicyArguments { key, name, policy, bypass_policy_lockout_safety_check } = decode(arguments)?;
        let checks = key_id("keyId", &key).into_iter().chain(name_checks(&name));
        detect(checks.chain([required("policy", policy.as_ref())]).chain(document_checks(text(&policy))))?;
        Ok(key::PutPolicy {
            key: named_key(&key)?,
            name: policy_name(&name),
            document: document(text(&policy).unwrap_or_default())?,
            bypass_lockout_check: bypass_policy_lockout_safety_check.map(|Flag(bypass)| bypass),
        })
    }

    fn encode((): ()) -> Result<Payload> {
        Ok(NOTHING)
    }
}

/// ListKeyPolicies.
pub(crate) struct ListKeyPolicies;

#[derive(Deserialize)]
#[serde(rename_all = "PascalCase")]
struct ListKeyPoliciesArguments<'a> {
    #[serde(borrow, rename = "KeyId")]
    key: Option<Text<'a>>,
    limit: Option<Number>,
    #[serde(borrow)]
    marker: Option<Text<'a>>,
}

#[derive(Serialize)]
#[serde(rename_all = "PascalCase")]
struct ListKeyPoliciesOutput {
    policy_names: Vec<String>,
    #[serde(flatten)]
    rest: Rest,
}

impl Wire for ListKeyPolicies {
    type Op = key::ListPolicies;

    fn decode(arguments: &Payload) -> Result<key::ListPolicies> {
        let ListKeyPoliciesArguments { key, limit, marker } = decode(arguments)?;
        detect(key_id("keyId", &key).into_iter().chain(page_checks(limit, &marker)))?;
        // A key has one policy: no list of them goes on elsewhere.
        match marker {
            Some(_) => Err(polykms_core::error::Error::from(polykms_core::error::Kind::InvalidMarker)),
            None => Ok(key::ListPolicies { key: named_key(&key)? }),
        }
    }

    fn encode(policy_names: Vec<String>) -> Result<Payload> {
        encode(&ListKeyPoliciesOutput { policy_names, rest: Rest::of(None) }, 128)
    }
}

#[cfg(test)]
#[allow(clippy::unwrap_used, clippy::expect_used, clippy::indexing_slicing, clippy::panic, reason = "tests")]
mod tests {
    use polykms_core::error::{Kind, Noun};

    use super::*;
    use crate::wire::kms::tests::{ID, decoded, refused, text_of};

    #[test]
    fn the_policy_is_named_default_unless_said_otherwise() {
        assert_eq!(decoded::<GetKeyPolicy>(&format!(r#"{{"KeyId":"{ID}"}}"#)).unwrap().name, "default");
        let put =
            format!(r#"{{"KeyId":"{ID}","PolicyName":"other","Policy":"{{}}","BypassPolicyLockoutSafetyCheck":true}}"#);
        let put = decoded::<PutKeyPolicy>(&put).unwrap();
        assert_eq!((put.name.as_str(), put.document.as_str()), ("other", "{}"));
        assert_eq!(put.bypass_lockout_check, Some(true));
    }

    #[test]
    fn policies_and_their_names_are_checked() {
        let two = refused::<PutKeyPolicy>(r#"{"PolicyName":"a b"}"#).1;
        assert!(two.starts_with("3 validation errors detected: Value null at 'keyId'"), "{two}");
        assert!(two.contains("Value 'a b' at 'policyName'") && two.contains("Value null at 'policy'"), "{two}");
        let large = serde_json::json!({ "KeyId": ID, "Policy": "x".repeat(32_769) }).to_string();
        assert_eq!(refused::<PutKeyPolicy>(&large).0, Kind::LimitExceeded(Noun::KeyPolicy));
        let marker = format!(r#"{{"KeyId":"{ID}","Marker":"m"}}"#);
        assert_eq!(refused::<ListKeyPolicies>(&marker).0, Kind::InvalidMarker);
    }

    #[test]
    fn policies_are_written_as_they_were_given() {
        let output = PolicyOf { name: "default".to_owned(), document: "{\n \"a\": 1}".to_owned() };
        assert_eq!(text_of(GetKeyPolicy::encode(output)), r#"{"Policy":"{\n \"a\": 1}","PolicyName":"default"}"#);
        assert_eq!(
            text_of(ListKeyPolicies::encode(vec!["default".to_owned()])),
            r#"{"PolicyNames":["default"],"Truncated":false}"#
        );
    }
}
