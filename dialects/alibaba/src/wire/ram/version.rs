//! Versions of policies: CreatePolicyVersion, GetPolicyVersion, ListPolicyVersions, SetDefaultPolicyVersion and
//! DeletePolicyVersion.

use std::borrow::Cow;

use polykms_core::dialect::Wire;
use polykms_core::dialect::message::Nothing;
use polykms_core::error::{Flaw, Result};
use polykms_core::identity::managed_policy::{self, NumberedVersion, VersionName};
use polykms_core::list::{Listed, Paging};

use super::policy::{LONGEST_POLICY, custom};
use super::{document, policy, policy_type};
use crate::message::ram::{
    CreatePolicyVersionRequest, CreatePolicyVersionResponse, CreatedPolicyVersion, DeletePolicyVersionRequest,
    GetPolicyVersionRequest, GetPolicyVersionResponse, ListPolicyVersionsRequest, ListPolicyVersionsResponse,
    PolicyVersion, PolicyVersions, SetDefaultPolicyVersionRequest,
};
use crate::wire::{heard, invalid};

/// The strategy by which no version makes room.
const KEEP: &str = "None";

/// The strategy by which old versions make room.
const ROTATE: &str = "DeleteOldestNonDefaultVersionWhenLimitExceeded";

/// CreatePolicyVersion.
pub(crate) struct CreatePolicyVersion;

impl Wire for CreatePolicyVersion {
    type Op = managed_policy::CreateVersion;
    type Ask<'a> = CreatePolicyVersionRequest<'a>;
    type Told<'a> = CreatePolicyVersionResponse<'a>;

    fn op(ask: CreatePolicyVersionRequest<'_>) -> Result<managed_policy::CreateVersion> {
        let CreatePolicyVersionRequest { policy_document, policy_name, rotate_strategy, set_as_default } = ask;
        Ok(managed_policy::CreateVersion {
            policy: custom(policy_name),
            document: document("PolicyDocument", policy_document, LONGEST_POLICY)?.unwrap_or_default(),
            set_default: set_as_default.unwrap_or_default(),
            rotate: rotate_strategy.is_some_and(|strategy| strategy == ROTATE),
        })
    }

    fn told(output: &NumberedVersion) -> Result<CreatePolicyVersionResponse<'_>> {
        Ok(CreatePolicyVersionResponse { policy_version: Some(CreatedPolicyVersion(told(output))) })
    }

    fn ask(op: &managed_policy::CreateVersion) -> Result<CreatePolicyVersionRequest<'_>> {
        let managed_policy::CreateVersion { policy, document, set_default, rotate } = op;
        Ok(CreatePolicyVersionRequest {
            policy_document: Some(document.into()),
            policy_name: Some((&policy.name).into()),
            rotate_strategy: Some(if *rotate { ROTATE } else { KEEP }.into()),
            set_as_default: Some(*set_default),
        })
    }

    fn output(told: CreatePolicyVersionResponse<'_>) -> Result<NumberedVersion> {
        let CreatePolicyVersionResponse { policy_version } = told;
        heard(heard::had(policy_version)?.0)
    }
}

/// GetPolicyVersion.
pub(crate) struct GetPolicyVersion;

impl Wire for GetPolicyVersion {
    type Op = managed_policy::DescribeVersion;
    type Ask<'a> = GetPolicyVersionRequest<'a>;
    type Told<'a> = GetPolicyVersionResponse<'a>;

    fn op(ask: GetPolicyVersionRequest<'_>) -> Result<managed_policy::DescribeVersion> {
        let GetPolicyVersionRequest { policy_name, policy_type, version_id } = ask;
        Ok(managed_policy::DescribeVersion { policy: policy(policy_name, policy_type), version: asked(version_id)? })
    }

    fn told(output: &NumberedVersion) -> Result<GetPolicyVersionResponse<'_>> {
        Ok(GetPolicyVersionResponse { policy_version: Some(told(output)) })
    }

    fn ask(op: &managed_policy::DescribeVersion) -> Result<GetPolicyVersionRequest<'_>> {
        let managed_policy::DescribeVersion { policy, version } = op;
        Ok(GetPolicyVersionRequest {
            policy_name: Some((&policy.name).into()),
            policy_type: Some(policy_type(policy).into()),
            version_id: Some(version.to_string().into()),
        })
    }

    fn output(told: GetPolicyVersionResponse<'_>) -> Result<NumberedVersion> {
        let GetPolicyVersionResponse { policy_version } = told;
        heard(heard::had(policy_version)?)
    }
}

/// ListPolicyVersions.
pub(crate) struct ListPolicyVersions;

impl Wire for ListPolicyVersions {
    type Op = managed_policy::ListVersions;
    type Ask<'a> = ListPolicyVersionsRequest<'a>;
    type Told<'a> = ListPolicyVersionsResponse<'a>;

    fn op(ask: ListPolicyVersionsRequest<'_>) -> Result<managed_policy::ListVersions> {
        let ListPolicyVersionsRequest { policy_name, policy_type } = ask;
        Ok(managed_policy::ListVersions { policy: policy(policy_name, policy_type), paging: Paging::WHOLE })
    }

    fn told(output: &Listed<NumberedVersion>) -> Result<ListPolicyVersionsResponse<'_>> {
        let versions = output.items.iter().map(told).collect();
        Ok(ListPolicyVersionsResponse { policy_versions: Some(PolicyVersions { policy_version: Some(versions) }) })
    }

    fn ask(op: &managed_policy::ListVersions) -> Result<ListPolicyVersionsRequest<'_>> {
        let managed_policy::ListVersions { policy, paging: _ } = op;
        let policy_type = Some(policy_type(policy).into());
        Ok(ListPolicyVersionsRequest { policy_name: Some((&policy.name).into()), policy_type })
    }

    fn output(told: ListPolicyVersionsResponse<'_>) -> Result<Listed<NumberedVersion>> {
        let ListPolicyVersionsResponse { policy_versions } = told;
        heard::whole(heard::had(policy_versions)?.policy_version, heard)
    }
}

