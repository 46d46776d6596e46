//! Refusals in the words of Alibaba Cloud: status, code and message for every kind of error, per service.
//!
//! Follows the KMS document "Common errors", the RAM documents "Error messages" and "API error codes", the STS document
//! "AssumeRole", and the gateway's codes as the SDKs know them.

use std::borrow::Cow;

use polykms_core::denial::Denial;
use polykms_core::error::{AuthFlaw, Error, Flaw, Kind, Noun, StateFlaw};
use polykms_core::identity::assume::{self, NOT_BY_OWNER};
use polykms_core::policy::{Decision, Layer, Verdict};
use serde_json::{Map, Value};

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

/// What the caller is recommended: the reason, where the message leaves it out, or the vendor's page about the code.
pub(crate) fn advice(operation: &str, error: &Error, code: &str) -> String {
    match error.kind() {
        Kind::Unsupported if error.subject() == Some(operation) => reason(error),
        _ => format!("https://api.aliyun.com/troubleshoot?q={code}"),
    }
}

/// What is not built, and why.
fn reason(error: &Error) -> String {
    format!("`{}`: {}.", error.subject().unwrap_or_default(), error.why())
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

/// The refusal that an error is, for an operation by its name on the wire.
pub(crate) fn fault(family: Family, operation: &str, error: &Error) -> Fault {
    let worded = word(family, operation, error);
    match error.vendor_message() {
        Some(own) => Fault { message: own.to_owned().into(), ..worded },
        None => worded,
    }
}

/// The refusal of a dry run, which has codes of its own.
pub(crate) fn dry_run(family: Family, operation: &str, error: &Error) -> Fault {
    let usual = fault(family, operation, error);
    match usual.code.as_ref() {
        "Forbidden.NoPermission" => Fault { code: "AccessDeniedError".into(), ..usual },
        "InvalidParameter" | "MissingParameter" => Fault { code: "ValidationError".into(), ..usual },
        _ => usual,
    }
}

fn word(family: Family, operation: &str, error: &Error) -> Fault {
    let subject = error.subject();
    // Exhaustive on purpose: a new kind must choose its code here.
    match error.kind() {
        Kind::Unauthenticated(flaw) => unauthenticated(family, flaw, error),
        Kind::AccessDenied => denied(family, error),
        Kind::Invalid(flaw) => invalid(family, flaw, subject.unwrap_or("parameters")),
        Kind::InvalidArn => invalid(family, Flaw::Format, subject.unwrap_or("Arn")),
        Kind::InvalidAlias => said(400, "Unsupported.Alias", "Alias is not valid for this api."),
        Kind::InvalidTag => invalid(family, Flaw::Value, subject.unwrap_or("Tag")),
        Kind::InvalidMarker => invalid(family, Flaw::Value, if family == Family::Kms { "NextToken" } else { "Marker" }),
        Kind::InvalidAuthorizationMessage => {
            said(404, "EntityNotExist.DiagnosticMessage", "The diagnostic message does not exist.")
        }
        Kind::InvalidGrantToken => invalid(family, Flaw::Value, subject.unwrap_or("GrantToken")),
        Kind::MalformedPolicy | Kind::UnknownPrincipal => malformed_policy(family, error),
        Kind::PolicyLockout => invalid(family, Flaw::Value, "Policy"),
        Kind::Unreadable => unreadable(family, error),
        Kind::TooLarge => said(413, "RequestTooLarge", "The request is larger than allowed."),
        Kind::UnknownOperation => unknown(subject),
        Kind::Unsupported => unsupported(operation, error),
        Kind::NotApplicable => not_applicable(family, error),
        Kind::InvalidUsage => said(400, "Rejected.UnsupportedOperation", UNSUPPORTED),
        Kind::NotFound(noun) => not_found(family, operation, noun, subject),
        Kind::AlreadyExists(noun) => already_exists(family, operation, noun),
        Kind::DeleteConflict(noun) => delete_conflict(operation, noun),
        Kind::LimitExceeded(noun) => limit_exceeded(family, operation, noun),
        Kind::InvalidState(flaw) => invalid_state(flaw),
        // One text for whatever is wrong with a ciphertext, and the same as for text that is none.
        Kind::InvalidCiphertext | Kind::IncorrectKey => invalid(family, Flaw::Format, "CiphertextBlob"),
        Kind::DryRun => said(400, "DryRunOperationError", DRY_RUN),
        Kind::Conflict => said(503, "ServiceUnavailableTemporary", "Service Unavailable Temporary."),
        Kind::Internal => internal(family),
    }
}

const UNSUPPORTED: &str = "Unsupported operation.";
const NOT_SUPPORTED: &str = "This action is not supported.";
const DRY_RUN: &str = "The request would have succeeded if the DryRun parameter was not specified.";
const UNKNOWN_ACCESS_KEY: &str = "Specified access key is not found.";

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

fn unauthenticated(family: Family, flaw: AuthFlaw, error: &Error) -> Fault {
    let incomplete = || Fault {
        status: 400,
        code: "IncompleteSignature".into(),
        message: explained("The request signature does not conform to Alibaba Cloud standards.", error.why()),
    };
    match flaw {
        AuthFlaw::Missing => invalid(family, Flaw::Missing, "AccessKeyId"),
        AuthFlaw::Incomplete | AuthFlaw::Method => incomplete(),
        AuthFlaw::UnknownAccessKey => said(404, "InvalidAccessKeyId.NotFound", UNKNOWN_ACCESS_KEY),
        AuthFlaw::InactiveAccessKey => said(403, "InvalidAccessKeyId.Inactive", "Specified access key is disabled."),
        AuthFlaw::Mismatch => {
            said(400, "SignatureDoesNotMatch", "Specified signature is not matched with our calculation.")
        }
        AuthFlaw::Expired => said(400, "InvalidTimeStamp.Expired", "Specified time stamp or date value is expired."),
        AuthFlaw::DateFormat => {
            said(400, "InvalidTimeStamp.Format", "Specified time stamp or date value is not well formatted.")
        }
        AuthFlaw::Replayed => said(400, "SignatureNonceUsed", "Specified signature nonce was used already."),
        AuthFlaw::TokenMissing => said(400, "MissingSecurityToken", "SecurityToken is mandatory for this action."),
        AuthFlaw::TokenInvalid | AuthFlaw::TokenExpired if family == Family::Kms => {
            said(404, "InvalidAccessKeyId.NotFound", UNKNOWN_ACCESS_KEY)
        }
        AuthFlaw::TokenInvalid => said(400, "InvalidSecurityToken.Malformed", "Specified SecurityToken is malformed."),
        AuthFlaw::TokenExpired => said(400, "InvalidSecurityToken.Expired", "Specified SecurityToken is expired."),
    }
}

fn denied(family: Family, error: &Error) -> Fault {
    match family {
        Family::Kms => said(403, "Forbidden.NoPermission", "This operation is forbidden by permission system."),
        Family::Sts if error.why() == NOT_BY_OWNER => {
            said(403, "NoPermission", "Roles may not be assumed by root accounts.")
        }
        Family::Sts if error.denial().is_some_and(lacks_role) => no_role(),
        Family::Ram | Family::Sts => {
            said(403, "NoPermission", "You are not authorized to do this action. You should be authorized by RAM.")
        }
    }
}

/// Whether nothing but the role itself is lacking; only callers of its account learn that.
fn lacks_role(denial: &Denial) -> bool {
    let Denial { exists, cross_account, decision, .. } = denial;
    let implicit = decision.verdict == Verdict::ImplicitDeny;
    implicit && !exists && !cross_account && refusing(decision) == Layer::Resource
}

fn no_role() -> Fault {
    said(404, "EntityNotExist.Role", "The specified Role not exists.")
}

fn invalid(family: Family, flaw: Flaw, name: &str) -> Fault {
    let (code, message) = match (family, flaw) {
        (Family::Kms, Flaw::Missing) => {
            ("MissingParameter".to_owned(), format!("The parameter \"{name}\" is needed but not provided."))
        }
        (Family::Kms, Flaw::Length | Flaw::Characters | Flaw::Format | Flaw::Value) => {
            ("InvalidParameter".to_owned(), format!("The specified parameter \"{name}\" is not valid."))
        }
        (Family::Ram | Family::Sts, Flaw::Missing) => {
            ("MissingParameter".to_owned(), format!("Parameter {name} is required."))
        }
        (Family::Ram, Flaw::Length) => {
            (format!("InvalidParameter.{name}.Length"), format!("The parameter - \"{name}\" beyond the length limit."))
        }
        (Family::Ram, Flaw::Characters) => (
            format!("InvalidParameter.{name}.InvalidChars"),
            format!("The parameter - \"{name}\" contains invalid chars."),
        ),
        (Family::Ram, Flaw::Format) => (
            format!("InvalidParameter.{name}.Format"),
            format!("The format of the parameter - \"{name}\" is incorrect."),
        ),
        (Family::Ram, Flaw::Value) => {
            (format!("InvalidParameter.{name}"), format!("The parameter - \"{name}\" is incorrect."))
        }
        (Family::Sts, flaw) => session_parameter(flaw, name),
    };
    Fault { status: 400, code: code.into(), message: message.into() }
}

fn session_parameter(flaw: Flaw, name: &str) -> (String, String) {
    match (name, flaw) {
        ("Policy", Flaw::Length) => {
            ("InvalidParameter.PolicySize".to_owned(), "The size of Policy must be smaller than 2048 bytes.".to_owned())
        }
        ("Policy", _) => (
            "InvalidParameter.PolicyGrammar".to_owned(),
            "The parameter Policy has not passed grammar check.".to_owned(),
        ),
        ("DurationSeconds", _) => (
            "InvalidParameter.DurationSeconds".to_owned(),
            "The Min/Max value of DurationSeconds is 15min/1hr.".to_owned(),
        ),
        _ => (format!("InvalidParameter.{name}"), format!("The parameter {name} is wrongly formed.")),
    }
}

fn malformed_policy(family: Family, error: &Error) -> Fault {
    match family {
        Family::Kms => Fault {
            status: 400,
            code: "InvalidParameter".into(),
            message: explained("The specified parameter \"Policy\" is not valid.", error.why()),
        },
        Family::Ram => Fault {
            status: 400,
            code: "MalformedPolicyDocument".into(),
            message: explained("The policy document is malformed.", error.why()),
        },
        Family::Sts => invalid(family, Flaw::Format, "Policy"),
    }
}

fn unreadable(family: Family, error: &Error) -> Fault {
    const PARAMETERS: &str = "Server parse parameters exception. Please check your input params.";
    let code = match family {
        Family::Kms => "ParseRequestParameterException",
        Family::Ram | Family::Sts => "InvalidParameter",
    };
    Fault { status: 400, code: code.into(), message: explained(PARAMETERS, error.why()) }
}

/// What of the request is unknown is its subject; the operation, when there is none.
fn unknown(subject: Option<&str>) -> Fault {
    match subject {
        Some("Version") => said(400, "InvalidVersion", "Specified parameter Version is not valid."),
        Some("Method") => said(403, "UnsupportedHTTPMethod", "This http method is not supported."),
        _ => said(404, "InvalidAction.NotFound", "Specified api is not found, please check your url and method."),
    }
}

/// An operation that is not built is refused in the vendor's words alone; the advice names it.
fn unsupported(operation: &str, error: &Error) -> Fault {
    let message = match error.subject() {
        Some(subject) if subject != operation => format!("{NOT_SUPPORTED} {}", reason(error)).into(),
        _ => NOT_SUPPORTED.into(),
    };
    Fault { status: 400, code: "UnsupportedOperation".into(), message }
}

fn not_applicable(family: Family, error: &Error) -> Fault {
    match (family, error.subject()) {
        (Family::Kms, Some("Origin")) => said(400, "Unsupported.Origin", "This key origin is not valid for this api."),
        (Family::Kms, Some("ProtectionLevel")) => {
            said(400, "Unsupported.ProtectionLevel", "This protection level is not valid for this region")
        }
        (Family::Kms, _) => Fault {
            status: 400,
            code: "Rejected.UnsupportedOperation".into(),
            message: explained(UNSUPPORTED, error.why()),
        },
        (Family::Ram | Family::Sts, _) => {
            Fault { status: 400, code: "UnsupportedOperation".into(), message: explained(NOT_SUPPORTED, error.why()) }
        }
    }
}

/// The user, group or role that an operation on attachments is about.
fn holder(operation: &str) -> &'static str {
    let about = |name: &&str| operation.ends_with(name);
    ["Group", "Role"].into_iter().find(about).unwrap_or("User")
}

