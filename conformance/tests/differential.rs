//! Differential test: the evaluator and the reference answer random cases, and may not differ.
//!
//! `POLYKMS_DRT_CASES` is the number of cases per dialect, `POLYKMS_DRT_SEED` repeats a run.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::indexing_slicing, clippy::panic, reason = "tests")]

mod common;

use std::collections::BTreeMap;

use common::{DIALECTS, answers, cases, count, seed};
use polykms_conformance::reference::{self, Fault, Verdict};
use serde_json::Value;

const BATCH: usize = 500;

/// How often the run met each verdict, layer, principal and operator.
#[derive(Default)]
struct Coverage(BTreeMap<(&'static str, String), usize>);

impl Coverage {
    fn count(&mut self, case: &Value, verdict: Verdict) {
        self.add("verdict", verdict.word());
        self.add("principal", case["principal"]["type"].as_str().unwrap());
        for (layer, value) in case["layers"].as_object().unwrap() {
            self.add("layer", layer);
            self.operators(value);
        }
    }

    fn operators(&mut self, value: &Value) {
        match value {
            Value::Array(items) => items.iter().for_each(|item| self.operators(item)),
            Value::Object(members) => {
                for (name, value) in members {
                    match name.as_str() {
                        "NotAction" | "NotResource" | "NotPrincipal" => self.add("element", name),
                        "Condition" => {
                            value.as_object().unwrap().keys().for_each(|operator| self.add("operator", operator));
                        }
                        _ => self.operators(value),
                    }
                }
            }
            _ => {}
        }
    }

    fn add(&mut self, what: &'static str, name: &str) {
        *self.0.entry((what, name.to_owned())).or_default() += 1;
    }

    fn print(&self, dialect: &str) {
        for what in ["verdict", "principal", "layer", "element", "operator"] {
            let of = self.0.iter().filter(|((kind, _), _)| *kind == what);
            let line: Vec<String> = of.map(|((_, name), count)| format!("{name} {count}")).collect();
            println!("{dialect}: {what} ({}): {}", line.len(), line.join(", "));
        }
    }

    fn of(&self, what: &'static str, name: &str) -> usize {
        self.0.get(&(what, name.to_owned())).copied().unwrap_or_default()
    }
}

/// Compares one stream of cases, batch by batch.
fn compare(dialect: &'static str, seed: u64, count: usize) -> (Coverage, Vec<String>) {
    let (mut coverage, mut differences) = (Coverage::default(), Vec::new());
    let mut stream = cases(dialect, seed);
    let mut left = count;
    while left > 0 && differences.len() < 20 {
        let batch: Vec<Value> = stream.by_ref().take(left.min(BATCH)).collect();
        left -= batch.len();
        for (case, got) in batch.iter().zip(answers(&batch)) {
            let expected = reference::evaluate(case);
            coverage.count(case, expected);
            if got != expected.word() {
                differences.push(described(&shrunk(case.clone())));
            }
        }
    }
    (coverage, differences)
}

fn differs(case: &Value) -> bool {
    answers(std::slice::from_ref(case)).remove(0) != reference::evaluate(case).word()
}

fn described(case: &Value) -> String {
    let got = answers(std::slice::from_ref(case)).remove(0);
    format!("evaluator {got}, reference {}: {case}", reference::evaluate(case).word())
}

/// The same difference in a smaller case: what can go without ending it, goes.
fn shrunk(mut case: Value) -> Value {
    loop {
        let smaller = parts(&case, "").into_iter().map(|part| without(&case, &part)).find(differs);
        match smaller {
            Some(smaller) => case = smaller,
            None => return case,
        }
    }
}

/// Pointers of the parts that a case may do without.
fn parts(value: &Value, pointer: &str) -> Vec<String> {
    let name = pointer.rsplit('/').next().unwrap_or_default();
    let optional =
        ["layers", "context", "Condition"].contains(&name) || pointer.rsplit('/').nth(1) == Some("Condition");
    let members: Vec<(String, &Value)> = match value {
        Value::Array(items) => items.iter().enumerate().map(|(index, item)| (index.to_string(), item)).collect(),
        Value::Object(members) => members.iter().map(|(name, value)| (escaped(name), value)).collect(),
        _ => Vec::new(),
    };
    let mut found = Vec::new();
    for (member, value) in members {
        let below = format!("{pointer}/{member}");
        if optional || member == "Condition" || (pointer.is_empty() && member == "authorizations") {
            found.push(below.clone());
        } else if let Value::Array(items) = value
            && items.len() > 1
        {
            found.extend((0..items.len()).map(|index| format!("{below}/{index}")));
        }
        found.extend(parts(value, &below));
    }
    found
}

fn escaped(name: &str) -> String {
    name.replace('~', "~0").replace('/', "~1")
}

fn without(case: &Value, pointer: &str) -> Value {
    let mut case = case.clone();
    let (parent, last) = pointer.rsplit_once('/').unwrap();
    match case.pointer_mut(parent).unwrap() {
        Value::Array(items) => drop(items.remove(last.parse().unwrap())),
        Value::Object(members) => drop(members.remove(&last.replace("~1", "/").replace("~0", "~"))),
        _ => {}
    }
    case
}

#[test]
fn the_evaluator_and_the_reference_agree_on_random_cases() {
    let count = count(if cfg!(debug_assertions) { 40_000 } else { 100_000 });
    let seed = seed();
    let runs = std::thread::scope(|scope| {
        let run = |dialect| scope.spawn(move || (dialect, compare(dialect, seed, count)));
        DIALECTS.map(run).map(|run| run.join().unwrap())
    });
    let mut wrong = 0;
    for (dialect, (coverage, differences)) in runs {
        coverage.print(dialect);
        for difference in &differences {
            println!("{dialect}: {difference}");
        }
        wrong += differences.len();
        for verdict in [Verdict::Allow, Verdict::ImplicitDeny, Verdict::ExplicitDeny] {
            let share = coverage.of("verdict", verdict.word()) * 100 / count.max(1);
            assert!(wrong > 0 || share >= 10, "{dialect}: only {share} % {}", verdict.word());
        }
    }
    assert_eq!(wrong, 0, "differences with seed {seed}");
}

/// The control: a reference with one rule turned wrong has to be caught.
#[test]
fn every_fault_of_the_reference_is_caught() {
    let seed = seed();
    let mut uncaught: Vec<Fault> = Fault::ALL.to_vec();
    for round in 0..40 {
        for dialect in DIALECTS {
            let cases: Vec<Value> = cases(dialect, seed.wrapping_add(round)).take(BATCH).collect();
            let answers = answers(&cases);
            uncaught.retain(|fault| {
                let mut pairs = cases.iter().zip(&answers);
                pairs.all(|(case, got)| reference::evaluate_with(case, Some(*fault)).word() == got)
            });
        }
        if uncaught.is_empty() {
            println!("{} faults caught within {} cases per dialect", Fault::ALL.len(), (round + 1) * BATCH as u64);
            break;
        }
    }
    assert_eq!(uncaught, []);
}
