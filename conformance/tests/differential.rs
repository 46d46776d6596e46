//! Differential test: the evaluator and the reference answer random cases, and may not differ.
//!
//! `POLYKMS_DRT_CASES` is the number of cases per dialect, `POLYKMS_DRT_SEED` repeats a run.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::indexing_slicing, clippy::panic, reason = "tests")]

mod common;

use std::collections::BTreeMap;

use common::dialect::spec;
use common::{DIALECTS, answers, cases, count, seed};
use polykms_conformance::reference::{self, Fault, Verdict};
use polykms_core::policy::Predicate;
use serde_json::Value;

const BATCH: usize = 500;

/// Draws from which on every operator and every layer has to have decided a verdict.
const MANY: usize = 100_000;

/// So often a part is looked for in a deciding position; more is not counted.
const ENOUGH: usize = 20;

/// The layers that cases have.
fn layers(dialect: &str) -> &'static [&'static str] {
    match dialect {
        "alibaba" => &["identity", "identity_rg", "session", "control", "resource"],
        _ => &["identity", "boundary", "session", "vpce", "scp", "rcp", "resource", "grants"],
    }
}

/// Every operator with every quantifier and suffix that the dialect gives it.
fn operators(dialect: &str) -> Vec<String> {
    let spec = spec(dialect).unwrap();
    let quantifiers: &[&str] = if spec.quantifiers { &["", "ForAllValues:", "ForAnyValue:"] } else { &[""] };
    let suffixes: &[&str] = if spec.if_exists { &["", "IfExists"] } else { &[""] };
    let mut names = Vec::new();
    for operator in spec.operators {
        for quantifier in quantifiers {
            let dressed = |suffix: &&str| format!("{quantifier}{}{suffix}", operator.name);
            let bare = |name: &String| operator.predicate != Predicate::Absent || name == operator.name;
            names.extend(suffixes.iter().map(dressed).filter(bare));
        }
    }
    names
}

/// How often the run met each verdict, principal, layer, element and operator, and how often they decided the verdict.
///
/// A layer decides if the verdict is another one without it. An operator decides by holding if the verdict is another one
/// without its statement, and by failing if it is another one without the operator.
#[derive(Default)]
struct Coverage(BTreeMap<(&'static str, String), usize>);

impl Coverage {
    fn count(&mut self, case: &Value, verdict: Verdict) {
        self.add("verdict", verdict.word());
        self.add("principal", case["principal"]["type"].as_str().unwrap());
        let decides = |part: &str| reference::evaluate(&without(case, part)) != verdict;
        for (layer, value) in case["layers"].as_object().unwrap() {
            let pointer = format!("/layers/{layer}");
            self.add("layer", layer);
            self.add_if("layer decided", layer, || decides(&pointer));
            self.statements(value, &pointer, &decides);
        }
    }

    /// Counts what is in the statements below `pointer`.
    fn statements(&mut self, value: &Value, pointer: &str, decides: &dyn Fn(&str) -> bool) {
        match value {
            Value::Array(items) => {
                items.iter().enumerate().for_each(|(index, item)| {
                    self.statements(item, &format!("{pointer}/{index}"), decides);
                });
            }
            Value::Object(members) => {
                for (name, value) in members {
                    let below = format!("{pointer}/{}", escaped(name));
                    match name.as_str() {
                        "NotAction" | "NotResource" | "NotPrincipal" => self.add("element", name),
                        "Condition" => self.conditions(value, pointer, decides),
                        _ => self.statements(value, &below, decides),
                    }
                }
            }
            _ => {}
        }
    }

    fn conditions(&mut self, block: &Value, statement: &str, decides: &dyn Fn(&str) -> bool) {
        for operator in block.as_object().unwrap().keys() {
            self.add("operator", operator);
            self.add_if("operator held", operator, || decides(statement));
            self.add_if("operator failed", operator, || {
                decides(&format!("{statement}/Condition/{}", escaped(operator)))
            });
        }
    }

    fn add(&mut self, what: &'static str, name: &str) {
        *self.0.entry((what, name.to_owned())).or_default() += 1;
    }

    /// Counts what holds, up to [`ENOUGH`].
    fn add_if(&mut self, what: &'static str, name: &str, holds: impl Fn() -> bool) {
        if self.of(what, name) < ENOUGH && holds() {
            self.add(what, name);
        }
    }

    fn print(&self, dialect: &str) {
        for what in ["verdict", "principal", "element"] {
            let of = self.0.iter().filter(|((kind, _), _)| *kind == what);
            let line: Vec<String> = of.map(|((_, name), count)| format!("{name} {count}")).collect();
            println!("{dialect}: {what} ({}): {}", line.len(), line.join(", "));
        }
        let layer = |name: &&str| format!("{name} {}/{}", self.of("layer", name), self.of("layer decided", name));
        let line: Vec<String> = layers(dialect).iter().map(layer).collect();
        println!("{dialect}: layer (drawn/decided, at most {ENOUGH}): {}", line.join(", "));
        let operator = |name: &String| {
            let [drawn, held, failed] = OPERATOR.map(|what| self.of(what, name));
            format!("{name} {drawn}/{held}/{failed}")
        };
        let line: Vec<String> = operators(dialect).iter().map(operator).collect();
        let total = line.len();
        println!(
            "{dialect}: operator ({total}; drawn/decided by holding/by failing, at most {ENOUGH}): {}",
            line.join(", ")
        );
    }

    /// The parts that never decided a verdict.
    fn idle(&self, dialect: &str) -> Vec<String> {
        let mut idle: Vec<String> = layers(dialect).iter().map(|layer| (*layer).to_owned()).collect();
        idle.retain(|layer| self.of("layer decided", layer) == 0);
        for name in operators(dialect) {
            let [_, held, failed] = OPERATOR.map(|what| self.of(what, &name));
            if held == 0 || failed == 0 {
                idle.push(format!("{name} {held}/{failed}"));
            }
        }
        idle
    }

    fn of(&self, what: &'static str, name: &str) -> usize {
        self.0.get(&(what, name.to_owned())).copied().unwrap_or_default()
    }
}

const OPERATOR: [&str; 3] = ["operator", "operator held", "operator failed"];

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
    let count = count(MANY);
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
        if count >= MANY && wrong == 0 {
            assert_eq!(coverage.idle(dialect), [""; 0], "{dialect}: parts that never decided, with seed {seed}");
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
