//! The codes of Key Management Service, which other services that speak JSON use until they have their own.
//!
//! Follows the errors of the service model.

use polykms_core::error::{Cause, Error, Kind, Noun, StateFlaw};
use polykms_core::key::Origin;

use super::{Code, unauthenticated};
use crate::wire::kms::words::origin_word;

/// The code of a failure.
pub(super) const FAILURE: &str = "KMSInternalException";

/// The status and code of an error; a failure has the code given.
pub(super) fn code(error: &Error, failure: &'static str) -> Code {
    // Exhaustive on purpose: a new kind must choose its code here.
    match error.kind() {
        Kind::Unauthenticated(flaw) => (400, unauthenticated::json(flaw)),
        Kind::AccessDenied => (400, "AccessDeniedException"),
        Kind::Invalid(_) => (400, "ValidationException"),
        Kind::UnknownPrincipal if error.cause() == Some(Cause::OfGrant) => (400, "InvalidArnException"),
        Kind::InvalidArn => (400, "InvalidArnException"),
        Kind::InvalidAlias => (400, "InvalidAliasNameException"),
        Kind::InvalidTag | Kind::LimitExceeded(Noun::Tag) => (400, "TagException"),
        Kind::InvalidMarker => (400, "InvalidMarkerException"),
        Kind::MalformedPolicy
        | Kind::MalformedTrial
        | Kind::UnreadablePolicy
        | Kind::UnknownPrincipal
        | Kind::PolicyLockout => (400, "MalformedPolicyDocumentException"),
        Kind::Unreadable => (400, "SerializationException"),
        Kind::UnknownOperation => (400, "UnknownOperationException"),
        Kind::Absent | Kind::Unsupported | Kind::NotApplicable => (400, "UnsupportedOperationException"),
        Kind::NotFound(_) => (400, "NotFoundException"),
        Kind::AlreadyExists(_) => (400, "AlreadyExistsException"),
        Kind::DeleteConflict(_) => (400, "ConflictException"),
        Kind::LimitExceeded(_) => (400, "LimitExceededException"),
        Kind::InvalidState(StateFlaw::Disabled) => (400, "DisabledException"),
        Kind::InvalidState(StateFlaw::Rotating) => (400, "ConflictException"),
        Kind::InvalidState(_) => (400, "KMSInvalidStateException"),
        Kind::InvalidCiphertext => (400, "InvalidCiphertextException"),
        Kind::IncorrectKey => (400, "IncorrectKeyException"),
        Kind::InvalidSignature => (400, "KMSInvalidSignatureException"),
        Kind::InvalidMac => (400, "KMSInvalidMacException"),
        Kind::InvalidUsage => (400, "InvalidKeyUsageException"),
        Kind::DryRun => (400, "DryRunOperationException"),
        // The model has no conflict for most operations; SDKs try again after this status.
        Kind::Conflict => (500, "DependencyTimeoutException"),
        Kind::InvalidAuthorizationMessage => (400, "InvalidAuthorizationMessageException"),
        Kind::InvalidGrantToken => (400, "InvalidGrantTokenException"),
        Kind::InvalidGrantId => (400, "InvalidGrantIdException"),
        Kind::InvalidImportToken => (400, "InvalidImportTokenException"),
        Kind::ExpiredImportToken => (400, "ExpiredImportTokenException"),
        Kind::IncorrectMaterial => (400, "IncorrectKeyMaterialException"),
        Kind::TooLarge => (413, "RequestEntityTooLargeException"),
        Kind::Internal => (500, failure),
    }
}

/// The origin of a key does not allow it.
pub(super) fn origin(arn: &str, origin: Origin) -> String {
    format!("{arn} origin is {} which is not valid for this operation.", origin_word(origin))
}

/// Before the key's name where it has no material to be rotated in.
pub(super) const NOTHING_PENDING: &str = "No available key material pending rotation for the key:";

/// Which state of a key stands in the way, behind the key's name.
pub(super) fn state(flaw: StateFlaw) -> &'static str {
    match flaw {
        StateFlaw::Disabled => "is disabled.",
        StateFlaw::PendingDeletion => "is pending deletion.",
        StateFlaw::PendingImport => "is pending import.",
        StateFlaw::Unavailable => "is unavailable.",
        StateFlaw::NotPendingDeletion => "is not pending deletion.",
        StateFlaw::Rotating => "is about to be rotated automatically.",
        StateFlaw::Awaiting => "has another key material that is pending rotation.",
        StateFlaw::NothingPending => NOTHING_PENDING,
        StateFlaw::Transition => "is not in a state that allows this operation.",
    }
}
