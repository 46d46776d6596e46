//! The policy evaluator: how long a decision takes as policies grow, beside the crate `cedar-policy` on a like set.
//!
//! Compare the figures of one run with each other.

use std::hint::black_box;
use std::str::FromStr;
use std::sync::Arc;

use divan::Bencher;
use polykms_core::policy::{
    Attached, DocumentKind, Facts, Layers, Named, Principal, PrincipalKind, Question, Spec, Value, Verdict,
};

fn main() {
    divan::main();
}

const SIZES: [usize; 4] = [3, 30, 300, 10_000];
const ACCOUNT: &str = "111122223333";

fn spec() -> &'static Spec {
    polykms_aws::DIALECT.law.policy
}

fn key(at: usize) -> String {
    format!("arn:aws:kms:eu-central-1:{ACCOUNT}:key/{at:08x}-12ab-34cd-56ef-1234567890ab")
}

/// How the statements of a policy name what they are about.
#[derive(Clone, Copy)]
enum Kind {
    /// One key each, by its whole name.
    Exact,
    /// A bucket, a parameter or a key each, as people write them: whole names, prefixes, other regions.
    Mixed,
    /// All keys of an account each, in every region: nothing tells them apart but reading.
    Wild,
}

fn statement(kind: Kind, at: usize) -> String {
    let (action, resource) = match (kind, at % 3) {
        (Kind::Exact, _) | (Kind::Mixed, 0) => (r#"["kms:Decrypt","kms:GenerateDataKey"]"#, key(at)),
        (Kind::Mixed, 1) => (r#""s3:Get*""#, format!("arn:aws:s3:::bucket-{at}/*")),
        (Kind::Mixed, _) => (r#"["kms:Decrypt"]"#, format!("arn:aws:kms:*:{ACCOUNT}:key/{at:08x}-*")),
        (Kind::Wild, _) => (r#""kms:*""#, format!("arn:aws:kms:*:{at:012}:*")),
    };
    let condition = r#"{"StringEquals":{"aws:PrincipalTag/team":"blue"},"IpAddress":{"aws:SourceIp":"10.0.0.0/8"}}"#;
    format!(r#"{{"Effect":"Allow","Action":{action},"Resource":"{resource}","Condition":{condition}}}"#)
}

struct Set {
    identity: [Named; 1],
    home: Named,
    facts: Facts,
}

fn named(kind: DocumentKind, statements: &[String]) -> Named {
    let text = format!(r#"{{"Version":"2012-10-17","Statement":[{}]}}"#, statements.join(","));
    Named { name: "p".into(), policy: Arc::new(spec().compile(kind, &text).expect("a policy")) }
}

fn set(kind: Kind, count: usize) -> Set {
    let statements: Vec<String> = (0..count).map(|at| statement(kind, at)).collect();
    let home = format!(
        r#"{{"Effect":"Allow","Principal":{{"AWS":"arn:aws:iam::{ACCOUNT}:root"}},"Action":"kms:*","Resource":"*"}}"#
    );
    let facts = Facts::new()
        .with("aws:CurrentTime", Value::from("2030-01-01T00:00:00Z"))
        .with("aws:SecureTransport", Value::from(true))
        .with("aws:PrincipalTag/team", Value::from("blue"))
        .with("aws:SourceIp", Value::from("10.1.2.3"))
        .with("aws:username", Value::from("dev"));
    Set { identity: [named(DocumentKind::Identity, &statements)], home: named(DocumentKind::Key, &[home]), facts }
}

impl Set {
    fn ask<T>(&self, resource: &str, ask: impl Fn(&Question<'_>, &Layers<'_>) -> T) -> T {
        let question = Question {
            principal: Principal {
                kind: PrincipalKind::User,
                account: ACCOUNT,
                arn: "arn:aws:iam::111122223333:user/dev",
                role_arn: None,
                user_arn: None,
                service: None,
                unique_id: Some("AIDAEXAMPLEEXAMPLE12"),
            },
            action: "kms:Decrypt",
            resource,
            resource_account: None,
            context: &self.facts,
            assume_role: false,
            grant_id: None,
        };
        let layers = Layers {
            identity: Some(&self.identity),
            resource: Some(Attached { attached_to: resource, named: &self.home }),
            ..Layers::default()
        };
        ask(&question, &layers)
    }
}

/// A decision: the last statement that is about a key allows, or none does.
fn decide(bencher: Bencher<'_, '_>, kind: Kind, count: usize, hit: bool) {
    let set = set(kind, count);
    let last = (0..count).rev().find(|at| at % 3 == 0).unwrap_or_default();
    let resource = if hit { key(last) } else { key(usize::MAX >> 32) };
    let expected = if hit { Verdict::Allow } else { Verdict::ImplicitDeny };
    assert_eq!(set.ask(&resource, |question, layers| spec().decide(question, layers)), expected);
    bencher.bench_local(|| set.ask(black_box(&resource), |question, layers| spec().decide(question, layers)));
}

#[divan::bench(args = SIZES)]
fn decide_exact_hit(bencher: Bencher<'_, '_>, count: usize) {
    decide(bencher, Kind::Exact, count, true);
}

#[divan::bench(args = SIZES)]
fn decide_exact_miss(bencher: Bencher<'_, '_>, count: usize) {
    decide(bencher, Kind::Exact, count, false);
}

#[divan::bench(args = SIZES)]
fn decide_mixed_hit(bencher: Bencher<'_, '_>, count: usize) {
    decide(bencher, Kind::Mixed, count, true);
}

#[divan::bench(args = SIZES)]
fn decide_mixed_miss(bencher: Bencher<'_, '_>, count: usize) {
    decide(bencher, Kind::Mixed, count, false);
}

/// The worst case: every statement has to be read.
#[divan::bench(args = SIZES)]
fn decide_wild_miss(bencher: Bencher<'_, '_>, count: usize) {
    decide(bencher, Kind::Wild, count, false);
}

#[divan::bench(args = SIZES)]
fn explain_mixed_miss(bencher: Bencher<'_, '_>, count: usize) {
    let (set, resource) = (set(Kind::Mixed, count), key(usize::MAX >> 32));
    bencher.bench_local(|| set.ask(black_box(&resource), |question, layers| spec().explain(question, layers)));
}

#[divan::bench]
fn compile_2_kib(bencher: Bencher<'_, '_>) {
    let statements: Vec<String> = (0..9).map(|at| statement(Kind::Mixed, at)).collect();
    let text = format!(r#"{{"Version":"2012-10-17","Statement":[{}]}}"#, statements.join(","));
    assert!((1_900..2_200).contains(&text.len()), "{}", text.len());
    bencher.bench_local(|| spec().compile(DocumentKind::Identity, black_box(&text)).expect("a policy"));
}

/// A pattern of 2 KiB against a value of 2 KiB that it only just does not match.
#[divan::bench(args = ["a*a*…b", "*aa…ab*", "*a?a?…b*", "*a?a?…b* against é"])]
fn wildcard_worst_case(bencher: Bencher<'_, '_>, shape: &str) {
    let pattern = match shape {
        "a*a*…b" => "a*".repeat(1023) + "b",
        "*aa…ab*" => format!("*{}b*", "a".repeat(1023)),
        _ => format!("*{}b*", "a?".repeat(511)),
    };
    let condition = format!(r#"{{"StringLike":{{"kms:EncryptionContext:x":"{pattern}"}}}}"#);
    let statement = format!(r#"{{"Effect":"Allow","Action":"kms:Decrypt","Resource":"*","Condition":{condition}}}"#);
    let mut set = set(Kind::Exact, 1);
    set.identity = [named(DocumentKind::Identity, &[statement])];
    let end = if shape.ends_with('é') { "é" } else { "aa" };
    set.facts.insert("kms:EncryptionContext:x", Value::from("a".repeat(2046) + end));
    let resource = key(0);
    bencher.bench_local(|| set.ask(black_box(&resource), |question, layers| spec().decide(question, layers)));
}

/// Cedar with one policy for each statement: the caller, an action, a key, and two conditions.
mod cedar {
    use cedar_policy::{Authorizer, Context, Decision, Entities, EntityUid, PolicySet, Request};

    use super::*;

    fn policies(count: usize) -> PolicySet {
        let one = |at| {
            let name = key(at);
            format!(
                r#"permit(principal == User::"dev", action in [Action::"Decrypt", Action::"GenerateDataKey"],
                          resource == Key::"{name}")
                   when {{ context.team == "blue" && ip(context.source).isInRange(ip("10.0.0.0/8")) }};"#
            )
        };
        PolicySet::from_str(&(0..count).map(one).collect::<String>()).expect("policies")
    }

    #[divan::bench(args = SIZES, max_time = 10)]
    fn is_authorized_exact_hit(bencher: Bencher<'_, '_>, count: usize) {
        let (policies, authorizer, entities) = (policies(count), Authorizer::new(), Entities::empty());
        let uid = |text: String| EntityUid::from_str(&text).expect("a name");
        let context = Context::from_json_str(r#"{"team":"blue","source":"10.1.2.3"}"#, None).expect("a context");
        let request = Request::new(
            uid(r#"User::"dev""#.to_owned()),
            uid(r#"Action::"Decrypt""#.to_owned()),
            uid(format!(r#"Key::"{}""#, key(count - 1))),
            context,
            None,
        )
        .expect("a request");
        let answer = authorizer.is_authorized(&request, &policies, &entities);
        assert_eq!(answer.decision(), Decision::Allow);
        bencher.bench_local(|| authorizer.is_authorized(black_box(&request), &policies, &entities));
    }
}
