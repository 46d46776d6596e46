//! The one place where errors get their AWS code, status and text.
//!
//! Follows the errors of the service models, "Common Errors" of the API references, and "Access denied error messages" of
//! the IAM User Guide. Services that speak JSON and services that speak the query protocol have codes of their own.
//!
//! An operation that the vendor has and that is not built here answers `UnsupportedOperationException` in JSON. The query
//! protocol has no such code; its answer is `UnsupportedOperation`, which is no error of the IAM and STS models, so that it
//! cannot be taken for `InvalidAction`, an operation that does not exist.
//!
//! Where no answer of AWS was recorded and no page gives a text, the words are our own; they are not to be relied on.

use std::borrow::Cow;

use polykms_core::denial::Denial;
use polykms_core::dialect::{Format, Voice};
use polykms_core::error::{AuthFlaw, Error, Flaw, Kind, Noun, StateFlaw};
use polykms_core::identity::assume;
use polykms_core::policy::{Layer, RefusalCode, Verdict};

use crate::{resource, rules};

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

/// An error in the words of the service and operation that was asked.
pub(crate) fn words<'e>(error: &'e Error, voice: &Voice, operation: &str) -> Words<'e> {
    let about = error.subject().unwrap_or_default();
    let (json, query, text): (Code, Code, Cow<'e, str>) = match error.kind() {
        Kind::Unauthenticated(flaw) => unauthenticated(flaw),
        Kind::AccessDenied => ((400, "AccessDeniedException"), (403, "AccessDenied"), denied(error)),
        Kind::Invalid(_) => ((400, "ValidationException"), (400, "ValidationError"), invalid(error)),
        Kind::InvalidArn => {
            ((400, "InvalidArnException"), (400, "ValidationError"), format!("Invalid arn {about}").into())
        }
        Kind::InvalidAlias => (
            (400, "InvalidAliasNameException"),
            (400, "ValidationError"),
            format!("Alias name {about} is reserved for AWS managed keys.").into(),
        ),
        Kind::InvalidTag => ((400, "TagException"), (400, "InvalidInput"), explained(error)),
        Kind::InvalidMarker => ((400, "InvalidMarkerException"), (400, "ValidationError"), "Invalid Marker.".into()),
        Kind::MalformedPolicy => {
            let text = match voice.format {
                Format::Json => malformed_key_policy(error),
                Format::Xml => malformed(error),
            };
            ((400, "MalformedPolicyDocumentException"), malformed_code(about, operation), text)
        }
        Kind::UnknownPrincipal => (
            (400, "MalformedPolicyDocumentException"),
            (400, "MalformedPolicyDocument"),
            match voice.format {
                Format::Json => "Policy contains a statement with one or more invalid principals.".into(),
                Format::Xml => format!("Invalid principal in policy: \"AWS\":\"{about}\"").into(),
            },
        ),
        Kind::PolicyLockout => (
            (400, "MalformedPolicyDocumentException"),
            (400, "MalformedPolicyDocument"),
            "The new key policy will not allow you to update the key policy in the future.".into(),
        ),
        Kind::Unreadable => ((400, "SerializationException"), (400, "MalformedInput"), "".into()),
        Kind::UnknownOperation => ((400, "UnknownOperationException"), (400, "InvalidAction"), explained(error)),
        Kind::Unsupported => (
            (400, "UnsupportedOperationException"),
            (400, "UnsupportedOperation"),
            format!("{about} is not supported: {}", error.why()).into(),
        ),
        Kind::NotApplicable => ((400, "UnsupportedOperationException"), (400, "InvalidInput"), explained(error)),
        Kind::NotFound(noun) => ((400, "NotFoundException"), (404, "NoSuchEntity"), not_found(noun, error, operation)),
        Kind::AlreadyExists(noun) => {
            ((400, "AlreadyExistsException"), (409, "EntityAlreadyExists"), already_exists(noun, about))
        }
        Kind::DeleteConflict(noun) => {
            ((400, "ConflictException"), (409, "DeleteConflict"), in_the_way(noun, about).into())
        }
        // The tags of a key have an error of their own.
        Kind::LimitExceeded(Noun::Resource) => ((400, "TagException"), (409, "LimitExceeded"), "Too many tags".into()),
        Kind::LimitExceeded(_) if voice.service == "sts" => (
            (400, "LimitExceededException"),
            (400, "PackedPolicyTooLarge"),
            "Packed policy consumes more than 100% of allotted space, please use smaller policy.".into(),
        ),
        Kind::LimitExceeded(noun) => {
            ((400, "LimitExceededException"), (409, "LimitExceeded"), exceeded(noun, error, operation))
        }
        Kind::InvalidState(flaw) => in_state(flaw, about),
        Kind::InvalidCiphertext => ((400, "InvalidCiphertextException"), (400, "InvalidInput"), "".into()),
        Kind::IncorrectKey => (
            (400, "IncorrectKeyException"),
            (400, "InvalidInput"),
            "The key ID in the request does not identify a CMK that can perform this operation.".into(),
        ),
        Kind::InvalidUsage => ((400, "InvalidKeyUsageException"), (400, "InvalidInput"), explained(error)),
        Kind::DryRun => (
            (400, "DryRunOperationException"),
            (400, "InvalidInput"),
            "The request would have succeeded, but the DryRun option is set.".into(),
        ),
        // KMS models no conflict for most operations; SDKs try again after its status 500.
        Kind::Conflict => (
            (500, "DependencyTimeoutException"),
            (409, "ConcurrentModification"),
            "The request was rejected because multiple requests to change this object were submitted simultaneously."
                .into(),
        ),
        Kind::InvalidAuthorizationMessage => (
            (400, "InvalidAuthorizationMessageException"),
            (400, "InvalidAuthorizationMessageException"),
            "Message is not valid".into(),
        ),
        Kind::InvalidGrantToken => ((400, "InvalidGrantTokenException"), (400, "InvalidInput"), "".into()),
        Kind::TooLarge => (
            (413, "RequestEntityTooLargeException"),
            (413, "RequestEntityTooLarge"),
            "The request is larger than allowed.".into(),
        ),
        Kind::Internal => (
            (500, if voice.service == "kms" { "KMSInternalException" } else { "InternalFailure" }),
            (500, if voice.service == "iam" { "ServiceFailure" } else { "InternalFailure" }),
            "The request processing has failed because of an unknown error, exception or failure.".into(),
        ),
    };
    let (status, code) = match voice.format {
        Format::Json => json,
        Format::Xml => query,
    };
    let message = error.vendor_message().map_or(text, Cow::Borrowed);
    Words { status, code, message }
}

