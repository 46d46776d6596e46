//! Messages of `iam`, generated from the vendor's model and `vendor/messages/iam.json`; `just generate` writes them anew.

use std::borrow::Cow;

use polykms_core::dialect::message::{ANY, DefaultValue, List, Map, Member, Pairs, Shape, Text};
use polykms_core::message;
use polykms_core::port::Time;

use super::pattern;

message! {
    /// `AccessKey`.
    pub(crate) struct AccessKey = ACCESS_KEY;
    0 access_key_id: Cow<'a, str>;
    1 create_date: Time;
    2 secret_access_key: Cow<'a, str>;
    3 status: Cow<'a, str>;
    4 user_name: Cow<'a, str>;
}

const ACCESS_KEY: &[Member] = &[
    Member::new("AccessKeyId", Shape::like(16, 128, &pattern::WORD)).required(),
    Member::new("CreateDate", Shape::Time).required(),
    Member::new("SecretAccessKey", Shape::text(0, ANY)).required().sensitive(),
    Member::new("Status", Shape::one_of(&["Active"])).required(),
    Member::new("UserName", Shape::like(1, 64, &pattern::NAME)),
];

message! {
    /// `AccessKeyMetadata`.
    pub(crate) struct AccessKeyMetadata = ACCESS_KEY_METADATA;
    0 access_key_id: Cow<'a, str>;
    1 create_date: Time;
    2 status: Cow<'a, str>;
    3 user_name: Cow<'a, str>;
}

const ACCESS_KEY_METADATA: &[Member] = &[
    Member::new("AccessKeyId", Shape::like(16, 128, &pattern::WORD)).required(),
    Member::new("CreateDate", Shape::Time).required(),
    Member::new("Status", Shape::one_of(&["Active", "Inactive"])).required(),
    Member::new("UserName", Shape::like(1, 64, &pattern::NAME)),
];

message! {
    /// `AddUserToGroupRequest`.
    pub(crate) struct AddUserToGroupRequest = ADD_USER_TO_GROUP_REQUEST;
    0 group_name: Cow<'a, str>;
    1 user_name: Cow<'a, str>;
}

const ADD_USER_TO_GROUP_REQUEST: &[Member] = &[
    Member::new("GroupName", Shape::like(1, 128, &pattern::NAME)).required(),
    Member::new("UserName", Shape::like(1, 128, &pattern::NAME)).required(),
];

message! {
    /// `AttachGroupPolicyRequest`.
    pub(crate) struct AttachGroupPolicyRequest = ATTACH_GROUP_POLICY_REQUEST;
    0 group_name: Cow<'a, str>;
    1 policy_arn: Cow<'a, str>;
}

const ATTACH_GROUP_POLICY_REQUEST: &[Member] = &[
    Member::new("GroupName", Shape::like(1, 128, &pattern::NAME)).required(),
    Member::new("PolicyArn", Shape::text(20, 2048)).required(),
];

message! {
    /// `AttachRolePolicyRequest`.
    pub(crate) struct AttachRolePolicyRequest = ATTACH_ROLE_POLICY_REQUEST;
    0 role_name: Cow<'a, str>;
    1 policy_arn: Cow<'a, str>;
}

const ATTACH_ROLE_POLICY_REQUEST: &[Member] = &[
    Member::new("RoleName", Shape::like(1, 64, &pattern::NAME)).required(),
    Member::new("PolicyArn", Shape::text(20, 2048)).required(),
];

message! {
    /// `AttachUserPolicyRequest`.
    pub(crate) struct AttachUserPolicyRequest = ATTACH_USER_POLICY_REQUEST;
    0 user_name: Cow<'a, str>;
    1 policy_arn: Cow<'a, str>;
}

const ATTACH_USER_POLICY_REQUEST: &[Member] = &[
    Member::new("UserName", Shape::like(1, 64, &pattern::NAME)).required(),
    Member::new("PolicyArn", Shape::text(20, 2048)).required(),
];

message! {
    /// `AttachedPolicy`.
    pub(crate) struct AttachedPolicy = ATTACHED_POLICY;
    0 policy_arn: Cow<'a, str>;
    1 policy_name: Cow<'a, str>;
}

const ATTACHED_POLICY: &[Member] = &[
    Member::new("PolicyArn", Shape::text(20, 2048)).required(),
    Member::new("PolicyName", Shape::like(1, 128, &pattern::NAME)).required(),
];

message! {
    /// `ContextEntry`.
    pub(crate) struct ContextEntry = CONTEXT_ENTRY;
    0 context_key_name: Cow<'a, str>;
    1 context_key_values: Vec<Cow<'a, str>>;
    2 context_key_type: Cow<'a, str>;
}

const CONTEXT_ENTRY: &[Member] = &[
    Member::new("ContextKeyName", Shape::text(5, 256)),
    Member::new("ContextKeyValues", Shape::List(&List::new(Shape::text(0, ANY), 0, ANY))),
    Member::new("ContextKeyType", Shape::one_of(&["string", "stringList", "numeric", "numericList", "boolean", "booleanList", "ip", "ipList", "binary", "binaryList", "date", "dateList"])),
];

message! {
    /// `CreateAccessKeyRequest`.
    pub(crate) struct CreateAccessKeyRequest = CREATE_ACCESS_KEY_REQUEST;
    0 user_name: Cow<'a, str>;
}

const CREATE_ACCESS_KEY_REQUEST: &[Member] = &[
    Member::new("UserName", Shape::like(1, 128, &pattern::NAME)),
];

message! {
    /// `CreateAccessKeyResponse`.
    pub(crate) struct CreateAccessKeyResponse = CREATE_ACCESS_KEY_RESPONSE;
    0 access_key: AccessKey<'a>;
}

const CREATE_ACCESS_KEY_RESPONSE: &[Member] = &[
    Member::new("AccessKey", Shape::Structure(ACCESS_KEY)).required(),
];

message! {
    /// `CreateGroupRequest`.
    pub(crate) struct CreateGroupRequest = CREATE_GROUP_REQUEST;
    0 path: Cow<'a, str>;
    1 group_name: Cow<'a, str>;
}

const CREATE_GROUP_REQUEST: &[Member] = &[
    Member::new("Path", Shape::like(1, 512, &pattern::PATH)).defaults_to(DefaultValue::Text("/")),
    Member::new("GroupName", Shape::like(1, 128, &pattern::NAME)).required(),
];

message! {
    /// `CreateGroupResponse`.
    pub(crate) struct CreateGroupResponse = CREATE_GROUP_RESPONSE;
    0 group: Group<'a>;
}

const CREATE_GROUP_RESPONSE: &[Member] = &[
    Member::new("Group", Shape::Structure(GROUP)).required(),
];

message! {
    /// `CreatePolicyRequest`.
    pub(crate) struct CreatePolicyRequest = CREATE_POLICY_REQUEST;
    0 policy_name: Cow<'a, str>;
    1 path: Cow<'a, str>;
    2 policy_document: Cow<'a, str>;
    3 description: Cow<'a, str>;
    4 tags: Vec<Tag<'a>>;
}

const CREATE_POLICY_REQUEST: &[Member] = &[
    Member::new("PolicyName", Shape::like(1, 128, &pattern::NAME)).required(),
    Member::new("Path", Shape::like(1, 512, &pattern::POLICY_PATH)).defaults_to(DefaultValue::Text("/")),
    Member::new("PolicyDocument", Shape::like(1, 131072, &pattern::LATIN)).required(),
    Member::new("Description", Shape::like(0, 1000, &pattern::VISIBLE)),
    Member::new("Tags", Shape::List(&List::new(Shape::Structure(TAG), 0, 50))),
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
    0 policy_arn: Cow<'a, str>;
    1 policy_document: Cow<'a, str>;
    2 set_as_default: bool;
}

const CREATE_POLICY_VERSION_REQUEST: &[Member] = &[
    Member::new("PolicyArn", Shape::text(20, 2048)).required(),
    Member::new("PolicyDocument", Shape::like(1, 131072, &pattern::LATIN)).required(),
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
    0 path: Cow<'a, str>;
    1 role_name: Cow<'a, str>;
    2 assume_role_policy_document: Cow<'a, str>;
    3 description: Cow<'a, str>;
    4 max_session_duration: i64;
    7 tags: Vec<Tag<'a>>;
}

const CREATE_ROLE_REQUEST: &[Member] = &[
    Member::new("Path", Shape::like(1, 512, &pattern::PATH)).defaults_to(DefaultValue::Text("/")),
    Member::new("RoleName", Shape::like(1, 64, &pattern::NAME)).required(),
    Member::new("AssumeRolePolicyDocument", Shape::like(1, 131072, &pattern::LATIN)).required(),
    Member::new("Description", Shape::like(0, 1000, &pattern::DESCRIPTION)),
    Member::new("MaxSessionDuration", Shape::Integer(3600, 43200)).defaults_to(DefaultValue::Integer(3600)),
    Member::new("MaxSigninSessionDuration", Shape::text(0, ANY)).ignored("there is no console to sign in to"),
    Member::new("PermissionsBoundary", Shape::text(0, ANY)).unbuilt("permissions boundaries are not built yet"),
    Member::new("Tags", Shape::List(&List::new(Shape::Structure(TAG), 0, 50))),
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
    0 path: Cow<'a, str>;
    1 user_name: Cow<'a, str>;
    3 tags: Vec<Tag<'a>>;
}

const CREATE_USER_REQUEST: &[Member] = &[
    Member::new("Path", Shape::like(1, 512, &pattern::PATH)).defaults_to(DefaultValue::Text("/")),
    Member::new("UserName", Shape::like(1, 64, &pattern::NAME)).required(),
    Member::new("PermissionsBoundary", Shape::text(0, ANY)).unbuilt("permissions boundaries are not built yet"),
    Member::new("Tags", Shape::List(&List::new(Shape::Structure(TAG), 0, 50))),
];

message! {
    /// `CreateUserResponse`.
    pub(crate) struct CreateUserResponse = CREATE_USER_RESPONSE;
    0 user: User<'a>;
}

const CREATE_USER_RESPONSE: &[Member] = &[
    Member::new("User", Shape::Structure(USER)).required(),
];

message! {
    /// `CreatedPolicy`.
    pub(crate) struct CreatedPolicy = CREATED_POLICY;
    of Policy;
}

