//! The codes of Identity and Access Management, which Security Token Service shares but for some of its own.
//!
//! Follows the errors of the service model and "Common Errors" of the API references.

use polykms_core::error::{Cause, Error, Kind, Noun};

use super::{Code, unauthenticated};

/// What services of the query protocol have codes of their own for.
pub(super) struct Own {
    /// A limit was reached.
    pub(super) limit: Code,
    /// A failure.
    pub(super) failure: &'static str,
}

/// The codes that are this service's own.
pub(super) const OWN: Own = Own { limit: (409, "LimitExceeded"), failure: "ServiceFailure" };

/// Why the caller must name a user.
pub(super) const NO_USER: &str = "Must specify userName when calling with non-User credentials";

/// The status and code of an error.
pub(super) fn code(error: &Error, own: &Own) -> Code {
    // Exhaustive on purpose: a new kind must choose its code here.
    match error.kind() {
        Kind::Unauthenticated(flaw) => unauthenticated::query(flaw),
        Kind::AccessDenied => (403, "AccessDenied"),
        Kind::Invalid(_) | Kind::InvalidArn | Kind::InvalidAlias | Kind::InvalidMarker => (400, "ValidationError"),
        Kind::MalformedPolicy | Kind::UnknownPrincipal | Kind::PolicyLockout => (400, "MalformedPolicyDocument"),
        Kind::UnreadablePolicy => (500, "PolicyEvaluation"),
        Kind::Unreadable => (400, "MalformedInput"),
        Kind::UnknownOperation => (400, "InvalidAction"),
        Kind::Absent | Kind::Unsupported => (400, "UnsupportedOperation"),
        Kind::NotFound(_) => (404, "NoSuchEntity"),
        Kind::AlreadyExists(_) => (409, "EntityAlreadyExists"),
        Kind::DeleteConflict(_) => (409, "DeleteConflict"),
        Kind::LimitExceeded(Noun::Tag) => (409, "LimitExceeded"),
        Kind::LimitExceeded(_) => own.limit,
        Kind::NotApplicable if error.cause() == Some(Cause::Reserved) => (400, "UnmodifiableEntity"),
        Kind::InvalidTag
        | Kind::MalformedTrial
        | Kind::NotApplicable
        | Kind::InvalidState(_)
        | Kind::InvalidCiphertext
        | Kind::IncorrectKey
        | Kind::InvalidSignature
        | Kind::InvalidMac
        | Kind::InvalidUsage
        | Kind::DryRun
        | Kind::InvalidGrantToken
        | Kind::InvalidImportToken
        | Kind::ExpiredImportToken
        | Kind::IncorrectMaterial
        | Kind::InvalidGrantId => (400, "InvalidInput"),
        Kind::Conflict => (409, "ConcurrentModification"),
        Kind::InvalidAuthorizationMessage => (400, "InvalidAuthorizationMessageException"),
        Kind::TooLarge => (413, "RequestEntityTooLarge"),
        Kind::Internal => (500, own.failure),
    }
}
