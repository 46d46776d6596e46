//! The table of threats: every row is there, and every test that it names exists.

#![allow(clippy::expect_used, clippy::indexing_slicing, clippy::panic, clippy::unwrap_used, reason = "tests")]

use std::collections::BTreeSet;
use std::path::Path;

/// The last row.
const LAST: usize = 72;

fn root() -> &'static Path {
    Path::new(env!("CARGO_MANIFEST_DIR"))
}

/// The names of all tests below a folder: functions of Rust that are marked as tests, and those of pytest.
fn tests(folder: &Path, found: &mut BTreeSet<String>) {
    for entry in std::fs::read_dir(folder).expect("a folder") {
        let path = entry.expect("an entry").path();
        let name = path.file_name().expect("a name").to_string_lossy().into_owned();
        if path.is_dir() && name != "target" && !name.starts_with('.') {
            tests(&path, found);
        } else if name.ends_with(".rs") {
            rust(&std::fs::read_to_string(&path).expect("UTF-8"), found);
        } else if name.starts_with("test_") && name.ends_with(".py") {
            let text = std::fs::read_to_string(&path).expect("UTF-8");
            found.extend(text.lines().filter_map(|line| named(line.strip_prefix("def ")?)));
        }
    }
}

fn rust(text: &str, found: &mut BTreeSet<String>) {
    let mut marked = false;
    for line in text.lines().map(str::trim_start) {
        marked |= line.starts_with("#[test]") || line.starts_with("#[tokio::test");
        let function = line.strip_prefix("async ").unwrap_or(line).strip_prefix("fn ");
        if let Some(function) = function.filter(|_| marked) {
            found.extend(named(function));
            marked = false;
        }
    }
}

fn named(function: &str) -> Option<String> {
    function.split(['(', '<']).next().map(str::to_owned)
}

#[test]
fn every_row_names_tests_that_exist_or_says_what_is_open() {
    let mut known = BTreeSet::new();
    tests(root(), &mut known);
    assert!(known.len() > 1000, "{}", known.len());
    let table = std::fs::read_to_string(root().join("docs/threats.md")).expect("the table");
    let rows: Vec<Vec<&str>> = table
        .lines()
        .filter(|line| line.starts_with("| T"))
        .map(|line| line.trim_matches('|').split('|').map(str::trim).collect())
        .collect();
    let numbers: Vec<_> = rows.iter().map(|row| row[0].to_owned()).collect();
    let expected: Vec<_> = (1..=LAST).map(|number| format!("T{number:02}")).collect();
    assert_eq!(numbers, expected);
    for row in &rows {
        let [number, _, answer] = row[..] else { panic!("{row:?}") };
        let names: Vec<_> = answer.split('`').skip(1).step_by(2).collect();
        assert!(!names.is_empty() || answer.starts_with("open: "), "{number} names no test");
        let missing: Vec<_> = names.iter().filter(|name| !known.contains(**name)).collect();
        assert!(missing.is_empty(), "{number} names {missing:?}, which do not exist");
    }
}

#[test]
fn a_name_is_found_where_it_is_a_test_alone() {
    let mut found = BTreeSet::new();
    rust("#[test]\nfn one() {}\nfn two() {}\n#[tokio::test]\nasync fn three() {}", &mut found);
    assert_eq!(found.into_iter().collect::<Vec<_>>(), ["one", "three"]);
}
