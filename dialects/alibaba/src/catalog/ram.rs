//! The catalog of Resource Access Management, version 2015-05-01.
//!
//! Follows the RAM document "RAM authentication": which permission each operation needs on what.

use polykms_core::dialect::{Demand, Guarded, Row};
use polykms_core::operation::Role;

use crate::context;
use crate::wire::ram::{access_key, attachment, decode, group, logon, member, policy, role, tag, user, version};

/// Why nothing is checked of the name that a user or group will have.
const BY_PRESENT_NAME: &str = "the vendor names the user or group as it is called now";

pub(crate) static ROWS: &[Row] = &[
    // Users.
    Row::of(&Guarded::<user::CreateUser>("CreateUser", &[Demand::of(Role::Subject, "ram:CreateUser")], &[])),
    Row::of(&Guarded::<user::GetUser>("GetUser", &[Demand::of(Role::Subject, "ram:GetUser")], &[])),
    Row::of(&Guarded::<user::UpdateUser>(
        "UpdateUser",
        &[Demand::of(Role::Subject, "ram:UpdateUser"), Demand::waived(Role::Renamed, BY_PRESENT_NAME)],
        &[],
    )),
    Row::of(&Guarded::<user::ListUsers>("ListUsers", &[Demand::of(Role::Account, "ram:ListUsers")], &[])),
    Row::of(&Guarded::<user::DeleteUser>("DeleteUser", &[Demand::of(Role::Subject, "ram:DeleteUser")], &[])),
    // Access keys.
    Row::of(&Guarded::<access_key::CreateAccessKey>(
        "CreateAccessKey",
        &[Demand::of(Role::Subject, "ram:CreateAccessKey")],
        &[],
    )),
    Row::of(&Guarded::<access_key::UpdateAccessKey>(
        "UpdateAccessKey",
        &[Demand::of(Role::Subject, "ram:UpdateAccessKey")],
        &[],
    )),
    Row::of(&Guarded::<access_key::ListAccessKeys>(
        "ListAccessKeys",
        &[Demand::of(Role::Subject, "ram:ListAccessKeys")],
        &[],
    )),
    Row::of(&Guarded::<access_key::DeleteAccessKey>(
        "DeleteAccessKey",
        &[Demand::of(Role::Subject, "ram:DeleteAccessKey")],
        &[],
    )),
    Row::absent("GetAccessKeyLastUsed", "the last use of access keys is not recorded"),
    // Groups.
    Row::of(&Guarded::<group::CreateGroup>("CreateGroup", &[Demand::of(Role::Subject, "ram:CreateGroup")], &[])),
    Row::of(&Guarded::<group::GetGroup>("GetGroup", &[Demand::of(Role::Subject, "ram:GetGroup")], &[])),
    Row::of(&Guarded::<group::UpdateGroup>(
        "UpdateGroup",
        &[Demand::of(Role::Subject, "ram:UpdateGroup"), Demand::waived(Role::Renamed, BY_PRESENT_NAME)],
        &[],
    )),
    Row::of(&Guarded::<group::ListGroups>("ListGroups", &[Demand::of(Role::Account, "ram:ListGroups")], &[])),
    Row::of(&Guarded::<group::DeleteGroup>("DeleteGroup", &[Demand::of(Role::Subject, "ram:DeleteGroup")], &[])),
    Row::of(&Guarded::<member::AddUserToGroup>(
        "AddUserToGroup",
        &[Demand::of(Role::Subject, "ram:AddUserToGroup"), Demand::of(Role::Group, "ram:AddUserToGroup")],
        &[],
    )),
    Row::of(&Guarded::<member::RemoveUserFromGroup>(
        "RemoveUserFromGroup",
        &[Demand::of(Role::Subject, "ram:RemoveUserFromGroup"), Demand::of(Role::Group, "ram:RemoveUserFromGroup")],
        &[],
    )),
    Row::of(&Guarded::<member::ListGroupsForUser>(
        "ListGroupsForUser",
        &[Demand::of(Role::Subject, "ram:ListGroupsForUser")],
        &[],
    )),
    Row::of(&Guarded::<member::ListUsersForGroup>(
        "ListUsersForGroup",
        &[Demand::of(Role::Subject, "ram:ListUsersForGroup")],
        &[],
    )),
    // Policies.
    Row::of(&Guarded::<policy::CreatePolicy>("CreatePolicy", &[Demand::of(Role::Subject, "ram:CreatePolicy")], &[])),
    Row::of(&Guarded::<policy::GetPolicy>("GetPolicy", &[Demand::of(Role::Policy, "ram:GetPolicy")], &[])),
    Row::of(&Guarded::<policy::UpdatePolicyDescription>(
        "UpdatePolicyDescription",
        &[Demand::of(Role::Policy, "ram:UpdatePolicyDescription")],
        &[],
    )),
    Row::of(&Guarded::<policy::ListPolicies>("ListPolicies", &[Demand::of(Role::Account, "ram:ListPolicies")], &[])),
    Row::of(&Guarded::<policy::DeletePolicy>("DeletePolicy", &[Demand::of(Role::Policy, "ram:DeletePolicy")], &[])),
    Row::of(&Guarded::<policy::ListEntitiesForPolicy>(
        "ListEntitiesForPolicy",
        &[Demand::of(Role::Policy, "ram:ListEntitiesForPolicy")],
        &[],
    )),
    Row::of(&Guarded::<version::CreatePolicyVersion>(
        "CreatePolicyVersion",
        &[Demand::of(Role::Policy, "ram:CreatePolicyVersion")],
        &[],
    )),
    Row::of(&Guarded::<version::GetPolicyVersion>(
        "GetPolicyVersion",
        &[Demand::of(Role::Policy, "ram:GetPolicyVersion")],
        &[],
    )),
    Row::of(&Guarded::<version::ListPolicyVersions>(
        "ListPolicyVersions",
        &[Demand::of(Role::Policy, "ram:ListPolicyVersions")],
        &[],
    )),
    Row::of(&Guarded::<version::SetDefaultPolicyVersion>(
        "SetDefaultPolicyVersion",
        &[Demand::of(Role::Policy, "ram:SetDefaultPolicyVersion")],
        &[],
    )),
    Row::of(&Guarded::<version::DeletePolicyVersion>(
        "DeletePolicyVersion",
        &[Demand::of(Role::Policy, "ram:DeletePolicyVersion")],
        &[],
    )),
    // Attachments: the holder and the policy.
    Row::of(&Guarded::<attachment::AttachPolicyToUser>(
        "AttachPolicyToUser",
        &[Demand::of(Role::Subject, "ram:AttachPolicyToUser"), Demand::of(Role::Policy, "ram:AttachPolicyToUser")],
        &[],
    )),
    Row::of(&Guarded::<attachment::DetachPolicyFromUser>(
        "DetachPolicyFromUser",
        &[Demand::of(Role::Subject, "ram:DetachPolicyFromUser"), Demand::of(Role::Policy, "ram:DetachPolicyFromUser")],
        &[],
    )),
    Row::of(&Guarded::<attachment::ListPoliciesForUser>(
        "ListPoliciesForUser",
        &[Demand::of(Role::Subject, "ram:ListPoliciesForUser")],
        &[],
    )),
    Row::of(&Guarded::<attachment::AttachPolicyToGroup>(
        "AttachPolicyToGroup",
        &[Demand::of(Role::Subject, "ram:AttachPolicyToGroup"), Demand::of(Role::Policy, "ram:AttachPolicyToGroup")],
        &[],
    )),
    Row::of(&Guarded::<attachment::DetachPolicyFromGroup>(
        "DetachPolicyFromGroup",
        &[
            Demand::of(Role::Subject, "ram:DetachPolicyFromGroup"),
            Demand::of(Role::Policy, "ram:DetachPolicyFromGroup"),
        ],
        &[],
    )),
    Row::of(&Guarded::<attachment::ListPoliciesForGroup>(
        "ListPoliciesForGroup",
        &[Demand::of(Role::Subject, "ram:ListPoliciesForGroup")],
        &[],
    )),
    Row::of(&Guarded::<attachment::AttachPolicyToRole>(
        "AttachPolicyToRole",
        &[Demand::of(Role::Subject, "ram:AttachPolicyToRole"), Demand::of(Role::Policy, "ram:AttachPolicyToRole")],
        &[],
    )),
    Row::of(&Guarded::<attachment::DetachPolicyFromRole>(
        "DetachPolicyFromRole",
        &[Demand::of(Role::Subject, "ram:DetachPolicyFromRole"), Demand::of(Role::Policy, "ram:DetachPolicyFromRole")],
        &[],
    )),
    Row::of(&Guarded::<attachment::ListPoliciesForRole>(
        "ListPoliciesForRole",
        &[Demand::of(Role::Subject, "ram:ListPoliciesForRole")],
        &[],
    )),
    // Roles.
    Row::of(&Guarded::<role::CreateRole>(
        "CreateRole",
        &[Demand::of(Role::Subject, "ram:CreateRole")],
        context::CREATE_ROLE,
    )),
    Row::of(&Guarded::<role::GetRole>("GetRole", &[Demand::of(Role::Subject, "ram:GetRole")], &[])),
    Row::of(&Guarded::<role::UpdateRole>(
        "UpdateRole",
        &[Demand::of(Role::Subject, "ram:UpdateRole")],
        context::UPDATE_ROLE,
    )),
    Row::of(&Guarded::<role::ListRoles>("ListRoles", &[Demand::of(Role::Account, "ram:ListRoles")], &[])),
    Row::of(&Guarded::<role::DeleteRole>("DeleteRole", &[Demand::of(Role::Subject, "ram:DeleteRole")], &[])),
    Row::absent("CreateServiceLinkedRole", "there are no other services to link roles to"),
    Row::absent("DeleteServiceLinkedRole", "there are no other services to link roles to"),
    Row::absent("GetServiceLinkedRoleTemplate", "there are no other services to link roles to"),
    // Logon, second factors, tags and the rest.
    Row::absent("BindMFADevice", "there is no second factor"),
    Row::absent("ChangePassword", "there is no console to log on to"),
    Row::absent("ClearAccountAlias", "there is no logon page for an alias to lead to"),
    Row::absent("CreateLoginProfile", "there is no console to log on to"),
    Row::absent("CreateVirtualMFADevice", "there is no second factor"),
    Row::of(&Guarded::<decode::DecodeDiagnosticMessage>(
        "DecodeDiagnosticMessage",
        &[Demand::of(Role::Account, "ram:DecodeDiagnosticMessage")],
        &[],
    )),
    Row::of(&Guarded::<logon::DeleteLoginProfile>(
        "DeleteLoginProfile",
        &[Demand::of(Role::Subject, "ram:DeleteLoginProfile")],
        &[],
    )),
    Row::absent("DeleteVirtualMFADevice", "there is no second factor"),
    Row::absent("GetAccountAlias", "there is no logon page for an alias to lead to"),
    Row::of(&Guarded::<logon::GetLoginProfile>(
        "GetLoginProfile",
        &[Demand::of(Role::Subject, "ram:GetLoginProfile")],
        &[],
    )),
    Row::absent("GetPasswordPolicy", "there is no console to log on to"),
    Row::absent("GetSecurityPreference", "there is no console to log on to"),
    Row::of(&Guarded::<logon::GetUserMFAInfo>(
        "GetUserMFAInfo",
        &[Demand::of(Role::Subject, "ram:GetUserMFAInfo")],
        &[],
    )),
    Row::of(&Guarded::<tag::ListTagResources>(
        "ListTagResources",
        &[Demand::of(Role::Account, "ram:ListTagResources")],
        &[],
    )),
    Row::absent("ListVirtualMFADevices", "there is no second factor"),
    Row::absent("SetAccountAlias", "there is no logon page for an alias to lead to"),
    Row::absent("SetPasswordPolicy", "there is no console to log on to"),
    Row::absent("SetSecurityPreference", "there is no console to log on to"),
    Row::of(&Guarded::<tag::TagResources>("TagResources", &[Demand::of(Role::Account, "ram:TagResources")], &[])),
    Row::of(&Guarded::<logon::UnbindMFADevice>(
        "UnbindMFADevice",
        &[Demand::of(Role::Subject, "ram:UnbindMFADevice")],
        &[],
    )),
    Row::of(&Guarded::<tag::UntagResources>("UntagResources", &[Demand::of(Role::Account, "ram:UntagResources")], &[])),
    Row::absent("UpdateLoginProfile", "there is no console to log on to"),
];
