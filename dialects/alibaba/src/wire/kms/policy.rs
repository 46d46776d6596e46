//! Key policies: GetKeyPolicy and SetKeyPolicy.

use std::borrow::Cow;

use polykms_core::dialect::Wire;
use polykms_core::dialect::message::Nothing;
use polykms_core::error::Result;
use polykms_core::key::{self, PolicyOf};

use super::{key_of, policy};
use crate::message::kms::{GetKeyPolicyRequest, GetKeyPolicyResponse, SetKeyPolicyRequest};
use crate::resource::key_name;
use crate::wire::heard;

/// GetKeyPolicy.
pub(crate) struct GetKeyPolicy;

impl Wire for GetKeyPolicy {
    type Op = key::ReadPolicy;
    type Ask<'a> = GetKeyPolicyRequest<'a>;
    type Told<'a> = GetKeyPolicyResponse<'a>;

    fn op(ask: GetKeyPolicyRequest<'_>) -> Result<key::ReadPolicy> {
        let GetKeyPolicyRequest { key_id, policy_name } = ask;
        Ok(key::ReadPolicy { key: key_of("KeyId", key_id)?, name: name(policy_name) })
    }

    fn told(output: &PolicyOf) -> Result<GetKeyPolicyResponse<'_>> {
        let PolicyOf { name: _, document } = output;
        Ok(GetKeyPolicyResponse { policy: Some(document.into()) })
    }

    fn ask(op: &key::ReadPolicy) -> Result<GetKeyPolicyRequest<'_>> {
        let key::ReadPolicy { key, name } = op;
        Ok(GetKeyPolicyRequest { key_id: Some(key_name(key)?), policy_name: Some(name.into()) })
    }

    fn output(told: GetKeyPolicyResponse<'_>) -> Result<PolicyOf> {
        let GetKeyPolicyResponse { policy } = told;
        Ok(PolicyOf { name: None, document: heard::text(policy)? })
    }
}

/// SetKeyPolicy.
pub(crate) struct SetKeyPolicy;

impl Wire for SetKeyPolicy {
    type Op = key::PutPolicy;
    type Ask<'a> = SetKeyPolicyRequest<'a>;
    type Told<'a> = Nothing<'a>;

    fn op(ask: SetKeyPolicyRequest<'_>) -> Result<key::PutPolicy> {
        let SetKeyPolicyRequest { key_id, policy: document, policy_name } = ask;
        Ok(key::PutPolicy {
            key: key_of("KeyId", key_id)?,
            name: name(policy_name),
            document: policy(document)?.unwrap_or_default(),
            bypass_lockout_check: None,
        })
    }

    fn told((): &()) -> Result<Nothing<'_>> {
        Ok(Nothing::default())
    }

    fn ask(op: &key::PutPolicy) -> Result<SetKeyPolicyRequest<'_>> {
        // Nobody is kept from locking themselves out.
        let key::PutPolicy { key, name, document, bypass_lockout_check: _ } = op;
        Ok(SetKeyPolicyRequest {
            key_id: Some(key_name(key)?),
            policy: Some(document.into()),
            policy_name: Some(name.into()),
        })
    }

    fn output(_: Nothing<'_>) -> Result<()> {
        Ok(())
    }
}

fn name(name: Option<Cow<'_, str>>) -> String {
    name.unwrap_or_default().into_owned()
}

#[cfg(test)]
#[allow(clippy::unwrap_used, clippy::expect_used, clippy::indexing_slicing, clippy::panic, reason = "tests")]
mod tests {
    use polykms_core::error::{Flaw, Kind};

    use super::*;
    use crate::wire::tests::decoded;

    #[test]
    fn a_policy_is_required_and_bounded() {
        let decode = |policy: &str| decoded::<SetKeyPolicy>(&[("KeyId", "k"), ("Policy", policy)]);
        assert_eq!(decode("{}").unwrap().name, "default");
        assert_eq!(decode("").unwrap_err().kind(), Kind::Invalid(Flaw::Missing));
        assert!(decode(&"x".repeat(32_768)).is_ok());
        assert_eq!(decode(&"x".repeat(32_769)).unwrap_err().kind(), Kind::Invalid(Flaw::Length));
    }
}
