//! The one place where errors get their AWS code, status and text, per service.
//!
//! Follows the errors of the service models, "Common Errors" of the API references, and "Access denied error messages" of
//! the IAM User Guide. Services that speak JSON and services that speak the query protocol have codes of their own.
//!
//! An operation that the vendor has and that is not built here answers `UnsupportedOperationException` in JSON. The query
//! protocol has no such code; its answer is `UnsupportedOperation`, which is no error of the IAM and STS models, so that it
//! cannot be taken for `InvalidAction`, an operation that does not exist.
//!
//! Where no answer of AWS was recorded and no page gives a text, the words are our own; they are not to be relied on.
//!
//! # Invariants
//! - Every kind has its code in [`kms::code`] and [`iam::code`], and its text in [`text`], each one `match` without `_`.

mod denied;
mod document;
mod iam;
mod kms;
mod noun;
mod sts;
mod tagging;
mod unauthenticated;

use std::borrow::Cow;

use polykms_core::error::{Cause, Error, Kind, Noun, StateFlaw};
use polykms_core::key::Origin;

/// A status and a code.
type Code = (u16, &'static str);

/// An error as the vendor puts it.
#[derive(Debug, PartialEq, Eq)]
pub(crate) struct Words<'e> {
    /// The HTTP status.
    pub(crate) status: u16,
    /// The code.
    pub(crate) code: &'static str,
    /// The message; empty where the vendor gives none.
    pub(crate) message: Cow<'e, str>,
}

/// Whose words are spoken.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Service {
    /// Key Management Service.
    Kms,
    /// Any other service that speaks JSON.
    Json,
    /// Identity and Access Management.
    Iam,
    /// Security Token Service.
    Sts,
    /// Resource Groups Tagging API.
    Tagging,
}

impl Service {
    fn of(name: &str) -> Self {
        match name {
            "kms" => Self::Kms,
            "iam" => Self::Iam,
            "sts" => Self::Sts,
            "tagging" => Self::Tagging,
            _ => Self::Json,
        }
    }
}

/// An error in the words of the service that was asked, by its name.
pub(crate) fn words<'e>(error: &'e Error, service: &str) -> Words<'e> {
    let service = Service::of(service);
    let (status, code) = match service {
        Service::Kms => kms::code(error, kms::FAILURE),
        Service::Json => kms::code(error, FAILURE),
        Service::Iam => iam::code(error, &iam::OWN),
        Service::Sts => iam::code(error, &sts::OWN),
        Service::Tagging => tagging::code(error),
    };
    let message = error.vendor_message().map_or_else(|| text(error, service), Cow::Borrowed);
    Words { status, code, message }
}

/// The code of a failure in services that have none of their own.
const FAILURE: &str = "InternalFailure";