const CREATED_POLICY: &[Member] = &[
    Member::new("Arn", Shape::text(20, 2048)).required(),
    Member::new("AttachmentCount", Shape::Integer(i64::MIN, i64::MAX)).required(),
    Member::new("CreateDate", Shape::Time).required(),
    Member::new("DefaultVersionId", Shape::like(0, ANY, &pattern::VERSION)).required(),
    Member::new("Description", Shape::text(0, ANY)).unbuilt("GetPolicy alone tells it"),
    Member::new("IsAttachable", Shape::Flag).required(),
    Member::new("Path", Shape::like(1, 512, &pattern::POLICY_PATH)).required(),
    Member::new("PermissionsBoundaryUsageCount", Shape::Integer(0, 0)).required(),
    Member::new("PolicyId", Shape::like(16, 128, &pattern::WORD)).required(),
    Member::new("PolicyName", Shape::like(1, 128, &pattern::NAME)).required(),
    Member::new("Tags", Shape::List(&List::new(Shape::Structure(TAG), 0, 50))),
    Member::new("UpdateDate", Shape::Time).required(),
];

message! {
    /// `CreatedPolicyVersion`.
    pub(crate) struct CreatedPolicyVersion = CREATED_POLICY_VERSION;
    of PolicyVersion;
}

const CREATED_POLICY_VERSION: &[Member] = &[
    Member::new("CreateDate", Shape::Time).required(),
    Member::new("Document", Shape::text(0, ANY)).unbuilt("GetPolicyVersion alone tells it"),
    Member::new("IsDefaultVersion", Shape::Flag).required(),
    Member::new("VersionId", Shape::like(0, ANY, &pattern::VERSION)).required(),
];

message! {
    /// `CreatedRole`.
    pub(crate) struct CreatedRole = CREATED_ROLE;
    of Role;
}

const CREATED_ROLE: &[Member] = &[
    Member::new("Arn", Shape::text(20, 2048)).required(),
    Member::new("AssumeRolePolicyDocument", Shape::like(1, 131072, &pattern::LATIN)).required(),
    Member::new("CreateDate", Shape::Time).required(),
    Member::new("Description", Shape::like(0, 1000, &pattern::DESCRIPTION)),
    Member::new("MaxSessionDuration", Shape::text(0, ANY)).unbuilt("GetRole alone tells it"),
    Member::new("MaxSigninSessionDuration", Shape::text(0, ANY)).unbuilt("there is no console to sign in to"),
    Member::new("Path", Shape::like(1, 512, &pattern::PATH)).required(),
    Member::new("PermissionsBoundary", Shape::text(0, ANY)).unbuilt("permissions boundaries are not built yet"),
    Member::new("RoleId", Shape::like(16, 128, &pattern::WORD)).required(),
    Member::new("RoleLastUsed", Shape::text(0, ANY)).unbuilt("GetRole alone tells it"),
    Member::new("RoleName", Shape::like(1, 64, &pattern::NAME)).required(),
    Member::new("SourceRoleTemplate", Shape::text(0, ANY)).unbuilt("there are no templates of roles"),
    Member::new("Tags", Shape::List(&List::new(Shape::Structure(TAG), 1, 50))),
];

message! {
    /// `DeleteAccessKeyRequest`.
    pub(crate) struct DeleteAccessKeyRequest = DELETE_ACCESS_KEY_REQUEST;
    0 user_name: Cow<'a, str>;
    1 access_key_id: Cow<'a, str>;
}

const DELETE_ACCESS_KEY_REQUEST: &[Member] = &[
    Member::new("UserName", Shape::like(1, 128, &pattern::NAME)),
    Member::new("AccessKeyId", Shape::like(16, 128, &pattern::WORD)).required(),
];

message! {
    /// `DeleteGroupPolicyRequest`.
    pub(crate) struct DeleteGroupPolicyRequest = DELETE_GROUP_POLICY_REQUEST;
    0 group_name: Cow<'a, str>;
    1 policy_name: Cow<'a, str>;
}

const DELETE_GROUP_POLICY_REQUEST: &[Member] = &[
    Member::new("GroupName", Shape::like(1, 128, &pattern::NAME)).required(),
    Member::new("PolicyName", Shape::like(1, 128, &pattern::NAME)).required(),
];

message! {
    /// `DeleteGroupRequest`.
    pub(crate) struct DeleteGroupRequest = DELETE_GROUP_REQUEST;
    0 group_name: Cow<'a, str>;
}

const DELETE_GROUP_REQUEST: &[Member] = &[
    Member::new("GroupName", Shape::like(1, 128, &pattern::NAME)).required(),
];

message! {
    /// `DeletePolicyRequest`.
    pub(crate) struct DeletePolicyRequest = DELETE_POLICY_REQUEST;
    0 policy_arn: Cow<'a, str>;
}

const DELETE_POLICY_REQUEST: &[Member] = &[
    Member::new("PolicyArn", Shape::text(20, 2048)).required(),
];

message! {
    /// `DeletePolicyVersionRequest`.
    pub(crate) struct DeletePolicyVersionRequest = DELETE_POLICY_VERSION_REQUEST;
    0 policy_arn: Cow<'a, str>;
    1 version_id: Cow<'a, str>;
}

const DELETE_POLICY_VERSION_REQUEST: &[Member] = &[
    Member::new("PolicyArn", Shape::text(20, 2048)).required(),
    Member::new("VersionId", Shape::like(0, ANY, &pattern::VERSION)).required(),
];

message! {
    /// `DeleteRolePolicyRequest`.
    pub(crate) struct DeleteRolePolicyRequest = DELETE_ROLE_POLICY_REQUEST;
    0 role_name: Cow<'a, str>;
    1 policy_name: Cow<'a, str>;
}

const DELETE_ROLE_POLICY_REQUEST: &[Member] = &[
    Member::new("RoleName", Shape::like(1, 64, &pattern::NAME)).required(),
    Member::new("PolicyName", Shape::like(1, 128, &pattern::NAME)).required(),
];

message! {
    /// `DeleteRoleRequest`.
    pub(crate) struct DeleteRoleRequest = DELETE_ROLE_REQUEST;
    0 role_name: Cow<'a, str>;
}

const DELETE_ROLE_REQUEST: &[Member] = &[
    Member::new("RoleName", Shape::like(1, 64, &pattern::NAME)).required(),
];

message! {
    /// `DeleteUserPolicyRequest`.
    pub(crate) struct DeleteUserPolicyRequest = DELETE_USER_POLICY_REQUEST;
    0 user_name: Cow<'a, str>;
    1 policy_name: Cow<'a, str>;
}

const DELETE_USER_POLICY_REQUEST: &[Member] = &[
    Member::new("UserName", Shape::like(1, 128, &pattern::NAME)).required(),
    Member::new("PolicyName", Shape::like(1, 128, &pattern::NAME)).required(),
];

message! {
    /// `DeleteUserRequest`.
    pub(crate) struct DeleteUserRequest = DELETE_USER_REQUEST;
    0 user_name: Cow<'a, str>;
}

const DELETE_USER_REQUEST: &[Member] = &[
    Member::new("UserName", Shape::like(1, 128, &pattern::NAME)).required(),
];

message! {
    /// `DetachGroupPolicyRequest`.
    pub(crate) struct DetachGroupPolicyRequest = DETACH_GROUP_POLICY_REQUEST;
    0 group_name: Cow<'a, str>;
    1 policy_arn: Cow<'a, str>;
}

const DETACH_GROUP_POLICY_REQUEST: &[Member] = &[
    Member::new("GroupName", Shape::like(1, 128, &pattern::NAME)).required(),
    Member::new("PolicyArn", Shape::text(20, 2048)).required(),
];

message! {
    /// `DetachRolePolicyRequest`.
    pub(crate) struct DetachRolePolicyRequest = DETACH_ROLE_POLICY_REQUEST;
    0 role_name: Cow<'a, str>;
    1 policy_arn: Cow<'a, str>;
}

const DETACH_ROLE_POLICY_REQUEST: &[Member] = &[
    Member::new("RoleName", Shape::like(1, 64, &pattern::NAME)).required(),
    Member::new("PolicyArn", Shape::text(20, 2048)).required(),
];

message! {
    /// `DetachUserPolicyRequest`.
    pub(crate) struct DetachUserPolicyRequest = DETACH_USER_POLICY_REQUEST;
    0 user_name: Cow<'a, str>;
    1 policy_arn: Cow<'a, str>;
}

const DETACH_USER_POLICY_REQUEST: &[Member] = &[
    Member::new("UserName", Shape::like(1, 64, &pattern::NAME)).required(),
    Member::new("PolicyArn", Shape::text(20, 2048)).required(),
];

message! {
    /// `EvaluationResult`.
    pub(crate) struct EvaluationResult = EVALUATION_RESULT;
    0 eval_action_name: Cow<'a, str>;
    1 eval_decision: Cow<'a, str>;
    2 eval_decision_details: Pairs<'a>;
    3 eval_resource_name: Cow<'a, str>;
    4 matched_statements: Vec<Statement<'a>>;
    5 missing_context_values: Vec<Cow<'a, str>>;
    7 permissions_boundary_decision_detail: PermissionsBoundaryDecisionDetail<'a>;
    8 resource_specific_results: Vec<ResourceSpecificResult<'a>>;
}

const EVALUATION_RESULT: &[Member] = &[
    Member::new("EvalActionName", Shape::text(3, 128)).required(),
    Member::new("EvalDecision", Shape::one_of(&["allowed", "explicitDeny", "implicitDeny"])).required(),
    Member::new("EvalDecisionDetails", Shape::Map(&Map { name: Text::FREE, value: Shape::text(0, ANY), min: 0, max: ANY })),
    Member::new("EvalResourceName", Shape::text(1, 2048)).required(),
    Member::new("MatchedStatements", Shape::List(&List::new(Shape::Structure(STATEMENT), 0, ANY))).required(),
    Member::new("MissingContextValues", Shape::List(&List::new(Shape::text(5, 256), 0, ANY))).required(),
    Member::new("OrganizationsDecisionDetail", Shape::text(0, ANY)).unbuilt("there are no organisations of accounts yet"),
    Member::new("PermissionsBoundaryDecisionDetail", Shape::Structure(PERMISSIONS_BOUNDARY_DECISION_DETAIL)),
    Member::new("ResourceSpecificResults", Shape::List(&List::new(Shape::Structure(RESOURCE_SPECIFIC_RESULT), 0, ANY))),
];

