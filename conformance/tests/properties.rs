//! Properties that hold for every case: what a change of the policies may and may not do to the verdict.
//!
//! `POLYKMS_DRT_CASES` is the number of cases per dialect, `POLYKMS_DRT_SEED` repeats a run.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::indexing_slicing, clippy::panic, reason = "tests")]

mod common;

use common::{DIALECTS, answers, cases, count, seed};
use polykms_conformance::reference::{self, Fault};
use serde_json::{Value, json};

/// Who answers: the evaluator, or a stand-in that is known to be wrong.
type Judge<'j> = &'j dyn Fn(&[Value]) -> Vec<String>;

/// A change of a case, in the ways that the case allows.
type Change = fn(&Value) -> Vec<Value>;

/// The first change, if any, that breaks the rule `holds(before, after)`.
fn broken(judge: Judge<'_>, change: Change, holds: fn(&str, &str) -> bool) -> Option<String> {
    let seed = seed();
    for dialect in DIALECTS {
        let originals: Vec<Value> = cases(dialect, seed).take(count(2_500)).collect();
        for originals in originals.chunks(500) {
            let changed: Vec<Vec<Value>> = originals.iter().map(change).collect();
            let mut after = judge(&changed.concat()).into_iter();
            for (before, changed) in judge(originals).iter().zip(changed) {
                for (changed, after) in changed.into_iter().zip(after.by_ref()) {
                    if !holds(before, &after) {
                        return Some(format!("{before} became {after}: {changed}"));
                    }
                }
            }
        }
    }
    None
}