/// The text of an error that does not bring the vendor's own.
fn text<'e>(error: &'e Error, service: Service) -> Cow<'e, str> {
    let about = error.subject().unwrap_or_default();
    // Exhaustive on purpose: a new kind must choose its text here.
    match error.kind() {
        Kind::Unauthenticated(flaw) => unauthenticated::text(flaw).into(),
        Kind::AccessDenied => denied::text(error),
        Kind::Invalid(_) => invalid(error),
        Kind::InvalidArn => format!("Invalid arn {about}").into(),
        Kind::InvalidAlias => format!("Alias name {about} is reserved for AWS managed keys.").into(),
        Kind::NotApplicable if error.cause() == Some(Cause::Reserved) => {
            let name = about.rsplit('/').next().unwrap_or_default();
            format!("Cannot perform the operation on the protected role '{name}' - this role is only modifiable by AWS")
                .into()
        }
        Kind::NotApplicable if error.cause() == Some(Cause::Origin) => kms::origin(about, Origin::Generated).into(),
        Kind::NotApplicable if error.cause() == Some(Cause::Imported) => kms::origin(about, Origin::Imported).into(),
        Kind::InvalidTag | Kind::UnknownOperation | Kind::NotApplicable | Kind::InvalidUsage => explained(error),
        Kind::UnreadablePolicy => explained(error),
        Kind::InvalidMarker if service == Service::Tagging => tagging::marker(error).into(),
        Kind::InvalidMarker => "Invalid Marker.".into(),
        Kind::MalformedPolicy | Kind::MalformedTrial => match service {
            Service::Kms | Service::Json | Service::Tagging => document::of_key(error),
            Service::Iam | Service::Sts => document::of_identity(error),
        },
        Kind::UnknownPrincipal if error.cause() == Some(Cause::OfGrant) => {
            format!("ARN does not refer to a valid principal: {about}").into()
        }
        Kind::UnknownPrincipal => match service {
            Service::Kms | Service::Json | Service::Tagging => document::INVALID_PRINCIPALS.into(),
            Service::Iam | Service::Sts => format!("Invalid principal in policy: \"AWS\":\"{about}\"").into(),
        },
        Kind::PolicyLockout => "The new key policy will not allow you to update the key policy in the future.".into(),
        Kind::Unreadable
        | Kind::InvalidCiphertext
        | Kind::InvalidSignature
        | Kind::InvalidMac
        | Kind::InvalidGrantToken
        | Kind::InvalidImportToken
        | Kind::ExpiredImportToken
        | Kind::IncorrectMaterial => "".into(),
        Kind::InvalidGrantId => format!("Invalid grant ID {about}").into(),
        Kind::Absent | Kind::Unsupported => format!("{about} is not supported: {}", error.why()).into(),
        Kind::NotFound(noun) => noun::not_found(noun, error),
        Kind::AlreadyExists(noun) => noun::already_exists(noun, about).into(),
        Kind::DeleteConflict(noun) => noun::in_the_way(noun, error.whose()).into(),
        // The tags of a key have an error of their own.
        Kind::LimitExceeded(Noun::Tag) => "Too many tags".into(),
        Kind::LimitExceeded(_) if service == Service::Sts => sts::PACKED.into(),
        Kind::LimitExceeded(noun) => noun::exceeded(noun, error),
        Kind::InvalidState(StateFlaw::NothingPending) => format!("{} {about}.", kms::NOTHING_PENDING).into(),
        Kind::InvalidState(flaw) => format!("{about} {}", kms::state(flaw)).into(),
        Kind::IncorrectKey => {
            "The key ID in the request does not identify a CMK that can perform this operation.".into()
        }
        Kind::DryRun => "The request would have succeeded, but the DryRun option is set.".into(),
        Kind::Conflict => {
            "The request was rejected because multiple requests to change this object were submitted simultaneously."
                .into()
        }
        Kind::InvalidAuthorizationMessage => "Message is not valid".into(),
        Kind::TooLarge => "The request is larger than allowed.".into(),
        Kind::Internal => "The request processing has failed because of an unknown error, exception or failure.".into(),
    }
}

/// What is wrong with a parameter that the core looked at.
fn invalid(error: &Error) -> Cow<'_, str> {
    match error.cause() {
        Some(Cause::LongerThanRole) => sts::LONGER_THAN_ROLE.into(),
        Some(Cause::LongerThanChain) => sts::LONGER_THAN_CHAIN.into(),
        Some(Cause::NoUser) => iam::NO_USER.into(),
        Some(Cause::OnlyGrants) => "Grants must not contain only the CreateGrant operation.".into(),
        Some(Cause::Wrapping) => "The wrapping algorithm is not compatible with the key spec of the KMS key.".into(),
        Some(Cause::Lasting) => "ValidTo must be in the future, and at most 365 days from now.".into(),
        Some(Cause::NamedAndSought) => tagging::NAMED_AND_SOUGHT.into(),
        _ => explained(error),
    }
}

/// The reason of an error as a sentence.
fn explained(error: &Error) -> Cow<'_, str> {
    let (about, why) = (error.subject().unwrap_or_default(), error.why());
    match (about.is_empty(), why.is_empty()) {
        (_, true) => Cow::Borrowed(about),
        (true, false) => Cow::Borrowed(why),
        (false, false) => Cow::Owned(format!("{about}: {why}")),
    }
}

