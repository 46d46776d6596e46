//! Signatures and credentials that are not accepted.
//!
//! Follows the gateway's codes as the SDKs know them.

use polykms_core::error::{AuthFlaw, Error};

use super::{Fault, Wording, explained, said};

/// A refusal of a signature or its credentials.
pub(super) fn word(wording: &impl Wording, flaw: AuthFlaw, error: &Error) -> Fault {
    match flaw {
        AuthFlaw::Missing => missing(error.subject().unwrap_or("AccessKeyId")),
        AuthFlaw::Incomplete | AuthFlaw::Method => Fault {
            status: 400,
            code: "IncompleteSignature".into(),
            message: explained("The request signature does not conform to Alibaba Cloud standards.", error.why()),
        },
        AuthFlaw::UnknownAccessKey => unknown_access_key(),
        AuthFlaw::InactiveAccessKey => said(403, "InvalidAccessKeyId.Inactive", "Specified access key is disabled."),
        AuthFlaw::Mismatch => {
            said(400, "SignatureDoesNotMatch", "Specified signature is not matched with our calculation.")
        }
        AuthFlaw::Expired => said(400, "InvalidTimeStamp.Expired", "Specified time stamp or date value is expired."),
        AuthFlaw::DateFormat => {
            said(400, "InvalidTimeStamp.Format", "Specified time stamp or date value is not well formatted.")
        }
        AuthFlaw::Replayed => said(400, "SignatureNonceUsed", "Specified signature nonce was used already."),
        AuthFlaw::TokenMissing => wording.token(Token::Missing),
        AuthFlaw::TokenInvalid => wording.token(Token::Malformed),
        AuthFlaw::TokenExpired => wording.token(Token::Expired),
    }
}

/// A parameter that is common to all operations is not there.
fn missing(name: &str) -> Fault {
    let message = format!("{name} is mandatory for this action.").into();
    Fault { status: 400, code: format!("Missing{name}").into(), message }
}

/// What is wrong with the token of a session.
#[derive(Debug, Clone, Copy)]
pub(super) enum Token {
    /// It is not there.
    Missing,
    /// It was not made here.
    Malformed,
    /// Its session has ended.
    Expired,
}

/// Credentials that nobody has.
pub(super) fn unknown_access_key() -> Fault {
    said(404, "InvalidAccessKeyId.NotFound", "Specified access key is not found.")
}
