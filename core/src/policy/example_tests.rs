//! A small policy language for the tests of this module, with every feature turned on.

#![allow(clippy::unwrap_used, clippy::expect_used, clippy::indexing_slicing, clippy::panic, reason = "tests")]

use std::sync::Arc;

use super::condition::Truth;
use super::effort::Effort;
use super::evaluate::Evaluation;
use super::*;

pub(crate) static SPEC: Spec = Spec {
    name: "example",
    versions: &[Version { text: "2", variables: true }, Version { text: "1", variables: false }],
    version_required: false,
    latin: true,
    single_statement: true,
    bare_scalars: true,
    repeated_identifiers: false,
    idle_operators: false,
    forms: Forms::LOOSE,
    shapes: &[
        Shape::PLAIN,
        Shape { kind: DocumentKind::Control, ..Shape::PLAIN },
        Shape {
            kind: DocumentKind::Key,
            id: true,
            principal: Presence::Required,
            not_principal: true,
            action: Presence::Inert,
            resource: Presence::Inert,
            never_every: &["pair:"],
            identifiers: Identifiers::Free,
            ..Shape::PLAIN
        },
        Shape {
            kind: DocumentKind::ResourceControl,
            principal: Presence::Required,
            only_everyone: true,
            only_whole: true,
            not_action: false,
            action_prefixes: &["kms:"],
            effects: &[Effect::Deny],
            ..Shape::PLAIN
        },
    ],
    operators: &[
        Operator::is("StringEquals", Predicate::Text),
        Operator::not("StringNotEquals", Predicate::Text),
        Operator::is("StringEqualsIgnoreCase", Predicate::TextAnyCase),
        Operator::is("StringLike", Predicate::Like),
        Operator::is("NumericEquals", Predicate::Number(Order::Equal)),
        Operator::not("NumericNotEquals", Predicate::Number(Order::Equal)),
        Operator::is("NumericLessThan", Predicate::Number(Order::Less)),
        Operator::is("NumericGreaterThan", Predicate::Number(Order::Greater)),
        Operator::is("DateEquals", Predicate::Instant(Order::Equal)),
        Operator::is("DateLessThan", Predicate::Instant(Order::Less)),
        Operator::is("Bool", Predicate::Boolean),
        Operator::is("BinaryEquals", Predicate::Bytes),
        Operator::is("IpAddress", Predicate::Network),
        Operator::not("NotIpAddress", Predicate::Network),
        Operator::is("ArnEquals", Predicate::Name),
        Operator::is("ArnLike", Predicate::Name),
        Operator::not("ArnNotLike", Predicate::Name),
        Operator::is("Null", Predicate::Absent),
    ],
    quantifiers: true,
    if_exists: true,
    names: NameSyntax { scheme: "arn", segments: 6, service: 2, account: 4, star_fills_empty: false },
    principals: &[
        PrincipalType { element: "ID", form: PrincipalForm::Identity },
        PrincipalType { element: "Service", form: PrincipalForm::Service },
    ],
    account_names: &[("arn:aws:iam::", ":root")],
    bare_accounts: true,
    layer_names: &[(Layer::Control, "guardrail")],
    group_key: Some("group"),
    grants: None,
    combine: Expr::All(&[
        Expr::Optional(Layer::Control),
        Expr::Any(&[
            Expr::Leaf(Layer::Resource, Kinds::EXACT.or(Kinds::EVERYONE)),
            Expr::All(&[
                Expr::Because("no delegation", &Expr::Leaf(Layer::Resource, Kinds::ACCOUNT)),
                Expr::Leaf(Layer::Identity, Kinds::ALL),
                Expr::Optional(Layer::Boundary),
            ]),
        ]),
    ]),
};

/// A context from a JSON object of strings and lists of strings.
pub(super) fn facts(json: &str) -> Facts {
    let mut facts = Facts::new();
    let object: serde_json::Map<String, serde_json::Value> = serde_json::from_str(json).unwrap();
    for (name, value) in object {
        facts.insert(
            name,
            match value {
                serde_json::Value::String(text) => Value::from(text),
                other => Value::from(serde_json::from_value::<Vec<String>>(other).unwrap()),
            },
        );
    }
    facts
}

pub(super) fn user(account: &'static str, arn: &'static str) -> Principal<'static> {
    Principal {
        kind: PrincipalKind::User,
        account,
        arn,
        role_arn: None,
        user_arn: None,
        service: None,
        unique_id: None,
    }
}

pub(super) const KEY: &str = "arn:p:kms:r:1:key/k";

pub(super) fn question(facts: &Facts) -> Question<'_> {
    Question {
        principal: user("1", "arn:p:iam::1:user/a"),
        action: "kms:Decrypt",
        resource: KEY,
        resource_account: None,
        context: facts,
        assume_role: false,
        grant_id: None,
    }
}

pub(super) fn named(name: &str, policy: Policy) -> Named {
    Named { name: name.into(), policy: Arc::new(policy) }
}

/// Whether a `Condition` element holds, read leniently.
pub(super) fn conditions(condition: &str, facts: &Facts) -> Truth {
    let text = format!(
        r#"{{"Version":"2","Statement":{{"Effect":"Allow","Action":"*","Resource":"*","Condition":{condition}}}}}"#
    );
    let policy = SPEC.read(DocumentKind::Identity, &text).unwrap();
    let question = question(facts);
    let layers = Layers::default();
    Evaluation::new(&SPEC, &question, &layers, Effort::unbounded()).conditions(&policy.statements[0])
}
