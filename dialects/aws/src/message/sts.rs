//! Messages of `sts`, generated from the vendor's model and `vendor/messages/sts.json`; `just generate` writes them anew.

use std::borrow::Cow;

use polykms_core::dialect::message::{ANY, List, Member, Shape};
use polykms_core::message;
use polykms_core::port::Time;

use super::pattern;

message! {
    /// `AssumeRoleRequest`.
    pub(crate) struct AssumeRoleRequest = ASSUME_ROLE_REQUEST;
    0 role_arn: Cow<'a, str>;
    1 role_session_name: Cow<'a, str>;
    2 policy_arns: Vec<PolicyDescriptorType<'a>>;
    3 policy: Cow<'a, str>;
    4 duration_seconds: i64;
    7 external_id: Cow<'a, str>;
    10 source_identity: Cow<'a, str>;
}

const ASSUME_ROLE_REQUEST: &[Member] = &[
    Member::new("RoleArn", Shape::like(20, 2048, &pattern::ARN)).required(),
    Member::new("RoleSessionName", Shape::like(2, 64, &pattern::SESSION_NAME)).required(),
    Member::new("PolicyArns", Shape::List(&List::new(Shape::Structure(POLICY_DESCRIPTOR_TYPE), 0, 10))),
    Member::new("Policy", Shape::like(1, ANY, &pattern::LATIN)),
    Member::new("DurationSeconds", Shape::Integer(900, 43200)),
    Member::new("Tags", Shape::text(0, ANY)).unbuilt("session tags are not built yet"),
    Member::new("TransitiveTagKeys", Shape::text(0, ANY)).unbuilt("session tags are not built yet"),
    Member::new("ExternalId", Shape::like(2, 1224, &pattern::EXTERNAL_ID)),
    Member::new("SerialNumber", Shape::text(0, ANY)).unbuilt("multi-factor authentication is not built yet"),
    Member::new("TokenCode", Shape::text(0, ANY)).unbuilt("multi-factor authentication is not built yet"),
    Member::new("SourceIdentity", Shape::like(2, 64, &pattern::SESSION_NAME)),
    Member::new("ProvidedContexts", Shape::text(0, ANY)).unbuilt("contexts of other providers are not built yet"),
    Member::new("MinimumSessionTokenSize", Shape::text(0, ANY)).ignored("tokens are as long as what they carry"),
];

message! {
    /// `AssumeRoleResponse`.
    pub(crate) struct AssumeRoleResponse = ASSUME_ROLE_RESPONSE;
    0 assumed_role_user: AssumedRoleUser<'a>;
    1 credentials: Credentials<'a>;
    2 packed_policy_size: i64;
    5 source_identity: Cow<'a, str>;
}

const ASSUME_ROLE_RESPONSE: &[Member] = &[
    Member::new("AssumedRoleUser", Shape::Structure(ASSUMED_ROLE_USER)).required(),
    Member::new("Credentials", Shape::Structure(CREDENTIALS)).required(),
    Member::new("PackedPolicySize", Shape::Integer(0, 100)),
    Member::new("SessionTokenSize", Shape::text(0, ANY)).unbuilt("tokens are as long as what they carry"),
    Member::new("SessionTokenUtilization", Shape::text(0, ANY)).unbuilt("tokens are as long as what they carry"),
    Member::new("SourceIdentity", Shape::like(2, 256, &pattern::SESSION_NAME)),
];

message! {
    /// `AssumedRoleUser`.
    pub(crate) struct AssumedRoleUser = ASSUMED_ROLE_USER;
    0 arn: Cow<'a, str>;
    1 assumed_role_id: Cow<'a, str>;
}

const ASSUMED_ROLE_USER: &[Member] = &[
    Member::new("Arn", Shape::like(20, 2048, &pattern::ARN)).required(),
    Member::new("AssumedRoleId", Shape::text(2, 193)).required(),
];

