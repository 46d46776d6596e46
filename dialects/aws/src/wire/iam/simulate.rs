//! The policy simulator: SimulateCustomPolicy, SimulatePrincipalPolicy and the two that list context keys.
//!
//! Follows the API reference of these operations with its examples, and "Testing IAM policies with the IAM policy
//! simulator". Positions are those of a stream reader, as in the examples: a statement starts where what was read before it
//! ends.

use std::borrow::Cow;

use polykms_core::dialect::Wire;
use polykms_core::dialect::message::Pairs;
use polykms_core::error::{Error, Kind, Result};
use polykms_core::identity::Holder;
use polykms_core::identity::simulate::{self as op, Fact};
use polykms_core::list::{Listed, Paging};
use polykms_core::policy::{self, DocumentKind, Extent, Order, Predicate, PrincipalKind, Value, Verdict};
use serde_json::json;

use super::{given, owned, paging};
use crate::message::iam::{
    ContextEntry, EvaluationResult, GetContextKeysForCustomPolicyRequest, GetContextKeysForCustomPolicyResponse,
    GetContextKeysForPrincipalPolicyRequest, GetContextKeysForPrincipalPolicyResponse,
    PermissionsBoundaryDecisionDetail, Position, ResourceSpecificResult, SimulateCustomPolicyRequest,
    SimulateCustomPolicyResponse, SimulatePrincipalPolicyRequest, SimulatePrincipalPolicyResponse, Statement,
};
use crate::wire::{heard, list};
use crate::{resource, rules};

/// The most resources of one request.
const MOST_RESOURCES: usize = 1000;

/// Texts on a list of a request.
type Texts<'a> = Option<Vec<Cow<'a, str>>>;

/// The texts of a list.
fn texts(list: Texts<'_>) -> Vec<String> {
    list.unwrap_or_default().into_iter().map(Cow::into_owned).collect()
}

/// A list of texts as a request has it; an empty one is none.
fn told_texts(list: &[String]) -> Texts<'_> {
    (!list.is_empty()).then(|| list.iter().map(Into::into).collect())
}

/// Simulates policies that are given.
pub(crate) struct CustomPolicy;

impl Wire for CustomPolicy {
    type Op = op::SimulateGiven;
    type Ask<'a> = SimulateCustomPolicyRequest<'a>;
    type Told<'a> = SimulateCustomPolicyResponse<'a>;

    fn op(ask: SimulateCustomPolicyRequest<'_>) -> Result<op::SimulateGiven> {
        let SimulateCustomPolicyRequest {
            policy_input_list,
            permissions_boundary_policy_input_list,
            action_names,
            resource_arns,
            resource_policy,
            resource_owner,
            caller_arn,
            context_entries,
            resource_handling_option,
            max_items,
            marker,
        } = ask;
        let request = Request {
            given: texts(policy_input_list),
            boundaries: texts(permissions_boundary_policy_input_list),
            actions: texts(action_names),
            resources: texts(resource_arns),
            resource_policy: given(resource_policy),
            owner: given(resource_owner),
            caller: given(caller_arn),
            entries: entries(context_entries)?,
            option: given(resource_handling_option),
            paging: paging(max_items, marker),
        };
        if let Some(action) = request.actions.iter().find(|action| action.contains('*')) {
            return Err(invalid(format!("Action {action} must not contain wildcards.")));
        }
        Ok(op::SimulateGiven(request.simulation(None)?))
    }

    fn told(output: &Listed<op::Evaluated>) -> Result<SimulateCustomPolicyResponse<'_>> {
        let Listed { items, next, numbered: _ } = output;
        Ok(SimulateCustomPolicyResponse {
            evaluation_results: Some(items.iter().map(result).collect()),
            is_truncated: Some(next.is_some()),
            marker: next.as_deref().map(Into::into),
        })
    }

    fn ask(op: &op::SimulateGiven) -> Result<SimulateCustomPolicyRequest<'_>> {
        let op::SimulateGiven(simulation) = op;
        let (max_items, marker) = list::part(&simulation.paging)?;
        Ok(SimulateCustomPolicyRequest {
            policy_input_list: Some(simulation.given.iter().map(Into::into).collect()),
            permissions_boundary_policy_input_list: boundary(simulation),
            action_names: told_texts(&simulation.actions),
            resource_arns: Some(simulation.resources.iter().map(|one| (&one.name).into()).collect()),
            resource_policy: resource_policy(simulation),
            resource_owner: owner(simulation),
            caller_arn: caller(simulation),
            context_entries: told_entries(simulation),
            resource_handling_option: simulation.scenario.as_deref().map(Cow::from),
            max_items,
            marker,
        })
    }

    fn output(told: SimulateCustomPolicyResponse<'_>) -> Result<Listed<op::Evaluated>> {
        let SimulateCustomPolicyResponse { evaluation_results, is_truncated, marker } = told;
        list::heard(evaluation_results, is_truncated, marker, heard_result)
    }
}

