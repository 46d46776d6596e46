//! The policy simulator: SimulateCustomPolicy, SimulatePrincipalPolicy and the two that list context keys.
//!
//! Follows the API reference of these operations with its examples, and "Testing IAM policies with the IAM policy
//! simulator". Positions are those of a stream reader, as in the examples: a statement starts where what was read before it
//! ends.

use std::borrow::Cow;

use polykms_core::dialect::{Former, Payload};
use polykms_core::error::{Error, Kind, Result};
use polykms_core::identity::Holder;
use polykms_core::identity::simulate as op;
use polykms_core::list::Listed;
use polykms_core::policy::{DocumentKind, Extent, Order, Position, Predicate, PrincipalKind, Value as Fact, Verdict};
use serde_json::{Map, Value, json};

use super::{ARN, DOCUMENT, Fields, Shape, list, read};
use crate::{resource, rules};

const ACTION: Shape = Shape { min: 3, max: 128, pattern: "", fits: |_| true };
const RESOURCE: Shape = Shape { min: 1, max: 2048, pattern: "", fits: |_| true };
const CONTEXT_KEY: Shape = Shape { min: 5, max: 256, pattern: "", fits: |_| true };
const OPTION: Shape = Shape { min: 1, max: 64, pattern: "", fits: |_| true };

/// The most resources of one request.
const MOST_RESOURCES: usize = 1000;

/// Why the newest parameters are refused.
const ORGANISATIONS: &str = "there are no organisations of accounts yet";
const EXCLUSIONS: &str = "leaving policies out of a simulation is not built yet";

/// Simulates policies that are given.
pub(crate) struct CustomPolicy;

impl Former for CustomPolicy {
    type Op = op::SimulateGiven;

    fn decode(arguments: &Payload) -> Result<Self::Op> {
        read(arguments, |fields| {
            fields.not_built("OrderedOrganizationPolicyInputList", ORGANISATIONS)?;
            let given = fields.required_texts("PolicyInputList", &DOCUMENT)?;
            let request = Request::read(fields)?;
            if let Some(action) = request.actions.iter().find(|action| action.contains('*')) {
                return Err(invalid(format!("Action {action} must not contain wildcards.")));
            }
            Ok(op::SimulateGiven(request.simulation(given, None)?))
        })
    }

    fn encode(results: Listed<op::Evaluated>) -> Result<Payload> {
        Ok(list::answer("EvaluationResults", results, result))
    }
}

/// Simulates the policies of a user, group or role.
pub(crate) struct PrincipalPolicy;

impl Former for PrincipalPolicy {
    type Op = op::SimulateHeld;

    fn decode(arguments: &Payload) -> Result<Self::Op> {
        read(arguments, |fields| {
            fields.not_built("PolicyExclusionList", EXCLUSIONS)?;
            let arn = fields.required("PolicySourceArn", &ARN);
            let given = fields.texts("PolicyInputList", &DOCUMENT)?.unwrap_or_default();
            let request = Request::read(fields)?;
            let source = entity(&arn)?;
            let simulation = request.simulation(given, Some(&arn))?;
            Ok(op::SimulateHeld { source, simulation })
        })
    }

    fn encode(results: Listed<op::Evaluated>) -> Result<Payload> {
        CustomPolicy::encode(results)
    }
}

/// Lists the condition keys of policies that are given.
pub(crate) struct KeysForCustomPolicy;

impl Former for KeysForCustomPolicy {
    type Op = op::KeysOfGiven;

    fn decode(arguments: &Payload) -> Result<Self::Op> {
        read(arguments, |fields| Ok(op::KeysOfGiven { given: fields.required_texts("PolicyInputList", &DOCUMENT)? }))
    }

    fn encode(keys: Vec<String>) -> Result<Payload> {
        Ok(Payload::Tree(json!({ "ContextKeyNames": keys })))
    }
}

