//! Messages of `ram`, generated from the vendor's model and `vendor/messages/ram.json`; `just generate` writes them anew.

use std::borrow::Cow;

use polykms_core::dialect::message::{ANY, DefaultValue, List, Member, Shape};
use polykms_core::message;
use polykms_core::port::Time;

use super::pattern;

message! {
    /// `AccessKey`.
    pub(crate) struct AccessKey = ACCESS_KEY;
    0 access_key_id: Cow<'a, str>;
    1 create_date: Time;
    2 status: Cow<'a, str>;
}

const ACCESS_KEY: &[Member] = &[
    Member::new("AccessKeyId", Shape::text(1, ANY)).required(),
    Member::new("CreateDate", Shape::Time).required(),
    Member::new("Status", Shape::one_of(&["Active", "Inactive"])).required(),
];

message! {
    /// `AccessKeys`.
    pub(crate) struct AccessKeys = ACCESS_KEYS;
    0 access_key: Vec<AccessKey<'a>>;
}

const ACCESS_KEYS: &[Member] = &[
    Member::new("AccessKey", Shape::List(&List::new(Shape::Structure(ACCESS_KEY), 0, ANY))).required(),
];

message! {
    /// `AddUserToGroupRequest`.
    pub(crate) struct AddUserToGroupRequest = ADD_USER_TO_GROUP_REQUEST;
    0 group_name: Cow<'a, str>;
    1 user_name: Cow<'a, str>;
}

const ADD_USER_TO_GROUP_REQUEST: &[Member] = &[
    Member::new("GroupName", Shape::like(1, 64, &pattern::PRINCIPAL)).required(),
    Member::new("UserName", Shape::like(1, 64, &pattern::PRINCIPAL)).required(),
];

message! {
    /// `AttachPolicyToGroupRequest`.
    pub(crate) struct AttachPolicyToGroupRequest = ATTACH_POLICY_TO_GROUP_REQUEST;
    0 group_name: Cow<'a, str>;
    1 policy_name: Cow<'a, str>;
    2 policy_type: Cow<'a, str>;
}

const ATTACH_POLICY_TO_GROUP_REQUEST: &[Member] = &[
    Member::new("GroupName", Shape::like(1, 64, &pattern::PRINCIPAL)).required(),
    Member::new("PolicyName", Shape::like(1, 128, &pattern::POLICY)).required(),
    Member::new("PolicyType", Shape::one_of(&["Custom", "System"])).required(),
    Member::new("ResourceGroupId", Shape::text(0, ANY)).unbuilt("permissions limited to a resource group are not built"),
];

message! {
    /// `AttachPolicyToRoleRequest`.
    pub(crate) struct AttachPolicyToRoleRequest = ATTACH_POLICY_TO_ROLE_REQUEST;
    0 policy_name: Cow<'a, str>;
    1 policy_type: Cow<'a, str>;
    3 role_name: Cow<'a, str>;
}

const ATTACH_POLICY_TO_ROLE_REQUEST: &[Member] = &[
    Member::new("PolicyName", Shape::like(1, 128, &pattern::POLICY)).required(),
    Member::new("PolicyType", Shape::one_of(&["Custom", "System"])).required(),
    Member::new("ResourceGroupId", Shape::text(0, ANY)).unbuilt("permissions limited to a resource group are not built"),
    Member::new("RoleName", Shape::like(1, 64, &pattern::PRINCIPAL)).required(),
];

message! {
    /// `AttachPolicyToUserRequest`.
    pub(crate) struct AttachPolicyToUserRequest = ATTACH_POLICY_TO_USER_REQUEST;
    0 policy_name: Cow<'a, str>;
    1 policy_type: Cow<'a, str>;
    3 user_name: Cow<'a, str>;
}

const ATTACH_POLICY_TO_USER_REQUEST: &[Member] = &[
    Member::new("PolicyName", Shape::like(1, 128, &pattern::POLICY)).required(),
    Member::new("PolicyType", Shape::one_of(&["Custom", "System"])).required(),
    Member::new("ResourceGroupId", Shape::text(0, ANY)).unbuilt("permissions limited to a resource group are not built"),
    Member::new("UserName", Shape::like(1, 64, &pattern::PRINCIPAL)).required(),
];

message! {
    /// `AttachedPolicies`.
    pub(crate) struct AttachedPolicies = ATTACHED_POLICIES;
    0 policy: Vec<AttachedPolicy<'a>>;
}

const ATTACHED_POLICIES: &[Member] = &[
    Member::new("Policy", Shape::List(&List::new(Shape::Structure(ATTACHED_POLICY), 0, ANY))).required(),
];

message! {
    /// `AttachedPolicy`.
    pub(crate) struct AttachedPolicy = ATTACHED_POLICY;
    0 attach_date: Time;
    1 default_version: Cow<'a, str>;
    2 description: Cow<'a, str>;
    3 policy_name: Cow<'a, str>;
    4 policy_type: Cow<'a, str>;
}

const ATTACHED_POLICY: &[Member] = &[
    Member::new("AttachDate", Shape::Time).required(),
    Member::new("DefaultVersion", Shape::text(1, ANY)).required(),
    Member::new("Description", Shape::text(0, 1024)).required(),
    Member::new("PolicyName", Shape::like(1, 128, &pattern::POLICY)).required(),
    Member::new("PolicyType", Shape::one_of(&["Custom", "System"])).required(),
];

message! {
    /// `AuthCondition`.
    pub(crate) struct AuthCondition = AUTH_CONDITION;
    0 condition_key: Cow<'a, str>;
    1 condition_values: Vec<Cow<'a, str>>;
}

const AUTH_CONDITION: &[Member] = &[
    Member::new("ConditionKey", Shape::text(1, ANY)).required(),
    Member::new("ConditionValues", Shape::List(&List::new(Shape::text(0, ANY), 0, ANY))).required(),
];

message! {
    /// `AuthPrincipal`.
    pub(crate) struct AuthPrincipal = AUTH_PRINCIPAL;
    0 auth_principal_display_name: Cow<'a, str>;
    1 auth_principal_owner_id: Cow<'a, str>;
    2 auth_principal_type: Cow<'a, str>;
}

const AUTH_PRINCIPAL: &[Member] = &[
    Member::new("AuthPrincipalDisplayName", Shape::text(1, ANY)).required(),
    Member::new("AuthPrincipalOwnerId", Shape::text(1, ANY)).required(),
    Member::new("AuthPrincipalType", Shape::text(1, ANY)).required(),
];

message! {
    /// `CreateAccessKeyRequest`.
    pub(crate) struct CreateAccessKeyRequest = CREATE_ACCESS_KEY_REQUEST;
    0 user_name: Cow<'a, str>;
}

const CREATE_ACCESS_KEY_REQUEST: &[Member] = &[
    Member::new("UserName", Shape::like(1, 64, &pattern::PRINCIPAL)),
];

message! {
    /// `CreateAccessKeyResponse`.
    pub(crate) struct CreateAccessKeyResponse = CREATE_ACCESS_KEY_RESPONSE;
    0 access_key: IssuedAccessKey<'a>;
}

const CREATE_ACCESS_KEY_RESPONSE: &[Member] = &[
    Member::new("AccessKey", Shape::Structure(ISSUED_ACCESS_KEY)).required(),
];

message! {
    /// `CreateGroupRequest`.
    pub(crate) struct CreateGroupRequest = CREATE_GROUP_REQUEST;
    0 comments: Cow<'a, str>;
    1 group_name: Cow<'a, str>;
}

const CREATE_GROUP_REQUEST: &[Member] = &[
    Member::new("Comments", Shape::text(0, 128)),
    Member::new("GroupName", Shape::like(1, 64, &pattern::PRINCIPAL)).required(),
];

message! {
    /// `CreateGroupResponse`.
    pub(crate) struct CreateGroupResponse = CREATE_GROUP_RESPONSE;
    0 group: CreatedGroup<'a>;
}

const CREATE_GROUP_RESPONSE: &[Member] = &[
    Member::new("Group", Shape::Structure(CREATED_GROUP)).required(),
];

message! {
    /// `CreatePolicyRequest`.
    pub(crate) struct CreatePolicyRequest = CREATE_POLICY_REQUEST;
    0 description: Cow<'a, str>;
    1 policy_document: Cow<'a, str>;
    2 policy_name: Cow<'a, str>;
    3 tag: Vec<Tag<'a>>;
}

const CREATE_POLICY_REQUEST: &[Member] = &[
    Member::new("Description", Shape::text(0, 1024)),
    Member::new("PolicyDocument", Shape::text(1, ANY)).required(),
    Member::new("PolicyName", Shape::like(1, 128, &pattern::POLICY)).required(),
    Member::new("Tag", Shape::List(&List::new(Shape::Structure(TAG), 0, 20))),
];

message! {
    /// `CreatePolicyResponse`.
    pub(crate) struct CreatePolicyResponse = CREATE_POLICY_RESPONSE;
    0 policy: CreatedPolicy<'a>;
}

const CREATE_POLICY_RESPONSE: &[Member] = &[
    Member::new("Policy", Shape::Structure(CREATED_POLICY)).required(),
];

