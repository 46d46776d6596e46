//! The evaluator on the example language; the vendors' rules are tested beside their data.

#![allow(clippy::unwrap_used, clippy::expect_used, clippy::indexing_slicing, clippy::panic, reason = "tests")]

use super::super::example_tests::{KEY, SPEC, facts, named, question};
use super::super::{Attached, DocumentKind, Facts, Layers, Level, Named, Verdict};
use super::*;

fn policy(kind: DocumentKind, name: &str, statements: &str) -> Named {
    let text = format!(r#"{{"Version":"2","Statement":[{statements}]}}"#);
    named(name, SPEC.compile(kind, &text).unwrap())
}

fn key_policy(statements: &str) -> Named {
    policy(DocumentKind::Key, "key", statements)
}

fn verdict(question: &Question<'_>, layers: &Layers<'_>) -> Verdict {
    let verdict = SPEC.decide(question, layers);
    assert_eq!(SPEC.explain(question, layers).verdict, verdict);
    verdict
}

fn identity_verdict(statement: &str, change: impl FnOnce(&mut Question<'_>)) -> Verdict {
    let key = key_policy(r#"{"Effect":"Allow","Principal":{"ID":"1"},"Action":"*","Resource":"*"}"#);
    let identity = [policy(DocumentKind::Identity, "mine", statement)];
    let facts = Facts::new();
    let mut question = question(&facts);
    change(&mut question);
    let layers = Layers {
        identity: Some(&identity),
        resource: Some(Attached { attached_to: KEY, named: &key }),
        ..Layers::default()
    };
    verdict(&question, &layers)
}

#[test]
fn actions_ignore_case_and_their_complement_spans_all_services() {
    let allow = |action: &str| format!(r#"{{"Effect":"Allow",{action},"Resource":"*"}}"#);
    assert_eq!(identity_verdict(&allow(r#""Action":"KMS:dec?ypt""#), |_| ()), Verdict::Allow);
    assert_eq!(identity_verdict(&allow(r#""Action":"kms:Decrypt?""#), |_| ()), Verdict::ImplicitDeny);
    assert_eq!(identity_verdict(&allow(r#""NotAction":"s3:*""#), |_| ()), Verdict::Allow);
    assert_eq!(identity_verdict(&allow(r#""NotAction":"kms:D*""#), |_| ()), Verdict::ImplicitDeny);
}

#[test]
fn an_unresolved_variable_matches_no_resource() {
    let allow =
        |element: &str| format!(r#"{{"Effect":"Allow","Action":"*","{element}":"arn:p:kms:r:1:key/${{absent}}"}}"#);
    assert_eq!(identity_verdict(&allow("Resource"), |_| ()), Verdict::ImplicitDeny);
    assert_eq!(identity_verdict(&allow("NotResource"), |_| ()), Verdict::Allow);
}

#[test]
fn a_resource_policy_speaks_only_about_its_own_resource() {
    let key = key_policy(r#"{"Effect":"Allow","Principal":"*","Action":"*","Resource":"*"}"#);
    let facts = Facts::new();
    let question = question(&facts);
    let about = |attached_to| Layers { resource: Some(Attached { attached_to, named: &key }), ..Layers::default() };
    assert_eq!(verdict(&question, &about(KEY)), Verdict::Allow);
    assert_eq!(verdict(&question, &about("arn:p:kms:r:1:key/other")), Verdict::ImplicitDeny);
}

#[test]
fn every_level_has_to_allow_and_an_empty_layer_allows_nothing() {
    let key = key_policy(r#"{"Effect":"Allow","Principal":"*","Action":"*","Resource":"*"}"#);
    let allow = policy(DocumentKind::Control, "full", r#"{"Effect":"Allow","Action":"*","Resource":"*"}"#);
    let other = policy(DocumentKind::Control, "other", r#"{"Effect":"Allow","Action":"s3:*","Resource":"*"}"#);
    let level = |name: &str, policies: &[&Named]| Level {
        name: name.into(),
        policies: policies.iter().map(|named| (*named).clone()).collect(),
    };
    let facts = Facts::new();
    let question = question(&facts);
    let ask = |levels: &[Level]| {
        let resource = Some(Attached { attached_to: KEY, named: &key });
        let layers = Layers { control: Some(levels), resource, ..Layers::default() };
        (verdict(&question, &layers), SPEC.explain(&question, &layers))
    };
    assert_eq!(ask(&[level("root", &[&other, &allow]), level("unit", &[&allow])]).0, Verdict::Allow);
    assert_eq!(ask(&[]).0, Verdict::ImplicitDeny);
    let (blocked, why) = ask(&[level("root", &[&allow]), level("unit", &[&other])]);
    assert_eq!(blocked, Verdict::ImplicitDeny);
    assert_eq!(why.blamed(), Layer::Control);
    assert_eq!((why.blocked_by[0].layer.word, why.blocked_by[0].level.as_deref()), ("guardrail", Some("unit")));
}

#[test]
fn an_explanation_names_the_satisfied_path_and_the_near_misses() {
    let key = key_policy(r#"{"Sid":"Open up","Effect":"Allow","Principal":{"ID":"1"},"Action":"*","Resource":"*"}"#);
    let near =
        r#"{"Sid":"Near","Effect":"Allow","Action":"*","Resource":"*","Condition":{"StringEquals":{"t":["x"]}}}"#;
    let identity = [policy(DocumentKind::Identity, "mine", near)];
    let layers = Layers {
        identity: Some(&identity),
        resource: Some(Attached { attached_to: KEY, named: &key }),
        ..Layers::default()
    };
    let missed = facts(r#"{"T":"y"}"#);
    let why = SPEC.explain(&question(&missed), &layers);
    assert_eq!((why.verdict, why.blamed()), (Verdict::ImplicitDeny, Layer::Identity));
    let failed = &why.near_miss[0].failed[0];
    assert_eq!((failed.policy.to_string(), failed.actual.to_string()), (r#"["x"]"#.into(), r#""y""#.into()));
    let met = facts(r#"{"t":"x"}"#);
    let why = SPEC.explain(&question(&met), &layers);
    let names: Vec<&str> = why.allow_by.iter().map(|reason| reason.statement.as_str()).collect();
    assert_eq!((why.verdict, names), (Verdict::Allow, vec!["Open up", "Near"]));
    assert_eq!(why.allow_by[1].pointer, "/Statement/0");
}

#[test]
fn all_matching_denials_are_explained() {
    let deny = |sid: &str| format!(r#"{{"Sid":"{sid}","Effect":"Deny","Principal":"*","Action":"*","Resource":"*"}}"#);
    let key = key_policy(&[deny("a"), deny("b")].join(","));
    let layers = Layers { resource: Some(Attached { attached_to: KEY, named: &key }), ..Layers::default() };
    let facts = Facts::new();
    let why = SPEC.explain(&question(&facts), &layers);
    let names: Vec<&str> = why.deny_by.iter().map(|reason| reason.statement.as_str()).collect();
    assert_eq!((why.verdict, why.blamed(), names), (Verdict::ExplicitDeny, Layer::Resource, vec!["a", "b"]));
}

/// Texts that say the same about the pieces drawn.
fn statement(deny: bool, not: (bool, bool), actions: &[&str], resources: &[&str]) -> String {
    let effect = if deny { "Deny" } else { "Allow" };
    let (action, resource) =
        (if not.0 { "NotAction" } else { "Action" }, if not.1 { "NotResource" } else { "Resource" });
    format!(r#"{{"Effect":"{effect}","{action}":{actions:?},"{resource}":{resources:?}}}"#)
}

proptest::proptest! {
    #![proptest_config(proptest::prelude::ProptestConfig { cases: 512, failure_persistence: None, ..Default::default() })]

    #[test]
    fn the_index_leaves_out_no_statement_that_is_about_the_question(
        drawn in proptest::collection::vec((
            proptest::bool::ANY,
            (proptest::bool::weighted(0.1), proptest::bool::weighted(0.1)),
            proptest::sample::subsequence(ACTIONS, 1..5),
            proptest::sample::subsequence(RESOURCES, 1..5),
        ), 12..40),
        action in proptest::sample::select(ASKED),
        resource in proptest::sample::select(NAMES),
    ) {
        let texts: Vec<String> = drawn.iter().map(|(deny, not, actions, resources)| statement(*deny, *not, actions, resources)).collect();
        let long = policy(DocumentKind::Identity, "long", &texts.join(","));
        proptest::prop_assert!(long.policy.index.is_some());
        let facts = Facts::new().with("team", Value::from("blue"));
        let question = Question { action, resource, ..question(&facts) };
        let layers = Layers::default();
        let evaluation = Evaluation::new(&SPEC, &question, &layers, Effort::unbounded());
        let about = |statement: &&Statement| evaluation.reach(statement) != Kinds::NONE;
        let all: Vec<usize> = long.policy.statements.iter().filter(about).map(|statement| statement.at).collect();
        let found = evaluation.listed(&long.policy).into_iter().filter(about).map(|statement| statement.at);
        proptest::prop_assert_eq!(found.collect::<Vec<_>>(), all);
    }
}

const ACTIONS: &[&str] =
    &["*", "kms:*", "kms:Decrypt", "KMS:decrypt", "kms:De*", "k*:Decrypt", "?ms:*", "s3:Get*", "s3:GetObject", "*:*"];
const ASKED: &[&str] = &["kms:Decrypt", "KMS:DECRYPT", "kms:Encrypt", "s3:GetObject", "sts"];
const RESOURCES: &[&str] = &[
    "*",
    "arn:p:kms:r:1:key/1",
    "arn:p:kms:*:1:key/1",
    "arn:p:kms:r:1:key/*",
    "arn:p:kms:r:1:key/blue-*",
    "arn:p:kms:r:1:key/?lue-1",
    "arn:p:kms:r:1:key/${team}-1",
    "arn:p:kms:r:1:${team}",
    "arn:p:kms:r:1:k*y/1",
    "arn:p:kms",
    "arn:*",
    "arn:p:s3:::bucket/with-a-name-that-is-longer-than-what-the-index-looks-at-in-a-name/*",
];
const NAMES: &[&str] = &[
    "*",
    "arn:p:kms:r:1:key/1",
    "arn:p:kms:r:1:key/blue-1",
    "arn:p:kms:q:1:key/1",
    "arn:p:kms:r:1:",
    "arn:p:kms",
    "arn:p:s3:::bucket/with-a-name-that-is-longer-than-what-the-index-looks-at-in-a-name/1",
    "arn:p:s3:::bucket/with-a-name-that-is-longer-than-what-the-index-looks-at-in",
];