fn unauthenticated(flaw: AuthFlaw) -> (Code, Code, Cow<'static, str>) {
    const INVALID_TOKEN: &str = "The security token included in the request is invalid.";
    const MISMATCH: &str = "The request signature we calculated does not match the signature you provided. Check your \
                            AWS Secret Access Key and signing method. Consult the service documentation for details.";
    let incomplete = ((400, "IncompleteSignatureException"), (400, "IncompleteSignature"));
    let mismatch = ((400, "InvalidSignatureException"), (403, "SignatureDoesNotMatch"));
    let unknown = ((400, "UnrecognizedClientException"), (403, "InvalidClientTokenId"));
    let ((json, query), text) = match flaw {
        AuthFlaw::Missing => (
            ((400, "MissingAuthenticationTokenException"), (403, "MissingAuthenticationToken")),
            "Request is missing Authentication Token",
        ),
        AuthFlaw::Incomplete | AuthFlaw::DateFormat | AuthFlaw::Method => {
            (incomplete, "The request signature does not conform to AWS standards.")
        }
        AuthFlaw::UnknownAccessKey | AuthFlaw::InactiveAccessKey | AuthFlaw::TokenMissing | AuthFlaw::TokenInvalid => {
            (unknown, INVALID_TOKEN)
        }
        AuthFlaw::Mismatch | AuthFlaw::Replayed => (mismatch, MISMATCH),
        AuthFlaw::Expired => (mismatch, "Signature expired."),
        AuthFlaw::TokenExpired => (
            ((400, "ExpiredTokenException"), (403, "ExpiredToken")),
            "The security token included in the request is expired",
        ),
    };
    (json, query, text.into())
}

