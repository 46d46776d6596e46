//! Validates documents as if they were written.

use std::io::Write;
use std::path::PathBuf;

use serde::Serialize;

use super::document::{Kind, dialect, findings, read};
use crate::cli::{Failure, print};
use crate::config::dialect_names;
use crate::core::policy::{Finding, Outcome};

/// Validate documents.
#[derive(Debug, clap::Args)]
pub(crate) struct Check {
    /// What the documents are
    #[arg(long = "type", value_enum, value_name = "TYPE")]
    kind: Kind,
    #[arg(long, value_name = "NAME", help = format!("Whose language they are in: {}", dialect_names()))]
    dialect: String,
    /// The documents
    #[arg(required = true, value_name = "FILE")]
    files: Vec<PathBuf>,
}

/// What becomes of one document.
#[derive(Debug, Serialize)]
struct Review {
    result: Outcome,
    findings: Vec<Finding>,
}

impl Review {
    fn of(findings: Vec<Finding>) -> Self {
        Self { result: Outcome::of(&findings), findings }
    }
}

impl Check {
    /// Prints one JSON object for each document.
    ///
    /// # Errors
    /// [`Failure::Failed`] when a document cannot be read or is refused.
    pub(crate) fn print(self, out: &mut dyn Write) -> Result<(), Failure> {
        let Self { kind, dialect: name, files } = self;
        let law = dialect(&name)?.law;
        let mut refused = 0;
        for file in &files {
            let review =
                Review::of(read(file)?.map_or_else(|finding| vec![finding], |text| findings(law, kind, &text)));
            refused += usize::from(review.result == Outcome::Reject);
            print(out, &line(&review)?)?;
        }
        if refused == 0 {
            return Ok(());
        }
        Err(Failure::Failed(format!("{refused} of {} documents refused", files.len())))
    }
}

fn line(review: &Review) -> Result<String, Failure> {
    let json = serde_json::to_string(review).map_err(|error| Failure::Failed(error.to_string()))?;
    Ok(json + "\n")
}

#[cfg(test)]
#[allow(clippy::unwrap_used, clippy::expect_used, clippy::indexing_slicing, clippy::panic, reason = "tests")]
mod tests {
    use super::*;

    fn reviewed(name: &str, kind: Kind, text: &str) -> String {
        line(&Review::of(findings(dialect(name).unwrap().law, kind, text))).unwrap()
    }

    #[test]
    fn an_accepted_document_has_no_findings() {
        let text = r#"{"Version":"1","Statement":[{"Effect":"Allow","Action":"kms:*","Resource":"*"}]}"#;
        assert_eq!(reviewed("alibaba", Kind::Identity, text), "{\"result\":\"accept\",\"findings\":[]}\n");
    }

    #[test]
    fn a_doubtful_document_is_accepted_with_a_warning() {
        let text = "{\"Version\":\"2012-10-17\",\n \"Statement\":{\"Effect\":\"Allow\",\"Action\":\"kms:Nope\",\"Resource\":\"*\"}}";
        let expected = r#"{"result":"warn","findings":[{"code":"UnknownAction","severity":"warning","message":"there is no action `kms:Nope`","pointer":"/Statement/Action","line":2,"column":41}]}"#;
        assert_eq!(reviewed("aws", Kind::Identity, text), format!("{expected}\n"));
    }

    #[test]
    fn a_refused_document_is_rejected_at_its_fault() {
        let text = r#"{"Version":"2012-10-17","Statement":[{"Effect":"Allow","Principal":"*","Action":"kms:*","Resource":"*"}]}"#;
        let expected = r#"{"result":"reject","findings":[{"code":"Effect","severity":"error","message":"the effect `Allow` is not allowed here","pointer":"/Statement/0/Effect","line":1,"column":48}]}"#;
        assert_eq!(reviewed("aws", Kind::Rcp, text), format!("{expected}\n"));
    }

    #[test]
    fn a_kind_that_the_dialect_does_not_have_is_rejected() {
        assert!(reviewed("alibaba", Kind::Rcp, "{}").starts_with(r#"{"result":"reject","findings":[{"code":"Kind""#));
    }
}
