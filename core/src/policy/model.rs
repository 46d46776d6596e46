//! The compiled form of a policy document.
//!
//! # Invariants
//! - Action patterns are lower case; every operand is typed; nothing here is text that is still to be parsed.

use super::condition::Atom;
use super::index::Index;
use super::pattern::{Glob, NamePattern};
use super::principal::PrincipalPattern;
use super::spec::{DocumentKind, Effect};

/// A compiled policy document.
#[derive(Debug)]
pub struct Policy {
    pub(super) kind: DocumentKind,
    pub(super) statements: Box<[Statement]>,
    pub(super) index: Option<Index>,
}

impl Policy {
    pub(super) fn new(kind: DocumentKind, statements: Box<[Statement]>) -> Self {
        let index = Index::new(&statements);
        Self { kind, statements, index }
    }

    /// The kind of document it was compiled as.
    #[must_use]
    pub fn kind(&self) -> DocumentKind {
        self.kind
    }

    /// The number of statements.
    #[must_use]
    pub fn len(&self) -> usize {
        self.statements.len()
    }

    /// Whether it has no statement.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.statements.is_empty()
    }

    /// Whether it denies anything.
    #[must_use]
    pub fn denies(&self) -> bool {
        self.statements.iter().any(|statement| statement.effect == Effect::Deny)
    }

    /// The texts of all principals that are full names or unique identifiers, for checks against the directory.
    pub fn principals(&self) -> impl Iterator<Item = &str> {
        let patterns = self.statements.iter().filter_map(|statement| statement.who.as_ref());
        patterns
            .flat_map(|who| match who {
                Set::All => [].iter(),
                Set::In(patterns) | Set::NotIn(patterns) => patterns.iter(),
            })
            .filter(|pattern| pattern.is_of_one())
            .map(|pattern| &*pattern.text)
    }
}

/// A set of names: everything, what is listed, or what is not.
#[derive(Debug)]
pub(super) enum Set<P> {
    All,
    In(Box<[P]>),
    NotIn(Box<[P]>),
}

impl<P> Set<P> {
    pub(super) fn contains(&self, matches: impl Fn(&P) -> bool) -> bool {
        match self {
            Self::All => true,
            Self::In(patterns) => patterns.iter().any(matches),
            Self::NotIn(patterns) => !patterns.iter().any(matches),
        }
    }
}

/// One statement.
#[derive(Debug)]
pub(super) struct Statement {
    /// Its index in the document.
    pub(super) at: usize,
    /// The identifier, or `#index`.
    pub(super) name: Box<str>,
    /// Where it stands in the document, as a JSON pointer.
    pub(super) pointer: Box<str>,
    pub(super) effect: Effect,
    /// Whom it is about; `None` where the document belongs to the caller.
    pub(super) who: Option<Set<PrincipalPattern>>,
    pub(super) actions: Set<Glob>,
    pub(super) resources: Set<NamePattern>,
    /// Conditions, all of which have to hold.
    pub(super) when: Box<[Atom]>,
    /// An Allow counts only for these actions; empty for all.
    pub(super) effective: &'static [&'static str],
    /// A statement that is accepted but has no effect.
    pub(super) inert: bool,
}
