//! The words of Key Management Service.
//!
//! Follows the KMS document "Common errors".

use polykms_core::error::{Cause, Error, Flaw, Noun};

use super::unauthenticated::{Token, unknown_access_key};
use super::{Fault, UNSUPPORTED, Wording, explained, ram, said};

/// Key Management Service.
pub(super) struct Kms {
    /// Whether it is a dry run, which has other codes for what is denied or invalid.
    pub(super) dry_run: bool,
}

impl Wording for Kms {
    const MARKER: &'static str = "NextToken";

    fn token(&self, _: Token) -> Fault {
        unknown_access_key()
    }

    fn denied(&self, _: &Error) -> Fault {
        let code = if self.dry_run { "AccessDeniedError" } else { "Forbidden.NoPermission" };
        said(403, code, "This operation is forbidden by permission system.")
    }

    fn invalid(&self, flaw: Flaw, name: &str) -> Fault {
        let (code, message) = match flaw {
            Flaw::Missing => ("MissingParameter", format!("The parameter \"{name}\" is needed but not provided.")),
            Flaw::Length | Flaw::Characters | Flaw::Format | Flaw::Value => {
                ("InvalidParameter", format!("The specified parameter \"{name}\" is not valid."))
            }
        };
        let code = if self.dry_run { "ValidationError" } else { code };
        Fault { status: 400, code: code.into(), message: message.into() }
    }

    fn malformed_policy(&self, error: &Error) -> Fault {
        let message = explained("The specified parameter \"Policy\" is not valid.", error.why());
        Fault { message, ..self.invalid(Flaw::Value, "Policy") }
    }

    fn unreadable(&self, error: &Error) -> Fault {
        super::unreadable("ParseRequestParameterException", error)
    }

    fn not_applicable(&self, error: &Error) -> Fault {
        match error.cause() {
            Some(Cause::Origin | Cause::Imported) => {
                said(400, "Unsupported.Origin", "This key origin is not valid for this api.")
            }
            Some(Cause::Protection) => {
                said(400, "Unsupported.ProtectionLevel", "This protection level is not valid for this region")
            }
            _ => Fault {
                status: 400,
                code: "Rejected.UnsupportedOperation".into(),
                message: explained(UNSUPPORTED, error.why()),
            },
        }
    }

    fn not_found(&self, noun: Noun, _: Option<Noun>) -> Fault {
        match noun {
            Noun::Key | Noun::Region => said(404, "Forbidden.KeyNotFound", "The specified Key is not found."),
            Noun::KeyVersion => said(404, "Forbidden.KeyVersionNotFound", "The specified Key version is not found."),
            Noun::Alias => said(404, "Forbidden.AliasNotFound", "The specified Alias is not found."),
            Noun::KeyPolicy => self.invalid(Flaw::Value, "PolicyName"),
            Noun::Instance => said(404, "Forbidden.DKMSInstanceNotFound", "The specified KMS instance is not found."),
            Noun::User
            | Noun::Group
            | Noun::Role
            | Noun::Policy
            | Noun::PolicyVersion
            | Noun::InlinePolicy
            | Noun::Attachment
            | Noun::Membership
            | Noun::AccessKey
            | Noun::Logon
            | Noun::Factor
            | Noun::Tag
            | Noun::Service
            | Noun::Grant
            | Noun::Resource => said(404, "Forbidden.ResourceNotFound", "Resource not found"),
        }
    }

    fn already_exists(&self, noun: Noun, whose: Option<Noun>) -> Fault {
        match noun {
            Noun::Key
            | Noun::KeyVersion
            | Noun::Grant
            | Noun::KeyPolicy
            | Noun::Region
            | Noun::Tag
            | Noun::Instance
            | Noun::Resource => said(409, "Rejected.ResourceExist", "The resource exists already."),
            Noun::Alias
            | Noun::User
            | Noun::Group
            | Noun::Role
            | Noun::Policy
            | Noun::PolicyVersion
            | Noun::InlinePolicy
            | Noun::Attachment
            | Noun::Membership
            | Noun::AccessKey
            | Noun::Logon
            | Noun::Factor
            | Noun::Service => ram::already_exists(noun, whose),
        }
    }

    fn limit_exceeded(&self, _: Noun, _: Option<Noun>) -> Fault {
        let text = "The request was rejected because user create resource limit was exceeded.";
        said(400, "Rejected.LimitExceeded", text)
    }

    fn internal(&self) -> Fault {
        said(500, "InternalFailure", "Internal Failure.")
    }
}