/// Lists the condition keys of the policies of a user, group or role.
pub(crate) struct KeysForPrincipalPolicy;

impl Former for KeysForPrincipalPolicy {
    type Op = op::KeysOfHeld;

    fn decode(arguments: &Payload) -> Result<Self::Op> {
        read(arguments, |fields| {
            let arn = fields.required("PolicySourceArn", &ARN);
            let given = fields.texts("PolicyInputList", &DOCUMENT)?.unwrap_or_default();
            Ok(op::KeysOfHeld { source: entity(&arn)?, given })
        })
    }

    fn encode(keys: Vec<String>) -> Result<Payload> {
        KeysForCustomPolicy::encode(keys)
    }
}

/// What both simulations are asked.
struct Request {
    boundaries: Vec<String>,
    actions: Vec<String>,
    resources: Vec<String>,
    resource_policy: Option<String>,
    owner: Option<String>,
    caller: Option<String>,
    entries: Vec<(String, Fact<'static>)>,
    option: Option<String>,
    marker: Option<String>,
    limit: usize,
}

impl Request {
    fn read(fields: &mut Fields<'_>) -> Result<Self> {
        let (marker, limit) = list::part(fields)?;
        Ok(Self {
            boundaries: fields.texts("PermissionsBoundaryPolicyInputList", &DOCUMENT)?.unwrap_or_default(),
            actions: fields.required_texts("ActionNames", &ACTION)?,
            resources: fields.texts("ResourceArns", &RESOURCE)?.unwrap_or_default(),
            resource_policy: fields.optional("ResourcePolicy", &DOCUMENT),
            owner: fields.optional("ResourceOwner", &RESOURCE),
            caller: fields.optional("CallerArn", &RESOURCE),
            entries: entries(fields)?,
            option: fields.optional("ResourceHandlingOption", &OPTION),
            marker,
            limit,
        })
    }