message! {
    /// `FoundUser`.
    pub(crate) struct FoundUser = FOUND_USER;
    of User;
}

const FOUND_USER: &[Member] = &[
    Member::new("Arn", Shape::text(20, 2048)).required(),
    Member::new("CreateDate", Shape::Time),
    Member::new("PasswordLastUsed", Shape::text(0, ANY)).unbuilt("there is no console to sign in to"),
    Member::new("Path", Shape::like(1, 512, &pattern::PATH)),
    Member::new("PermissionsBoundary", Shape::text(0, ANY)).unbuilt("permissions boundaries are not built yet"),
    Member::new("Tags", Shape::List(&List::new(Shape::Structure(TAG), 1, 50))),
    Member::new("UserId", Shape::like(16, 128, &pattern::WORD)).required(),
    Member::new("UserName", Shape::like(1, 64, &pattern::NAME)),
];

message! {
    /// `GetContextKeysForCustomPolicyRequest`.
    pub(crate) struct GetContextKeysForCustomPolicyRequest = GET_CONTEXT_KEYS_FOR_CUSTOM_POLICY_REQUEST;
    0 policy_input_list: Vec<Cow<'a, str>>;
}

const GET_CONTEXT_KEYS_FOR_CUSTOM_POLICY_REQUEST: &[Member] = &[
    Member::new("PolicyInputList", Shape::List(&List::new(Shape::like(1, 131072, &pattern::LATIN), 0, ANY))).required(),
];

message! {
    /// `GetContextKeysForCustomPolicyResponse`.
    pub(crate) struct GetContextKeysForCustomPolicyResponse = GET_CONTEXT_KEYS_FOR_CUSTOM_POLICY_RESPONSE;
    0 context_key_names: Vec<Cow<'a, str>>;
}

const GET_CONTEXT_KEYS_FOR_CUSTOM_POLICY_RESPONSE: &[Member] = &[
    Member::new("ContextKeyNames", Shape::List(&List::new(Shape::text(5, 256), 0, ANY))).required(),
];

message! {
    /// `GetContextKeysForPrincipalPolicyRequest`.
    pub(crate) struct GetContextKeysForPrincipalPolicyRequest = GET_CONTEXT_KEYS_FOR_PRINCIPAL_POLICY_REQUEST;
    0 policy_source_arn: Cow<'a, str>;
    1 policy_input_list: Vec<Cow<'a, str>>;
}

const GET_CONTEXT_KEYS_FOR_PRINCIPAL_POLICY_REQUEST: &[Member] = &[
    Member::new("PolicySourceArn", Shape::text(20, 2048)).required(),
    Member::new("PolicyInputList", Shape::List(&List::new(Shape::like(1, 131072, &pattern::LATIN), 0, ANY))),
];

message! {
    /// `GetContextKeysForPrincipalPolicyResponse`.
    pub(crate) struct GetContextKeysForPrincipalPolicyResponse = GET_CONTEXT_KEYS_FOR_PRINCIPAL_POLICY_RESPONSE;
    0 context_key_names: Vec<Cow<'a, str>>;
}

const GET_CONTEXT_KEYS_FOR_PRINCIPAL_POLICY_RESPONSE: &[Member] = &[
    Member::new("ContextKeyNames", Shape::List(&List::new(Shape::text(5, 256), 0, ANY))).required(),
];

message! {
    /// `GetGroupPolicyRequest`.
    pub(crate) struct GetGroupPolicyRequest = GET_GROUP_POLICY_REQUEST;
    0 group_name: Cow<'a, str>;
    1 policy_name: Cow<'a, str>;
}

const GET_GROUP_POLICY_REQUEST: &[Member] = &[
    Member::new("GroupName", Shape::like(1, 128, &pattern::NAME)).required(),
    Member::new("PolicyName", Shape::like(1, 128, &pattern::NAME)).required(),
];

message! {
    /// `GetGroupPolicyResponse`.
    pub(crate) struct GetGroupPolicyResponse = GET_GROUP_POLICY_RESPONSE;
    0 group_name: Cow<'a, str>;
    1 policy_document: Cow<'a, str>;
    2 policy_name: Cow<'a, str>;
}

const GET_GROUP_POLICY_RESPONSE: &[Member] = &[
    Member::new("GroupName", Shape::like(1, 128, &pattern::NAME)).required(),
    Member::new("PolicyDocument", Shape::like(1, 131072, &pattern::LATIN)).required(),
    Member::new("PolicyName", Shape::like(1, 128, &pattern::NAME)).required(),
];

message! {
    /// `GetGroupRequest`.
    pub(crate) struct GetGroupRequest = GET_GROUP_REQUEST;
    0 group_name: Cow<'a, str>;
    1 marker: Cow<'a, str>;
    2 max_items: i64;
}

const GET_GROUP_REQUEST: &[Member] = &[
    Member::new("GroupName", Shape::like(1, 128, &pattern::NAME)).required(),
    Member::new("Marker", Shape::like(1, 320, &pattern::MARKER_OF_IAM)),
    Member::new("MaxItems", Shape::Integer(1, 1000)).defaults_to(DefaultValue::Integer(100)),
];

message! {
    /// `GetGroupResponse`.
    pub(crate) struct GetGroupResponse = GET_GROUP_RESPONSE;
    0 group: Group<'a>;
    1 is_truncated: bool;
    2 marker: Cow<'a, str>;
    3 users: Vec<ListedUser<'a>>;
}

const GET_GROUP_RESPONSE: &[Member] = &[
    Member::new("Group", Shape::Structure(GROUP)).required(),
    Member::new("IsTruncated", Shape::Flag).required(),
    Member::new("Marker", Shape::text(0, ANY)),
    Member::new("Users", Shape::List(&List::new(Shape::Structure(LISTED_USER), 0, ANY))).required(),
];

message! {
    /// `GetPolicyRequest`.
    pub(crate) struct GetPolicyRequest = GET_POLICY_REQUEST;
    0 policy_arn: Cow<'a, str>;
}

const GET_POLICY_REQUEST: &[Member] = &[
    Member::new("PolicyArn", Shape::text(20, 2048)).required(),
];

message! {
    /// `GetPolicyResponse`.
    pub(crate) struct GetPolicyResponse = GET_POLICY_RESPONSE;
    0 policy: Policy<'a>;
}

const GET_POLICY_RESPONSE: &[Member] = &[
    Member::new("Policy", Shape::Structure(POLICY)).required(),
];

message! {
    /// `GetPolicyVersionRequest`.
    pub(crate) struct GetPolicyVersionRequest = GET_POLICY_VERSION_REQUEST;
    0 policy_arn: Cow<'a, str>;
    1 version_id: Cow<'a, str>;
}

const GET_POLICY_VERSION_REQUEST: &[Member] = &[
    Member::new("PolicyArn", Shape::text(20, 2048)).required(),
    Member::new("VersionId", Shape::like(0, ANY, &pattern::VERSION)).required(),
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
    /// `GetRolePolicyRequest`.
    pub(crate) struct GetRolePolicyRequest = GET_ROLE_POLICY_REQUEST;
    0 role_name: Cow<'a, str>;
    1 policy_name: Cow<'a, str>;
}

const GET_ROLE_POLICY_REQUEST: &[Member] = &[
    Member::new("RoleName", Shape::like(1, 64, &pattern::NAME)).required(),
    Member::new("PolicyName", Shape::like(1, 128, &pattern::NAME)).required(),
];

message! {
    /// `GetRolePolicyResponse`.
    pub(crate) struct GetRolePolicyResponse = GET_ROLE_POLICY_RESPONSE;
    0 policy_document: Cow<'a, str>;
    1 policy_name: Cow<'a, str>;
    2 role_name: Cow<'a, str>;
}

const GET_ROLE_POLICY_RESPONSE: &[Member] = &[
    Member::new("PolicyDocument", Shape::like(1, 131072, &pattern::LATIN)).required(),
    Member::new("PolicyName", Shape::like(1, 128, &pattern::NAME)).required(),
    Member::new("RoleName", Shape::like(1, 64, &pattern::NAME)).required(),
];

message! {
    /// `GetRoleRequest`.
    pub(crate) struct GetRoleRequest = GET_ROLE_REQUEST;
    0 role_name: Cow<'a, str>;
}

const GET_ROLE_REQUEST: &[Member] = &[
    Member::new("RoleName", Shape::like(1, 64, &pattern::NAME)).required(),
];

message! {
    /// `GetRoleResponse`.
    pub(crate) struct GetRoleResponse = GET_ROLE_RESPONSE;
    0 role: Role<'a>;
}

const GET_ROLE_RESPONSE: &[Member] = &[
    Member::new("Role", Shape::Structure(ROLE)).required(),
];

message! {
    /// `GetUserPolicyRequest`.
    pub(crate) struct GetUserPolicyRequest = GET_USER_POLICY_REQUEST;
    0 user_name: Cow<'a, str>;
    1 policy_name: Cow<'a, str>;
}

const GET_USER_POLICY_REQUEST: &[Member] = &[
    Member::new("UserName", Shape::like(1, 128, &pattern::NAME)).required(),
    Member::new("PolicyName", Shape::like(1, 128, &pattern::NAME)).required(),
];

message! {
    /// `GetUserPolicyResponse`.
    pub(crate) struct GetUserPolicyResponse = GET_USER_POLICY_RESPONSE;
    0 policy_document: Cow<'a, str>;
    1 policy_name: Cow<'a, str>;
    2 user_name: Cow<'a, str>;
}

const GET_USER_POLICY_RESPONSE: &[Member] = &[
    Member::new("PolicyDocument", Shape::like(1, 131072, &pattern::LATIN)).required(),
    Member::new("PolicyName", Shape::like(1, 128, &pattern::NAME)).required(),
    Member::new("UserName", Shape::like(1, 128, &pattern::NAME)).required(),
];

message! {
    /// `GetUserRequest`.
    pub(crate) struct GetUserRequest = GET_USER_REQUEST;
    0 user_name: Cow<'a, str>;
}

