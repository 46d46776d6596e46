//! The reference evaluator: the policy rules of both dialects as their documentation words them, without compilation.
//!
//! Follows the IAM User Guide ("Policy evaluation logic"), the KMS Developer Guide ("Key policies", "Grants") and the RAM
//! documents ("Policy evaluation process", "Policy elements"). It reads the JSON of a case each time and loops over
//! everything, so that it can be compared with the documentation by eye and with the evaluator by machine.
//!
//! # Invariants
//! - It shares no code with the evaluator it checks.
//! - A [`Fault`] changes one rule; a comparison that does not notice the fault does not test the rule.

mod condition;
mod grant;
mod principal;
mod statement;

use serde_json::{Map, Value};

use principal::Kind;
use statement::{Place, Said};

/// The verdict on a case.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Verdict {
    /// Everything that has to allow does.
    Allow,
    /// Something that has to allow does not.
    ImplicitDeny,
    /// A Deny statement matched.
    ExplicitDeny,
}

impl Verdict {
    /// The word that case files use.
    #[must_use]
    pub const fn word(self) -> &'static str {
        match self {
            Self::Allow => "allow",
            Self::ImplicitDeny => "implicit_deny",
            Self::ExplicitDeny => "explicit_deny",
        }
    }
}

/// One rule of the reference, turned wrong on purpose.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[expect(missing_docs, reason = "each name is the wrong rule in words")]
pub enum Fault {
    NegatedOperatorsFailWithoutTheKey,
    NegatedValuesAreAlternatives,
    EveryValueFailsWithoutTheKey,
    AnyValueHoldsWithoutTheKey,
    QuantifiedNegationIsOfTheWhole,
    IfExistsDoesNotCount,
    NullTestsTheOpposite,
    SeveralValuesNeedNoQuantifier,
    EqualsTakesWildcards,
    ArnWildcardsCrossColons,
    ResourceWildcardsCrossColons,
    ActionsMindCase,
    KeyNamesMindCase,
    NotActionIsAction,
    NotResourceIsResource,
    OldVersionsHaveVariables,
    UnknownVariablesAreEmpty,
    VariableValuesArePatterns,
    DefaultsDoNotCount,
    UnknownOperatorsHold,
    BoundaryDoesNotCount,
    SessionDoesNotCount,
    EndpointDoesNotCount,
    LevelsAreAlternatives,
    ControlBindsServices,
    ResourceControlDoesNotCount,
    AccountStatementGivesAccess,
    DelegationIsNotNeeded,
    RoleStatementIsFinal,
    UserStatementIsLimited,
    RoleDoesNotCoverItsSessions,
    ExemptingOneNameIsEnough,
    OneSideSufficesAcrossAccounts,
    EveryOperationCrossesAccounts,
    GrantConstraintsDoNotCount,
    GrantsGiveEveryOperation,
    ChildGrantsAreFree,
    RetiringNeedsAPolicy,
    TrustIsNotNeeded,
    GroupPoliciesAlwaysCount,
    OwnerIsBound,
    BothSidesNeededAtHome,
    VoidActionsCount,
}