message! {
    /// `CreatePolicyVersionRequest`.
    pub(crate) struct CreatePolicyVersionRequest = CREATE_POLICY_VERSION_REQUEST;
    0 policy_document: Cow<'a, str>;
    1 policy_name: Cow<'a, str>;
    2 rotate_strategy: Cow<'a, str>;
    3 set_as_default: bool;
}

const CREATE_POLICY_VERSION_REQUEST: &[Member] = &[
    Member::new("PolicyDocument", Shape::text(1, ANY)).required(),
    Member::new("PolicyName", Shape::like(1, 128, &pattern::POLICY)).required(),
    Member::new("RotateStrategy", Shape::one_of(&["None", "DeleteOldestNonDefaultVersionWhenLimitExceeded"])).defaults_to(DefaultValue::Text("None")),
    Member::new("SetAsDefault", Shape::Flag).defaults_to(DefaultValue::Flag(false)),
];

message! {
    /// `CreatePolicyVersionResponse`.
    pub(crate) struct CreatePolicyVersionResponse = CREATE_POLICY_VERSION_RESPONSE;
    0 policy_version: CreatedPolicyVersion<'a>;
}

const CREATE_POLICY_VERSION_RESPONSE: &[Member] = &[
    Member::new("PolicyVersion", Shape::Structure(CREATED_POLICY_VERSION)).required(),
];

message! {
    /// `CreateRoleRequest`.
    pub(crate) struct CreateRoleRequest = CREATE_ROLE_REQUEST;
    0 allow_console_login: bool;
    1 assume_role_policy_document: Cow<'a, str>;
    2 description: Cow<'a, str>;
    3 max_session_duration: i64;
    4 role_name: Cow<'a, str>;
    5 tag: Vec<Tag<'a>>;
}

const CREATE_ROLE_REQUEST: &[Member] = &[
    Member::new("AllowConsoleLogin", Shape::Flag).defaults_to(DefaultValue::Flag(false)),
    Member::new("AssumeRolePolicyDocument", Shape::text(1, ANY)).required(),
    Member::new("Description", Shape::text(0, 1024)),
    Member::new("MaxSessionDuration", Shape::Integer(3600, 43200)).defaults_to(DefaultValue::Integer(3600)),
    Member::new("RoleName", Shape::like(1, 64, &pattern::NEW_ROLE)).required(),
    Member::new("Tag", Shape::List(&List::new(Shape::Structure(TAG), 0, 20))),
];

message! {
    /// `CreateRoleResponse`.
    pub(crate) struct CreateRoleResponse = CREATE_ROLE_RESPONSE;
    0 role: CreatedRole<'a>;
}

const CREATE_ROLE_RESPONSE: &[Member] = &[
    Member::new("Role", Shape::Structure(CREATED_ROLE)).required(),
];

message! {
    /// `CreateUserRequest`.
    pub(crate) struct CreateUserRequest = CREATE_USER_REQUEST;
    0 comments: Cow<'a, str>;
    1 display_name: Cow<'a, str>;
    2 email: Cow<'a, str>;
    3 mobile_phone: Cow<'a, str>;
    4 user_name: Cow<'a, str>;
}

const CREATE_USER_REQUEST: &[Member] = &[
    Member::new("Comments", Shape::text(0, 128)),
    Member::new("DisplayName", Shape::text(0, 128)),
    Member::new("Email", Shape::text(0, ANY)),
    Member::new("MobilePhone", Shape::text(0, ANY)),
    Member::new("UserName", Shape::like(1, 64, &pattern::PRINCIPAL)).required(),
];

message! {
    /// `CreateUserResponse`.
    pub(crate) struct CreateUserResponse = CREATE_USER_RESPONSE;
    0 user: CreatedUser<'a>;
}

const CREATE_USER_RESPONSE: &[Member] = &[
    Member::new("User", Shape::Structure(CREATED_USER)).required(),
];

message! {
    /// `CreatedGroup`.
    pub(crate) struct CreatedGroup = CREATED_GROUP;
    of Group;
}

const CREATED_GROUP: &[Member] = &[
    Member::new("Comments", Shape::text(0, 128)).required(),
    Member::new("CreateDate", Shape::Time).required(),
    Member::new("GroupId", Shape::text(1, ANY)).required(),
    Member::new("GroupName", Shape::like(1, 64, &pattern::PRINCIPAL)).required(),
    Member::new("UpdateDate", Shape::text(0, ANY)).unbuilt("the answer does not have it"),
];

message! {
    /// `CreatedPolicy`.
    pub(crate) struct CreatedPolicy = CREATED_POLICY;
    of Policy;
}

const CREATED_POLICY: &[Member] = &[
    Member::new("AttachmentCount", Shape::text(0, ANY)).unbuilt("the answer does not have it"),
    Member::new("CreateDate", Shape::Time).required(),
    Member::new("DefaultVersion", Shape::text(1, ANY)).required(),
    Member::new("Description", Shape::text(0, 1024)).required(),
    Member::new("PolicyDocument", Shape::text(0, ANY)).unbuilt("the answer does not have it"),
    Member::new("PolicyName", Shape::like(1, 128, &pattern::POLICY)).required(),
    Member::new("PolicyType", Shape::one_of(&["Custom", "System"])).required(),
    Member::new("Tags", Shape::text(0, ANY)).unbuilt("the answer does not have it"),
    Member::new("UpdateDate", Shape::text(0, ANY)).unbuilt("the answer does not have it"),
];

message! {
    /// `CreatedPolicyVersion`.
    pub(crate) struct CreatedPolicyVersion = CREATED_POLICY_VERSION;
    of PolicyVersion;
}

const CREATED_POLICY_VERSION: &[Member] = &[
    Member::new("CreateDate", Shape::Time).required(),
    Member::new("IsDefaultVersion", Shape::Flag).required(),
    Member::new("PolicyDocument", Shape::text(1, ANY)).required(),
    Member::new("VersionId", Shape::text(1, ANY)).required(),
];

message! {
    /// `CreatedRole`.
    pub(crate) struct CreatedRole = CREATED_ROLE;
    of Role;
}

const CREATED_ROLE: &[Member] = &[
    Member::new("AllowConsoleLogin", Shape::Flag).required(),
    Member::new("Arn", Shape::text(1, ANY)).required(),
    Member::new("AssumeRolePolicyDocument", Shape::text(1, ANY)).required(),
    Member::new("CreateDate", Shape::Time).required(),
    Member::new("Description", Shape::text(0, 1024)).required(),
    Member::new("IsServiceLinkedRole", Shape::text(0, ANY)).unbuilt("the answer does not have it"),
    Member::new("LatestDeletionTask", Shape::text(0, ANY)).unbuilt("roles of services are not built"),
    Member::new("MaxSessionDuration", Shape::Integer(3600, 43200)).required(),
    Member::new("RoleId", Shape::text(1, ANY)).required(),
    Member::new("RoleName", Shape::like(1, 64, &pattern::PRINCIPAL)).required(),
    Member::new("RolePrincipalName", Shape::text(0, ANY)).unbuilt("the answer does not have it"),
    Member::new("Tags", Shape::text(0, ANY)).unbuilt("the answer does not have it"),
    Member::new("UpdateDate", Shape::text(0, ANY)).unbuilt("the answer does not have it"),
];

message! {
    /// `CreatedUser`.
    pub(crate) struct CreatedUser = CREATED_USER;
    of User;
}

const CREATED_USER: &[Member] = &[
    Member::new("Comments", Shape::text(0, 128)).required(),
    Member::new("CreateDate", Shape::Time).required(),
    Member::new("DisplayName", Shape::text(0, 128)).required(),
    Member::new("Email", Shape::text(0, ANY)).required(),
    Member::new("LastLoginDate", Shape::text(0, ANY)).unbuilt("there is no console to log on to"),
    Member::new("MobilePhone", Shape::text(0, ANY)).required(),
    Member::new("UpdateDate", Shape::text(0, ANY)).unbuilt("the answer does not have it"),
    Member::new("UserId", Shape::text(1, ANY)).required(),
    Member::new("UserName", Shape::like(1, 64, &pattern::PRINCIPAL)).required(),
];

message! {
    /// `DecodeDiagnosticMessageRequest`.
    pub(crate) struct DecodeDiagnosticMessageRequest = DECODE_DIAGNOSTIC_MESSAGE_REQUEST;
    0 encoded_diagnostic_message: Cow<'a, str>;
}

const DECODE_DIAGNOSTIC_MESSAGE_REQUEST: &[Member] = &[
    Member::new("EncodedDiagnosticMessage", Shape::text(1, 4096)).required(),
];

message! {
    /// `DecodeDiagnosticMessageResponse`.
    pub(crate) struct DecodeDiagnosticMessageResponse = DECODE_DIAGNOSTIC_MESSAGE_RESPONSE;
    0 decoded_diagnostic_message: DecodedDiagnosticMessage<'a>;
}

const DECODE_DIAGNOSTIC_MESSAGE_RESPONSE: &[Member] = &[
    Member::new("DecodedDiagnosticMessage", Shape::Structure(DECODED_DIAGNOSTIC_MESSAGE)).required(),
];

message! {
    /// `DecodedDiagnosticMessage`.
    pub(crate) struct DecodedDiagnosticMessage = DECODED_DIAGNOSTIC_MESSAGE;
    0 auth_action: Cow<'a, str>;
    1 auth_conditions: Vec<AuthCondition<'a>>;
    2 auth_principal: AuthPrincipal<'a>;
    3 auth_resource: Cow<'a, str>;
    4 explicit_deny: bool;
    5 matched_policies: Vec<MatchedPolicy<'a>>;
    6 no_permission_policy_type: Cow<'a, str>;
}