const GET_USER_REQUEST: &[Member] = &[
    Member::new("UserName", Shape::like(1, 128, &pattern::NAME)),
];

message! {
    /// `GetUserResponse`.
    pub(crate) struct GetUserResponse = GET_USER_RESPONSE;
    0 user: FoundUser<'a>;
}

const GET_USER_RESPONSE: &[Member] = &[
    Member::new("User", Shape::Structure(FOUND_USER)).required(),
];

message! {
    /// `Group`.
    pub(crate) struct Group = GROUP;
    0 arn: Cow<'a, str>;
    1 create_date: Time;
    2 group_id: Cow<'a, str>;
    3 group_name: Cow<'a, str>;
    4 path: Cow<'a, str>;
}

const GROUP: &[Member] = &[
    Member::new("Arn", Shape::text(20, 2048)).required(),
    Member::new("CreateDate", Shape::Time).required(),
    Member::new("GroupId", Shape::like(16, 128, &pattern::WORD)).required(),
    Member::new("GroupName", Shape::like(1, 128, &pattern::NAME)).required(),
    Member::new("Path", Shape::like(1, 512, &pattern::PATH)).required(),
];

message! {
    /// `ListAccessKeysRequest`.
    pub(crate) struct ListAccessKeysRequest = LIST_ACCESS_KEYS_REQUEST;
    0 user_name: Cow<'a, str>;
    1 marker: Cow<'a, str>;
    2 max_items: i64;
}

const LIST_ACCESS_KEYS_REQUEST: &[Member] = &[
    Member::new("UserName", Shape::like(1, 128, &pattern::NAME)),
    Member::new("Marker", Shape::like(1, 320, &pattern::MARKER_OF_IAM)),
    Member::new("MaxItems", Shape::Integer(1, 1000)).defaults_to(DefaultValue::Integer(100)),
];

message! {
    /// `ListAccessKeysResponse`.
    pub(crate) struct ListAccessKeysResponse = LIST_ACCESS_KEYS_RESPONSE;
    0 access_key_metadata: Vec<AccessKeyMetadata<'a>>;
    1 is_truncated: bool;
    2 marker: Cow<'a, str>;
}

const LIST_ACCESS_KEYS_RESPONSE: &[Member] = &[
    Member::new("AccessKeyMetadata", Shape::List(&List::new(Shape::Structure(ACCESS_KEY_METADATA), 0, ANY))).required(),
    Member::new("IsTruncated", Shape::Flag).required(),
    Member::new("Marker", Shape::text(0, ANY)),
];

message! {
    /// `ListAttachedGroupPoliciesRequest`.
    pub(crate) struct ListAttachedGroupPoliciesRequest = LIST_ATTACHED_GROUP_POLICIES_REQUEST;
    0 group_name: Cow<'a, str>;
    1 path_prefix: Cow<'a, str>;
    2 marker: Cow<'a, str>;
    3 max_items: i64;
}

const LIST_ATTACHED_GROUP_POLICIES_REQUEST: &[Member] = &[
    Member::new("GroupName", Shape::like(1, 128, &pattern::NAME)).required(),
    Member::new("PathPrefix", Shape::like(1, 512, &pattern::POLICY_PATH)).defaults_to(DefaultValue::Text("/")),
    Member::new("Marker", Shape::like(1, 320, &pattern::MARKER_OF_IAM)),
    Member::new("MaxItems", Shape::Integer(1, 1000)).defaults_to(DefaultValue::Integer(100)),
];

message! {
    /// `ListAttachedGroupPoliciesResponse`.
    pub(crate) struct ListAttachedGroupPoliciesResponse = LIST_ATTACHED_GROUP_POLICIES_RESPONSE;
    0 attached_policies: Vec<AttachedPolicy<'a>>;
    1 is_truncated: bool;
    2 marker: Cow<'a, str>;
}

const LIST_ATTACHED_GROUP_POLICIES_RESPONSE: &[Member] = &[
    Member::new("AttachedPolicies", Shape::List(&List::new(Shape::Structure(ATTACHED_POLICY), 0, ANY))).required(),
    Member::new("IsTruncated", Shape::Flag).required(),
    Member::new("Marker", Shape::text(0, ANY)),
];

message! {
    /// `ListAttachedRolePoliciesRequest`.
    pub(crate) struct ListAttachedRolePoliciesRequest = LIST_ATTACHED_ROLE_POLICIES_REQUEST;
    0 role_name: Cow<'a, str>;
    1 path_prefix: Cow<'a, str>;
    2 marker: Cow<'a, str>;
    3 max_items: i64;
}

const LIST_ATTACHED_ROLE_POLICIES_REQUEST: &[Member] = &[
    Member::new("RoleName", Shape::like(1, 64, &pattern::NAME)).required(),
    Member::new("PathPrefix", Shape::like(1, 512, &pattern::POLICY_PATH)).defaults_to(DefaultValue::Text("/")),
    Member::new("Marker", Shape::like(1, 320, &pattern::MARKER_OF_IAM)),
    Member::new("MaxItems", Shape::Integer(1, 1000)).defaults_to(DefaultValue::Integer(100)),
];

message! {
    /// `ListAttachedRolePoliciesResponse`.
    pub(crate) struct ListAttachedRolePoliciesResponse = LIST_ATTACHED_ROLE_POLICIES_RESPONSE;
    0 attached_policies: Vec<AttachedPolicy<'a>>;
    1 is_truncated: bool;
    2 marker: Cow<'a, str>;
}

const LIST_ATTACHED_ROLE_POLICIES_RESPONSE: &[Member] = &[
    Member::new("AttachedPolicies", Shape::List(&List::new(Shape::Structure(ATTACHED_POLICY), 0, ANY))).required(),
    Member::new("IsTruncated", Shape::Flag).required(),
    Member::new("Marker", Shape::text(0, ANY)),
];

message! {
    /// `ListAttachedUserPoliciesRequest`.
    pub(crate) struct ListAttachedUserPoliciesRequest = LIST_ATTACHED_USER_POLICIES_REQUEST;
    0 user_name: Cow<'a, str>;
    1 path_prefix: Cow<'a, str>;
    2 marker: Cow<'a, str>;
    3 max_items: i64;
}

const LIST_ATTACHED_USER_POLICIES_REQUEST: &[Member] = &[
    Member::new("UserName", Shape::like(1, 64, &pattern::NAME)).required(),
    Member::new("PathPrefix", Shape::like(1, 512, &pattern::POLICY_PATH)).defaults_to(DefaultValue::Text("/")),
    Member::new("Marker", Shape::like(1, 320, &pattern::MARKER_OF_IAM)),
    Member::new("MaxItems", Shape::Integer(1, 1000)).defaults_to(DefaultValue::Integer(100)),
];

message! {
    /// `ListAttachedUserPoliciesResponse`.
    pub(crate) struct ListAttachedUserPoliciesResponse = LIST_ATTACHED_USER_POLICIES_RESPONSE;
    0 attached_policies: Vec<AttachedPolicy<'a>>;
    1 is_truncated: bool;
    2 marker: Cow<'a, str>;
}

const LIST_ATTACHED_USER_POLICIES_RESPONSE: &[Member] = &[
    Member::new("AttachedPolicies", Shape::List(&List::new(Shape::Structure(ATTACHED_POLICY), 0, ANY))).required(),
    Member::new("IsTruncated", Shape::Flag).required(),
    Member::new("Marker", Shape::text(0, ANY)),
];

message! {
    /// `ListEntitiesForPolicyRequest`.
    pub(crate) struct ListEntitiesForPolicyRequest = LIST_ENTITIES_FOR_POLICY_REQUEST;
    0 policy_arn: Cow<'a, str>;
    1 entity_filter: Cow<'a, str>;
    2 path_prefix: Cow<'a, str>;
    3 policy_usage_filter: Cow<'a, str>;
    4 marker: Cow<'a, str>;
    5 max_items: i64;
}

const LIST_ENTITIES_FOR_POLICY_REQUEST: &[Member] = &[
    Member::new("PolicyArn", Shape::text(20, 2048)).required(),
    Member::new("EntityFilter", Shape::one_of(&["User", "Role", "Group", "LocalManagedPolicy", "AWSManagedPolicy"])),
    Member::new("PathPrefix", Shape::like(1, 512, &pattern::PATH)).defaults_to(DefaultValue::Text("/")),
    Member::new("PolicyUsageFilter", Shape::one_of(&["PermissionsPolicy", "PermissionsBoundary"])),
    Member::new("Marker", Shape::like(1, 320, &pattern::MARKER_OF_IAM)),
    Member::new("MaxItems", Shape::Integer(1, 1000)).defaults_to(DefaultValue::Integer(100)),
];

message! {
    /// `ListEntitiesForPolicyResponse`.
    pub(crate) struct ListEntitiesForPolicyResponse = LIST_ENTITIES_FOR_POLICY_RESPONSE;
    0 is_truncated: bool;
    1 marker: Cow<'a, str>;
    2 policy_groups: Vec<PolicyGroup<'a>>;
    3 policy_roles: Vec<PolicyRole<'a>>;
    4 policy_users: Vec<PolicyUser<'a>>;
}

const LIST_ENTITIES_FOR_POLICY_RESPONSE: &[Member] = &[
    Member::new("IsTruncated", Shape::Flag).required(),
    Member::new("Marker", Shape::text(0, ANY)),
    Member::new("PolicyGroups", Shape::List(&List::new(Shape::Structure(POLICY_GROUP), 0, ANY))).required(),
    Member::new("PolicyRoles", Shape::List(&List::new(Shape::Structure(POLICY_ROLE), 0, ANY))).required(),
    Member::new("PolicyUsers", Shape::List(&List::new(Shape::Structure(POLICY_USER), 0, ANY))).required(),
];

message! {
    /// `ListGroupPoliciesRequest`.
    pub(crate) struct ListGroupPoliciesRequest = LIST_GROUP_POLICIES_REQUEST;
    0 group_name: Cow<'a, str>;
    1 marker: Cow<'a, str>;
    2 max_items: i64;
}