fn not_found(family: Family, operation: &str, noun: Noun, subject: Option<&str>) -> Fault {
    match family {
        Family::Kms => not_found_in_kms(noun, subject),
        Family::Ram => {
            let (what, message) = match (noun, holder(operation)) {
                (Noun::User, _) => ("User", "The user does not exist."),
                (Noun::Group, _) => ("Group", "The group does not exist."),
                (Noun::Role, _) => ("Role", "The role does not exist."),
                (Noun::Policy, _) => ("Policy", "The policy does not exist."),
                (Noun::PolicyVersion, _) => ("Policy.Version", "The policy version does not exist."),
                (Noun::AccessKey, _) => ("User.AccessKey", "The user access key does not exist."),
                (Noun::Membership, _) => ("User.Group", "The user has not joined the group."),
                (Noun::Attachment | Noun::InlinePolicy, "Group") => {
                    ("Group.Policy", "The indicate policy attached to the group does not exist.")
                }
                (Noun::Attachment | Noun::InlinePolicy, "Role") => {
                    ("Role.Policy", "The indicate policy attached to the role does not exist.")
                }
                (Noun::Attachment | Noun::InlinePolicy, _) => {
                    ("User.Policy", "The indicate policy of the user does not exist.")
                }
                (Noun::Key | Noun::KeyVersion | Noun::Alias | Noun::KeyPolicy | Noun::Region | Noun::Resource, _) => {
                    ("Resource", "The resource does not exist.")
                }
            };
            Fault { status: 404, code: format!("EntityNotExist.{what}").into(), message: message.into() }
        }
        Family::Sts => no_role(),
    }
}