/// Simulates the policies of a user, group or role.
pub(crate) struct PrincipalPolicy;

impl Wire for PrincipalPolicy {
    type Op = op::SimulateHeld;
    type Ask<'a> = SimulatePrincipalPolicyRequest<'a>;
    type Told<'a> = SimulatePrincipalPolicyResponse<'a>;

    fn op(ask: SimulatePrincipalPolicyRequest<'_>) -> Result<op::SimulateHeld> {
        let SimulatePrincipalPolicyRequest {
            policy_source_arn,
            policy_input_list,
            permissions_boundary_policy_input_list,
            action_names,
            resource_arns,
            resource_policy,
            resource_owner,
            caller_arn,
            context_entries,
            resource_handling_option,
            max_items,
            marker,
        } = ask;
        let arn = owned(policy_source_arn);
        let request = Request {
            given: texts(policy_input_list),
            boundaries: texts(permissions_boundary_policy_input_list),
            actions: texts(action_names),
            resources: texts(resource_arns),
            resource_policy: given(resource_policy),
            owner: given(resource_owner),
            caller: given(caller_arn),
            entries: entries(context_entries)?,
            option: given(resource_handling_option),
            paging: paging(max_items, marker),
        };
        let source = entity(&arn)?;
        let by_itself = request.caller.is_none();
        Ok(op::SimulateHeld { source, by_itself, simulation: request.simulation(Some(&arn))? })
    }

    fn told(output: &Listed<op::Evaluated>) -> Result<SimulatePrincipalPolicyResponse<'_>> {
        let Listed { items, next, numbered: _ } = output;
        Ok(SimulatePrincipalPolicyResponse {
            evaluation_results: Some(items.iter().map(result).collect()),
            is_truncated: Some(next.is_some()),
            marker: next.as_deref().map(Into::into),
        })
    }

    fn ask(op: &op::SimulateHeld) -> Result<SimulatePrincipalPolicyRequest<'_>> {
        let op::SimulateHeld { source, by_itself, simulation } = op;
        let (max_items, marker) = list::part(&simulation.paging)?;
        Ok(SimulatePrincipalPolicyRequest {
            policy_source_arn: Some(source.named.as_str().into()),
            policy_input_list: told_texts(&simulation.given),
            permissions_boundary_policy_input_list: boundary(simulation),
            action_names: told_texts(&simulation.actions),
            resource_arns: Some(simulation.resources.iter().map(|one| (&one.name).into()).collect()),
            resource_policy: resource_policy(simulation),
            resource_owner: owner(simulation),
            caller_arn: if *by_itself { None } else { caller(simulation) },
            context_entries: told_entries(simulation),
            resource_handling_option: simulation.scenario.as_deref().map(Cow::from),
            max_items,
            marker,
        })
    }

    fn output(told: SimulatePrincipalPolicyResponse<'_>) -> Result<Listed<op::Evaluated>> {
        let SimulatePrincipalPolicyResponse { evaluation_results, is_truncated, marker } = told;
        list::heard(evaluation_results, is_truncated, marker, heard_result)
    }
}

/// Lists the condition keys of policies that are given.
pub(crate) struct KeysForCustomPolicy;

impl Wire for KeysForCustomPolicy {
    type Op = op::KeysOfGiven;
    type Ask<'a> = GetContextKeysForCustomPolicyRequest<'a>;
    type Told<'a> = GetContextKeysForCustomPolicyResponse<'a>;

    fn op(ask: GetContextKeysForCustomPolicyRequest<'_>) -> Result<op::KeysOfGiven> {
        let GetContextKeysForCustomPolicyRequest { policy_input_list } = ask;
        Ok(op::KeysOfGiven { given: texts(policy_input_list) })
    }