const LIST_GROUP_POLICIES_REQUEST: &[Member] = &[
    Member::new("GroupName", Shape::like(1, 128, &pattern::NAME)).required(),
    Member::new("Marker", Shape::like(1, 320, &pattern::MARKER_OF_IAM)),
    Member::new("MaxItems", Shape::Integer(1, 1000)).defaults_to(DefaultValue::Integer(100)),
];

message! {
    /// `ListGroupPoliciesResponse`.
    pub(crate) struct ListGroupPoliciesResponse = LIST_GROUP_POLICIES_RESPONSE;
    0 is_truncated: bool;
    1 marker: Cow<'a, str>;
    2 policy_names: Vec<Cow<'a, str>>;
}

const LIST_GROUP_POLICIES_RESPONSE: &[Member] = &[
    Member::new("IsTruncated", Shape::Flag).required(),
    Member::new("Marker", Shape::text(0, ANY)),
    Member::new("PolicyNames", Shape::List(&List::new(Shape::like(1, 128, &pattern::NAME), 0, ANY))).required(),
];

message! {
    /// `ListGroupsForUserRequest`.
    pub(crate) struct ListGroupsForUserRequest = LIST_GROUPS_FOR_USER_REQUEST;
    0 user_name: Cow<'a, str>;
    1 marker: Cow<'a, str>;
    2 max_items: i64;
}

const LIST_GROUPS_FOR_USER_REQUEST: &[Member] = &[
    Member::new("UserName", Shape::like(1, 128, &pattern::NAME)).required(),
    Member::new("Marker", Shape::like(1, 320, &pattern::MARKER_OF_IAM)),
    Member::new("MaxItems", Shape::Integer(1, 1000)).defaults_to(DefaultValue::Integer(100)),
];

message! {
    /// `ListGroupsForUserResponse`.
    pub(crate) struct ListGroupsForUserResponse = LIST_GROUPS_FOR_USER_RESPONSE;
    0 groups: Vec<Group<'a>>;
    1 is_truncated: bool;
    2 marker: Cow<'a, str>;
}

const LIST_GROUPS_FOR_USER_RESPONSE: &[Member] = &[
    Member::new("Groups", Shape::List(&List::new(Shape::Structure(GROUP), 0, ANY))).required(),
    Member::new("IsTruncated", Shape::Flag).required(),
    Member::new("Marker", Shape::text(0, ANY)),
];

message! {
    /// `ListGroupsRequest`.
    pub(crate) struct ListGroupsRequest = LIST_GROUPS_REQUEST;
    0 path_prefix: Cow<'a, str>;
    1 marker: Cow<'a, str>;
    2 max_items: i64;
}

const LIST_GROUPS_REQUEST: &[Member] = &[
    Member::new("PathPrefix", Shape::like(1, 512, &pattern::PATH_PREFIX)).defaults_to(DefaultValue::Text("/")),
    Member::new("Marker", Shape::like(1, 320, &pattern::MARKER_OF_IAM)),
    Member::new("MaxItems", Shape::Integer(1, 1000)).defaults_to(DefaultValue::Integer(100)),
];

message! {
    /// `ListGroupsResponse`.
    pub(crate) struct ListGroupsResponse = LIST_GROUPS_RESPONSE;
    0 groups: Vec<Group<'a>>;
    1 is_truncated: bool;
    2 marker: Cow<'a, str>;
}

const LIST_GROUPS_RESPONSE: &[Member] = &[
    Member::new("Groups", Shape::List(&List::new(Shape::Structure(GROUP), 0, ANY))).required(),
    Member::new("IsTruncated", Shape::Flag).required(),
    Member::new("Marker", Shape::text(0, ANY)),
];

message! {
    /// `ListInstanceProfilesForRoleRequest`.
    pub(crate) struct ListInstanceProfilesForRoleRequest = LIST_INSTANCE_PROFILES_FOR_ROLE_REQUEST;
    0 role_name: Cow<'a, str>;
    1 marker: Cow<'a, str>;
    2 max_items: i64;
}

const LIST_INSTANCE_PROFILES_FOR_ROLE_REQUEST: &[Member] = &[
    Member::new("RoleName", Shape::like(1, 64, &pattern::NAME)).required(),
    Member::new("Marker", Shape::like(1, 320, &pattern::MARKER_OF_IAM)),
    Member::new("MaxItems", Shape::Integer(1, 1000)).defaults_to(DefaultValue::Integer(100)),
];

message! {
    /// `ListInstanceProfilesForRoleResponse`.
    pub(crate) struct ListInstanceProfilesForRoleResponse = LIST_INSTANCE_PROFILES_FOR_ROLE_RESPONSE;
    0 instance_profiles: Vec<Cow<'a, str>>;
    1 is_truncated: bool;
    2 marker: Cow<'a, str>;
}

const LIST_INSTANCE_PROFILES_FOR_ROLE_RESPONSE: &[Member] = &[
    Member::new("InstanceProfiles", Shape::List(&List::new(Shape::text(0, ANY), 0, 0))).required(),
    Member::new("IsTruncated", Shape::Flag).required(),
    Member::new("Marker", Shape::text(0, ANY)),
];

message! {
    /// `ListPoliciesRequest`.
    pub(crate) struct ListPoliciesRequest = LIST_POLICIES_REQUEST;
    0 scope: Cow<'a, str>;
    1 only_attached: bool;
    2 path_prefix: Cow<'a, str>;
    3 policy_usage_filter: Cow<'a, str>;
    4 marker: Cow<'a, str>;
    5 max_items: i64;
}

const LIST_POLICIES_REQUEST: &[Member] = &[
    Member::new("Scope", Shape::one_of(&["All", "AWS", "Local"])).defaults_to(DefaultValue::Text("All")),
    Member::new("OnlyAttached", Shape::Flag).defaults_to(DefaultValue::Flag(false)),
    Member::new("PathPrefix", Shape::like(1, 512, &pattern::POLICY_PATH)).defaults_to(DefaultValue::Text("/")),
    Member::new("PolicyUsageFilter", Shape::one_of(&["PermissionsPolicy", "PermissionsBoundary"])),
    Member::new("Marker", Shape::like(1, 320, &pattern::MARKER_OF_IAM)),
    Member::new("MaxItems", Shape::Integer(1, 1000)).defaults_to(DefaultValue::Integer(100)),
];

message! {
    /// `ListPoliciesResponse`.
    pub(crate) struct ListPoliciesResponse = LIST_POLICIES_RESPONSE;
    0 is_truncated: bool;
    1 marker: Cow<'a, str>;
    2 policies: Vec<ListedPolicy<'a>>;
}

const LIST_POLICIES_RESPONSE: &[Member] = &[
    Member::new("IsTruncated", Shape::Flag).required(),
    Member::new("Marker", Shape::text(0, ANY)),
    Member::new("Policies", Shape::List(&List::new(Shape::Structure(LISTED_POLICY), 0, ANY))).required(),
];

message! {
    /// `ListPolicyVersionsRequest`.
    pub(crate) struct ListPolicyVersionsRequest = LIST_POLICY_VERSIONS_REQUEST;
    0 policy_arn: Cow<'a, str>;
    1 marker: Cow<'a, str>;
    2 max_items: i64;
}

const LIST_POLICY_VERSIONS_REQUEST: &[Member] = &[
    Member::new("PolicyArn", Shape::text(20, 2048)).required(),
    Member::new("Marker", Shape::like(1, 320, &pattern::MARKER_OF_IAM)),
    Member::new("MaxItems", Shape::Integer(1, 1000)).defaults_to(DefaultValue::Integer(100)),
];

message! {
    /// `ListPolicyVersionsResponse`.
    pub(crate) struct ListPolicyVersionsResponse = LIST_POLICY_VERSIONS_RESPONSE;
    0 is_truncated: bool;
    1 marker: Cow<'a, str>;
    2 versions: Vec<ListedPolicyVersion<'a>>;
}

const LIST_POLICY_VERSIONS_RESPONSE: &[Member] = &[
    Member::new("IsTruncated", Shape::Flag).required(),
    Member::new("Marker", Shape::text(0, ANY)),
    Member::new("Versions", Shape::List(&List::new(Shape::Structure(LISTED_POLICY_VERSION), 0, ANY))).required(),
];

message! {
    /// `ListRolePoliciesRequest`.
    pub(crate) struct ListRolePoliciesRequest = LIST_ROLE_POLICIES_REQUEST;
    0 role_name: Cow<'a, str>;
    1 marker: Cow<'a, str>;
    2 max_items: i64;
}

const LIST_ROLE_POLICIES_REQUEST: &[Member] = &[
    Member::new("RoleName", Shape::like(1, 64, &pattern::NAME)).required(),
    Member::new("Marker", Shape::like(1, 320, &pattern::MARKER_OF_IAM)),
    Member::new("MaxItems", Shape::Integer(1, 1000)).defaults_to(DefaultValue::Integer(100)),
];

message! {
    /// `ListRolePoliciesResponse`.
    pub(crate) struct ListRolePoliciesResponse = LIST_ROLE_POLICIES_RESPONSE;
    0 is_truncated: bool;
    1 marker: Cow<'a, str>;
    2 policy_names: Vec<Cow<'a, str>>;
}

const LIST_ROLE_POLICIES_RESPONSE: &[Member] = &[
    Member::new("IsTruncated", Shape::Flag).required(),
    Member::new("Marker", Shape::text(0, ANY)),
    Member::new("PolicyNames", Shape::List(&List::new(Shape::like(1, 128, &pattern::NAME), 0, ANY))).required(),
];

message! {
    /// `ListRolesRequest`.
    pub(crate) struct ListRolesRequest = LIST_ROLES_REQUEST;
    0 path_prefix: Cow<'a, str>;
    1 marker: Cow<'a, str>;
    2 max_items: i64;
}

const LIST_ROLES_REQUEST: &[Member] = &[
    Member::new("PathPrefix", Shape::like(1, 512, &pattern::PATH_PREFIX)).defaults_to(DefaultValue::Text("/")),
    Member::new("Marker", Shape::like(1, 320, &pattern::MARKER_OF_IAM)),
    Member::new("MaxItems", Shape::Integer(1, 1000)).defaults_to(DefaultValue::Integer(100)),
];

message! {
    /// `ListRolesResponse`.
    pub(crate) struct ListRolesResponse = LIST_ROLES_RESPONSE;
    0 is_truncated: bool;
    1 marker: Cow<'a, str>;
    2 roles: Vec<ListedRole<'a>>;
}

