//! Documents from files: what kind they are, and what is to be said about them.

use std::fs::File;
use std::io::Read;
use std::path::Path;

use clap::ValueEnum;

use crate::cli::Failure;
use crate::config::hint;
use crate::core::dialect::{Dialect, Law};
use crate::core::policy::{DocumentKind, Finding, Severity};

/// The largest file that is read, in bytes: more than any document may have.
const MOST: usize = 1 << 17;

/// The kinds of documents, by the names that either vendor gives them.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
#[value(rename_all = "snake_case")]
pub(crate) enum Kind {
    /// A policy of a user, group or role
    #[value(alias = "inline")]
    Identity,
    /// A policy that stands for itself and is attached
    Managed,
    /// The policy of a key
    #[value(alias = "key")]
    KeyPolicy,
    /// The policy of anything else
    Resource,
    /// Who may assume a role
    #[value(alias = "trust_policy", alias = "assume_role")]
    Trust,
    /// A policy passed when a session is made
    Session,
    /// A permissions boundary
    Boundary,
    /// An organisation's policy that binds callers
    #[value(alias = "control", alias = "service_control")]
    Scp,
    /// An organisation's policy that binds resources
    #[value(alias = "resource_control")]
    Rcp,
    /// The policy of a network endpoint
    #[value(alias = "vpce", alias = "vpc_endpoint")]
    Endpoint,
}

impl Kind {
    pub(super) const fn document(self) -> DocumentKind {
        match self {
            Self::Identity => DocumentKind::Identity,
            Self::Managed => DocumentKind::Managed,
            Self::KeyPolicy => DocumentKind::Key,
            Self::Resource => DocumentKind::Resource,
            Self::Trust => DocumentKind::Trust,
            Self::Session => DocumentKind::Session,
            Self::Boundary => DocumentKind::Boundary,
            Self::Scp => DocumentKind::Control,
            Self::Rcp => DocumentKind::ResourceControl,
            Self::Endpoint => DocumentKind::Endpoint,
        }
    }

    /// The name on the command line.
    pub(super) fn name(self) -> String {
        self.to_possible_value().map(|value| value.get_name().to_owned()).unwrap_or_default()
    }

    /// The kind that a document looks like.
    pub(super) fn of(text: &str) -> Self {
        let value: serde_json::Value = serde_json::from_str(text).unwrap_or_default();
        let statements = match value.get("Statement") {
            Some(serde_json::Value::Array(items)) => items.iter().collect(),
            Some(single) => vec![single],
            None => Vec::new(),
        };
        let any = |name: &str| statements.iter().any(|statement| statement.get(name).is_some());
        if !any("Principal") && !any("NotPrincipal") {
            Self::Identity
        } else if any("Resource") || any("NotResource") {
            Self::KeyPolicy
        } else {
            Self::Trust
        }
    }
}

/// The dialect of this name.
///
/// # Errors
/// [`Failure::Usage`] if there is none.
pub(super) fn dialect(name: &str) -> Result<&'static Dialect, Failure> {
    let registry = crate::registry()?;
    registry.named(name).ok_or_else(|| {
        let names = registry.dialects().iter().map(|dialect| dialect.name.to_owned());
        Failure::Usage(format!("there is no dialect `{name}`{}", hint(name, names)))
    })
}

/// The dialect that a document looks like: the one most of whose words it has, and where none or several are so, the one that
/// has its version.
///
/// # Errors
/// [`Failure::Failed`] if no dialect could have written it.
pub(super) fn dialect_of(text: &str) -> Result<&'static Dialect, Failure> {
    let registry = crate::registry()?;
    let value: serde_json::Value = serde_json::from_str(text).unwrap_or_default();
    let version = value.get("Version").and_then(serde_json::Value::as_str);
    let speaks = |dialect: &&'static Dialect| {
        let spec = dialect.law.policy;
        match version {
            Some(version) => spec.versions.iter().any(|known| known.text == version),
            None => !spec.version_required,
        }
    };
    let dialects = || registry.dialects().iter().copied();
    let most = dialects().map(|dialect| words(dialect, &value)).max().unwrap_or_default();
    let likely: Vec<_> = dialects().filter(|dialect| words(dialect, &value) == most).collect();
    let fallback = likely.iter().find(|dialect| !dialect.law.policy.version_required);
    let found = likely.iter().find(|dialect| speaks(dialect)).or(fallback).or(likely.first().filter(|_| most > 0));
    found
        .copied()
        .ok_or_else(|| Failure::Failed("no dialect has documents of this version: give one by --dialect".to_owned()))
}

