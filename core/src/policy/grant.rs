//! Grants: what they give, to whom, and who may retire them.
//!
//! # Invariants
//! - A grant never denies, and gives nothing outside the operations the dialect lets grants give.

use std::collections::BTreeMap;
use std::sync::Arc;

use super::combine::{Kinds, Outcome};
use super::key::KeyName;
use super::principal::{self, Form};
use super::question::{Context, Principal, PrincipalKind, Question, Value};
use super::spec::{GrantRules, Spec};

/// A grant on a key, as the evaluator sees it.
#[derive(Debug, Clone)]
pub struct Grant {
    /// Its identifier.
    pub id: Arc<str>,
    /// The full name of the key.
    pub key: Arc<str>,
    /// Who may use it.
    pub grantee: Arc<str>,
    /// Who may retire it.
    pub retiring: Option<Arc<str>>,
    /// The account in which it was made; empty means the key's.
    pub issuing_account: Arc<str>,
    /// The operations it gives.
    pub operations: Vec<Arc<str>>,
    /// The request must carry exactly these pairs.
    pub equals: Option<BTreeMap<String, String>>,
    /// The request must carry at least these pairs.
    pub subset: Option<BTreeMap<String, String>>,
}

/// The grants that a question is answered from, in groups as they are kept.
#[derive(Debug, Clone, Copy, Default)]
pub struct Grants<'a>([&'a [Grant]; 4]);

impl<'a> Grants<'a> {
    /// Those of several groups.
    pub fn of(groups: [&'a [Grant]; 4]) -> Self {
        Self(groups)
    }

    /// Whether there are none.
    pub fn is_empty(&self) -> bool {
        self.0.iter().all(|group| group.is_empty())
    }

    /// One after the other.
    pub(super) fn iter(self) -> impl Iterator<Item = &'a Grant> {
        self.0.into_iter().flatten()
    }
}

impl<'a> From<&'a [Grant]> for Grants<'a> {
    fn from(grants: &'a [Grant]) -> Self {
        Self([grants, &[], &[], &[]])
    }
}

/// What all grants together say.
pub(super) fn outcome(spec: &Spec, question: &Question<'_>, grants: Grants<'_>) -> Outcome {
    let mut allow = Kinds::NONE;
    for grant in grants.iter() {
        allow = allow.or(kinds(spec, question, grant));
    }
    Outcome { deny: false, allow }
}

/// In which ways `grant` lets the caller do what it asks.
pub(super) fn kinds(spec: &Spec, question: &Question<'_>, grant: &Grant) -> Kinds {
    let kinds = at_best(spec, question, grant);
    let satisfied = || {
        operation(spec, question).is_some_and(|(rules, operation)| {
            operation.eq_ignore_ascii_case(rules.retire) || satisfied(rules, operation, grant, question.context)
        })
    };
    if kinds != Kinds::NONE && satisfied() { kinds } else { Kinds::NONE }
}

/// What the question asks for, if grants can give such a thing.
fn operation<'q>(spec: &'q Spec, question: &Question<'q>) -> Option<(&'q GrantRules, &'q str)> {
    let rules = spec.grants.as_ref()?;
    let (service, operation) = question.action.split_at_checked(rules.action_prefix.len())?;
    service.eq_ignore_ascii_case(rules.action_prefix).then_some((rules, operation))
}

/// The condition keys that decide whether its constraints hold; of the pairs also their prefix.
pub(super) fn asks(spec: &Spec, question: &Question<'_>, grant: &Grant) -> Vec<String> {
    let Some((rules, operation)) = operation(spec, question) else { return Vec::new() };
    let is = |name: &str| operation.eq_ignore_ascii_case(name);
    if is(rules.retire) || rules.unconstrained.iter().any(|free| is(free)) && !is(rules.create) {
        return Vec::new();
    }
    let mut keys = Vec::new();
    if is(rules.create) {
        keys.extend([rules.child_operations, rules.child_constraint].map(str::to_owned));
    }
    if grant.equals.is_some() || grant.subset.is_some() {
        keys.extend([rules.pairs, rules.pair_names].map(str::to_owned));
        keys.extend(pairs(grant).map(|(name, _)| [rules.pairs, name].concat()));
    }
    keys
}

/// The value that its constraints want of a key, if they want one.
pub(super) fn wanted(spec: &Spec, grant: &Grant, key: &str) -> Option<String> {
    let name = key.strip_prefix(spec.grants.as_ref()?.pairs)?;
    pairs(grant).find(|(known, _)| *known == name).map(|(_, value)| value.clone())
}

fn pairs(grant: &Grant) -> impl Iterator<Item = (&String, &String)> {
    grant.equals.iter().chain(&grant.subset).flatten()
}