fn not_found_in_kms(noun: Noun, subject: Option<&str>) -> Fault {
    match noun {
        Noun::Key | Noun::Region => said(404, "Forbidden.KeyNotFound", "The specified Key is not found."),
        Noun::KeyVersion => said(404, "Forbidden.KeyVersionNotFound", "The specified Key version is not found."),
        Noun::Alias => said(404, "Forbidden.AliasNotFound", "The specified Alias is not found."),
        Noun::KeyPolicy => invalid(Family::Kms, Flaw::Value, "PolicyName"),
        Noun::Resource if matches!(subject, Some("DKMSInstanceId" | "KmsInstanceId")) => {
            said(404, "Forbidden.DKMSInstanceNotFound", "The specified KMS instance is not found.")
        }
        Noun::User
        | Noun::Group
        | Noun::Role
        | Noun::Policy
        | Noun::PolicyVersion
        | Noun::InlinePolicy
        | Noun::Attachment
        | Noun::Membership
        | Noun::AccessKey
        | Noun::Resource => said(404, "Forbidden.ResourceNotFound", "Resource not found"),
    }
}

fn already_exists(family: Family, operation: &str, noun: Noun) -> Fault {
    let exists = |what: &str, message: &'static str| Fault {
        status: 409,
        code: format!("EntityAlreadyExists.{what}").into(),
        message: message.into(),
    };
    match (noun, holder(operation)) {
        (Noun::Alias, _) => said(400, "AliasAlreadyExists", "AliasName Already Exists."),
        (Noun::Resource, _) if operation == "OpenKmsService" => {
            said(400, "Forbidden.Opened", "The service is opened already.")
        }
        (Noun::Key | Noun::KeyVersion | Noun::KeyPolicy | Noun::Region | Noun::Resource, _)
            if family == Family::Kms =>
        {
            said(409, "Rejected.ResourceExist", "The resource exists already.")
        }
        (Noun::User, _) => exists("User", "The user does already EXIST."),
        (Noun::Group, _) => exists("Group", "The group does already EXIST."),
        (Noun::Role, _) => exists("Role", "The role does already EXIST."),
        (Noun::Policy, _) => exists("Policy", "The policy does already EXIST."),
        (Noun::PolicyVersion, _) => exists("Policy.Version", "The policy version does already EXIST."),
        (Noun::AccessKey, _) => exists("User.AccessKey", "The user access key does already EXIST."),
        (Noun::Membership, _) => exists("User.Group", "The user has already joined the group."),
        (Noun::Attachment | Noun::InlinePolicy, "Group") => {
            exists("Group.Policy", "The group has already been attached this policy.")
        }
        (Noun::Attachment | Noun::InlinePolicy, "Role") => {
            exists("Role.Policy", "The role has already been attached this policy.")
        }
        (Noun::Attachment | Noun::InlinePolicy, _) => {
            exists("User.Policy", "The user has already been attached this policy.")
        }
        (Noun::Key | Noun::KeyVersion | Noun::KeyPolicy | Noun::Region | Noun::Resource, _) => {
            exists("Resource", "The resource does already EXIST.")
        }
    }
}