    /// The simulation, by a caller who is taken to be `source` where nobody else is named.
    fn simulation(self, given: Vec<String>, source: Option<&str>) -> Result<op::Simulation> {
        let Self { boundaries, actions, mut resources, resource_policy, owner, caller, entries, option, marker, limit } =
            self;
        let ([] | [_]) = boundaries.as_slice() else {
            return Err(invalid("Only one permissions boundary policy can be specified."));
        };
        if let Some(action) = actions.iter().find(|action| !is_action(action)) {
            return Err(invalid(format!("Action {action} is not valid.")));
        }
        if resources.len() > MOST_RESOURCES {
            return Err(invalid(format!("At most {MOST_RESOURCES} resources can be specified.")));
        }
        if let Some(name) = resources.iter().find(|name| !is_resource(name)) {
            return Err(invalid(format!("ResourceNames are not in a valid ARN format: {name}.")));
        }
        option.map_or(Ok(()), |option| handled(&option, &resources))?;
        if resources.is_empty() {
            resources.push("*".to_owned());
        }
        let owner = owner.map(|arn| match resource::owned_by(&arn) {
            Some(account) => Ok(account.to_owned()),
            None => Err(invalid(format!("'{arn}' is not a valid as a Resource Owner."))),
        });
        let caller = caller.as_deref().or(source).map(entity).transpose()?;
        let resource_policy = resource_policy.map(|text| attached(text, &resources, caller.as_ref())).transpose()?;
        let mut facts = caller.as_ref().map(implied).unwrap_or_default();
        facts.retain(|(name, _)| !entries.iter().any(|(given, _)| given.eq_ignore_ascii_case(name)));
        facts.extend(entries);
        Ok(op::Simulation {
            given,
            boundary: boundaries.into_iter().next(),
            resource_policy,
            actions,
            resources: resources.into_iter().map(simulated).collect(),
            owner: owner.transpose()?,
            caller: caller.map(asker),
            facts,
            marker,
            limit,
        })
    }
}

fn invalid(message: impl Into<Cow<'static, str>>) -> Error {
    Kind::NotApplicable.verbatim(message)
}

fn entity(arn: &str) -> Result<op::Source> {
    resource::source(arn).ok_or_else(|| invalid(format!("Invalid Entity Arn: {arn}")))
}

fn is_action(text: &str) -> bool {
    text.split_once(':').is_some_and(|(service, name)| !service.is_empty() && !name.is_empty() && !name.contains(':'))
}

fn is_resource(text: &str) -> bool {
    text == "*" || (text.starts_with("arn:") && text.splitn(6, ':').count() == 6)
}

/// The types of a context key: what its values are, and whether there may be several.
const TYPES: [(&str, (Predicate, bool)); 12] = [
    ("string", (Predicate::Text, false)),
    ("stringList", (Predicate::Text, true)),
    ("numeric", (Predicate::Number(Order::Equal), false)),
    ("numericList", (Predicate::Number(Order::Equal), true)),
    ("boolean", (Predicate::Boolean, false)),
    ("booleanList", (Predicate::Boolean, true)),
    ("ip", (Predicate::Network, false)),
    ("ipList", (Predicate::Network, true)),
    ("binary", (Predicate::Bytes, false)),
    ("binaryList", (Predicate::Bytes, true)),
    ("date", (Predicate::Instant(Order::Equal), false)),
    ("dateList", (Predicate::Instant(Order::Equal), true)),
];

/// The context keys of the request.
fn entries(fields: &mut Fields<'_>) -> Result<Vec<(String, Fact<'static>)>> {
    const LIST: &str = "ContextEntries";
    let mut entries = Vec::new();
    for (at, structure) in fields.structures(LIST)?.into_iter().enumerate() {
        let name = fields.member((LIST, at), &structure, "ContextKeyName", &CONTEXT_KEY);
        let of = fields.member_choice((LIST, at), &structure, "ContextKeyType", &TYPES);
        let values = structure.texts("ContextKeyValues")?;
        let Some(name) = name else { return Err(invalid("A context entry has no ContextKeyName.")) };
        let (predicate, many) = of.unwrap_or((Predicate::Text, values.len() > 1));
        if let Some(value) = values.iter().find(|value| !predicate.takes(value)) {
            return Err(invalid(format!("Value {value} of context key {name} is not of its ContextKeyType.")));
        }
        match (values.as_slice(), many) {
            (_, true) => {
                let values: Vec<String> = values.into_iter().map(str::to_owned).collect();
                entries.push((name, Fact::Many(Cow::Owned(values))));
            }
            ([], false) => {}
            ([value], false) => entries.push((name, Fact::from((*value).to_owned()))),
            (_, false) => return Err(invalid(format!("Context key {name} has more than one value."))),
        }
    }
    Ok(entries)
}

/// The resources that each option asks for, as their ARNs go on after the account.
const OPTIONS: [(&str, &[&str]); 4] = [
    ("EC2-VPC-InstanceStore", &["instance/", "image/", "security-group/", "network-interface/"]),
    ("EC2-VPC-InstanceStore-Subnet", &["instance/", "image/", "security-group/", "network-interface/", "subnet/"]),
    ("EC2-VPC-EBS", &["instance/", "image/", "security-group/", "network-interface/", "volume/"]),
    ("EC2-VPC-EBS-Subnet", &["instance/", "image/", "security-group/", "network-interface/", "subnet/", "volume/"]),
];

/// Refuses resources that are not those of a scenario.
fn handled(option: &str, resources: &[String]) -> Result<()> {
    let known = OPTIONS.iter().find(|(name, _)| *name == option);
    let (_, wanted) = known.ok_or_else(|| invalid(format!("ResourceHandlingOption {option} is not valid.")))?;
    let is_there = |start: &str| {
        let relative = |arn: &String| arn.splitn(6, ':').nth(5).is_some_and(|relative| relative.starts_with(start));
        resources.iter().any(|arn| arn.starts_with("arn:aws:ec2:") && relative(arn))
    };
    match wanted.iter().find(|start| !is_there(start)) {
        None => Ok(()),
        Some(start) => {
            let kind = start.trim_end_matches('/');
            Err(invalid(format!("ResourceHandlingOption {option} requires a resource of type {kind}.")))
        }
    }
}

/// The policy of all resources, with the kind of document that they have.
fn attached(text: String, resources: &[String], caller: Option<&op::Source>) -> Result<(DocumentKind, String)> {
    match caller.map(|caller| &caller.holder) {
        None => return Err(invalid("CallerArn is required when a ResourcePolicy is specified.")),
        Some(Holder::Group(_) | Holder::Role(_)) => {
            return Err(invalid("Simulation of resource-based policies is only supported for IAM users."));
        }
        Some(Holder::User(_)) => {}
    }
    let kind = |arn: &String| match arn {
        arn if resource::is_key(arn) => DocumentKind::Key,
        arn if is_role(arn) => DocumentKind::Trust,
        _ => DocumentKind::Resource,
    };
    let mut kinds = resources.iter().map(kind);
    let first = kinds.next().unwrap_or(DocumentKind::Resource);
    match kinds.all(|kind| kind == first) {
        true => Ok((first, text)),
        false => Err(invalid("The ResourcePolicy is not applicable to all of the resources.")),
    }
}

fn is_role(arn: &str) -> bool {
    matches!(resource::source(arn), Some(op::Source { holder: Holder::Role(_), .. }))
}

/// A resource. The simulator takes one without a policy to leave the matter to the policies of its account.
fn simulated(name: String) -> op::Simulated {
    let account = resource::account_of(&name).map(str::to_owned);
    let is_key = resource::is_key(&name);
    let presumed = account.as_deref().and_then(|account| match &name {
        _ if is_key => Some((DocumentKind::Key, rules::default_policy(account))),
        name if is_role(name) => Some((DocumentKind::Trust, trusting(account))),
        _ => None,
    });
    let key = if is_key { resource::key(&name).ok() } else { None };
    op::Simulated { name, account, key, presumed }
}

/// A trust policy that leaves the matter to the account.
fn trusting(account: &str) -> String {
    let statement = json!({
        "Effect": "Allow", "Principal": { "AWS": resource::owner_arn(account) }, "Action": "sts:*",
    });
    json!({ "Version": "2012-10-17", "Statement": [statement] }).to_string()
}

/// The caller. A role acts by its sessions, none of which has a name here.
fn asker(source: op::Source) -> op::Asker {
    let arn = arn_of(&source);
    let op::Source { account, path: _, holder } = source;
    match holder {
        Holder::User(_) | Holder::Group(_) => op::Asker { kind: PrincipalKind::User, account, arn, role_arn: None },
        Holder::Role(_) => {
            op::Asker { kind: PrincipalKind::RoleSession, account, arn: String::new(), role_arn: Some(arn) }
        }
    }
}

fn arn_of(source: &op::Source) -> String {
    let op::Source { account, path, holder } = source;
    match holder {
        Holder::User(name) => resource::user_arn(account, path, name),
        Holder::Group(name) => resource::group_arn(account, path, name),
        Holder::Role(name) => resource::role_arn(account, path, name),
    }
}

/// The context keys that follow from who calls.
fn implied(caller: &op::Source) -> Vec<(String, Fact<'static>)> {
    let (kind, user) = match &caller.holder {
        Holder::User(name) => ("User", Some(name)),
        Holder::Role(_) => ("AssumedRole", None),
        Holder::Group(_) => return Vec::new(),
    };
    let account = || caller.account.clone();
    let known = [
        ("aws:PrincipalAccount", account()),
        ("aws:PrincipalArn", arn_of(caller)),
        ("aws:PrincipalType", kind.to_owned()),
        ("kms:CallerAccount", account()),
    ];
    let user = user.map(|name| ("aws:username", name.clone()));
    known.into_iter().chain(user).map(|(name, value)| (name.to_owned(), value.into())).collect()
}

/// What came out for an action.
fn result(evaluated: &op::Evaluated) -> Value {
    let op::Evaluated { action, on } = evaluated;
    let verdict = on.iter().map(|one| one.verdict).max_by_key(|verdict| strictness(*verdict));
    let verdict = verdict.unwrap_or(Verdict::ImplicitDeny);
    let mut members = Map::new();
    members.insert("EvalActionName".to_owned(), action.as_str().into());
    members.insert("EvalResourceName".to_owned(), template(on).into());
    members.insert("EvalDecision".to_owned(), decision(verdict).into());
    members.insert("MatchedStatements".to_owned(), decisive(verdict, on));
    let missing = distinct(on.iter().flat_map(|one| &one.missing).map(|key| Value::from(key.as_str())));
    members.insert("MissingContextValues".to_owned(), missing);
    members.insert("PermissionsBoundaryDecisionDetail".to_owned(), limits(on));
    let named = on.iter().any(|one| one.resource != "*");
    members.insert("EvalDecisionDetails".to_owned(), details(on, named));
    if named {
        members.insert("ResourceSpecificResults".to_owned(), on.iter().map(specific).collect());
    }
    Value::Object(members)
}

/// What came out for one resource.
fn specific(on: &op::OnResource) -> Value {
    let op::OnResource { resource, verdict, matched, missing, .. } = on;
    let alone = std::slice::from_ref(on);
    json!({
        "EvalResourceName": resource,
        "EvalResourceDecision": decision(*verdict),
        "MatchedStatements": matched.iter().map(statement).collect::<Vec<_>>(),
        "MissingContextValues": missing,
        "PermissionsBoundaryDecisionDetail": limits(alone),
        "EvalDecisionDetails": details(alone, false),
    })
}

fn decision(verdict: Verdict) -> &'static str {
    match verdict {
        Verdict::Allow => "allowed",
        Verdict::ExplicitDeny => "explicitDeny",
        Verdict::ImplicitDeny => "implicitDeny",
    }
}

