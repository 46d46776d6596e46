//! Policy documents that are refused.

use std::borrow::Cow;

use polykms_core::error::{Error, Kind};
use polykms_core::policy::{ActionFlaw, DocumentKind, Element, Fault, KeyFamily, NameFlaw, Refusal, RefusalCode};

use super::explained;

const TAG: KeyFamily = KeyFamily::of("aws:RequestTag/");

/// What is wrong with the policy of a key.
pub(super) fn of_key(error: &Error) -> Cow<'_, str> {
    let Some(refusal) = error.refusal() else { return explained(error) };
    match refusal.code {
        RefusalCode::OverlyPermissiveCondition => overly_permissive(refusal.fault).into(),
        RefusalCode::BarredKey => {
            "These condition keys are not permitted in a key policy: aws:ResourceTag, kms:ResourceTag, \
             kms:ResourceAliases"
                .into()
        }
        RefusalCode::Principal if matches!(refusal.fault, Some(Fault::Principal(_))) => INVALID_PRINCIPALS.into(),
        _ => explained(error),
    }
}

/// What is said of principals of the policy of a key that cannot be.
pub(super) const INVALID_PRINCIPALS: &str = "Policy contains a statement with one or more invalid principals.";

fn overly_permissive(fault: Option<Fault>) -> String {
    let what = if fault == Some(Fault::Key(TAG)) { "tag" } else { "encryption context" };
    format!(
        "OverlyPermissiveCondition: Using the ForAllValues set operator with a single-valued condition key matches \
         requests without the specified {what} or with an unspecified {what}. To fix, remove ForAllValues."
    )
}

const SYNTAX: &str = "Syntax errors in policy.";
const LEGACY: &str = "The policy failed legacy parsing";

/// What is wrong with a policy document of an identity.
pub(super) fn of_identity(error: &Error) -> Cow<'_, str> {
    let Some(refusal) = error.refusal() else { return explained(error) };
    let Refusal { code, fault, kind, .. } = refusal;
    let subject = refusal.subject.as_deref().unwrap_or_default();
    // The policy that says who may assume a role is read by a parser of its own, as are those that are only tried out.
    let other = *kind == Some(DocumentKind::Trust) || error.kind() == Kind::MalformedTrial;
    match code {
        RefusalCode::Syntax | RefusalCode::TooDeep | RefusalCode::DuplicateMember if other => {
            "This policy contains invalid Json".into()
        }
        RefusalCode::Version if *fault == Some(Fault::Old) => {
            "Policy document must be version 2012-10-17 or greater.".into()
        }
        RefusalCode::Version if *kind != Some(DocumentKind::Managed) => {
            "The policy must contain a valid version string".into()
        }
        RefusalCode::Effect if *fault == Some(Fault::Case) => LEGACY.into(),
        RefusalCode::Operand => LEGACY.into(),
        RefusalCode::UnknownElement => unknown(*fault).into(),
        RefusalCode::MissingElement => missing(*fault).into(),
        RefusalCode::Action => action(*fault, subject),
        RefusalCode::Resource => resource(*fault, subject).unwrap_or_else(|| told(error)),
        RefusalCode::Identifier => {
            "Statement IDs (SID) must be alpha-numeric. Check that your input satisfies the regular expression \
             [0-9A-Za-z]*"
                .into()
        }
        RefusalCode::DuplicateIdentifier => "Statement IDs (SID) in a single policy must be unique.".into(),
        RefusalCode::Principal => principal(*fault, subject).unwrap_or_else(|| told(error)),
        RefusalCode::Syntax
        | RefusalCode::TooDeep
        | RefusalCode::DuplicateMember
        | RefusalCode::Version
        | RefusalCode::Operator
        | RefusalCode::Characters
        | RefusalCode::Kind
        | RefusalCode::ConflictingElements
        | RefusalCode::WrongType
        | RefusalCode::Effect
        | RefusalCode::BarredKey
        | RefusalCode::OverlyPermissiveCondition => SYNTAX.into(),
    }
}