fn in_state(flaw: StateFlaw, arn: &str) -> (Code, Code, Cow<'static, str>) {
    let invalid: Code = (400, "KMSInvalidStateException");
    let (code, text) = match flaw {
        StateFlaw::Disabled => ((400, "DisabledException"), "is disabled."),
        StateFlaw::PendingDeletion => (invalid, "is pending deletion."),
        StateFlaw::PendingImport => (invalid, "is pending import."),
        StateFlaw::Unavailable => (invalid, "is unavailable."),
        StateFlaw::NotPendingDeletion => (invalid, "is not pending deletion."),
        StateFlaw::Transition => (invalid, "is not in a state that allows this operation."),
    };
    (code, (400, "InvalidInput"), format!("{arn} {text}").into())
}

fn not_found<'e>(noun: Noun, error: &'e Error, operation: &str) -> Cow<'e, str> {
    let about = error.subject().unwrap_or_default();
    // The core names a policy; AWS wants its ARN.
    let policy = error.resource().filter(|arn| arn.contains(":policy/")).unwrap_or(about);
    match noun {
        Noun::Key => format!("Key '{about}' does not exist").into(),
        Noun::Alias => format!("Alias {about} is not found.").into(),
        Noun::Region => format!("Invalid arn {}", resource::region_of(about)).into(),
        Noun::KeyPolicy => "No such policy exists".into(),
        Noun::KeyVersion => format!("Key material {about} does not exist").into(),
        Noun::User => format!("The user with name {about} cannot be found.").into(),
        Noun::Group => format!("The group with name {about} cannot be found.").into(),
        Noun::Role => format!("The role with name {about} cannot be found.").into(),
        Noun::Policy if operation.starts_with("Attach") => {
            format!("Policy {policy} does not exist or is not attachable.").into()
        }
        Noun::Policy | Noun::Attachment => format!("Policy {policy} was not found.").into(),
        Noun::PolicyVersion => format!("Policy {policy} version {about} does not exist or is not attachable.").into(),
        Noun::InlinePolicy => format!("The {} policy with name {about} cannot be found.", holder(error)).into(),
        Noun::Membership => format!("The user with name {about} cannot be found.").into(),
        Noun::AccessKey => format!("The Access Key with id {about} cannot be found.").into(),
        Noun::Resource => explained(error),
    }
}

fn already_exists(noun: Noun, about: &str) -> Cow<'static, str> {
    let text = match noun {
        Noun::Alias => format!("An alias with the name {about} already exists"),
        Noun::User => format!("User with name {about} already exists."),
        Noun::Group => format!("Group with name {about} already exists."),
        Noun::Role => format!("Role with name {about} already exists."),
        Noun::Policy => format!("A policy called {about} already exists. Duplicate names are not allowed."),
        Noun::Key
        | Noun::KeyVersion
        | Noun::KeyPolicy
        | Noun::Region
        | Noun::PolicyVersion
        | Noun::InlinePolicy
        | Noun::Attachment
        | Noun::Membership
        | Noun::AccessKey
        | Noun::Resource => format!("{about} already exists"),
    };
    text.into()
}

/// Whether it is a user, a group or a role that an error about policies is about.
fn holder(error: &Error) -> &'static str {
    let relative = error.resource().and_then(|arn| arn.splitn(6, ':').nth(5)).unwrap_or_default();
    match relative.split('/').next() {
        Some("group") => "group",
        Some("role") => "role",
        _ => "user",
    }
}

/// What keeps something from being removed.
fn in_the_way(noun: Noun, about: &str) -> &'static str {
    match (noun, about) {
        (Noun::User | Noun::Group | Noun::Role, "policy") => "Cannot delete a policy attached to entities.",
        (Noun::PolicyVersion, "policy") => {
            "This policy has more than one version. Before you delete a policy, you must delete the policy's versions. \
             The default version is deleted with the policy."
        }
        (Noun::PolicyVersion, _) => "Cannot delete the default version of a policy.",
        (Noun::Attachment, _) => "Cannot delete entity, must detach all policies first.",
        (Noun::InlinePolicy, _) => "Cannot delete entity, must delete policies first.",
        (Noun::Membership, _) => "Cannot delete entity, must remove users from group first.",
        (Noun::AccessKey, _) => "Cannot delete entity, must delete access keys first.",
        _ => "Cannot delete entity, must remove referenced objects first.",
    }
}

