//! Lints documents, for people, for programs and for code scanning (SARIF 2.1.0).

use std::fmt::Write as _;
use std::path::PathBuf;

use clap::ValueEnum;
use polykms::core::policy::{Finding, LINT_RULES, Outcome, Severity};
use serde::Serialize;
use serde_json::{Value, json};

use super::document::{Kind, dialect, dialect_of, findings, read};
use crate::cli::{Failure, print};

/// Lint documents.
#[derive(Debug, clap::Args)]
pub(crate) struct Lint {
    /// Whose language they are in: aws, alibaba; by default that of their version
    #[arg(long, value_name = "NAME")]
    dialect: Option<String>,
    /// What the documents are; by default what they look like
    #[arg(long = "type", value_enum, value_name = "TYPE")]
    kind: Option<Kind>,
    /// How to print the findings
    #[arg(long, value_enum, default_value_t = Format::Human)]
    format: Format,
    /// Fail on warnings as well
    #[arg(long)]
    strict: bool,
    /// The documents
    #[arg(required = true, value_name = "FILE")]
    files: Vec<PathBuf>,
}

#[derive(Debug, Clone, Copy, ValueEnum)]
enum Format {
    /// For people
    Human,
    /// One JSON object for each document
    Json,
    /// One log of the Static Analysis Results Interchange Format
    Sarif,
}

/// The findings about one document.
#[derive(Debug, Serialize)]
struct Linted {
    file: String,
    dialect: &'static str,
    r#type: String,
    result: Outcome,
    findings: Vec<Finding>,
}

impl Lint {
    /// Prints the findings about each document.
    ///
    /// # Errors
    /// [`Failure::Failed`] when a document cannot be read or is refused, or with `--strict` when there is a warning.
    pub(crate) fn print(self) -> Result<(), Failure> {
        let Self { dialect: name, kind, format, strict, files } = self;
        let mut all = Vec::new();
        for file in &files {
            let text = read(file)?;
            let readable = text.as_deref().unwrap_or_default();
            let dialect = name.as_deref().map_or_else(|| dialect_of(readable), dialect)?;
            let kind = kind.unwrap_or_else(|| Kind::of(readable));
            let findings = text.map_or_else(|finding| vec![finding], |text| findings(dialect.law, kind, &text));
            let (file, result) = (file.display().to_string(), Outcome::of(&findings));
            all.push(Linted { file, dialect: dialect.name, r#type: kind.name(), result, findings });
        }
        print(&match format {
            Format::Human => human(&all),
            Format::Json => all.iter().map(|linted| json!(linted).to_string() + "\n").collect(),
            Format::Sarif => sarif(&all).to_string() + "\n",
        })?;
        let bad = |linted: &&Linted| match linted.result {
            Outcome::Accept => false,
            Outcome::Warn => strict,
            Outcome::Reject => true,
        };
        match all.iter().filter(bad).count() {
            0 => Ok(()),
            bad => Err(Failure::Failed(format!("{bad} of {} documents have faults", all.len()))),
        }
    }
}

fn human(all: &[Linted]) -> String {
    let mut text = String::new();
    for Linted { file, findings, .. } in all {
        for Finding { code, severity, message, pointer, line, column } in findings {
            let (word, place) = (word(*severity), if pointer.is_empty() { "/" } else { pointer });
            let _ = writeln!(text, "{file}:{line}:{column}: {word}[{code}] {message} (at {place})");
        }
    }
    let count = |wanted: Severity| {
        all.iter().flat_map(|linted| &linted.findings).filter(|finding| finding.severity == wanted).count()
    };
    let _ = writeln!(
        text,
        "{} documents: {} errors, {} warnings, {} notes",
        all.len(),
        count(Severity::Error),
        count(Severity::Warning),
        count(Severity::Note)
    );
    text
}

const fn word(severity: Severity) -> &'static str {
    match severity {
        Severity::Error => "error",
        Severity::Warning => "warning",
        Severity::Note => "note",
    }
}

fn sarif(all: &[Linted]) -> Value {
    let rules: Vec<Value> = LINT_RULES
        .iter()
        .map(|rule| {
            json!({
                "id": rule.code,
                "shortDescription": { "text": rule.about },
                "defaultConfiguration": { "level": word(rule.severity) },
            })
        })
        .collect();
    let each = |linted: &Linted| -> Vec<Value> {
        linted.findings.iter().map(|finding| result(&linted.file, finding)).collect()
    };
    let results: Vec<Value> = all.iter().flat_map(each).collect();
    let driver = json!({ "name": "polykms", "version": env!("CARGO_PKG_VERSION"), "rules": rules });
    json!({
        "$schema": "https://json.schemastore.org/sarif-2.1.0.json",
        "version": "2.1.0",
        "runs": [{ "tool": { "driver": driver }, "columnKind": "unicodeCodePoints", "results": results }],
    })
}

fn result(file: &str, finding: &Finding) -> Value {
    let Finding { code, severity, message, pointer, line, column } = finding;
    json!({
        "ruleId": code,
        "level": word(*severity),
        "message": { "text": message },
        "locations": [{
            "physicalLocation": {
                "artifactLocation": { "uri": file.replace('\\', "/") },
                "region": { "startLine": line, "startColumn": column },
            },
            "logicalLocations": [{ "fullyQualifiedName": pointer }],
        }],
    })
}

#[cfg(test)]
#[allow(clippy::unwrap_used, clippy::expect_used, clippy::indexing_slicing, clippy::panic, reason = "tests")]
mod tests {
    use super::*;

