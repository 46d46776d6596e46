//! Findings about policy documents: what a writer refuses, and what is accepted but hardly meant.
//!
//! The rules are neutral; what they know of a vendor is its [`Spec`] and its [`LintData`].
//!
//! # Invariants
//! - Every finding has the place of a value of the document.
//! - A rule that cannot judge for want of data says nothing.

mod condition;
mod contradiction;
mod rules;
mod statement;
mod together;
pub(super) mod vocabulary;
mod whole;
mod written;

use serde::Serialize;

use super::document::{Node, Refusal};
use super::spec::{DocumentKind, PrincipalForm, Spec};
use vocabulary::Vocabulary;
use written::Document;

pub use rules::{REFUSALS, RULES, Rule};
pub use together::Document as LintedDocument;

/// How bad a finding is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize)]
#[serde(rename_all = "lowercase")]
pub enum Severity {
    /// Worth knowing; may well be meant.
    Note,
    /// Accepted, but hardly what was meant.
    Warning,
    /// Refused when it is written.
    Error,
}

/// What was found at one place of a document.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Finding {
    /// The rule, or the reason of the refusal.
    pub code: &'static str,
    /// How bad it is.
    pub severity: Severity,
    /// What is wrong, in words.
    pub message: String,
    /// The JSON pointer of the value.
    pub pointer: String,
    /// Its line, from 1.
    pub line: usize,
    /// Its column in characters, from 1.
    pub column: usize,
}

/// What becomes of a document when it is written.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[serde(rename_all = "lowercase")]
pub enum Outcome {
    /// It is stored.
    Accept,
    /// It is stored, but hardly does what was meant.
    Warn,
    /// It is refused.
    Reject,
}

impl Outcome {
    /// The outcome of a document with these findings.
    #[must_use]
    pub fn of(findings: &[Finding]) -> Self {
        match findings.iter().map(|finding| finding.severity).max() {
            Some(Severity::Error) => Self::Reject,
            Some(Severity::Warning) => Self::Warn,
            Some(Severity::Note) | None => Self::Accept,
        }
    }
}

/// How the size of a document is counted.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Measure {
    /// In bytes.
    Bytes,
    /// In characters.
    Characters,
    /// In characters other than white space.
    Ink,
}

/// The size that documents of a kind may have.
#[derive(Debug, Clone, Copy)]
pub struct SizeLimit {
    /// The kind.
    pub kind: DocumentKind,
    /// The largest size.
    pub most: usize,
    /// How it is counted.
    pub measure: Measure,
}

/// The action that makes grants, and the condition keys that hold it in bounds.
#[derive(Debug, Clone, Copy)]
pub struct GrantGuard {
    /// The action, in lower case.
    pub action: &'static str,
    /// The condition keys, in lower case; a colon at the end makes a prefix.
    pub keys: &'static [&'static str],
}

/// What the rules need to know of a vendor. Condition keys are in lower case.
#[derive(Debug, Clone, Copy)]
pub struct LintData {
    /// Actions, a line each: action, beginnings of its resources, condition keys; with tabs between.
    pub actions: &'static str,
    /// Condition keys, a line each: key, type, and `many` where it holds several values.
    pub condition_keys: &'static str,
    /// Services all of whose actions are listed.
    pub services: &'static [&'static str],
    /// Prefixes of condition keys all of which are listed, each with its colon.
    pub key_prefixes: &'static [&'static str],
    /// The sizes that documents may have.
    pub sizes: &'static [SizeLimit],
    /// Condition keys that say whether the caller used a second factor, absent for callers that cannot.
    pub second_factor: &'static [&'static str],
    /// Condition keys that hold the names of aliases.
    pub alias_keys: &'static [&'static str],
    /// Condition keys that only users have.
    pub user_keys: &'static [&'static str],
    /// Condition keys that ask every action of their statement to begin in a certain way.
    pub service_keys: &'static [(&'static str, &'static str)],
    /// The action without which a key policy cannot be mended, where nothing but the key policy can give it.
    pub mend: Option<&'static str>,
    /// The action that writes the policy of a key, in lower case.
    pub rewrite: Option<&'static str>,
    /// The action that makes grants.
    pub grant: Option<GrantGuard>,
    /// Services whose actions are on resources of another one, and that one.
    pub homes: &'static [(&'static str, &'static str)],
    /// Services whose names have no region; absent where nothing is said about regions.
    pub regionless: Option<&'static [&'static str]>,
    /// How many digits an account has; none where that is not known.
    pub account_digits: usize,
    /// Actions in lower case that one request needs together.
    pub together: &'static [(&'static str, &'static str)],
    /// Condition keys that are false for whoever signs with an access key.
    pub false_for_access_keys: &'static [&'static str],
    /// Condition keys that requests of the actions that bring them do not lack, or that matter only where they are there.
    pub always_there: &'static [&'static str],
    /// How the last segment of a key's name begins.
    pub key: &'static str,
    /// How the last segment of an alias's name begins.
    pub alias: &'static str,
}