const DECODED_DIAGNOSTIC_MESSAGE: &[Member] = &[
    Member::new("AuthAction", Shape::text(1, ANY)).required(),
    Member::new("AuthConditions", Shape::List(&List::new(Shape::Structure(AUTH_CONDITION), 0, ANY))).required(),
    Member::new("AuthPrincipal", Shape::Structure(AUTH_PRINCIPAL)).required(),
    Member::new("AuthResource", Shape::text(1, ANY)).required(),
    Member::new("ExplicitDeny", Shape::Flag).required(),
    Member::new("MatchedPolicies", Shape::List(&List::new(Shape::Structure(MATCHED_POLICY), 0, ANY))).required(),
    Member::new("NoPermissionPolicyType", Shape::text(1, ANY)).required(),
];

message! {
    /// `DeleteAccessKeyRequest`.
    pub(crate) struct DeleteAccessKeyRequest = DELETE_ACCESS_KEY_REQUEST;
    0 user_access_key_id: Cow<'a, str>;
    1 user_name: Cow<'a, str>;
}

const DELETE_ACCESS_KEY_REQUEST: &[Member] = &[
    Member::new("UserAccessKeyId", Shape::like(1, 64, &pattern::ACCESS_KEY)).required(),
    Member::new("UserName", Shape::like(1, 64, &pattern::PRINCIPAL)),
];

message! {
    /// `DeleteGroupRequest`.
    pub(crate) struct DeleteGroupRequest = DELETE_GROUP_REQUEST;
    0 group_name: Cow<'a, str>;
}

const DELETE_GROUP_REQUEST: &[Member] = &[
    Member::new("GroupName", Shape::like(1, 64, &pattern::PRINCIPAL)).required(),
];

message! {
    /// `DeleteLoginProfileRequest`.
    pub(crate) struct DeleteLoginProfileRequest = DELETE_LOGIN_PROFILE_REQUEST;
    0 user_name: Cow<'a, str>;
}

const DELETE_LOGIN_PROFILE_REQUEST: &[Member] = &[
    Member::new("UserName", Shape::like(1, 64, &pattern::PRINCIPAL)).required(),
];

message! {
    /// `DeletePolicyRequest`.
    pub(crate) struct DeletePolicyRequest = DELETE_POLICY_REQUEST;
    0 cascading_delete: bool;
    1 policy_name: Cow<'a, str>;
}

const DELETE_POLICY_REQUEST: &[Member] = &[
    Member::new("CascadingDelete", Shape::Flag).defaults_to(DefaultValue::Flag(false)),
    Member::new("PolicyName", Shape::like(1, 128, &pattern::POLICY)).required(),
];

message! {
    /// `DeletePolicyVersionRequest`.
    pub(crate) struct DeletePolicyVersionRequest = DELETE_POLICY_VERSION_REQUEST;
    0 policy_name: Cow<'a, str>;
    1 version_id: Cow<'a, str>;
}

const DELETE_POLICY_VERSION_REQUEST: &[Member] = &[
    Member::new("PolicyName", Shape::like(1, 128, &pattern::POLICY)).required(),
    Member::new("VersionId", Shape::text(1, ANY)).required(),
];

message! {
    /// `DeleteRoleRequest`.
    pub(crate) struct DeleteRoleRequest = DELETE_ROLE_REQUEST;
    0 role_name: Cow<'a, str>;
}

const DELETE_ROLE_REQUEST: &[Member] = &[
    Member::new("RoleName", Shape::like(1, 64, &pattern::PRINCIPAL)).required(),
];

message! {
    /// `DeleteUserRequest`.
    pub(crate) struct DeleteUserRequest = DELETE_USER_REQUEST;
    0 user_name: Cow<'a, str>;
}

const DELETE_USER_REQUEST: &[Member] = &[
    Member::new("UserName", Shape::like(1, 64, &pattern::PRINCIPAL)).required(),
];

message! {
    /// `DetachPolicyFromGroupRequest`.
    pub(crate) struct DetachPolicyFromGroupRequest = DETACH_POLICY_FROM_GROUP_REQUEST;
    0 group_name: Cow<'a, str>;
    1 policy_name: Cow<'a, str>;
    2 policy_type: Cow<'a, str>;
}

const DETACH_POLICY_FROM_GROUP_REQUEST: &[Member] = &[
    Member::new("GroupName", Shape::like(1, 64, &pattern::PRINCIPAL)).required(),
    Member::new("PolicyName", Shape::like(1, 128, &pattern::POLICY)).required(),
    Member::new("PolicyType", Shape::one_of(&["Custom", "System"])).required(),
    Member::new("ResourceGroupId", Shape::text(0, ANY)).unbuilt("permissions limited to a resource group are not built"),
];

message! {
    /// `DetachPolicyFromRoleRequest`.
    pub(crate) struct DetachPolicyFromRoleRequest = DETACH_POLICY_FROM_ROLE_REQUEST;
    0 policy_name: Cow<'a, str>;
    1 policy_type: Cow<'a, str>;
    3 role_name: Cow<'a, str>;
}

const DETACH_POLICY_FROM_ROLE_REQUEST: &[Member] = &[
    Member::new("PolicyName", Shape::like(1, 128, &pattern::POLICY)).required(),
    Member::new("PolicyType", Shape::one_of(&["Custom", "System"])).required(),
    Member::new("ResourceGroupId", Shape::text(0, ANY)).unbuilt("permissions limited to a resource group are not built"),
    Member::new("RoleName", Shape::like(1, 64, &pattern::PRINCIPAL)).required(),
];

message! {
    /// `DetachPolicyFromUserRequest`.
    pub(crate) struct DetachPolicyFromUserRequest = DETACH_POLICY_FROM_USER_REQUEST;
    0 policy_name: Cow<'a, str>;
    1 policy_type: Cow<'a, str>;
    3 user_name: Cow<'a, str>;
}

const DETACH_POLICY_FROM_USER_REQUEST: &[Member] = &[
    Member::new("PolicyName", Shape::like(1, 128, &pattern::POLICY)).required(),
    Member::new("PolicyType", Shape::one_of(&["Custom", "System"])).required(),
    Member::new("ResourceGroupId", Shape::text(0, ANY)).unbuilt("permissions limited to a resource group are not built"),
    Member::new("UserName", Shape::like(1, 64, &pattern::PRINCIPAL)).required(),
];

message! {
    /// `FoundPolicy`.
    pub(crate) struct FoundPolicy = FOUND_POLICY;
    of Policy;
}

const FOUND_POLICY: &[Member] = &[
    Member::new("AttachmentCount", Shape::Integer(i64::MIN, i64::MAX)).required(),
    Member::new("CreateDate", Shape::Time).required(),
    Member::new("DefaultVersion", Shape::text(1, ANY)).required(),
    Member::new("Description", Shape::text(0, 1024)).required(),
    Member::new("PolicyDocument", Shape::text(1, ANY)).required(),
    Member::new("PolicyName", Shape::like(1, 128, &pattern::POLICY)).required(),
    Member::new("PolicyType", Shape::one_of(&["Custom", "System"])).required(),
    Member::new("Tags", Shape::text(0, ANY)).unbuilt("the answer does not have it"),
    Member::new("UpdateDate", Shape::Time).required(),
];

message! {
    /// `FoundRole`.
    pub(crate) struct FoundRole = FOUND_ROLE;
    of Role;
}

const FOUND_ROLE: &[Member] = &[
    Member::new("AllowConsoleLogin", Shape::Flag).required(),
    Member::new("Arn", Shape::text(1, ANY)).required(),
    Member::new("AssumeRolePolicyDocument", Shape::text(1, ANY)).required(),
    Member::new("CreateDate", Shape::Time).required(),
    Member::new("Description", Shape::text(0, 1024)).required(),
    Member::new("IsServiceLinkedRole", Shape::Flag).required(),
    Member::new("LatestDeletionTask", Shape::text(0, ANY)).unbuilt("roles of services are not built"),
    Member::new("MaxSessionDuration", Shape::Integer(3600, 43200)).required(),
    Member::new("RoleId", Shape::text(1, ANY)).required(),
    Member::new("RoleName", Shape::like(1, 64, &pattern::PRINCIPAL)).required(),
    Member::new("RolePrincipalName", Shape::text(1, ANY)).required(),
    Member::new("Tags", Shape::text(0, ANY)).unbuilt("the answer does not have it"),
    Member::new("UpdateDate", Shape::Time).required(),
];

message! {
    /// `GetGroupRequest`.
    pub(crate) struct GetGroupRequest = GET_GROUP_REQUEST;
    0 group_name: Cow<'a, str>;
}

const GET_GROUP_REQUEST: &[Member] = &[
    Member::new("GroupName", Shape::like(1, 64, &pattern::PRINCIPAL)).required(),
];

message! {
    /// `GetGroupResponse`.
    pub(crate) struct GetGroupResponse = GET_GROUP_RESPONSE;
    0 group: Group<'a>;
}

const GET_GROUP_RESPONSE: &[Member] = &[
    Member::new("Group", Shape::Structure(GROUP)).required(),
];