impl Fault {
    /// Every fault.
    pub const ALL: &'static [Self] = &[
        Self::NegatedOperatorsFailWithoutTheKey,
        Self::NegatedValuesAreAlternatives,
        Self::EveryValueFailsWithoutTheKey,
        Self::AnyValueHoldsWithoutTheKey,
        Self::QuantifiedNegationIsOfTheWhole,
        Self::IfExistsDoesNotCount,
        Self::NullTestsTheOpposite,
        Self::SeveralValuesNeedNoQuantifier,
        Self::EqualsTakesWildcards,
        Self::ArnWildcardsCrossColons,
        Self::ResourceWildcardsCrossColons,
        Self::ActionsMindCase,
        Self::KeyNamesMindCase,
        Self::NotActionIsAction,
        Self::NotResourceIsResource,
        Self::OldVersionsHaveVariables,
        Self::UnknownVariablesAreEmpty,
        Self::VariableValuesArePatterns,
        Self::DefaultsDoNotCount,
        Self::UnknownOperatorsHold,
        Self::BoundaryDoesNotCount,
        Self::SessionDoesNotCount,
        Self::EndpointDoesNotCount,
        Self::LevelsAreAlternatives,
        Self::ControlBindsServices,
        Self::ResourceControlDoesNotCount,
        Self::AccountStatementGivesAccess,
        Self::DelegationIsNotNeeded,
        Self::RoleStatementIsFinal,
        Self::UserStatementIsLimited,
        Self::RoleDoesNotCoverItsSessions,
        Self::ExemptingOneNameIsEnough,
        Self::OneSideSufficesAcrossAccounts,
        Self::EveryOperationCrossesAccounts,
        Self::GrantConstraintsDoNotCount,
        Self::GrantsGiveEveryOperation,
        Self::ChildGrantsAreFree,
        Self::RetiringNeedsAPolicy,
        Self::TrustIsNotNeeded,
        Self::GroupPoliciesAlwaysCount,
        Self::OwnerIsBound,
        Self::BothSidesNeededAtHome,
        Self::VoidActionsCount,
    ];
}

/// The verdict on a case, as the documentation has it.
#[must_use]
pub fn evaluate(case: &Value) -> Verdict {
    evaluate_with(case, None)
}

/// The same with one rule turned wrong.
#[must_use]
pub fn evaluate_with(case: &Value, fault: Option<Fault>) -> Verdict {
    let checks = match case.get("authorizations").and_then(Value::as_array) {
        Some(checks) if !checks.is_empty() => checks.iter().collect(),
        _ => vec![case],
    };
    let verdicts = checks.into_iter().map(|check| Request::new(case, check, fault).verdict());
    verdicts.max().unwrap_or(Verdict::ImplicitDeny)
}

/// One authorisation check.
struct Request<'a> {
    alibaba: bool,
    principal: &'a Value,
    action: &'a str,
    resource: &'a str,
    resource_account: &'a str,
    context: Option<&'a Map<String, Value>>,
    layers: &'a Value,
    assume_role: bool,
    grant_id: Option<&'a str>,
    fault: Option<Fault>,
}

impl<'a> Request<'a> {
    fn new(case: &'a Value, check: &'a Value, fault: Option<Fault>) -> Self {
        let alibaba = text(case, "dialect") == "alibaba";
        let resource = text(check, "resource");
        let account_field = if alibaba { 3 } else { 4 };
        let named = resource.split(':').nth(account_field).unwrap_or_default();
        let given = [check, case].into_iter().find_map(|at| at.get("resource_account").and_then(Value::as_str));
        let principal = case.get("principal").unwrap_or(&Value::Null);
        let own = text(principal, "account");
        // A name that does not say whose it is speaks of the caller's own.
        let resource_account = Some(given.unwrap_or(named)).filter(|account| !["", "*"].contains(account));
        let resource_account = resource_account.unwrap_or(own);
        Self {
            alibaba,
            principal,
            action: text(check, "action"),
            resource,
            resource_account,
            context: case.get("context").and_then(Value::as_object),
            layers: case.get("layers").unwrap_or(&Value::Null),
            assume_role: case.get("assume_role").and_then(Value::as_bool).unwrap_or(false),
            grant_id: case.get("grant_id").and_then(Value::as_str),
            fault,
        }
    }

    fn wrong(&self, fault: Fault) -> bool {
        self.fault == Some(fault)
    }