/// Named after what is to be deleted and what still depends on it.
fn delete_conflict(operation: &str, noun: Noun) -> Fault {
    let conflict = |what: &str, message: &'static str| Fault {
        status: 409,
        code: format!("DeleteConflict.{what}").into(),
        message: message.into(),
    };
    let policies = matches!(noun, Noun::Policy | Noun::Attachment | Noun::InlinePolicy);
    match (operation, noun) {
        ("DeleteUser", Noun::AccessKey) => {
            conflict("User.AccessKey", "The user CAN NOT has any access key while deleting the user.")
        }
        ("DeleteUser", Noun::Group | Noun::Membership) => {
            conflict("User.Group", "The user CAN NOT be in any group while deleting the user.")
        }
        ("DeleteUser", _) => {
            conflict("User.Policy", "The user CAN NOT has any attached policy while deleting the user.")
        }
        ("DeleteGroup", _) if policies => {
            conflict("Group.Policy", "The entity CAN NOT has any attached policy while deleting the group.")
        }
        ("DeleteGroup", _) => conflict("Group.User", "The group CAN NOT has any user member while deleting the group."),
        ("DeleteRole", _) => {
            conflict("Role.Policy", "The role CAN NOT has any attached policy while deleting the role.")
        }
        ("DeletePolicyVersion", _) => {
            conflict("Policy.Version.Default", "The default policy version CAN NOT been deleted directly.")
        }
        ("DeletePolicy", Noun::PolicyVersion) => {
            conflict("Policy.Version", "The policy CAN NOT has any version except the default version.")
        }
        ("DeletePolicy", Noun::Group) => {
            conflict("Policy.Group", "The policy CAN NOT been attached to any group while deleting the policy.")
        }
        ("DeletePolicy", Noun::Role) => {
            conflict("Policy.Role", "The policy CAN NOT been attached to any role while deleting the policy.")
        }
        ("DeletePolicy", _) => {
            conflict("Policy.User", "The policy CAN NOT been attached to any user while deleting the policy.")
        }
        _ => said(409, "DeleteConflict", "The resource is still in use."),
    }
}