/// Which quota is used up.
fn exceeded<'e>(noun: Noun, error: &'e Error, operation: &str) -> Cow<'e, str> {
    let rules = &rules::IDENTITY;
    let quota = |name: &str, most: usize| Cow::Owned(format!("Cannot exceed quota for {name}: {most}"));
    match noun {
        Noun::AccessKey => quota("AccessKeysPerUser", rules.max_access_keys),
        Noun::Membership => quota("GroupsPerUser", rules.max_groups),
        Noun::Attachment if operation.contains("Group") => quota("PoliciesPerGroup", rules.max_attached),
        Noun::Attachment if operation.contains("Role") => quota("PoliciesPerRole", rules.max_attached),
        Noun::Attachment => quota("PoliciesPerUser", rules.max_attached),
        Noun::PolicyVersion => format!(
            "A managed policy can have up to {} versions. Before you create a new version, you must delete an existing \
             version.",
            rules.max_policy_versions
        )
        .into(),
        Noun::InlinePolicy => {
            let [user, group, role] = rules.max_inline;
            let kind = holder(error);
            let most = match kind {
                "group" => group,
                "role" => role,
                _ => user,
            };
            let name = error.subject().unwrap_or_default();
            format!("Maximum policy size of {most} bytes exceeded for {kind} {name}").into()
        }
        _ => explained(error),
    }
}

/// What is wrong with a parameter that the core looked at.
fn invalid(error: &Error) -> Cow<'_, str> {
    match (error.why(), error.kind(), error.subject()) {
        (assume::TOO_LONG_FOR_ROLE, _, _) => {
            "The requested DurationSeconds exceeds the MaxSessionDuration set for this role.".into()
        }
        (assume::TOO_LONG_FOR_CHAIN, _, _) => {
            "The requested DurationSeconds exceeds the 1 hour session limit for roles assumed by role chaining".into()
        }
        (_, Kind::Invalid(Flaw::Missing), Some("UserName")) => {
            "Must specify userName when calling with non-User credentials".into()
        }
        _ => explained(error),
    }
}

/// The simulator has codes of its own: one for documents of the request, one for a stored policy, which has a name.
fn malformed_code(about: &str, operation: &str) -> Code {
    match operation.starts_with("Simulate") || operation.starts_with("GetContextKeys") {
        false => (400, "MalformedPolicyDocument"),
        true if about.is_empty() => (400, "InvalidInput"),
        true => (500, "PolicyEvaluation"),
    }
}

/// What is wrong with the policy of a key.
fn malformed_key_policy(error: &Error) -> Cow<'_, str> {
    if error.refusal() != Some(RefusalCode::OverlyPermissiveCondition) {
        return explained(error);
    }
    let tag = error.why().to_ascii_lowercase().contains("aws:requesttag/");
    let what = if tag { "tag" } else { "encryption context" };
    format!(
        "OverlyPermissiveCondition: Using the ForAllValues set operator with a single-valued condition key matches \
         requests without the specified {what} or with an unspecified {what}. To fix, remove ForAllValues."
    )
    .into()
}

