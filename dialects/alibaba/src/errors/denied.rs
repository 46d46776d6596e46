//! Denials: which kind of policy refused whom, as the callers of this cloud are told.
//!
//! Follows the RAM document "Diagnose permission errors".

use polykms_core::denial::Denial;
use polykms_core::policy::{Decision, Layer, Verdict};
use serde_json::{Map, Value};

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
        ("PolicyType", policy_type(denial)),
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

/// The kind of policy that refused.
pub(crate) fn policy_type(denial: &Denial) -> &'static str {
    match refusing(&denial.decision) {
        Layer::Control => "ControlPolicy",
        Layer::Session => "SessionPolicy",
        Layer::Resource if denial.assume_role => "AssumeRolePolicy",
        Layer::Resource | Layer::ResourceControl | Layer::Endpoint | Layer::Grants | Layer::Service => {
            "ResourceBasedPolicy"
        }
        Layer::IdentityGroup => "ResourceGroupLevelIdentityBasedPolicy",
        Layer::Identity | Layer::Boundary => "AccountLevelIdentityBasedPolicy",
    }
}

#[cfg(test)]
#[allow(clippy::unwrap_used, clippy::expect_used, clippy::indexing_slicing, clippy::panic, reason = "tests")]
mod tests {
    use polykms_core::policy::{Blocker, LayerName};

    use super::*;

    #[test]
    fn a_denial_tells_the_caller_of_itself_and_the_kind_of_policy() {
        let word = "";
        let blocker = |layer| Blocker { layer: LayerName { layer, word }, rule: None, level: None };
        let denial = |action, principal: &str, layers: &[Layer]| Denial {
            principal: principal.into(),
            account: "1".into(),
            action,
            resource: "acs:kms:r:1:key/k".into(),
            assume_role: action == "sts:AssumeRole",
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
}
