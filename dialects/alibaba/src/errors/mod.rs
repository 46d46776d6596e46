//! Refusals in the words of Alibaba Cloud: status, code and message for every kind of error, per service.
//!
//! Follows the KMS document "Common errors", the RAM documents "Error messages" and "API error codes", the STS document
//! "AssumeRole", and the gateway's codes as the SDKs know them.
//!
//! # Invariants
//! - Every kind chooses its words in [`word`], one `match` without `_`; what a service says otherwise is its [`Wording`].

mod denied;
mod kms;
mod ram;
mod sts;
mod unauthenticated;

use std::borrow::Cow;

pub(crate) use denied::{access_denied_detail, policy_type, principal_type};
use polykms_core::error::{Cause, Error, Flaw, Kind, Noun, StateFlaw};
use unauthenticated::Token;

/// A refusal as it is told.
#[derive(Debug, PartialEq, Eq)]
pub(crate) struct Fault {
    /// The HTTP status.
    pub(crate) status: u16,
    /// The code.
    pub(crate) code: Cow<'static, str>,
    /// The message.
    pub(crate) message: Cow<'static, str>,
}

/// Whose words are spoken.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Family {
    /// Key Management Service.
    Kms,
    /// Resource Access Management.
    Ram,
    /// Security Token Service.
    Sts,
}

impl Family {
    pub(crate) fn of(service: &str) -> Self {
        match service {
            "ram" => Self::Ram,
            "sts" => Self::Sts,
            _ => Self::Kms,
        }
    }
}

/// The refusal that an error is.
pub(crate) fn fault(family: Family, error: &Error) -> Fault {
    match family {
        Family::Kms => told(&kms::Kms { dry_run: false }, error),
        Family::Ram => told(&ram::Ram, error),
        Family::Sts => told(&sts::Sts, error),
    }
}

/// The refusal of a dry run, which has codes of its own in the only service that knows dry runs.
pub(crate) fn dry_run(family: Family, error: &Error) -> Fault {
    match family {
        Family::Kms => told(&kms::Kms { dry_run: true }, error),
        Family::Ram | Family::Sts => fault(family, error),
    }
}

/// What the caller is recommended: the vendor's page about the code.
pub(crate) fn advice(code: &str) -> String {
    format!("https://api.aliyun.com/troubleshoot?q={code}")
}

/// What a service says in words of its own.
trait Wording {
    /// The parameter that goes on with a list.
    const MARKER: &'static str;

    /// The token of a session is wrong.
    fn token(&self, token: Token) -> Fault;
    /// Permission is lacking.
    fn denied(&self, error: &Error) -> Fault;
    /// A parameter is wrong.
    fn invalid(&self, flaw: Flaw, name: &str) -> Fault;
    /// A policy document is wrong.
    fn malformed_policy(&self, error: &Error) -> Fault;
    /// The request cannot be read.
    fn unreadable(&self, error: &Error) -> Fault;
    /// The resource cannot do this.
    fn not_applicable(&self, error: &Error) -> Fault;
    /// Something does not exist, that belongs to something of a kind.
    fn not_found(&self, noun: Noun, whose: Option<Noun>) -> Fault;
    /// Something exists already, that belongs to something of a kind.
    fn already_exists(&self, noun: Noun, whose: Option<Noun>) -> Fault;
    /// There is too much of something, that belongs to something of a kind.
    fn limit_exceeded(&self, noun: Noun, whose: Option<Noun>) -> Fault;
    /// A failure.
    fn internal(&self) -> Fault;
}

fn told<W: Wording>(wording: &W, error: &Error) -> Fault {
    let worded = word(wording, error);
    match error.vendor_message() {
        Some(own) => Fault { message: own.to_owned().into(), ..worded },
        None => worded,
    }
}