    fn told(output: &Vec<String>) -> Result<GetContextKeysForCustomPolicyResponse<'_>> {
        let context_key_names = Some(output.iter().map(Into::into).collect());
        Ok(GetContextKeysForCustomPolicyResponse { context_key_names })
    }

    fn ask(op: &op::KeysOfGiven) -> Result<GetContextKeysForCustomPolicyRequest<'_>> {
        let policy_input_list = Some(op.given.iter().map(Into::into).collect());
        Ok(GetContextKeysForCustomPolicyRequest { policy_input_list })
    }

    fn output(told: GetContextKeysForCustomPolicyResponse<'_>) -> Result<Vec<String>> {
        let GetContextKeysForCustomPolicyResponse { context_key_names } = told;
        heard::had(context_key_names).map(|names| texts(Some(names)))
    }
}

/// Lists the condition keys of the policies of a user, group or role.
pub(crate) struct KeysForPrincipalPolicy;

impl Wire for KeysForPrincipalPolicy {
    type Op = op::KeysOfHeld;
    type Ask<'a> = GetContextKeysForPrincipalPolicyRequest<'a>;
    type Told<'a> = GetContextKeysForPrincipalPolicyResponse<'a>;

    fn op(ask: GetContextKeysForPrincipalPolicyRequest<'_>) -> Result<op::KeysOfHeld> {
        let GetContextKeysForPrincipalPolicyRequest { policy_source_arn, policy_input_list } = ask;
        Ok(op::KeysOfHeld { source: entity(&owned(policy_source_arn))?, given: texts(policy_input_list) })
    }

    fn told(output: &Vec<String>) -> Result<GetContextKeysForPrincipalPolicyResponse<'_>> {
        let context_key_names = Some(output.iter().map(Into::into).collect());
        Ok(GetContextKeysForPrincipalPolicyResponse { context_key_names })
    }

    fn ask(op: &op::KeysOfHeld) -> Result<GetContextKeysForPrincipalPolicyRequest<'_>> {
        let op::KeysOfHeld { source, given } = op;
        let policy_source_arn = Some(source.named.as_str().into());
        Ok(GetContextKeysForPrincipalPolicyRequest { policy_source_arn, policy_input_list: told_texts(given) })
    }

    fn output(told: GetContextKeysForPrincipalPolicyResponse<'_>) -> Result<Vec<String>> {
        let GetContextKeysForPrincipalPolicyResponse { context_key_names } = told;
        heard::had(context_key_names).map(|names| texts(Some(names)))
    }
}

/// What both simulations are asked.
struct Request {
    given: Vec<String>,
    boundaries: Vec<String>,
    actions: Vec<String>,
    resources: Vec<String>,
    resource_policy: Option<String>,
    owner: Option<String>,
    caller: Option<String>,
    entries: Vec<Fact>,
    option: Option<String>,
    paging: Paging,
}

impl Request {
    /// The simulation, by a caller who is taken to be `source` where nobody else is named.
    fn simulation(self, source: Option<&str>) -> Result<op::Simulation> {
        let Self { given, boundaries, actions, resources, resource_policy, owner, caller, entries, option, paging } =
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
        option.as_deref().map_or(Ok(()), |option| handled(option, &resources))?;
        let owner = owner.map(|arn| match resource::owned_by(&arn) {
            Some(account) => Ok(account.to_owned()),
            None => Err(invalid(format!("'{arn}' is not a valid as a Resource Owner."))),
        });
        let caller = caller.as_deref().or(source).map(entity).transpose()?;
        let resource_policy = resource_policy.map(|text| attached(text, &resources, caller.as_ref())).transpose()?;
        let mut implied = caller.as_ref().map(implied).unwrap_or_default();
        let is_given =
            |name: &str| entries.iter().any(|fact| fact.value().is_some() && fact.name.eq_ignore_ascii_case(name));
        implied.retain(|(name, _)| !is_given(name));
        Ok(op::Simulation {
            given,
            boundary: boundaries.into_iter().next(),
            resource_policy,
            actions,
            resources: resources.into_iter().map(simulated).collect(),
            owner: owner.transpose()?,
            caller: caller.map(asker),
            implied,
            facts: entries,
            scenario: option,
            paging,
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
fn entries(list: Option<Vec<ContextEntry<'_>>>) -> Result<Vec<Fact>> {
    list.unwrap_or_default().into_iter().map(entry).collect()
}

fn entry(entry: ContextEntry<'_>) -> Result<Fact> {
    let ContextEntry { context_key_name, context_key_values, context_key_type } = entry;
    let of = context_key_type.and_then(|of| TYPES.iter().find(|(word, _)| *word == of)).map(|(_, of)| *of);
    let values = texts(context_key_values);
    let Some(name) = given(context_key_name) else { return Err(invalid("A context entry has no ContextKeyName.")) };
    let (predicate, many) = of.unwrap_or((Predicate::Text, values.len() > 1));
    if let Some(value) = values.iter().find(|value| !predicate.takes(value)) {
        return Err(invalid(format!("Value {value} of context key {name} is not of its ContextKeyType.")));
    }
    match values.len() > 1 && !many {
        true => Err(invalid(format!("Context key {name} has more than one value."))),
        false => Ok(Fact { name, values, of }),
    }
}

/// The context keys as a request has them.
fn told_entries(simulation: &op::Simulation) -> Option<Vec<ContextEntry<'_>>> {
    let entry = |Fact { name, values, of }: &'_ Fact| {
        let of = of.and_then(|of| TYPES.iter().find(|(_, known)| *known == of));
        ContextEntry {
            context_key_name: Some(name.clone().into()),
            context_key_values: (!values.is_empty()).then(|| values.iter().map(|value| value.clone().into()).collect()),
            context_key_type: of.map(|(word, _)| (*word).into()),
        }
    };
    (!simulation.facts.is_empty()).then(|| simulation.facts.iter().map(entry).collect())
}

fn boundary(simulation: &op::Simulation) -> Texts<'_> {
    simulation.boundary.as_ref().map(|text| vec![text.into()])
}

fn resource_policy(simulation: &op::Simulation) -> Option<Cow<'_, str>> {
    simulation.resource_policy.as_ref().map(|(_, text)| text.into())
}

