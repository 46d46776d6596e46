//! Managed policies and their versions: CreatePolicy, GetPolicy, ListPolicies, DeletePolicy, CreatePolicyVersion,
//! GetPolicyVersion, ListPolicyVersions, SetDefaultPolicyVersion, DeletePolicyVersion.

use std::borrow::Cow;

use polykms_core::dialect::Wire;
use polykms_core::dialect::message::Nothing;
use polykms_core::error::Result;
use polykms_core::identity::managed_policy::{self as op, Described, InForce, NumberedVersion, Scope, VersionName};
use polykms_core::identity::{IdKind, PolicyName};
use polykms_core::list::Listed;
use sha2::{Digest, Sha256};

use super::attachment::{usage, usage_filter};
use super::{
    document, given, heard_document, heard_tags, owned, paging, policy, policy_arn, tag_list, tags, within, words,
};
use crate::message::iam::{
    CreatePolicyRequest, CreatePolicyResponse, CreatePolicyVersionRequest, CreatePolicyVersionResponse, CreatedPolicy,
    CreatedPolicyVersion, DeletePolicyRequest, DeletePolicyVersionRequest, GetPolicyRequest, GetPolicyResponse,
    GetPolicyVersionRequest, GetPolicyVersionResponse, ListPoliciesRequest, ListPoliciesResponse,
    ListPolicyVersionsRequest, ListPolicyVersionsResponse, ListedPolicy, ListedPolicyVersion, Policy, PolicyVersion,
    SetDefaultPolicyVersionRequest,
};
use crate::wire::{heard, list};
use crate::{resource, rules};

/// The quota of characters that a managed policy may have.
const ROOM: (&str, usize) = ("PolicySize", 6144);

/// The number in the name of a version: `v1`.
fn number(version_id: &str) -> Option<u32> {
    version_id.strip_prefix('v')?.parse().ok()
}

/// The version that a request names.
fn version_name(version_id: Option<Cow<'_, str>>) -> VersionName {
    let text = owned(version_id);
    number(&text).map_or(VersionName::Other(text), VersionName::Number)
}

/// The number of a version of an answer.
fn heard_number(version_id: Option<Cow<'_, str>>) -> Result<u32> {
    number(&heard::had(version_id)?).ok_or_else(|| heard::unreadable("the answer names no version"))
}

fn version_id(number: u32) -> Option<Cow<'static, str>> {
    Some(format!("v{number}").into())
}

/// A policy.
fn told(described: &Described) -> Policy<'_> {
    let Described {
        policy: PolicyName { system: _, account: _, path, name },
        arn,
        id,
        description,
        default_version,
        attachments,
        created_at,
        updated_at,
        tags,
    } = described;
    let id = id.as_deref().map_or_else(|| system_id(path, name).into(), Cow::from);
    Policy {
        arn: arn.as_deref().map(Into::into),
        attachment_count: attachments.and_then(|count| i64::try_from(count).ok()),
        create_date: *created_at,
        default_version_id: version_id(*default_version),
        description: words(description),
        is_attachable: Some(true),
        path: Some(path.into()),
        permissions_boundary_usage_count: Some(0),
        policy_id: Some(id),
        policy_name: Some(name.into()),
        tags: tags.as_ref().and_then(tag_list),
        update_date: *updated_at,
    }
}

/// A stable identifier for a policy of AWS, in the form of one: the true one is in no list that may be passed on.
fn system_id(path: &str, name: &str) -> String {
    rules::id(IdKind::Policy, &Sha256::digest(resource::Home::of("aws").policy(path, name)).into())
}