fn limit_exceeded(family: Family, operation: &str, noun: Noun) -> Fault {
    if family == Family::Kms {
        let text = "The request was rejected because user create resource limit was exceeded.";
        return said(400, "Rejected.LimitExceeded", text);
    }
    let (what, message) = match (noun, holder(operation)) {
        (Noun::User, _) => ("User", "The count of users beyond the current limits."),
        (Noun::Group, _) => ("Group", "The count of groups beyond the current limits."),
        (Noun::Role, _) => ("Role", "The count of roles beyond the current limits."),
        (Noun::Policy, _) => ("Policy", "The count of policy beyond the current limits."),
        (Noun::PolicyVersion, _) => ("Policy.Version", "The count of policy version beyond the current limits."),
        (Noun::AccessKey, _) => {
            ("User.AccessKey", "The access key count of the user access keys beyond the current limits.")
        }
        (Noun::Membership, _) => {
            ("User.Group", "The count of groups the target user joined beyond the current limits.")
        }
        (Noun::Attachment | Noun::InlinePolicy, "Group") => {
            ("Group.Policy", "The policy count of the group beyond the current limits.")
        }
        (Noun::Attachment | Noun::InlinePolicy, "Role") => {
            ("Role.Policy", "The count of policies attached to the role beyond the current limits.")
        }
        (Noun::Attachment | Noun::InlinePolicy, _) => {
            ("User.Policy", "The policy count of the user attached policies beyond the current limits.")
        }
        (Noun::Key | Noun::KeyVersion | Noun::Alias | Noun::KeyPolicy | Noun::Region | Noun::Resource, _) => {
            ("Resource", "The count of resources beyond the current limits.")
        }
    };
    Fault { status: 409, code: format!("LimitExceeded.{what}").into(), message: message.into() }
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
        StateFlaw::NotPendingDeletion | StateFlaw::Transition => {
            said(409, "Rejected.StateModifiedFailed", "Keystate modified failed.")
        }
    }
}