fn owner(simulation: &op::Simulation) -> Option<Cow<'_, str>> {
    simulation.owner.as_deref().map(|account| resource::Home::of(account).owner().into())
}

fn caller(simulation: &op::Simulation) -> Option<Cow<'_, str>> {
    let op::Asker { kind: _, account: _, arn, role_arn } = simulation.caller.as_ref()?;
    Some(role_arn.as_ref().unwrap_or(arn).into())
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
        _ if is_key => Some((DocumentKind::Key, rules::default_policy(account, resource::region_of(&name)))),
        name if is_role(name) => Some((DocumentKind::Trust, trusting(account))),
        _ => None,
    });
    let key = if is_key { resource::key(&name).ok() } else { None };
    op::Simulated { any: name == "*", name, account, key, presumed }
}

/// A trust policy that leaves the matter to the account.
fn trusting(account: &str) -> String {
    let statement = json!({
        "Effect": "Allow", "Principal": { "AWS": resource::Home::of(account).owner() }, "Action": "sts:*",
    });
    json!({ "Version": "2012-10-17", "Statement": [statement] }).to_string()
}

/// The caller. A role acts by its sessions, none of which has a name here.
fn asker(source: op::Source) -> op::Asker {
    let op::Source { account, path: _, holder, named: arn } = source;
    match holder {
        Holder::User(_) | Holder::Group(_) => op::Asker { kind: PrincipalKind::User, account, arn, role_arn: None },
        Holder::Role(_) => {
            op::Asker { kind: PrincipalKind::RoleSession, account, arn: String::new(), role_arn: Some(arn) }
        }
    }
}

/// The context keys that follow from who calls.
fn implied(caller: &op::Source) -> Vec<(String, Value<'static>)> {
    let (kind, user) = match &caller.holder {
        Holder::User(name) => ("User", Some(name)),
        Holder::Role(_) => ("AssumedRole", None),
        Holder::Group(_) => return Vec::new(),
    };
    let account = || caller.account.clone();
    let known = [
        ("aws:PrincipalAccount", account()),
        ("aws:PrincipalArn", caller.named.clone()),
        ("aws:PrincipalType", kind.to_owned()),
        ("kms:CallerAccount", account()),
    ];
    let user = user.map(|name| ("aws:username", name.clone()));
    known.into_iter().chain(user).map(|(name, value)| (name.to_owned(), value.into())).collect()
}

/// What came out for an action.
fn result(evaluated: &op::Evaluated) -> EvaluationResult<'_> {
    let op::Evaluated { action, whole, each } = evaluated;
    let resource = whole.resource.as_deref().unwrap_or_else(|| asked_about(each.as_deref().unwrap_or_default()));
    EvaluationResult {
        eval_action_name: Some(action.into()),
        eval_decision: Some(decision(whole.verdict).into()),
        eval_decision_details: whole.said.map(details),
        eval_resource_name: Some(resource.into()),
        matched_statements: Some(whole.matched.iter().map(statement).collect()),
        missing_context_values: Some(whole.missing.iter().map(Into::into).collect()),
        permissions_boundary_decision_detail: limits(whole),
        resource_specific_results: each.as_ref().map(|each| each.iter().map(specific).collect()),
    }
}