message! {
    /// `GetLoginProfileRequest`.
    pub(crate) struct GetLoginProfileRequest = GET_LOGIN_PROFILE_REQUEST;
    0 user_name: Cow<'a, str>;
}

const GET_LOGIN_PROFILE_REQUEST: &[Member] = &[
    Member::new("UserName", Shape::like(1, 64, &pattern::PRINCIPAL)).required(),
];

message! {
    /// `GetLoginProfileResponse`.
    pub(crate) struct GetLoginProfileResponse = GET_LOGIN_PROFILE_RESPONSE;
    phantom;
}

const GET_LOGIN_PROFILE_RESPONSE: &[Member] = &[
    Member::new("LoginProfile", Shape::text(0, ANY)).unbuilt("there is no console to log on to"),
];

message! {
    /// `GetPolicyRequest`.
    pub(crate) struct GetPolicyRequest = GET_POLICY_REQUEST;
    0 policy_name: Cow<'a, str>;
    1 policy_type: Cow<'a, str>;
}

const GET_POLICY_REQUEST: &[Member] = &[
    Member::new("PolicyName", Shape::like(1, 128, &pattern::POLICY)).required(),
    Member::new("PolicyType", Shape::one_of(&["Custom", "System"])).required(),
];

message! {
    /// `GetPolicyResponse`.
    pub(crate) struct GetPolicyResponse = GET_POLICY_RESPONSE;
    0 default_policy_version: PolicyVersion<'a>;
    1 policy: FoundPolicy<'a>;
}

const GET_POLICY_RESPONSE: &[Member] = &[
    Member::new("DefaultPolicyVersion", Shape::Structure(POLICY_VERSION)).required(),
    Member::new("Policy", Shape::Structure(FOUND_POLICY)).required(),
];

message! {
    /// `GetPolicyVersionRequest`.
    pub(crate) struct GetPolicyVersionRequest = GET_POLICY_VERSION_REQUEST;
    0 policy_name: Cow<'a, str>;
    1 policy_type: Cow<'a, str>;
    2 version_id: Cow<'a, str>;
}

const GET_POLICY_VERSION_REQUEST: &[Member] = &[
    Member::new("PolicyName", Shape::like(1, 128, &pattern::POLICY)).required(),
    Member::new("PolicyType", Shape::one_of(&["Custom", "System"])).required(),
    Member::new("VersionId", Shape::text(1, ANY)).required(),
];

message! {
    /// `GetPolicyVersionResponse`.
    pub(crate) struct GetPolicyVersionResponse = GET_POLICY_VERSION_RESPONSE;
    0 policy_version: PolicyVersion<'a>;
}

const GET_POLICY_VERSION_RESPONSE: &[Member] = &[
    Member::new("PolicyVersion", Shape::Structure(POLICY_VERSION)).required(),
];

message! {
    /// `GetRoleRequest`.
    pub(crate) struct GetRoleRequest = GET_ROLE_REQUEST;
    0 role_name: Cow<'a, str>;
}

const GET_ROLE_REQUEST: &[Member] = &[
    Member::new("RoleName", Shape::like(1, 64, &pattern::PRINCIPAL)).required(),
];

message! {
    /// `GetRoleResponse`.
    pub(crate) struct GetRoleResponse = GET_ROLE_RESPONSE;
    0 role: FoundRole<'a>;
}

const GET_ROLE_RESPONSE: &[Member] = &[
    Member::new("Role", Shape::Structure(FOUND_ROLE)).required(),
];

message! {
    /// `GetUserMFAInfoRequest`.
    pub(crate) struct GetUserMFAInfoRequest = GET_USER_MFA_INFO_REQUEST;
    0 user_name: Cow<'a, str>;
}

const GET_USER_MFA_INFO_REQUEST: &[Member] = &[
    Member::new("UserName", Shape::like(1, 64, &pattern::PRINCIPAL)).required(),
];

message! {
    /// `GetUserMFAInfoResponse`.
    pub(crate) struct GetUserMFAInfoResponse = GET_USER_MFA_INFO_RESPONSE;
    phantom;
}

const GET_USER_MFA_INFO_RESPONSE: &[Member] = &[
    Member::new("MFADevice", Shape::text(0, ANY)).unbuilt("there is no second factor"),
];

message! {
    /// `GetUserRequest`.
    pub(crate) struct GetUserRequest = GET_USER_REQUEST;
    0 user_name: Cow<'a, str>;
}

const GET_USER_REQUEST: &[Member] = &[
    Member::new("UserName", Shape::like(1, 64, &pattern::PRINCIPAL)).required(),
];

message! {
    /// `GetUserResponse`.
    pub(crate) struct GetUserResponse = GET_USER_RESPONSE;
    0 user: User<'a>;
}

const GET_USER_RESPONSE: &[Member] = &[
    Member::new("User", Shape::Structure(USER)).required(),
];

message! {
    /// `Group`.
    pub(crate) struct Group = GROUP;
    0 comments: Cow<'a, str>;
    1 create_date: Time;
    2 group_id: Cow<'a, str>;
    3 group_name: Cow<'a, str>;
    4 update_date: Time;
}

const GROUP: &[Member] = &[
    Member::new("Comments", Shape::text(0, 128)).required(),
    Member::new("CreateDate", Shape::Time).required(),
    Member::new("GroupId", Shape::text(1, ANY)).required(),
    Member::new("GroupName", Shape::like(1, 64, &pattern::PRINCIPAL)).required(),
    Member::new("UpdateDate", Shape::Time).required(),
];

message! {
    /// `GroupOfPolicy`.
    pub(crate) struct GroupOfPolicy = GROUP_OF_POLICY;
    0 attach_date: Time;
    1 comments: Cow<'a, str>;
    2 group_name: Cow<'a, str>;
}

const GROUP_OF_POLICY: &[Member] = &[
    Member::new("AttachDate", Shape::Time).required(),
    Member::new("Comments", Shape::text(0, 128)).required(),
    Member::new("GroupName", Shape::like(1, 64, &pattern::PRINCIPAL)).required(),
];

message! {
    /// `GroupOfUser`.
    pub(crate) struct GroupOfUser = GROUP_OF_USER;
    0 comments: Cow<'a, str>;
    1 group_id: Cow<'a, str>;
    2 group_name: Cow<'a, str>;
    3 join_date: Time;
}

const GROUP_OF_USER: &[Member] = &[
    Member::new("Comments", Shape::text(0, 128)).required(),
    Member::new("GroupId", Shape::text(1, ANY)).required(),
    Member::new("GroupName", Shape::like(1, 64, &pattern::PRINCIPAL)).required(),
    Member::new("JoinDate", Shape::Time).required(),
];

message! {
    /// `Groups`.
    pub(crate) struct Groups = GROUPS;
    0 group: Vec<Group<'a>>;
}

const GROUPS: &[Member] = &[
    Member::new("Group", Shape::List(&List::new(Shape::Structure(GROUP), 0, ANY))).required(),
];

message! {
    /// `GroupsOfPolicy`.
    pub(crate) struct GroupsOfPolicy = GROUPS_OF_POLICY;
    0 group: Vec<GroupOfPolicy<'a>>;
}

const GROUPS_OF_POLICY: &[Member] = &[
    Member::new("Group", Shape::List(&List::new(Shape::Structure(GROUP_OF_POLICY), 0, ANY))).required(),
];

message! {
    /// `GroupsOfUser`.
    pub(crate) struct GroupsOfUser = GROUPS_OF_USER;
    0 group: Vec<GroupOfUser<'a>>;
}

const GROUPS_OF_USER: &[Member] = &[
    Member::new("Group", Shape::List(&List::new(Shape::Structure(GROUP_OF_USER), 0, ANY))).required(),
];

message! {
    /// `IssuedAccessKey`.
    pub(crate) struct IssuedAccessKey = ISSUED_ACCESS_KEY;
    0 access_key_id: Cow<'a, str>;
    1 access_key_secret: Cow<'a, str>;
    2 create_date: Time;
    3 status: Cow<'a, str>;
}

const ISSUED_ACCESS_KEY: &[Member] = &[
    Member::new("AccessKeyId", Shape::text(1, ANY)).required(),
    Member::new("AccessKeySecret", Shape::text(1, ANY)).required().sensitive(),
    Member::new("CreateDate", Shape::Time).required(),
    Member::new("Status", Shape::one_of(&["Active"])).required(),
];

message! {
    /// `ListAccessKeysRequest`.
    pub(crate) struct ListAccessKeysRequest = LIST_ACCESS_KEYS_REQUEST;
    0 user_name: Cow<'a, str>;
}

const LIST_ACCESS_KEYS_REQUEST: &[Member] = &[
    Member::new("UserName", Shape::like(1, 64, &pattern::PRINCIPAL)),
];

message! {
    /// `ListAccessKeysResponse`.
    pub(crate) struct ListAccessKeysResponse = LIST_ACCESS_KEYS_RESPONSE;
    0 access_keys: AccessKeys<'a>;
}

const LIST_ACCESS_KEYS_RESPONSE: &[Member] = &[
    Member::new("AccessKeys", Shape::Structure(ACCESS_KEYS)).required(),
];