/// The same whatever its constraints want.
pub(super) fn at_best(spec: &Spec, question: &Question<'_>, grant: &Grant) -> Kinds {
    let Some((rules, operation)) = operation(spec, question) else { return Kinds::NONE };
    let retire = operation.eq_ignore_ascii_case(rules.retire);
    // A grant to be retired may be named by itself, without its key.
    let by_itself = retire && question.resource == "*" && question.grant_id.is_some();
    if *grant.key != *question.resource && !by_itself {
        return Kinds::NONE;
    }
    if retire {
        return retirement(spec, rules, question, grant);
    }
    let lists = |name: &str| grant.operations.iter().any(|known| known.eq_ignore_ascii_case(name));
    let known = rules.operations.iter().any(|known| known.eq_ignore_ascii_case(operation));
    if !known || !lists(operation) {
        return Kinds::NONE;
    }
    reaches(spec, &grant.grantee, &question.principal)
}

/// The retiring principal, the grantee if the grant says so, and the accounts behind the grant may retire it.
fn retirement(spec: &Spec, rules: &GrantRules, question: &Question<'_>, grant: &Grant) -> Kinds {
    if question.grant_id.is_some_and(|wanted| *grant.id != *wanted) {
        return Kinds::NONE;
    }
    let principal = &question.principal;
    let mut kinds = Kinds::NONE;
    if let Some(retiring) = &grant.retiring {
        kinds = kinds.or(reaches(spec, retiring, principal));
    }
    if grant.operations.iter().any(|known| known.eq_ignore_ascii_case(rules.retire)) {
        kinds = kinds.or(reaches(spec, &grant.grantee, principal));
    }
    let key_account = grant.key.splitn(spec.names.segments, ':').nth(spec.names.account);
    let issuer = match principal::identity(spec, &grant.issuing_account) {
        (Form::Account, issuer) => Some(issuer),
        _ => None,
    };
    [key_account, issuer]
        .into_iter()
        .flatten()
        .fold(kinds, |kinds, account| kinds.or(principal::matches(Form::Account, account, principal)))
}

fn reaches(spec: &Spec, text: &str, principal: &Principal<'_>) -> Kinds {
    if principal.kind == PrincipalKind::Service {
        return principal::matches(Form::Service, text, principal);
    }
    let (form, text) = principal::identity(spec, text);
    principal::matches(form, text, principal)
}

fn satisfied(rules: &GrantRules, operation: &str, grant: &Grant, context: &dyn Context) -> bool {
    if operation.eq_ignore_ascii_case(rules.create) {
        return as_strict(rules, grant, context);
    }
    if rules.unconstrained.iter().any(|free| free.eq_ignore_ascii_case(operation)) {
        return true;
    }
    holds_all(rules, grant, context) && grant.equals.as_ref().is_none_or(|pairs| count(rules, context) == pairs.len())
}

/// A grant made under a grant gives no more operations and constrains at least as much.
fn as_strict(rules: &GrantRules, grant: &Grant, context: &dyn Context) -> bool {
    let lists = |name: &str| grant.operations.iter().any(|known| **known == *name);
    let operations = match context.value(rules.child_operations) {
        Some(Value::Many(children)) => children.iter().all(|child| lists(child)),
        Some(Value::One(child)) => lists(&child),
        // What the new grant would give is not known.
        None => false,
    };
    if !operations {
        return false;
    }
    let constraint = context.value(rules.child_constraint);
    let constrained_as = |name: &str| matches!(&constraint, Some(Value::One(text)) if *text == *name);
    let equal =
        grant.equals.as_ref().is_none_or(|pairs| constrained_as(rules.equals) && count(rules, context) == pairs.len());
    let at_least = grant.subset.is_none() || constrained_as(rules.equals) || constrained_as(rules.subset);
    equal && at_least && holds_all(rules, grant, context)
}

/// Whether the request carries every pair of the grant's constraints, case for case.
fn holds_all(rules: &GrantRules, grant: &Grant, context: &dyn Context) -> bool {
    pairs(grant).all(|(name, value)| named(rules, name, context) && carries(rules, name, value, context))
}

/// Whether the request has a pair of exactly this name.
fn named(rules: &GrantRules, name: &str, context: &dyn Context) -> bool {
    match context.value(rules.pair_names) {
        Some(Value::Many(names)) => names.iter().any(|known| known == name),
        Some(Value::One(known)) => known == name,
        None => {
            let mut found = false;
            context.visit(rules.pairs, &mut |known, _| found |= known == name);
            found
        }
    }
}

fn carries(rules: &GrantRules, name: &str, value: &str, context: &dyn Context) -> bool {
    matches!(context.named(KeyName::of(rules.pairs, name)), Some(Value::One(text)) if text == value)
}

/// The number of pairs of the request.
fn count(rules: &GrantRules, context: &dyn Context) -> usize {
    match context.value(rules.pair_names) {
        Some(Value::Many(names)) => names.len(),
        Some(Value::One(_)) => 1,
        None => {
            let mut count = 0;
            context.visit(rules.pairs, &mut |_, _| count += 1);
            count
        }
    }
}