    /// What the caller is, in the word of the dialect; the other dialect's word is as good.
    fn who(&self) -> &'a str {
        match (self.alibaba, text(self.principal, "type")) {
            (true, "root") => "account",
            (true, "iam_user") => "ram_user",
            (true, "assumed_role") => "ram_role_session",
            (false, "account") => "root",
            (false, "ram_user") => "iam_user",
            (false, "ram_role_session") => "assumed_role",
            (_, word) => word,
        }
    }

    /// Whether the request is for an action; the case of its letters does not count.
    fn acts(&self, pattern: &str) -> bool {
        statement::is_action(pattern, self.action)
    }

    fn account(&self) -> &'a str {
        text(self.principal, "account")
    }

    fn same_account(&self) -> bool {
        !self.account().is_empty() && self.account() == self.resource_account
    }

    /// The value of a condition key: its own spelling first, then any other case.
    fn value(&self, key: &str) -> Option<&'a Value> {
        let context = self.context?;
        if let Some(value) = context.get(key) {
            return Some(value).filter(|value| !value.is_null());
        }
        if self.wrong(Fault::KeyNamesMindCase) {
            return None;
        }
        let same = |name: &String, value: &Value| name.eq_ignore_ascii_case(key) && !value.is_null();
        context.iter().find(|(name, value)| same(name, value)).map(|(_, value)| value)
    }

    fn verdict(&self) -> Verdict {
        let open: &[&str] = if self.alibaba {
            &["kms:DescribeRegions", "sts:GetCallerIdentity"]
        } else {
            &["sts:GetCallerIdentity", "sts:GetSessionToken"]
        };
        if open.iter().any(|action| self.acts(action)) {
            // These need no permission, and no Deny takes them away.
            return Verdict::Allow;
        }
        if self.alibaba { self.alibaba_verdict() } else { self.aws_verdict() }
    }

    /// What a list of policies says; `None` if the layer does not exist.
    fn layer(&self, name: &str, place: Place) -> Option<Said> {
        let policies = self.layers.get(name)?.as_array()?;
        Some(self.policies(policies, place))
    }

    /// What each level of an organisation says; `None` if there is no organisation.
    fn levels(&self, name: &str, place: Place) -> Option<Vec<Said>> {
        let levels = self.layers.get(name)?.as_array()?;
        let policies = |level: &Value| level.get("policies").and_then(Value::as_array).cloned().unwrap_or_default();
        Some(levels.iter().map(|level| self.policies(&policies(level), place)).collect())
    }

    /// What the policy attached to the resource says.
    fn resource_policy(&self, place: Place) -> Said {
        let attached = self.layers.get("resource").and_then(Value::as_array);
        let ours = attached.into_iter().flatten().find(|policy| text(policy, "attached_to") == self.resource);
        ours.map_or_else(Said::default, |policy| self.policies(std::slice::from_ref(policy), place))
    }

    /// Every level has to allow; an organisation without levels says nothing, which is no Allow.
    fn levels_allow(&self, levels: Option<&Vec<Said>>) -> bool {
        let Some(levels) = levels else { return true };
        if self.wrong(Fault::LevelsAreAlternatives) {
            return levels.iter().any(Said::allows);
        }
        !levels.is_empty() && levels.iter().all(Said::allows)
    }
}

const AWS_CROSS_ACCOUNT: &[&str] = &[
    "CreateGrant",
    "Decrypt",
    "DeriveSharedSecret",
    "DescribeKey",
    "Encrypt",
    "GenerateDataKey",
    "GenerateDataKeyPair",
    "GenerateDataKeyPairWithoutPlaintext",
    "GenerateDataKeyWithoutPlaintext",
    "GenerateMac",
    "GetKeyRotationStatus",
    "GetPublicKey",
    "ListGrants",
    "ReEncryptFrom",
    "ReEncryptTo",
    "RetireGrant",
    "RevokeGrant",
    "Sign",
    "Verify",
    "VerifyMac",
];