/// The policy that an answer tells.
fn heard(policy: Policy<'_>) -> Result<Described> {
    let Policy {
        arn,
        attachment_count,
        create_date,
        default_version_id,
        description,
        is_attachable,
        path,
        permissions_boundary_usage_count,
        policy_id,
        policy_name,
        tags,
        update_date,
    } = policy;
    heard::agrees(is_attachable, true)?;
    heard::agrees(permissions_boundary_usage_count, 0)?;
    let arn = heard::text(arn)?;
    let system = arn.starts_with("arn:aws:iam::aws:");
    let account = resource::account_of(&arn).map(str::to_owned);
    Ok(Described {
        policy: PolicyName { system, account, path: heard::text(path)?, name: heard::text(policy_name)? },
        arn: Some(arn),
        id: Some(heard::text(policy_id)?),
        description: given(description),
        default_version: heard_number(default_version_id)?,
        attachments: attachment_count.map(count).transpose()?,
        created_at: create_date,
        updated_at: update_date,
        tags: Some(heard_tags(tags)?),
    })
}

fn count(number: i64) -> Result<usize> {
    usize::try_from(number).map_err(|_| heard::unreadable("there is less than nothing"))
}

/// Makes a managed policy.
pub(crate) struct CreatePolicy;

impl Wire for CreatePolicy {
    type Op = op::CreatePolicy;
    type Ask<'a> = CreatePolicyRequest<'a>;
    type Told<'a> = CreatePolicyResponse<'a>;

    fn op(ask: CreatePolicyRequest<'_>) -> Result<op::CreatePolicy> {
        let CreatePolicyRequest { policy_name, path: given_path, policy_document, description, tags: given_tags } = ask;
        let tags = tags(given_tags)?;
        Ok(op::CreatePolicy {
            name: owned(policy_name),
            path: owned(given_path),
            description: given(description),
            document: within(ROOM, policy_document)?,
            tags,
        })
    }

    fn told(output: &Described) -> Result<CreatePolicyResponse<'_>> {
        Ok(CreatePolicyResponse { policy: Some(CreatedPolicy(told(output))) })
    }

    fn ask(op: &op::CreatePolicy) -> Result<CreatePolicyRequest<'_>> {
        let op::CreatePolicy { name, path, description, document, tags } = op;
        Ok(CreatePolicyRequest {
            policy_name: Some(name.into()),
            path: Some(path.into()),
            policy_document: Some(document.into()),
            description: description.as_deref().map(Into::into),
            tags: tag_list(tags),
        })
    }

    fn output(told: CreatePolicyResponse<'_>) -> Result<Described> {
        let CreatePolicyResponse { policy } = told;
        heard(heard::had(policy)?.0)
    }
}

/// Tells about a managed policy.
pub(crate) struct GetPolicy;

impl Wire for GetPolicy {
    type Op = op::DescribePolicy;
    type Ask<'a> = GetPolicyRequest<'a>;
    type Told<'a> = GetPolicyResponse<'a>;

    fn op(ask: GetPolicyRequest<'_>) -> Result<op::DescribePolicy> {
        let GetPolicyRequest { policy_arn } = ask;
        Ok(op::DescribePolicy { policy: policy(policy_arn)? })
    }

    fn told(output: &InForce) -> Result<GetPolicyResponse<'_>> {
        let InForce { policy, version: _ } = output;
        let mut policy = told(policy);
        // It alone tells that there are none.
        policy.tags.get_or_insert_default();
        Ok(GetPolicyResponse { policy: Some(policy) })
    }

    fn ask(op: &op::DescribePolicy) -> Result<GetPolicyRequest<'_>> {
        Ok(GetPolicyRequest { policy_arn: Some(policy_arn(&op.policy)?) })
    }

    fn output(told: GetPolicyResponse<'_>) -> Result<InForce> {
        let GetPolicyResponse { policy } = told;
        Ok(InForce { policy: heard(heard::had(policy)?)?, version: None })
    }
}

/// Lists managed policies.
pub(crate) struct ListPolicies;

impl Wire for ListPolicies {
    type Op = op::ListPolicies;
    type Ask<'a> = ListPoliciesRequest<'a>;
    type Told<'a> = ListPoliciesResponse<'a>;

