//! Policy documents that are refused.

use std::borrow::Cow;

use polykms_core::error::Error;
use polykms_core::policy::{Element, Fault, KeyFamily, RefusalCode};

use super::explained;

const TAG: KeyFamily = KeyFamily::of("aws:RequestTag/");

/// What is wrong with the policy of a key.
pub(super) fn of_key(error: &Error) -> Cow<'_, str> {
    let Some(refusal) = error.refusal().filter(|refusal| refusal.code == RefusalCode::OverlyPermissiveCondition) else {
        return explained(error);
    };
    let what = if refusal.fault == Some(Fault::Key(TAG)) { "tag" } else { "encryption context" };
    format!(
        "OverlyPermissiveCondition: Using the ForAllValues set operator with a single-valued condition key matches \
         requests without the specified {what} or with an unspecified {what}. To fix, remove ForAllValues."
    )
    .into()
}

const SYNTAX: &str = "Syntax errors in policy.";

/// What is wrong with a policy document of an identity.
pub(super) fn of_identity(error: &Error) -> Cow<'_, str> {
    let Some(refusal) = error.refusal() else { return explained(error) };
    match refusal.code {
        RefusalCode::Syntax | RefusalCode::TooDeep | RefusalCode::DuplicateMember => {
            "This policy contains invalid Json".into()
        }
        RefusalCode::UnknownElement => unknown(refusal.fault).into(),
        RefusalCode::MissingElement => missing(refusal.fault).into(),
        RefusalCode::Version => "The policy must contain a valid version string".into(),
        RefusalCode::Action if refusal.fault == Some(Fault::Forbidden) => {
            "AssumeRole policy may only specify STS AssumeRole actions.".into()
        }
        RefusalCode::Action | RefusalCode::KeyWithoutPrefix => {
            "Actions/Conditions must be prefaced by a vendor, e.g., iam, sdb, ec2, etc.".into()
        }
        RefusalCode::Identifier => {
            "Statement IDs (SID) must be alpha-numeric. Check that your input satisfies the regular expression \
             [0-9A-Za-z]*"
                .into()
        }
        RefusalCode::DuplicateIdentifier => "Statement IDs (SID) in a single policy must be unique.".into(),
        RefusalCode::Resource | RefusalCode::Principal | RefusalCode::Operator => {
            format!("{SYNTAX} {}", error.why()).into()
        }
        RefusalCode::Characters
        | RefusalCode::Kind
        | RefusalCode::ConflictingElements
        | RefusalCode::WrongType
        | RefusalCode::Effect
        | RefusalCode::OverlyPermissiveCondition => SYNTAX.into(),
    }
}

fn unknown(fault: Option<Fault>) -> &'static str {
    match fault {
        Some(Fault::Element(Element::Principal | Element::NotPrincipal)) => {
            "Policy document should not specify a principal."
        }
        Some(Fault::Element(Element::Resource | Element::NotResource)) => "Has prohibited field Resource",
        Some(Fault::Element(Element::Action | Element::NotAction) | Fault::Forbidden | Fault::Key(_)) | None => SYNTAX,
    }
}

fn missing(fault: Option<Fault>) -> &'static str {
    match fault {
        Some(Fault::Element(Element::Resource)) => "Policy statement must contain resources.",
        Some(Fault::Element(Element::Action)) => "Policy statement must contain actions.",
        Some(Fault::Element(Element::Principal)) => "Missing required field Principal",
        Some(
            Fault::Element(Element::NotPrincipal | Element::NotAction | Element::NotResource)
            | Fault::Forbidden
            | Fault::Key(_),
        )
        | None => SYNTAX,
    }
}
