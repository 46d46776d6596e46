//! Soundness of partial decisions: whatever the unknown keys are, the verdict is among those that were announced.
//!
//! `POLYKMS_DRT_CASES` is the number of cases per dialect, `POLYKMS_DRT_SEED` repeats a run.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::indexing_slicing, clippy::panic, reason = "tests")]

mod common;

use std::collections::{BTreeMap, BTreeSet};

use common::dialect::spec;
use common::{DIALECTS, cases, count, seed};
use polykms_conformance::policy_cases::{ask, facts};
use polykms_core::policy::{Layers, Partial, Question, Spec};
use serde_json::Value;

type Context = BTreeMap<String, Value>;

/// Who decides in part: the evaluator, or a stand-in that is known to be wrong.
type Judge = fn(&'static Spec, &Question<'_>, &Layers<'_>, &BTreeSet<String>) -> Partial;

fn evaluator(spec: &'static Spec, question: &Question<'_>, layers: &Layers<'_>, unknown: &BTreeSet<String>) -> Partial {
    spec.decide_partially(question, layers, |key| {
        unknown.contains(key) || key.ends_with(':') && unknown.iter().any(|known| known.starts_with(key))
    })
}

/// The control takes what it does not know for absent.
fn hasty(spec: &'static Spec, question: &Question<'_>, layers: &Layers<'_>, _: &BTreeSet<String>) -> Partial {
    Partial::Sure(spec.decide(question, layers))
}

const COMPLETIONS: usize = 8;

/// What the run met.
#[derive(Default)]
struct Seen {
    sure: usize,
    maybe: usize,
    /// Of how many announced verdicts a completion was found.
    announced: usize,
    found: usize,
}

/// The first announcement, if any, that a completion does not keep.
fn broken(judge: Judge, seen: &mut Seen) -> Option<String> {
    let seed = seed();
    for dialect in DIALECTS {
        let mut random = fastrand::Rng::with_seed(seed);
        let mut before = Context::new();
        for case in cases(dialect, seed).take(count(4_000)) {
            let context: Context = serde_json::from_value(case["context"].clone()).unwrap_or_default();
            let other = std::mem::replace(&mut before, context.clone());
            let names: BTreeSet<&String> = context.keys().chain(other.keys()).collect();
            let unknown: BTreeSet<String> = names.into_iter().filter(|_| random.u8(..) < 100).cloned().collect();
            let known: Context = context.clone().into_iter().filter(|(key, _)| !has(&unknown, key)).collect();
            let completions: Vec<Context> =
                (0..COMPLETIONS).map(|_| completed(&known, &unknown, [&context, &other], &mut random)).collect();
            let unknown = unknown.iter().map(|key| key.to_ascii_lowercase()).collect();
            let wrong = ask(&case.to_string(), spec(dialect).unwrap(), |question, layers| {
                let spec = spec(dialect).unwrap();
                let known = facts(known.clone());
                let partial = judge(spec, &Question { context: &known, ..*question }, layers, &unknown);
                let verdicts = completions.iter().map(|completion| {
                    let facts = facts(completion.clone());
                    (completion, spec.decide(&Question { context: &facts, ..*question }, layers))
                });
                let verdicts: Vec<_> = verdicts.collect();
                seen.count(&partial, verdicts.iter().map(|(_, verdict)| format!("{verdict:?}")).collect());
                let wrong = verdicts.into_iter().find(|(_, verdict)| !partial.may_be(*verdict));
                Ok(wrong.map(|(completion, verdict)| format!("{verdict:?} with {completion:?}, not {partial:?}")))
            });
            if let Some(wrong) = wrong.unwrap().into_iter().flatten().next() {
                return Some(format!("{wrong}: {case}"));
            }
        }
    }
    None
}

impl Seen {
    fn count(&mut self, partial: &Partial, verdicts: BTreeSet<String>) {
        match partial {
            Partial::Sure(_) => self.sure += 1,
            Partial::Maybe { among, open } => {
                assert!(!open.is_empty() && open.iter().all(|open| !open.conditions.is_empty()), "{partial:?}");
                self.maybe += 1;
                self.announced += among.len();
                self.found += verdicts.len();
            }
        }
    }
}

fn has(unknown: &BTreeSet<String>, key: &str) -> bool {
    unknown.iter().any(|known| known.eq_ignore_ascii_case(key))
}

/// The known keys and, for each unknown one, nothing or a value that some key has.
fn completed(known: &Context, unknown: &BTreeSet<String>, from: [&Context; 2], random: &mut fastrand::Rng) -> Context {
    let mut context = known.clone();
    for key in unknown {
        let own = from.iter().find_map(|context| context.get(key));
        let any: Vec<&Value> = from.iter().flat_map(|context| context.values()).collect();
        match random.u8(0..5) {
            0 => {}
            1 | 2 => context.extend(own.map(|value| (key.clone(), value.clone()))),
            _ => context.extend(random.choice(any).map(|value| (key.clone(), value.clone()))),
        }
    }
    context
}

#[test]
fn every_completion_has_a_verdict_that_was_announced() {
    let mut seen = Seen::default();
    assert_eq!(broken(evaluator, &mut seen), None);
    let Seen { sure, maybe, announced, found } = seen;
    println!("{sure} sure, {maybe} open, {found} of {announced} announced verdicts met");
    assert!(sure > maybe / 4 && maybe > sure / 40 && found * 10 > announced * 5, "the cases decide too little");
}

#[test]
fn a_judge_that_takes_the_unknown_for_absent_is_caught() {
    assert!(broken(hasty, &mut Seen::default()).is_some(), "the control was not caught");
}

#[test]
fn without_unknown_keys_the_verdict_is_sure() {
    let seed = seed();
    for dialect in DIALECTS {
        for case in cases(dialect, seed).take(count(2_000)) {
            let spec = spec(dialect).unwrap();
            let agreed = ask(&case.to_string(), spec, |question, layers| {
                let partial = spec.decide_partially(question, layers, |_| false);
                Ok(partial == Partial::Sure(spec.decide(question, layers)))
            });
            assert!(agreed.unwrap().into_iter().all(|agreed| agreed), "{case}");
        }
    }
}
