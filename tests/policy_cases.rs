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
