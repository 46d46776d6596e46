//! The words of Resource Access Management.
//!
//! Follows the RAM documents "Error messages" and "API error codes".

use polykms_core::error::{Error, Flaw, Noun};

use super::unauthenticated::Token;
use super::{Fault, NOT_SUPPORTED, Wording, explained, said};

/// Resource Access Management.
pub(super) struct Ram;

impl Wording for Ram {
    const MARKER: &'static str = "Marker";

    fn token(&self, token: Token) -> Fault {
        match token {
            Token::Missing => said(400, "MissingSecurityToken", "SecurityToken is mandatory for this action."),
            Token::Malformed => said(400, "InvalidSecurityToken.Malformed", "Specified SecurityToken is malformed."),
            Token::Expired => said(400, "InvalidSecurityToken.Expired", "Specified SecurityToken is expired."),
        }
    }

    fn denied(&self, _: &Error) -> Fault {
        said(403, "NoPermission", "You are not authorized to do this action. You should be authorized by RAM.")
    }

    fn invalid(&self, flaw: Flaw, name: &str) -> Fault {
        let (code, message) = match flaw {
            Flaw::Missing => ("MissingParameter".to_owned(), format!("Parameter {name} is required.")),
            Flaw::Length => (
                format!("InvalidParameter.{name}.Length"),
                format!("The parameter - \"{name}\" beyond the length limit."),
            ),
            Flaw::Characters => (
                format!("InvalidParameter.{name}.InvalidChars"),
                format!("The parameter - \"{name}\" contains invalid chars."),
            ),
            Flaw::Format => (
                format!("InvalidParameter.{name}.Format"),
                format!("The format of the parameter - \"{name}\" is incorrect."),
            ),
            Flaw::Value => (format!("InvalidParameter.{name}"), format!("The parameter - \"{name}\" is incorrect.")),
        };
        Fault { status: 400, code: code.into(), message: message.into() }
    }

    fn malformed_policy(&self, error: &Error) -> Fault {
        Fault {
            status: 400,
            code: "MalformedPolicyDocument".into(),
            message: explained("The policy document is malformed.", error.why()),
        }
    }

    fn unreadable(&self, error: &Error) -> Fault {
        super::unreadable("InvalidParameter", error)
    }

    fn not_applicable(&self, error: &Error) -> Fault {
        Fault { status: 400, code: "UnsupportedOperation".into(), message: explained(NOT_SUPPORTED, error.why()) }
    }

    fn not_found(&self, noun: Noun, whose: Option<Noun>) -> Fault {
        let (what, message) = match (noun, Holder::of(whose)) {
            (Noun::User, _) => ("User", "The user does not exist."),
            (Noun::Group, _) => ("Group", "The group does not exist."),
            (Noun::Role, _) => ("Role", "The role does not exist."),
            (Noun::Policy, _) => ("Policy", "The policy does not exist."),
            (Noun::PolicyVersion, _) => ("Policy.Version", "The policy version does not exist."),
            (Noun::AccessKey, _) => ("User.AccessKey", "The user access key does not exist."),
            (Noun::Logon, _) => ("User.LoginProfile", "The user login profile does not exist."),
            (Noun::Factor, _) => ("User.MFADevice", "The user MFA device does not exist."),
            (Noun::Membership, _) => ("User.Group", "The user has not joined the group."),
            (Noun::Attachment | Noun::InlinePolicy, Holder::Group) => {
                ("Group.Policy", "The indicate policy attached to the group does not exist.")
            }
            (Noun::Attachment | Noun::InlinePolicy, Holder::Role) => {
                ("Role.Policy", "The indicate policy attached to the role does not exist.")
            }
            (Noun::Attachment | Noun::InlinePolicy, Holder::User) => {
                ("User.Policy", "The indicate policy of the user does not exist.")
            }
            (
                Noun::Key
                | Noun::KeyVersion
                | Noun::Grant
                | Noun::Alias
                | Noun::KeyPolicy
                | Noun::Region
                | Noun::Tag
                | Noun::Service
                | Noun::Instance
                | Noun::Resource,
                _,
            ) => ("Resource", "The resource does not exist."),
        };
        Fault { status: 404, code: format!("EntityNotExist.{what}").into(), message: message.into() }
    }

    fn already_exists(&self, noun: Noun, whose: Option<Noun>) -> Fault {
        already_exists(noun, whose)
    }

    fn limit_exceeded(&self, noun: Noun, whose: Option<Noun>) -> Fault {
        let (what, message) = match (noun, Holder::of(whose)) {
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
            (Noun::Attachment | Noun::InlinePolicy, Holder::Group) => {
                ("Group.Policy", "The policy count of the group beyond the current limits.")
            }
            (Noun::Attachment | Noun::InlinePolicy, Holder::Role) => {
                ("Role.Policy", "The count of policies attached to the role beyond the current limits.")
            }
            (Noun::Attachment | Noun::InlinePolicy, Holder::User) => {
                ("User.Policy", "The policy count of the user attached policies beyond the current limits.")
            }
            (
                Noun::Key
                | Noun::KeyVersion
                | Noun::Grant
                | Noun::Alias
                | Noun::KeyPolicy
                | Noun::Region
                | Noun::Tag
                | Noun::Logon
                | Noun::Factor
                | Noun::Service
                | Noun::Instance
                | Noun::Resource,
                _,
            ) => ("Resource", "The count of resources beyond the current limits."),
        };
        Fault { status: 409, code: format!("LimitExceeded.{what}").into(), message: message.into() }
    }