message! {
    /// `ListEntitiesForPolicyRequest`.
    pub(crate) struct ListEntitiesForPolicyRequest = LIST_ENTITIES_FOR_POLICY_REQUEST;
    0 policy_name: Cow<'a, str>;
    1 policy_type: Cow<'a, str>;
}

const LIST_ENTITIES_FOR_POLICY_REQUEST: &[Member] = &[
    Member::new("PolicyName", Shape::like(1, 128, &pattern::POLICY)).required(),
    Member::new("PolicyType", Shape::one_of(&["Custom", "System"])).required(),
];

message! {
    /// `ListEntitiesForPolicyResponse`.
    pub(crate) struct ListEntitiesForPolicyResponse = LIST_ENTITIES_FOR_POLICY_RESPONSE;
    0 groups: GroupsOfPolicy<'a>;
    1 roles: RolesOfPolicy<'a>;
    2 users: UsersOfPolicy<'a>;
}

const LIST_ENTITIES_FOR_POLICY_RESPONSE: &[Member] = &[
    Member::new("Groups", Shape::Structure(GROUPS_OF_POLICY)).required(),
    Member::new("Roles", Shape::Structure(ROLES_OF_POLICY)).required(),
    Member::new("Users", Shape::Structure(USERS_OF_POLICY)).required(),
];

message! {
    /// `ListGroupsForUserRequest`.
    pub(crate) struct ListGroupsForUserRequest = LIST_GROUPS_FOR_USER_REQUEST;
    0 user_name: Cow<'a, str>;
}

const LIST_GROUPS_FOR_USER_REQUEST: &[Member] = &[
    Member::new("UserName", Shape::like(1, 64, &pattern::PRINCIPAL)).required(),
];

message! {
    /// `ListGroupsForUserResponse`.
    pub(crate) struct ListGroupsForUserResponse = LIST_GROUPS_FOR_USER_RESPONSE;
    0 groups: GroupsOfUser<'a>;
}

const LIST_GROUPS_FOR_USER_RESPONSE: &[Member] = &[
    Member::new("Groups", Shape::Structure(GROUPS_OF_USER)).required(),
];

message! {
    /// `ListGroupsRequest`.
    pub(crate) struct ListGroupsRequest = LIST_GROUPS_REQUEST;
    0 marker: Cow<'a, str>;
    1 max_items: i64;
}

const LIST_GROUPS_REQUEST: &[Member] = &[
    Member::new("Marker", Shape::text(1, ANY)),
    Member::new("MaxItems", Shape::Integer(1, 1000)).defaults_to(DefaultValue::Integer(100)),
];

message! {
    /// `ListGroupsResponse`.
    pub(crate) struct ListGroupsResponse = LIST_GROUPS_RESPONSE;
    0 groups: Groups<'a>;
    1 is_truncated: bool;
    2 marker: Cow<'a, str>;
}

const LIST_GROUPS_RESPONSE: &[Member] = &[
    Member::new("Groups", Shape::Structure(GROUPS)).required(),
    Member::new("IsTruncated", Shape::Flag).required(),
    Member::new("Marker", Shape::text(1, ANY)),
];

message! {
    /// `ListPoliciesForGroupRequest`.
    pub(crate) struct ListPoliciesForGroupRequest = LIST_POLICIES_FOR_GROUP_REQUEST;
    0 group_name: Cow<'a, str>;
}

const LIST_POLICIES_FOR_GROUP_REQUEST: &[Member] = &[
    Member::new("GroupName", Shape::like(1, 64, &pattern::PRINCIPAL)).required(),
];

message! {
    /// `ListPoliciesForGroupResponse`.
    pub(crate) struct ListPoliciesForGroupResponse = LIST_POLICIES_FOR_GROUP_RESPONSE;
    0 policies: AttachedPolicies<'a>;
}

const LIST_POLICIES_FOR_GROUP_RESPONSE: &[Member] = &[
    Member::new("Policies", Shape::Structure(ATTACHED_POLICIES)).required(),
];

message! {
    /// `ListPoliciesForRoleRequest`.
    pub(crate) struct ListPoliciesForRoleRequest = LIST_POLICIES_FOR_ROLE_REQUEST;
    0 role_name: Cow<'a, str>;
}

const LIST_POLICIES_FOR_ROLE_REQUEST: &[Member] = &[
    Member::new("RoleName", Shape::like(1, 64, &pattern::PRINCIPAL)).required(),
];

message! {
    /// `ListPoliciesForRoleResponse`.
    pub(crate) struct ListPoliciesForRoleResponse = LIST_POLICIES_FOR_ROLE_RESPONSE;
    0 policies: AttachedPolicies<'a>;
}

const LIST_POLICIES_FOR_ROLE_RESPONSE: &[Member] = &[
    Member::new("Policies", Shape::Structure(ATTACHED_POLICIES)).required(),
];

message! {
    /// `ListPoliciesForUserRequest`.
    pub(crate) struct ListPoliciesForUserRequest = LIST_POLICIES_FOR_USER_REQUEST;
    0 user_name: Cow<'a, str>;
}

const LIST_POLICIES_FOR_USER_REQUEST: &[Member] = &[
    Member::new("UserName", Shape::like(1, 64, &pattern::PRINCIPAL)).required(),
];

message! {
    /// `ListPoliciesForUserResponse`.
    pub(crate) struct ListPoliciesForUserResponse = LIST_POLICIES_FOR_USER_RESPONSE;
    0 policies: AttachedPolicies<'a>;
}

const LIST_POLICIES_FOR_USER_RESPONSE: &[Member] = &[
    Member::new("Policies", Shape::Structure(ATTACHED_POLICIES)).required(),
];

message! {
    /// `ListPoliciesRequest`.
    pub(crate) struct ListPoliciesRequest = LIST_POLICIES_REQUEST;
    0 marker: Cow<'a, str>;
    1 max_items: i64;
    2 policy_type: Cow<'a, str>;
    3 tag: Vec<Tag<'a>>;
}

const LIST_POLICIES_REQUEST: &[Member] = &[
    Member::new("Marker", Shape::text(1, ANY)),
    Member::new("MaxItems", Shape::Integer(1, 1000)).defaults_to(DefaultValue::Integer(100)),
    Member::new("PolicyType", Shape::one_of(&["Custom", "System"])),
    Member::new("Tag", Shape::List(&List::new(Shape::Structure(TAG), 0, 20))).refused("lists of policies by tag are not built"),
];

message! {
    /// `ListPoliciesResponse`.
    pub(crate) struct ListPoliciesResponse = LIST_POLICIES_RESPONSE;
    0 is_truncated: bool;
    1 marker: Cow<'a, str>;
    2 policies: Policies<'a>;
}

const LIST_POLICIES_RESPONSE: &[Member] = &[
    Member::new("IsTruncated", Shape::Flag).required(),
    Member::new("Marker", Shape::text(1, ANY)),
    Member::new("Policies", Shape::Structure(POLICIES)).required(),
];

message! {
    /// `ListPolicyVersionsRequest`.
    pub(crate) struct ListPolicyVersionsRequest = LIST_POLICY_VERSIONS_REQUEST;
    0 policy_name: Cow<'a, str>;
    1 policy_type: Cow<'a, str>;
}

const LIST_POLICY_VERSIONS_REQUEST: &[Member] = &[
    Member::new("PolicyName", Shape::like(1, 128, &pattern::POLICY)).required(),
    Member::new("PolicyType", Shape::one_of(&["Custom", "System"])).required(),
];

message! {
    /// `ListPolicyVersionsResponse`.
    pub(crate) struct ListPolicyVersionsResponse = LIST_POLICY_VERSIONS_RESPONSE;
    0 policy_versions: PolicyVersions<'a>;
}

const LIST_POLICY_VERSIONS_RESPONSE: &[Member] = &[
    Member::new("PolicyVersions", Shape::Structure(POLICY_VERSIONS)).required(),
];

message! {
    /// `ListRolesRequest`.
    pub(crate) struct ListRolesRequest = LIST_ROLES_REQUEST;
    0 marker: Cow<'a, str>;
    1 max_items: i64;
    2 tag: Vec<Tag<'a>>;
}

const LIST_ROLES_REQUEST: &[Member] = &[
    Member::new("Marker", Shape::text(1, ANY)),
    Member::new("MaxItems", Shape::Integer(1, 1000)).defaults_to(DefaultValue::Integer(100)),
    Member::new("Tag", Shape::List(&List::new(Shape::Structure(TAG), 0, 20))).refused("lists of roles by tag are not built"),
];

message! {
    /// `ListRolesResponse`.
    pub(crate) struct ListRolesResponse = LIST_ROLES_RESPONSE;
    0 is_truncated: bool;
    1 marker: Cow<'a, str>;
    2 roles: Roles<'a>;
}

const LIST_ROLES_RESPONSE: &[Member] = &[
    Member::new("IsTruncated", Shape::Flag).required(),
    Member::new("Marker", Shape::text(1, ANY)),
    Member::new("Roles", Shape::Structure(ROLES)).required(),
];

message! {
    /// `ListTagResourcesRequest`.
    pub(crate) struct ListTagResourcesRequest = LIST_TAG_RESOURCES_REQUEST;
    0 next_token: Cow<'a, str>;
    1 page_size: i64;
    2 resource_names: Vec<Cow<'a, str>>;
    3 resource_type: Cow<'a, str>;
    4 tag: Vec<Tag<'a>>;
}

