//! Things that are missing, there already, in the way, or too many.

use std::borrow::Cow;

use polykms_core::error::{Cause, Error, Noun};

use super::explained;
use crate::{resource, rules};

/// What does not exist.
pub(super) fn not_found(noun: Noun, error: &Error) -> Cow<'_, str> {
    let about = error.subject().unwrap_or_default();
    // The core names a policy; AWS wants its ARN.
    let policy = error.resource().filter(|arn| resource::is_policy(arn)).unwrap_or(about);
    match noun {
        Noun::Key => format!("Key '{about}' does not exist").into(),
        Noun::Alias => format!("Alias {about} is not found.").into(),
        Noun::Region => format!("Invalid arn {}", resource::region_of(about)).into(),
        Noun::KeyPolicy => "No such policy exists".into(),
        Noun::KeyVersion => format!("Key material {about} does not exist").into(),
        Noun::Grant => format!("Grant ID {about} not found").into(),
        Noun::User | Noun::Membership => format!("The user with name {about} cannot be found.").into(),
        Noun::Group => format!("The group with name {about} cannot be found.").into(),
        Noun::Role => format!("The role with name {about} cannot be found.").into(),
        Noun::Policy if error.cause() == Some(Cause::NotAttachable) => {
            format!("Policy {policy} does not exist or is not attachable.").into()
        }
        Noun::Policy | Noun::Attachment => format!("Policy {policy} was not found.").into(),
        Noun::PolicyVersion => format!("Policy {policy} version {about} does not exist or is not attachable.").into(),
        Noun::InlinePolicy => {
            format!("The {} policy with name {about} cannot be found.", Holder::of(error).name()).into()
        }
        Noun::AccessKey => format!("The Access Key with id {about} cannot be found.").into(),
        Noun::Logon => format!("Login Profile for User {about} cannot be found.").into(),
        Noun::Factor | Noun::Tag | Noun::Service | Noun::Instance | Noun::Resource => explained(error),
    }
}

/// What exists already.
pub(super) fn already_exists(noun: Noun, about: &str) -> String {
    match noun {
        Noun::Alias => format!("An alias with the name {about} already exists"),
        Noun::User => format!("User with name {about} already exists."),
        Noun::Group => format!("Group with name {about} already exists."),
        Noun::Role => format!("Role with name {about} already exists."),
        Noun::Policy => format!("A policy called {about} already exists. Duplicate names are not allowed."),
        Noun::Logon => format!("Login Profile for user {about} already exists."),
        Noun::Key
        | Noun::Grant
        | Noun::KeyVersion
        | Noun::KeyPolicy
        | Noun::Region
        | Noun::PolicyVersion
        | Noun::InlinePolicy
        | Noun::Attachment
        | Noun::Membership
        | Noun::AccessKey
        | Noun::Factor
        | Noun::Tag
        | Noun::Service
        | Noun::Instance
        | Noun::Resource => format!("{about} already exists"),
    }
}

/// What keeps something, of a kind, from being removed.
pub(super) fn in_the_way(noun: Noun, removed: Option<Noun>) -> &'static str {
    match noun {
        Noun::User | Noun::Group | Noun::Role if removed == Some(Noun::Policy) => {
            "Cannot delete a policy attached to entities."
        }
        Noun::PolicyVersion if removed == Some(Noun::Policy) => {
            "This policy has more than one version. Before you delete a policy, you must delete the policy's versions. \
             The default version is deleted with the policy."
        }
        Noun::PolicyVersion => "Cannot delete the default version of a policy.",
        Noun::Attachment => "Cannot delete entity, must detach all policies first.",
        Noun::InlinePolicy => "Cannot delete entity, must delete policies first.",
        Noun::Membership => "Cannot delete entity, must remove users from group first.",
        Noun::AccessKey => "Cannot delete entity, must delete access keys first.",
        Noun::Logon => "Cannot delete entity, must delete login profile first.",
        Noun::Factor => "Cannot delete entity, must delete MFA device first.",
        Noun::Key
        | Noun::Grant
        | Noun::KeyVersion
        | Noun::Alias
        | Noun::User
        | Noun::Group
        | Noun::Role
        | Noun::Policy
        | Noun::KeyPolicy
        | Noun::Region
        | Noun::Tag
        | Noun::Service
        | Noun::Instance
        | Noun::Resource => "Cannot delete entity, must remove referenced objects first.",
    }
}

/// Which quota is used up.
pub(super) fn exceeded(noun: Noun, error: &Error) -> Cow<'_, str> {
    let rules = &rules::IDENTITY;
    let quota = |name: &str, most: usize| format!("Cannot exceed quota for {name}: {most}").into();
    match noun {
        Noun::AccessKey => quota("AccessKeysPerUser", rules.max_access_keys),
        Noun::Membership => quota("GroupsPerUser", rules.max_groups),
        Noun::Attachment => quota(Holder::of(error).quota(), rules.max_attached),
        Noun::PolicyVersion => format!(
            "A managed policy can have up to {} versions. Before you create a new version, you must delete an existing \
             version.",
            rules.max_policy_versions
        )
        .into(),
        Noun::InlinePolicy => {
            let [user, group, role] = rules.max_inline;
            let holder = Holder::of(error);
            let most = match holder {
                Holder::User => user,
                Holder::Group => group,
                Holder::Role => role,
            };
            let name = error.subject().unwrap_or_default();
            format!("Maximum policy size of {most} bytes exceeded for {} {name}", holder.name()).into()
        }
        Noun::KeyVersion => format!(
            "The on-demand rotations limit has been reached for the given keyId. No more on-demand rotations can be \
             performed for this key: {}",
            error.subject().unwrap_or_default()
        )
        .into(),
        Noun::Key
        | Noun::Grant
        | Noun::Alias
        | Noun::User
        | Noun::Group
        | Noun::Role
        | Noun::Policy
        | Noun::Logon
        | Noun::Factor
        | Noun::KeyPolicy
        | Noun::Region
        | Noun::Tag
        | Noun::Service
        | Noun::Instance
        | Noun::Resource => explained(error),
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
    fn of(error: &Error) -> Self {
        match error.whose() {
            Some(Noun::Group) => Self::Group,
            Some(Noun::Role) => Self::Role,
            _ => Self::User,
        }
    }

    fn name(self) -> &'static str {
        match self {
            Self::User => "user",
            Self::Group => "group",
            Self::Role => "role",
        }
    }

    fn quota(self) -> &'static str {
        match self {
            Self::User => "PoliciesPerUser",
            Self::Group => "PoliciesPerGroup",
            Self::Role => "PoliciesPerRole",
        }
    }
}