fn word<W: Wording>(wording: &W, error: &Error) -> Fault {
    let (subject, whose) = (error.subject(), error.whose());
    // Exhaustive on purpose: a new kind must choose its code here.
    match error.kind() {
        Kind::Unauthenticated(flaw) => unauthenticated::word(wording, flaw, error),
        Kind::AccessDenied => wording.denied(error),
        Kind::Invalid(flaw) => wording.invalid(flaw, parameter(error)),
        Kind::InvalidArn => wording.invalid(Flaw::Format, subject.unwrap_or("Arn")),
        Kind::InvalidAlias => said(400, "Unsupported.Alias", "Alias is not valid for this api."),
        Kind::InvalidTag => wording.invalid(Flaw::Value, subject.unwrap_or("Tag")),
        Kind::InvalidMarker => wording.invalid(Flaw::Value, W::MARKER),
        Kind::InvalidAuthorizationMessage => {
            said(404, "EntityNotExist.DiagnosticMessage", "The diagnostic message does not exist.")
        }
        Kind::InvalidGrantToken => wording.invalid(Flaw::Value, subject.unwrap_or("GrantToken")),
        Kind::InvalidGrantId => wording.invalid(Flaw::Value, subject.unwrap_or("GrantId")),
        Kind::MalformedPolicy | Kind::MalformedTrial | Kind::UnreadablePolicy | Kind::UnknownPrincipal => {
            wording.malformed_policy(error)
        }
        Kind::PolicyLockout => wording.invalid(Flaw::Value, "Policy"),
        Kind::Unreadable => wording.unreadable(error),
        Kind::TooLarge => said(413, "RequestTooLarge", "The request is larger than allowed."),
        Kind::UnknownOperation => unknown(error.cause()),
        Kind::Absent | Kind::Unsupported => unsupported(error),
        Kind::NotApplicable => wording.not_applicable(error),
        Kind::InvalidUsage => said(400, "Rejected.UnsupportedOperation", UNSUPPORTED),
        Kind::NotFound(noun) => wording.not_found(noun, whose),
        Kind::AlreadyExists(noun) => wording.already_exists(noun, whose),
        Kind::DeleteConflict(noun) => ram::delete_conflict(noun, whose),
        Kind::LimitExceeded(noun) => wording.limit_exceeded(noun, whose),
        Kind::InvalidState(flaw) => invalid_state(flaw),
        Kind::InvalidImportToken => said(400, "InvalidImportToken", "The specified import token is not valid."),
        Kind::ExpiredImportToken => said(400, "ExpiredImportToken", "The specified import token has expired."),
        Kind::IncorrectMaterial => said(400, "InvalidKeyMaterial", INVALID_MATERIAL),
        Kind::InvalidCiphertext if error.cause() == Some(Cause::OfMaterial) => {
            said(400, "InvalidKeyMaterial", INVALID_MATERIAL)
        }
        // One text for whatever is wrong with a ciphertext, and the same as for text that is none.
        Kind::InvalidCiphertext | Kind::IncorrectKey => wording.invalid(Flaw::Format, "CiphertextBlob"),
        Kind::InvalidSignature | Kind::InvalidMac => wording.invalid(Flaw::Value, "Value"),
        Kind::DryRun => said(400, "DryRunOperationError", DRY_RUN),
        Kind::Conflict => said(503, "ServiceUnavailableTemporary", "Service Unavailable Temporary."),
        Kind::Internal => wording.internal(),
    }
}

const INVALID_MATERIAL: &str = "The specified key material is not valid.";
const UNSUPPORTED: &str = "Unsupported operation.";
const NOT_SUPPORTED: &str = "This action is not supported.";
const DRY_RUN: &str = "The request would have succeeded if the DryRun parameter was not specified.";

fn said(status: u16, code: &'static str, message: &'static str) -> Fault {
    Fault { status, code: Cow::Borrowed(code), message: Cow::Borrowed(message) }
}