fn internal(family: Family) -> Fault {
    match family {
        Family::Kms => said(500, "InternalFailure", "Internal Failure."),
        Family::Ram => said(500, "InternalError", "An internal error occurred."),
        Family::Sts => said(500, "InternalError", "STS Server Internal Error happened."),
    }
}

/// What a caller is told of a denial: its own action and self, and which kind of policy refused, never what is in it.
pub(crate) fn access_denied_detail(denial: &Denial) -> Value {
    let Denial { principal, account, action, encoded, decision, .. } = denial;
    let kind = match decision.verdict {
        Verdict::ExplicitDeny => "ExplicitDeny",
        Verdict::Allow | Verdict::ImplicitDeny => "ImplicitDeny",
    };
    let fields = [
        ("AuthAction", *action),
        ("AuthPrincipalType", principal_type(principal, account)),
        ("AuthPrincipalOwnerId", account),
        ("AuthPrincipalDisplayName", principal),
        ("PolicyType", policy_type(refusing(decision), action)),
        ("NoPermissionType", kind),
    ];
    let encoded = encoded.as_deref().map(|message| ("EncodedDiagnosticMessage", message));
    let fields =
        fields.into_iter().chain(encoded).map(|(name, value)| (name.to_owned(), Value::String(value.to_owned())));
    Value::Object(fields.collect::<Map<_, _>>())
}

/// Sessions are shown as `role:session`, users by their identifier, the owner by the account.
pub(crate) fn principal_type(display: &str, account: &str) -> &'static str {
    if display == account {
        "Account"
    } else if display.contains(':') {
        "AssumedRoleUser"
    } else {
        "SubUser"
    }
}

/// The layer that refused; of several, the first in the order in which the vendor asks them.
pub(crate) fn refusing(decision: &Decision) -> Layer {
    const ORDER: [Layer; 5] = [Layer::Control, Layer::Session, Layer::Identity, Layer::IdentityGroup, Layer::Resource];
    let denied = decision.deny_by.iter().map(|reason| reason.layer.layer);
    let layers: Vec<Layer> = match decision.verdict {
        Verdict::ExplicitDeny => denied.collect(),
        Verdict::Allow | Verdict::ImplicitDeny => {
            decision.blocked_by.iter().map(|blocker| blocker.layer.layer).collect()
        }
    };
    ORDER.into_iter().find(|layer| layers.contains(layer)).unwrap_or(Layer::Identity)
}