/// SetDefaultPolicyVersion.
pub(crate) struct SetDefaultPolicyVersion;

impl Wire for SetDefaultPolicyVersion {
    type Op = managed_policy::SetDefaultVersion;
    type Ask<'a> = SetDefaultPolicyVersionRequest<'a>;
    type Told<'a> = Nothing<'a>;

    fn op(ask: SetDefaultPolicyVersionRequest<'_>) -> Result<managed_policy::SetDefaultVersion> {
        let SetDefaultPolicyVersionRequest { policy_name, version_id } = ask;
        Ok(managed_policy::SetDefaultVersion { policy: custom(policy_name), version: asked(version_id)? })
    }

    fn told((): &()) -> Result<Nothing<'_>> {
        Ok(Nothing::default())
    }

    fn ask(op: &managed_policy::SetDefaultVersion) -> Result<SetDefaultPolicyVersionRequest<'_>> {
        let managed_policy::SetDefaultVersion { policy, version } = op;
        let version_id = Some(version.to_string().into());
        Ok(SetDefaultPolicyVersionRequest { policy_name: Some((&policy.name).into()), version_id })
    }

    fn output(_: Nothing<'_>) -> Result<()> {
        Ok(())
    }
}

/// DeletePolicyVersion.
pub(crate) struct DeletePolicyVersion;

impl Wire for DeletePolicyVersion {
    type Op = managed_policy::DeleteVersion;
    type Ask<'a> = DeletePolicyVersionRequest<'a>;
    type Told<'a> = Nothing<'a>;

    fn op(ask: DeletePolicyVersionRequest<'_>) -> Result<managed_policy::DeleteVersion> {
        let DeletePolicyVersionRequest { policy_name, version_id } = ask;
        Ok(managed_policy::DeleteVersion { policy: custom(policy_name), version: asked(version_id)? })
    }

    fn told((): &()) -> Result<Nothing<'_>> {
        Ok(Nothing::default())
    }

    fn ask(op: &managed_policy::DeleteVersion) -> Result<DeletePolicyVersionRequest<'_>> {
        let managed_policy::DeleteVersion { policy, version } = op;
        let version_id = Some(version.to_string().into());
        Ok(DeletePolicyVersionRequest { policy_name: Some((&policy.name).into()), version_id })
    }

    fn output(_: Nothing<'_>) -> Result<()> {
        Ok(())
    }
}

/// How a version is called: `v1`.
pub(super) fn numbered(number: u32) -> String {
    format!("v{number}")
}

/// The version that a request names by its number: `v1`.
fn asked(version: Option<Cow<'_, str>>) -> Result<VersionName> {
    let number = version.as_deref().and_then(number);
    number.map(VersionName::Number).ok_or_else(|| invalid(Flaw::Format, "VersionId"))
}

/// The number of a version of an answer.
pub(super) fn heard_number(version: Option<Cow<'_, str>>) -> Result<u32> {
    number(&heard::had(version)?).ok_or_else(|| heard::unreadable("the answer names no version"))
}

fn number(version: &str) -> Option<u32> {
    let digits = version.strip_prefix('v')?;
    digits.bytes().all(|byte| byte.is_ascii_digit()).then(|| digits.parse().ok())?
}

/// The vendor's policies were not made here, and their versions have no date.
pub(super) fn told(version: &NumberedVersion) -> PolicyVersion<'_> {
    let NumberedVersion { number, default, document, created_at } = version;
    PolicyVersion {
        create_date: *created_at,
        is_default_version: Some(*default),
        policy_document: document.as_ref().map(Cow::from),
        version_id: Some(numbered(*number).into()),
    }
}

pub(super) fn heard(version: PolicyVersion<'_>) -> Result<NumberedVersion> {
    let PolicyVersion { create_date, is_default_version, policy_document, version_id } = version;
    Ok(NumberedVersion {
        number: heard_number(version_id)?,
        default: heard::had(is_default_version)?,
        document: Some(heard::text(policy_document)?),
        created_at: create_date,
    })
}

#[cfg(test)]
#[allow(clippy::unwrap_used, clippy::expect_used, clippy::indexing_slicing, clippy::panic, reason = "tests")]
mod tests {
    use polykms_core::error::Kind;

    use super::*;
    use crate::wire::tests::decoded;

    #[test]
    fn old_versions_make_room_only_when_asked_to() {
        let create = |strategy: &str| {
            let pairs = [("PolicyName", "P"), ("PolicyDocument", "{}"), ("RotateStrategy", strategy)];
            decoded::<CreatePolicyVersion>(&pairs)
        };
        assert!(!create("").unwrap().rotate && !create("None").unwrap().rotate);
        assert!(create("DeleteOldestNonDefaultVersionWhenLimitExceeded").unwrap().rotate);
        assert_eq!(create("none").unwrap_err().subject(), Some("RotateStrategy"));
    }

    #[test]
    fn versions_are_numbers_after_a_v() {
        let version = |text: &str| {
            decoded::<GetPolicyVersion>(&[("PolicyName", "P"), ("PolicyType", "Custom"), ("VersionId", text)])
                .map(|op| op.version.to_string())
        };
        assert_eq!(version("v12").unwrap(), "v12");
        for text in ["1", "v", "v-1", "v+1", "V1", "v1 ", "v99999999999"] {
            assert_eq!(version(text).unwrap_err().kind(), Kind::Invalid(Flaw::Format), "{text}");
        }
    }
}