/// What is wrong with a policy document of an identity.
fn malformed(error: &Error) -> Cow<'_, str> {
    let syntax = Cow::Borrowed("Syntax errors in policy.");
    let has = |name: &str| error.why().contains(&format!("`{name}`"));
    match error.refusal() {
        None => explained(error),
        Some(RefusalCode::Syntax | RefusalCode::TooDeep | RefusalCode::DuplicateMember) => {
            "This policy contains invalid Json".into()
        }
        Some(RefusalCode::UnknownElement) if has("Principal") || has("NotPrincipal") => {
            "Policy document should not specify a principal.".into()
        }
        Some(RefusalCode::UnknownElement) if has("Resource") || has("NotResource") => {
            "Has prohibited field Resource".into()
        }
        Some(RefusalCode::MissingElement) if has("Resource") => "Policy statement must contain resources.".into(),
        Some(RefusalCode::MissingElement) if has("Action") => "Policy statement must contain actions.".into(),
        Some(RefusalCode::MissingElement) if has("Principal") => "Missing required field Principal".into(),
        Some(RefusalCode::Version) => "The policy must contain a valid version string".into(),
        Some(RefusalCode::Action) if error.why().contains("not allowed here") => {
            "AssumeRole policy may only specify STS AssumeRole actions.".into()
        }
        Some(RefusalCode::Action | RefusalCode::KeyWithoutPrefix) => {
            "Actions/Conditions must be prefaced by a vendor, e.g., iam, sdb, ec2, etc.".into()
        }
        Some(RefusalCode::Identifier) => {
            "Statement IDs (SID) must be alpha-numeric. Check that your input satisfies the regular expression \
             [0-9A-Za-z]*"
                .into()
        }
        Some(RefusalCode::DuplicateIdentifier) => "Statement IDs (SID) in a single policy must be unique.".into(),
        Some(RefusalCode::Resource | RefusalCode::Principal | RefusalCode::Operator) => {
            format!("{syntax} {}", error.why()).into()
        }
        Some(
            RefusalCode::Characters
            | RefusalCode::Kind
            | RefusalCode::UnknownElement
            | RefusalCode::MissingElement
            | RefusalCode::ConflictingElements
            | RefusalCode::WrongType
            | RefusalCode::Effect
            | RefusalCode::OverlyPermissiveCondition,
        ) => syntax,
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

/// The actions whose denials do not say `on resource: *`.
const WITHOUT_RESOURCE: [&str; 2] = ["kms:TagResource", "sts:DecodeAuthorizationMessage"];

/// A refusal in the words of "Access denied error messages".
fn denied(error: &Error) -> Cow<'_, str> {
    let Some(denial) = error.denial() else {
        return match error.why() {
            assume::NOT_BY_OWNER => "Roles may not be assumed by root accounts.".into(),
            assume::NOT_FROM_SESSION => "Cannot call GetSessionToken with session credentials".into(),
            _ => explained(error),
        };
    };
    let Denial { principal, action, resource, by_ciphertext, .. } = denial;
    // The only action whose message gives no reason.
    if *action == "sts:AssumeRole" {
        return format!("User: {principal} is not authorized to perform: {action} on resource: {resource}").into();
    }
    let thing = match by_ciphertext {
        // Recorded answers name no resource here.
        _ if resource == "*" && WITHOUT_RESOURCE.contains(action) => Cow::Borrowed(""),
        true => Cow::Borrowed(" on the resource associated with this ciphertext"),
        false => Cow::Owned(format!(" on resource: {resource}")),
    };
    format!("User: {principal} is not authorized to perform: {action}{thing} {}", cause(denial)).into()
}

fn cause(denial: &Denial) -> String {
    let Denial { action, by_ciphertext, cross_account, exists, decision, .. } = denial;
    let layer = blamed(denial);
    let hidden = !exists || (layer == Blamed::Resource && (*by_ciphertext || *cross_account));
    match (layer.kind(), decision.verdict) {
        // Nobody learns from a refusal whether a key that is not theirs exists.
        _ if hidden && resource::is_of_kms(&denial.resource) => {
            "because the resource does not exist in this Region, no resource-based policies allow access, or a \
             resource-based policy explicitly denies access"
                .to_owned()
        }
        (kind, Verdict::ExplicitDeny) => {
            let policy = denial.denied_by.as_ref().filter(|_| layer == Blamed::Identity);
            let policy = policy.map(|arn| format!(": {arn}")).unwrap_or_default();
            format!("with an explicit deny in {}{policy}", article(kind))
        }
        (kind, Verdict::Allow | Verdict::ImplicitDeny) => format!("because no {kind} allows the {action} action"),
    }
}

/// The kind of policy that a message names.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Blamed {
    Control,
    ResourceControl,
    Endpoint,
    Resource,
    Boundary,
    Session,
    Identity,
}

impl Blamed {
    fn kind(self) -> &'static str {
        match self {
            Self::Control => "service control policy",
            Self::ResourceControl => "resource control policy",
            Self::Endpoint => "VPC endpoint policy",
            Self::Resource => "resource-based policy",
            Self::Boundary => "permissions boundary",
            Self::Session => "session policy",
            Self::Identity => "identity-based policy",
        }
    }
}

fn article(kind: &str) -> String {
    let article = if kind.starts_with('i') { "an" } else { "a" };
    format!("{article} {kind}")
}

