//! GetKeyPolicy, PutKeyPolicy and ListKeyPolicies.

use std::borrow::Cow;

use polykms_core::dialect::Wire;
use polykms_core::dialect::message::Nothing;
use polykms_core::error::{Error, Kind, Result};
use polykms_core::key::{self, PolicyOf};

use super::life::document;
use super::{named_key, owned};
use crate::message::kms::{
    GetKeyPolicyRequest, GetKeyPolicyResponse, ListKeyPoliciesRequest, ListKeyPoliciesResponse, PutKeyPolicyRequest,
};
use crate::resource::key_name;
use crate::wire::heard;

/// GetKeyPolicy.
pub(crate) struct GetKeyPolicy;

impl Wire for GetKeyPolicy {
    type Op = key::ReadPolicy;
    type Ask<'a> = GetKeyPolicyRequest<'a>;
    type Told<'a> = GetKeyPolicyResponse<'a>;

    fn op(ask: GetKeyPolicyRequest<'_>) -> Result<key::ReadPolicy> {
        let GetKeyPolicyRequest { key_id, policy_name: name } = ask;
        Ok(key::ReadPolicy { key: named_key(key_id)?, name: owned(name) })
    }

    fn told(output: &PolicyOf) -> Result<GetKeyPolicyResponse<'_>> {
        let PolicyOf { name, document } = output;
        Ok(GetKeyPolicyResponse { policy: Some(document.into()), policy_name: name.as_deref().map(Cow::from) })
    }

    fn ask(op: &key::ReadPolicy) -> Result<GetKeyPolicyRequest<'_>> {
        let key::ReadPolicy { key, name } = op;
        Ok(GetKeyPolicyRequest { key_id: Some(key_name(key)?), policy_name: Some(name.into()) })
    }

    fn output(told: GetKeyPolicyResponse<'_>) -> Result<PolicyOf> {
        let GetKeyPolicyResponse { policy, policy_name: name } = told;
        Ok(PolicyOf { name: Some(heard::text(name)?), document: heard::text(policy)? })
    }
}

/// PutKeyPolicy.
pub(crate) struct PutKeyPolicy;

impl Wire for PutKeyPolicy {
    type Op = key::PutPolicy;
    type Ask<'a> = PutKeyPolicyRequest<'a>;
    type Told<'a> = Nothing<'a>;

    fn op(ask: PutKeyPolicyRequest<'_>) -> Result<key::PutPolicy> {
        let PutKeyPolicyRequest { key_id, policy_name: name, policy, bypass_policy_lockout_safety_check } = ask;
        Ok(key::PutPolicy {
            key: named_key(key_id)?,
            name: owned(name),
            document: document(policy.unwrap_or_default())?,
            bypass_lockout_check: bypass_policy_lockout_safety_check,
        })
    }

    fn told((): &()) -> Result<Nothing<'_>> {
        Ok(Nothing::default())
    }

    fn ask(op: &key::PutPolicy) -> Result<PutKeyPolicyRequest<'_>> {
        let key::PutPolicy { key, name, document, bypass_lockout_check } = op;
        Ok(PutKeyPolicyRequest {
            key_id: Some(key_name(key)?),
            policy_name: Some(name.into()),
            policy: Some(document.into()),
            bypass_policy_lockout_safety_check: *bypass_lockout_check,
        })
    }

    fn output(_: Nothing<'_>) -> Result<()> {
        Ok(())
    }
}

/// ListKeyPolicies.
pub(crate) struct ListKeyPolicies;

impl Wire for ListKeyPolicies {
    type Op = key::ListPolicies;
    type Ask<'a> = ListKeyPoliciesRequest<'a>;
    type Told<'a> = ListKeyPoliciesResponse<'a>;

    fn op(ask: ListKeyPoliciesRequest<'_>) -> Result<key::ListPolicies> {
        let ListKeyPoliciesRequest { key_id, limit, marker } = ask;
        let limit = limit.and_then(|limit| usize::try_from(limit).ok()).unwrap_or(1);
        // A key has one policy: no list of them goes on elsewhere.
        match marker {
            Some(_) => Err(Error::from(Kind::InvalidMarker)),
            None => Ok(key::ListPolicies { key: named_key(key_id)?, limit }),
        }
    }

    fn told(output: &Vec<String>) -> Result<ListKeyPoliciesResponse<'_>> {
        let names = output.iter().map(|name| name.as_str().into()).collect();
        Ok(ListKeyPoliciesResponse { policy_names: Some(names), truncated: Some(false) })
    }

    fn ask(op: &key::ListPolicies) -> Result<ListKeyPoliciesRequest<'_>> {
        let key::ListPolicies { key, limit } = op;
        Ok(ListKeyPoliciesRequest { key_id: Some(key_name(key)?), limit: i64::try_from(*limit).ok(), marker: None })
    }

    fn output(told: ListKeyPoliciesResponse<'_>) -> Result<Vec<String>> {
        let ListKeyPoliciesResponse { policy_names, truncated } = told;
        heard::agrees(truncated, false)?;
        Ok(heard::had(policy_names)?.into_iter().map(Cow::into_owned).collect())
    }
}

#[cfg(test)]
#[allow(clippy::unwrap_used, clippy::expect_used, clippy::indexing_slicing, clippy::panic, reason = "tests")]
mod tests {
    use polykms_core::error::Noun;

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
        let output = PolicyOf { name: Some("default".to_owned()), document: "{\n \"a\": 1}".to_owned() };
        assert_eq!(text_of::<GetKeyPolicy>(output), r#"{"Policy":"{\n \"a\": 1}","PolicyName":"default"}"#);
        assert_eq!(
            text_of::<ListKeyPolicies>(vec!["default".to_owned()]),
            r#"{"PolicyNames":["default"],"Truncated":false}"#
        );
    }
}