    fn op(ask: ListPoliciesRequest<'_>) -> Result<op::ListPolicies> {
        let ListPoliciesRequest { scope, only_attached, path_prefix, policy_usage_filter, marker, max_items } = ask;
        let scope = match scope.as_deref() {
            Some("AWS") => Scope::System,
            Some("Local") => Scope::Custom,
            _ => Scope::All,
        };
        Ok(op::ListPolicies {
            scope,
            attached_only: only_attached.unwrap_or_default(),
            usage: usage(policy_usage_filter),
            paging: paging(max_items, marker),
            path_prefix: owned(path_prefix),
        })
    }

    fn told(output: &Listed<Described>) -> Result<ListPoliciesResponse<'_>> {
        let Listed { items, next, numbered: _ } = output;
        Ok(ListPoliciesResponse {
            is_truncated: Some(next.is_some()),
            marker: next.as_deref().map(Into::into),
            policies: Some(items.iter().map(|policy| ListedPolicy(told(policy))).collect()),
        })
    }

    fn ask(op: &op::ListPolicies) -> Result<ListPoliciesRequest<'_>> {
        let op::ListPolicies { scope, attached_only, usage, paging, path_prefix } = op;
        let (max_items, marker) = list::part(paging)?;
        let scope = match scope {
            Scope::All => "All",
            Scope::Custom => "Local",
            Scope::System => "AWS",
        };
        Ok(ListPoliciesRequest {
            scope: Some(scope.into()),
            only_attached: Some(*attached_only),
            path_prefix: Some(path_prefix.into()),
            policy_usage_filter: usage.map(|usage| usage_filter(usage).into()),
            marker,
            max_items,
        })
    }

    fn output(told: ListPoliciesResponse<'_>) -> Result<Listed<Described>> {
        let ListPoliciesResponse { is_truncated, marker, policies } = told;
        let listed = |ListedPolicy(policy)| Ok(Described { tags: None, ..heard(policy)? });
        list::heard(policies, is_truncated, marker, listed)
    }
}

/// Removes a managed policy.
pub(crate) struct DeletePolicy;

impl Wire for DeletePolicy {
    type Op = op::DeletePolicy;
    type Ask<'a> = DeletePolicyRequest<'a>;
    type Told<'a> = Nothing<'a>;

    fn op(ask: DeletePolicyRequest<'_>) -> Result<op::DeletePolicy> {
        let DeletePolicyRequest { policy_arn } = ask;
        Ok(op::DeletePolicy { policy: policy(policy_arn)?, with_versions: false })
    }

    fn told((): &()) -> Result<Nothing<'_>> {
        Ok(Nothing::default())
    }

    fn ask(op: &op::DeletePolicy) -> Result<DeletePolicyRequest<'_>> {
        let op::DeletePolicy { policy, with_versions: _ } = op;
        Ok(DeletePolicyRequest { policy_arn: Some(policy_arn(policy)?) })
    }

    fn output(_: Nothing<'_>) -> Result<()> {
        Ok(())
    }
}

/// A version of a policy; GetPolicyVersion alone tells its document.
fn version(version: &NumberedVersion) -> PolicyVersion<'_> {
    let NumberedVersion { number, default, document: text, created_at } = version;
    PolicyVersion {
        create_date: *created_at,
        document: text.as_deref().map(document),
        is_default_version: Some(*default),
        version_id: version_id(*number),
    }
}

/// The version that an answer tells.
fn heard_version(version: PolicyVersion<'_>) -> Result<NumberedVersion> {
    let PolicyVersion { create_date, document, is_default_version, version_id } = version;
    Ok(NumberedVersion {
        number: heard_number(version_id)?,
        default: heard::had(is_default_version)?,
        document: document.map(|text| heard_document(&text)).transpose()?,
        created_at: create_date,
    })
}

/// Adds a version to a managed policy.
pub(crate) struct CreatePolicyVersion;

impl Wire for CreatePolicyVersion {
    type Op = op::CreateVersion;
    type Ask<'a> = CreatePolicyVersionRequest<'a>;
    type Told<'a> = CreatePolicyVersionResponse<'a>;

