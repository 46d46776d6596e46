//! `polykms policy eval` over a directory of cases.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::indexing_slicing, clippy::panic, reason = "tests")]

use std::process::{Command, Output};

use serde_json::Value;

fn polykms(arguments: &[&str]) -> Output {
    let mut command = Command::new(env!("CARGO_BIN_EXE_polykms"));
    command.current_dir(env!("CARGO_MANIFEST_DIR")).args(arguments).output().unwrap()
}

#[test]
fn a_directory_is_evaluated_file_by_file_with_one_summary() {
    let output = polykms(&["policy", "eval", "--cases", "conformance/data/policy"]);
    assert!(output.status.success());
    let lines: Vec<Value> =
        String::from_utf8(output.stdout).unwrap().lines().map(|line| serde_json::from_str(line).unwrap()).collect();
    let (summary, cases) = lines.split_last().unwrap();
    assert_eq!(summary["summary"]["cases"], cases.len());
    assert_eq!(summary["summary"]["failed"], 0);
    let of = |prefix: &str| cases.iter().position(|case| case["id"].as_str().unwrap().starts_with(prefix)).unwrap();
    assert!(of("ali.") < of("aws."), "files come in the order of their names");
}

#[test]
fn a_case_is_explained_by_its_name_wherever_it_is() {
    let id = "aws.grant.child.equals-loosened";
    let output = polykms(&["policy", "explain", "--cases", "conformance/data/policy", "--id", id]);
    assert!(output.status.success() && String::from_utf8(output.stdout).unwrap().contains(id));
}

#[test]
fn a_directory_without_cases_fails() {
    let output = polykms(&["policy", "eval", "--cases", "docs/adr"]);
    assert!(!output.status.success() && String::from_utf8(output.stderr).unwrap().contains("no file of cases"));
}

#[test]
fn an_engine_under_test_is_judged_by_the_same_cases() {
    let program = env!("CARGO_BIN_EXE_polykms");
    let cases = "conformance/data/policy/aws_grants.json";
    let summary = |output: &Output| -> Value {
        let text = std::str::from_utf8(&output.stdout).unwrap();
        serde_json::from_str(text.lines().last().unwrap()).unwrap()
    };
    let own = polykms(&["policy", "eval", "--cases", cases, "--", program, "policy", "engine"]);
    assert!(own.status.success(), "{own:?}");
    assert_eq!(summary(&own)["summary"]["failed"], 0);
    // One that allows everything, one that answers something else, one that ends, and one that is not there.
    let allows =
        r#"while read -r case; do id=${case#*\"id\":\"}; echo "{\"id\":\"${id%%\"*}\",\"verdict\":\"allow\"}"; done"#;
    for (engine, got) in [
        (allows, "allow"),
        (
            "while read -r case; do echo '{\"id\":\"other\",\"verdict\":\"allow\"}'; done",
            "error: the engine answers `other`",
        ),
        ("while read -r case; do echo yes; done", "error: the engine's answer"),
        ("exit 0", "error: the engine"),
    ] {
        let other = polykms(&["policy", "eval", "--cases", cases, "--", "sh", "-c", engine]);
        let text = String::from_utf8(other.stdout.clone()).unwrap();
        assert_eq!(other.status.code(), Some(1), "{text}");
        assert!(summary(&other)["summary"]["failed"].as_u64().unwrap() > 0);
        let results = text.lines().map(|line| serde_json::from_str::<Value>(line).unwrap());
        let mut got_of = results.filter_map(|result| result["got"].as_str().map(str::to_owned));
        assert!(got_of.all(|verdict| verdict.starts_with(got)), "{engine}: {text}");
    }
    assert!(!polykms(&["policy", "eval", "--cases", cases, "--", "/nonexistent"]).status.success());
}

#[test]
fn an_engine_is_not_told_what_is_expected_of_it() {
    let folder = tempfile::tempdir().unwrap();
    let seen = folder.path().join("seen");
    let engine = format!("head -n 1 > {}", seen.display());
    polykms(&["policy", "eval", "--cases", "conformance/data/policy_cases.json", "--", "sh", "-c", &engine]);
    let text = std::fs::read_to_string(seen).unwrap();
    let told: Value = serde_json::from_str(text.lines().next().unwrap()).unwrap();
    assert!(told["id"].is_string() && told["layers"].is_object());
    assert!(["expected", "explain", "why", "confidence"].iter().all(|name| told.get(name).is_none()), "{told}");
}