/// The evaluator keeps the rule, and the rule is broken by every judge that is known to be wrong.
fn always(change: Change, holds: fn(&str, &str) -> bool, wrong: &[Judge<'_>]) {
    assert_eq!(broken(&answers, change, holds), None);
    for (index, wrong) in wrong.iter().enumerate() {
        assert!(broken(wrong, change, holds).is_some(), "control {index} was not caught");
    }
}

/// The judge that is the reference with a fault, if any, and sees each case otherwise than it is.
fn mistaken(fault: Option<Fault>, seen: fn(&Value) -> Value) -> impl Fn(&[Value]) -> Vec<String> {
    move |cases| cases.iter().map(|case| reference::evaluate_with(&seen(case), fault).word().to_owned()).collect()
}

/// The case with only one policy of each list of policies, found by its place from the end or the start.
fn one_policy(case: &Value, last: bool) -> Value {
    let mut case = case.clone();
    for policies in case["layers"].as_object_mut().unwrap().values_mut().filter_map(Value::as_array_mut) {
        if policies.iter().all(|policy| policy.get("document").is_some()) {
            let kept = if last { policies.pop() } else { policies.drain(..).next() };
            *policies = kept.into_iter().collect();
        }
    }
    case
}

fn rank(verdict: &str) -> u8 {
    match verdict {
        "allow" => 0,
        "implicit_deny" => 1,
        "explicit_deny" => 2,
        other => panic!("{other}"),
    }
}

fn not_worse(before: &str, after: &str) -> bool {
    rank(after) <= rank(before)
}

/// How often a word occurs in the policies of a case.
fn mentions(case: &Value, word: &str) -> usize {
    case["layers"].to_string().matches(word).count()
}

fn not_better(before: &str, after: &str) -> bool {
    rank(after) >= rank(before)
}

#[test]
fn a_deny_in_any_layer_ends_the_matter() {
    let fault = |fault| mistaken(Some(fault), Value::clone);
    let [boundary, session, endpoint, control] = [
        fault(Fault::BoundaryDoesNotCount),
        fault(Fault::SessionDoesNotCount),
        fault(Fault::EndpointDoesNotCount),
        fault(Fault::ResourceControlDoesNotCount),
    ];
    let first = mistaken(None, |case| one_policy(case, false));
    always(with_a_deny, |_, after| after == "explicit_deny", &[&boundary, &session, &endpoint, &control, &first]);
}

#[test]
fn one_more_deny_never_gives_access() {
    let wrong = mistaken(None, |case| {
        serde_json::from_str(&case.to_string().replace("\"Effect\":\"Deny\"", "\"Effect\":\"Allow\"")).unwrap()
    });
    let last = mistaken(None, |case| one_policy(case, true));
    always(with_any_deny, not_better, &[&wrong, &last]);
}

#[test]
fn one_more_allow_never_takes_access_away() {
    let odd = |case: &Value| if mentions(case, "\"Allow\"") % 2 == 1 { "allow" } else { "implicit_deny" };
    let odd = |cases: &[Value]| cases.iter().map(|case| odd(case).to_owned()).collect();
    let last = mistaken(None, |case| one_policy(case, true));
    always(with_an_allow, not_worse, &[&odd, &last]);
}

#[test]
fn the_order_of_policies_and_statements_does_not_count() {
    let first = mistaken(None, |case| one_policy(case, false));
    let last = mistaken(None, |case| one_policy(case, true));
    always(|case| vec![reversed(case)], |before, after| before == after, &[&first, &last]);
}

#[test]
fn removing_a_control_policy_never_narrows() {
    let controlled = |case: &Value| if mentions(case, "\"level-") > 0 { "allow" } else { "implicit_deny" };
    let controlled = |cases: &[Value]| cases.iter().map(|case| controlled(case).to_owned()).collect();
    // No organisation is not an organisation without levels.
    let empty = mistaken(None, |case| {
        let mut case = case.clone();
        let layer = if case["dialect"] == "alibaba" { "control" } else { "scp" };
        case["layers"].as_object_mut().unwrap().entry(layer).or_insert(json!([]));
        case
    });
    always(with_less_control, not_worse, &[&controlled, &empty]);
}

/// Long policies are looked up in an index, short ones are read through.
#[test]
fn the_length_of_a_policy_does_not_count() {
    let short = |case: &Value| if mentions(case, "\"Effect\"") < 12 { "allow" } else { "implicit_deny" };
    let short = |cases: &[Value]| cases.iter().map(|case| short(case).to_owned()).collect();
    always(|case| vec![lengthened(case)], |before, after| before == after, &[&short]);
}

/// A statement about everything and everyone, as the layer wants it.
fn statement(case: &Value, layer: &str, effect: &str) -> Value {
    let mut statement = json!({ "Effect": effect, "Action": "*", "Resource": "*" });
    let alibaba = case["dialect"] == "alibaba";
    let members = statement.as_object_mut().unwrap();
    if layer == "rcp" || layer == "vpce" || layer == "resource" {
        let own = ["role_arn", "arn"].iter().find_map(|name| case["principal"].get(name)).cloned();
        members.insert("Principal".to_owned(), if alibaba { json!({ "RAM": [own] }) } else { json!("*") });
    }
    if layer == "rcp" {
        // Resource control policies name their services.
        members.insert("Action".to_owned(), json!(["kms:*", "sts:*", "s3:*"]));
    }
    if layer == "resource" && case["action"] == "sts:AssumeRole" {
        members.insert("Action".to_owned(), json!("sts:*"));
        members.remove("Resource");
    } else if layer == "resource" && alibaba {
        members.insert("Action".to_owned(), json!("kms:*"));
    }
    statement
}

/// The case with one more policy in each layer in turn.
fn with_a_deny(case: &Value) -> Vec<Value> {
    let kind = case["principal"]["type"].as_str().unwrap();
    let retiring = case["action"] == "kms:RetireGrant";
    let linked = case["principal"]["role_arn"].to_string().contains("aws-service-role");
    let attached = case["layers"]["resource"][0]["attached_to"] == case["resource"];
    let free = |layer: &str| match layer {
        "scp" | "rcp" | "control" if case["layers"][layer] == json!([]) => true,
        "scp" => linked || ["service", "anonymous"].contains(&kind),
        "rcp" => linked || retiring,
        "resource" => retiring || !attached,
        // A policy of the resource group counts only when those of the account say nothing.
        "identity_rg" | "grants" => true,
        _ => false,
    };
    // The owner of an account is always allowed on its own, and one operation needs no permission.
    let exempt = kind == "account" || case["action"] == "kms:DescribeRegions";
    let layers = case["layers"].as_object().unwrap().keys().filter(|layer| !exempt && !free(layer));
    layers.map(|layer| with_policy(case, layer, &statement(case, layer, "Deny"))).collect()
}

fn with_policy(case: &Value, layer: &str, statement: &Value) -> Value {
    let version = if case["dialect"] == "alibaba" { "1" } else { "2012-10-17" };
    let policy = json!({ "name": "added", "document": { "Version": version, "Statement": [statement] } });
    let mut case = case.clone();
    let layers = case["layers"].as_object_mut().unwrap();
    let policies = layers.get_mut(layer).unwrap().as_array_mut().unwrap();
    match layer {
        "identity_rg" => {
            let mut policy = policy;
            policy["resource_group"] = json!("rg-a");
            policies.push(policy);
        }
        "scp" | "rcp" | "control" => policies[0]["policies"].as_array_mut().unwrap().push(policy),
        "resource" => policies[0] = with_statement(&policies[0], statement),
        _ => policies.push(policy),
    }
    case
}

fn with_statement(policy: &Value, statement: &Value) -> Value {
    let mut policy = policy.clone();
    let statements = &mut policy["document"]["Statement"];
    if !statements.is_array() {
        *statements = json!([statements.clone()]);
    }
    statements.as_array_mut().unwrap().push(statement.clone());
    policy
}

/// The case with one more Deny in each layer in turn, whether or not it applies.
fn with_any_deny(case: &Value) -> Vec<Value> {
    let layers = case["layers"].as_object().unwrap().keys();
    let levels = |layer: &str| ["scp", "rcp", "control"].contains(&layer) && case["layers"][layer] == json!([]);
    let layers = layers.filter(|layer| *layer != "grants" && !levels(layer));
    layers.flat_map(|layer| with_policies(case, layer, "Deny")).collect()
}

/// The case with one more Allow in each layer in turn, whether or not it applies, and with one more grant.
fn with_an_allow(case: &Value) -> Vec<Value> {
    let layers = case["layers"].as_object().unwrap().keys();
    let levels = |layer: &str| ["scp", "control"].contains(&layer) && case["layers"][layer] == json!([]);
    // Resource control policies only deny.
    let layers = layers.filter(|layer| !["grants", "rcp"].contains(&layer.as_str()) && !levels(layer));
    layers.flat_map(|layer| with_policies(case, layer, "Allow")).chain(with_a_grant(case)).collect()
}

/// A policy about everything, one about something else, and one with a condition that fails, each in its own case.
fn with_policies(case: &Value, layer: &str, effect: &str) -> Vec<Value> {
    let whole = statement(case, layer, effect);
    let (mut other, mut conditional) = (whole.clone(), whole.clone());
    other["Action"] = json!("kms:DeleteAlias");
    conditional["Condition"] = json!({ "StringEquals": { "x:none": "x" } });
    [whole, other, conditional].iter().map(|statement| with_policy(case, layer, statement)).collect()
}

fn with_a_grant(case: &Value) -> Option<Value> {
    let mut case = case.clone();
    let grants = case["layers"].get_mut("grants")?.as_array_mut().unwrap();
    let mut grant = grants.first()?.clone();
    grant["grant_id"] = json!("added");
    grant.as_object_mut().unwrap().remove("constraints");
    grants.push(grant);
    Some(case)
}

/// The case with every list reversed.
fn reversed(value: &Value) -> Value {
    match value {
        Value::Array(items) => items.iter().rev().map(reversed).collect(),
        Value::Object(members) => members.iter().map(|(name, value)| (name.clone(), reversed(value))).collect(),
        other => other.clone(),
    }
}

/// The case with the statements of every policy repeated, often enough for an index.
fn lengthened(value: &Value) -> Value {
    match value {
        Value::Array(items) => items.iter().map(lengthened).collect(),
        Value::Object(members) => {
            let member = |(name, value): (&String, &Value)| match (name.as_str(), value) {
                ("Statement", Value::Array(items)) if items.len() < 12 => (name.clone(), repeated(items)),
                ("Statement", one @ Value::Object(_)) => (name.clone(), repeated(std::slice::from_ref(one))),
                _ => (name.clone(), lengthened(value)),
            };
            members.iter().map(member).collect()
        }
        other => other.clone(),
    }
}

fn repeated(statements: &[Value]) -> Value {
    let mut all: Vec<Value> = statements.iter().cycle().take(statements.len().next_multiple_of(12)).cloned().collect();
    for again in all.iter_mut().skip(statements.len()).filter_map(Value::as_object_mut) {
        again.remove("Sid");
    }
    Value::Array(all)
}

/// The case without its control policies, without one of their levels, and without one of their Denies.
fn with_less_control(case: &Value) -> Vec<Value> {
    let mut changed = Vec::new();
    for layer in ["scp", "rcp", "control"] {
        let Some(levels) = case["layers"].get(layer).and_then(Value::as_array) else { continue };
        let mut without = case.clone();
        without["layers"].as_object_mut().unwrap().remove(layer);
        changed.push(without);
        for index in 0..levels.len() {
            // An organisation without any level is not the same as none.
            if levels.len() > 1 {
                let mut without = case.clone();
                without["layers"][layer].as_array_mut().unwrap().remove(index);
                changed.push(without);
            }
            let mut without = case.clone();
            for policy in without["layers"][layer][index]["policies"].as_array_mut().unwrap() {
                if let Value::Array(statements) = &mut policy["document"]["Statement"] {
                    statements.retain(|statement| statement["Effect"] != "Deny");
                }
            }
            changed.push(without);
        }
    }
    changed
}