pub(crate) fn policy_type(layer: Layer, action: &str) -> &'static str {
    match layer {
        Layer::Control => "ControlPolicy",
        Layer::Session => "SessionPolicy",
        Layer::Resource if action == "sts:AssumeRole" => "AssumeRolePolicy",
        Layer::Resource | Layer::ResourceControl | Layer::Endpoint | Layer::Grants | Layer::Service => {
            "ResourceBasedPolicy"
        }
        Layer::IdentityGroup => "ResourceGroupLevelIdentityBasedPolicy",
        Layer::Identity | Layer::Boundary => "AccountLevelIdentityBasedPolicy",
    }
}

#[cfg(test)]
#[allow(clippy::unwrap_used, clippy::expect_used, clippy::indexing_slicing, clippy::panic, reason = "tests")]
mod golden;

#[cfg(test)]
#[allow(clippy::unwrap_used, clippy::expect_used, clippy::indexing_slicing, clippy::panic, reason = "tests")]
mod tests {
    use polykms_core::policy::{Blocker, LayerName};

    use super::*;

    fn told(family: Family, operation: &str, error: &Error) -> (u16, String, String) {
        let Fault { status, code, message } = fault(family, operation, error);
        (status, code.into_owned(), message.into_owned())
    }

    #[track_caller]
    fn check(family: Family, operation: &str, error: Error, status: u16, code: &str, message: &str) {
        assert_eq!(told(family, operation, &error), (status, code.to_owned(), message.to_owned()));
    }