message! {
    /// `Credentials`.
    pub(crate) struct Credentials = CREDENTIALS;
    0 access_key_id: Cow<'a, str>;
    1 expiration: Time;
    2 secret_access_key: Cow<'a, str>;
    3 session_token: Cow<'a, str>;
}

const CREDENTIALS: &[Member] = &[
    Member::new("AccessKeyId", Shape::text(16, 128)).required(),
    Member::new("Expiration", Shape::Time).required(),
    Member::new("SecretAccessKey", Shape::text(0, ANY)).required().sensitive(),
    Member::new("SessionToken", Shape::text(0, ANY)).required().sensitive(),
];

message! {
    /// `DecodeAuthorizationMessageRequest`.
    pub(crate) struct DecodeAuthorizationMessageRequest = DECODE_AUTHORIZATION_MESSAGE_REQUEST;
    0 encoded_message: Cow<'a, str>;
}

const DECODE_AUTHORIZATION_MESSAGE_REQUEST: &[Member] = &[
    Member::new("EncodedMessage", Shape::text(1, 10240)).required(),
];

message! {
    /// `DecodeAuthorizationMessageResponse`.
    pub(crate) struct DecodeAuthorizationMessageResponse = DECODE_AUTHORIZATION_MESSAGE_RESPONSE;
    0 decoded_message: Cow<'a, str>;
}

const DECODE_AUTHORIZATION_MESSAGE_RESPONSE: &[Member] = &[
    Member::new("DecodedMessage", Shape::text(0, ANY)).required(),
];

message! {
    /// `GetCallerIdentityResponse`.
    pub(crate) struct GetCallerIdentityResponse = GET_CALLER_IDENTITY_RESPONSE;
    0 account: Cow<'a, str>;
    1 arn: Cow<'a, str>;
    2 user_id: Cow<'a, str>;
}

const GET_CALLER_IDENTITY_RESPONSE: &[Member] = &[
    Member::new("Account", Shape::text(0, ANY)).required(),
    Member::new("Arn", Shape::like(20, 2048, &pattern::ARN)).required(),
    Member::new("UserId", Shape::text(0, ANY)).required(),
];

message! {
    /// `GetSessionTokenRequest`.
    pub(crate) struct GetSessionTokenRequest = GET_SESSION_TOKEN_REQUEST;
    0 duration_seconds: i64;
    phantom;
}

const GET_SESSION_TOKEN_REQUEST: &[Member] = &[
    Member::new("DurationSeconds", Shape::Integer(900, 129600)),
    Member::new("SerialNumber", Shape::text(0, ANY)).unbuilt("multi-factor authentication is not built yet"),
    Member::new("TokenCode", Shape::text(0, ANY)).unbuilt("multi-factor authentication is not built yet"),
    Member::new("MinimumSessionTokenSize", Shape::text(0, ANY)).ignored("tokens are as long as what they carry"),
];

message! {
    /// `GetSessionTokenResponse`.
    pub(crate) struct GetSessionTokenResponse = GET_SESSION_TOKEN_RESPONSE;
    0 credentials: Credentials<'a>;
}

const GET_SESSION_TOKEN_RESPONSE: &[Member] = &[
    Member::new("Credentials", Shape::Structure(CREDENTIALS)).required(),
    Member::new("SessionTokenSize", Shape::text(0, ANY)).unbuilt("tokens are as long as what they carry"),
    Member::new("SessionTokenUtilization", Shape::text(0, ANY)).unbuilt("tokens are as long as what they carry"),
];

message! {
    /// `PolicyDescriptorType`.
    pub(crate) struct PolicyDescriptorType = POLICY_DESCRIPTOR_TYPE;
    0 arn: Cow<'a, str>;
}

const POLICY_DESCRIPTOR_TYPE: &[Member] = &[
    Member::new("arn", Shape::like(20, 2048, &pattern::ARN)).required(),
];