const LIST_TAG_RESOURCES_REQUEST: &[Member] = &[
    Member::new("NextToken", Shape::text(1, ANY)),
    Member::new("PageSize", Shape::Integer(1, 1000)).defaults_to(DefaultValue::Integer(100)),
    Member::new("ResourceNames", Shape::List(&List::new(Shape::text(0, ANY), 1, 50))),
    Member::new("ResourceType", Shape::text(1, ANY)).required(),
    Member::new("Tag", Shape::List(&List::new(Shape::Structure(TAG), 0, 20))),
];

message! {
    /// `ListTagResourcesResponse`.
    pub(crate) struct ListTagResourcesResponse = LIST_TAG_RESOURCES_RESPONSE;
    0 next_token: Cow<'a, str>;
    1 tag_resources: Vec<TagOfResource<'a>>;
}

const LIST_TAG_RESOURCES_RESPONSE: &[Member] = &[
    Member::new("NextToken", Shape::text(1, ANY)),
    Member::new("TagResources", Shape::List(&List::new(Shape::Structure(TAG_OF_RESOURCE), 0, ANY))).required(),
];

message! {
    /// `ListUsersForGroupRequest`.
    pub(crate) struct ListUsersForGroupRequest = LIST_USERS_FOR_GROUP_REQUEST;
    0 group_name: Cow<'a, str>;
    1 marker: Cow<'a, str>;
    2 max_items: i64;
}

const LIST_USERS_FOR_GROUP_REQUEST: &[Member] = &[
    Member::new("GroupName", Shape::like(1, 64, &pattern::PRINCIPAL)).required(),
    Member::new("Marker", Shape::text(1, ANY)),
    Member::new("MaxItems", Shape::Integer(1, 1000)).defaults_to(DefaultValue::Integer(100)),
];

message! {
    /// `ListUsersForGroupResponse`.
    pub(crate) struct ListUsersForGroupResponse = LIST_USERS_FOR_GROUP_RESPONSE;
    0 is_truncated: bool;
    1 marker: Cow<'a, str>;
    2 users: UsersOfGroup<'a>;
}

const LIST_USERS_FOR_GROUP_RESPONSE: &[Member] = &[
    Member::new("IsTruncated", Shape::Flag).required(),
    Member::new("Marker", Shape::text(1, ANY)),
    Member::new("Users", Shape::Structure(USERS_OF_GROUP)).required(),
];

message! {
    /// `ListUsersRequest`.
    pub(crate) struct ListUsersRequest = LIST_USERS_REQUEST;
    0 marker: Cow<'a, str>;
    1 max_items: i64;
}

const LIST_USERS_REQUEST: &[Member] = &[
    Member::new("Marker", Shape::text(1, ANY)),
    Member::new("MaxItems", Shape::Integer(1, 1000)).defaults_to(DefaultValue::Integer(100)),
];

message! {
    /// `ListUsersResponse`.
    pub(crate) struct ListUsersResponse = LIST_USERS_RESPONSE;
    0 is_truncated: bool;
    1 marker: Cow<'a, str>;
    2 users: Users<'a>;
}

const LIST_USERS_RESPONSE: &[Member] = &[
    Member::new("IsTruncated", Shape::Flag).required(),
    Member::new("Marker", Shape::text(1, ANY)),
    Member::new("Users", Shape::Structure(USERS)).required(),
];

message! {
    /// `ListedPolicy`.
    pub(crate) struct ListedPolicy = LISTED_POLICY;
    of Policy;
}

const LISTED_POLICY: &[Member] = &[
    Member::new("AttachmentCount", Shape::Integer(i64::MIN, i64::MAX)).required(),
    Member::new("CreateDate", Shape::Time).required(),
    Member::new("DefaultVersion", Shape::text(1, ANY)).required(),
    Member::new("Description", Shape::text(0, 1024)).required(),
    Member::new("PolicyDocument", Shape::text(0, ANY)).unbuilt("the answer does not have it"),
    Member::new("PolicyName", Shape::like(1, 128, &pattern::POLICY)).required(),
    Member::new("PolicyType", Shape::one_of(&["Custom", "System"])).required(),
    Member::new("Tags", Shape::Structure(TOLD_TAGS)),
    Member::new("UpdateDate", Shape::Time).required(),
];

message! {
    /// `ListedRole`.
    pub(crate) struct ListedRole = LISTED_ROLE;
    of Role;
}

const LISTED_ROLE: &[Member] = &[
    Member::new("AllowConsoleLogin", Shape::Flag).required(),
    Member::new("Arn", Shape::text(1, ANY)).required(),
    Member::new("AssumeRolePolicyDocument", Shape::text(0, ANY)).unbuilt("the answer does not have it"),
    Member::new("CreateDate", Shape::Time).required(),
    Member::new("Description", Shape::text(0, 1024)).required(),
    Member::new("IsServiceLinkedRole", Shape::text(0, ANY)).unbuilt("the answer does not have it"),
    Member::new("LatestDeletionTask", Shape::text(0, ANY)).unbuilt("roles of services are not built"),
    Member::new("MaxSessionDuration", Shape::Integer(3600, 43200)).required(),
    Member::new("RoleId", Shape::text(1, ANY)).required(),
    Member::new("RoleName", Shape::like(1, 64, &pattern::PRINCIPAL)).required(),
    Member::new("RolePrincipalName", Shape::text(0, ANY)).unbuilt("the answer does not have it"),
    Member::new("Tags", Shape::Structure(TOLD_TAGS)).required(),
    Member::new("UpdateDate", Shape::Time).required(),
];

message! {
    /// `MatchedPolicy`.
    pub(crate) struct MatchedPolicy = MATCHED_POLICY;
    0 attached_entity_type: Cow<'a, str>;
    1 attached_scope: Cow<'a, str>;
    2 effect: Cow<'a, str>;
    3 policy_identifier: Cow<'a, str>;
    4 policy_type: Cow<'a, str>;
    5 policy_version: Cow<'a, str>;
}

const MATCHED_POLICY: &[Member] = &[
    Member::new("AttachedEntityType", Shape::text(1, ANY)),
    Member::new("AttachedScope", Shape::text(1, ANY)),
    Member::new("Effect", Shape::text(1, ANY)).required(),
    Member::new("PolicyIdentifier", Shape::text(1, ANY)).required(),
    Member::new("PolicyType", Shape::one_of(&["Custom", "System"])).required(),
    Member::new("PolicyVersion", Shape::text(1, ANY)),
];

message! {
    /// `Policies`.
    pub(crate) struct Policies = POLICIES;
    0 policy: Vec<ListedPolicy<'a>>;
}

const POLICIES: &[Member] = &[
    Member::new("Policy", Shape::List(&List::new(Shape::Structure(LISTED_POLICY), 0, ANY))).required(),
];

message! {
    /// `Policy`.
    pub(crate) struct Policy = POLICY;
    0 attachment_count: i64;
    1 create_date: Time;
    2 default_version: Cow<'a, str>;
    3 description: Cow<'a, str>;
    4 policy_document: Cow<'a, str>;
    5 policy_name: Cow<'a, str>;
    6 policy_type: Cow<'a, str>;
    7 tags: ToldTags<'a>;
    8 update_date: Time;
}

const POLICY: &[Member] = &[
    Member::new("AttachmentCount", Shape::Integer(i64::MIN, i64::MAX)),
    Member::new("CreateDate", Shape::Time),
    Member::new("DefaultVersion", Shape::text(1, ANY)),
    Member::new("Description", Shape::text(0, 1024)),
    Member::new("PolicyDocument", Shape::text(1, ANY)),
    Member::new("PolicyName", Shape::like(1, 128, &pattern::POLICY)),
    Member::new("PolicyType", Shape::one_of(&["Custom", "System"])),
    Member::new("Tags", Shape::Structure(TOLD_TAGS)),
    Member::new("UpdateDate", Shape::Time),
];

message! {
    /// `PolicyVersion`.
    pub(crate) struct PolicyVersion = POLICY_VERSION;
    0 create_date: Time;
    1 is_default_version: bool;
    2 policy_document: Cow<'a, str>;
    3 version_id: Cow<'a, str>;
}

const POLICY_VERSION: &[Member] = &[
    Member::new("CreateDate", Shape::Time).required(),
    Member::new("IsDefaultVersion", Shape::Flag).required(),
    Member::new("PolicyDocument", Shape::text(1, ANY)).required(),
    Member::new("VersionId", Shape::text(1, ANY)).required(),
];

message! {
    /// `PolicyVersions`.
    pub(crate) struct PolicyVersions = POLICY_VERSIONS;
    0 policy_version: Vec<PolicyVersion<'a>>;
}

const POLICY_VERSIONS: &[Member] = &[
    Member::new("PolicyVersion", Shape::List(&List::new(Shape::Structure(POLICY_VERSION), 0, ANY))).required(),
];

message! {
    /// `RemoveUserFromGroupRequest`.
    pub(crate) struct RemoveUserFromGroupRequest = REMOVE_USER_FROM_GROUP_REQUEST;
    0 group_name: Cow<'a, str>;
    1 user_name: Cow<'a, str>;
}

const REMOVE_USER_FROM_GROUP_REQUEST: &[Member] = &[
    Member::new("GroupName", Shape::like(1, 64, &pattern::PRINCIPAL)).required(),
    Member::new("UserName", Shape::like(1, 64, &pattern::PRINCIPAL)).required(),
];

