//! The operations of IAM.
//!
//! Follows the "AWS Identity and Access Management API Reference", version 2010-05-08, and the Service Authorization
//! Reference for the resource that each action is checked on.

use polykms_core::dialect::{Demand, Guarded, Row};
use polykms_core::operation::Role;

use crate::context::Keys;
use crate::wire::iam::inline::{OfGroup, OfRole, OfUser};
use crate::wire::iam::{access_key, attachment, group, inline, managed_policy, role, simulate, user};

/// Why nothing is checked of the policy that is attached.
const OF_HOLDER: &str = "the vendor checks the user, group or role, with the condition key iam:PolicyARN";
/// Why nothing is checked of the user that joins or leaves a group.
const OF_GROUP: &str = "the vendor checks the group";

const LAST_USE: &str = "the last use of access keys is not recorded";
const BOUNDARIES: &str = "permissions boundaries are not built yet";
const MACHINES: &str = "there are no machines that could take an instance profile";
const SECOND_FACTORS: &str = "multi-factor authentication is not built yet";
const CONSOLE: &str = "there is no console to sign in to";
const FEDERATION: &str = "federation with other identity providers is not built yet";
const OTHER_CREDENTIALS: &str = "there is no service that would take these credentials";
const ORGANISATIONS: &str = "there are no organisations of accounts yet";
const SERVICES: &str = "there are no services that act on their own";
const DELEGATION: &str = "delegation requests are not built yet";
const REPORTS: &str = "reports on the use of permissions are not built yet";
const TAGS: &str = "tags of identities are set when they are made; changing them is not built yet";
const TOKENS: &str = "session tokens have one version here";
const NOT_BUILT: &str = "not built yet";