/// The vendor's text, and the reason as a sentence of its own.
fn explained(text: &'static str, why: &str) -> Cow<'static, str> {
    let mut letters = why.chars();
    match letters.next() {
        None => text.into(),
        Some(first) => format!("{text} {}{}.", first.to_uppercase(), letters.as_str()).into(),
    }
}

/// The parameter that is wrong, where the core does not know what it is called here.
fn parameter(error: &Error) -> &str {
    match error.cause() {
        Some(Cause::LongerThanRole | Cause::LongerThanChain) => "DurationSeconds",
        Some(Cause::NoUser) => "UserName",
        Some(Cause::Wrapping) => "WrappingAlgorithm",
        Some(Cause::Lasting) => "KeyMaterialExpireUnix",
        _ => error.subject().unwrap_or("parameters"),
    }
}

/// What of the request is unknown; the operation, where nothing else is said.
fn unknown(cause: Option<Cause>) -> Fault {
    match cause {
        Some(Cause::Version) => said(400, "InvalidVersion", "Specified parameter Version is not valid."),
        Some(Cause::Method) => said(403, "UnsupportedHTTPMethod", "This http method is not supported."),
        _ => said(404, "InvalidAction.NotFound", "Specified api is not found, please check your url and method."),
    }
}

fn unsupported(error: &Error) -> Fault {
    let message = match error.subject() {
        Some(_) => format!("{NOT_SUPPORTED} {}", not_built(error)).into(),
        None => NOT_SUPPORTED.into(),
    };
    Fault { status: 400, code: "UnsupportedOperation".into(), message }
}

fn unreadable(code: &'static str, error: &Error) -> Fault {
    const PARAMETERS: &str = "Server parse parameters exception. Please check your input params.";
    Fault { status: 400, code: code.into(), message: explained(PARAMETERS, error.why()) }
}

/// What is not built, and why.
fn not_built(error: &Error) -> String {
    format!("`{}`: {}.", error.subject().unwrap_or_default(), error.why())
}

fn invalid_state(flaw: StateFlaw) -> Fault {
    match flaw {
        StateFlaw::Disabled => {
            said(409, "Rejected.Disabled", "The request was rejected because the key state is Disabled.")
        }
        StateFlaw::PendingDeletion => {
            said(409, "Rejected.PendingDeletion", "The request was rejected because the key state is PendingDeletion.")
        }
        StateFlaw::PendingImport => {
            said(409, "Rejected.PendingImport", "The request was rejected because the key state is PendingImport.")
        }
        StateFlaw::Unavailable => {
            said(409, "Rejected.Unavailable", "The request was rejected because the key state is Unavailable.")
        }
        StateFlaw::NotPendingDeletion
        | StateFlaw::Transition
        | StateFlaw::Rotating
        | StateFlaw::Awaiting
        | StateFlaw::NothingPending => said(409, "Rejected.StateModifiedFailed", "Keystate modified failed."),
    }
}

#[cfg(test)]
#[allow(clippy::unwrap_used, clippy::expect_used, clippy::indexing_slicing, clippy::panic, reason = "tests")]
mod golden;

#[cfg(test)]
#[allow(clippy::unwrap_used, clippy::expect_used, clippy::indexing_slicing, clippy::panic, reason = "tests")]
mod tests {
    use polykms_core::denial::Denial;
    use polykms_core::error::AuthFlaw;
    use polykms_core::policy::{Blocker, Decision, Layer, LayerName, Verdict};

    use super::*;

    fn told(family: Family, error: &Error) -> (u16, String, String) {
        let Fault { status, code, message } = fault(family, error);
        (status, code.into_owned(), message.into_owned())
    }

    #[track_caller]
    fn check(family: Family, error: Error, status: u16, code: &str, message: &str) {
        assert_eq!(told(family, &error), (status, code.to_owned(), message.to_owned()));
    }

    #[test]
    fn kms_speaks_its_own_words() {
        let kms = |error, status, code, message| check(Family::Kms, error, status, code, message);
        kms(
            Kind::AccessDenied.into(),
            403,
            "Forbidden.NoPermission",
            "This operation is forbidden by permission system.",
        );
        kms(Kind::NotFound(Noun::Key).into(), 404, "Forbidden.KeyNotFound", "The specified Key is not found.");
        kms(Kind::NotFound(Noun::Alias).into(), 404, "Forbidden.AliasNotFound", "The specified Alias is not found.");
        kms(
            Kind::InvalidState(StateFlaw::Disabled).into(),
            409,
            "Rejected.Disabled",
            "The request was rejected because the key state is Disabled.",
        );
        kms(
            Kind::Invalid(Flaw::Missing).about("KeyId"),
            400,
            "MissingParameter",
            "The parameter \"KeyId\" is needed but not provided.",
        );
        kms(
            Kind::Invalid(Flaw::Length).about("Plaintext"),
            400,
            "InvalidParameter",
            "The specified parameter \"Plaintext\" is not valid.",
        );
        kms(
            Kind::NotApplicable.because("the key is protected against deletion").naming("arn"),
            400,
            "Rejected.UnsupportedOperation",
            "Unsupported operation. The key is protected against deletion.",
        );
    }

    #[test]
    fn a_ciphertext_is_refused_in_one_way_whatever_is_wrong_with_it() {
        let all = [
            Kind::InvalidCiphertext.into(),
            Kind::IncorrectKey.into(),
            Kind::Invalid(Flaw::Format).about("CiphertextBlob"),
        ];
        for error in all {
            check(
                Family::Kms,
                error,
                400,
                "InvalidParameter",
                "The specified parameter \"CiphertextBlob\" is not valid.",
            );
        }
    }

    #[test]
    fn what_is_not_built_is_refused_by_name() {
        let whole = Kind::Absent.because("secrets are not built yet").naming("CreateSecret");
        let message = "This action is not supported. `CreateSecret`: secrets are not built yet.";
        check(Family::Kms, whole, 400, "UnsupportedOperation", message);
        let part = Kind::Unsupported.because("keys of this kind are not built yet").naming("KeySpec");
        let message = "This action is not supported. `KeySpec`: keys of this kind are not built yet.";
        check(Family::Kms, part, 400, "UnsupportedOperation", message);
    }

    #[test]
    fn ram_names_the_parameter_and_the_entity() {
        let ram = |error, status, code| {
            let (seen_status, seen_code, _) = told(Family::Ram, &error);
            assert_eq!((seen_status, seen_code.as_str()), (status, code));
        };
        ram(Kind::Invalid(Flaw::Length).about("UserName"), 400, "InvalidParameter.UserName.Length");
        ram(Kind::Invalid(Flaw::Characters).about("UserName"), 400, "InvalidParameter.UserName.InvalidChars");
        ram(Kind::NotFound(Noun::User).into(), 404, "EntityNotExist.User");
        ram(Error::from(Kind::NotFound(Noun::Attachment)).of(Noun::Group), 404, "EntityNotExist.Group.Policy");
        ram(Error::from(Kind::AlreadyExists(Noun::Attachment)).of(Noun::Role), 409, "EntityAlreadyExists.Role.Policy");
        ram(Error::from(Kind::LimitExceeded(Noun::Attachment)).of(Noun::User), 409, "LimitExceeded.User.Policy");
        ram(Kind::AlreadyExists(Noun::Membership).into(), 409, "EntityAlreadyExists.User.Group");
        ram(Error::from(Kind::DeleteConflict(Noun::Attachment)).of(Noun::User), 409, "DeleteConflict.User.Policy");
        ram(Error::from(Kind::DeleteConflict(Noun::AccessKey)).of(Noun::User), 409, "DeleteConflict.User.AccessKey");
        ram(Error::from(Kind::DeleteConflict(Noun::Membership)).of(Noun::Group), 409, "DeleteConflict.Group.User");
        ram(
            Error::from(Kind::DeleteConflict(Noun::PolicyVersion)).of(Noun::Policy),
            409,
            "DeleteConflict.Policy.Version",
        );
        ram(Kind::MalformedPolicy.because("x"), 400, "MalformedPolicyDocument");
        ram(Kind::AccessDenied.into(), 403, "NoPermission");
    }

    #[test]
    fn sessions_that_ended_are_unknown_to_kms_and_expired_elsewhere() {
        let ended = || Error::from(Kind::Unauthenticated(AuthFlaw::TokenExpired));
        check(Family::Kms, ended(), 404, "InvalidAccessKeyId.NotFound", "Specified access key is not found.");
        let text = "Specified SecurityToken is expired.";
        check(Family::Ram, ended(), 400, "InvalidSecurityToken.Expired", text);
    }

    #[test]
    fn the_vendors_own_text_goes_before_ours() {
        let error = Kind::Unauthenticated(AuthFlaw::Mismatch).verbatim("server string to sign is:GET");
        check(Family::Kms, error, 400, "SignatureDoesNotMatch", "server string to sign is:GET");
    }

    #[test]
    fn sts_tells_owners_and_missing_roles_apart_from_denials() {
        let code = |error: Error| told(Family::Sts, &error);
        let (_, _, text) = code(Kind::AccessDenied.because("").with_cause(Cause::ByOwner));
        assert_eq!(text, "Roles may not be assumed by root accounts.");
        let (_, _, text) =
            code(Kind::AccessDenied.because("the source identity of a chain of sessions cannot be changed"));
        assert_eq!(text, "You are not authorized to do this action. You should be authorized by RAM.");
        let blocker = |layer| Blocker { layer: LayerName { layer, word: "" }, rule: None, level: None };
        let denied = |exists, cross_account, layers: &[Layer]| {
            let denial = Denial {
                principal: "2".into(),
                account: "1".into(),
                action: "sts:AssumeRole",
                resource: "acs:ram:*:1:role/r".into(),
                assume_role: true,
                by_ciphertext: false,
                cross_account,
                exists,
                denied_by: None,
                encoded: None,
                decision: Decision {
                    verdict: Verdict::ImplicitDeny,
                    allow_by: Vec::new(),
                    deny_by: Vec::new(),
                    blocked_by: layers.iter().copied().map(blocker).collect(),
                    near_miss: Vec::new(),
                },
            };
            code(Kind::AccessDenied.because("").with_denial(denial)).1
        };
        assert_eq!(denied(false, false, &[Layer::Resource]), "EntityNotExist.Role");
        assert_eq!(denied(true, false, &[Layer::Resource]), "NoPermission");
        assert_eq!(denied(false, true, &[Layer::Resource]), "NoPermission");
        assert_eq!(denied(false, false, &[Layer::Resource, Layer::Identity]), "NoPermission");
    }

    #[test]
    fn dry_runs_have_codes_of_their_own() {
        let code = |kind: Kind| dry_run(Family::Kms, &kind.into()).code.into_owned();
        assert_eq!(code(Kind::DryRun), "DryRunOperationError");
        assert_eq!(code(Kind::AccessDenied), "AccessDeniedError");
        assert_eq!(code(Kind::InvalidCiphertext), "ValidationError");
        assert_eq!(code(Kind::NotFound(Noun::Key)), "Forbidden.KeyNotFound");
    }

    #[test]
    fn a_version_or_method_that_is_not_known_is_named() {
        let code = |error: &Error| fault(Family::Kms, error).code.into_owned();
        assert_eq!(code(&Kind::UnknownOperation.about("NoSuch")), "InvalidAction.NotFound");
        assert_eq!(code(&Kind::UnknownOperation.because("").with_cause(Cause::Version)), "InvalidVersion");
        assert_eq!(code(&Kind::UnknownOperation.because("").with_cause(Cause::Method)), "UnsupportedHTTPMethod");
    }
}