message! {
    /// `Role`.
    pub(crate) struct Role = ROLE;
    0 allow_console_login: bool;
    1 arn: Cow<'a, str>;
    2 assume_role_policy_document: Cow<'a, str>;
    3 create_date: Time;
    4 description: Cow<'a, str>;
    5 is_service_linked_role: bool;
    7 max_session_duration: i64;
    8 role_id: Cow<'a, str>;
    9 role_name: Cow<'a, str>;
    10 role_principal_name: Cow<'a, str>;
    11 tags: ToldTags<'a>;
    12 update_date: Time;
}

const ROLE: &[Member] = &[
    Member::new("AllowConsoleLogin", Shape::Flag),
    Member::new("Arn", Shape::text(1, ANY)),
    Member::new("AssumeRolePolicyDocument", Shape::text(1, ANY)),
    Member::new("CreateDate", Shape::Time),
    Member::new("Description", Shape::text(0, 1024)),
    Member::new("IsServiceLinkedRole", Shape::Flag),
    Member::new("LatestDeletionTask", Shape::text(0, ANY)).unbuilt("roles of services are not built"),
    Member::new("MaxSessionDuration", Shape::Integer(3600, 43200)),
    Member::new("RoleId", Shape::text(1, ANY)),
    Member::new("RoleName", Shape::like(1, 64, &pattern::PRINCIPAL)),
    Member::new("RolePrincipalName", Shape::text(1, ANY)),
    Member::new("Tags", Shape::Structure(TOLD_TAGS)),
    Member::new("UpdateDate", Shape::Time),
];

message! {
    /// `RoleOfPolicy`.
    pub(crate) struct RoleOfPolicy = ROLE_OF_POLICY;
    0 arn: Cow<'a, str>;
    1 attach_date: Time;
    2 description: Cow<'a, str>;
    3 role_id: Cow<'a, str>;
    4 role_name: Cow<'a, str>;
}

const ROLE_OF_POLICY: &[Member] = &[
    Member::new("Arn", Shape::text(1, ANY)).required(),
    Member::new("AttachDate", Shape::Time).required(),
    Member::new("Description", Shape::text(0, 1024)).required(),
    Member::new("RoleId", Shape::text(1, ANY)).required(),
    Member::new("RoleName", Shape::like(1, 64, &pattern::PRINCIPAL)).required(),
];

message! {
    /// `Roles`.
    pub(crate) struct Roles = ROLES;
    0 role: Vec<ListedRole<'a>>;
}

const ROLES: &[Member] = &[
    Member::new("Role", Shape::List(&List::new(Shape::Structure(LISTED_ROLE), 0, ANY))).required(),
];

message! {
    /// `RolesOfPolicy`.
    pub(crate) struct RolesOfPolicy = ROLES_OF_POLICY;
    0 role: Vec<RoleOfPolicy<'a>>;
}

const ROLES_OF_POLICY: &[Member] = &[
    Member::new("Role", Shape::List(&List::new(Shape::Structure(ROLE_OF_POLICY), 0, ANY))).required(),
];

message! {
    /// `SetDefaultPolicyVersionRequest`.
    pub(crate) struct SetDefaultPolicyVersionRequest = SET_DEFAULT_POLICY_VERSION_REQUEST;
    0 policy_name: Cow<'a, str>;
    1 version_id: Cow<'a, str>;
}

const SET_DEFAULT_POLICY_VERSION_REQUEST: &[Member] = &[
    Member::new("PolicyName", Shape::like(1, 128, &pattern::POLICY)).required(),
    Member::new("VersionId", Shape::text(1, ANY)).required(),
];

message! {
    /// `Tag`.
    pub(crate) struct Tag = TAG;
    0 key: Cow<'a, str>;
    1 value: Cow<'a, str>;
}

const TAG: &[Member] = &[
    Member::new("Key", Shape::text(0, ANY)),
    Member::new("Value", Shape::text(0, ANY)).defaults_to(DefaultValue::Text("")),
];

message! {
    /// `TagOfResource`.
    pub(crate) struct TagOfResource = TAG_OF_RESOURCE;
    0 resource_name: Cow<'a, str>;
    1 resource_type: Cow<'a, str>;
    2 tag_key: Cow<'a, str>;
    3 tag_value: Cow<'a, str>;
}

const TAG_OF_RESOURCE: &[Member] = &[
    Member::new("ResourceName", Shape::text(1, ANY)).required(),
    Member::new("ResourceType", Shape::one_of(&["role", "policy"])).required(),
    Member::new("TagKey", Shape::text(1, ANY)).required(),
    Member::new("TagValue", Shape::text(0, ANY)).required(),
];

message! {
    /// `TagResourcesRequest`.
    pub(crate) struct TagResourcesRequest = TAG_RESOURCES_REQUEST;
    0 resource_names: Vec<Cow<'a, str>>;
    1 resource_type: Cow<'a, str>;
    2 tag: Vec<Tag<'a>>;
}

const TAG_RESOURCES_REQUEST: &[Member] = &[
    Member::new("ResourceNames", Shape::List(&List::new(Shape::text(0, ANY), 1, 50))).required(),
    Member::new("ResourceType", Shape::text(1, ANY)).required(),
    Member::new("Tag", Shape::List(&List::new(Shape::Structure(TAG), 1, 20))).required(),
];

message! {
    /// `ToldTag`.
    pub(crate) struct ToldTag = TOLD_TAG;
    0 tag_key: Cow<'a, str>;
    1 tag_value: Cow<'a, str>;
}

const TOLD_TAG: &[Member] = &[
    Member::new("TagKey", Shape::text(1, ANY)).required(),
    Member::new("TagValue", Shape::text(0, ANY)).required(),
];

message! {
    /// `ToldTags`.
    pub(crate) struct ToldTags = TOLD_TAGS;
    0 tag: Vec<ToldTag<'a>>;
}

const TOLD_TAGS: &[Member] = &[
    Member::new("Tag", Shape::List(&List::new(Shape::Structure(TOLD_TAG), 0, 20))).required(),
];

message! {
    /// `UnbindMFADeviceRequest`.
    pub(crate) struct UnbindMFADeviceRequest = UNBIND_MFA_DEVICE_REQUEST;
    0 user_name: Cow<'a, str>;
}

const UNBIND_MFA_DEVICE_REQUEST: &[Member] = &[
    Member::new("UserName", Shape::like(1, 64, &pattern::PRINCIPAL)).required(),
];

message! {
    /// `UnbindMFADeviceResponse`.
    pub(crate) struct UnbindMFADeviceResponse = UNBIND_MFA_DEVICE_RESPONSE;
    phantom;
}

const UNBIND_MFA_DEVICE_RESPONSE: &[Member] = &[
    Member::new("MFADevice", Shape::text(0, ANY)).unbuilt("there is no second factor"),
];

message! {
    /// `UntagResourcesRequest`.
    pub(crate) struct UntagResourcesRequest = UNTAG_RESOURCES_REQUEST;
    0 all: bool;
    1 resource_names: Vec<Cow<'a, str>>;
    2 resource_type: Cow<'a, str>;
    3 tag_keys: Vec<Cow<'a, str>>;
    4 tag_key: Vec<Cow<'a, str>>;
}

const UNTAG_RESOURCES_REQUEST: &[Member] = &[
    Member::new("All", Shape::Flag).defaults_to(DefaultValue::Flag(false)),
    Member::new("ResourceNames", Shape::List(&List::new(Shape::text(0, ANY), 1, 50))).required(),
    Member::new("ResourceType", Shape::text(1, ANY)).required(),
    Member::new("TagKeys", Shape::List(&List::new(Shape::text(0, ANY), 0, 20))),
    Member::new("TagKey", Shape::List(&List::new(Shape::text(0, ANY), 0, 20))).former("TagKeys"),
];

message! {
    /// `UpdateAccessKeyRequest`.
    pub(crate) struct UpdateAccessKeyRequest = UPDATE_ACCESS_KEY_REQUEST;
    0 status: Cow<'a, str>;
    1 user_access_key_id: Cow<'a, str>;
    2 user_name: Cow<'a, str>;
}

const UPDATE_ACCESS_KEY_REQUEST: &[Member] = &[
    Member::new("Status", Shape::one_of(&["Active", "Inactive"])).required(),
    Member::new("UserAccessKeyId", Shape::like(1, 64, &pattern::ACCESS_KEY)).required(),
    Member::new("UserName", Shape::like(1, 64, &pattern::PRINCIPAL)),
];

message! {
    /// `UpdateGroupRequest`.
    pub(crate) struct UpdateGroupRequest = UPDATE_GROUP_REQUEST;
    0 group_name: Cow<'a, str>;
    1 new_comments: Cow<'a, str>;
    2 new_group_name: Cow<'a, str>;
}

const UPDATE_GROUP_REQUEST: &[Member] = &[
    Member::new("GroupName", Shape::like(1, 64, &pattern::PRINCIPAL)).required(),
    Member::new("NewComments", Shape::text(0, 128)),
    Member::new("NewGroupName", Shape::like(1, 64, &pattern::PRINCIPAL)),
];

