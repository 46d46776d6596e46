//! What DecodeDiagnosticMessage tells of a denial.
//!
//! Follows the RAM API reference, "DecodeDiagnosticMessage".

use polykms_core::denial::Denial;
use polykms_core::dialect::{Condition, Diagnosis, Matched};
use polykms_core::identity::{Holder, PolicySource};
use polykms_core::policy::{Layer, Verdict};
use serde_json::{Map, Value, json};

use crate::errors::{policy_type, principal_type};

/// The most characters of an encoded message: SDKs send it in the query.
pub(crate) const LONGEST: usize = 4096;

/// It is meant for the owner of the role alone.
const LEFT_OUT: &str = "sts:ExternalId";

/// The message in clear.
pub(crate) fn render(diagnosis: &Diagnosis<'_>) -> String {
    let Diagnosis { caller: _, named: _, denial, resource, hidden: _, matched, conditions } = *diagnosis;
    let Denial { principal, account, action, decision, .. } = denial;
    let conditions = conditions.iter().filter(|condition| condition.key != LEFT_OUT).map(condition);
    // A policy is told once, however many of its statements deny.
    let mut policies: Vec<Value> = matched.iter().map(policy).collect();
    policies.dedup();
    json!({
        // The answer to the caller says so already.
        "ExplicitDeny": decision.verdict == Verdict::ExplicitDeny,
        "NoPermissionPolicyType": policy_type(denial),
        "AuthAction": action,
        "AuthResource": resource,
        "AuthPrincipal": {
            "AuthPrincipalType": principal_type(principal, account),
            "AuthPrincipalOwnerId": account.as_str(),
            "AuthPrincipalDisplayName": principal.as_str(),
        },
        "AuthConditions": conditions.collect::<Vec<_>>(),
        "MatchedPolicies": policies,
    })
    .to_string()
}

fn condition(condition: &Condition) -> Value {
    let Condition { key, values } = condition;
    json!({"ConditionKey": key, "ConditionValues": values})
}

fn policy(matched: &Matched<'_>) -> Value {
    let Matched { layer, policy, source, statement: _ } = matched;
    let mut told = vec![("Effect", "Deny".to_owned()), ("PolicyIdentifier", (*policy).to_owned())];
    match source {
        None => told.push(("PolicyType", "Custom".to_owned())),
        Some(PolicySource { holder, managed, version, document: _ }) => {
            let system = managed.as_ref().is_some_and(|name| name.system);
            told.push(("PolicyType", if system { "System" } else { "Custom" }.to_owned()));
            told.extend(version.map(|version| ("PolicyVersion", format!("v{version}"))));
            told.push(("AttachedEntityType", entity(holder).to_owned()));
            let scope = if *layer == Layer::IdentityGroup { "ResourceGroup" } else { "Account" };
            told.push(("AttachedScope", scope.to_owned()));
        }
    }
    Value::Object(told.into_iter().map(|(name, text)| (name.to_owned(), text.into())).collect::<Map<_, _>>())
}

fn entity(holder: &Holder) -> &'static str {
    match holder {
        Holder::User(_) => "RamUser",
        Holder::Group(_) => "RamGroup",
        Holder::Role(_) => "RamRole",
    }
}
