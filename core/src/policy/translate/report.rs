//! What became of each statement, and why.

use std::collections::{BTreeMap, BTreeSet};

use serde::Serialize;

use super::super::spec::Effect;

/// What became of a statement, from good to bad.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize)]
#[serde(rename_all = "kebab-case")]
pub enum Status {
    /// It means the same.
    Exact,
    /// It means the same if a vendor does what it does not document.
    Assumed,
    /// It is a Deny that denies more than before.
    WiderDeny,
    /// It is an Allow that allows less than before.
    Narrowed,
    /// It, or a part of it, has no translation and is left out.
    Dropped,
}

/// A request on which the two documents differ.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Counterexample {
    /// Who asks, in the words of the source and of the result.
    pub principal: [String; 2],
    /// The action, in the words of the source and of the result.
    pub action: [String; 2],
    /// The resource, in the words of the source and of the result.
    pub resource: [String; 2],
    /// The condition keys of the request in the words of the source.
    pub context: BTreeMap<String, String>,
    /// What the source says.
    pub source: &'static str,
    /// What the result says.
    pub result: &'static str,
}

/// What became of one statement.
#[derive(Debug, Clone, Serialize)]
pub struct Entry {
    /// Where it stands in the source, as a JSON pointer; empty for what was added.
    pub source: String,
    /// What became of it.
    pub status: Status,
    /// Everything there is to know about it.
    pub why: Vec<String>,
    /// Where what became of it stands in the result.
    pub result: Vec<String>,
    /// Actions that the result denies and the source does not, because a pattern says so.
    #[serde(skip_serializing_if = "BTreeSet::is_empty")]
    pub beyond: BTreeSet<&'static str>,
    /// A request on which source and result differ.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub counterexample: Option<Counterexample>,
    /// Whether it only leaves matters to an account's own policies.
    #[serde(skip)]
    pub(super) delegates: bool,
    #[serde(skip)]
    pub(super) effect: Effect,
    /// The indices of what became of it.
    #[serde(skip)]
    pub(super) indices: Vec<usize>,
}

impl Entry {
    pub(super) fn new(source: String, effect: Effect) -> Self {
        Self {
            source,
            status: Status::Exact,
            why: Vec::new(),
            result: Vec::new(),
            beyond: BTreeSet::new(),
            counterexample: None,
            delegates: false,
            effect,
            indices: Vec::new(),
        }
    }

    /// It is at least this bad.
    pub(super) fn is(&mut self, status: Status, why: impl Into<String>) {
        self.status = self.status.max(status);
        self.note(why);
    }

    pub(super) fn note(&mut self, why: impl Into<String>) {
        let why = why.into();
        if !self.why.contains(&why) {
            self.why.push(why);
        }
    }

    /// Less is meant than before, of an Allow; more, of a Deny.
    pub(super) fn lawful(&mut self, why: impl Into<String>) {
        let status = match self.effect {
            Effect::Allow => Status::Narrowed,
            Effect::Deny => Status::WiderDeny,
        };
        self.is(status, why);
    }
}

/// A document in the words of the other dialect, and what became of it.
#[derive(Debug, Clone, Serialize)]
pub struct Translation {
    /// The document; `None` if nothing is left of it.
    pub document: Option<serde_json::Value>,
    /// What became of each statement, in the order of the source; what was added is last.
    pub report: Vec<Entry>,
    /// Differences that the report does not announce: mistakes of the translation.
    pub unannounced: Vec<Counterexample>,
    /// How many requests both documents were asked.
    pub requests: usize,
}

impl Translation {
    /// The worst that happened to a statement.
    #[must_use]
    pub fn status(&self) -> Status {
        self.report.iter().map(|entry| entry.status).max().unwrap_or(Status::Exact)
    }
}
