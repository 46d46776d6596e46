//! GetCallerIdentity and GetSessionToken: who one is, and a session of one's own.

use polykms_core::dialect::Wire;
use polykms_core::dialect::message::Nothing;
use polykms_core::error::Result;
use polykms_core::identity::assume::{self as op, IdentityKind};

use super::{credentials, issued};
use crate::message::sts::{GetCallerIdentityResponse, GetSessionTokenRequest, GetSessionTokenResponse};
use crate::resource;
use crate::wire::heard;

/// Asks who one is.
pub(crate) struct GetCallerIdentity;

impl Wire for GetCallerIdentity {
    type Op = op::WhoAmI;
    type Ask<'a> = Nothing<'a>;
    type Told<'a> = GetCallerIdentityResponse<'a>;

    fn op(_: Nothing<'_>) -> Result<op::WhoAmI> {
        Ok(op::WhoAmI)
    }

    fn told(output: &op::Identity) -> Result<GetCallerIdentityResponse<'_>> {
        let op::Identity { account, kind: _, id, arn } = output;
        Ok(GetCallerIdentityResponse { account: Some(account.into()), arn: Some(arn.into()), user_id: Some(id.into()) })
    }

    fn ask(_: &op::WhoAmI) -> Result<Nothing<'_>> {
        Ok(Nothing::default())
    }

    fn output(told: GetCallerIdentityResponse<'_>) -> Result<op::Identity> {
        let GetCallerIdentityResponse { account, arn, user_id } = told;
        let arn = heard::text(arn)?;
        let kind = match arn.split(':').nth(5) {
            _ if resource::owned_by(&arn).is_some() => IdentityKind::Owner,
            Some(relative) if relative.starts_with("assumed-role/") => IdentityKind::RoleSession,
            _ => IdentityKind::User,
        };
        Ok(op::Identity { account: heard::text(account)?, kind, id: heard::text(user_id)?, arn })
    }
}

/// Starts a session of the calling user itself.
pub(crate) struct GetSessionToken;

impl Wire for GetSessionToken {
    type Op = op::StartSession;
    type Ask<'a> = GetSessionTokenRequest<'a>;
    type Told<'a> = GetSessionTokenResponse<'a>;

    fn op(ask: GetSessionTokenRequest<'_>) -> Result<op::StartSession> {
        let GetSessionTokenRequest { duration_seconds, phantom: _ } = ask;
        Ok(op::StartSession { seconds: duration_seconds.and_then(|seconds| u32::try_from(seconds).ok()) })
    }

    fn told(output: &op::Issued) -> Result<GetSessionTokenResponse<'_>> {
        Ok(GetSessionTokenResponse { credentials: Some(credentials(output)) })
    }

    fn ask(op: &op::StartSession) -> Result<GetSessionTokenRequest<'_>> {
        Ok(GetSessionTokenRequest { duration_seconds: op.seconds.map(i64::from), ..GetSessionTokenRequest::default() })
    }

    fn output(told: GetSessionTokenResponse<'_>) -> Result<op::Issued> {
        let GetSessionTokenResponse { credentials } = told;
        issued(credentials)
    }
}