fn strictness(verdict: Verdict) -> u8 {
    match verdict {
        Verdict::Allow => 0,
        Verdict::ImplicitDeny => 1,
        Verdict::ExplicitDeny => 2,
    }
}

/// The statements behind the decision on all resources; none for an implicit Deny.
fn decisive(verdict: Verdict, on: &[op::OnResource]) -> Value {
    let decided = on.iter().filter(|one| one.verdict == verdict && verdict != Verdict::ImplicitDeny);
    distinct(decided.flat_map(|one| &one.matched).map(statement))
}

/// Every value once, in the order in which they come.
fn distinct(values: impl Iterator<Item = Value>) -> Value {
    let mut seen = std::collections::HashSet::new();
    values.filter(|value| seen.insert(value.to_string())).collect()
}

fn statement(matched: &op::Matched) -> Value {
    const IDENTITY: &str = "IAM Policy";
    const RESOURCE: &str = "Resource Policy";
    let op::Matched { origin, extent: Extent { start, end } } = matched;
    let (id, of) = match origin {
        op::Origin::Inline(holder, policy) => (inline(holder, policy), IDENTITY),
        op::Origin::Managed(policy) => (policy.name.clone(), IDENTITY),
        op::Origin::Given(number) => (format!("PolicyInputList.{number}"), IDENTITY),
        op::Origin::Boundary => ("PermissionsBoundaryPolicyInputList.1".to_owned(), BOUNDARY),
        op::Origin::Resource | op::Origin::Key | op::Origin::Presumed => ("ResourcePolicy".to_owned(), RESOURCE),
    };
    json!({
        "SourcePolicyId": id, "SourcePolicyType": of, "StartPosition": position(*start), "EndPosition": position(*end),
    })
}