impl Request<'_> {
    fn aws_verdict(&self) -> Verdict {
        let is_key = self.resource.split(':').nth(2) == Some("kms") && self.relative().starts_with("key/");
        let assuming = self.assume_role || self.acts("sts:AssumeRole*");
        let retiring = self.acts("kms:RetireGrant");
        let service = self.who() == "service";
        let service_linked = text(self.principal, "role_arn").contains(":role/aws-service-role/");
        let place = if assuming || self.acts("sts:*") {
            Place::Trust
        } else if is_key {
            Place::Key
        } else {
            Place::Resource
        };

        let identity = self.layer("identity", Place::Identity);
        let boundary = self.layer("boundary", Place::Identity);
        let session = self.layer("session", Place::Identity);
        let endpoint = self.layer("vpce", Place::Endpoint);
        // Services and service-linked roles are not bound by service control policies.
        let free = (service && !self.wrong(Fault::ControlBindsServices)) || self.who() == "anonymous" || service_linked;
        let control = if free { None } else { self.levels("scp", Place::Identity) };
        let resource_control =
            if service_linked || retiring { None } else { self.levels("rcp", Place::ResourceControl) };
        let resource = if retiring { Said::default() } else { self.resource_policy(place) };

        let unless = |fault: Fault, said: Option<Said>| if self.wrong(fault) { None } else { said };
        let boundary = unless(Fault::BoundaryDoesNotCount, boundary);
        let session = unless(Fault::SessionDoesNotCount, session);
        let endpoint = unless(Fault::EndpointDoesNotCount, endpoint);
        let resource_control = resource_control.filter(|_| !self.wrong(Fault::ResourceControlDoesNotCount));

        // A Deny in any policy that applies ends the matter.
        let mut said: Vec<&Said> = vec![&resource];
        said.extend([&identity, &boundary, &session, &endpoint].into_iter().flatten());
        said.extend([&control, &resource_control].into_iter().flatten().flatten());
        if said.iter().any(|said| said.denies) {
            return Verdict::ExplicitDeny;
        }

        // Service control policies and the endpoint limit everything; resource control policies only deny.
        let passes = |layer: &Option<Said>| layer.as_ref().is_none_or(Said::allows);
        let guarded = self.levels_allow(control.as_ref()) && passes(&endpoint);

        // What the caller's own account says. The root user needs no permission from it; a federated session has
        // nothing without a session policy.
        let session_allows = if self.who() == "federated_user" && !self.wrong(Fault::SessionDoesNotCount) {
            session.as_ref().is_some_and(Said::allows)
        } else {
            passes(&session)
        };
        let own = self.who() == "root"
            || (identity.as_ref().is_some_and(Said::allows) && passes(&boundary) && session_allows);

        // Whom the resource policy names decides what still limits it.
        let limited = passes(&boundary) && passes(&session);
        let named = |said: &Said| {
            let user = said.by(&[Kind::Exact]) && (limited || !self.wrong(Fault::UserStatementIsLimited));
            let behind = said.by(&[Kind::Role, Kind::FederatedUser]);
            let behind = behind && (limited || (self.wrong(Fault::RoleStatementIsFinal) && said.by(&[Kind::Role])));
            user || said.by(&[Kind::Everyone, Kind::Service]) || behind
        };
        let delegates = resource.by(&[Kind::Account]);
        let one_side = self.wrong(Fault::OneSideSufficesAcrossAccounts);

        let allowed = if retiring {
            self.may_retire(own, limited)
        } else if is_key {
            let granted = self.granted(own, limited);
            if service {
                resource.allows() || granted
            } else if self.same_account() {
                let direct = delegates && self.wrong(Fault::AccountStatementGivesAccess);
                let delegated = (delegates || self.wrong(Fault::DelegationIsNotNeeded)) && own;
                named(&resource) || direct || delegated || granted
            } else {
                let crosses = AWS_CROSS_ACCOUNT.iter().any(|known| self.acts(&format!("kms:{known}")));
                let crosses = crosses || self.wrong(Fault::EveryOperationCrossesAccounts);
                (resource.allows() && (own || one_side) && crosses) || granted
            }
        } else if service || self.who() == "anonymous" {
            resource.allows()
        } else if !self.same_account() {
            resource.allows() && (own || one_side)
        } else if assuming {
            let trusted = named(&resource) || delegates || self.wrong(Fault::TrustIsNotNeeded);
            // What a session gives to the next one needs both sides.
            match self.who() == "assumed_role" && self.acts("sts:SetSourceIdentity") {
                true => trusted && own,
                false => named(&resource) || (trusted && own),
            }
        } else {
            named(&resource) || own
        };
        if guarded && allowed { Verdict::Allow } else { Verdict::ImplicitDeny }
    }

    /// The part of the resource name after its fixed segments.
    fn relative(&self) -> &str {
        let fixed = if self.alibaba { 4 } else { 5 };
        self.resource.splitn(fixed + 1, ':').nth(fixed).unwrap_or_default()
    }

    fn alibaba_verdict(&self) -> Verdict {
        let owner = self.who() == "account" && !self.wrong(Fault::OwnerIsBound);
        let assuming = self.assume_role || self.acts("sts:AssumeRole*");
        if owner && self.same_account() && !assuming {
            return Verdict::Allow;
        }
        let place = if self.assume_role || self.acts("sts:*") {
            Place::Trust
        } else if self.relative().starts_with("key/") {
            Place::Key
        } else {
            Place::Resource
        };
        let control = if owner { None } else { self.levels("control", Place::Identity) };
        let session = self.layer("session", Place::Identity).filter(|_| !self.wrong(Fault::SessionDoesNotCount));
        let account_level = self.layer("identity", Place::Identity).unwrap_or_default();
        // Policies of the resource group are asked only if those of the account say nothing.
        let silent = !account_level.denies && !account_level.allows();
        let group = if silent || self.wrong(Fault::GroupPoliciesAlwaysCount) { self.group() } else { Said::default() };
        let resource = self.resource_policy(place);

        let mut said: Vec<&Said> = vec![&account_level, &group, &resource];
        said.extend(session.iter());
        said.extend(control.iter().flatten());
        if said.iter().any(|said| said.denies) {
            return Verdict::ExplicitDeny;
        }

        let ram = account_level.allows() || group.allows();
        let allowed = if assuming {
            ram && (resource.allows() || self.wrong(Fault::TrustIsNotNeeded))
        } else if owner {
            // The owner of another account has no policies of its own: the resource policy has to allow.
            resource.allows()
        } else if self.same_account() {
            // A statement for the account as a whole gives a user nothing by itself.
            let named = resource.by(&[Kind::Exact, Kind::Role, Kind::Everyone, Kind::Service]);
            let named = named || (self.wrong(Fault::AccountStatementGivesAccess) && resource.allows());
            if self.wrong(Fault::BothSidesNeededAtHome) { ram && named } else { ram || named }
        } else {
            resource.allows() && (ram || self.wrong(Fault::OneSideSufficesAcrossAccounts))
        };
        let session_allows = session.as_ref().is_none_or(Said::allows);
        if self.levels_allow(control.as_ref()) && session_allows && allowed {
            Verdict::Allow
        } else {
            Verdict::ImplicitDeny
        }
    }

    /// What the policies of the resource's group say.
    fn group(&self) -> Said {
        let Some(Value::String(group)) = self.value("acs:ResourceGroupId") else { return Said::default() };
        let all = self.layers.get("identity_rg").and_then(Value::as_array);
        let ours = all.into_iter().flatten().filter(|policy| text(policy, "resource_group") == group);
        self.policies(&ours.cloned().collect::<Vec<_>>(), Place::Identity)
    }
}

/// A string member, or the empty string.
fn text<'v>(value: &'v Value, name: &str) -> &'v str {
    value.get(name).and_then(Value::as_str).unwrap_or_default()
}

/// A list may be written as its only element.
fn list(value: Option<&Value>) -> Vec<&Value> {
    match value {
        None => Vec::new(),
        Some(Value::Array(items)) => items.iter().collect(),
        Some(single) => vec![single],
    }
}

/// Numbers and booleans count as their text.
fn scalar(value: &Value) -> String {
    match value {
        Value::String(text) => text.clone(),
        other => other.to_string(),
    }
}

#[cfg(test)]
#[allow(clippy::unwrap_used, clippy::expect_used, clippy::indexing_slicing, clippy::panic, reason = "tests")]
mod tests {
    use super::*;

    #[test]
    fn every_public_case_gets_its_verdict() {
        let file: Value = serde_json::from_str(crate::policy_cases::PUBLIC).unwrap();
        for case in file["cases"].as_array().unwrap() {
            assert_eq!(evaluate(case).word(), case["expected"].as_str().unwrap(), "{case}");
        }
    }
}
