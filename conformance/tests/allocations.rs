//! A decision allocates nothing, however long the policies are and whatever their conditions compare.
//!
//! A request whose context owns its values is asked about; what a server makes up for a request is not counted here.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::indexing_slicing, clippy::panic, reason = "tests")]

use std::collections::BTreeMap;
use std::sync::Arc;

use polykms_core::policy::{
    Attached, DocumentKind, Facts, Grant, Layers, Named, Principal, PrincipalKind, Question, Spec, Value, Verdict,
};

const USER: Principal<'static> = Principal {
    kind: PrincipalKind::User,
    account: "111122223333",
    arn: "arn:aws:iam::111122223333:user/dev",
    role_arn: None,
    user_arn: None,
    service: None,
    unique_id: Some("AIDAEXAMPLEEXAMPLE12"),
};
const KEY: &str = "arn:aws:kms:eu-central-1:111122223333:key/1234abcd-12ab-34cd-56ef-1234567890ab";

fn aws() -> &'static Spec {
    polykms_aws::DIALECT.law.policy
}

fn policy(spec: &Spec, kind: DocumentKind, version: &str, statements: &[String]) -> Named {
    let text = format!(r#"{{"Version":"{version}","Statement":[{}]}}"#, statements.join(","));
    Named { name: "p".into(), policy: Arc::new(spec.compile(kind, &text).unwrap()) }
}

fn facts() -> Facts {
    Facts::new()
        .with("aws:CurrentTime", Value::from("2030-01-01T00:00:00Z"))
        .with("aws:SourceIp", Value::from("203.0.113.7"))
        .with("aws:MultiFactorAuthAge", Value::from("30"))
        .with("aws:SecureTransport", Value::from(true))
        .with("aws:PrincipalTag/dept", Value::from("finance"))
        .with("aws:username", Value::from("dev"))
        .with("aws:PrincipalArn", Value::from(USER.arn))
        .with("kms:EncryptionContext:app", Value::from("ledger"))
        .with("kms:EncryptionContextKeys", Value::from(vec!["app".to_owned()]))
        .with("ex:Bytes", Value::from("aGVsbG8="))
}

/// How often a decision allocates, and what it is.
fn decided(spec: &'static Spec, question: &Question<'_>, layers: &Layers<'_>) -> (u64, Verdict) {
    let mut verdict = Verdict::ImplicitDeny;
    let counted = allocation_counter::measure(|| verdict = spec.decide(question, layers));
    (counted.count_total, verdict)
}

fn asked<'a>(facts: &'a Facts, action: &'a str, resource: &'a str) -> Question<'a> {
    Question {
        principal: USER,
        action,
        resource,
        resource_account: None,
        context: facts,
        assume_role: false,
        grant_id: None,
    }
}

#[test]
fn conditions_of_every_type_and_variables_allocate_nothing() {
    let conditions = r#"{
        "StringEquals": {"aws:PrincipalTag/dept": "finance", "kms:EncryptionContext:app": ["x", "ledger"]},
        "StringLike": {"aws:username": ["d*v", "?ev"], "aws:PrincipalArn": "arn:*:user/${aws:username}"},
        "StringEqualsIgnoreCase": {"aws:username": "${aws:UserName}"},
        "StringNotEquals": {"aws:PrincipalTag/none": "${aws:username}"},
        "NumericLessThan": {"aws:MultiFactorAuthAge": "3600"},
        "DateGreaterThan": {"aws:CurrentTime": "2020-01-01T00:00:00Z"},
        "DateLessThan": {"aws:CurrentTime": "2040"},
        "Bool": {"aws:SecureTransport": "true"},
        "BinaryEquals": {"ex:Bytes": "aGVsbG8="},
        "IpAddress": {"aws:SourceIp": ["10.0.0.0/8", "203.0.113.0/24"]},
        "ArnLike": {"aws:PrincipalArn": "arn:aws:iam::*:user/${aws:username}"},
        "ForAnyValue:StringEquals": {"kms:EncryptionContextKeys": "app"},
        "ForAllValues:StringLike": {"kms:EncryptionContextKeys": ["a*"]},
        "Null": {"aws:TokenIssueTime": "true"}
    }"#;
    let statement = format!(r#"{{"Effect":"Allow","Action":"kms:D*","Resource":"*","Condition":{conditions}}}"#);
    let identity = [policy(aws(), DocumentKind::Identity, "2012-10-17", &[statement])];
    let home = r#"{"Effect":"Allow","Principal":{"AWS":"111122223333"},"Action":"kms:*","Resource":"*"}"#.to_owned();
    let key = policy(aws(), DocumentKind::Key, "2012-10-17", &[home]);
    let layers = Layers {
        identity: Some(&identity),
        resource: Some(Attached { attached_to: KEY, named: &key }),
        ..Layers::default()
    };
    let facts = facts();
    assert_eq!(decided(aws(), &asked(&facts, "kms:Decrypt", KEY), &layers), (0, Verdict::Allow));
}

#[test]
fn long_policies_allocate_nothing_whether_they_allow_or_not() {
    for (spec, version, name) in [
        (aws(), "2012-10-17", "arn:aws:kms:eu-central-1:111122223333:key"),
        (polykms_alibaba::DIALECT.law.policy, "1", "acs:kms:cn-hangzhou:111122223333:key"),
    ] {
        for count in [3, 30, 300] {
            let one = |at| format!(r#"{{"Effect":"Allow","Action":"kms:Decrypt","Resource":"{name}/key-{at}"}}"#);
            let all = (0..count).map(one).collect::<Vec<_>>();
            let identity = [policy(spec, DocumentKind::Identity, version, &all)];
            let layers = Layers { identity: Some(&identity), ..Layers::default() };
            let (facts, last) = (facts(), format!("{name}/key-{}", count - 1));
            for resource in [&*last, "arn:aws:kms:eu-central-1:111122223333:key/other"] {
                let (allocations, _) = decided(spec, &asked(&facts, "kms:Decrypt", resource), &layers);
                assert_eq!(allocations, 0, "{count} statements of {}", spec.name);
            }
        }
    }
}

#[test]
fn grants_with_constraints_allocate_nothing() {
    let pairs = BTreeMap::from([("app".to_owned(), "ledger".to_owned())]);
    let grants = [Grant {
        id: "g".into(),
        key: KEY.into(),
        grantee: USER.arn.into(),
        retiring: None,
        issuing_account: "".into(),
        operations: vec!["Decrypt".into()],
        equals: Some(pairs.clone()),
        subset: Some(pairs),
    }];
    let layers = Layers { grants: Some(grants[..].into()), ..Layers::default() };
    let facts = facts();
    assert_eq!(decided(aws(), &asked(&facts, "kms:Decrypt", KEY), &layers), (0, Verdict::Allow));
}

/// The control: an explanation does allocate, and is counted.
#[test]
fn an_explanation_is_counted() {
    let all = [r#"{"Effect":"Allow","Action":"kms:*","Resource":"*"}"#.to_owned()];
    let identity = [policy(aws(), DocumentKind::Identity, "2012-10-17", &all)];
    let layers = Layers { identity: Some(&identity), ..Layers::default() };
    let facts = facts();
    let question = asked(&facts, "kms:Decrypt", KEY);
    let counted = allocation_counter::measure(|| drop(aws().explain(&question, &layers)));
    assert!(counted.count_total > 0);
}
