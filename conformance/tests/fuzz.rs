//! The bodies of the fuzz targets on random inputs, so that they stay sound between runs of the fuzzer.
//!
//! `POLYKMS_DRT_CASES` is the number of inputs for each body, `POLYKMS_DRT_SEED` repeats a run.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::indexing_slicing, clippy::panic, reason = "tests")]

mod common;

use common::{DIALECTS, cases, count, seed};
use polykms_conformance::fuzz::{self, Language};
use polykms_conformance::generate::Draw;
use polykms_conformance::policy_cases::PUBLIC;
use polykms_conformance::reference::Fault;
use polykms_core::policy::{DocumentKind, NameSyntax, Spec};
use serde_json::{Value, json};

fn languages() -> [Language; 2] {
    [&polykms_aws::DIALECT.law, &polykms_alibaba::DIALECT.law].map(|law| Language::new(law.policy, law.lints))
}

/// Public cases and drawn ones.
fn examples(seed: u64) -> Vec<Value> {
    let file: Value = serde_json::from_str(PUBLIC).unwrap();
    let drawn = DIALECTS.into_iter().flat_map(|dialect| cases(dialect, seed).take(100));
    file["cases"].as_array().unwrap().iter().cloned().chain(drawn).collect()
}

fn mutated(tree: &Value, random: &mut fastrand::Rng) -> Value {
    let mut source = || random.u64(..);
    fuzz::mutated(tree, &mut Draw::new(&mut source))
}

/// The policy documents of a case.
fn documents(value: &Value) -> Vec<&Value> {
    match value {
        Value::Array(items) => items.iter().flat_map(documents).collect(),
        Value::Object(members) => {
            let below = members.iter().filter(|(name, _)| *name != "document").flat_map(|(_, value)| documents(value));
            members.get("document").into_iter().chain(below).collect()
        }
        _ => Vec::new(),
    }
}

/// The text with some bytes changed, lost or doubled.
fn damaged(text: &str, random: &mut fastrand::Rng) -> Vec<u8> {
    let mut bytes = text.as_bytes().to_vec();
    for _ in 0..random.usize(0..3) {
        if bytes.is_empty() {
            break;
        }
        let at = random.usize(0..bytes.len());
        match random.u8(0..4) {
            0 => bytes[at] = *random.choice(b"{}[]\",:*?$\\ 0").unwrap(),
            1 => drop(bytes.remove(at)),
            2 => bytes.insert(at, bytes[at]),
            _ => bytes.truncate(at.max(1)),
        }
    }
    bytes
}

#[test]
fn documents_are_read_as_they_were_written() {
    let (languages, seed) = (languages(), seed());
    let mut random = fastrand::Rng::with_seed(seed);
    let examples = examples(seed);
    let examples: Vec<&Value> = examples.iter().flat_map(|case| documents(&case["layers"])).collect();
    for _ in 0..count(3_000) {
        let document = mutated(random.choice(&examples).unwrap(), &mut random);
        let text = if random.bool() { document.to_string() } else { serde_json::to_string_pretty(&document).unwrap() };
        assert_eq!(fuzz::documents(&damaged(&text, &mut random), &languages), Ok(()), "seed {seed}");
    }
}

/// A text, a value and patterns that are likely to meet.
fn task(random: &mut fastrand::Rng) -> Vec<u8> {
    const PARTS: [&str; 16] = [
        "a",
        "b",
        "A",
        ":",
        "::",
        "*",
        "?",
        "é",
        "arn:aws:kms:",
        "acs:kms:",
        "key/",
        "${",
        "}",
        "${aws:UserName}",
        "${*}",
        "$",
    ];
    let line = |random: &mut fastrand::Rng, most| -> String {
        (0..random.usize(0..most)).map(|_| random.choice(PARTS).unwrap()).collect()
    };
    let text = line(random, 12);
    let mut lines = vec![text.clone(), line(random, 3)];
    for _ in 0..random.usize(1..8) {
        let pattern = line(random, 10);
        lines.push(if random.bool() { pattern } else { text.replace(random.choice(PARTS).unwrap(), "*") });
    }
    let mut bytes = vec![random.u8(..), random.u8(..)];
    bytes.extend(lines.join("\n").bytes());
    bytes
}

#[test]
fn patterns_match_what_a_regular_expression_matches() {
    let (languages, seed) = (languages(), seed());
    let mut random = fastrand::Rng::with_seed(seed);
    for _ in 0..count(5_000) {
        let bytes = task(&mut random);
        assert_eq!(fuzz::patterns(&bytes, &languages), Ok(()), "seed {seed}, {bytes:?}");
    }
}

#[test]
fn drawn_and_changed_cases_have_one_verdict() {
    let (languages, seed) = (languages(), seed());
    let mut random = fastrand::Rng::with_seed(seed);
    let examples = examples(seed);
    for _ in 0..count(3_000) {
        let bytes: Vec<u8> = std::iter::repeat_with(|| random.u8(..)).take(40).collect();
        assert_eq!(fuzz::drawn(&bytes, &languages), Ok(()), "seed {seed}");
        let case = mutated(random.choice(&examples).unwrap(), &mut random);
        assert_eq!(fuzz::written(case.to_string().as_bytes(), &languages), Ok(()), "seed {seed}");
    }
}

/// The controls: a language whose names are cut in another way, a strict reader that takes more than the lenient one, and a
/// reference with a rule turned wrong.
#[test]
fn every_body_notices_what_is_wrong() {
    let [aws, alibaba] = languages();
    let mut random = fastrand::Rng::with_seed(7);

    let names = NameSyntax { segments: 5, ..aws.spec.names };
    let other: &'static Spec =
        Box::leak(Box::new(Spec { names, combine: polykms_core::policy::Expr::All(&[]), ..*aws.spec }));
    let other = [Language::new(other, aws.lints), alibaba];
    assert!((0..5_000).any(|_| fuzz::patterns(&task(&mut random), &other).is_err()), "a wrong name syntax");

    let text = json!({ "Version": "2012-10-17", "Statement": [], "Extra": 1 }).to_string();
    let strict = aws.spec.read(DocumentKind::Identity, &text);
    let lenient = aws.spec.compile(DocumentKind::Identity, &text);
    assert!(fuzz::differing(aws.alone, &text, strict, lenient).is_err(), "a lenient reader that is strict");

    let examples = examples(7);
    let fault = Some(Fault::NegatedOperatorsFailWithoutTheKey);
    let mut found = |_| {
        let case = mutated(random.choice(&examples).unwrap(), &mut random);
        fuzz::judged(&case, &[aws, alibaba], false, fault).is_err()
    };
    assert!((0..5_000).any(&mut found), "a wrong reference");
}
