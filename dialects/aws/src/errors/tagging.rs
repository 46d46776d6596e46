//! What the Resource Groups Tagging API says otherwise than Key Management Service.
//!
//! Follows the errors of the service model.

use polykms_core::error::{Cause, Error, Kind};

use super::{Code, FAILURE, kms};

/// Why resources may not be named and looked for in the same request.
pub(super) const NAMED_AND_SOUGHT: &str = "ResourceARNList cannot be specified together with TagFilters, \
                                           ResourceTypeFilters, ResourcesPerPage, TagsPerPage or PaginationToken";

/// The status and code of an error.
pub(super) fn code(error: &Error) -> Code {
    match error.kind() {
        Kind::InvalidMarker if error.cause() == Some(Cause::Overdue) => (400, "PaginationTokenExpiredException"),
        Kind::Invalid(_) | Kind::InvalidArn | Kind::InvalidMarker => (400, "InvalidParameterException"),
        Kind::Internal => (500, "InternalServiceException"),
        _ => kms::code(error, FAILURE),
    }
}

/// What is wrong with a pagination token.
pub(super) fn marker(error: &Error) -> &'static str {
    match error.cause() {
        Some(Cause::Overdue) => "The specified PaginationToken has expired.",
        _ => "The specified PaginationToken is not valid.",
    }
}
