//! Signatures and credentials that are not accepted.
//!
//! Follows "Common Errors" of the API references.

use polykms_core::error::AuthFlaw;

use super::Code;

/// The code in services that speak JSON; the status is always 400.
pub(super) fn json(flaw: AuthFlaw) -> &'static str {
    match flaw {
        AuthFlaw::Missing => "MissingAuthenticationTokenException",
        AuthFlaw::Incomplete | AuthFlaw::DateFormat | AuthFlaw::Method => "IncompleteSignatureException",
        AuthFlaw::UnknownAccessKey | AuthFlaw::InactiveAccessKey | AuthFlaw::TokenMissing | AuthFlaw::TokenInvalid => {
            "UnrecognizedClientException"
        }
        AuthFlaw::Mismatch | AuthFlaw::Replayed | AuthFlaw::Expired => "InvalidSignatureException",
        AuthFlaw::TokenExpired => "ExpiredTokenException",
    }
}

/// The status and code in services that speak the query protocol.
pub(super) fn query(flaw: AuthFlaw) -> Code {
    match flaw {
        AuthFlaw::Missing => (403, "MissingAuthenticationToken"),
        AuthFlaw::Incomplete | AuthFlaw::DateFormat | AuthFlaw::Method => (400, "IncompleteSignature"),
        AuthFlaw::UnknownAccessKey | AuthFlaw::InactiveAccessKey | AuthFlaw::TokenMissing | AuthFlaw::TokenInvalid => {
            (403, "InvalidClientTokenId")
        }
        AuthFlaw::Mismatch | AuthFlaw::Replayed | AuthFlaw::Expired => (403, "SignatureDoesNotMatch"),
        AuthFlaw::TokenExpired => (403, "ExpiredToken"),
    }
}

/// The text, where reading or proving the signature gave no other.
pub(super) fn text(flaw: AuthFlaw) -> &'static str {
    match flaw {
        AuthFlaw::Missing => "Request is missing Authentication Token",
        AuthFlaw::Incomplete | AuthFlaw::DateFormat | AuthFlaw::Method => {
            "The request signature does not conform to AWS standards."
        }
        AuthFlaw::UnknownAccessKey | AuthFlaw::InactiveAccessKey | AuthFlaw::TokenMissing | AuthFlaw::TokenInvalid => {
            "The security token included in the request is invalid."
        }
        AuthFlaw::Mismatch | AuthFlaw::Replayed => {
            "The request signature we calculated does not match the signature you provided. Check your AWS Secret \
             Access Key and signing method. Consult the service documentation for details."
        }
        AuthFlaw::Expired => "Signature expired.",
        AuthFlaw::TokenExpired => "The security token included in the request is expired",
    }
}
