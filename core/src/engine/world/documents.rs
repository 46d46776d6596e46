//! Documents: policies, compiled once for each content, whoever holds them.
//!
//! # Invariants
//! - Contents that differ share nothing: tenants choose them, so they are told apart by a hash that does not collide.

use std::sync::Arc;

use quick_cache::sync::Cache;
use sha2::{Digest, Sha256};

use super::World;
use crate::dialect::Dialect;
use crate::policy::{DocumentKind, Policy, Refusal};

/// The documents that were compiled lately.
pub(super) struct Documents(Cache<Content, Document>);

/// What a compiled form depends on.
#[derive(Clone, PartialEq, Eq, Hash)]
struct Content {
    dialect: &'static str,
    kind: DocumentKind,
    hash: [u8; 32],
}

/// A policy document, shared by all who hold it.
#[derive(Debug, Clone)]
pub(crate) struct Document {
    /// The text, as it was written.
    pub(crate) text: Arc<str>,
    /// Its compiled form.
    pub(crate) policy: Arc<Policy>,
}

impl Documents {
    /// Room for about `capacity` documents.
    pub(super) fn new(capacity: usize) -> Self {
        Self(Cache::new(capacity))
    }

    pub(super) fn clear(&self) {
        self.0.clear();
    }
}

impl World {
    /// A document that is kept here, compiled.
    ///
    /// # Errors
    /// Why it is no such document.
    pub(crate) fn document(
        &self,
        dialect: &'static Dialect,
        kind: DocumentKind,
        text: &str,
    ) -> Result<Document, Refusal> {
        let content = Content { dialect: dialect.name, kind, hash: Sha256::digest(text).into() };
        self.documents.0.get_or_insert_with(&content, || {
            let policy = Arc::new(dialect.law.policy.compile(kind, text)?);
            Ok(Document { text: text.into(), policy })
        })
    }
}
