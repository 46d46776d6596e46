//! Rules about several documents that apply to the same requests.
//!
//! # Invariants
//! - A document that is refused says nothing here.

use super::super::document::Node;
use super::super::pattern::Glob;
use super::super::principal::Form;
use super::super::spec::{DocumentKind, Effect, Spec};
use super::vocabulary::Action;
use super::whole::covers;
use super::written::{self, Principals, Statement};
use super::{Finding, LintData, Scope, rules};

/// One document among several.
#[derive(Debug, Clone, Copy)]
pub struct Document<'t> {
    /// What it is.
    pub kind: DocumentKind,
    /// Whether it counts for the resources of one group only.
    pub in_group: bool,
    /// The text.
    pub text: &'t str,
}

/// A document that its grammar accepts, with its place among the others.
struct Accepted<'t> {
    at: usize,
    kind: DocumentKind,
    in_group: bool,
    written: written::Document<'t>,
}

impl Spec {
    /// What there is to say about documents only because they stand together, each finding with the index of its
    /// document.
    #[must_use]
    pub fn lint_together(&self, data: &LintData, documents: &[Document<'_>]) -> Vec<(usize, Finding)> {
        let all: Vec<Accepted<'_>> =
            documents.iter().enumerate().filter_map(|(at, document)| self.accepted(at, document)).collect();
        let of = |kind: DocumentKind| all.iter().filter(move |document| document.is(kind));
        let of_account = || of(DocumentKind::Identity).filter(|document| !document.in_group);
        let of_group = || of(DocumentKind::Identity).filter(|document| document.in_group);
        let mut findings = Vec::new();
        if data.mend.is_some() && of(DocumentKind::Identity).next().is_some() {
            let identity: Vec<_> = of(DocumentKind::Identity).flat_map(Accepted::statements).collect();
            for document in of(DocumentKind::Key) {
                let scope = Scope::new(self, data, document.kind, document.written.variables);
                findings.extend(delegations(&scope, document, &identity));
            }
        }
        if self.group_key.is_some() {
            let account: Vec<_> = of_account().flat_map(Accepted::statements).collect();
            findings.extend(of_group().flat_map(|document| idle(document, &account)));
        }
        findings
    }

    fn accepted<'t>(&self, at: usize, document: &Document<'t>) -> Option<Accepted<'t>> {
        let Document { kind, in_group, text } = *document;
        self.compile(kind, text).ok()?;
        let written = written::Document::read(self, kind, &Node::open(text).ok()?).ok()?;
        Some(Accepted { at, kind, in_group, written })
    }
}

impl<'t> Accepted<'t> {
    /// Whether it counts as a document of this kind: managed policies are policies of those they are attached to.
    fn is(&self, kind: DocumentKind) -> bool {
        self.kind == kind || self.kind == DocumentKind::Managed && kind == DocumentKind::Identity
    }

    fn statements(&self) -> impl Iterator<Item = &Statement<'t>> {
        self.written.statements.iter()
    }
}

/// Statements that leave actions to an account none of whose policies allows any of them.
fn delegations(scope: &Scope<'_>, document: &Accepted<'_>, identity: &[&Statement<'_>]) -> Vec<(usize, Finding)> {
    let delegates = |statement: &&Statement<'_>| {
        let named = |who: &Principals<'_>| {
            !who.not && !who.items.is_empty() && who.items.iter().all(|(pattern, _)| pattern.form == Form::Account)
        };
        statement.effect == Effect::Allow && !statement.inert && statement.who.as_ref().is_some_and(named)
    };
    let key = scope.data.key;
    let given = |action: &Action| {
        let gives =
            |other: &&Statement<'_>| other.effect == Effect::Allow && allows(other, action) && meets(scope, other, key);
        identity.iter().any(gives)
    };
    let used = |statement: &Statement<'_>| {
        let mut left =
            scope.words.every().filter(|action| action.resources.contains(&key) && allows(statement, action));
        left.any(given)
    };
    let unused = document.statements().filter(delegates).filter(|statement| !used(statement));
    let message = "no policy of the account, among those given, allows what is left to it here";
    unused.map(|statement| (document.at, rules::UNUSED_DELEGATION.at(&statement.node, message))).collect()
}

/// Whether a statement is about an action.
fn allows(statement: &Statement<'_>, action: &Action) -> bool {
    statement.actions.as_ref().is_some_and(|actions| {
        let mut items = actions.items.iter();
        items.any(|item| Glob::new(&item.text.to_ascii_lowercase()).matches(action.lower())) != actions.not
    })
}

/// Whether a statement may be about a resource whose last segment begins with `shape`.
fn meets(scope: &Scope<'_>, statement: &Statement<'_>, shape: &str) -> bool {
    let Some(resources) = &statement.resources else { return true };
    resources.not || resources.items.iter().any(|item| scope.covers(item, shape))
}

/// Denials for one resource group that never count, for what they deny is allowed before groups are asked.
fn idle(document: &Accepted<'_>, account: &[&Statement<'_>]) -> Vec<(usize, Finding)> {
    let denials = document.statements().filter(|statement| statement.effect == Effect::Deny);
    let told = |deny: &Statement<'_>| {
        let allow = account.iter().find(|other| other.effect == Effect::Allow && covers(other, deny))?;
        let message = format!("the Allow `{}` of the whole account comes first, so this Deny never counts", allow.name);
        Some((document.at, rules::GROUP_DENY_IDLE.at(&deny.node, message)))
    };
    denials.filter_map(told).collect()
}