/// A fault of syntax with our own words behind those of the vendor.
fn told(error: &Error) -> Cow<'_, str> {
    format!("{SYNTAX} {}", error.why()).into()
}

const UNPREFIXED: &str = "Actions/Conditions must be prefaced by a vendor, e.g., iam, sdb, ec2, etc.";

fn action(fault: Option<Fault>, subject: &str) -> Cow<'static, str> {
    let vendor = subject.split(':').next().unwrap_or_default();
    match fault {
        Some(Fault::Forbidden) => "AssumeRole policy may only specify STS AssumeRole actions.".into(),
        Some(Fault::Action(ActionFlaw::Colons)) => "Actions/Condition can contain only one colon.".into(),
        Some(Fault::Action(ActionFlaw::Wildcard)) => {
            "Action vendors (e.g., aws, ec2, etc.) must not contain wildcards".into()
        }
        Some(Fault::Action(ActionFlaw::Service)) => format!("Vendor {vendor} is not valid").into(),
        _ => UNPREFIXED.into(),
    }
}

fn resource(fault: Option<Fault>, subject: &str) -> Option<Cow<'static, str>> {
    let Some(Fault::Name(flaw)) = fault else { return None };
    let of_iam = subject.split(':').nth(2) == Some("iam");
    Some(match flaw {
        NameFlaw::Scheme => format!("Resource {subject} must be in ARN format or \"*\".").into(),
        NameFlaw::Partition => {
            let (partition, name) = in_full(subject);
            format!("Partition \"{partition}\" is not valid for resource \"{name}\".").into()
        }
        NameFlaw::Service => "Resource vendor must be fully qualified and cannot contain regexes.".into(),
        NameFlaw::Region if of_iam => format!("IAM resource {subject} cannot contain region information.").into(),
        NameFlaw::Region => format!("Resource {subject} can not contain region information.").into(),
        NameFlaw::Beginning => "IAM resource path must either be \"*\", root, or start with user/, federated-user/, \
                                role/, group/, instance-profile/, mfa/, server-certificate/, policy/, sms-mfa/, \
                                saml-provider/, oidc-provider/, report/, access-report/."
            .into(),
        NameFlaw::Gap => LEGACY.into(),
        NameFlaw::Pattern | NameFlaw::Forbidden => return None,
    })
}

/// The partition of a name, and the name with all its segments: what is missing is anything.
fn in_full(name: &str) -> (&str, String) {
    let mut segments: Vec<&str> = name.splitn(6, ':').skip(1).collect();
    segments.resize(5, "*");
    (segments.first().copied().unwrap_or_default(), format!("arn:{}", segments.join(":")))
}

fn principal(fault: Option<Fault>, subject: &str) -> Option<Cow<'static, str>> {
    let Some(Fault::Principal(element)) = fault else { return None };
    Some(format!("Invalid principal in policy: \"{}\":\"{subject}\"", element.to_ascii_uppercase()).into())
}

fn unknown(fault: Option<Fault>) -> &'static str {
    match fault {
        Some(Fault::Element(Element::Principal | Element::NotPrincipal)) => {
            "Policy document should not specify a principal."
        }
        Some(Fault::Element(Element::Resource | Element::NotResource)) => "Has prohibited field Resource",
        _ => SYNTAX,
    }
}

fn missing(fault: Option<Fault>) -> &'static str {
    match fault {
        Some(Fault::Element(Element::Resource | Element::NotResource)) => "Policy statement must contain resources.",
        Some(Fault::Element(Element::Action | Element::NotAction)) => "Policy statement must contain actions.",
        Some(Fault::Element(Element::Principal)) => "Missing required field Principal",
        _ => SYNTAX,
    }
}

#[cfg(test)]
#[allow(clippy::unwrap_used, clippy::expect_used, clippy::indexing_slicing, clippy::panic, reason = "tests")]
#[path = "documents_tests.rs"]
mod tests;
