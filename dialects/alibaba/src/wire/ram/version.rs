//! Versions of policies: CreatePolicyVersion, GetPolicyVersion, ListPolicyVersions, SetDefaultPolicyVersion and
//! DeletePolicyVersion.

use polykms_core::dialect::{Former, Payload};
use polykms_core::error::{Flaw, Result};
use polykms_core::identity::managed_policy::{self, NumberedVersion};
use polykms_core::list::{Listed, Paging};
use serde_json::Value;

use crate::wire::{Arguments, date, done, invalid, listed, object, tree};

pub(crate) struct CreatePolicyVersion;

impl Former for CreatePolicyVersion {
    type Op = managed_policy::CreateVersion;

    fn decode(arguments: &Payload) -> Result<managed_policy::CreateVersion> {
        let arguments = Arguments::of(arguments)?;
        let rotate = match arguments.text("RotateStrategy") {
            None | Some("None") => false,
            Some("DeleteOldestNonDefaultVersionWhenLimitExceeded") => true,
            Some(_) => return Err(invalid(Flaw::Value, "RotateStrategy")),
        };
        Ok(managed_policy::CreateVersion {
            policy: arguments.custom_policy()?,
            document: arguments.policy_document()?,
            set_default: arguments.flag("SetAsDefault")?.unwrap_or(false),
            rotate,
        })
    }

    fn encode(output: NumberedVersion) -> Result<Payload> {
        Ok(tree([("PolicyVersion", told(output))]))
    }
}

pub(crate) struct GetPolicyVersion;

impl Former for GetPolicyVersion {
    type Op = managed_policy::DescribeVersion;

    fn decode(arguments: &Payload) -> Result<managed_policy::DescribeVersion> {
        let arguments = Arguments::of(arguments)?;
        Ok(managed_policy::DescribeVersion { policy: arguments.any_policy()?, number: arguments.version()? })
    }

    fn encode(output: NumberedVersion) -> Result<Payload> {
        Ok(tree([("PolicyVersion", told(output))]))
    }
}

pub(crate) struct ListPolicyVersions;

impl Former for ListPolicyVersions {
    type Op = managed_policy::ListVersions;

    fn decode(arguments: &Payload) -> Result<managed_policy::ListVersions> {
        let policy = Arguments::of(arguments)?.any_policy()?;
        Ok(managed_policy::ListVersions { policy, paging: Paging::WHOLE })
    }

    fn encode(output: Listed<NumberedVersion>) -> Result<Payload> {
        let versions = output.items.into_iter().map(told);
        Ok(tree([("PolicyVersions", listed("PolicyVersion", versions))]))
    }
}

pub(crate) struct SetDefaultPolicyVersion;

impl Former for SetDefaultPolicyVersion {
    type Op = managed_policy::SetDefaultVersion;

    fn decode(arguments: &Payload) -> Result<managed_policy::SetDefaultVersion> {
        let arguments = Arguments::of(arguments)?;
        Ok(managed_policy::SetDefaultVersion { policy: arguments.custom_policy()?, number: arguments.version()? })
    }

    fn encode((): ()) -> Result<Payload> {
        Ok(done())
    }
}

pub(crate) struct DeletePolicyVersion;

impl Former for DeletePolicyVersion {
    type Op = managed_policy::DeleteVersion;

    fn decode(arguments: &Payload) -> Result<managed_policy::DeleteVersion> {
        let arguments = Arguments::of(arguments)?;
        Ok(managed_policy::DeleteVersion { policy: arguments.custom_policy()?, number: arguments.version()? })
    }

    fn encode((): ()) -> Result<Payload> {
        Ok(done())
    }
}

/// How a version is called: `v1`.
pub(super) fn number(number: u32) -> String {
    format!("v{number}")
}

pub(super) fn told(version: NumberedVersion) -> Value {
    let NumberedVersion { number: version, default, document, created_at } = version;
    let mut told = object([
        ("VersionId", number(version).into()),
        ("IsDefaultVersion", default.into()),
        ("PolicyDocument", document.into()),
    ]);
    // The vendor's policies were not made here.
    if let (Some(fields), Some(created_at)) = (told.as_object_mut(), created_at) {
        fields.insert("CreateDate".to_owned(), date(created_at).into());
    }
    told
}

#[cfg(test)]
#[allow(clippy::unwrap_used, clippy::expect_used, clippy::indexing_slicing, clippy::panic, reason = "tests")]
mod tests {
    use super::*;
    use crate::wire::tests::params;

    #[test]
    fn old_versions_make_room_only_when_asked_to() {
        let create = |strategy: &str| {
            let pairs = [("PolicyName", "P"), ("PolicyDocument", "{}"), ("RotateStrategy", strategy)];
            CreatePolicyVersion::decode(&params(&pairs))
        };
        assert!(!create("").unwrap().rotate && !create("None").unwrap().rotate);
        assert!(create("DeleteOldestNonDefaultVersionWhenLimitExceeded").unwrap().rotate);
        assert_eq!(create("none").unwrap_err().subject(), Some("RotateStrategy"));
    }
}