message! {
    /// `UpdateGroupResponse`.
    pub(crate) struct UpdateGroupResponse = UPDATE_GROUP_RESPONSE;
    0 group: Group<'a>;
}

const UPDATE_GROUP_RESPONSE: &[Member] = &[
    Member::new("Group", Shape::Structure(GROUP)).required(),
];

message! {
    /// `UpdatePolicyDescriptionRequest`.
    pub(crate) struct UpdatePolicyDescriptionRequest = UPDATE_POLICY_DESCRIPTION_REQUEST;
    0 new_description: Cow<'a, str>;
    1 policy_name: Cow<'a, str>;
}

const UPDATE_POLICY_DESCRIPTION_REQUEST: &[Member] = &[
    Member::new("NewDescription", Shape::text(0, 1024)).required(),
    Member::new("PolicyName", Shape::like(1, 128, &pattern::POLICY)).required(),
];

message! {
    /// `UpdatePolicyDescriptionResponse`.
    pub(crate) struct UpdatePolicyDescriptionResponse = UPDATE_POLICY_DESCRIPTION_RESPONSE;
    0 policy: UpdatedPolicy<'a>;
}

const UPDATE_POLICY_DESCRIPTION_RESPONSE: &[Member] = &[
    Member::new("Policy", Shape::Structure(UPDATED_POLICY)).required(),
];

message! {
    /// `UpdateRoleRequest`.
    pub(crate) struct UpdateRoleRequest = UPDATE_ROLE_REQUEST;
    0 new_allow_console_login: bool;
    1 new_assume_role_policy_document: Cow<'a, str>;
    2 new_description: Cow<'a, str>;
    3 new_max_session_duration: i64;
    4 role_name: Cow<'a, str>;
}

const UPDATE_ROLE_REQUEST: &[Member] = &[
    Member::new("NewAllowConsoleLogin", Shape::Flag).defaults_to(DefaultValue::Flag(false)),
    Member::new("NewAssumeRolePolicyDocument", Shape::text(1, ANY)),
    Member::new("NewDescription", Shape::text(0, 1024)),
    Member::new("NewMaxSessionDuration", Shape::Integer(3600, 43200)),
    Member::new("RoleName", Shape::like(1, 64, &pattern::PRINCIPAL)).required(),
];

message! {
    /// `UpdateRoleResponse`.
    pub(crate) struct UpdateRoleResponse = UPDATE_ROLE_RESPONSE;
    0 role: UpdatedRole<'a>;
}

const UPDATE_ROLE_RESPONSE: &[Member] = &[
    Member::new("Role", Shape::Structure(UPDATED_ROLE)).required(),
];

message! {
    /// `UpdateUserRequest`.
    pub(crate) struct UpdateUserRequest = UPDATE_USER_REQUEST;
    0 new_comments: Cow<'a, str>;
    1 new_display_name: Cow<'a, str>;
    2 new_email: Cow<'a, str>;
    3 new_mobile_phone: Cow<'a, str>;
    4 new_user_name: Cow<'a, str>;
    5 user_name: Cow<'a, str>;
}

const UPDATE_USER_REQUEST: &[Member] = &[
    Member::new("NewComments", Shape::text(0, 128)),
    Member::new("NewDisplayName", Shape::text(0, 128)),
    Member::new("NewEmail", Shape::text(0, ANY)),
    Member::new("NewMobilePhone", Shape::text(0, ANY)),
    Member::new("NewUserName", Shape::like(1, 64, &pattern::PRINCIPAL)),
    Member::new("UserName", Shape::like(1, 64, &pattern::PRINCIPAL)).required(),
];

message! {
    /// `UpdateUserResponse`.
    pub(crate) struct UpdateUserResponse = UPDATE_USER_RESPONSE;
    0 user: User<'a>;
}

const UPDATE_USER_RESPONSE: &[Member] = &[
    Member::new("User", Shape::Structure(USER)).required(),
];

message! {
    /// `UpdatedPolicy`.
    pub(crate) struct UpdatedPolicy = UPDATED_POLICY;
    of Policy;
}

const UPDATED_POLICY: &[Member] = &[
    Member::new("AttachmentCount", Shape::text(0, ANY)).unbuilt("the answer does not have it"),
    Member::new("CreateDate", Shape::Time).required(),
    Member::new("DefaultVersion", Shape::text(1, ANY)).required(),
    Member::new("Description", Shape::text(0, 1024)).required(),
    Member::new("PolicyDocument", Shape::text(0, ANY)).unbuilt("the answer does not have it"),
    Member::new("PolicyName", Shape::like(1, 128, &pattern::POLICY)).required(),
    Member::new("PolicyType", Shape::one_of(&["Custom", "System"])).required(),
    Member::new("Tags", Shape::text(0, ANY)).unbuilt("the answer does not have it"),
    Member::new("UpdateDate", Shape::Time).required(),
];

message! {
    /// `UpdatedRole`.
    pub(crate) struct UpdatedRole = UPDATED_ROLE;
    of Role;
}

const UPDATED_ROLE: &[Member] = &[
    Member::new("AllowConsoleLogin", Shape::Flag).required(),
    Member::new("Arn", Shape::text(1, ANY)).required(),
    Member::new("AssumeRolePolicyDocument", Shape::text(1, ANY)).required(),
    Member::new("CreateDate", Shape::Time).required(),
    Member::new("Description", Shape::text(0, 1024)).required(),
    Member::new("IsServiceLinkedRole", Shape::text(0, ANY)).unbuilt("the answer does not have it"),
    Member::new("LatestDeletionTask", Shape::text(0, ANY)).unbuilt("roles of services are not built"),
    Member::new("MaxSessionDuration", Shape::Integer(3600, 43200)).required(),
    Member::new("RoleId", Shape::text(1, ANY)).required(),
    Member::new("RoleName", Shape::like(1, 64, &pattern::PRINCIPAL)).required(),
    Member::new("RolePrincipalName", Shape::text(0, ANY)).unbuilt("the answer does not have it"),
    Member::new("Tags", Shape::text(0, ANY)).unbuilt("the answer does not have it"),
    Member::new("UpdateDate", Shape::Time).required(),
];

message! {
    /// `User`.
    pub(crate) struct User = USER;
    0 comments: Cow<'a, str>;
    1 create_date: Time;
    2 display_name: Cow<'a, str>;
    3 email: Cow<'a, str>;
    5 mobile_phone: Cow<'a, str>;
    6 update_date: Time;
    7 user_id: Cow<'a, str>;
    8 user_name: Cow<'a, str>;
}

const USER: &[Member] = &[
    Member::new("Comments", Shape::text(0, 128)).required(),
    Member::new("CreateDate", Shape::Time).required(),
    Member::new("DisplayName", Shape::text(0, 128)).required(),
    Member::new("Email", Shape::text(0, ANY)).required(),
    Member::new("LastLoginDate", Shape::text(0, ANY)).unbuilt("there is no console to log on to"),
    Member::new("MobilePhone", Shape::text(0, ANY)).required(),
    Member::new("UpdateDate", Shape::Time).required(),
    Member::new("UserId", Shape::text(1, ANY)).required(),
    Member::new("UserName", Shape::like(1, 64, &pattern::PRINCIPAL)).required(),
];

message! {
    /// `UserOfGroup`.
    pub(crate) struct UserOfGroup = USER_OF_GROUP;
    0 display_name: Cow<'a, str>;
    1 join_date: Time;
    2 user_name: Cow<'a, str>;
}

const USER_OF_GROUP: &[Member] = &[
    Member::new("DisplayName", Shape::text(0, 128)).required(),
    Member::new("JoinDate", Shape::Time).required(),
    Member::new("UserName", Shape::like(1, 64, &pattern::PRINCIPAL)).required(),
];

message! {
    /// `UserOfPolicy`.
    pub(crate) struct UserOfPolicy = USER_OF_POLICY;
    0 attach_date: Time;
    1 display_name: Cow<'a, str>;
    2 user_id: Cow<'a, str>;
    3 user_name: Cow<'a, str>;
}

const USER_OF_POLICY: &[Member] = &[
    Member::new("AttachDate", Shape::Time).required(),
    Member::new("DisplayName", Shape::text(0, 128)).required(),
    Member::new("UserId", Shape::text(1, ANY)).required(),
    Member::new("UserName", Shape::like(1, 64, &pattern::PRINCIPAL)).required(),
];

message! {
    /// `Users`.
    pub(crate) struct Users = USERS;
    0 user: Vec<User<'a>>;
}

const USERS: &[Member] = &[
    Member::new("User", Shape::List(&List::new(Shape::Structure(USER), 0, ANY))).required(),
];

message! {
    /// `UsersOfGroup`.
    pub(crate) struct UsersOfGroup = USERS_OF_GROUP;
    0 user: Vec<UserOfGroup<'a>>;
}

const USERS_OF_GROUP: &[Member] = &[
    Member::new("User", Shape::List(&List::new(Shape::Structure(USER_OF_GROUP), 0, ANY))).required(),
];

message! {
    /// `UsersOfPolicy`.
    pub(crate) struct UsersOfPolicy = USERS_OF_POLICY;
    0 user: Vec<UserOfPolicy<'a>>;
}

const USERS_OF_POLICY: &[Member] = &[
    Member::new("User", Shape::List(&List::new(Shape::Structure(USER_OF_POLICY), 0, ANY))).required(),
];