#[cfg(test)]
#[allow(clippy::unwrap_used, clippy::expect_used, clippy::indexing_slicing, clippy::panic, reason = "tests")]
mod golden;

#[cfg(test)]
#[allow(clippy::unwrap_used, clippy::expect_used, clippy::indexing_slicing, clippy::panic, reason = "tests")]
mod tests {
    use polykms_core::error::{AuthFlaw, Flaw};

    use super::*;

    const KMS: &str = "kms";
    const IAM: &str = "iam";
    const KEY: &str = "arn:aws:kms:us-east-1:111122223333:key/1234abcd-12ab-34cd-56ef-1234567890ab";

    fn said(error: &Error, service: &str) -> (u16, &'static str, String) {
        let Words { status, code, message } = words(error, service);
        (status, code, message.into_owned())
    }

    #[test]
    fn look_ups_fail_in_the_recorded_words() {
        let about = |kind: Kind, subject: &str| said(&kind.about(subject), KMS);
        let alias = "arn:aws:kms:us-east-1:111122223333:alias/a";
        for (kind, subject, text) in [
            (Kind::NotFound(Noun::Key), KEY, format!("Key '{KEY}' does not exist")),
            (Kind::NotFound(Noun::Region), KEY, "Invalid arn us-east-1".to_owned()),
            (Kind::NotFound(Noun::Alias), alias, format!("Alias {alias} is not found.")),
        ] {
            assert_eq!(about(kind, subject), (400, "NotFoundException", text));
        }
        assert_eq!(
            about(Kind::AlreadyExists(Noun::Alias), alias),
            (400, "AlreadyExistsException", format!("An alias with the name {alias} already exists"))
        );
    }

    #[test]
    fn states_stand_in_the_way_in_the_recorded_words() {
        for (flaw, code, text) in [
            (StateFlaw::Disabled, "DisabledException", "is disabled."),
            (StateFlaw::PendingDeletion, "KMSInvalidStateException", "is pending deletion."),
            (StateFlaw::PendingImport, "KMSInvalidStateException", "is pending import."),
            (StateFlaw::Rotating, "ConflictException", "is about to be rotated automatically."),
            (StateFlaw::NotPendingDeletion, "KMSInvalidStateException", "is not pending deletion."),
        ] {
            assert_eq!(said(&Kind::InvalidState(flaw).about(KEY), KMS), (400, code, format!("{KEY} {text}")));
        }
    }

    #[test]
    fn some_errors_have_no_message() {
        for (kind, code) in [
            (Kind::InvalidCiphertext, "InvalidCiphertextException"),
            (Kind::Unreadable, "SerializationException"),
            (Kind::InvalidGrantToken, "InvalidGrantTokenException"),
        ] {
            assert_eq!(said(&kind.because("an inner reason"), KMS), (400, code, String::new()));
        }
    }

    #[test]
    fn both_families_of_services_have_their_own_codes() {
        for (kind, json, query) in [
            (
                Kind::Unauthenticated(AuthFlaw::Mismatch),
                (400, "InvalidSignatureException"),
                (403, "SignatureDoesNotMatch"),
            ),
            (
                Kind::Unauthenticated(AuthFlaw::UnknownAccessKey),
                (400, "UnrecognizedClientException"),
                (403, "InvalidClientTokenId"),
            ),
            (Kind::Unauthenticated(AuthFlaw::TokenExpired), (400, "ExpiredTokenException"), (403, "ExpiredToken")),
            (
                Kind::Unauthenticated(AuthFlaw::Missing),
                (400, "MissingAuthenticationTokenException"),
                (403, "MissingAuthenticationToken"),
            ),
            (Kind::NotFound(Noun::User), (400, "NotFoundException"), (404, "NoSuchEntity")),
            (Kind::AlreadyExists(Noun::User), (400, "AlreadyExistsException"), (409, "EntityAlreadyExists")),
            (Kind::Invalid(Flaw::Value), (400, "ValidationException"), (400, "ValidationError")),
            (Kind::UnknownOperation, (400, "UnknownOperationException"), (400, "InvalidAction")),
            (Kind::Absent, (400, "UnsupportedOperationException"), (400, "UnsupportedOperation")),
            (Kind::Unsupported, (400, "UnsupportedOperationException"), (400, "UnsupportedOperation")),
            (Kind::Internal, (500, "KMSInternalException"), (500, "ServiceFailure")),
        ] {
            let error = kind.because("");
            let (status, code, _) = said(&error, KMS);
            assert_eq!((status, code), json);
            let (status, code, _) = said(&error, IAM);
            assert_eq!((status, code), query);
        }
    }