/// How many names, condition keys and kinds of principals of a document are a dialect's own.
fn words(dialect: &Dialect, value: &serde_json::Value) -> usize {
    use serde_json::Value;
    let scheme = dialect.law.policy.names.scheme;
    match value {
        Value::String(text) => usize::from(text.split_once(':').is_some_and(|(first, _)| first == scheme)),
        Value::Array(items) => items.iter().map(|item| words(dialect, item)).sum(),
        Value::Object(members) => {
            let own = |name: &str| dialect.law.policy.knows(dialect.law.lints, name);
            members.iter().map(|(name, value)| usize::from(own(name)) + words(dialect, value)).sum()
        }
        _ => 0,
    }
}

/// The text of a file, or what is wrong with it as a text.
///
/// # Errors
/// [`Failure::Failed`] if it cannot be read at all.
pub(super) fn read(file: &Path) -> Result<Result<String, Finding>, Failure> {
    let place = file.display();
    let failed = |error: std::io::Error| Failure::Failed(format!("cannot read the document `{place}`: {error}"));
    let mut bytes = Vec::new();
    let most = u64::try_from(MOST).unwrap_or(u64::MAX).saturating_add(1);
    File::open(file).map_err(failed)?.take(most).read_to_end(&mut bytes).map_err(failed)?;
    if bytes.len() > MOST {
        return Err(Failure::Failed(format!("the document `{place}` has more than {MOST} bytes")));
    }
    Ok(String::from_utf8(bytes).map_err(|error| {
        let valid = error.as_bytes().get(..error.utf8_error().valid_up_to()).unwrap_or_default();
        let before = String::from_utf8_lossy(valid);
        Finding {
            code: "Syntax",
            severity: Severity::Error,
            message: "the document is not UTF-8".to_owned(),
            pointer: String::new(),
            line: before.matches('\n').count() + 1,
            column: before.rsplit('\n').next().unwrap_or_default().chars().count() + 1,
        }
    }))
}

/// Everything there is to say about a document.
pub(super) fn findings(law: &Law, kind: Kind, text: &str) -> Vec<Finding> {
    law.policy.lint(law.lints, kind.document(), text)
}

#[cfg(test)]
#[allow(clippy::unwrap_used, clippy::expect_used, clippy::indexing_slicing, clippy::panic, reason = "tests")]
mod tests {
    use super::*;

    #[test]
    fn documents_show_their_dialect_and_kind() {
        let aws = r#"{"Version":"2012-10-17","Statement":[{"Principal":"*","Resource":"*"}]}"#;
        let trust = r#"{"Version":"1","Statement":[{"Principal":{"RAM":[]}}]}"#;
        let bare = r#"{"Statement":{"Action":"*","Resource":"*"}}"#;
        assert_eq!((dialect_of(aws).unwrap().name, Kind::of(aws)), ("aws", Kind::KeyPolicy));
        assert_eq!((dialect_of(trust).unwrap().name, Kind::of(trust)), ("alibaba", Kind::Trust));
        assert_eq!((dialect_of(bare).unwrap().name, Kind::of(bare)), ("aws", Kind::Identity));
    }

    #[test]
    fn documents_show_their_dialect_by_more_than_their_version() {
        let name = |text: &str| dialect_of(text).unwrap().name;
        let acs = r#"{"Version":"2012-10-17","Statement":[{"Action":"kms:*","Resource":"acs:kms:*:*:key/*"}]}"#;
        let keys = r#"{"Statement":[{"Action":"kms:*","Resource":"*","Condition":{"IpAddress":{"acs:SourceIp":"10.0.0.0/8"}}}]}"#;
        let principal = r#"{"Statement":[{"Action":"sts:AssumeRole","Principal":{"RAM":"*"}}]}"#;
        let arn = r#"{"Version":"1","Statement":{"Action":"kms:*","Resource":"arn:aws:kms:*:*:key/*"}}"#;
        let tag = r#"{"Version":"2012-10-17","Statement":[{"Condition":{"StringEquals":{"aws:ResourceTag/a":"b"}}}]}"#;
        assert_eq!([acs, keys, principal, arn, tag].map(name), ["alibaba", "alibaba", "alibaba", "aws", "aws"]);
    }

    #[test]
    fn a_wrong_dialect_is_wrong_usage() {
        assert!(matches!(dialect("alibab"), Err(Failure::Usage(why)) if why.contains("`alibaba`")));
    }
}
