//! Messages of `sts`, generated from the vendor's model and `vendor/messages/sts.json`; `just generate` writes them anew.

use std::borrow::Cow;

use polykms_core::dialect::message::{ANY, Member, Shape};
use polykms_core::message;
use polykms_core::port::Time;

message! {
    /// `AssumeRoleRequest`.
    pub(crate) struct AssumeRoleRequest = ASSUME_ROLE_REQUEST;
    0 duration_seconds: i64;
    1 external_id: Cow<'a, str>;
    2 policy: Cow<'a, str>;
    3 role_arn: Cow<'a, str>;
    4 role_session_name: Cow<'a, str>;
    5 source_identity: Cow<'a, str>;
}

const ASSUME_ROLE_REQUEST: &[Member] = &[
    Member::new("DurationSeconds", Shape::Integer(900, 43200)),
    Member::new("ExternalId", Shape::text(1, ANY)),
    Member::new("Policy", Shape::text(1, ANY)),
    Member::new("RoleArn", Shape::text(1, ANY)).required(),
    Member::new("RoleSessionName", Shape::text(1, ANY)).required(),
    Member::new("SourceIdentity", Shape::text(1, ANY)),
];

message! {
    /// `AssumeRoleResponse`.
    pub(crate) struct AssumeRoleResponse = ASSUME_ROLE_RESPONSE;
    0 assumed_role_user: AssumedRoleUser<'a>;
    1 credentials: Credentials<'a>;
    2 source_identity: Cow<'a, str>;
}

const ASSUME_ROLE_RESPONSE: &[Member] = &[
    Member::new("AssumedRoleUser", Shape::Structure(ASSUMED_ROLE_USER)).required(),
    Member::new("Credentials", Shape::Structure(CREDENTIALS)).required(),
    Member::new("SourceIdentity", Shape::text(1, ANY)),
];

message! {
    /// `AssumedRoleUser`.
    pub(crate) struct AssumedRoleUser = ASSUMED_ROLE_USER;
    0 arn: Cow<'a, str>;
    1 assumed_role_id: Cow<'a, str>;
}

const ASSUMED_ROLE_USER: &[Member] = &[
    Member::new("Arn", Shape::text(1, ANY)).required(),
    Member::new("AssumedRoleId", Shape::text(1, ANY)).required(),
];

message! {
    /// `Credentials`.
    pub(crate) struct Credentials = CREDENTIALS;
    0 access_key_id: Cow<'a, str>;
    1 access_key_secret: Cow<'a, str>;
    2 expiration: Time;
    3 security_token: Cow<'a, str>;
}

const CREDENTIALS: &[Member] = &[
    Member::new("AccessKeyId", Shape::text(1, ANY)).required(),
    Member::new("AccessKeySecret", Shape::text(1, ANY)).required().sensitive(),
    Member::new("Expiration", Shape::Time).required(),
    Member::new("SecurityToken", Shape::text(1, ANY)).required().sensitive(),
];

message! {
    /// `GetCallerIdentityResponse`.
    pub(crate) struct GetCallerIdentityResponse = GET_CALLER_IDENTITY_RESPONSE;
    0 account_id: Cow<'a, str>;
    1 arn: Cow<'a, str>;
    2 identity_type: Cow<'a, str>;
    3 principal_id: Cow<'a, str>;
    4 role_id: Cow<'a, str>;
    5 user_id: Cow<'a, str>;
}

const GET_CALLER_IDENTITY_RESPONSE: &[Member] = &[
    Member::new("AccountId", Shape::text(1, ANY)).required(),
    Member::new("Arn", Shape::text(1, ANY)).required(),
    Member::new("IdentityType", Shape::one_of(&["Account", "RAMUser", "AssumedRoleUser"])).required(),
    Member::new("PrincipalId", Shape::text(1, ANY)).required(),
    Member::new("RoleId", Shape::text(1, ANY)),
    Member::new("UserId", Shape::text(1, ANY)),
];