    fn internal(&self) -> Fault {
        said(500, "InternalError", "An internal error occurred.")
    }
}

/// Who holds the policies that an error is about.
#[derive(Debug, Clone, Copy)]
enum Holder {
    User,
    Group,
    Role,
}

impl Holder {
    fn of(whose: Option<Noun>) -> Self {
        match whose {
            Some(Noun::Group) => Self::Group,
            Some(Noun::Role) => Self::Role,
            _ => Self::User,
        }
    }
}

/// What exists already, of whoever holds it.
pub(super) fn already_exists(noun: Noun, whose: Option<Noun>) -> Fault {
    let (what, message) = match (noun, Holder::of(whose)) {
        (Noun::Alias, _) => return said(400, "AliasAlreadyExists", "AliasName Already Exists."),
        (Noun::Service, _) => return said(400, "Forbidden.Opened", "The service is opened already."),
        (Noun::User, _) => ("User", "The user does already EXIST."),
        (Noun::Group, _) => ("Group", "The group does already EXIST."),
        (Noun::Role, _) => ("Role", "The role does already EXIST."),
        (Noun::Policy, _) => ("Policy", "The policy does already EXIST."),
        (Noun::PolicyVersion, _) => ("Policy.Version", "The policy version does already EXIST."),
        (Noun::AccessKey, _) => ("User.AccessKey", "The user access key does already EXIST."),
        (Noun::Logon, _) => ("User.LoginProfile", "The user login profile does already EXIST."),
        (Noun::Factor, _) => ("User.MFADevice", "The user MFA device does already EXIST."),
        (Noun::Membership, _) => ("User.Group", "The user has already joined the group."),
        (Noun::Attachment | Noun::InlinePolicy, Holder::Group) => {
            ("Group.Policy", "The group has already been attached this policy.")
        }
        (Noun::Attachment | Noun::InlinePolicy, Holder::Role) => {
            ("Role.Policy", "The role has already been attached this policy.")
        }
        (Noun::Attachment | Noun::InlinePolicy, Holder::User) => {
            ("User.Policy", "The user has already been attached this policy.")
        }
        (
            Noun::Key
            | Noun::KeyVersion
            | Noun::Grant
            | Noun::KeyPolicy
            | Noun::Region
            | Noun::Tag
            | Noun::Instance
            | Noun::Resource,
            _,
        ) => ("Resource", "The resource does already EXIST."),
    };
    Fault { status: 409, code: format!("EntityAlreadyExists.{what}").into(), message: message.into() }
}

/// Named after what is to be deleted and what still depends on it.
pub(super) fn delete_conflict(noun: Noun, deleted: Option<Noun>) -> Fault {
    let policies = matches!(noun, Noun::Policy | Noun::Attachment | Noun::InlinePolicy);
    let (what, message) = match (deleted, noun) {
        (Some(Noun::User), Noun::AccessKey) => {
            ("User.AccessKey", "The user CAN NOT has any access key while deleting the user.")
        }
        (Some(Noun::User), Noun::Logon) => {
            ("User.LoginProfile", "The user CAN NOT has login profile while deleting the user.")
        }
        (Some(Noun::User), Noun::Factor) => {
            ("User.MFADevice", "The user CAN NOT has any MFA device while deleting the user.")
        }
        (Some(Noun::User), Noun::Group | Noun::Membership) => {
            ("User.Group", "The user CAN NOT be in any group while deleting the user.")
        }
        (Some(Noun::User), _) => ("User.Policy", "The user CAN NOT has any attached policy while deleting the user."),
        (Some(Noun::Group), _) if policies => {
            ("Group.Policy", "The entity CAN NOT has any attached policy while deleting the group.")
        }
        (Some(Noun::Group), _) => ("Group.User", "The group CAN NOT has any user member while deleting the group."),
        (Some(Noun::Role), _) => ("Role.Policy", "The role CAN NOT has any attached policy while deleting the role."),
        (Some(Noun::PolicyVersion), _) => {
            ("Policy.Version.Default", "The default policy version CAN NOT been deleted directly.")
        }
        (Some(Noun::Policy), Noun::PolicyVersion) => {
            ("Policy.Version", "The policy CAN NOT has any version except the default version.")
        }
        (Some(Noun::Policy), Noun::Group) => {
            ("Policy.Group", "The policy CAN NOT been attached to any group while deleting the policy.")
        }
        (Some(Noun::Policy), Noun::Role) => {
            ("Policy.Role", "The policy CAN NOT been attached to any role while deleting the policy.")
        }
        (Some(Noun::Policy), _) => {
            ("Policy.User", "The policy CAN NOT been attached to any user while deleting the policy.")
        }
        _ => return said(409, "DeleteConflict", "The resource is still in use."),
    };
    Fault { status: 409, code: format!("DeleteConflict.{what}").into(), message: message.into() }
}