const LIST_ROLES_RESPONSE: &[Member] = &[
    Member::new("IsTruncated", Shape::Flag).required(),
    Member::new("Marker", Shape::text(0, ANY)),
    Member::new("Roles", Shape::List(&List::new(Shape::Structure(LISTED_ROLE), 0, ANY))).required(),
];

message! {
    /// `ListUserPoliciesRequest`.
    pub(crate) struct ListUserPoliciesRequest = LIST_USER_POLICIES_REQUEST;
    0 user_name: Cow<'a, str>;
    1 marker: Cow<'a, str>;
    2 max_items: i64;
}

const LIST_USER_POLICIES_REQUEST: &[Member] = &[
    Member::new("UserName", Shape::like(1, 128, &pattern::NAME)).required(),
    Member::new("Marker", Shape::like(1, 320, &pattern::MARKER_OF_IAM)),
    Member::new("MaxItems", Shape::Integer(1, 1000)).defaults_to(DefaultValue::Integer(100)),
];

message! {
    /// `ListUserPoliciesResponse`.
    pub(crate) struct ListUserPoliciesResponse = LIST_USER_POLICIES_RESPONSE;
    0 is_truncated: bool;
    1 marker: Cow<'a, str>;
    2 policy_names: Vec<Cow<'a, str>>;
}

const LIST_USER_POLICIES_RESPONSE: &[Member] = &[
    Member::new("IsTruncated", Shape::Flag).required(),
    Member::new("Marker", Shape::text(0, ANY)),
    Member::new("PolicyNames", Shape::List(&List::new(Shape::like(1, 128, &pattern::NAME), 0, ANY))).required(),
];

message! {
    /// `ListUsersRequest`.
    pub(crate) struct ListUsersRequest = LIST_USERS_REQUEST;
    0 path_prefix: Cow<'a, str>;
    1 marker: Cow<'a, str>;
    2 max_items: i64;
}

const LIST_USERS_REQUEST: &[Member] = &[
    Member::new("PathPrefix", Shape::like(1, 512, &pattern::PATH_PREFIX)).defaults_to(DefaultValue::Text("/")),
    Member::new("Marker", Shape::like(1, 320, &pattern::MARKER_OF_IAM)),
    Member::new("MaxItems", Shape::Integer(1, 1000)).defaults_to(DefaultValue::Integer(100)),
];

message! {
    /// `ListUsersResponse`.
    pub(crate) struct ListUsersResponse = LIST_USERS_RESPONSE;
    0 is_truncated: bool;
    1 marker: Cow<'a, str>;
    2 users: Vec<ListedUser<'a>>;
}

const LIST_USERS_RESPONSE: &[Member] = &[
    Member::new("IsTruncated", Shape::Flag).required(),
    Member::new("Marker", Shape::text(0, ANY)),
    Member::new("Users", Shape::List(&List::new(Shape::Structure(LISTED_USER), 0, ANY))).required(),
];

message! {
    /// `ListedPolicy`.
    pub(crate) struct ListedPolicy = LISTED_POLICY;
    of Policy;
}

const LISTED_POLICY: &[Member] = &[
    Member::new("Arn", Shape::text(20, 2048)).required(),
    Member::new("AttachmentCount", Shape::Integer(i64::MIN, i64::MAX)).required(),
    Member::new("CreateDate", Shape::Time).required(),
    Member::new("DefaultVersionId", Shape::like(0, ANY, &pattern::VERSION)).required(),
    Member::new("Description", Shape::text(0, ANY)).unbuilt("GetPolicy alone tells it"),
    Member::new("IsAttachable", Shape::Flag).required(),
    Member::new("Path", Shape::like(1, 512, &pattern::POLICY_PATH)).required(),
    Member::new("PermissionsBoundaryUsageCount", Shape::Integer(0, 0)).required(),
    Member::new("PolicyId", Shape::like(16, 128, &pattern::WORD)).required(),
    Member::new("PolicyName", Shape::like(1, 128, &pattern::NAME)).required(),
    Member::new("Tags", Shape::text(0, ANY)).unbuilt("GetPolicy alone tells it"),
    Member::new("UpdateDate", Shape::Time).required(),
];

message! {
    /// `ListedPolicyVersion`.
    pub(crate) struct ListedPolicyVersion = LISTED_POLICY_VERSION;
    of PolicyVersion;
}

const LISTED_POLICY_VERSION: &[Member] = &[
    Member::new("CreateDate", Shape::Time).required(),
    Member::new("Document", Shape::text(0, ANY)).unbuilt("GetPolicyVersion alone tells it"),
    Member::new("IsDefaultVersion", Shape::Flag).required(),
    Member::new("VersionId", Shape::like(0, ANY, &pattern::VERSION)).required(),
];

message! {
    /// `ListedRole`.
    pub(crate) struct ListedRole = LISTED_ROLE;
    of Role;
}

const LISTED_ROLE: &[Member] = &[
    Member::new("Arn", Shape::text(20, 2048)).required(),
    Member::new("AssumeRolePolicyDocument", Shape::like(1, 131072, &pattern::LATIN)).required(),
    Member::new("CreateDate", Shape::Time).required(),
    Member::new("Description", Shape::like(0, 1000, &pattern::DESCRIPTION)),
    Member::new("MaxSessionDuration", Shape::Integer(3600, 43200)).required(),
    Member::new("MaxSigninSessionDuration", Shape::text(0, ANY)).unbuilt("there is no console to sign in to"),
    Member::new("Path", Shape::like(1, 512, &pattern::PATH)).required(),
    Member::new("PermissionsBoundary", Shape::text(0, ANY)).unbuilt("permissions boundaries are not built yet"),
    Member::new("RoleId", Shape::like(16, 128, &pattern::WORD)).required(),
    Member::new("RoleLastUsed", Shape::text(0, ANY)).unbuilt("lists do not tell it"),
    Member::new("RoleName", Shape::like(1, 64, &pattern::NAME)).required(),
    Member::new("SourceRoleTemplate", Shape::text(0, ANY)).unbuilt("there are no templates of roles"),
    Member::new("Tags", Shape::text(0, ANY)).unbuilt("lists do not tell it"),
];

message! {
    /// `ListedUser`.
    pub(crate) struct ListedUser = LISTED_USER;
    of User;
}

const LISTED_USER: &[Member] = &[
    Member::new("Arn", Shape::text(20, 2048)).required(),
    Member::new("CreateDate", Shape::Time).required(),
    Member::new("PasswordLastUsed", Shape::text(0, ANY)).unbuilt("there is no console to sign in to"),
    Member::new("Path", Shape::like(1, 512, &pattern::PATH)).required(),
    Member::new("PermissionsBoundary", Shape::text(0, ANY)).unbuilt("permissions boundaries are not built yet"),
    Member::new("Tags", Shape::text(0, ANY)).unbuilt("lists do not tell it"),
    Member::new("UserId", Shape::like(16, 128, &pattern::WORD)).required(),
    Member::new("UserName", Shape::like(1, 64, &pattern::NAME)).required(),
];

message! {
    /// `PermissionsBoundaryDecisionDetail`.
    pub(crate) struct PermissionsBoundaryDecisionDetail = PERMISSIONS_BOUNDARY_DECISION_DETAIL;
    0 allowed_by_permissions_boundary: bool;
    phantom;
}

const PERMISSIONS_BOUNDARY_DECISION_DETAIL: &[Member] = &[
    Member::new("AllowedByPermissionsBoundary", Shape::Flag).required(),
];

message! {
    /// `Policy`.
    pub(crate) struct Policy = POLICY;
    0 arn: Cow<'a, str>;
    1 attachment_count: i64;
    2 create_date: Time;
    3 default_version_id: Cow<'a, str>;
    4 description: Cow<'a, str>;
    5 is_attachable: bool;
    6 path: Cow<'a, str>;
    7 permissions_boundary_usage_count: i64;
    8 policy_id: Cow<'a, str>;
    9 policy_name: Cow<'a, str>;
    10 tags: Vec<Tag<'a>>;
    11 update_date: Time;
}

const POLICY: &[Member] = &[
    Member::new("Arn", Shape::text(20, 2048)).required(),
    Member::new("AttachmentCount", Shape::Integer(i64::MIN, i64::MAX)).required(),
    Member::new("CreateDate", Shape::Time).required(),
    Member::new("DefaultVersionId", Shape::like(0, ANY, &pattern::VERSION)).required(),
    Member::new("Description", Shape::text(0, 1000)),
    Member::new("IsAttachable", Shape::Flag).required(),
    Member::new("Path", Shape::like(1, 512, &pattern::POLICY_PATH)).required(),
    Member::new("PermissionsBoundaryUsageCount", Shape::Integer(0, 0)).required(),
    Member::new("PolicyId", Shape::like(16, 128, &pattern::WORD)).required(),
    Member::new("PolicyName", Shape::like(1, 128, &pattern::NAME)).required(),
    Member::new("Tags", Shape::List(&List::new(Shape::Structure(TAG), 0, 50))).required(),
    Member::new("UpdateDate", Shape::Time).required(),
];

message! {
    /// `PolicyGroup`.
    pub(crate) struct PolicyGroup = POLICY_GROUP;
    0 group_id: Cow<'a, str>;
    1 group_name: Cow<'a, str>;
}

const POLICY_GROUP: &[Member] = &[
    Member::new("GroupId", Shape::like(16, 128, &pattern::WORD)).required(),
    Member::new("GroupName", Shape::like(1, 128, &pattern::NAME)).required(),
];

message! {
    /// `PolicyRole`.
    pub(crate) struct PolicyRole = POLICY_ROLE;
    0 role_id: Cow<'a, str>;
    1 role_name: Cow<'a, str>;
}

const POLICY_ROLE: &[Member] = &[
    Member::new("RoleId", Shape::like(16, 128, &pattern::WORD)).required(),
    Member::new("RoleName", Shape::like(1, 64, &pattern::NAME)).required(),
];

message! {
    /// `PolicyUser`.
    pub(crate) struct PolicyUser = POLICY_USER;
    0 user_id: Cow<'a, str>;
    1 user_name: Cow<'a, str>;
}