const BOUNDARY: &str = "Permissions Boundary Policy";

fn inline(holder: &Holder, policy: &str) -> String {
    let kind = match holder {
        Holder::User(_) => "user",
        Holder::Group(_) => "group",
        Holder::Role(_) => "role",
    };
    format!("{kind}_{}_{policy}", holder.name())
}

fn position(position: Position) -> Value {
    let Position { line, column } = position;
    json!({ "Line": line, "Column": column })
}

/// Whether the boundary, if there is one, allows the action on all resources.
fn limits(on: &[op::OnResource]) -> Value {
    let verdicts: Option<Vec<Verdict>> = on.iter().map(|one| one.boundary).collect();
    verdicts.map_or(
        Value::Null,
        |verdicts| json!({ "AllowedByPermissionsBoundary": verdicts.iter().all(|verdict| *verdict == Verdict::Allow) }),
    )
}

/// What each type of policy says, where two accounts are concerned; an empty answer where only one is and `named` says
/// that resources are named.
fn details(on: &[op::OnResource], named: bool) -> Value {
    let foreign: Vec<&op::OnResource> = on.iter().filter(|one| one.foreign).collect();
    if foreign.is_empty() {
        return if named { json!({}) } else { Value::Null };
    }
    let strictest = |said: fn(&op::OnResource) -> Option<Verdict>| {
        let verdicts = foreign.iter().filter_map(|one| said(one));
        verdicts.max_by_key(|verdict| strictness(*verdict)).map(decision)
    };
    let mut members = Map::new();
    for (name, said) in [
        ("IAM Policy", strictest(|one| Some(one.identity))),
        ("Resource Policy", strictest(|one| one.attached)),
        (BOUNDARY, strictest(|one| one.boundary)),
    ] {
        said.map(|said| members.insert(name.to_owned(), said.into()));
    }
    Value::Object(members)
}

