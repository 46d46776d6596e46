//! GetCallerIdentity and GetSessionToken: who one is, and a session of one's own.

use polykms_core::dialect::{Former, Payload};
use polykms_core::engine::Principal;
use polykms_core::error::Result;
use polykms_core::identity::assume as op;
use serde_json::json;

use super::{NO_MFA, credentials, read};
use crate::resource;

/// Asks who one is.
pub(crate) struct GetCallerIdentity;

impl Former for GetCallerIdentity {
    type Op = op::WhoAmI;

    fn decode(_: &Payload) -> Result<Self::Op> {
        Ok(op::WhoAmI)
    }

    fn encode(identity: op::Identity) -> Result<Payload> {
        let op::Identity { account, principal } = identity;
        let (id, arn) = match &principal {
            Principal::Owner => (account.clone(), resource::owner_arn(&account)),
            Principal::User { id, name, path } => (id.clone(), resource::user_arn(&account, path, name)),
            Principal::RoleSession { id, name, path: _, session } => {
                (format!("{id}:{session}"), resource::session_arn(&account, name, session))
            }
        };
        Ok(Payload::Tree(json!({ "Arn": arn, "UserId": id, "Account": account })))
    }
}

/// Starts a session of the calling user itself.
pub(crate) struct GetSessionToken;

impl Former for GetSessionToken {
    type Op = op::StartSession;

    fn decode(arguments: &Payload) -> Result<Self::Op> {
        read(arguments, |fields| {
            let seconds = fields.number("DurationSeconds", 900, 129_600)?;
            for name in ["SerialNumber", "TokenCode"] {
                fields.not_built(name, NO_MFA)?;
            }
            Ok(op::StartSession { seconds })
        })
    }

    fn encode(issued: op::Issued) -> Result<Payload> {
        Ok(Payload::Tree(json!({ "Credentials": credentials(&issued) })))
    }
}