/// The policy to blame. Of a resource that cannot have a policy, the caller's own policies are.
fn blamed(denial: &Denial) -> Blamed {
    let has_policy = resource::is_key(&denial.resource) || denial.action.starts_with("sts:") && denial.resource != "*";
    match denial.decision.blamed() {
        Layer::Control => Blamed::Control,
        Layer::ResourceControl => Blamed::ResourceControl,
        Layer::Endpoint => Blamed::Endpoint,
        Layer::Boundary => Blamed::Boundary,
        Layer::Session => Blamed::Session,
        Layer::Resource | Layer::Grants | Layer::Service if has_policy => Blamed::Resource,
        Layer::Resource | Layer::Grants | Layer::Service | Layer::Identity | Layer::IdentityGroup => Blamed::Identity,
    }
}

#[cfg(test)]
#[allow(clippy::unwrap_used, clippy::expect_used, clippy::indexing_slicing, clippy::panic, reason = "tests")]
mod golden;

#[cfg(test)]
#[allow(clippy::unwrap_used, clippy::expect_used, clippy::indexing_slicing, clippy::panic, reason = "tests")]
mod tests {
    use polykms_core::policy::{Blocker, Decision, LayerName, Reason};

    use super::*;

    const KMS: Voice = Voice { service: "kms", format: Format::Json, dry_run: false };
    const IAM: Voice = Voice { service: "iam", format: Format::Xml, dry_run: false };
    const KEY: &str = "arn:aws:kms:us-east-1:111122223333:key/1234abcd-12ab-34cd-56ef-1234567890ab";
    const ALICE: &str = "arn:aws:iam::111122223333:user/alice";

    fn said(error: &Error, voice: &Voice) -> (u16, &'static str, String) {
        let Words { status, code, message } = words(error, voice, "");
        (status, code, message.into_owned())
    }

    fn decision(verdict: Verdict, layer: Layer) -> Decision {
        let layer = LayerName { layer, word: "" };
        let reason = Reason {
            layer,
            policy: "p".to_owned(),
            statement: "#0".to_owned(),
            pointer: "/Statement/0".to_owned(),
            place: 0,
        };
        let (deny_by, blocked_by) = match verdict {
            Verdict::ExplicitDeny => (vec![reason], Vec::new()),
            _ => (Vec::new(), vec![Blocker { layer, rule: None, level: None }]),
        };
        Decision { verdict, allow_by: Vec::new(), deny_by, blocked_by, near_miss: Vec::new() }
    }

    fn denial(verdict: Verdict, layer: Layer) -> Denial {
        Denial {
            principal: ALICE.to_owned(),
            account: "111122223333".to_owned(),
            action: "kms:Decrypt",
            resource: KEY.to_owned(),
            by_ciphertext: false,
            cross_account: false,
            exists: true,
            denied_by: None,
            encoded: None,
            decision: decision(verdict, layer),
        }
    }

    fn told(denial: Denial) -> String {
        let error = Kind::AccessDenied.because("").with_denial(denial);
        let (status, code, message) = said(&error, &KMS);
        assert_eq!((status, code), (400, "AccessDeniedException"));
        assert_eq!(said(&error, &IAM), (403, "AccessDenied", message.clone()));
        message
    }

    #[test]
    fn denials_name_the_policy_to_blame() {
        let start = format!("User: {ALICE} is not authorized to perform: kms:Decrypt on resource: {KEY}");
        for (layer, none, explicit) in [
            (Layer::Identity, "identity-based policy", "an identity-based policy"),
            (Layer::Resource, "resource-based policy", "a resource-based policy"),
            (Layer::Boundary, "permissions boundary", "a permissions boundary"),
            (Layer::Session, "session policy", "a session policy"),
            (Layer::Endpoint, "VPC endpoint policy", "a VPC endpoint policy"),
            (Layer::Control, "service control policy", "a service control policy"),
            (Layer::ResourceControl, "resource control policy", "a resource control policy"),
        ] {
            assert_eq!(
                told(denial(Verdict::ImplicitDeny, layer)),
                format!("{start} because no {none} allows the kms:Decrypt action")
            );
            assert_eq!(
                told(denial(Verdict::ExplicitDeny, layer)),
                format!("{start} with an explicit deny in {explicit}")
            );
        }
    }