impl LintData {
    /// Nothing is known.
    pub const NONE: Self = Self {
        actions: "",
        condition_keys: "",
        services: &[],
        key_prefixes: &[],
        sizes: &[],
        second_factor: &[],
        alias_keys: &[],
        user_keys: &[],
        service_keys: &[],
        mend: None,
        rewrite: None,
        grant: None,
        homes: &[],
        regionless: None,
        account_digits: 0,
        together: &[],
        false_for_access_keys: &[],
        always_there: &[],
        key: "key/",
        alias: "alias/",
    };
}

impl Spec {
    /// Everything there is to say about a document, in the order in which it stands there.
    ///
    /// A document that is refused has that finding alone: the rest of it has no meaning.
    #[must_use]
    pub fn lint(&self, data: &LintData, kind: DocumentKind, text: &str) -> Vec<Finding> {
        match self.examine(data, kind, text) {
            Ok(mut findings) => {
                findings.sort_by_key(|finding| (finding.line, finding.column));
                findings.dedup();
                findings
            }
            Err(refusal) => vec![Finding::from(refusal)],
        }
    }

    /// Whether a member of a document is a type of principal, or a condition key of requests to every service, that the
    /// vendor has. Those of services and identity providers are not told apart from other vendors'.
    #[must_use]
    pub fn knows(&self, data: &LintData, member: &str) -> bool {
        let own = |form| matches!(form, PrincipalForm::Identity | PrincipalForm::Opaque);
        if self.principals.iter().any(|known| known.element == member && own(known.form)) {
            return true;
        }
        let (lower, words) = (member.to_ascii_lowercase(), Vocabulary::read(data));
        let global = |service: &str| !words.every().any(|action| action.lower().starts_with(&format!("{service}:")));
        lower.split_once(':').is_some_and(|(service, _)| global(service)) && words.key(&lower).is_some()
    }

    fn examine(&self, data: &LintData, kind: DocumentKind, text: &str) -> Result<Vec<Finding>, Refusal> {
        let root = Node::open(text)?;
        if let Some(finding) = too_large(data, kind, &root) {
            return Ok(vec![finding]);
        }
        let policy = self.compile(kind, text)?;
        let document = Document::read(self, kind, &root)?;
        let scope = Scope::new(self, data, kind, document.variables);
        let mut findings = Vec::new();
        for statement in &document.statements {
            statement::examine(&scope, statement, &mut findings);
            condition::examine(&scope, statement, &mut findings);
        }
        whole::examine(&scope, &document, &policy, &mut findings);
        Ok(findings)
    }
}

/// What all rules look at.
struct Scope<'s> {
    spec: &'s Spec,
    data: &'s LintData,
    kind: DocumentKind,
    words: Vocabulary,
    /// Whether `${…}` is a variable in this document.
    variables: bool,
}

impl<'s> Scope<'s> {
    fn new(spec: &'s Spec, data: &'s LintData, kind: DocumentKind, variables: bool) -> Self {
        Self { spec, data, kind, words: Vocabulary::read(data), variables }
    }
}

fn too_large(data: &LintData, kind: DocumentKind, root: &Node<'_>) -> Option<Finding> {
    let SizeLimit { most, measure, .. } = data.sizes.iter().find(|limit| limit.kind == kind)?;
    let text = root.text();
    let (size, unit) = match measure {
        Measure::Bytes => (text.len(), "bytes"),
        Measure::Characters => (text.chars().count(), "characters"),
        Measure::Ink => {
            (text.chars().filter(|character| !character.is_whitespace()).count(), "characters besides white space")
        }
    };
    let message = format!("the document has {size} {unit}; {most} are allowed");
    (size > *most).then(|| rules::TOO_LARGE.at(root, message))
}

impl Rule {
    fn at(&self, node: &Node<'_>, message: impl Into<String>) -> Finding {
        let (line, column) = node.place();
        let (code, severity) = (self.code, self.severity);
        Finding { code, severity, message: message.into(), pointer: node.pointer.clone(), line, column }
    }
}

impl From<Refusal> for Finding {
    fn from(refusal: Refusal) -> Self {
        let Refusal { code, fault: _, subject: _, kind: _, message, pointer, line, column } = refusal;
        Self { code: rules::refusal(code).code, severity: Severity::Error, message, pointer, line, column }
    }
}
