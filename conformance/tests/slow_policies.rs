//! The slowest policies that are accepted: a search for documents and values that take long to compare. Work is counted; of
//! time there is a limit where `POLYKMS_SLOWEST_MS` says one, as `just slow-policies` does, in release.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::indexing_slicing, clippy::panic, reason = "tests")]

use std::fmt::Write as _;
use std::sync::Arc;
use std::time::{Duration, Instant};

use polykms_core::policy::{
    Attached, DocumentKind, Facts, Layers, MOST_STEPS, Named, Principal, PrincipalKind, Question, Spec, Value, Verdict,
};

const ACCOUNT: &str = "111122223333";
const KEY: &str = "arn:aws:kms:eu-central-1:111122223333:key/1";
/// The longest key policy, and the longest pattern.
const DOCUMENT: usize = 32_768;
const PATTERN: usize = 4096;

fn spec() -> &'static Spec {
    polykms_aws::DIALECT.law.policy
}

/// A document as long as it may be, or with so many operands, which are one pattern again and again. Where it denies,
/// another statement allows all.
fn document(effect: &str, operator: &str, pattern: &str, operands: Option<usize>) -> String {
    let all = r#""Principal":"*","Action":"*","Resource":"*""#;
    let allowed = if effect == "Deny" { format!(r#"{{"Effect":"Allow",{all}}},"#) } else { String::new() };
    let head = format!(
        r#"{{"Version":"2012-10-17","Statement":[{allowed}{{"Effect":"{effect}",{all},"Condition":{{"{operator}":{{"kms:EncryptionContext:a":["#
    );
    let operand = format!("{},", serde_json::Value::from(pattern));
    let most = (DOCUMENT - head.len() - 8) / operand.len();
    let mut text = head + &operand.repeat(operands.unwrap_or(most).clamp(1, most.max(1)));
    text.pop();
    text.write_str("]}}}]}").unwrap();
    text
}

struct Tried {
    verdict: Verdict,
    steps: usize,
    time: Duration,
}

/// Decides and explains a question under a document, with a value of the key that it asks about; nothing, where the
/// document is refused.
fn tried(text: &str, value: Value<'static>) -> Option<Tried> {
    let policy = Arc::new(spec().compile(DocumentKind::Key, text).ok()?);
    let named = Named { name: "p".into(), policy };
    let mut facts = Facts::new();
    facts.insert("kms:EncryptionContext:a", value);
    facts.insert("aws:username", Value::from("a".repeat(64)));
    let question = Question {
        principal: Principal {
            kind: PrincipalKind::User,
            account: ACCOUNT,
            arn: "arn:aws:iam::111122223333:user/u",
            role_arn: None,
            user_arn: None,
            service: None,
            unique_id: None,
        },
        action: "kms:Decrypt",
        resource: KEY,
        resource_account: Some(ACCOUNT),
        context: &facts,
        assume_role: false,
        grant_id: None,
    };
    let layers = Layers { resource: Some(Attached { attached_to: KEY, named: &named }), ..Layers::default() };
    let once = || {
        let begun = Instant::now();
        let verdict = spec().decide(&question, &layers);
        if verdict != Verdict::Allow {
            let decision = spec().explain(&question, &layers);
            assert_eq!(decision.verdict, verdict, "{text}");
        }
        (verdict, begun.elapsed())
    };
    let (verdict, time) =
        (0..if limit().is_some() { 3 } else { 1 }).map(|_| once()).min_by_key(|(_, time)| *time).unwrap();
    Some(Tried { verdict, steps: spec().effort(&question, &layers), time })
}

/// Tries documents of one pattern: the longest that denies, and one that allows nothing, as long as one may be whose
/// comparisons are just not too many. Verdict and reasons of that one take the longest.
fn tried_both(operator: &str, pattern: &str, value: impl Fn() -> Value<'static>) -> Option<Tried> {
    let longest = tried(&document("Deny", operator, pattern, None), value())?;
    let few = 8;
    let steps = tried(&document("Allow", operator, pattern, Some(few)), value())?.steps;
    let fitting = few * MOST_STEPS * 31 / 32 / steps.max(1);
    let fitted = tried(&document("Allow", operator, pattern, Some(fitting)), value())?;
    Some(if fitted.time > longest.time { fitted } else { longest })
}

fn limit() -> Option<Duration> {
    let limit = std::env::var("POLYKMS_SLOWEST_MS").ok()?;
    Some(Duration::from_millis(limit.parse().expect("a number")))
}

/// The unit again and again, up to a length in bytes, and an end.
fn filled(unit: &str, length: usize, end: &str) -> String {
    unit.repeat(((length - end.len()) / unit.len()).max(1)) + end
}

#[test]
fn no_pattern_and_value_take_more_than_their_share() {
    let thorough = limit().is_some();
    let units: &[&str] = match thorough {
        true => &[
            "?a",
            "?",
            "a",
            "a?",
            "aa?",
            "*a",
            "*?a",
            "*a?",
            "*aab",
            "*ab?",
            "é?",
            "?é",
            "*é?",
            "${aws:username}",
            "*",
        ],
        false => &["?a", "*a?", "é?", "${aws:username}"],
    };
    let lengths: &[usize] = if thorough { &[2, 4, 8, 16, 64, 256, 1024, PATTERN - 8] } else { &[4, 64, PATTERN - 8] };
    let ends: &[&str] = if thorough { &["", "b", "*", "b*", "*b"] } else { &["b*"] };
    let values: &[&str] = if thorough { &["a", "é", "ab", "aab", "aé"] } else { &["a", "é"] };
    let sizes: &[usize] = if thorough { &[2048, 8000, 1_000_000] } else { &[8000] };
    let operators: &[&str] = if thorough { &["StringLike", "StringNotLike", "ArnLike"] } else { &["StringLike"] };
    let (mut slowest, mut longest, mut count) = (Duration::ZERO, String::new(), 0);
    for operator in operators {
        for (unit, length) in units.iter().flat_map(|unit| lengths.iter().map(move |length| (unit, *length))) {
            for end in ends {
                let pattern = format!("*{}", filled(unit, length.max(unit.len() + end.len()), end));
                for (value, size) in values.iter().flat_map(|value| sizes.iter().map(move |size| (value, *size))) {
                    let asked = || Value::from(filled(value, size, "c"));
                    let Some(Tried { verdict, steps, time }) = tried_both(operator, &pattern, asked) else {
                        continue;
                    };
                    assert!(steps <= MOST_STEPS, "{steps}");
                    assert!(steps < MOST_STEPS || verdict == Verdict::ImplicitDeny, "{pattern}");
                    count += 1;
                    if time > slowest {
                        let shown: String = pattern.chars().take(24).collect();
                        longest = format!(
                            "{operator} `{shown}…` of {} bytes, `{value}` of {size}: {steps} steps",
                            pattern.len()
                        );
                        slowest = time;
                    }
                }
            }
        }
    }
    assert!(count >= 20, "{count}");
    println!("{count} documents and values, the slowest {slowest:?}: {longest}");
    assert!(limit().is_none_or(|limit| slowest <= limit), "{slowest:?}: {longest}");
}

#[test]
fn other_operators_and_many_values_take_no_more_than_their_share() {
    let keys =
        |unit: &str, count: usize| Value::Many((0..count).map(|at| format!("{unit}{at}")).collect::<Vec<_>>().into());
    let long = || Value::from(filled("É", 8000, "x"));
    let (mut slowest, mut count) = ((Duration::ZERO, String::new()), 0);
    for (operator, operand, value) in [
        ("StringEqualsIgnoreCase", filled("é", 4000, "y"), long()),
        ("StringEqualsIgnoreCase", "é".to_owned(), long()),
        ("ForAnyValue:StringEquals", "abc".to_owned(), keys("abd", 10_000)),
        ("ForAllValues:StringEquals", "abc".to_owned(), keys("abd", 10_000)),
        ("ForAnyValue:StringLike", "*b?d*e".to_owned(), keys("abdef", 10_000)),
        ("ForAllValues:StringNotLike", "*b?d*e".to_owned(), keys("abdef", 10_000)),
        ("ForAnyValue:StringEqualsIgnoreCase", "abc".to_owned(), keys("abd", 10_000)),
        ("ForAnyValue:NumericEquals", "1".to_owned(), keys("2", 10_000)),
        ("NumericEquals", "9".repeat(4000), Value::from("9".repeat(8000) + "8")),
        ("BinaryEquals", "QUJD".repeat(8), Value::from("QUJD".repeat(100_000))),
        ("ArnLike", "a:*:c:d:e:*a?b".to_owned(), Value::from(format!("a:b:c:d:e:{}", "a".repeat(8000)))),
        ("ArnLike", "a:b".to_owned(), Value::from(":".repeat(8000))),
        ("DateEquals", "2026-01-01T00:00:00Z".to_owned(), Value::from("2".repeat(8000))),
        ("IpAddress", "10.0.0.0/8".to_owned(), Value::from("1".repeat(8000))),
    ] {
        let Some(Tried { steps, time, .. }) = tried_both(operator, &operand, || value.clone()) else {
            println!("{operator} takes no `{operand}`");
            continue;
        };
        count += 1;
        assert!(steps <= MOST_STEPS, "{operator}");
        slowest = slowest.max((time, format!("{operator}: {steps} steps")));
    }
    println!("{count} operators, the slowest {:?}: {}", slowest.0, slowest.1);
    assert!(count >= 10, "{count}");
    assert!(limit().is_none_or(|limit| slowest.0 <= limit), "{slowest:?}");
}

#[test]
fn what_was_once_slow_is_decided_exactly_and_within_its_share() {
    for (unit, value) in [("?a", "a"), ("é?", "é"), ("?é", "aé")] {
        let pattern = |end: &str| format!("*{}", filled(unit, PATTERN - 1, end));
        for (end, expected) in [("c*", Verdict::ExplicitDeny), ("b*", Verdict::Allow)] {
            let matching = filled(value, 8000, "c") + value;
            let Tried { verdict, steps, .. } =
                tried(&document("Deny", "StringLike", &pattern(end), None), Value::from(matching)).unwrap();
            assert_eq!(verdict, expected, "{unit} {end}");
            assert!(steps < MOST_STEPS, "{unit} {end}: {steps}");
        }
    }
}

#[test]
fn what_would_take_too_long_is_denied_whatever_it_says() {
    for (effect, operator) in [("Deny", "StringLike"), ("Deny", "StringNotLike"), ("Allow", "StringNotLike")] {
        let text = document(effect, operator, "*a?b*", None);
        let value = || Value::from("a".repeat(1_000_000));
        let Tried { verdict, steps, .. } = tried(&text, value()).unwrap();
        assert_eq!((verdict, steps), (Verdict::ImplicitDeny, MOST_STEPS), "{effect} {operator}");
        // A short value is compared with all of them.
        let Tried { verdict, steps, .. } = tried(&text, Value::from("a".repeat(50))).unwrap();
        assert!(steps < MOST_STEPS);
        assert_eq!(verdict == Verdict::ExplicitDeny, (effect, operator) == ("Deny", "StringNotLike"));
    }
}

#[test]
fn many_small_statements_take_no_more_than_their_share() {
    let all = r#""Principal":"*","Action":"*","Resource":"*""#;
    let mut slowest = Duration::ZERO;
    for (effect, condition) in [
        ("Deny", String::new()),
        ("Deny", r#","Condition":{"StringLike":{"kms:EncryptionContext:a":"*a*"}}"#.to_owned()),
        ("Allow", r#","Condition":{"StringLike":{"kms:EncryptionContext:a":"*b"}}"#.to_owned()),
        ("Allow", r#","Condition":{"StringNotLike":{"kms:EncryptionContext:a":["a*","*a"]}}"#.to_owned()),
    ] {
        let statement = format!(r#"{{"Effect":"{effect}",{all}{condition}}},"#);
        let mut text = r#"{"Version":"2012-10-17","Statement":["#.to_owned();
        text += &statement.repeat((DOCUMENT - text.len() - 2) / statement.len());
        text.pop();
        text += "]}";
        for length in [20, 8000, 1_000_000] {
            let Tried { verdict, time, .. } = tried(&text, Value::from("a".repeat(length))).unwrap();
            assert_ne!(verdict, Verdict::Allow);
            slowest = slowest.max(time);
        }
    }
    println!("many statements, the slowest {slowest:?}");
    assert!(limit().is_none_or(|limit| slowest <= limit), "{slowest:?}");
}