    fn op(ask: CreatePolicyVersionRequest<'_>) -> Result<op::CreateVersion> {
        let CreatePolicyVersionRequest { policy_arn, policy_document, set_as_default } = ask;
        let (policy, document) = (policy(policy_arn)?, within(ROOM, policy_document)?);
        Ok(op::CreateVersion { policy, document, set_default: set_as_default.unwrap_or_default(), rotate: false })
    }

    fn told(output: &NumberedVersion) -> Result<CreatePolicyVersionResponse<'_>> {
        Ok(CreatePolicyVersionResponse { policy_version: Some(CreatedPolicyVersion(version(output))) })
    }

    fn ask(op: &op::CreateVersion) -> Result<CreatePolicyVersionRequest<'_>> {
        let op::CreateVersion { policy, document, set_default, rotate: _ } = op;
        Ok(CreatePolicyVersionRequest {
            policy_arn: Some(policy_arn(policy)?),
            policy_document: Some(document.into()),
            set_as_default: Some(*set_default),
        })
    }

    fn output(told: CreatePolicyVersionResponse<'_>) -> Result<NumberedVersion> {
        let CreatePolicyVersionResponse { policy_version } = told;
        heard_version(heard::had(policy_version)?.0)
    }
}

/// Tells about a version of a managed policy.
pub(crate) struct GetPolicyVersion;

impl Wire for GetPolicyVersion {
    type Op = op::DescribeVersion;
    type Ask<'a> = GetPolicyVersionRequest<'a>;
    type Told<'a> = GetPolicyVersionResponse<'a>;

    fn op(ask: GetPolicyVersionRequest<'_>) -> Result<op::DescribeVersion> {
        let GetPolicyVersionRequest { policy_arn, version_id } = ask;
        Ok(op::DescribeVersion { policy: policy(policy_arn)?, version: version_name(version_id) })
    }

    fn told(output: &NumberedVersion) -> Result<GetPolicyVersionResponse<'_>> {
        Ok(GetPolicyVersionResponse { policy_version: Some(version(output)) })
    }

    fn ask(op: &op::DescribeVersion) -> Result<GetPolicyVersionRequest<'_>> {
        let op::DescribeVersion { policy, version } = op;
        let version_id = Some(version.to_string().into());
        Ok(GetPolicyVersionRequest { policy_arn: Some(policy_arn(policy)?), version_id })
    }

    fn output(told: GetPolicyVersionResponse<'_>) -> Result<NumberedVersion> {
        let GetPolicyVersionResponse { policy_version } = told;
        heard_version(heard::had(policy_version)?)
    }
}

/// Lists the versions of a managed policy.
pub(crate) struct ListPolicyVersions;

impl Wire for ListPolicyVersions {
    type Op = op::ListVersions;
    type Ask<'a> = ListPolicyVersionsRequest<'a>;
    type Told<'a> = ListPolicyVersionsResponse<'a>;

    fn op(ask: ListPolicyVersionsRequest<'_>) -> Result<op::ListVersions> {
        let ListPolicyVersionsRequest { policy_arn, marker, max_items } = ask;
        Ok(op::ListVersions { policy: policy(policy_arn)?, paging: paging(max_items, marker) })
    }

    fn told(output: &Listed<NumberedVersion>) -> Result<ListPolicyVersionsResponse<'_>> {
        let Listed { items, next, numbered: _ } = output;
        Ok(ListPolicyVersionsResponse {
            is_truncated: Some(next.is_some()),
            marker: next.as_deref().map(Into::into),
            versions: Some(items.iter().map(|one| ListedPolicyVersion(version(one))).collect()),
        })
    }

    fn ask(op: &op::ListVersions) -> Result<ListPolicyVersionsRequest<'_>> {
        let op::ListVersions { policy, paging } = op;
        let (max_items, marker) = list::part(paging)?;
        Ok(ListPolicyVersionsRequest { policy_arn: Some(policy_arn(policy)?), marker, max_items })
    }

    fn output(told: ListPolicyVersionsResponse<'_>) -> Result<Listed<NumberedVersion>> {
        let ListPolicyVersionsResponse { is_truncated, marker, versions } = told;
        list::heard(versions, is_truncated, marker, |ListedPolicyVersion(version)| heard_version(version))
    }
}