const POLICY_USER: &[Member] = &[
    Member::new("UserId", Shape::like(16, 128, &pattern::WORD)).required(),
    Member::new("UserName", Shape::like(1, 64, &pattern::NAME)).required(),
];

message! {
    /// `PolicyVersion`.
    pub(crate) struct PolicyVersion = POLICY_VERSION;
    0 create_date: Time;
    1 document: Cow<'a, str>;
    2 is_default_version: bool;
    3 version_id: Cow<'a, str>;
}

const POLICY_VERSION: &[Member] = &[
    Member::new("CreateDate", Shape::Time).required(),
    Member::new("Document", Shape::like(1, 131072, &pattern::LATIN)).required(),
    Member::new("IsDefaultVersion", Shape::Flag).required(),
    Member::new("VersionId", Shape::like(0, ANY, &pattern::VERSION)).required(),
];

message! {
    /// `Position`.
    pub(crate) struct Position = POSITION;
    0 column: i64;
    1 line: i64;
    phantom;
}

const POSITION: &[Member] = &[
    Member::new("Column", Shape::Integer(i64::MIN, i64::MAX)).required(),
    Member::new("Line", Shape::Integer(i64::MIN, i64::MAX)).required(),
];

message! {
    /// `PutGroupPolicyRequest`.
    pub(crate) struct PutGroupPolicyRequest = PUT_GROUP_POLICY_REQUEST;
    0 group_name: Cow<'a, str>;
    1 policy_name: Cow<'a, str>;
    2 policy_document: Cow<'a, str>;
}

const PUT_GROUP_POLICY_REQUEST: &[Member] = &[
    Member::new("GroupName", Shape::like(1, 128, &pattern::NAME)).required(),
    Member::new("PolicyName", Shape::like(1, 128, &pattern::NAME)).required(),
    Member::new("PolicyDocument", Shape::like(1, 131072, &pattern::LATIN)).required(),
];

message! {
    /// `PutRolePolicyRequest`.
    pub(crate) struct PutRolePolicyRequest = PUT_ROLE_POLICY_REQUEST;
    0 role_name: Cow<'a, str>;
    1 policy_name: Cow<'a, str>;
    2 policy_document: Cow<'a, str>;
}

const PUT_ROLE_POLICY_REQUEST: &[Member] = &[
    Member::new("RoleName", Shape::like(1, 64, &pattern::NAME)).required(),
    Member::new("PolicyName", Shape::like(1, 128, &pattern::NAME)).required(),
    Member::new("PolicyDocument", Shape::like(1, 131072, &pattern::LATIN)).required(),
];

message! {
    /// `PutUserPolicyRequest`.
    pub(crate) struct PutUserPolicyRequest = PUT_USER_POLICY_REQUEST;
    0 user_name: Cow<'a, str>;
    1 policy_name: Cow<'a, str>;
    2 policy_document: Cow<'a, str>;
}

const PUT_USER_POLICY_REQUEST: &[Member] = &[
    Member::new("UserName", Shape::like(1, 128, &pattern::NAME)).required(),
    Member::new("PolicyName", Shape::like(1, 128, &pattern::NAME)).required(),
    Member::new("PolicyDocument", Shape::like(1, 131072, &pattern::LATIN)).required(),
];

message! {
    /// `RemoveUserFromGroupRequest`.
    pub(crate) struct RemoveUserFromGroupRequest = REMOVE_USER_FROM_GROUP_REQUEST;
    0 group_name: Cow<'a, str>;
    1 user_name: Cow<'a, str>;
}

const REMOVE_USER_FROM_GROUP_REQUEST: &[Member] = &[
    Member::new("GroupName", Shape::like(1, 128, &pattern::NAME)).required(),
    Member::new("UserName", Shape::like(1, 128, &pattern::NAME)).required(),
];

message! {
    /// `ResourceSpecificResult`.
    pub(crate) struct ResourceSpecificResult = RESOURCE_SPECIFIC_RESULT;
    0 eval_decision_details: Pairs<'a>;
    1 eval_resource_decision: Cow<'a, str>;
    2 eval_resource_name: Cow<'a, str>;
    3 matched_statements: Vec<Statement<'a>>;
    4 missing_context_values: Vec<Cow<'a, str>>;
    5 permissions_boundary_decision_detail: PermissionsBoundaryDecisionDetail<'a>;
}

const RESOURCE_SPECIFIC_RESULT: &[Member] = &[
    Member::new("EvalDecisionDetails", Shape::Map(&Map { name: Text::FREE, value: Shape::text(0, ANY), min: 0, max: ANY })),
    Member::new("EvalResourceDecision", Shape::one_of(&["allowed", "explicitDeny", "implicitDeny"])).required(),
    Member::new("EvalResourceName", Shape::text(1, 2048)).required(),
    Member::new("MatchedStatements", Shape::List(&List::new(Shape::Structure(STATEMENT), 0, ANY))).required(),
    Member::new("MissingContextValues", Shape::List(&List::new(Shape::text(5, 256), 0, ANY))).required(),
    Member::new("PermissionsBoundaryDecisionDetail", Shape::Structure(PERMISSIONS_BOUNDARY_DECISION_DETAIL)),
];

message! {
    /// `Role`.
    pub(crate) struct Role = ROLE;
    0 arn: Cow<'a, str>;
    1 assume_role_policy_document: Cow<'a, str>;
    2 create_date: Time;
    3 description: Cow<'a, str>;
    4 max_session_duration: i64;
    6 path: Cow<'a, str>;
    8 role_id: Cow<'a, str>;
    9 role_last_used: RoleLastUsed<'a>;
    10 role_name: Cow<'a, str>;
    12 tags: Vec<Tag<'a>>;
}

const ROLE: &[Member] = &[
    Member::new("Arn", Shape::text(20, 2048)).required(),
    Member::new("AssumeRolePolicyDocument", Shape::like(1, 131072, &pattern::LATIN)).required(),
    Member::new("CreateDate", Shape::Time).required(),
    Member::new("Description", Shape::like(0, 1000, &pattern::DESCRIPTION)),
    Member::new("MaxSessionDuration", Shape::Integer(3600, 43200)).required(),
    Member::new("MaxSigninSessionDuration", Shape::text(0, ANY)).unbuilt("there is no console to sign in to"),
    Member::new("Path", Shape::like(1, 512, &pattern::PATH)).required(),
    Member::new("PermissionsBoundary", Shape::text(0, ANY)).unbuilt("permissions boundaries are not built yet"),
    Member::new("RoleId", Shape::like(16, 128, &pattern::WORD)).required(),
    Member::new("RoleLastUsed", Shape::Structure(ROLE_LAST_USED)).required(),
    Member::new("RoleName", Shape::like(1, 64, &pattern::NAME)).required(),
    Member::new("SourceRoleTemplate", Shape::text(0, ANY)).unbuilt("there are no templates of roles"),
    Member::new("Tags", Shape::List(&List::new(Shape::Structure(TAG), 1, 50))),
];

message! {
    /// `RoleLastUsed`.
    pub(crate) struct RoleLastUsed = ROLE_LAST_USED;
    phantom;
}

const ROLE_LAST_USED: &[Member] = &[
    Member::new("LastUsedDate", Shape::text(0, ANY)).unbuilt("the last use of roles is not recorded"),
    Member::new("Region", Shape::text(0, ANY)).unbuilt("the last use of roles is not recorded"),
];

message! {
    /// `SetDefaultPolicyVersionRequest`.
    pub(crate) struct SetDefaultPolicyVersionRequest = SET_DEFAULT_POLICY_VERSION_REQUEST;
    0 policy_arn: Cow<'a, str>;
    1 version_id: Cow<'a, str>;
}

const SET_DEFAULT_POLICY_VERSION_REQUEST: &[Member] = &[
    Member::new("PolicyArn", Shape::text(20, 2048)).required(),
    Member::new("VersionId", Shape::like(0, ANY, &pattern::VERSION)).required(),
];

message! {
    /// `SimulateCustomPolicyRequest`.
    pub(crate) struct SimulateCustomPolicyRequest = SIMULATE_CUSTOM_POLICY_REQUEST;
    0 policy_input_list: Vec<Cow<'a, str>>;
    1 permissions_boundary_policy_input_list: Vec<Cow<'a, str>>;
    3 action_names: Vec<Cow<'a, str>>;
    4 resource_arns: Vec<Cow<'a, str>>;
    5 resource_policy: Cow<'a, str>;
    6 resource_owner: Cow<'a, str>;
    7 caller_arn: Cow<'a, str>;
    8 context_entries: Vec<ContextEntry<'a>>;
    9 resource_handling_option: Cow<'a, str>;
    10 max_items: i64;
    11 marker: Cow<'a, str>;
}

const SIMULATE_CUSTOM_POLICY_REQUEST: &[Member] = &[
    Member::new("PolicyInputList", Shape::List(&List::new(Shape::like(1, 131072, &pattern::LATIN), 0, ANY))).required(),
    Member::new("PermissionsBoundaryPolicyInputList", Shape::List(&List::new(Shape::like(1, 131072, &pattern::LATIN), 0, ANY))),
    Member::new("OrderedOrganizationPolicyInputList", Shape::text(0, ANY)).unbuilt("there are no organisations of accounts yet"),
    Member::new("ActionNames", Shape::List(&List::new(Shape::text(3, 128), 0, ANY))).required(),
    Member::new("ResourceArns", Shape::List(&List::new(Shape::text(1, 2048), 0, ANY))).defaults_to(DefaultValue::Texts(&["*"])),
    Member::new("ResourcePolicy", Shape::like(1, 131072, &pattern::LATIN)),
    Member::new("ResourceOwner", Shape::text(1, 2048)),
    Member::new("CallerArn", Shape::text(1, 2048)),
    Member::new("ContextEntries", Shape::List(&List::new(Shape::Structure(CONTEXT_ENTRY), 0, ANY))),
    Member::new("ResourceHandlingOption", Shape::text(1, 64)),
    Member::new("MaxItems", Shape::Integer(1, 1000)).defaults_to(DefaultValue::Integer(100)),
    Member::new("Marker", Shape::like(1, 320, &pattern::MARKER_OF_IAM)),
];