    #[test]
    fn an_explicit_deny_of_a_managed_policy_names_it() {
        const POLICY: &str = "arn:aws:iam::111122223333:policy/no";
        let by = |layer| Denial { denied_by: Some(POLICY.to_owned()), ..denial(Verdict::ExplicitDeny, layer) };
        let end = format!("with an explicit deny in an identity-based policy: {POLICY}");
        assert!(told(by(Layer::Identity)).ends_with(&end));
        assert!(told(by(Layer::Resource)).ends_with("with an explicit deny in a resource-based policy"));
    }

    #[test]
    fn some_actions_are_denied_without_naming_a_resource() {
        for action in WITHOUT_RESOURCE {
            let denial = Denial { action, resource: "*".to_owned(), ..denial(Verdict::ImplicitDeny, Layer::Resource) };
            let expected = format!(
                "User: {ALICE} is not authorized to perform: {action} because no identity-based policy allows the \
                 {action} action"
            );
            assert_eq!(told(denial), expected);
        }
        let tagging = Denial { action: "kms:TagResource", ..denial(Verdict::ImplicitDeny, Layer::Identity) };
        assert!(told(tagging).contains(&format!("on resource: {KEY} because")));
    }

    #[test]
    fn a_resource_without_a_policy_is_not_blamed() {
        let denial = Denial {
            action: "kms:CreateKey",
            resource: "*".to_owned(),
            ..denial(Verdict::ImplicitDeny, Layer::Resource)
        };
        assert_eq!(
            told(denial),
            format!(
                "User: {ALICE} is not authorized to perform: kms:CreateKey on resource: * because no identity-based \
                 policy allows the kms:CreateKey action"
            )
        );
    }

    #[test]
    fn a_ciphertext_tells_nothing_about_its_key() {
        let start = format!(
            "User: {ALICE} is not authorized to perform: kms:Decrypt on the resource associated with this ciphertext"
        );
        let hidden = "because the resource does not exist in this Region, no resource-based policies allow access, or a \
                      resource-based policy explicitly denies access";
        let by_ciphertext = |verdict, layer, exists| Denial { by_ciphertext: true, exists, ..denial(verdict, layer) };
        let whole = format!("{start} {hidden}");
        assert_eq!(told(by_ciphertext(Verdict::ImplicitDeny, Layer::Resource, true)), whole);
        assert_eq!(told(by_ciphertext(Verdict::ExplicitDeny, Layer::Resource, true)), whole);
        assert_eq!(told(by_ciphertext(Verdict::ImplicitDeny, Layer::Resource, false)), whole);
        assert_eq!(told(by_ciphertext(Verdict::ImplicitDeny, Layer::Identity, false)), whole);
        assert_eq!(
            told(by_ciphertext(Verdict::ImplicitDeny, Layer::Identity, true)),
            format!("{start} because no identity-based policy allows the kms:Decrypt action")
        );
    }

    #[test]
    fn a_key_of_another_account_is_there_or_not() {
        let foreign = |exists| Denial { cross_account: true, exists, ..denial(Verdict::ImplicitDeny, Layer::Resource) };
        assert_eq!(told(foreign(true)), told(foreign(false)));
        assert!(told(foreign(true)).contains(&format!("on resource: {KEY} because the resource does not exist")));
    }