/// The forms of ARNs, by service and beginning of the last part; those of the Service Authorization Reference.
const TEMPLATES: [(&str, &str, &str); 9] = [
    ("kms", "key/", "arn:${Partition}:kms:${Region}:${Account}:key/${KeyId}"),
    ("kms", "alias/", "arn:${Partition}:kms:${Region}:${Account}:alias/${Alias}"),
    ("iam", "user/", "arn:${Partition}:iam::${Account}:user/${UserNameWithPath}"),
    ("iam", "group/", "arn:${Partition}:iam::${Account}:group/${GroupNameWithPath}"),
    ("iam", "role/", "arn:${Partition}:iam::${Account}:role/${RoleNameWithPath}"),
    ("iam", "policy/", "arn:${Partition}:iam::${Account}:policy/${PolicyNameWithPath}"),
    ("secretsmanager", "secret:", "arn:${Partition}:secretsmanager:${Region}:${Account}:secret:${SecretId}"),
    ("acm", "certificate/", "arn:${Partition}:acm:${Region}:${Account}:certificate/${CertificateId}"),
    ("sts", "federated-user/", "arn:${Partition}:sts::${Account}:federated-user/${FederatedUserName}"),
];

/// The form of the ARNs of the resources, if they have one that is known here.
fn template(on: &[op::OnResource]) -> &'static str {
    let form = |arn: &str| {
        let mut parts = arn.splitn(6, ':').skip(2);
        let (service, relative) = (parts.next()?, parts.nth(2)?);
        let known = TEMPLATES.iter().find(|(known, start, _)| *known == service && relative.starts_with(start));
        known.map(|(_, _, form)| *form)
    };
    let mut forms = on.iter().map(|one| form(&one.resource));
    let first = forms.next().flatten();
    first.filter(|first| forms.all(|form| form == Some(*first))).unwrap_or("*")
}

#[cfg(test)]
#[allow(clippy::unwrap_used, clippy::expect_used, clippy::indexing_slicing, clippy::panic, reason = "tests")]
#[path = "simulate_tests.rs"]
mod tests;