message! {
    /// `SimulateCustomPolicyResponse`.
    pub(crate) struct SimulateCustomPolicyResponse = SIMULATE_CUSTOM_POLICY_RESPONSE;
    0 evaluation_results: Vec<EvaluationResult<'a>>;
    1 is_truncated: bool;
    2 marker: Cow<'a, str>;
}

const SIMULATE_CUSTOM_POLICY_RESPONSE: &[Member] = &[
    Member::new("EvaluationResults", Shape::List(&List::new(Shape::Structure(EVALUATION_RESULT), 0, ANY))).required(),
    Member::new("IsTruncated", Shape::Flag).required(),
    Member::new("Marker", Shape::text(0, ANY)),
];

message! {
    /// `SimulatePrincipalPolicyRequest`.
    pub(crate) struct SimulatePrincipalPolicyRequest = SIMULATE_PRINCIPAL_POLICY_REQUEST;
    0 policy_source_arn: Cow<'a, str>;
    1 policy_input_list: Vec<Cow<'a, str>>;
    2 permissions_boundary_policy_input_list: Vec<Cow<'a, str>>;
    4 action_names: Vec<Cow<'a, str>>;
    5 resource_arns: Vec<Cow<'a, str>>;
    6 resource_policy: Cow<'a, str>;
    7 resource_owner: Cow<'a, str>;
    8 caller_arn: Cow<'a, str>;
    9 context_entries: Vec<ContextEntry<'a>>;
    10 resource_handling_option: Cow<'a, str>;
    11 max_items: i64;
    12 marker: Cow<'a, str>;
}

const SIMULATE_PRINCIPAL_POLICY_REQUEST: &[Member] = &[
    Member::new("PolicySourceArn", Shape::text(20, 2048)).required(),
    Member::new("PolicyInputList", Shape::List(&List::new(Shape::like(1, 131072, &pattern::LATIN), 0, ANY))),
    Member::new("PermissionsBoundaryPolicyInputList", Shape::List(&List::new(Shape::like(1, 131072, &pattern::LATIN), 0, ANY))),
    Member::new("PolicyExclusionList", Shape::text(0, ANY)).unbuilt("leaving policies out of a simulation is not built yet"),
    Member::new("ActionNames", Shape::List(&List::new(Shape::text(3, 128), 0, ANY))).required(),
    Member::new("ResourceArns", Shape::List(&List::new(Shape::text(1, 2048), 0, ANY))).defaults_to(DefaultValue::Texts(&["*"])),
    Member::new("ResourcePolicy", Shape::like(1, 131072, &pattern::LATIN)),
    Member::new("ResourceOwner", Shape::text(1, 2048)),
    Member::new("CallerArn", Shape::text(1, 2048)),
    Member::new("ContextEntries", Shape::List(&List::new(Shape::Structure(CONTEXT_ENTRY), 0, ANY))),
    Member::new("ResourceHandlingOption", Shape::text(1, 64)),
    Member::new("MaxItems", Shape::Integer(1, 1000)).defaults_to(DefaultValue::Integer(100)),
    Member::new("Marker", Shape::like(1, 320, &pattern::MARKER_OF_IAM)),
];

message! {
    /// `SimulatePrincipalPolicyResponse`.
    pub(crate) struct SimulatePrincipalPolicyResponse = SIMULATE_PRINCIPAL_POLICY_RESPONSE;
    0 evaluation_results: Vec<EvaluationResult<'a>>;
    1 is_truncated: bool;
    2 marker: Cow<'a, str>;
}

const SIMULATE_PRINCIPAL_POLICY_RESPONSE: &[Member] = &[
    Member::new("EvaluationResults", Shape::List(&List::new(Shape::Structure(EVALUATION_RESULT), 0, ANY))).required(),
    Member::new("IsTruncated", Shape::Flag).required(),
    Member::new("Marker", Shape::text(0, ANY)),
];

message! {
    /// `Statement`.
    pub(crate) struct Statement = STATEMENT;
    0 end_position: Position<'a>;
    1 source_policy_id: Cow<'a, str>;
    2 source_policy_type: Cow<'a, str>;
    3 start_position: Position<'a>;
}

const STATEMENT: &[Member] = &[
    Member::new("EndPosition", Shape::Structure(POSITION)).required(),
    Member::new("SourcePolicyId", Shape::text(0, ANY)).required(),
    Member::new("SourcePolicyType", Shape::one_of(&["IAM Policy", "Permissions Boundary Policy", "Resource Policy"])).required(),
    Member::new("StartPosition", Shape::Structure(POSITION)).required(),
];

message! {
    /// `Tag`.
    pub(crate) struct Tag = TAG;
    0 key: Cow<'a, str>;
    1 value: Cow<'a, str>;
}

const TAG: &[Member] = &[
    Member::new("Key", Shape::like(1, 128, &pattern::TAG_KEY)).required(),
    Member::new("Value", Shape::like(0, 256, &pattern::TAG_VALUE)).required(),
];

message! {
    /// `UpdateAccessKeyRequest`.
    pub(crate) struct UpdateAccessKeyRequest = UPDATE_ACCESS_KEY_REQUEST;
    0 user_name: Cow<'a, str>;
    1 access_key_id: Cow<'a, str>;
    2 status: Cow<'a, str>;
}

const UPDATE_ACCESS_KEY_REQUEST: &[Member] = &[
    Member::new("UserName", Shape::like(1, 128, &pattern::NAME)),
    Member::new("AccessKeyId", Shape::like(16, 128, &pattern::WORD)).required(),
    Member::new("Status", Shape::one_of(&["Active", "Inactive", "Expired"])).required(),
];

message! {
    /// `UpdateAssumeRolePolicyRequest`.
    pub(crate) struct UpdateAssumeRolePolicyRequest = UPDATE_ASSUME_ROLE_POLICY_REQUEST;
    0 role_name: Cow<'a, str>;
    1 policy_document: Cow<'a, str>;
}

const UPDATE_ASSUME_ROLE_POLICY_REQUEST: &[Member] = &[
    Member::new("RoleName", Shape::like(1, 64, &pattern::NAME)).required(),
    Member::new("PolicyDocument", Shape::like(1, 131072, &pattern::LATIN)).required(),
];

message! {
    /// `UpdateGroupRequest`.
    pub(crate) struct UpdateGroupRequest = UPDATE_GROUP_REQUEST;
    0 group_name: Cow<'a, str>;
    1 new_path: Cow<'a, str>;
    2 new_group_name: Cow<'a, str>;
}

const UPDATE_GROUP_REQUEST: &[Member] = &[
    Member::new("GroupName", Shape::like(1, 128, &pattern::NAME)).required(),
    Member::new("NewPath", Shape::like(1, 512, &pattern::PATH)),
    Member::new("NewGroupName", Shape::like(1, 128, &pattern::NAME)),
];

message! {
    /// `UpdateRoleDescriptionRequest`.
    pub(crate) struct UpdateRoleDescriptionRequest = UPDATE_ROLE_DESCRIPTION_REQUEST;
    0 role_name: Cow<'a, str>;
    1 description: Cow<'a, str>;
}

const UPDATE_ROLE_DESCRIPTION_REQUEST: &[Member] = &[
    Member::new("RoleName", Shape::like(1, 64, &pattern::NAME)).required(),
    Member::new("Description", Shape::like(0, 1000, &pattern::DESCRIPTION)).required(),
];

message! {
    /// `UpdateRoleDescriptionResponse`.
    pub(crate) struct UpdateRoleDescriptionResponse = UPDATE_ROLE_DESCRIPTION_RESPONSE;
    0 role: CreatedRole<'a>;
}

const UPDATE_ROLE_DESCRIPTION_RESPONSE: &[Member] = &[
    Member::new("Role", Shape::Structure(CREATED_ROLE)).required(),
];

message! {
    /// `UpdateRoleRequest`.
    pub(crate) struct UpdateRoleRequest = UPDATE_ROLE_REQUEST;
    0 role_name: Cow<'a, str>;
    1 description: Cow<'a, str>;
    2 max_session_duration: i64;
}

const UPDATE_ROLE_REQUEST: &[Member] = &[
    Member::new("RoleName", Shape::like(1, 64, &pattern::NAME)).required(),
    Member::new("Description", Shape::like(0, 1000, &pattern::DESCRIPTION)),
    Member::new("MaxSessionDuration", Shape::Integer(3600, 43200)),
    Member::new("MaxSigninSessionDuration", Shape::text(0, ANY)).ignored("there is no console to sign in to"),
    Member::new("ResetMaxSigninSessionDuration", Shape::text(0, ANY)).ignored("there is no console to sign in to"),
];

message! {
    /// `UpdateUserRequest`.
    pub(crate) struct UpdateUserRequest = UPDATE_USER_REQUEST;
    0 user_name: Cow<'a, str>;
    1 new_path: Cow<'a, str>;
    2 new_user_name: Cow<'a, str>;
}

const UPDATE_USER_REQUEST: &[Member] = &[
    Member::new("UserName", Shape::like(1, 128, &pattern::NAME)).required(),
    Member::new("NewPath", Shape::like(1, 512, &pattern::PATH)),
    Member::new("NewUserName", Shape::like(1, 64, &pattern::NAME)),
];

message! {
    /// `User`.
    pub(crate) struct User = USER;
    0 arn: Cow<'a, str>;
    1 create_date: Time;
    3 path: Cow<'a, str>;
    5 tags: Vec<Tag<'a>>;
    6 user_id: Cow<'a, str>;
    7 user_name: Cow<'a, str>;
}

const USER: &[Member] = &[
    Member::new("Arn", Shape::text(20, 2048)).required(),
    Member::new("CreateDate", Shape::Time).required(),
    Member::new("PasswordLastUsed", Shape::text(0, ANY)).unbuilt("there is no console to sign in to"),
    Member::new("Path", Shape::like(1, 512, &pattern::PATH)).required(),
    Member::new("PermissionsBoundary", Shape::text(0, ANY)).unbuilt("permissions boundaries are not built yet"),
    Member::new("Tags", Shape::List(&List::new(Shape::Structure(TAG), 1, 50))),
    Member::new("UserId", Shape::like(16, 128, &pattern::WORD)).required(),
    Member::new("UserName", Shape::like(1, 64, &pattern::NAME)).required(),
];