    #[test]
    fn an_inner_failure_keeps_its_reason_to_itself() {
        let (_, _, text) = said(&Kind::Internal.because("the disk said no").naming("secret"), KMS);
        assert!(!text.contains("disk") && !text.contains("secret"));
    }

    #[test]
    fn identities_fail_in_the_words_of_the_vendor() {
        const USER: &str = "arn:aws:iam::111122223333:user/a";
        const GROUP: &str = "arn:aws:iam::111122223333:group/a";
        const POLICY: &str = "arn:aws:iam::111122223333:policy/x/p";
        let told = |error: Error, resource: &str| {
            let error = error.on(Some(resource.to_owned()));
            words(&error, IAM).message.into_owned()
        };
        let missing = |noun| Kind::NotFound(noun).about("p");
        let full = |noun| Kind::LimitExceeded(noun).about("a");
        let conflict = |noun| Error::from(Kind::DeleteConflict(noun));
        for (error, resource, text) in [
            (
                missing(Noun::Policy).with_cause(Cause::NotAttachable),
                POLICY,
                "Policy arn:aws:iam::111122223333:policy/x/p does not exist or is not attachable.",
            ),
            (missing(Noun::Policy), POLICY, "Policy arn:aws:iam::111122223333:policy/x/p was not found."),
            (missing(Noun::Attachment), POLICY, "Policy arn:aws:iam::111122223333:policy/x/p was not found."),
            (missing(Noun::InlinePolicy).of(Noun::User), USER, "The user policy with name p cannot be found."),
            (missing(Noun::InlinePolicy).of(Noun::Group), GROUP, "The group policy with name p cannot be found."),
            (missing(Noun::AccessKey), USER, "The Access Key with id p cannot be found."),
            (full(Noun::AccessKey), USER, "Cannot exceed quota for AccessKeysPerUser: 2"),
            (full(Noun::Membership), USER, "Cannot exceed quota for GroupsPerUser: 10"),
            (full(Noun::Attachment).of(Noun::User), POLICY, "Cannot exceed quota for PoliciesPerUser: 10"),
            (full(Noun::Attachment).of(Noun::Group), POLICY, "Cannot exceed quota for PoliciesPerGroup: 10"),
            (full(Noun::Attachment).of(Noun::Role), POLICY, "Cannot exceed quota for PoliciesPerRole: 10"),
            (full(Noun::InlinePolicy).of(Noun::Group), GROUP, "Maximum policy size of 5120 bytes exceeded for group a"),
            (conflict(Noun::User).of(Noun::Policy), POLICY, "Cannot delete a policy attached to entities."),
            (
                conflict(Noun::PolicyVersion).of(Noun::PolicyVersion),
                POLICY,
                "Cannot delete the default version of a policy.",
            ),
            (conflict(Noun::Attachment).of(Noun::Role), USER, "Cannot delete entity, must detach all policies first."),
            (
                Kind::Invalid(Flaw::Value).because("").with_cause(Cause::LongerThanChain),
                USER,
                "The requested DurationSeconds exceeds the 1 hour session limit for roles assumed by role chaining",
            ),
        ] {
            assert_eq!(told(error, resource), text);
        }
    }

    #[test]
    fn what_is_not_built_says_so_by_name() {
        let error = Kind::Absent.because("HMAC keys are not built yet").naming("GenerateMac");
        let text = "GenerateMac is not supported: HMAC keys are not built yet".to_owned();
        assert_eq!(said(&error, KMS), (400, "UnsupportedOperationException", text));
    }
}