    #[test]
    fn kms_speaks_its_own_words() {
        let kms = |error, status, code, message| check(Family::Kms, "Decrypt", error, status, code, message);
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
                "Decrypt",
                error,
                400,
                "InvalidParameter",
                "The specified parameter \"CiphertextBlob\" is not valid.",
            );
        }
    }

    #[test]
    fn what_is_not_built_is_refused_by_name() {
        let whole = Kind::Unsupported.because("secrets are not built yet").naming("CreateSecret");
        let advised = advice("CreateSecret", &whole, "UnsupportedOperation");
        assert_eq!(advised, "`CreateSecret`: secrets are not built yet.");
        check(Family::Kms, "CreateSecret", whole, 400, "UnsupportedOperation", NOT_SUPPORTED);
        let part = Kind::Unsupported.because("keys of this kind are not built yet").naming("KeySpec");
        let message = "This action is not supported. `KeySpec`: keys of this kind are not built yet.";
        check(Family::Kms, "CreateKey", part, 400, "UnsupportedOperation", message);
    }

    #[test]
    fn ram_names_the_parameter_and_the_entity() {
        let ram = |operation, error, status, code| {
            let (seen_status, seen_code, _) = told(Family::Ram, operation, &error);
            assert_eq!((seen_status, seen_code.as_str()), (status, code));
        };
        ram("CreateUser", Kind::Invalid(Flaw::Length).about("UserName"), 400, "InvalidParameter.UserName.Length");
        ram(
            "CreateUser",
            Kind::Invalid(Flaw::Characters).about("UserName"),
            400,
            "InvalidParameter.UserName.InvalidChars",
        );
        ram("GetUser", Kind::NotFound(Noun::User).into(), 404, "EntityNotExist.User");
        ram("DetachPolicyFromGroup", Kind::NotFound(Noun::Attachment).into(), 404, "EntityNotExist.Group.Policy");
        ram("AttachPolicyToRole", Kind::AlreadyExists(Noun::Attachment).into(), 409, "EntityAlreadyExists.Role.Policy");
        ram("AttachPolicyToUser", Kind::LimitExceeded(Noun::Attachment).into(), 409, "LimitExceeded.User.Policy");
        ram("AddUserToGroup", Kind::AlreadyExists(Noun::Membership).into(), 409, "EntityAlreadyExists.User.Group");
        ram("DeleteUser", Kind::DeleteConflict(Noun::Attachment).into(), 409, "DeleteConflict.User.Policy");
        ram("DeleteUser", Kind::DeleteConflict(Noun::AccessKey).into(), 409, "DeleteConflict.User.AccessKey");
        ram("DeleteGroup", Kind::DeleteConflict(Noun::Membership).into(), 409, "DeleteConflict.Group.User");
        ram("DeletePolicy", Kind::DeleteConflict(Noun::PolicyVersion).into(), 409, "DeleteConflict.Policy.Version");
        ram("CreatePolicy", Kind::MalformedPolicy.because("x"), 400, "MalformedPolicyDocument");
        ram("CreateUser", Kind::AccessDenied.into(), 403, "NoPermission");
    }

    #[test]
    fn sessions_that_ended_are_unknown_to_kms_and_expired_elsewhere() {
        let ended = || Error::from(Kind::Unauthenticated(AuthFlaw::TokenExpired));
        check(Family::Kms, "Decrypt", ended(), 404, "InvalidAccessKeyId.NotFound", UNKNOWN_ACCESS_KEY);
        let text = "Specified SecurityToken is expired.";
        check(Family::Ram, "GetUser", ended(), 400, "InvalidSecurityToken.Expired", text);
    }

    #[test]
    fn the_vendors_own_text_goes_before_ours() {
        let error = Kind::Unauthenticated(AuthFlaw::Mismatch).verbatim("server string to sign is:GET");
        check(Family::Kms, "Decrypt", error, 400, "SignatureDoesNotMatch", "server string to sign is:GET");
    }

    #[test]
    fn a_denial_tells_the_caller_of_itself_and_the_kind_of_policy() {
        let word = "";
        let blocker = |layer| Blocker { layer: LayerName { layer, word }, rule: None, level: None };
        let denial = |action, principal: &str, layers: &[Layer]| Denial {
            principal: principal.into(),
            account: "1".into(),
            action,
            resource: "acs:kms:r:1:key/k".into(),
            by_ciphertext: false,
            cross_account: false,
            exists: true,
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
        let told = access_denied_detail(&denial("kms:Decrypt", "2", &[Layer::Resource, Layer::Identity]));
        let expected = serde_json::json!({
            "AuthAction": "kms:Decrypt", "AuthPrincipalType": "SubUser", "AuthPrincipalOwnerId": "1",
            "AuthPrincipalDisplayName": "2", "PolicyType": "AccountLevelIdentityBasedPolicy",
            "NoPermissionType": "ImplicitDeny"
        });
        assert_eq!(told, expected);
        let told = access_denied_detail(&denial("sts:AssumeRole", "role:session", &[Layer::Resource]));
        assert_eq!(
            (&told["AuthPrincipalType"], &told["PolicyType"]),
            (&"AssumedRoleUser".into(), &"AssumeRolePolicy".into())
        );
    }

    #[test]
    fn sts_tells_owners_and_missing_roles_apart_from_denials() {
        let code = |error: Error| told(Family::Sts, "AssumeRole", &error);
        let (_, _, text) = code(Kind::AccessDenied.because(NOT_BY_OWNER));
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
        let code = |kind: Kind| dry_run(Family::Kms, "Encrypt", &kind.into()).code.into_owned();
        assert_eq!(code(Kind::DryRun), "DryRunOperationError");
        assert_eq!(code(Kind::AccessDenied), "AccessDeniedError");
        assert_eq!(code(Kind::InvalidCiphertext), "ValidationError");
        assert_eq!(code(Kind::NotFound(Noun::Key)), "Forbidden.KeyNotFound");
    }

    #[test]
    fn a_version_or_method_that_is_not_known_is_named() {
        let code = |error: &Error| fault(Family::Kms, "", error).code.into_owned();
        assert_eq!(code(&Kind::UnknownOperation.about("NoSuch")), "InvalidAction.NotFound");
        assert_eq!(code(&Kind::UnknownOperation.about("Version")), "InvalidVersion");
        assert_eq!(code(&Kind::UnknownOperation.about("Method")), "UnsupportedHTTPMethod");
    }
}