/// What came out for one resource.
fn specific(on: &op::Outcome) -> ResourceSpecificResult<'_> {
    let op::Outcome { resource, verdict, matched, missing, said, within_boundary: _ } = on;
    ResourceSpecificResult {
        eval_decision_details: said.map(details),
        eval_resource_decision: Some(decision(*verdict).into()),
        eval_resource_name: resource.as_deref().map(Into::into),
        matched_statements: Some(matched.iter().map(statement).collect()),
        missing_context_values: Some(missing.iter().map(Into::into).collect()),
        permissions_boundary_decision_detail: limits(on),
    }
}

const VERDICTS: [Verdict; 3] = [Verdict::Allow, Verdict::ExplicitDeny, Verdict::ImplicitDeny];

fn decision(verdict: Verdict) -> &'static str {
    match verdict {
        Verdict::Allow => "allowed",
        Verdict::ExplicitDeny => "explicitDeny",
        Verdict::ImplicitDeny => "implicitDeny",
    }
}

const IDENTITY: &str = "IAM Policy";
const RESOURCE: &str = "Resource Policy";
const BOUNDARY: &str = "Permissions Boundary Policy";
/// What the identifiers of policies that are given begin with.
const GIVEN: &str = "PolicyInputList.";
/// The identifier of the boundary.
const OF_BOUNDARY: &str = "PermissionsBoundaryPolicyInputList.1";
/// The identifier of the policy of a resource.
const OF_RESOURCE: &str = "ResourcePolicy";

fn statement(matched: &op::Matched) -> Statement<'_> {
    let op::Matched { origin, extent: Extent { start, end } } = matched;
    let (id, of) = match origin {
        op::Origin::Inline(holder, policy) => (inline(holder, policy).into(), IDENTITY),
        op::Origin::Managed(policy) => ((&policy.name).into(), IDENTITY),
        op::Origin::Given(number) => (format!("{GIVEN}{number}").into(), IDENTITY),
        op::Origin::Called(id) => (id.into(), IDENTITY),
        op::Origin::Boundary => (OF_BOUNDARY.into(), BOUNDARY),
        op::Origin::Resource | op::Origin::Key | op::Origin::Presumed => (OF_RESOURCE.into(), RESOURCE),
    };
    Statement {
        end_position: Some(position(*end)),
        source_policy_id: Some(id),
        source_policy_type: Some(of.into()),
        start_position: Some(position(*start)),
    }
}

fn inline(holder: &Holder, policy: &str) -> String {
    let kind = match holder {
        Holder::User(_) => "user",
        Holder::Group(_) => "group",
        Holder::Role(_) => "role",
    };
    format!("{kind}_{}_{policy}", holder.name())
}

fn position<'a>(position: policy::Position) -> Position<'a> {
    let policy::Position { line, column } = position;
    let number = |number: usize| i64::try_from(number).ok();
    Position { column: number(column), line: number(line), ..Position::default() }
}

/// Whether the boundary, if there is one, allows the action.
fn limits<'a>(outcome: &op::Outcome) -> Option<PermissionsBoundaryDecisionDetail<'a>> {
    let allowed_by_permissions_boundary = Some(outcome.within_boundary?);
    Some(PermissionsBoundaryDecisionDetail { allowed_by_permissions_boundary, ..Default::default() })
}

/// What each type of policy says.
fn details<'a>(said: op::Said) -> Pairs<'a> {
    let op::Said { identity, boundary, attached } = said;
    let all = [(IDENTITY, identity), (BOUNDARY, boundary), (RESOURCE, attached)];
    Pairs(all.into_iter().filter_map(|(name, said)| Some((name.into(), decision(said?).into()))).collect())
}

