//! Lints documents, for people, for programs and for code scanning (SARIF 2.1.0).

use std::collections::BTreeMap;
use std::fmt::Write as _;
use std::io::Write;
use std::path::PathBuf;

use clap::ValueEnum;
use percent_encoding::{AsciiSet, NON_ALPHANUMERIC, utf8_percent_encode};
use serde::Serialize;
use serde_json::{Value, json};

use super::document::{Kind, dialect, dialect_of, findings, read};
use crate::cli::{Failure, print};
use crate::config::dialect_names;
use crate::core::dialect::Dialect;
use crate::core::policy::{Finding, LINT_REFUSALS, LINT_RULES, LintedDocument, Outcome, Severity};

/// Lint documents.
#[derive(Debug, clap::Args)]
pub(crate) struct Lint {
    #[arg(
        long,
        value_name = "NAME",
        help = format!("Whose language they are in: {}; by default that of their version", dialect_names())
    )]
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
    /// A document attached for one resource group only; may be given several times
    #[arg(long = "resource-group", value_name = "FILE")]
    grouped: Vec<PathBuf>,
    /// The documents; several are also judged together
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
    pub(crate) fn print(self, out: &mut dyn Write) -> Result<(), Failure> {
        let Self { dialect: name, kind, format, strict, grouped, files } = self;
        let mut subjects = Vec::new();
        let whole = files.iter().map(|file| (file, false));
        for (file, in_group) in whole.chain(grouped.iter().map(|file| (file, true))) {
            let text = read(file)?;
            let readable = text.as_deref().unwrap_or_default();
            let dialect = name.as_deref().map_or_else(|| dialect_of(readable), dialect)?;
            let kind = kind.unwrap_or_else(|| Kind::of(readable));
            subjects.push(Subject { file: file.display().to_string(), dialect, kind, in_group, text });
        }
        let all = linted(subjects);
        let text = match format {
            Format::Human => human(&all),
            Format::Json => all.iter().map(|linted| json!(linted).to_string() + "\n").collect(),
            Format::Sarif => sarif(&all).to_string() + "\n",
        };
        print(out, &text)?;
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

/// A document with what it is.
struct Subject {
    file: String,
    dialect: &'static Dialect,
    kind: Kind,
    in_group: bool,
    text: Result<String, Finding>,
}

/// The findings about each document, on its own and among the others of its dialect.
fn linted(subjects: Vec<Subject>) -> Vec<Linted> {
    let mut together: Vec<(usize, Finding)> = Vec::new();
    let dialects: BTreeMap<&str, &Dialect> =
        subjects.iter().map(|subject| (subject.dialect.name, subject.dialect)).collect();
    for dialect in dialects.values() {
        let spoken = subjects.iter().enumerate().filter(|(_, subject)| subject.dialect.name == dialect.name);
        let (places, documents): (Vec<_>, Vec<_>) = spoken
            .map(|(at, Subject { kind, in_group, text, .. })| {
                let text = text.as_deref().unwrap_or_default();
                (at, LintedDocument { kind: kind.document(), in_group: *in_group, text })
            })
            .unzip();
        let found = dialect.law.policy.lint_together(dialect.law.lints, &documents);
        together.extend(found.into_iter().filter_map(|(at, finding)| Some((*places.get(at)?, finding))));
    }
    let each = subjects.into_iter().enumerate().map(|(at, Subject { file, dialect, kind, text, .. })| {
        let mut all = text.map_or_else(|finding| vec![finding], |text| findings(dialect.law, kind, &text));
        all.extend(together.iter().filter(|(place, _)| *place == at).map(|(_, finding)| finding.clone()));
        all.sort_by_key(|finding| (finding.line, finding.column));
        let result = Outcome::of(&all);
        Linted { file, dialect: dialect.name, r#type: kind.name(), result, findings: all }
    });
    each.collect()
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
    let rules: Vec<Value> = LINT_REFUSALS
        .iter()
        .chain(LINT_RULES)
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

/// What need not be encoded in the path of a relative reference (RFC 3986, section 4.2).
const PATH: &AsciiSet = &NON_ALPHANUMERIC
    .remove(b'/')
    .remove(b'-')
    .remove(b'.')
    .remove(b'_')
    .remove(b'~')
    .remove(b'!')
    .remove(b'$')
    .remove(b'&')
    .remove(b'\'')
    .remove(b'(')
    .remove(b')')
    .remove(b'*')
    .remove(b'+')
    .remove(b',')
    .remove(b';')
    .remove(b'=')
    .remove(b'@');

/// The reference to a file, with slashes whatever the system uses.
fn uri(file: &str) -> String {
    let file = if cfg!(windows) { file.replace('\\', "/") } else { file.to_owned() };
    utf8_percent_encode(&file, PATH).to_string()
}

fn result(file: &str, finding: &Finding) -> Value {
    let Finding { code, severity, message, pointer, line, column } = finding;
    json!({
        "ruleId": code,
        "level": word(*severity),
        "message": { "text": message },
        "locations": [{
            "physicalLocation": {
                "artifactLocation": { "uri": uri(file) },
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

    fn subject(file: &str, text: &str, in_group: bool) -> Subject {
        let (dialect, kind) = (dialect_of(text).unwrap(), Kind::of(text));
        Subject { file: file.to_owned(), dialect, kind, in_group, text: Ok(text.to_owned()) }
    }

    fn linted() -> Vec<Linted> {
        let text = "{\"Version\":\"1\",\n\"Statement\":[{\"Effect\":\"Allow\",\"Action\":\"kms:CreateKey\",\"Resource\":\"acs:kms:*:*:key/*\"}]}";
        super::linted(vec![subject("p.json", text, false)])
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

    #[test]
    fn documents_are_judged_together_too() {
        let allow = r#"{"Version":"1","Statement":[{"Effect":"Allow","Action":"kms:*","Resource":"*"}]}"#;
        let deny = allow.replace("Allow", "Deny").replace("kms:*", "kms:Decrypt");
        let codes = |grouped: bool| {
            let all = super::linted(vec![subject("allow", allow, false), subject("deny", &deny, grouped)]);
            all.iter().flat_map(|linted| &linted.findings).map(|finding| finding.code).collect::<Vec<_>>()
        };
        assert_eq!(codes(true), ["GroupDenyIdle"]);
        assert!(codes(false).is_empty());
    }

    #[test]
    fn the_names_of_files_become_references() {
        assert_eq!(uri("policies/key.json"), "policies/key.json");
        assert_eq!(uri("a b/100%/c#d?e:f.json"), "a%20b/100%25/c%23d%3Fe%3Af.json");
        assert_eq!(uri("schlüssel.json"), "schl%C3%BCssel.json");
        let mut all = linted();
        all[0].file = "my policy.json".to_owned();
        let place = &sarif(&all)["runs"][0]["results"][0]["locations"][0]["physicalLocation"];
        assert_eq!(place["artifactLocation"]["uri"], "my%20policy.json");
    }

    #[test]
    fn code_scanning_knows_every_rule() {
        let log = sarif(&[]);
        let rules = log["runs"][0]["tool"]["driver"]["rules"].as_array().unwrap();
        for code in ["Syntax", "BarredKey", "TooLarge", "UnusedDelegation"] {
            assert!(rules.iter().any(|rule| rule["id"] == code), "{code}");
        }
    }
}