    #[test]
    fn look_ups_fail_in_the_recorded_words() {
        let about = |kind: Kind, subject: &str| said(&kind.about(subject), &KMS);
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
            (StateFlaw::NotPendingDeletion, "KMSInvalidStateException", "is not pending deletion."),
        ] {
            assert_eq!(said(&Kind::InvalidState(flaw).about(KEY), &KMS), (400, code, format!("{KEY} {text}")));
        }
    }

    #[test]
    fn some_errors_have_no_message() {
        for (kind, code) in [
            (Kind::InvalidCiphertext, "InvalidCiphertextException"),
            (Kind::Unreadable, "SerializationException"),
            (Kind::InvalidGrantToken, "InvalidGrantTokenException"),
        ] {
            assert_eq!(said(&kind.because("an inner reason"), &KMS), (400, code, String::new()));
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
            (Kind::Unsupported, (400, "UnsupportedOperationException"), (400, "UnsupportedOperation")),
            (Kind::Internal, (500, "KMSInternalException"), (500, "ServiceFailure")),
        ] {
            let error = kind.because("");
            let (status, code, _) = said(&error, &KMS);
            assert_eq!((status, code), json);
            let (status, code, _) = said(&error, &IAM);
            assert_eq!((status, code), query);
        }
    }

    #[test]
    fn an_inner_failure_keeps_its_reason_to_itself() {
        let (_, _, text) = said(&Kind::Internal.because("the disk said no").naming("secret"), &KMS);
        assert!(!text.contains("disk") && !text.contains("secret"));
    }

    #[test]
    fn identities_fail_in_the_words_of_the_vendor() {
        const USER: &str = "arn:aws:iam::111122223333:user/a";
        const GROUP: &str = "arn:aws:iam::111122223333:group/a";
        const POLICY: &str = "arn:aws:iam::111122223333:policy/x/p";
        let told = |error: Error, resource: &str, operation: &str| {
            let error = error.on(Some(resource.to_owned()));
            words(&error, &IAM, operation).message.into_owned()
        };
        let missing = |noun| Kind::NotFound(noun).about("p");
        let full = |noun| Kind::LimitExceeded(noun).about("a");
        for (error, resource, operation, text) in [
            (
                missing(Noun::Policy),
                POLICY,
                "AttachUserPolicy",
                "Policy arn:aws:iam::111122223333:policy/x/p does not exist or is not attachable.",
            ),
            (
                missing(Noun::Policy),
                POLICY,
                "DetachUserPolicy",
                "Policy arn:aws:iam::111122223333:policy/x/p was not found.",
            ),
            (
                missing(Noun::Attachment),
                POLICY,
                "DetachUserPolicy",
                "Policy arn:aws:iam::111122223333:policy/x/p was not found.",
            ),
            (missing(Noun::InlinePolicy), USER, "GetUserPolicy", "The user policy with name p cannot be found."),
            (missing(Noun::InlinePolicy), GROUP, "GetGroupPolicy", "The group policy with name p cannot be found."),
            (missing(Noun::AccessKey), USER, "DeleteAccessKey", "The Access Key with id p cannot be found."),
            (full(Noun::AccessKey), USER, "CreateAccessKey", "Cannot exceed quota for AccessKeysPerUser: 2"),
            (full(Noun::Membership), USER, "AddUserToGroup", "Cannot exceed quota for GroupsPerUser: 10"),
            (full(Noun::Attachment), POLICY, "AttachUserPolicy", "Cannot exceed quota for PoliciesPerUser: 10"),
            (full(Noun::Attachment), POLICY, "AttachGroupPolicy", "Cannot exceed quota for PoliciesPerGroup: 10"),
            (full(Noun::Attachment), POLICY, "AttachRolePolicy", "Cannot exceed quota for PoliciesPerRole: 10"),
            (
                full(Noun::InlinePolicy),
                GROUP,
                "PutGroupPolicy",
                "Maximum policy size of 5120 bytes exceeded for group a",
            ),
            (
                Kind::DeleteConflict(Noun::User).about("policy"),
                POLICY,
                "DeletePolicy",
                "Cannot delete a policy attached to entities.",
            ),
            (
                Kind::DeleteConflict(Noun::PolicyVersion).about("policy version"),
                POLICY,
                "DeletePolicyVersion",
                "Cannot delete the default version of a policy.",
            ),
            (
                Kind::DeleteConflict(Noun::Attachment).about("role"),
                USER,
                "DeleteRole",
                "Cannot delete entity, must detach all policies first.",
            ),
            (
                Kind::Invalid(Flaw::Value).because(assume::TOO_LONG_FOR_CHAIN),
                USER,
                "AssumeRole",
                "The requested DurationSeconds exceeds the 1 hour session limit for roles assumed by role chaining",
            ),
        ] {
            assert_eq!(told(error, resource, operation), text);
        }
    }

    #[test]
    fn what_is_not_built_says_so_by_name() {
        let error = Kind::Unsupported.because("rotation is not built yet").naming("EnableKeyRotation");
        let text = "EnableKeyRotation is not supported: rotation is not built yet".to_owned();
        assert_eq!(said(&error, &KMS), (400, "UnsupportedOperationException", text));
    }
}
