//! What the tests with random cases share: seed, cases, and the answers of the evaluator.

pub(crate) mod dialect;

use polykms_conformance::generate::{self, Draw};
use polykms_conformance::policy_cases;
use serde_json::{Value, json};

/// The dialects under test.
pub(crate) const DIALECTS: [&str; 2] = ["aws", "alibaba"];

/// The seed of the run; printed, so that a failure can be repeated.
pub(crate) fn seed() -> u64 {
    let seed = setting("POLYKMS_DRT_SEED").unwrap_or_else(|| fastrand::u64(..));
    println!("POLYKMS_DRT_SEED={seed}");
    seed
}

/// The number of cases for each dialect, if the environment sets it.
pub(crate) fn count(default: usize) -> usize {
    setting("POLYKMS_DRT_CASES").map_or(default, |count| usize::try_from(count).unwrap())
}

fn setting(name: &str) -> Option<u64> {
    std::env::var(name).ok().map(|text| text.parse().expect("a number"))
}

/// An endless stream of cases.
pub(crate) fn cases(dialect: &'static str, seed: u64) -> impl Iterator<Item = Value> {
    let mut random = fastrand::Rng::with_seed(seed);
    std::iter::repeat_with(move || {
        let mut source = || random.u64(..);
        generate::case(dialect, &mut Draw::new(&mut source))
    })
}

/// What the evaluator says to each case.
#[allow(dead_code, reason = "partial decisions have another form")]
pub(crate) fn answers(cases: &[Value]) -> Vec<String> {
    let file = json!({ "cases": cases }).to_string();
    let report = policy_cases::run(&file, dialect::spec).unwrap();
    report.cases.into_iter().map(|case| case.got).collect()
}