/// One row for each operation.
pub(crate) static ROWS: &[Row] = &[
    Row::absent("AcceptDelegationRequest", DELEGATION),
    Row::absent("AddClientIDToOpenIDConnectProvider", FEDERATION),
    Row::absent("AddRoleToInstanceProfile", MACHINES),
    Row::of(&Guarded::<group::AddUserToGroup>(
        "AddUserToGroup",
        &[Demand::of(Role::Group, "iam:AddUserToGroup"), Demand::waived(Role::Subject, OF_GROUP)],
        &[],
    )),
    Row::absent("AssociateDelegationRequest", DELEGATION),
    Row::of(&Guarded::<attachment::Attach<OfGroup>>(
        "AttachGroupPolicy",
        &[Demand::of(Role::Subject, "iam:AttachGroupPolicy"), Demand::waived(Role::Policy, OF_HOLDER)],
        Keys::ATTACHED_TO_GROUP,
    )),
    Row::of(&Guarded::<attachment::Attach<OfRole>>(
        "AttachRolePolicy",
        &[Demand::of(Role::Subject, "iam:AttachRolePolicy"), Demand::waived(Role::Policy, OF_HOLDER)],
        Keys::ATTACHED,
    )),
    Row::of(&Guarded::<attachment::Attach<OfUser>>(
        "AttachUserPolicy",
        &[Demand::of(Role::Subject, "iam:AttachUserPolicy"), Demand::waived(Role::Policy, OF_HOLDER)],
        Keys::ATTACHED,
    )),
    Row::absent("ChangePassword", CONSOLE),
    Row::of(&Guarded::<access_key::CreateAccessKey>(
        "CreateAccessKey",
        &[Demand::of(Role::Subject, "iam:CreateAccessKey")],
        Keys::TAGGED,
    )),
    Row::absent("CreateAccountAlias", CONSOLE),
    Row::absent("CreateDelegationRequest", DELEGATION),
    Row::of(&Guarded::<group::CreateGroup>("CreateGroup", &[Demand::of(Role::Subject, "iam:CreateGroup")], &[])),
    Row::absent("CreateInstanceProfile", MACHINES),
    Row::absent("CreateLoginProfile", CONSOLE),
    Row::absent("CreateOpenIDConnectProvider", FEDERATION),
    Row::of(&Guarded::<managed_policy::CreatePolicy>(
        "CreatePolicy",
        &[
            Demand::of(Role::Subject, "iam:CreatePolicy"),
            Demand::when(Role::Subject, "iam:TagPolicy", |op| !op.tags.is_empty()),
        ],
        Keys::CREATED,
    )),
    Row::of(&Guarded::<managed_policy::CreatePolicyVersion>(
        "CreatePolicyVersion",
        &[Demand::of(Role::Policy, "iam:CreatePolicyVersion")],
        Keys::TAGGED_POLICY,
    )),
    Row::of(&Guarded::<role::CreateRole>(
        "CreateRole",
        &[
            Demand::of(Role::Subject, "iam:CreateRole"),
            Demand::when(Role::Subject, "iam:TagRole", |op| !op.tags.is_empty()),
        ],
        Keys::CREATED,
    )),
    Row::absent("CreateSAMLProvider", FEDERATION),
    Row::absent("CreateServiceLinkedRole", SERVICES),
    Row::absent("CreateServiceSpecificCredential", OTHER_CREDENTIALS),
    Row::of(&Guarded::<user::CreateUser>(
        "CreateUser",
        &[
            Demand::of(Role::Subject, "iam:CreateUser"),
            Demand::when(Role::Subject, "iam:TagUser", |op| !op.tags.is_empty()),
        ],
        Keys::CREATED,
    )),
    Row::absent("CreateVirtualMFADevice", SECOND_FACTORS),
    Row::absent("DeactivateMFADevice", SECOND_FACTORS),
    Row::of(&Guarded::<access_key::DeleteAccessKey>(
        "DeleteAccessKey",
        &[Demand::of(Role::Subject, "iam:DeleteAccessKey")],
        Keys::TAGGED,
    )),
    Row::absent("DeleteAccountAlias", CONSOLE),
    Row::absent("DeleteAccountPasswordPolicy", CONSOLE),
    Row::of(&Guarded::<group::DeleteGroup>("DeleteGroup", &[Demand::of(Role::Subject, "iam:DeleteGroup")], &[])),
    Row::of(&Guarded::<inline::Delete<OfGroup>>(
        "DeleteGroupPolicy",
        &[Demand::of(Role::Subject, "iam:DeleteGroupPolicy")],
        &[],
    )),
    Row::absent("DeleteInstanceProfile", MACHINES),
    Row::absent("DeleteLoginProfile", CONSOLE),
    Row::absent("DeleteOpenIDConnectProvider", FEDERATION),
    Row::of(&Guarded::<managed_policy::DeletePolicy>(
        "DeletePolicy",
        &[Demand::of(Role::Policy, "iam:DeletePolicy")],
        Keys::TAGGED_POLICY,
    )),
    Row::of(&Guarded::<managed_policy::DeletePolicyVersion>(
        "DeletePolicyVersion",
        &[Demand::of(Role::Policy, "iam:DeletePolicyVersion")],
        Keys::TAGGED_POLICY,
    )),
    Row::of(&Guarded::<role::DeleteRole>("DeleteRole", &[Demand::of(Role::Subject, "iam:DeleteRole")], Keys::TAGGED)),
    Row::absent("DeleteRolePermissionsBoundary", BOUNDARIES),
    Row::of(&Guarded::<inline::Delete<OfRole>>(
        "DeleteRolePolicy",
        &[Demand::of(Role::Subject, "iam:DeleteRolePolicy")],
        Keys::TAGGED,
    )),
    Row::absent("DeleteSAMLProvider", FEDERATION),
    Row::absent("DeleteSSHPublicKey", OTHER_CREDENTIALS),
    Row::absent("DeleteServerCertificate", OTHER_CREDENTIALS),
    Row::absent("DeleteServiceLinkedRole", SERVICES),
    Row::absent("DeleteServiceSpecificCredential", OTHER_CREDENTIALS),
    Row::absent("DeleteSigningCertificate", OTHER_CREDENTIALS),
    Row::of(&Guarded::<user::DeleteUser>("DeleteUser", &[Demand::of(Role::Subject, "iam:DeleteUser")], Keys::TAGGED)),
    Row::absent("DeleteUserPermissionsBoundary", BOUNDARIES),
    Row::of(&Guarded::<inline::Delete<OfUser>>(
        "DeleteUserPolicy",
        &[Demand::of(Role::Subject, "iam:DeleteUserPolicy")],
        Keys::TAGGED,
    )),
    Row::absent("DeleteVirtualMFADevice", SECOND_FACTORS),
    Row::of(&Guarded::<attachment::Detach<OfGroup>>(
        "DetachGroupPolicy",
        &[Demand::of(Role::Subject, "iam:DetachGroupPolicy"), Demand::waived(Role::Policy, OF_HOLDER)],
        Keys::ATTACHED_TO_GROUP,
    )),
    Row::of(&Guarded::<attachment::Detach<OfRole>>(
        "DetachRolePolicy",
        &[Demand::of(Role::Subject, "iam:DetachRolePolicy"), Demand::waived(Role::Policy, OF_HOLDER)],
        Keys::ATTACHED,
    )),
    Row::of(&Guarded::<attachment::Detach<OfUser>>(
        "DetachUserPolicy",
        &[Demand::of(Role::Subject, "iam:DetachUserPolicy"), Demand::waived(Role::Policy, OF_HOLDER)],
        Keys::ATTACHED,
    )),
    Row::absent("DisableOrganizationsRootCredentialsManagement", ORGANISATIONS),
    Row::absent("DisableOrganizationsRootSessions", ORGANISATIONS),
    Row::absent("DisableOutboundWebIdentityFederation", FEDERATION),
    Row::absent("EnableMFADevice", SECOND_FACTORS),
    Row::absent("EnableOrganizationsRootCredentialsManagement", ORGANISATIONS),
    Row::absent("EnableOrganizationsRootSessions", ORGANISATIONS),
    Row::absent("EnableOutboundWebIdentityFederation", FEDERATION),
    Row::absent("GenerateCredentialReport", REPORTS),
    Row::absent("GenerateOrganizationsAccessReport", ORGANISATIONS),
    Row::absent("GenerateServiceLastAccessedDetails", REPORTS),
    Row::absent("GetAccessKeyLastUsed", LAST_USE),
    Row::absent("GetAccountAuthorizationDetails", NOT_BUILT),
    Row::absent("GetAccountPasswordPolicy", CONSOLE),
    Row::absent("GetAccountSummary", NOT_BUILT),
    Row::of(&Guarded::<simulate::KeysForCustomPolicy>(
        "GetContextKeysForCustomPolicy",
        &[Demand::of(Role::Account, "iam:GetContextKeysForCustomPolicy")],
        &[],
    )),
    Row::of(&Guarded::<simulate::KeysForPrincipalPolicy>(
        "GetContextKeysForPrincipalPolicy",
        &[Demand::of(Role::Subject, "iam:GetContextKeysForPrincipalPolicy")],
        Keys::TAGGED,
    )),
    Row::absent("GetCredentialReport", REPORTS),
    Row::absent("GetDelegationRequest", DELEGATION),
    Row::of(&Guarded::<group::GetGroup>("GetGroup", &[Demand::of(Role::Subject, "iam:GetGroup")], &[])),
    Row::of(&Guarded::<inline::Get<OfGroup>>(
        "GetGroupPolicy",
        &[Demand::of(Role::Subject, "iam:GetGroupPolicy")],
        &[],
    )),
    Row::absent("GetHumanReadableSummary", DELEGATION),
    Row::absent("GetInstanceProfile", MACHINES),
    Row::absent("GetLoginProfile", CONSOLE),
    Row::absent("GetMFADevice", SECOND_FACTORS),
    Row::absent("GetOpenIDConnectProvider", FEDERATION),
    Row::absent("GetOrganizationsAccessReport", ORGANISATIONS),
    Row::absent("GetOutboundWebIdentityFederationInfo", FEDERATION),
    Row::of(&Guarded::<managed_policy::GetPolicy>(
        "GetPolicy",
        &[Demand::of(Role::Policy, "iam:GetPolicy")],
        Keys::TAGGED_POLICY,
    )),
    Row::of(&Guarded::<managed_policy::GetPolicyVersion>(
        "GetPolicyVersion",
        &[Demand::of(Role::Policy, "iam:GetPolicyVersion")],
        Keys::TAGGED_POLICY,
    )),
    Row::of(&Guarded::<role::GetRole>("GetRole", &[Demand::of(Role::Subject, "iam:GetRole")], Keys::TAGGED)),
    Row::of(&Guarded::<inline::Get<OfRole>>(
        "GetRolePolicy",
        &[Demand::of(Role::Subject, "iam:GetRolePolicy")],
        Keys::TAGGED,
    )),
    Row::absent("GetSAMLProvider", FEDERATION),
    Row::absent("GetSSHPublicKey", OTHER_CREDENTIALS),
    Row::absent("GetServerCertificate", OTHER_CREDENTIALS),
    Row::absent("GetServiceLastAccessedDetails", REPORTS),
    Row::absent("GetServiceLastAccessedDetailsWithEntities", REPORTS),
    Row::absent("GetServiceLinkedRoleDeletionStatus", SERVICES),
    Row::of(&Guarded::<user::GetUser>("GetUser", &[Demand::of(Role::Subject, "iam:GetUser")], Keys::TAGGED)),
    Row::of(&Guarded::<inline::Get<OfUser>>(
        "GetUserPolicy",
        &[Demand::of(Role::Subject, "iam:GetUserPolicy")],
        Keys::TAGGED,
    )),
    Row::of(&Guarded::<access_key::ListAccessKeys>(
        "ListAccessKeys",
        &[Demand::of(Role::Subject, "iam:ListAccessKeys")],
        Keys::TAGGED,
    )),
    Row::absent("ListAccountAliases", CONSOLE),
    Row::of(&Guarded::<attachment::ListAttached<OfGroup>>(
        "ListAttachedGroupPolicies",
        &[Demand::of(Role::Subject, "iam:ListAttachedGroupPolicies")],
        &[],
    )),
    Row::of(&Guarded::<attachment::ListAttached<OfRole>>(
        "ListAttachedRolePolicies",
        &[Demand::of(Role::Subject, "iam:ListAttachedRolePolicies")],
        Keys::TAGGED,
    )),
    Row::of(&Guarded::<attachment::ListAttached<OfUser>>(
        "ListAttachedUserPolicies",
        &[Demand::of(Role::Subject, "iam:ListAttachedUserPolicies")],
        Keys::TAGGED,
    )),
    Row::absent("ListDelegationRequests", DELEGATION),
    Row::of(&Guarded::<attachment::ListEntitiesForPolicy>(
        "ListEntitiesForPolicy",
        &[Demand::of(Role::Policy, "iam:ListEntitiesForPolicy")],
        Keys::TAGGED_POLICY,
    )),
    Row::of(&Guarded::<inline::List<OfGroup>>(
        "ListGroupPolicies",
        &[Demand::of(Role::Subject, "iam:ListGroupPolicies")],
        &[],
    )),
    Row::of(&Guarded::<group::ListGroups>("ListGroups", &[Demand::of(Role::Account, "iam:ListGroups")], &[])),
    Row::of(&Guarded::<group::ListGroupsForUser>(
        "ListGroupsForUser",
        &[Demand::of(Role::Subject, "iam:ListGroupsForUser")],
        Keys::TAGGED,
    )),
    Row::absent("ListInstanceProfileTags", MACHINES),
    Row::absent("ListInstanceProfiles", MACHINES),
    Row::of(&Guarded::<role::ListInstanceProfilesForRole>(
        "ListInstanceProfilesForRole",
        &[Demand::of(Role::Subject, "iam:ListInstanceProfilesForRole")],
        Keys::TAGGED,
    )),
    Row::absent("ListMFADeviceTags", SECOND_FACTORS),
    Row::absent("ListMFADevices", SECOND_FACTORS),
    Row::absent("ListOpenIDConnectProviderTags", FEDERATION),
    Row::absent("ListOpenIDConnectProviders", FEDERATION),
    Row::absent("ListOrganizationsFeatures", ORGANISATIONS),
    Row::of(&Guarded::<managed_policy::ListPolicies>(
        "ListPolicies",
        &[Demand::of(Role::Account, "iam:ListPolicies")],
        &[],
    )),
    Row::absent("ListPoliciesGrantingServiceAccess", REPORTS),
    Row::absent("ListPolicyTags", TAGS),
    Row::of(&Guarded::<managed_policy::ListPolicyVersions>(
        "ListPolicyVersions",
        &[Demand::of(Role::Policy, "iam:ListPolicyVersions")],
        Keys::TAGGED_POLICY,
    )),
    Row::of(&Guarded::<inline::List<OfRole>>(
        "ListRolePolicies",
        &[Demand::of(Role::Subject, "iam:ListRolePolicies")],
        Keys::TAGGED,
    )),
    Row::absent("ListRoleTags", TAGS),
    Row::of(&Guarded::<role::ListRoles>("ListRoles", &[Demand::of(Role::Account, "iam:ListRoles")], &[])),
    Row::absent("ListSAMLProviderTags", FEDERATION),
    Row::absent("ListSAMLProviders", FEDERATION),
    Row::absent("ListSSHPublicKeys", OTHER_CREDENTIALS),
    Row::absent("ListServerCertificateTags", OTHER_CREDENTIALS),
    Row::absent("ListServerCertificates", OTHER_CREDENTIALS),
    Row::absent("ListServiceSpecificCredentials", OTHER_CREDENTIALS),
    Row::absent("ListSigningCertificates", OTHER_CREDENTIALS),
    Row::of(&Guarded::<inline::List<OfUser>>(
        "ListUserPolicies",
        &[Demand::of(Role::Subject, "iam:ListUserPolicies")],
        Keys::TAGGED,
    )),
    Row::absent("ListUserTags", TAGS),
    Row::of(&Guarded::<user::ListUsers>("ListUsers", &[Demand::of(Role::Account, "iam:ListUsers")], &[])),
    Row::absent("ListVirtualMFADevices", SECOND_FACTORS),
    Row::of(&Guarded::<inline::Put<OfGroup>>(
        "PutGroupPolicy",
        &[Demand::of(Role::Subject, "iam:PutGroupPolicy")],
        &[],
    )),
    Row::absent("PutRolePermissionsBoundary", BOUNDARIES),
    Row::of(&Guarded::<inline::Put<OfRole>>(
        "PutRolePolicy",
        &[Demand::of(Role::Subject, "iam:PutRolePolicy")],
        Keys::TAGGED,
    )),
    Row::absent("PutUserPermissionsBoundary", BOUNDARIES),
    Row::of(&Guarded::<inline::Put<OfUser>>(
        "PutUserPolicy",
        &[Demand::of(Role::Subject, "iam:PutUserPolicy")],
        Keys::TAGGED,
    )),
    Row::absent("RejectDelegationRequest", DELEGATION),
    Row::absent("RemoveClientIDFromOpenIDConnectProvider", FEDERATION),
    Row::absent("RemoveRoleFromInstanceProfile", MACHINES),
    Row::of(&Guarded::<group::RemoveUserFromGroup>(
        "RemoveUserFromGroup",
        &[Demand::of(Role::Group, "iam:RemoveUserFromGroup"), Demand::waived(Role::Subject, OF_GROUP)],
        &[],
    )),
    Row::absent("ResetServiceSpecificCredential", OTHER_CREDENTIALS),
    Row::absent("ResyncMFADevice", SECOND_FACTORS),
    Row::absent("SendDelegationToken", DELEGATION),
    Row::of(&Guarded::<managed_policy::SetDefaultPolicyVersion>(
        "SetDefaultPolicyVersion",
        &[Demand::of(Role::Policy, "iam:SetDefaultPolicyVersion")],
        Keys::TAGGED_POLICY,
    )),
    Row::absent("SetSecurityTokenServicePreferences", TOKENS),
    Row::of(&Guarded::<simulate::CustomPolicy>(
        "SimulateCustomPolicy",
        &[Demand::of(Role::Account, "iam:SimulateCustomPolicy")],
        &[],
    )),
    Row::of(&Guarded::<simulate::PrincipalPolicy>(
        "SimulatePrincipalPolicy",
        &[Demand::of(Role::Subject, "iam:SimulatePrincipalPolicy")],
        Keys::TAGGED,
    )),
    Row::absent("TagInstanceProfile", MACHINES),
    Row::absent("TagMFADevice", SECOND_FACTORS),
    Row::absent("TagOpenIDConnectProvider", FEDERATION),
    Row::absent("TagPolicy", TAGS),
    Row::absent("TagRole", TAGS),
    Row::absent("TagSAMLProvider", FEDERATION),
    Row::absent("TagServerCertificate", OTHER_CREDENTIALS),
    Row::absent("TagUser", TAGS),
    Row::absent("UntagInstanceProfile", MACHINES),
    Row::absent("UntagMFADevice", SECOND_FACTORS),
    Row::absent("UntagOpenIDConnectProvider", FEDERATION),
    Row::absent("UntagPolicy", TAGS),
    Row::absent("UntagRole", TAGS),
    Row::absent("UntagSAMLProvider", FEDERATION),
    Row::absent("UntagServerCertificate", OTHER_CREDENTIALS),
    Row::absent("UntagUser", TAGS),
    Row::of(&Guarded::<access_key::UpdateAccessKey>(
        "UpdateAccessKey",
        &[Demand::of(Role::Subject, "iam:UpdateAccessKey")],
        Keys::TAGGED,
    )),
    Row::absent("UpdateAccountPasswordPolicy", CONSOLE),
    Row::of(&Guarded::<role::UpdateAssumeRolePolicy>(
        "UpdateAssumeRolePolicy",
        &[Demand::of(Role::Subject, "iam:UpdateAssumeRolePolicy")],
        Keys::TAGGED,
    )),
    Row::absent("UpdateDelegationRequest", DELEGATION),
    Row::of(&Guarded::<group::UpdateGroup>(
        "UpdateGroup",
        &[Demand::of(Role::Subject, "iam:UpdateGroup"), Demand::of(Role::Renamed, "iam:UpdateGroup")],
        &[],
    )),
    Row::absent("UpdateLoginProfile", CONSOLE),
    Row::absent("UpdateOpenIDConnectProviderThumbprint", FEDERATION),
    Row::of(&Guarded::<role::UpdateRole>("UpdateRole", &[Demand::of(Role::Subject, "iam:UpdateRole")], Keys::TAGGED)),
    Row::of(&Guarded::<role::UpdateRoleDescription>(
        "UpdateRoleDescription",
        &[Demand::of(Role::Subject, "iam:UpdateRoleDescription")],
        Keys::TAGGED,
    )),
    Row::absent("UpdateSAMLProvider", FEDERATION),
    Row::absent("UpdateSSHPublicKey", OTHER_CREDENTIALS),
    Row::absent("UpdateServerCertificate", OTHER_CREDENTIALS),
    Row::absent("UpdateServiceSpecificCredential", OTHER_CREDENTIALS),
    Row::absent("UpdateSigningCertificate", OTHER_CREDENTIALS),
    Row::of(&Guarded::<user::UpdateUser>(
        "UpdateUser",
        &[Demand::of(Role::Subject, "iam:UpdateUser"), Demand::of(Role::Renamed, "iam:UpdateUser")],
        Keys::TAGGED,
    )),
    Row::absent("UploadSSHPublicKey", OTHER_CREDENTIALS),
    Row::absent("UploadServerCertificate", OTHER_CREDENTIALS),
    Row::absent("UploadSigningCertificate", OTHER_CREDENTIALS),
];