    fn linted() -> Vec<Linted> {
        let text = "{\"Version\":\"1\",\n\"Statement\":[{\"Effect\":\"Allow\",\"Action\":\"kms:CreateKey\",\"Resource\":\"acs:kms:*:*:key/*\"}]}";
        let dialect = dialect_of(text).unwrap();
        let findings = findings(dialect.law, Kind::of(text), text);
        let (file, r#type, result) = ("p.json".to_owned(), Kind::of(text).name(), Outcome::of(&findings));
        vec![Linted { file, dialect: dialect.name, r#type, result, findings }]
    }

    const WHY: &str = "`kms:CreateKey` never applies to the resources of its statement: it concerns a collection as a whole and not its members";

    #[test]
    fn people_get_a_line_for_each_finding_and_a_sum() {
        let expected = format!(
            "p.json:2:41: warning[ContainerResource] {WHY} (at /Statement/0/Action)\n1 documents: 0 errors, 1 warnings, 0 notes\n"
        );
        assert_eq!(human(&linted()), expected);
    }

    #[test]
    fn programs_get_an_object_for_each_document() {
        let expected = json!({
            "file": "p.json", "dialect": "alibaba", "type": "identity", "result": "warn",
            "findings": [{
                "code": "ContainerResource", "severity": "warning", "message": WHY,
                "pointer": "/Statement/0/Action", "line": 2, "column": 41,
            }],
        });
        assert_eq!(json!(linted()[0]), expected);
    }

    #[test]
    fn code_scanning_gets_rules_and_places() {
        let log = sarif(&linted());
        assert_eq!(log["version"], "2.1.0");
        let run = &log["runs"][0];
        let result = json!({
            "ruleId": "ContainerResource", "level": "warning", "message": { "text": WHY },
            "locations": [{
                "physicalLocation": {
                    "artifactLocation": { "uri": "p.json" },
                    "region": { "startLine": 2, "startColumn": 41 },
                },
                "logicalLocations": [{ "fullyQualifiedName": "/Statement/0/Action" }],
            }],
        });
        assert_eq!(run["results"], json!([result]));
        let rules = run["tool"]["driver"]["rules"].as_array().unwrap();
        assert!(rules.iter().any(|rule| rule["id"] == "ContainerResource"));
    }
}