/// Puts a version of a managed policy in force.
pub(crate) struct SetDefaultPolicyVersion;

impl Wire for SetDefaultPolicyVersion {
    type Op = op::SetDefaultVersion;
    type Ask<'a> = SetDefaultPolicyVersionRequest<'a>;
    type Told<'a> = Nothing<'a>;

    fn op(ask: SetDefaultPolicyVersionRequest<'_>) -> Result<op::SetDefaultVersion> {
        let SetDefaultPolicyVersionRequest { policy_arn, version_id } = ask;
        Ok(op::SetDefaultVersion { policy: policy(policy_arn)?, version: version_name(version_id) })
    }

    fn told((): &()) -> Result<Nothing<'_>> {
        Ok(Nothing::default())
    }

    fn ask(op: &op::SetDefaultVersion) -> Result<SetDefaultPolicyVersionRequest<'_>> {
        let op::SetDefaultVersion { policy, version } = op;
        let version_id = Some(version.to_string().into());
        Ok(SetDefaultPolicyVersionRequest { policy_arn: Some(policy_arn(policy)?), version_id })
    }

    fn output(_: Nothing<'_>) -> Result<()> {
        Ok(())
    }
}

/// Removes a version of a managed policy.
pub(crate) struct DeletePolicyVersion;

impl Wire for DeletePolicyVersion {
    type Op = op::DeleteVersion;
    type Ask<'a> = DeletePolicyVersionRequest<'a>;
    type Told<'a> = Nothing<'a>;

    fn op(ask: DeletePolicyVersionRequest<'_>) -> Result<op::DeleteVersion> {
        let DeletePolicyVersionRequest { policy_arn, version_id } = ask;
        Ok(op::DeleteVersion { policy: policy(policy_arn)?, version: version_name(version_id) })
    }

    fn told((): &()) -> Result<Nothing<'_>> {
        Ok(Nothing::default())
    }

    fn ask(op: &op::DeleteVersion) -> Result<DeletePolicyVersionRequest<'_>> {
        let op::DeleteVersion { policy, version } = op;
        let version_id = Some(version.to_string().into());
        Ok(DeletePolicyVersionRequest { policy_arn: Some(policy_arn(policy)?), version_id })
    }

    fn output(_: Nothing<'_>) -> Result<()> {
        Ok(())
    }
}

#[cfg(test)]
#[allow(clippy::unwrap_used, clippy::expect_used, clippy::indexing_slicing, clippy::panic, reason = "tests")]
mod tests {
    use super::*;
    use crate::wire::tests::asked;

    #[test]
    fn a_version_is_read_from_its_identifier() {
        let read = |text: &str| {
            let arn = ("PolicyArn", "arn:aws:iam::111122223333:policy/p");
            asked::<DeletePolicyVersion>("iam", &[arn, ("VersionId", text)]).map(|op| op.version)
        };
        assert_eq!(read("v1").unwrap(), VersionName::Number(1));
        assert_eq!(read("v42").unwrap(), VersionName::Number(42));
        // Never given, and so never found.
        for text in ["v99999999999", "v1.a-b"] {
            assert_eq!(read(text).unwrap(), VersionName::Other(text.to_owned()));
        }
        for text in ["", "v", "1", "v0", "v01", "V1", "v1.a_", "v1 "] {
            assert!(read(text).is_err(), "{text}");
        }
    }

    #[test]
    fn a_policy_of_aws_has_an_identifier_in_the_form_of_one() {
        let id = system_id("/", "AdministratorAccess");
        assert!(id.len() == 21 && id.starts_with("ANPA"), "{id}");
        assert!(id.bytes().all(|byte| matches!(byte, b'A'..=b'Z' | b'2'..=b'7')), "{id}");
        assert_ne!(id, system_id("/x/", "AdministratorAccess"));
    }
}
