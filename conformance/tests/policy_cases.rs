//! Every file of policy cases through the evaluator and through the reference, and what the files cover.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::indexing_slicing, clippy::panic, reason = "tests")]

#[path = "common/dialect.rs"]
mod dialect;

use std::collections::{BTreeMap, BTreeSet};
use std::path::{Path, PathBuf};

use polykms_conformance::{policy_cases, reference};
use serde_json::Value;

const QUANTIFIERS: [&str; 2] = ["ForAnyValue", "ForAllValues"];
const PRESENCES: [&str; 4] = ["match", "no match", "missing", "empty"];

fn data() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("data")
}

/// Every file of cases with its text.
fn files() -> Vec<(PathBuf, String)> {
    let mut files = policy_cases::files(&data()).unwrap();
    files.extend(policy_cases::files(&data().join("policy")).unwrap());
    files.into_iter().map(|path| (path.clone(), std::fs::read_to_string(path).unwrap())).collect()
}

fn cases() -> Vec<Value> {
    let parsed = files().into_iter().map(|(_, text)| serde_json::from_str::<Value>(&text).unwrap());
    parsed.flat_map(|file| file["cases"].as_array().unwrap().clone()).collect()
}

#[test]
fn the_evaluator_gives_every_case_its_verdict_and_its_reasons() {
    for (path, text) in files() {
        let report = policy_cases::run(&text, dialect::spec).unwrap();
        for case in &report.cases {
            let reasons = case.explain_contained != Some(false);
            assert!(case.pass && reasons, "{}: {}", path.display(), serde_json::json!(case));
        }
    }
}

#[test]
fn the_reference_gives_every_case_its_verdict() {
    let cases = cases();
    let differs = |case: &&Value| reference::evaluate(case).word() != case["expected"];
    let different: Vec<_> = cases.iter().filter(differs).map(ToString::to_string).collect();
    assert!(different.is_empty(), "{}", different.join("\n"));
}

#[test]
fn every_case_has_an_identifier_of_its_own_and_says_where_it_is_from() {
    let mut seen = BTreeSet::new();
    let cases = cases();
    for case in &cases {
        let text = |name: &str| case[name].as_str().filter(|text| !text.is_empty());
        assert!(seen.insert(text("id").unwrap()), "{case}");
        assert!(text("why").is_some() && !case["source"].as_array().unwrap().is_empty(), "{case}");
        assert!(["documented", "empirical", "inferred"].contains(&text("confidence").unwrap()), "{case}");
    }
    let explained = cases.iter().filter(|case| case.get("explain").is_some()).count();
    assert!(cases.len() >= 2400 && explained >= 2000, "{} cases, {explained} with reasons", cases.len());
}

#[test]
fn every_file_counts_its_cases() {
    for (path, text) in files() {
        let file: Value = serde_json::from_str(&text).unwrap();
        let cases = file["cases"].as_array().unwrap().len();
        assert_eq!(file["count"].as_u64(), u64::try_from(cases).ok(), "{}", path.display());
    }
}

/// The one condition of a case of the matrix: its operator, and whether its key matches, does not, or is absent.
fn cell(case: &Value) -> Option<(String, &'static str)> {
    let statements = case["layers"]["identity"][0]["document"]["Statement"].as_array()?;
    let [statement] = statements.as_slice() else { return None };
    let (operator, keys) = only(&statement["Condition"])?;
    let (key, _) = only(keys)?;
    let presence = match &case["context"][key] {
        Value::Null => "missing",
        Value::Array(values) if values.is_empty() => "empty",
        _ if case["expected"] == "allow" => "match",
        _ => "no match",
    };
    Some((operator.clone(), presence))
}

/// The one member of an object with one.
fn only(object: &Value) -> Option<(&String, &Value)> {
    let members = object.as_object()?;
    members.iter().next().filter(|_| members.len() == 1)
}

/// The cells of the matrix of one dialect that have a case.
fn cells(dialect: &str, prefix: &str) -> BTreeMap<(String, &'static str), usize> {
    let mut cells = BTreeMap::new();
    let of = |case: &&Value| case["dialect"] == dialect && case["id"].as_str().unwrap().starts_with(prefix);
    for found in cases().iter().filter(of).filter_map(cell) {
        *cells.entry(found).or_default() += 1;
    }
    cells
}

fn operators(dialect: &str) -> Vec<&'static str> {
    dialect::spec(dialect).unwrap().operators.iter().map(|operator| operator.name).collect()
}

#[test]
fn the_aws_matrix_has_every_operator_with_every_quantifier_presence_and_if_exists() {
    let cells = cells("aws", "aws.op.");
    let operators = operators("aws");
    assert_eq!(operators.len(), 27);
    for operator in operators {
        for presence in PRESENCES {
            let mut written = vec![operator.to_owned()];
            if operator != "Null" {
                written.push(format!("{operator}IfExists"));
                let decorated = |quantifier| written.iter().map(move |plain| format!("{quantifier}:{plain}"));
                let decorated: Vec<_> = QUANTIFIERS.into_iter().flat_map(decorated).collect();
                written.extend(decorated);
                assert_eq!(written.len(), 6);
            }
            for written in written {
                assert!(cells.contains_key(&(written.clone(), presence)), "{written} {presence}");
            }
        }
    }
}

#[test]
fn the_alibaba_matrix_has_every_operator_with_every_presence() {
    let cells = cells("alibaba", "ali.op.");
    let operators = operators("alibaba");
    assert_eq!(operators.len(), 21);
    for operator in operators {
        let count = |presence| cells.get(&(operator.to_owned(), presence)).copied().unwrap_or_default();
        // Several values are present and match nothing.
        assert_eq!((count("match"), count("no match"), count("missing")), (1, 2, 1), "{operator}");
    }
}

#[test]
fn the_cases_notice_every_fault_of_the_reference() {
    let cases = cases();
    for fault in reference::Fault::ALL {
        let notices = |case: &&Value| reference::evaluate_with(case, Some(*fault)).word() != case["expected"];
        assert!(cases.iter().any(|case| notices(&case)), "{fault:?}");
    }
}