/// What an answer tells of an action.
fn heard_result(result: EvaluationResult<'_>) -> Result<op::Evaluated> {
    let EvaluationResult {
        eval_action_name,
        eval_decision,
        eval_decision_details,
        eval_resource_name,
        matched_statements,
        missing_context_values,
        permissions_boundary_decision_detail,
        resource_specific_results,
    } = result;
    let whole = heard_specific(ResourceSpecificResult {
        eval_decision_details,
        eval_resource_decision: eval_decision,
        eval_resource_name,
        matched_statements,
        missing_context_values,
        permissions_boundary_decision_detail,
    })?;
    let each = resource_specific_results.map(|all| all.into_iter().map(heard_specific).collect()).transpose()?;
    Ok(op::Evaluated { action: heard::text(eval_action_name)?, whole, each })
}

/// What an answer tells of a resource.
fn heard_specific(result: ResourceSpecificResult<'_>) -> Result<op::Outcome> {
    let ResourceSpecificResult {
        eval_decision_details,
        eval_resource_decision,
        eval_resource_name,
        matched_statements,
        missing_context_values,
        permissions_boundary_decision_detail,
    } = result;
    let within = |PermissionsBoundaryDecisionDetail { allowed_by_permissions_boundary, phantom: _ }| {
        heard::had(allowed_by_permissions_boundary)
    };
    Ok(op::Outcome {
        resource: Some(heard::text(eval_resource_name)?),
        verdict: heard::one_of(&VERDICTS, decision, eval_resource_decision)?,
        matched: heard::had(matched_statements)?.into_iter().map(heard_statement).collect::<Result<_>>()?,
        missing: texts(Some(heard::had(missing_context_values)?)),
        said: eval_decision_details.map(heard_details).transpose()?,
        within_boundary: permissions_boundary_decision_detail.map(within).transpose()?,
    })
}

/// What an answer tells that each type of policy says.
fn heard_details(details: Pairs<'_>) -> Result<op::Said> {
    let mut said = op::Said::default();
    for (name, word) in details.iter() {
        let verdict = Some(heard::one_of(&VERDICTS, decision, Some(word.into()))?);
        match name {
            IDENTITY => said.identity = verdict,
            BOUNDARY => said.boundary = verdict,
            RESOURCE => said.attached = verdict,
            _ => return Err(heard::unreadable("a type of policy is not known")),
        }
    }
    Ok(said)
}

/// The statement that an answer tells; inline policies and managed ones are told alike.
fn heard_statement(statement: Statement<'_>) -> Result<op::Matched> {
    let Statement { end_position, source_policy_id, source_policy_type, start_position } = statement;
    let (id, of) = (heard::text(source_policy_id)?, heard::text(source_policy_type)?);
    let number = || id.strip_prefix(GIVEN)?.parse().ok();
    let origin = match (&*of, &*id) {
        (BOUNDARY, OF_BOUNDARY) => op::Origin::Boundary,
        (RESOURCE, OF_RESOURCE) => op::Origin::Resource,
        (IDENTITY, _) => number().map_or_else(|| op::Origin::Called(id.clone()), op::Origin::Given),
        _ => return Err(heard::unreadable("a statement is of no known policy")),
    };
    let extent = Extent { start: heard_position(start_position)?, end: heard_position(end_position)? };
    Ok(op::Matched { origin, extent })
}

fn heard_position(position: Option<Position<'_>>) -> Result<policy::Position> {
    let Position { column, line, phantom: _ } = heard::had(position)?;
    let number = |number: Option<i64>| heard::had(number.and_then(|number| usize::try_from(number).ok()));
    Ok(policy::Position { line: number(line)?, column: number(column)? })
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

/// The resource that was asked about; of several, the form of their ARNs.
fn asked_about(each: &[op::Outcome]) -> &str {
    match each {
        [op::Outcome { resource: Some(only), .. }] => only,
        several => template(several),
    }
}

/// The form of the ARNs of the resources, if they have one that is known here.
fn template(each: &[op::Outcome]) -> &'static str {
    let form = |arn: &str| {
        let mut parts = arn.splitn(6, ':').skip(2);
        let (service, relative) = (parts.next()?, parts.nth(2)?);
        let known = TEMPLATES.iter().find(|(known, start, _)| *known == service && relative.starts_with(start));
        known.map(|(_, _, form)| *form)
    };
    let mut forms = each.iter().map(|one| form(one.resource.as_deref()?));
    let first = forms.next().flatten();
    first.filter(|first| forms.all(|form| form == Some(*first))).unwrap_or("*")
}

#[cfg(test)]
#[allow(clippy::unwrap_used, clippy::expect_used, clippy::indexing_slicing, clippy::panic, reason = "tests")]
#[path = "simulate_tests.rs"]
mod tests;
