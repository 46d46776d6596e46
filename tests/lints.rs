//! The documented lints are those of the code, and each has a test that it fires and one that it does not.

#![allow(clippy::expect_used, clippy::indexing_slicing, clippy::panic, clippy::unwrap_used, reason = "tests")]

use std::fmt::Write as _;
use std::path::Path;

use polykms::core::policy::{DocumentKind, Finding, LINT_REFUSALS, LINT_RULES, LintRule, Severity};

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

/// Lints that would say of a vendor's own example that it does not do what it is for.
const NEVER_OF_EXAMPLES: &[&str] = &[
    "AccessKeysDenied",
    "AliasAlone",
    "EveryValueAbsent",
    "HalfAllowed",
    "IdleResource",
    "ResourceMismatch",
    "SecondFactorAbsent",
    "UnknownAction",
];

fn is_false_alarm(finding: &Finding) -> bool {
    finding.severity == Severity::Error || NEVER_OF_EXAMPLES.contains(&finding.code)
}

/// Documents that the vendors publish, by dialect and kind: those of their documentation, of our policy cases after it, and
/// the policies that they supply.
fn published() -> Vec<(String, &'static str, DocumentKind, String)> {
    let kind = |text: &str| match text {
        "key_policy" => DocumentKind::Key,
        _ => DocumentKind::Identity,
    };
    let registry = polykms::registry().expect("dialects");
    let mut all = Vec::new();
    for line in include_str!("data/published_policies.jsonl").lines() {
        let example: serde_json::Value = serde_json::from_str(line).expect("JSON");
        let text = |name: &str| example[name].as_str().expect("text");
        let dialect = registry.named(text("dialect")).expect("linked").name;
        let name = format!("{} #{}", text("page"), example["number"]);
        all.push((name, dialect, kind(text("kind")), example["document"].to_string()));
    }
    for dialect in registry.dialects() {
        let rules = dialect.law.identity().expect("identities");
        for policy in (rules.system_policies)() {
            all.push((policy.name.to_owned(), dialect.name, DocumentKind::Identity, policy.document.to_string()));
        }
    }
    all
}

#[test]
fn no_lint_tells_the_vendors_that_their_own_policies_do_not_work() {
    let registry = polykms::registry().expect("dialects");
    let mut alarms = Vec::new();
    let published = published();
    assert!(published.len() > 400, "{}", published.len());
    for (name, dialect, kind, text) in &published {
        let law = registry.named(dialect).expect("linked").law;
        // What the vendor supplies is not written by anybody, and may be larger than what is.
        let alarm = |finding: &Finding| is_false_alarm(finding) && finding.code != "TooLarge";
        let found = law.policy.lint(law.lints, *kind, text).into_iter().filter(alarm);
        alarms.extend(found.map(|finding| format!("{dialect} {name}: {} {}", finding.code, finding.message)));
    }
    assert!(alarms.is_empty(), "{} alarms:\n{}", alarms.len(), alarms.join("\n"));
}
