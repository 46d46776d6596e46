//! The documented lints are those of the code, and each has a test that it fires and one that it does not.

#![allow(clippy::expect_used, clippy::indexing_slicing, clippy::panic, clippy::unwrap_used, reason = "tests")]

use std::fmt::Write as _;
use std::path::Path;

use polykms::core::policy::{LINT_REFUSALS, LINT_RULES, LintRule, Severity};

const DOCUMENT: &str = "docs/lints.md";

#[test]
fn the_documented_lints_are_those_of_the_code() {
    let mut text =
        "# Lints\n\nWhat `polykms policy lint` and `polykms policy check` find. `tests/lints.rs` compares these \
                    tables with the code;\n`UPDATE_DOCS=1` writes them.\n\n## Accepted, but hardly meant\n\n"
            .to_owned();
    table(LINT_RULES, &mut text);
    text.push_str("\n## Refused by the grammar of its vendor\n\n");
    table(LINT_REFUSALS, &mut text);
    text.push_str(
        "\nSome findings need several documents at once: `UnusedDelegation` a key policy and the policies of its \
         account,\n`GroupDenyIdle` the policies of an account and, as `--resource-group FILE`, those attached for one \
         resource group.\n",
    );
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join(DOCUMENT);
    if std::env::var_os("UPDATE_DOCS").is_some() {
        std::fs::write(&path, &text).expect("written");
    }
    let written = std::fs::read_to_string(&path).unwrap_or_default();
    assert!(written == text, "{DOCUMENT} is old: run this test with UPDATE_DOCS=1");
}

fn table(rules: &[LintRule], text: &mut String) {
    text.push_str("| lint | severity | what it is about |\n|---|---|---|\n");
    for rule in rules {
        let severity = match rule.severity {
            Severity::Note => "note",
            Severity::Warning => "warning",
            Severity::Error => "error",
        };
        let _ = writeln!(text, "| `{}` | {severity} | {} |", rule.code, rule.about);
    }
}

#[test]
fn every_lint_has_a_test_in_a_dialect() {
    let tests =
        [include_str!("../dialects/aws/src/lint_tests.rs"), include_str!("../dialects/alibaba/src/lint_tests.rs")];
    for rule in LINT_RULES {
        let name = format!("\"{}\"", rule.code);
        assert!(tests.iter().any(|text| text.contains(&name)), "no test of {}", rule.code);
    }
}
