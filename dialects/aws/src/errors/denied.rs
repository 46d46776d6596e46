//! Refusals in the words of "Access denied error messages".
//!
//! Follows "Troubleshoot access denied error messages" of the IAM User Guide.

use std::borrow::Cow;

use polykms_core::denial::Denial;
use polykms_core::error::{Cause, Error};
use polykms_core::policy::{Layer, Verdict};

use super::{explained, sts};
use crate::resource;

/// The actions whose denials do not say `on resource: *`.
const WITHOUT_RESOURCE: [&str; 3] = ["kms:TagResource", "sts:DecodeAuthorizationMessage", "tag:GetResources"];

/// A refusal in the words of "Access denied error messages".
pub(super) fn text(error: &Error) -> Cow<'_, str> {
    error.denial().map_or_else(|| without_policy(error), |denial| by_policy(denial).into())
}

/// A refusal that no policy is to blame for.
fn without_policy(error: &Error) -> Cow<'_, str> {
    match error.cause() {
        Some(Cause::ByOwner) => sts::BY_OWNER.into(),
        Some(Cause::FromSession) => sts::FROM_SESSION.into(),
        Some(Cause::ChangesVendors) => "Cannot update policies outside your own account.".into(),
        Some(Cause::RemovesVendors) => "Cannot delete policies outside your own account.".into(),
        Some(Cause::RemovesVendorsVersion) => {
            "Cannot delete policy versions for policies outside your own account.".into()
        }
        _ => explained(error),
    }
}

fn by_policy(denial: &Denial) -> String {
    let Denial { principal, action, resource, assume_role, by_ciphertext, .. } = denial;
    // The only question whose refusal gives no reason.
    if *assume_role {
        return format!("User: {principal} is not authorized to perform: {action} on resource: {resource}");
    }
    let thing = match by_ciphertext {
        // Recorded answers name no resource here.
        _ if resource == "*" && WITHOUT_RESOURCE.contains(action) => Cow::Borrowed(""),
        true => Cow::Borrowed(" on the resource associated with this ciphertext"),
        false => Cow::Owned(format!(" on resource: {resource}")),
    };
    format!("User: {principal} is not authorized to perform: {action}{thing} {}", cause(denial))
}

fn cause(denial: &Denial) -> String {
    let Denial { action, by_ciphertext, cross_account, exists, decision, .. } = denial;
    let layer = blamed(denial);
    let hidden = !exists || (layer == Blamed::Resource && (*by_ciphertext || *cross_account));
    let (article, kind) = layer.kind();
    match decision.verdict {
        // Nobody learns from a refusal whether a key that is not theirs exists.
        _ if hidden && resource::is_of_kms(&denial.resource) => {
            "because the resource does not exist in this Region, no resource-based policies allow access, or a \
             resource-based policy explicitly denies access"
                .to_owned()
        }
        Verdict::ExplicitDeny => {
            let policy = denial.denied_by.as_ref().filter(|_| layer == Blamed::Identity);
            let policy = policy.map(|arn| format!(": {arn}")).unwrap_or_default();
            format!("with an explicit deny in {article} {kind}{policy}")
        }
        Verdict::Allow | Verdict::ImplicitDeny => format!("because no {kind} allows the {action} action"),
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
    /// What it is called, behind its article.
    fn kind(self) -> (&'static str, &'static str) {
        match self {
            Self::Control => ("a", "service control policy"),
            Self::ResourceControl => ("a", "resource control policy"),
            Self::Endpoint => ("a", "VPC endpoint policy"),
            Self::Resource => ("a", "resource-based policy"),
            Self::Boundary => ("a", "permissions boundary"),
            Self::Session => ("a", "session policy"),
            Self::Identity => ("an", "identity-based policy"),
        }
    }
}

/// The policy to blame. Of a resource that cannot have a policy, the caller's own policies are.
fn blamed(denial: &Denial) -> Blamed {
    let has_policy = denial.assume_role || resource::is_key(&denial.resource);
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
mod tests {
    use polykms_core::error::Kind;
    use polykms_core::policy::{Blocker, Decision, LayerName, Reason};

    use super::super::{Words, words};
    use super::*;

    const KEY: &str = "arn:aws:kms:us-east-1:111122223333:key/1234abcd-12ab-34cd-56ef-1234567890ab";
    const ALICE: &str = "arn:aws:iam::111122223333:user/alice";

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
            assume_role: false,
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
        let Words { status, code, message } = words(&error, "kms");
        assert_eq!((status, code), (400, "AccessDeniedException"));
        assert_eq!(words(&error, "iam"), Words { status: 403, code: "AccessDenied", message: message.clone() });
        message.into_owned()
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
}
